//! Our own check of a request and Connect's documented refusal agree, rule by rule and for each identity management.

use connect_provisioner::aws::Clients;
use connect_provisioner::intake::Content;
use connect_provisioner::policy::config;
use connect_provisioner::provision::{BuiltRequest, Provisioner};
use connect_standin::{Seed, Standin};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MANAGED: &str = "CONNECT_MANAGED";
const SAML: &str = "SAML";
const DIRECTORY: &str = "EXISTING_DIRECTORY";

fn instance_id(identity: &str) -> &'static str {
    match identity {
        MANAGED => "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        SAML => "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222",
        _ => "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
    }
}

fn policy(identity: &str) -> connect_provisioner::policy::Policy {
    let password = if identity == MANAGED {
        "[password]\nsecret_id = \"connect/initial-password\""
    } else {
        ""
    };
    let text = format!(
        "[connect]\ninstance_id = \"{}\"\nidentity_management = \"{identity}\"\nemail_with_saml = \"send\"\n\
         [user]\nusername = [\"{{{{ email }}}}\"]\n{password}\n\
         [direct_requests]\nrouting_profiles = [\"Basic Routing Profile\"]\nsecurity_profiles = [\"Agent\"]\n\
         [[assignment]]\nname = \"all\"\nrouting_profile = \"Back Office\"\nsecurity_profiles = [\"Agent\"]\n",
        instance_id(identity)
    );
    test_support::schema::accepts(&text);
    config::parse(&text).unwrap_or_else(|faults| panic!("{faults}"))
}

/// A request that the instance takes.
fn request(identity: &str) -> Value {
    let mut request = json!({
        "Username": "mary",
        "IdentityInfo": {"FirstName": "Mary", "LastName": "Major"},
        "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
        "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
        "InstanceId": instance_id(identity),
    });
    if identity == DIRECTORY {
        request["DirectoryUserId"] = json!("directory-1");
    }
    request
}

/// What our proof says of a request: its reason, or `ok`.
async fn ours(provisioner: &Provisioner, request: &Value) -> String {
    let mut parcels = provisioner.sources().open(&request.to_string());
    let parcel = parcels.remove(0);
    let person = provisioner.sources().key_of(&parcel);
    let Ok(Content::Delivery(delivery)) = parcel.content else {
        panic!("no delivery in {request}")
    };
    match provisioner.build_request(&delivery, &person).await {
        Ok(BuiltRequest::Request(_)) => "ok".to_owned(),
        Ok(BuiltRequest::Skip(why)) => panic!("skipped: {why}"),
        Err(failure) => failure.reason().code(),
    }
}

/// What Connect says of it, over the wire and without our SDK: its exception, or `ok`.
async fn theirs(address: &str, identity: &str, request: &Value) -> String {
    let mut request = request.clone();
    if identity == MANAGED {
        request["Password"] = json!("Pass@Word1");
    }
    let body = request.to_string();
    let head = format!(
        "PUT /users/{} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=x/20261123/eu-west-2/connect/aws4_request\r\nconnection: close\r\n\r\n",
        instance_id(identity),
        body.len()
    );
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the stand-in listens");
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    if answer.starts_with("HTTP/1.1 200") {
        return "ok".to_owned();
    }
    let exception = answer.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("x-amzn-errortype: ")
            .map(str::to_owned)
    });
    exception.unwrap_or_else(|| panic!("{answer}"))
}

/// A row: the identity management, a change to a good request, and our reason for refusing it (`ok` where we don't).
type Row = (&'static str, fn(&mut Value), &'static str);

fn long(length: usize) -> Value {
    json!("x".repeat(length))
}

