//! `tagscope doctor`: what a bug report needs, without a secret, and how to fix what is wrong. It changes nothing.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::end::{CommandResult, Done, Trouble};
use super::place::keychain;
use super::terminal::Terminal;
use crate::{built, desktop};
use app::{RendererChoice, Settings};
use engine::system_fonts::scripts_without_font;
use remote::StoreSetup;
use storage::{Paths, StorageError, Vault as _, machine};

/// Less than this is soon used up by the cache of pictures.
const LITTLE_SPACE: u64 = 1 << 30;
/// Variables that name a proxy. Their values can hold a password, so they are never printed.
const PROXY_VARIABLES: [&str; 8] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
/// A letter of each script that tag names often have.
const SCRIPTS: [(&str, char); 7] = [
    ("Chinese", '\u{6f22}'),
    ("Japanese", '\u{30e9}'),
    ("Korean", '\u{d55c}'),
    ("Arabic", '\u{0639}'),
    ("Hebrew", '\u{05d0}'),
    ("Thai", '\u{0e01}'),
    ("emoji", '\u{1f600}'),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    version: &'static str,
    /// `None`: built from a working copy.
    commit: Option<&'static str>,
    target: String,
    features: &'static [&'static str],
    system: System,
    display: Display,
    keychain: Keychain,
    folders: Vec<Folder>,
    /// Names of variables that are set.
    proxy_variables: Vec<&'static str>,
    environment_key: bool,
    object_stores: Vec<ObjectStore>,
    scripts_without_font: Vec<&'static str>,
    /// Where the last crash was reported, if the window has not shown it yet.
    crash_report: Option<PathBuf>,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct System {
    os: &'static str,
    name: Option<String>,
    architecture: &'static str,
    processors: Option<usize>,
}

#[derive(Serialize)]
struct Display {
    /// `wayland`, `x11`, the system's own, or none.
    kind: Option<&'static str>,
    /// In the order in which the window tries them.
    renderers: [RendererChoice; 2],
}

#[derive(Serialize)]
struct Keychain {
    works: bool,
    reason: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Folder {
    holds: &'static str,
    path: PathBuf,
    is_writable: bool,
    reason: Option<String>,
    free_bytes: Option<u64>,
}

#[derive(Serialize)]
struct ObjectStore {
    store: &'static str,
    /// Where credentials come from: the name of a variable, a profile or a tool.
    credentials: Option<String>,
    /// Names of variables that are set and say where a store is.
    variables: Vec<&'static str>,
}

#[derive(Serialize)]
struct Problem {
    problem: String,
    advice: String,
}

impl Problem {
    fn new(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { problem: problem.into(), advice: advice.into() }
    }
}

pub(super) fn run(is_json: bool) -> CommandResult {
    let report = examine()?;
    let mut terminal = Terminal::new(false);
    if is_json {
        let json = serde_json::to_string(&report).map_err(|error| Trouble::Output(error.to_string()))?;
        terminal.line(&json)?;
    } else {
        for line in lines(&report) {
            terminal.line(&line)?;
        }
    }
    terminal.flush()?;
    Ok(Done::Whole)
}

fn examine() -> Result<Report, Trouble> {
    let paths = Paths::find().map_err(|error| Trouble::Output(error.to_string()))?;
    let mut problems = Vec::new();
    let settings = settings(&paths.settings_file(), &mut problems);
    let crash_report = paths.crash_file();
    let object_stores = object_stores(&mut problems);
    let mut report = Report {
        version: built::VERSION,
        commit: built::commit(),
        target: built::target(),
        features: built::FEATURES,
        system: System {
            os: std::env::consts::OS,
            name: system_name(),
            architecture: std::env::consts::ARCH,
            processors: std::thread::available_parallelism().ok().map(Into::into),
        },
        display: Display { kind: display_kind(&is_set), renderers: desktop::renderers(settings.renderer) },
        keychain: keychain_state(),
        folders: [
            ("settings", paths.config_dir()),
            ("cache", paths.cache_dir()),
            ("reviews, tasks and crash reports", paths.state_dir()),
        ]
        .map(|(holds, path)| folder(holds, path))
        .into(),
        proxy_variables: PROXY_VARIABLES.into_iter().filter(|name| is_set(name)).collect(),
        environment_key: is_set("VISION_TRAINING_KEY"),
        object_stores,
        scripts_without_font: scripts_without_font(&SCRIPTS),
        crash_report: crash_report.is_file().then_some(crash_report),
        problems: Vec::new(),
    };
    problems.extend(problems_of(&report));
    if let Err(error) = machine::ensure() {
        problems.push(Problem::new(error.to_string(), "Raise the limit, then start Tagscope again."));
    }
    report.problems = problems;
    Ok(report)
}

/// How object stores are reached. None of them is asked.
fn object_stores(problems: &mut Vec<Problem>) -> Vec<ObjectStore> {
    let setups = remote::Environment::from_process().setups().into_iter();
    let told = setups.map(|StoreSetup { kind, credentials, variables, trouble }| {
        if let Some(trouble) = trouble {
            let problem = format!("{} cannot be used as it is set up: {trouble}.", kind.name());
            problems
                .push(Problem::new(problem, "Correct these settings, or unset the variables if they are not needed."));
        }
        ObjectStore { store: kind.name(), credentials, variables }
    });
    told.collect()
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// The settings, or the defaults with a problem. Unlike the window, this leaves a broken file where it is.
fn settings(file: &Path, problems: &mut Vec<Problem>) -> Settings {
    let read = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
        Err(error) => Err(error.to_string()),
    };
    read.unwrap_or_else(|reason| {
        let problem = format!("The settings in {} cannot be read: {reason}.", file.display());
        let advice = "Fix or rename the file. Tagscope uses the defaults and keeps the file under another name.";
        problems.push(Problem::new(problem, advice));
        Settings::default()
    })
}

/// What the distribution calls itself.
fn system_name() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn display_kind(is_set: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return Some("system");
    }
    [("WAYLAND_DISPLAY", "wayland"), ("DISPLAY", "x11")]
        .into_iter()
        .find(|(name, _)| is_set(name))
        .map(|(_, kind)| kind)
}

