//! An archive: its files, and its rows read again.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use super::{Verified, VerifyReport, WithoutPicture, files};
use crate::export::ProgressSink;
use crate::failure::{self, OrFailure as _};
use app::{Failure, words};
use domain::{BlobKind, ImageId, ImageRow, Problem};
use storage::archive::{Contents, NAMED_TWICE, VANISHED_FILE};
use storage::{Archive, FileFacts};

pub(super) fn verify(
    folder: &Path,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let archive = Archive::open(folder).or_failure()?;
    let place = folder.display().to_string();
    verify_with(&archive, place, cancel, |expected, report| {
        files::check(archive.root(), expected, report, progress, cancel)
    })
}

/// Files by name, as a manifest has them.
pub(super) type Expected<'a> = BTreeMap<&'a str, &'a FileFacts>;

/// The same for an archive that is open; `check_files` compares its files.
pub(super) fn verify_with(
    archive: &Archive,
    place: String,
    cancel: &CancellationToken,
    check_files: impl FnOnce(&Expected<'_>, &mut VerifyReport) -> Result<(), Failure>,
) -> Result<VerifyReport, Failure> {
    let mut report = VerifyReport::new(place, Verified::Archive);
    let files: Vec<_> = archive.files().collect();
    let expected: Expected<'_> = files.iter().map(|(name, facts)| (&**name, *facts)).collect();
    for contents in std::iter::once(archive.workspace()).chain(archive.trained()) {
        let (images, _) = contents.file_names();
        if !expected.contains_key(images.as_str()) {
            report.differs(images, "is not in the manifest");
        }
    }
    check_files(&expected, &mut report)?;
    archive.named_twice().iter().for_each(|name| report.differs(name, NAMED_TWICE));
    let mut without = FxHashMap::default();
    let Checked { mut seen, found } = check_contents(archive, archive.workspace(), &mut without, cancel)?;
    (report.images, report.regions) = (found.images, found.regions);
    report.differences.extend(found.differences);
    for contents in archive.trained() {
        let Checked { found, .. } = check_contents(archive, contents, &mut without, cancel)?;
        report.iterations += 1;
        report.differences.extend(found.differences);
    }
    let mut former = VerifyReport::new(String::new(), Verified::Archive);
    for row in archive.vanished().or_failure()? {
        check_row(row, VANISHED_FILE, &mut former, |row| is_new(archive, row, &mut seen, &mut without));
    }
    let without = without.into_iter().map(|(image, name)| WithoutPicture { image: image.to_string(), name });
    report.without_picture.extend(without);
    report.differences.append(&mut former.differences);
    Ok(report)
}

/// What was read of a state: the ids, and what is wrong.
struct Checked {
    seen: FxHashSet<ImageId>,
    found: VerifyReport,
}

/// Images without an original, with their file names.
type Without = FxHashMap<ImageId, Option<String>>;

/// Whether a row's image was not read before in this list. One without an original is remembered.
fn is_new(archive: &Archive, row: &ImageRow, seen: &mut FxHashSet<ImageId>, without: &mut Without) -> bool {
    if !archive.has(row.id, BlobKind::Original) {
        without.entry(row.id).or_insert_with(|| row.name().map(str::to_owned));
    }
    seen.insert(row.id)
}

/// The rows of a state against its counts.
fn check_contents(
    archive: &Archive,
    contents: &Contents,
    without: &mut Without,
    cancel: &CancellationToken,
) -> Result<Checked, Failure> {
    let (images_file, untagged_file) = contents.file_names();
    let mut seen = FxHashSet::default();
    let mut found = VerifyReport::new(String::new(), Verified::Archive);
    match contents.rows_from(0) {
        Ok(rows) => {
            for row in rows {
                if cancel.is_cancelled() {
                    return Err(failure::canceled());
                }
                check_row(row, &images_file, &mut found, |row| is_new(archive, row, &mut seen, without));
            }
        }
        Err(error) => found.differs(&images_file, error.to_string()),
    }
    if found.images != contents.image_count() {
        let what = format!(
            "has {}; the manifest counts {}",
            words::count(found.images, "image", "images"),
            contents.image_count()
        );
        found.differs(&images_file, what);
    }
    if let Some(counted) = contents.region_count().filter(|&counted| counted != found.regions) {
        found.differs(
            &images_file,
            format!("has {}; the manifest counts {counted}", words::count(found.regions, "region", "regions")),
        );
    }
    let mut untagged = VerifyReport::new(String::new(), Verified::Archive);
    match contents.untagged_from(0) {
        Ok(rows) => rows.for_each(|row| {
            check_row(row, &untagged_file, &mut untagged, |row| is_new(archive, row, &mut seen, without));
        }),
        Err(error) => untagged.differs(&untagged_file, error.to_string()),
    }
    if untagged.images != contents.untagged_count() {
        let what = format!(
            "has {}; the manifest counts {}",
            words::count(untagged.images, "image", "images"),
            contents.untagged_count()
        );
        untagged.differs(&untagged_file, what);
    }
    found.images += untagged.images;
    found.differences.append(&mut untagged.differences);
    Ok(Checked { seen, found })
}

fn check_row(
    row: Result<ImageRow, Problem>,
    file: &str,
    report: &mut VerifyReport,
    is_new: impl FnOnce(&ImageRow) -> bool,
) {
    match row {
        Ok(row) => {
            let image = || match row.name() {
                Some(name) => format!("image {}, {name}", row.id),
                None => format!("image {}", row.id),
            };
            report.images += 1;
            report.regions += row.regions.len() as u64;
            for problem in &row.problems {
                if problem.is_loss() {
                    report.differs(file, format!("{}: {problem}", image()));
                }
            }
            if !is_new(&row) {
                report.differs(file, format!("{} is listed twice", image()));
            }
        }
        Err(problem) => report.differs(file, problem.to_string()),
    }
}
