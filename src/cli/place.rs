//! Opening what the arguments name: the key, the service or archive, the project, its iteration and tags.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::config::{Environment, ImagesChoice, ProjectChoice, SourceChoice};
use super::end::Trouble;
use super::terminal::Terminal;
use app::words::capitalized;
use app::{Failure, FailureKind, Settings};
use domain::listed::sentences;
use domain::{Catalogue, Iteration, IterationId, Listed, ObjectAddress, Project, ProjectKind};
pub(super) use engine::choose::short;
use engine::choose::{self, Unchosen};
use engine::failure::OrFailure as _;
use engine::far::{self, FarAccess, FarArchive};
use engine::waits::Waits;
use engine::{Source, doubts_of, know_originals};
use remote::StoreOptions;
use service::{Client, ClientOptions, Endpoint, ListQuery, Observer, Order, Waiting};
use storage::{Archive, BlobCache, KeyringVault, Mirrors, Paths, Vault, load_json};

/// Long enough for the user to unlock the keychain, short enough for a script.
const KEYCHAIN_PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn keychain() -> impl Vault {
    KeyringVault::with_timeout(KEYCHAIN_PATIENCE)
}

/// The endpoint that the window used last; empty when there is none.
pub(super) fn last_endpoint() -> String {
    match Paths::find() {
        Ok(paths) => load_json::<Settings>(&paths.settings_file()).value.endpoint,
        Err(_) => String::new(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyOrigin {
    Keychain,
    Environment,
}

/// The key of an endpoint: the keychain's, else the environment's. A keychain that does not work is reported when there is no
/// other key.
pub(super) fn find_key(
    endpoint: &Endpoint,
    environment: &Environment,
    vault: &dyn Vault,
) -> Result<(SecretString, KeyOrigin), Trouble> {
    let kept = vault.get(&endpoint.to_string());
    if let Ok(Some(key)) = kept {
        return Ok((key, KeyOrigin::Keychain));
    }
    if let Some(key) = &environment.key {
        return Ok((key.clone(), KeyOrigin::Environment));
    }
    let details = match kept {
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    };
    Err(Trouble::Failed(Failure::new(FailureKind::NoKey, details)))
}

/// Opens an archive, and says what speaks against it.
pub(super) fn archive(folder: &Path, environment: &Environment) -> Result<Archive, Trouble> {
    let archive = Archive::open(folder).or_failure().map_err(no_archive)?;
    environment.doubt(&doubts_of(&archive, None)?);
    Ok(archive)
}

/// What is no archive, and how to make one of it.
fn no_archive(failure: Failure) -> Trouble {
    match &failure.kind {
        FailureKind::NotAnArchive { path, reason } => Trouble::Output(format!(
            "{path} is not an archive. {reason} Give the folder of an archive; tagscope import auto {path} --out DIR makes one \
             of an export or a dataset."
        )),
        _ => local(failure),
    }
}

/// Opens an archive in a store, and says what speaks against it.
fn stored(address: &ObjectAddress, environment: &Environment, is_quiet: bool) -> Result<Archive, Trouble> {
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let shown = Arc::clone(&terminal);
    let mut access = far_access(is_quiet)?;
    access.progress = Some(Arc::new(move |came, of| {
        shown.lock().unwrap_or_else(PoisonError::into_inner).progress("Downloading the list", came, of);
    }));
    let opened = far::open(address, &access, &CancellationToken::new());
    terminal.lock().unwrap_or_else(PoisonError::into_inner).end_progress();
    let FarArchive { archive, notice, .. } = opened?;
    environment.doubt(&Vec::from_iter(notice));
    environment.doubt(&doubts_of(&archive, None)?);
    Ok(archive)
}

/// The same catalogue with the sizes of the originals of an archive; in a store they have to be read one by one.
pub(super) async fn know_sizes(
    source: &Source,
    catalogue: Catalogue,
    terminal: &Terminal,
) -> Result<Catalogue, Failure> {
    if source.is_archive() && !source.has_pictures_here() {
        terminal.say("Reading the sizes of the pictures that are not known yet.");
    }
    know_originals(source, catalogue).await
}

/// How archives in stores are opened: with the caches that the window has.
pub(super) fn far_access(is_quiet: bool) -> Result<FarAccess, Failure> {
    let paths = Paths::find().or_failure()?;
    let settings = load_json::<Settings>(&paths.settings_file()).value;
    // Without it each picture comes again.
    let blobs = BlobCache::open(&paths.blobs_dir(), settings.disk_cache_bytes).ok();
    let observer = (!is_quiet).then(|| observer(is_quiet));
    Ok(FarAccess {
        mirrors: Mirrors::new(paths.mirrors_dir(), settings.list_bytes),
        blobs,
        store: StoreOptions { observer, ..StoreOptions::default() },
        progress: None,
        must_reach: false,
    })
}

/// Says what speaks against what an archive holds of an iteration.
pub(super) fn doubt(
    archive: &Archive,
    iteration: Option<IterationId>,
    environment: &Environment,
) -> Result<(), Trouble> {
    let known = doubts_of(archive, None)?;
    let all = doubts_of(archive, iteration)?;
    environment.doubt(&all[known.len().min(all.len())..]);
    Ok(())
}

/// A failure with files of this computer: what is not there has been refused by nobody.
pub(super) fn local(failure: Failure) -> Trouble {
    match failure.kind {
        FailureKind::NotFound { what } => Trouble::Output(format!("the {what} was not found")),
        _ => Trouble::Failed(failure),
    }
}

/// Opens a place, and says the waits of a service. Nothing is sent to a service yet; of an archive in a store the list comes.
pub(super) fn open(place: &SourceChoice, environment: &Environment, is_quiet: bool) -> Result<Source, Trouble> {
    match place {
        SourceChoice::Archive(folder) => Ok(Source::Archive(Arc::new(archive(folder, environment)?))),
        SourceChoice::Store(address) => Ok(Source::Archive(Arc::new(stored(address, environment, is_quiet)?))),
        SourceChoice::Service(endpoint) => {
            let (key, _) = find_key(endpoint, environment, &keychain())?;
            let client = Client::new(endpoint.clone(), key, ClientOptions::default()).or_failure()?;
            Ok(Source::Service(if is_quiet { client } else { client.with_observer(observer(is_quiet)) }))
        }
    }
}

/// Says a service's waits to people: once, when several calls wait for the same.
pub(super) fn observer(is_quiet: bool) -> Observer {
    let (terminal, waits) = (Terminal::new(is_quiet), Waits::default());
    Arc::new(move |waiting: Waiting| {
        if let Some(words) = waits.news(&waiting, Instant::now()) {
            terminal.say(&sentence(&words));
        }
    })
}

/// `The service asks to slow down, 6 s.`
fn sentence(words: &str) -> String {
    format!("{}.", capitalized(words))
}

/// The project that the arguments name.
///
/// # Errors
/// When there is none of this name, or none was named and there may be several.
pub(super) async fn project(
    source: &Source,
    choice: &ProjectChoice,
    environment: &Environment,
) -> Result<(Project, ProjectKind), Trouble> {
    project_named(source, choice.project.as_deref(), "--project", environment).await
}

/// The project of this name or id; `how` is where a command takes the name.
///
/// # Errors
/// When there is none of this name, or none was named and there may be several.
pub(super) async fn project_named(
    source: &Source,
    wanted: Option<&str>,
    how: &str,
    environment: &Environment,
) -> Result<(Project, ProjectKind), Trouble> {
    if let Some(id) = wanted.and_then(|wanted| wanted.trim().parse().ok()) {
        match source.project(id).await {
            Ok((found, odd)) => {
                // They are fields of this very project.
                environment.doubt(&sentences(&odd));
                return Ok(found);
            }
            // It may be the name of another one.
            Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    let projects = source.projects().await?;
    environment.say(&projects.sentences());
    if let Some(wanted) = wanted {
        let chosen = choose("project", wanted, &projects, |(project, _)| (project.id, &project.name)).cloned();
        return chosen.map_err(|trouble| or_unread(trouble, "projects", &projects));
    }
    match &*projects {
        // The others may be just those that could not be read.
        [only] if !projects.lacks_entries() => Ok(only.clone()),
        [] if projects.lacks_entries() => {
            Err(Trouble::NotThere("none of the listed projects could be read".to_owned()))
        }
        [] => Err(Trouble::NotThere("there are no projects".to_owned())),
        several => {
            Err(Trouble::Usage(format!("choose one with {how}. The projects are\n  {}", told(several).join("\n  "))))
        }
    }
}

/// What is not there may be in the part of a list that could not be read.
fn or_unread<T>(trouble: Trouble, command: &str, listed: &Listed<T>) -> Trouble {
    match trouble {
        Trouble::NotThere(words) if !listed.problems.is_empty() => {
            let count = listed.problems.len();
            Trouble::NotThere(format!(
                "{words}. Some entries of the list could not be read ({count}); see tagscope {command}"
            ))
        }
        other => other,
    }
}

/// Projects that are listed when none was chosen.
const TOLD: usize = 10;
/// The first projects, each by its id and name: names may be long, and several may have the same.
fn told(projects: &[(Project, ProjectKind)]) -> Vec<String> {
    let words = |(project, _): &(Project, ProjectKind)| format!("{}  {:?}", project.id, short(&project.name));
    let mut lines: Vec<String> = projects.iter().take(TOLD).map(words).collect();
    if projects.len() > TOLD {
        lines.push(format!("and {} more (list them with: tagscope projects)", projects.len() - TOLD));
    }
    lines
}

/// The iteration that the arguments name; `None`: the workspace.
pub(super) async fn iteration(
    source: &Source,
    project: &Project,
    wanted: Option<&str>,
    environment: &Environment,
) -> Result<Option<Iteration>, Trouble> {
    let Some(wanted) = wanted else { return Ok(None) };
    let iterations = source.iterations(project.id).await?;
    environment.say(&iterations.sentences());
    let chosen = choose("iteration", wanted, &iterations, |iteration| (iteration.id, &iteration.name))
        .map_err(|trouble| or_unread(trouble, "iterations", &iterations))?;
    if let Source::Archive(archive) = source {
        doubt(archive, Some(chosen.id), environment)?;
    }
    Ok(Some(chosen.clone()))
}

/// A project with the images of it that the arguments choose.
pub(super) struct Chosen {
    pub project: Project,
    pub kind: ProjectKind,
    pub iteration: Option<Iteration>,
    pub query: ListQuery,
}

/// The project, iteration and tags that the arguments name.
pub(super) async fn images(
    source: &Source,
    choice: &ImagesChoice,
    order: Order,
    environment: &Environment,
) -> Result<Chosen, Trouble> {
    let (project, kind) = project(source, &choice.project, environment).await?;
    let iteration = iteration(source, &project, choice.iteration.as_deref(), environment).await?;
    let iteration_id = iteration.as_ref().map(|iteration| iteration.id);
    let mut tags = Vec::new();
    if !choice.tags.is_empty() {
        let known = source.tags(project.id, iteration_id).await?;
        environment.say(&known.sentences());
        for wanted in &choice.tags {
            let chosen = choose("tag", wanted, &known, |tag| (tag.id, &tag.name));
            tags.push(chosen.map_err(|trouble| or_unread(trouble, "tags", &known))?.id);
        }
    }
    Ok(Chosen {
        project,
        kind,
        iteration,
        query: ListQuery { iteration: iteration_id, tags, order, ..ListQuery::default() },
    })
}

/// The one of `items` that `wanted` means, as [`choose::choose`] finds it.
pub(super) fn choose<'a, T, I>(
    what: &str,
    wanted: &str,
    items: &'a [T],
    of: impl Fn(&'a T) -> (I, &'a str),
) -> Result<&'a T, Trouble>
where
    I: FromStr + PartialEq + Display,
{
    Ok(choose::choose(what, wanted, items, of)?)
}

impl From<Unchosen> for Trouble {
    fn from(why: Unchosen) -> Self {
        match why {
            Unchosen::NotThere(words) => Self::NotThere(words),
            Unchosen::Unclear(words) => Self::Usage(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ProjectId;

    #[test]
    fn many_projects_are_told_by_their_ids_and_not_without_end() {
        let project = |number: u128| {
            let id = ProjectId(uuid::Uuid::from_u128(number));
            (Project::named(id, &"x".repeat(5_000)), ProjectKind::default())
        };
        let projects: Vec<_> = (0..5_000).map(project).collect();
        let lines = told(&projects);
        assert_eq!(lines.len(), TOLD + 1);
        assert!(lines[3].starts_with("00000000-0000-0000-0000-000000000003  \"xxx"), "{}", lines[3]);
        assert!(lines.concat().len() < 2_000 && lines[TOLD].contains("4990 more"));
        assert_eq!(told(&projects[..2]).len(), 2);
    }
}
