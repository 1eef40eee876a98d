//! The list of the last visit: shown at once, replaced by the new list when that is whole. Nothing jumps: each image
//! that is still there keeps its pixels, its place in sight, the cursor and the choice, and where somebody decides, the shown
//! images stay those that were shown.

use std::sync::Arc;

use super::arrived;
use super::kept_places;
use super::project::{self, How, ProjectOpening};
use crate::canvas::Compare;
use crate::state::Opened;
use crate::update::outdated::HeldList;
use crate::view::{GridRequest, View};
use crate::{Effect, ListingState, PixelKey, State};
use domain::{Catalogue, ImageIx, Problem, RegionId, Sort};

/// Shows the list of the last visit; pages gather next to it from now on.
pub(crate) fn show(opened: &mut Opened, catalogue: Arc<Catalogue>, sort: Sort) -> Vec<Effect> {
    // Pages are already here: the older list must not replace what was seen.
    if !opened.catalogue.is_empty() {
        return Vec::new();
    }
    // The tags may have come before, and they are the newer ones; the service's answer repeats both.
    opened.coming = Some(std::mem::replace(&mut opened.catalogue, catalogue));
    let images = 0..opened.catalogue.len() as u32;
    arrived(opened, images, sort)
}

/// The list that a next visit is to begin with, once it is whole.
pub(crate) fn keep(opened: &Opened) -> Option<Effect> {
    let is_whole = matches!(opened.listing, ListingState::Complete { .. }) && !opened.is_of_last_visit();
    let Opened { generation, iteration, has_untagged, .. } = *opened;
    is_whole.then(|| Effect::KeepList { generation, iteration, has_untagged, catalogue: Arc::clone(&opened.catalogue) })
}

/// Replaces the list of the last visit with the new one, unless that failed: then it can still resume.
pub(crate) fn merge(state: &mut State) -> Vec<Effect> {
    let sort = state.settings.order();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if matches!(opened.listing, ListingState::Failed { .. }) {
        return Vec::new();
    }
    let Some(mut coming) = opened.coming.take() else { return Vec::new() };
    keep_oddities(&opened.catalogue, Arc::make_mut(&mut coming));
    Arc::make_mut(&mut coming).shrink();
    if coming.has_same_indices(&opened.catalogue) {
        crate::update::outdated::before_change(opened, sort);
        opened.catalogue = coming;
        // Tags and rectangles may be others.
        opened.statistics.edition += 1;
        crate::update::checks::begin_again(opened);
        opened.predictions = std::mem::take(&mut opened.predictions).again();
        crate::update::query::rerun(opened, sort);
        return Vec::new();
    }
    match state.opened.take() {
        Some(old) => renumber(state, old, coming),
        None => Vec::new(),
    }
}

/// What was found while decoding is in no row.
fn keep_oddities(old: &Catalogue, new: &mut Catalogue) {
    new.know_originals_of(old);
    let odd: Vec<_> = old.images_with_problems().filter_map(|ix| old.get(ix)).collect();
    for image in odd {
        let Some(ix) = new.find(image.id()) else { continue };
        for problem in image.problems().iter().filter(|problem| matches!(problem, Problem::SizeMismatch { .. })) {
            new.add_problem(ix, problem.clone());
        }
    }
}

/// Images came or went: all indices are others, and so is the generation that late answers are distinguished by.
fn renumber(state: &mut State, old: Opened, catalogue: Arc<Catalogue>) -> Vec<Effect> {
    let places: Arc<[Option<ImageIx>]> = old.catalogue.iter().map(|image| catalogue.find(image.id())).collect();
    continue_with(state, old, catalogue, places)
}

/// Continues with another catalogue, under a generation of its own; `places` are the new indices of the old ones.
pub(super) fn continue_with(
    state: &mut State,
    mut old: Opened,
    catalogue: Arc<Catalogue>,
    places: Arc<[Option<ImageIx>]>,
) -> Vec<Effect> {
    crate::update::similar::give_back(&mut old);
    let sort = state.settings.order();
    let how = How::Renumbered(Arc::clone(&places));
    let mut effects = project::open(state, ProjectOpening { how, ..ProjectOpening::again(&old) });
    let Some(opened) = &mut state.opened else { return effects };
    let place = |ix: ImageIx| places.get(ix.index()).copied().flatten();
    let held = HeldList::from_old(&mut old, sort, catalogue.len(), place);
    carry(old, opened, catalogue, &places);
    let images = 0..opened.catalogue.len() as u32;
    effects.extend(arrived(opened, images, sort));
    if let Some(held) = held {
        held.show(opened, sort);
    }
    effects.extend(crate::update::want_pixels(opened));
    effects
}

/// Moves everything that hangs on an index of the old catalogue.
fn carry(old: Opened, opened: &mut Opened, catalogue: Arc<Catalogue>, places: &[Option<ImageIx>]) {
    let place = |ix: ImageIx| places.get(ix.index()).copied().flatten();
    let all = |images: &[ImageIx]| images.iter().copied().filter_map(place).collect();
    opened.catalogue = catalogue;
    opened.cursor = old.cursor.and_then(place);
    opened.selection.follow(&old.selection, place);
    let is_there = opened.cursor.is_some() || old.view != View::Canvas;
    opened.view = if is_there { old.view } else { old.before_canvas };
    opened.before_canvas = old.before_canvas;
    let region = old.region.and_then(|region| old.catalogue.region(region)).map(|region| region.id);
    opened.region = region.and_then(|id| find_region(opened, id));
    let GridRequest { visible, ahead, side } = &old.grid;
    opened.grid = GridRequest { visible: all(visible), ahead: all(ahead), side: *side };
    opened.canvas = old.canvas.clone();
    opened.tools.pinned = old.tools.pinned.and_then(place);
    let compare = old.tools.compare.clone();
    opened.tools.compare = compare.and_then(|compare| Some(Compare { other: place(compare.other)?, ..compare }));
    let moved = |key: PixelKey| key.moved(place);
    opened.failed_pixels =
        old.failed_pixels.iter().filter_map(|(&key, why)| Some((moved(key)?, why.clone()))).collect();
    opened.pictures = old
        .pictures
        .values()
        .filter_map(|info| {
            let ix = place(info.ix)?;
            Some(((ix, info.source), crate::PictureInfo { ix, ..info.clone() }))
        })
        .collect();
    opened.listing = old.listing.clone();
    opened.page_problems = old.page_problems.clone();
    opened.awaited = old.awaited.clone();
    // A view that has been there holds its place itself; another one is still to go there.
    let places = kept_places(&old);
    opened.awaited.places.grid = places.grid.filter(|_| old.scrolled.grid.is_none());
    opened.awaited.places.wall = places.wall.filter(|_| old.scrolled.wall.is_none());
    crate::update::wall::carry(&old, opened, place);
    project::keep_choices(old, opened);
}

fn find_region(opened: &Opened, id: RegionId) -> Option<domain::RegionIx> {
    opened.current()?.regions().find(|region| region.id == id).map(|region| region.ix)
}

#[cfg(test)]
mod tests;
