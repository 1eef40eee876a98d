//! Does the commands of [`crate::statistics`] and takes its events.

use std::sync::Arc;

use super::places::{folder_of_exports, in_folder, suggested_name, whole_path};
use crate::dialog::Dialog;
use crate::failure::FailureKind;
use crate::query::QueryCommand;
use crate::state::Opened;
use crate::statistics::{
    SaveForm, SaveJob, SaveWhat, StatisticsCommand, StatisticsEffect, StatisticsEvent, StatisticsScope, StatisticsStamp,
};
use crate::view::View;
use crate::{Effect, ListingState, Notice, State, words};
use domain::query::{self, NodeKind, edit};
use domain::stats::Target;

pub(super) fn update(state: &mut State, command: StatisticsCommand) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match command {
        StatisticsCommand::SetScope(scope) => opened.statistics.scope = scope,
        StatisticsCommand::Narrow(target) => {
            let text = narrowed(opened.query.text_in_force(), &target);
            return super::query::update(state, QueryCommand::Edit(text));
        }
        StatisticsCommand::AskSave(what) => ask_save(state, what),
        StatisticsCommand::EditPath(path) => {
            let form = &mut opened.statistics.form;
            *form = SaveForm { path, what: form.what, is_busy: form.is_busy, ..SaveForm::default() };
        }
        StatisticsCommand::Save { replaces } => return save(state, replaces),
    }
    Vec::new()
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: StatisticsEvent) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let statistics = &mut opened.statistics;
    match event {
        StatisticsEvent::Counted { stamp, figures } => {
            statistics.asked = None;
            // Also of what failed: it would fail again.
            statistics.held = Some(stamp);
            match figures {
                Ok(figures) => (statistics.figures, statistics.failure) = (Some(figures), None),
                Err(failure) => statistics.failure = Some(failure),
            }
        }
        StatisticsEvent::Saved(Ok(path)) => {
            statistics.form.is_busy = false;
            if state.dialog == Some(Dialog::SavePlots) {
                state.dialog = None;
            }
            state.push_notice(Notice::saved(&path));
        }
        StatisticsEvent::Saved(Err(failure)) => {
            let form = &mut statistics.form;
            form.is_busy = false;
            form.is_taken = matches!(failure.kind, FailureKind::AlreadyThere { .. }) && form.what != SaveWhat::All;
            form.failure = Some(failure);
        }
    }
    Vec::new()
}

/// Asks for fresh figures when those in sight are not of what is shown now; while some are being counted, nothing.
/// To be called after whatever may have changed the list.
pub(crate) fn refresh(state: &mut State) -> Option<Effect> {
    let opened = state.opened.as_mut().filter(|opened| opened.view == View::Statistics)?;
    if opened.statistics.asked.is_some() {
        return None;
    }
    let stamp = stamp(opened);
    // While a list is reloaded, its old figures are more useful than none.
    let begins = opened.catalogue.is_empty() && matches!(opened.listing, ListingState::Running { .. });
    if opened.statistics.held == Some(stamp) || (begins && opened.statistics.figures.is_some()) {
        return None;
    }
    let is_first = opened.statistics.held.is_none();
    opened.statistics.asked = Some(stamp);
    let is_of_all = stamp.scope == StatisticsScope::All || opened.visible.len() == opened.catalogue.len();
    let effect = StatisticsEffect::Count {
        catalogue: Arc::clone(&opened.catalogue),
        images: (!is_of_all).then(|| opened.visible.as_slice().into()),
        stamp,
        is_restless: matches!(opened.listing, ListingState::Running { .. }) && !is_first,
    };
    Some(Effect::Statistics { generation: opened.generation, effect })
}

