//! The integration tests, in one binary because linking the SDK takes its time.

mod agreement;
mod claims;
mod cut;
mod faults;
mod function;
mod fuzz;
mod groups;
mod instances;
mod interleavings;
mod matrix;
mod names;
mod optional_fields;
mod permitted;
mod redelivery;
mod reports;
mod schedule;
mod scripts;
mod search;
mod soak;
mod sources;
mod split;
mod taken;
mod username_case;
mod vendors;
mod warm_up;
mod wishes;
