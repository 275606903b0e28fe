//! An id, a Region or a name of AWS as somebody wrote it -> the mistake in it, with the way to find the right one.

/// The form of an instance id, for the schema: a UUID, whose letters AWS's own examples do not keep to a to f.
pub(super) const INSTANCE_ID: &str =
    "^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$";

/// The form of a Region, for the schema.
pub(super) const REGION: &str = "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$";

/// Returns the mistake in an instance id (Amazon Connect Administrator Guide, "Find your Amazon Connect instance ID/ARN").
pub(super) fn mistake_in_instance_id(text: &str) -> Option<String> {
    let lengths = [8, 4, 4, 4, 12];
    let is_id = |text: &str| {
        let groups = text.split('-');
        groups.clone().map(str::len).eq(lengths)
            && groups
                .flat_map(str::bytes)
                .all(|byte| byte.is_ascii_alphanumeric())
    };
    if is_id(text) {
        return None;
    }
    let within = text.split(['/', ':']).find(|part| is_id(part));
    Some(match within {
        Some(id) => format!("instance_id is the id alone; write \"{id}\""),
        None => "instance_id is the id at the end of the instance's ARN, such as \
                 \"a1b2c3d4-5678-90ab-cdef-EXAMPLE11111\", and not its alias or name; `aws connect list-instances` prints it as Id"
            .to_owned(),
    })
}

/// Returns the mistake in the code of a Region (AWS General Reference, "Regional endpoints").
pub(super) fn mistake_in_region(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let first = parts
        .next()
        .is_some_and(|part| is_word(part) && (2..=4).contains(&part.len()));
    let last = parts.next_back().is_some_and(|part| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    let middle: Vec<&str> = parts.collect();
    let is_region = first && last && !middle.is_empty() && middle.into_iter().all(is_word);
    (!is_region)
        .then(|| "region is the code of a Region, such as \"eu-west-2\" for London".to_owned())
}

/// Returns the mistake in the name of a profile or a group: Connect's own names, in which no template is rendered.
pub(super) fn mistake_in_name(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("a name is blank".to_owned());
    }
    let is_template = name.contains("{{") || name.contains("{%");
    is_template.then(|| {
        format!("`{name}` is a name in Connect, and no template; let the rows of a table give each its own")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_named_by_its_id() {
        let id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
        assert_eq!(mistake_in_instance_id(id), None);
        let arn = format!("arn:aws:connect:eu-west-2:111122223333:instance/{id}");
        let told = mistake_in_instance_id(&arn).unwrap_or_default();
        assert!(told.ends_with(&format!("write \"{id}\"")), "{told}");
        for text in [
            "acme-care",
            "https://acme.my.connect.aws",
            "",
            "a1b2c3d4",
            "a1b2c3d4-5678-90ab-cdef-EXAMPLE1111é",
        ] {
            let told = mistake_in_instance_id(text).unwrap_or_default();
            assert!(told.contains("list-instances"), "{text}: {told}");
        }
    }

    #[test]
    fn a_region_is_named_by_its_code() {
        for text in [
            "eu-west-2",
            "us-gov-west-1",
            "ap-southeast-1",
            "eusc-de-east-1",
        ] {
            assert_eq!(mistake_in_region(text), None, "{text}");
        }
        for text in [
            "London",
            "Europe (London)",
            "eu-west",
            "EU-WEST-2",
            "eu-west-2a",
            "",
            "eu--2",
        ] {
            assert!(mistake_in_region(text).is_some(), "{text}");
        }
    }
}
