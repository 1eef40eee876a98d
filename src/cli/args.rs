//! The arguments as typed: what clap reads, its help and its examples. What they mean together is in `config`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::check_args::{CheckArgs, EvaluateArgs};
use super::format_args::{FormatArg, FormatArgs, ImportFormatArg};
use super::project_args::{ImagesArgs, PlaceArgs, ProjectArgs, QuietArgs, ReviewsCommand};
use domain::changes::DEFAULT_IOU;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "tagscope",
    version,
    long_version = crate::built::long_version(),
    about = "Browse, review and export every tagged image of an Azure Custom Vision project",
    long_about = "Browse, review and export every tagged image of an Azure Custom Vision project.\n\nWithout a command, the window opens.",
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tagscope                                         open the window
  tagscope demo                                    open the window on the built-in sample project
  tagscope export --project forks --format coco --out forks-coco

The key comes from the system keychain (tagscope key set), else from VISION_TRAINING_KEY; never from an argument.
The endpoint comes from --endpoint, else from VISION_TRAINING_ENDPOINT, else it is the one used last.

Exit status: 0 done; 1 failed, nothing published; 2 wrong usage; 3 the service refused (key, rights, not found);
4 the network or the service failed after retries; 5 done, with itemized skips."
)]
pub(super) struct CommandLine {
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
    /// The id or name of the project to open.
    #[arg(long, value_name = "ID|NAME")]
    pub project: Option<String>,
    #[command(flatten)]
    pub trace: TraceArgs,
}

