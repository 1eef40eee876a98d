//! Does the commands of [`crate::predictions`] and takes their events.

pub(crate) use saving::folder_picked;

mod saving;

use std::sync::Arc;

use super::{canvas, outdated, query, review};
use crate::canvas::ZoomCommand;
use crate::dialog::Dialog;
use crate::predictions::{
    Layer, LoadJob, MOST_SETS, MatchedSet, PredictionSet, PredictionsCommand, PredictionsEffect, PredictionsEvent,
    PredictionsPlace, PredictionsState, doubt_words,
};
use crate::state::Opened;
use crate::words::count;
use crate::{Effect, FailureKind, ListingState, Notice, Severity, State};
use domain::evaluation::{AtPoint, JudgedPredictions};

pub(super) fn update(state: &mut State, command: PredictionsCommand) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let predictions = &mut opened.predictions;
    match command {
        PredictionsCommand::EditPath(text) => predictions.path = text,
        PredictionsCommand::EditLabels(text) => predictions.labels = text,
        PredictionsCommand::Load(place) => return load(state, place),
        PredictionsCommand::Stop => {
            predictions.busy = None;
            predictions.awaited.clear();
            return vec![effect(opened, PredictionsEffect::Stop)];
        }
        PredictionsCommand::Choose(place) => return choose(state, place),
        PredictionsCommand::Close(place) => return close(state, place),
        PredictionsCommand::SetScore(score) => {
            let score = clamped(score);
            change(state, |predictions| {
                predictions.score = score;
                predictions.judged.score = score;
                look_up(predictions);
            });
        }
        PredictionsCommand::SetIou(iou) => {
            predictions.iou = clamped(iou);
            return match_again(state);
        }
        PredictionsCommand::SetLayer(layer) => predictions.layer = layer,
        PredictionsCommand::CycleLayer => return cycle(state),
        PredictionsCommand::SetCurve(tag) => predictions.curve_of = tag,
        PredictionsCommand::ShowDoubt(place) => return show_doubt(state, place),
        PredictionsCommand::AskSave => return saving::ask(state),
        PredictionsCommand::EditSavePath(path) => return saving::edit(state, path),
        PredictionsCommand::SetSaveKind(kind) => return saving::set_kind(state, kind),
        PredictionsCommand::Save => return saving::save(state),
        PredictionsCommand::Pick(at) => {
            let fate = at.and_then(|at| predictions.judged(opened.generation).matches.fate(at));
            predictions.picked = at;
            // The label that it lies on is chosen with it, so that a verdict is about that.
            opened.region = fate.and_then(|fate| fate.label);
        }
    }
    Vec::new()
}

fn clamped(share: f64) -> f64 {
    // Two digits are what people read; a slider gives many more.
    if share.is_finite() { (share.clamp(0.0, 1.0) * 100.0).round() / 100.0 } else { 0.5 }
}

fn effect(opened: &Opened, effect: PredictionsEffect) -> Effect {
    Effect::Predictions { generation: opened.generation, effect }
}

fn load(state: &mut State, place: PredictionsPlace) -> Vec<Effect> {
    let number = state.number();
    let known = state.opened.as_ref().and_then(|opened| state.iterations.get(&opened.project.id)?.as_ref().ok());
    let (name, trained_at) = match &place {
        PredictionsPlace::Iteration(id) => {
            let found = known.and_then(|all| all.iter().find(|one| one.id == *id));
            let name = found.map_or_else(|| id.to_string(), |one| one.name.clone());
            (name, found.and_then(|one| one.trained_at.clone()))
        }
        PredictionsPlace::Files { path, .. } => {
            let trimmed = path.trim_end_matches(['/', '\\']);
            (trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed).to_owned(), None)
        }
    };
    let Some(opened) = &mut state.opened else { return Vec::new() };
    // Predictions of images that are yet to come would count as unknown.
    if matches!(opened.listing, ListingState::Running { .. }) || opened.predictions.busy.is_some() {
        opened.predictions.awaited.retain(|other| *other != place);
        opened.predictions.awaited.push(place);
        return Vec::new();
    }
    let job = LoadJob {
        number,
        place,
        trained_at,
        name,
        catalogue: opened.catalogue.clone(),
        has_untagged: opened.has_untagged,
        project: opened.project.id,
        kind: opened.kind,
        score: opened.predictions.score,
        iou: opened.predictions.iou,
    };
    let predictions = &mut opened.predictions;
    predictions.failure = None;
    (predictions.busy, predictions.progress) = (Some(number), (0, 0));
    vec![effect(opened, PredictionsEffect::Load(Box::new(job)))]
}

