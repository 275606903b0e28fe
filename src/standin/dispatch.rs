//! A decoded call becomes its answer. Every call of every service passes here, once before the
//! state is touched and once with its answer.

use super::Standin;
use super::journal::Call;
use super::refusal::{Answer, Refusal};
use super::wire::{AwsRequest, Service};

impl Standin {
    pub(super) async fn answer(&self, request: &AwsRequest) -> Answer {
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
            Service::SecretsManager => self.state.secrets.lock().perform(request),
            Service::Sqs => self.state.sqs.perform(request).await,
        }
    }

    fn after(&self, request: &AwsRequest, answer: &Answer) {
        self.state.journal.lock().push(Call {
            service: request.service,
            operation: request.operation.clone(),
            error: answer.as_ref().err().map(|refusal| refusal.code.to_owned()),
        });
    }
}
