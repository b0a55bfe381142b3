//! All changes of a file at once, each behind a switch: `::mutant_switch::is_on(7)` makes the seventh.
//!
//! A change is made in the text, as cargo-mutants makes it: what an operator belongs to is read again with the other operator, so
//! that precedence counts. What cannot be switched, because it is computed by the compiler or is part of a `let` condition, or
//! because an `impl Trait` has one type alone, is left to cargo-mutants itself.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result, anyhow};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Arm, Expr, ExprBinary, ExprConst, ExprMatch, ExprRepeat, ExprStruct, ExprUnary};
use syn::{GenericArgument, ItemConst, ItemStatic, Type};

use super::changes::{Change, Kind};

/// A file with switches.
pub(crate) struct Switched {
    /// Its text.
    pub(crate) text: String,
    /// Where in the text each change stands, by its number.
    pub(crate) places: Vec<(usize, Range<usize>)>,
    /// Where in the text each change could matter: its place, and what stands there without it.
    pub(crate) around: Vec<(usize, Range<usize>)>,
    /// The numbers of arms that are taken away, each with the place of its `match` in the source.
    pub(crate) arms: Vec<(usize, usize)>,
    /// The numbers of those that cannot be switched.
    pub(crate) others: Vec<usize>,
}

/// Puts changes into a file, each with its number.
pub(crate) fn switched(source: &str, changes: &[(usize, &Change)]) -> Result<Switched> {
    let file = syn::parse_file(source).context("the file is no Rust")?;
    let mut finder = Finder::default();
    finder.visit_file(&file);
    let offsets = Offsets::new(source);
    // What returns comes before what it returns from; of what begins at one place, the longest is around the others.
    let mut edits: BTreeMap<(usize, bool, Reverse<usize>, bool), Edit> = BTreeMap::new();
    let (mut others, mut arms) = (Vec::new(), Vec::new());
    for (number, change) in changes {
        let span = offsets.of(change)?;
        match finder.edit(source, change, &span) {
            None => others.push(*number),
            Some((range, alternative)) => {
                if let Alternative::NoArm = alternative {
                    let arm = finder.arms.iter().find(|arm| arm.whole.start == span.start);
                    arms.extend(arm.map(|arm| (*number, arm.of)));
                }
                let is_return = matches!(alternative, Alternative::Return(_));
                let is_expression = matches!(alternative, Alternative::Expression(_));
                let key = (range.start, !is_return, Reverse(range.end), is_expression);
                let edit = edits.entry(key).or_default();
                edit.range = range;
                edit.alternatives.push((*number, alternative));
            }
        }
    }
    let edits: Vec<Edit> = edits.into_values().collect();
    let (text, places, around) = Default::default();
    let mut printer = Printer { source, edits: &edits, text, places, around };
    printer.print(0..source.len(), 0);
    let Printer { text, places, around, .. } = printer;
    Ok(Switched { text, places, around, arms, others })
}

/// What stands at a place as long as no switch is on, and what for each that is.
#[derive(Default)]
struct Edit {
    range: Range<usize>,
    alternatives: Vec<(usize, Alternative)>,
}

enum Alternative {
    /// An expression instead of another.
    Expression(String),
    /// A value returned before anything else happens.
    Return(String),
    /// An arm that never matches; `true` if it has a condition of its own.
    NoArm,
    /// A condition of an arm that is always this.
    Guard(bool),
}

/// An arm of a match.
struct FoundArm {
    whole: Range<usize>,
    /// Where its match begins.
    of: usize,
    pattern_end: usize,
    guard: Option<Range<usize>>,
}

#[derive(Default)]
struct Finder {
    /// The whole expression that an operator belongs to, by the operator's offset.
    roots: BTreeMap<usize, Range<usize>>,
    /// Expressions of structs.
    structs: Vec<Range<usize>>,
    /// Arms of matches.
    arms: Vec<FoundArm>,
    /// Where the match begins in which we are.
    of: usize,
    /// Are we in what the compiler computes, so that no switch could be asked?
    is_constant: bool,
    root: Option<Range<usize>>,
}

