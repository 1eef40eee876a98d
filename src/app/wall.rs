//! The region wall: every region as a crop. Its part of the state, and its commands, effects and events; `update::wall` does them.

use std::sync::Arc;

use domain::changes::ImageChanges;
use domain::evaluation::Judged;
use domain::query::{RegionProgram, Sources};
use domain::wall::{Features, order_chosen_regions, order_regions};
use domain::{
    BlobUri, Catalogue, Findings, ImageId, ImageIx, ImageView, RegionIx, RegionOrder, RegionSort, RegionView, Reviews,
    Selection, Subject, TagId, TagIx, UnitRect,
};

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct WallState {
    /// The regions in order, as they are shown.
    pub order: Arc<RegionOrder>,
    /// What `order` was made of; `None`: there is none yet.
    pub basis: Option<Basis>,
    /// The order that is being made, with its number.
    pub(super) asked: Option<(u64, Basis)>,
    /// Number of the last order asked for.
    pub(super) request: u64,
    /// The chosen regions.
    pub selection: Selection<RegionIx>,
    /// The region with the cursor.
    pub cursor: Option<RegionIx>,
    /// The only tag shown; `None`: all.
    pub only: Option<TagId>,
    /// How far the pixels of the regions have been compared, where the order hangs on them.
    pub compared: Option<Compared>,
    /// Whether more is known by now than the order was made of.
    pub has_better: bool,
    /// The chosen sort waits for the comparison, and nobody has touched the wall since it was chosen.
    pub(super) awaits_sort: bool,
    /// What is in sight.
    pub viewport: WallViewport,
}

/// The part of a query that chooses among the regions of the shown images, with what it asks about as it was when the list
/// of images was asked for: regions do not appear and disappear while somebody is reviewing.
#[derive(Clone, Debug)]
pub struct ChosenRegions {
    /// Counts up each time the list is asked for.
    pub number: u64,
    /// The query.
    pub program: Arc<RegionProgram>,
    /// Decisions; empty where the query does not ask about them.
    pub reviews: Arc<Reviews>,
    /// Findings.
    pub findings: Arc<Findings>,
    /// Changes.
    pub changes: Arc<ImageChanges>,
    /// Predictions.
    pub predicted: Judged,
}

impl PartialEq for ChosenRegions {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Basis {
    /// The regions in order.
    pub fn order(&self, catalogue: &Catalogue, features: &Features) -> RegionOrder {
        let is_of_tag = |region: RegionView| self.only.is_none_or(|tag| tag == region.tag);
        let Some(chosen) = &self.chosen else {
            return order_regions(catalogue, &self.images, self.only, self.sort, self.is_grouped, features);
        };
        let sources = Sources {
            catalogue,
            reviews: &chosen.reviews,
            findings: &chosen.findings,
            changes: &chosen.changes,
            predicted: &chosen.predicted,
        };
        let is_chosen = |image: ImageView<'_>, region: RegionView| {
            is_of_tag(region) && chosen.program.chooses(&sources, image, region)
        };
        order_chosen_regions(catalogue, &self.images, is_chosen, self.sort, self.is_grouped, features)
    }
}

/// What an order is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// The shown images.
    pub images: Arc<[ImageIx]>,
    /// The only tag; `None`: all.
    pub only: Option<TagIx>,
    /// What the query says of regions; `None`: nothing.
    pub chosen: Option<ChosenRegions>,
    /// The order.
    pub sort: RegionSort,
    /// Whether those of a tag stand together.
    pub is_grouped: bool,
}

/// How far pictures have been compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Images done.
    pub done: usize,
    /// Images in all.
    pub total: usize,
    /// Whether there was no room for the features of all regions.
    pub is_full: bool,
}

/// The crops in sight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WallViewport {
    /// The place of the first one in sight.
    pub first: usize,
    /// Those in sight, then those soon to be.
    pub crops: Vec<(ImageIx, RegionIx)>,
    /// Side of a crop in pixels of the screen: 64, 128, 256 or 512.
    pub side: u16,
}

