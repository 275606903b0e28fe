//! A reading -> what Connect shall have, still in the names of the configuration, or a recorded skip.

use minijinja::Value;
use minijinja::value::Serde;

use crate::create_user_input::{CreateUserInput, IdentityInfo};
use crate::failure::{Failure, FieldName, Reason, SecretSharing};
use crate::joiner::Joiner;
use crate::person_name;
use crate::policy::{
    Assignment, EmailWithSaml, Grants, HierarchyGroup, IdentityManagement, NameOrId, PhoneSettings,
    Policy, Then, TooLong, UserPolicy,
};
use crate::rules;
use crate::source::Reading;
use crate::template::Template;
use crate::username;

/// What becomes of a reading.
pub enum Plan {
    User(Box<UserPlan>),
    /// No user, and why.
    Skip(String),
}

/// A user as the configuration wants it; it holds personal data, so it has no `Debug`.
pub struct UserPlan {
    /// All but the ids that the instance has to give.
    pub input: CreateUserInput,
    pub routing_profile: NameOrId,
    pub security_profiles: Vec<NameOrId>,
    pub hierarchy_group: Option<HierarchyGroup>,
    /// Where the initial password lies, for identities that Connect manages.
    pub secret: Option<SecretRef>,
}

/// A secret of Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    pub id: String,
    pub sharing: SecretSharing,
}

/// Plans what a reading asks for.
///
/// # Errors
/// A field that the plan needs is missing, no username can be made, or no assignment fits.
pub fn plan(reading: Reading, policy: &Policy) -> Result<Plan, Failure> {
    match reading {
        Reading::NoJoin(why) => Ok(Plan::Skip(why.to_owned())),
        Reading::Joiner(joiner) => plan_joiner(*joiner, policy),
        Reading::Request(input) => {
            plan_request(*input, policy).map(|user| Plan::User(Box::new(user)))
        }
    }
}

fn plan_joiner(joiner: Joiner, policy: &Policy) -> Result<Plan, Failure> {
    let joiner = with_clean_names(joiner);
    let person = Value::from(Serde(&joiner));
    let assignment = assignment(&joiner, &person, &policy.assignments)?;
    match &assignment.then {
        Then::Skip(why) => Ok(Plan::Skip(why.clone())),
        Then::Create(grants) => {
            plan_user(&joiner, &person, grants, policy).map(|user| Plan::User(Box::new(user)))
        }
    }
}

fn with_clean_names(joiner: Joiner) -> Joiner {
    let clean = |name: Option<String>| {
        name.map(|name| person_name::clean(&name))
            .filter(|name| !name.is_empty())
    };
    Joiner {
        given_name: clean(joiner.given_name),
        family_name: clean(joiner.family_name),
        preferred_name: clean(joiner.preferred_name),
        ..joiner
    }
}

fn assignment<'a>(
    joiner: &Joiner,
    person: &Value,
    list: &'a [Assignment],
) -> Result<&'a Assignment, Failure> {
    let fits = |assignment: &&Assignment| {
        assignment
            .when
            .as_ref()
            .is_none_or(|when| when.holds(person))
    };
    list.iter().find(fits).ok_or_else(|| no_assignment(joiner))
}

fn no_assignment(joiner: &Joiner) -> Failure {
    // Codes are the organisation's, not the person's; anything that looks otherwise is not repeated.
    let code = |code: &Option<String>| match code {
        Some(code) => FieldName::from_event(code).to_string(),
        None => "(none)".to_owned(),
    };
    Failure::new(
        Reason::NoAssignment,
        format!(
            "no assignment fits department code {} and job code {}; add one to provisioner.toml",
            code(&joiner.department.code),
            code(&joiner.job.code)
        ),
    )
}

