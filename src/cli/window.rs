//! `tagscope` without a command, and `tagscope demo`: the window.

use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;

use super::args::WindowArgs;
use super::config::{Environment, SampleSize, SourceChoice, endpoint};
use super::end::{CommandResult, Done, Trouble};
use super::serve;
use crate::desktop::{self, SampleEndpoint, SampleOpener};
use app::{Budget, Failure, FailureKind, Settings, SourceSpec, largest_picture};
use engine::EngineOptions;
use engine::failure::OrFailure as _;
use server::{SAMPLE_IMAGES, ServeOptions, ServedProject};
use service::Endpoint;
use storage::{KeyringVault, Paths, StorageError, Vault, address_space, load_json, memory_limit};

/// Address space in bytes without which no window is tried. Threads, their heaps and a graphics driver in software reserve
/// 1,400 MiB without using them; where the system refuses a piece of that, the driver ends the program without a word.
const LEAST_ADDRESS_SPACE: u64 = 1_600 << 20;

/// Opens the window on what is named, else on what was open last.
pub(super) fn run(args: WindowArgs, environment: &Environment, started: Instant) -> CommandResult {
    let source = match (args.place.source, args.place.endpoint) {
        (Some(typed), _) => Some(match SourceChoice::from_source(typed)? {
            SourceChoice::Archive(path) => SourceSpec::Folder { path },
            SourceChoice::Store(address) => SourceSpec::Store { address },
            SourceChoice::Service(endpoint) => SourceSpec::Service { endpoint: endpoint.to_string() },
        }),
        (None, Some(endpoint)) => Some(SourceSpec::Service { endpoint }),
        // The environment's endpoint is a proposal, as the one used last is: it does not close what was open.
        (None, None) => None,
    };
    open(source, args.project, None, environment, started)
}

/// Opens the window on the sample project.
pub(super) fn demo(size: SampleSize, environment: &Environment, started: Instant) -> CommandResult {
    open(Some(SourceSpec::Sample), None, Some(size), environment, started)
}

fn open(
    source: Option<SourceSpec>,
    project: Option<String>,
    sample: Option<SampleSize>,
    environment: &Environment,
    started: Instant,
) -> CommandResult {
    if let Some(words) = address_space().and_then(too_little) {
        return Err(Trouble::Output(words));
    }
    let paths = Paths::find().or_failure()?;
    paths.tighten();
    let loaded = load_json::<Settings>(&paths.settings_file());
    let mut settings = loaded.value;
    if settings.endpoint.is_empty()
        && let Some(endpoint) = &environment.endpoint
    {
        settings.endpoint.clone_from(endpoint);
    }
    let typed = match &source {
        Some(SourceSpec::Service { endpoint }) => Some(endpoint.as_str()),
        _ => None,
    };
    // The environment's key is for the endpoint that the commands would use, and for no other that may be typed later.
    let key = environment.key.clone().zip(endpoint(typed, environment, || settings.endpoint.clone(), "").ok());
    let mut engine = EngineOptions::new(&paths, Arc::new(KeysOfHere { keychain: KeyringVault::new(), key }));
    engine.cache_bytes = settings.disk_cache_bytes;
    engine.snapshot_bytes = settings.list_bytes;
    let memory = memory_limit();
    fit(&mut engine, &settings, memory);
    let options = desktop::Options {
        settings,
        settings_notice: loaded.notice,
        source,
        project,
        memory,
        engine,
        open_sample: sample_opener(sample.unwrap_or(SampleSize { images: SAMPLE_IMAGES, regions: None })),
        user: environment.user.clone(),
        home: std::env::home_dir(),
        crash_file: Some(paths.crash_file()),
        started,
    };
    desktop::run(options).map_err(|error| Trouble::Output(error.to_string()))?;
    Ok(Done::Whole)
}

/// Why no window is tried in so much address space.
fn too_little(space: u64) -> Option<String> {
    (space < LEAST_ADDRESS_SPACE).then(|| {
        format!(
            "the shell limits this program to {} MiB of address space (ulimit -v), and the window needs {} MiB, most \
             of it reserved but not used. Raise the limit with \"ulimit -v unlimited\"; to limit the memory itself, \
             use a control group. The other commands need less; see tagscope --help",
            space >> 20,
            LEAST_ADDRESS_SPACE >> 20
        )
    })
}

/// Bounds what the engine holds by the settings and by what the system has for this program.
fn fit(engine: &mut EngineOptions, settings: &Settings, memory: Option<u64>) {
    let fitted = |budget: Budget| usize::try_from(budget.fitted(settings, memory)).unwrap_or(usize::MAX);
    engine.memory = memory;
    engine.original_bytes = fitted(Budget::Originals);
    engine.inbox_bytes = fitted(Budget::Inbox);
    engine.limits.max_bytes = engine.limits.max_bytes.min(largest_picture(memory).unwrap_or(u64::MAX));
    let is_short = fitted(Budget::Originals) as u64 != Budget::Originals.bytes(settings);
    if let Some(memory) = memory.filter(|_| is_short) {
        tracing::warn!(mib = memory >> 20, "memory is low: fewer decoded pictures are kept than the settings allow");
    }
}

/// The keychain, and the environment's key for one endpoint.
struct KeysOfHere {
    keychain: KeyringVault,
    key: Option<(SecretString, Endpoint)>,
}

impl Vault for KeysOfHere {
    fn get(&self, endpoint: &str) -> Result<Option<SecretString>, StorageError> {
        let kept = self.keychain.get(endpoint);
        match (&kept, &self.key) {
            (Ok(Some(_)), _) | (_, None) => kept,
            (_, Some((key, own))) if own.to_string() == endpoint => Ok(Some(key.clone())),
            (_, Some(_)) => kept,
        }
    }

    fn set(&self, endpoint: &str, key: &SecretString) -> Result<(), StorageError> {
        self.keychain.set(endpoint, key)
    }

    fn remove(&self, endpoint: &str) -> Result<bool, StorageError> {
        self.keychain.remove(endpoint)
    }

    fn name(&self) -> &'static str {
        self.keychain.name()
    }
}

/// Starts the built-in service when the window asks for it.
fn sample_opener(size: SampleSize) -> SampleOpener {
    Arc::new(move || {
        let content = ServedProject::Sample { images: size.images, regions: size.regions };
        let running = serve::start(content, ServeOptions::default()).map_err(|trouble| {
            let reason = "the built-in server cannot start".to_owned();
            Failure::new(FailureKind::Internal { reason }, trouble.words())
        })?;
        Ok(SampleEndpoint {
            endpoint: running.endpoint().to_owned(),
            key: running.training_key().clone(),
            guard: Box::new(running),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_address_space_is_said_with_both_figures() {
        let words = too_little(1_200 << 20).expect("words");
        assert!(
            words.contains("1200 MiB") && words.contains("needs 1600 MiB") && words.contains("ulimit -v unlimited"),
            "{words}"
        );
        assert_eq!(too_little(1_600 << 20), None);
    }
}
