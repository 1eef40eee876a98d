//! The arguments of `tagscope check` and `tagscope evaluate` as typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use domain::evaluation::DoubtKind;
use domain::{CheckKind, CheckOptions};

/// A check to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    /// One that needs the labels alone.
    Check(CheckKind),
    /// One that needs predictions.
    Doubt(DoubtKind),
}

/// Which checks to run, and their thresholds.
#[derive(Debug, Default, Args)]
pub(super) struct CheckArgs {
    /// Run only these checks, separated by commas.
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = kind)]
    pub only: Vec<Only>,
    /// Also report labels that a model disagrees with: overlooked, swapped, misplaced and spurious boxes. Gives the model's
    /// predictions: a file, a folder, or an iteration's id or name.
    #[arg(long, value_name = "PATH|ID|NAME", value_hint = ValueHint::AnyPath)]
    pub predictions: Option<String>,
    /// The COCO file that the image and category numbers of COCO results belong to. [default: the one next to them]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "predictions")]
    pub labels: Option<PathBuf>,
    /// Also search a service for near-duplicate pictures; downloads every thumbnail.
    #[arg(long)]
    pub duplicates: bool,
    /// Do not search for near-duplicate pictures.
    #[arg(long, conflicts_with = "duplicates")]
    pub no_duplicates: bool,
    /// Include findings that were dismissed in the window.
    #[arg(long)]
    pub dismissed: bool,
    /// Report boxes of one tag whose intersection over union is above this. [default: 0.9]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub overlap: Option<f32>,
    /// The same, for boxes of different tags. [default: 0.9]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub overlap_other: Option<f32>,
    /// Report a box as inside another when at least this share of it is inside. [default: 0.95]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub inside: Option<f32>,
    /// Report a box that extends past the image edge by at least this many pixels. [default: 1]
    #[arg(long, value_name = "PX", value_parser = number)]
    pub outside_px: Option<f32>,
    /// Report a box with a side shorter than this many pixels as tiny. [default: 4]
    #[arg(long, value_name = "PX", value_parser = number)]
    pub tiny_px: Option<f32>,
    /// Report a box smaller than this share of the image as tiny. [default: 0.0005]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub tiny_share: Option<f32>,
    /// Report a box as covering the image when both of its sides reach this share of the image. [default: 0.98]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub whole: Option<f32>,
    /// Report a box whose size or shape is this many robust deviations from the median of its tag. [default: 6]
    #[arg(long, value_name = "N", value_parser = number)]
    pub outlier: Option<f32>,
    /// Number of boxes a tag needs for the outlier check. [default: 30]
    #[arg(long, value_name = "N")]
    pub outlier_sample: Option<u32>,
    /// Largest difference between the 64-bit hashes of near-duplicates, in bits. [default: 4]
    #[arg(long, value_name = "0..12", value_parser = clap::value_parser!(u8).range(0..=12))]
    pub duplicate_bits: Option<u8>,
    /// Intersection over union at which boxes of near-duplicates match. [default: 0.5]
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub duplicate_iou: Option<f32>,
}

impl CheckArgs {
    pub(super) fn wants(&self, kind: CheckKind) -> bool {
        self.only.is_empty() || self.only.contains(&Only::Check(kind))
    }

    pub(super) fn wants_doubt(&self, kind: DoubtKind) -> bool {
        self.only.is_empty() || self.only.contains(&Only::Doubt(kind))
    }

    /// The thresholds as meant: the defaults where nothing was typed. Those of the window do not count, so that a script
    /// gives the same everywhere.
    pub(super) fn options(&self) -> CheckOptions {
        let default = CheckOptions::default();
        CheckOptions {
            overlap: self.overlap.unwrap_or(default.overlap),
            overlap_other: self.overlap_other.unwrap_or(default.overlap_other),
            inside: self.inside.unwrap_or(default.inside),
            outside_px: self.outside_px.unwrap_or(default.outside_px),
            tiny_px: self.tiny_px.unwrap_or(default.tiny_px),
            tiny_share: self.tiny_share.unwrap_or(default.tiny_share),
            whole: self.whole.unwrap_or(default.whole),
            outlier: self.outlier.unwrap_or(default.outlier),
            outlier_sample: self.outlier_sample.unwrap_or(default.outlier_sample),
            duplicate_bits: self.duplicate_bits.unwrap_or(default.duplicate_bits),
            duplicate_iou: self.duplicate_iou.unwrap_or(default.duplicate_iou),
        }
        .sane()
    }
}

fn kind(text: &str) -> Result<Only, String> {
    let found = CheckKind::from_name(text).map(Only::Check).or_else(|| DoubtKind::from_name(text).map(Only::Doubt));
    found.ok_or_else(|| {
        let names: Vec<_> = CheckKind::ALL.iter().map(|kind| kind.name()).collect();
        let doubts: Vec<_> = DoubtKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("the checks are {}, and with --predictions {}", names.join(", "), doubts.join(", "))
    })
}

fn number(text: &str) -> Result<f32, String> {
    let number = text.parse::<f32>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "must be a number of at least 0".to_owned())
}

fn share(text: &str) -> Result<f32, String> {
    let share = number(text).ok().filter(|share| *share <= 1.0);
    share.ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

/// The predictions, the thresholds and the images.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("set").required(true)))]
pub(super) struct EvaluateArgs {
    /// Use the predictions of this iteration (id or name) on the images it was trained on.
    #[arg(long, value_name = "ID|NAME", group = "set")]
    pub iteration: Option<String>,
    /// Use the predictions in this file or folder.
    #[arg(long, group = "set", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub predictions: Option<PathBuf>,
    /// The COCO file that the image and category numbers of COCO results belong to, in --predictions and in --save.
    /// [default: the one next to --predictions]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub labels: Option<PathBuf>,
    /// The lowest intersection over union at which a predicted box matches a labeled one.
    #[arg(long, value_name = "0..1", value_parser = fraction, default_value_t = 0.5)]
    pub iou: f64,
    /// The lowest score that counts.
    #[arg(long, value_name = "0..1", value_parser = fraction, default_value_t = 0.5)]
    pub score: f64,
    /// Only images that match this query, as in the window: `tag:fork -tag:scissors regions>=3`.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Save the predictions in this new file: with their outcomes as a table (.csv) or as JSON lines (.jsonl), or as COCO
    /// results (.json).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// With --save FILE.csv: write names unchanged, even those that a spreadsheet would run as formulas. Without this
    /// option, such a name gets a leading apostrophe.
    #[arg(long, requires = "save")]
    pub raw_csv: bool,
}

fn fraction(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "it is not a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_numbers_and_names_are_refused() {
        assert_eq!((number("3.5"), share("0.25")), (Ok(3.5), Ok(0.25)));
        for text in ["", "NaN", "inf", "-1", "1e99"] {
            assert!(number(text).is_err(), "{text}");
        }
        assert!(share("1.5").is_err());
        assert_eq!(kind("tiny"), Ok(Only::Check(CheckKind::Tiny)));
        assert_eq!(kind("swapped"), Ok(Only::Doubt(DoubtKind::Swapped)));
        assert!(kind("rain").expect_err("no check").contains("overlap-other"));
    }
}