fn plan_user(
    joiner: &Joiner,
    person: &Value,
    grants: &Grants,
    policy: &Policy,
) -> Result<UserPlan, Failure> {
    let username = username(person, &policy.user, policy.connect.identity_management)?;
    let person = with_username(joiner, &username);
    let user = &policy.user;
    let text = |template: &Option<Template>| {
        template
            .as_ref()
            .and_then(|template| template.render(&person))
    };
    let input = CreateUserInput {
        username: Some(username),
        identity_info: Some(IdentityInfo {
            first_name: user.first_name.render(&person),
            last_name: user.last_name.render(&person),
            email: text(&user.email).filter(|_| sends_email(policy)),
            secondary_email: text(&user.secondary_email),
            mobile: text(&user.mobile),
        }),
        directory_user_id: text(&user.directory_user_id),
        tags: tags(grants, &person),
        ..phone_members(&grants.phone, &person)
    };
    Ok(UserPlan {
        input,
        routing_profile: grants.routing_profile.clone(),
        security_profiles: grants.security_profiles.clone(),
        hierarchy_group: grants.hierarchy_group.clone(),
        secret: secret(&person, policy)?,
    })
}

// Untouched where it fits, by the first template that does; otherwise the first one that can be cut.
fn username(
    person: &Value,
    user: &UserPolicy,
    identity: IdentityManagement,
) -> Result<String, Failure> {
    let longest = identity.username_length();
    let candidates: Vec<String> = user
        .username
        .iter()
        .filter_map(|template| template.render(person))
        .map(|text| username::fold(&text))
        .filter(|username| !username.is_empty())
        .collect();
    let accepted = |name: &&String| rules::is_username(name) && name.len() <= longest;
    if let Some(username) = candidates.iter().find(accepted) {
        return Ok(username.clone());
    }
    let cuttable = |name: &&String| {
        user.too_long == TooLong::Cut && rules::is_username(name) && !name.contains('@')
    };
    match candidates.iter().find(cuttable) {
        Some(name) => Ok(username::cut(name, longest)),
        None if candidates.is_empty() => Err(not_derivable()),
        None => Err(username_invalid(longest)),
    }
}

fn not_derivable() -> Failure {
    Failure::new(
        Reason::UsernameNotDerivable,
        "no username template gives a letter or digit of a-z, 0-9 for this person; add a template over other fields, \
         such as \"{{ employee_id }}\", to [user] username",
    )
}

fn username_invalid(longest: usize) -> Failure {
    Failure::new(
        Reason::UsernameInvalid,
        format!(
            "every username template gives more than {longest} characters or a broken e-mail address; add a shorter \
             one to [user] username"
        ),
    )
}

fn with_username(joiner: &Joiner, username: &str) -> Value {
    #[derive(serde::Serialize)]
    struct Named<'a> {
        #[serde(flatten)]
        joiner: &'a Joiner,
        username: &'a str,
    }
    Value::from(Serde(Named { joiner, username }))
}

fn sends_email(policy: &Policy) -> bool {
    policy.connect.identity_management != IdentityManagement::Saml
        || policy.connect.email_with_saml == EmailWithSaml::Send
}

fn tags(grants: &Grants, person: &Value) -> std::collections::BTreeMap<String, String> {
    grants
        .tags
        .iter()
        .filter_map(|(key, template)| Some((key.clone(), template.render(person)?)))
        .collect()
}

fn phone_members(phone: &PhoneSettings, person: &Value) -> CreateUserInput {
    let mut members = phone.members.clone();
    if let Some(config) = &mut members.phone_config {
        config.desk_phone_number = phone
            .desk_phone_number
            .as_ref()
            .and_then(|number| number.render(person));
    }
    for (config, number) in members
        .phone_number_configs
        .iter_mut()
        .zip(&phone.phone_numbers)
    {
        config.phone_number = number.as_ref().and_then(|number| number.render(person));
    }
    members
}

fn secret(person: &Value, policy: &Policy) -> Result<Option<SecretRef>, Failure> {
    let Some(password) = &policy.password else {
        return Ok(None);
    };
    let id = password.secret_id.render(person).ok_or_else(|| {
        Failure::new(
            Reason::InsufficientData,
            format!(
                "[password] secret_id \"{}\" needs a field that the event lacks",
                password.secret_id.source()
            ),
        )
    })?;
    Ok(Some(SecretRef {
        id,
        sharing: password.sharing(),
    }))
}

