//! An archive: its files, and its rows read again.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashSet;
use tokio_util::sync::CancellationToken;

use super::{Verified, VerifyReport, files};
use crate::app::Failure;
use crate::domain::{ImageRow, Problem};
use crate::engine::export::ProgressSink;
use crate::engine::failure;
use crate::storage::Archive;
use crate::storage::archive::{IMAGES_FILE, UNTAGGED_FILE, VANISHED_FILE};

pub(super) fn verify(
    folder: &Path,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let archive = Archive::open(folder).map_err(|error| failure::of_storage(&error))?;
    let mut report = VerifyReport::new(folder, Verified::Archive);
    let expected: BTreeMap<_, _> = archive.files().collect();
    if !expected.contains_key(IMAGES_FILE) {
        report.differs(IMAGES_FILE, "is not in the manifest");
    }
    files::check(archive.root(), &expected, &mut report, progress, cancel)?;
    let mut seen = FxHashSet::default();
    for row in archive.rows().map_err(|error| failure::of_storage(&error))? {
        if cancel.is_cancelled() {
            return Err(failure::cancelled());
        }
        check_row(row, IMAGES_FILE, &mut report, |row| seen.insert(row.id));
    }
    if report.images != archive.image_count() {
        let what = format!("holds {} images; the manifest counts {}", report.images, archive.image_count());
        report.differs(IMAGES_FILE, what);
    }
    if let Some(counted) = archive.region_count().filter(|&counted| counted != report.regions) {
        report.differs(IMAGES_FILE, format!("holds {} regions; the manifest counts {counted}", report.regions));
    }
    let mut untagged = VerifyReport::new(folder, Verified::Archive);
    for row in archive.untagged_from(0).map_err(|error| failure::of_storage(&error))? {
        check_row(row, UNTAGGED_FILE, &mut untagged, |row| seen.insert(row.id));
    }
    if untagged.images != archive.untagged_count() {
        let what = format!("holds {} images; the manifest counts {}", untagged.images, archive.untagged_count());
        report.differs(UNTAGGED_FILE, what);
    }
    report.differences.append(&mut untagged.differences);
    report.images += untagged.images;
    let mut former = VerifyReport::new(folder, Verified::Archive);
    for row in archive.vanished().map_err(|error| failure::of_storage(&error))? {
        check_row(row, VANISHED_FILE, &mut former, |row| seen.insert(row.id));
    }
    report.differences.append(&mut former.differences);
    Ok(report)
}

fn check_row(
    row: Result<ImageRow, Problem>,
    file: &str,
    report: &mut VerifyReport,
    is_new: impl FnOnce(&ImageRow) -> bool,
) {
    match row {
        Ok(row) => {
            report.images += 1;
            report.regions += row.regions.len() as u64;
            for problem in &row.problems {
                if let Problem::UnreadableRegion { .. } = problem {
                    report.differs(file, format!("image {}: {problem}", row.id));
                }
            }
            if !is_new(&row) {
                report.differs(file, format!("image {} stands there twice", row.id));
            }
        }
        Err(problem) => report.differs(file, problem.to_string()),
    }
}
