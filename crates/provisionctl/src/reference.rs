//! The description of the command line -> completions for a shell, or man pages.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::ending::{CannotRun, Ending};

/// `provisionctl completions`.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell to print completions for.
    #[arg(value_enum)]
    shell: Shell,
}

/// `provisionctl man`.
#[derive(Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder; by default the main page goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(super) fn completions(
    command: &Completions,
    mut command_line: Command,
) -> Result<Ending, CannotRun> {
    let mut script = Vec::new();
    clap_complete::generate(
        command.shell,
        &mut command_line,
        "provisionctl",
        &mut script,
    );
    print(&script)
}

pub(super) fn man(command: &Man, command_line: Command) -> Result<Ending, CannotRun> {
    if let Some(folder) = &command.to {
        let cannot = |err: std::io::Error| CannotRun(format!("{}: {err}", folder.display()));
        std::fs::create_dir_all(folder).map_err(cannot)?;
        clap_mangen::generate_to(command_line, folder).map_err(cannot)?;
        return Ok(Ending::AllDone);
    }
    print(&page(command_line)?)
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