impl WallState {
    /// Whether an order is being made.
    pub fn is_ordering(&self) -> bool {
        self.asked.is_some()
    }

    /// The image of a region in the order.
    pub fn image_of(&self, region: RegionIx) -> Option<ImageIx> {
        self.order.images.get(self.order.place(region)?).copied()
    }

    /// The region at a place of the order, as decisions name it.
    pub fn subject(&self, catalogue: &Catalogue, place: usize) -> Option<Subject> {
        let image = catalogue.get(*self.order.images.get(place)?)?.id();
        Some(Subject::region(image, catalogue.region(*self.order.regions.get(place)?)?.id))
    }

    /// What a decision is about, in the order of the wall: the selection when it is of several regions, else the region
    /// with the cursor, because that is the one a person looks at; else the one that is chosen.
    pub fn subjects(&self, catalogue: &Catalogue) -> Vec<Subject> {
        let alone = self.cursor.or_else(|| self.selection.iter().next());
        let is_meant = |region: RegionIx| match self.selection.len() {
            0 | 1 => alone == Some(region),
            _ => self.selection.contains(region),
        };
        let places = self.order.regions.iter().enumerate().filter(|(_, region)| is_meant(**region));
        places.filter_map(|(place, _)| self.subject(catalogue, place)).collect()
    }
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum WallCommand {
    /// Make the order again if what it hangs on has changed.
    Follow,
    /// Take in what has become known of the pixels since the order was made.
    SortAgain,
    /// The order of the regions.
    SetSort(RegionSort),
    /// Those of a tag together, or not.
    SetGrouped(bool),
    /// Only this tag; `None`: all.
    ShowOnly(Option<TagId>),
    /// Side of a crop in points.
    SetSide(f32),
    /// What is in sight has changed.
    Viewport(WallViewport),
    /// A click on a region.
    Pick {
        /// Which.
        region: RegionIx,
        /// Ctrl (or Command).
        toggle: bool,
        /// Shift.
        extend: bool,
    },
    /// A rubber band over these regions, or the head of their group.
    PickMany {
        /// Which.
        regions: Vec<RegionIx>,
        /// Added to what is chosen.
        keep: bool,
    },
    /// Open the image of a region, there.
    Open(RegionIx),
    /// Try a failed crop again.
    Retry(RegionIx),
}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum WallEffect {
    /// Order regions; takes the place of an order that is still being made -> `WallEvent::Ordered`.
    Order {
        /// Comes back with the answer.
        request: u64,
        /// All images.
        catalogue: Arc<Catalogue>,
        /// Which of them, and how.
        basis: Basis,
    },
    /// Compare the pixels of the regions of these images, those that are not known yet; takes the place of a comparison
    /// that is still running -> `WallEvent::Compared`...
    Compare {
        /// All images.
        catalogue: Arc<Catalogue>,
        /// Which.
        images: Arc<[ImageIx]>,
        /// The only tag; `None`: all.
        only: Option<TagIx>,
    },
    /// Compare no longer.
    StopComparing,
    /// The crops wanted now, most wanted first. *Replaces* the requests before -> `Event::Pixels` with
    /// [`PixelKey::Crop`](super::PixelKey::Crop).
    WantCrops(Vec<CropRequest>),
}

/// The crops that are wanted of one image.
#[derive(Clone, Debug)]
pub struct CropRequest {
    /// Which image.
    pub ix: ImageIx,
    /// Its id, for the cache.
    pub id: ImageId,
    /// Address of the resized picture.
    pub resized: Option<BlobUri>,
    /// Address of the original, for want of a resized one.
    pub original: Option<BlobUri>,
    /// Width and height as listed, for the orientation rule.
    pub listed_size: (u32, u32),
    /// Longest side of a crop in pixels of the screen.
    pub side: u16,
    /// The regions.
    pub regions: Vec<(RegionIx, UnitRect)>,
}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum WallEvent {
    /// An order is made.
    Ordered {
        /// The number it was requested with.
        request: u64,
        /// The regions.
        order: Arc<RegionOrder>,
    },
    /// How far the comparison is.
    Compared(Compared),
}
