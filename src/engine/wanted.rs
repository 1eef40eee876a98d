//! Pictures that the window wants. There is one set of requests and it is replaced as a whole: what scrolled away is
//! forgotten, whether it waits, downloads or decodes, so no queue can grow. A fixed number of workers take the requests
//! in their order.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::failure::guarded;
use super::pool::{Rank, Urgency};
use super::session::ProjectSession;
use app::{Failure, PixelKey};
use domain::{ImageId, Mipmap};

/// What a request ends with: pictures under keys of the request.
pub(super) type Made = Vec<(PixelKey, Arc<Mipmap>)>;

/// A request for pictures made of one image.
pub(super) trait Request: Send + Sync + Sized + 'static {
    fn image(&self) -> ImageId;

    fn keys(&self) -> Vec<PixelKey>;

    /// Leaves out some pictures; `false` if none are left.
    fn retain(&mut self, keep: impl FnMut(PixelKey) -> bool) -> bool;
}

/// Makes the pictures of a set of requests.
pub(super) trait Maker: Send + Sync + 'static {
    type Request: Request;

    fn session(&self) -> &ProjectSession;

    fn set(&self) -> &WantedSet<Self::Request>;

    fn make(
        &self,
        request: &Self::Request,
        rank: Rank,
        cancel: &CancellationToken,
    ) -> impl Future<Output = Result<Made, Failure>> + Send;
}

pub(super) struct WantedSet<R> {
    state: Mutex<State<R>>,
    more: Notify,
}

impl<R> Default for WantedSet<R> {
    fn default() -> Self {
        Self { state: Mutex::default(), more: Notify::new() }
    }
}

struct State<R> {
    pending: VecDeque<(R, Rank)>,
    flights: FxHashMap<u64, Flight>,
    number: u64,
    sent: RecentlyDelivered,
}

impl<R> Default for State<R> {
    fn default() -> Self {
        Self { pending: VecDeque::new(), flights: FxHashMap::default(), number: 0, sent: RecentlyDelivered::default() }
    }
}

/// A request that a worker has taken.
struct Flight {
    image: ImageId,
    keys: Vec<PixelKey>,
    cancel: CancellationToken,
}

impl<R: Request> WantedSet<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Images that are under way or wait: their addresses are as old as one another.
    pub(super) fn images(&self) -> Vec<ImageId> {
        let state = self.lock();
        let under_way = state.flights.values().map(|flight| flight.image);
        under_way.chain(state.pending.iter().map(|(request, _)| request.image())).collect()
    }

    fn next(&self, session: &ProjectSession) -> Option<(u64, R, Rank, CancellationToken)> {
        let mut state = self.lock();
        if session.cancel.is_cancelled() {
            return None;
        }
        let (request, rank) = state.pending.pop_front()?;
        let cancel = session.cancel.child_token();
        state.number += 1;
        let number = state.number;
        let flight = Flight { image: request.image(), keys: request.keys(), cancel: cancel.clone() };
        state.flights.insert(number, flight);
        Some((number, request, rank, cancel))
    }
}

pub(super) fn want<M: Maker>(maker: &M, mut requests: Vec<M::Request>) {
    let (session, set) = (maker.session(), maker.set());
    let epoch = session.shared.next_epoch();
    let wanted: FxHashSet<PixelKey> = requests.iter().flat_map(Request::keys).collect();
    let mut state = set.lock();
    state.flights.retain(|_, flight| {
        let is_wanted = flight.keys.iter().any(|key| wanted.contains(key));
        if !is_wanted {
            flight.cancel.cancel();
        }
        is_wanted
    });
    state.sent.forget_unless(|key| wanted.contains(key));
    let mut seen: FxHashSet<PixelKey> = state.flights.values().flat_map(|flight| flight.keys.iter().copied()).collect();
    let inbox = &session.shared.inbox;
    requests.retain_mut(|request| {
        request
            .retain(|key| seen.insert(key) && !state.sent.contains(&key) && !inbox.has_pixels(session.generation, key))
    });
    let ranked = requests.into_iter().enumerate();
    state.pending = ranked.map(|(place, request)| (request, Rank::new(Urgency::Thumb, epoch, place))).collect();
    drop(state);
    set.more.notify_waiters();
}

/// Takes requests until the session ends. Sleeps while there are none.
pub(super) async fn work<M: Maker>(maker: Arc<M>) {
    let (session, set) = (maker.session(), maker.set());
    loop {
        let more = set.more.notified();
        tokio::pin!(more);
        // Before looking, so that a request that comes just after is not slept through.
        more.as_mut().enable();
        let Some((number, request, rank, cancel)) = set.next(session) else {
            tokio::select! {
                () = session.cancel.cancelled() => return,
                () = more => continue,
            }
        };
        let result = tokio::select! {
            biased;
            // Whatever canceled the flight has removed it from the list.
            () = cancel.cancelled() => continue,
            result = Box::pin(guarded(maker.make(&request, rank, &cancel))) => result,
        };
        deliver(&*maker, number, &request, result, &cancel).await;
    }
}

async fn deliver<M: Maker>(
    maker: &M,
    number: u64,
    request: &M::Request,
    result: Result<Made, Failure>,
    cancel: &CancellationToken,
) {
    let (session, set) = (maker.session(), maker.set());
    let inbox = &session.shared.inbox;
    match result {
        Ok(pictures) => {
            for (key, picture) in pictures {
                let bytes = picture.byte_count();
                if !inbox.post_pixels(session.generation, key, Ok(picture), cancel).await {
                    break;
                }
                let mut state = set.lock();
                if !cancel.is_cancelled() {
                    state.sent.remember(key, bytes);
                }
            }
            set.lock().flights.remove(&number);
        }
        Err(failure) => {
            // Removed from the list first, so that a retry can be requested as soon as the failure is known.
            set.lock().flights.remove(&number);
            for key in request.keys() {
                inbox.post_pixels(session.generation, key, Err(failure.clone()), cancel).await;
            }
        }
    }
}

/// Bytes of pixels that are remembered.
const REMEMBERED_BYTES: usize = 128 << 20;

/// Pixels that were delivered and are still wanted: they are not made again. Beyond a number of bytes the window may have
/// dropped the oldest, so these may be requested again.
#[derive(Default)]
struct RecentlyDelivered {
    keys: FxHashSet<PixelKey>,
    /// In the order of delivery.
    order: VecDeque<(PixelKey, usize)>,
    bytes: usize,
}

impl RecentlyDelivered {
    fn contains(&self, key: &PixelKey) -> bool {
        self.keys.contains(key)
    }

    /// Forgets what is no longer wanted.
    fn forget_unless(&mut self, keep: impl Fn(&PixelKey) -> bool) {
        let Self { keys, order, bytes } = self;
        order.retain(|(key, size)| {
            let is_kept = keep(key);
            if !is_kept {
                keys.remove(key);
                *bytes -= size;
            }
            is_kept
        });
    }

    fn remember(&mut self, key: PixelKey, size: usize) {
        if !self.keys.insert(key) {
            return;
        }
        self.order.push_back((key, size));
        self.bytes += size;
        while self.bytes > REMEMBERED_BYTES
            && let Some((oldest, size)) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
            self.bytes -= size;
        }
    }
}