impl Finder {
    fn edit(
        &self,
        source: &str,
        change: &Change,
        span: &Range<usize>,
    ) -> Option<(Range<usize>, Alternative)> {
        // What is no part of a function is computed by the compiler.
        let result = change.returns.as_ref()?;
        let replaced = |whole: &Range<usize>| {
            let (before, after) =
                (source.get(whole.start..span.start)?, source.get(span.end..whole.end)?);
            Some(Alternative::Expression(format!("{before}{}{after}", change.replacement)))
        };
        match change.kind {
            Kind::FnValue if result.contains("impl ") => None,
            Kind::FnValue => {
                Some((span.start..span.start, Alternative::Return(change.replacement.clone())))
            }
            Kind::BinaryOperator | Kind::UnaryOperator => {
                let whole = self.roots.get(&span.start)?;
                Some((whole.clone(), replaced(whole)?))
            }
            Kind::StructField => {
                let around =
                    |whole: &&Range<usize>| whole.start <= span.start && span.end <= whole.end;
                let whole = self.structs.iter().filter(around).min_by_key(|whole| whole.len())?;
                Some((whole.clone(), replaced(whole)?))
            }
            Kind::MatchArm => {
                let arm = self.arms.iter().find(|arm| arm.whole.start == span.start)?;
                let range = arm.guard.clone().unwrap_or(arm.pattern_end..arm.pattern_end);
                Some((range, Alternative::NoArm))
            }
            Kind::MatchArmGuard => {
                let guard = self
                    .arms
                    .iter()
                    .find_map(|arm| arm.guard.clone().filter(|guard| guard == span))?;
                Some((guard, Alternative::Guard(change.replacement.trim() == "true")))
            }
        }
    }

    /// An expression of operators, up to where parentheses, calls or the like end it.
    fn operators(&mut self, operator: usize, whole: Range<usize>, visit: impl FnOnce(&mut Self)) {
        let before = self.root.clone();
        let root = before.clone().unwrap_or(whole);
        if !self.is_constant {
            self.roots.insert(operator, root.clone());
        }
        self.root = Some(root);
        visit(self);
        self.root = before;
    }

