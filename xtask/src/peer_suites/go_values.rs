//! The values of expressions of Go, as far as the tables of tests have them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::go_source::{Expression, GoSource, Statement};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Fields(Fields),
    /// A call of a function that the adapters know.
    Call(String, Vec<Value>),
    /// What cannot be read, and why.
    Unread(String),
}

/// The fields of a structure; those that are not written are not here.
pub(super) type Fields = BTreeMap<String, Value>;

impl Value {
    /// Its number; an error if it has none.
    pub(super) fn number(&self) -> Result<u64> {
        match self {
            Self::Number(number) => Ok(*number),
            other => bail!("{other:?} is no number"),
        }
    }

    /// Its text; an error if it has none.
    pub(super) fn text(&self) -> Result<&str> {
        match self {
            Self::Text(text) => Ok(text),
            other => bail!("{other:?} is no text"),
        }
    }

    /// Its bytes; an error if it has none.
    pub(super) fn bytes(&self) -> Result<&[u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => bail!("{other:?} has no bytes"),
        }
    }

    /// Its elements; an error if it has none.
    pub(super) fn list(&self) -> Result<&[Self]> {
        match self {
            Self::List(list) => Ok(list),
            other => bail!("{other:?} is no list"),
        }
    }

    /// Its fields; an error if it has none.
    pub(super) fn fields(&self) -> Result<&Fields> {
        match self {
            Self::Fields(fields) => Ok(fields),
            other => bail!("{other:?} has no fields"),
        }
    }
}

/// A field that must be there.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> Result<&'a Value> {
    fields.get(name).with_context(|| format!("no field {name}"))
}

/// A field's number, or 0 where it is not written.
pub(super) fn number_or_zero(fields: &Fields, name: &str) -> Result<u64> {
    fields.get(name).map_or(Ok(0), Value::number)
}

/// How deep definitions may name each other.
const DEEPEST: u32 = 40;

/// What names mean: those of a file, and those of the package whose names begin with `abi.`.
pub(super) struct Meaning<'a> {
    pub(super) file: &'a GoSource,
    pub(super) abi: &'a GoSource,
}

