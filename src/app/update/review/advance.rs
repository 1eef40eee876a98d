//! On to what has no verdict yet.

use super::super::{canvas, changes, predictions, wall};
use super::say_for_a_moment;
use crate::state::Opened;
use crate::view::View;
use crate::{Effect, State};
use domain::wall::WallItem;
use domain::{ImageId, ImageIx, RegionIx, Subject};

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Image(ImageIx),
    Region(RegionIx),
    Crop(WallItem),
    /// To a change, by its place in the list of changes.
    Change(usize),
    /// To a doubtful label, by its place in the list of these.
    Doubt(usize),
}

/// What comes after a subject that gets a verdict now.
pub(super) fn after(state: &State, subject: Subject) -> Option<Next> {
    let opened = state.opened.as_ref()?;
    if changes::is_at(opened, subject) {
        return changes::next_unreviewed(opened, subject).map(Next::Change);
    }
    match (subject.region, opened.view) {
        (None, View::Grid | View::Canvas) => unreviewed(opened, 1).map(Next::Image),
        (Some(_), View::Canvas) => next_region(opened).map(Next::Region),
        (Some(_), View::Wall) => unreviewed_on_wall(opened, 1).map(Next::Crop),
        _ => None,
    }
}

/// The next region of the image on the canvas without a verdict, going round.
fn next_region(opened: &Opened) -> Option<RegionIx> {
    let image = opened.current()?;
    let current = opened.region?;
    let is_open = |region: &domain::RegionView| {
        let subject = Subject::region(image.id(), region.id);
        region.ix != current && opened.review.reviews.verdict(subject).is_none()
    };
    let later = image.regions().filter(|region| region.ix > current).find(is_open);
    later.or_else(|| image.regions().find(is_open)).map(|region| region.ix)
}

/// The next (1) or previous (-1) shown image without a verdict other than the one under the cursor, going round.
fn unreviewed(opened: &Opened, by: i64) -> Option<ImageIx> {
    let visible = &opened.visible;
    let is_open = |ix: &&ImageIx| !opened.review.progress.is_reviewed(**ix) && Some(**ix) != opened.cursor;
    let place = opened.cursor.and_then(|ix| opened.place(ix));
    let (before, later) = match place {
        Some(place) => (&visible[..place], &visible[place + 1..]),
        None => (&visible[..0], &visible[..]),
    };
    let found = if by < 0 {
        before.iter().rev().find(is_open).or_else(|| later.iter().rev().find(is_open))
    } else {
        later.iter().find(is_open).or_else(|| before.iter().find(is_open))
    };
    found.copied()
}

/// The next (1) or previous (-1) region of the wall without a verdict other than the one under the cursor, going round.
fn unreviewed_on_wall(opened: &Opened, by: i64) -> Option<WallItem> {
    let order = &opened.wall.order;
    let region = |place: usize| order.items.get(place).and_then(|item| item.label());
    let is_open =
        |&place: &usize| region(place).is_some_and(|region| !opened.review.progress.is_region_reviewed(region));
    // A single chosen region without the cursor on it is where the person is.
    let current = opened.wall.cursor.or_else(|| opened.wall.selection.iter().next());
    let place = current.and_then(|item| order.place(item));
    let (mut before, mut later) = (0..place.unwrap_or(0), place.map_or(0, |place| place + 1)..order.len());
    let found = if by < 0 {
        before.rev().find(is_open).or_else(|| later.rev().find(is_open))
    } else {
        later.find(is_open).or_else(|| before.find(is_open))
    };
    found.and_then(|place| order.items.get(place).copied())
}

pub(super) fn step(state: &mut State, by: i64) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let is_wall = opened.view == View::Wall;
    let next = match is_wall {
        true => unreviewed_on_wall(opened, by).map(Next::Crop),
        false => unreviewed(opened, by).map(Next::Image),
    };
    match next {
        Some(next) => go(state, next),
        None => {
            let is_empty = if is_wall { opened.wall.order.is_empty() } else { opened.visible.is_empty() };
            let words = match (is_wall, is_empty) {
                (true, true) => "No region is shown",
                (true, false) => "All other regions shown are reviewed",
                (false, true) => "No image is shown",
                (false, false) => "All other images shown are reviewed",
            };
            say_for_a_moment(state, words);
            Vec::new()
        }
    }
}

/// Goes there, in the view that is open.
pub(super) fn go(state: &mut State, next: Next) -> Vec<Effect> {
    if let Next::Change(place) = next {
        return changes::go_to(state, place);
    }
    if let Next::Doubt(place) = next {
        return predictions::show_doubt(state, place);
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match (next, opened.view) {
        (Next::Change(_) | Next::Doubt(_), _) => Vec::new(),
        (Next::Image(ix), View::Canvas) => canvas::show(opened, ix),
        (Next::Image(ix), _) => {
            opened.cursor = Some(ix);
            if opened.selection.len() <= 1 {
                opened.selection.set_only(ix);
            }
            Vec::new()
        }
        (Next::Crop(item), _) => {
            wall::go_to(opened, item);
            Vec::new()
        }
        (Next::Region(region), _) => {
            opened.region = Some(region);
            Vec::new()
        }
    }
}

/// Puts the wall's cursor on a region whose reviews have changed, unless a larger selection would be lost.
pub(super) fn show_on_wall(state: &mut State, subject: Subject) {
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.view == View::Wall) else { return };
    let image = opened.catalogue.find(subject.image).and_then(|ix| opened.catalogue.get(ix));
    let region = image.and_then(|image| image.regions().find(|region| Some(region.id) == subject.region));
    let is_shown = |item: &WallItem| opened.wall.order.place(*item).is_some();
    if let Some(item) = region.map(|region| WallItem::Label(region.ix)).filter(is_shown)
        && opened.wall.selection.len() <= 1
    {
        wall::go_to(opened, item);
    }
}

/// Shows an image whose reviews have changed, unless a larger selection would be lost.
pub(super) fn show(state: &mut State, image: ImageId) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let Some(ix) = opened.catalogue.find(image) else { return Vec::new() };
    if opened.cursor == Some(ix) || !matches!(opened.view, View::Grid | View::Canvas) || opened.selection.len() > 1 {
        return Vec::new();
    }
    go(state, Next::Image(ix))
}