    fn constant(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.is_constant, true);
        self.apart(visit);
        self.is_constant = before;
    }

    fn apart(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.root.take();
        visit(self);
        self.root = before;
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Binary(_) | Expr::Unary(_) => visit::visit_expr(self, expression),
            _ => self.apart(|finder| visit::visit_expr(finder, expression)),
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if has_let(&binary.left) || has_let(&binary.right) {
            // The operands may be changed, each for itself.
            self.apart(|finder| finder.visit_expr(&binary.left));
            self.apart(|finder| finder.visit_expr(&binary.right));
            return;
        }
        let (operator, whole) = (binary.op.span().byte_range().start, binary.span().byte_range());
        self.operators(operator, whole, |finder| visit::visit_expr_binary(finder, binary));
    }

    fn visit_expr_unary(&mut self, unary: &'ast ExprUnary) {
        let (operator, whole) = (unary.op.span().byte_range().start, unary.span().byte_range());
        self.operators(operator, whole, |finder| visit::visit_expr_unary(finder, unary));
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.constant(|finder| finder.visit_expr(&repeat.len));
    }

    fn visit_expr_const(&mut self, block: &'ast ExprConst) {
        self.constant(|finder| visit::visit_expr_const(finder, block));
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        self.constant(|finder| visit::visit_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        self.constant(|finder| visit::visit_item_static(finder, item));
    }

    fn visit_type(&mut self, one: &'ast Type) {
        self.constant(|finder| visit::visit_type(finder, one));
    }

    fn visit_generic_argument(&mut self, one: &'ast GenericArgument) {
        self.constant(|finder| visit::visit_generic_argument(finder, one));
    }

    fn visit_expr_struct(&mut self, one: &'ast ExprStruct) {
        self.structs.push(one.span().byte_range());
        visit::visit_expr_struct(self, one);
    }

    fn visit_expr_match(&mut self, one: &'ast ExprMatch) {
        let before = std::mem::replace(&mut self.of, one.span().byte_range().start);
        visit::visit_expr_match(self, one);
        self.of = before;
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let guard = arm.guard.as_ref().map(|(_, guard)| guard.span().byte_range());
        let (whole, pattern_end) = (arm.span().byte_range(), arm.pat.span().byte_range().end);
        self.arms.push(FoundArm { whole, of: self.of, pattern_end, guard });
        self.apart(|finder| visit::visit_arm(finder, arm));
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Writes the source with its edits, of which each lies in the one before or behind it.
struct Printer<'a> {
    source: &'a str,
    edits: &'a [Edit],
    text: String,
    places: Vec<(usize, Range<usize>)>,
    around: Vec<(usize, Range<usize>)>,
}

impl Printer<'_> {
    /// Prints a part of the source, from an edit on; the edit that is the first behind it.
    fn print(&mut self, range: Range<usize>, mut next: usize) -> usize {
        let mut at = range.start;
        while let Some(edit) = self.edits.get(next).filter(|edit| edit.range.end <= range.end) {
            self.push(at..edit.range.start);
            let start = self.text.len();
            next = self.edit(edit, next + 1);
            let end = self.text.len();
            self.around.extend(edit.alternatives.iter().map(|(number, _)| (*number, start..end)));
            at = edit.range.end;
        }
        self.push(at..range.end);
        next
    }

    fn push(&mut self, range: Range<usize>) {
        self.text.push_str(self.source.get(range).unwrap_or_default());
    }

    fn placed(&mut self, number: usize, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.places.push((number, start..self.text.len()));
    }

    fn edit(&mut self, edit: &Edit, next: usize) -> usize {
        let is_on = |number: &usize| format!("::mutant_switch::is_on({number})");
        let (mut returns, mut is_expression, mut off, mut always, mut never) =
            (true, false, Vec::new(), Vec::new(), Vec::new());
        for (number, alternative) in &edit.alternatives {
            match alternative {
                Alternative::Return(value) => {
                    self.placed(*number, &format!("if {} {{ return {value}; }} ", is_on(number)));
                    continue;
                }
                Alternative::Expression(text) => {
                    self.text.push_str(if is_expression { " else " } else { "(" });
                    is_expression = true;
                    self.placed(*number, &format!("if {} {{ {text} }}", is_on(number)));
                }
                Alternative::NoArm => off.push(*number),
                Alternative::Guard(true) => always.push(*number),
                Alternative::Guard(false) => never.push(*number),
            }
            returns = false;
        }
        if returns {
            return self.print(edit.range.clone(), next);
        }
        if is_expression {
            self.text.push_str(" else { ");
            let next = self.print(edit.range.clone(), next);
            self.text.push_str(" })");
            return next;
        }
        if edit.range.is_empty() {
            self.text.push_str(" if true");
        } else {
            self.text.push_str("((");
        }
        let next = self.print(edit.range.clone(), next);
        if !edit.range.is_empty() {
            self.text.push(')');
        }
        for number in &always {
            self.placed(*number, &format!(" || {}", is_on(number)));
        }
        if !edit.range.is_empty() {
            self.text.push(')');
        }
        for number in never.iter().chain(&off) {
            self.placed(*number, &format!(" && !{}", is_on(number)));
        }
        next
    }
}

/// Lines and columns as offsets in bytes.
struct Offsets<'a> {
    source: &'a str,
    lines: Vec<usize>,
}

impl<'a> Offsets<'a> {
    fn new(source: &'a str) -> Self {
        let behind = source.match_indices('\n').map(|(at, _)| at + 1);
        Self { source, lines: [0].into_iter().chain(behind).collect() }
    }

