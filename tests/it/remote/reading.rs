//! Archives opened in place: what is asked of the store, what is noticed, and what is kept.

use std::path::Path;
use std::sync::Arc;

use tagscope::app::{Failure, FailureKind};
use tagscope::domain::{BlobKind, Catalogue, ImageId, ImageRow, Project, Raster, RecordReader};
use tagscope::engine::export::ProgressSink;
use tagscope::engine::far::{self, FarAccess, FarArchive};
use tagscope::engine::verify::{VerifyReport, verify, verify_far};
use tagscope::engine::{Source, know_originals};
use tagscope::pixels::encode_jpeg;
use tagscope::remote::{PIECE, StoreOptions};
use tagscope::service::Sleep;
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter, BlobCache, Mirrors};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::shelf::{Asked, Shelf};

fn row(number: u32, note: usize) -> ImageRow {
    let id = format!("00000000-0000-4000-8000-0000000{number:05}");
    let note = "n".repeat(note);
    let text = format!(
        r#"{{"id":"{id}","width":8,"height":8,"metadata":{{"note":"{note}"}},"tags":[{{"tagId":"00000000-0000-4000-8000-000000000900","tagName":"fork"}}],"regions":[]}}"#
    );
    RecordReader::new().line(text.as_bytes(), 0).expect("row")
}

fn picture(number: u32) -> Vec<u8> {
    let shade = number as u8;
    let pixels = [shade, 255 - shade, 40, 255].repeat(64);
    encode_jpeg(&Raster::new(8, 8, pixels).expect("raster"), 90).expect("JPEG")
}

/// An archive of so many images, with so many letters of notes in each line of its list.
fn archive(folder: &Path, images: u32, note: usize) {
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    for number in 0..images {
        let row = row(number, note);
        writer.add_row(&row).expect("row");
        writer.add_original(row.id, "jpg", &picture(number)).expect("picture");
    }
    let project: Project = serde_json::from_value(serde_json::json!({
        "id": "00000000-0000-4000-8000-000000000007", "name": "forks", "settings": {}
    }))
    .expect("project");
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: Vec::new() };
    writer.finish(facts).expect("archive");
}

struct Rig {
    home: TempDir,
    shelf: Shelf,
}

impl Rig {
    fn new(images: u32, note: usize) -> Self {
        let home = tempfile::tempdir().expect("home");
        archive(&home.path().join("forks"), images, note);
        let shelf = Shelf::start(&home.path().join("forks"));
        Self { home, shelf }
    }

    fn here(&self) -> Archive {
        Archive::open(&self.home.path().join("forks")).expect("archive")
    }

    fn access(&self) -> FarAccess {
        let environment = self.shelf.environment();
        let store = StoreOptions { environment, sleep: Sleep::none(), ..StoreOptions::default() };
        let blobs = BlobCache::open(&self.home.path().join("cache/blobs"), 1 << 30).expect("cache");
        let mirrors = Mirrors::new(self.home.path().join("cache/stores"), 1 << 30);
        FarAccess { mirrors, blobs: Some(blobs), store, progress: None, must_reach: false }
    }

    fn open(&self) -> Result<FarArchive, Failure> {
        far::open(&self.shelf.address(), &self.access(), &CancellationToken::new())
    }

    fn opened(&self) -> Archive {
        let FarArchive { archive, notice, .. } =
            self.open().unwrap_or_else(|failure| panic!("{}", failure.full_text()));
        assert_eq!(notice, None);
        archive
    }

    fn failure(&self) -> Failure {
        self.open().map(|opened| panic!("opened: {opened:?}")).unwrap_err()
    }
}

fn ids(archive: &Archive) -> Vec<ImageId> {
    archive.rows().expect("rows").map(|row| row.expect("row").id).collect()
}

fn blob(archive: Archive, image: ImageId) -> Result<Vec<u8>, Failure> {
    let project = archive.project().id;
    let source = Source::Archive(Arc::new(archive));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(source.blob(project, image, BlobKind::Original, None)).map(Vec::from)
}

fn names(asked: &[Asked]) -> Vec<(&str, &str)> {
    asked.iter().map(|one| (one.method.as_str(), one.name.as_str())).collect()
}

