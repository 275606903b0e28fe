//! The text of an expression or a template -> its tree, read to the last character, or the place where it cannot be read.

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{parse, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Error, ErrorKind};

use super::BadTemplate;

/// Parses an expression, all of it.
///
/// The engine's own parser drops the rest of an expression without a word where its lexer refuses the character behind a text
/// (minijinja 3.1, `Parser::parse_primary`), so each token is held to the lexer first.
///
/// # Errors
/// Returns the place where the text is no expression, with the word to use instead where there is one.
pub(super) fn expression(source: &str) -> Result<Expr<'_>, BadTemplate> {
    if !is_plain(source) {
        ends(source, true)?;
    }
    parse_expr(source).map_err(|err| {
        let parsed = |part| parse_expr(part).err();
        ends(source, true).map_or_else(|fault| fault, |ends| refused(&err, source, &ends, parsed))
    })
}

/// Parses a template, all of it: there the end of a block must follow, so the engine drops nothing.
///
/// # Errors
/// Returns the place where the text is no template.
pub(super) fn template(source: &str) -> Result<Stmt<'_>, BadTemplate> {
    let parsed = |part| parse(part, "<template>", SyntaxConfig::default());
    parsed(source).map_err(|err| {
        let parsed = |part| parsed(part).err();
        ends(source, false).map_or_else(|fault| fault, |ends| refused(&err, source, &ends, parsed))
    })
}

// Tells whether the lexer takes a text by its characters alone, which costs less than to ask it. A number may be a wrong one, and
// a text may have a wrong escape.
fn is_plain(source: &str) -> bool {
    let mut within = None;
    let all_plain = source.bytes().all(|byte| match within {
        Some(quote) => {
            if byte == quote {
                within = None;
            }
            byte != b'\\'
        }
        None if matches!(byte, b'"' | b'\'') => {
            within = Some(byte);
            true
        }
        None => byte.is_ascii_alphabetic() || b" \t\r\n_=<>.,|~+-*/%()[]{}:".contains(&byte),
    });
    all_plain && within.is_none()
}

// The place behind each token.
fn ends(source: &str, in_expression: bool) -> Result<Vec<usize>, BadTemplate> {
    let mut ends = Vec::new();
    for token in tokenize(source, in_expression, SyntaxConfig::default()) {
        match token {
            Ok((_, span)) => ends.push(span.end_offset as usize),
            Err(err) => {
                let after = ends.last().copied().unwrap_or(0);
                return Err(fault(&err, source, next_character(source, after)));
            }
        }
    }
    Ok(ends)
}

// The first token that no valid text can have there; the end of the text where more is expected.
fn refused<'s>(
    err: &Error,
    source: &'s str,
    ends: &[usize],
    parsed: impl Fn(&'s str) -> Option<Error>,
) -> BadTemplate {
    let is_whole = |end: &usize| {
        source
            .get(..*end)
            .and_then(&parsed)
            .is_none_or(|err| is_end(&err))
    };
    let whole = ends.iter().take_while(|end| is_whole(end)).last();
    let whole = whole.copied().unwrap_or(0);
    fault(err, source, next_character(source, whole))
}

fn is_end(err: &Error) -> bool {
    let detail = err.detail().unwrap_or_default();
    detail.contains("end of input") || detail.contains("end of string")
}

fn next_character(source: &str, after: usize) -> usize {
    let rest = source.get(after..).unwrap_or_default();
    after + (rest.len() - rest.trim_start().len())
}

fn fault(err: &Error, source: &str, at: usize) -> BadTemplate {
    if let Some(Instead { place, sign, word }) = instead(source, at) {
        return BadTemplate {
            text: format!("syntax error: `{sign}` is no operator here; {word}"),
            at: Some(place),
        };
    }
    let text = match err.detail() {
        Some(detail) if err.kind() == ErrorKind::SyntaxError => {
            let near = source.get(at..).unwrap_or_default();
            let near: String = near.chars().take(12).collect();
            match near.trim() {
                "" => format!("syntax error: {detail}"),
                near => format!("syntax error: {detail}, at `{near}`"),
            }
        }
        Some(detail) => format!("{}: {detail}", err.kind()),
        None => err.kind().to_string(),
    };
    BadTemplate { text, at: Some(at) }
}

