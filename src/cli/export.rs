//! `tagscope export`: the chosen images as a dataset, by the engine's own export.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::config::{Environment, ImagesChoice};
use super::end::{CommandResult, Done, Trouble};
use super::job::{
    look_first, print_kept, print_published, print_skips, progress_of, stopped, take_back, uploads, verified,
};
use super::place::{self, Chosen};
use super::query::{self, Found};
use super::terminal::Terminal;
use super::{catalogue, job};
use app::{ExportJob, ExportReport, Failure, FailureKind, TaskId, words};
use domain::{Catalogue, CheckOptions, Destination, Finding, ImageId, ImageIx};
use engine::export::{self, ExportOptions, ExportSpec};
use engine::failure::OrFailure as _;
use engine::reviewing::{self, About};
use engine::{Source, SourceFetch, failure};
use formats::{Format, FormatOptions, PixelChoice, SplitGroup, azureml};
use service::Order;
use storage::{Paths, refuse_inside};

/// Metadata keys that are named where one is not there.
const MOST_KEYS: usize = 20;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub formats: Vec<Format>,
    pub pixels: PixelChoice,
    pub options: FormatOptions,
    pub is_resumed: bool,
    pub is_json: bool,
    pub out: Destination,
}

/// `tagscope rewrite-azureml-url`.
pub(super) fn rewrite(folder: &Path, url: &str, is_quiet: bool) -> CommandResult {
    if let Err(reason) = azureml::checked_url(url) {
        return Err(Trouble::Usage(reason));
    }
    let images = export::rewrite_azureml_url(folder, url)?;
    let mut terminal = Terminal::new(is_quiet);
    print_published(&Destination::Folder(folder.to_path_buf()), None::<&()>, &mut terminal)?;
    let images = words::count(images, "image", "images");
    terminal.say(&format!("The URL was set for {images}, and the manifest was updated."));
    Ok(Done::Whole)
}

pub(super) async fn run(
    choice: &ImagesChoice,
    wanted: Wanted,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    if let Some(folder) = wanted.out.folder() {
        // Before anything is downloaded.
        if folder.symlink_metadata().is_ok() {
            let path = folder.display().to_string();
            return Err(Trouble::Failed(Failure::bare(FailureKind::AlreadyThere { path })));
        }
        refuse_inside(folder).or_failure()?;
    }
    let words = if wanted.out.folder().is_some() { job::REMOVING } else { job::KEEPING };
    let cancel = job::cancelling(is_quiet, words)?;
    let mut terminal = Terminal::new(is_quiet);
    let out = wanted.out.clone();
    let stopped = |trouble| stopped(trouble, &out, "Nothing was exported.");
    let query = choice.query.as_ref().map(|query| query.text.trim().to_owned());
    let Wanted { formats, pixels, options, .. } = &wanted;
    let spec = ExportSpec { formats, pixels: *pixels, options, query: query.as_deref(), tags: &choice.tags };
    let looked = look_first(&out, &spec.purpose(), wanted.is_resumed, &terminal, &cancel).await;
    looked.map_err(stopped)?;
    let source = place::open(&choice.project.place, environment, is_quiet)?;
    let listing = async {
        let mut chosen = place::images(&source, choice, Order::Newest, environment).await?;
        let found = query::find(&source, &mut chosen, choice.query.as_ref(), environment, &mut terminal).await?;
        Ok((chosen, found))
    };
    let listed = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Trouble::Failed(failure::canceled())),
        listed = Box::pin(listing) => listed,
    };
    let (chosen, Found { catalogue, images, listed, is_damaged }) = listed.map_err(stopped)?;
    refuse_unknown_key(&catalogue, &images, &wanted.options)?;
    let compared = near_duplicates(&source, &chosen, &catalogue, &wanted, &mut terminal);
    let (near_duplicates, uncompared) = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(stopped(Trouble::Failed(failure::canceled()))),
        compared = Box::pin(compared) => compared,
    };
    let mut notes = words::list_notes(&listed);
    let list_notes = notes.len();
    notes.extend(query.as_deref().map(words::query_note));
    if uncompared > 0 {
        let pictures = words::count(uncompared as u64, "picture", "pictures");
        notes.push(format!("{pictures} could not be compared, so near-duplicates of them may be in different parts."));
    }
    let is_json = wanted.is_json;
    let lists = Lists { catalogue, images, near_duplicates, tags: choice.tags.clone() };
    let written = write(source, chosen, lists, wanted, (query, notes), terminal, cancel).await;
    let written = written.inspect_err(|trouble| print_kept(trouble, &out, is_quiet));
    let Written { mut report, mut terminal, lacks_reviews } = written.map_err(stopped)?;
    // They are said with the list.
    report.notes.drain(..list_notes);
    let done = print_report(&report, listed.unreadable, is_json, &mut terminal)?;
    Ok(if catalogue::print_list_doubts(&listed, &terminal) && !is_damaged && !lacks_reviews {
        done
    } else {
        Done::WithSkips
    })
}

