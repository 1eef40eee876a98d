//! Ctrl+C and the system's request to end. The first asks a command to stop and to leave nothing half behind; the second
//! ends the process at once.

use tokio::signal;
use tokio_util::sync::CancellationToken;

use super::end::Trouble;
use super::terminal::Terminal;
use app::{Failure, FailureKind};

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
pub(super) fn stopped(failure: Failure, nothing: &str, otherwise: impl FnOnce(Failure) -> Trouble) -> Trouble {
    match failure.kind {
        FailureKind::Canceled => Trouble::Output(format!("stopped. {nothing}")),
        _ => otherwise(failure),
    }
}
