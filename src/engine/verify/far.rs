//! An archive in an object store: every object is read again, and the store's list is compared with the manifest.

use tokio_util::sync::CancellationToken;

use super::archive::{Expected, verify_with};
use super::files::is_picture;
use super::{Difference, VerifyReport};
use crate::arrival::Extent;
use crate::export::{Progress, ProgressSink};
use crate::far::{self, FarAccess, FarArchive, Measured};
use app::Failure;
use domain::ObjectAddress;
use storage::FileFacts;
use storage::archive::MANIFEST_FILE;

/// Reads an archive in an object store again. Blocks; not to be called on a thread that serves the network.
///
/// # Errors
/// As [`verify`](super::verify), and when the store cannot be reached.
pub fn verify_far(
    address: &ObjectAddress,
    access: FarAccess,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let FarArchive { archive, files, known, .. } =
        far::open(address, &FarAccess { must_reach: true, ..access }, cancel)?;
    let report = verify_with(&archive, address.to_string(), cancel, |expected, report| {
        let list: Vec<(String, FileFacts, bool)> =
            expected.iter().map(|(name, facts)| ((*name).to_owned(), (*facts).clone(), is_picture(name))).collect();
        let total = list.len() as u64;
        let mut done = 0;
        files.measure_all(list, cancel, |measured| {
            take(report, measured);
            done += 1;
            progress(Progress { stage: "Reading back", done, total, bytes: report.bytes });
        })?;
        find_extra(&files.names(cancel)?, expected, report);
        Ok(())
    })?;
    Ok(report.sorted(known.bytes))
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
