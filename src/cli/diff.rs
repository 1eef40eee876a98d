//! `tagscope diff`: what has changed from one state of a project to another, a change a line.

mod rows;
mod state;
mod text;

use std::ffi::OsString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::config::{Environment, Place};
use super::end::{Done, Outcome, Trouble};
use super::terminal::Terminal;
use app::changes::limits;
use domain::changes::{Changes, Sides};
use engine::changes::{LoadedState, compare};
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
) -> Outcome {
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let service = || endpoint().map(Place::Service);
    let (came, shown) = (Arc::new(AtomicU64::new(0)), Arc::clone(&terminal));
    let progress = move |count| {
        let done = came.fetch_add(count, Ordering::Relaxed) + count;
        shown.lock().unwrap_or_else(PoisonError::into_inner).progress("Reading", done, 0);
    };
    let read = |typed| state::load(typed, &service, environment, is_quiet, progress.clone());
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
        text::print(&compared, &mut terminal)?;
    }
    terminal.flush()?;
    if !is_quiet {
        limits(&compared.changes).iter().for_each(|words| terminal.say(words));
    }
    Ok(if wanted.has_exit_code && !compared.changes.is_empty() { Done::Different } else { Done::Whole })
}
