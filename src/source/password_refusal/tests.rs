use super::*;
use serde_json::json;
use std::time::{Duration, Instant};

const PASSWORD: &str = "Pa\"ss\\Word1é";

#[track_caller]
fn check(body: &str) {
    let kept = without_passwords(body);
    let residue = kept.contains("Word1") || kept.contains("\\u0057ord1");
    assert!(!residue && !is_in_base64(&kept), "{kept}");
}

// Whatever stands in base64, at any depth, holds none either.
fn is_in_base64(text: &str) -> bool {
    let of_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let runs = text.split(|c| !of_base64(c)).filter(|run| run.len() > 7);
    let decoded = runs.filter_map(|run| aws_smithy_types::base64::decode(run).ok());
    let mut texts = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    texts.any(|text| text.contains("Word1") || is_in_base64(&text))
}

#[test]
fn a_password_is_cut_out_of_base64_xml_and_forms() {
    let event = json!({"Username": "mary", "Password": PASSWORD}).to_string();
    let base64 = |text: &str| aws_smithy_types::base64::encode(text);
    for inner in [
        event.as_str(),
        "<user><password>PassWord1</password></user>",
        "username=mary&password=PassWord1",
        &format!("[{event}]"),
        &json!({"Message": event}).to_string(),
        &base64(&event),
    ] {
        assert!(inner.contains("Word1") || is_in_base64(inner), "{inner}");
        let encoded = base64(inner);
        let record = json!({"eventSource": "aws:kinesis", "kinesis": {"data": encoded}});
        check(&json!({"Records": [record]}).to_string());
        check(&json!({"eventSource": "aws:kinesis", "data": encoded}).to_string());
        check(&json!({"routeKey": "POST /", "isBase64Encoded": true, "body": encoded}).to_string());
        check(
            &json!({"message": {"data": encoded}, "subscription": "projects/p/subscriptions/s"})
                .to_string(),
        );
        if inner.starts_with(['{', '[', '<']) {
            check(&encoded);
            check(&json!(encoded).to_string());
        }
    }
    let escaped = "<m>&lt;user&gt;&lt;password&gt;PassWord1&lt;/password&gt;&lt;/user&gt;</m>";
    check(escaped);
    check("<m>{&quot;password&quot;:&quot;PassWord1&quot;}</m>");
    check("<user><password><value>PassWord1</value></password></user>");
    check("<user><a:login w:initialPassword='PassWord1'/></user>");
    check("payload=%7B%22password%22%3A%22PassWord1%22%7D");
    check("pass%77ord=PassWord1&user=mary");
    // Nothing is lost where there is none.
    for kept in [
        base64(r#"{"Username":"mary","passwordPolicy":"strict"}"#),
        "<user><name>mary</name><passwordPolicy>strict</passwordPolicy></user>".to_owned(),
        "user=mary&passport=1".to_owned(),
    ] {
        check_kept(&kept, &kept);
    }
}

#[test]
fn a_password_is_cut_out_at_every_depth_of_escaping() {
    let event = json!({"Username": "mary", "Password": PASSWORD});
    check(&event.to_string());
    let sns = json!({"Type": "Notification", "TopicArn": "t", "Message": event.to_string()});
    check(&sns.to_string());
    let twice = json!({"Type": "Notification", "TopicArn": "t", "Message": sns.to_string()});
    check(&twice.to_string());
    check(&json!({"worker": {"login": [{"passWord": PASSWORD}]}}).to_string());
    check(r#"{"Username":"mary","Password":"Pass\u0057ord1"}"#);
    check(r#"{"Username":"mary","Password":{"value":"PassWord1"}}"#);
    check(r#"{"Username":"mary","Password":"aWord1","Password":"bWord1"}"#);
    check(r#"{"Username":"mary","pass\u0057ord":"PassWord1"}"#);
    check(r#"{"Username":"mary","Password":"PassWord1""#);
    check(r#"{"Username":"mary","Password":{"value":"Pass}Word1","#);
    check(r#""{\"Password\":\"PassWord1\"}""#);
    check(r#"{"specversion":"0.3","data":{"password" : "PassWord1"}}"#);
    check(r#"[{"Username":"mary","Password":12345Word1}]"#);
    check(r#"[{"Username":"mary","Password":topWord1}]"#);
    check(r#"{"half":"\ud800 password=PassWord1","a":1}"#);
    check("username=mary&password=PassWord1&x=y");
    check("<user><password>PassWord1</password></user>");
    check("<user><password>my \"Word1\"</password></user>");
    check("<user><password><![CDATA[<Word1>]]></password></user>");
    check(r#"<wsse:Password Type="wsse:PasswordText">PassWord1</wsse:Password>"#);
    check(r#"<user name="mary" password="my Word1"/>"#);
    let encoded = |text: &str| json!(text).to_string();
    check(&encoded(&encoded(&event.to_string())));
    check(&(0..6).fold(event.to_string(), |text, _| encoded(&text)));
    check(&json!({"httpMethod": "POST", "body": event.to_string()}).to_string());
    check(
        &json!({"id": "1", "detail-type": "t", "source": "hr", "detail": event.to_string()})
            .to_string(),
    );
    let base64 = aws_smithy_types::base64::encode(event.to_string());
    let cloud = without_passwords(&json!({"data_base64": base64}).to_string());
    let expected = r#"{"Password":"[removed]","Username":"mary"}"#;
    let expected = aws_smithy_types::base64::encode(expected);
    assert_eq!(cloud, json!({"data_base64": expected}).to_string());
}

#[track_caller]
fn check_kept(body: &str, expected: &str) {
    assert_eq!(without_passwords(body), expected);
}

#[test]
fn the_rest_of_the_event_is_kept() {
    check_kept(
        &json!({"Username": "mary", "Password": PASSWORD}).to_string(),
        r#"{"Password":"[removed]","Username":"mary"}"#,
    );
    check_kept(
        r#"{"Password":"Mary","FirstName":"Mary","note":"password policy"}"#,
        r#"{"Password":"[removed]","FirstName":"Mary","note":"password policy"}"#,
    );
    check_kept(
        "\u{feff}{ \"password\" :{ \"v\":[\"]}\"]} , \"n\":1.50}",
        "\u{feff}{ \"password\" :\"[removed]\" , \"n\":1.50}",
    );
    check_kept(
        r#"{"link":"https://hr/x?password=a\"b\\c&y=1","id":"E1"}"#,
        r#"{"link":"https://hr/x?password=[removed]&y=1","id":"E1"}"#,
    );
    check_kept(
        r#"{"link":"https://hr/x?Password=abc","id":"E1"}"#,
        r#"{"link":"https://hr/x?Password=[removed]","id":"E1"}"#,
    );
    // Re-encoded only where something is cut.
    check_kept(
        r#"{"Message":"{\"a\":\"\/\",\"password\":7}","b":"\/"}"#,
        r#"{"Message":"{\"a\":\"/\",\"password\":\"[removed]\"}","b":"\/"}"#,
    );
    // The beginning of a JSON text.
    check_kept(
        r#"{"link":"https://hr/x?password=abc","id":"E1""#,
        r#"{"link":"https://hr/x?password=[removed]","id":"E1""#,
    );
    check_kept(
        r#"{"Message":"{\"link\":\"?password=abc\",\"id\":\"E1\"}""#,
        r#"{"Message":"{\"link\":\"?password=[removed]\",\"id\":\"E1\"}""#,
    );
}

#[test]
fn where_there_is_no_password_every_byte_is_kept() {
    for clean in [
        r#"{ "Username" : "mary", "Password": "" }"#,
        r#"{"Password":null,"password":[ ],"PASSWORD":{},"pass\u0057ord":false}"#,
        r#"{"link":"https://hr/x?forgot_password=1","next":"/reset-password=1","passwordPolicy":"x"}"#,
        r#"{"passport":"x","passwordChanged":"2026-01-01T00:00:00Z","passwordChangeRequired":false}"#,
        r#"{"initialPassword":true,"PWD":"No","user_password":"","hasPassword":"x","tempPassword":0}"#,
        "initialPassword=true&passport=x&user_pass=&bypass=all",
        "{\"passport\":\"x\",\"mustChangePassword\":\"x\"",
        r#"{"x":"a \/ \u00e9 <password></password> ?password=&y=1"}"#,
        "{\"link\":\"?forgot_password=1\",\"id\":\"E1\"",
        "username=mary&reset-password=1&passwordPolicy=2",
    ] {
        check_kept(clean, clean);
    }
}

#[test]
fn a_password_goes_whatever_its_member_is_called() {
    for name in [
        "initialPassword",
        "tempPassword",
        "temporary_password",
        "USER-PASSWORD",
        "pwd",
        "passwd",
        "passcode",
        "passphrase",
        "pass",
        "password_confirmation",
    ] {
        check_kept(
            &json!({"Username": "mary", name: PASSWORD, "z": 1}).to_string(),
            &json!({"Username": "mary", name: "[removed]", "z": 1}).to_string(),
        );
        check(&json!({"worker": [{name: {"value": PASSWORD}}]}).to_string());
        check(&json!({"link": format!("https://hr/x?{name}=PassWord1&y=1")}).to_string());
        check(&json!({"Message": json!({name: PASSWORD}).to_string()}).to_string());
        check(&format!(r#"{{"{name}":"PassWord1""#));
        check(&format!("<user><{name}>PassWord1</{name}></user>"));
    }
    // The dead letter says that one was there, and the event is read all the same.
    let payload = json!({"initialPassword": "x"});
    assert!(refuse(payload.as_object().expect("an object")).is_ok());
}

#[test]
fn a_hostile_body_takes_no_longer_than_its_length() {
    let long = |part: &str| part.repeat(1_000_000 / part.len());
    let nested_text = (0..12).fold("{\"password\":\"x\"}".to_owned(), |text, _| {
        json!({"Type": "Notification", "TopicArn": "t", "Message": text}).to_string()
    });
    for body in [
        long("password="),
        long("pass"),
        long("pwdpass-"),
        long("initial_pwd=1"),
        long("\"initialPassword\":{"),
        long("\"password\":\""),
        long("\"password\":"),
        long("<password"),
        long("<a:password "),
        long("\"password\\"),
        long("{\"password\":"),
        format!("\"{}\"", long("password=")),
        format!("[{}0]", long("\"password=x\",")),
        format!("[{}0]", long("{\"password\":[1]},")),
        format!("{}{}", "[".repeat(500_000), "]".repeat(500_000)),
        format!("{}1{}", "{\"password\":".repeat(70_000), "}".repeat(70_000)),
        format!("{{\"data\":\"{}\"}}", long("\\\\")),
        nested_text,
    ] {
        let started = Instant::now();
        let kept = without_passwords(&body);
        // Within tens of milliseconds; what is quadratic takes minutes.
        assert!(started.elapsed() < Duration::from_secs(5), "{body:.40}");
        assert_eq!(without_passwords(&kept), kept, "{body:.40}");
    }
}

#[test]
fn any_password_in_an_event_is_refused() {
    let refused = |payload: Value| refuse(payload.as_object().expect("an object")).is_err();
    assert!(refused(json!({"Password": "x"})));
    assert!(refused(json!({"worker": {"password": "x"}})));
    assert!(!refused(
        json!({"Password": "", "worker": {"passwordPolicy": "x"}})
    ));
    assert!(!refused(json!({"initialPassword": "x"})));
}
