//! A payload -> a joiner in HR's words, a ready CreateUser request, or the reason why it is no join.

pub mod delivery;
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

use crate::expressions::part::FalsePart;
use crate::failure::{Failure, Reason};
use crate::intake::{self, Beside, Content, Message, Parcel, Payload, Sqs};
use crate::source::person_key::{LazyKey, PersonKey};

pub(crate) use configured::value;
pub use configured::{About, Configured, Except, Fields as SourceFields, People, Reads};
use delivery::{Reader, Recognised};
pub use hr_join_schema::schema as event_schema;

pub use delivery::Delivery;
pub use password_refusal::means_password;
pub use password_refusal::without_passwords;
pub use reading::Reading;

/// All that a deployment reads: this program's own events, and what its configuration describes.
#[derive(Clone, Default)]
pub struct Sources(Arc<[Configured]>);

impl Sources {
    /// Returns the sources of a configuration: the first that recognises an event reads it, and those that catch all the rest
    /// are asked last.
    #[must_use]
    pub fn new(mut configured: Vec<Configured>) -> Self {
        // Stable, so that all else keeps its order.
        configured.sort_by_key(|source| source.is_catch_all);
        Self(configured.into())
    }

    /// Opens a message: at least one parcel comes back, more where it is about several people.
    #[must_use]
    pub fn open_message(&self, message: &Message) -> Vec<Parcel> {
        // Without a source of the configuration, nobody asks for the facts beside the body.
        let sqs = (!self.0.is_empty()).then(|| Arc::new(Sqs::of(message)));
        self.opened(&message.body, sqs.as_ref())
    }

    /// Opens a body that no queue has carried, as [`open_message`](Self::open_message) does.
    #[must_use]
    pub fn open(&self, body: &str) -> Vec<Parcel> {
        self.opened(body, None)
    }

    fn opened(&self, body: &str, sqs: Option<&Arc<Sqs>>) -> Vec<Parcel> {
        let parcels = intake::open(body).into_iter();
        let people = parcels.flat_map(|parcel| self.people_in(parcel, body, sqs));
        let people: Vec<Parcel> = people.take(intake::MOST_PEOPLE + 1).collect();
        if people.len() > intake::MOST_PEOPLE {
            return vec![intake::too_many_people(body)];
        }
        people
    }

    /// Lists the sources in the order in which they are asked.
    pub fn iter(&self) -> impl Iterator<Item = &Configured> {
        self.0.iter()
    }

    /// Lists the fields of their own that the sources give, each as `extra.NAME`.
    pub fn extra_fields(&self) -> impl Iterator<Item = &str> {
        let fields = self.0.iter().filter_map(|source| match &source.then {
            Reads::People(people) => Some(&people.fields),
            _ => None,
        });
        let extra = fields.flat_map(|fields| fields.extra.iter());
        extra.map(|(name, _)| name.as_str())
    }

    /// Returns a note for the operator where several sources give employee ids without a `key_namespace`.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let shares = |source: &&Configured| {
            let reads = matches!(source.then, Reads::People(_)) && source.employee_id().is_some();
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

    /// Tells of each source of the configuration why it does not recognise a payload: its name, and the part of its condition
    /// that is false.
    #[must_use]
    pub fn why_none(&self, delivery: &Delivery) -> Vec<(&str, FalsePart)> {
        let payload = Payload {
            object: Arc::clone(&delivery.payload),
            envelope: Arc::clone(&delivery.envelope),
            beside: delivery.beside.clone(),
        };
        let seen = configured::seen(&payload);
        let each = self.0.iter();
        each.map(|source| (source.name.as_str(), source.when.false_part(&seen)))
            .collect()
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
        match delivery.reader.as_ref().map_err(Failure::clone)? {
            Reader::HrJoin => Ok(Source::HrJoin),
            Reader::CreateUser => Ok(Source::CreateUser),
            Reader::Configured(recognised) => {
                let source = self.0.get(recognised.source).ok_or_else(unknown_shape)?;
                Ok(Source::Configured(source, recognised))
            }
        }
    }

    // A text that is no JSON has no fields to read, but a source may know it, and say what to do.
    fn recognised_by_its_text(&self, refusal: Failure, body: &str) -> Result<Content, Failure> {
        let seen = configured::seen_of_text(body);
        let source = self.0.iter().find(|source| source.when.holds(&seen));
        let source = source.filter(|source| source.needs_no_field());
        match source.map(|source| source.read(&seen)) {
            Some(Err(failure)) => Err(failure),
            Some(Ok(Reading::NoJoin(why))) => Ok(Content::NoJoin(why)),
            Some(Ok(Reading::Joiner(_) | Reading::Request(_))) | None => Err(refusal),
        }
    }

