//! Where a project comes from. A service and a folder have the same interface here; above this file there is no
//! other difference between them. The command line uses it too.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use crate::failure::{self, OrFailure as _, ToFailure as _};
use app::{Failure, FailureKind};
use domain::{
    BlobKind, BlobUri, Domain, ImageId, Iteration, IterationId, Listed, Page, Problem, Project, ProjectId, ProjectKind,
    Tag,
};
use service::{Client, ListQuery, ServiceError};
use storage::Archive;
use storage::archive::{Contents, ListMismatch};

/// An open source. Cheap to clone.
#[derive(Clone)]
pub enum Source {
    Service(Client),
    Archive(Arc<Archive>),
    /// A resource that is not connected: what an earlier visit has left in the caches is all there is.
    Kept,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service(client) => write!(f, "Service({})", client.endpoint()),
            Self::Archive(archive) => write!(f, "Archive({})", archive.place()),
            Self::Kept => f.write_str("Kept"),
        }
    }
}

impl Source {
    /// Whether it is an archive. Archives keep originals alone: these stand for the smaller kinds, and are scaled down.
    pub fn is_archive(&self) -> bool {
        matches!(self, Self::Archive(_))
    }

    /// Whether its pictures are on this computer: an archive in a folder.
    pub fn has_pictures_here(&self) -> bool {
        matches!(self, Self::Archive(archive) if !archive.is_far())
    }

    /// Whether it is an archive that is not on this computer and keeps a thumbnail of an image.
    pub(super) fn has_far_thumbnail(&self, image: ImageId) -> bool {
        matches!(self, Self::Archive(archive) if archive.is_far() && archive.has(image, BlobKind::Thumbnail))
    }

    /// Its projects with their kinds, in the service's order, and what could not be read of their list.
    ///
    /// # Errors
    /// When the service fails. An unknown domain is no error: the kind is then unknown.
    pub async fn projects(&self) -> Result<Listed<(Project, ProjectKind)>, Failure> {
        match self {
            Self::Service(client) => {
                let (projects, domains) = tokio::join!(client.projects(), client.domains());
                let projects = projects.or_failure()?;
                let (domains, failed) = match domains {
                    Ok(domains) => (domains, None),
                    Err(error) => (Listed::default(), Some(no_kind("kind of the projects", &error))),
                };
                let mut projects = projects.map(|project| {
                    let kind = ProjectKind::of(&project, domain_of(&project, &domains));
                    (project, kind)
                });
                projects.problems.extend(failed);
                Ok(projects)
            }
            Self::Archive(archive) => Ok(vec![(archive.project().clone(), archive.kind())].into()),
            Self::Kept => Err(not_connected()),
        }
    }

    /// One project with its kind, and the fields of it that could not be read.
    ///
    /// # Errors
    /// When it is not there or the service fails.
    pub async fn project(&self, project: ProjectId) -> Result<((Project, ProjectKind), Vec<Problem>), Failure> {
        match self {
            Self::Service(client) => {
                let (project, mut odd) = client.project(project).await.or_failure()?;
                let domain = match project.settings.domain_id {
                    Some(domain) => match client.domain(domain).await {
                        Ok((domain, _)) => Some(domain),
                        // A domain that was retired: the kind is unknown for good.
                        Err(ServiceError::NotFound { .. }) => None,
                        Err(error) => {
                            odd.push(no_kind("kind of the project", &error));
                            None
                        }
                    },
                    None => None,
                };
                let kind = ProjectKind::of(&project, domain.as_ref());
                Ok(((project, kind), odd))
            }
            Self::Archive(archive) if archive.project().id == project => {
                Ok(((archive.project().clone(), archive.kind()), Vec::new()))
            }
            Self::Archive(_) => Err(no_project()),
            Self::Kept => Err(not_connected()),
        }
    }

