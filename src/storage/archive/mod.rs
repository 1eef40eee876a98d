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
mod far;
mod folder;
mod lines;
mod manifest;
mod pictures;
mod read;

pub(crate) use contents::file_names;
pub use contents::{Contents, ListMismatch, OTHER_CONTENT, exports_file, model_file, prediction_files};
pub use far::{FarFiles, FarPicture, Reading};
pub use folder::{Identity, Stray, StrayKind, has_archive_files, strays};
pub(crate) use folder::{check_covers, check_whole};
pub use lines::{ArchiveRows, NumberedRow, PredictedLines};
pub use manifest::{ArchiveFacts, FileFacts, FileHash, FileList, IterationFacts, StateCounts};
pub(crate) use manifest::{Manifest, Tool};
pub use pictures::picture_name;
pub use read::{Archive, MANIFEST_LIMIT, NAMED_TWICE, read_manifest};

use domain::IterationId;

/// The name that the manifest states.
pub const FORMAT: &str = "tagscope-archive";
/// The name that the manifest of an export states.
pub const EXPORT_FORMAT: &str = "tagscope-export";
/// The version written, and the newest that can be read.
pub(crate) const VERSION: u32 = 4;
/// The file that makes a folder an archive.
pub const MANIFEST_FILE: &str = "manifest.json";
pub const IMAGES_FILE: &str = "images.jsonl";
/// The file of images without any tag.
pub const UNTAGGED_FILE: &str = "untagged.jsonl";
/// The file of images that the service has no more.
pub const VANISHED_FILE: &str = "vanished.jsonl";
pub const REPORT_FILE: &str = "REPORT.md";
/// What the report begins with, before the name of the project.
pub const REPORT_TITLE: &str = "# Archive of ";
/// The folder of what iterations were trained on.
const ITERATIONS_FOLDER: &str = "iterations";
pub const ORIGINALS_FOLDER: &str = "originals";
pub const THUMBNAILS_FOLDER: &str = "thumbnails";
/// No line of an image is longer: the service allows 300 regions, which is under 100 KB.
pub const LINE_LIMIT: u64 = 16 << 20;

/// The name below the archive of a file below an iteration's folder.
pub fn iteration_file(iteration: IterationId, file: &str) -> String {
    format!("{ITERATIONS_FOLDER}/{iteration}/{file}")
}