    // Each person of a payload in a parcel of their own, where a configured source recognises it.
    fn people_in(
        &self,
        parcel: Parcel<Payload>,
        body: &str,
        sqs: Option<&Arc<Sqs>>,
    ) -> Vec<Parcel> {
        let Parcel {
            content,
            place,
            fallback_key,
            count,
        } = parcel;
        let alone = |content, fallback_key| Parcel {
            content,
            place: place.clone(),
            fallback_key,
            count,
        };
        let payload = match content {
            Ok(Content::Delivery(payload)) => Payload {
                beside: Beside {
                    sqs: sqs.cloned(),
                    ..payload.beside
                },
                ..payload
            },
            Ok(Content::NoJoin(why)) => return vec![alone(Ok(Content::NoJoin(why)), fallback_key)],
            Err(failure) if *failure.reason() == Reason::NotJson => {
                return vec![alone(
                    self.recognised_by_its_text(failure, body),
                    fallback_key,
                )];
            }
            Err(failure) => return vec![alone(Err(failure), fallback_key)],
        };
        let delivery = |reader| {
            Ok(Content::Delivery(Delivery {
                payload: Arc::clone(&payload.object),
                envelope: Arc::clone(&payload.envelope),
                beside: payload.beside.clone(),
                reader,
            }))
        };
        let version = version_of(&payload.object);
        let is_own = version.is_some_and(|version| OWN_VERSIONS.contains(&version));
        let recognised = (!is_own && !self.0.is_empty()).then(|| self.recognised(&payload));
        let Some((place, source, seen)) = recognised.flatten() else {
            if !is_own && intake::lists_nobody(&payload.object) {
                let nobody = Ok(Content::NoJoin(intake::LISTS_NOBODY.into()));
                return vec![alone(nobody, fallback_key)];
            }
            return vec![alone(delivery(own_reader(&payload.object)), fallback_key)];
        };
        let read = |seen, item| {
            delivery(Ok(Reader::Configured(Recognised {
                source: place,
                seen,
                item,
            })))
        };
        match source.items(&seen) {
            Ok(None) => vec![alone(read(seen, None), fallback_key)],
            Ok(Some(people)) if people.is_empty() => {
                let nobody = Ok(Content::NoJoin(intake::LISTS_NOBODY.into()));
                vec![alone(nobody, fallback_key)]
            }
            Ok(Some(people)) => {
                let several = people.len() > 1;
                let people = people.into_iter().enumerate();
                let people = people.take(intake::MOST_PEOPLE + 1);
                people
                    .map(|(item, seen)| {
                        let item = several.then_some(item);
                        alone(read(seen, item), key_of_one(&fallback_key, item))
                    })
                    .collect()
            }
            Err(failure) => vec![alone(Err(failure), fallback_key)],
        }
    }

    // The first source whose condition holds, with its place and the variables of its expressions.
    fn recognised(&self, payload: &Payload) -> Option<(usize, &Configured, minijinja::Value)> {
        let seen = configured::seen(payload);
        let mut sources = self.0.iter().enumerate();
        let (place, source) = sources.find(|(_, source)| source.when.holds(&seen))?;
        Some((place, source, seen))
    }
}

enum Source<'a> {
    HrJoin,
    CreateUser,
    Configured(&'a Configured, &'a Recognised),
}

// No configured source is asked about these.
const OWN_VERSIONS: [&str; 2] = [hr_join::VERSION, create_user::VERSION];

fn own_reader(payload: &Map<String, Value>) -> Result<Reader, Failure> {
    match version_of(payload) {
        Some(hr_join::VERSION) => Ok(Reader::HrJoin),
        Some(create_user::VERSION) => Ok(Reader::CreateUser),
        Some(_) => Err(unsupported_version()),
        None if create_user::recognises(payload) => Ok(Reader::CreateUser),
        None => Err(unknown_shape()),
    }
}

fn key_of_one(key: &LazyKey, item: Option<usize>) -> LazyKey {
    let key = key.clone();
    match item {
        Some(item) => LazyKey::new(move || key.get().of_one(item)),
        None => key,
    }
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
