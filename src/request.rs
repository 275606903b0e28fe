//! A resolved user -> a CreateUser request that breaks none of the rules that can be checked without Connect.
//!
//! Rules: Amazon Connect API reference, CreateUser. Whoever holds a [`CreateUserRequest`] need not check again.

pub mod create_user_input;
pub mod directory;
pub mod resolve;
pub mod rules;

mod phone;
mod refusal;

use time::OffsetDateTime;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::is_nfc;

use refusal::{E164, ensure, invalid, missing};

use crate::failure::Failure;
use crate::policy::plan::SecretRef;
use crate::policy::{
    CombiningMarks, ConnectPolicy, EmailWithSaml, IdentityManagement, InstanceRef,
};
use crate::request::create_user_input::{CreateUserInput, IdentityInfo};
use crate::request::resolve::ResolvedUser;
use crate::source::person_key::{PersonKey, short_hash};

pub(crate) use phone::check as check_phone;

/// The tag that says whose user it is.
pub const PERSON_TAG: &str = "connect-provisioner:person";
/// The tag that says what was asked for.
pub const REQUEST_TAG: &str = "connect-provisioner:request";
/// Prefix of the keys of this program's tags.
pub const OWN_TAGS: &str = "connect-provisioner:";
/// CreateUser takes 50 tags, of which the two above are always set.
pub const MOST_OWN_TAGS: usize = 48;

// EventBridge Scheduler refuses a time that is past, and one a minute off is as good as now.
const SOONEST: time::Duration = time::Duration::minutes(1);

/// A request that keeps Connect's rules, for one person; it holds personal data, so it has no `Debug`.
pub struct CreateUserRequest {
    instance: InstanceRef,
    input: CreateUserInput,
    secret: Option<SecretRef>,
    due: Option<OffsetDateTime>,
    dropped_fields: Vec<&'static str>,
    when_taken: Vec<Self>,
    /// The value that the person's tag had in an earlier version, where that differs.
    earlier_person: Option<String>,
}

impl CreateUserRequest {
    /// Checks a user against every rule of CreateUser and adds the identity tags.
    ///
    /// # Errors
    /// `missing_field`, `invalid_field` or `username_invalid`, with the member and what CreateUser takes there.
    pub fn prove(
        user: ResolvedUser,
        person: &PersonKey,
        connect: &ConnectPolicy,
    ) -> Result<Self, Failure> {
        let mut request = Self::proven(user, connect)?;
        let request_hash = hash_of(&request.input);
        request.earlier_person = person.earlier_tag_value();
        // By whichever name the user is made, it is what was asked for.
        let others = request.when_taken.iter_mut().map(|other| &mut other.input);
        for input in std::iter::once(&mut request.input).chain(others) {
            input.tags.insert(PERSON_TAG.to_owned(), person.tag_value());
            input
                .tags
                .insert(REQUEST_TAG.to_owned(), request_hash.clone());
        }
        Ok(request)
    }

    fn proven(user: ResolvedUser, connect: &ConnectPolicy) -> Result<Self, Failure> {
        let mut input = user.input;
        check_instance(&mut input, connect)?;
        check_username(&input, connect.username_length)?;
        check_identity(&input, connect)?;
        phone::set_default_type(&mut input);
        phone::check(&input)?;
        check_profiles(&input)?;
        check_tags(&input)?;
        input.security_profile_ids.sort_unstable();
        input.security_profile_ids.dedup();
        let others = user.when_taken.into_iter();
        Ok(Self {
            instance: user.instance,
            input,
            secret: user.secret,
            due: user.due,
            dropped_fields: user.dropped_fields,
            when_taken: others
                .map(|other| Self::proven(other, connect))
                .collect::<Result<_, _>>()?,
            earlier_person: None,
        })
    }

    /// Returns the request for a user of a username, otherwise as it was asked for; a username that is none of the person's own
    /// counts as left out.
    #[must_use]
    pub fn named(&self, username: &str) -> Self {
        let mut own = std::iter::once(self).chain(&self.when_taken);
        let own = own.find(|one| one.username() == username);
        let mut dropped_fields = self.dropped_fields.clone();
        dropped_fields.extend(own.is_none().then_some("username"));
        let like = own.unwrap_or(self);
        Self {
            instance: self.instance,
            input: CreateUserInput {
                username: Some(username.to_owned()),
                ..like.input.clone()
            },
            secret: like.secret.clone(),
            due: self.due,
            dropped_fields,
            when_taken: Vec::new(),
            earlier_person: self.earlier_person.clone(),
        }
    }

    /// The instance where the user is made.
    #[must_use]
    pub fn instance(&self) -> InstanceRef {
        self.instance
    }

    /// Requests with further usernames, in order of preference, for the case that another person has this one.
    #[must_use]
    pub fn when_taken(&self) -> &[Self] {
        &self.when_taken
    }

    /// The members, as `aws connect create-user --cli-input-json` takes them.
    #[must_use]
    pub fn input(&self) -> &CreateUserInput {
        &self.input
    }