/// Signs of other languages, the longer ones first, and the way to write each here.
const SIGNS: [(&str, &str); 19] = [
    ("===", "write `==`"),
    ("!==", "write `!=`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("<>", "write `!=`"),
    (
        "=~",
        "write `is startingwith(\"...\")` or `\"...\" in NAME`",
    ),
    ("=>", "write `>=`"),
    ("=<", "write `<=`"),
    ("??", "write `or`"),
    ("?.", "write `.`: a missing member is no error"),
    ("?", "write `A if CONDITION else B`"),
    ("&", "write `and`, or `~` to put texts together"),
    ("!", "write `not`"),
    ("=", "write `==`"),
    (
        ";",
        "one expression stands alone, without a sign at its end",
    ),
    (
        "#",
        "a comment stands outside the expression, in a line of its own",
    ),
    ("$", "write the name alone"),
    ("@", "write the name alone, or `event[\"@name\"]`"),
    ("`", "write a text in \"quotes\""),
];

/// Words of other languages in capitals, and their own.
const WORDS: [(&str, &str); 6] = [
    ("AND", "write `and`"),
    ("OR", "write `or`"),
    ("NOT", "write `not`"),
    ("IN", "write `in`"),
    ("IS", "write `is`"),
    ("LIKE", "write `is startingwith(\"...\")`"),
];

/// A sign or a word of another language, and the way to write it here.
struct Instead<'s> {
    place: usize,
    sign: &'s str,
    word: &'static str,
}

fn instead(source: &str, at: usize) -> Option<Instead<'_>> {
    // The second character of a sign may be the one that is refused.
    let places = (at.saturating_sub(2)..=at).filter(|place| source.is_char_boundary(*place));
    let mut signs = places.filter_map(|place| {
        let rest = &source[place..];
        let (sign, word) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        (place + sign.len() > at).then_some(Instead { place, sign, word })
    });
    signs
        .next()
        .or_else(|| quotation_mark(source, at))
        .or_else(|| word_in_capitals(source, at))
}

fn quotation_mark(source: &str, at: usize) -> Option<Instead<'_>> {
    let mark = source[at..].chars().next()?;
    matches!(mark, '“' | '”' | '‘' | '’' | '„' | '«' | '»').then(|| Instead {
        place: at,
        sign: &source[at..at + mark.len_utf8()],
        word: "write a text in \"straight quotes\"",
    })
}

fn word_in_capitals(source: &str, at: usize) -> Option<Instead<'_>> {
    let before = source[..at].trim_end();
    let before = before
        .rfind(char::is_whitespace)
        .map_or(0, |space| space + 1);
    [at, before].into_iter().find_map(|place| {
        let rest = source.get(place..)?;
        let sign = rest.split(|c: char| !c.is_alphanumeric()).next()?;
        let (_, word) = WORDS.iter().find(|(other, _)| sign == *other)?;
        Some(Instead { place, sign, word })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: Option<(usize, &str)>) {
        let fault = expression(source).err();
        let got = fault.map(|fault| (fault.at.unwrap_or_default(), fault.text));
        let expected = expected.map(|(at, text)| (at, text.to_owned()));
        assert_eq!(got, expected, "{source}");
    }

    #[test]
    fn an_expression_is_read_to_its_last_character() {
        check("a == 'x' and b", None);
        check("'a' 'b'", None);
        check(
            "a == 'x' && b",
            Some((9, "syntax error: `&&` is no operator here; write `and`")),
        );
        check(
            "a == 'x' || b",
            Some((9, "syntax error: `||` is no operator here; write `or`")),
        );
        check(
            "a === 'x'",
            Some((2, "syntax error: `===` is no operator here; write `==`")),
        );
        check(
            "!a",
            Some((0, "syntax error: `!` is no operator here; write `not`")),
        );
        check(
            "a == 'x' ? 1 : 2",
            Some((
                9,
                "syntax error: `?` is no operator here; write `A if CONDITION else B`",
            )),
        );
        check(
            "a == 'x' # both",
            Some((
                9,
                "syntax error: `#` is no operator here; a comment stands outside the expression, in a line of its own",
            )),
        );
        check(
            "a = 'x'",
            Some((2, "syntax error: `=` is no operator here; write `==`")),
        );
        check(
            "a == 'x' AND b",
            Some((9, "syntax error: `AND` is no operator here; write `and`")),
        );
        check(
            "NOT a",
            Some((0, "syntax error: `NOT` is no operator here; write `not`")),
        );
        check(
            "a == “x”",
            Some((
                5,
                "syntax error: `“` is no operator here; write a text in \"straight quotes\"",
            )),
        );
        check(
            "a ==",
            Some((
                4,
                "syntax error: unexpected end of input, expected expression",
            )),
        );
        check(
            "(a == 'x'",
            Some((9, "syntax error: unexpected end of input, expected `)`")),
        );
    }
}
