//! The archive under its hidden name, read again: every file against the manifest, every row against what was listed.

use tokio_util::sync::CancellationToken;

use crate::app::{Failure, FailureKind};
use crate::domain::{Catalogue, ImageRow, ImageUris};
use crate::engine::export::ProgressSink;
use crate::engine::failure;
use crate::engine::verify::verify;
use crate::storage::{Archive, SealedArchive};

/// Compares all of it.
pub(super) fn all(
    sealed: &SealedArchive,
    catalogue: &Catalogue,
    tagged: u32,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let report = verify(sealed.path(), progress, cancel)?;
    if let Some(first) = report.differences.first() {
        return Err(differs(format!("{}: {} ({} such)", first.file, first.what, report.differences.len())));
    }
    let archive = Archive::open(sealed.path()).map_err(|error| failure::of_storage(&error))?;
    let mut rows = archive.rows().map_err(|error| failure::of_storage(&error))?;
    let mut untagged = archive.untagged_from(0).map_err(|error| failure::of_storage(&error))?;
    for image in catalogue.iter() {
        let next = if image.ix.0 < tagged { rows.next() } else { untagged.next() };
        let Some(Ok(read)) = next else { return Err(differs(format!("image {} is missing", image.id()))) };
        if facts_of(read) != facts_of(image.to_row()) {
            return Err(differs(format!("image {} is not as it was listed", image.id())));
        }
    }
    match rows.next().or_else(|| untagged.next()) {
        None => Ok(()),
        Some(_) => Err(differs("there are more images than were listed".to_owned())),
    }
}

/// The row without what an archive does not keep: addresses, and what was odd on the wire.
fn facts_of(row: ImageRow) -> ImageRow {
    ImageRow { uris: ImageUris::default(), problems: Vec::new(), ..row }
}

fn differs(reason: String) -> Failure {
    Failure::bare(FailureKind::NotVerified { reason })
}