/// Tracing of a session of the window.
#[derive(Debug, Default, Args)]
pub(super) struct TraceArgs {
    /// Write the timing of frames and background work to a new file, for a trace viewer such as ui.perfetto.dev.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Open the window with the built-in sample project.
    #[command(after_help = "Example:\n  tagscope demo --images 10000 --regions 10")]
    Demo {
        #[command(flatten)]
        sample: SampleArgs,
        #[command(flatten)]
        trace: TraceArgs,
    },
    /// Store, look up or remove an endpoint's key in the system keychain.
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
        /// Print JSON with the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List the iterations of a project, latest first.
    #[command(after_help = "Example:\n  tagscope iterations --project forks --json")]
    Iterations {
        #[command(flatten)]
        project: ProjectArgs,
        /// Print JSON with the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List the tags of a project or of one of its iterations.
    #[command(after_help = "Example:\n  tagscope tags --project forks --iteration \"Iteration 1\" --json")]
    Tags {
        #[command(flatten)]
        project: ProjectArgs,
        /// The iteration's id or name. [default: the workspace]
        #[arg(long, value_name = "ID|NAME")]
        iteration: Option<String>,
        /// Print JSON with the service's own field names.
        #[arg(long)]
        json: bool,
    },
    /// List or count the tagged images of a project.
    #[command(
        after_help = "Examples:\n  tagscope images --project forks --tag fork --jsonl > forks.jsonl\n  tagscope images --project forks --tag fork --tag scissors --count\n  tagscope images --project forks --query 'regions>=3 -tag:scissors area<0.5%' --jsonl\n  tagscope images --project forks --untagged --count"
    )]
    Images {
        #[command(flatten)]
        images: ImagesArgs,
        /// List the images without tags instead, which nobody has labeled yet.
        #[arg(long, conflicts_with_all = ["tag", "query"])]
        untagged: bool,
        /// Order by upload date.
        #[arg(long, value_enum, default_value_t)]
        order: OrderArg,
        /// Skip this many images.
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u64,
        /// List at most this many images. [default: all]
        #[arg(long, value_name = "N")]
        take: Option<u64>,
        /// Print only the number of images.
        #[arg(long, conflicts_with_all = ["jsonl", "skip", "take"])]
        count: bool,
        /// Print one image per line as JSON, with the service's own field names and number text; URLs are without signatures.
        #[arg(long)]
        jsonl: bool,
    },
    /// Find likely label mistakes: overlapping, tiny and unusual boxes, inconsistent tags, near-duplicates.
    #[command(
        after_help = "Prints one finding per row; the exit status is 0 even if there are findings. The whole project is checked; --tag and --query choose which findings are printed. Checks: overlap, overlap-other, inside, outside, tiny, whole, outlier, duplicate, rare-tag, tag-name, no-regions, missing-tag, negative, size. With --predictions also overlooked, swapped, misplaced and spurious: each with a score from 0 to 1 (certainly wrong), the most likely mistakes first. Near-duplicates are searched in an archive on disk, and elsewhere with --duplicates.\n\nExamples:\n  tagscope check --project forks\n  tagscope check --source forks-archive --json | jq -r 'select(.check == \"overlap\").imageId'\n  tagscope check --project forks --predictions \"Iteration 1\" --only overlooked,swapped,misplaced,spurious"
    )]
    Check {
        #[command(flatten)]
        images: ImagesArgs,
        #[command(flatten)]
        check: CheckArgs,
        /// Print one JSON object per line: check, imageId, regionIds, tags, message and numbers.
        #[arg(long)]
        json: bool,
    },
    /// Print what a bug report needs, without a secret, and how to fix what is wrong.
    #[command(after_help = "Changes nothing and calls no service.\n\nExample:\n  tagscope doctor > doctor.txt")]
    Doctor {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show what has changed from one state of a project to another.
    #[command(
        after_help = "A state is FOLDER (an archive or a dataset), FOLDER#ITERATION, the address of an archive in an object store (s3://..., also with #ITERATION), or service:PROJECT[#ITERATION]. Images are matched by id, else by the SHA-256 of the original, else by name; regions by id, else by tag and IoU, else by IoU. A region has moved if one of its edges moved by half a pixel or more.\nThe exit status is 0 even if there are differences; with --exit-code it is 1 then. It is 5 if part of a state could not be read.\n\nExamples:\n  tagscope diff forks-october forks-november\n  tagscope diff 'service:forks#Iteration 3' service:forks --json\n  tagscope diff forks-archive from-another-tool --exit-code"
    )]
    Diff {
        /// The first state.
        #[arg(value_name = "A", value_hint = ValueHint::AnyPath)]
        from: OsString,
        /// The second state.
        #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
        to: OsString,
        /// The resource's endpoint, for states of a service.
        #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
        endpoint: Option<String>,
        /// The IoU from which two boxes without a common id may be the same region: above 0, at most 1.
        #[arg(long, value_name = "IOU", default_value_t = DEFAULT_IOU, value_parser = iou)]
        iou: f32,
        /// Print one JSON object per change, and the summary as the last line.
        #[arg(long)]
        json: bool,
        /// End with exit status 1 if there are differences.
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Compare predictions with the labels: average precision, precision, recall, F1, and a confusion matrix.
    #[command(
        after_help = "With --iteration, the predictions and labels are those of the iteration; with --predictions, the labels are the workspace's. Files: COCO results, COCO files whose annotations have a score, YOLO label files with a confidence, JSON lines of the prediction service or of Azure ML; a folder may hold several. AP, AP50 and AP75 are those of pycocotools (bbox, all areas, 100 detections per image and tag). --save writes a table (.csv) with a row for each prediction of at least --score and each missed label, or all predictions as JSON lines with their outcomes (.jsonl) or as COCO results (.json); --predictions can read the last two.\n\nExamples:\n  tagscope evaluate --project forks --iteration \"Iteration 1\"\n  tagscope evaluate --source forks-archive --predictions runs/predict --score 0.25 --json\n  tagscope evaluate --source forks-archive --predictions results.json --labels instances.json --query 'tag:fork'\n  tagscope evaluate --project forks --iteration \"Iteration 1\" --save outcomes.csv\n  tagscope evaluate --project forks --iteration \"Iteration 1\" --save results.json --labels instances_default.json"
    )]
    Evaluate {
        #[command(flatten)]
        project: ProjectArgs,
        #[command(flatten)]
        evaluate: EvaluateArgs,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Export the tagged images of a project as a dataset.
    #[command(
        after_help = "Examples:\n  tagscope export --project forks --format coco,jsonl --images original --out forks-2026-11\n  tagscope export --project forks --format yolo --split 80/10/10 --gif convert --out forks-yolo\n  tagscope export --project forks --format azureml --azureml-url azureml://subscriptions/S/resourcegroups/G/workspaces/W/datastores/D/paths/forks/ --out forks-azureml\n  tagscope export --project forks --format parquet --out s3://datasets/forks\n\nUse --resume to continue after a network failure, a full disk or a crash. A format that is one file is written to the root of the folder and refers to images/. The others (yolo, voc, azureml, datumaro, createml, huggingface, webdataset, parquet) are the folder itself if they are the only format, else a folder with their name; crops and annotated always have a folder. REPORT.md lists what each format cannot store."
    )]
    Export {
        #[command(flatten)]
        images: ImagesArgs,
        /// Formats, separated by commas.
        #[arg(long, value_enum, value_delimiter = ',', required = true)]
        format: Vec<FormatArg>,
        /// Which pictures to export: as uploaded, as trained on, or none.
        #[arg(long = "images", value_enum, default_value_t, value_name = "PICTURES")]
        pictures: PicturesArg,
        #[command(flatten)]
        options: FormatArgs,
        /// Continue an interrupted run with the same choices, if there is one. Complete pictures are not downloaded again.
        #[arg(long)]
        resume: bool,
        /// Print a report as JSON instead of the folder's path.
        #[arg(long)]
        json: bool,
        /// The new folder; it must not exist. Or an address of an object store (s3://, gs://, az://, abfss://) with nothing
        /// below it.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Save a whole project in a folder (every image with its labels and pictures), or update such a folder.
    #[command(
        after_help = "Use --resume to continue an interrupted run. A second run downloads what is new and reports what changed. The report lists the exported models of each archived iteration, with --models or without.\n\nExamples:\n  tagscope archive --project forks --iterations --resume --out forks-archive\n  tagscope archive --project forks --predictions --models --resume --out forks-archive\n  tagscope archive --project forks --iterations --out az://backup/forks"
    )]
    Archive {
        #[command(flatten)]
        project: ProjectArgs,
        /// Continue an interrupted run with the same choices, if there is one.
        #[arg(long)]
        resume: bool,
        /// Also save the images of each trained iteration, with the tags and regions it was trained on. Iterations that
        /// are already in the archive are always updated.
        #[arg(long)]
        iterations: bool,
        /// Also save what each trained iteration predicts on its images, and the service's own figures of it. Includes
        /// --iterations.
        #[arg(long)]
        predictions: bool,
        /// Also save the model files of each trained iteration that have already been exported on the service; nothing
        /// is exported for it. Includes --iterations.
        #[arg(long)]
        models: bool,
        /// Do not save the service's thumbnails; they are made from the originals when needed.
        #[arg(long)]
        no_thumbnails: bool,
        /// Print a report as JSON instead of the folder's path.
        #[arg(long)]
        json: bool,
        /// A new folder, or an archive of the same project to update. Or an address of an object store (s3://, gs://, az://,
        /// abfss://) with nothing below it.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Check an archive or an export: every file, hash, count and box.
    #[command(
        after_help = "Prints one line per difference, incomplete picture and missing picture: the file, a tab character, and what is wrong.\nExit status 0: every file is as the manifest says and every picture is complete; 1: there are differences; 5: pictures are missing or incomplete.\n\nExamples:\n  tagscope verify forks-archive\n  tagscope verify s3://datasets/forks"
    )]
    Verify {
        /// The folder, or an address in an object store. Of an export there, every file and hash is checked.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Print a report as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Set the URL of the pictures in the Azure ML lists of an export.
    #[command(
        after_help = "First upload the export's images folder, then give its URL here.\n\nExample:\n  tagscope rewrite-azureml-url forks-azureml azureml://subscriptions/S/resourcegroups/G/workspaces/W/datastores/D/paths/forks/images/"
    )]
    RewriteAzuremlUrl {
        /// The export.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// The URL of the uploaded folder.
        #[arg(value_name = "URL", value_hint = ValueHint::Url)]
        url: String,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Turn a dataset on disk into an archive, to view, review, serve and export it.
    #[command(
        after_help = "Items that are missing or broken are skipped and listed (exit status 5).\n\nExamples:\n  tagscope import auto dataset --out forks\n  tagscope import auto train.json val.json --out forks\n  tagscope import coco annotations.json --images photos --out forks\n  tagscope import yolo dataset/data.yaml --out forks\n  tagscope import voc VOCdevkit --out forks\n  tagscope import jsonl export/images.jsonl --out forks\n  tagscope import label-studio tasks.json --images uploads --out forks"
    )]
    Import {
        /// The dataset's format.
        #[arg(value_enum)]
        format: ImportFormatArg,
        /// The dataset's file or folder; several of one format become one archive.
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, required = true)]
        paths: Vec<PathBuf>,
        /// The folder that the file names are relative to. [default: where this format usually has its pictures]
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        images: Option<PathBuf>,
        /// The new folder; it must not exist.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
        /// Print a report as JSON instead of the folder's path.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Export or import the decisions and comments of reviewers.
    #[command(subcommand_required = true, after_help = "Example:\n  tagscope reviews export --project forks > ann.csv")]
    Reviews {
        #[command(subcommand)]
        action: ReviewsCommand,
    },
    /// Serve an archive or the sample project as a read-only Custom Vision endpoint on 127.0.0.1.
    #[command(
        after_help = "The first line on standard output is JSON: {\"endpoint\",\"projectId\",\"projectName\",\"trainingKey\"}. Ctrl+C stops it.\n\nExamples:\n  tagscope serve forks\n  tagscope serve --sample --images 10000 --regions 10"
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
        /// The port; 0 means any free one.
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// Misbehave on purpose, to test a client. Can be repeated; `list` prints all faults.
        #[arg(long = "fault", value_name = "NAME=VALUE", hide = true)]
        faults: Vec<String>,
        #[command(flatten)]
        quiet: QuietArgs,
    },
    /// Print completions for a shell.
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
    /// Number of images in the sample project. [default: 240]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub images: Option<u32>,
    /// Regions per image. [default: about six, depending on the scene]
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(0..=300))]
    pub regions: Option<u32>,
}