fn stamp(opened: &Opened) -> StatisticsStamp {
    let scope = opened.statistics.scope;
    let shown = match scope {
        StatisticsScope::All => 0,
        // A sum of well mixed numbers: the order does not matter, and it costs some microseconds.
        StatisticsScope::Shown => opened.visible.iter().fold(opened.visible.len() as u64, |sum, ix| {
            let mixed = (u64::from(ix.0) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            sum.wrapping_add(mixed ^ (mixed >> 31))
        }),
    };
    let (edition, catalogue) = (opened.statistics.edition, &opened.catalogue);
    StatisticsStamp { scope, edition, images: catalogue.len(), tags: catalogue.tags().len(), shown }
}

/// The query with the terms of a target that it does not have yet.
fn narrowed(text: &str, target: &Target) -> String {
    let mut text = text.to_owned();
    for term in target.terms() {
        let Ok(parsed) = query::parse(&term) else { continue };
        let Some(NodeKind::Test(test, _)) = parsed.root.map(|root| root.kind) else { continue };
        let has_it = query::parse(&text).is_ok_and(|query| edit::standing(&query, &test) == edit::Standing::Included);
        if !has_it {
            // In parentheses where there are alternatives: they would take the new term into their last one.
            text = match text.trim() {
                "" => term,
                before if is_alternative(before) => format!("({before}) {term}"),
                before => format!("{before} {term}"),
            };
        }
    }
    text
}

fn is_alternative(text: &str) -> bool {
    let root = query::parse(text).ok().and_then(|query| query.root);
    root.is_some_and(|root| matches!(root.kind, NodeKind::Or(_)))
}

fn ask_save(state: &mut State, what: SaveWhat) {
    let parent = folder_of_exports(state).unwrap_or_default();
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.statistics.figures.is_some()) else { return };
    let name = match what {
        SaveWhat::All => suggested_name(&opened.project.name, "statistics"),
        SaveWhat::One(panel, format) => {
            let stem = suggested_name(&opened.project.name, panel.file_stem());
            format!("{stem}.{}", format.extension())
        }
    };
    let path = parent.join(name).display().to_string();
    let is_busy = opened.statistics.form.is_busy;
    opened.statistics.form = SaveForm { what, path, is_busy, ..SaveForm::default() };
    state.dialog = Some(Dialog::SavePlots);
}

/// A folder was picked: the name stays.
pub(crate) fn folder_picked(state: &mut State, folder: &std::path::Path) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let form = &opened.statistics.form;
    let path = in_folder(folder, &form.path, form.what.default_name());
    update(state, StatisticsCommand::EditPath(path.display().to_string()))
}

impl SaveWhat {
    fn default_name(self) -> String {
        match self {
            Self::All => "statistics".to_owned(),
            Self::One(panel, format) => format!("{}.{}", panel.file_stem(), format.extension()),
        }
    }
}

fn save(state: &mut State, replaces: bool) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let form = &opened.statistics.form;
    let (Some(figures), false) = (&opened.statistics.figures, form.is_busy) else { return Vec::new() };
    let path = whole_path(state, &form.path, "The plots").map(|path| match form.what {
        SaveWhat::One(_, format) if path.extension().is_none() => path.with_extension(format.extension()),
        _ => path,
    });
    let job = path.map(|path| SaveJob {
        figures: Arc::clone(figures),
        what: form.what,
        path,
        replaces: replaces && form.is_taken,
        caption: caption(opened),
    });
    let generation = opened.generation;
    let Some(form) = state.opened.as_mut().map(|opened| &mut opened.statistics.form) else { return Vec::new() };
    match job {
        Ok(job) => {
            (form.is_busy, form.failure, form.is_taken) = (true, None, false);
            let effect = StatisticsEffect::Save(Box::new(job));
            vec![Effect::Statistics { generation, effect }]
        }
        Err(failure) => {
            form.failure = Some(failure);
            Vec::new()
        }
    }
}

fn caption(opened: &Opened) -> String {
    let images = opened.statistics.figures.as_ref().map_or(0, |figures| figures.images);
    let images = words::count(images, "image", "images");
    let query = opened.query.text_in_force().trim();
    match opened.statistics.scope_of_figures() {
        StatisticsScope::Shown if !query.is_empty() => format!("{}: {images}, {query}", opened.project.name),
        _ => format!("{}: {images}", opened.project.name),
    }
}

#[cfg(test)]
mod tests;
