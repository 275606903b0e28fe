//! The command line's own description -> completions for a shell, and man pages.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use crate::Arguments;
use crate::ending::{CannotRun, Ending};

/// `provisionctl completions`.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell whose completions are printed.
    #[arg(value_enum)]
    shell: Shell,
}

/// `provisionctl man`.
#[derive(Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder; otherwise the main page goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(super) fn completions(command: &Completions) -> Result<Ending, CannotRun> {
    let mut script = Vec::new();
    clap_complete::generate(
        command.shell,
        &mut Arguments::command(),
        "provisionctl",
        &mut script,
    );
    print(&script)
}

pub(super) fn man(command: &Man) -> Result<Ending, CannotRun> {
    if let Some(folder) = &command.to {
        let cannot = |err: std::io::Error| CannotRun(format!("{}: {err}", folder.display()));
        std::fs::create_dir_all(folder).map_err(cannot)?;
        clap_mangen::generate_to(Arguments::command(), folder).map_err(cannot)?;
        return Ok(Ending::AllDone);
    }
    print(&page(Arguments::command())?)
}

fn page(command: Command) -> Result<Vec<u8>, CannotRun> {
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command).render(&mut page);
    written.map(|()| page).map_err(CannotRun::because)
}

fn print(bytes: &[u8]) -> Result<Ending, CannotRun> {
    let written = std::io::stdout().write_all(bytes);
    written
        .map(|()| Ending::AllDone)
        .map_err(CannotRun::because)
}
