//! HR join events -> Amazon Connect users: the map of this crate, its modules in the order in which a join passes through.
//!
//! [`provision`] tells the story of one join in ten lines: read it first.
//!
//! These invariants always hold:
//! 1. Every event ends in exactly one place: a user, a dead letter with its reason, or a recorded skip. The
//!    dead-letter queue is written before the message is acknowledged.
//! 2. A password is in memory only.
//! 3. Bad input fails for itself alone, with a reason that names the field and the rule.

// One invocation: the handler, settlement of messages, dead letters, redelivery, the circuit breaker, logs and metrics.
pub mod invocation;

// Invocation bytes -> deliveries, one for each person: envelopes, JSON, XML and forms, and places of people in a message.
pub mod intake;

// A payload -> a joiner, a ready request, or a skip; and the key of its person.
pub mod source;

// Conditions, templates, filters and tables of texts: the language of the configuration.
pub mod expressions;

// The configuration file, compiled, and the plan that it gives a joiner: assignments, usernames, permissions.
pub mod policy;

// A plan -> a proven CreateUser request in the ids of an instance.
pub mod request;

// One join from a payload to a user.
pub mod provision;

// Amazon Connect: look-ups, creation, reconciliation, claims of usernames, and the rate limit.
pub mod connect;

// Joins that wait for their date in EventBridge Scheduler.
pub mod schedule;

// The AWS clients, queues' names, and initial passwords from Secrets Manager.
pub mod aws;

// The function's environment variables.
pub mod deployment;

// The error model: adapters report, and one place judges.
pub mod failure;

mod ordered;
mod sabotage;