fn keychain_state() -> Keychain {
    // No endpoint has this name, so nobody's key is read.
    let reason = keychain().get("https://doctor.invalid/").err().map(|error| match error {
        StorageError::Keychain { reason } => reason,
        other => other.to_string(),
    });
    Keychain { works: reason.is_none(), reason }
}

fn folder(holds: &'static str, path: &Path) -> Folder {
    let reason = machine::try_to_write(path).err().map(|error| error.to_string());
    let (is_writable, free_bytes) = (reason.is_none(), machine::free_space(path));
    Folder { holds, path: path.to_path_buf(), is_writable, reason, free_bytes }
}

fn problems_of(report: &Report) -> Vec<Problem> {
    let mut found = Vec::new();
    if report.display.kind.is_none() {
        found.push(Problem::new(
            "There is no display: neither WAYLAND_DISPLAY nor DISPLAY is set.",
            "Start the window from a desktop session. The commands work without a display.",
        ));
    }
    if let Some(reason) = &report.keychain.reason {
        found.push(Problem::new(
            format!("The system keychain does not work: {reason}."),
            "On Linux, install and unlock a Secret Service such as gnome-keyring or KWallet. Until then, the window \
             keeps a key for the session, and commands read it from VISION_TRAINING_KEY.",
        ));
    }
    for folder in &report.folders {
        let path = folder.path.display();
        if let Some(reason) = &folder.reason {
            let problem = format!("{path} cannot be written: {reason}. It is for {}.", folder.holds);
            found.push(Problem::new(problem, "Make the folder writable, or set TAGSCOPE_HOME to another one."));
        } else if let Some(free) = folder.free_bytes.filter(|free| *free < LITTLE_SPACE) {
            let problem = format!("The disk of {path} has only {} left.", words(free));
            found.push(Problem::new(problem, "Free some space, or set TAGSCOPE_HOME to a folder on another disk."));
        }
    }
    if !report.scripts_without_font.is_empty() {
        let problem = format!("No installed font covers these scripts: {}.", report.scripts_without_font.join(", "));
        let advice = "Tag names in these scripts show as boxes. Install a font that covers them, such as Noto \
                      (fonts-noto-cjk, fonts-noto-core and fonts-noto-color-emoji on Debian).";
        found.push(Problem::new(problem, advice));
    }
    if let Some(file) = &report.crash_report {
        found.push(Problem::new(
            format!("Tagscope has crashed. The report is in {}.", file.display()),
            "Attach it to your bug report. It is never sent automatically.",
        ));
    }
    found
}

fn words(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// The report for people.
fn lines(report: &Report) -> Vec<String> {
    let Report { system, display, keychain, .. } = report;
    let name = system.name.as_deref().map_or_else(String::new, |name| format!(" ({name})"));
    let processors = system.processors.map_or_else(String::new, |count| format!(", {count} processors"));
    let list = |names: &[&str], none: &str| if names.is_empty() { none.to_owned() } else { names.join(", ") };
    let renderers = display.renderers.map(|renderer| match renderer {
        RendererChoice::Glow => "OpenGL",
        RendererChoice::Wgpu => "Vulkan, Metal or Direct3D",
    });
    let mut lines = vec![
        format!("tagscope {}", report.version),
        format!("commit: {}", report.commit.unwrap_or("not recorded")),
        format!("features: {}", report.features.join(" ")),
        format!("system: {}{name}, {}{processors}", system.os, system.architecture),
        format!("display: {}; tries {} first", display.kind.unwrap_or("none"), renderers[0]),
        format!("keychain: {}", if keychain.works { "works" } else { "does not work" }),
    ];
    for folder in &report.folders {
        let free = folder.free_bytes.map_or_else(String::new, |free| format!(", {} free", words(free)));
        lines.push(format!("{}: {}{free}", folder.holds, folder.path.display()));
    }
    lines.push(format!("proxy variables: {}", list(&report.proxy_variables, "none")));
    lines.push(format!("VISION_TRAINING_KEY: {}", if report.environment_key { "set" } else { "not set" }));
    for ObjectStore { store, credentials, variables } in &report.object_stores {
        let credentials = credentials.as_deref().map_or_else(
            || "no credentials on this computer".to_owned(),
            |source| format!("credentials from {source}"),
        );
        let also = if variables.is_empty() { String::new() } else { format!("; also set: {}", variables.join(", ")) };
        lines.push(format!("{store}: {credentials}{also}"));
    }
    lines.push(format!("scripts without a font: {}", list(&report.scripts_without_font, "none")));
    lines.push(String::new());
    if report.problems.is_empty() {
        lines.push("No problems found.".to_owned());
    }
    for Problem { problem, advice } in &report.problems {
        lines.push(format!("Problem: {problem}"));
        lines.push(format!("  {advice}"));
    }
    lines
}
