//! The shell of the window: the frame loop between state, engine and paint, the effects that only a desktop can do
//! (dialogs, clipboard, the built-in service), and the choice of a renderer.
//!
//! Order of a frame: take events, apply them, run the effects, lay out and collect commands, update. When a key or a
//! click has led to a command, the frame is laid out once more with the new state before it is painted. Nothing here
//! waits: anything that can block has its own thread and returns as an event.

mod crash;
mod dialogs;
mod placement;
mod renderer;
mod session_bus;
mod shell;

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use secrecy::SecretString;

use self::dialogs::{Mail, Mailbox};
use app::{Event, Failure, FailureKind, Settings, SourceSpec};
use engine::EngineOptions;

pub use renderer::renderers;
pub use shell::Shell;

/// What the window starts with.
pub struct Options {
    pub settings: Settings,
    /// Said once when the settings could not be read.
    pub settings_notice: Option<String>,
    /// What to open; `None`: what was open last.
    pub source: Option<SourceSpec>,
    /// The project to open there: an id or a name.
    pub project: Option<String>,
    /// Bytes of memory that the system has for this program; `None`: it does not tell.
    pub memory: Option<u64>,
    /// Folders, keychain and budgets of the engine.
    pub engine: EngineOptions,
    pub open_sample: SampleOpener,
    /// The system's name for the person, where it has one.
    pub user: Option<String>,
    pub home: Option<PathBuf>,
    /// Where a crash report goes; `None`: nowhere.
    pub crash_file: Option<PathBuf>,
    /// When the program started, for the log line of the first frame.
    pub started: Instant,
}

/// The window could not be opened or kept open.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    #[error(
        "no display was found: neither WAYLAND_DISPLAY nor DISPLAY is set. The other commands work without a display; \
         see tagscope --help"
    )]
    NoDisplay,
    #[error(
        "no window could be opened, because no graphics driver works: {0}. Mesa's software drivers need no graphics \
         card (on Debian: libgl1-mesa-dri and mesa-vulkan-drivers). The other commands work without a window; see \
         tagscope --help"
    )]
    NoWindow(String),
}

/// Lets a panic say its place on standard error, and nothing of what was being worked on; and nothing at all where
/// `is_expected` is true on the panicking thread, because somebody there turns it into an error. Called on the main thread.
pub fn install_panic_hook(is_expected: fn() -> bool) {
    crash::pass_over(is_expected);
    crash::install(None);
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When neither OpenGL nor wgpu can open a window (no display, no driver).
pub fn run(options: Options) -> Result<(), DesktopError> {
    if !has_display() {
        return Err(DesktopError::NoDisplay);
    }
    crash::install(options.crash_file.as_deref());
    // The first renderer may fail before it has taken the options; the second then finds them here.
    let candidates = renderer::candidates(options.settings.renderer);
    let window = options.settings.window;
    let options = Arc::new(Mutex::new(Some(options)));
    let mut problems = Vec::new();
    for renderer in candidates {
        let is_fallback = !problems.is_empty();
        let taken = Arc::clone(&options);
        let creator: eframe::AppCreator<'_> = Box::new(move |context| {
            let options = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut options = options.ok_or("the window was opened twice")?;
            if is_fallback {
                // The next start need not try in vain.
                options.settings.renderer = Some(renderer::choice(renderer));
            }
            Ok(Box::new(Shell::new(context, options)?))
        });
        match eframe::run_native("tagscope", renderer::native_options(renderer, window), creator) {
            Ok(()) => return Ok(()),
            Err(error) => {
                tracing::warn!("{renderer} does not work on this computer: {error}");
                problems.push(format!("{renderer}: {error}"));
            }
        }
        if options.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            break;
        }
    }
    Err(DesktopError::NoWindow(problems.join("; ")))
}

/// Whether the system can have windows at all; on Linux the environment tells, elsewhere it always can.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"].into_iter().any(is_set)
}

pub struct SampleEndpoint {
    pub endpoint: String,
    pub key: SecretString,
    /// Stops the service when dropped.
    pub guard: Box<dyn Any + Send>,
}

/// Starts the built-in service; may take a moment, so it is called on a thread of its own.
pub type SampleOpener = Arc<dyn Fn() -> Result<SampleEndpoint, Failure> + Send + Sync>;

/// The service of this window, started at most once.
#[derive(Default)]
struct SampleService {
    running: Arc<Mutex<Option<SampleEndpoint>>>,
}

impl SampleService {
    /// Starts the service if it does not run; the answer comes through the mailbox.
    fn start(&self, opener: &SampleOpener, mailbox: &Mailbox) {
        let (running, opener, answer) = (Arc::clone(&self.running), Arc::clone(opener), mailbox.clone());
        let spawned = std::thread::Builder::new().name("sample-service".to_owned()).spawn(move || {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            if running.is_none() {
                match opener() {
                    Ok(endpoint) => *running = Some(endpoint),
                    Err(failure) => {
                        return answer.send(Mail::Event(Event::ConnectFailed { source: SourceSpec::Sample, failure }));
                    }
                }
            }
            if let Some(SampleEndpoint { endpoint, key, .. }) = running.as_ref() {
                answer.send(Mail::SampleRuns { endpoint: endpoint.clone(), key: key.clone() });
            }
        });
        if let Err(error) = spawned {
            let kind = FailureKind::Internal { reason: "a thread could not be started".to_owned() };
            let failure = Failure::new(kind, error.to_string());
            mailbox.send(Mail::Event(Event::ConnectFailed { source: SourceSpec::Sample, failure }));
        }
    }
}
