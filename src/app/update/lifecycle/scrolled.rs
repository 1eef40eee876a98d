//! Keeps how far grid and wall are scrolled from one opening of a project to the next.

use crate::scrolled::{KeptAnchor, KeptPlace, KeptPlaces, MOST_ANCHORS, ScrollPlace};
use crate::state::Opened;
use domain::ImageIx;
use domain::wall::WallItem;

/// Where the views are scrolled to, or will be once the images that were in sight are listed again.
pub(super) fn kept_places(opened: &Opened) -> KeptPlaces {
    let image = |ix: ImageIx| opened.catalogue.get(ix).map(|image| image.id());
    let grid = opened
        .scrolled
        .grid
        .as_ref()
        .or(opened.scrolled.grid_wish.as_ref())
        .and_then(|place| kept(place, |ix| Some(KeptAnchor { image: image(ix)?, region: None })));
    let wall = opened.scrolled.wall.as_ref().or(opened.scrolled.wall_wish.as_ref()).and_then(|place| {
        kept(place, |item| {
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
    if let Some(place) = found(&mut awaited.grid, is_whole, |anchor| catalogue.find(anchor.image)) {
        wishes.grid_wish = Some(place);
    }
    let region = |anchor: &KeptAnchor| {
        let image = catalogue.get(catalogue.find(anchor.image)?)?;
        let same = image.regions().find(|region| Some(region.id) == anchor.region);
        same.or_else(|| image.regions().next()).map(|region| WallItem::Label(region.ix))
    };
    if let Some(place) = found(&mut awaited.wall, is_whole, region) {
        wishes.wall_wish = Some(place);
    }
}

fn kept<T: Copy>(place: &ScrollPlace<T>, anchor: impl Fn(T) -> Option<KeptAnchor>) -> Option<KeptPlace> {
    let anchors: Vec<_> = place.anchors.iter().copied().filter_map(anchor).take(MOST_ANCHORS).collect();
    (!anchors.is_empty()).then_some(KeptPlace { anchors, share: place.share })
}

/// Takes a place whose first cell is there, or all that are there once there will be no more.
fn found<T>(
    awaited: &mut Option<KeptPlace>,
    is_whole: bool,
    cell: impl Fn(&KeptAnchor) -> Option<T>,
) -> Option<ScrollPlace<T>> {
    let place =
        awaited.take_if(|place| is_whole || place.anchors.first().is_some_and(|first| cell(first).is_some()))?;
    let anchors: Vec<T> = place.anchors.iter().take(MOST_ANCHORS).filter_map(cell).collect();
    Some(ScrollPlace { anchors, share: place.share })
}
