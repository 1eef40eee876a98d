//! On to what has no verdict yet.

use super::super::{canvas, changes, wall};
use super::say;
use crate::state::Opened;
use crate::view::View;
use crate::{Effect, State};
use domain::{ImageId, ImageIx, RegionIx, Subject};

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// To an image.
    Image(ImageIx),
    /// To a region: of the image on the canvas, or on the wall.
    Region(RegionIx),
    /// To a change, by its place in the list of changes.
    Change(usize),
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
        (Some(_), View::Wall) => unreviewed_on_wall(opened, 1).map(Next::Region),
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
fn unreviewed_on_wall(opened: &Opened, by: i64) -> Option<RegionIx> {
    let order = &opened.wall.order;
    let is_open = |&place: &usize| !opened.review.progress.is_region_reviewed(order.regions[place]);
    // A single chosen region without the cursor on it is where the person is.
    let current = opened.wall.cursor.or_else(|| opened.wall.selection.iter().next());
    let place = current.and_then(|region| order.place(region));
    let (mut before, mut later) = (0..place.unwrap_or(0), place.map_or(0, |place| place + 1)..order.len());
    let found = if by < 0 {
        before.rev().find(is_open).or_else(|| later.rev().find(is_open))
    } else {
        later.find(is_open).or_else(|| before.find(is_open))
    };
    found.and_then(|place| order.regions.get(place).copied())
}

/// The command.
pub(super) fn step(state: &mut State, by: i64) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let is_wall = opened.view == View::Wall;
    let next = match is_wall {
        true => unreviewed_on_wall(opened, by).map(Next::Region),
        false => unreviewed(opened, by).map(Next::Image),
    };
    match next {
        Some(next) => go(state, next),
        None => {
            let all =
                if is_wall { "All other regions shown are reviewed" } else { "All other images shown are reviewed" };
            say(state, all);
            Vec::new()
        }
    }
}

/// Goes there, in the view that is open.
pub(super) fn go(state: &mut State, next: Next) -> Vec<Effect> {
    if let Next::Change(place) = next {
        return changes::go_to(state, place);
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match (next, opened.view) {
        (Next::Change(_), _) => Vec::new(),
        (Next::Image(ix), View::Canvas) => canvas::show(opened, ix),
        (Next::Image(ix), _) => {
            opened.cursor = Some(ix);
            if opened.selection.len() <= 1 {
                opened.selection.set_only(ix);
            }
            Vec::new()
        }
        (Next::Region(region), View::Wall) => {
            wall::go_to(opened, region);
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
    let is_shown = |region: &RegionIx| opened.wall.order.place(*region).is_some();
    if let Some(region) = region.map(|region| region.ix).filter(is_shown)
        && opened.wall.selection.len() <= 1
    {
        wall::go_to(opened, region);
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
