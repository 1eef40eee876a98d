//! An archive or an export on disk, read again: every file, hash, count and row against its own manifest. Each
//! difference is named; nothing is mended and nothing is written.

mod archive;
mod export;
mod far;
mod files;

use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::export::ProgressSink;
use crate::failure::{self, OrFailure as _};
use app::{Failure, FailureKind};
use storage::archive::MANIFEST_FILE;
use storage::read_manifest;

pub use far::verify_far;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    Archive,
    Export,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The file, relative to the folder; with a line's number where it is about a line.
    pub file: String,
    pub what: String,
}

/// An image of an archive that has no original.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WithoutPicture {
    pub image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// The folder, or the address.
    pub folder: String,
    pub kind: Verified,
    /// Files that were read, the manifest included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    pub images: u64,
    pub regions: u64,
    /// Iterations of an archive whose images were read as well; these are not among the others.
    pub iterations: u64,
    /// What is not as it should be, by file; empty when all is well.
    pub differences: Vec<Difference>,
    /// Pictures that are as the manifest says and yet not whole, or no pictures, by file.
    pub incomplete: Vec<Difference>,
    /// Images of an archive that have no original, by id.
    pub without_picture: Vec<WithoutPicture>,
}

impl VerifyReport {
    fn new(folder: String, kind: Verified) -> Self {
        Self {
            folder,
            kind,
            files: 1,
            bytes: 0,
            images: 0,
            regions: 0,
            iterations: 0,
            differences: Vec::new(),
            incomplete: Vec::new(),
            without_picture: Vec::new(),
        }
    }

    /// Whether all is there: every file is as the manifest says, and every image has a whole picture.
    pub fn is_whole(&self) -> bool {
        self.differences.is_empty() && self.incomplete.is_empty() && self.without_picture.is_empty()
    }

    /// In the order in which it is reported, with the bytes of the manifest.
    fn sorted(mut self, manifest: u64) -> Self {
        self.bytes += manifest;
        self.differences.sort();
        self.incomplete.sort();
        self.without_picture.sort();
        self
    }

    fn differs(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.differences.push(Difference { file: file.into(), what: what.into() });
    }
}

/// Just enough of a manifest to know whose it is.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
}

/// Reads a folder again. Blocks.
///
/// # Errors
/// When the folder is neither an archive nor an export of Tagscope, its manifest cannot be read, or `cancel` is
/// canceled. What is wrong with the files themselves is no error but a [`Difference`]. That a picture was missing or
/// incomplete already when it was written is none either: the folder is as its manifest says, and not whole. When the system
/// lets no further file be opened, nothing is known of the folder: that is an error.
pub fn verify(folder: &Path, progress: &ProgressSink, cancel: &CancellationToken) -> Result<VerifyReport, Failure> {
    failure::watched(|| read(folder, progress, cancel))
}

fn read(folder: &Path, progress: &ProgressSink, cancel: &CancellationToken) -> Result<VerifyReport, Failure> {
    let manifest = read_manifest(folder).or_failure()?;
    let head: Head = serde_json::from_slice(&manifest).map_err(|error| broken(place_in(folder), &error))?;
    let report = match head.format.as_str() {
        "tagscope-export" => export::verify(folder, &manifest, progress, cancel)?,
        // It says best itself what is wrong with a folder that is no archive.
        _ => archive::verify(folder, progress, cancel)?,
    };
    Ok(report.sorted(manifest.len() as u64))
}

/// Where the manifest of a folder is.
fn place_in(folder: &Path) -> String {
    folder.join(MANIFEST_FILE).display().to_string()
}

fn broken(path: String, error: &serde_json::Error) -> Failure {
    Failure::bare(FailureKind::BrokenFile { path, reason: error.to_string() })
}
