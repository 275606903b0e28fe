//! A refusal by AWS: the parts that the dead letter and `show` keep of it.

use connect_standin::{Does, FaultScript};
use serde_json::Value;
use test_support::shipped::join_of;

use super::desk::{Desk, check, fault};

#[tokio::test]
async fn a_refusal_by_connect_can_be_diagnosed_and_quotes_nobody() {
    let desk = Desk::new().await;
    let message = "1 validation error detected: Value 'tricia1.brueckner' at 'username' failed to satisfy constraint: Member \
                   must have length less than or equal to 20, Tricia1";
    desk.standin.set_faults(FaultScript {
        faults: vec![fault(
            "CreateUser",
            Does::Refuse {
                code: "InvalidRequestException".to_owned(),
                status: 400,
                message: message.to_owned(),
            },
        )],
    });
    desk.bury(&[join_of(1).to_string()]).await;
    let letter = desk.standin.messages("hr-joins-dlq").remove(0);
    assert_eq!(
        letter.attributes["provisioner.explanation"],
        "CreateUser answered InvalidRequestException: 1 validation error detected: Value '…' at 'username' failed to satisfy \
         constraint: Member must have length less than or equal to 20, …"
    );
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    let call = details["failures"][0]["aws_request_id"]
        .as_str()
        .expect("an id");
    let show = desk.dlq(&desk.faulty, &["show", &letter.id[..8]]).await;
    let shown = format!("AWS call   {call} (for CloudTrail and AWS Support)\n");
    check(&show, 0, &shown, "");
    check(
        &show,
        0,
        "Member must have length less than or equal to 20",
        "",
    );
}
