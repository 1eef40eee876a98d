//! The export dialog: its fields, the choices that are kept by name, and what the export would leave out.

mod jobs;

use std::path::Path;

use super::places::{folder_of_exports, suggested_name, whole_path, whole_place};
use super::save;
use crate::dialog::Dialog;
use crate::export::{ExportChoice, ExportForm, ExportWhat, GroupChoice, PlaceState, PresetCommand, ReviewChoice};
use crate::presets::{ExportPreset, kept_name};
use crate::retry::Retry;
use crate::state::Opened;
use crate::{Effect, ExportCommand, Failure, State, Task, TaskId, TaskState};
use domain::query::{Program, parse};
use domain::{Destination, ImageIx, ImageView};
use formats::rules::is_classification;
use formats::{Class, ClassList, Format};

pub(super) use jobs::begin_again;

pub(super) fn update(state: &mut State, command: ExportCommand) -> Vec<Effect> {
    match command {
        ExportCommand::SetWhat(what) => {
            state.export.what = what;
            choose(state);
            return ask(state);
        }
        ExportCommand::ToggleFormat(format) => {
            state.export.are_formats_proposed = false;
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
            return ask(state);
        }
        ExportCommand::SetPixels(pixels) => {
            state.export.pixels = pixels;
            return ask(state);
        }
        ExportCommand::ToggleUntagged => {
            state.export.takes_untagged = !state.export.takes_untagged;
            choose(state);
            return ask(state);
        }
        ExportCommand::ToggleItems => state.export.has_items = !state.export.has_items,
        ExportCommand::Choose(ExportChoice::EarlierFolder(folder)) => return look_for_classes(state, folder),
        ExportCommand::Choose(ExportChoice::ToggleMore) => state.export.choices.take(ExportChoice::ToggleMore),
        ExportCommand::Choose(choice) => {
            // Only the choice by review changes which images are exported; the others may run at every keystroke.
            let is_of_images = matches!(choice, ExportChoice::Review(_));
            state.export.choices.take(choice);
            state.export.failure = None;
            if is_of_images {
                choose(state);
            }
            return ask(state);
        }
        ExportCommand::EditFolder(folder) => {
            state.export.folder = folder;
            state.export.proposal = None;
            state.export.failure = None;
            return look_at_place(state);
        }
        ExportCommand::Preset(command) => return update_presets(state, command),
        ExportCommand::Start => return jobs::start(state),
    }
    Vec::new()
}

/// Fills the dialog's fields for the open project.
pub(super) fn prepare(state: &mut State) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    state.export.what = if opened.selection.is_deliberate() {
        ExportWhat::Selected
    } else if opened.query.is_everything() {
        ExportWhat::All
    } else {
        ExportWhat::Shown
    };
    if state.export.are_formats_proposed {
        // COCO has no place for the tags of whole images.
        let format = if is_classification(opened.kind) { Format::Csv } else { Format::Coco };
        state.export.formats = vec![format];
    }
    propose(state, 1);
    state.export.failure = None;
    state.export.dry_run = None;
    state.export.takes_untagged = false;
    // Chosen for one set of decisions, it would be a surprise at the next.
    state.export.choices.review = ReviewChoice::All;
    choose(state);
    refresh_classes(state);
    let mut effects = ask(state);
    effects.extend(look_at_place(state));
    effects
}

/// Proposals after which the user is asked for a name.
const MOST_PROPOSALS: u32 = 99;

/// Puts the `number`th proposal for the folder into the field: `forks-export`, `forks-export-2`, ...
fn propose(state: &mut State, number: u32) {
    let Some(opened) = &state.opened else { return };
    let mut name = suggested_name(&opened.project.name, "export");
    if number > 1 {
        name = format!("{name}-{number}");
    }
    state.export.folder =
        folder_of_exports(state).map_or(name.clone(), |parent| parent.join(&name).display().to_string());
    state.export.proposal = Some(number);
}

/// Asks what the export would leave out.
fn ask(state: &mut State) -> Vec<Effect> {
    let number = state.number();
    state.export.asked = number;
    if state.opened.as_ref().is_some_and(|opened| opened.generation != state.export.chosen.0) {
        choose(state);
    }
    let Some(opened) = &state.opened else { return Vec::new() };
    match state.export.choices.options(&state.export.formats) {
        Ok(options) => {
            let images = state.export.chosen.1.to_vec();
            let plan = jobs::plan(state, opened, options, None, Destination::default());
            let job = jobs::job(state, opened, TaskId(0), images, plan);
            vec![Effect::DryRun { number, job: Box::new(job) }]
        }
        // Said in the dialog while it is typed.
        Err(_) => Vec::new(),
    }
}

