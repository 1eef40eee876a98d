//! What the service says of a project: its facts, and every tagged image.

use rustc_hash::FxHashSet;

use crate::app::{ArchiveJob, ArchiveReport, Failure, Skip, words};
use crate::domain::{Catalogue, Domain, Iteration, Problem, Project};
use crate::engine::export::{Progress, ProgressSink};
use crate::engine::source::Source;
use crate::service::{ListQuery, PagerOptions, Rows};
use crate::storage::ArchiveFacts;

/// What a project has.
pub(super) struct Gathered {
    pub(super) facts: ArchiveFacts,
    /// The tagged images, and behind them those without any tag.
    pub(super) catalogue: Catalogue,
    /// Number of the tagged ones.
    pub(super) tagged: u32,
}

/// Lists all of it; what cannot be read is itemised.
pub(super) async fn gather(
    source: &Source,
    job: &ArchiveJob,
    progress: &ProgressSink,
    report: &mut ArchiveReport,
) -> Result<Gathered, Failure> {
    let id = job.project.id;
    let iterations = source.iterations(id).await?;
    let tags = source.tags(id, None).await?;
    let domains = spoken_of(source.domains().await, &job.project, &iterations);
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags);
    list(source, job, Rows::Tagged, &mut catalogue, progress, report).await?;
    let tagged = catalogue.len() as u32;
    report.images = u64::from(tagged);
    report.regions = catalogue.region_count() as u64;
    list(source, job, Rows::Untagged, &mut catalogue, progress, report).await?;
    report.untagged = catalogue.len() as u64 - report.images;
    let facts = ArchiveFacts { project: job.project.clone(), domains, iterations, tags };
    Ok(Gathered { facts, catalogue, tagged })
}

/// Appends the images of a kind. One that got its first tag, or lost its last, meanwhile is taken as it came first.
async fn list(
    source: &Source,
    job: &ArchiveJob,
    rows: Rows,
    catalogue: &mut Catalogue,
    progress: &ProgressSink,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let query = ListQuery { rows, ..ListQuery::default() };
    let mut pages = source.pages(job.project.id, query, PagerOptions::default());
    while let Some(step) = pages.next().await {
        let step = step?;
        for problem in &step.page.problems {
            report.skips.push(unreadable_row(problem));
        }
        for row in &step.page.rows {
            for problem in row.problems.iter().filter(|problem| matches!(problem, Problem::UnreadableRegion { .. })) {
                report.itemise(row.id, true, problem.to_string());
            }
        }
        let fresh = step.page.rows.into_iter().filter(|row| catalogue.find(row.id).is_none()).collect::<Vec<_>>();
        catalogue.append(fresh);
        let done = catalogue.len() as u64;
        progress(Progress { stage: "Listing", done, total: step.report.total.unwrap_or_default(), bytes: 0 });
    }
    let tally = pages.report();
    if !tally.is_whole {
        let doubt = words::doubt(&tally);
        report.notes.push(format!("The list is incomplete: {doubt}. Run it again to bring the archive up to date."));
    }
    Ok(())
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
