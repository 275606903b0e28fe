//! A message -> what would happen to everybody in it now.

use super::local::{Local, seed_for};
use super::{CannotRun, ConfigFile};
use crate::aws::Clients;
use crate::people::people_of;

use crate::failure::Failure;
use crate::intake::{Content, Message, Parcel};
use crate::provision::{Foreseen, Provisioner};
use crate::schedule;
use crate::source::Sources;

/// Plans messages by the configuration: against the live instance, or one that has all that the configuration names.
pub(super) struct Verdicts {
    provisioner: Provisioner,
    /// Held to the end: it stops when it is dropped.
    _local: Option<Local>,
    live: bool,
}

impl Verdicts {
    /// Against the live instance.
    pub(super) fn live(config: &ConfigFile, clients: &Clients) -> Result<Self, CannotRun> {
        Ok(Self {
            provisioner: Provisioner::new(config.load()?, clients),
            _local: None,
            live: true,
        })
    }

    /// Against the configuration alone.
    pub(super) async fn offline(config: &ConfigFile) -> Result<Self, CannotRun> {
        let policy = config.load()?;
        let local = Local::start(seed_for(&policy)).await?;
        Ok(Self {
            provisioner: Provisioner::new(policy, &local.clients),
            _local: Some(local),
            live: false,
        })
    }

    /// A line for everybody whom the function would try.
    pub(super) async fn of(&self, message: &Message) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for (_, parcel) in people_of(message, self.provisioner.sources()) {
            let key = self.provisioner.sources().key_of(&parcel).to_string();
            let verdict = self.verdict(parcel).await;
            verdicts.push(Verdict { key, ..verdict });
        }
        verdicts
    }

    /// Returns the sources of events.
    pub(super) fn sources(&self) -> &Sources {
        self.provisioner.sources()
    }

    async fn verdict(&self, parcel: Parcel) -> Verdict {
        match self.foreseen(parcel).await {
            Ok(Foreseen::WouldCreate) if self.live => Verdict::good("would create"),
            Ok(Foreseen::WouldCreate) => Verdict::good("would create, by the configuration alone"),
            Ok(Foreseen::WouldWait { until }) => {
                Verdict::good(format!("would wait until {}", schedule::moment(until)))
            }
            Ok(Foreseen::WouldAdopt) => Verdict::good("would adopt a user made by hand"),
            Ok(Foreseen::AlreadyExists) => Verdict::good("already exists"),
            Ok(Foreseen::Skip(why)) => Verdict::good(format!("skip: {why}")),
            Err(failure) => Verdict {
                text: format!(
                    "still refused: {}: {}",
                    failure.reason().code(),
                    failure.explanation()
                ),
                key: String::new(),
                reason: Some(failure.reason().code()),
            },
        }
    }

    async fn foreseen(&self, parcel: Parcel) -> Result<Foreseen, Failure> {
        let person = self.provisioner.sources().key_of(&parcel);
        match parcel.content? {
            Content::NoJoin(why) => Ok(Foreseen::Skip(why.into_owned())),
            Content::Delivery(delivery) => self.provisioner.foresee(&delivery, &person).await,
        }
    }
}

/// Forecast for one person.
pub(super) struct Verdict {
    /// The person's key.
    pub(super) key: String,
    pub(super) text: String,
    /// The code of the reason where there would be no user.
    pub(super) reason: Option<String>,
}

impl Verdict {
    pub(super) fn is_refused(&self) -> bool {
        self.reason.is_some()
    }

    fn good(text: impl Into<String>) -> Self {
        Self {
            key: String::new(),
            text: text.into(),
            reason: None,
        }
    }
}