const ROWS: &[Row] = &[
    (MANAGED, |_| (), "ok"),
    (SAML, |_| (), "ok"),
    (DIRECTORY, |_| (), "ok"),
    // Username
    (MANAGED, |r| r["Username"] = long(20), "ok"),
    (MANAGED, |r| r["Username"] = long(21), "username_invalid"),
    (DIRECTORY, |r| r["Username"] = long(21), "username_invalid"),
    (SAML, |r| r["Username"] = long(64), "ok"),
    (SAML, |r| r["Username"] = long(65), "username_invalid"),
    (
        SAML,
        |r| r["Username"] = json!("mary major"),
        "username_invalid",
    ),
    (SAML, |r| r["Username"] = json!("mary@example.com"), "ok"),
    (
        SAML,
        |r| r["Username"] = json!("mary@example"),
        "username_invalid",
    ),
    (
        MANAGED,
        |r| r["Username"] = json!("@mary"),
        "username_invalid",
    ),
    (
        MANAGED,
        |r| r["Username"] = json!("a@b@c.de"),
        "username_invalid",
    ),
    (
        MANAGED,
        |r| drop(r.as_object_mut().map(|r| r.remove("Username"))),
        "missing_field:Username",
    ),
    // IdentityInfo
    (
        MANAGED,
        |r| r["IdentityInfo"]["FirstName"] = Value::Null,
        "missing_field:IdentityInfo.FirstName",
    ),
    (
        SAML,
        |r| r["IdentityInfo"]["LastName"] = Value::Null,
        "missing_field:IdentityInfo.LastName",
    ),
    (DIRECTORY, |r| r["IdentityInfo"] = Value::Null, "ok"),
    (
        MANAGED,
        |r| r["IdentityInfo"]["FirstName"] = long(255),
        "ok",
    ),
    (
        MANAGED,
        |r| r["IdentityInfo"]["FirstName"] = long(256),
        "invalid_field:IdentityInfo.FirstName",
    ),
    (MANAGED, |r| r["IdentityInfo"]["LastName"] = long(256), "ok"),
    (
        MANAGED,
        |r| r["IdentityInfo"]["LastName"] = long(257),
        "invalid_field:IdentityInfo.LastName",
    ),
    (SAML, |r| r["IdentityInfo"]["LastName"] = long(300), "ok"),
    (
        SAML,
        |r| r["IdentityInfo"]["LastName"] = long(301),
        "invalid_field:IdentityInfo.LastName",
    ),
    (
        MANAGED,
        |r| r["IdentityInfo"]["LastName"] = json!("x\u{0301}x"),
        "ok",
    ),
    (
        SAML,
        |r| r["IdentityInfo"]["Email"] = json!("mary@example.com"),
        "ok by our configuration",
    ),
    (
        MANAGED,
        |r| r["IdentityInfo"]["Email"] = json!("mary@example.com"),
        "ok",
    ),
    (
        MANAGED,
        |r| r["IdentityInfo"]["SecondaryEmail"] = json!("mary@example"),
        "invalid_field:IdentityInfo.SecondaryEmail",
    ),
    (
        MANAGED,
        |r| r["IdentityInfo"]["Mobile"] = json!("+0155"),
        "invalid_field:IdentityInfo.Mobile",
    ),
    // DirectoryUserId
    (
        SAML,
        |r| r["DirectoryUserId"] = json!("x"),
        "invalid_field:DirectoryUserId",
    ),
    // Phone settings
    (
        MANAGED,
        |r| r["PhoneConfig"] = json!({"PhoneType": "DESK_PHONE"}),
        "missing_field:PhoneConfig.DeskPhoneNumber",
    ),
    (
        MANAGED,
        |r| r["PhoneConfig"] = json!({"PhoneType": "DESK_PHONE", "DeskPhoneNumber": "15555551212"}),
        "invalid_field:PhoneConfig.DeskPhoneNumber",
    ),
    (
        MANAGED,
        |r| {
            r["PhoneConfig"] =
                json!({"PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+15555551212"});
        },
        "ok",
    ),
    (
        MANAGED,
        |r| {
            r["PhoneConfig"] =
                json!({"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 2_000_001});
        },
        "invalid_field:PhoneConfig.AfterContactWorkTimeLimit",
    ),
    (
        MANAGED,
        |r| r["PhoneConfig"] = json!({"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": -1}),
        "invalid_field:PhoneConfig.AfterContactWorkTimeLimit",
    ),
    (
        MANAGED,
        |r| r["PhoneConfig"] = json!({"PhoneType": "PAGER"}),
        "invalid_field:PhoneConfig.PhoneType",
    ),
    (
        MANAGED,
        |r| {
            r["PhoneConfig"] = json!({"PhoneType": "SOFT_PHONE", "AutoAccept": true});
            r["AutoAcceptConfigs"] = json!([{"Channel": "CHAT", "AutoAccept": true}]);
        },
        "invalid_field:PhoneConfig.AutoAccept",
    ),
    (
        MANAGED,
        |r| {
            r["PhoneConfig"] = json!({"PhoneType": "SOFT_PHONE"});
            r["PhoneNumberConfigs"] = json!([{"Channel": "VOICE", "PhoneType": "SOFT_PHONE"}]);
        },
        "invalid_field:PhoneConfig.PhoneType",
    ),
    (
        MANAGED,
        |r| r["PhoneNumberConfigs"] = json!([{"Channel": "CHAT", "PhoneType": "SOFT_PHONE"}]),
        "invalid_field:PhoneNumberConfigs[0].Channel",
    ),
    (
        MANAGED,
        |r| {
            r["PersistentConnectionConfigs"] =
                json!([{"Channel": "TASK", "PersistentConnection": true}]);
        },
        "invalid_field:PersistentConnectionConfigs[0].Channel",
    ),
    (
        MANAGED,
        |r| {
            r["VoiceEnhancementConfigs"] =
                json!([{"Channel": "EMAIL", "VoiceEnhancementMode": "NONE"}]);
        },
        "invalid_field:VoiceEnhancementConfigs[0].Channel",
    ),
    (
        MANAGED,
        |r| {
            r["AutoAcceptConfigs"] = json!([{"Channel": "CHAT", "AutoAccept": true, "AgentFirstCallbackAutoAccept": true}]);
        },
        "invalid_field:AutoAcceptConfigs[0]",
    ),
    (
        MANAGED,
        |r| {
            r["AfterContactWorkConfigs"] = json!([{"Channel": "VOICE", "AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 2_000_001}}]);
        },
        "invalid_field:AfterContactWorkConfigs[0].AfterContactWorkConfig.AfterContactWorkTimeLimit",
    ),
    // Profiles
    (
        MANAGED,
        |r| r["SecurityProfileIds"] = json!([]),
        "missing_field:SecurityProfileIds",
    ),
    (
        MANAGED,
        |r| r["SecurityProfileIds"] = json!(["nobody"]),
        "unknown_profile",
    ),
    (
        MANAGED,
        |r| r["RoutingProfileId"] = json!("nobody"),
        "unknown_profile",
    ),
    (
        MANAGED,
        |r| r["HierarchyGroupId"] = json!("nobody"),
        "unknown_profile",
    ),
    // Tags
    (
        MANAGED,
        |r| r["Tags"] = json!({"aws:x": "y"}),
        "invalid_field:Tags",
    ),
    (
        MANAGED,
        |r| r["Tags"] = json!({"a;b": "y"}),
        "invalid_field:Tags",
    ),
    (
        MANAGED,
        |r| r["Tags"]["x"] = long(257),
        "invalid_field:Tags",
    ),
    (
        MANAGED,
        |r| {
            r["Tags"] = (0..51)
                .map(|n| (n.to_string(), json!("x")))
                .collect::<serde_json::Map<_, _>>()
                .into();
        },
        "invalid_field:Tags",
    ),
];

#[tokio::test]
async fn what_connect_refuses_we_refuse_and_the_rest_we_send() {
    for identity in [MANAGED, SAML, DIRECTORY] {
        // Kept for the listings only, so that each request finds an instance without users.
        let directory = Standin::new(Seed::default());
        let listing = directory.start(0).await.expect("starts");
        let provisioner = Provisioner::new(
            policy(identity),
            &Clients::at(&listing.endpoint_url(), "eu-west-2"),
        );
        for (_, change, expected) in ROWS.iter().filter(|row| row.0 == identity) {
            let mut request = request(identity);
            change(&mut request);
            let running = Standin::new(Seed::default())
                .start(0)
                .await
                .expect("starts");
            let theirs = theirs(&running.address().to_string(), identity, &request).await;
            let ours = ours(&provisioner, &request).await;
            if *expected == "ok by our configuration" {
                assert_eq!(
                    (ours.as_str(), theirs.as_str()),
                    ("ok", "invalidrequestexception"),
                    "{request}"
                );
                continue;
            }
            assert_eq!(ours, *expected, "{identity} {request}");
            assert_eq!(
                theirs == "ok",
                ours == "ok",
                "we say {ours}, Connect says {theirs}: {request}"
            );
        }
    }
}
