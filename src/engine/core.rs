//! Does the effects. Each call returns at once: what takes time is a task that ends with its token. Those that people see
//! in the task list are held in `tasks`.

mod tasks;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::blobs::{Blobs, BlobsOf, CacheUse};
use super::connection::{self, Connection, DOWNLOADS, Opened, Target};
use super::context::EngineContext;
use super::hashes::Hashes;
use super::opening::Opening;
use super::snapshots::Kept;
use super::source::{Source, not_connected};
use super::{
    blobs, changes, checking, copying, crops, doubts, exporting, failure, listing, original_sizes, picture, plotting,
    predicting, reviewing, snapshots, thumbs, wanted,
};
use app::event::Doubted;
use app::retry::Retry;
use app::wall::CropRequest;
use app::{Budget, Effect, Event, KeyChoice, ListingState, Settings, SourceSpec, ThumbRequest};
use domain::{IterationId, ProjectId};
use service::Endpoint;
use tasks::Tasks;

pub(super) struct Core {
    pub(super) context: Arc<EngineContext>,
    active: Mutex<Active>,
    tasks: Tasks,
}

#[derive(Default)]
struct Active {
    /// The token of the connection that is being made.
    connecting: Option<CancellationToken>,
    connection: Option<Arc<Connection>>,
    opening: Option<Arc<Opening>>,
}