/// A command about a key.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Store a key, read from standard input or from a hidden prompt.
    #[command(after_help = "Example:\n  tagscope key set --endpoint https://westus2.api.cognitive.microsoft.com")]
    Set(KeyArgs),
    /// Print where the key would come from: keychain, environment, or none.
    #[command(after_help = "Example:\n  tagscope key status --endpoint https://westus2.api.cognitive.microsoft.com")]
    Status(KeyArgs),
    /// Remove the key.
    #[command(after_help = "Example:\n  tagscope key remove --endpoint https://westus2.api.cognitive.microsoft.com")]
    Remove(KeyArgs),
}

/// Whose key.
#[derive(Clone, Debug, Args)]
pub(super) struct KeyArgs {
    /// The resource's endpoint, from its "Keys and Endpoint" page in the Azure portal.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub endpoint: Option<String>,
    #[command(flatten)]
    pub quiet: QuietArgs,
}

/// An IoU that can be reached and says something.
fn iou(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(iou) if iou > 0.0 && iou <= 1.0 => Ok(iou),
        _ => Err("an IoU is above 0 and at most 1".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum OrderArg {
    /// Latest first.
    #[default]
    Newest,
    /// Earliest first.
    Oldest,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum PicturesArg {
    /// As uploaded, byte for byte.
    #[default]
    Original,
    /// The resized pictures the service trains on, byte for byte.
    Resized,
    /// Labels only.
    None,
}
