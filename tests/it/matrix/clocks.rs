//! Row about a clock that a thaw has left behind: a stale signature costs one more call, and nobody a delivery.

use connect_standin::{Calls, Fault};
use test_support::faults::{ALL, FIRST, error, fault};
use test_support::scene::{Scene, Setting};

use super::services::{called, joins};
use super::{Row, simulated};

const TWICE: Calls = Calls { from: 1, to: 2 };

fn stale(operation: &str, calls: Calls) -> Fault {
    fault(operation, calls, error("InvalidSignatureException", 403))
}

/// Ten people while one call of an operation is refused as stale.
async fn check_one_more_call(operation: &str, code: &str) {
    let mut scene = Scene::plain().await;
    let refused = fault(operation, FIRST, error(code, 403));
    scene.faults(vec![refused]);
    assert_eq!(
        scene.deliver(&joins(0..10)).await,
        "10C",
        "{operation} {code}"
    );
    let least = if operation == "CreateUser" { 10 } else { 1 };
    assert_eq!(called(&scene, operation), least + 1, "{operation} {code}");
    assert!(!scene.logged().contains(r#""SystemicStop":1"#), "{code}");
    scene.end().await;
}

pub(super) fn rows() -> Vec<Row> {
    vec![simulated(72, "one stale signature after a thaw", async {
        check_one_more_call("CreateUser", "InvalidSignatureException").await;
        check_one_more_call("CreateUser", "RequestExpired").await;
        check_one_more_call("GetSecretValue", "InvalidSignatureException").await;
        check_one_more_call("ListRoutingProfiles", "SignatureDoesNotMatch").await;
        // A dead letter is written all the same.
        let mut scene = Scene::plain().await;
        scene.faults(vec![stale("SendMessage", FIRST)]);
        assert_eq!(scene.deliver(&["no JSON"]).await, "1D(not_json)");
        scene.end().await;
        // Where it is not the clock, it stops the batch as any refusal of the credentials does.
        for operation in ["CreateUser", "GetSecretValue"] {
            let mut scene = Setting::shipped().scene().await;
            scene.faults(vec![stale(operation, TWICE)]);
            assert_eq!(scene.deliver(&joins(0..10)).await, "10R", "{operation}");
            assert_eq!(called(&scene, operation), 2, "{operation}");
            assert!(scene.logged().contains(r#""SystemicStop":1"#));
            scene.end().await;
        }
        let mut scene = Scene::plain().await;
        scene.faults(vec![fault(
            "CreateUser",
            ALL,
            error("AccessDeniedException", 403),
        )]);
        assert_eq!(scene.deliver(&joins(0..10)).await, "10R");
        assert_eq!(called(&scene, "CreateUser"), 1, "no clock's fault");
        scene.end().await;
    })]
}
