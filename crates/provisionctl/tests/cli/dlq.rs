//! `provisionctl dlq`: list, show, dry run, replay, export, import and drop, through the built binary.

mod desk;
mod looking;
mod refused;
mod replays;
mod several;
