//! Does the commands of [`crate::changes`] and takes its events.

use super::{canvas, outdated, query, review};
use crate::canvas::ZoomCommand;
use crate::changes::{ChangesCommand, ChangesEvent, CompareJob, OtherState};
use crate::state::Opened;
use crate::words::thousands;
use crate::{Effect, ListingState, Notice, Severity, State};
use domain::changes::Change;

pub(super) fn update(state: &mut State, command: ChangesCommand) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match command {
        ChangesCommand::EditFolder(text) => {
            opened.changes.folder = text;
            Vec::new()
        }
        ChangesCommand::Compare(other) => compare(state, other),
        ChangesCommand::Close => {
            replace(state, |changes| changes.done = None);
            Vec::new()
        }
        ChangesCommand::Step(by) => step(state, by >= 0),
    }
}

fn compare(state: &mut State, other: OtherState) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    opened.changes.failure = None;
    opened.changes.busy = Some(number);
    let job = CompareJob {
        number,
        other,
        catalogue: opened.catalogue.clone(),
        is_incomplete: !matches!(opened.listing, ListingState::Complete { .. }),
        project: opened.project.clone(),
        kind: opened.kind,
    };
    vec![Effect::Compare { generation: opened.generation, job: Box::new(job) }]
}

/// Takes the end of a comparison of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: ChangesEvent) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if opened.changes.busy != Some(event.number) {
        return Vec::new();
    }
    let generation = opened.generation;
    opened.changes.busy = None;
    match event.result {
        Ok(comparison) => replace(state, |changes| changes.done = Some((generation, comparison))),
        Err(failure) => opened.changes.failure = Some(failure),
    }
    Vec::new()
}

/// Replaces the comparison, and runs the query again if it asks about changes.
fn replace(state: &mut State, change: impl FnOnce(&mut crate::changes::ChangesState)) {
    let sort = state.settings.sort;
    let Some(opened) = &mut state.opened else { return };
    outdated::before_change(opened, sort);
    change(&mut opened.changes);
    opened.changes.current = None;
    if opened.query.program.asks_changes() {
        query::follow(opened, sort);
    }
}

/// The changes of the shown images, in the order of these.
fn shown(opened: &Opened) -> Vec<usize> {
    let by_image = opened.changes.by_image(opened.generation);
    opened.visible.iter().flat_map(|&image| by_image.places(image)).collect()
}

fn step(state: &mut State, is_forward: bool) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let shown = shown(opened);
    let at = opened.changes.current.and_then(|current| shown.iter().position(|&place| place == current));
    // The first press stays on the image that is looked at, or goes to the next one that has changes.
    let here = || {
        let image = opened.cursor.and_then(|image| opened.place(image))?;
        let by_image = opened.changes.by_image(opened.generation);
        let first = opened.visible[image..].iter().find_map(|&image| by_image.places(image).next())?;
        shown.iter().position(|&place| place == first)
    };
    let count = shown.len();
    let next = match at {
        _ if count == 0 => None,
        Some(at) if is_forward => Some((at + 1) % count),
        Some(at) => Some((at + count - 1) % count),
        None if is_forward => Some(here().unwrap_or(0)),
        None => Some(here().map_or(count - 1, |at| (at + count - 1) % count)),
    };
    let found = next.and_then(|at| {
        let place = shown[at];
        let comparison = opened.changes.of(opened.generation)?;
        Some((at, place, *comparison.changes.list.get(place)?))
    });
    let Some((at, place, change)) = found else {
        let words = match opened.changes.of(opened.generation) {
            Some(_) => "There are no changes on the images shown.",
            None => "Compare the project with another state first.",
        };
        state.push_notice(Notice::new(Severity::Info, "No changes", words));
        return Vec::new();
    };
    let effects = go_to(state, place, &change);
    let kind = change.kind.label();
    review::say(state, &format!("Change {} of {}: {kind}", thousands(at as u64 + 1), thousands(count as u64)));
    effects
}

fn go_to(state: &mut State, place: usize, change: &Change) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(image) = change.to else { return Vec::new() };
    let is_there = opened.view == crate::state::View::Canvas && opened.cursor == Some(image);
    let effects = if is_there { Vec::new() } else { canvas::show(opened, image) };
    opened.changes.current = Some(place);
    opened.region = change.region_to;
    state.zoom = Some((number, ZoomCommand::Fit));
    effects
}

#[cfg(test)]
mod tests;
