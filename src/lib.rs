//! HR join events -> Amazon Connect users: the map of this crate, its modules in reading order.
//!
//! A join goes one way: [`provision`] tells it in ten lines. [`intake`] takes an invocation apart into deliveries,
//! [`source`] reads each into a [`joiner`], [`plan`] applies the configured [`policy`], [`resolve`] turns names into
//! the ids of a [`directory`], [`request`] proves that Connect's rules hold; up to here nothing is called. [`password`]
//! and [`connect`] call AWS, and a join that is dated ahead may wait in a [`schedule`]. [`settlement`] settles everybody in a
//! message with an [`outcome`] or a [`dead_letter`], decides by [`give_up`] how long it is tried, and puts a long message
//! into parts ([`split`]); [`stops`] holds what would fail others too. [`handler`] answers for the invocation: logs,
//! [`metrics`], and messages handed back ([`redelivery`]).
//!
//! Invariants:
//! 1. Every event ends in exactly one place: a user, a dead letter with its reason, or a recorded skip. The
//!    dead-letter queue is written before the message is acknowledged.
//! 2. A password is in memory only.
//! 3. Bad input fails for itself alone, with a reason that names the field and the rule.
//!
//! [`failure`] holds the error model: adapters report, one place judges.

pub mod handler;
pub mod provision;
pub mod settlement;

pub mod intake;
pub mod items;
pub mod json;
mod people;
pub mod person_key;

pub mod joiner;
pub mod source;
pub mod start_date;

pub mod assignment;
pub mod claims;
pub mod config;
mod csv_lines;
mod display_name;
pub mod expressions;
mod filters;
pub mod lookup;
pub mod person_name;
pub mod plan;
pub mod policy;
pub mod template;
pub mod username;

pub mod directory;
pub mod permitted;
pub mod resolve;

pub mod create_user_input;
pub mod request;
pub mod rules;

pub mod aws;
pub mod connect;
pub mod password;
pub mod rate_limit;
pub mod schedule;

mod age;
mod carried;
mod circuit_breaker;
pub mod dead_letter;
pub mod deadline;
pub mod failure;
pub mod give_up;
pub mod logging;
pub mod metrics;
mod ordered;
pub mod outcome;
pub mod queue;
pub mod redelivery;
mod sabotage;
pub mod split;
pub mod stops;

/// The operator's command line; the function is built without it.
#[cfg(feature = "operator")]
pub mod cli;
