//! How soon the grid is sharp when one stops after flying through it: the real shell with its engine over 100,000 listed
//! images whose thumbnails are on disk, headless, at 60 frames a second. The wheel is turned by several rows a frame; the
//! time runs from the last frame in which something moved until every cell in sight has a picture of the size it asks for.

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, MouseWheelSource, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2};
use figures::{Times, figure};
use tagscope::app::{Failure, FailureKind, ListingState, PixelKey, Settings, SourceSpec};
use tagscope::desktop::{Options, Shell};
use tagscope::domain::{BlobKind, ImageId, ImageIx, ProjectId};
use tagscope::engine::EngineOptions;
use tagscope::server::{self, Running, ServeOptions, ServedProject};
use tagscope::storage::{BlobCache, Paths, SessionVault, Vault as _};

const IMAGES: usize = 100_000;
/// The first so many have their thumbnail on disk; the flights stay within them.
const ON_DISK: usize = 24_000;
const STOPS: usize = 40;
/// Frames of a flight.
const FRAMES: usize = 30;
const FRAME: Duration = Duration::from_nanos(16_666_667);
/// Bytes that are before each picture in the disk cache.
const HEAD: usize = 20;

/// The program without a display.
struct Program {
    ctx: egui::Context,
    shell: Shell,
    frame: eframe::Frame,
    began: Instant,
    next: Instant,
}

impl Program {
    fn start(home: &Path, service: &Running, thumb_side: f32) -> Self {
        let vault = Arc::new(SessionVault::new());
        vault.set(service.endpoint(), service.training_key()).expect("key");
        let options = Options {
            settings: Settings { thumb_side, ..Settings::default() },
            settings_notice: None,
            source: Some(SourceSpec::Service { endpoint: service.endpoint().to_owned() }),
            project: Some(service.project_id().to_string()),
            memory: None,
            engine: EngineOptions::new(&Paths::under(home), vault),
            open_sample: Arc::new(|| Err(Failure::bare(FailureKind::Canceled))),
            user: None,
            home: None,
            crash_file: None,
            started: Instant::now(),
        };
        let ctx = egui::Context::default();
        let shell = Shell::new(&eframe::CreationContext::_new_kittest(ctx.clone()), options).expect("engine");
        let began = Instant::now();
        let mut program = Self { ctx, shell, frame: eframe::Frame::_new_kittest(), began, next: began };
        program.until("the list", |program| {
            let opened = program.shell.state().opened.as_ref();
            opened.is_some_and(|opened| {
                matches!(opened.listing, ListingState::Complete { .. })
                    && opened.coming.is_none()
                    && opened.catalogue.len() == IMAGES
            })
        });
        program
    }

    /// One frame, triangles and all, and what is left of its sixtieth of a second.
    fn frame(&mut self, events: Vec<Event>) {
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0)));
        let time = Some(self.began.elapsed().as_secs_f64());
        let input = RawInput { screen_rect, time, events, ..RawInput::default() };
        let Self { ctx, shell, frame, .. } = self;
        let mut output = ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            eframe::App::logic(shell, &ctx, frame);
            eframe::App::ui(shell, ui, frame);
        });
        output.textures_delta.clear();
        black_box(ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point));
    }

    fn pause(&mut self) {
        let now = Instant::now();
        self.next = (self.next + FRAME).max(now);
        std::thread::sleep(self.next - now);
    }

    fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !condition(self) {
            self.frame(Vec::new());
            self.pause();
            assert!(Instant::now() < deadline, "{what} did not come");
        }
    }

    fn in_sight(&self) -> (&[ImageIx], u16) {
        let viewport = self.shell.state().opened.as_ref().map(|opened| &opened.grid);
        viewport.map_or((&[], 0), |viewport| (&viewport.visible, viewport.side))
    }

    fn is_sharp(&self) -> bool {
        let (visible, side) = self.in_sight();
        let textures = &self.shell.view().textures;
        !visible.is_empty() && visible.iter().all(|&ix| textures.contains(PixelKey::Thumb { ix, side }))
    }

    fn wheel(&mut self, points: f32) {
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(pos2(500.0, 400.0)), wheel]);
        self.pause();
    }

    /// Flies and stops; the time from the last movement until all is sharp.
    fn stop(&mut self, points: f32) -> Duration {
        for _ in 0..FRAMES {
            self.wheel(points);
        }
        let mut stopped = Instant::now();
        loop {
            let before = self.in_sight().0.to_vec();
            let began = Instant::now();
            self.frame(Vec::new());
            if self.in_sight().0 != before {
                stopped = began;
            } else if self.is_sharp() {
                return stopped.elapsed();
            }
            self.pause();
            assert!(stopped.elapsed() < Duration::from_secs(60), "never sharp");
        }
    }

    fn images(&self) -> (ProjectId, Vec<ImageId>) {
        let opened = self.shell.state().opened.as_ref().expect("project");
        let ids = opened.visible.iter().filter_map(|&ix| opened.catalogue.get(ix)).map(|image| image.id());
        (opened.project.id, ids.collect())
    }
}

/// The thumbnails that a first look has brought into the cache.
fn cached(home: &Path) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, files: &mut Vec<Vec<u8>>) {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|kind| kind == "t") {
                files.push(std::fs::read(path).expect("file").split_off(HEAD));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Paths::under(home).blobs_dir(), &mut files);
    assert!(files.len() >= 12, "few thumbnails were kept: {}", files.len());
    files
}

/// Gives the first images thumbnails on disk: those of a few, again and again.
fn fill(home: &Path, service: &Running) {
    let mut program = Program::start(home, service, 180.0);
    program.until("a first look", Program::is_sharp);
    let (project, images) = program.images();
    drop(program);
    let files = cached(home);
    let cache = BlobCache::open(&Paths::under(home).blobs_dir(), 8 << 30).expect("cache");
    for (image, bytes) in images.iter().take(ON_DISK).zip(files.iter().cycle()) {
        cache.put(*image, BlobKind::Thumbnail, project, bytes);
    }
}

fn main() {
    let content = ServedProject::Sample { images: IMAGES, regions: Some(10) };
    let service = server::start(content, ServeOptions::default()).expect("service");
    let home = tempfile::tempdir().expect("home");
    fill(home.path(), &service);
    for (name, thumb_side, points) in [("at the usual size", 180.0, 500.0), ("at the smallest", 64.0, 250.0)] {
        let mut program = Program::start(home.path(), &service, thumb_side);
        program.until("the first screen", Program::is_sharp);
        let cells = program.in_sight().0.len();
        let mut direction = -1.0;
        let times = (0..STOPS).map(|stop| {
            // To and fro, and each time another way, so that no screen is seen twice.
            if stop % 8 == 7 {
                direction = -direction;
            }
            program.stop(direction * (points + 7.0 * stop as f32))
        });
        let times = Times::of(times.collect());
        let what = format!("{cells} cells {name} are sharp after flying, thumbnails on disk");
        figure(&format!("{what}, median"), times.median_ms(), "ms", Some(150.0));
        figure(&format!("{what}, worst of {STOPS}"), times.share_ms(1.0), "ms", Some(150.0));
    }
}
