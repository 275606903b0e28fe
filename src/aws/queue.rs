//! A queue's ARN or URL -> what it tells of the queue.

/// Whether a queue is first-in-first-out, by its ARN, URL or name (Amazon SQS Developer Guide: its name ends so).
#[must_use]
pub fn is_fifo(queue: &str) -> bool {
    queue
        .rsplit_once('.')
        .is_some_and(|(_, suffix)| suffix == "fifo")
}

/// The URL of a queue; the SDK sends to its own endpoint and takes this for the queue's name.
#[must_use]
pub fn url(arn: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(1);
    let (partition, _sqs) = (parts.next()?, parts.next()?);
    let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let domain = if partition == "aws-cn" {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    Some(format!("https://sqs.{region}.{domain}/{account}/{name}"))
}

/// Whether two queue URLs name one queue of a Region, whose endpoint has had several host names.
#[must_use]
pub fn is_same(url: &str, other: &str) -> bool {
    let path = |url: &str| {
        let (_, place) = url.split_once("://")?;
        place.split_once('/').map(|(_, path)| path.to_owned())
    };
    url == other || path(url).is_some_and(|found| path(other) == Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_known_by_its_arn() {
        let found = url("arn:aws:sqs:eu-west-2:111122223333:hr-joins");
        assert_eq!(
            found.as_deref(),
            Some("https://sqs.eu-west-2.amazonaws.com/111122223333/hr-joins")
        );
        assert_eq!(url("hr-joins"), None);
        let old = "https://eu-west-2.queue.amazonaws.com/111122223333/hr-joins";
        assert!(is_same(&found.unwrap_or_default(), old));
        assert!(!is_same(
            "https://sqs.eu-west-2.amazonaws.com/111122223333/others",
            old
        ));
        assert!(
            is_fifo("arn:aws:sqs:eu-west-2:111122223333:hr-joins.fifo") && !is_fifo("hr-joins")
        );
    }
}
