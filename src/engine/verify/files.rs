//! The files of a folder against a list of what should be there: missing, extra, other size, other hash, empty folders; and
//! pictures that are as they were written and yet not whole.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{Difference, VerifyReport};
use crate::arrival::Extent;
use crate::export::{JobProgress, ProgressSink};
use crate::{failure, parallel};
use app::Failure;
use storage::archive::{ORIGINALS_FOLDER, OTHER_CONTENT, Stray, StrayKind, THUMBNAILS_FOLDER, strays};
use storage::regular::{PICTURE_LIMIT, is_plain_path, read_bounded};
use storage::staging::{facts_of, measure};
use storage::{FileFacts, StorageError};

/// Reads every file of `expected`, several at once, and looks for others.
pub(super) fn check(
    root: &Path,
    expected: &BTreeMap<&str, &FileFacts>,
    report: &mut VerifyReport,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let list: Vec<(&str, &FileFacts)> = expected.iter().map(|(name, facts)| (*name, *facts)).collect();
    let shared = Mutex::new(&mut *report);
    let read = |at: usize| {
        if cancel.is_cancelled() {
            return Err(failure::canceled());
        }
        let (name, facts) = list[at];
        let found = one(root, name, facts);
        let mut report = shared.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok((bytes, extent)) => {
                report.files += 1;
                report.bytes += bytes;
                if let Extent::Part(what) = extent {
                    report.incomplete.push(Difference { file: name.to_owned(), what });
                }
            }
            Err(what) => report.differs(name, what),
        }
        let (done, bytes) = (report.files + report.differences.len() as u64 - 1, report.bytes);
        drop(report);
        progress(JobProgress { stage: "Checking", done, total: list.len() as u64, bytes });
        Ok(())
    };
    parallel::each(list.len(), read, || Ok(()))?;
    find_extra(root, expected, report);
    Ok(())
}

/// The bytes of a file that is as it should be, and for a picture how much of it that is; else what is wrong with it.
fn one(root: &Path, name: &str, facts: &FileFacts) -> Result<(u64, Extent), String> {
    if !is_plain_path(name) {
        return Err("its name points outside the folder".to_owned());
    }
    let path = root.join(name);
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err("is missing".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    if !found.is_file() {
        return Err("is not a regular file".to_owned());
    }
    if found.len() != facts.bytes {
        return Err(format!("has {} bytes instead of {}", found.len(), facts.bytes));
    }
    let measured = match is_picture(name) {
        true if found.len() > PICTURE_LIMIT => {
            return Err(format!("has {} bytes, which is too large for a picture", found.len()));
        }
        true => read_bounded(&path, PICTURE_LIMIT).map(|bytes| (facts_of(&bytes), Extent::from_bytes(&bytes))),
        false => measure(&path).map(|measured| (measured, Extent::Whole)),
    };
    match measured {
        Ok((measured, extent)) if measured == *facts => Ok((measured.bytes, extent)),
        Ok(_) => Err(OTHER_CONTENT.to_owned()),
        Err(StorageError::Files { source, .. }) => Err(format!("cannot be read: {source}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether a file of an archive or an export should be a picture, by its place or its name. `bin` is what Tagscope calls
/// one of a kind that it does not know.
pub(super) fn is_picture(name: &str) -> bool {
    const EXTENSIONS: [&str; 11] = ["jpg", "png", "gif", "bmp", "tif", "webp", "heic", "avif", "jp2", "jxl", "bin"];
    let folder = name.split_once('/').map_or("", |(folder, _)| folder);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(folder, ORIGINALS_FOLDER | THUMBNAILS_FOLDER) || EXTENSIONS.contains(&extension)
}

/// What the manifest does not know.
fn find_extra(root: &Path, expected: &BTreeMap<&str, &FileFacts>, report: &mut VerifyReport) {
    let is_of_a_file = |folder: &str| {
        let below = format!("{folder}/");
        expected.range(below.as_str()..).next().is_some_and(|(name, _)| name.starts_with(&below))
    };
    for Stray { name, kind } in strays(root, |name| expected.contains_key(name)) {
        match kind {
            StrayKind::File => report.differs(name, "is not in the manifest"),
            // One whose files are missing is reported through them.
            StrayKind::EmptyFolder if is_of_a_file(&name) => {}
            StrayKind::EmptyFolder => report.differs(name, "is an empty folder that is not in the manifest"),
            StrayKind::Unreadable(reason) => report.differs(name, format!("the folder cannot be read: {reason}")),
        }
    }
}
