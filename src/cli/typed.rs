//! The arguments as typed: what clap reads, its help and its examples. What they mean together is in `meant`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::check_args::CheckArgs;
use super::format_args::{FormatArg, FormatArgs};
use super::reviews_args::ReviewsCommand;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "tagscope",
    version,
    about = "See, check and take out every tagged image of an Azure Custom Vision project",
    long_about = "See, check and take out every tagged image of an Azure Custom Vision project.\n\nWithout a command, the window opens.",
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tagscope                                         open the window
  tagscope demo                                    open the window on the built-in sample project
  tagscope export --project forks --format coco --out forks-coco

The key comes from the system keychain (tagscope key set), else from VISION_TRAINING_KEY; never from an argument.
The endpoint comes from --endpoint, else from VISION_TRAINING_ENDPOINT, else it is the one used last.

Exit status: 0 done; 1 failed, nothing published; 2 wrong usage; 3 the service refused (key, rights, not found);
4 the network or the service failed after retries; 5 done, with itemised skips."
)]
pub(super) struct Typed {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub window: WindowArgs,
}

/// What the window opens.
#[derive(Debug, Default, Args)]
pub(super) struct WindowArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The project to open: its id or name.
    #[arg(long, value_name = "ID|NAME")]
    pub project: Option<String>,
    #[command(flatten)]
    pub trace: TraceArgs,
}

/// What a session of the window leaves for whoever looks into its speed.
#[derive(Debug, Default, Args)]
pub(super) struct TraceArgs {
    /// Write what frames and the engine's work take to a new file, for a trace viewer such as ui.perfetto.dev.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
}

/// A service or an archive.
#[derive(Debug, Default, Args)]
pub(super) struct PlaceArgs {
    /// The resource's endpoint, as on its page "Keys and Endpoint".
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "source")]
    pub endpoint: Option<String>,
    /// An archive on disk instead of a service.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub source: Option<PathBuf>,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct QuietArgs {
    /// Say nothing on standard error but errors.
    #[arg(long, short)]
    pub quiet: bool,
}

