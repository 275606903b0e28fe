//! Lambda's init phase -> what the first join would have to look up, looked up before anybody waits for it.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{join, join_all};

use super::Provisioner;
use crate::failure::Failure;
use crate::policy::{Instance, InstanceRef};

// Lambda ends an init after 10 seconds, and then starts it all over.
const LONGEST: Duration = Duration::from_secs(3);

impl Provisioner {
    /// Lists the instances and reads their shared secrets, all at once, where Lambda is initialising this process.
    ///
    /// A look-up that fails is repeated by the first join that needs it; one that takes too long goes on while joins are served.
    pub async fn warm_up(&self) {
        // Lambda's own variable (Lambda Developer Guide, "Defined runtime environment variables").
        if std::env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE").is_none() {
            return;
        }
        let every = self.policy.instances.iter();
        let looked_up = join_all(every.map(|one| Box::pin(self.look_up(one))));
        let looked_up = tokio::time::timeout(LONGEST, AssertUnwindSafe(looked_up).catch_unwind());
        if !matches!(looked_up.await, Ok(Ok(_))) {
            tracing::debug!("what could not be looked up in time is left to the first join");
        }
    }

    async fn look_up(&self, (which, instance): (InstanceRef, &Instance)) {
        let look_ups = self.instances.get(which).look_up();
        let (failures, password) = join(look_ups, self.keep_password(instance)).await;
        for failure in failures.into_iter().chain(password.err()) {
            let reason = failure.reason().code();
            tracing::debug!(
                reason,
                "what could not be looked up is left to the first join"
            );
        }
    }

    async fn keep_password(&self, instance: &Instance) -> Result<(), Failure> {
        match &instance.password {
            Some(policy) => self.passwords.keep(policy).await,
            None => Ok(()),
        }
    }
}
