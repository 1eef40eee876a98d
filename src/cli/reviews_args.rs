//! `tagscope reviews` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::typed::ProjectArgs;

/// What to do with reviews.
#[derive(Debug, Subcommand)]
pub(super) enum ReviewsCommand {
    /// Write all reviewers' decisions and comments about a project to standard output or a file.
    #[command(
        after_help = "The columns are imageId, regionId, reviewer, time, verdict, comment: a row has a verdict or a comment, and is about the image as a whole where regionId is empty. Also about images that are no longer there.\n\nExamples:\n  tagscope reviews export --project forks > ann.csv\n  tagscope reviews export --source forks-archive --json --out ann.json"
    )]
    Export {
        #[command(flatten)]
        project: ProjectArgs,
        #[command(flatten)]
        form: FormArgs,
        /// A new file instead of standard output.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
    /// Take the decisions and comments of such a file in, CSV or JSON.
    #[command(
        after_help = "What is new or later than what is here is taken, as one decision that the window can undo; the number of those rows is printed. A file with a mistake changes nothing and is answered with line and column. While a window has the project open nothing can be taken in (exit status 1). Where reviewers differ: tagscope images --query review:disagree\n\nExample:\n  tagscope reviews import ann.csv --project forks"
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
    /// As a table by RFC 4180; this is what is written unless something else is asked for.
    #[arg(long)]
    pub csv: bool,
    /// The same rows as JSON.
    #[arg(long)]
    pub json: bool,
}
