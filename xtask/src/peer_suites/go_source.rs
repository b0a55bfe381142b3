//! As much of Go's syntax as the tables of tests are written in: literals, calls, and functions of assignments.
//!
//! Whatever else a file has is passed over until something that is asked for is found by its name.

use anyhow::{Context as _, Result, bail};

use super::go_tokens::{Token, tokens};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Number(u64),
    Text(String),
    /// A name, or a type: `true`, `nonce`, `[]byte`.
    Name(String),
    Call(String, Vec<Expression>),
    /// A type, and elements with their keys if they have some.
    Literal(String, Vec<(Option<String>, Expression)>),
    /// A function that is called where it is written.
    Function(Vec<Statement>),
    /// `|` and `<<`, by their first character.
    Combined(char, Box<[Expression; 2]>),
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// A name, or a field of one; and its value.
    Assign(String, Expression),
    Return(Expression),
}

/// A source file.
#[derive(Clone, Debug)]
pub(super) struct GoSource {
    tokens: Vec<Token>,
}

impl GoSource {
    /// Takes a text apart.
    pub(super) fn read(text: &str) -> Result<Self> {
        Ok(Self { tokens: tokens(text)? })
    }

    /// What a name is first given, by `=` or `:=`.
    pub(super) fn definition(&self, name: &str) -> Option<Expression> {
        let starts = 0..self.tokens.len();
        starts.filter(|start| self.is_word(*start, name)).find_map(|start| {
            let mut reader = self.reader(start + 1);
            reader.sign(':');
            (reader.sign('=') && reader.peek() != Some(&Token::Sign('=')))
                .then(|| reader.expression().ok())
                .flatten()
        })
    }

    /// What a function returns that does nothing else.
    pub(super) fn returned(&self, function: &str) -> Result<Expression> {
        let mut functions = self.functions().into_iter();
        let found = functions.find(|(name, _)| name == function);
        let (_, start) = found.with_context(|| format!("no func {function}"))?;
        let mut reader = self.reader(start);
        reader.skip_to_body()?;
        match reader.body()?.pop() {
            Some(Statement::Return(value)) => Ok(value),
            _ => bail!("func {function} returns nothing"),
        }
    }

    /// The names of its functions, and where their parameters begin.
    pub(super) fn functions(&self) -> Vec<(String, usize)> {
        let pairs = self.tokens.windows(2).enumerate();
        pairs
            .filter_map(|(at, pair)| match pair {
                [Token::Word(func), Token::Word(name)] if func == "func" => {
                    Some((name.clone(), at + 2))
                }
                _ => None,
            })
            .collect()
    }

    /// The assignments after each `case` of a number, in order.
    pub(super) fn numbered_cases(&self) -> Vec<Vec<Statement>> {
        let starts = 0..self.tokens.len();
        let cases = starts.filter(|start| {
            let after = self.tokens.get(start + 1..start + 3);
            self.is_word(*start, "case")
                && matches!(after, Some([Token::Number(_), Token::Sign(':')]))
        });
        cases.map(|start| self.reader(start + 3).statements()).collect()
    }

    fn is_word(&self, at: usize, name: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token::Word(word)) if word == name)
    }

    fn reader(&self, at: usize) -> Reader<'_> {
        Reader { rest: self.tokens.get(at..).unwrap_or_default() }
    }
}

