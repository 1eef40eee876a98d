//! Does the commands of [`crate::changes`] and takes its events.

mod report;

use std::sync::Arc;

use super::{canvas, outdated, query, review};
use crate::canvas::ZoomCommand;
use crate::changes::{ChangesCommand, ChangesEvent, CompareJob, OtherState, StateComparison};
use crate::state::Opened;
use crate::view::View;
use crate::words::thousands;
use crate::{Effect, Failure, ListingState, Notice, Severity, State};
use domain::Subject;
pub(crate) use report::folder_picked;

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
        ChangesCommand::AskReport(format) => report::ask(state, format),
        ChangesCommand::EditReportPath(path) => report::edit(state, path),
        ChangesCommand::SaveReport { replaces } => report::save(state, replaces),
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
        has_untagged: opened.has_untagged,
        is_incomplete: !matches!(opened.listing, ListingState::Complete { .. }),
        problems: opened.page_problems.clone(),
        iteration: opened.iteration,
        project: opened.project.clone(),
        kind: opened.kind,
    };
    vec![Effect::Compare { generation: opened.generation, job: Box::new(job) }]
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: ChangesEvent) -> Vec<Effect> {
    match event {
        ChangesEvent::Compared { number, result } => compared(state, number, result),
        ChangesEvent::Saved(result) => report::saved(state, result),
    }
    Vec::new()
}

fn compared(state: &mut State, number: u64, result: Result<Arc<StateComparison>, Failure>) {
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.changes.busy == Some(number)) else { return };
    let generation = opened.generation;
    opened.changes.busy = None;
    match result {
        Ok(comparison) => replace(state, |changes| changes.done = Some((generation, comparison))),
        Err(failure) => opened.changes.failure = Some(failure),
    }
}

/// Replaces the comparison, counts the facets again, and runs the query again if it asks about changes.
fn replace(state: &mut State, change: impl FnOnce(&mut crate::changes::ChangesState)) {
    let sort = state.settings.order();
    let Some(opened) = &mut state.opened else { return };
    outdated::before_change(opened, sort);
    change(&mut opened.changes);
    opened.changes.current = None;
    if opened.query.program.asks_changes() {
        query::recheck(opened, sort);
    } else {
        query::recount(state);
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
        let comparison = opened.changes.comparison(opened.generation)?;
        let change = comparison.changes.list.get(shown[at])?;
        Some((at, shown[at], comparison.sides(&opened.catalogue).brief(change)))
    });
    let Some((at, place, words)) = found else {
        let words = match opened.changes.comparison(opened.generation) {
            Some(_) => "There are no changes on the images shown.",
            None => "Compare the project with another state first.",
        };
        state.push_notice(Notice::new(Severity::Info, "No changes", words));
        return Vec::new();
    };
    let effects = go_to(state, place);
    review::say_of_view(state, &format!("Change {} of {}: {words}", thousands(at as u64 + 1), thousands(count as u64)));
    effects
}

/// Whether the walk is at a change that a decision about this subject is about.
pub(super) fn is_at(opened: &Opened, subject: Subject) -> bool {
    let current = opened.changes.current.filter(|_| opened.view == View::Canvas);
    current.and_then(|place| subject_at(opened, place)) == Some(subject)
}

/// What a decision about the change at a place of the list is about.
fn subject_at(opened: &Opened, place: usize) -> Option<Subject> {
    let comparison = opened.changes.comparison(opened.generation)?;
    comparison.subject(&opened.catalogue, comparison.changes.list.get(place)?)
}

/// The next change of the shown images, going round, that is about something else and has no verdict.
pub(super) fn next_unreviewed(opened: &Opened, subject: Subject) -> Option<usize> {
    let shown = shown(opened);
    let at = shown.iter().position(|&place| Some(place) == opened.changes.current)?;
    let is_open = |place: &&usize| {
        let other = subject_at(opened, **place).filter(|other| *other != subject);
        other.is_some_and(|other| opened.review.reviews.verdict(other).is_none())
    };
    shown[at..].iter().chain(&shown[..at]).find(is_open).copied()
}

/// Shows the change at a place of the list on the canvas, with its region selected where the open project has it.
pub(super) fn go_to(state: &mut State, place: usize) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let change = opened.changes.comparison(opened.generation).and_then(|done| done.changes.list.get(place)).copied();
    let Some((change, image)) = change.and_then(|change| Some((change, change.to?))) else { return Vec::new() };
    let is_there = opened.view == View::Canvas && opened.cursor == Some(image);
    let effects = if is_there { Vec::new() } else { canvas::show(opened, image) };
    opened.changes.current = Some(place);
    opened.region = change.region_to;
    state.zoom = Some((number, ZoomCommand::Fit));
    effects
}

#[cfg(test)]
mod tests;