fn plan_request(mut input: CreateUserInput, policy: &Policy) -> Result<UserPlan, Failure> {
    const PROFILE_ID: &str = "the id of a routing profile";
    if let Some(info) = &mut input.identity_info {
        info.first_name = info.first_name.take().map(|name| person_name::clean(&name));
        info.last_name = info.last_name.take().map(|name| person_name::clean(&name));
        info.email = info.email.take().filter(|_| sends_email(policy));
    }
    let routing_profile = input.routing_profile_id.take();
    let routing_profile = routing_profile
        .ok_or_else(|| Failure::missing(FieldName::of("RoutingProfileId"), PROFILE_ID))?;
    let person = with_username(
        &joiner_of(&input),
        input.username.as_deref().unwrap_or_default(),
    );
    Ok(UserPlan {
        routing_profile: NameOrId::Id {
            id: routing_profile,
        },
        security_profiles: std::mem::take(&mut input.security_profile_ids)
            .into_iter()
            .map(|id| NameOrId::Id { id })
            .collect(),
        hierarchy_group: input
            .hierarchy_group_id
            .take()
            .map(|id| HierarchyGroup::Id { id }),
        secret: secret(&person, policy)?,
        input,
    })
}

/// What a ready request tells of the person, for the template of a secret's id.
fn joiner_of(input: &CreateUserInput) -> Joiner {
    let info = input.identity_info.clone().unwrap_or_default();
    Joiner {
        given_name: info.first_name,
        family_name: info.last_name,
        email: info.email,
        mobile: info.mobile,
        ..Joiner::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::joiner::Department;

    const MANAGED: &str = r#"
[connect]
instance_id = "i-1"
identity_management = "CONNECT_MANAGED"
[user]
username = ["{{ given_name }}.{{ family_name }}", "{{ given_name | first }}{{ family_name }}", "{{ email }}"]
first_name = "{{ preferred_name or given_name }}"
[password]
secret_id = "connect/{{ employee_id }}"
[[assignment]]
name = "desk"
when = 'department.code == "DESK"'
routing_profile = "Voice"
security_profiles = ["Agent"]
phone_config = { PhoneType = "DESK_PHONE", DeskPhoneNumber = "{{ mobile | e164 }}" }
tags = { login = "{{ username }}", site = "{{ location }}" }
[[assignment]]
name = "others"
when = 'department.code == "FIN"'
skip = "no contact centre"
"#;

    fn saml(text: &str) -> String {
        let password = "[password]\nsecret_id = \"connect/{{ employee_id }}\"\n";
        text.replace("CONNECT_MANAGED", "SAML")
            .replace(password, "")
    }

    fn joiner(given: &str, family: &str, department: &str) -> Joiner {
        Joiner {
            employee_id: Some("E1".into()),
            given_name: Some(given.into()),
            family_name: Some(family.into()),
            email: Some("someone.with.a.long.address@company.example".into()),
            mobile: Some("+44 7700 900123".into()),
            department: Department {
                code: Some(department.into()),
                name: None,
            },
            ..Joiner::default()
        }
    }

    fn planned(config: &str, joiner: Joiner) -> Result<Plan, Failure> {
        let policy = config::parse(config).unwrap_or_else(|faults| panic!("{faults}"));
        plan(Reading::Joiner(Box::new(joiner)), &policy)
    }

    fn user(config: &str, joiner: Joiner) -> UserPlan {
        match planned(config, joiner) {
            Ok(Plan::User(user)) => *user,
            Ok(Plan::Skip(why)) => panic!("skipped: {why}"),
            Err(failure) => panic!("{failure}"),
        }
    }

    #[track_caller]
    fn check_username(config: &str, given: &str, family: &str, expected: Result<&str, &str>) {
        let got = match planned(config, joiner(given, family, "DESK")) {
            Ok(Plan::User(user)) => Ok(user.input.username.unwrap_or_default()),
            Ok(Plan::Skip(why)) => panic!("skipped: {why}"),
            Err(failure) => Err(failure.reason().code()),
        };
        assert_eq!(
            got.as_deref().map_err(String::as_str),
            expected,
            "{given} {family}"
        );
    }

    #[test]
    fn usernames_follow_the_templates_and_the_instances_limit() {
        check_username(MANAGED, "Zoë", "Brückner", Ok("zoe.bruckner"));
        check_username(MANAGED, "Maximiliane", "Hohenzollern", Ok("mhohenzollern"));
        check_username(
            MANAGED,
            "Maximiliane",
            "Hohenzollern-Sigmaringen",
            Ok("maximiliane.hohenzol"),
        );
        check_username(
            &saml(MANAGED),
            "Maximiliane",
            "Hohenzollern-Sigmaringen",
            Ok("maximiliane.hohenzollern-sigmaringen"),
        );
        check_username(
            &saml(MANAGED),
            "太郎",
            "山田",
            Ok("someone.with.a.long.address@company.example"),
        );
        check_username(MANAGED, "太郎", "山田", Err("username_invalid"));
        let refuse = MANAGED.replace("[user]", "[user]\ntoo_long = \"refuse\"");
        check_username(
            &refuse,
            "Maximiliane",
            "Hohenzollern-Sigmaringen",
            Err("username_invalid"),
        );
        let only_names = MANAGED.replace(", \"{{ email }}\"", "");
        check_username(&only_names, "太郎", "山田", Err("username_not_derivable"));
    }

    #[test]
    fn the_first_assignment_that_fits_decides() {
        let user = user(MANAGED, joiner("Zoë", "Brückner", "DESK"));
        assert_eq!(user.routing_profile, NameOrId::Name("Voice".into()));
        let number = user
            .input
            .phone_config
            .and_then(|config| config.desk_phone_number);
        assert_eq!(number.as_deref(), Some("+447700900123"));
        // The site tag needs a location, which this joiner has not.
        assert_eq!(
            user.input.tags.into_iter().collect::<Vec<_>>(),
            [("login".to_owned(), "zoe.bruckner".to_owned())]
        );

        assert!(matches!(
            planned(MANAGED, joiner("A", "B", "FIN")),
            Ok(Plan::Skip(_))
        ));
        let failure = planned(MANAGED, joiner("A", "B", "NIGHT"))
            .err()
            .expect("nobody fits");
        assert_eq!(
            failure.explanation(),
            "no assignment fits department code NIGHT and job code (none); add one to provisioner.toml"
        );
    }

    #[test]
    fn saml_users_have_no_password_and_no_email_unless_configured() {
        let email = |config: &str| {
            let user = user(config, joiner("Zoë", "Brückner", "DESK"));
            (
                user.secret.is_some(),
                user.input
                    .identity_info
                    .and_then(|info| info.email)
                    .is_some(),
            )
        };
        assert_eq!(email(MANAGED), (true, true));
        assert_eq!(email(&saml(MANAGED)), (false, false));
        let send = saml(MANAGED).replace("\"SAML\"", "\"SAML\"\nemail_with_saml = \"send\"");
        assert_eq!(email(&send), (false, true));
    }

    #[test]
    fn names_are_cleaned_before_anything_is_made_of_them() {
        let mut person = joiner("Mu\u{308}nevver", "O\u{308}z\u{202e}", "DESK");
        person.preferred_name = Some("\u{1f600}".into());
        let user = user(MANAGED, person);
        let info = user.input.identity_info.expect("names");
        assert_eq!(
            (info.first_name.as_deref(), info.last_name.as_deref()),
            (Some("Münevver"), Some("Öz"))
        );
        assert_eq!(
            user.secret,
            Some(SecretRef {
                id: "connect/E1".into(),
                sharing: SecretSharing::PerPerson
            })
        );
    }

    #[test]
    fn a_secret_of_a_person_needs_the_field_that_its_name_is_made_of() {
        let mut person = joiner("Zoë", "Brückner", "DESK");
        person.employee_id = None;
        let failure = planned(MANAGED, person).err().expect("refused");
        assert_eq!(failure.reason(), &Reason::InsufficientData);
    }
}