/// All images are listed, or what was read has been: what waits for that is read now.
pub(crate) fn listed(state: &mut State) -> Vec<Effect> {
    let Some(awaited) = state.opened.as_mut().map(|opened| &mut opened.predictions.awaited) else { return Vec::new() };
    if awaited.is_empty() {
        return Vec::new();
    }
    let next = awaited.remove(0);
    load(state, next)
}

/// Takes an event of the open project; those of an earlier opening do not come here.
pub(crate) fn apply(state: &mut State, event: PredictionsEvent) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let predictions = &mut opened.predictions;
    match event {
        PredictionsEvent::Progress { number, done, total } => {
            if predictions.busy == Some(number) {
                predictions.progress = (done, total);
            }
        }
        PredictionsEvent::Loaded { number, result } => {
            if predictions.busy != Some(number) {
                return Vec::new();
            }
            predictions.busy = None;
            match result {
                Ok((set, matched)) => {
                    let mut effects = loaded(state, set, matched);
                    effects.extend(listed(state));
                    return effects;
                }
                Err(failure) if failure.kind == FailureKind::Canceled => predictions.awaited.clear(),
                Err(failure) => {
                    // In the dialog the next one takes its place.
                    if state.dialog != Some(Dialog::Predictions) || predictions.awaits() {
                        state.push_notice(Notice::from_failure(Severity::Error, &failure));
                    }
                    if let Some(opened) = &mut state.opened {
                        opened.predictions.failure = Some(failure);
                    }
                    return listed(state);
                }
            }
        }
        PredictionsEvent::Saved(result) => return saving::saved(state, result),
        PredictionsEvent::Matched { number, matched } => {
            if predictions.matching != Some(number) {
                return Vec::new();
            }
            predictions.matching = None;
            if let Some(matched) = matched {
                change(state, |predictions| take(predictions, matched));
                return match_again(state);
            }
        }
    }
    Vec::new()
}

fn loaded(state: &mut State, set: Arc<PredictionSet>, matched: MatchedSet) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let generation = opened.generation;
    let is_shown = state.dialog == Some(Dialog::Predictions);
    let words = format!(
        "{} on {} from {}",
        count(set.predictions.len() as u64, "prediction", "predictions"),
        count(set.images.len() as u64, "image", "images"),
        set.name
    );
    change(state, |predictions| {
        if predictions.generation != generation {
            predictions.sets.clear();
            predictions.generation = generation;
        }
        // The same place read again takes the place of what was read from it before.
        match predictions.sets.iter().position(|known| known.place == set.place) {
            Some(at) => {
                predictions.chosen = at;
                predictions.sets[at] = set;
            }
            None => {
                if predictions.sets.len() >= MOST_SETS {
                    predictions.sets.remove(0);
                }
                predictions.chosen = predictions.sets.len();
                predictions.sets.push(set);
            }
        }
        predictions.matching = None;
        take(predictions, matched);
    });
    if !is_shown {
        review::say(state, &words);
    }
    match_again(state)
}

/// Takes how the chosen set compares.
fn take(predictions: &mut PredictionsState, matched: MatchedSet) {
    let Some(set) = predictions.sets.get(predictions.chosen) else { return };
    predictions.judged = JudgedPredictions {
        predictions: Arc::clone(&set.predictions),
        matches: Arc::clone(&matched.matches),
        score: predictions.score,
    };
    predictions.matched = Some(matched);
    look_up(predictions);
}

fn look_up(predictions: &mut PredictionsState) {
    let at = |matched: &MatchedSet| matched.slide.at(predictions.score);
    predictions.point = predictions.matched.as_ref().map_or_else(AtPoint::default, at);
}

