//! Exports that were interrupted continue with what is whole.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tagscope::app::{ExportJob, FailureKind};
use tagscope::domain::{BlobKind, ImageRow};
use tagscope::engine::export::{ArchiveFetch, ExportOptions, ProgressSink};
use tagscope::formats::{Format, FormatOptions, PixelChoice, ShardOrder, SplitRule};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::rig::{ImageStore, export_watched, export_with, hidden_folder, job, names_below, picture, row, tags};

const COUNT: u128 = 60;

fn rows() -> Vec<ImageRow> {
    (0..COUNT).map(|number| row(number, (8, 8), &[])).collect()
}

/// Only the first so many pictures can be had; then the network is gone.
fn shelf(count: u128) -> ImageStore {
    let rows = rows().into_iter().take(count as usize);
    ImageStore { failure: FailureKind::TimedOut, ..ImageStore::new(rows.map(|row| (row.id, picture(8, 8, 2)))) }
}

fn options() -> ExportOptions {
    ExportOptions { parallel: 3, ..ExportOptions::default() }
}

fn of(formats: &[Format], out: &Path, is_resumed: bool) -> ExportJob {
    ExportJob { formats: formats.to_vec(), is_resumed, ..job(rows(), out) }
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names_below(folder)
        .into_iter()
        .map(|name| (name.clone(), std::fs::read(folder.join(name)).expect("file")))
        .collect()
}

#[test]
fn what_is_whole_is_not_fetched_again() {
    let home = tempdir().expect("folder");
    let (out, plain) = (home.path().join("x"), home.path().join("plain"));
    for formats in [&[Format::Coco][..], &[Format::Yolo], &[Format::Voc, Format::Csv]] {
        export_with(of(formats, &plain, false), shelf(COUNT), options()).expect("export");
        let failure = export_with(of(formats, &out, false), shelf(20), options()).expect_err("the network is gone");
        assert_eq!(failure.kind, FailureKind::TimedOut);
        assert!(!out.exists());
        // Not without being asked to.
        let failure = export_with(of(formats, &out, false), shelf(COUNT), options()).expect_err("unfinished");
        assert!(matches!(failure.kind, FailureKind::Unfinished { other: None, .. }), "{failure:?}");
        let report = export_with(of(formats, &out, true), shelf(COUNT), options()).expect("resumed");
        assert_eq!((report.fetched, report.reused, report.images_out), (COUNT as u64 - 20, 20, COUNT as u64));
        assert!(contents(&out) == contents(&plain), "{formats:?}: the same bytes as without the interruption");
        for folder in [&out, &plain] {
            std::fs::remove_dir_all(folder).expect("remove");
        }
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0, "nothing is left beside it");
    }
}

#[test]
fn the_project_may_have_changed_but_not_the_choices() {
    let home = tempdir().expect("folder");
    let out = home.path().join("x");
    export_with(of(&[Format::Coco], &out, true), shelf(20), options()).expect_err("the network is gone");
    let mine = of(&[Format::Coco], &out, true);
    let split = SplitRule::parse("80/20").expect("split");
    let others = [
        (of(&[Format::Yolo], &out, true), "formats coco (not yolo)"),
        (of(&[Format::Coco, Format::Csv], &out, true), "formats coco (not coco,csv)"),
        (ExportJob { query: Some("tag:fork".to_owned()), ..mine.clone() }, "query none (not tag:fork)"),
        (ExportJob { tags: vec!["fork".to_owned()], ..mine.clone() }, "tags none (not fork)"),
        (
            ExportJob { options: FormatOptions { split: Some(split), ..FormatOptions::default() }, ..mine.clone() },
            "split none (not is stratified no, weights 80/20)",
        ),
    ];
    for (other, words) in others {
        let before = contents(home.path());
        let failure = export_with(other, shelf(COUNT), options()).expect_err("begun with other choices");
        assert!(failure.headline().contains(words), "{}", failure.headline());
        assert!(failure.advice().contains("--resume"), "{}", failure.advice());
        assert!(contents(home.path()) == before, "nothing of the unfinished one is touched");
    }
    let mut job = mine;
    job.images.truncate(10);
    let report = export_with(job, ImageStore::new([]), options()).expect("resumed");
    assert_eq!((report.fetched, report.reused, report.images_out), (0, 10, 10));
    let pictures = names_below(&out).into_iter().filter(|name| name.starts_with("images/")).count();
    assert_eq!(pictures, 10, "the others are gone");
}

#[test]
fn damage_is_fetched_again_and_other_jobs_are_not_mixed() {
    let home = tempdir().expect("folder");
    let out = home.path().join("x");
    export_with(of(&[Format::Coco], &out, true), shelf(20), options()).expect_err("the network is gone");
    let other = ExportJob { pixels: PixelChoice::Resized, ..of(&[Format::Coco], &out, true) };
    let failure = export_with(other, shelf(COUNT), options()).expect_err("begun for originals");
    assert!(matches!(failure.kind, FailureKind::Unfinished { other: Some(_), .. }), "{failure:?}");
    let folder = hidden_folder(home.path());
    let name = names_below(&folder).into_iter().find(|name| name.ends_with(".png")).expect("picture");
    let mut bytes = std::fs::read(folder.join(&name)).expect("file");
    *bytes.last_mut().expect("byte") ^= 1;
    std::fs::write(folder.join(&name), bytes).expect("write");
    std::fs::write(folder.join("images/stray.txt"), "stray").expect("write");
    let report = export_with(of(&[Format::Coco], &out, true), shelf(COUNT), options()).expect("resumed");
    assert_eq!((report.fetched, report.reused), (COUNT as u64 - 19, 19));
}

