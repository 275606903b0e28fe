//! A message -> what would happen to everybody in it now.

use connect_provisioner::aws::Clients;
use connect_provisioner::failure::Failure;
use connect_provisioner::intake::people::people_of;
use connect_provisioner::intake::{Content, Message, Parcel};
use connect_provisioner::provision::{Preview, Provisioner};
use connect_provisioner::schedule;
use connect_provisioner::source::Sources;

use crate::config_file::ConfigFile;
use crate::ending::CannotRun;
use crate::local::{Local, seed_for};

/// Plans messages by the configuration: against the live instance, or one that has all that the configuration names.
pub(super) struct Previews {
    provisioner: Provisioner,
    /// Held to the end: it stops when it is dropped.
    _local: Option<Local>,
    live: bool,
}

impl Previews {
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

    /// Previews everybody in a message whom the function would try.
    pub(super) async fn for_message(&self, message: &Message) -> Vec<PersonPreview> {
        let mut previews = Vec::new();
        for (_, parcel) in people_of(message, self.provisioner.sources()) {
            let key = self.provisioner.sources().key_of(&parcel).to_string();
            let preview = self.told(parcel).await;
            previews.push(PersonPreview { key, ..preview });
        }
        previews
    }

    /// Returns the sources of events.
    pub(super) fn sources(&self) -> &Sources {
        self.provisioner.sources()
    }

    async fn told(&self, parcel: Parcel) -> PersonPreview {
        match self.preview(parcel).await {
            Ok(Preview::WouldCreate) if self.live => PersonPreview::good("would create"),
            Ok(Preview::WouldCreate) => {
                PersonPreview::good("would create, by the configuration alone")
            }
            Ok(Preview::WouldWait { until }) => {
                PersonPreview::good(format!("would wait until {}", schedule::moment(until)))
            }
            Ok(Preview::WouldAdopt) => PersonPreview::good("would adopt a user made by hand"),
            Ok(Preview::AlreadyExists) => PersonPreview::good("already exists"),
            Ok(Preview::Skip(why)) => PersonPreview::good(format!("skip: {why}")),
            Err(failure) => PersonPreview {
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

    async fn preview(&self, parcel: Parcel) -> Result<Preview, Failure> {
        let person = self.provisioner.sources().key_of(&parcel);
        match parcel.content? {
            Content::NoJoin(why) => Ok(Preview::Skip(why.into_owned())),
            Content::Delivery(delivery) => self.provisioner.preview(&delivery, &person).await,
        }
    }
}

/// Forecast for one person.
pub(super) struct PersonPreview {
    /// The person's key.
    pub(super) key: String,
    pub(super) text: String,
    /// The code of the reason where there would be no user.
    pub(super) reason: Option<String>,
}

impl PersonPreview {
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
