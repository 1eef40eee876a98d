//! The decisions about what is exported, in a file next to the labels: written, read again and compared row by row.
//!
//! They go by image: everything that was decided or said about an exported image and its regions is there, also about a
//! region that a format has left out or that is no longer on the service.

use rustc_hash::FxHashSet;

use super::Plan;
use super::export_log::{ExportLog, WrittenReviews};
use super::folder::WrittenFile;
use super::layout::Placed;
use crate::failure::{OrFailure as _, OrFailureAt as _};
use app::{Failure, FailureKind, words};
use domain::{ImageId, ReviewRow, Verdict};
use formats::spreadsheet::Cells;
use formats::{ReviewFormat, reviews};
use storage::regular::read_bounded;

/// The file, below the export.
pub(crate) const REVIEWS_FILE: &str = "reviews.csv";

/// Bytes of the file that are read again at most.
pub(crate) const MOST_BYTES: u64 = 1 << 30;

impl WrittenReviews {
    pub(super) fn rows(self) -> u64 {
        self.verdicts + self.comments
    }
}

/// The rows about images that are in the export.
fn rows(plan: &Plan, placed: &[Placed]) -> Vec<ReviewRow> {
    let ids = placed.iter().filter_map(|file| Some(plan.job.catalogue.get(file.ix)?.id()));
    let exported: FxHashSet<ImageId> = ids.collect();
    plan.reviews.iter().filter(|row| exported.contains(&row.subject.image)).cloned().collect()
}

/// Writes the file, where decisions are wanted and there are some.
pub(super) fn write(plan: &Plan, placed: &[Placed], log: &mut ExportLog) -> Result<(), Failure> {
    if !plan.job.options.has_reviews {
        return Ok(());
    }
    let rows = rows(plan, placed);
    let left_out = plan.reviews.len() - rows.len();
    if left_out > 0 {
        log.notes.push(format!("Decisions and comments not exported because their images were skipped: {left_out}."));
    }
    if rows.is_empty() {
        log.notes.push("There are no decisions about these images.".to_owned());
        return Ok(());
    }
    let mut file = plan.staging.create(REVIEWS_FILE).or_failure_at(plan.staging.target())?;
    let cells = plan.job.options.cells;
    let written = ReviewFormat::Csv.write(&rows, cells, &mut file);
    written.or_failure_at(plan.staging.target())?;
    let facts = file.finish().or_failure_at(plan.staging.target())?;
    log.files.push(WrittenFile { name: REVIEWS_FILE.to_owned(), facts: Some(facts), picture: None });
    log.notes.extend(formula_words(reviews::formula_count(&rows), cells));
    let verdicts = rows.iter().filter(|row| is_verdict(row)).count() as u64;
    log.reviews = Some(WrittenReviews { verdicts, comments: rows.len() as u64 - verdicts });
    Ok(())
}

fn is_verdict(row: &ReviewRow) -> bool {
    matches!(row.review, domain::Review::Verdict(_))
}

/// What the report says about texts that a spreadsheet would run as formulas.
fn formula_words(count: usize, cells: Cells) -> Option<String> {
    let texts = words::count(count as u64, "text", "texts");
    let words = match cells {
        _ if count == 0 => return None,
        Cells::Safe => {
            "with a leading apostrophe, because a spreadsheet would run it as a formula. Tagscope removes the \
             apostrophe when it reads the file"
        }
        Cells::Raw => "that a spreadsheet may run as a formula, written unchanged",
    };
    Some(format!("{REVIEWS_FILE} has {texts} {words}."))
}

/// Reads the file again and compares each row with what was decided.
pub(super) fn verify(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), Failure> {
    let Some(written) = log.reviews else { return Ok(()) };
    let differs = |reason: String| Failure::bare(FailureKind::NotVerified { reason });
    let path = plan.staging.path().join(REVIEWS_FILE);
    let bytes = read_bounded(&path, MOST_BYTES).or_failure()?;
    let found = reviews::read(&bytes).map_err(|error| differs(format!("{REVIEWS_FILE}: {error}")))?;
    let expected = rows(plan, placed);
    if let Some(at) = (0..expected.len().max(found.len())).find(|&at| expected.get(at) != found.get(at)) {
        return Err(differs(format!("{REVIEWS_FILE}: row {} differs from the decision", at + 1)));
    }
    if found.len() as u64 != written.rows() {
        return Err(differs(format!("{REVIEWS_FILE}: the counts do not match")));
    }
    Ok(())
}

pub(super) fn line(written: WrittenReviews) -> String {
    let verdicts = Verdict::ALL.map(Verdict::word).join(", ");
    format!(
        "- Reviews, `{REVIEWS_FILE}`: {} decisions ({verdicts}) and {} comments of all reviewers, by the ids of image and \
         region.",
        written.verdicts, written.comments
    )
}
