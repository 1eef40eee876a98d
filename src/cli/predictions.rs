//! Predictions of an iteration as the commands read them, what of them was not used, and `tagscope evaluate --save`, which
//! writes them with their outcomes to a file.

use std::path::{Path, PathBuf};

use super::catalogue::print_list_doubts;
use super::check_args::EvaluateArgs;
use super::end::Trouble;
use super::place::local;
use super::terminal::{Terminal, field};
use app::words::{count, outcome_counts};
use app::{Failure, FailureKind};
use domain::Iteration;
use engine::Source;
use engine::predicting::{self, Compared, ReadPredictions, Saved, free_place, save};
use formats::predictions::outcomes::{OutcomeKind, Outcomes};
use formats::spreadsheet::Cells;

/// Reasons for skipped predictions that are named.
const MOST_REASONS: usize = 20;

/// Reads the predictions of an iteration, with progress.
pub(super) async fn read_iteration(
    source: &Source,
    iteration: &Iteration,
    compared: Compared<'_>,
    terminal: &mut Terminal,
) -> Result<ReadPredictions, Trouble> {
    let progress = |done, total| terminal.progress("Reading predictions", done, total);
    let set = predicting::read_iteration(source, iteration.id, compared, None, progress).await;
    let set = set.map_err(|failure| not_kept(source, failure))?;
    terminal.end_progress();
    if set.is_of_nothing(compared.catalogue) {
        return Err(Trouble::NotThere(format!(
            "there are no predictions of the iteration {:?}: it was never trained, or its predictions have been deleted",
            iteration.name
        )));
    }
    Ok(set)
}

/// An archive without predictions says how they get into it.
fn not_kept(source: &Source, failure: Failure) -> Trouble {
    match failure.kind {
        FailureKind::NotFound { .. } if source.is_archive() => Trouble::Output(
            "the archive has no predictions of this iteration; run tagscope archive --predictions to add them"
                .to_owned(),
        ),
        _ => Trouble::Failed(failure),
    }
}

/// Says which predictions were not used; returns whether all were.
pub(super) fn print_unused(set: &ReadPredictions, terminal: &Terminal) -> bool {
    for note in &set.notes {
        terminal.say(note);
    }
    if set.negatives > 0 {
        let negatives =
            count(set.negatives, "prediction of the negative tag is", "predictions of the negative tag are");
        terminal.say(&format!("{negatives} not compared: that tag means that nothing is there."));
    }
    for sentence in set.skips.sentences(MOST_REASONS) {
        terminal.error(&field(&sentence));
    }
    let is_whole = set.listed.as_ref().is_none_or(|listed| print_list_doubts(listed, terminal));
    is_whole && set.skips.count() == 0
}

pub(super) struct Saving {
    path: PathBuf,
    kind: OutcomeKind,
    labels: Option<PathBuf>,
    cells: Cells,
}

impl Saving {
    /// What was asked for, if it can be done; `None`: nothing is saved.
    pub(super) fn from_args(args: &EvaluateArgs) -> Result<Option<Self>, Trouble> {
        let kind = args.save.as_deref().map(kind_of).transpose()?;
        if args.labels.is_some() && args.predictions.is_none() && kind != Some(OutcomeKind::CocoResults) {
            return Err(Trouble::Usage("--labels belongs to --predictions, or to --save FILE.json".to_owned()));
        }
        if args.raw_csv && kind != Some(OutcomeKind::Csv) {
            return Err(Trouble::Usage("--raw-csv belongs to --save FILE.csv".to_owned()));
        }
        let (Some(path), Some(kind)) = (args.save.clone(), kind) else { return Ok(None) };
        free_place(&path).map_err(local)?;
        let cells = if args.raw_csv { Cells::Raw } else { Cells::Safe };
        Ok(Some(Self { path, kind, labels: args.labels.clone(), cells }))
    }

    /// Writes the file and says what is in it; returns whether everything is.
    pub(super) fn save(&self, outcomes: Outcomes<'_>, has_boxes: bool, terminal: &Terminal) -> Result<bool, Trouble> {
        if self.kind == OutcomeKind::CocoResults && !has_boxes {
            return Err(Trouble::Usage(
                "COCO results have boxes, and this project has tags of whole images; save a .csv or .jsonl file"
                    .to_owned(),
            ));
        }
        let Self { path, kind, labels, cells } = self;
        let Saved { predictions, missed, unnumbered } =
            save(outcomes, path, *kind, labels.as_deref(), *cells).map_err(local)?;
        let what = outcome_counts(*kind, predictions, missed);
        terminal.say(&field(&format!("Saved {what} in {}.", path.display())));
        if *kind == OutcomeKind::CocoResults && labels.is_none() {
            terminal.say(
                "Its image and category numbers are those of Tagscope's COCO export of the whole list; for those of another \
                 COCO file, give it with --labels.",
            );
        }
        if let (Some(labels), true) = (labels, unnumbered > 0) {
            let lost = count(unnumbered, "prediction is", "predictions are");
            let words = format!("{lost} not in it, because {} does not have their image or tag.", labels.display());
            terminal.error(&field(&words));
        }
        Ok(unnumbered == 0)
    }
}

fn kind_of(path: &Path) -> Result<OutcomeKind, Trouble> {
    OutcomeKind::from_path(path).ok_or_else(|| {
        let all = OutcomeKind::ALL.map(|kind| format!(".{} ({})", kind.extension(), kind.label()));
        Trouble::Usage(format!("--save: the name of the file must end in {}", all.join(", ")))
    })
}
