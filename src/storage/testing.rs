//! Archives for the tests of this layer.

use std::path::Path;

use super::{ArchiveFacts, ArchiveWriter};
use domain::{ImageId, ImageRow, Project};
use uuid::Uuid;

pub(super) const PROJECT: u128 = 0x0700;

pub(super) fn image(number: u128) -> ImageId {
    ImageId(Uuid::from_u128(number))
}

/// Writes an archive of images with these originals.
pub(super) fn archive(folder: &Path, images: &[(u128, &str)]) {
    archive_of(PROJECT, folder, images);
}

/// The same, of another project.
pub(super) fn archive_of(project: u128, folder: &Path, images: &[(u128, &str)]) {
    let mut writer = ArchiveWriter::create(folder).expect("writer");
    for &(number, picture) in images {
        writer.add_original(image(number), "jpg", picture.as_bytes()).expect("original");
        let line = format!(r#"{{"id":"{}","created":"2020-11-06T16:15:55","width":8,"height":8}}"#, image(number));
        let row: ImageRow = domain::RecordReader::new().line(line.as_bytes(), 1).expect("row");
        writer.add_row(&row).expect("row");
    }
    let project = serde_json::json!({ "id": Uuid::from_u128(project), "name": "Forks", "settings": {} });
    let project: Project = serde_json::from_value(project).expect("project");
    let facts = ArchiveFacts { project, domains: Vec::new(), iterations: Vec::new(), tags: Vec::new() };
    writer.finish(facts).expect("archive");
}

/// Copies a folder into another one, over what is there.
pub(super) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("folder") {
        let (path, to) = {
            let entry = entry.expect("entry");
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            std::fs::create_dir_all(&to).expect("folder");
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("file");
        }
    }
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
