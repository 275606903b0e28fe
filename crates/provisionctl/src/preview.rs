//! A message -> the result that each person in it would have now.

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

/// Plans messages against the live instance, or against a stand-in with the resources named in the configuration.
pub(super) struct Previews {
    provisioner: Provisioner,
    /// Kept until the end: dropping it stops the stand-in.
    _local: Option<Local>,
    live: bool,
}

impl Previews {
    /// Plans against the live instance.
    ///
    /// # Errors
    /// Returns every error in the configuration.
    pub(super) fn live(config: &ConfigFile, clients: &Clients) -> Result<Self, CannotRun> {
        Ok(Self {
            provisioner: Provisioner::new(config.load()?, clients),
            _local: None,
            live: true,
        })
    }

    /// Plans with the configuration only.
    ///
    /// # Errors
    /// Returns every error in the configuration, or an error if the stand-in cannot start.
    pub(super) async fn offline(config: &ConfigFile) -> Result<Self, CannotRun> {
        let policy = config.load()?;
        let local = Local::start(seed_for(&policy)).await?;
        Ok(Self {
            provisioner: Provisioner::new(policy, &local.clients),
            _local: Some(local),
            live: false,
        })
    }

    /// Previews the people in a message that the function would create users for.
    pub(super) async fn for_message(&self, message: &Message) -> Vec<PersonPreview> {
        let mut previews = Vec::new();
        for (_, parcel) in people_of(message, self.provisioner.sources()) {
            let key = self.provisioner.sources().key_of(&parcel).to_string();
            let preview = self.person_preview(parcel).await;
            previews.push(PersonPreview { key, ..preview });
        }
        previews
    }

    /// Returns the configured sources of events.
    pub(super) fn sources(&self) -> &Sources {
        self.provisioner.sources()
    }

    async fn person_preview(&self, parcel: Parcel) -> PersonPreview {
        match self.preview(parcel).await {
            Ok(Preview::WouldCreate) if self.live => PersonPreview::accepted("would create"),
            Ok(Preview::WouldCreate) => {
                PersonPreview::accepted("would create, by the configuration alone")
            }
            Ok(Preview::WouldWait { until }) => {
                PersonPreview::accepted(format!("would wait until {}", schedule::moment(until)))
            }
            Ok(Preview::WouldAdopt) => PersonPreview::accepted("would adopt a user made by hand"),
            Ok(Preview::AlreadyExists) => PersonPreview::accepted("already exists"),
            Ok(Preview::Skip(why)) => PersonPreview::accepted(format!("skip: {why}")),
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

/// Result that one person would have.
pub(super) struct PersonPreview {
    /// Key of the person.
    pub(super) key: String,
    pub(super) text: String,
    /// Code of the reason if the person would be refused.
    pub(super) reason: Option<String>,
}

impl PersonPreview {
    /// Returns whether the person would be refused.
    pub(super) fn is_refused(&self) -> bool {
        self.reason.is_some()
    }

    fn accepted(text: impl Into<String>) -> Self {
        Self {
            key: String::new(),
            text: text.into(),
            reason: None,
        }
    }
}
