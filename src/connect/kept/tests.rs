use std::collections::BTreeSet;

use tokio::time::Instant;

use super::*;
use crate::aws::age::thaw;

/// A service that answers what a script says, and notes the tokens that it is asked for.
#[derive(Default)]
struct Service {
    asked: Mutex<Vec<Option<String>>>,
    /// Fates of the calls in their turn; later calls are answered.
    script: Mutex<Vec<Happens>>,
}

#[derive(Clone, Copy)]
enum Happens {
    Answer,
    Slowly,
    Throttle,
    Refuse,
    Panic,
}

type Listing = Kept<u32, BTreeSet<u32>>;

const PAGES: u32 = 3;

impl Service {
    fn listing(script: &[Happens]) -> (Arc<Self>, Arc<Listing>) {
        let service = Arc::new(Self {
            script: Mutex::new(script.iter().rev().copied().collect()),
            ..Self::default()
        });
        let asked = Arc::clone(&service);
        let fetch = move |token| Arc::clone(&asked).answer(token).boxed();
        (service, Arc::new(Kept::new(fetch)))
    }

    async fn answer(self: Arc<Self>, token: Option<String>) -> Result<Page<u32>, CallError> {
        locked(&self.asked).push(token.clone());
        let happens = locked(&self.script).pop();
        match happens.unwrap_or(Happens::Answer) {
            Happens::Answer => (),
            Happens::Slowly => tokio::time::sleep(Duration::from_secs(10)).await,
            Happens::Throttle => return Err(CallError::panicked()),
            Happens::Refuse => return Err(CallError::refusal()),
            Happens::Panic => panic!("as the test wants it"),
        }
        let number: u32 = token.map_or(0, |token| token.parse().expect("a number"));
        let next = number + 1;
        Ok(Page {
            items: vec![number],
            next: (next < PAGES).then(|| next.to_string()),
        })
    }

