//! `tagscope archive`: the whole project into a folder, or such a folder brought up to date. `tagscope import`: a
//! dataset on disk into an archive.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::config::{Environment, ProjectChoice, SourceChoice};
use super::end::{CommandResult, Done, Trouble};
use super::job::{
    self, look_first, print_kept, print_published, print_skips, progress_of, stopped, take_back, uploads, verified,
};
use super::place;
use super::place::local;
use super::terminal::Terminal;
use app::{ArchiveJob, ArchiveReport, ArchivedIteration, TaskId, words};
use domain::{Destination, ImageId};
use engine::archiving::{self, ArchiveOptions, ArchiveSpec, words_of_exports};
use engine::failure;
use engine::import::{DatasetPlace, import_all};
use formats::layout::Certainty;

/// What is left of an archive that was stopped before anything was downloaded.
const NOTHING: &str = "Nothing was archived.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub out: Destination,
    pub is_resumed: bool,
    pub has_thumbnails: bool,
    pub has_iterations: bool,
    pub has_predictions: bool,
    pub has_models: bool,
    pub is_json: bool,
}

pub(super) async fn run(
    choice: &ProjectChoice,
    wanted: Wanted,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let archived = match &choice.place {
        SourceChoice::Archive(folder) => Some(folder.display().to_string()),
        SourceChoice::Store(address) => Some(address.to_string()),
        SourceChoice::Service(_) => None,
    };
    if let Some(place) = archived {
        return Err(Trouble::Usage(format!("{place} is already an archive. Copy the folder, or give --endpoint URL")));
    }
    let cancel = job::cancelling(is_quiet, job::KEEPING)?;
    let terminal = Terminal::new(is_quiet);
    let Wanted { has_thumbnails, has_iterations, has_predictions, has_models, .. } = wanted;
    let purpose = ArchiveSpec { has_thumbnails, has_iterations, has_predictions, has_models }.purpose();
    let looked = look_first(&wanted.out, &purpose, wanted.is_resumed, &terminal, &cancel).await;
    looked.map_err(|trouble| stopped(trouble, &wanted.out, NOTHING))?;
    let source = place::open(&choice.place, environment, is_quiet)?;
    let (project, _) = place::project(&source, choice, environment).await?;
    let job = ArchiveJob {
        plan: None,
        task: TaskId(0),
        project,
        out: wanted.out,
        is_resumed: wanted.is_resumed,
        has_thumbnails,
        has_iterations,
        has_predictions,
        has_models,
    };
    let options = ArchiveOptions { uploads: uploads(&job.out, &terminal)?, ..ArchiveOptions::default() };
    let terminal = Arc::new(Mutex::new(terminal));
    let out = job.out.clone();
    let report = archiving::run(&source, job, options, progress_of(&terminal), cancel).await;
    let mut terminal = take_back(terminal);
    let report = report.map_err(Trouble::Failed).inspect_err(|trouble| print_kept(trouble, &out, is_quiet));
    let report = report.map_err(|trouble| stopped(trouble, &out, NOTHING))?;
    print_report(&report, wanted.is_json, &mut terminal)
}

/// The folder, or all of it as JSON, on standard output; the rest to people.
fn print_report(report: &ArchiveReport, is_json: bool, terminal: &mut Terminal) -> CommandResult {
    print_published(&report.folder, is_json.then_some(report), terminal)?;
    terminal.say(&format!(
        "Archived {:?}: {}, {} without tags, {}, {}, {} ({}), in {:.1} s; {} \
         downloaded, {} reused. {}",
        report.project,
        words::count(report.images, "image", "images"),
        words::thousands(report.untagged),
        words::count(report.regions, "region", "regions"),
        words::count(report.tags, "tag", "tags"),
        words::count(report.originals + report.thumbnails, "picture", "pictures"),
        words::count(report.bytes, "byte", "bytes"),
        report.seconds,
        report.fetched,
        report.reused,
        verified(&report.folder)
    ));
    for one in &report.iterations {
        terminal.say(&iteration_words(one));
    }
    if report.is_update {
        say_ids("New since the last run", &report.added, terminal);
        say_ids("Changed since the last run", &report.changed, terminal);
        say_ids("No longer on the service, kept in vanished.jsonl", &report.vanished, terminal);
    }
    if report.completed > 0 {
        let pictures = words::count(report.completed, "picture", "pictures");
        terminal.say(&format!(
            "{pictures} that were incomplete in the previous archive: downloaded again, now \
                               complete."
        ));
    }
    for note in report.notes.iter().chain(&report.remarks).chain(&report.mended).chain(&words::cleared(&report.cleared))
    {
        terminal.say(note);
    }
    let done = print_skips(&report.skips, 0, terminal);
    Ok(if report.notes.is_empty() { done } else { Done::WithSkips })
}