/// An archive of the images, each with a picture of 20 kB.
fn archive(folder: &Path) -> Archive {
    let mut writer = ArchiveWriter::create(folder).expect("archive");
    for (row, shade) in rows().iter().zip(0..) {
        // Behind the end of a JPEG anything may stand.
        let mut bytes = picture(8, 8, 2 * shade + 1).to_vec();
        bytes.resize(20_000, shade);
        writer.add_original(row.id, "jpg", &bytes).expect("picture");
        writer.add_row(row).expect("row");
    }
    let project = job(Vec::new(), folder).project;
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: tags() };
    writer.finish(facts).expect("archive")
}

#[test]
fn formats_that_hold_pictures_take_them_from_the_archive() {
    let home = tempdir().expect("folder");
    let archive = Arc::new(archive(&home.path().join("archive")));
    let of = |format, out: &Path, is_resumed| ExportJob {
        project: archive.project().clone(),
        ..of(&[format], out, is_resumed)
    };
    let export = |job, byte_limit| {
        export_with(job, ArchiveFetch(Arc::clone(&archive)), ExportOptions { byte_limit, ..options() })
    };
    let pictures = COUNT as u64 * 20_000;
    for format in [Format::Parquet, Format::WebDataset] {
        let (out, resumed) = (home.path().join(format.name()), home.path().join(format!("{format:?} resumed")));
        let report = export(of(format, &out, false), Some(pictures * 3 / 2)).expect("there is room for them once");
        assert_eq!((report.images_out, report.reused), (COUNT as u64, 0));
        let failure = export(of(format, &resumed, false), Some(pictures / 2)).expect_err("no room");
        assert!(matches!(failure.kind, FailureKind::DiskFull { .. }), "{failure:?}");
        export(of(format, &resumed, true), None).expect("resumed");
        assert!(contents(&resumed) == contents(&out), "{:?}", names_below(&resumed));
    }
}

/// Formats are written while the pictures of an archive are read, but after those of another source.
#[test]
fn what_is_written_while_pictures_are_read_is_what_is_written_afterwards() {
    let home = tempdir().expect("folder");
    let archive = Arc::new(archive(&home.path().join("archive")));
    let path = |number: usize| archive.blob_path(rows()[number].id, BlobKind::Original).expect("picture");
    let mut damaged = std::fs::read(path(7)).expect("picture");
    damaged[10_000] ^= 1;
    std::fs::write(path(7), damaged).expect("write");
    let pictures = (0..rows().len()).filter(|&number| number != 7);
    let pictures: Vec<_> =
        pictures.map(|number| (rows()[number].id, std::fs::read(path(number)).expect("picture").into())).collect();
    let (mixed, listed) = (ShardOrder::Shuffled, ShardOrder::Project);
    for (format, shard_order) in [(Format::Parquet, mixed), (Format::WebDataset, mixed), (Format::WebDataset, listed)] {
        let [read, after] =
            ["read", "after"].map(|name| home.path().join(format!("{format:?} {shard_order:?} {name}")));
        let of = |out: &Path| ExportJob {
            project: archive.project().clone(),
            options: FormatOptions { shard_order, ..FormatOptions::default() },
            ..of(&[format], out, false)
        };
        let report = export_with(of(&read), ArchiveFetch(Arc::clone(&archive)), options()).expect("export");
        let other = export_with(of(&after), ImageStore::new(pictures.clone()), options()).expect("export");
        assert_eq!((report.images_out, other.images_out), (COUNT as u64 - 1, COUNT as u64 - 1));
        assert_eq!((report.skips.len(), &report.skips[0].image), (1, &other.skips[0].image));
        assert!(report.skips[0].reason.contains("damaged"), "{report:?}");
        let files = |folder: &Path| {
            let mut files = contents(folder);
            // They say why the picture is missing.
            files.retain(|name, _| name != "REPORT.md" && name != "manifest.json");
            files
        };
        assert!(files(&read) == files(&after) && !files(&read).is_empty(), "{:?}", names_below(&read));
    }
}

#[test]
fn what_fails_while_pictures_are_read_leaves_nothing_at_the_place() {
    let home = tempdir().expect("folder");
    let archive = Arc::new(archive(&home.path().join("archive")));
    let out = home.path().join("out");
    let export = |byte_limit, canceled_at| {
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let progress: ProgressSink = Arc::new(move |progress| {
            if Some(progress.done) == canceled_at {
                stop.cancel();
            }
        });
        let job = ExportJob { project: archive.project().clone(), ..of(&[Format::Parquet], &out, true) };
        let options = ExportOptions { byte_limit, ..options() };
        export_watched(job, ArchiveFetch(Arc::clone(&archive)), options, progress, cancel)
    };
    // The list is longer than what waits to be written.
    let failure = export(Some(300_000), None).expect_err("no room");
    assert!(matches!(failure.kind, FailureKind::DiskFull { .. }) && !out.exists(), "{failure:?}");
    let failure = export(None, Some(20)).expect_err("canceled");
    assert!(matches!(failure.kind, FailureKind::Canceled) && !out.exists(), "{failure:?}");
    assert_eq!(export(None, None).expect("whole").images_out, COUNT as u64);
    assert_eq!(names_below(home.path()).iter().filter(|name| name.ends_with(".parquet")).count(), 1);
}
