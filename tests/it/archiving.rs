//! Archives of a service: whole, resumed, brought up to date, verified; and what must never happen to one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use tagscope::app::{ArchiveJob, ArchiveReport, Failure, FailureKind, TaskId};
use tagscope::domain::{
    BlobKind, ImageId, ImageRow, ImageUris, Project, Raster, RegionId, RegionRow, Tag, TagId, TagMark, Timestamp,
    UnitRect,
};
use tagscope::engine::Source;
use tagscope::engine::archiving::{self, ArchiveOptions};
use tagscope::engine::export::{JobProgress, ProgressSink};
use tagscope::engine::verify::{Difference, verify};
use tagscope::pixels::encode_jpeg;
use tagscope::server::{Running, ServeOptions, ServedProject};
use tagscope::service::{Client, ClientOptions, Endpoint};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};
use tempfile::{TempDir, tempdir};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::watched::Watched;

mod front;
mod iterations;
mod models;
mod updates;

const PROJECT: u128 = 0x1111_2222_3333_4444_5555_0000_0000_0700;

fn id(number: u128) -> Uuid {
    Uuid::from_u128((number << 104) | 0x33_4444_5555_0000_0000)
}

fn tag() -> Tag {
    Tag {
        id: TagId(id(200)),
        name: "猫 & <b>".to_owned(),
        description: None,
        kind: "Regular".to_owned(),
        image_count: 0,
    }
}

/// The image of a number, with as many regions as asked for.
fn row(number: u128, regions: u128) -> ImageRow {
    let (tag, name): (TagId, Arc<str>) = (tag().id, tag().name.into());
    let region = |at| RegionRow {
        id: RegionId(id(number * 8 + at + 1_000)),
        tag,
        tag_name: Arc::clone(&name),
        created: Timestamp::parse("2020-11-06T16:15:55"),
        rect: UnitRect::new(0.295_343_13, 0.145_833_33, 0.25, 0.5),
    };
    ImageRow {
        id: ImageId(id(number)),
        created: Timestamp::parse(&format!("2020-11-06T16:{:02}:{:02}", number / 60 % 60, number % 60)),
        width: 8,
        height: 8,
        uris: ImageUris::default(),
        tags: vec![TagMark { tag, name: Arc::clone(&name), created: None }],
        regions: (0..regions).map(region).collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

pub(super) fn picture(number: u128) -> Vec<u8> {
    let shade = number as u8;
    let raster = Raster::new(8, 8, [shade, 255 - shade, 40, 255].repeat(64)).expect("raster");
    encode_jpeg(&raster, 90).expect("JPEG")
}

/// A service over images, newest first, each with so many regions.
pub(super) fn service(home: &Path, name: &str, images: &[(u128, u128)]) -> Watched {
    service_of(home, name, PROJECT, images)
}

fn service_of(home: &Path, name: &str, project: u128, images: &[(u128, u128)]) -> Watched {
    let folder = home.join(name);
    let mut writer = ArchiveWriter::create(&folder).expect("writer");
    for &(number, regions) in images {
        writer.add_original(ImageId(id(number)), "jpg", &picture(number)).expect("original");
        writer.add_row(&row(number, regions)).expect("row");
    }
    let project = json!({
        "id": Uuid::from_u128(project),
        "name": "Forks",
        "created": "2020-11-06T16:00:00.000Z",
        // General, for object detection.
        "settings": { "domainId": "da2e3a8a-40a5-4171-82f4-58522f70fbc1" },
    });
    let project = serde_json::from_value::<Project>(project).expect("project");
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: vec![tag()] };
    let archive = writer.finish(facts).expect("archive");
    Watched::start(ServedProject::Archive(archive), ServeOptions::default())
}

fn source(running: &Running) -> Source {
    let endpoint = Endpoint::parse(running.endpoint()).expect("endpoint");
    Source::Service(Client::new(endpoint, running.training_key().clone(), ClientOptions::default()).expect("client"))
}

struct Run {
    out: PathBuf,
    is_resumed: bool,
    has_thumbnails: bool,
    has_iterations: bool,
    pause: Option<watch::Receiver<bool>>,
    cancel: CancellationToken,
    progress: ProgressSink,
}

impl Run {
    fn into(out: &Path) -> Self {
        Self {
            out: out.to_path_buf(),
            is_resumed: false,
            has_thumbnails: false,
            has_iterations: false,
            pause: None,
            cancel: CancellationToken::new(),
            progress: Arc::new(|_| {}),
        }
    }

    fn resumed(self) -> Self {
        Self { is_resumed: true, ..self }
    }

    /// Stops once so many pictures are there.
    fn stopping_after(mut self, pictures: u64) -> Self {
        let cancel = self.cancel.clone();
        self.progress = Arc::new(move |progress: JobProgress| {
            if progress.stage == "Downloading" && progress.done >= pictures {
                cancel.cancel();
            }
        });
        self
    }

    async fn of(self, running: &Running) -> Result<ArchiveReport, Failure> {
        let source = source(running);
        let ((project, _), _) = source.project(running.project_id()).await.expect("project");
        let Self { out, is_resumed, has_thumbnails, has_iterations, pause, cancel, progress } = self;
        let job = ArchiveJob {
            task: TaskId(0),
            plan: None,
            project,
            out: out.into(),
            is_resumed,
            has_thumbnails,
            has_iterations,
            has_predictions: false,
            has_models: false,
        };
        archiving::run(
            &source,
            job,
            ArchiveOptions { parallel: 2, pause, ..ArchiveOptions::default() },
            progress,
            cancel,
        )
        .await
    }
}

fn differences(folder: &Path) -> Vec<Difference> {
    verify(folder, &(Arc::new(|_| {}) as ProgressSink), &CancellationToken::new()).expect("verify").differences
}

/// Names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn original(folder: &Path, number: u128) -> PathBuf {
    let archive = Archive::open(folder).expect("archive");
    archive.blob_path(ImageId(id(number)), BlobKind::Original).expect("original")
}

