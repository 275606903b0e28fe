//! A phone number as people write it -> E.164, with the country of a national number where the configuration names one.

use crate::request::rules;

/// Returns a number as E.164, without its spacing; `None` for what is no such number.
///
/// `country` is a calling code such as `44`. With it a national number becomes an international one: its trunk prefix is taken
/// off (ITU-T, "Dialling procedures": 1 in North America, 8 under +7, 06 in Hungary, none in Italy, 0 elsewhere), and `00` in
/// front stands for `+`.
pub(super) fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let is_spacing = |c: &char| matches!(c, ' ' | '-' | '.' | '/' | '\u{a0}');
    let compact: String = text.chars().filter(|c| !is_spacing(c)).collect();
    // The trunk prefix that is not dialled from abroad: `+44 (0)20 7946 0958`.
    let compact = match compact.strip_prefix('+') {
        Some(_) => compact.replacen("(0)", "", 1),
        None => compact,
    };
    let compact = compact.replace(['(', ')'], "");
    let number = match country {
        Some(country) if !compact.starts_with('+') => international(&compact, country)?,
        _ => compact,
    };
    rules::is_e164(&number).then_some(number)
}

/// Tells whether a text is a calling code, with or without its `+` (ITU-T E.164: one to three digits, the first no zero).
pub(super) fn is_calling_code(text: &str) -> bool {
    let digits = text.trim_start_matches('+');
    (1..=3).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

fn international(national: &str, country: &str) -> Option<String> {
    let country = country.trim_start_matches('+');
    if let Some(number) = national.strip_prefix("00") {
        return Some(format!("+{number}"));
    }
    let trunk = match country {
        "1" => "1",
        "7" => "8",
        "36" => "06",
        "39" => "",
        _ => "0",
    };
    let number = national.strip_prefix(trunk).unwrap_or(national);
    // A shorter one is an extension.
    (number.len() >= 6).then(|| format!("+{country}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, country: Option<&str>, expected: Option<&str>) {
        assert_eq!(e164(text, country).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_number_loses_its_spacing() {
        check("+44 7700-900123", None, Some("+447700900123"));
        check("+44 (0)20 7946 0958", None, Some("+442079460958"));
        check("+1 (202) 555-0143", None, Some("+12025550143"));
        check("07700 900123", None, None);
        check("call me", None, None);
    }

    #[test]
    fn a_national_number_gets_the_country_of_the_configuration() {
        check("07700 900123", Some("44"), Some("+447700900123"));
        check("07700 900123", Some("+44"), Some("+447700900123"));
        check("+49 30 901820", Some("44"), Some("+4930901820"));
        check("0049 30 901820", Some("44"), Some("+4930901820"));
        check("(202) 555-0143", Some("1"), Some("+12025550143"));
        check("1-202-555-0143", Some("1"), Some("+12025550143"));
        check("06 698 12345", Some("39"), Some("+390669812345"));
        check("06 1 234 5678", Some("36"), Some("+3612345678"));
        check("8 495 123-45-67", Some("7"), Some("+74951234567"));
        check("4711", Some("44"), None);
        check("", Some("44"), None);
    }

    #[test]
    fn a_calling_code_has_one_to_three_digits() {
        for (text, expected) in [
            ("44", true),
            ("+1", true),
            ("995", true),
            ("GB", false),
            ("", false),
            ("0", false),
            ("1234", false),
        ] {
            assert_eq!(is_calling_code(text), expected, "{text}");
        }
    }
}
