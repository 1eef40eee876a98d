//! Everything read again: the formats by readers of the published forms (`compare` does the arithmetic), the files by their
//! hash, the folder by its names. What is not itemized must be there, and nothing else may be.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::compare;
use super::export_log::{ExportLog, regions_listed};
use super::layout::Placed;
use super::{JobProgress, Plan};
use crate::failure::OrFailure as _;
use crate::parallel;
use app::{Failure, FailureKind};
use storage::FileFacts;
use storage::open_files::read_dir;
use storage::staging::measure;

/// Compares all of it: labels on this thread, files on the others.
pub(super) fn all(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), Failure> {
    compare::classes(plan, &log.layout).map_err(differs)?;
    let files = files(plan, placed, log)?;
    let (runtime, done) = (tokio::runtime::Handle::current(), AtomicU64::new(0));
    let read = |at: usize| {
        // A paused export waits on its runtime.
        let _entered = runtime.enter();
        plan.check_canceled()?;
        let (name, facts) = files[at];
        check_file(plan, name, facts)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (plan.progress)(JobProgress { stage: "Checking", done, total: files.len() as u64, bytes: 0 });
        Ok(())
    };
    parallel::each(files.len(), read, || {
        log.written.iter().try_for_each(|written| {
            plan.check_canceled()?;
            let result = compare::format(plan, placed, log, written.format);
            result.map_err(|reason| differs(format!("{}: {reason}", written.format.label())))
        })
    })?;
    names(plan, placed, log)?;
    check_counts(plan, placed, log)
}

/// Every file that has bytes of its own, with what they should be.
fn files<'a>(plan: &Plan, placed: &'a [Placed], log: &'a ExportLog) -> Result<Vec<(&'a str, &'a FileFacts)>, Failure> {
    let pictures = || placed.iter().filter_map(|file| Some((file.name.as_str(), file.facts.as_ref()?)));
    let by_name: FxHashMap<&str, &FileFacts> = match log.files.iter().any(|file| file.picture.is_some()) {
        true => pictures().collect(),
        false => FxHashMap::default(),
    };
    let has_shared_pictures = log.layout.has_shared_pictures;
    let mut files = Vec::new();
    for file in &log.files {
        match (&file.facts, &file.picture) {
            (Some(facts), _) => files.push((file.name.as_str(), facts)),
            (None, Some(picture)) => {
                let facts = by_name.get(picture.as_str());
                let facts = *facts.ok_or_else(|| differs(format!("{} is not a picture of the export", file.name)))?;
                // The picture itself is read anyway.
                if !(has_shared_pictures && is_same_file(plan, &file.name, picture)) {
                    files.push((file.name.as_str(), facts));
                }
            }
            (None, None) => return Err(differs(format!("{} was not finished", file.name))),
        }
    }
    files.extend(pictures().filter(|_| has_shared_pictures));
    Ok(files)
}

fn differs(reason: String) -> Failure {
    Failure::bare(FailureKind::NotVerified { reason })
}

pub(super) fn check_file(plan: &Plan, name: &str, expected: &FileFacts) -> Result<(), Failure> {
    let found = measure(&plan.staging.path().join(name)).or_failure()?;
    if found == *expected { Ok(()) } else { Err(differs(format!("{name} differs from what was written"))) }
}

/// Whether two names are one file on the disk.
#[cfg(unix)]
fn is_same_file(plan: &Plan, first: &str, second: &str) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = |name: &str| {
        let facts = plan.staging.path().join(name).symlink_metadata().ok()?;
        Some((facts.dev(), facts.ino()))
    };
    number(first).is_some_and(|first| Some(first) == number(second))
}

/// Elsewhere both are read.
#[cfg(not(unix))]
fn is_same_file(_plan: &Plan, _first: &str, _second: &str) -> bool {
    false
}

/// Whether exactly the expected files are in the folder.
pub(super) fn names(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), Failure> {
    let pictures = placed.iter().filter(|file| file.is_staged).map(|file| file.name.as_str());
    let mut expected: BTreeSet<&str> = pictures.chain(log.files.iter().map(|file| file.name.as_str())).collect();
    let root = plan.staging.path();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = read_dir(&folder).map_err(|error| differs(error.to_string()))?;
        for entry in entries {
            let path = entry.map_err(|error| differs(error.to_string()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !expected.remove(relative(root, &path).as_str()) {
                return Err(differs(format!("{} was not written by this export", relative(root, &path))));
            }
        }
    }
    expected.first().map_or(Ok(()), |name| Err(differs(format!("{name} is missing"))))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Counts in = counts out + itemized, counted from the list that the person gets.
fn check_counts(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), Failure> {
    let job = &plan.job;
    let pictures_missing =
        log.skips.iter().filter(|skip| skip.region.is_none() && skip.is_left_out && skip.format.is_none());
    if placed.len() + pictures_missing.count() != job.images.len() {
        return Err(differs("the numbers of images do not match".to_owned()));
    }
    for written in &log.written {
        let of_format = |name: &Option<String>| name.as_deref().is_none_or(|name| name == written.format.name());
        let missing = log.skips.iter().filter(|skip| skip.is_left_out && of_format(&skip.format));
        let (regions, images): (Vec<_>, Vec<_>) = missing.partition(|skip| skip.region.is_some());
        let find =
            |id: &str| id.parse().ok().and_then(|id| job.catalogue.find(id)).and_then(|ix| job.catalogue.get(ix));
        let with_images: u64 =
            images.iter().filter_map(|skip| find(&skip.image)).map(|image| image.region_count() as u64).sum();
        let regions_in: u64 = job.images.iter().filter_map(|&ix| job.catalogue.get(ix)).map(regions_listed).sum();
        if written.images + images.len() as u64 != job.images.len() as u64
            || written.regions + regions.len() as u64 + with_images != regions_in
        {
            return Err(differs(format!("{}: the counts do not match", written.format.label())));
        }
    }
    Ok(())
}
