//! An archive, served: its own rows and files, its broken lines left out, its smaller pictures made.

use std::path::Path;

use tagscope::domain::{BlobKind, Iteration, Project, RecordReader, Tag};
use tagscope::pixels;
use tagscope::server::{ServeOptions, ServedProject};
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};

use super::client::Asked;

/// Copies the newest images of the sample, the one with the larger original, and the one without a file, to an archive.
pub(super) fn archive_of(asked: &Asked, folder: &Path) -> Vec<String> {
    let project: Project = serde_json::from_slice(&asked.project("").body).expect("project");
    let tags: Vec<Tag> = serde_json::from_slice(&asked.project("/tags").body).expect("tags");
    let page = RecordReader::new().page(&asked.project("/images/tagged?take=256").body).expect("page");
    let iterations: Vec<Iteration> = serde_json::from_slice(&asked.project("/iterations").body).expect("iterations");
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    let mut ids = Vec::new();
    for (index, row) in page.rows.iter().enumerate() {
        let is_larger = row.uris.resized != row.uris.original;
        if index >= 4 && !is_larger {
            continue;
        }
        if index != 1 {
            let kind = if is_larger { BlobKind::Original } else { BlobKind::Resized };
            let file = match index {
                2 => b"no picture at all".to_vec(),
                _ => asked.blob(row.uris.get(kind).expect("address").expose()).body,
            };
            writer.add_original(row.id, "jpg", &file).expect("original");
        }
        writer.add_row(row).expect("row");
        ids.push(row.id.to_string());
    }
    writer.finish(ArchiveFacts { project, domains: Vec::new(), iterations, tags }).expect("archive");
    ids
}

#[test]
fn an_archive_is_served_like_its_service() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().join("archive");
    let source = Asked::sample();
    let ids = archive_of(&source, &folder);
    let served = Asked::new(ServedProject::Archive(Archive::open(&folder).expect("archive")), ServeOptions::default());

    assert_eq!(served.service.project_id(), source.service.project_id());
    assert_eq!(served.project("/images/tagged/count").text(), "5");
    assert_eq!(served.ids("/images/tagged"), ids);
    assert_eq!(served.ids("/images/tagged?take=2&skip=1"), ids[1..3]);
    let mut oldest = served.ids("/images/tagged?orderBy=Oldest");
    oldest.reverse();
    assert_eq!(oldest, ids);
    assert_eq!(served.ids(&format!("/images/id?imageIds={},{}", ids[0], ids[4])), [&ids[4], &ids[0]].map(Clone::clone));

    // Rows are the service's own but for the addresses.
    let (mine, theirs) = (served.ok("/images/tagged"), source.ok("/images/tagged?take=4"));
    for key in ["id", "created", "width", "height", "tags", "regions", "metadata"] {
        assert_eq!(mine[3][key], theirs[3][key], "{key}");
    }
    let tags = served.ok("/tags");
    for tag in tags.as_array().expect("tags") {
        let count = served.project(&format!("/images/tagged/count?tagIds={}", tag["id"].as_str().expect("id")));
        assert_eq!(count.text(), tag["imageCount"].to_string());
    }

    let uri = |row: usize, kind: &str| mine[row][kind].as_str().expect("address").to_owned();
    // Not resized: one file, byte for byte. Resized: the original as it is, the smaller ones made.
    assert_eq!(mine[0]["resizedImageUri"], mine[0]["originalImageUri"]);
    let original = source.blob(theirs[0]["originalImageUri"].as_str().expect("address")).body;
    assert!(served.blob(&uri(0, "originalImageUri")).body == original);
    assert!(uri(4, "originalImageUri").contains("/o-"));
    let size = |uri: &str| pixels::upright_size(&served.blob(uri).body, (1200, 900)).expect("picture");
    assert_eq!(size(&uri(4, "originalImageUri")), (2400, 1800));
    assert_eq!(size(&uri(4, "resizedImageUri")), (1200, 900));
    assert_eq!(size(&uri(4, "thumbnailUri")), (320, 240));
    // A missing file, and one that is no picture.
    let missing = served.blob(&uri(1, "thumbnailUri"));
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("<Error><Code>BlobNotFound</Code>"));
    assert_eq!(served.blob(&uri(2, "thumbnailUri")).body, b"no picture at all");
}

#[test]
fn images_without_a_date_are_served_without_the_field() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().join("archive");
    let ids = archive_of(&Asked::sample(), &folder);
    let path = folder.join("images.jsonl");
    let undated = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("json");
        line.as_object_mut().expect("object").remove("created");
        line.to_string()
    };
    let lines: Vec<_> = std::fs::read_to_string(&path).expect("rows").lines().map(undated).collect();
    std::fs::write(&path, lines.join("\n")).expect("rows");
    let served = Asked::new(ServedProject::Archive(Archive::open(&folder).expect("archive")), ServeOptions::default());
    assert_eq!(served.ids("/images/tagged"), ids, "the order of the archive");
    // Neither null nor made up: the vendor's SDKs take a missing field for none, whatever their language.
    let rows = served.ok("/images/tagged");
    assert!(rows.as_array().expect("rows").iter().all(|row| row.get("created").is_none()));
}

#[test]
fn a_broken_line_costs_only_itself() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().join("archive");
    let ids = archive_of(&Asked::sample(), &folder);
    let path = folder.join("images.jsonl");
    let mut lines: Vec<String> = std::fs::read_to_string(&path).expect("rows").lines().map(str::to_owned).collect();
    lines[1].truncate(30);
    std::fs::write(&path, lines.join("\n")).expect("rows");
    let served = Asked::new(ServedProject::Archive(Archive::open(&folder).expect("archive")), ServeOptions::default());
    assert_eq!(served.project("/images/tagged/count").text(), "4");
    assert_eq!(served.ids("/images/tagged"), [&ids[0], &ids[2], &ids[3], &ids[4]].map(Clone::clone));
}
