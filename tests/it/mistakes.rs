//! Mistakes of a configuration by kind: each is refused with its line, its column where it is within an expression, and the
//! way to write it.

use connect_provisioner::expressions::{Expressions, Parts};
use connect_provisioner::policy::config;
use proptest::prelude::*;

const BASE: &str = r#"[connect]
instance_id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
identity_management = "CONNECT_MANAGED"

[user]
username = ["{{ given_name }}.{{ family_name }}"]

[password]
secret_id = "connect/initial-password"

[[assignment]]
name = "all"
when = '''WHEN'''
routing_profile = "Basic Routing Profile"
security_profiles = ["Agent"]
"#;

fn faults(text: &str) -> Vec<String> {
    match config::parse(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let faults = faults(text);
    assert!(
        faults.iter().any(|fault| fault.starts_with(expected)),
        "{text}\n{faults:#?}"
    );
}

// A condition of an assignment, on line 13; its text begins in column 11.
#[track_caller]
fn condition(when: &str, expected: &str) {
    check(&BASE.replace("WHEN", when), expected);
}

// A source behind the assignment; its `when` is on line 19 and begins in column 9.
#[track_caller]
fn source(when: &str, expected: &str) {
    let source = format!("\n[[source]]\nname = \"own\"\nwhen = '{when}'\nskip = \"no join\"\n");
    check(&(BASE.replace("WHEN", "given_name") + &source), expected);
}

// A field of a source, on line 22.
#[track_caller]
fn field(expression: &str, expected: &str) {
    let source = format!(
        "\n[[source]]\nname = \"own\"\nwhen = 'hired'\n[source.fields]\nemployee_id = 'id'\ngiven_name = '{expression}'\n"
    );
    check(&(BASE.replace("WHEN", "given_name") + &source), expected);
}

#[test]
fn operators_of_other_languages() {
    for (when, column, word) in [
        (
            r#"department.code == "CC-UK" && job.code == "ADMIN""#,
            38,
            "write `and`",
        ),
        (
            r#"department.code == "CC-UK" || job.code == "ADMIN""#,
            38,
            "write `or`",
        ),
        (r#"department.code === "CC-UK""#, 27, "write `==`"),
        (r#"department.code !== "CC-UK""#, 27, "write `!=`"),
        (r#"department.code <> "CC-UK""#, 27, "write `!=`"),
        (r#"department.code = "CC-UK""#, 27, "write `==`"),
        ("!email", 11, "write `not`"),
        ("email ? true : false", 17, "write `A if CONDITION else B`"),
        (
            r#"location == "Leeds" # the old office"#,
            31,
            "a comment stands outside",
        ),
        (r#"location == "Leeds";"#, 30, "one expression stands alone"),
        (r#"location == "Leeds" AND email"#, 31, "write `and`"),
        ("NOT email", 11, "write `not`"),
        (r#"$location == "Leeds""#, 11, "write the name alone"),
        ("location == “Leeds”", 23, "straight quotes"),
        ("location == `Leeds`", 23, "in \"quotes\""),
        ("location?.name", 19, "write `.`"),
        ("email ?? mobile", 17, "write `or`"),
    ] {
        let sign = format!("line 13, column {column}: `when`: syntax error: ");
        condition(when, &sign);
        let faults = faults(&BASE.replace("WHEN", when));
        assert!(faults[0].contains(word), "{when}: {}", faults[0]);
    }
}

#[test]
fn conditions_that_are_always_true_or_never() {
    condition(
        r#"location == "A" or "B""#,
        "line 13, column 30: `when`: `\"B\"` is always true; repeat the comparison: `location == \"B\"`",
    );
    condition(
        r#"location == ("A" or "B") and "x""#,
        "line 13, column 40: `when`: `\"x\"` is always true",
    );
    condition(
        r#""location" == "A""#,
        "line 13, column 11: `when`: `\"location\" == \"A\"` is always false",
    );
    condition(
        "1 == 1",
        "line 13, column 11: `when`: `1 == 1` is always true",
    );
    condition(
        r#"location == "A" and location == "B""#,
        "line 13, column 31: `when`: that is never true",
    );
    condition(
        r#"location != "A" or location != "B""#,
        "line 13, column 30: `when`: that is always true",
    );
    condition(
        r#"location in ["A"] and location in ["B", "C"]"#,
        "line 13, column 33: `when`: that is never true",
    );
    condition(
        r#"location | upper == "Leeds""#,
        "line 13, column 11: `when`: `location | upper` is never equal",
    );
    condition(
        "location == location",
        "line 13, column 11: `when`: both sides",
    );
    source(
        r#"type == "hired" or "joined""#,
        "line 19, column 28: `when`: `\"joined\"` is always true",
    );
    source(
        "false",
        "line 19, column 9: `when`: `false` is always false",
    );
    source(
        "item.state is none",
        "line 19, column 9: `when`: a missing value is not `none`",
    );
}

#[test]
fn values_of_the_wrong_kind() {
    condition(
        r#"department == "A""#,
        "line 13, column 11: `when`: `department` is an object; write `department.code` or `department.name`",
    );
    condition(
        r#"job in ["A", "B"]"#,
        "line 13, column 11: `when`: `job` is an object",
    );
    condition(
        r#"department is startingwith("A") or job | lower == "b""#,
        "line 13, column 46: `when`: `job` is an object",
    );
    condition(
        "employee_id == 104233",
        "line 13, column 11: `when`: `employee_id` is a text, and never equal to 104233; write \"104233\"",
    );
    condition(
        "email == true",
        "line 13, column 11: `when`: `email` is a text",
    );
    condition(
        r#"email == """#,
        "line 13, column 11: `when`: `email` is never blank",
    );
    condition(
        r#"location == " Leeds""#,
        "line 13, column 11: `when`: `location` has no blanks around it",
    );
    condition(
        r#"location in "Leeds""#,
        "line 13, column 11: `when`: `in \"Leeds\"` takes every part",
    );
    condition(
        "email == null",
        "line 13, column 20: `when`: `null` is no word here",
    );
    condition(
        "email is null",
        "line 13, column 11: `when`: unknown test `null`; write `is not defined`",
    );
    source(
        r#"event == "hired""#,
        "line 19, column 9: `when`: `event` is an object",
    );
    source(
        r#"envelope.detail-type == "Hired""#,
        "line 19, column 9: `when`: `envelope.detail-type` is a subtraction; write `envelope[\"detail-type\"]`",
    );
    field(
        "item.employee-id",
        "line 22, column 15: `given_name`: `item.employee-id` is a subtraction",
    );
}

#[test]
fn names_that_there_are_not() {
    condition(
        r#"departmnt.code == "A""#,
        "line 13: `when`: departmnt.code is no field of a joiner; there are",
    );
    condition(
        r#"department["cod"] == "A""#,
        "line 13, column 11: `when`: department.cod is no field of a joiner; there are",
    );
    condition(
        r#"location | lowercase == "a""#,
        "line 13, column 11: `when`: unknown filter `lowercase`; there are abs,",
    );
    condition(
        r#"location is like("A")"#,
        "line 13, column 11: `when`: unknown test `like`; there are boolean,",
    );
    condition(
        r#"location.startswith("A")"#,
        "line 13, column 11: `when`: `.startswith()` is no method here; write `is startingwith(...)`",
    );
    condition(
        r#"lower(location) == "a""#,
        "line 13, column 11: `when`: unknown function `lower`; write the filter: `VALUE | lower`",
    );
    condition(
        r#"email and (location | lookup("sites"))"#,
        "line 13: `when`: there is no table `sites` under [lookup]",
    );
    field(
        "item.name.split(\" \")",
        "line 22, column 15: `given_name`: `.split()` is no method here; write the filter: `| split`",
    );
    field(
        "item.day | date(\"dd.mm.yyyy\")",
        "line 22, column 15: `given_name`: `dd.mm.yyyy` is no format of a whole date",
    );
    field(
        "item.list | selectattr(\"a\", \"equals\", \"b\")",
        "line 22, column 15: `given_name`: unknown test `equals`",
    );
}

#[test]
fn templates_that_are_none() {
    let base = BASE.replace("WHEN", "given_name");
    let check = |from: &str, to: &str, expected: &str| check(&base.replacen(from, to, 1), expected);
    check(
        "{{ given_name }}.{{ family_name }}",
        "agent",
        "line 6: `username`: `agent` names no field",
    );
    check(
        "{{ given_name }}.{{ family_name }}",
        "{given_name}",
        "line 6, column 14: `username`: `{given_name}` is no field but a text; write `{{ given_name }}`",
    );
    check(
        "{{ given_name }}.{{ family_name }}",
        "${given_name}",
        "line 6, column 15: `username`: `{given_name}` is no field",
    );
    check(
        "{{ given_name }}.{{ family_name }}",
        "{{ department }}",
        "line 6, column 17: `username`: `department` is an object",
    );
    check(
        "{{ given_name }}.{{ family_name }}",
        "{{ given_name && family_name }}",
        "line 6, column 28: `username`: syntax error: `&&` is no operator here; write `and`",
    );
    check(
        "{{ given_name }}.{{ family_name }}",
        "{{ given_name | shout }}",
        "line 6, column 17: `username`: unknown filter `shout`",
    );
    check(
        "\"Basic Routing Profile\"",
        "\"{{ department.name }}\"",
        "line 11: assignment \"all\", profiles: `{{ department.name }}` is a name in Connect",
    );
    check(
        "[\"Agent\"]",
        "[\"Agent {{ job.code }}\"]",
        "line 11: assignment \"all\", profiles: `Agent {{ job.code }}` is a name",
    );
}

#[test]
fn ids_and_codes_of_aws() {
    let base = BASE.replace("WHEN", "given_name");
    let id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    let with = |to: &str| base.replacen(id, to, 1);
    check(
        &with("acme-care"),
        "line 2: instance_id is the id at the end of the instance's ARN",
    );
    check(
        &with(&format!("arn:aws:connect:eu-west-2:1:instance/{id}")),
        "line 2: instance_id is the id alone; write",
    );
    for id in [
        "arn:aws:ssm:eu-west-2:111122223333:parameter/initial",
        "arn:aws:secretsmanager:eu-west-2:111122223333:initial",
    ] {
        check(
            &base.replacen("connect/initial-password", id, 1),
            "line 9: secret_id is the name of a secret, or its ARN in the form arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf",
        );
    }
    let region = base.replacen("[user]", "region = \"London\"\n\n[user]", 1);
    check(
        &region,
        "line 5: region is the code of a Region, such as \"eu-west-2\" for London",
    );
}

#[test]
fn what_a_queue_gives_beside_a_message() {
    source(
        "sqs.attribute.kind == \"hired\"",
        "line 19, column 9: `when`: there is no `sqs.attribute.kind`; there are `sqs.queue` and `sqs.attributes.NAME`",
    );
    source(
        "sqs == \"hr-joins\"",
        "line 19, column 9: `when`: `sqs` is an object, and never equal to `hr-joins`; it has `sqs.queue` and `sqs.attributes`",
    );
    source(
        "sqs.attributes == \"hired\"",
        "line 19, column 9: `when`: `sqs.attributes` is an object, and never equal to `hired`; write `sqs.attributes.NAME`",
    );
}

#[test]
fn ends_of_expressions_that_end_nothing() {
    for (template, column) in [
        ("{{ given_name }}.{{ family_name }}}}", 48),
        ("given_name }}", 25),
        ("{{ given_name }} }}.{{ family_name }}", 31),
    ] {
        let text = BASE
            .replace("WHEN", "given_name")
            .replace("{{ given_name }}.{{ family_name }}", template);
        check(
            &text,
            &format!(
                "line 6, column {column}: `username`: `}}}}` ends nothing here; a field is written `{{{{ NAME }}}}`"
            ),
        );
    }
}

#[test]
fn time_zones() {
    let base = BASE.replace("WHEN", "given_name");
    for name in ["London", "GMT+1", "+01:00", "Europe/Lundon", "", "01:00"] {
        let schedule = format!("\n[schedule]\nhours_before = 24\ntime_zone = \"{name}\"\n");
        check(
            &(base.clone() + &schedule),
            &format!(
                "line 19: time_zone is a name of the IANA time zone database, such as \"Europe/London\"; there is no `{name}`"
            ),
        );
    }
    for name in ["Europe/London", "UTC", "America/Argentina/Buenos_Aires"] {
        let schedule = format!("\n[schedule]\nhours_before = 24\ntime_zone = \"{name}\"\n");
        assert_eq!(faults(&(base.clone() + &schedule)), [] as [String; 0]);
    }
}

#[test]
fn what_stands_twice() {
    let base = BASE.replace("WHEN", "location == \"A\"");
    let again =
        "\n[[assignment]]\nname = \"again\"\nwhen = 'location  ==  \"A\"'\nskip = \"none\"\n";
    check(
        &(base.clone() + again),
        "line 17: assignment \"again\" is never reached: assignment \"all\" above it has the same condition",
    );
    check(
        &base.replacen("name = \"all\"", "name = \"all\"\nname = \"two\"", 1),
        "line 13, column 1: the key `name` stands twice",
    );
    check(
        &(base.clone() + "\n[connect]\nburst = 2\n"),
        "line 17, column 2: the key `connect` stands twice",
    );
}

#[test]
fn kinds_of_keys() {
    let base = BASE.replace("WHEN", "given_name");
    for (more, expected) in [
        (
            "[retry]\nfirst_seconds = \"20\"",
            "line 18: `first_seconds` is the text \"20\"; write a whole number, 0 or more",
        ),
        (
            "[retry]\nfirst_seconds = -1",
            "line 18: `first_seconds` is the number -1; write a whole number",
        ),
        (
            "[[source]]\npreset = [\"okta\"]",
            "line 18: `preset` is a list; write a text in quotes",
        ),
        (
            "[[source]]\nname = \"x\"\nwhen = \"a\"\n[source.fields]\ndepartment = \"item.d\"",
            "line 21: `department` is the text \"item.d\"; write a table of expressions",
        ),
        (
            "[[source]]\nname = \"x\"\nwhen = true\nskip = \"y\"",
            "line 19: `when` is the word true; write a text in quotes",
        ),
        (
            "[connect.x]\na = 1",
            "line 17: unknown key `x`; [connect] takes instance_id",
        ),
        (
            "[lookup]\nsites = 7",
            "line 18: `sites` is of another kind; write a CSV file's name, or a table of texts",
        ),
    ] {
        check(&format!("{base}\n{more}\n"), expected);
    }
}

const WHOLE: [&str; 6] = [
    "location == \"A\"",
    "department.code in [\"A\", \"B\"]",
    "email is defined",
    "not email",
    "(given_name | lower) == \"ann\"",
    "\"a\" in location",
];

proptest! {
    // Nothing but space, or a sign that goes on with the expression, may follow one.
    #[test]
    fn an_expression_with_junk_behind_it_is_refused(
        place in 0..WHOLE.len(),
        space in "[ \t\n]{0,2}",
        junk in "[&;?#$!@`\\\\^§€“”)}\\]][&;?#$!@`\\\\^=,:.|)}\\]]{0,3}[a-z \"]{0,6}",
    ) {
        // A chain of comparisons.
        prop_assume!(!junk.starts_with("!="));
        let expression = format!("{}{space}{junk}", WHOLE[place]);
        prop_assert!(Expressions::default().condition(&expression).is_err(), "{expression}");
        prop_assert!(Expressions::default().event_condition(&expression, &Parts::default()).is_err(), "{expression}");
        let template = format!("{{{{ {expression} }}}}");
        // Two braces end the expression.
        let ends = junk.contains("}}");
        prop_assert!(ends || Expressions::default().template(&template).is_err(), "{template}");
    }

    // Where the engine's parser stops early, what it dropped would be silent.
    #[test]
    fn what_is_accepted_is_what_is_written(junk in "[ -~]{1,8}", place in 0..WHOLE.len()) {
        let expression = format!("{} {junk}", WHOLE[place]);
        if Expressions::default().event_expression(&expression, &Parts::default()).is_ok() {
            let tail = junk.trim();
            let begins = ["and ", "or ", "if ", "==", "!=", "<", ">", "in ", "not ", "is ", "|", "~", "+", "-", "*", "/", "%", ".", "[", "(", "\"", "'", "else "];
            let goes_on = tail.is_empty() || begins.iter().any(|begin| tail.starts_with(begin));
            prop_assert!(goes_on, "{expression}");
        }
    }
}
