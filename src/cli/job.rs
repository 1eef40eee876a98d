//! What the commands share that write a folder or upload it: progress, interruption, skips.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::end::{Done, Trouble};
use super::interrupt;
use super::place;
use super::terminal::Terminal;
use app::failure::starting_over;
use app::{FailureKind, Skip};
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
            interrupt::stopped(failure, &left, Trouble::Failed)
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
pub(super) fn tell_kept(trouble: &Trouble, out: &Destination, is_quiet: bool) {
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

/// Writes what a job has published to standard output. One that cannot be written makes the job no failure: it is said
/// where the folder is.
pub(super) fn tell_published(
    place: &dyn std::fmt::Display,
    terminal: &mut Terminal,
    write: impl FnOnce(&mut Terminal) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    write(terminal).and_then(|()| terminal.flush()).map_err(|trouble| match trouble {
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
pub(super) fn tell_skips(skips: &[Skip], unreadable: u64, terminal: &Terminal) -> Done {
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