    /// The domains, of which an archive of the project needs some.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn domains(&self) -> Result<Listed<Domain>, Failure> {
        match self {
            Self::Service(client) => client.domains().await.or_failure(),
            Self::Archive(archive) => Ok(archive.domains().to_vec().into()),
            Self::Kept => Err(not_connected()),
        }
    }

    /// The tags of an iteration (`None`: of the workspace), and what could not be read of their list.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn tags(&self, project: ProjectId, iteration: Option<IterationId>) -> Result<Listed<Tag>, Failure> {
        match self {
            Self::Service(client) => client.tags(project, iteration).await.or_failure(),
            Self::Archive(archive) => Ok(contents(archive, iteration)?.tags().to_vec().into()),
            Self::Kept => Err(not_connected()),
        }
    }

    /// The iterations of a project, the latest first, and what could not be read of their list.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn iterations(&self, project: ProjectId) -> Result<Listed<Iteration>, Failure> {
        let mut iterations = match self {
            Self::Service(client) => client.iterations(project).await.or_failure()?,
            Self::Archive(archive) => archive.iterations().to_vec().into(),
            Self::Kept => return Err(not_connected()),
        };
        // The dates are of one form, in which the order of the text is that of time.
        iterations.entries.sort_by(|a, b| b.created.cmp(&a.created));
        Ok(iterations)
    }

    /// Iterations as they are shown: those of which an archive has only the name say so.
    pub(super) fn for_display(&self, mut iterations: Vec<Iteration>) -> Vec<Iteration> {
        if let Self::Archive(archive) = self {
            for iteration in iterations.iter_mut().filter(|one| archive.contents(Some(one.id)).is_none()) {
                "Not in this archive".clone_into(&mut iteration.status);
            }
        }
        iterations
    }

    /// The first rows of a project, the latest first.
    ///
    /// # Errors
    /// When the service fails or the archive cannot be read.
    pub async fn first_rows(&self, project: ProjectId, take: u32) -> Result<Page, Failure> {
        match self {
            Self::Service(client) => client.images_page(project, &ListQuery::default(), 0, take).await.or_failure(),
            Self::Archive(archive) => {
                let archive = Arc::clone(archive);
                blocking(move || archive.page(0, take as usize).or_failure()).await
            }
            Self::Kept => Err(not_connected()),
        }
    }

    /// Images by their ids, with fresh addresses. Archives have no addresses and answer with nothing.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn images_by_ids(
        &self,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: &[ImageId],
    ) -> Result<Page, Failure> {
        match self {
            Self::Service(client) => {
                let page = client.images_by_ids(project, iteration, images).await;
                page.or_failure()
            }
            Self::Archive(_) => Ok(Page::default()),
            Self::Kept => Err(not_connected()),
        }
    }

    /// The bytes of a picture: by its address from a service, by its id from an archive.
    ///
    /// # Errors
    /// [`FailureKind::Expired`] when the address is too old; [`FailureKind::MissingPicture`] when there is none.
    pub async fn blob(
        &self,
        project: ProjectId,
        image: ImageId,
        kind: BlobKind,
        uri: Option<&BlobUri>,
    ) -> Result<Bytes, Failure> {
        match self {
            Self::Service(client) => {
                let uri = uri.ok_or_else(missing_picture)?;
                client.blob(project, uri).await.or_failure()
            }
            Self::Archive(archive) if archive.is_far() => far_picture(archive, image, kind, true).await,
            Self::Archive(archive) => {
                let archive = Arc::clone(archive);
                blocking(move || match archive.original_facts(image) {
                    Some(_) => archive.read_blob(image, kind).map_err(|error| failure::from_archived_picture(&error)),
                    None => Err(missing_picture()),
                })
                .await
                .map(Bytes::from)
            }
            Self::Kept => Err(not_connected()),
        }
    }

    /// Under which project its pictures are kept in the disk cache. Those made from an archive's originals are kept
    /// apart from the service's own, and apart from those of the archive that stood in this place before.
    pub async fn cache_scope(&self, project: ProjectId) -> ProjectId {
        let Self::Archive(archive) = self else { return project };
        let archive = Arc::clone(archive);
        let scope = blocking(move || {
            let manifest = archive.root().join(storage::archive::MANIFEST_FILE);
            let changed = std::fs::metadata(manifest).and_then(|facts| facts.modified()).ok();
            let changed = changed.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let name = format!("{}\n{}", archive.root().display(), changed.unwrap_or_default().as_nanos());
            Ok(ProjectId(Uuid::new_v5(&project.0, name.as_bytes())))
        });
        scope.await.unwrap_or(project)
    }
}

/// A picture of an archive that is not on this computer. `keeps`: it is kept here for the next time.
pub(super) async fn far_picture(
    archive: &Archive,
    image: ImageId,
    kind: BlobKind,
    keeps: bool,
) -> Result<Bytes, Failure> {
    let (files, wanted) = archive.far_picture(image, kind).ok_or_else(missing_picture)?;
    files.picture(wanted, keeps).await.map_err(|error| failure::from_archived_picture(&error))
}

/// The service does not say which domain it is, and so not what the project trains.
fn no_kind(what: &str, error: &ServiceError) -> Problem {
    let reason = format!("it is not known, because the domains cannot be listed ({error})");
    Problem::OddField { field: what.to_owned(), reason }
}

fn domain_of<'a>(project: &Project, domains: &'a [Domain]) -> Option<&'a Domain> {
    let wanted = project.settings.domain_id?;
    domains.iter().find(|domain| domain.id == wanted)
}

/// What an archive holds of an iteration, or with `None` of the workspace.
pub(super) fn contents(archive: &Archive, iteration: Option<IterationId>) -> Result<&Contents, Failure> {
    archive.contents(iteration).ok_or_else(|| Failure::bare(FailureKind::IterationNotHeld))
}

/// What speaks against an archive being as it was written, a sentence each: in its manifest and the lists of the workspace,
/// and in those of an iteration where one is given. Blocks; lists that were read before are not read again.
///
/// # Errors
/// When a list cannot be read.
pub fn doubts_of(archive: &Archive, iteration: Option<IterationId>) -> Result<Vec<String>, Failure> {
    let mut doubts = archive.mismatches().or_failure()?;
    if let Some(held) = archive.contents(iteration).filter(|_| iteration.is_some()) {
        doubts.extend(held.mismatches().or_failure()?);
    }
    let words = |ListMismatch { file, what }| {
        format!("{file} {what}. Its data may be wrong; `tagscope verify` lists every difference.")
    };
    Ok(doubts.into_iter().map(words).collect())
}

fn no_project() -> Failure {
    Failure::bare(FailureKind::NotFound { what: "project".to_owned() })
}

/// Nothing can be requested: only what is on this computer is there.
pub(super) fn not_connected() -> Failure {
    Failure::bare(FailureKind::NotConnected)
}

fn missing_picture() -> Failure {
    Failure::bare(FailureKind::MissingPicture)
}

/// Runs what blocks off the threads that serve the network; its panic becomes a failure.
///
/// # Errors
/// Those of the work, and when it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_failure()))
}
