//! One invocation of the function -> its answer: messages settled one after the other, logged, counted, or left for redelivery.

pub mod attributes;
pub(crate) mod carried;
pub(crate) mod circuit_breaker;
pub mod dead_letter;
pub mod deadline;
pub mod give_up;
pub mod handler;
pub mod invoked;
pub mod logging;
pub mod metrics;
pub mod outcome;
pub mod redelivery;
pub mod settlement;
pub mod split;
pub mod stops;
