//! Review: decisions about images and regions. Its part of the state, and its commands, effects and events; `update::review` does them.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::quick_comments::QuickCommand;
use super::view::View;
use super::words::count;
use domain::{
    Blame, Decision, Dispute, FindingKey, ImageId, ProjectId, ReviewProgress, ReviewRow, Reviews, Statement, Subject,
    Survey, Verdict,
};
use formats::ReviewFormat;

/// Decisions that may be on their way to the disk at once; more than anyone can press.
pub const MOST_PENDING: usize = 1_024;

#[derive(Clone, Debug, Default)]
pub struct ReviewState {
    /// All decisions, also those that are on their way to the disk.
    pub reviews: Reviews,
    pub access: Access,
    /// Numbers of the decisions that are not on the disk yet, ascending; at most [`MOST_PENDING`].
    pub pending: Vec<u64>,
    pub progress: ReviewProgress,
    /// A decision about many images or regions that waits for a yes.
    pub asked: Option<UnconfirmedDecision>,
    /// What was done last: shown at the foot of the stage for a while, and in the status bar.
    pub remark: Option<Remark>,
    pub transfer: Transfer,
    /// Decided images that the whole listing does not have.
    pub absent: usize,
    pub survey: SurveyState,
}

/// What was done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Another one each time, so that the same words twice are two remarks.
    pub number: u64,
    pub words: String,
    pub lasting: Lasting,
    pub view: View,
    /// What is offered beside the words.
    pub reversal: Option<Reversal>,
}

/// What takes back what was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversal {
    Undo,
    Redo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// A few seconds at the foot of the stage, at most until another view is shown: why nothing was done, and what to do.
    Moment,
    /// Then in the status bar until another view is shown: about what is seen there.
    View,
    /// Then in the status bar until something else is said: about something that was done.
    Kept,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// They are being read.
    #[default]
    Loading,
    Open,
    /// No, and why: they are shown as they were when the project was opened.
    Shut(String),
}

/// A decision that waits for a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct UnconfirmedDecision {
    pub statement: Statement,
    pub images: usize,
    /// Number of regions that it is about; 0: of images as a whole.
    pub regions: usize,
    /// Number of images with regions that it would confirm as negative.
    pub labeled: usize,
}

/// The dialog of export and import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    pub path: String,
    /// More files, which an import takes together with it.
    pub others: Vec<PathBuf>,
    pub format: ReviewFormat,
    pub is_busy: bool,
    pub outcome: Option<Result<String, Failure>>,
}

#[derive(Clone, Debug)]
pub enum ReviewCommand {
    /// A verdict about what is chosen: the region or image on the canvas, the images of the grid. The same again changes
    /// nothing.
    DecideHere(Verdict),
    /// A verdict about these, of whatever view. The same again changes nothing.
    Decide {
        subjects: Vec<Subject>,
        verdict: Verdict,
    },
    /// No verdict about what is chosen.
    ClearHere,
    /// No verdict about these, of whatever view.
    Clear(Vec<Subject>),
    /// A comment on what is chosen.
    CommentHere(String),
    Comment {
        subjects: Vec<Subject>,
        text: String,
    },
    Quick(QuickCommand),
    Survey(SurveyCommand),
    /// Who is wrong about what is chosen: the prediction or label on the canvas, the crops of the wall. `None`: not decided.
    BlameHere(Option<Blame>),
    /// Predictions, and labels that no prediction agrees with. `None`: not decided.
    Blame {
        disputes: Vec<Dispute>,
        blame: Option<Blame>,
    },
    /// Do what was asked about.
    Confirm,
    Undo,
    Redo,
    /// To the next (1) or previous (-1) shown image without a verdict; on the wall: region.
    StepUnreviewed(i64),
    /// Continue to the next unreviewed image after a decision, or stay.
    ToggleAdvance,
    /// The reviewer's name; empty: the system's.
    SetReviewer(String),
    /// The number of images or regions above which a decision asks first.
    SetBulkLimit(usize),
    Transfer(TransferCommand),
    /// Try again to open the decisions for writing.
    Reopen,
}

#[derive(Clone, Debug)]
pub enum TransferCommand {
    EditPath(String),
    /// The files of an import.
    TakeFiles(Vec<PathBuf>),
    SetFormat(ReviewFormat),
    Export,
    Import,
}

