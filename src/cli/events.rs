//! Paths on the command line -> event files, each an invocation of the function.

use std::path::{Path, PathBuf};

use serde_json::value::{RawValue, to_raw_value};

use super::CannotRun;
use crate::intake::{self, Invocation, Parcel};

/// A file as the function would receive it.
pub(super) struct EventFile {
    pub(super) name: String,
    pub(super) invocation: Box<RawValue>,
}

impl EventFile {
    /// Everybody in the file whose record can be read at all.
    pub(super) fn parcels(&self) -> Vec<Parcel> {
        match intake::read(&self.invocation) {
            Ok(Invocation::Direct(message)) => intake::open(&message.body),
            Ok(Invocation::Batch(records)) => {
                let messages = records.into_iter().filter_map(|record| record.message.ok());
                messages
                    .flat_map(|message| intake::open(&message.body))
                    .collect()
            }
            Err(_) => Vec::new(),
        }
    }
}

/// Reads files, and all files of folders, in the order of their names.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<EventFile>, CannotRun> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(CannotRun("the paths hold no event files".to_owned()));
    }
    files.into_iter().map(|path| event_file(&path)).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), CannotRun> {
    let cannot = |err: std::io::Error| CannotRun(format!("{}: {err}", path.display()));
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries: Result<Vec<_>, _> = path
        .read_dir()
        .map_err(cannot)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut entries = entries.map_err(cannot)?;
    entries.sort();
    entries
        .iter()
        .filter(|entry| !is_hidden(entry))
        .try_for_each(|entry| collect(entry, files))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn event_file(path: &Path) -> Result<EventFile, CannotRun> {
    let text =
        std::fs::read(path).map_err(|err| CannotRun(format!("{}: {err}", path.display())))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let invocation = invocation(text).map_err(CannotRun::because)?;
    Ok(EventFile {
        name: path.display().to_string(),
        invocation,
    })
}

// Lambda hands over JSON objects only; anything else reaches the function as the body of an SQS message.
fn invocation(text: String) -> serde_json::Result<Box<RawValue>> {
    if text.trim_start().starts_with('{')
        && let Ok(object) = serde_json::from_str::<Box<RawValue>>(&text)
    {
        return Ok(object);
    }
    to_raw_value(&serde_json::json!({"Records": [{
        "messageId": uuid::Uuid::new_v4().to_string(),
        "body": text,
        "eventSource": "aws:sqs",
    }]}))
}
