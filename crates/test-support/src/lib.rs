//! Shared by the tests of the function and of `provisionctl`.
//!
//! A test builds a [`scene::Setting`], starts a [`scene::Scene`] from it (the function's own binary before a stand-in for AWS),
//! delivers events, and reads what each delivery changed.

// A helper panics where its test must fail.
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use
)]

// The function's binary behind a Lambda Runtime API.
pub mod function;

// The shipped configuration and samples, and functions that are started with them.
pub mod shipped;

// A scene: one function before one stand-in.
pub mod scene;

// Invariants that hold at the end of every scene.
pub mod judge;

// An SQS event source, which polls and acknowledges as Lambda does.
pub mod event_source;

// Faults of a service.
pub mod faults;

// Users that somebody else made.
pub mod by_hand;

// Joins dated ahead.
pub mod schedules;

// The JSON Schema of the configuration.
pub mod schema;

use std::path::Path;
use std::sync::LazyLock;

static ROOT: LazyLock<std::path::PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository")
});

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    &ROOT
}