#[derive(Clone, Debug)]
pub enum ReviewEffect {
    /// Read the decisions of a project and open them for writing -> [`ReviewEvent::Loaded`].
    Open { project: ProjectId },
    /// Put a decision on the disk, whatever is open by then -> [`ReviewEvent::Kept`] or [`ReviewEvent::Failed`].
    Keep { project: ProjectId, decision: Arc<Decision> },
    /// Write all reviews to a file, which must not exist -> [`ReviewEvent::Exported`].
    Export { project: ProjectId, path: PathBuf, format: ReviewFormat },
    /// Read reviews from files -> [`ReviewEvent::Imported`].
    Import { paths: Vec<PathBuf> },
}

#[derive(Clone, Debug)]
pub enum ReviewEvent {
    /// The decisions on the disk. `shut`: why none can be made. `notes`: about the journal, a sentence each.
    Loaded { reviews: Arc<Reviews>, shut: Option<String>, notes: Vec<String> },
    /// These and all before them are on the disk.
    Kept { up_to: u64 },
    /// This one and all after it could not be kept.
    Failed { from: u64, failure: Failure },
    /// An export of reviews has ended.
    Exported(Result<ExportedReviews, Failure>),
    /// A file of reviews was read: its rows.
    Imported(Result<Vec<ReviewRow>, Failure>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedReviews {
    pub rows: usize,
    /// Number of decisions about predictions, which have no row.
    pub left_out: usize,
    /// Says which decisions could not be read and are missing; `None`: none are.
    pub damage: Option<String>,
}

impl ExportedReviews {
    /// What was written, and what has no place in such a file.
    pub fn words(&self) -> String {
        let rows = format!("Exported {}.", count(self.rows as u64, "row", "rows"));
        match self.left_out as u64 {
            0 => rows,
            left => format!(
                "{rows} {} not part of an export; they stay in the journal.",
                count(left, "decision about a prediction is", "decisions about predictions are")
            ),
        }
    }
}

impl ReviewState {
    /// Takes the images in that have come into the catalogue since the last time.
    pub(crate) fn arrived(&mut self, catalogue: &domain::Catalogue) {
        self.progress.extend(catalogue, &self.reviews);
    }

    /// Whether a subject's verdict is not on the disk yet.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Number of regions and predictions that a statement decides or speaks about.
    pub(crate) fn regions_of(statement: &Statement) -> usize {
        match statement {
            Statement::Decide { subjects, .. } | Statement::Comment { subjects, .. } => {
                subjects.iter().filter(|subject| subject.region.is_some()).count()
            }
            Statement::Blame { disputes, .. } => disputes.len(),
            _ => 0,
        }
    }

    /// The images that a statement is about, each once.
    pub(crate) fn images_of(statement: &Statement) -> Vec<ImageId> {
        let mut images: Vec<ImageId> = match statement {
            Statement::Decide { subjects, .. } | Statement::Comment { subjects, .. } => {
                subjects.iter().map(|subject| subject.image).collect()
            }
            Statement::Import(rows) | Statement::Kept(rows) => rows.iter().map(|row| row.subject.image).collect(),
            Statement::Dismiss(keys) | Statement::Restore(keys) | Statement::KeptDismissed(keys) => {
                keys.iter().flat_map(FindingKey::images).collect()
            }
            Statement::Blame { disputes, .. } => disputes.iter().map(Dispute::image).collect(),
            Statement::Undo(_) | Statement::Redo(_) => Vec::new(),
        };
        images.sort_unstable();
        images.dedup();
        images
    }
}

#[derive(Clone, Debug, Default)]
pub struct SurveyState {
    /// Who is compared; `None`: one of the two who have most decisions in common.
    pub one: Option<Arc<str>>,
    /// The reviewer to compare with; `None`: the one who has most decisions in common with the first.
    pub other: Option<Arc<str>>,
    pub found: Option<FoundSurvey>,
}

/// A survey, of whom and of what.
#[derive(Clone, Debug)]
pub struct FoundSurvey {
    pub survey: Arc<Survey>,
    pub one: Arc<str>,
    /// The reviewer compared with; `None`: nobody else has decided anything.
    pub other: Option<Arc<str>>,
    pub(super) basis: SurveyBasis,
}

/// What a survey was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SurveyBasis {
    pub revision: u64,
    pub generation: u64,
    pub images: usize,
}

#[derive(Clone, Debug)]
pub enum SurveyCommand {
    Refresh,
    SetOne(Arc<str>),
    SetOther(Arc<str>),
}

impl SurveyState {
    /// Whether something has changed since the survey. A list that grows is looked at again when it has grown by a quarter.
    pub(super) fn is_behind(&self, now: SurveyBasis, is_growing: bool) -> bool {
        let Some(found) = &self.found else { return true };
        let then = found.basis;
        let is_little = is_growing && now.images >= then.images && now.images < then.images + then.images / 4;
        now != SurveyBasis { images: if is_little { now.images } else { then.images }, ..then }
    }
}
