//! Predictions compared with labels: how good a model is, and where the two disagree.
//!
//! # Conventions
//! - All shares (precision, recall, F1, average precision, IoU, scores) are from 0 to 1. A share of nothing is `None`.
//! - Detection follows the COCO evaluation (`COCOeval` of pycocotools 2.0, `iouType="bbox"`): within an image and a tag,
//!   predictions choose labels in the order of their scores, equal scores in the order in which they came; each takes the
//!   free label with the greatest IoU from the threshold on, of equal ones the last. Area "all", no crowds, at most
//!   [`MOST_DETECTIONS`] predictions an image and tag, IoU 0.50 to 0.95 in steps of 0.05 ([`iou_steps`]), precision at 101
//!   recalls. AP is the mean over the IoUs; the figure of all tags is the mean over those with labels.
//! - Boxes are compared in pixels of the picture without the `+ 1` of Pascal VOC, see [`Pixels`].
//! - Between images, equal scores are in the order of the images as they are given.
//! - Counts at a chosen score and IoU use the same matching without the limit of [`MOST_DETECTIONS`]. Because a prediction
//!   can only take a label from a less sure one, the counts of every score follow from one matching.
//! - The confusion matrix matches once more regardless of tag; of labels with equal IoU, one of the predicted tag is taken.
//!
//! # Parallel work
//! This layer has no threads. The work is divided by images ([`Detection::part`]) and then by tags
//! ([`DetectionHits::figures`]); a caller with threads calls these from several.

pub mod classification;
mod counts;
mod detection;
mod doubts;
mod judged;
mod matches;
mod matching;
mod overlaps;
mod slide;
#[cfg(test)]
mod tests;

pub use classification::{Classification, ClassificationFigures, TagShares};
pub use counts::{Confusion, CountsAtScore, CurvePoint, MatchCounts, curve};
pub use detection::{Detection, DetectionHits, Hit, HitsPart, TagAverages, iou_steps};
pub use doubts::{Doubt, DoubtKind, LEAST_DOUBT, gravest_first};
pub use judged::{JudgedItem, JudgedPredictions};
pub use matches::{Matches, MatchesPart, Outcome, PredictionFate};
pub use matching::Pixels;
pub use overlaps::Overlaps;
pub use slide::{AtPoint, OutcomeCounts, Ranking, Slide, TagSlide};

/// Predictions of a tag on an image that the average precision takes into account: the surest.
pub const MOST_DETECTIONS: usize = 100;