/// Asks what is at the place.
fn look_at_place(state: &mut State) -> Vec<Effect> {
    state.export.place = PlaceState::Free;
    whole_place(state, &state.export.folder, "Export").map(Effect::LookAtPlace).into_iter().collect()
}

/// The answer; for another place than the one that is typed by now it is of no use. A proposal that is taken makes room
/// for the next one.
pub(crate) fn place_seen(state: &mut State, place: &Destination, seen: PlaceState) -> Vec<Effect> {
    if !whole_place(state, &state.export.folder, "Export").is_ok_and(|typed| typed == *place) {
        return Vec::new();
    }
    let seen = place_in_tasks(state, place).filter(|of_task| !of_task.can_take() || seen.is_resumed()).unwrap_or(seen);
    let proposal = state.export.proposal.filter(|&number| !seen.can_take() && number < MOST_PROPOSALS);
    if let Some(number) = proposal {
        propose(state, number + 1);
        return look_at_place(state);
    }
    state.export.place = seen;
    Vec::new()
}

/// What the jobs of this session are doing at a place, or have left there.
fn place_in_tasks(state: &State, place: &Destination) -> Option<PlaceState> {
    let is_there = |task: &&Task| task.retry.as_ref().is_some_and(|retry| retry.out() == place);
    state.tasks.iter().rev().filter(is_there).find_map(|task| match (&task.state, &task.retry) {
        (TaskState::Running { .. }, Some(Retry::Export(_))) if task.is_canceled => Some(PlaceState::Clearing),
        (TaskState::Running { .. }, _) => Some(PlaceState::Writing),
        (TaskState::Failed(_), Some(Retry::Export(_))) if task.is_canceled => Some(PlaceState::Canceled),
        _ => None,
    })
}

/// A job has ended: the open dialog that waits for its place looks again.
pub(crate) fn place_let_go(state: &mut State) -> Vec<Effect> {
    let waits = state.dialog == Some(Dialog::Export)
        && matches!(state.export.place, PlaceState::Writing | PlaceState::Clearing);
    if waits { look_at_place(state) } else { Vec::new() }
}

/// Asks for the order of classes of an earlier export.
fn look_for_classes(state: &mut State, folder: String) -> Vec<Effect> {
    let has_folder = !folder.trim().is_empty();
    state.export.choices.take(ExportChoice::EarlierFolder(folder));
    state.export.failure = None;
    let mut effects = Vec::new();
    if has_folder {
        match whole_path(state, &state.export.choices.earlier_folder, "Earlier export") {
            Ok(path) => effects.push(Effect::ReadClasses(path)),
            Err(failure) => state.export.choices.earlier = Some(Err(failure)),
        }
    }
    refresh_classes(state);
    effects.extend(ask(state));
    effects
}

/// The answer; for another folder than the one that is typed by now it is of no use.
pub(crate) fn classes_read(state: &mut State, folder: &Path, result: Result<Vec<Class>, Failure>) -> Vec<Effect> {
    let typed = &state.export.choices.earlier_folder;
    if !whole_path(state, typed, "Earlier export").is_ok_and(|typed| typed == folder) {
        return Vec::new();
    }
    state.export.choices.earlier = Some(result);
    refresh_classes(state);
    ask(state)
}

fn chosen(opened: &Opened, form: &ExportForm) -> Vec<ImageIx> {
    let images = chosen_images(opened, form);
    let is_labeled = |ix: &ImageIx| opened.catalogue.get(*ix).is_some_and(|image| !opened.is_untagged(image));
    match opened.has_untagged && !form.takes_untagged {
        true => images.into_iter().filter(is_labeled).collect(),
        false => images,
    }
}

/// The same with those that nobody has labeled yet.
fn chosen_images(opened: &Opened, form: &ExportForm) -> Vec<ImageIx> {
    let images = match form.what {
        ExportWhat::All => (0..opened.catalogue.len() as u32).map(ImageIx).collect(),
        ExportWhat::Shown => opened.visible.clone(),
        ExportWhat::Selected => {
            // In the order of arrival, so that two exports of one choice are the same bytes.
            let mut images: Vec<_> = opened.selection.iter().collect();
            images.sort_unstable();
            images
        }
    };
    let Some(text) = form.choices.review.query() else { return images };
    let program = parse(text).and_then(|query| Program::bind(&query, opened.catalogue.tags()));
    // Rather none than images that were not chosen.
    let Ok(program) = program else { return Vec::new() };
    let sources = super::query::sources(opened);
    let is_let_through = |ix: &ImageIx| opened.catalogue.get(*ix).is_some_and(|image| program.matches(&sources, image));
    images.into_iter().filter(is_let_through).collect()
}

