//! Pictures from disk to pixels through the whole engine, against the bare decoder on as many threads: thumbnails out of
//! the disk cache, and originals of 12 and 100 megapixels to their first pixels and to the sharp ones. `thumbnails` or
//! `originals` as an argument chooses one of the two.
//!
//! What was weighed for the thumbnails (JPEG of 320 x 240, 15 KB, for a cell of 256; one thread): decoding 0.26 ms;
//! bringing RGB to RGBA with `image` 0.04 to 0.12 ms, nothing when decoded straight to four channels; scaling with Lanczos
//! 0.19 to 0.22 ms, with Catmull-Rom 0.12 ms (0.3 ms without link-time optimisation), halving by the mean of two by two
//! 0.06 ms; SHA-256 of the file 0.0075 ms (with the processor's instructions for it), CRC-32 0.0002 ms; opening and reading
//! the file 0.0012 ms, reading it out of an open file 0.0005 ms. So a single file for all pictures would save a
//! five-hundredth, and there is none. For originals (12 megapixels): whole 64 ms, by way of RGB 107 ms; half size 41 ms, a
//! quarter 31 ms; halving for the next level 13 ms. Of 100 megapixels a quarter takes 220 to 300 ms, the whole 400 to 700.

#![allow(clippy::expect_used, clippy::panic, unreachable_pub, reason = "a bench ends by panicking")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use figures::{figure, ratio};
use tagscope::app::picture::{PictureTarget, ShownPicture};
use tagscope::app::view::CanvasRequest;
use tagscope::app::{Effect, Event, KeyChoice, ListingState, PictureRequest, PixelKey, SourceSpec, ThumbRequest};
use tagscope::domain::{Adjust, Catalogue, ImageIx, ImageView, ProjectId};
use tagscope::engine::{Engine, EngineOptions};
use tagscope::server::{self, ServeOptions, ServedProject};
use tagscope::storage::{Paths, SessionVault};

/// Thumbnails of a run.
const THUMBNAILS: u32 = 400;
/// Cells in points and pixels: near the files' 320 pixels, which are not scaled then, and far below.
const SIDES: [u16; 2] = [256, 128];
const ROUNDS: usize = 9;

struct Rig {
    engine: Engine,
    woken: Receiver<()>,
    decode_threads: usize,
}

impl Rig {
    fn new(home: &Path) -> Self {
        let options = EngineOptions::new(&Paths::under(home), Arc::new(SessionVault::new()));
        let (wake, woken) = sync_channel(1);
        let waker = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let decode_threads = options.decode_threads;
        Self { engine: Engine::start(options, waker).expect("engine"), woken, decode_threads }
    }

    fn wait<T>(&self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            for event in self.engine.drain(usize::MAX) {
                if let Some(found) = pick(event) {
                    return found;
                }
            }
            self.woken.recv_timeout(Duration::from_secs(120)).expect("an event");
        }
    }

    fn connect(&self, source: SourceSpec, key: KeyChoice) -> ProjectId {
        self.engine.run(Effect::Connect { source, key });
        self.wait(|event| match event {
            Event::Connected { projects, .. } => Some(projects[0].project.id),
            Event::ConnectFailed { failure, .. } => panic!("{failure:?}"),
            _ => None,
        })
    }

    fn list(&self, project: ProjectId, generation: u64) -> Catalogue {
        self.engine.run(Effect::Open { generation, project, iteration: None, has_untagged: false });
        let mut catalogue = Catalogue::new();
        self.wait(|event| match event {
            Event::Page { page, .. } => {
                catalogue.append(page.rows);
                None
            }
            Event::Listing { state: ListingState::Running { .. }, .. } => None,
            Event::Listing { .. } => Some(()),
            _ => None,
        });
        catalogue
    }

    /// All these thumbnails; the time from the request to the last one.
    fn thumbnails(&self, catalogue: &Catalogue, generation: u64, side: u16) -> Duration {
        let request = |image: ImageView<'_>| ThumbRequest { target: PictureTarget::new(image), side };
        let requests: Vec<_> = catalogue.iter().take(THUMBNAILS as usize).map(request).collect();
        let mut left = requests.len();
        let began = Instant::now();
        self.engine.run(Effect::WantThumbs { generation, requests });
        self.wait(|event| match event {
            Event::Pixels { key: PixelKey::Thumb { .. }, result, .. } => {
                result.expect("thumbnail");
                left -= 1;
                (left == 0).then_some(())
            }
            _ => None,
        });
        began.elapsed()
    }
}

/// Bytes that are before each picture in the disk cache.
const HEAD: usize = 20;

/// The service's thumbnails in the disk cache: what the engine makes those of the grid of.
fn cached(home: &Path) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, files: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|kind| kind == "t") {
                files.push(std::fs::read(path).expect("file").split_off(HEAD));
            }
        }
    }
    let mut files = Vec::new();
    walk(&home.join("cache/blobs"), &mut files);
    assert!(!files.is_empty(), "no thumbnail was kept");
    files
}

/// Decodes these pictures bare, on as many threads as the engine decodes with.
fn bare(files: &[Vec<u8>], threads: usize) -> Duration {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for part in files.chunks(files.len().div_ceil(threads)) {
            scope.spawn(move || {
                for bytes in part {
                    black_box(image::load_from_memory(bytes).expect("picture").to_rgba8());
                }
            });
        }
    });
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// Processor time that this process has used so far, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold blanks.
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

fn add(sum: &mut Option<f64>, from: Option<f64>, to: Option<f64>) {
    *sum = sum.zip(from.zip(to)).map(|(sum, (from, to))| sum + to - from);
}