/// Compares at the chosen IoU where that was not done yet. While one comparison is under way no other begins: its end
/// comes back here.
fn match_again(state: &mut State) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let predictions = &mut opened.predictions;
    let is_known = predictions.matched.as_ref().is_some_and(|matched| matched.iou == predictions.iou);
    let set = predictions.sets.get(predictions.chosen).filter(|_| predictions.generation == opened.generation);
    let Some(set) = set.filter(|set| !is_known && predictions.matching.is_none() && set.has_boxes).cloned() else {
        return Vec::new();
    };
    predictions.matching = Some(number);
    let (catalogue, iou) = (opened.catalogue.clone(), predictions.iou);
    vec![effect(opened, PredictionsEffect::Match { number, set, catalogue, iou })]
}

fn choose(state: &mut State, place: usize) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let is_there = place < opened.predictions.sets(opened.generation).len();
    if !is_there || place == opened.predictions.chosen {
        return Vec::new();
    }
    change(state, |predictions| {
        predictions.chosen = place;
        forget(predictions);
    });
    begin(state, number)
}

/// Compares the chosen set from the beginning.
fn begin(state: &mut State, number: u64) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(set) = opened.predictions.sets.get(opened.predictions.chosen).cloned() else { return Vec::new() };
    opened.predictions.matching = Some(number);
    let (catalogue, iou) = (opened.catalogue.clone(), opened.predictions.iou);
    vec![effect(opened, PredictionsEffect::Match { number, set, catalogue, iou })]
}

fn close(state: &mut State, place: usize) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if place >= opened.predictions.sets(opened.generation).len() {
        return Vec::new();
    }
    let was_chosen = place == opened.predictions.chosen;
    change(state, |predictions| {
        predictions.sets.remove(place);
        if was_chosen {
            forget(predictions);
        }
        let is_behind = place < predictions.chosen || predictions.chosen == predictions.sets.len();
        predictions.chosen = predictions.chosen.saturating_sub(usize::from(is_behind));
    });
    if was_chosen { begin(state, number) } else { Vec::new() }
}

fn forget(predictions: &mut PredictionsState) {
    predictions.matched = None;
    predictions.matching = None;
    (predictions.curve_of, predictions.doubt, predictions.picked) = (None, None, None);
    predictions.judged = JudgedPredictions::default();
    predictions.point = AtPoint::default();
}

/// Opens the image of a doubtful label, with the label selected and what is predicted in sight.
pub(super) fn show_doubt(state: &mut State, place: usize) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some((set, _)) = opened.predictions.compared(opened.generation) else { return Vec::new() };
    let Some(doubt) = set.doubts.get(place).copied() else { return Vec::new() };
    let words = doubt_words(&doubt, &opened.catalogue, &set.predictions);
    let predicted = doubt.prediction.and_then(|at| set.predictions.get(at)).map(|one| one.rect);
    let rect = doubt.region.and_then(|ix| opened.catalogue.region(ix)).map(|region| region.rect).or(predicted);
    let effects = canvas::show(opened, doubt.image);
    (opened.predictions.doubt, opened.predictions.picked) = (Some(place), doubt.prediction);
    opened.region = doubt.region;
    state.zoom = rect.map(|rect| (number, ZoomCommand::Area(rect))).or(state.zoom);
    review::say_of_view(state, &words);
    effects
}

fn cycle(state: &mut State) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if opened.predictions.compared(opened.generation).is_none() {
        return Vec::new();
    }
    let at = Layer::ALL.iter().position(|layer| *layer == opened.predictions.layer).unwrap_or_default();
    let layer = Layer::ALL[(at + 1) % Layer::ALL.len()];
    opened.predictions.layer = layer;
    let words = match layer {
        Layer::Labels => "Labels only",
        Layer::Predictions => "Predictions only",
        Layer::Both => "Labels and predictions",
    };
    review::say(state, words);
    Vec::new()
}

/// Changes what is predicted, and runs the query again if it asks about that; else only the facets follow.
fn change(state: &mut State, change: impl FnOnce(&mut PredictionsState)) {
    let sort = state.settings.order();
    let Some(opened) = &mut state.opened else { return };
    let asks = opened.query.program.asks_predictions();
    if asks {
        outdated::before_change(opened, sort);
    }
    change(&mut opened.predictions);
    if asks {
        query::recheck(opened, sort);
    } else {
        query::recount_outcomes(opened);
    }
}

#[cfg(test)]
mod tests;
