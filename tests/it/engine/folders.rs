//! Folders as sources: an archive, and a COCO dataset that is imported once.

use std::path::Path;

use secrecy::ExposeSecret as _;
use tagscope::app::event::Doubted;
use tagscope::app::{
    CopyEffect, CopyEvent, Effect, Event, FailureKind, KeyChoice, ListingState, PictureSource, PixelKey, SourceSpec,
};
use tagscope::domain::{Domain, ImageIx, Project, Raster, RecordReader};
use tagscope::pixels;
use tagscope::storage::{ArchiveFacts, ArchiveWriter};

use super::rig::{Rig, picture, serve, thumb, thumb_key};

const WIDTH: u32 = 2_000;
const HEIGHT: u32 = 1_500;

/// A JPEG with a gradient, large enough for its thumbnail to be kept on disk.
fn jpeg() -> Vec<u8> {
    let pixel = |x: u32, y: u32| [(x * 255 / WIDTH) as u8, (y * 255 / HEIGHT) as u8, 80, 255];
    let rgba = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| pixel(x, y))).collect();
    pixels::encode_jpeg(&Raster::new(WIDTH, HEIGHT, rgba).expect("raster"), 80).expect("jpeg")
}

/// An archive of so many images, all with the same picture.
pub(super) fn write_archive(folder: &Path, images: usize, bytes: &[u8]) {
    let mut writer = ArchiveWriter::create(folder).expect("archive");
    let mut reader = RecordReader::new();
    for number in 0..images {
        let line = format!(
            r#"{{"id":"00000000-0000-0000-0000-{number:012}","created":"2024-01-01T00:00:00","width":1200,"height":900,"tags":[],"regions":[]}}"#
        );
        let row = reader.line(line.as_bytes(), number).expect("row");
        writer.add_original(row.id, "jpg", bytes).expect("original");
        writer.add_row(&row).expect("row");
    }
    let domain_id = "da2e3a8a-40a5-4171-82f4-58522f70fbc1";
    let project: Project = serde_json::from_str(&format!(
        r#"{{"id":"11111111-0000-0000-0000-000000000001","name":"Gradients","settings":{{"domainId":"{domain_id}"}}}}"#
    ))
    .expect("project");
    let domain: Domain =
        serde_json::from_str(&format!(r#"{{"id":"{domain_id}","name":"General","type":"ObjectDetection"}}"#))
            .expect("domain");
    let facts = ArchiveFacts { project, domains: vec![domain], iterations: Vec::new(), tags: Vec::new() };
    writer.finish(facts).expect("finished");
}

fn folder(path: &Path) -> SourceSpec {
    SourceSpec::Folder { path: path.to_path_buf() }
}

#[test]
fn an_archive_is_a_project_like_any_other() {
    let mut rig = Rig::new();
    let place = rig.home.path().join("archive");
    write_archive(&place, 3, &jpeg());
    let connected = rig.connect(folder(&place), KeyChoice::None).expect("connected");
    assert_eq!(connected.projects[0].image_count, Some(3));
    assert_eq!(connected.projects[0].project.name, "Gradients");
    let (catalogue, end) = rig.list(connected.projects[0].project.id, 1);
    assert!(matches!(end, ListingState::Complete { listed: 3, .. }), "{end:?}");

    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&catalogue, 0, 128)] });
    assert_eq!(rig.pixels(thumb_key(0, 128)).expect("thumbnail"), (128, 96));
    // Made of what was kept of the large original.
    rig.run(Effect::WantThumbs { generation: 1, requests: vec![thumb(&catalogue, 0, 512)] });
    assert_eq!(rig.pixels(thumb_key(0, 512)).expect("thumbnail"), (512, 384));
    let kept = rig.wait("the cache to grow", |event| match event {
        Event::CacheSize(bytes) => Some(*bytes),
        _ => None,
    });
    rig.run(Effect::ClearCache);
    let emptied = |event: &Event| matches!(event, Event::CacheSize(0)).then_some(());
    if kept > 0 {
        rig.wait("an empty cache", emptied);
    }

    // Its file can be shown.
    let id = catalogue.get(ImageIx(0)).expect("image").id();
    let effect = CopyEffect::FindFile { id, name: None, source: place.clone() };
    rig.run(Effect::Copy { generation: 1, effect });
    let file = rig.wait("the file", |event| match event {
        Event::Copied { event: CopyEvent::File(result), .. } => Some(result.clone().expect("file")),
        _ => None,
    });
    assert!(file.starts_with(&place) && std::fs::read(&file).expect("readable") == jpeg(), "{}", file.display());

    let mut request = picture(&catalogue, 1, &[]);
    rig.run(Effect::WantPicture { generation: 1, request: Some(request.clone()) });
    assert_eq!(rig.pixels(PixelKey::Resized { ix: ImageIx(1) }).expect("picture"), (1_600, 1_200));
    let size = rig.wait("facts of the original", |event| match event {
        Event::Picture { info, .. } if info.source == PictureSource::Original => Some((info.width, info.height)),
        _ => None,
    });
    assert_eq!(size, (WIDTH, HEIGHT));
    request.current.original.want_original = true;
    request.current.original.tiles = vec![(0, 3, 2)];
    rig.run(Effect::WantPicture { generation: 1, request: Some(request) });
    let key = PixelKey::Tile { ix: ImageIx(1), level: 0, column: 3, row: 2 };
    assert_eq!(rig.pixels(key).expect("tile"), (WIDTH - 3 * 512, HEIGHT - 2 * 512));
    rig.shutdown();
}