/// The query that lets the images through, as it was when the export began; `None`: all of them were chosen.
fn frozen_query(opened: &Opened, form: &ExportForm) -> Option<String> {
    let has_query = form.what == ExportWhat::Shown && !opened.query.is_everything();
    let shown = has_query.then(|| opened.query.text_in_force().trim());
    match (shown, form.choices.review.query()) {
        (None, review) => review.map(str::to_owned),
        (Some(shown), None) => Some(shown.to_owned()),
        (Some(shown), Some(review)) => Some(format!("({shown}) {review}")),
    }
}

/// Finds and counts the images that the export would take.
fn choose(state: &mut State) {
    let Some(opened) = &state.opened else { return };
    let images = chosen(opened, &state.export);
    let all = if opened.has_untagged { chosen_images(opened, &state.export) } else { Vec::new() };
    let untagged = all.into_iter().filter_map(|ix| opened.catalogue.get(ix)).filter(ImageView::is_untagged);
    state.export.preview.untagged = untagged.count() as u64;
    let preview = &mut state.export.preview;
    (preview.images, preview.regions, preview.without_regions) = (images.len() as u64, 0, 0);
    for image in images.iter().filter_map(|&ix| opened.catalogue.get(ix)) {
        preview.regions += image.region_count() as u64;
        preview.without_regions += u64::from(image.region_count() == 0);
    }
    state.export.chosen = (opened.generation, images.into());
}

/// Puts the classes in the order of the export.
fn refresh_classes(state: &mut State) {
    let Some(opened) = &state.opened else { return };
    let earlier = match &state.export.choices.earlier {
        Some(Ok(classes)) => classes.as_slice(),
        _ => &[],
    };
    let classes = ClassList::of(opened.catalogue.tags(), earlier);
    state.export.preview.classes = classes.classes().iter().map(|class| class.name.as_str().into()).collect();
}

/// Near-duplicates were looked for: the open dialog says what that means for its split.
pub(crate) fn pictures_compared(state: &mut State) -> Vec<Effect> {
    let is_asked =
        state.dialog == Some(Dialog::Export) && state.export.choices.split_group == GroupChoice::NearDuplicates;
    if is_asked { ask(state) } else { Vec::new() }
}

fn update_presets(state: &mut State, command: PresetCommand) -> Vec<Effect> {
    match command {
        PresetCommand::Save(typed) => {
            let Some(name) = kept_name(&typed) else { return Vec::new() };
            let preset = ExportPreset::from_form(&name, &state.export);
            state.settings.export_presets.keep(preset);
            state.export.preset = Some(name);
        }
        PresetCommand::Rename { from, to } => {
            let Some(name) = kept_name(&to) else { return Vec::new() };
            let Some(preset) = state.settings.export_presets.take(&from) else { return Vec::new() };
            if state.export.preset.as_ref() == Some(&from) {
                state.export.preset = Some(name.clone());
            }
            state.settings.export_presets.keep(ExportPreset { name, ..preset });
        }
        PresetCommand::Remove(name) => {
            if state.settings.export_presets.take(&name).is_none() {
                return Vec::new();
            }
        }
        PresetCommand::Use(name) => return choose_preset(state, &name),
    }
    vec![save(state)]
}

fn choose_preset(state: &mut State, name: &str) -> Vec<Effect> {
    let found = state.settings.export_presets.iter().find(|preset| preset.name == name);
    let Some(ExportPreset { formats, pixels, choices, .. }) = found.cloned() else { return Vec::new() };
    let form = &mut state.export;
    form.preset = Some(name.to_owned());
    (form.formats, form.pixels, form.are_formats_proposed, form.failure) = (formats, pixels, false, None);
    let earlier = choices.earlier_folder.clone();
    form.choices.take_lasting(choices);
    choose(state);
    if earlier.trim().is_empty() {
        refresh_classes(state);
        return ask(state);
    }
    look_for_classes(state, earlier)
}

#[cfg(test)]
mod tests;
