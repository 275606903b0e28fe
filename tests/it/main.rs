//! The integration tests, in one binary because linking the SDK takes its time.

mod agreement;
mod cli;
mod events;
mod faults;
mod function;
mod runtime_api;
