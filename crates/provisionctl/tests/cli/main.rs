//! Tests of the command line, in one binary as linking the SDK is slow.

mod check;
mod check_live;
mod dlq;
mod documentation;
mod events;
mod exit_codes;
mod iam_policy;
mod night;
mod operator;
mod pause;
mod reports;
mod schedule;
mod schema;
mod send;
mod send_csv;
mod source;
mod tls;
mod watch;