    /// The pages that were asked for, `-` for the first.
    fn asked(&self) -> String {
        let asked = std::mem::take(&mut *locked(&self.asked));
        let told = |token: Option<String>| token.unwrap_or_else(|| "-".to_owned());
        asked.into_iter().map(told).collect()
    }
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn is_whole(outcome: Outcome<BTreeSet<u32>>) -> bool {
    outcome.is_ok_and(|read| read.iter().copied().eq(0..PAGES))
}

#[tokio::test(start_paused = true)]
async fn everybody_waits_for_one_task() {
    let (service, listing) = Service::listing(&[Happens::Slowly]);
    let (one, other) = tokio::join!(listing.get(), listing.get());
    assert!(is_whole(one) && is_whole(other));
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-12");
}

#[tokio::test(start_paused = true)]
async fn a_look_up_goes_on_without_the_person_who_waited_for_it() {
    let (service, listing) = Service::listing(&[Happens::Slowly, Happens::Slowly]);
    let waited = tokio::time::timeout(Duration::from_secs(1), listing.get()).await;
    assert!(waited.is_err());
    pass(30).await;
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-12");
}

#[tokio::test(start_paused = true)]
async fn pages_are_kept_where_a_later_one_fails() {
    let (service, listing) = Service::listing(&[Happens::Answer, Happens::Throttle]);
    assert!(listing.get().await.is_err());
    assert_eq!(service.asked(), "-1");
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "12");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_later_begins_anew() {
    let (service, listing) =
        Service::listing(&[Happens::Answer, Happens::Throttle, Happens::Refuse]);
    assert!(listing.get().await.is_err());
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-11-12");
}

#[tokio::test(start_paused = true)]
async fn pages_of_long_ago_are_not_gone_on_from() {
    let (service, listing) = Service::listing(&[Happens::Answer, Happens::Throttle]);
    assert!(listing.get().await.is_err());
    pass(301).await;
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-1-12");
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_look_up_only() {
    let (service, listing) = Service::listing(&[Happens::Panic]);
    assert!(listing.get().await.is_err());
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "--12");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_refreshed_behind_the_scenes_and_then_waited_for() {
    let (service, listing) = Service::listing(&[]);
    assert!(is_whole(listing.get().await));
    pass(299).await;
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-12");
    pass(2).await;
    *locked(&service.script) = vec![Happens::Slowly];
    let now = Instant::now();
    assert!(is_whole(listing.get().await) && now.elapsed().is_zero());
    pass(30).await;
    assert_eq!(service.asked(), "-12");
    pass(3601).await;
    *locked(&service.script) = vec![Happens::Slowly];
    let now = Instant::now();
    assert!(is_whole(listing.get().await) && !now.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_is_not_tried_for_each_person() {
    let (service, listing) = Service::listing(&[]);
    assert!(is_whole(listing.get().await));
    pass(301).await;
    *locked(&service.script) = vec![Happens::Refuse; 9];
    service.asked();
    for _ in 0..20 {
        assert!(is_whole(listing.get().await));
        pass(2).await;
    }
    assert_eq!(service.asked(), "--", "one in twenty seconds");
}

#[tokio::test(start_paused = true)]
async fn what_a_listing_lacks_forces_a_newer_one_every_twenty_seconds() {
    let (service, listing) = Service::listing(&[]);
    let lacks = |read: &BTreeSet<u32>| read.contains(&99);
    assert!(is_whole(listing.having(lacks).await));
    assert_eq!(service.asked(), "-12");
    pass(21).await;
    for _ in 0..3 {
        assert!(is_whole(listing.having(lacks).await));
    }
    assert_eq!(service.asked(), "-12");
}

#[tokio::test(start_paused = true)]
async fn a_newer_listing_has_no_page_of_an_older_one() {
    let (service, listing) = Service::listing(&[Happens::Answer, Happens::Throttle]);
    assert!(listing.get().await.is_err());
    pass(60).await;
    let lacks = |read: &BTreeSet<u32>| read.contains(&99);
    assert!(is_whole(listing.having(lacks).await));
    assert_eq!(service.asked(), "-112-12");
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_read_from_the_first_page() {
    let (service, listing) = Service::listing(&[Happens::Answer, Happens::Throttle]);
    assert!(listing.get().await.is_err());
    listing.forget();
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-1-12");
    // Nor does a task that began before put back what was forgotten.
    *locked(&service.script) = vec![Happens::Slowly];
    listing.forget();
    let waited = tokio::time::timeout(Duration::from_secs(1), listing.get()).await;
    assert!(waited.is_err());
    listing.forget();
    pass(30).await;
    assert!(listing.usable().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_listing_ages_while_the_function_is_frozen() {
    let (service, listing) = Service::listing(&[]);
    assert!(is_whole(listing.get().await));
    thaw::after(USABLE);
    assert!(listing.usable().is_none());
    service.asked();
    assert!(is_whole(listing.get().await));
    assert_eq!(service.asked(), "-12");
    // A profile that was made meanwhile is seen too.
    thaw::after(NEWEST);
    assert!(is_whole(listing.having(|read| read.contains(&99)).await));
    assert_eq!(service.asked(), "-12");
}

#[tokio::test(start_paused = true)]
async fn a_listing_whose_tokens_go_round_fails_and_is_read_anew() {
    let rounds = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&rounds);
    let fetch = move |token: Option<String>| {
        let next = match token.as_deref() {
            None => "a",
            Some("a") if *locked(&counted) == 1 => "",
            Some("a") => "b",
            Some(_) => {
                *locked(&counted) += 1;
                "a"
            }
        };
        let next = Some(next.to_owned());
        async move {
            Ok(Page {
                items: vec![0],
                next,
            })
        }
        .boxed()
    };
    let listing: Kept<u32, BTreeSet<u32>> = Kept::new(fetch);
    assert!(listing.get().await.is_err());
    assert_eq!(*locked(&rounds), 1);
    // An empty token is the end.
    assert!(listing.get().await.is_ok());
}
