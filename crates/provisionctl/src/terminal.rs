//! Lines of output -> standard output, without control characters.

use crate::ending::CannotRun;

/// Escapes control characters, except line breaks and tabs: an event may hold commands for a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut shown, c| {
            match c {
                '\n' | '\t' => shown.push(c),
                c if c.is_control() => shown.extend(c.escape_default()),
                c => shown.push(c),
            }
            shown
        })
}

/// Prints a line of output; exits with code 0 if the reader has closed the pipe (`| head`).
///
/// # Errors
/// Returns an error if standard output cannot be written.
pub(crate) fn print_line(line: impl std::fmt::Display) -> Result<(), CannotRun> {
    print_words(anstyle::Style::new(), "", &line.to_string())
}

/// Prints a line with a styled first word; plain if standard output is piped, or with `NO_COLOR`.
///
/// # Errors
/// Returns an error if standard output cannot be written.
pub(crate) fn print_words(style: anstyle::Style, word: &str, rest: &str) -> Result<(), CannotRun> {
    use std::io::Write;
    let rest = printable(rest);
    match writeln!(anstream::stdout(), "{style}{word}{style:#}{rest}") {
        Err(err) if err.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.map_err(CannotRun::because),
    }
}