/// Three images, and a place for their archive.
fn stage() -> (TempDir, Watched, PathBuf) {
    let home = tempdir().expect("home");
    let running = service(home.path(), "service", &[(3, 1), (2, 2), (1, 0)]);
    let out = home.path().join("deep/er/archive");
    (home, running, out)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_everything_and_opens() {
    let (_home, running, out) = stage();
    let report = Run { has_thumbnails: true, ..Run::into(&out) }.of(&running).await.expect("archive");
    assert_eq!((report.images, report.regions, report.originals, report.thumbnails), (3, 3, 3, 3));
    assert_eq!((report.fetched, report.reused, report.is_update), (6, 0, false));
    assert_eq!(report.skips, []);
    assert_eq!(names(&out), ["REPORT.md", "images.jsonl", "manifest.json", "originals", "thumbnails"]);
    let archive = Archive::open(&out).expect("archive");
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("row")).collect();
    assert_eq!(rows, [row(3, 1), row(2, 2), row(1, 0)]);
    assert_eq!(archive.read_blob(ImageId(id(2)), BlobKind::Original).expect("original"), picture(2));
    assert_eq!(differences(&out), []);
    assert_eq!(names(out.parent().expect("parent")), ["archive"], "nothing hidden is left");

    // Served again, the thumbnails are the service's own, not made again.
    let again = Watched::start(ServedProject::Archive(Archive::open(&out).expect("archive")), ServeOptions::default());
    let source = source(&again);
    let page = source.first_rows(again.project_id(), 3).await.expect("rows");
    for row in &page.rows {
        let kind = BlobKind::Thumbnail;
        let sent = source.blob(again.project_id(), row.id, kind, row.uris.get(kind)).await.expect("thumbnail");
        assert_eq!(sent, archive.read_blob(row.id, kind).expect("thumbnail"));
        assert!(archive.has(row.id, kind));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_one_flipped_bit_one_missing_and_one_extra_file() {
    let (_home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    let found = |differences: Vec<Difference>| {
        let [difference] = differences.try_into().expect("one difference");
        difference
    };
    let flipped = original(&out, 2);
    let mut bytes = std::fs::read(&flipped).expect("read");
    bytes[50] ^= 1;
    std::fs::write(&flipped, &bytes).expect("write");
    let difference = found(differences(&out));
    assert!(
        difference.file.ends_with(&format!("{}.jpg", id(2))) && difference.what.contains("SHA-256"),
        "{difference:?}"
    );
    bytes[50] ^= 1;
    std::fs::write(&flipped, &bytes).expect("write");

    let extra = out.join("originals/notes.txt");
    std::fs::write(&extra, "x").expect("write");
    assert_eq!(found(differences(&out)).what, "is not in the manifest");
    std::fs::remove_file(&extra).expect("remove");

    std::fs::remove_file(&flipped).expect("remove");
    assert_eq!(found(differences(&out)).what, "is missing");
    std::fs::write(&flipped, &bytes).expect("write");
    assert_eq!(differences(&out), []);

    let list = out.join("images.jsonl");
    let text = std::fs::read_to_string(&list).expect("read");
    std::fs::write(&list, text.replacen("0.25", "0.26", 1)).expect("write");
    assert!(found(differences(&out)).what.contains("SHA-256"), "a box that was changed");
    std::fs::write(&list, text.lines().next().expect("line")).expect("write");
    let told: Vec<String> = differences(&out).into_iter().map(|difference| difference.what).collect();
    assert!(told.iter().any(|what| what.contains("has 1 image; the manifest counts 3")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_archive_goes_on_where_it_stood() {
    let home = tempdir().expect("home");
    let images: Vec<(u128, u128)> = (1..=40).rev().map(|number| (number, 1)).collect();
    let running = service(home.path(), "service", &images);
    let out = home.path().join("archive");
    let failure = Run::into(&out).stopping_after(10).of(&running).await.expect_err("stopped");
    assert_eq!(failure.kind, FailureKind::Canceled);
    assert!(!out.exists(), "never a half");
    let hidden = home.path().join(".archive.tagscope-unfinished");
    assert!(hidden.is_dir() && home.path().join(".archive.tagscope-unfinished.jsonl").is_file());

    let failure = Run::into(&out).of(&running).await.expect_err("there is an unfinished one");
    assert_eq!(failure.kind, FailureKind::Unfinished { path: hidden.display().to_string(), other: None, store: None });
    assert!(failure.advice().contains("--resume"), "{}", failure.advice());

    // As a power cut leaves it: a file that was never noted, one that is shorter than noted, half a line in the journal.
    std::fs::create_dir_all(hidden.join("originals/zz")).expect("folder");
    std::fs::write(hidden.join("originals/zz/stray.jpg"), "stray").expect("write");
    let journal = home.path().join(".archive.tagscope-unfinished.jsonl");
    let noted = std::fs::read_to_string(&journal).expect("journal");
    let whole = noted.lines().count() - 1;
    assert!((10..40).contains(&whole), "{whole}");
    let first: serde_json::Value = serde_json::from_str(noted.lines().nth(1).expect("note")).expect("JSON");
    std::fs::write(hidden.join(first["name"].as_str().expect("name")), "short").expect("write");
    std::fs::write(&journal, format!("{noted}{{\"name\":\"originals/")).expect("write");

    let before = running.stats().blob_requests;
    let report = Run::into(&out).resumed().of(&running).await.expect("resumed");
    let fetched = running.stats().blob_requests - before;
    assert_eq!((report.fetched, report.reused), (fetched, whole as u64 - 1));
    assert_eq!(report.fetched + report.reused, 40);
    assert_eq!(differences(&out), []);
    assert_eq!(names(home.path()), ["archive", "service"]);

    // The same state gives the same bytes, whatever happened on the way.
    let other = home.path().join("other");
    Run::into(&other).of(&running).await.expect("archive");
    for name in ["manifest.json", "images.jsonl", "REPORT.md"] {
        assert_eq!(std::fs::read(out.join(name)).expect(name), std::fs::read(other.join(name)).expect(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_fetches_what_is_new_and_tells_what_changed_or_vanished() {
    let home = tempdir().expect("home");
    let out = home.path().join("archive");
    let running = service(home.path(), "first", &[(4, 1), (3, 1), (2, 2), (1, 0)]);
    Run::into(&out).of(&running).await.expect("archive");
    drop(running);

    let running = service(home.path(), "second", &[(5, 1), (4, 1), (2, 3), (1, 0)]);
    let report = Run::into(&out).of(&running).await.expect("update");
    assert!(report.is_update);
    assert_eq!(report.added, [ImageId(id(5))]);
    assert_eq!(report.changed, [ImageId(id(2))]);
    assert_eq!(report.vanished, [ImageId(id(3))]);
    assert_eq!((report.fetched, report.reused, running.stats().blob_requests), (1, 3, 1));
    assert_eq!(differences(&out), []);
    let archive = Archive::open(&out).expect("archive");
    let vanished: Vec<_> = archive.vanished().expect("vanished").into_iter().map(|row| row.expect("row")).collect();
    assert_eq!(vanished, [row(3, 1)]);
    assert_eq!(archive.read_blob(ImageId(id(3)), BlobKind::Original).expect("kept"), picture(3));
    drop(running);

    // It comes back, and another one goes: the lists follow, no picture is fetched again.
    let running = service(home.path(), "third", &[(5, 1), (4, 1), (3, 1), (2, 3)]);
    let report = Run::into(&out).of(&running).await.expect("update");
    assert_eq!((report.added, report.vanished), (vec![ImageId(id(3))], vec![ImageId(id(1))]));
    assert_eq!((report.fetched, report.reused), (0, 4));
    assert_eq!(differences(&out), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_picture_of_the_former_archive_is_fetched_again() {
    let (_home, running, out) = stage();
    Run::into(&out).of(&running).await.expect("archive");
    std::fs::write(original(&out, 1), picture(9)).expect("write");
    let report = Run::into(&out).of(&running).await.expect("update");
    assert_eq!((report.fetched, report.reused), (1, 2));
    assert!(report.skips[0].reason.contains("damaged") && !report.skips[0].is_left_out, "{:?}", report.skips);
    assert_eq!(std::fs::read(original(&out, 1)).expect("read"), picture(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_stands_there_is_lost() {
    let (home, running, out) = stage();
    // Something else is at the place.
    std::fs::create_dir_all(&out).expect("folder");
    std::fs::write(out.join("thesis.txt"), "mine").expect("write");
    let failure = Run::into(&out).of(&running).await.expect_err("taken");
    assert!(matches!(failure.kind, FailureKind::AlreadyThere { .. }), "{failure:?}");
    assert_eq!(names(&out), ["thesis.txt"]);
    std::fs::remove_dir_all(&out).expect("remove");

    // A file of the person's own inside the archive.
    Run::into(&out).of(&running).await.expect("archive");
    std::fs::write(out.join("notes.txt"), "mine").expect("write");
    let failure = Run::into(&out).of(&running).await.expect_err("a foreign file");
    assert!(failure.headline().contains("notes.txt"), "{failure:?}");
    assert!(out.join("notes.txt").exists());
    std::fs::remove_file(out.join("notes.txt")).expect("remove");

    // An archive of another project.
    let other = service_of(home.path(), "other", PROJECT + 1, &[(7, 1)]);
    let failure = Run::into(&out).of(&other).await.expect_err("another project");
    assert!(failure.details.contains("another project"), "{failure:?}");
    assert_eq!(differences(&out), []);

    // What was started for another project is not taken either.
    let new = home.path().join("new");
    Run::into(&new).stopping_after(1).of(&running).await.expect_err("stopped");
    let failure = Run::into(&new).resumed().of(&other).await.expect_err("of another project");
    assert!(matches!(failure.kind, FailureKind::Unfinished { other: Some(_), .. }), "{failure:?}");

    // Killed between the two renames of a replacement: the former archive comes back.
    std::fs::rename(&out, out.with_file_name(".archive.tagscope-former")).expect("rename");
    let report = Run::into(&out).of(&running).await.expect("update");
    assert!(report.is_update && report.fetched == 0, "{report:?}");
    assert_eq!(names(out.parent().expect("parent")), ["archive"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_picture_is_told_and_the_rest_is_kept() {
    let (home, running, out) = stage();
    std::fs::remove_file(original(&home.path().join("service"), 2)).expect("remove");
    let report = Run::into(&out).of(&running).await.expect("archive");
    assert_eq!((report.images, report.originals), (3, 2));
    assert!(report.skips[0].is_left_out && report.skips[0].image == id(2).to_string(), "{:?}", report.skips);
    assert!(std::fs::read_to_string(out.join("REPORT.md")).expect("report").contains(&id(2).to_string()));
    assert_eq!(differences(&out), []);
}

/// Killed by the system at random moments, again and again, until it gets through: what is there is always an archive or
/// nothing, and in the end the archive is whole.
#[test]
fn killed_at_any_moment_it_resumes() {
    let home = tempdir().expect("home");
    let images: Vec<(u128, u128)> = (1..=60).rev().map(|number| (number, 1)).collect();
    let running = service(home.path(), "service", &images);
    let out = home.path().join("archive");
    let kills = AtomicU64::new(0);
    for attempt in 0.. {
        assert!(attempt < 60, "it never gets through");
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tagscope"))
            .args(["archive", "--resume", "--quiet", "--endpoint", running.endpoint(), "--out"])
            .arg(&out)
            .env("TAGSCOPE_HOME", home.path().join("home"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("VISION_TRAINING_KEY", secrecy::ExposeSecret::expose_secret(running.training_key()))
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("start");
        // Killed behind so many requests, a few more with each attempt, however fast the machine is.
        let asked = || running.stats().service_requests + running.stats().blob_requests;
        let last = asked() + 2 + 3 * attempt;
        while asked() < last && child.try_wait().expect("wait").is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let is_killed = child.try_wait().expect("wait").is_none();
        if is_killed {
            child.kill().expect("kill");
            kills.fetch_add(1, Ordering::Relaxed);
        }
        let status = child.wait().expect("end");
        if out.exists() {
            assert_eq!(differences(&out), [], "after {attempt} kills");
        }
        if !is_killed {
            assert!(status.success(), "{status}");
            break;
        }
    }
    assert!(kills.load(Ordering::Relaxed) >= 1, "it was never killed: nothing was tested");
    assert_eq!(Archive::open(&out).expect("archive").image_count(), 60);
}
