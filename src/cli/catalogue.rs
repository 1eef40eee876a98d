//! What the commands that look at all images share: the listed catalogue of a project, what the checks find in it, and
//! what was decided about it in the window.

use std::sync::Arc;

use super::check_args::CheckArgs;
use super::config::Environment;
use super::end::Trouble;
use super::place::Chosen;
use super::terminal::Terminal;
use app::{Settings, words};
use domain::{
    Catalogue, CheckKind, CheckOptions, Finding, Findings, ImageIx, ListingReport, ProjectId, Reviews, TagId, checks,
};
use engine::{Source, hash_pictures};
use service::PagerOptions;
use storage::journal::{self, ReadJournal};
use storage::{Paths, load_json};

/// Pictures without a hash that are named.
const MOST_NAMED: usize = 5;

/// Lists everything that is chosen; and what is known of the list. Tags that cannot be read are said.
pub(super) async fn list(
    source: &Source,
    chosen: &Chosen,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<(Catalogue, ListingReport), Trouble> {
    let mut catalogue = Catalogue::new();
    let iteration = chosen.query.iteration;
    let tags = source.tags(chosen.project.id, iteration).await?;
    environment.doubt(&tags.sentences());
    catalogue.set_tags(&tags);
    let mut pages = source.pages(chosen.project.id, chosen.query.clone(), PagerOptions::default());
    while let Some(step) = pages.next().await {
        let step = step?;
        for problem in &step.page.problems {
            terminal.error(&problem.to_string());
        }
        catalogue.append(step.page.rows);
        terminal.progress("Listing", catalogue.len() as u64, step.report.total.unwrap_or_default());
    }
    terminal.end_progress();
    Ok((catalogue, pages.report()))
}

/// Says what is to be said of a list that has ended, and whether it is whole.
pub(super) fn print_list_doubts(report: &ListingReport, terminal: &Terminal) -> bool {
    if !report.is_whole {
        let doubt = words::doubt(report);
        let verdict = match report.missing {
            0 if report.is_of_archive => "The list does not match the manifest",
            0 => "The list may be incomplete",
            _ => "The list is incomplete",
        };
        terminal.error(&format!("{verdict}: {doubt}. {}", words::doubt_advice(report)));
        return false;
    }
    if let Some(words) = words::uncounted(report) {
        terminal.say(&format!("{words}."));
    }
    if let Some(repeats) = words::repeats(report) {
        terminal.say(&format!("{repeats}; they are printed once."));
    }
    if let Some(gone) = words::gone(report.gone) {
        terminal.say(&format!("{} listed; {gone}.", words::count(report.listed, "image", "images")));
    }
    true
}

/// All findings of the checks, and the number of pictures that could not be compared. `asks_duplicates`: near-duplicates must be known
/// whatever the arguments say.
pub(super) async fn findings(
    source: &Source,
    chosen: &Chosen,
    catalogue: &Arc<Catalogue>,
    args: &CheckArgs,
    asks_duplicates: bool,
    decided: &Decided,
    terminal: &mut Terminal,
) -> (Findings, usize) {
    let options = args.options();
    let project = chosen.project.id;
    let dismissed = decided.reviews.dismissed();
    let is_dismissed =
        |finding: &Finding| !dismissed.is_empty() && finding.key(catalogue).is_some_and(|key| dismissed.contains(&key));
    let mut findings = Findings::default();
    findings.add(checks::all(catalogue, chosen.kind, &options), is_dismissed);
    let is_looking =
        args.wants(CheckKind::Duplicate) && !args.no_duplicates && (source.has_pictures_here() || args.duplicates);
    if !is_looking && !asks_duplicates {
        return (findings, 0);
    }
    let (found, failed) = near_duplicates(source, project, catalogue, &options, terminal).await;
    findings.add(found, is_dismissed);
    (findings, failed)
}

/// Compares all pictures: findings on those that are nearly the same, and the number of those that could not be compared,
/// which are named.
pub(super) async fn near_duplicates(
    source: &Source,
    project: ProjectId,
    catalogue: &Arc<Catalogue>,
    options: &CheckOptions,
    terminal: &mut Terminal,
) -> (Vec<Finding>, usize) {
    let total = catalogue.len() as u64;
    let progress = |done| terminal.progress("Comparing pictures", done, total);
    let (hashes, failures) = hash_pictures(source, project, catalogue, progress).await;
    terminal.end_progress();
    for (ix, failure) in failures.iter().take(MOST_NAMED) {
        let image = catalogue.get(*ix).map(|image| image.id().to_string()).unwrap_or_default();
        terminal.error(&format!("image {image} was not compared with others: {}", failure.headline()));
    }
    if failures.len() > MOST_NAMED {
        let more = words::count((failures.len() - MOST_NAMED) as u64, "more picture", "more pictures");
        terminal.error(&format!("and {more} that could not be compared."));
    }
    (checks::duplicates(catalogue, &hashes, options), failures.len())
}

pub(super) fn has_tag(catalogue: &Catalogue, image: ImageIx, tags: &[TagId]) -> bool {
    let Some(image) = catalogue.get(image) else { return false };
    let of_regions = image.regions().map(|region| region.tag);
    let mut all = image.tags().iter().copied().chain(of_regions);
    all.any(|tag| tags.contains(&catalogue.tags().get(tag).id))
}

/// The decisions of a project.
#[derive(Default)]
pub(super) struct Decided {
    /// The decisions, with the person's name set.
    pub reviews: Reviews,
    /// Whether some could not be read, which was said.
    pub is_damaged: bool,
}

impl Decided {
    /// Reads the decisions of a project.
    ///
    /// # Errors
    /// When they cannot be read at all: an answer without them would be wrong, not only poorer.
    pub(super) fn read(project: ProjectId, environment: &Environment, terminal: &Terminal) -> Result<Self, Trouble> {
        let Ok(paths) = Paths::find() else { return Ok(Self::default()) };
        let unread = |error| Trouble::Output(format!("the decisions made in the window cannot be read: {error}"));
        let ReadJournal { mut reviews, damage } = journal::read(&paths.reviews_dir(), project).map_err(unread)?;
        let notice = journal::with_dismissed(&mut reviews, &paths.dismissed_dir(), project);
        let settings = load_json::<Settings>(&paths.settings_file()).value;
        reviews.set_reviewer(&settings.reviewer_name(environment.user.as_deref()));
        let words: Vec<String> = damage.words().into_iter().chain(notice).collect();
        words.iter().for_each(|words| terminal.error(words));
        Ok(Self { reviews, is_damaged: !words.is_empty() })
    }
}
