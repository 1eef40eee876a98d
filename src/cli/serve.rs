//! `tagscope serve`: the built-in service until Ctrl+C.

use std::path::PathBuf;

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::config::{Environment, SampleSize};
use super::end::{CommandResult, Done, Trouble};
use super::job::Interrupts;
use super::place;
use super::terminal::Terminal;
use server::{self, Faults, Running, ServeOptions, ServedProject};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Served {
    Archive(PathBuf),
    Sample(SampleSize),
}

/// The first line on standard output.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hello<'a> {
    endpoint: &'a str,
    project_id: String,
    project_name: &'a str,
    training_key: &'a str,
}

pub(super) async fn run(
    served: Served,
    port: u16,
    faults: Faults,
    environment: &Environment,
    is_quiet: bool,
) -> CommandResult {
    // Before it runs: an early interrupt ends it just as cleanly.
    let mut interrupts = Interrupts::listen()?;
    let mut terminal = Terminal::new(is_quiet);
    let content = match served {
        Served::Sample(size) => ServedProject::Sample { images: size.images, regions: size.regions },
        Served::Archive(folder) => {
            let archive = place::archive(&folder, environment)?;
            for held in archive.trained() {
                place::doubt(&archive, held.iteration(), environment)?;
            }
            ServedProject::Archive(archive)
        }
    };
    let running = start(content, ServeOptions { port, faults, ..ServeOptions::default() })?;
    let hello = Hello {
        endpoint: running.endpoint(),
        project_id: running.project_id().to_string(),
        project_name: running.project_name(),
        training_key: running.training_key().expose_secret(),
    };
    let line = serde_json::to_string(&hello).map_err(|error| Trouble::Output(error.to_string()))?;
    terminal.line(&line)?;
    terminal.flush()?;
    terminal.say(&format!("Serving {:?} at {}. Press Ctrl+C to stop.", running.project_name(), running.endpoint()));
    interrupts.next().await?;
    Ok(Done::Whole)
}

/// Starts the service on ports and a thread of its own.
pub(super) fn start(content: ServedProject, options: ServeOptions) -> Result<Running, Trouble> {
    let way_out = if options.port == 0 { "" } else { "; give another --port, or none for a free one" };
    server::start(content, options)
        .map_err(|error| Trouble::Output(format!("the server cannot start: {error}{way_out}")))
}
