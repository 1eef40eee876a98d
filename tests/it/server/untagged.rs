//! Images without any tag through an archive: kept, read again, served as the service does, followed when they get one.

use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tagscope::app::{ArchiveJob, ArchiveReport, TaskId};
use tagscope::domain::{ImageId, ImageRow, RecordReader, Tag, TagMark};
use tagscope::engine::{Source, archiving, verify::verify};
use tagscope::server::{ServeOptions, ServedProject};
use tagscope::service::{Client, ClientOptions, Endpoint};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter, StorageError};
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::client::Asked;

/// Four rows of the sample, the last two without their tags, in an archive that is served.
fn service(folder: &Path, sample: &Asked, untagged: usize) -> (Asked, Vec<ImageRow>) {
    let project = serde_json::from_slice(&sample.project("").body).expect("project");
    let tags: Vec<Tag> = serde_json::from_slice(&sample.project("/tags").body).expect("tags");
    let mut rows = RecordReader::new().page(&sample.project("/images/tagged?take=4").body).expect("page").rows;
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    for row in &mut rows[4 - untagged..] {
        (row.tags, row.regions) = (Vec::new(), Vec::new());
    }
    for (at, row) in rows.iter().enumerate() {
        let uri = row.uris.resized.as_ref().expect("address");
        writer.add_original(row.id, "jpg", &sample.blob(uri.expose()).body).expect("original");
        if at < 4 - untagged { writer.add_row(row) } else { writer.add_untagged(row) }.expect("row");
    }
    let archive = writer.finish(ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags });
    (Asked::new(ServedProject::Archive(archive.expect("archive")), ServeOptions::default()), rows)
}

fn archived(asked: &Asked, out: &Path) -> ArchiveReport {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let endpoint = Endpoint::parse(asked.service.endpoint()).expect("endpoint");
    let key = asked.service.training_key().clone();
    let source = Source::Service(Client::new(endpoint, key, ClientOptions::default()).expect("client"));
    let id = asked.service.project_id();
    let out = out.to_path_buf();
    let task = runtime.spawn(async move {
        let ((project, _), _) = source.project(id).await.expect("project");
        let job = ArchiveJob {
            plan: None,
            task: TaskId(0),
            project,
            out: out.into(),
            is_resumed: false,
            has_thumbnails: false,
            has_iterations: false,
            has_predictions: false,
            has_models: false,
        };
        archiving::run(&source, job, archiving::ArchiveOptions::default(), Arc::new(|_| {}), CancellationToken::new())
            .await
    });
    runtime.block_on(task).expect("no panic").expect("archive")
}

fn assert_whole(folder: &Path) {
    let report = verify(folder, &(Arc::new(|_| {}) as _), &CancellationToken::new()).expect("verify");
    assert!(report.differences.is_empty(), "{:?}", report.differences);
}

#[test]
fn images_without_tags_are_kept_and_served() {
    let home = tempdir().expect("home");
    let sample = Asked::sample();
    let (asked, rows) = service(&home.path().join("service"), &sample, 2);
    let out = home.path().join("archive");
    let report = archived(&asked, &out);
    assert_eq!((report.images, report.untagged, report.originals, report.fetched), (2, 2, 4, 4), "{report:?}");
    assert!(report.is_whole(), "{report:?}");
    assert_whole(&out);
    let archive = Archive::open(&out).expect("archive");
    assert_eq!((archive.image_count(), archive.workspace().untagged_count()), (2, 2));

    let served = Asked::new(ServedProject::Archive(archive), ServeOptions::default());
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(served.ids("/images/tagged"), ids[..2]);
    assert_eq!(served.ids("/images/untagged"), ids[2..]);
    assert_eq!(served.project("/images/untagged/count").text(), "2");
    assert_eq!(served.project("/images/tagged/count").text(), "2");
    assert_eq!(served.ids("/images?taggingStatus=Untagged"), ids[2..]);
    assert_eq!(served.ids(&format!("/images/id?imageIds={}", ids[3])), ids[3..]);
    let (mine, theirs) = (served.ok("/images/untagged"), asked.ok("/images/untagged"));
    for key in ["id", "created", "width", "height", "metadata"] {
        assert_eq!(mine[1][key], theirs[1][key], "{key}");
    }

    // One of them gets a tag: that is a change, and nothing is fetched again.
    let (asked, _) = service(&home.path().join("later"), &sample, 1);
    let report = archived(&asked, &out);
    assert_eq!((report.images, report.untagged, report.fetched, report.reused), (3, 1, 0, 4), "{report:?}");
    assert_eq!((report.added.len(), report.changed, report.vanished.len()), (0, vec![rows[2].id], 0));
    assert_whole(&out);
}

