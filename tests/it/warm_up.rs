//! What the function looks up while Lambda initialises it, and that no join depends on it.

use std::time::{Duration, Instant};

use connect_standin::{Calls, Does, Fault, FaultScript, IdentityManagement, Standin};
use serde_json::json;
use test_support::scene::Setting;
use test_support::shipped::{
    INSTANCE, a_batch_of, a_password, body, function, initialised_function, sample, standin_with,
};

const OTHER: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222";

/// Somebody who needs no user, and so no call.
const SKIP: &str = "skip-department-without-connect.json";

fn operations(standin: &Standin) -> Vec<String> {
    let calls = standin.calls().into_iter();
    calls.map(|call| call.operation).collect()
}

#[tokio::test]
async fn the_first_join_finds_looked_up_what_it_needs() {
    let password = a_password();
    let (standin, running) = standin_with(&password).await;
    let mut function = initialised_function(&running).await;
    function.invoke(&sample(SKIP)).await;
    let mut looked_up = operations(&standin);
    looked_up.sort();
    assert_eq!(
        looked_up,
        [
            "GetSecretValue",
            "ListRoutingProfiles",
            "ListSecurityProfiles",
            "SearchUserHierarchyGroups",
        ]
    );
    function.invoke(&a_batch_of(1).to_string()).await;
    assert_eq!(
        operations(&standin)[looked_up.len()..],
        ["SearchUsers", "CreateUser"]
    );
    let logs = String::from_utf8(function.logs().await).expect("UTF-8");
    assert!(logs.contains("created the Connect user") && !logs.contains(&password));
}

#[tokio::test]
async fn nothing_is_looked_up_ahead_where_lambda_initialises_nothing() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    function.invoke(&sample(SKIP)).await;
    assert_eq!(operations(&standin), [""; 0]);
}

// A call that hangs is given up after five seconds, of which the init phase waits three.
const LONGEST: Duration = Duration::from_secs(7);

#[tokio::test]
async fn groups_are_looked_up_ahead_only_where_the_configuration_names_one() {
    let initialised = || {
        let setting = Setting::shipped();
        setting.variable("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    };
    let path = "hierarchy_group = [\"EMEA\", \"United Kingdom\", \"Leeds\"]";
    let by_id = "hierarchy_group = { id = \"leeds\" }";
    for (instead, searched) in [(path, 1), (by_id, 1), ("", 0)] {
        let mut scene = initialised().with(path, instead).scene().await;
        scene.invoke_text(&sample(SKIP)).await;
        let called = scene.called("SearchUserHierarchyGroups");
        assert_eq!(called, searched, "{instead}");
        assert_eq!(scene.standin.calls().len(), 3 + searched, "{instead}");
        scene.end().await;
    }
}

// Two after the other would take longer than the init phase waits.
#[tokio::test]
async fn the_look_ups_of_all_instances_go_side_by_side() {
    let first = "[[assignment]]\nname = \"team-leads\"";
    let other = format!(
        "[instance.other.connect]\ninstance_id = \"{OTHER}\"\nidentity_management = \"CONNECT_MANAGED\"\n\
         [instance.other.password]\nsecret_id = \"other\"\njson_key = \"password\"\n\n{first}"
    );
    let setting = Setting::shipped().with(first, &other).seeded(|seed| {
        seed.service_time_milliseconds = 1600;
        seed.instances[1].identity_management = IdentityManagement::ConnectManaged;
        let mut secret = seed.secrets[0].clone();
        secret.name = "other".to_owned();
        seed.secrets.push(secret);
    });
    let setting = setting.variable("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    let mut scene = setting.scene().await;
    scene.invoke_text(&sample(SKIP)).await;
    let called = |operation| scene.called(operation);
    let looked_up = [
        "GetSecretValue",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "SearchUserHierarchyGroups",
    ];
    assert_eq!(looked_up.map(called), [2, 2, 2, 1]);
    scene.end().await;
}

/// What goes wrong with the first call of each look-up has no consequence for the joins, nor holds up the start.
async fn check(does: Does) {
    let (standin, running) = standin_with(&a_password()).await;
    let first = |operation: &str| Fault {
        operation: operation.to_owned(),
        calls: Calls { from: 1, to: 1 },
        does: does.clone(),
    };
    let faults = ["ListRoutingProfiles", "GetSecretValue"].map(first).into();
    standin.set_faults(FaultScript { faults });
    let started = Instant::now();
    let mut function = initialised_function(&running).await;
    let answer = function.invoke(&a_batch_of(2).to_string()).await;
    assert_eq!(body(&answer), json!({"batchItemFailures": []}), "{does:?}");
    assert_eq!(standin.users(INSTANCE).len(), 2, "{does:?}");
    assert!(started.elapsed() < LONGEST, "{does:?}");
}

#[tokio::test]
async fn what_fails_in_the_init_phase_is_looked_up_by_the_first_join() {
    for code in ["AccessDeniedException", "ResourceNotFoundException"] {
        check(Does::Error {
            code: code.to_owned(),
            status: 400,
            echo: true,
        })
        .await;
    }
    check(Does::Drop).await;
}

#[tokio::test]
async fn what_hangs_in_the_init_phase_does_not_hold_up_the_start() {
    check(Does::Hang).await;
}
