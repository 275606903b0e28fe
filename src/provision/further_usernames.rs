//! A request and a failure -> the request with the person's next username, where another person has the last one.

use crate::failure::{Failure, Reason};
use crate::request::CreateUserRequest;

/// The further usernames of a request, in order of preference.
pub(super) struct FurtherUsernames<'a>(std::slice::Iter<'a, CreateUserRequest>);

impl<'a> FurtherUsernames<'a> {
    pub(super) fn new(request: &'a CreateUserRequest) -> Self {
        Self(request.when_taken().iter())
    }

    /// Returns the next request to try; `None` after a success, after another failure, and where no username is left.
    pub(super) fn after(&mut self, failure: Option<&Failure>) -> Option<&'a CreateUserRequest> {
        failure
            .filter(|failure| is_another_persons(failure))
            .and_then(|_| self.0.next())
    }
}

// Its tag says so; a user without one may be this person's, made by hand.
fn is_another_persons(failure: &Failure) -> bool {
    *failure.reason() == Reason::UsernameTaken
}
