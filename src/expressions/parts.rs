//! Named parts of expressions -> each expression with its parts written out, so that nothing but the text is shared.

use minijinja::machinery::ast::Expr;

use super::{BadTemplate, syntax, tree};

/// Expressions with a name, which those after them use like a member.
#[derive(Default)]
pub struct Parts(Vec<Part>);

struct Part {
    name: String,
    /// Written out in full.
    text: String,
}

// Variables of expressions, and words of the language.
const TAKEN: [&str; 17] = [
    "event", "envelope", "item", "text", "sqs", "and", "or", "not", "in", "is", "if", "else",
    "true", "false", "none", "True", "False",
];

impl Parts {
    /// Adds a part that is written out already.
    ///
    /// # Errors
    /// The name is no name, or is taken.
    pub(super) fn add(&mut self, name: &str, text: String) -> Result<(), BadTemplate> {
        let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = name.chars().all(of_name) && name.starts_with(|c: char| !c.is_ascii_digit());
        if !is_name || TAKEN.contains(&name) {
            return Err(BadTemplate::new(format!(
                "`{name}` is no name for a part; take letters, digits and _, and none of event, envelope, item, text and sqs"
            )));
        }
        self.0.push(Part {
            name: name.to_owned(),
            text,
        });
        Ok(())
    }

    /// Writes an expression with its parts written out; `None` where it uses none.
    pub(super) fn written_out(&self, expression: &Expr, source: &str) -> Option<String> {
        let mut uses = Vec::new();
        tree::visit(expression, &mut |one| {
            if let Expr::Var(name) = one
                && let Some(part) = self.0.iter().find(|part| part.name == name.id)
            {
                uses.push((tree::place(one), part));
            }
        });
        if uses.is_empty() {
            return None;
        }
        uses.sort_by_key(|(place, _)| *place);
        let mut written = String::new();
        let mut done = 0;
        for (place, part) in uses {
            written.push_str(source.get(done..place)?);
            written.push('(');
            written.push_str(&part.text);
            written.push(')');
            done = place + part.name.len();
        }
        written.push_str(source.get(done..)?);
        // The text of a part was read on its own, so it cannot be anything else here.
        syntax::expression(&written).is_ok().then_some(written)
    }
}
