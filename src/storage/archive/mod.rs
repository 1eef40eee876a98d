//! An archive: a project in a folder, in the service's own field names, without any address.
//!
//! ```text
//! DIR/manifest.json                     what it is, project, domains, iterations, tags, counts, size and SHA-256 of each file
//! DIR/images.jsonl                      one image a line
//! DIR/originals/<2 hex>/<id>.<ext>      the pictures as uploaded
//! ```
//! Version 1. Thumbnails and resized pictures are not kept: they are made from the originals.

mod manifest;
mod read;
mod write;

pub use manifest::{ArchiveFacts, FileFacts};
pub use read::{Archive, Rows};
pub use write::ArchiveWriter;

/// The name that the manifest states.
const FORMAT: &str = "tagscope-archive";
/// The version written, and the newest that can be read.
const VERSION: u32 = 1;
/// The file that makes a folder an archive.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The file of the images.
pub const IMAGES_FILE: &str = "images.jsonl";
/// No line of an image is longer: the service allows 300 regions, which is under 100 KB.
pub const LINE_LIMIT: u64 = 16 << 20;
