//! The table of reason families: each code, with the class of its failures, its meaning, and the way out.

/// Decision that a family leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyClass {
    /// A dead letter at once.
    Permanent,
    /// A batch item failure: the queue delivers the message again.
    Transient,
    /// A batch item failure; in this invocation, people who would fail for the same cause are not tried.
    Systemic,
    /// Transient or systemic, by AWS's error code and the operation that answered it.
    ByAwsCode,
    /// Systemic for a secret that everybody shares; permanent for a secret of one person, or transient where it may still be created.
    BySecret,
}

/// Where a person fixes the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// In the event: its producer sends another, or the replay sets a field.
    EventField,
    /// In the event: its producer sends another, and the dead letter is dropped.
    EventAgain,
    /// In `provisioner.toml`, deployed again.
    Configuration,
    /// In Secrets Manager, or in `[password]`.
    Secret,
    /// In Amazon Connect.
    Connect,
    /// In the account: permissions, quotas, the queue.
    Account,
    /// Nothing: it passes.
    Wait,
}

macro_rules! families {
    ($($family:ident = $code:literal, $class:ident, $remedy:ident, $meaning:literal, $action:literal;)*) => {
        /// Family of reasons: a reason without its detail, which follows a colon in its code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Family {
            $(#[doc = $meaning] $family,)*
        }

        impl Family {
            /// All families, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$family,)*];

            /// Returns the code: few enough values to be a metric's dimension.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$family => $code,)* }
            }

            /// Returns the decision that the family leads to.
            #[must_use]
            pub fn class(self) -> FamilyClass {
                match self { $(Self::$family => FamilyClass::$class,)* }
            }

            /// Returns where a person fixes the cause.
            #[must_use]
            pub fn remedy(self) -> Remedy {
                match self { $(Self::$family => Remedy::$remedy,)* }
            }

            /// Returns a sentence about the meaning, in Markdown, without a capital and a full stop.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$family => $meaning,)* }
            }

            /// Returns the next step of the person on call, in Markdown, without a capital and a full stop.
            #[must_use]
            pub fn action(self) -> &'static str {
                match self { $(Self::$family => $action,)* }
            }
        }
    };
}