struct Reader<'a> {
    rest: &'a [Token],
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.rest.first()
    }

    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes a sign if it is the next.
    fn sign(&mut self, sign: char) -> bool {
        let is_next = self.peek() == Some(&Token::Sign(sign));
        if is_next {
            self.next();
        }
        is_next
    }

    fn wanted(&mut self, sign: char) -> Result<()> {
        if self.sign(sign) {
            return Ok(());
        }
        bail!("wanted {sign:?}, found {:?}", self.peek())
    }

    fn expression(&mut self) -> Result<Expression> {
        let mut left = self.operand()?;
        loop {
            let operator = match self.rest {
                [Token::Sign('|'), next, ..] if *next != Token::Sign('|') => '|',
                [Token::Sign('<'), Token::Sign('<'), ..] => '<',
                _ => return Ok(left),
            };
            while self.sign(operator) {}
            left = Expression::Combined(operator, Box::new([left, self.operand()?]));
        }
    }

    fn operand(&mut self) -> Result<Expression> {
        while self.sign('&') {}
        match self.next() {
            Some(Token::Number(number)) => Ok(Expression::Number(*number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text.clone())),
            Some(Token::Sign('(')) => {
                let inner = self.expression()?;
                self.wanted(')')?;
                Ok(inner)
            }
            Some(Token::Sign('{')) => self.literal(String::new()),
            Some(Token::Sign('[')) => {
                let mut name = String::from("[]");
                self.skip_to(']')?;
                while self.sign('[') {
                    name += "[]";
                    self.skip_to(']')?;
                }
                while self.sign('*') {}
                match self.next() {
                    Some(Token::Word(of)) => name += of,
                    other => bail!("a list of {other:?}"),
                }
                if self.sign('{') { self.literal(name) } else { Ok(Expression::Name(name)) }
            }
            Some(Token::Word(word)) if word == "func" => {
                self.skip_to_body()?;
                let body = self.body()?;
                self.wanted('(')?;
                self.wanted(')')?;
                Ok(Expression::Function(body))
            }
            Some(Token::Word(word)) => self.named(word),
            other => bail!("{other:?} begins nothing that is known"),
        }
    }

    fn named(&mut self, word: &str) -> Result<Expression> {
        if self.sign('{') {
            return self.literal(word.to_owned());
        }
        if self.sign('(') {
            let mut arguments = Vec::new();
            while !self.sign(')') {
                arguments.push(self.expression()?);
                self.sign(',');
            }
            return Ok(Expression::Call(word.to_owned(), arguments));
        }
        // A slice is of the whole.
        if self.sign('[') {
            self.wanted(':')?;
            self.wanted(']')?;
        }
        Ok(Expression::Name(word.to_owned()))
    }

    /// What stands between braces, the first of which is read.
    fn literal(&mut self, name: String) -> Result<Expression> {
        let mut elements = Vec::new();
        while !self.sign('}') {
            let first = self.expression()?;
            elements.push(match (first, self.sign(':')) {
                (Expression::Name(key), true) => (Some(key), self.expression_or_other()?),
                (key, true) => bail!("the key {key:?}"),
                (value, false) => (None, value),
            });
            self.sign(',');
        }
        Ok(Expression::Literal(name, elements))
    }

    /// The value of a field: one that cannot be read is a name that nobody knows.
    fn expression_or_other(&mut self) -> Result<Expression> {
        let before = self.rest;
        if let Ok(expression) = self.expression() {
            return Ok(expression);
        }
        self.rest = before;
        let mut depth = 0_usize;
        loop {
            match self.peek().context("a value without end")? {
                Token::Sign(',') if depth == 0 => break,
                Token::Sign('}' | ')' | ']') if depth == 0 => break,
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}' | ')' | ']') => depth -= 1,
                _ => {}
            }
            self.next();
        }
        Ok(Expression::Name("a value that is more than a table".into()))
    }

    /// Over the parameters and results of a function, and the brace that opens its body.
    fn skip_to_body(&mut self) -> Result<()> {
        self.skip_to('{')
    }

    fn skip_to(&mut self, sign: char) -> Result<()> {
        loop {
            match self.next() {
                Some(Token::Sign(found)) if *found == sign => return Ok(()),
                Some(_) => {}
                None => bail!("no {sign:?}"),
            }
        }
    }

    /// A body up to its last brace.
    fn body(&mut self) -> Result<Vec<Statement>> {
        let statements = self.statements();
        self.wanted('}')?;
        Ok(statements)
    }

    /// Assignments and returns, as long as there are some.
    fn statements(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        loop {
            let before = self.rest;
            match self.statement() {
                Some(statement) => statements.push(statement),
                None => {
                    self.rest = before;
                    return statements;
                }
            }
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        let Token::Word(word) = self.next()? else { return None };
        if word == "return" {
            return Some(Statement::Return(self.expression().ok()?));
        }
        self.sign(':');
        self.wanted('=').ok()?;
        Some(Statement::Assign(word.clone(), self.expression().ok()?))
    }
}