impl Core {
    pub(super) fn new(context: EngineContext) -> Self {
        Self { context: Arc::new(context), active: Mutex::default(), tasks: Tasks::default() }
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn run(self: &Arc<Self>, effect: Effect) {
        let _runtime = self.context.handle.enter();
        match effect {
            Effect::LookUpKey { endpoint } => self.key_status(endpoint, false),
            Effect::RemoveKey { endpoint } => self.key_status(endpoint, true),
            Effect::Test { endpoint, key } => self.test(endpoint, key),
            Effect::Connect { source, key } => match source.clone() {
                SourceSpec::Service { endpoint } => self.connect(source, Target::Service { endpoint, key }),
                SourceSpec::Folder { path } => self.connect(source, Target::Folder(path)),
                SourceSpec::Store { address } => self.connect(source, Target::Store(address)),
                SourceSpec::Sample => {
                    let failure = failure::internal("the built-in server was not started");
                    self.context.post(Event::ConnectFailed { source, failure });
                }
            },
            Effect::StopConnecting => {
                if let Some(connecting) = self.active().connecting.take() {
                    connecting.cancel();
                }
            }
            Effect::Disconnect => self.disconnect(),
            Effect::Recall { endpoint, project, iteration, has_untagged } => {
                let list = Kept { iteration, has_untagged };
                self.context.spawn(snapshots::recall(Arc::clone(&self.context), endpoint, project, list));
            }
            Effect::OpenKept { generation, project, iteration } => self.open_kept(generation, project, iteration),
            Effect::ListIterations { project } => self.list_iterations(project),
            Effect::Open { generation, project, iteration, has_untagged } => {
                self.open(generation, project, Kept { iteration, has_untagged });
            }
            Effect::Renumber { generation, project, iteration, .. } => {
                self.reopen(generation, project, iteration);
            }
            Effect::MeasureOriginals { generation, catalogue } => {
                if let Some(opening) = self.opening(generation) {
                    original_sizes::tell(&opening, catalogue);
                }
            }
            Effect::KeepList { generation, iteration, has_untagged, catalogue } => {
                if let Some(opening) = self.opening(generation) {
                    snapshots::keep(&opening, Kept { iteration, has_untagged }, catalogue);
                }
            }
            Effect::StopListing { generation } => {
                if let Some(opening) = self.opening(generation) {
                    opening.stop_listing();
                }
            }
            Effect::ResumeListing { generation, iteration, has_untagged } => match self.opening(generation) {
                Some(opening) => self.list(opening, Kept { iteration, has_untagged }, false),
                None => self.context.post(Event::Listing { generation, state: not_listed() }),
            },
            Effect::WantCovers(covers) => {
                self.context.spawn(connection::want_covers(Arc::clone(&self.context), covers));
            }
            Effect::Close { generation } => self.close(generation),
            Effect::WantThumbs { generation, requests } => {
                if let Some(opening) = self.opening(generation) {
                    wanted::want(&opening, requests);
                }
            }
            Effect::WantPicture { generation, request } => {
                if let Some(opening) = self.opening(generation) {
                    picture::want(&opening, request);
                }
            }
            Effect::WantPixel { generation, ix, at } => {
                if let Some(opening) = self.opening(generation) {
                    picture::pixel(&opening, ix, at);
                }
            }
            Effect::Check { generation, effect } => {
                if let Some(opening) = self.opening(generation) {
                    checking::run(&opening, effect);
                }
            }
            Effect::Copy { generation, effect } => {
                if let Some(opening) = self.opening(generation) {
                    copying::run(&opening, effect);
                }
            }
            // A decision hangs on no opening: the one it was made in may be gone by now.
            Effect::Review { generation, effect } => reviewing::run(&self.context, generation, effect),
            Effect::Wall { generation, effect } => {
                if let Some(opening) = self.opening(generation) {
                    crops::run(&opening, effect);
                }
            }
            Effect::Compare { generation, job } => {
                if let Some(opening) = self.opening(generation) {
                    changes::run(&opening, *job);
                }
            }
            Effect::Predictions { generation, effect } => {
                if let Some(opening) = self.opening(generation) {
                    predicting::run(&opening, effect);
                }
            }
            Effect::SaveChanges { generation, job } => {
                if let Some(opening) = self.opening(generation) {
                    changes::save(&opening, *job);
                }
            }
            Effect::Statistics { generation, effect } => {
                if let Some(opening) = self.opening(generation) {
                    plotting::run(&opening, effect);
                }
            }
            Effect::Export(job) => {
                self.task(job.task, job.plan.clone().map(Retry::Export), |core, connection, cancel| async move {
                    let task = job.task;
                    let pause = core.pause_of(task);
                    let report = exporting::export(&core.context, &connection, *job, pause, cancel).await?;
                    Ok(Event::ExportDone { task, report: Box::new(report) })
                });
            }
            Effect::Archive(job) => {
                self.task(job.task, job.plan.clone().map(Retry::Archive), |core, connection, cancel| async move {
                    let task = job.task;
                    let pause = core.pause_of(task);
                    let report = exporting::archive(&core.context, &connection, *job, pause, cancel).await?;
                    Ok(Event::ArchiveDone { task, report: Box::new(report) })
                });
            }
            Effect::CancelTask(task) => self.cancel_task(task),
            Effect::FindInterrupted => self.find_interrupted(),
            Effect::Discard { task, out } => self.discard(task, out),
            Effect::PauseTask(task, is_paused) => self.pause_task(task, is_paused),
            Effect::DryRun { number, job } => self.dry_run(number, *job),
            Effect::LookAtPlace(place) => {
                let context = Arc::clone(&self.context);
                self.context.handle.spawn_blocking(move || {
                    let state = exporting::look_at(&place, &context.options.uploads_dir);
                    context.post(Event::PlaceSeen { place, state });
                });
            }
            Effect::ReadClasses(folder) => {
                let context = Arc::clone(&self.context);
                self.context.handle.spawn_blocking(move || {
                    let result = super::export::read_classes(&folder);
                    context.post(Event::ClassesRead { folder, result });
                });
            }
            Effect::SaveSettings(settings) => self.save(settings),
            Effect::ClearCache => {
                if let Some(cache) = self.context.shared.cache.clone() {
                    self.context.spawn(blobs::clear(cache));
                }
                let (snapshots, far) = (self.context.shared.snapshots.clone(), self.context.shared.far.clone());
                self.context.handle.spawn_blocking(move || {
                    far.mirrors.clear();
                    if let Some(snapshots) = snapshots {
                        snapshots.clear();
                    }
                });
            }
            // The desktop's.
            Effect::PickFolder(_)
            | Effect::CopyText(_)
            | Effect::CopyImage(_)
            | Effect::Reveal(_)
            | Effect::Announce { .. }
            | Effect::Quit => {}
        }
    }

    fn key_status(self: &Arc<Self>, endpoint: String, remove: bool) {
        let context = Arc::clone(&self.context);
        self.context.spawn(async move {
            // As long as the text is no endpoint there is nothing to look for, only whether the keychain works.
            let place = Endpoint::parse(&endpoint).map_or_else(|_| endpoint.clone(), |endpoint| endpoint.to_string());
            let (is_stored, keychain_problem) =
                if remove { context.keys.remove(&place).await } else { context.keys.status(&place).await };
            context.post(Event::KeyStatus { endpoint, is_stored, keychain_problem });
        });
    }

    fn test(self: &Arc<Self>, endpoint: String, key: KeyChoice) {
        let context = Arc::clone(&self.context);
        self.context.spawn(async move {
            let result = super::guard::guarded(connection::test(&context, &endpoint, key)).await;
            context.post(Event::Tested(result));
        });
    }

    /// Connects to a service that is known under another name than its endpoint.
    pub(super) fn connect_service(self: &Arc<Self>, spec: SourceSpec, endpoint: String, key: SecretString) {
        let _runtime = self.context.handle.enter();
        self.connect(spec, Target::Service { endpoint, key: KeyChoice::Typed { key, keep: false } });
    }

    fn connect(self: &Arc<Self>, spec: SourceSpec, target: Target) {
        let cancel = self.context.root.child_token();
        if let Some(before) = self.active().connecting.replace(cancel.clone()) {
            before.cancel();
        }
        let core = Arc::clone(self);
        let install = move |connection| core.set_connection(connection);
        self.context.handle.spawn(connection::connect(Arc::clone(&self.context), spec, target, cancel, install));
    }

    /// Puts a new connection in the place of the one before; `false` when it is no longer wanted.
    fn set_connection(&self, connection: Arc<Connection>) -> bool {
        let mut active = self.active();
        if connection.cancel.is_cancelled() {
            return false;
        }
        active.connecting = None;
        // A list of the last visit stays, with the decisions that are made on it, until it is told what to continue with.
        let opening = active.opening.take_if(|opening| !matches!(opening.blobs.source, Source::Kept));
        let before = active.connection.replace(connection);
        drop(active);
        self.end(opening, before);
        true
    }

    fn disconnect(&self) {
        let Active { connecting, connection, opening } = std::mem::take(&mut *self.active());
        if let Some(connecting) = connecting {
            connecting.cancel();
        }
        self.end(opening, connection);
    }

    fn end(&self, opening: Option<Arc<Opening>>, connection: Option<Arc<Connection>>) {
        if let Some(opening) = opening {
            self.end_opening(&opening);
        }
        if let Some(connection) = connection {
            connection.cancel.cancel();
        }
    }

    fn end_opening(&self, opening: &Opening) {
        opening.cancel.cancel();
        self.context.reviews.close(opening.generation);
        self.context.shared.inbox.forget(opening.generation);
        self.context.shared.originals.clear();
    }

    fn connection(&self) -> Option<Arc<Connection>> {
        self.active().connection.clone()
    }

    fn opening(&self, generation: u64) -> Option<Arc<Opening>> {
        self.active().opening.clone().filter(|opening| opening.generation == generation)
    }

    fn list_iterations(self: &Arc<Self>, project: ProjectId) {
        let Some(connection) = self.connection() else { return };
        let context = Arc::clone(&self.context);
        self.context.handle.spawn(async move {
            let listed = tokio::select! {
                biased;
                () = connection.cancel.cancelled() => return,
                listed = Box::pin(super::guard::guarded(connection.source.iterations(project))) => listed,
            };
            context.post(Event::Iterations {
                project,
                result: listed.map(|listed| {
                    connection.source.told(doubts::entries(&context.shared.inbox, Doubted::Iterations, listed))
                }),
            });
        });
    }

    fn open(self: &Arc<Self>, generation: u64, project: ProjectId, list: Kept) {
        match self.reopen(generation, project, list.iteration) {
            Some(opening) => self.list(opening, list, true),
            None => self.context.post(Event::Listing { generation, state: not_listed() }),
        }
    }

    /// Opens a project of a service that is not connected: what the caches have of it.
    fn open_kept(self: &Arc<Self>, generation: u64, project: ProjectId, iteration: Option<IterationId>) {
        let blobs = Blobs::new(BlobsOf {
            source: Source::Kept,
            project,
            iteration,
            told: None,
            cache: self.context.shared.cache.clone().map_or(CacheUse::Off, CacheUse::Full),
            scope: project,
            downloads: Arc::new(Semaphore::new(DOWNLOADS)),
        });
        let before = self.active().opening.take();
        self.end(before, None);
        let opening = self.begin(generation, blobs, self.context.root.child_token());
        self.active().opening = Some(opening);
    }

    /// Takes the place of the opening before, without listing anything; `None`: nothing is connected.
    fn reopen(
        self: &Arc<Self>,
        generation: u64,
        project: ProjectId,
        iteration: Option<IterationId>,
    ) -> Option<Arc<Opening>> {
        let mut active = self.active();
        let before = active.opening.take();
        let Some(connection) = active.connection.clone() else {
            drop(active);
            self.end(before, None);
            return None;
        };
        let blobs = connection.blobs(&self.context, project, Opened { iteration, generation: Some(generation) });
        let opening = self.begin(generation, blobs, connection.cancel.child_token());
        active.opening = Some(Arc::clone(&opening));
        drop(active);
        self.end(before, None);
        Some(opening)
    }

    fn begin(&self, generation: u64, blobs: Blobs, cancel: CancellationToken) -> Arc<Opening> {
        let hashes = Hashes::new(blobs.cache().map(|_| (self.context.options.hashes_dir.clone(), blobs.scope)));
        let opening = Arc::new(Opening::new(generation, Arc::clone(&self.context.shared), blobs, hashes, cancel));
        for _ in 0..thumbs::WORKERS {
            self.context.handle.spawn(wanted::work::<ThumbRequest>(Arc::clone(&opening)));
        }
        for _ in 0..crops::WORKERS {
            self.context.handle.spawn(wanted::work::<CropRequest>(Arc::clone(&opening)));
        }
        opening
    }

    /// Begins the listing of an opening, or continues with it.
    fn list(self: &Arc<Self>, opening: Arc<Opening>, list: Kept, wants_last_visit: bool) {
        // Here, not in the task: a stop that comes next must find it.
        let stop = opening.begin_listing();
        self.context.listing.send_modify(|listings| *listings += 1);
        let context = Arc::clone(&self.context);
        self.context.handle.spawn(async move {
            listing::list(opening, list, wants_last_visit, stop).await;
            context.listing.send_modify(|listings| *listings = listings.saturating_sub(1));
        });
    }

    fn close(&self, generation: u64) {
        let mut active = self.active();
        if active.opening.as_ref().is_some_and(|opening| opening.generation == generation) {
            let opening = active.opening.take();
            drop(active);
            self.end(opening, None);
        }
    }

    fn save(self: &Arc<Self>, settings: Box<Settings>) {
        let cache_bytes = settings.disk_cache_bytes;
        let originals = Budget::Originals.fitted(&settings, self.context.options.memory);
        self.context.shared.originals.set_max_bytes(usize::try_from(originals).unwrap_or(usize::MAX));
        if let Some(snapshots) = &self.context.shared.snapshots {
            snapshots.set_max_bytes(settings.list_bytes);
        }
        self.context.shared.far.mirrors.set_max_bytes(settings.list_bytes);
        self.context.saver.note(settings);
        let context = Arc::clone(&self.context);
        self.context.handle.spawn_blocking(move || {
            if let Some(cache) = &context.shared.cache {
                cache.blobs.set_max_bytes(cache_bytes);
            }
            if let Err(failure) = context.saver.flush() {
                context.post(Event::SettingsFailed(failure));
            }
        });
    }
}

fn not_listed() -> ListingState {
    ListingState::Failed { listed: 0, total: None, failure: not_connected() }
}