    /// Where the initial password lies; absent where Connect takes none.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretRef> {
        self.secret.as_ref()
    }

    /// The moment from which on the user may be made, where that lies ahead of `now`.
    #[must_use]
    pub fn due_after(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.due.filter(|due| *due > now + SOONEST)
    }

    /// Fields of the event that are dropped because Connect would refuse them.
    #[must_use]
    pub fn dropped_fields(&self) -> &[&'static str] {
        &self.dropped_fields
    }

    /// The username, which is always there.
    #[must_use]
    pub fn username(&self) -> &str {
        self.input.username.as_deref().unwrap_or_default()
    }

    /// Tells whether the first or last name has combining marks, which Connect may refuse.
    #[must_use]
    pub fn has_combining_marks(&self) -> bool {
        let info = self.input.identity_info.as_ref();
        let names = info.map(|info| [&info.first_name, &info.last_name]);
        let mut names = names.into_iter().flatten().flatten();
        names.any(|name| name.chars().any(is_combining_mark))
    }

    /// The value that the person's tag had in an earlier version, where that differs from today's.
    #[must_use]
    pub fn earlier_person(&self) -> Option<&str> {
        self.earlier_person.as_deref()
    }

    /// The value of one of the two identity tags.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.input.tags.get(key).map(String::as_str)
    }
}

// Members stand in a fixed order and sets are sorted, so what is equal hashes equal.
fn hash_of(input: &CreateUserInput) -> String {
    short_hash(&serde_json::to_vec(input).unwrap_or_default())
}

fn check_instance(input: &mut CreateUserInput, connect: &ConnectPolicy) -> Result<(), Failure> {
    let instance = input
        .instance_id
        .get_or_insert_with(|| connect.instance_id.clone());
    ensure(*instance == connect.instance_id, || {
        invalid(
            "InstanceId",
            "the instance that provisioner.toml names, or leave it out",
        )
    })
}

fn check_username(input: &CreateUserInput, longest: usize) -> Result<(), Failure> {
    let username = input
        .username
        .as_deref()
        .ok_or_else(|| missing("Username", "a username"))?;
    ensure(
        rules::is_username(username) && username.len() <= longest,
        || {
            Failure::new(
                crate::failure::Reason::UsernameInvalid,
                format!(
                    "Username is not acceptable; send 1 to {longest} characters of a-z, A-Z, 0-9, _, -, . and @, an @ only \
                 in an e-mail address"
                ),
            )
        },
    )
}

fn check_identity(input: &CreateUserInput, connect: &ConnectPolicy) -> Result<(), Failure> {
    let none = IdentityInfo::default();
    let info = input.identity_info.as_ref().unwrap_or(&none);
    let identity = connect.identity_management;
    check_name(
        "IdentityInfo.FirstName",
        info.first_name.as_deref(),
        255,
        connect,
    )?;
    // 256 is the limit of `UserIdentityInfo` where Connect manages identities, 300 that of the member itself.
    let longest = if identity == IdentityManagement::ConnectManaged {
        256
    } else {
        300
    };
    check_name(
        "IdentityInfo.LastName",
        info.last_name.as_deref(),
        longest,
        connect,
    )?;
    let saml = identity == IdentityManagement::Saml;
    ensure(
        !saml || info.email.is_none() || connect.email_with_saml == EmailWithSaml::Send,
        || {
            invalid(
                "IdentityInfo.Email",
                "no e-mail address where SAML manages identities",
            )
        },
    )?;
    ensure(
        info.secondary_email.as_deref().is_none_or(rules::is_email),
        || {
            invalid(
                "IdentityInfo.SecondaryEmail",
                "an e-mail address of at most 265 characters",
            )
        },
    )?;
    ensure(info.mobile.as_deref().is_none_or(rules::is_e164), || {
        invalid("IdentityInfo.Mobile", E164)
    })?;
    ensure(!saml || input.directory_user_id.is_none(), || {
        invalid("DirectoryUserId", "none where SAML manages identities")
    })
}

fn check_name(
    member: &str,
    name: Option<&str>,
    longest: usize,
    connect: &ConnectPolicy,
) -> Result<(), Failure> {
    let refuses_marks = connect.combining_marks == CombiningMarks::Refuse;
    let without = if refuses_marks {
        "combining marks and control characters"
    } else {
        "control characters"
    };
    let accepted = format!("1 to {longest} characters in Unicode's NFC, without {without}");
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return ensure(
            connect.identity_management == IdentityManagement::ExistingDirectory,
            || missing(member, &accepted),
        );
    };
    ensure(
        name.chars().count() <= longest
            && is_nfc(name)
            && !(refuses_marks && name.chars().any(is_combining_mark))
            && !rules::has_control_characters(name),
        || invalid(member, &accepted),
    )
}

fn check_profiles(input: &CreateUserInput) -> Result<(), Failure> {
    const ACCEPTED: &str = "1 to 10 security profiles";
    match input.security_profile_ids.len() {
        0 => Err(missing("SecurityProfileIds", ACCEPTED)),
        1..=10 => Ok(()),
        _ => Err(invalid("SecurityProfileIds", ACCEPTED)),
    }
}

fn check_tags(input: &CreateUserInput) -> Result<(), Failure> {
    ensure(input.tags.len() <= MOST_OWN_TAGS, || {
        invalid(
            "Tags",
            "at most 48 tags: Connect takes 50, two are set here",
        )
    })?;
    for (key, value) in &input.tags {
        let reserved = key.starts_with(OWN_TAGS);
        ensure(
            rules::is_tag_key(key) && !reserved && value.chars().count() <= 256,
            || {
                invalid(
                    "Tags",
                    "keys of 1 to 128 letters, digits, spaces and _.:/=+-@ that do not start with aws: or \
                connect-provisioner:, values of at most 256 characters",
                )
            },
        )?;
    }
    Ok(())
}
