//! Predictions and their outcomes into a file.

use std::path::Path;

use super::coco_labels;
use crate::failure::OrFailure as _;
use app::{Failure, FailureKind};
use formats::predictions::outcomes::{CocoNumbers, OutcomeFormat, OutcomeKind, Outcomes, Written};
use formats::spreadsheet::Cells;
use storage::write_whole_with;

pub type Saved = Written;

/// Refuses a place where something is already, before a long comparison.
///
/// # Errors
/// When something is there.
pub fn free_place(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Ok(_) => Err(Failure::bare(FailureKind::AlreadyThere { path: path.display().to_string() })),
        Err(_) => Ok(()),
    }
}

/// Writes a new file; it appears whole or not at all. `labels` is the COCO dataset whose numbers COCO results have; without
/// it they are those of Tagscope's own export of the whole list. Blocks.
///
/// # Errors
/// When the labels cannot be read, something is at the place already, or the system refuses.
pub fn save(
    outcomes: Outcomes<'_>,
    path: &Path,
    kind: OutcomeKind,
    labels: Option<&Path>,
    cells: Cells,
) -> Result<Saved, Failure> {
    let format = match (kind, labels) {
        (OutcomeKind::Csv, _) => OutcomeFormat::Csv(cells),
        (OutcomeKind::Lines, _) => OutcomeFormat::Lines,
        (OutcomeKind::CocoResults, None) => OutcomeFormat::CocoResults(CocoNumbers::own(outcomes.catalogue)),
        (OutcomeKind::CocoResults, Some(labels)) => {
            OutcomeFormat::CocoResults(CocoNumbers::of_labels(&coco_labels(labels)?, outcomes.catalogue))
        }
    };
    let mut saved = Saved::default();
    let write = |out: &mut dyn std::io::Write| {
        saved = outcomes.write(&format, out)?;
        Ok(())
    };
    write_whole_with(path, false, write).or_failure()?;
    Ok(saved)
}