impl Meaning<'_> {
    /// The value of a name of the file.
    pub(super) fn of(&self, name: &str) -> Result<Value> {
        self.name(name, &Fields::new(), 0)
    }

    /// The value of an expression of the file.
    pub(super) fn value(&self, expression: &Expression) -> Result<Value> {
        self.evaluate(expression, &Fields::new(), 0)
    }

    /// The values that are there after these statements, beginning with those given.
    pub(super) fn after(&self, statements: &[Statement], given: Fields) -> Result<Fields> {
        let mut locals = given;
        self.run(statements, &mut locals, 0)?;
        Ok(locals)
    }

    /// Runs statements, up to the first that returns something.
    fn run(
        &self,
        statements: &[Statement],
        locals: &mut Fields,
        depth: u32,
    ) -> Result<Option<Value>> {
        for statement in statements {
            match statement {
                Statement::Return(value) => return self.evaluate(value, locals, depth).map(Some),
                Statement::Assign(name, value) => {
                    let value = self.evaluate(value, locals, depth)?;
                    match name.split_once('.') {
                        None => {
                            locals.insert(name.clone(), value);
                        }
                        Some((of, field)) => {
                            let before = self.name(of, locals, depth)?;
                            let mut fields = before.fields()?.clone();
                            fields.insert(field.to_owned(), value);
                            locals.insert(of.to_owned(), Value::Fields(fields));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    fn name(&self, name: &str, locals: &Fields, depth: u32) -> Result<Value> {
        if depth > DEEPEST {
            bail!("{name} is defined by itself");
        }
        let defined = || match name.strip_prefix("abi.") {
            Some(of_abi) => self.abi.definition(of_abi),
            None => self.file.definition(name),
        };
        match (name, locals.get(name)) {
            ("true", _) => Ok(Value::Number(1)),
            ("false", _) => Ok(Value::Number(0)),
            ("nil", _) => Ok(Value::List(Vec::new())),
            (_, Some(value)) => Ok(value.clone()),
            (_, None) if name.starts_with("[]") => Ok(Value::Text(name.to_owned())),
            (_, None) => {
                let defined = defined().with_context(|| format!("{name} is not known"))?;
                self.evaluate(&defined, &Fields::new(), depth + 1)
            }
        }
    }

    fn evaluate(&self, expression: &Expression, locals: &Fields, depth: u32) -> Result<Value> {
        let depth = depth + 1;
        if depth > DEEPEST {
            bail!("an expression that is too deep");
        }
        let of = |expression: &Expression| self.evaluate(expression, locals, depth);
        match expression {
            Expression::Number(number) => Ok(Value::Number(*number)),
            Expression::Text(text) => Ok(Value::Text(text.clone())),
            Expression::Name(name) => self.name(name, locals, depth),
            Expression::Combined('|', sides) => {
                let [left, right] = sides.as_ref();
                Ok(Value::Number(of(left)?.number()? | of(right)?.number()?))
            }
            Expression::Combined(_, sides) => {
                let [left, right] = sides.as_ref();
                let (left, by) = (of(left)?.number()?, u32::try_from(of(right)?.number()?)?);
                left.checked_shl(by).map(Value::Number).context("a shift by 64 or more")
            }
            Expression::Function(statements) => {
                let mut inside = locals.clone();
                let returned = self.run(statements, &mut inside, depth)?;
                returned.context("a function that returns nothing")
            }
            Expression::Literal(name, elements) => {
                // A field may be more than its table: nobody may need it.
                let value = |element: &Expression| {
                    of(element).unwrap_or_else(|error| Value::Unread(format!("{error:#}")))
                };
                let has_keys = elements.iter().any(|(key, _)| key.is_some());
                if name == "[]byte" {
                    let bytes = elements.iter().map(|(_, element)| {
                        u8::try_from(of(element)?.number()?).context("a byte above 255")
                    });
                    return bytes.collect::<Result<_>>().map(Value::Bytes);
                }
                if name.starts_with("[]") && !has_keys {
                    let list = elements.iter().map(|(_, element)| value(element));
                    return Ok(Value::List(list.collect()));
                }
                let field = |(key, element): &(Option<String>, Expression)| {
                    Ok((key.clone().context("a field without a name")?, value(element)))
                };
                elements.iter().map(field).collect::<Result<_>>().map(Value::Fields)
            }
            Expression::Call(name, arguments) => {
                let arguments = arguments.iter().map(of).collect::<Result<Vec<_>>>()?;
                call(name, arguments)
            }
        }
    }
}

/// What a call comes to; an unknown one stands for itself.
fn call(name: &str, arguments: Vec<Value>) -> Result<Value> {
    match (name, arguments.as_slice()) {
        ("uint16", [number]) => Ok(number.clone()),
        ("fmt.Sprintf", [Value::Text(form), Value::Number(number)]) if form == "%d" => {
            Ok(Value::Text(number.to_string()))
        }
        ("make", [Value::Text(of), Value::Number(size)]) if of == "[]byte" => {
            Ok(Value::Bytes(vec![0; usize::try_from(*size)?]))
        }
        // What comes first in 64 bytes, of which the others are zeros.
        ("mknonce", [Value::Bytes(front)]) => {
            let mut nonce = front.clone();
            nonce.resize(64, 0);
            Ok(Value::Bytes(nonce))
        }
        ("abi.SnpPolicyToBytes", [Value::Fields(policy)]) => {
            guest_policy(policy).map(Value::Number)
        }
        _ => Ok(Value::Call(name.to_owned(), arguments)),
    }
}

/// The guest policy of an `abi.SnpPolicy`. [SNP-ABI, guest policy]
pub(super) fn guest_policy(policy: &Fields) -> Result<u64> {
    let bits = [("SMT", 16), ("MigrateMA", 18), ("Debug", 19), ("SingleSocket", 20)];
    let mut word = 1 << 17;
    for (name, value) in policy {
        let (_, bit) = bits
            .iter()
            .find(|(known, _)| known == name)
            .with_context(|| format!("the policy's {name}"))?;
        word |= value.number()? << bit;
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written as the suites are, and of none of them.
    const FILE: &str = r#"
        // table = 7
        const low = 0x1f
        var policy = abi.SnpPolicyToBytes(abi.SnpPolicy{
            Debug: true,
        })
        func cases() []testCase {
            return []testCase{
                {name: "one", bad: []string{"a,\"b", "c"}, run: setter("x")},
                {name: fmt.Sprintf("%d", policy), bad: nil, other: func() *T { if true { panic("{") } }()},
            }
        }
        func inner() {
            base := options{build: 2, minor: uint16((1 << 8) | 49)}
            nonce := mknonce([]byte{1, 0xff})
            made := make(nonce[:], func() [size]byte {
                opts := base
                part := parts{Low: low}
                part.Low = 0
                opts.part = part
                return build(nonce, opts)
            }())
            switch i {
            case 0:
                name = "first"
                opts.data = make([]byte, abi.Size)
            case 1:
                name = "second"
            }
        }"#;

    fn numbers(of: &[(&str, u64)]) -> Value {
        Value::Fields(
            of.iter().map(|(name, number)| ((*name).into(), Value::Number(*number))).collect(),
        )
    }

    #[test]
    fn tables_of_tests_are_read() {
        let (file, abi) =
            (GoSource::read(FILE).unwrap(), GoSource::read("const ( Size = 3 )").unwrap());
        let meaning = Meaning { file: &file, abi: &abi };
        let cases = meaning.value(&file.returned("cases").unwrap()).unwrap();
        let [one, two] = cases.list().unwrap() else { panic!("{cases:?}") };
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(
            field(one.fields().unwrap(), "bad").unwrap(),
            &Value::List(vec![text("a,\"b"), text("c")])
        );
        assert_eq!(
            field(one.fields().unwrap(), "run").unwrap(),
            &Value::Call("setter".into(), vec![text("x")])
        );
        // Bit 17 is always set, and debugging is bit 19.
        assert_eq!(field(two.fields().unwrap(), "name").unwrap(), &text("655360"));
        assert!(matches!(field(two.fields().unwrap(), "other").unwrap(), Value::Unread(_)));
        assert_eq!(meaning.of("base").unwrap(), numbers(&[("build", 2), ("minor", 0x131)]));
        let Value::Call(_, made) = meaning.of("made").unwrap() else { panic!() };
        let Some(Value::Call(name, built)) = made.last() else { panic!("{made:?}") };
        assert_eq!((name.as_str(), built[0].bytes().unwrap().len()), ("build", 64));
        let options = built[1].fields().unwrap();
        assert_eq!(options["part"], numbers(&[("Low", 0)]));
        assert_eq!(options["build"], Value::Number(2));
        let blocks = file.numbered_cases();
        let after = meaning.after(&blocks[0], [("opts".to_owned(), numbers(&[]))].into()).unwrap();
        assert_eq!(after["opts"].fields().unwrap()["data"], Value::Bytes(vec![0; 3]));
        assert_eq!((blocks.len(), &after["name"]), (2, &text("first")));
    }
}