families! {
    NotJson = "not_json", Permanent, EventAgain,
        "the event is not JSON, or it is nested deeper than 127 levels",
        "have JSON sent, then `dlq drop`";
    NotUtf8 = "not_utf8", Permanent, EventAgain,
        "the `data_base64` of a CloudEvents envelope is not base64 of UTF-8 text",
        "have UTF-8 sent, then `dlq drop`";
    UnknownShape = "unknown_shape", Permanent, EventAgain,
        "no source recognises the event, or the message holds none",
        "send a shape of [Events](events.md), or add a [source](sources.md)";
    UnsupportedVersion = "unsupported_version", Permanent, EventAgain,
        "`specversion` names an unknown version of `hr.join` or CloudEvents",
        "have a supported version sent, then `dlq drop`";
    UnreplayableRecord = "unreplayable_record", Permanent, EventAgain,
        "the text of the record cannot be decoded; the body is the record as Lambda delivered it",
        "have the event sent again, then `dlq drop`";
    TooLarge = "too_large", Permanent, EventAgain,
        "the message lists too many people, and cannot be split ([limits](events.md#messages-of-many-people))",
        "have fewer people sent in a message, then `dlq drop`";
    InsufficientData = "insufficient_data", Permanent, EventAgain,
        "the event names nobody, carries only an id (`reject` of a source), or lacks a field of `[password] secret_id`",
        "have complete events sent, for example [through a Pipe](sources.md)";
    MissingField = "missing_field", Permanent, EventField,
        "a required field is absent, null, empty or blank; the detail is its name",
        "have it sent, or `dlq replay ID --set PATH=VALUE`";
    InvalidField = "invalid_field", Permanent, EventField,
        "a field breaks a rule, which the explanation names; the detail is its name, or `duplicate_key` where one JSON object has a key twice",
        "have it corrected, or `dlq replay ID --set PATH=VALUE`";
    UsernameNotDerivable = "username_not_derivable", Permanent, Configuration,
        "no username template gives a letter or digit",
        "add a template with other fields to `[user] username`";
    UsernameInvalid = "username_invalid", Permanent, Configuration,
        "every username is too long or a broken e-mail address",
        "add a shorter template, or correct `Username` in the event";
    NoAssignment = "no_assignment", Permanent, Configuration,
        "no assignment fits the person",
        "add one to `provisioner.toml`; `provisionctl explain` shows what each condition saw";
    UnknownProfile = "unknown_profile", Permanent, Configuration,
        "the instance has no such routing profile, security profile or hierarchy group",
        "create it in Connect, or correct the name";
    NotPermitted = "not_permitted", Permanent, Configuration,
        "`[limits]` forbids the security profile, or `[direct_requests]` does not list the instance or profile of the event",
        "correct the event, the assignment or the section";
    UsernameTaken = "username_taken", Permanent, Connect,
        "the username belongs to another person",
        "rename that user, set `username_when_taken`, or send a CreateUser request with another `Username`";
    UsernameExistsUnmanaged = "username_exists_unmanaged", Permanent, Connect,
        "a user with this username was created by hand",
        "set `unmanaged_user = \"adopt\"`, rename or delete the user, or `dlq drop`";
    ConflictingReplay = "conflicting_replay", Permanent, Connect,
        "the person has a user that was created from other data",
        "change the user in Connect and `dlq drop`, delete it and replay, or set `changed_request = \"keep\"`";
    ConnectRejected = "connect_rejected", Permanent, EventAgain,
        "CreateUser answered `InvalidRequestException` or `InvalidParameterException`",
        "read the rule in the explanation (`…` stands for values), compare `provisionctl plan --live` with the instance, and name the AWS call of `dlq show` to AWS Support";
    Unschedulable = "unschedulable", Permanent, EventAgain,
        "the join cannot wait for its date: with its attributes it is over 256 KB, or it holds a password ([Scheduled joins](scheduled-joins.md))",
        "have it sent smaller or without the password, then `dlq drop`";
    ReplayExhausted = "replay_exhausted", Permanent, EventAgain,
        "the dead letter was replayed `most_replays` times and failed each time",
        "fix the cause, then `dlq replay ID --anyway`";
    AttemptsExhausted = "attempts_exhausted", Permanent, Wait,
        "the failure lasted too long; the detail is its code",
        "end the cause, then replay";
    SecretMissing = "secret_missing", BySecret, Secret,
        "the secret does not exist",
        "create it, or correct `[password] secret_id`";
    SecretPendingDeletion = "secret_pending_deletion", BySecret, Secret,
        "the secret is marked for deletion",
        "restore it, or name another";
    SecretAccessDenied = "secret_access_denied", BySecret, Secret,
        "the role may not read the secret",
        "give the role the statements that `provisionctl iam-policy` prints";
    SecretUndecryptable = "secret_undecryptable", BySecret, Secret,
        "the key of the secret is not usable",
        "give the role `kms:Decrypt` on the key, or enable the key";
    SecretBinary = "secret_binary", BySecret, Secret,
        "the secret is binary",
        "store it as text";
    SecretNotJson = "secret_not_json", BySecret, Secret,
        "`json_key` is configured and the secret is not a JSON object",
        "store a JSON object, or remove `json_key`";
    SecretJsonWithoutKey = "secret_json_without_key", BySecret, Secret,
        "the secret is a JSON object or array and no `json_key` is configured",
        "set `[password] json_key`";
    SecretKeyAbsent = "secret_key_absent", BySecret, Secret,
        "the secret has no text under `json_key`",
        "correct the secret, or `json_key`";
    SecretEmpty = "secret_empty", BySecret, Secret,
        "the secret holds no password",
        "store one";
    SecretInvisible = "secret_invisible_character", BySecret, Secret,
        "the password holds a character that nobody sees or can type",
        "store it without";
    SecretPadded = "secret_padded", BySecret, Secret,
        "the password begins or ends with white space",
        "store it without";
    SecretQuoted = "secret_quoted", BySecret, Secret,
        "the password stands in quotation marks",
        "store it without";
    SecretBreaksPolicy = "secret_breaks_policy", BySecret, Secret,
        "the password breaks the rules of Amazon Connect: 8 to 64 characters, with an upper-case letter, a lower-case letter and a digit",
        "store one that keeps them";
    Aws = "aws", ByAwsCode, Account,
        "an AWS call failed; the detail is AWS's error code, such as `ThrottlingException`, `Timeout` or `AccessDeniedException`",
        "for throttling and time-outs none, they pass; otherwise check the role (`provisionctl iam-policy`), the instance and its quota of users";
    NotVisibleYet = "not_visible_yet", Transient, Wait,
        "Connect says that the username exists, and does not show the user yet; or the person's schedule changed during the call",
        "none, it passes";
    ClaimHeld = "claim_held", Transient, Wait,
        "another attempt for this person changes the claim at this moment",
        "none, it passes";
    DeadLetterRefused = "dead_letter_refused", Transient, Account,
        "the dead-letter queue did not take the dead letter",
        "check the queue and the role's permission for it: `provisionctl check --live`";
    OutOfTime = "out_of_time", Transient, Wait,
        "the invocation had too little time left to start this person",
        "none, it passes; where it is frequent, raise the function's time-out or lower the batch size";
    OutOfTurn = "out_of_turn", Transient, Wait,
        "an earlier message of the same FIFO group comes back first",
        "none, it passes";
    TookTooLong = "took_too_long", Transient, Wait,
        "AWS did not answer in the time that one person may take",
        "none, it passes";
    Internal = "internal", Transient, Account,
        "the function itself failed on this person; the log names the place",
        "report it, with the log line";
    SameRefusal = "same_refusal", Systemic, Configuration,
        "`circuit_breaker_after` people were refused for one cause, so the configuration or the instance is at fault; the detail is their code",
        "fix the cause; the messages are on the queue and are tried again";
    Stopped = "stopped", Systemic, Account,
        "not tried, since an earlier failure would fail this person too; the detail is its code",
        "fix that failure; the messages are on the queue and are tried again";
    ForbiddenProfileUnknown = "forbidden_profile_unknown", Systemic, Configuration,
        "the instance has no security profile of a name in `[limits] forbidden_security_profiles`",
        "correct the name, or create the profile";
    TooManyUsers = "too_many_users", Systemic, Configuration,
        "`[limits] users_per_hour` is used up",
        "none where so many joins are meant, they wait for the next hour; otherwise `provisionctl pause`";
}

impl Family {
    /// Returns the family of a code, with or without its detail; `None` where no reason has it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let family = code.split_once(':').map_or(code, |(family, _)| family);
        let mut all = Self::ALL.iter().copied();
        all.find(|one| one.code() == family)
    }

    /// Tells whether a dead letter can have the family as its reason.
    #[must_use]
    pub fn is_in_dead_letters(self) -> bool {
        matches!(self.class(), FamilyClass::Permanent | FamilyClass::BySecret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_names_one_family() {
        for family in Family::ALL {
            assert_eq!(Family::from_code(family.code()), Some(*family));
            let detailed = format!("{}:worker.email", family.code());
            assert_eq!(Family::from_code(&detailed), Some(*family));
        }
        assert_eq!(Family::from_code("not_jso"), None);
    }
}