    fn of(&self, change: &Change) -> Result<Range<usize>> {
        let offset = |(line, column): (usize, usize)| {
            let start = self.lines.get(line.checked_sub(1)?)?;
            let rest = self.source.get(*start..)?;
            let (at, _) = rest.char_indices().nth(column.checked_sub(1)?)?;
            Some(start + at)
        };
        let range = offset(change.start).zip(offset(change.end)).map(|(start, end)| start..end);
        range.ok_or_else(|| anyhow!("{} is not in the file", change.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of `what` in a source, where it stands for the first time.
    fn change(source: &str, kind: Kind, what: &str, replacement: &str) -> Change {
        let at = source.find(what).unwrap();
        let place = |at: usize| {
            let before = &source[..at];
            (
                before.matches('\n').count() + 1,
                at - before.rfind('\n').map_or(0, |line| line + 1) + 1,
            )
        };
        let (start, end) = (place(at), place(at + what.len()));
        Change { kind, start, end, replacement: replacement.to_owned(), ..Change::sample("") }
    }

    /// The text with all changes, without `::mutant_switch::is_on`.
    fn text(source: &str, changes: &[Change]) -> String {
        let changes: Vec<_> = changes.iter().enumerate().collect();
        let switched = switched(source, &changes).unwrap();
        assert!(switched.others.is_empty(), "{:?}", switched.others);
        assert!(syn::parse_file(&switched.text).is_ok(), "{}", switched.text);
        for (number, place) in &switched.places {
            let text = &switched.text[place.clone()];
            assert!(text.contains(&format!("is_on({number})")), "{text}");
        }
        switched.text.replace("::mutant_switch::is_on", "on")
    }

    #[test]
    fn an_operator_is_changed_in_all_that_it_belongs_to() {
        let source = "fn f() -> bool { a || b && !c(d == e) }";
        let changes = [
            change(source, Kind::BinaryOperator, "||", "&&"),
            change(source, Kind::BinaryOperator, "&&", "||"),
            change(source, Kind::UnaryOperator, "!", ""),
            change(source, Kind::BinaryOperator, "==", "!="),
        ];
        assert_eq!(
            text(source, &changes),
            "fn f() -> bool { (if on(0) { a && b && !c(d == e) } else if on(1) { a || b || !c(d == e) } \
             else if on(2) { a || b && c(d == e) } \
             else { a || b && !c((if on(3) { d != e } else { d == e })) }) }"
        );
    }

    #[test]
    fn a_value_is_returned_before_anything_happens() {
        let source = "fn f() -> u8 {\n    1 + 2\n}";
        let changes = [
            change(source, Kind::BinaryOperator, "+", "-"),
            change(source, Kind::FnValue, "1 + 2", "0"),
            change(source, Kind::FnValue, "1 + 2", "1"),
        ];
        assert_eq!(
            text(source, &changes),
            "fn f() -> u8 {\n    if on(1) { return 0; } if on(2) { return 1; } \
             (if on(0) { 1 - 2 } else { 1 + 2 })\n}"
        );
    }

    #[test]
    fn arms_and_their_conditions_are_switched() {
        let source = "fn f() { match a { 1 => b, 2 if c == d => e, _ => g } }";
        let changes = [
            change(source, Kind::MatchArm, "1 => b", ""),
            change(source, Kind::MatchArm, "2 if c == d => e", ""),
            change(source, Kind::MatchArmGuard, "c == d", "true"),
            change(source, Kind::MatchArmGuard, "c == d", "false"),
            change(source, Kind::BinaryOperator, "==", "!="),
        ];
        assert_eq!(
            text(source, &changes),
            "fn f() { match a { 1 if true && !on(0) => b, \
             2 if (((if on(4) { c != d } else { c == d })) || on(2)) && !on(3) && !on(1) => e, _ => g } }"
        );
    }

    #[test]
    fn a_field_is_left_to_the_others() {
        let source = "fn f() -> A { A { b: c, d: e, ..g() } }";
        let changes = [change(source, Kind::StructField, "b: c,", "")];
        assert_eq!(
            text(source, &changes),
            "fn f() -> A { (if on(0) { A {  d: e, ..g() } } else { A { b: c, d: e, ..g() } }) }"
        );
    }

    #[test]
    fn what_cannot_be_switched_is_told() {
        let source = "const A: u8 = 1 << 2;\nfn f() { if let Some(b) = c && d == e && g {} [h * 2; 3 * i]; }";
        let constant = Change { returns: None, ..change(source, Kind::BinaryOperator, "<<", ">>") };
        let iterator = Change {
            returns: Some("-> impl Iterator<Item = u8>".to_owned()),
            ..change(source, Kind::FnValue, "if let", "::std::iter::empty()")
        };
        let condition = change(source, Kind::BinaryOperator, "&&", "||");
        let within = change(source, Kind::BinaryOperator, "==", "!=");
        let length = Change {
            start: (2, 57),
            end: (2, 58),
            ..change(source, Kind::BinaryOperator, "*", "+")
        };
        let changes = [constant, iterator, condition, within, length];
        let changes: Vec<_> = changes.iter().enumerate().collect();
        let switched = switched(source, &changes).unwrap();
        assert_eq!(switched.others, [0, 1, 2, 4]);
        let wanted = "if let Some(b) = c && (if ::mutant_switch::is_on(3) { d != e } else { d == e }) && g {}";
        assert!(switched.text.contains(wanted), "{}", switched.text);
    }
}
