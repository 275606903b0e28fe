//! The integration tests, in one binary because linking the SDK takes its time.

mod agreement;
mod check_live;
mod cli;
mod dlq;
mod event_source;
mod events;
mod faults;
mod function;
mod fuzz;
mod iam_policy;
mod instances;
mod matrix;
mod names;
mod redelivery;
mod runtime_api;
mod schedule;
mod schema;
mod search;
mod send;
mod send_csv;
mod sources;
mod taken;
mod tls;
mod vendors;
mod warm_up;
mod watch;
