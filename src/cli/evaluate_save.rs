//! `tagscope evaluate --save`: predictions and their outcomes in a file.

use std::path::{Path, PathBuf};

use super::end::Trouble;
use super::evaluate_args::EvaluateArgs;
use super::place::local;
use super::terminal::{Terminal, field};
use app::words::{count, outcome_counts};
use engine::predicting::{Saved, free_place, save};
use formats::predictions::outcomes::{OutcomeKind, Outcomes};
use formats::spreadsheet::Cells;

pub(super) struct Saving {
    path: PathBuf,
    kind: OutcomeKind,
    labels: Option<PathBuf>,
    cells: Cells,
}

impl Saving {
    /// What was asked for, if it can be done; `None`: nothing is saved.
    pub(super) fn of(args: &EvaluateArgs) -> Result<Option<Self>, Trouble> {
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
