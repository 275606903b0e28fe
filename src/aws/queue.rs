//! A queue's ARN or URL -> its parts.

/// The ARN of a queue, `arn:PARTITION:sqs:REGION:ACCOUNT:NAME` (Amazon SQS Developer Guide, "Amazon SQS policy examples").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueArn<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> QueueArn<'a> {
    /// Reads an ARN; `None` where it is none of a queue.
    #[must_use]
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.split(':');
        let ("arn", partition, "sqs") = (parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
        let is_whole = parts.next().is_none() && !name.is_empty();
        is_whole.then_some(Self {
            partition,
            region,
            account,
            name,
        })
    }

    /// Returns the id of the account that owns the queue.
    #[must_use]
    pub fn account(&self) -> &'a str {
        self.account
    }

    /// Returns the name of the queue.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the URL of the queue; the SDK sends to its own endpoint and takes this for the queue's name.
    #[must_use]
    pub fn url(&self) -> String {
        let domain = if self.partition == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let Self {
            region,
            account,
            name,
            ..
        } = self;
        format!("https://sqs.{region}.{domain}/{account}/{name}")
    }
}

/// Returns the URL of the queue of an ARN; `None` where it is none of a queue.
#[must_use]
pub fn url(arn: &str) -> Option<String> {
    QueueArn::parse(arn).map(|queue| queue.url())
}

/// Returns the name of the queue of an ARN or a URL, or the whole text where it has no parts.
#[must_use]
pub fn name(queue: &str) -> &str {
    let last = queue.rsplit(['/', ':']).next();
    last.unwrap_or(queue)
}

/// Tells whether a queue is first-in-first-out, by its ARN, URL or name (Amazon SQS Developer Guide: its name ends so).
#[must_use]
pub fn is_fifo(queue: &str) -> bool {
    queue
        .rsplit_once('.')
        .is_some_and(|(_, suffix)| suffix == "fifo")
}

/// Tells whether two queue URLs name one queue of a Region, whose endpoint has had several host names.
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
        let old = "https://eu-west-2.queue.amazonaws.com/111122223333/hr-joins";
        assert!(is_same(&found.unwrap_or_default(), old));
        assert!(!is_same(
            "https://sqs.eu-west-2.amazonaws.com/111122223333/others",
            old
        ));
        assert!(
            is_fifo("arn:aws:sqs:eu-west-2:111122223333:hr-joins.fifo") && !is_fifo("hr-joins")
        );
        assert_eq!(name(old), "hr-joins");
        assert_eq!(
            name("arn:aws:sqs:eu-west-2:111122223333:hr-joins"),
            "hr-joins"
        );
        assert_eq!(name("hr-joins"), "hr-joins");
    }

    #[test]
    fn an_arn_of_something_else_is_no_queue() {
        for arn in [
            "hr-joins",
            "arn:aws:lambda:eu-west-2:111122223333:function:hr-joins",
            "arn:aws:sqs:eu-west-2:111122223333",
            "arn:aws:sqs:eu-west-2:111122223333:",
            "arn:aws:sqs:eu-west-2:111122223333:a:b",
        ] {
            assert_eq!(QueueArn::parse(arn), None, "{arn}");
        }
        let china = url("arn:aws-cn:sqs:cn-north-1:111122223333:hr-joins");
        assert_eq!(
            china.as_deref(),
            Some("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/hr-joins")
        );
    }
}