#[test]
fn a_list_comes_in_bounded_pieces_and_only_once() {
    let rig = Rig::new(40, 300_000);
    let archive = rig.opened();
    let asked = rig.shelf.asked();
    let list = std::fs::read(rig.home.path().join("forks/images.jsonl")).expect("list");
    assert!(list.len() as u64 > 2 * PIECE);
    let of_list: Vec<u64> = asked.iter().filter(|one| one.name == "images.jsonl").map(|one| one.bytes).collect();
    assert_eq!(of_list.len() as u64, (list.len() as u64).div_ceil(PIECE), "{asked:?}");
    assert!(of_list.iter().all(|&bytes| bytes <= PIECE) && of_list.iter().sum::<u64>() == list.len() as u64);
    assert_eq!(asked.len(), 2 + of_list.len(), "the manifest is looked at and read: {:?}", names(&asked));
    assert_eq!(std::fs::read(archive.root().join("images.jsonl")).expect("mirror"), list);
    assert_eq!(ids(&archive), ids(&rig.here()));
    drop(archive);
    assert_eq!(ids(&rig.opened()).len(), 40);
    assert_eq!(names(&rig.shelf.asked()), [("HEAD", "manifest.json")], "it is as it was");
}

#[test]
fn a_picture_comes_when_it_is_asked_for_and_only_once() {
    let rig = Rig::new(12, 0);
    let archive = rig.opened();
    let image = ids(&archive)[3];
    rig.shelf.asked();
    let here = rig.here().read_blob(image, BlobKind::Original).expect("picture");
    assert_eq!(archive.read_blob(image, BlobKind::Original).expect("picture"), here);
    assert_eq!(rig.shelf.asked().len(), 1);
    assert_eq!(blob(archive, image).expect("picture"), here);
    assert_eq!(blob(rig.opened(), image).expect("picture"), here);
    assert_eq!(names(&rig.shelf.asked()), [("HEAD", "manifest.json")]);
}

#[test]
fn without_a_network_what_was_seen_is_there_and_the_rest_is_said() {
    let rig = Rig::new(12, 0);
    let (first, second) = (ids(&rig.opened())[0], ids(&rig.opened())[1]);
    let seen = blob(rig.opened(), first).expect("picture");
    rig.shelf.be_away(true);
    let FarArchive { archive, notice, .. } = rig.open().expect("from the mirror");
    let notice = notice.expect("it is said");
    assert!(notice.starts_with("Not connected to s3://shelf/forks") && notice.contains("as it was on"), "{notice}");
    assert_eq!(ids(&archive).len(), 12);
    assert_eq!(archive.read_blob(first, BlobKind::Original).expect("seen"), seen);
    let failure = blob(archive, second).expect_err("not seen");
    assert_eq!(failure.kind.origin().status(), 4, "{}", failure.full_text());
    rig.shelf.be_away(false);
    assert!(blob(rig.opened(), second).is_ok());
    // What was never opened cannot be shown.
    rig.shelf.be_away(true);
    std::fs::remove_dir_all(rig.home.path().join("cache")).expect("cache");
    assert_eq!(rig.failure().kind.origin().status(), 4);
}

#[test]
fn a_damaged_object_is_named_and_never_shown() {
    let rig = Rig::new(12, 0);
    let archive = rig.opened();
    let image = ids(&archive)[0];
    let name = archive.blob_facts(image, BlobKind::Original).expect("picture").0.into_owned();
    let whole = picture(0);
    let mut other = whole.clone();
    other[200] ^= 1;
    for (bytes, word) in [(&other[..], "SHA-256"), (&whole[..100], "it has 100 bytes, but the manifest says")] {
        rig.shelf.put(&name, bytes);
        let failure = blob(rig.opened(), image).expect_err("damaged");
        let FailureKind::BrokenFile { path, reason } = &failure.kind else { panic!("{failure:?}") };
        assert!(path.starts_with("s3://shelf/forks/originals/") && reason.contains(word), "{path}: {reason}");
    }
    rig.shelf.put(&name, &whole);
    assert_eq!(blob(rig.opened(), image).expect("whole again"), whole);
    // Its list.
    let rig = Rig::new(12, 0);
    let list = std::fs::read_to_string(rig.home.path().join("forks/images.jsonl")).expect("list");
    // It is read as one in a folder is, and what is wrong with it is said.
    for (other, images) in [(list.replacen("fork", "bork", 1), 12), (list[..list.len() - 20].to_owned(), 11)] {
        rig.shelf.put("images.jsonl", other.as_bytes());
        let archive = rig.opened();
        let doubts = archive.mismatches().expect("doubts");
        assert!(doubts.len() == 1 && doubts[0].file == "images.jsonl", "{doubts:?}");
        assert_eq!(archive.rows().expect("rows").flatten().count(), images);
    }
    rig.shelf.put("images.jsonl", list.as_bytes());
    assert!(rig.opened().mismatches().expect("doubts").is_empty(), "whole again");
}

