//! A Region or an ARN -> the partition of AWS that it lies in.

/// First parts of the Regions outside AWS's main partition, with their partitions (AWS SDKs, `partitions.json`).
const OTHERS: [(&str, &str); 7] = [
    ("us-gov-", "aws-us-gov"),
    ("cn-", "aws-cn"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
];

/// Returns the partition of a Region.
#[must_use]
pub fn of_region(region: &str) -> &'static str {
    let other = OTHERS.iter().find(|(start, _)| region.starts_with(start));
    other.map_or("aws", |(_, partition)| partition)
}

/// Returns the partition of an ARN, or the main one where the text is none.
#[must_use]
pub fn of_arn(arn: &str) -> &str {
    let mut parts = arn.split(':');
    match (parts.next(), parts.next()) {
        (Some("arn"), Some(partition)) if !partition.is_empty() => partition,
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_its_partition() {
        for (region, partition) in [
            ("eu-west-2", "aws"),
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(of_region(region), partition, "{region}");
        }
        assert_eq!(
            of_arn("arn:aws-us-gov:iam::111122223333:role/r"),
            "aws-us-gov"
        );
        assert_eq!(of_arn("role"), "aws");
    }
}
