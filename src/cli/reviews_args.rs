//! `tagscope reviews` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::args::ProjectArgs;

/// A command about reviews.
#[derive(Debug, Subcommand)]
pub(super) enum ReviewsCommand {
    /// Export all reviewers' decisions and comments about a project to standard output or a file.
    #[command(
        after_help = "The columns are imageId, regionId, reviewer, time, verdict, comment: each row has a verdict or a comment. An empty regionId means the image as a whole. Decisions about deleted images are included.\n\nExamples:\n  tagscope reviews export --project forks > ann.csv\n  tagscope reviews export --source forks-archive --json --out ann.json"
    )]
    Export {
        #[command(flatten)]
        project: ProjectArgs,
        #[command(flatten)]
        form: FormArgs,
        #[command(flatten)]
        cells: CellArgs,
        /// Write to this new file instead of standard output.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
    /// Import decisions and comments from a CSV or JSON file.
    #[command(
        after_help = "Imports rows that are new, or newer than the local ones, as one step that the window can undo, and prints their number. A file with a mistake changes nothing; the error names the line and column. Close the project's window first (exit status 1 otherwise). To find where reviewers differ: tagscope images --query review:disagree\n\nExample:\n  tagscope reviews import ann.csv --project forks"
    )]
    Import {
        /// The file.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

/// How reviews are written.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(super) struct FormArgs {
    /// CSV (RFC 4180; the default).
    #[arg(long)]
    pub csv: bool,
    /// The same rows as JSON.
    #[arg(long)]
    pub json: bool,
}

/// How a table holds what others have written.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct CellArgs {
    /// Write names and comments unchanged, even those that a spreadsheet would run as formulas. Without this option,
    /// such a text gets a leading apostrophe, which an import removes.
    #[arg(long, conflicts_with = "json")]
    pub raw_csv: bool,
}
