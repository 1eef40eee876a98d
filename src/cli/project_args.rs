//! The arguments that say which project and which of its images, and those of `tagscope reviews`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// A service or an archive.
#[derive(Debug, Default, Args)]
pub(super) struct PlaceArgs {
    /// The resource's endpoint, from its "Keys and Endpoint" page in the Azure portal.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "source")]
    pub endpoint: Option<String>,
    /// Use an archive instead of a service: its folder, or its address in an object store (s3://, gs://, az://, abfss://).
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub source: Option<PathBuf>,
}

/// What is printed on standard error.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct QuietArgs {
    /// Print only errors on standard error.
    #[arg(long, short)]
    pub quiet: bool,
}

/// A project of a place.
#[derive(Debug, Args)]
pub(super) struct ProjectArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The project's id or name. Not needed if there is only one project.
    #[arg(long, value_name = "ID|NAME")]
    pub project: Option<String>,
    #[command(flatten)]
    pub quiet: QuietArgs,
}

/// Images of a project.
#[derive(Debug, Args)]
pub(super) struct ImagesArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The iteration's id or name. [default: the workspace]
    #[arg(long, value_name = "ID|NAME")]
    pub iteration: Option<String>,
    /// Only images with this tag (id or name). Repeat it for images with any of several tags.
    #[arg(long, value_name = "ID|NAME")]
    pub tag: Vec<String>,
    /// Only images that match this query, as in the window: `tag:fork -tag:scissors regions>=3 area<0.5%`.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
}

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
