//! What `tagscope evaluate` compares, as typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

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
    #[arg(long, value_name = "0..1", value_parser = share, default_value_t = 0.5)]
    pub iou: f64,
    /// The lowest score that counts.
    #[arg(long, value_name = "0..1", value_parser = share, default_value_t = 0.5)]
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

fn share(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "it is not a number from 0 to 1".to_owned())
}
