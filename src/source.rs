//! A payload -> a joiner in HR's words, a ready CreateUser request, or the reason why it is no join.

pub mod field;
pub mod joiner;
pub mod person_key;
pub mod start_date;

mod checks;
mod configured;
mod create_user;
mod fields;
mod hr_join;
mod hr_join_schema;
mod password_refusal;
mod reading;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::failure::{Failure, Reason};
use crate::intake::{self, Content, Delivery, Parcel, Recognised};
use crate::source::field::Field;
use crate::source::person_key::{LazyKey, PersonKey};

pub use configured::{Configured, Fields as SourceFields, Reads};
pub use hr_join_schema::schema as event_schema;
pub use password_refusal::means_password;
pub use password_refusal::without_passwords;
pub use reading::Reading;

/// All that a deployment reads: this program's own events, and what its configuration describes.
#[derive(Clone, Default)]
pub struct Sources(Arc<[Configured]>);

impl Sources {
    /// The sources of a configuration; the first that recognises an event reads it.
    #[must_use]
    pub fn new(configured: Vec<Configured>) -> Self {
        Self(configured.into())
    }

    /// Opens a message's body: at least one parcel comes back, more where it is about several people.
    #[must_use]
    pub fn open(&self, body: &str) -> Vec<Parcel> {
        let parcels = intake::open(body).into_iter();
        let people = parcels.flat_map(|parcel| match &parcel.content {
            Err(failure) if *failure.reason() == Reason::NotJson => {
                vec![self.recognised_by_its_text(parcel, body)]
            }
            _ => self.people_in(parcel),
        });
        let people: Vec<Parcel> = people.take(intake::MOST_PEOPLE + 1).collect();
        if people.len() > intake::MOST_PEOPLE {
            return vec![intake::too_many_people(body)];
        }
        people
    }