fn thumbnails() {
    let service = server::start(ServedProject::Sample { images: 480, regions: None }, ServeOptions::default());
    let service = service.expect("service");
    let source = SourceSpec::Service { endpoint: service.endpoint().to_owned() };
    let home = tempfile::tempdir().expect("home");
    let rig = Rig::new(home.path());
    let key = KeyChoice::Typed { key: service.training_key().clone(), keep: false };
    let project = rig.connect(source, key);
    let catalogue = rig.list(project, 1);
    // Downloads them; from then on they are on disk.
    rig.thumbnails(&catalogue, 1, SIDES[0]);
    let files = cached(home.path());
    for (at, side) in SIDES.into_iter().enumerate() {
        rate(&rig, project, &files, side, (at * ROUNDS) as u64 + 2);
    }
}

/// The rate for cells of a side, against that of the bare decoder. Takes `ROUNDS` generations from `first` on.
fn rate(rig: &Rig, project: ProjectId, files: &[Vec<u8>], side: u16, first: u64) {
    let threads = rig.decode_threads;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_cpu, mut their_cpu) = (Some(0.0), Some(0.0));
    for round in 0..ROUNDS {
        // Another opening, so that nothing is remembered as delivered.
        let generation = round as u64 + first;
        let catalogue = rig.list(project, generation);
        let began = cpu_seconds();
        ours.push(rig.thumbnails(&catalogue, generation, side));
        let between = cpu_seconds();
        theirs.push(bare(files, threads));
        add(&mut our_cpu, began, between);
        add(&mut their_cpu, between, cpu_seconds());
    }
    let (ours, theirs) = (median(ours) / f64::from(THUMBNAILS), median(theirs) / files.len() as f64);
    figure(&format!("a thumbnail from the disk cache for a cell of {side}, request to pixels"), ours, "ms", None);
    figure(&format!("the same file decoded bare, {threads} threads"), theirs, "ms", None);
    ratio(
        &format!("thumbnails from the disk cache for cells of {side}"),
        theirs / ours,
        "the bare decoder's rate",
        0.8,
    );
    // Where others use the same cores, times say more of them than of us.
    if let (Some(ours), Some(theirs)) = (our_cpu, their_cpu) {
        let each = (theirs / files.len() as f64) / (ours / f64::from(THUMBNAILS));
        ratio("the same by processor time of all threads", each, "the bare decoder's rate", 0.8);
    }
}

/// A folder with one JPEG of this size and a COCO file that names it.
fn dataset(folder: &Path, width: u32, height: u32) {
    let pixel = |x: u32, y: u32| image::Rgb([(x / 7) as u8, (y / 5) as u8, ((x ^ y) / 3) as u8]);
    let picture = image::RgbImage::from_fn(width, height, pixel);
    picture.save(folder.join("large.jpg")).expect("picture");
    let coco = serde_json::json!({
        "images": [{ "id": 1, "file_name": "large.jpg", "width": width, "height": height }],
        "annotations": [{ "id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 500, 400], "area": 200_000, "iscrowd": 0 }],
        "categories": [{ "id": 1, "name": "fork" }],
    });
    std::fs::write(folder.join("coco.json"), coco.to_string()).expect("file");
}

fn original(width: u32, height: u32, first_limit: Option<f64>) {
    let (home, data) = (tempfile::tempdir().expect("home"), tempfile::tempdir().expect("data"));
    dataset(data.path(), width, height);
    let (mut first, mut sharp) = (Vec::new(), Vec::new());
    let mut decode = Vec::new();
    for _ in 0..3 {
        let rig = Rig::new(home.path());
        let project = rig.connect(SourceSpec::Folder { path: data.path().join("coco.json") }, KeyChoice::None);
        let catalogue = rig.list(project, 1);
        // The grid has shown it before it is opened.
        rig.thumbnails(&catalogue, 1, SIDES[0]);
        let target = PictureTarget::new(catalogue.get(ImageIx(0)).expect("image"));
        let tiles = vec![(0, 0, 0)];
        let began = Instant::now();
        let current = ShownPicture { target, original: CanvasRequest { tiles, want_original: true } };
        let request = PictureRequest { current, beside: None, ahead: Vec::new(), adjust: Adjust::default() };
        rig.engine.run(Effect::WantPicture { generation: 1, request: Some(request) });
        let (mut has_first, mut has_sharp) = (false, false);
        rig.wait(|event| {
            match event {
                Event::Pixels { key: PixelKey::Resized { .. }, .. } if !has_first => {
                    has_first = true;
                    first.push(began.elapsed());
                }
                Event::Pixels { key: PixelKey::Tile { .. }, .. } if !has_sharp => {
                    has_sharp = true;
                    sharp.push(began.elapsed());
                }
                _ => {}
            }
            (has_first && has_sharp).then_some(())
        });
        decode.push(bare(&[std::fs::read(data.path().join("large.jpg")).expect("file")], 1));
    }
    let megapixels = u64::from(width) * u64::from(height) / 1_000_000;
    let (first, sharp, decode) = (median(first), median(sharp), median(decode));
    figure(
        &format!("original of {megapixels} megapixels to a picture that fills the window"),
        first,
        "ms",
        first_limit,
    );
    figure(&format!("original of {megapixels} megapixels to its sharp tiles"), sharp, "ms", None);
    figure(&format!("the same file decoded bare, {megapixels} megapixels"), decode, "ms", None);
}

fn main() {
    let parts = ["thumbnails", "originals"];
    let chosen = std::env::args().skip(1).find(|argument| parts.contains(&argument.as_str()));
    let is_chosen = |name: &str| chosen.as_deref().is_none_or(|chosen| chosen == name);
    if is_chosen("thumbnails") {
        thumbnails();
    }
    if is_chosen("originals") {
        original(4_000, 3_000, Some(100.0));
        original(12_000, 8_400, Some(100.0));
    }
}
