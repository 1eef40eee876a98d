//! Review: decisions about images and regions. Its part of the state, and its commands, effects and events; `update::review` does them.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::quick_comments::QuickCommand;
use super::survey::{SurveyCommand, SurveyState};
use super::view::View;
use super::words::count;
use domain::{
    Act, Blame, Decision, Dispute, FindingKey, ImageId, Progress, ProjectId, ReviewRow, Reviews, Subject, Verdict,
};
use formats::ReviewFormat;

/// Decisions that may be on their way to the disk at once; more than anyone can press.
pub const MOST_PENDING: usize = 1_024;

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct ReviewState {
    /// All decisions, also those that are on their way to the disk.
    pub reviews: Reviews,
    /// Whether decisions can be made.
    pub access: Access,
    /// Numbers of the decisions that are not on the disk yet, ascending; at most [`MOST_PENDING`].
    pub pending: Vec<u64>,
    /// How far the review has come.
    pub progress: Progress,
    /// A decision about many images or regions that waits for a yes.
    pub asked: Option<Asked>,
    /// What was done last: shown at the foot of the stage for a while, and in the status bar.
    pub said: Option<Remark>,
    /// The dialog of export and import.
    pub transfer: Transfer,
    /// Decided images that the whole listing does not have.
    pub absent: usize,
    /// What each reviewer has done.
    pub survey: SurveyState,
}

/// What was done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Another one each time, so that the same words twice are two remarks.
    pub number: u64,
    /// The words.
    pub words: String,
    /// How long they are shown.
    pub lasting: Lasting,
    /// The view that they were said in.
    pub view: View,
}

/// How long a remark is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// A few seconds at the foot of the stage, at most until another view is shown: why nothing was done, and what to do.
    Moment,
    /// Then in the status bar until another view is shown: about what is seen there.
    View,
    /// Then in the status bar until something else is said: about something that was done.
    Kept,
}

/// Whether decisions can be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// They are being read.
    #[default]
    Loading,
    /// Yes.
    Open,
    /// No, and why: they are shown as they were when the project was opened.
    Shut(String),
}

/// A decision that waits for a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The decision itself.
    pub act: Act,
    /// Number of images that it is about.
    pub images: usize,
    /// Number of regions that it is about; 0: of images as a whole.
    pub regions: usize,
    /// Number of images with regions that it would confirm as negative.
    pub labeled: usize,
}

/// The dialog of export and import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    /// The file, as typed.
    pub path: String,
    /// More files, which an import takes together with it.
    pub others: Vec<PathBuf>,
    /// How an export is written.
    pub format: ReviewFormat,
    /// Whether one is under way.
    pub is_busy: bool,
    /// How the last one ended.
    pub outcome: Option<Result<String, Failure>>,
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum ReviewCommand {
    /// A verdict about what is chosen: the region or image on the canvas, the images of the grid. The same again changes
    /// nothing.
    DecideHere(Verdict),
    /// A verdict about these, of whatever view. The same again changes nothing.
    Decide {
        /// Images and regions.
        subjects: Vec<Subject>,
        /// The verdict.
        verdict: Verdict,
    },
    /// No verdict about what is chosen.
    ClearHere,
    /// No verdict about these, of whatever view.
    Clear(Vec<Subject>),
    /// A comment on what is chosen.
    CommentHere(String),
    /// A comment on these.
    Comment {
        /// On what.
        subjects: Vec<Subject>,
        /// The words.
        text: String,
    },
    /// About quick comments.
    Quick(QuickCommand),
    /// About what each reviewer has done.
    Survey(SurveyCommand),
    /// Who is wrong about what is chosen: the prediction or label on the canvas, the crops of the wall. `None`: not decided.
    BlameHere(Option<Blame>),
    /// Who is wrong about these.
    Blame {
        /// Predictions, and labels that no prediction agrees with.
        disputes: Vec<Dispute>,
        /// Who; `None`: not decided.
        blame: Option<Blame>,
    },
    /// Do what was asked about.
    Confirm,
    /// Take the last decision back.
    Undo,
    /// Decide again what was taken back.
    Redo,
    /// To the next (1) or previous (-1) shown image without a verdict; on the wall: region.
    StepUnreviewed(i64),
    /// Continue to the next unreviewed image after a decision, or stay.
    ToggleAdvance,
    /// The reviewer's name; empty: the system's.
    SetReviewer(String),
    /// The number of images or regions above which a decision asks first.
    SetBulkLimit(usize),
    /// About an export or import of reviews.
    Transfer(TransferCommand),
    /// Try again to open the decisions for writing.
    Reopen,
}

