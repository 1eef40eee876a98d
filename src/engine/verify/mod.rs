//! An archive or an export on disk, read again: every file, hash, count and row against its own manifest. Each
//! difference is named; nothing is repaired and nothing is written. In an
//! object store every object is read again, and its list is compared with the manifest.

mod archive;
mod export;
mod files;

use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use self::archive::{Expected, verify_with};
use self::export::Manifest;
use self::files::is_picture;
use crate::arrival::Extent;
use crate::export::{JobProgress, ProgressSink};
use crate::failure::{self, OrFailure as _};
use crate::far::{self, FarAccess, FarArchive, FarExport, Measured, StoreFiles};
use app::{Failure, FailureKind};
use domain::ObjectAddress;
use storage::archive::{MANIFEST_FILE, NAMED_TWICE};
use storage::regular::is_plain_path;
use storage::{FileFacts, read_manifest};

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

/// Reads an archive or an export in an object store again. Blocks; not to be called on a thread that serves the network.
///
/// Of an export the hashes say all: its images and regions are those that its manifest counts.
///
/// # Errors
/// As [`verify`](super::verify), and when the store cannot be reached.
pub fn verify_far(
    address: &ObjectAddress,
    access: FarAccess,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let access = FarAccess { must_reach: true, ..access };
    if let Some(FarExport { files, manifest }) = far::export_at(address, &access, cancel)? {
        let read = Manifest::read(&manifest, || address.join(MANIFEST_FILE).to_string())?;
        let mut report = VerifyReport::new(address.to_string(), Verified::Export);
        read_again(&files, &read.expected(), &mut report, progress, cancel)?;
        read.named_twice().iter().for_each(|name| report.differs(name, NAMED_TWICE));
        (report.images, report.regions) = read.counted();
        return Ok(report.sorted(manifest.len() as u64));
    }
    let FarArchive { archive, files, known, .. } = far::open(address, &access, cancel)?;
    let report = verify_with(&archive, address.to_string(), cancel, |expected, report| {
        read_again(&files, expected, report, progress, cancel)
    })?;
    Ok(report.sorted(known.bytes))
}

/// Reads what a manifest names, and looks for what it does not.
fn read_again(
    files: &StoreFiles,
    expected: &Expected<'_>,
    report: &mut VerifyReport,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let total = expected.len() as u64;
    let (plain, outside): (Vec<_>, Vec<_>) = expected.iter().partition(|(name, _)| is_plain_path(name));
    outside.iter().for_each(|(name, _)| report.differs(**name, "its name points outside the folder"));
    let list: Vec<(String, FileFacts, bool)> =
        plain.into_iter().map(|(name, facts)| ((*name).to_owned(), (*facts).clone(), is_picture(name))).collect();
    let mut done = 0;
    files.measure_all(list, cancel, |measured| {
        take(report, measured);
        done += 1;
        progress(JobProgress { stage: "Checking", done, total, bytes: report.bytes });
    })?;
    find_extra(&files.names(cancel)?, expected, report);
    Ok(())
}

fn take(report: &mut VerifyReport, measured: Measured) {
    let Measured { name, result } = measured;
    match result {
        Ok((bytes, extent)) => {
            report.files += 1;
            report.bytes += bytes;
            if let Extent::Part(what) = extent {
                report.incomplete.push(Difference { file: name, what });
            }
        }
        Err(what) => report.differs(name, what),
    }
}

/// What the manifest does not know. What consoles make where they show a folder is nothing.
fn find_extra(names: &[String], expected: &Expected<'_>, report: &mut VerifyReport) {
    let is_known = |name: &str| name == MANIFEST_FILE || name.ends_with('/') || expected.contains_key(name);
    for name in names.iter().filter(|name| !is_known(name)) {
        report.differs(name, "is not in the manifest");
    }
}
