//! How far the grid and the region wall are scrolled: by what is in sight, not by pixels, so that it holds in a window of another
//! size and in a list that has changed meanwhile.

use serde::{Deserialize, Serialize};

use super::state::Opened;
use domain::wall::WallItem;
use domain::{ImageId, ImageIx, RegionId};

/// Of so many cells in sight one is looked for again: the first that is still there.
pub const MOST_ANCHORS: usize = 12;

/// A place in a list of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrollPlace<T> {
    /// The first cells in sight, in order.
    pub anchors: Vec<T>,
    /// How far the top of the view is below the top of the first one, in heights of a cell.
    pub share: f32,
}

/// A place from session to session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptPlace {
    /// The first cells in sight, in order.
    pub anchors: Vec<KeptAnchor>,
    /// As in [`ScrollPlace`].
    pub share: f32,
}

/// An image, or one of its regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptAnchor {
    /// The image.
    pub image: ImageId,
    /// The region; `None`: the image as a whole.
    pub region: Option<RegionId>,
}

/// The places of the open project's views; `None`: at the top.
#[derive(Clone, Debug, Default)]
pub struct Scrolled {
    /// Of the grid, as it last told.
    pub grid: Option<ScrollPlace<ImageIx>>,
    /// Of the wall.
    pub wall: Option<ScrollPlace<WallItem>>,
    /// Where the grid is to go back to once after the project was opened; `None`: it has, or was at the top.
    pub grid_wish: Option<ScrollPlace<ImageIx>>,
    /// Likewise the wall.
    pub wall_wish: Option<ScrollPlace<WallItem>>,
}

/// The places of grid and wall as they are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeptPlaces {
    pub(crate) grid: Option<KeptPlace>,
    pub(crate) wall: Option<KeptPlace>,
}

impl KeptPlaces {
    /// Where the person is; or is to be, as long as what was in sight has not come back.
    pub(crate) fn of(opened: &Opened) -> Self {
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
        Self { grid: grid.or_else(|| awaited.grid.clone()), wall: wall.or_else(|| awaited.wall.clone()) }
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
