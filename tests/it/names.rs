//! Any name in any script -> a username that Connect takes, or none; the same one every time, and no panic.

use connect_provisioner::expressions::Expressions;
use connect_provisioner::policy::username::{choose, fold};
use connect_provisioner::policy::{TooLong, UsernameCase};
use connect_provisioner::request::rules;
use minijinja::context;
use proptest::prelude::*;

const LOWER: UsernameCase = UsernameCase::Lower;
const KEEP: UsernameCase = UsernameCase::Keep;

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
        for (too_long, case) in [(TooLong::Cut, LOWER), (TooLong::Refuse, LOWER), (TooLong::Cut, KEEP), (TooLong::Refuse, KEEP)] {
            let chosen = choose(names.iter().cloned(), length, too_long, case);
            if let Ok(username) = &chosen {
                prop_assert!(rules::is_username(username), "{username:?}");
                prop_assert!(username.len() <= length, "{username:?}");
            }
            let again = choose(names.iter().cloned(), length, too_long, case);
            prop_assert_eq!(chosen.ok(), again.ok());
        }
    }

    #[test]
    fn folding_twice_changes_nothing(name in name()) {
        for case in [LOWER, KEEP] {
            let folded = fold(&name, case);
            prop_assert_eq!(fold(&folded, case), folded);
        }
    }

    #[test]
    fn keeping_the_case_changes_nothing_but_the_case(name in name()) {
        let kept = fold(&name, KEEP);
        prop_assert_eq!(kept.to_lowercase(), fold(&name, LOWER));
    }

    #[test]
    fn a_text_of_the_alphabet_keeps_its_case(name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,18}[A-Za-z0-9])?", at in any::<bool>()) {
        let text = if at { format!("{name}@Example.com") } else { name };
        for (case, expected) in [(KEEP, text.clone()), (LOWER, text.to_lowercase())] {
            let chosen = choose(std::iter::once(text.clone()), 64, TooLong::Refuse, case);
            prop_assert_eq!(chosen.ok(), Some(expected));
        }
    }

    #[test]
    fn composed_and_decomposed_names_are_the_same_person(name in name()) {
        use unicode_normalization::UnicodeNormalization;
        let (composed, decomposed): (String, String) = (name.nfc().collect(), name.nfd().collect());
        for case in [LOWER, KEEP] {
            prop_assert_eq!(fold(&composed, case), fold(&decomposed, case));
        }
    }

    #[test]
    fn no_filter_panics(name in name()) {
        for filter in ["username", "german", "german | username", "nfc", "ascii", "e164", "date", "ascii | first", "given_name", "family_name"] {
            let template = Expressions::default().template(&format!("{{{{ family_name | {filter} }}}}")).expect("compiles");
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
        let template = Expressions::default()
            .template(&template)
            .expect("compiles");
        let person = context! { given_name => given, family_name => family };
        match choose(
            template.render(&person).into_iter(),
            20,
            TooLong::Cut,
            LOWER,
        ) {
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
