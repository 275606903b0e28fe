//! Rows about what arrives: encodings, shapes, sizes, fields.

use serde_json::{Value, json};
use test_support::event_source::{EventSource, seed_with_queue};
use test_support::scene::{Scene, Setting, record};
use test_support::shipped::{INSTANCE, join_of};

use super::services::patient;
use super::{Row, row, simulated};

/// A join with another value at a JSON pointer.
pub(super) fn join_with(n: usize, pointer: &str, value: Value) -> Value {
    let mut join = join_of(n);
    *join.pointer_mut(pointer).expect("the join has it") = value;
    join
}

/// Delivers bodies to a function of their own, and holds everything against the invariants.
pub(super) async fn check<B: ToString>(bodies: &[B], expected: &str) {
    let mut scene = Scene::plain().await;
    assert_eq!(scene.deliver(bodies).await, expected);
    scene.end().await;
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = encodings();
    rows.extend(sizes());
    rows.extend(fields());
    rows
}

fn encodings() -> Vec<Row> {
    vec![
        row(1, "body not JSON, 9 good neighbours", async {
            let mut bodies: Vec<String> = (0..9).map(|n| join_of(n).to_string()).collect();
            bodies.insert(4, "{\"specversion\":".to_owned());
            check(&bodies, "9C 1D(not_json)").await;
        }),
        row(2, "body empty, null, [], \"x\", 42", async {
            // SQS takes no empty body, so it can neither deliver one nor keep it as a dead letter.
            check(
                &["", "null", "[]", "\"x\"", "42"],
                "1S 3D(unknown_shape) 1R",
            )
            .await;
        }),
        row(3, "body with a byte order mark", async {
            check(&[format!("\u{feff}{}", join_of(1))], "1C").await;
        }),
        row(
            4,
            "UTF-16 or Latin-1 bytes, base64ed by a producer",
            async {
                let utf_16: Vec<u8> = join_of(1)
                    .to_string()
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect();
                let latin_1 = b"{\"name\":\"Zo\xeb\"}";
                let bodies = [
                    aws_smithy_types::base64::encode(utf_16),
                    aws_smithy_types::base64::encode(latin_1),
                ];
                check(&bodies, "2D(not_json)").await;
            },
        ),
        row(5, "lone surrogate escape in the body's own JSON", async {
            let bad = join_of(1).to_string().replace("Tricia1", "Tricia\\ud800");
            check(
                &[join_of(2).to_string(), bad, join_of(3).to_string()],
                "2C 1D(not_json)",
            )
            .await;
        }),
        row(
            6,
            "lone surrogate or bad base64 in the outer record",
            async {
                let mut scene = Scene::plain().await;
                let mut attribute = record(&join_of(3).to_string());
                attribute["messageAttributes"] =
                    json!({"a": {"dataType": "Binary", "binaryValue": "%%%"}});
                let event = json!({"Records": [record(&join_of(1).to_string()), record("SURROGATE"), attribute]});
                // serde_json holds no lone surrogate, so it is written into the text.
                let event = event.to_string().replace("SURROGATE", "\\ud800");
                assert_eq!(
                    scene.invoke_text(&event).await,
                    "2C 1D(unreplayable_record)"
                );
                scene.end().await;
            },
        ),
        row(7, "depth 200", async {
            let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
            check(&[deep, join_of(1).to_string()], "1C 1D(not_json)").await;
        }),
        row(18, "form-encoded body", async {
            // It is read; the configuration has no source for it.
            check(&["employee_id=E1&given_name=Zoe"], "1D(unknown_shape)").await;
        }),
        row(19, "SOAP body", async {
            let soap =
                "<?xml version=\"1.0\"?><soapenv:Envelope><soapenv:Body/></soapenv:Envelope>";
            check(&[soap], "1D(unknown_shape)").await;
        }),
    ]
}

// Amazon SQS Developer Guide, message quotas.
const LARGEST_MESSAGE: usize = 1 << 20;

