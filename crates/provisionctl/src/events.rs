//! Paths on the command line -> event files, each as an invocation of the function, and the people in them.

use std::path::{Path, PathBuf};

use connect_provisioner::failure::{Failure, Reason};
use connect_provisioner::intake::{self, Decoded, Invocation, Message, Parcel, Record, Undecoded};
use connect_provisioner::policy::Policy;
use connect_provisioner::provision::BuiltRequest;
use connect_provisioner::source::Sources;
use connect_provisioner::source::person_key::{LazyKey, PersonKey};
use serde_json::value::{RawValue, to_raw_value};

use crate::config_file::ConfigFile;
use crate::ending::{CannotRun, Ending};
use crate::request::Offline;
use crate::terminal::print_line;

/// Event file as the function would receive it.
pub(super) struct EventFile {
    pub(super) name: String,
    pub(super) invocation: Box<RawValue>,
}

/// One person of an event file, or an unreadable record.
pub(super) struct EventItem {
    /// Place of the person in the message, from 0.
    pub(super) item: usize,
    pub(super) parcel: Parcel,
}

impl EventFile {
    /// Returns the people in all messages of the file, in their order.
    pub(super) fn items(&self, sources: &Sources) -> Vec<EventItem> {
        match intake::read(&self.invocation) {
            Ok(Invocation::Direct(message)) => items_of(&message, sources),
            Ok(Invocation::Batch(records)) => {
                let items = |record: Undecoded| record_items(record.decode(), sources);
                records.into_iter().flat_map(items).collect()
            }
            Err(unanswerable) => vec![unreadable(unanswerable.to_string())],
        }
    }
}

fn record_items(record: Record, sources: &Sources) -> Vec<EventItem> {
    match record.decoded {
        Decoded::Yes => items_of(&record.message, sources),
        Decoded::No => vec![unreadable("the record's text cannot be decoded".to_owned())],
    }
}

fn items_of(message: &Message, sources: &Sources) -> Vec<EventItem> {
    sources
        .open_message(message)
        .into_iter()
        .enumerate()
        .map(|(item, parcel)| EventItem { item, parcel })
        .collect()
}

fn unreadable(why: String) -> EventItem {
    let content = Err(Failure::new(Reason::UnreplayableRecord, why));
    EventItem {
        item: 0,
        parcel: Parcel {
            content,
            place: Vec::new(),
            fallback_key: LazyKey::new(|| PersonKey::of_payload(b"")),
            count: 1,
        },
    }
}

/// Prints the lines that `describe` returns for each person in the files, and the end that the function would come to.
///
/// # Errors
/// Returns an error if a file cannot be read.
pub(super) async fn print_each(
    paths: &[PathBuf],
    config: &ConfigFile,
    describe: impl Fn(&Policy, &Parcel) -> Vec<String>,
) -> Result<Ending, CannotRun> {
    let policy = &config.load()?;
    let offline = Offline::start(config.load()?).await?;
    let mut ending = Ending::AllDone;
    for file in read(paths)? {
        for EventItem { item, parcel } in file.items(&policy.sources) {
            let key = policy.sources.key_of(&parcel);
            print_line(format_args!("{}  person {item}  {key}", file.name))?;
            let lines = describe(policy, &parcel);
            lines.iter().try_for_each(print_line)?;
            match offline.build_request(parcel).await {
                Ok(BuiltRequest::Request(request)) => {
                    print_line(format_args!("  username: {}", request.username()))?;
                }
                Ok(BuiltRequest::Skip(why)) => print_line(format_args!("  skipped: {why}"))?,
                Err(failure) => {
                    ending = Ending::SomethingIsLeft;
                    let code = failure.reason().code();
                    print_line(format_args!("  refused: {code}: {}", failure.explanation()))?;
                }
            }
        }
    }
    Ok(ending)
}

/// Reads files, and all files in folders, in the order of their names; skips hidden ones in folders.
///
/// # Errors
/// Returns an error if there are no files, or if one cannot be read or is not UTF-8.
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
    // Triggers deliver UTF-8 only, and a replaced character must not become part of a name.
    let text = String::from_utf8(text)
        .map_err(|_| CannotRun(format!("{}: the file is not UTF-8", path.display())))?;
    let invocation = invocation(text).map_err(CannotRun::because)?;
    Ok(EventFile {
        name: path.display().to_string(),
        invocation,
    })
}

// Lambda takes JSON only; any other text can reach the function only as the body of an SQS message.
fn invocation(text: String) -> serde_json::Result<Box<RawValue>> {
    if let Ok(json) = serde_json::from_str::<Box<RawValue>>(&text) {
        return Ok(json);
    }
    to_raw_value(&serde_json::json!({"Records": [{
        "messageId": uuid::Uuid::new_v4().to_string(),
        "body": text,
        "eventSource": "aws:sqs",
    }]}))
}