#[test]
fn a_manifest_without_the_pictures_says_so_for_each() {
    let rig = Rig::new(3, 0);
    std::fs::remove_dir_all(rig.home.path().join("forks/originals")).expect("pictures");
    let archive = rig.opened();
    let image = ids(&archive)[0];
    assert_eq!(blob(archive, image).expect_err("missing").kind, FailureKind::MissingPicture);
    std::fs::remove_file(rig.home.path().join("forks/images.jsonl")).expect("list");
    std::fs::remove_dir_all(rig.home.path().join("cache")).expect("cache");
    let failure = rig.failure();
    assert_eq!(failure.kind, FailureKind::MissingFile { path: "s3://shelf/forks/images.jsonl".to_owned() });
}

#[test]
fn a_changed_manifest_is_noticed_and_nothing_of_the_former_is_used() {
    let rig = Rig::new(4, 0);
    let former = rig.opened();
    let image = ids(&former)[0];
    blob(rig.opened(), image).expect("picture");
    let folder = rig.home.path().join("forks");
    std::fs::remove_dir_all(&folder).expect("former");
    archive(&folder, 6, 10);
    let later = rig.opened();
    assert_eq!(ids(&later), ids(&rig.here()));
    assert_ne!(later.root(), former.root());
    assert_eq!(ids(&former).len(), 4, "who has the former open still reads it");
    rig.shelf.asked();
    blob(later, image).expect("picture");
    assert_eq!(rig.shelf.asked().len(), 1, "the same name says nothing");
    drop(former);
    drop(rig.opened());
    let mirrors = std::fs::read_dir(rig.home.path().join("cache/stores")).expect("mirrors").flatten();
    assert_eq!(mirrors.filter(|entry| entry.path().is_dir()).count(), 1, "the former one is gone");
}

#[test]
fn a_mirror_that_was_damaged_comes_again() {
    let rig = Rig::new(4, 0);
    let root = rig.opened().root().to_path_buf();
    for name in ["images.jsonl", "manifest.json"] {
        let path = root.join(name);
        let bytes = std::fs::read_to_string(&path).expect("file");
        std::fs::write(&path, bytes.replacen("fork", "bork", 1)).expect("damage");
        let archive = rig.opened();
        assert!(archive.mismatches().expect("doubts").is_empty());
        assert_eq!(std::fs::read_to_string(&path).expect("file"), bytes);
    }
}

#[test]
fn what_is_no_archive_is_said_in_words() {
    let rig = Rig::new(2, 0);
    let manifest = std::fs::read_to_string(rig.home.path().join("forks/manifest.json")).expect("manifest");
    let with = |from: &str, to: &str| {
        assert!(manifest.contains(from), "{from}");
        manifest.replacen(from, to, 1)
    };
    for (manifest, words) in [
        (with("tagscope-archive", "tagscope-export"), "It is an export"),
        (with("tagscope-archive", "another"), "written by another program"),
        (with("\"version\": 4", "\"version\": 99"), "version 99"),
        (with("images.jsonl", "../images.jsonl"), "points outside"),
        (manifest[..manifest.len() / 2].to_owned(), "s3://shelf/forks/manifest.json is damaged"),
        ("<html>".to_owned(), "s3://shelf/forks/manifest.json is damaged"),
    ] {
        rig.shelf.put("manifest.json", manifest.as_bytes());
        let failure = rig.failure();
        let text = failure.full_text();
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains("/cache/"), "{text}");
    }
    std::fs::remove_file(rig.home.path().join("forks/manifest.json")).expect("manifest");
    let empty = Shelf::start(&rig.home.path().join("none"));
    let access =
        FarAccess { store: StoreOptions { environment: empty.environment(), ..rig.access().store }, ..rig.access() };
    let failure = far::open(&empty.address(), &access, &CancellationToken::new()).expect_err("nothing there");
    assert_eq!(failure.headline(), "There is no archive at s3://shelf/forks.");
    assert_eq!(failure.kind.origin().status(), 3);
}

