//! What the service says of a project: its facts, and every image.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Gathered, Job, trained};
use crate::app::{ArchiveReport, Failure, Skip, words};
use crate::domain::{Catalogue, Domain, Iteration, Page, Problem, Project, Tally};
use crate::engine::export::Progress;
use crate::engine::source::Source;
use crate::service::{ListQuery, PagerOptions, Rows};
use crate::storage::ArchiveFacts;

/// Lists all of it; what cannot be read is itemised.
pub(super) async fn gather(source: &Source, job: &Arc<Job>, report: &mut ArchiveReport) -> Result<Gathered, Failure> {
    let project = job.wanted.project.clone();
    let mut iterations = source.iterations(project.id).await?;
    let tags = source.tags(project.id, None).await?;
    let domains = spoken_of(source.domains().await, &project, &iterations);
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags);
    list(source, job, Rows::Tagged, &mut catalogue, report).await?;
    let tagged = catalogue.len() as u32;
    report.images = u64::from(tagged);
    report.regions = catalogue.region_count() as u64;
    list(source, job, Rows::Untagged, &mut catalogue, report).await?;
    report.untagged = catalogue.len() as u64 - report.images;
    let trained = match job.has_iterations() {
        true => trained::gather(source, job, &catalogue, &mut iterations, report).await?,
        false => Vec::new(),
    };
    let facts = ArchiveFacts { project, domains, iterations, tags };
    Ok(Gathered { facts, catalogue: Arc::new(catalogue), tagged, trained })
}

/// Appends the images of a kind. One that got its first tag, or lost its last, meanwhile is taken as it came first.
async fn list(
    source: &Source,
    job: &Job,
    rows: Rows,
    catalogue: &mut Catalogue,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let query = ListQuery { rows, ..ListQuery::default() };
    let mut pages = source.pages(job.wanted.project.id, query, PagerOptions::default());
    while let Some(step) = pages.next().await {
        job.rest().await?;
        let step = step?;
        report.skips.extend(problems(&step.page));
        let fresh = step.page.rows.into_iter().filter(|row| catalogue.find(row.id).is_none()).collect::<Vec<_>>();
        catalogue.append(fresh);
        let done = catalogue.len() as u64;
        (job.progress)(Progress { stage: "Listing", done, total: step.report.total.unwrap_or_default(), bytes: 0 });
    }
    let tally = pages.report();
    if !tally.is_whole {
        report.notes.push(incomplete("The list", &tally));
    }
    Ok(())
}

/// What cannot be read of a page.
pub(super) fn problems(page: &Page) -> Vec<Skip> {
    let rows = page.problems.iter().map(unreadable_row);
    let regions = page.rows.iter().flat_map(|row| {
        let unreadable = row.problems.iter().filter(|problem| matches!(problem, Problem::UnreadableRegion { .. }));
        unreadable.map(|problem| {
            let (image, reason) = (row.id.to_string(), problem.to_string());
            Skip { image, region: None, format: None, is_left_out: true, reason }
        })
    });
    rows.chain(regions).collect()
}

/// A sentence about a list that did not come whole.
pub(super) fn incomplete(list: &str, tally: &Tally) -> String {
    format!("{list} is incomplete: {}. Run it again to bring the archive up to date.", words::doubt(tally))
}

/// The domains of the project and its iterations: the service's whole list is the same for everybody.
fn spoken_of(domains: Vec<Domain>, project: &Project, iterations: &[Iteration]) -> Vec<Domain> {
    let of_iterations = iterations.iter().filter_map(|iteration| iteration.other.get("domainId")?.as_str());
    let mut wanted: FxHashSet<String> = of_iterations.map(str::to_ascii_lowercase).collect();
    wanted.extend(project.settings.domain_id.map(|id| id.to_string()));
    domains.into_iter().filter(|domain| wanted.contains(&domain.id.to_string())).collect()
}

fn unreadable_row(problem: &Problem) -> Skip {
    let image = match problem {
        Problem::UnreadableRow { image: Some(image), .. } => image.to_string(),
        _ => "a row".to_owned(),
    };
    Skip { image, region: None, format: None, is_left_out: true, reason: problem.to_string() }
}