#[test]
fn the_command_line_lists_and_counts_them() {
    let home = tempdir().expect("home");
    let sample = Asked::sample();
    let folder = home.path().join("service");
    let (asked, rows) = service(&folder, &sample, 2);
    let run = |place: &[&str], rest: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.arg("images").args(rest).args(place).env("TAGSCOPE_HOME", home.path().join("home"));
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command.env("VISION_TRAINING_KEY", asked.service.training_key().expose_secret());
        let output = command.output().expect("run");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let (source, endpoint) = (folder.to_str().expect("path"), asked.service.endpoint());
    for place in [["--source", source], ["--endpoint", endpoint]] {
        let (status, listed) = run(&place, &["--untagged", "--jsonl"]);
        let ids: Vec<String> = listed
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].as_str().expect("id").to_owned()
            })
            .collect();
        let expected: Vec<String> = rows[2..].iter().map(|row| row.id.to_string()).collect();
        assert_eq!((status, ids), (Some(0), expected), "{place:?}");
        assert_eq!(run(&place, &["--untagged", "--count"]), (Some(0), "2\n".to_owned()), "{place:?}");
        assert_eq!(run(&place, &["--untagged", "--skip", "1", "--jsonl"]).1.lines().count(), 1, "{place:?}");
        assert_eq!(run(&place, &["--count"]).1, "2\n", "the others are those with tags");
    }
    // They have no tags to ask for.
    assert_eq!(run(&["--source", source], &["--untagged", "--tag", "fork"]).0, Some(2));
}

#[test]
fn a_line_too_few_is_found_and_older_layouts_open() {
    let home = tempdir().expect("home");
    let (asked, _) = service(&home.path().join("service"), &Asked::sample(), 2);
    let out = home.path().join("archive");
    archived(&asked, &out);
    let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("manifest");
    assert!(manifest.contains("\"version\": 4"));
    let text = std::fs::read_to_string(out.join("untagged.jsonl")).expect("lines");
    std::fs::write(out.join("untagged.jsonl"), text.lines().next().expect("line")).expect("write");
    let report = verify(&out, &(Arc::new(|_| {}) as _), &CancellationToken::new()).expect("verify");
    assert!(report.differences.iter().any(|found| found.what.contains("has 1 image")), "{:?}", report.differences);
    std::fs::remove_file(out.join("untagged.jsonl")).expect("remove");
    assert!(matches!(Archive::open(&out), Err(StorageError::Missing { .. })));

    // As version 1 wrote it: no such file, no such count.
    let mut old: serde_json::Value = serde_json::from_str(&manifest).expect("json");
    old["version"] = 1.into();
    old["files"].as_object_mut().expect("files").remove("untagged.jsonl");
    old["counts"].as_object_mut().expect("counts").remove("untagged");
    std::fs::write(out.join("manifest.json"), old.to_string()).expect("write");
    let archive = Archive::open(&out).expect("an older layout opens");
    assert_eq!((archive.image_count(), archive.workspace().untagged_count()), (2, 0));
    let tagged: Vec<(ImageId, Vec<TagMark>)> =
        archive.rows().expect("rows").map(|row| row.map(|row| (row.id, row.tags)).expect("row")).collect();
    assert!(tagged.iter().all(|(_, tags)| !tags.is_empty()));
}