#[test]
fn the_lists_of_an_iteration_are_compared_when_it_is_opened() {
    let mut rig = Rig::new();
    let sample = serve(12, None);
    let place = rig.home.path().join("archive");
    let archived = std::process::Command::new(env!("CARGO_BIN_EXE_tagscope"))
        .args(["archive", "--iterations", "--no-thumbnails", "--quiet", "--endpoint", sample.endpoint(), "--out"])
        .arg(&place)
        .env("TAGSCOPE_HOME", rig.home.path().join("home"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("VISION_TRAINING_KEY", sample.training_key().expose_secret())
        .output()
        .expect("it runs");
    assert!(archived.status.success(), "{}", String::from_utf8_lossy(&archived.stderr));
    let connected = rig.connect(folder(&place), KeyChoice::None).expect("connected");
    assert_eq!(connected.notice, None);
    let project = connected.projects[0].project.id;
    rig.run(Effect::ListIterations { project });
    let iteration = rig.wait("the iterations", |event| match event {
        Event::Iterations { result, .. } => Some(result.as_ref().expect("iterations")[0].id),
        _ => None,
    });
    let list = place.join("iterations").join(iteration.to_string()).join("images.jsonl");
    let words = std::fs::read_to_string(&list).expect("list");
    std::fs::write(&list, format!("{words}\n")).expect("list");
    rig.run(Effect::Open { generation: 1, project, iteration: Some(iteration), has_untagged: false });
    let sentences = rig.wait("a word about the list", |event| match event {
        Event::Doubts { doubted: Doubted::Archive, sentences } => Some(sentences.clone()),
        _ => None,
    });
    assert!(sentences.len() == 1 && sentences[0].contains(&iteration.to_string()), "{sentences:?}");
    rig.shutdown();
}

#[test]
fn a_folder_that_is_nothing_says_so() {
    let mut rig = Rig::new();
    let failure = rig.connect(folder(rig.home.path()), KeyChoice::None).err().expect("no archive");
    assert!(matches!(failure.kind, FailureKind::NotAnArchive { .. }), "{failure:?}");
    let failure = rig.connect(folder(&rig.home.path().join("nowhere")), KeyChoice::None).err().expect("nothing");
    assert!(matches!(failure.kind, FailureKind::MissingFile { .. }), "{failure:?}");
    rig.shutdown();
}

#[test]
fn a_dataset_is_imported_once() {
    let mut rig = Rig::new();
    let place = rig.home.path().join("dataset");
    std::fs::create_dir_all(place.join("images")).expect("folder");
    std::fs::write(place.join("images/a.jpg"), jpeg()).expect("picture");
    let coco = format!(
        r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":{WIDTH},"height":{HEIGHT}}}],
            "categories":[{{"id":1,"name":"box"}}],
            "annotations":[{{"id":1,"image_id":1,"category_id":1,"bbox":[10,20,300,400],"area":120000,"iscrowd":0}}]}}"#
    );
    std::fs::write(place.join("instances.json"), coco).expect("file");
    let imports = rig.home.path().join("cache/imports");
    let count = || std::fs::read_dir(&imports).expect("imports").count();
    for generation in [1, 2] {
        let connected = rig.connect(folder(&place), KeyChoice::None).expect("connected");
        let (catalogue, _) = rig.list(connected.projects[0].project.id, generation);
        assert_eq!((catalogue.len(), catalogue.region_count(), count()), (1, 1, 1));
        rig.run(Effect::WantThumbs { generation, requests: vec![thumb(&catalogue, 0, 64)] });
        assert_eq!(rig.pixels(thumb_key(0, 64)).expect("thumbnail"), (64, 48));
    }
    #[cfg(unix)]
    assert_private(&rig.home.path().join("cache"));
    rig.shutdown();
}

/// A cache is for one person alone, whatever their umask.
#[cfg(unix)]
fn assert_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        let mode = path.symlink_metadata().expect("facts").permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_dir() {
            assert_private(&path);
        }
    }
}
