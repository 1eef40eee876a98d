//! An engine with a temporary home, and a patient ear for its events.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tagscope::app::event::ProjectSummary;
use tagscope::app::picture::{PictureTarget, ShownPicture};
use tagscope::app::{
    Effect, Event, Failure, KeyChoice, ListingState, PictureRequest, PixelKey, PixelResult, SourceSpec, ThumbRequest,
};
use tagscope::domain::{Catalogue, ImageIx};
use tagscope::engine::{Engine, EngineOptions};
use tagscope::server::{Running, ServeOptions, ServedProject};
use tagscope::storage::{Paths, SessionVault, Vault};

use crate::watched::Watched;

/// So long that only a hang exceeds it.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Rig {
    engine: Option<Engine>,
    woken: Receiver<()>,
    pub(super) home: tempfile::TempDir,
    /// Events that were passed over while waiting for others.
    queue: std::collections::VecDeque<Event>,
    /// Everything that was ever reported, as a log would print it.
    pub(super) log: String,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(Arc::new(SessionVault::new()), |_| {})
    }

    pub(super) fn with(vault: Arc<dyn Vault>, change: impl FnOnce(&mut EngineOptions)) -> Self {
        let home = tempfile::tempdir().expect("temporary home");
        let mut options = EngineOptions::new(&Paths::under(home.path()), vault);
        options.decode_threads = 2;
        change(&mut options);
        let (wake, woken) = sync_channel(1);
        let waker = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let engine = Engine::start(options, waker).expect("engine");
        Self { engine: Some(engine), woken, home, queue: std::collections::VecDeque::new(), log: String::new() }
    }

    pub(super) fn run(&self, effect: Effect) {
        self.engine.as_ref().expect("engine").run(effect);
    }

    pub(super) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("engine")
    }

    /// Takes the next event that `pick` wants; those before it are kept for later questions.
    pub(super) fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let mut looked_at = 0;
        loop {
            while let Some(event) = self.queue.get(looked_at) {
                if let Some(found) = pick(event) {
                    self.queue.remove(looked_at);
                    return found;
                }
                looked_at += 1;
            }
            let events = self.engine().drain(usize::MAX);
            if events.is_empty() {
                if self.woken.recv_timeout(PATIENCE).is_err() {
                    panic!("waited in vain for {what}");
                }
                continue;
            }
            for event in &events {
                self.log.push_str(&format!("{event:?}\n"));
            }
            self.queue.extend(events);
        }
    }

    pub(super) fn connect(&mut self, source: SourceSpec, key: KeyChoice) -> Result<Connected, Failure> {
        self.run(Effect::Connect { source, key });
        self.connected()
    }

    pub(super) fn connected(&mut self) -> Result<Connected, Failure> {
        self.wait("a connection", |event| match event {
            Event::Connected { source, projects, notice } => {
                Some(Ok(Connected { source: source.clone(), projects: projects.clone(), notice: notice.clone() }))
            }
            Event::ConnectFailed { failure, .. } => Some(Err(failure.clone())),
            _ => None,
        })
    }

    /// Connects to a running server with its key, typed and not kept.
    pub(super) fn connect_to(&mut self, running: &Running) -> Connected {
        let key = KeyChoice::Typed { key: running.training_key().clone(), keep: false };
        self.connect(service(running), key).expect("connected")
    }

    /// Opens the project of a server and lists it to the end.
    pub(super) fn list(&mut self, project: domain::ProjectId, generation: u64) -> (Catalogue, ListingState) {
        self.run(Effect::Open { generation, project, iteration: None, has_untagged: false });
        let mut catalogue = Catalogue::new();
        let end = self.wait("the end of the listing", |event| match event {
            Event::Page { generation: of, page } if *of == generation => {
                catalogue.append(page.rows.clone());
                None
            }
            Event::Tags { generation: of, tags } if *of == generation => {
                catalogue.set_tags(tags);
                None
            }
            Event::Listing { generation: of, state } if *of == generation => {
                (!matches!(state, ListingState::Running { .. })).then(|| state.clone())
            }
            _ => None,
        });
        (catalogue, end)
    }

    /// The pixels of one key: width and height, or why there are none.
    pub(super) fn pixels(&mut self, wanted: PixelKey) -> Result<(u32, u32), Failure> {
        self.raster(wanted).map(|raster| (raster.width(), raster.height()))
    }

    /// The next pixels of a key, or why there are none.
    pub(super) fn raster(&mut self, wanted: PixelKey) -> PixelResult {
        self.wait(&format!("{wanted:?}"), |event| match event {
            Event::Pixels { key, result, .. } if *key == wanted => Some(result.clone()),
            _ => None,
        })
    }

    /// All pixels that came so far and were not asked about.
    pub(super) fn other_pixels(&self) -> Vec<PixelKey> {
        let key = |event: &Event| match event {
            Event::Pixels { key, .. } => Some(*key),
            _ => None,
        };
        self.queue.iter().filter_map(key).collect()
    }

    /// Shuts the engine down; a hang fails the test.
    pub(super) fn shutdown(mut self) -> String {
        let engine = self.engine.take().expect("engine");
        let (done, ended) = sync_channel(1);
        std::thread::Builder::new()
            .name("shutdown".to_owned())
            .spawn(move || {
                engine.shutdown();
                let _ = done.send(());
            })
            .expect("thread");
        ended.recv_timeout(PATIENCE).expect("the engine ends");
        self.log
    }
}

pub(super) struct Connected {
    pub(super) source: SourceSpec,
    pub(super) projects: Vec<ProjectSummary>,
    pub(super) notice: Option<String>,
}

pub(super) fn serve(images: usize, regions: Option<usize>) -> Watched {
    Watched::start(ServedProject::Sample { images, regions }, ServeOptions::default())
}

pub(super) fn service(running: &Running) -> SourceSpec {
    SourceSpec::Service { endpoint: running.endpoint().to_owned() }
}

pub(super) fn typed(key: &str, keep: bool) -> KeyChoice {
    KeyChoice::Typed { key: SecretString::from(key), keep }
}

/// Nothing that must stay secret was ever reported.
pub(super) fn assert_no_secret(log: &str, running: &Running) {
    assert!(!log.contains("sig="), "a signature was reported");
    assert!(!log.contains(running.training_key().expose_secret()), "the key was reported");
}

pub(super) fn thumb(catalogue: &Catalogue, ix: u32, side: u16) -> ThumbRequest {
    let image = catalogue.get(ImageIx(ix)).expect("image");
    ThumbRequest { target: PictureTarget::new(image), side }
}

pub(super) fn thumb_key(ix: u32, side: u16) -> PixelKey {
    PixelKey::Thumb { ix: ImageIx(ix), side }
}

pub(super) fn picture(catalogue: &Catalogue, ix: u32, ahead: &[u32]) -> PictureRequest {
    let target = |ix: u32| PictureTarget::new(catalogue.get(ImageIx(ix)).expect("image"));
    PictureRequest {
        current: ShownPicture { target: target(ix), original: Default::default() },
        beside: None,
        ahead: ahead.iter().map(|&ix| target(ix)).collect(),
        adjust: Default::default(),
    }
}
