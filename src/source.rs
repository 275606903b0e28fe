//! A payload -> a joiner in HR's words, a ready CreateUser request, or the reason why it is no join.

mod create_user;
mod fields;
mod hr_join;
mod password_refusal;

use crate::create_user_input::CreateUserInput;
use crate::failure::{Failure, FieldName, Reason};
use crate::intake::{Content, Delivery, Parcel};
use crate::joiner::Joiner;
use crate::person_key::PersonKey;

pub use password_refusal::without_passwords;

/// What a payload says.
pub enum Reading {
    /// Somebody joins; the configuration decides what Connect shall have.
    Joiner(Box<Joiner>),
    /// The producer has decided that already.
    Request(Box<CreateUserInput>),
    /// An event about something else, recorded and left alone.
    NoJoin(&'static str),
}

/// Reads a payload with the source that recognises it.
///
/// # Errors
/// `unknown_shape`, `unsupported_version`, or what the source says of a field; a password in an event is refused.
pub fn read(delivery: &Delivery) -> Result<Reading, Failure> {
    password_refusal::refuse(&delivery.payload)?;
    match Source::of(delivery)? {
        Source::HrJoin => hr_join::read(&delivery.payload),
        Source::CreateUser => create_user::read(&delivery.payload),
    }
}

/// The key of the person in a parcel: the producer's own, else the event's, else the payload's.
#[must_use]
pub fn key_of(parcel: &Parcel) -> PersonKey {
    let key = match &parcel.content {
        Ok(Content::Delivery(delivery)) => producers_key(delivery),
        Ok(Content::NoJoin(_)) | Err(_) => None,
    };
    key.unwrap_or_else(|| parcel.fallback_key.clone())
}

fn producers_key(delivery: &Delivery) -> Option<PersonKey> {
    match Source::of(delivery).ok()? {
        Source::HrJoin => hr_join::person_key(&delivery.payload),
        Source::CreateUser => create_user::person_key(&delivery.payload),
    }
}

enum Source {
    HrJoin,
    CreateUser,
}

impl Source {
    fn of(delivery: &Delivery) -> Result<Self, Failure> {
        match delivery
            .payload
            .get("specversion")
            .and_then(|version| version.as_str())
        {
            Some(hr_join::VERSION) => Ok(Self::HrJoin),
            Some(create_user::VERSION) => Ok(Self::CreateUser),
            Some(_) => Err(unsupported_version()),
            None if create_user::recognises(&delivery.payload) => Ok(Self::CreateUser),
            None => Err(unknown_shape()),
        }
    }
}

fn unsupported_version() -> Failure {
    Failure::new(
        Reason::UnsupportedVersion,
        format!(
            "specversion names no version that is supported; send \"{}\" or \"{}\"",
            hr_join::VERSION,
            create_user::VERSION
        ),
    )
}

fn unknown_shape() -> Failure {
    Failure::new(
        Reason::UnknownShape,
        format!(
            "no source recognises the event; send specversion \"{}\", or the members of CreateUser \
             (Username, RoutingProfileId, SecurityProfileIds)",
            hr_join::VERSION
        ),
    )
}

fn not_an_object(path: &str) -> Failure {
    Failure::invalid(FieldName::of(path), "a JSON object")
}
