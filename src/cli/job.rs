//! What the commands share that write a folder or upload it: progress, skips, and interruption. The first Ctrl+C (or
//! request of the system to end) asks a command to stop and to leave nothing half behind; the second ends the process
//! at once.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::signal;
use tokio_util::sync::CancellationToken;

use super::end::{Done, Trouble};
use super::place;
use super::terminal::Terminal;
use app::failure::starting_over;
use app::{Failure, FailureKind, Skip};
use domain::{Destination, ImageId};
use engine::export::{JobProgress, ProgressSink};
use engine::failure::OrFailure as _;
use engine::{Uploads, look_first as look_at_place};
use remote::StoreOptions;
use storage::{Paths, Purpose, is_unfinished, unfinished_folder, upload_left_by, upload_result_of};

/// A terminal that several threads report to.
pub(super) type SharedTerminal = Arc<Mutex<Terminal>>;

/// Where an upload is built, and how its waits are said: once, when several requests wait for the same.
pub(super) fn uploads(out: &Destination, terminal: &Terminal) -> Result<Uploads, Trouble> {
    if out.folder().is_some() {
        return Ok(Uploads::default());
    }
    let paths = Paths::find().or_failure()?;
    let observer = place::observer(terminal.is_quiet());
    let store = StoreOptions { observer: Some(observer), ..StoreOptions::default() };
    Ok(Uploads { folder: Some(paths.uploads_dir()), store })
}

/// A job that was stopped says what is kept of it, or else that there is `nothing`.
pub(super) fn stopped(trouble: Trouble, out: &Destination, nothing: &str) -> Trouble {
    match trouble {
        Trouble::Failed(failure) => {
            let left = what_is_left(out).unwrap_or_else(|| nothing.to_owned());
            interrupted(failure, &left, Trouble::Failed)
        }
        other => other,
    }
}

/// Looks at a place before anything is listed.
pub(super) async fn look_first(
    out: &Destination,
    purpose: &Purpose,
    is_resumed: bool,
    terminal: &Terminal,
    cancel: &CancellationToken,
) -> Result<(), Trouble> {
    Ok(look_at_place(&uploads(out, terminal)?, out, purpose, is_resumed, cancel).await?)
}

/// Shows progress on a terminal.
pub(super) fn progress_of(terminal: &SharedTerminal) -> ProgressSink {
    let terminal = Arc::clone(terminal);
    Arc::new(move |JobProgress { stage, done, total, .. }| {
        terminal.lock().unwrap_or_else(PoisonError::into_inner).progress(stage, done, total);
    })
}

/// The terminal again, without its bar.
pub(super) fn take_back(terminal: SharedTerminal) -> Terminal {
    let mut terminal = match Arc::try_unwrap(terminal) {
        Ok(terminal) => terminal.into_inner().unwrap_or_else(PoisonError::into_inner),
        // A late report holds it: a fresh one speaks to the same streams.
        Err(_) => Terminal::new(false),
    };
    terminal.end_progress();
    terminal
}

/// Says how to continue an interrupted job, when it can be resumed.
pub(super) fn print_kept(trouble: &Trouble, out: &Destination, is_quiet: bool) {
    let Trouble::Failed(failure) = trouble else { return };
    // The words of these say it themselves.
    if matches!(failure.kind, FailureKind::Unfinished { .. } | FailureKind::InUse { .. } | FailureKind::Canceled) {
        return;
    }
    if let Some(words) = what_is_left(out) {
        Terminal::new(is_quiet).say(&words);
    }
}

/// What an interrupted job has left for a run that is resumed, and how to give it up.
fn what_is_left(out: &Destination) -> Option<String> {
    match out {
        Destination::Folder(out) => is_unfinished(out).then(|| {
            let folder = unfinished_folder(out);
            format!("Complete files are kept in {}. Continue with --resume, or remove it.", folder.display())
        }),
        Destination::Store(address) => {
            let uploads = Paths::find().ok()?.uploads_dir();
            let folder = upload_left_by(&upload_result_of(&uploads, &address.to_string()))?.display().to_string();
            let otherwise = starting_over(&folder, address);
            Some(format!("Complete files are kept in {folder}. Continue with --resume. {otherwise}"))
        }
    }
}

/// Writes where a job has published its result, or its report as JSON, to standard output. If that cannot be written, the job
/// has not failed, and the message says where the result is.
pub(super) fn print_published(
    place: &Destination,
    report: Option<&impl Serialize>,
    terminal: &mut Terminal,
) -> Result<(), Trouble> {
    let written = match report {
        Some(report) => terminal.json(report),
        None => terminal.place(place),
    };
    written.and_then(|()| terminal.flush()).map_err(|trouble| match trouble {
        Trouble::Output(words) => Trouble::Untold(format!("{words}; {place} is complete and in place")),
        other => other,
    })
}