/// A project of a place.
#[derive(Debug, Args)]
pub(super) struct ProjectArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The project: its id or name. May be left out where there is only one.
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
    /// The iteration: its id or name. Without it: the workspace.
    #[arg(long, value_name = "ID|NAME")]
    pub iteration: Option<String>,
    /// Only images with this tag: its id or name. Repeatable, any number; images with any of them are taken.
    #[arg(long, value_name = "ID|NAME")]
    pub tag: Vec<String>,
    /// Only images that this query lets through, as in the window: `tag:fork -tag:scissors regions>=3 area<0.5%`.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Open the window on the built-in sample project.
    #[command(after_help = "Example:\n  tagscope demo --images 10000 --regions 10")]
    Demo {
        #[command(flatten)]
        sample: SampleArgs,
        #[command(flatten)]
        trace: TraceArgs,
    },
    /// Keep, look up or remove the key of an endpoint in the system keychain.
    #[command(
        subcommand_required = true,
        after_help = "Example:\n  tagscope key set --endpoint https://westus2.api.cognitive.microsoft.com < key.txt"
    )]
    Key {
        #[command(subcommand)]
        action: KeyCommand,
    },
    /// List the projects.
    #[command(after_help = "Example:\n  tagscope projects --json | jq -r '.[].name'")]
    Projects {
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        quiet: QuietArgs,
        /// As JSON in the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List the iterations of a project, the latest first.
    #[command(after_help = "Example:\n  tagscope iterations --project forks --json")]
    Iterations {
        #[command(flatten)]
        project: ProjectArgs,
        /// As JSON in the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List the tags of a project or of one of its iterations.
    #[command(after_help = "Example:\n  tagscope tags --project forks --iteration \"Iteration 1\" --json")]
    Tags {
        #[command(flatten)]
        project: ProjectArgs,
        /// The iteration: its id or name. Without it: the workspace.
        #[arg(long, value_name = "ID|NAME")]
        iteration: Option<String>,
        /// As JSON in the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List or count the tagged images of a project.
    #[command(
        after_help = "Examples:\n  tagscope images --project forks --tag fork --jsonl > forks.jsonl\n  tagscope images --project forks --tag fork --tag scissors --count\n  tagscope images --project forks --query 'regions>=3 -tag:scissors area<0.5%' --jsonl"
    )]
    Images {
        #[command(flatten)]
        images: ImagesArgs,
        /// The order, by upload.
        #[arg(long, value_enum, default_value_t)]
        order: OrderArg,
        /// Images to pass over at the start; any number.
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u64,
        /// Images at most; any number. Without it: all.
        #[arg(long, value_name = "N")]
        take: Option<u64>,
        /// Only their number.
        #[arg(long, conflicts_with_all = ["jsonl", "skip", "take"])]
        count: bool,
        /// One image a line, in the service's own field names and number text; addresses without their signature.
        #[arg(long)]
        jsonl: bool,
    },
    /// Look for labels that are likely wrong: overlapping, tiny and odd boxes, tags, near-duplicate pictures.
    #[command(
        after_help = "Each finding is a row on standard output; exit status 0 also when there are some. The whole project is looked at; --tag chooses whose findings are told. Checks: overlap, overlap-other, inside, outside, tiny, whole, outlier, duplicate, rare-tag, tag-name, no-regions, missing-tag, negative, size. Near-duplicates are looked for in an archive, and on a service with --duplicates.\n\nExamples:\n  tagscope check --project forks\n  tagscope check --source forks-archive --json | jq -r 'select(.check == \"overlap\").imageId'"
    )]
    Check {
        #[command(flatten)]
        images: ImagesArgs,
        #[command(flatten)]
        check: CheckArgs,
        /// A JSON object a line: check, imageId, regionIds, tags, message and the figures.
        #[arg(long)]
        json: bool,
    },
    /// Write the tagged images of a project as a dataset.
    #[command(
        after_help = "Examples:\n  tagscope export --project forks --format coco,jsonl --images original --out forks-2026-11\n  tagscope export --project forks --format yolo --split 80/10/10 --gif convert --out forks-yolo\n  tagscope export --project forks --format azureml --azureml-url azureml://subscriptions/S/resourcegroups/G/workspaces/W/datastores/D/paths/forks/ --out forks-azureml\n\nWhat a lost network, a full disk or a crash interrupts goes on with --resume. A format that is one file stands at the root of the folder and refers to images/. The others (yolo, voc, azureml, datumaro, createml) are the folder itself when they are alone, else a folder with their name in it; crops and annotated always are. REPORT.md says what each cannot hold."
    )]
    Export {
        #[command(flatten)]
        images: ImagesArgs,
        /// The formats, separated by commas.
        #[arg(long, value_enum, value_delimiter = ',', required = true)]
        format: Vec<FormatArg>,
        /// Which pictures: as uploaded, as trained on, or none.
        #[arg(long = "images", value_enum, default_value_t, value_name = "PICTURES")]
        pictures: PicturesArg,
        #[command(flatten)]
        options: FormatArgs,
        /// Go on with what an interrupted run has left, if there is such a run: whole pictures are not fetched again.
        #[arg(long)]
        resume: bool,
        /// A report as JSON on standard output, instead of the folder's path.
        #[arg(long)]
        json: bool,
        /// The folder to make; it must not exist.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Keep the whole project in a folder: every image, its labels and pictures; or bring such a folder up to date.
    #[command(
        after_help = "What was interrupted goes on with --resume. A second run fetches what is new and says what changed.\n\nExample:\n  tagscope archive --project forks --iterations --resume --out forks-archive"
    )]
    Archive {
        #[command(flatten)]
        project: ProjectArgs,
        /// Go on with what an interrupted run has left, if there is such a run.
        #[arg(long)]
        resume: bool,
        /// Take the images of each trained iteration too, with the tags and regions that it was trained on. What an
        /// archive has of them is brought up to date in any case.
        #[arg(long)]
        iterations: bool,
        /// Leave out the service's thumbnails: they are then made from the originals.
        #[arg(long)]
        no_thumbnails: bool,
        /// A report as JSON on standard output, instead of the folder's path.
        #[arg(long)]
        json: bool,
        /// The folder: a new one, or an archive of the same project to bring up to date.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Read an archive or an export again: every file, hash, count and box.
    #[command(
        after_help = "Each difference is a line on standard output: the file, a tab, what is wrong. Exit status 0: none.\n\nExample:\n  tagscope verify forks-archive"
    )]
    Verify {
        /// The folder.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// A report as JSON on standard output.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Put the address of the pictures into the Azure ML lists of an export.
    #[command(
        after_help = "Upload the folder images of the export, then give its address.\n\nExample:\n  tagscope rewrite-azureml-url forks-azureml azureml://subscriptions/S/resourcegroups/G/workspaces/W/datastores/D/paths/forks/images/"
    )]
    RewriteAzuremlUrl {
        /// The export.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// The address of the folder with the pictures.
        #[arg(value_name = "URL", value_hint = ValueHint::Url)]
        url: String,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Make an archive of a dataset on disk, to view, serve and export it.
    #[command(
        after_help = "What is missing or broken is itemised, and the rest goes on (exit status 5).\n\nExamples:\n  tagscope import coco annotations.json --images photos --out forks\n  tagscope import yolo dataset/data.yaml --out forks\n  tagscope import voc VOCdevkit --out forks\n  tagscope import jsonl export/images.jsonl --out forks\n  tagscope import label-studio tasks.json --images uploads --out forks"
    )]
    Import {
        /// The dataset's format.
        #[arg(value_enum)]
        format: ImportFormatArg,
        /// The dataset's file or folder.
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        path: PathBuf,
        /// The folder that its file names are relative to. Without it: where such datasets have their pictures.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        images: Option<PathBuf>,
        /// The folder to make; it must not exist.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
        /// A report as JSON on standard output, instead of the folder's path.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Take decisions and comments of reviewers out of a project, or in.
    #[command(subcommand_required = true, after_help = "Example:\n  tagscope reviews export --project forks > ann.csv")]
    Reviews {
        #[command(subcommand)]
        action: ReviewsCommand,
    },
    /// Be a read-only Custom Vision endpoint on 127.0.0.1, over an archive or the sample project.
    #[command(
        after_help = "The first line on standard output is JSON: {\"endpoint\",\"projectId\",\"projectName\",\"trainingKey\"}. Ctrl+C ends it.\n\nExamples:\n  tagscope serve forks\n  tagscope serve --sample --images 10000 --regions 10"
    )]
    Serve {
        /// The archive.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "sample", conflicts_with_all = ["sample", "images", "regions"])]
        dir: Option<PathBuf>,
        /// The built-in sample project.
        #[arg(long = "sample")]
        sample: bool,
        #[command(flatten)]
        size: SampleArgs,
        /// The port; 0: any free one.
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// Do something wrong on purpose, to try a client against it. Repeatable; an unknown name lists them all.
        #[arg(long = "fault", value_name = "NAME=VALUE", hide = true)]
        faults: Vec<String>,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Print the completions for a shell.
    #[command(
        after_help = "Example:\n  tagscope completions bash > ~/.local/share/bash-completion/completions/tagscope"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    #[command(after_help = "Example:\n  tagscope man | man -l -")]
    Man,
}

