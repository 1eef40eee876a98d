//! Reading a state: all its images, with and without tags, and what is known of their originals.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use super::LoadedState;
use crate::failure;
use crate::import::{self, DatasetPlace, Imported};
use crate::pages::Pages;
use crate::source::{Source, blocking, doubts_of};
use app::changes::CompareJob;
use app::{Failure, words};
use domain::changes::Digest;
use domain::{Catalogue, ImageId, ImageIx, ImageRow, IterationId, Problem, Project, ProjectKind, Tag};
use storage::Archive;

/// Notes and skips of a state that are listed one by one.
const MOST_TOLD: usize = 10;

/// Reads a state of a project of a service or archive, with images that have no tags where `has_untagged`. `came` gets
/// the number of images read so far.
///
/// # Errors
/// When the service fails, or the archive has no such state or cannot be read.
pub async fn load(
    source: &Source,
    facts: (Project, ProjectKind),
    iteration: Option<IterationId>,
    has_untagged: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Failure> {
    let project = facts.0.id;
    let tags = source.tags(project, iteration).await?;
    let mut state = Gathering::new(&tags);
    tags.sentences().into_iter().for_each(|sentence| state.doubt(sentence));
    let (mut is_whole, mut of_rows) = (true, Vec::new());
    for mut pages in Pages::for_state(source, project, iteration, has_untagged) {
        while let Some(step) = pages.next().await {
            let page = step?.page;
            came(page.rows.len() as u64);
            page.problems.iter().for_each(|problem| state.unreadable(problem));
            state.add(page.rows);
        }
        let report = pages.report();
        // More rows than the manifest of an archive promises are a doubt about it, and none is missing.
        is_whole &= if report.is_of_archive { report.missing == 0 } else { report.is_whole };
        if !report.is_whole {
            of_rows.extend(words::list_notes(&report));
        }
    }
    let mut loaded = state.finish(facts, is_whole);
    loaded.doubts.extend(of_rows);
    let Source::Archive(archive) = source else { return Ok(loaded) };
    let archive = Arc::clone(archive);
    blocking(move || {
        loaded.digests = digests_of(&archive, &loaded.catalogue);
        // What the manifest says of the files: the same for each command.
        loaded.doubts.extend(doubts_of(&archive, iteration)?);
        loaded.archive = Some(archive);
        Ok(loaded)
    })
    .await
}

struct Gathering {
    catalogue: Catalogue,
    unreadable: FxHashSet<ImageId>,
    /// Rows of which not even the image is known.
    nameless: u64,
    /// Rows of images that the list has already.
    repeated: u64,
    doubts: Vec<String>,
    untold: u64,
}

impl Gathering {
    fn new(tags: &[Tag]) -> Self {
        let mut catalogue = Catalogue::new();
        catalogue.set_tags(tags);
        Self::of(catalogue)
    }

    fn of(catalogue: Catalogue) -> Self {
        let (unreadable, doubts) = (FxHashSet::default(), Vec::new());
        Self { catalogue, unreadable, nameless: 0, repeated: 0, doubts, untold: 0 }
    }

    fn doubt(&mut self, sentence: String) {
        if self.doubts.len() < MOST_TOLD {
            self.doubts.push(sentence);
        } else {
            self.untold += 1;
        }
    }

    fn add(&mut self, rows: Vec<ImageRow>) {
        for row in &rows {
            // It was in the list before this one.
            self.repeated += u64::from(self.catalogue.find(row.id).is_some());
            for problem in row.problems.iter().filter(|problem| problem.is_loss()) {
                self.doubt(format!("Image {}: {problem}.", row.id));
            }
        }
        self.catalogue.append(rows);
    }

    fn unreadable(&mut self, problem: &Problem) {
        match problem {
            Problem::UnreadableRow { image: Some(image), .. } => {
                self.unreadable.insert(*image);
            }
            _ => self.nameless += 1,
        }
        self.doubt(format!("{problem}."));
    }

    /// The whole of it. `is_whole`: no row is missing.
    fn finish(self, (project, kind): (Project, ProjectKind), is_whole: bool) -> LoadedState {
        let Self { mut catalogue, mut unreadable, nameless, repeated, mut doubts, untold } = self;
        catalogue.shrink();
        if repeated > 0 {
            let rows = words::count(repeated, "row repeats an image", "rows repeat an image");
            doubts.push(format!("{rows} that is listed already; the first row was used."));
        }
        if untold > 0 {
            doubts.push(format!("And {}.", words::count(untold, "more problem", "more problems")));
        }
        unreadable.retain(|&id| catalogue.find(id).is_none());
        LoadedState {
            is_import: domain::changes::is_of_import(&project),
            catalogue,
            project,
            kind,
            digests: FxHashMap::default(),
            unreadable,
            is_incomplete: !is_whole || nameless > 0,
            lacks_parts: false,
            doubts,
            notes: Vec::new(),
            archive: None,
            files: FxHashMap::default(),
        }
    }
}

/// The images that the window has open as a state. Blocks.
pub(super) fn opened(source: &Source, job: &CompareJob) -> Result<LoadedState, Failure> {
    let mut state = Gathering::of((*job.catalogue).clone());
    job.problems.iter().for_each(|problem| state.unreadable(problem));
    let mut loaded = state.finish((job.project.clone(), job.kind), !job.is_incomplete);
    if job.is_incomplete {
        loaded.doubts.push("The list of images is not complete.".to_owned());
    }
    if let Source::Archive(archive) = source {
        loaded.digests = digests_of(archive, &loaded.catalogue);
        loaded.doubts.extend(doubts_of(archive, job.iteration)?);
        loaded.archive = Some(Arc::clone(archive));
    }
    Ok(loaded)
}

/// Reads a dataset of another program. Its pictures are hashed and not kept. Blocks. It is an error if no image could be read: all
/// images of the other state would look as if they had been removed.
pub(super) fn load_dataset(
    places: &[DatasetPlace],
    came: impl Fn(u64) + Send + Sync + 'static,
    cancel: &CancellationToken,
) -> Result<LoadedState, Failure> {
    let came = Arc::new(came);
    let progress: crate::export::ProgressSink = Arc::new(move |progress: crate::export::JobProgress| {
        if progress.done.is_multiple_of(64) {
            came(64);
        }
    });
    let (report, imported) = import::into_memory(places, &progress, cancel)?;
    let Imported { rows, pictures, facts } = imported;
    if rows.is_empty() {
        return Err(import::nothing_read(places, &report));
    }
    let facts = facts.ok_or_else(|| failure::internal("the dataset has no project"))?;
    let kind = ProjectKind::of(&facts.project, facts.domains.first());
    let mut state = Gathering::new(&facts.tags);
    state.add(rows);
    let mut loaded = state.finish((facts.project, kind), true);
    let sizes: Vec<(ImageIx, (u32, u32))> =
        loaded.catalogue.iter().filter_map(|image| Some((image.ix, pictures.get(&image.id())?.size))).collect();
    loaded.catalogue.know_originals(&sizes);
    loaded.digests = pictures.iter().filter_map(|(&id, facts)| Some((id, *facts.sha256.sum()?))).collect();
    loaded.files = pictures.into_iter().filter_map(|(id, facts)| Some((id, facts.file?))).collect();
    let without = loaded.catalogue.len().saturating_sub(loaded.digests.len()) as u64;
    if without > 0 {
        let images = words::count(without, "image has", "images have");
        loaded.doubts.push(format!(
            "{images} no picture that could be read: another file name makes a removed and an added image of them, and a \
             changed picture is not noticed."
        ));
    }
    loaded.is_import = true;
    let (lost, noted): (Vec<_>, Vec<_>) = report.skips.iter().partition(|skip| skip.is_left_out);
    let told = |skips: &[&app::Skip]| {
        let words = |skip: &&app::Skip| format!("{}: {}.", skip.image, skip.reason.trim_end_matches('.'));
        let mut sentences: Vec<_> = skips.iter().take(MOST_TOLD).map(words).collect();
        let more = skips.len().saturating_sub(MOST_TOLD) as u64;
        if more > 0 {
            sentences.push(format!("And {}.", words::count(more, "more", "more")));
        }
        sentences
    };
    // What was left out is a box or a tag of a known image, as far as images and boxes add up.
    let less = |before: u64, after: u64| before.saturating_sub(after);
    let images = less(report.images_in, report.images_out);
    let counted = images + less(report.regions_in, report.regions_out);
    loaded.is_incomplete = images > 0 || lost.len() as u64 > counted;
    loaded.lacks_parts = !lost.is_empty();
    loaded.doubts.extend(told(&lost));
    loaded.notes = told(&noted);
    Ok(loaded)
}

/// The hashes of the originals of an archive, as its manifest has them.
fn digests_of(archive: &Archive, catalogue: &Catalogue) -> FxHashMap<ImageId, Digest> {
    let digests = catalogue.iter().filter_map(|image| {
        let facts = archive.original_facts(image.id())?;
        Some((image.id(), *facts.sha256.sum()?))
    });
    digests.collect()
}
