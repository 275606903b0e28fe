//! Row about secrets whose text is no password that somebody could type.

use test_support::scene::Setting;

use super::secrets::check_unusable;
use super::{Row, simulated};

const WITH_KEY: &str = "json_key = \"password\" ";

/// The shipped configuration without `json_key`, and a secret of a text.
fn plain(text: &'static str) -> Setting {
    Setting::shipped()
        .with(WITH_KEY, "# json_key = \"password\" ")
        .seeded(|seed| seed.secrets[0].string = Some(text.to_owned()))
}

pub(super) fn rows() -> Vec<Row> {
    vec![simulated(
        74,
        "secret in the console's key/value form, with a BOM, white space, quotation marks",
        async {
            for (text, code) in [
                (r#"{"password":"Welcome2Desk"}"#, "secret_json_without_key"),
                ("\u{feff}Welcome2Desk", "secret_invisible_character"),
                ("Welcome\u{200b}2Desk", "secret_invisible_character"),
                ("Welcome2Desk\n", "secret_padded"),
                (r#""Welcome2Desk""#, "secret_quoted"),
            ] {
                check_unusable(plain(text), vec![], code).await;
            }
            let mut scene = plain("{Welcome2Desk").scene().await;
            assert_eq!(
                scene.deliver(&[test_support::shipped::join_of(1)]).await,
                "1C"
            );
            scene.end().await;
        },
    )]
}