/// How a result was verified.
pub(super) fn verified(place: &Destination) -> &'static str {
    match place {
        Destination::Folder(_) => "Read back and verified.",
        Destination::Store(_) => "Read back, uploaded and verified.",
    }
}

/// Each skip in a line of its own.
pub(super) fn print_skips(skips: &[Skip], unreadable: u64, terminal: &Terminal) -> Done {
    for skip in skips {
        terminal.error(&skip_words(skip));
    }
    if unreadable > 0 {
        terminal.error(&format!("Rows skipped because they could not be read: {unreadable}."));
    }
    if skips.is_empty() && unreadable == 0 { Done::Whole } else { Done::WithSkips }
}

fn skip_words(skip: &Skip) -> String {
    let what = if skip.is_left_out { "left out" } else { "changed" };
    let region = skip.region.as_ref().map(|region| format!(", region {region}")).unwrap_or_default();
    let format = skip.format.as_ref().map(|format| format!(" ({format})")).unwrap_or_default();
    // An import's items are places such as `annotations[3]` too.
    let image = if skip.image.parse::<ImageId>().is_ok() { "image " } else { "" };
    let name = skip.name.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{what}: {image}{}{name}{region}{format}: {}", skip.image, skip.reason)
}

/// What a process that is ended by force exits with: as a command that failed.
const STATUS: i32 = 1;

pub(super) struct Interrupts {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Interrupts {
    /// Listens from now on; the process no longer ends by itself. Must be called on a runtime.
    #[cfg(unix)]
    pub(super) fn listen() -> Result<Self, Trouble> {
        let listen = |kind| signal::unix::signal(kind).map_err(no_signals);
        let (interrupt, terminate) = (signal::unix::SignalKind::interrupt(), signal::unix::SignalKind::terminate());
        Ok(Self { interrupt: listen(interrupt)?, terminate: listen(terminate)? })
    }

    /// Listens from the first [`Interrupts::next`] on.
    #[cfg(not(unix))]
    pub(super) fn listen() -> Result<Self, Trouble> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Result<(), Trouble> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Ok(())
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Result<(), Trouble> {
        signal::ctrl_c().await.map_err(no_signals)
    }
}

/// From now on a file that reaches the limit of its size (`ulimit -f`) is a failed write with a message; by itself the
/// system ends the process without a word. Must be called on a runtime.
pub(super) fn report_size_limit() -> Result<(), Trouble> {
    /// `SIGXFSZ` on Linux, macOS and the BSDs.
    #[cfg(unix)]
    const FILE_SIZE_LIMIT: i32 = 25;
    // The handler stays when the stream of signals goes.
    #[cfg(unix)]
    drop(signal::unix::signal(signal::unix::SignalKind::from_raw(FILE_SIZE_LIMIT)).map_err(no_signals)?);
    Ok(())
}

fn no_signals(error: std::io::Error) -> Trouble {
    Trouble::Output(format!("system signals cannot be received: {error}"))
}

/// The message about a command whose work is lost when it is stopped.
pub(super) const REMOVING: &str = "Stopping and removing unfinished files.";

/// The message about a command that says at its end what is kept of its work.
pub(super) const KEEPING: &str = "Stopping.";

/// A token that the first request cancels, with `words` said; the second ends the process. Must be called on a runtime.
pub(super) fn cancelling(is_quiet: bool, words: &'static str) -> Result<CancellationToken, Trouble> {
    let mut interrupts = Interrupts::listen()?;
    let cancel = CancellationToken::new();
    let canceled = cancel.clone();
    tokio::spawn(async move {
        if interrupts.next().await.is_err() {
            return;
        }
        canceled.cancel();
        Terminal::new(is_quiet).say(&format!("{words} Press Ctrl+C again to quit immediately."));
        if interrupts.next().await.is_ok() {
            std::process::exit(STATUS);
        }
    });
    Ok(cancel)
}

/// How a command ends that failed with `failure`: one that was stopped says that it left `nothing`, any other is reported
/// by `otherwise`.
pub(super) fn interrupted(failure: Failure, nothing: &str, otherwise: impl FnOnce(Failure) -> Trouble) -> Trouble {
    match failure.kind {
        FailureKind::Canceled => Trouble::Output(format!("stopped. {nothing}")),
        _ => otherwise(failure),
    }
}