/// How large the sample project is.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct SampleArgs {
    /// Images of the sample project. [default: 240]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub images: Option<u32>,
    /// Regions on each image. Without it: as the scenes have them, about six.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(0..=300))]
    pub regions: Option<u32>,
}

/// What to do with a key.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Keep a key: read from standard input, or asked for without showing it.
    #[command(after_help = "Example:\n  tagscope key set --endpoint https://westus2.api.cognitive.microsoft.com")]
    Set(KeyArgs),
    /// Print where the key would come from: keychain, environment or none.
    #[command(after_help = "Example:\n  tagscope key status --endpoint https://westus2.api.cognitive.microsoft.com")]
    Status(KeyArgs),
    /// Remove the key.
    #[command(after_help = "Example:\n  tagscope key remove --endpoint https://westus2.api.cognitive.microsoft.com")]
    Remove(KeyArgs),
}

/// Whose key.
#[derive(Clone, Debug, Args)]
pub(super) struct KeyArgs {
    /// The resource's endpoint, as on its page "Keys and Endpoint".
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub endpoint: Option<String>,
    #[command(flatten)]
    pub quiet: QuietArgs,
}

/// An order.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum OrderArg {
    /// Latest first.
    #[default]
    Newest,
    /// Earliest first.
    Oldest,
}

/// Pictures of an export.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum PicturesArg {
    /// As uploaded, byte for byte.
    #[default]
    Original,
    /// The service's training pictures, byte for byte.
    Resized,
    /// Labels only.
    None,
}

/// A dataset's format.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ImportFormatArg {
    /// COCO detection JSON: a file, or a folder with one.
    Coco,
    /// YOLO: data.yaml or its folder; or, for classification, the folder that holds train.
    Yolo,
    /// Pascal VOC: the folder that holds the annotations and the pictures, or the one with the years.
    Voc,
    /// The service's own fields, one image a line, with pictures that have the image's id in their names.
    Jsonl,
    /// Azure ML: a list (.jsonl), or the folder with training-mltable-folder; --images where the pictures are elsewhere.
    #[value(name = "azureml")]
    AzureMl,
    /// A table of regions (image, tag, xmin, ymin, xmax, ymax), or the folder with one.
    Csv,
    /// Tasks of Label Studio (JSON), or the folder with them.
    LabelStudio,
    /// CVAT for images (XML), or the folder with it.
    Cvat,
    /// Datumaro: its JSON, or the folder that holds annotations and images.
    Datumaro,
    /// Create ML: its JSON, or the folder with one or with train.
    #[value(name = "createml")]
    CreateMl,
}
