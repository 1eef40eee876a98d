//! An archive or an export in an object store: every object is read again, and the store's list is compared with the manifest.

use tokio_util::sync::CancellationToken;

use super::archive::{Expected, verify_with};
use super::export::Manifest;
use super::files::is_picture;
use super::{Difference, Verified, VerifyReport};
use crate::arrival::Extent;
use crate::export::{Progress, ProgressSink};
use crate::far::{self, FarAccess, FarArchive, FarExport, Measured, StoreFiles};
use app::Failure;
use domain::ObjectAddress;
use storage::FileFacts;
use storage::archive::{MANIFEST_FILE, NAMED_TWICE};
use storage::staging::is_plain_path;

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
        progress(Progress { stage: "Reading back", done, total, bytes: report.bytes });
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
