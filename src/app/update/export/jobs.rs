//! Starting an export from the dialog, or again with the choices that were made.

use std::sync::Arc;

use super::{chosen, frozen_query, place_in_tasks};
use crate::dialog::Dialog;
use crate::export::ExportWhat;
use crate::retry::{ExportPlan, Retry};
use crate::state::Opened;
use crate::update::places::{files, keep_folder, whole_place};
use crate::update::{save, tasks};
use crate::{Effect, ExportJob, Failure, ListingState, State, Task, TaskId, task, words};
use domain::{Destination, ImageId, ImageIx};
use formats::{FormatOptions, SplitGroup};

pub(super) fn start(state: &mut State) -> Vec<Effect> {
    let task = TaskId(state.number());
    let Some(opened) = &state.opened else { return Vec::new() };
    if let Err(failure) = tasks::can_start(state, opened) {
        state.export.failure = Some(failure);
        return Vec::new();
    }
    let images = chosen(opened, &state.export);
    let out = match checked_place(state, images.len()) {
        Ok(out) => out,
        Err(failure) => {
            state.export.failure = Some(failure);
            return Vec::new();
        }
    };
    let options = match state.export.choices.options(&state.export.formats) {
        Ok(options) => options,
        Err(reason) => {
            state.export.failure = Some(files("Export", &state.export.folder, &reason));
            return Vec::new();
        }
    };
    let ids = || images.iter().filter_map(|&ix| Some(opened.catalogue.get(ix)?.id())).collect();
    let is_all = state.export.what == ExportWhat::All && state.export.choices.review.query().is_none();
    let plan = plan(state, opened, options, (!is_all).then(ids), out.clone());
    let job = job(state, opened, task, images, plan);
    keep_folder(state, out);
    begin(state, job)
}

/// Starts an export again with its choices, on the list of images as it is now.
///
/// # Errors
/// When its images are not in the list that is open.
pub(in crate::update) fn begin_again(state: &mut State, plan: &Arc<ExportPlan>) -> Result<Vec<Effect>, Failure> {
    let task = TaskId(state.number());
    let refused = |reason: String| files("Export", &plan.out.to_string(), &reason);
    let opened = state.opened.as_ref().filter(|opened| opened.iteration == plan.iteration);
    let opened = opened.ok_or_else(|| refused("first open the iteration that it was started for".to_owned()))?;
    let images: Vec<_> = match &plan.images {
        None => (0..opened.catalogue.len() as u32).map(ImageIx).collect(),
        Some(ids) => ids.iter().filter_map(|&id| opened.catalogue.find(id)).collect(),
    };
    let missing = plan.images.as_ref().map_or(0, |ids| ids.len() - images.len()) as u64;
    if state.is_listing() && (missing > 0 || plan.images.is_none()) {
        return Err(refused("wait until all images are listed, then resume it".to_owned()));
    }
    if missing > 0 {
        let images = words::count(missing, "of its images is", "of its images are");
        return Err(refused(format!("{images} no longer in the project: start a new export")));
    }
    let job = job(state, opened, task, images, ExportPlan::clone(plan));
    Ok(begin(state, job))
}

fn begin(state: &mut State, job: ExportJob) -> Vec<Effect> {
    if let Some(plan) = &job.plan {
        let retry = Retry::Export(Arc::clone(plan));
        task::push(&mut state.tasks, Task::begun(job.task, job.images.len(), retry));
    }
    state.dialog = Some(Dialog::Tasks);
    vec![Effect::Export(Box::new(job)), save(state)]
}

/// The choices as they are now.
pub(super) fn plan(
    state: &State,
    opened: &Opened,
    mut options: FormatOptions,
    images: Option<Vec<ImageId>>,
    out: Destination,
) -> ExportPlan {
    // The manifest says that reviews are exported only where there are some.
    options.has_reviews &= !opened.review.reviews.is_empty();
    ExportPlan {
        project: opened.project.id,
        project_name: opened.project.name.clone(),
        iteration: opened.iteration,
        what: state.export.what,
        images,
        formats: state.export.formats.clone(),
        pixels: state.export.pixels,
        options,
        query: frozen_query(opened, &state.export),
        out,
    }
}

/// The export that a plan means, of these images.
pub(super) fn job(state: &State, opened: &Opened, task: TaskId, images: Vec<ImageIx>, plan: ExportPlan) -> ExportJob {
    let iterations = state.iterations.get(&opened.project.id).and_then(|result| result.as_ref().ok());
    let iteration = opened.iteration.and_then(|id| iterations?.iter().find(|iteration| iteration.id == id).cloned());
    ExportJob {
        task,
        generation: opened.generation,
        catalogue: Arc::clone(&opened.catalogue),
        images,
        project: opened.project.clone(),
        kind: opened.kind,
        iteration,
        formats: plan.formats.clone(),
        pixels: plan.pixels,
        options: plan.options.clone(),
        near_duplicates: near_duplicates(opened, &plan.options),
        notes: notes(opened, &plan),
        query: plan.query.clone(),
        tags: Vec::new(),
        out: plan.out.clone(),
        // Starting it again at the same place means resuming it.
        is_resumed: true,
        plan: Some(Arc::new(plan)),
    }
}

/// What the report is to say of the images: which query chose them, what is known of their list, and which pictures were
/// not compared where near-duplicates are to stay together.
fn notes(opened: &Opened, plan: &ExportPlan) -> Vec<String> {
    let mut notes = doubts(opened, plan.what);
    notes.extend(plan.query.as_deref().map(words::query_note));
    if is_by_near_duplicates(&plan.options) && opened.checks.can_search(&opened.catalogue) {
        notes.push("Not all pictures were compared, so near-duplicates may be in different parts.".to_owned());
    }
    notes
}

fn is_by_near_duplicates(options: &FormatOptions) -> bool {
    options.split.as_ref().is_some_and(|rule| rule.group == SplitGroup::NearDuplicates)
}

/// The pairs that are known, where they are to stay together; a dismissed finding is no less a pair.
fn near_duplicates(opened: &Opened, options: &FormatOptions) -> Arc<[[ImageIx; 2]]> {
    if !is_by_near_duplicates(options) {
        return Arc::default();
    }
    opened.checks.findings.iter().filter_map(|known| known.finding.near_duplicates()).collect()
}

/// What the report is to say of the list that the images are of.
fn doubts(opened: &Opened, what: ExportWhat) -> Vec<String> {
    let note = match &opened.listing {
        // Selected images need no remark about the list.
        _ if what == ExportWhat::Selected => return Vec::new(),
        _ if opened.is_of_last_visit() => "The list of images is from an earlier visit and was not reloaded.",
        ListingState::Complete { .. } => return Vec::new(),
        ListingState::Incomplete { report } => return words::list_notes(report),
        ListingState::Running { .. } => "The export was started before the list of images was complete.",
        ListingState::Failed { .. } => "The list of images is incomplete, because listing was stopped or failed.",
    };
    vec![note.to_owned()]
}

fn checked_place(state: &State, images: usize) -> Result<Destination, Failure> {
    if state.export.formats.is_empty() {
        return Err(files("Export", &state.export.folder, "choose a format first"));
    }
    if images == 0 {
        return Err(files("Export", &state.export.folder, "there are no images to export"));
    }
    let place = whole_place(state, &state.export.folder, "Export")?;
    if place_in_tasks(state, &place).is_some_and(|of_task| !of_task.can_take()) {
        let reason = "another task is still writing there; wait for it, or choose another name";
        return Err(files("Export", &state.export.folder, reason));
    }
    Ok(place)
}