/// What people ask for about an export or import of reviews.
#[derive(Clone, Debug)]
pub enum TransferCommand {
    /// The file of an export or import.
    EditPath(String),
    /// The files of an import.
    TakeFiles(Vec<PathBuf>),
    /// How an export is written.
    SetFormat(ReviewFormat),
    /// Write all reviews to the file.
    Export,
    /// Take the reviews of the file in.
    Import,
}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum ReviewEffect {
    /// Read the decisions of a project and open them for writing -> [`ReviewEvent::Loaded`].
    Open {
        /// The project's id.
        project: ProjectId,
    },
    /// Put a decision on the disk, whatever is open by then -> [`ReviewEvent::Kept`] or [`ReviewEvent::Failed`].
    Keep {
        /// Of which project.
        project: ProjectId,
        /// The decision.
        decision: Arc<Decision>,
    },
    /// Write all reviews to a file, which must not exist -> [`ReviewEvent::Exported`].
    Export {
        /// Of which project.
        project: ProjectId,
        /// The file.
        path: PathBuf,
        /// CSV or JSON.
        format: ReviewFormat,
    },
    /// Read reviews from files -> [`ReviewEvent::Imported`].
    Import {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum ReviewEvent {
    /// The decisions as they are on the disk.
    Loaded {
        /// All of them.
        reviews: Arc<Reviews>,
        /// `None`: decisions can be made; else why not.
        shut: Option<String>,
        /// What is worth knowing about the journal, a sentence each.
        notes: Vec<String>,
    },
    /// These and all before them are on the disk.
    Kept {
        /// The number of the last one.
        up_to: u64,
    },
    /// This one and all after it could not be kept.
    Failed {
        /// The number of the first one.
        from: u64,
        /// What went wrong, and what to do.
        failure: Failure,
    },
    /// An export of reviews has ended.
    Exported(Result<WrittenReviews, Failure>),
    /// A file of reviews was read: its rows.
    Imported(Result<Vec<ReviewRow>, Failure>),
}

/// What an export of reviews has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenReviews {
    /// Number of rows.
    pub rows: usize,
    /// Number of decisions about predictions, which have no row.
    pub left_out: usize,
    /// Says which decisions could not be read and are missing; `None`: none are.
    pub damage: Option<String>,
}

impl WrittenReviews {
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

    /// Number of regions and predictions that an act decides or speaks about.
    pub(crate) fn regions_of(act: &Act) -> usize {
        match act {
            Act::Decide { subjects, .. } | Act::Comment { subjects, .. } => {
                subjects.iter().filter(|subject| subject.region.is_some()).count()
            }
            Act::Blame { disputes, .. } => disputes.len(),
            _ => 0,
        }
    }

    /// The images that an act is about, each once.
    pub(crate) fn images_of(act: &Act) -> Vec<ImageId> {
        let mut images: Vec<ImageId> = match act {
            Act::Decide { subjects, .. } | Act::Comment { subjects, .. } => {
                subjects.iter().map(|subject| subject.image).collect()
            }
            Act::Import(rows) | Act::Kept(rows) => rows.iter().map(|row| row.subject.image).collect(),
            Act::Dismiss(keys) | Act::Restore(keys) | Act::KeptDismissed(keys) => {
                keys.iter().flat_map(FindingKey::images).collect()
            }
            Act::Blame { disputes, .. } => disputes.iter().map(Dispute::image).collect(),
            Act::Undo(_) | Act::Redo(_) => Vec::new(),
        };
        images.sort_unstable();
        images.dedup();
        images
    }
}
