//! Lines of an answer on standard output.

use crate::ending::CannotRun;

/// A text without what a terminal would take for a command: whoever may send to a queue may put it there.
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

/// Prints a line of the answer; a reader that has gone away (`| head`) is no fault of ours.
pub(crate) fn print_line(line: impl std::fmt::Display) -> Result<(), CannotRun> {
    print_words(anstyle::Style::new(), "", &line.to_string())
}

/// Prints a line with its first word in colour, where colours are wanted: not when piped, nor with `NO_COLOR`.
pub(crate) fn print_words(style: anstyle::Style, word: &str, rest: &str) -> Result<(), CannotRun> {
    use std::io::Write;
    let rest = printable(rest);
    match writeln!(anstream::stdout(), "{style}{word}{style:#}{rest}") {
        Err(err) if err.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.map_err(CannotRun::because),
    }
}
