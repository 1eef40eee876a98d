//! `tagscope verify`: an archive or an export read again.

use std::sync::{Arc, Mutex};

use super::config::SourceChoice;
use super::end::{CommandResult, Done, Trouble};
use super::job;
use super::job::{progress_of, take_back};
use super::place::{far_access, local};
use super::terminal::{Terminal, field};
use app::{Failure, FailureKind, words};
use engine::failure;
use engine::verify::{Verified, VerifyReport, verify, verify_far};

pub(super) async fn run(place: SourceChoice, is_json: bool, is_quiet: bool) -> CommandResult {
    let cancel = job::cancelling(is_quiet, "Stopping.")?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || match place {
        SourceChoice::Store(address) => verify_far(&address, far_access(is_quiet)?, &progress, &cancel),
        SourceChoice::Archive(folder) => verify(&folder, &progress, &cancel),
        SourceChoice::Service(_) => Err(failure::internal("verify checks archives and exports, not a service")),
    });
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("verification failed unexpectedly")));
    let mut terminal = take_back(terminal);
    let report =
        report.map_err(|failure| job::interrupted(failure, "The folder was not read completely.", unverifiable))?;
    if is_json {
        terminal.json(&report)?;
    } else {
        for difference in &report.differences {
            terminal.line(&format!("{}\t{}", field(&difference.file), field(&difference.what)))?;
        }
        for difference in &report.incomplete {
            terminal.line(&format!("{}\tis incomplete: {}", field(&difference.file), field(&difference.what)))?;
        }
        for image in &report.without_picture {
            let name = image.name.as_deref().map(|name| format!(", {}", field(name))).unwrap_or_default();
            terminal.line(&format!("{}{name}\thas no picture", image.image))?;
        }
    }
    terminal.flush()?;
    let kind = match report.kind {
        Verified::Archive => "archive",
        Verified::Export => "export",
    };
    let iterations = match report.iterations {
        0 => String::new(),
        1 => ", and those of 1 iteration".to_owned(),
        count => format!(", and those of {count} iterations"),
    };
    let read = format!(
        "{} ({}), {}, {}{iterations}",
        words::count(report.files, "file", "files"),
        words::count(report.bytes, "byte", "bytes"),
        words::count(report.images, "image", "images"),
        words::count(report.regions, "region", "regions"),
    );
    match report.differences.len() {
        0 if report.is_whole() => {
            terminal.say(&format!("The {kind} is complete and matches its manifest: {read}."));
            Ok(Done::Whole)
        }
        0 => {
            terminal.say(&format!(
                "The {kind} matches its manifest but is incomplete: {}. Read: {read}.",
                lacking(&report)
            ));
            if report.kind == Verified::Archive {
                terminal.say("Archive the project to the same folder again to download what is missing.");
            }
            Ok(Done::WithSkips)
        }
        count => Err(Trouble::Output(format!(
            "the {kind} differs from its manifest: {}; everything else matches ({read})",
            words::count(count as u64, "difference", "differences")
        ))),
    }
}

/// What is neither an archive nor an export is said as such.
fn unverifiable(failure: Failure) -> Trouble {
    let words = |place: &str, reason: &str| {
        format!(
            "{place} is neither an archive nor an export of Tagscope. {reason} Give a folder or an address that tagscope \
             archive, export or import has made."
        )
    };
    match &failure.kind {
        FailureKind::NotAnArchive { path, reason } => Trouble::Output(words(path, reason)),
        FailureKind::NoArchive { place, reason } => Trouble::NotThere(words(place, reason)),
        _ => local(failure),
    }
}

/// What keeps a folder from being whole.
fn lacking(report: &VerifyReport) -> String {
    let without = (report.without_picture.len() as u64, "image has no picture", "images have no picture");
    let incomplete = (
        report.incomplete.len() as u64,
        "picture is incomplete or unreadable",
        "pictures are incomplete or unreadable",
    );
    let words = [without, incomplete].into_iter().filter(|(count, ..)| *count > 0);
    words.map(|(count, one, many)| words::count(count, one, many)).collect::<Vec<_>>().join("; ")
}
