//! The export dialog and the task list.

use std::path::PathBuf;
use std::sync::Arc;

use super::save;
use crate::app::state::{Dialog, ExportPreview, ExportWhat, Opened};
use crate::app::{
    Command, Effect, ExportJob, Failure, FailureKind, ListingState, State, Task, TaskId, TaskState, words,
};
use crate::domain::ImageIx;

pub(super) fn update(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::SetExportWhat(what) => {
            state.export.what = what;
            refresh_preview(state);
        }
        Command::ToggleExportFormat(format) => {
            let formats = &mut state.export.formats;
            match formats.iter().position(|&other| other == format) {
                Some(at) => {
                    formats.remove(at);
                }
                None => {
                    formats.push(format);
                    formats.sort_unstable();
                }
            }
            state.export.failure = None;
        }
        Command::SetExportPixels(pixels) => state.export.pixels = pixels,
        Command::EditExportFolder(folder) => {
            state.export.folder = folder;
            state.export.failure = None;
        }
        Command::StartExport => return start(state),
        Command::CancelTask(task) => return vec![Effect::CancelTask(task)],
        Command::DismissTask(task) => {
            state.tasks.retain(|other| other.id != task || matches!(other.state, TaskState::Running { .. }));
        }
        Command::ShowReport(task) => state.dialog = Some(Dialog::Report(task)),
        _ => {}
    }
    Vec::new()
}

/// Fills the dialog's fields for the open project.
pub(super) fn prepare(state: &mut State) {
    let Some(opened) = &state.opened else { return };
    state.export.what = if !opened.selection.is_empty() {
        ExportWhat::Selected
    } else if opened.query.is_everything() {
        ExportWhat::All
    } else {
        ExportWhat::Shown
    };
    let parent = state.settings.export_folder.as_deref().and_then(std::path::Path::parent).map(PathBuf::from);
    let parent = parent.or_else(|| state.home.clone());
    state.export.folder = match parent {
        Some(parent) => parent.join(suggested_name(&opened.project.name, "export")).display().to_string(),
        None => suggested_name(&opened.project.name, "export"),
    };
    state.export.failure = None;
    refresh_preview(state);
}

/// A folder's name from a project's: letters and digits of any script, the rest as hyphens.
pub(super) fn suggested_name(project: &str, what: &str) -> String {
    let mut name = String::new();
    for character in project.chars().take(60) {
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { what.to_owned() } else { format!("{name}-{what}") }
}

fn chosen(opened: &Opened, what: ExportWhat) -> Vec<ImageIx> {
    match what {
        ExportWhat::All => (0..opened.catalogue.len() as u32).map(ImageIx).collect(),
        ExportWhat::Shown => opened.visible.clone(),
        ExportWhat::Selected => {
            // In the order of arrival, so that two exports of one choice are the same bytes.
            let mut images: Vec<_> = opened.selection.iter().collect();
            images.sort_unstable();
            images
        }
    }
}

/// Counts what the export would take.
fn refresh_preview(state: &mut State) {
    let Some(opened) = &state.opened else { return };
    let images = chosen(opened, state.export.what);
    let mut preview = ExportPreview { images: images.len() as u64, ..ExportPreview::default() };
    for image in images.iter().filter_map(|&ix| opened.catalogue.get(ix)) {
        preview.regions += image.region_count() as u64;
        preview.without_regions += u64::from(image.region_count() == 0);
        for region in image.regions() {
            if region.rect.clamped().is_empty() {
                preview.empty_regions += 1;
            } else if region.rect.leaves_image() {
                preview.outside_regions += 1;
            }
        }
    }
    let tags = opened.catalogue.tags();
    preview.classes = tags.iter().filter(|(_, tag)| !tag.is_negative()).map(|(_, tag)| Arc::clone(&tag.name)).collect();
    state.export.preview = preview;
}

fn start(state: &mut State) -> Vec<Effect> {
    let task = TaskId(state.number());
    let Some(opened) = &state.opened else { return Vec::new() };
    let images = chosen(opened, state.export.what);
    let out = match checked_folder(state, images.len()) {
        Ok(out) => out,
        Err(failure) => {
            state.export.failure = Some(failure);
            return Vec::new();
        }
    };
    let iterations = state.iterations.get(&opened.project.id).and_then(|result| result.as_ref().ok());
    let iteration = opened.iteration.and_then(|id| iterations?.iter().find(|iteration| iteration.id == id).cloned());
    let job = ExportJob {
        task,
        generation: opened.generation,
        catalogue: Arc::clone(&opened.catalogue),
        images,
        project: opened.project.clone(),
        kind: opened.kind,
        iteration,
        formats: state.export.formats.clone(),
        pixels: state.export.pixels,
        options: crate::formats::FormatOptions::default(),
        notes: doubts(opened, state.export.what),
        out: out.clone(),
        // Whoever starts it again at the same place means to go on.
        is_resumed: true,
    };
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    state.tasks.push(Task {
        id: task,
        title: format!("Export to {name}"),
        state: TaskState::Running {
            stage: "Starting",
            done: 0,
            total: job.images.len() as u64,
            bytes: 0,
            waiting: None,
        },
        go_on: None,
        paused: Some(false),
    });
    state.settings.export_folder = Some(out);
    state.dialog = Some(Dialog::Tasks);
    vec![Effect::Export(Box::new(job)), save(state)]
}

/// What the report is to say of the list that the images are of.
fn doubts(opened: &Opened, what: ExportWhat) -> Vec<String> {
    let note = match &opened.listing {
        // Whoever chose images means these.
        _ if what == ExportWhat::Selected => return Vec::new(),
        _ if opened.is_of_last_visit() => {
            "The list of images is that of an earlier visit: listing them again was not done."
        }
        ListingState::Complete { .. } => return Vec::new(),
        ListingState::Incomplete { tally } => return words::of_list(tally),
        ListingState::Running { .. } => "The export was begun before the list of images was complete.",
        ListingState::Failed { .. } => "The list of images is incomplete: listing them was stopped or failed.",
    };
    vec![note.to_owned()]
}

fn checked_folder(state: &State, images: usize) -> Result<PathBuf, Failure> {
    if state.export.formats.is_empty() {
        return Err(files("Export", &state.export.folder, "choose a format first"));
    }
    if images == 0 {
        return Err(files("Export", &state.export.folder, "there is no image to export"));
    }
    whole_path(state, &state.export.folder, "Export")
}

/// A typed folder as a path from the root on; `what` stands for it while nothing is typed.
pub(super) fn whole_path(state: &State, typed: &str, what: &str) -> Result<PathBuf, Failure> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(files(what, typed, "enter the folder that is to be made"));
    }
    let path = match (text.strip_prefix("~/"), &state.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    if path.is_relative() {
        return Err(files(what, typed, "enter the whole path, from / or a drive on"));
    }
    Ok(path)
}

fn files(what: &str, typed: &str, reason: &str) -> Failure {
    let path = if typed.trim().is_empty() { what } else { typed }.to_owned();
    Failure::bare(FailureKind::Files { path, reason: reason.to_owned() })
}