/// Refuses a split by a metadata key that no image has: it would not keep apart what it was asked to.
fn refuse_unknown_key(catalogue: &Catalogue, images: &[ImageIx], options: &FormatOptions) -> Result<(), Trouble> {
    let Some(SplitGroup::Meta(key)) = options.split.as_ref().map(|rule| &rule.group) else { return Ok(()) };
    if images.is_empty() || export::has_key(catalogue, images.iter().copied(), key) {
        return Ok(());
    }
    let mut words = words::unknown_key(key);
    let views = images.iter().filter_map(|&ix| catalogue.get(ix));
    let keys: BTreeSet<&str> = views.flat_map(|image| image.metadata()).map(|(name, _)| name).collect();
    if !keys.is_empty() {
        let keys: Vec<&str> = keys.into_iter().take(MOST_KEYS).collect();
        words.push_str(&format!(". Keys of the images: {}", keys.join(", ")));
    }
    Err(Trouble::Usage(words))
}

struct Written {
    report: ExportReport,
    terminal: Terminal,
    /// Whether decisions that were to go along could not be read, which was said.
    lacks_reviews: bool,
}

/// All images, and which of them are chosen.
struct Lists {
    catalogue: Arc<Catalogue>,
    images: Vec<ImageIx>,
    near_duplicates: Arc<[[ImageIx; 2]]>,
    /// The tags that they were listed by, as typed.
    tags: Vec<String>,
}

/// The pairs that are to stay together in one part of the split, and the number of pictures that could not be compared.
async fn near_duplicates(
    source: &Source,
    chosen: &Chosen,
    catalogue: &Arc<Catalogue>,
    wanted: &Wanted,
    terminal: &mut Terminal,
) -> (Arc<[[ImageIx; 2]]>, usize) {
    let group = wanted.options.split.as_ref().map(|rule| &rule.group);
    if group != Some(&SplitGroup::NearDuplicates) {
        return (Arc::default(), 0);
    }
    let options = CheckOptions::default();
    let (found, failed) = catalogue::near_duplicates(source, chosen.project.id, catalogue, &options, terminal).await;
    (found.iter().filter_map(Finding::near_duplicates).collect(), failed)
}

async fn write(
    source: Source,
    chosen: Chosen,
    Lists { catalogue, images, near_duplicates, tags }: Lists,
    wanted: Wanted,
    (query, notes): (Option<String>, Vec<String>),
    terminal: Terminal,
    cancel: CancellationToken,
) -> Result<Written, Trouble> {
    let ids: Vec<ImageId> = images.iter().filter_map(|&ix| catalogue.get(ix)).map(|image| image.id()).collect();
    let iteration = chosen.iteration.as_ref().map(|iteration| iteration.id);
    let About { rows: reviews, damage } =
        if wanted.options.has_reviews { decided(&chosen, ids.clone())? } else { About::default() };
    let lacks_reviews = damage.is_some();
    if let Some(words) = &damage {
        terminal.error(words);
    }
    let notes = notes.into_iter().chain(damage).collect();
    let uploads = uploads(&wanted.out, &terminal)?;
    let options = ExportOptions { reviews, uploads, ..ExportOptions::default() };
    let fetch = SourceFetch::new(source, chosen.project.id, iteration, ids, options.parallel, cancel.clone());
    let job = ExportJob {
        task: TaskId(0),
        plan: None,
        generation: 0,
        images,
        catalogue,
        project: chosen.project,
        kind: chosen.kind,
        iteration: chosen.iteration,
        formats: wanted.formats,
        pixels: wanted.pixels,
        options: wanted.options,
        near_duplicates,
        query,
        tags,
        notes,
        out: wanted.out,
        is_resumed: wanted.is_resumed,
    };
    let terminal = Arc::new(Mutex::new(terminal));
    let report = export::run(job, &fetch, options, progress_of(&terminal), cancel).await;
    let terminal = take_back(terminal);
    Ok(Written { report: report?, terminal, lacks_reviews })
}

/// What was decided about the images in the window.
fn decided(chosen: &Chosen, images: Vec<ImageId>) -> Result<About, Trouble> {
    let paths = Paths::find().map_err(|error| Trouble::Output(format!("there is no folder for decisions: {error}")))?;
    Ok(reviewing::about(&paths.reviews_dir(), chosen.project.id, images.into_iter())?)
}

/// The folder, or all of it as JSON, on standard output; the rest to people.
fn print_report(report: &ExportReport, unreadable: u64, is_json: bool, terminal: &mut Terminal) -> CommandResult {
    print_published(&report.folder, is_json.then_some(report), terminal)?;
    terminal.say(&format!(
        "Exported {} of {} and {} of {}, {}, in {:.1} s. {}",
        words::thousands(report.images()),
        words::count(report.images_in, "image", "images"),
        words::thousands(report.regions()),
        words::count(report.regions_in, "region", "regions"),
        words::count(report.bytes, "byte", "bytes"),
        report.seconds,
        verified(&report.folder)
    ));
    for line in report.poorer_formats() {
        terminal.say(&line);
    }
    if report.reused > 0 {
        let reused = words::count(report.reused, "picture was", "pictures were");
        terminal.say(&format!("{reused} reused from an interrupted run."));
    }
    for note in report.notes.iter().chain(&report.mended).chain(&words::cleared(&report.cleared)) {
        terminal.say(note);
    }
    Ok(print_skips(&report.skips, unreadable, terminal))
}
