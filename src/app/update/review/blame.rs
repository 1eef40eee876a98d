//! Who is wrong where a label and a model disagree: decisions about predictions, and about labels that none agrees with.

use super::advance::{self, Next};
use super::deciding::ask_or_enter;
use super::say_for_a_moment;
use crate::predictions::PredictionsState;
use crate::state::Opened;
use crate::view::View;
use crate::{Effect, State};
use domain::wall::WallItem;
use domain::{Blame, Dispute, ImageIx, Statement};

/// About what is chosen.
pub(super) fn here(state: &mut State, blame: Option<Blame>) -> Vec<Effect> {
    let disputes = chosen(state);
    put(state, disputes, blame)
}

/// About these.
pub(super) fn put(state: &mut State, mut disputes: Vec<Dispute>, blame: Option<Blame>) -> Vec<Effect> {
    disputes.sort_unstable();
    disputes.dedup();
    let Some(opened) = &state.opened else { return Vec::new() };
    if disputes.is_empty() {
        let words = match opened.predictions.compared(opened.generation) {
            Some(_) => "Select a prediction or a label first",
            None => "No predictions are loaded",
        };
        say_for_a_moment(state, words);
        return Vec::new();
    }
    let is_decided = |dispute: &Dispute| opened.review.reviews.blame(dispute) == blame;
    if disputes.iter().all(is_decided) {
        let words =
            blame.map_or("There is no decision to clear".to_owned(), |blame| format!("Already: {}", blame.label()));
        let next = next_after(state, &disputes);
        say_for_a_moment(state, &words);
        return next.filter(|_| blame.is_some()).map_or_else(Vec::new, |next| advance::go(state, next));
    }
    ask_or_enter(state, Statement::Blame { disputes, blame })
}

/// Whether something is chosen that was decided about.
pub(super) fn is_any_here(state: &State) -> bool {
    let decided = |opened: &Opened| chosen(state).iter().any(|dispute| opened.review.reviews.blame(dispute).is_some());
    state.opened.as_ref().is_some_and(decided)
}

/// The prediction on the canvas that is chosen, else the label; on the wall the chosen crops, else the one under the cursor.
fn chosen(state: &State) -> Vec<Dispute> {
    let Some(opened) = &state.opened else { return Vec::new() };
    match opened.view {
        View::Wall => opened.wall.disputes(&opened.catalogue),
        View::Canvas => opened.current().map_or_else(Vec::new, |image| opened.disputes(image, None)),
        View::Grid | View::Statistics | View::Evaluation => Vec::new(),
    }
}

/// What is at a place of the wall; labels only where predictions are asked for.
fn at_place(opened: &Opened, place: usize) -> Option<Dispute> {
    let (item, image) = (*opened.wall.order.items.get(place)?, *opened.wall.order.images.get(place)?);
    opened.wall.dispute(&opened.catalogue, image, item)
}

/// What follows a decision about one thing, if the cursor is to move on.
pub(super) fn next_after(state: &State, disputes: &[Dispute]) -> Option<Next> {
    let opened = state.opened.as_ref()?;
    let [dispute] = disputes else { return None };
    if !state.settings.review_advances {
        return None;
    }
    match opened.view {
        View::Wall => next_crop(opened).map(Next::Crop),
        View::Canvas => next_doubt(opened, dispute).map(Next::Doubt),
        View::Grid | View::Statistics | View::Evaluation => None,
    }
}

/// The next crop of the wall that nobody has decided about, going round.
fn next_crop(opened: &Opened) -> Option<WallItem> {
    let wall = &opened.wall;
    let place = wall.cursor.and_then(|item| wall.order.place(item))?;
    let is_open =
        |place: &usize| at_place(opened, *place).is_some_and(|dispute| opened.review.reviews.blame(&dispute).is_none());
    let found = (place + 1..wall.order.len()).find(is_open).or_else(|| (0..place).find(is_open))?;
    wall.order.items.get(found).copied()
}

/// The next doubtful label of the list that nobody has decided about, where the decision is about the one that is open.
fn next_doubt(opened: &Opened, dispute: &Dispute) -> Option<usize> {
    let (set, _) = opened.predictions.compared(opened.generation)?;
    let at = opened.predictions.doubt?;
    let of = |at: usize| PredictionsState::doubt_dispute(&opened.catalogue, set, set.doubts.get(at)?);
    if of(at).as_ref() != Some(dispute) {
        return None;
    }
    let is_open = |at: &usize| of(*at).is_some_and(|other| opened.review.reviews.blame(&other).is_none());
    (at + 1..set.doubts.len()).find(is_open)
}

/// Puts the cursor on the crop whose decision has changed, unless a larger selection would be lost.
pub(super) fn show_on_wall(state: &mut State, dispute: &Dispute) {
    let Some(opened) = state.opened.as_ref().filter(|opened| opened.view == View::Wall) else { return };
    if opened.wall.selection.len() > 1 {
        return;
    }
    let Some(ix) = opened.catalogue.find(dispute.image()) else { return };
    let of_image = |place: &usize| opened.wall.order.images.get(*place).is_some_and(|image: &ImageIx| *image == ix);
    let mut places = (0..opened.wall.order.len()).filter(of_image);
    let place = places.find(|place| at_place(opened, *place).as_ref() == Some(dispute));
    let item = place.and_then(|place| opened.wall.order.items.get(place).copied());
    if let (Some(item), Some(opened)) = (item, &mut state.opened) {
        super::super::wall::go_to(opened, item);
    }
}
