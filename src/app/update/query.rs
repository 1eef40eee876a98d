//! The query: edits its text, holds it against the catalogue and keeps the list of shown images.

use std::sync::Arc;

use super::save;
use crate::query::{QueryCommand, QueryState, SavedQuery};
use crate::state::Opened;
use crate::wall::ChosenRegions;
use crate::{Effect, State, words};
use domain::query::{Program, Query, QueryError, RegionProgram, Sources, Test, edit, parse};
use domain::{ImageGrouping, Sort, TagTable, order};

pub(super) fn update(state: &mut State, command: QueryCommand) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if let QueryCommand::Include(Test::Tag(_)) | QueryCommand::Only(Test::Tag(_)) = &command {
        // Of two choices of a tag the later one counts: the wall's own would hide what this one is to show.
        opened.wall.only = None;
    }
    let text = opened.query.text_in_force();
    let text = match command {
        QueryCommand::Edit(text) => text,
        QueryCommand::Type(text) => {
            take_typed(opened, text);
            return Vec::new();
        }
        QueryCommand::ApplyTyped { reports_error } => {
            if is_applied(opened, reports_error) {
                requery(state);
                remember(state);
            }
            return Vec::new();
        }
        QueryCommand::Clear => String::new(),
        QueryCommand::Refresh => {
            super::outdated::refresh(opened, state.settings.order());
            return Vec::new();
        }
        QueryCommand::Include(test) => edit::include(text, &test),
        QueryCommand::Exclude(test) => edit::exclude(text, &test),
        QueryCommand::Only(test) => edit::only(text, &test),
        QueryCommand::Sample(count) => {
            opened.query.text = edit::sample(text, count);
            opened.query.is_pending = false;
            requery(state);
            remember(state);
            say_sample(state, count);
            return Vec::new();
        }
        QueryCommand::TakeAway(place) => edit::without(text, &place),
        QueryCommand::Save(name) => {
            let (project, text) = (opened.project.id, text.to_owned());
            let name = name.trim().to_owned();
            if name.is_empty() || text.trim().is_empty() {
                return Vec::new();
            }
            state.settings.keep_query(project, SavedQuery { name, text });
            return vec![save(state)];
        }
        QueryCommand::Forget(name) => {
            let project = opened.project.id;
            state.settings.forget_query(project, &name);
            return vec![save(state)];
        }
        QueryCommand::Rename { from, to } => {
            let (project, to) = (opened.project.id, to.trim());
            if !to.is_empty() {
                state.settings.rename_query(project, &from, to);
            }
            return vec![save(state)];
        }
        QueryCommand::Move { name, by } => {
            let project = opened.project.id;
            state.settings.move_query(project, &name, by);
            return vec![save(state)];
        }
    };
    opened.query.text = text;
    opened.query.is_pending = false;
    requery(state);
    remember(state);
    Vec::new()
}

/// Remembers the query that is in force, unless what is in the box could not be understood. It is saved with the settings
/// when they are, at the end at the latest.
fn remember(state: &mut State) {
    let Some(opened) = state.opened.as_ref().filter(|opened| opened.query.error.is_none()) else { return };
    let project = opened.project.id;
    let text = opened.query.text_in_force().to_owned();
    state.settings.query_history.remember(project, &text);
}

fn say_sample(state: &mut State, count: u32) {
    let Some(opened) = &state.opened else { return };
    let images = words::count(opened.visible.len() as u64, "image", "images");
    let words = format!("Random sample, {} of each tag: {images}", words::thousands(u64::from(count)));
    super::review::say_for_a_moment(state, &words);
}

/// Keeps text that is being typed. An error that is on show follows the text, so that it goes as soon as it is fixed;
/// a new one is not reported before the text is settled.
fn take_typed(opened: &mut Opened, text: String) {
    opened.query.text = text;
    opened.query.is_pending = opened.query.text != opened.query.good_text;
    if opened.query.error.is_some() || !opened.query.is_pending {
        opened.query.error = read(&opened.query.text, opened.catalogue.tags()).err();
    }
}

/// Whether typed text is to be applied now.
fn is_applied(opened: &mut Opened, reports_error: bool) -> bool {
    let query = &mut opened.query;
    if !query.is_pending {
        return false;
    }
    match read(&query.text, opened.catalogue.tags()) {
        Ok(_) => {
            query.is_pending = false;
            true
        }
        Err(error) => {
            // The list stays that of the last valid query.
            if reports_error {
                query.error = Some(error);
                query.is_pending = false;
            }
            false
        }
    }
}

fn read(text: &str, tags: &TagTable) -> Result<(Query, Program), QueryError> {
    let query = parse(text)?;
    let program = Program::bind(&query, tags)?;
    Ok((query, program))
}

/// Holds the query against everything again: after its text, the order or findings have changed.
pub(crate) fn requery(state: &mut State) {
    let sort = state.settings.order();
    if let Some(opened) = &mut state.opened {
        hold(opened, sort);
    }
}

/// Holds the query against the catalogue as it is now.
pub(crate) fn hold(opened: &mut Opened, sort: Sort) {
    understand(opened);
    choose_regions(opened);
    opened.query.outdated.clear();
    opened.visible = order::shown(&sources(opened), &opened.query.program, sort);
    opened.ungrouped.clear();
    group(opened, sort);
    let mut facets = std::mem::take(&mut opened.query.facets);
    facets.count(&sources(opened), &opened.visible);
    opened.query.facets = facets;
}

