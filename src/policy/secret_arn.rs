//! The ARN of a secret -> its parts, and the resource that a policy names.
//!
//! Secrets Manager ends each ARN with a hyphen and six random characters, and takes an ARN without them too (AWS Secrets Manager
//! User Guide, "Secrets Manager secret name"). IAM compares whole ARNs.

use crate::aws::partition;
use crate::policy::PasswordPolicy;

/// Pattern of the six random characters behind the name of a secret.
pub const RANDOM: &str = "-??????";

/// The parts of a secret's ARN that tell where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretArn<'a> {
    pub partition: &'a str,
    pub region: &'a str,
    name: &'a str,
}

impl<'a> SecretArn<'a> {
    /// Reads an ARN; `None` where the text is the name of a secret.
    ///
    /// # Errors
    /// The text begins as an ARN and is none of a secret.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Result<Self, NoSecretArn>> {
        let rest = text.strip_prefix("arn:")?;
        let parts: Vec<&str> = rest.splitn(6, ':').collect();
        let is_plain = |part: &str| {
            let of_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !part.is_empty() && part.chars().all(of_part)
        };
        Some(match parts[..] {
            [partition, "secretsmanager", region, account, "secret", name]
                if is_plain(partition)
                    && is_plain(region)
                    && is_plain(account)
                    && !name.is_empty() =>
            {
                Ok(Self {
                    partition,
                    region,
                    name,
                })
            }
            _ => Err(NoSecretArn),
        })
    }

    /// Tells whether it has its six random characters.
    #[must_use]
    fn is_whole(&self) -> bool {
        let random = self.name.rsplit_once('-').map(|(_, random)| random);
        random.is_some_and(|random| {
            random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric())
        })
    }
}

/// A text that begins as an ARN and is none of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is the name of a secret, or its ARN in the form arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf, with fields in NAME alone"
)]
pub struct NoSecretArn;

impl PasswordPolicy {
    /// Returns the resource that the function's role reads: every secret of the template, in the function's account and Region
    /// unless it names others.
    ///
    /// # Errors
    /// Returns a sentence about a secret that the function's calls, which go to its own Region and partition, cannot reach.
    pub fn resource(&self, partition: &str, region: &str, account: &str) -> Result<String, String> {
        let id = self.secret_id.pattern();
        match SecretArn::read(&id) {
            None => Ok(format!(
                "arn:{partition}:secretsmanager:{region}:{account}:secret:{id}{RANDOM}"
            )),
            Some(Err(fault)) => Err(format!("secret_id {fault}")),
            Some(Ok(arn)) => {
                self.elsewhere(region).map_or(Ok(()), Err)?;
                Ok(if arn.is_whole() { id } else { id + RANDOM })
            }
        }
    }

    /// Returns a sentence about a secret in another partition or Region than the function's, where that is known.
    #[must_use]
    pub fn elsewhere(&self, region: &str) -> Option<String> {
        // Where the CDK synthesizes, a token stands for the Region, which is known at the deployment.
        let is_known = region
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
        let partition = partition::of_region(region);
        let id = self.secret_id.pattern();
        let arn = SecretArn::read(&id)?.ok()?;
        let is_here = arn.region == region && arn.partition == partition;
        (is_known && !is_here).then(|| {
            format!(
                "the secret lies in {} (arn:{}), and the function reads secrets of its own Region, {region} (arn:{partition}); \
                 replicate the secret there, and name the replica",
                arn.region, arn.partition
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expressions::Expressions;
    use std::time::Duration;

    fn resource(id: &str) -> Result<String, String> {
        resource_in("eu-west-2", id)
    }

    fn resource_in(region: &str, id: &str) -> Result<String, String> {
        let policy = PasswordPolicy {
            secret_id: Expressions::default().template(id).expect("compiles"),
            json_key: None,
            cache: Duration::ZERO,
        };
        policy.resource("aws", region, "111122223333")
    }

    #[track_caller]
    fn check(id: &str, expected: &str) {
        assert_eq!(resource(id).as_deref(), Ok(expected), "{id}");
    }

    #[test]
    fn a_role_reads_the_secret_that_the_configuration_names() {
        let here = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:";
        let other = "arn:aws:secretsmanager:eu-west-2:444455556666:secret:";
        check("connect/initial", &format!("{here}connect/initial-??????"));
        check(
            &format!("{other}shared-AbCdEf"),
            &format!("{other}shared-AbCdEf"),
        );
        check(&format!("{other}shared"), &format!("{other}shared-??????"));
        check(
            &format!("{here}a/{{{{ employee_id }}}}"),
            &format!("{here}a/*-??????"),
        );
        check(
            &format!("{here}a-{{{{ employee_id }}}}"),
            &format!("{here}a-*-??????"),
        );
    }

    #[test]
    fn a_region_that_is_not_known_yet_is_not_compared() {
        let id = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:x-AbCdEf";
        let token = "${Token[AWS.Region.9]}";
        assert_eq!(resource_in(token, id).as_deref(), Ok(id));
    }

    #[test]
    fn a_secret_that_the_function_cannot_reach_is_refused() {
        for (id, expected) in [
            (
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf",
                "the secret lies in us-east-1",
            ),
            (
                "arn:aws-us-gov:secretsmanager:eu-west-2:111122223333:secret:x",
                "(arn:aws-us-gov)",
            ),
            (
                "arn:aws:ssm:eu-west-2:111122223333:parameter/x",
                "secret_id is the name of a secret, or its ARN",
            ),
            (
                "arn:aws:secretsmanager:eu-west-2:111122223333:secret:",
                "secret_id is the name of a secret",
            ),
            (
                "arn:aws:secretsmanager:{{ location }}:111122223333:secret:x",
                "secret_id is the name of a secret",
            ),
        ] {
            let refused = resource(id).err().unwrap_or_default();
            assert!(refused.contains(expected), "{id}: {refused}");
        }
    }
}
