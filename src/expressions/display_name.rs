//! A display name such as `Lena Hartwig (On Leave)` or `Hartwig, Lena` -> the given name and the family name in it.

const TITLES: [&str; 13] = [
    "jr", "sr", "ii", "iii", "iv", "phd", "md", "dds", "esq", "mba", "cpa", "rn", "junior",
];

const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('（', '）')];

/// The two names of a person; `None` for one that the display name lacks.
pub(crate) struct Names {
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
}

/// Splits a display name into its two names.
///
/// `Family, Given` is told by its comma; otherwise the first word is the given name and the rest the family name. Notes in
/// brackets, such as Workday's ` (On Leave)` and ` [C]`, are dropped. A name with more commas has no names: which of them
/// separates the two would be a guess.
pub(crate) fn split(display_name: &str) -> Names {
    let name = without_notes(display_name);
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    let titles = parts.iter().rev().take_while(|part| is_title(part)).count();
    let (given, family) = match &parts[..parts.len() - titles] {
        // `Ann Lee, Jr.`: the comma belongs to what follows the family name.
        [name_before] if titles == 0 || name_before.contains(' ') => first_word(name.trim()),
        [family] if titles == 1 => (parts[1], *family),
        [family, given] => (*given, *family),
        _ => ("", ""),
    };
    Names {
        given_name: joined(given),
        family_name: joined(family),
    }
}

fn first_word(name: &str) -> (&str, &str) {
    name.split_once(char::is_whitespace).unwrap_or((name, ""))
}

fn joined(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

// Words behind a comma that are no given name; `Md` is short for Mohammed, and `MD` a physician's degree.
fn is_title(part: &str) -> bool {
    if matches!(part, "Md" | "Md.") {
        return false;
    }
    let letters: String = part.chars().filter(|c| *c != '.').collect();
    TITLES.contains(&letters.trim().to_lowercase().as_str())
}

// A bracket that is not closed stays, so that nothing of a name is lost to it.
fn without_notes(name: &str) -> String {
    let mut kept = String::new();
    let mut opened: Vec<(char, usize)> = Vec::new();
    for c in name.chars() {
        if let Some((_, start)) = opened.pop_if(|(close, _)| *close == c) {
            kept.truncate(start);
            kept.push(' ');
            continue;
        }
        let bracket = BRACKETS.into_iter().find(|(open, _)| *open == c);
        opened.extend(bracket.map(|(_, close)| (close, kept.len())));
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(display_name: &str, given: Option<&str>, family: Option<&str>) {
        let names = split(display_name);
        let got = (names.given_name.as_deref(), names.family_name.as_deref());
        assert_eq!(got, (given, family), "{display_name}");
    }

    #[test]
    fn the_two_names_are_found_in_either_order() {
        check("Lena Hartwig", Some("Lena"), Some("Hartwig"));
        check("Lena  van der Berg ", Some("Lena"), Some("van der Berg"));
        check("Hartwig, Lena", Some("Lena"), Some("Hartwig"));
        check(
            "van der Berg,Lena  Maria",
            Some("Lena Maria"),
            Some("van der Berg"),
        );
        check("Ann Lee, Jr.", Some("Ann"), Some("Lee, Jr."));
        check("Lee, Ann, Ph.D.", Some("Ann"), Some("Lee"));
        check("Ann Lee, MD", Some("Ann"), Some("Lee, MD"));
        check("Abdul Rahman, Md.", Some("Md."), Some("Abdul Rahman"));
        check("Lee, Junior", Some("Junior"), Some("Lee"));
    }

    #[test]
    fn a_note_in_brackets_is_no_part_of_a_name() {
        check("Noor Haddad (On Leave)", Some("Noor"), Some("Haddad"));
        check("Haddad, Noor [C] (On Leave)", Some("Noor"), Some("Haddad"));
        check("Robert (Bob) Smith", Some("Robert"), Some("Smith"));
        check("Noor ((a) b) Haddad", Some("Noor"), Some("Haddad"));
        check("Noor Haddad（休職）", Some("Noor"), Some("Haddad"));
        check(
            &format!("Ann {}Lee", "()".repeat(200_000)),
            Some("Ann"),
            Some("Lee"),
        );
        check("Noor Haddad (x", Some("Noor"), Some("Haddad (x"));
    }

    #[test]
    fn a_name_that_is_not_there_is_not_made_up() {
        check("Suharto", Some("Suharto"), None);
        check("Hartwig,", None, Some("Hartwig"));
        check(", Lena", Some("Lena"), None);
        check("Hartwig, Lena, Support", None, None);
        check("(On Leave)", None, None);
        check(" ", None, None);
        check(",", None, None);
    }
}
