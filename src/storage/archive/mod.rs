//! An archive: a project in a folder, in the service's own field names, without any address.
//!
//! ```text
//! DIR/manifest.json                     what it is, project, domains, iterations, tags, counts, size and SHA-256 of each file
//! DIR/images.jsonl                      one image a line
//! DIR/untagged.jsonl                    images without any tag, in the same form; when there are any
//! DIR/iterations/<id>/images.jsonl      the images that an iteration was trained on, with its labels; where they were requested
//! DIR/iterations/<id>/untagged.jsonl    its images without any tag; when there are any
//! DIR/iterations/<id>/predictions.jsonl what it predicts on them, an image a line; where that was requested
//! DIR/iterations/<id>/performance.json  the service's own figures of it; likewise
//! DIR/iterations/<id>/exports.json      which model files the service had exported of it, without addresses; when there are any
//! DIR/iterations/<id>/models/           these model files; where they were requested
//! DIR/originals/<2 hex>/<id>.<ext>      the pictures as uploaded
//! DIR/thumbnails/<2 hex>/<id>.<ext>     the service's thumbnails, where they were fetched
//! DIR/vanished.jsonl                    images no longer on the service, as last listed, if there are any
//! DIR/REPORT.md                         what was fetched, for people; of projects from the service
//! ```
//! Version 4; version 3 had no predictions, version 2 no images of iterations, version 1 no untagged ones either. All states share the pictures: an
//! image is the same in each. Resized pictures are not kept: they are made from the originals,
//! as thumbnails are where there are none.

mod contents;
mod exports;
mod far;
mod file_hash;
mod identity;
mod lines;
mod listed_files;
mod made_up_dates;
mod manifest;
mod pictures;
mod predicted;
mod read;
mod strays;
mod traces;
mod write;
mod write_contents;

pub use contents::{Contents, Doubt, OTHER_CONTENT};
pub use exports::{exports_file, model_file};
pub use far::{FarFiles, FarPicture, Reading};
pub use file_hash::FileHash;
pub use identity::Identity;
pub(super) use identity::{check_covers, check_whole};
pub use lines::{NumberedRow, Rows};
pub use manifest::{ArchiveFacts, Counts, FileFacts, FileList, IterationFacts};
pub use pictures::picture_name;
pub use predicted::{PredictedLines, PredictionsWriter, prediction_files};
pub use read::{Archive, MANIFEST_LIMIT, NAMED_TWICE, read_manifest};
pub use strays::{Stray, StrayKind, strays};
pub use traces::has_archive_files;
pub use write::{ArchiveWriter, SealedArchive};
pub use write_contents::{ContentsWriter, WrittenContents};

use domain::IterationId;

/// The name that the manifest states.
pub const FORMAT: &str = "tagscope-archive";
/// The version written, and the newest that can be read.
const VERSION: u32 = 4;
/// The file that makes a folder an archive.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The file of the images.
pub const IMAGES_FILE: &str = "images.jsonl";
/// The file of images without any tag.
pub const UNTAGGED_FILE: &str = "untagged.jsonl";
/// The file of images that the service has no more.
pub const VANISHED_FILE: &str = "vanished.jsonl";
/// The report for people.
pub const REPORT_FILE: &str = "REPORT.md";
/// What the report begins with, before the name of the project.
pub const REPORT_TITLE: &str = "# Archive of ";
/// The folder of what iterations were trained on.
const ITERATIONS_FOLDER: &str = "iterations";
/// The folder of the pictures as uploaded.
pub const ORIGINALS_FOLDER: &str = "originals";
/// The folder of the service's thumbnails.
pub const THUMBNAILS_FOLDER: &str = "thumbnails";
/// No line of an image is longer: the service allows 300 regions, which is under 100 KB.
pub const LINE_LIMIT: u64 = 16 << 20;

/// The name below the archive of a file below an iteration's folder.
pub fn iteration_file(iteration: IterationId, file: &str) -> String {
    format!("{ITERATIONS_FOLDER}/{iteration}/{file}")
}
