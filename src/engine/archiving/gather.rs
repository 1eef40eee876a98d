//! What the service says of a project: its facts, and every image. An image of the former archive that is not listed only counts
//! as vanished when the lists are known to be whole and the service does not know its id; else the archive keeps listing it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::report::{doubt, entries, incomplete, problems};
use super::{Gathered, Job, former, trained};
use crate::export::JobProgress;
use crate::source::{Source, blocking};
use app::{ArchiveReport, Failure, FailureKind, words};
use domain::{Catalogue, Domain, ImageId, ImageRow, Iteration, Problem, Project};
use service::{ListQuery, ListingKind, PagerOptions};
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
    list(source, job, ListingKind::Tagged, &mut workspace, report).await?;
    list(source, job, ListingKind::Untagged, &mut workspace, report).await?;
    add_unlisted(source, job, &mut workspace, report).await?;
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
    rows: ListingKind,
    workspace: &mut Workspace,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let is_tagged = rows == ListingKind::Tagged;
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
        (job.progress)(JobProgress { stage: "Listing", done, total: step.report.total.unwrap_or_default(), bytes: 0 });
    }
    if let Some(doubt) = doubt(source, &pages.report()) {
        report.notes.push(incomplete(if is_tagged { "The list" } else { "The list of images without tags" }, &doubt));
        workspace.doubt.get_or_insert(doubt);
    }
    Ok(())
}

fn image_of(problem: &Problem) -> Option<ImageId> {
    match problem {
        Problem::UnreadableRow { image: Some(image), .. } => Some(*image),
        _ => None,
    }
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

/// Adds those that are still there, and where the lists are in doubt all others as the former archive has them. Fails when nothing
/// at all was listed and nobody knows whether that is true.
async fn add_unlisted(
    source: &Source,
    job: &Arc<Job>,
    workspace: &mut Workspace,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let mut unlisted = unlisted(job, workspace).await?;
    if unlisted.is_empty() {
        return Ok(());
    }
    if let Some(doubt) = workspace.doubt.as_ref().filter(|_| workspace.is_empty()) {
        return Err(empty(job, doubt, unlisted.len()));
    }
    let ids: Vec<ImageId> = unlisted.keys().copied().collect();
    let asked = source.images_by_ids(job.wanted.project.id, None, &ids).await;
    let mut is_asked = true;
    match asked {
        Ok(page) => {
            report.skips.extend(problems(&page));
            for row in page.rows.into_iter().filter(|row| unlisted.remove(&row.id).is_some()).collect::<Vec<_>>() {
                workspace.add(row);
            }
        }
        // Not every endpoint can be asked for images by their ids.
        Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }) => {
            is_asked = false;
        }
        Err(failure) => return Err(failure),
    }
    let is_doubtful = workspace.doubt.is_some();
    let mut kept: Vec<ImageRow> =
        unlisted.into_values().filter(|row| is_doubtful || workspace.unreadable.contains(&row.id)).collect();
    if kept.is_empty() {
        return Ok(());
    }
    kept.sort_by(|a, b| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
    report.notes.push(format!(
        "{} of the archive were not listed this time{}. They were kept unchanged.",
        words::count(kept.len() as u64, "image", "images"),
        if is_asked { ", not even when requested by id" } else { "" }
    ));
    for row in kept {
        let reason = "It was not in the list, which may be incomplete. It was kept as it was in the archive.";
        report.itemize(row.id, row.name(), false, reason);
        workspace.add(row);
    }
    Ok(())
}

/// The rows of the former archive's workspace that were not listed.
async fn unlisted(job: &Arc<Job>, workspace: &Workspace) -> Result<FxHashMap<ImageId, ImageRow>, Failure> {
    let Some(held) = job.former.clone() else { return Ok(FxHashMap::default()) };
    let mut rows = blocking(move || {
        let mut rows = FxHashMap::default();
        former::each_row(&held, held.workspace(), |row| {
            rows.insert(row.id, row);
        })?;
        Ok(rows)
    })
    .await?;
    for id in workspace.ids() {
        rows.remove(&id);
    }
    Ok(rows)
}

fn empty(job: &Job, doubt: &str, held: usize) -> Failure {
    let out = job.out.display();
    let held = words::count(held as u64, "image", "images");
    Failure::bare(FailureKind::Conflict {
        reason: format!(
            "The service listed no images at all ({doubt}), but the archive {out} has {held}. The archive was not \
             changed."
        ),
        advice: "Run it again later. If the project really is empty now, archive it to a new folder.".to_owned(),
    })
}
