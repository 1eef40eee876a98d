//! Does the effects. Each call returns at once: what takes time is a task that ends with its token. Those that people see
//! in the task list are held in `tasks`.

mod project;
mod tasks;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::blobs::{Blobs, BlobsOf, CacheUse};
use super::connection::{self, Connection, DOWNLOADS, Target};
use super::context::EngineContext;
use super::hashes::Hashes;
use super::session::ProjectSession;
use super::snapshots::ListKey;
use super::source::{Source, not_connected};
use super::{
    blobs, changes, checking, copying, doubts, exporting, failure, listing, original_sizes, picture, plotting,
    predicting, snapshots, wanted,
};
use app::event::Doubted;
use app::retry::Retry;
use app::{Budget, Effect, Event, KeyChoice, ListingState, Settings, SourceSpec};
use domain::{IterationId, ProjectId};
use project::OpenProject;
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
    project: Option<Arc<OpenProject>>,
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
                let list = ListKey { iteration, has_untagged };
                self.context.spawn(snapshots::recall(Arc::clone(&self.context), endpoint, project, list));
            }
            Effect::OpenKept { generation, project, iteration } => self.open_kept(generation, project, iteration),
            Effect::ListIterations { project } => self.list_iterations(project),
            Effect::Open { generation, project, iteration, has_untagged } => {
                self.open(generation, project, ListKey { iteration, has_untagged });
            }
            Effect::Renumber { generation, project, iteration, .. } => {
                self.reopen(generation, project, iteration);
            }
            Effect::MeasureOriginals { generation, catalogue } => {
                self.with(generation, |project| original_sizes::report(&project.session, catalogue));
            }
            Effect::KeepList { generation, iteration, has_untagged, catalogue } => {
                self.with(generation, |project| {
                    snapshots::keep(&project.session, ListKey { iteration, has_untagged }, catalogue);
                });
            }
            Effect::StopListing { generation } => self.with(generation, |project| project.session.stop_listing()),
            Effect::ResumeListing { generation, iteration, has_untagged } => match self.project(generation) {
                Some(project) => self.list(project, ListKey { iteration, has_untagged }, false),
                None => self.context.post(Event::Listing { generation, state: not_listed() }),
            },
            Effect::WantCovers(covers) => {
                self.context.spawn(connection::want_covers(Arc::clone(&self.context), covers));
            }
            Effect::Close { generation } => self.close(generation),
            Effect::WantThumbs { generation, requests } => {
                self.with(generation, |project| wanted::want(&*project.thumbs, requests));
            }
            Effect::WantPicture { generation, request } => {
                self.with(generation, |project| picture::want(&project.pictures, request));
            }
            Effect::WantPixel { generation, ix, at } => {
                self.with(generation, |project| picture::pixel(&project.pictures, ix, at));
            }
            Effect::Check { generation, effect } => {
                self.with(generation, |project| checking::run(&project.session, effect));
            }
            Effect::Copy { generation, effect } => {
                self.with(generation, |project| copying::run(&project.session, effect));
            }
            // A decision hangs on no session: the one it was made in may be gone by now.
            Effect::Review { generation, effect } => self.context.review(generation, effect),
            Effect::Wall { generation, effect } => self.with(generation, |project| project.run_wall(effect)),
            Effect::Compare { generation, job } => {
                self.with(generation, |project| changes::run(&project.session, *job));
            }
            Effect::Predictions { generation, effect } => {
                self.with(generation, |project| predicting::run(&project.session, effect));
            }
            Effect::SaveChanges { generation, job } => {
                self.with(generation, |project| changes::save(&project.session, *job));
            }
            Effect::Statistics { generation, effect } => {
                self.with(generation, |project| plotting::run(&project.session, effect));
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
                    let state = exporting::place_state(&place, &context.options.uploads_dir);
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
            let result = failure::guarded(connection::test(&context, &endpoint, key)).await;
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
        // A list of the last visit stays, with the decisions that are made on it, until the next command says what to continue with.
        let project = active.project.take_if(|project| !matches!(project.session.blobs.source, Source::Kept));
        let before = active.connection.replace(connection);
        drop(active);
        self.end(project, before);
        true
    }

    fn disconnect(&self) {
        let Active { connecting, connection, project } = std::mem::take(&mut *self.active());
        if let Some(connecting) = connecting {
            connecting.cancel();
        }
        self.end(project, connection);
    }

    fn end(&self, project: Option<Arc<OpenProject>>, connection: Option<Arc<Connection>>) {
        if let Some(project) = project {
            project.session.cancel.cancel();
            self.context.reviews.close(project.session.generation);
            self.context.shared.inbox.forget(project.session.generation);
            self.context.shared.originals.clear();
        }
        if let Some(connection) = connection {
            connection.cancel.cancel();
        }
    }

    fn connection(&self) -> Option<Arc<Connection>> {
        self.active().connection.clone()
    }

    fn project(&self, generation: u64) -> Option<Arc<OpenProject>> {
        self.active().project.clone().filter(|project| project.session.generation == generation)
    }

    /// Does something with the open project, if it is the one of this generation.
    fn with(&self, generation: u64, run: impl FnOnce(&OpenProject)) {
        if let Some(project) = self.project(generation) {
            run(&project);
        }
    }

    fn list_iterations(self: &Arc<Self>, project: ProjectId) {
        let Some(connection) = self.connection() else { return };
        let context = Arc::clone(&self.context);
        self.context.handle.spawn(async move {
            let listed = tokio::select! {
                biased;
                () = connection.cancel.cancelled() => return,
                listed = Box::pin(failure::guarded(connection.source.iterations(project))) => listed,
            };
            context.post(Event::Iterations {
                project,
                result: listed.map(|listed| {
                    connection.source.for_display(doubts::entries(&context.shared.inbox, Doubted::Iterations, listed))
                }),
            });
        });
    }

    fn open(self: &Arc<Self>, generation: u64, project: ProjectId, list: ListKey) {
        match self.reopen(generation, project, list.iteration) {
            Some(project) => self.list(project, list, true),
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
        let before = self.active().project.take();
        self.end(before, None);
        let project = self.begin(generation, blobs, self.context.root.child_token());
        self.active().project = Some(project);
    }

    /// Takes the place of the session before, without listing anything; `None`: nothing is connected.
    fn reopen(
        self: &Arc<Self>,
        generation: u64,
        project: ProjectId,
        iteration: Option<IterationId>,
    ) -> Option<Arc<OpenProject>> {
        let mut active = self.active();
        let before = active.project.take();
        let Some(connection) = active.connection.clone() else {
            drop(active);
            self.end(before, None);
            return None;
        };
        let blobs = connection.blobs(&self.context, project, iteration, Some(generation));
        let opened = self.begin(generation, blobs, connection.cancel.child_token());
        active.project = Some(Arc::clone(&opened));
        drop(active);
        self.end(before, None);
        Some(opened)
    }

    fn begin(&self, generation: u64, blobs: Blobs, cancel: CancellationToken) -> Arc<OpenProject> {
        let hashes = Hashes::new(blobs.cache().map(|_| (self.context.options.hashes_dir.clone(), blobs.scope)));
        let session = ProjectSession::new(generation, Arc::clone(&self.context.shared), blobs, hashes, cancel);
        Arc::new(OpenProject::begin(session, &self.context.handle))
    }

    /// Begins the listing of a project, or continues with it.
    fn list(self: &Arc<Self>, project: Arc<OpenProject>, list: ListKey, wants_last_visit: bool) {
        // Here, not in the task: a stop that comes next must find it.
        let stop = project.session.begin_listing();
        self.context.listing.send_modify(|listings| *listings += 1);
        let context = Arc::clone(&self.context);
        self.context.handle.spawn(async move {
            listing::list(&project.session, &project.listing, list, wants_last_visit, stop).await;
            context.listing.send_modify(|listings| *listings = listings.saturating_sub(1));
        });
    }

    fn close(&self, generation: u64) {
        let mut active = self.active();
        if active.project.as_ref().is_some_and(|project| project.session.generation == generation) {
            let project = active.project.take();
            drop(active);
            self.end(project, None);
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