/// What an iteration has, and how many images nothing else has.
fn iteration_words(one: &ArchivedIteration) -> String {
    let count = |number, noun: &str| words::count(number, noun, &format!("{noun}s"));
    let [images, regions] = [count(one.images + one.untagged, "image"), count(one.regions, "region")];
    let [tags, only] = [count(one.tags, "tag"), count(one.only_there, "image")];
    let gone = if one.is_vanished { "; it is no longer on the service" } else { "" };
    let exports = words_of_exports(one.exports.as_deref());
    format!(
        "Iteration {:?}: {images}, {regions}, {tags}; {only} only in this iteration{gone}; exported models: {exports}.",
        one.name
    )
}

/// A count, with the first few ids.
fn say_ids(what: &str, images: &[ImageId], terminal: &Terminal) {
    const SHOWN: usize = 5;
    if images.is_empty() {
        return terminal.say(&format!("{what}: none."));
    }
    let mut ids: Vec<String> = images.iter().take(SHOWN).map(ImageId::to_string).collect();
    if images.len() > SHOWN {
        ids.push("...".to_owned());
    }
    terminal.say(&format!("{what}: {} ({}).", images.len(), ids.join(", ")));
}

/// `tagscope import`. `is_auto`: the format was detected.
pub(super) async fn import(
    places: Vec<DatasetPlace>,
    out: PathBuf,
    is_json: bool,
    is_auto: bool,
    is_quiet: bool,
) -> CommandResult {
    let cancel = job::cancelling(is_quiet, job::REMOVING)?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || import_all(&places, &out, &progress, &cancel));
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("the import panicked")));
    let mut terminal = take_back(terminal);
    let report = report.map_err(|failure| job::interrupted(failure, "Nothing was imported.", local))?;
    let folder = Destination::Folder(report.folder.clone());
    print_published(&folder, is_json.then_some(&report), &mut terminal)?;
    if let Some(found) = report.recognized.as_ref().filter(|_| is_auto) {
        let sure = if found.certainty == Certainty::Certain { "" } else { " (likely)" };
        terminal.say(&format!("Recognized as {}{sure}: {}.", found.format.label(), found.signs.join("; ")));
    }
    terminal.say(&format!(
        "Imported {} of {} and {} of {} as {:?}; {} copied.",
        words::thousands(report.images_out),
        words::count(report.images_in, "image", "images"),
        words::thousands(report.regions_out),
        words::count(report.regions_in, "region", "regions"),
        report.project,
        words::count(report.pictures, "picture", "pictures")
    ));
    if let Some(words) = words::cleared(&report.cleared) {
        terminal.say(&words);
    }
    Ok(print_skips(&report.skips, 0, &terminal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ArchivedExport, ExportFacts};

    #[test]
    fn one_image_is_no_images() {
        let mut one = ArchivedIteration {
            id: Default::default(),
            name: "First".to_owned(),
            images: 1,
            untagged: 0,
            regions: 1,
            tags: 1,
            only_there: 1,
            is_vanished: false,
            exports: None,
        };
        assert_eq!(
            iteration_words(&one),
            "Iteration \"First\": 1 image, 1 region, 1 tag; 1 image only in this iteration; exported \
             models: not known."
        );
        (one.untagged, one.regions, one.only_there, one.is_vanished) = (1, 1_200, 0, true);
        one.exports = Some(Vec::new());
        let words = "Iteration \"First\": 2 images, 1,200 regions, 1 tag; 0 images only in this iteration; it is no longer on the \
             service; exported models: none.";
        assert_eq!(iteration_words(&one), words);
        let export = |platform: &str, file: Option<&str>| ArchivedExport {
            facts: ExportFacts { platform: platform.to_owned(), status: "Done".to_owned(), ..ExportFacts::default() },
            file: file.map(str::to_owned),
            is_gone: false,
        };
        one.exports = Some(vec![export("CoreML", Some("models/a.zip")), export("ONNX", None)]);
        let words = iteration_words(&one);
        assert!(words.ends_with("; exported models: CoreML (archived), ONNX (on the service)."), "{words}");
    }
}
