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

/// A name, and the username that it gives on its own; the empty text where it gives none.
const NAMES: [(&str, &str, &str, &str, &str); 17] = [
    // what it is about, given name, family name, username, with `german` before
    ("plain", "Jane", "Doe", "jane.doe", "jane.doe"),
    ("precomposed", "Zoë", "Müller", "zoe.muller", "zoe.mueller"),
    (
        "decomposed",
        "Zoe\u{308}",
        "Mu\u{308}ller",
        "zoe.muller",
        "zoe.mueller",
    ),
    (
        "German sharp s",
        "Björn",
        "Groß",
        "bjorn.gross",
        "bjoern.gross",
    ),
    ("Polish", "Łukasz", "Żółć", "lukasz.zolc", "lukasz.zolc"),
    (
        "Vietnamese",
        "Nguyễn",
        "Văn Đức",
        "nguyen.vanduc",
        "nguyen.vanduc",
    ),
    (
        "Icelandic",
        "Þóra",
        "Guðmundsdóttir",
        "thora.gudmundsdottir",
        "thora.gudmundsdottir",
    ),
    (
        "Danish",
        "Søren",
        "Kjærgård",
        "soren.kjaergard",
        "soren.kjaergard",
    ),
    ("Turkish", "Işıl", "İnönü", "isil.inonu", "isil.inoenue"),
    (
        "Cyrillic",
        "Юлия",
        "Щербакова",
        "iuliia.shcherbakova",
        "iuliia.shcherbakova",
    ),
    (
        "Greek",
        "Ελένη",
        "Παπαδάκη",
        "elene.papadake",
        "elene.papadake",
    ),
    ("Japanese", "太郎", "山田", "", ""),
    ("Arabic", "محمد", "العربي", "", ""),
    (
        "emoji within",
        "J\u{1f600}hn",
        "Smith",
        "jhn.smith",
        "jhn.smith",
    ),
    ("emoji alone", "\u{1f600}", "\u{1f600}", "", ""),
    (
        "bidi marks",
        "\u{202e}An\u{200b}na",
        "Be\u{200d}rg\u{202c}",
        "anna.berg",
        "anna.berg",
    ),
    (
        "apostrophes",
        "D’Arcy",
        "O'Brien-Smith",
        "darcy.obrien-smith",
        "darcy.obrien-smith",
    ),
];

#[test]
fn the_names_of_the_fault_matrix_have_these_usernames() {
    let username = |filter: &str, given: &str, family: &str| {
        let template = format!("{{{{ given_name{filter} }}}}.{{{{ family_name{filter} }}}}");
        let template = Language::default().template(&template).expect("compiles");
        let person = context! { given_name => given, family_name => family };
        match choose(template.render(&person).into_iter(), 20, TooLong::Cut) {
            Ok(username) => username,
            Err(refused) => {
                assert_eq!(refused.reason().code(), "username_not_derivable", "{given}");
                String::new()
            }
        }
    };
    let found = NAMES.map(|(about, given, family, ..)| {
        let (plain, german) = (
            username("", given, family),
            username(" | german", given, family),
        );
        println!("{about:<16} {given} {family} -> {plain}, with german {german}");
        (about, given, family, plain, german)
    });
    for (found, expected) in found.iter().zip(NAMES) {
        let (about, given, family, plain, german) = found;
        assert_eq!(
            (*about, *given, *family, plain.as_str(), german.as_str()),
            expected
        );
    }
}
