//! Any name in any script -> a username that Connect takes, or none; the same one every time, and no panic.

use connect_provisioner::language::Language;
use connect_provisioner::policy::TooLong;
use connect_provisioner::rules;
use connect_provisioner::username::{choose, fold};
use minijinja::context;
use proptest::prelude::*;

/// Letters of many scripts with marks, joiners, emoji and overrides between them, and anything at all.
fn name() -> impl Strategy<Value = String> {
    let of_a_script = prop_oneof![
        "[a-zA-Z .'’-]{0,20}",
        "[À-ɏ\u{300}-\u{36f}]{0,20}",
        "[Ͱ-ԯ]{0,20}",
        "[؀-ۿ\u{200e}\u{200f}\u{202a}-\u{202e}]{0,20}",
        "[ぁ-ヿ一-龥가-힣]{0,20}",
        "[ऀ-ॿ\u{200d}\u{fe0f}😀-🙏]{0,20}",
    ];
    prop_oneof![of_a_script, any::<String>()]
}

proptest! {
    #[test]
    fn a_username_is_one_that_connect_takes_or_there_is_none(names in prop::collection::vec(name(), 1..4), saml in any::<bool>()) {
        let length = if saml { 64 } else { 20 };
        for too_long in [TooLong::Cut, TooLong::Refuse] {
            let chosen = choose(names.iter().cloned(), length, too_long);
            if let Ok(username) = &chosen {
                prop_assert!(rules::is_username(username), "{username:?}");
                prop_assert!(username.len() <= length, "{username:?}");
            }
            let again = choose(names.iter().cloned(), length, too_long);
            prop_assert_eq!(chosen.ok(), again.ok());
        }
    }

    #[test]
    fn folding_twice_changes_nothing(name in name()) {
        let folded = fold(&name);
        prop_assert_eq!(fold(&folded), folded);
    }

    #[test]
    fn composed_and_decomposed_names_are_the_same_person(name in name()) {
        use unicode_normalization::UnicodeNormalization;
        let (composed, decomposed): (String, String) = (name.nfc().collect(), name.nfd().collect());
        prop_assert_eq!(fold(&composed), fold(&decomposed));
    }

    #[test]
    fn no_filter_panics(name in name()) {
        for filter in ["username", "german", "german | username", "nfc", "ascii", "e164", "date", "ascii | first"] {
            let template = Language::default().template(&format!("{{{{ family_name | {filter} }}}}")).expect("compiles");
            let person = context! { family_name => &name };
            prop_assert_eq!(template.render(&person), template.render(&person));
        }
    }
}