    /// Returns a note for the operator where several sources give employee ids without a `key_namespace`.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let shares = |source: &&Configured| {
            let reads = matches!(&source.then, configured::Reads::People { fields, .. } if fields.get(Field::EmployeeId).is_some());
            reads && source.key_namespace.is_none()
        };
        let mut names: Vec<&str> = Vec::new();
        for source in self.0.iter().filter(shares) {
            if !names.contains(&source.entry.as_str()) {
                names.push(&source.entry);
            }
        }
        (names.len() > 1).then(|| {
            format!(
                "note: sources {} have no key_namespace, so equal employee ids of theirs are one person",
                names.join(", ")
            )
        })
    }

    /// The key of the person in a parcel: the producer's own, else the event's, else the payload's.
    #[must_use]
    pub fn key_of(&self, parcel: &Parcel) -> PersonKey {
        let key = match &parcel.content {
            Ok(Content::Delivery(delivery)) => self.producers_key(delivery),
            Ok(Content::NoJoin(_)) | Err(_) => None,
        };
        key.unwrap_or_else(|| parcel.fallback_key.get().clone())
    }

    /// Reads a payload with the source that recognises it.
    ///
    /// # Errors
    /// `unknown_shape`, `unsupported_version`, or what the source says of a field; a password in an event is refused.
    pub fn read(&self, delivery: &Delivery) -> Result<Reading, Failure> {
        password_refusal::refuse(&delivery.payload)?;
        match self.source_of(delivery)? {
            Source::HrJoin => hr_join::read(&delivery.payload),
            Source::CreateUser => create_user::read(&delivery.payload),
            Source::Configured(source, recognised) => source.read(&recognised.seen),
        }
    }

    /// The name of the source that reads a delivery.
    ///
    /// # Errors
    /// `unknown_shape` or `unsupported_version`.
    pub fn name_of<'a>(&'a self, delivery: &'a Delivery) -> Result<&'a str, Failure> {
        Ok(match self.source_of(delivery)? {
            Source::HrJoin => hr_join::VERSION,
            Source::CreateUser => create_user::VERSION,
            Source::Configured(source, _) => &source.name,
        })
    }

    /// Tells whether an event that makes no user also ends the wait for an earlier join of the person: a join that is
    /// skipped, or a withdrawal.
    ///
    /// # Errors
    /// Returns that a withdrawal does not say who it is about.
    pub fn ends_the_wait(&self, delivery: &Delivery) -> Result<bool, Failure> {
        match self.source_of(delivery)? {
            Source::HrJoin => hr_join::ends_the_wait(&delivery.payload),
            // A ready request is never skipped.
            Source::CreateUser => Ok(false),
            Source::Configured(source, recognised) => source.ends_the_wait(&recognised.seen),
        }
    }

    /// The text in which an event itself says when it happened, where its format has a member for that.
    #[must_use]
    pub fn occurred_at<'a>(&self, delivery: &'a Delivery) -> Option<&'a str> {
        match self.source_of(delivery).ok()? {
            Source::HrJoin => delivery.payload.get(hr_join::OCCURRED_AT)?.as_str(),
            Source::CreateUser | Source::Configured(..) => None,
        }
    }

    fn producers_key(&self, delivery: &Delivery) -> Option<PersonKey> {
        match self.source_of(delivery).ok()? {
            Source::HrJoin => hr_join::person_key(&delivery.payload),
            Source::CreateUser => create_user::person_key(&delivery.payload),
            Source::Configured(source, recognised) => {
                source.person_key(&recognised.seen, recognised.item)
            }
        }
    }

    fn source_of<'a>(&'a self, delivery: &'a Delivery) -> Result<Source<'a>, Failure> {
        if let Some(recognised) = &delivery.recognised
            && let Some(source) = self.0.get(recognised.source)
        {
            return Ok(Source::Configured(source, recognised));
        }
        match version_of(&delivery.payload) {
            Some(hr_join::VERSION) => Ok(Source::HrJoin),
            Some(create_user::VERSION) => Ok(Source::CreateUser),
            Some(_) => Err(unsupported_version()),
            None if create_user::recognises(&delivery.payload) => Ok(Source::CreateUser),
            None => Err(unknown_shape()),
        }
    }

    // A text that is no JSON has no fields to read, but a source may know it, and say what to do.
    fn recognised_by_its_text(&self, parcel: Parcel, body: &str) -> Parcel {
        let seen = configured::seen_of_text(body);
        let source = self.0.iter().find(|source| source.when.holds(&seen));
        let source = source.filter(|source| source.needs_no_field());
        let content = match source.map(|source| source.read(&seen)) {
            Some(Err(failure)) => Err(failure),
            Some(Ok(Reading::NoJoin(why))) => Ok(Content::NoJoin(why)),
            Some(Ok(Reading::Joiner(_) | Reading::Request(_))) | None => parcel.content,
        };
        Parcel { content, ..parcel }
    }

    // Each person of a payload in a parcel of their own, where a configured source recognises it.
    fn people_in(&self, parcel: Parcel) -> Vec<Parcel> {
        let Ok(Content::Delivery(delivery)) = &parcel.content else {
            return vec![parcel];
        };
        let own = [hr_join::VERSION, create_user::VERSION];
        if self.0.is_empty()
            || version_of(&delivery.payload).is_some_and(|version| own.contains(&version))
        {
            return vec![parcel];
        }
        let seen = configured::seen(delivery);
        let Some((place, source)) = self
            .0
            .iter()
            .enumerate()
            .find(|(_, source)| source.when.holds(&seen))
        else {
            return vec![parcel];
        };
        let as_read = |seen, item| Parcel {
            content: Ok(Content::Delivery(Delivery {
                recognised: Some(Recognised {
                    source: place,
                    seen,
                    item,
                }),
                ..delivery.clone()
            })),
            place: parcel.place.clone(),
            fallback_key: match item {
                Some(item) => {
                    let of_all = parcel.fallback_key.clone();
                    LazyKey::new(move || of_all.get().of_one(item))
                }
                None => parcel.fallback_key.clone(),
            },
            count: 1,
        };
        match source.items(&seen) {
            Ok(None) => vec![as_read(seen, None)],
            Ok(Some(people)) => {
                let several = people.len() > 1;
                let people = people.into_iter().enumerate();
                let people = people.take(intake::MOST_PEOPLE + 1);
                people
                    .map(|(item, seen)| as_read(seen, several.then_some(item)))
                    .collect()
            }
            Err(failure) => vec![Parcel {
                content: Err(failure),
                ..parcel
            }],
        }
    }
}

enum Source<'a> {
    HrJoin,
    CreateUser,
    Configured(&'a Configured, &'a Recognised),
}

fn version_of(payload: &Map<String, Value>) -> Option<&str> {
    payload.get("specversion").and_then(Value::as_str)
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
             (Username, RoutingProfileId, SecurityProfileIds), or add a [[source]] to provisioner.toml",
            hr_join::VERSION
        ),
    )
}
