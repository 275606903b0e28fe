//! A decoded call becomes its answer. Every call of every service passes here, once before the
//! state is touched and once with its answer.

use std::time::Duration;

use super::Standin;
use super::faults::{self, Does};
use super::journal::Call;
use super::refusal::{Answer, Refusal};
use super::wire::{AwsRequest, Service};

/// End of an exchange for its client.
pub(super) enum Ending {
    Answered(Answer),
    /// The answer comes a byte a second.
    Dripped(Answer),
    /// The connection is closed without an answer.
    Dropped,
    /// No answer ever comes.
    Hung,
}

impl Standin {
    pub(super) async fn answer(&self, request: &AwsRequest) -> Ending {
        self.serve_time().await;
        let fault = self.state.faults.lock().next(&request.operation);
        match fault {
            None => Ending::Answered(self.settled(request).await),
            Some(Does::Throttle) => self.refused(request, faults::throttled(request)),
            Some(Does::Internal) => self.refused(request, faults::internal(request)),
            Some(Does::Error { code, status, echo }) => {
                self.refused(request, faults::scripted(request, code, status, echo))
            }
            Some(Does::Refuse {
                code,
                status,
                message,
            }) => self.refused(request, Refusal::new(code, status, message)),
            Some(Does::Hang) => Ending::Hung,
            Some(Does::Drop) => Ending::Dropped,
            Some(Does::SlowDrip) => Ending::Dripped(self.settled(request).await),
            Some(Does::Delay { milliseconds }) => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                Ending::Answered(self.settled(request).await)
            }
            Some(Does::HideUser { seconds }) => {
                let answer = self.settled(request).await;
                let hidden_for = Duration::from_secs(seconds);
                self.state.connect.lock().hide_newest_user(hidden_for);
                Ending::Answered(answer)
            }
            Some(Does::CommitThenInternal) => {
                let _lost = self.settled(request).await;
                Ending::Answered(Err(faults::internal(request)))
            }
            Some(Does::CommitThenHang) => {
                let _lost = self.settled(request).await;
                Ending::Hung
            }
            Some(Does::CommitThenDrop) => {
                let _lost = self.settled(request).await;
                Ending::Dropped
            }
        }
    }

    async fn serve_time(&self) {
        let milliseconds = self.seed().service_time_milliseconds;
        if milliseconds > 0 {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
    }

    fn refused(&self, request: &AwsRequest, refusal: Refusal) -> Ending {
        let answer = Err(refusal);
        self.after(request, &answer);
        Ending::Answered(answer)
    }

    async fn settled(&self, request: &AwsRequest) -> Answer {
        let answer = match self.before(request) {
            Ok(()) => self.perform(request).await,
            Err(refusal) => Err(refusal),
        };
        self.after(request, &answer);
        answer
    }

    fn before(&self, request: &AwsRequest) -> Result<(), Refusal> {
        match &self.state.throttle {
            Some(throttle) if request.service == Service::Connect => {
                throttle.lock().admit(&request.operation)
            }
            _ => Ok(()),
        }
    }

    async fn perform(&self, request: &AwsRequest) -> Answer {
        match request.service {
            Service::Connect => self.state.connect.lock().perform(request),
            Service::DynamoDb => self.state.dynamodb.lock().perform(request),
            Service::Scheduler => self.state.scheduler.lock().perform(request),
            Service::SecretsManager => self.state.secrets.lock().perform(request),
            Service::Sqs => self.state.sqs.perform(request).await,
        }
    }

    fn after(&self, request: &AwsRequest, answer: &Answer) {
        self.state.journal.lock().push(Call {
            service: request.service,
            operation: request.operation.clone(),
            body: request.body().clone(),
            error: answer
                .as_ref()
                .err()
                .map(|refusal| refusal.code.to_string()),
        });
    }
}
