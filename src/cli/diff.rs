//! `tagscope diff`: what has changed from one state of a project to another, a change a line.

mod rows;

use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::config::{Environment, SourceChoice};
use super::end::{CommandResult, Done, Trouble};
use super::order::without_query;
use super::place::{self, far_access, local};
use super::terminal::{Terminal, field};
use app::changes::limits;
use app::words::thousands;
use domain::changes::{Change, ChangeKind, Changes, Sides};
use engine::changes::{self, LoadedState, SERVICE, StateError, compare, load_folder, project_and_iteration};
use engine::failure;
use service::Endpoint;

#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub from: OsString,
    pub to: OsString,
    /// The least IoU of two boxes that may be the same region.
    pub iou: f32,
    pub is_json: bool,
    /// Whether differences are an exit status of their own.
    pub has_exit_code: bool,
}

struct Compared {
    from: LoadedState,
    to: LoadedState,
    changes: Changes,
}

impl Compared {
    fn sides(&self) -> Sides<'_> {
        Sides {
            changes: &self.changes,
            from: &self.from.catalogue,
            to: &self.to.catalogue,
            skips_names: self.from.is_import != self.to.is_import,
        }
    }
}

pub(super) async fn run(
    wanted: Wanted,
    endpoint: impl Fn() -> Result<Endpoint, Trouble>,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let service = || endpoint().map(SourceChoice::Service);
    let (came, shown) = (Arc::new(AtomicU64::new(0)), Arc::clone(&terminal));
    let progress = move |count| {
        let done = came.fetch_add(count, Ordering::Relaxed) + count;
        shown.lock().unwrap_or_else(PoisonError::into_inner).progress("Reading", done, 0);
    };
    let read = |typed| load(typed, &service, environment, is_quiet, progress.clone());
    // Both at once: each waits for its own disk or service.
    let (from, to) = tokio::join!(read(&wanted.from), read(&wanted.to));
    let (mut from, mut to) = (from?, to?);
    terminal.lock().unwrap_or_else(PoisonError::into_inner).end_progress();
    for (typed, state) in [(&wanted.from, &from), (&wanted.to, &to)] {
        let of_state = |sentence: &String| format!("{}: {sentence}", typed.to_string_lossy());
        environment.doubt(&state.doubts.iter().map(of_state).collect::<Vec<_>>());
        if !is_quiet {
            environment.say(&state.notes.iter().map(of_state).collect::<Vec<_>>());
        }
    }
    let work = tokio::task::spawn_blocking(move || {
        let changes = compare(&mut from, &mut to, wanted.iou)?;
        Ok(Compared { from, to, changes })
    });
    let compared = work.await.unwrap_or_else(|_| Err(failure::internal("the comparison panicked")))?;
    let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
    if wanted.is_json {
        rows::print(&compared, &mut terminal)?;
    } else {
        print(&compared, &mut terminal)?;
    }
    terminal.flush()?;
    if !is_quiet {
        limits(&compared.changes).iter().for_each(|words| terminal.say(words));
    }
    Ok(if wanted.has_exit_code && !compared.changes.is_empty() { Done::Different } else { Done::Whole })
}

/// Reads the state that was typed.
///
/// # Errors
/// When it is not there or cannot be read; the words begin with the state, because there are two.
async fn load(
    typed: &OsStr,
    service: &impl Fn() -> Result<SourceChoice, Trouble>,
    environment: &Environment,
    is_quiet: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    if typed.is_empty() {
        return Err(Trouble::Usage("a state is empty; give a folder, an address or service:PROJECT".to_owned()));
    }
    let loaded = match typed.to_str().and_then(|text| text.strip_prefix(SERVICE)) {
        Some(wanted) => match service() {
            Ok(at) => load_from_service(wanted, &at, environment, is_quiet, came).await,
            Err(trouble) => Err(trouble),
        },
        None => {
            let far = || far_access(is_quiet);
            load_folder(typed, true, came, far, CancellationToken::new()).await.map_err(disk_trouble)
        }
    };
    loaded.map_err(|trouble| Trouble::InState {
        state: without_query(&typed.to_string_lossy()),
        trouble: Box::new(trouble),
    })
}

fn disk_trouble(error: StateError) -> Trouble {
    match error {
        StateError::Unchosen(why) => why.into(),
        StateError::Failed(failure) => local(failure),
    }
}

async fn load_from_service(
    wanted: &str,
    at: &SourceChoice,
    environment: &Environment,
    is_quiet: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    let source = place::open(at, environment, is_quiet)?;
    let (project, iteration) = project_and_iteration(&source, wanted).await?;
    let project = Some(project).filter(|name| !name.is_empty());
    let facts = place::project_named(&source, project, "service:PROJECT", environment).await?;
    let iteration = place::iteration(&source, &facts.0, iteration, environment).await?;
    Ok(changes::load(&source, facts, iteration.map(|one| one.id), true, came).await?)
}

fn print(compared: &Compared, terminal: &mut Terminal) -> Result<(), Trouble> {
    let (from, to) = (&compared.from.catalogue, &compared.to.catalogue);
    let arrow = |a: usize, b: usize| format!("{} -> {}", thousands(a as u64), thousands(b as u64));
    terminal.line(&format!(
        "images {}, regions {}",
        arrow(from.len(), to.len()),
        arrow(from.region_count(), to.region_count())
    ))?;
    terminal.line(&joined(&compared.changes))?;
    if compared.changes.is_empty() {
        return terminal.line("no differences");
    }
    for kind in ChangeKind::ALL {
        let number = compared.changes.count(kind);
        if number > 0 {
            terminal.line(&format!("{:>8}  {}", thousands(number), kind.name()))?;
        }
    }
    for change in &compared.changes.facts {
        terminal.line(&field(&change.to_string()))?;
    }
    for change in &compared.changes.tag_list {
        terminal.line(&field(&change.to_string()))?;
    }
    let sides = compared.sides();
    for changes in compared.changes.list.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
        terminal.line("")?;
        terminal.line(&heading(&sides, &changes[0]))?;
        for change in changes {
            let is_told = change.kind == ChangeKind::ImageUnknown || !change.is_uncertain;
            let doubt = if is_told { "" } else { " (uncertain: part of a state could not be read)" };
            terminal.line(&format!("  {}{doubt}", sides.sentence(change, field)))?;
        }
    }
    Ok(())
}

fn heading(sides: &Sides<'_>, change: &Change) -> String {
    let [a, b] = sides.images(change);
    let Some(image) = a.or(b) else { return String::new() };
    let mut heading = format!("image {}", image.id());
    if let Some(other) = b.filter(|other| other.id() != image.id()) {
        heading.push_str(&format!(" -> {}", other.id()));
    }
    if let Some(name) = sides.name(change) {
        heading.push_str(&format!("  {}", field(&name)));
    }
    heading
}

/// One line: how many images and regions were joined in which way.
fn joined(changes: &Changes) -> String {
    let (images, regions) = (changes.images, changes.regions);
    let list = |parts: [(u64, &str); 3]| {
        let told = parts.into_iter().filter(|(number, _)| *number > 0);
        let words: Vec<_> = told.map(|(number, way)| format!("{} by {way}", thousands(number))).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    format!(
        "matched images: {}; matched regions: {}",
        list([(images.by_id, "id"), (images.by_digest, "SHA-256"), (images.by_name, "name")]),
        list([(regions.by_id, "id"), (regions.by_overlap, "tag and IoU"), (regions.by_place, "IoU alone")])
    )
}
