//! Hierarchy groups are found whatever of the search index is missing, refused or slow, and nobody waits who needs none.

use std::time::{Duration, Instant};

use connect_standin::{Calls, Does, Fault, GroupSeed};
use serde_json::{Value, json};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

const SEARCH: &str = "SearchUserHierarchyGroups";
const LIST: &str = "ListUserHierarchyGroups";
const DESCRIBE: &str = "DescribeUserHierarchyGroup";

fn fault(operation: &str, calls: Calls, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls,
        does,
    }
}

fn refused(code: &str) -> Does {
    Does::Error {
        code: code.to_owned(),
        status: 400,
        echo: true,
    }
}

fn without_group(n: usize) -> Value {
    let mut join = join_of(n);
    join["worker"]["job"]["code"] = json!("AGT2");
    join
}

fn joins(people: std::ops::Range<usize>) -> Vec<Value> {
    people.map(join_of).collect()
}

/// A setting whose group of the joins is not in the search index yet.
fn lagging() -> Setting {
    Setting::shipped().seeded(|seed| {
        let leeds = |group: &&mut GroupSeed| group.path.last().is_some_and(|name| name == "Leeds");
        let groups = seed.shared.hierarchy_groups.iter_mut();
        groups
            .filter(leeds)
            .for_each(|group| group.hidden_from_search = true);
    })
}

fn called(scene: &Scene) -> [usize; 3] {
    [SEARCH, LIST, DESCRIBE].map(|operation| scene.called(operation))
}

fn grouped(scene: &Scene) -> usize {
    let users = scene.standin.users(INSTANCE).into_iter();
    users
        .filter(|user| user.hierarchy_group_id.is_some())
        .count()
}

#[tokio::test]
async fn groups_are_searched_once_for_everybody_who_needs_one() {
    let mut scene = Scene::plain().await;
    assert_eq!(scene.deliver(&[without_group(0)]).await, "1C");
    assert_eq!(called(&scene), [0, 0, 0]);
    assert_eq!(scene.deliver(&joins(1..4)).await, "3C");
    assert_eq!((called(&scene), grouped(&scene)), ([1, 0, 0], 3));
    scene.end().await;
}

#[tokio::test]
async fn a_group_that_the_index_lacks_is_described() {
    let mut scene = lagging().scene().await;
    assert_eq!(scene.deliver(&joins(0..3)).await, "3C");
    assert_eq!((called(&scene), grouped(&scene)), ([1, 1, 1], 3));
    scene.end().await;
}

#[tokio::test]
async fn a_search_that_is_refused_gives_way_to_descriptions() {
    for code in [
        "AccessDeniedException",
        "InvalidRequestException",
        "UnknownOperationException",
    ] {
        let mut scene = Scene::plain().await;
        scene.faults(vec![fault(SEARCH, Calls::default(), refused(code))]);
        assert_eq!(scene.deliver(&joins(0..3)).await, "3C", "{code}");
        assert_eq!((called(&scene), grouped(&scene)), ([1, 1, 1], 3), "{code}");
        let warned = scene.logged().matches("cannot be searched").count();
        assert_eq!(warned, 1, "{code}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_search_that_is_throttled_is_tried_again_later() {
    let mut scene = Scene::plain().await;
    scene.faults(vec![fault(
        SEARCH,
        Calls { from: 1, to: 3 },
        Does::Throttle,
    )]);
    assert_eq!(scene.deliver(&joins(0..1)).await, "1R");
    assert_eq!(scene.deliver(&joins(0..1)).await, "1C");
    assert_eq!(called(&scene), [4, 0, 0]);
    scene.end().await;
}

#[tokio::test]
async fn who_needs_no_group_does_not_wait_for_a_search_that_hangs() {
    let mut scene = Scene::plain().await;
    scene.faults(vec![fault(SEARCH, Calls::default(), Does::Hang)]);
    let (grouped, plain) = (joins(0..1), [without_group(1)]);
    let started = Instant::now();
    assert_eq!(scene.deliver(&plain).await, "1C");
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(scene.deliver(&grouped).await, "1R");
    let started = Instant::now();
    assert_eq!(scene.deliver(&[without_group(2)]).await, "1C");
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
    scene.end().await;
}

#[tokio::test]
async fn a_path_that_the_instance_lacks_is_looked_up_once_for_many() {
    let lacking = Setting::shipped().with("\"Leeds\"]", "\"York\"]");
    let mut scene = lacking.scene().await;
    assert_eq!(scene.deliver(&joins(0..3)).await, "3D(unknown_profile)");
    assert_eq!(called(&scene), [1, 1, 0]);
    scene.end().await;
}

/// A ready request for a user in a group of an id.
fn request(group: &str) -> Value {
    json!({
        "Username": "jo.blunt",
        "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
        "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
        "HierarchyGroupId": group,
        "IdentityInfo": {"FirstName": "Jo", "LastName": "Blunt"},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE"},
    })
}

#[tokio::test]
async fn an_id_is_looked_for_in_the_index_and_then_described() {
    let with_id = |hidden| {
        let mut setting = Setting::shipped();
        setting = setting.seeded(|seed| {
            seed.shared.hierarchy_groups.push(GroupSeed {
                path: vec!["APAC".to_owned()],
                id: Some("apac-1".to_owned()),
                hidden_from_search: hidden,
            });
        });
        setting
    };
    for (hidden, described) in [(false, 0), (true, 1)] {
        let mut scene = with_id(hidden).scene().await;
        assert_eq!(scene.deliver(&[request("apac-1")]).await, "1C");
        assert_eq!(called(&scene), [1, 0, described]);
        scene.end().await;
    }
}

// Whoever may send an event may make ids up.
#[tokio::test]
async fn an_id_that_no_group_has_is_its_own_persons_fault() {
    let mut scene = Scene::plain().await;
    let odd = refused("InvalidParameterException");
    scene.faults(vec![fault(DESCRIBE, Calls { from: 2, to: 2 }, odd)]);
    for id in ["nowhere", "nonsense", "../users"] {
        let batch = [request(id), without_group(1)];
        let outcome = scene.deliver(&batch).await;
        assert!(
            outcome.contains("1D(unknown_profile)") && !outcome.contains('R'),
            "{id}: {outcome}"
        );
    }
    assert_eq!(scene.called(DESCRIBE), 2);
    scene.end().await;
}

#[tokio::test]
async fn a_group_that_create_user_does_not_find_is_described_whatever_the_index_says() {
    let mut scene = Scene::plain().await;
    let gone = refused("ResourceNotFoundException");
    scene.faults(vec![
        fault("CreateUser", Calls { from: 1, to: 1 }, gone.clone()),
        fault(DESCRIBE, Calls { from: 1, to: 1 }, gone),
    ]);
    assert_eq!(scene.deliver(&joins(0..1)).await, "1R");
    // The group is in the index still, and Connect says that it is not there.
    assert_eq!(scene.deliver(&joins(0..1)).await, "1D(unknown_profile)");
    scene.end().await;
}