/// Notes what the query says of regions, with the decisions and findings as they are now, where it asks about them.
fn choose_regions(opened: &mut Opened) {
    let query = &mut opened.query;
    let Ok(Some(program)) = RegionProgram::bind(&query.query, opened.catalogue.tags()) else {
        query.regions = None;
        return;
    };
    query.times_asked += 1;
    let reviews = match query.program.asks_reviews() {
        true => Arc::new(opened.review.reviews.clone()),
        false => Arc::default(),
    };
    let findings = match query.program.asks_findings() {
        true => Arc::clone(&opened.checks.findings),
        false => Arc::default(),
    };
    let changes = Arc::clone(opened.changes.by_image(opened.generation));
    let predicted = opened.predictions.judged(opened.generation).clone();
    let number = query.times_asked;
    query.regions = Some(ChosenRegions { number, program: Arc::new(program), reviews, findings, changes, predicted });
}

/// Holds the query against what has changed by itself: findings, decisions that have been read again. While somebody
/// decides the list stays as it is, and what would change about it is counted.
pub(crate) fn recheck(opened: &mut Opened, sort: Sort) {
    if !opened.query.outdated.is_held() {
        return hold(opened, sort);
    }
    understand(opened);
    let mut facets = std::mem::take(&mut opened.query.facets);
    facets.count(&sources(opened), &opened.visible);
    opened.query.facets = facets;
    super::outdated::after_change(opened, sort);
}

/// Holds the query against another catalogue than before.
pub(crate) fn rerun(opened: &mut Opened, sort: Sort) {
    opened.query.facets = Default::default();
    recheck(opened, sort);
}

/// Counts decisions and findings again where the query does not ask about them.
pub(crate) fn recount(state: &mut State) {
    let Some(opened) = &mut state.opened else { return };
    let mut facets = std::mem::take(&mut opened.query.facets);
    facets.recount(&sources(opened), &opened.visible);
    opened.query.facets = facets;
}

/// Counts again what becomes of predictions, where the query does not ask about it.
pub(crate) fn recount_outcomes(opened: &mut Opened) {
    let mut facets = std::mem::take(&mut opened.query.facets);
    facets.recount_outcomes(&sources(opened), &opened.visible);
    opened.query.facets = facets;
}

/// Takes the images from index `from` on, which have just arrived, into the shown ones.
pub(crate) fn arrived(opened: &mut Opened, sort: Sort, from: u32) {
    if from == 0 {
        // The first images may belong to another catalogue than the tags before them.
        return rerun(opened, sort);
    }
    if tags_arrived(opened, sort) {
        return;
    }
    if opened.query.is_drawn_from_few(opened.catalogue.len()) {
        return recheck(opened, sort);
    }
    let has_groups = opened.grouping != ImageGrouping::None && opened.similar.is_none();
    let mut visible = std::mem::take(if has_groups { &mut opened.ungrouped } else { &mut opened.visible });
    order::extend_shown(&sources(opened), &opened.query.program, sort, from, &mut visible);
    opened.visible = visible;
    let mut shown = Vec::new();
    opened.query.program.extend(&sources(opened), from, &mut shown);
    let mut facets = std::mem::take(&mut opened.query.facets);
    facets.add(&sources(opened), &shown);
    opened.query.facets = facets;
    group(opened, sort);
}

/// The list has ended: a sample is of all of it.
pub(crate) fn listed(opened: &mut Opened, sort: Sort) {
    if opened.query.program.asks_sample() && opened.query.drawn_from != opened.catalogue.len() {
        recheck(opened, sort);
    }
}

/// Puts those of a group together. A list that grows continues from the order without groups.
pub(super) fn group(opened: &mut Opened, sort: Sort) {
    opened.groups.clear();
    if let Some(similar) = &opened.similar {
        opened.ungrouped.clear();
        similar.sort(&mut opened.visible);
        return;
    }
    if opened.grouping == ImageGrouping::None {
        return;
    }
    let is_oldest_first = sort.is_oldest_first();
    let (visible, groups) = order::grouped(&opened.catalogue, &opened.visible, opened.grouping, is_oldest_first);
    opened.groups = groups;
    opened.ungrouped = std::mem::replace(&mut opened.visible, visible);
}

/// Holds the query against the tags again when there are others than before; says whether the list was made again.
pub(crate) fn tags_arrived(opened: &mut Opened, sort: Sort) -> bool {
    let has_changed = opened.query.tag_count != opened.catalogue.tags().len() && !opened.query.text.trim().is_empty();
    if has_changed && opened.query.outdated.is_held() {
        understand(opened);
        return false;
    }
    if has_changed {
        hold(opened, sort);
    }
    has_changed
}

/// Everything that a query can ask about.
pub(crate) fn sources(opened: &Opened) -> Sources<'_> {
    Sources {
        catalogue: &opened.catalogue,
        reviews: &opened.review.reviews,
        findings: &opened.checks.findings,
        changes: opened.changes.by_image(opened.generation),
        predicted: opened.predictions.judged(opened.generation),
    }
}

/// Reads the text that is to be in force; one with an error leaves the last valid query in force.
fn understand(opened: &mut Opened) {
    let tags = opened.catalogue.tags();
    let QueryState { text, error, is_pending, good_text, query, program, tag_count, drawn_from, .. } =
        &mut opened.query;
    *tag_count = tags.len();
    *drawn_from = opened.catalogue.len();
    match read(if *is_pending { good_text } else { text }, tags) {
        Ok((fresh, bound)) => {
            (*query, *program) = (fresh, bound);
            if !*is_pending {
                *error = None;
                good_text.clone_from(text);
            }
        }
        Err(why) => {
            if !*is_pending {
                *error = Some(why);
            }
            // The query in force may name tags by their old places.
            *program = Program::bind(query, tags).unwrap_or_default();
        }
    }
}