fn sizes() -> Vec<Row> {
    vec![
        row(8, "1 MiB body, valid", async {
            let mut join = join_of(1);
            let spare = LARGEST_MESSAGE - join.to_string().len() - r#","padding":"""#.len();
            join["padding"] = json!("x".repeat(spare));
            assert_eq!(join.to_string().len(), LARGEST_MESSAGE);
            check(&[join], "1C").await;
        }),
        simulated(9, "failing body too large for its reason", async {
            let setting = patient().seeded(|seed| {
                seed.queues = seed_with_queue("hr-joins", 2).queues;
            });
            let mut scene = setting.scene().await;
            let source = EventSource::new(&scene.running, "hr-joins");
            let body = "x".repeat(LARGEST_MESSAGE);
            source.send(&body, None).await;
            source.drain(scene.function()).await;
            // SQS's own redrive has moved it, whole.
            let letters = scene.standin.messages("hr-joins-dlq");
            assert_eq!(letters.len(), 1);
            assert!(letters[0].body == body && letters[0].attributes.is_empty());
            assert!(scene.logged().contains(r#""outcome":"retry""#));
            scene.end().await;
        }),
    ]
}

fn fields() -> Vec<Row> {
    vec![
        row(10, "duplicate key", async {
            let doubled = join_of(1)
                .to_string()
                .replace("\"email\":", "\"email\":\"a@example.com\",\"email\":");
            check(&[doubled], "1D(invalid_field:duplicate_key)").await;
        }),
        row(11, "NUL or control characters in a name", async {
            let names = ["Zo\u{0}ë", "Zo\u{1b}[2Jë", "Zo\u{85}ë"];
            let bodies = names.map(|name| join_with(1, "/worker/givenName", json!(name)));
            check(&bodies, "3D(invalid_field:worker.givenName)").await;
        }),
        row(12, "unknown version of the event or its envelope", async {
            let bodies =
                ["hr.join/2", "0.3"].map(|version| join_with(1, "/specversion", json!(version)));
            check(&bodies, "2D(unsupported_version)").await;
        }),
        row(13, "extra unknown fields", async {
            let mut join = join_of(1);
            join["more"] = json!({"of": ["it"]});
            join["worker"]["favouriteColour"] = json!(7);
            check(&[join], "1C").await;
        }),
        row(14, "missing family name", async {
            let mut join = join_of(1);
            join["worker"]
                .as_object_mut()
                .expect("an object")
                .remove("familyName");
            check(&[join], "1D(missing_field:worker.familyName)").await;
        }),
        row(15, "required field empty, blank, null or []", async {
            let values = [json!(""), json!(" \t"), Value::Null, json!([])];
            let bodies = values.map(|value| join_with(1, "/worker/familyName", value));
            check(&bodies, "4D(missing_field:worker.familyName)").await;
        }),
        row(16, "19-digit numeric employee id", async {
            let setting = Setting::shipped().with(
                "site = \"{{ location }}\"",
                "employee = \"{{ employee_id }}\"",
            );
            let mut scene = setting.scene().await;
            let join = join_with(
                1,
                "/worker/employeeId",
                json!(9_007_199_254_740_993_123_u64),
            );
            assert_eq!(scene.deliver(&[join]).await, "1C");
            assert_eq!(
                scene.standin.users(INSTANCE)[0].tags["employee"],
                "9007199254740993123"
            );
            scene.end().await;
        }),
        row(17, "event with nothing but an id", async {
            let presets = ["hibob", "personio", "gusto"];
            let presets = presets.map(|name| format!("[[source]]\npreset = \"{name}\"\n"));
            let sources = format!("{}\n[retry]", presets.concat());
            let mut scene = Setting::shipped().with("[retry]", &sources).scene().await;
            let bodies = [
                json!({"type": "employee.joined", "companyId": 1, "data": {"employeeId": "3332883854254932743"}}),
                json!({"event_name": "person.created", "payload": {"person_id": "7654321"}}),
                json!({"event_type": "employee.onboarded", "entity_uuid": "bcfc9744-0ab3-4ef3-ab0d-e728255d659c"}),
            ];
            assert_eq!(scene.deliver(&bodies).await, "3D(insufficient_data)");
            scene.end().await;
        }),
    ]
}