#[test]
fn every_object_is_verified_where_it_is() {
    let rig = Rig::new(6, 10);
    let quiet: ProgressSink = Arc::new(|_| ());
    let verified = || verify_far(&rig.shelf.address(), rig.access(), &quiet, &CancellationToken::new());
    let report = verified().expect("report");
    let folder = rig.home.path().join("forks");
    let here = verify(&folder, &quiet, &CancellationToken::new()).expect("report");
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(VerifyReport { folder: here.folder.clone(), ..report }, here);
    let name = rig.opened().blob_facts(ids(&rig.here())[2], BlobKind::Original).expect("picture").0.into_owned();
    rig.shelf.put(&name, b"other");
    let differences = verified().expect("report").differences;
    assert_eq!(differences.len(), 1);
    assert!(differences[0].file == name && differences[0].what.contains("5 bytes"), "{differences:?}");
    let list = std::fs::read(folder.join("images.jsonl")).expect("list");
    rig.shelf.put("images.jsonl", &list[..list.len() - 1]);
    let differences = verified().expect("report").differences;
    assert!(differences.iter().any(|one| one.file == "images.jsonl"), "{differences:?}");
    rig.shelf.be_away(true);
    assert_eq!(verified().expect_err("not reached").kind.origin().status(), 4);
}

#[test]
fn an_export_is_verified_where_it_is() {
    let home = tempfile::tempdir().expect("home");
    let (folder, quiet): (_, ProgressSink) = (home.path().join("forks"), Arc::new(|_| ()));
    std::fs::create_dir_all(folder.join("images")).expect("folder");
    let large: Vec<u8> = (0..PIECE as u32 + 5_000_000).map(|number| (number % 251) as u8).collect();
    let named = [("images/a.jpg", picture(1)), ("images/b.jpg", picture(2)[..300].to_vec()), ("all.parquet", large)];
    let mut list = serde_json::Map::new();
    for (name, bytes) in &named {
        std::fs::write(folder.join(name), bytes).expect("file");
        let facts = serde_json::json!({ "bytes": bytes.len(), "sha256": super::sha256(bytes) });
        list.insert((*name).to_owned(), facts);
    }
    let labels =
        |count: u32| serde_json::json!({ "format": "crops", "file": "x", "images": count, "regions": count + 5 });
    let manifest = serde_json::json!({
        "format": "tagscope-export", "files": list, "options": { "images": "original" }, "labels": [labels(2), labels(1)],
    });
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("manifest");
    let rig = Rig { shelf: Shelf::start(&folder), home };
    let verified =
        || verify_far(&rig.shelf.address(), rig.access(), &quiet, &CancellationToken::new()).expect("report");
    let (there, here) = (verified(), verify(&folder, &quiet, &CancellationToken::new()).expect("report"));
    assert_eq!((there.files, there.bytes, &there.differences), (here.files, here.bytes, &here.differences));
    assert_eq!((there.images, there.regions, there.kind), (2, 7, here.kind));
    // A picture that was exported incomplete is as its manifest says.
    assert_eq!((&there.incomplete, there.incomplete.len()), (&here.incomplete, 1));
    assert!(!rig.home.path().join("cache/stores").exists(), "nothing is kept");
    let asked = rig.shelf.asked();
    assert!(asked.iter().all(|one| one.bytes <= PIECE), "{:?}", names(&asked));

    let mut other = named[2].1.clone();
    other[PIECE as usize + 10] ^= 1;
    rig.shelf.put("all.parquet", &other);
    std::fs::remove_file(folder.join("images/a.jpg")).expect("removed");
    let found: Vec<_> = verified().differences.into_iter().map(|one| (one.file, one.what)).collect();
    assert_eq!(found[0].0, "all.parquet");
    assert!(found[0].1.contains("SHA-256"), "{found:?}");
    assert_eq!(found[1..], [("images/a.jpg".to_owned(), "is missing".to_owned())]);
    rig.shelf.put("all.parquet", &other[..100]);
    assert!(verified().differences[0].what.contains("100 bytes"));
}

#[test]
fn sizes_are_read_from_the_first_bytes_and_only_once() {
    let rig = Rig::new(12, 0);
    let sizes = || {
        let archive = rig.opened();
        let mut catalogue = Catalogue::new();
        catalogue.append(archive.rows().expect("rows").flatten().collect());
        let source = Source::Archive(Arc::new(archive));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        let known = runtime.block_on(know_originals(&source, catalogue)).expect("sizes");
        known.iter().map(|image| image.original_size()).collect::<Vec<_>>()
    };
    rig.opened();
    rig.shelf.asked();
    assert_eq!(sizes(), [Some((8, 8)); 12]);
    assert_eq!(rig.shelf.asked().len(), 13);
    assert_eq!(sizes(), [Some((8, 8)); 12]);
    assert_eq!(names(&rig.shelf.asked()), [("HEAD", "manifest.json")]);
}
