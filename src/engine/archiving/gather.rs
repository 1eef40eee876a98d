//! What the service says of a project: its facts, and every image.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Gathered, Job, missing, trained};
use crate::export::Progress;
use crate::source::Source;
use app::{ArchiveReport, Failure, Skip, words};
use domain::{Catalogue, Domain, ImageId, ImageRow, Iteration, Listed, Page, Problem, Project, Tally};
use service::{ListQuery, PagerOptions, Rows};
use storage::ArchiveFacts;

/// The images of the workspace as they were listed.
pub(super) struct Workspace {
    pub(super) tagged: Catalogue,
    pub(super) untagged: Vec<ImageRow>,
    /// Images that are listed and whose rows cannot be read.
    pub(super) unreadable: FxHashSet<ImageId>,
    /// Why the lists may lack images; `None`: they do not.
    pub(super) doubt: Option<String>,
}

impl Workspace {
    pub(super) fn is_empty(&self) -> bool {
        self.tagged.is_empty() && self.untagged.is_empty() && self.unreadable.is_empty()
    }

    /// The images that are listed, in rows that can be read.
    pub(super) fn ids(&self) -> impl Iterator<Item = ImageId> {
        self.tagged.iter().map(|image| image.id()).chain(self.untagged.iter().map(|row| row.id))
    }

    pub(super) fn add(&mut self, row: ImageRow) {
        match row.tags.is_empty() && row.regions.is_empty() {
            true => self.untagged.push(row),
            false => drop(self.tagged.append(vec![row])),
        }
    }
}

/// Lists all of it; what cannot be read is itemized.
pub(super) async fn gather(source: &Source, job: &Arc<Job>, report: &mut ArchiveReport) -> Result<Gathered, Failure> {
    let project = job.wanted.project.clone();
    let mut iterations = entries(source.iterations(project.id).await?, report);
    let tags = entries(source.tags(project.id, None).await?, report);
    let domains = spoken_of(domains(source, job, report).await?, &project, &iterations);
    let mut tagged = Catalogue::new();
    tagged.set_tags(&tags);
    let mut workspace = Workspace { tagged, untagged: Vec::new(), unreadable: FxHashSet::default(), doubt: None };
    list(source, job, Rows::Tagged, &mut workspace, report).await?;
    list(source, job, Rows::Untagged, &mut workspace, report).await?;
    missing::settle(source, job, &mut workspace, report).await?;
    let Workspace { tagged: mut catalogue, untagged, .. } = workspace;
    let tagged = catalogue.len() as u32;
    report.images = u64::from(tagged);
    report.regions = catalogue.region_count() as u64;
    catalogue.append(untagged);
    report.untagged = catalogue.len() as u64 - report.images;
    let trained = match job.has_iterations() {
        true => trained::gather(source, job, &catalogue, &mut iterations, report).await?,
        false => Vec::new(),
    };
    let facts = ArchiveFacts { project, domains, iterations, tags };
    Ok(Gathered { facts, catalogue: Arc::new(catalogue), tagged, trained })
}

/// Adds the images of a kind. One that got its first tag, or lost its last, meanwhile is kept as it came first.
async fn list(
    source: &Source,
    job: &Job,
    rows: Rows,
    workspace: &mut Workspace,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let is_tagged = rows == Rows::Tagged;
    let query = ListQuery { rows, ..ListQuery::default() };
    let mut pages = source.pages(job.wanted.project.id, query, PagerOptions::default());
    let mut seen = FxHashSet::default();
    while let Some(step) = pages.next().await {
        job.rest().await?;
        let step = step?;
        report.skips.extend(problems(&step.page));
        workspace.unreadable.extend(step.page.problems.iter().filter_map(image_of));
        let is_new = |row: &ImageRow| workspace.tagged.find(row.id).is_none() && (is_tagged || seen.insert(row.id));
        let fresh: Vec<ImageRow> = step.page.rows.into_iter().filter(is_new).collect();
        match is_tagged {
            true => drop(workspace.tagged.append(fresh)),
            false => workspace.untagged.extend(fresh),
        }
        let done = (workspace.tagged.len() + workspace.untagged.len()) as u64;
        (job.progress)(Progress { stage: "Listing", done, total: step.report.total.unwrap_or_default(), bytes: 0 });
    }
    if let Some(doubt) = doubt(source, &pages.report()) {
        report.notes.push(incomplete(if is_tagged { "The list" } else { "The list of images without tags" }, &doubt));
        workspace.doubt.get_or_insert(doubt);
    }
    Ok(())
}

/// Why a list that has ended may lack images; `None`: it does not, as far as the evidence goes.
pub(super) fn doubt(source: &Source, tally: &Tally) -> Option<String> {
    if !tally.is_whole {
        return Some(words::doubt(tally));
    }
    // Of an archive the lines themselves are all there are.
    let is_counted = tally.total.is_some() || source.is_archive();
    let listed = || words::count(tally.listed, "image", "images");
    (!is_counted).then(|| format!("{} listed, and the service did not report how many there are", listed()))
}

fn image_of(problem: &Problem) -> Option<ImageId> {
    match problem {
        Problem::UnreadableRow { image: Some(image), .. } => Some(*image),
        _ => None,
    }
}

/// The entries of a list; what cannot be read of it is noted.
pub(super) fn entries<T>(listed: Listed<T>, report: &mut ArchiveReport) -> Vec<T> {
    report.notes.extend(listed.problems.iter().map(|problem| format!("{problem}.")));
    listed.entries
}

pub(super) fn problems(page: &Page) -> Vec<Skip> {
    let rows = page.problems.iter().map(unreadable_row);
    let regions = page.rows.iter().flat_map(|row| {
        let unreadable = row.problems.iter().filter(|problem| problem.is_loss());
        unreadable.map(|problem| {
            let (image, name, reason) = (row.id.to_string(), row.name().map(str::to_owned), problem.to_string());
            Skip { image, name, region: None, format: None, is_left_out: true, reason }
        })
    });
    rows.chain(regions).collect()
}

/// A sentence about a list that did not come whole.
pub(super) fn incomplete(list: &str, doubt: &str) -> String {
    format!("{list} may be incomplete: {doubt}. Run it again to update the archive.")
}

/// The domains: of the service, or when it does not tell, those that the former archive has.
async fn domains(source: &Source, job: &Job, report: &mut ArchiveReport) -> Result<Vec<Domain>, Failure> {
    match source.domains().await {
        Ok(listed) => Ok(entries(listed, report)),
        Err(failure) if failure.kind.origin().ends_at_once() => Err(failure),
        Err(failure) => {
            let former = job.former.as_ref().map(|former| former.domains().to_vec());
            let kept = match &former {
                Some(_) => "Those of the former archive are kept.",
                None => "So the archive does not say what the project trains. Run it again to bring it up to date.",
            };
            report.notes.push(format!("The domains cannot be listed: {} {kept}", failure.headline()));
            Ok(former.unwrap_or_default())
        }
    }
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
    Skip { image, name: None, region: None, format: None, is_left_out: true, reason: problem.to_string() }
}
