//! The life of a project in the window: connecting to its source, the list of the last visit, opening, and going back to
//! where an earlier session was.

mod connect;
pub(crate) mod last_visit;
mod project;
pub(crate) mod recall;

use std::ops::Range;

use crate::Effect;
use crate::state::Opened;
use crate::update::{query, want_pixels};
use crate::view::{KeptAnchor, KeptPlace, KeptPlaces, MOST_ANCHORS, ScrollPlace, View};
use domain::wall::WallItem;
use domain::{ImageIx, Sort};

pub(super) use connect::update as update_connection;
pub(crate) use connect::{connected, report_doubts};
pub(crate) use project::remember_project;
pub(super) use project::{is_unconnected, update as update_project};

/// These images are in the catalogue now: they are shown, and what was awaited of them comes back.
pub(crate) fn arrived(opened: &mut Opened, added: Range<u32>, sort: Sort) -> Vec<Effect> {
    opened.review.arrived(&opened.catalogue);
    query::arrived(opened, sort, added.start);
    let mut effects = Vec::new();
    for ix in added.map(ImageIx) {
        let Some(id) = opened.catalogue.get(ix).map(|image| image.id()) else { continue };
        if opened.awaited.chosen.remove(&id) {
            match opened.selection.is_empty() && opened.awaited.chosen.is_empty() {
                // One alone may have been a mere click.
                true => opened.selection.set_only(ix),
                false => opened.selection.set_many([ix], true),
            }
        }
        if opened.awaited.cursor == Some(id) {
            opened.awaited.cursor = None;
            opened.cursor = Some(ix);
            if std::mem::take(&mut opened.awaited.on_canvas) {
                opened.view = View::Canvas;
                effects = want_pixels(opened);
            }
        }
    }
    come_back(opened, false);
    effects
}

/// Where the views are scrolled to, or will be once the images that were in sight are listed again.
fn kept_places(opened: &Opened) -> KeptPlaces {
    let image = |ix: ImageIx| opened.catalogue.get(ix).map(|image| image.id());
    let grid = opened
        .scrolled
        .grid
        .as_ref()
        .or(opened.scrolled.grid_wish.as_ref())
        .and_then(|place| kept_place(place, |ix| Some(KeptAnchor { image: image(ix)?, region: None })));
    let wall = opened.scrolled.wall.as_ref().or(opened.scrolled.wall_wish.as_ref()).and_then(|place| {
        kept_place(place, |item| {
            let region = opened.catalogue.region(item.label()?)?;
            Some(KeptAnchor { image: image(opened.catalogue.image_of(region.ix)?)?, region: Some(region.id) })
        })
    });
    let awaited = &opened.awaited.places;
    KeptPlaces { grid: grid.or_else(|| awaited.grid.clone()), wall: wall.or_else(|| awaited.wall.clone()) }
}

/// Sends grid and wall back to where they were, as soon as the first cell of that is there. `is_whole`: all are that will
/// be.
pub(crate) fn come_back(opened: &mut Opened, is_whole: bool) {
    let (catalogue, awaited, wishes) = (&opened.catalogue, &mut opened.awaited.places, &mut opened.scrolled);
    if let Some(place) = found_place(&mut awaited.grid, is_whole, |anchor| catalogue.find(anchor.image)) {
        wishes.grid_wish = Some(place);
    }
    let region = |anchor: &KeptAnchor| {
        let image = catalogue.get(catalogue.find(anchor.image)?)?;
        let same = image.regions().find(|region| Some(region.id) == anchor.region);
        same.or_else(|| image.regions().next()).map(|region| WallItem::Label(region.ix))
    };
    if let Some(place) = found_place(&mut awaited.wall, is_whole, region) {
        wishes.wall_wish = Some(place);
    }
}

fn kept_place<T: Copy>(place: &ScrollPlace<T>, anchor: impl Fn(T) -> Option<KeptAnchor>) -> Option<KeptPlace> {
    let anchors: Vec<_> = place.anchors.iter().copied().filter_map(anchor).take(MOST_ANCHORS).collect();
    (!anchors.is_empty()).then_some(KeptPlace { anchors, share: place.share })
}

/// Takes a place whose first cell is there, or all that are there once there will be no more.
fn found_place<T>(
    awaited: &mut Option<KeptPlace>,
    is_whole: bool,
    cell: impl Fn(&KeptAnchor) -> Option<T>,
) -> Option<ScrollPlace<T>> {
    let place =
        awaited.take_if(|place| is_whole || place.anchors.first().is_some_and(|first| cell(first).is_some()))?;
    let anchors: Vec<T> = place.anchors.iter().take(MOST_ANCHORS).filter_map(cell).collect();
    Some(ScrollPlace { anchors, share: place.share })
}
