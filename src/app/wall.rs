//! The region wall: every region as a crop. Its part of the state, and its commands, effects and events; `update::wall` does them.

use std::sync::Arc;

use super::picture::{PictureTarget, PixelKey};
use super::similar::{Before, CompareProgress};
use super::view::ScrollPlace;
use domain::changes::ImageChanges;
use domain::evaluation::JudgedPredictions;
use domain::evaluation::Outcome;
use domain::query::{RegionProgram, Sources};
use domain::wall::{Lookalike, Looks, WallItem, order_chosen_regions, order_items, order_regions};
use domain::{
    Catalogue, Dispute, Findings, ImageIx, ImageView, RegionIx, RegionOrder, RegionSort, RegionView, Reviews,
    Selection, Subject, TagId, TagIx, UnitRect, WallSort,
};

#[derive(Clone, Debug, Default)]
pub struct WallState {
    /// The regions and predictions in order, as they are shown.
    pub order: Arc<RegionOrder>,
    /// What `order` was made of; `None`: there is none yet.
    pub basis: Option<Basis>,
    /// The order that is being made, with its number.
    pub(super) asked: Option<(u64, Basis)>,
    /// Number of the last order asked for.
    pub(super) request: u64,
    pub selection: Selection<WallItem>,
    pub cursor: Option<WallItem>,
    /// The only tag shown; `None`: all.
    pub only: Option<TagId>,
    /// The region that the others are sorted by, the most similar first; `None`: they are in the chosen order.
    pub near: Option<RegionIx>,
    /// What was chosen before that region was.
    pub(super) before_near: Option<Before<WallItem>>,
    /// How far the search for what looks like another tag is: regions done, and in all.
    pub searched: Option<(usize, usize)>,
    /// How far the pixels of the regions have been compared, where the order hangs on them.
    pub compared: Option<CompareProgress>,
    /// Whether more is known by now than the order was made of.
    pub has_better: bool,
    /// The chosen sort waits for the comparison, and nobody has touched the wall since it was chosen.
    pub(super) awaits_sort: bool,
    pub viewport: WallViewport,
}

/// The part of a query that chooses among the regions of the shown images, with what it asks about as it was when the list
/// of images was asked for: regions do not appear and disappear while somebody is reviewing.
#[derive(Clone, Debug)]
pub struct ChosenRegions {
    /// Counts up each time the list is asked for.
    pub number: u64,
    pub program: Arc<RegionProgram>,
    /// Decisions; empty where the query does not ask about them.
    pub reviews: Arc<Reviews>,
    pub findings: Arc<Findings>,
    pub changes: Arc<ImageChanges>,
    pub predicted: JudgedPredictions,
}

impl PartialEq for ChosenRegions {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Basis {
    pub fn order(&self, catalogue: &Catalogue, looks: Looks<'_>) -> RegionOrder {
        let looks = Looks { near: self.near, ..looks };
        let is_of_tag = |region: RegionView| self.only.is_none_or(|tag| tag == region.tag);
        let Some(chosen) = &self.chosen else {
            return order_regions(catalogue, &self.images, self.only, self.sort, self.is_grouped, looks);
        };
        let sources = Sources {
            catalogue,
            reviews: &chosen.reviews,
            findings: &chosen.findings,
            changes: &chosen.changes,
            predicted: &chosen.predicted,
        };
        if chosen.program.asks_for_predictions() {
            let images = &self.images;
            return order_items(&sources, images, &chosen.program, self.only, self.sort, self.is_grouped);
        }
        let is_chosen = |image: ImageView<'_>, region: RegionView| {
            is_of_tag(region) && chosen.program.chooses(&sources, image, region)
        };
        order_chosen_regions(catalogue, &self.images, is_chosen, self.sort, self.is_grouped, looks)
    }
}

/// What an order is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    pub images: Arc<[ImageIx]>,
    /// The only tag; `None`: all.
    pub only: Option<TagIx>,
    /// What the query says of regions; `None`: nothing.
    pub chosen: Option<ChosenRegions>,
    /// The region that they are near to.
    pub near: Option<RegionIx>,
    pub sort: WallSort,
    /// Whether those of a tag stand together.
    pub is_grouped: bool,
}

/// The crops in sight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WallViewport {
    /// The place of the first one in sight.
    pub first: usize,
    /// Those in sight, then those soon to be.
    pub crops: Vec<(ImageIx, WallItem)>,
    /// Side of a crop in pixels of the screen: 64, 128, 256 or 512.
    pub side: u16,
}

impl WallState {
    pub fn is_ordering(&self) -> bool {
        self.asked.is_some()
    }

    /// What the crop at a place looks like besides its tag, where it is nearer to another.
    pub fn lookalike(&self, place: usize) -> Option<Lookalike> {
        self.order.lookalikes.get(place).copied().flatten().filter(|found| found.ratio >= 1.0)
    }

    /// The image of a crop in the order.
    pub fn image_of(&self, item: WallItem) -> Option<ImageIx> {
        self.order.images.get(self.order.place(item)?).copied()
    }

    /// What the shown order says of predictions; `None`: it is of labels alone.
    fn predicted(&self) -> Option<&ChosenRegions> {
        self.basis.as_ref()?.chosen.as_ref().filter(|chosen| chosen.program.asks_for_predictions())
    }

    pub fn shows_predictions(&self) -> bool {
        self.predicted().is_some()
    }

    pub fn shown(&self, catalogue: &Catalogue, item: WallItem) -> Option<ShownItem> {
        let chosen = self.predicted();
        match item {
            WallItem::Label(region) => {
                let view = catalogue.region(region)?;
                let outcome = chosen.and_then(|chosen| {
                    let judged = &chosen.predicted;
                    let finder = judged.matches.finder(region).and_then(|at| judged.predictions.get(at));
                    finder.is_none_or(|one| one.score < judged.score).then_some(Outcome::Missed)
                });
                let (rect, tag) = (view.rect, view.tag);
                Some(ShownItem { rect, tag, label: Some(region), outcome, score: None, iou: None })
            }
            WallItem::Prediction(at) => {
                let judged = &chosen?.predicted;
                let one = judged.predictions.get(at as usize)?;
                let fate = judged.matches.fate(at as usize)?;
                let (rect, tag, label) = (one.rect, one.tag, fate.label);
                let (outcome, iou) = (Some(fate.outcome), Some(fate.iou));
                Some(ShownItem { rect, tag, label, outcome, score: Some(one.score), iou })
            }
        }
    }

    /// The region at a place of the order, as decisions name it; `None` for a prediction, which has no verdict.
    pub fn subject(&self, catalogue: &Catalogue, place: usize) -> Option<Subject> {
        let image = catalogue.get(*self.order.images.get(place)?)?.id();
        let region = self.order.items.get(place)?.label()?;
        Some(Subject::region(image, catalogue.region(region)?.id))
    }

    /// What an action is about, in the order of the wall: the selection when it is of several crops, else the crop
    /// with the cursor, because that is the one the user looks at; else the one that is chosen. By their places.
    pub(super) fn subjects_at_hand(&self) -> impl Iterator<Item = usize> {
        let alone = self.cursor.or_else(|| self.selection.iter().next());
        let is_one = move |item: WallItem| match self.selection.len() {
            0 | 1 => alone == Some(item),
            _ => self.selection.contains(item),
        };
        self.order.items.iter().enumerate().filter(move |(_, item)| is_one(**item)).map(|(place, _)| place)
    }

    /// A crop as decisions about predictions name it; `None` where predictions are not asked for.
    pub fn dispute(&self, catalogue: &Catalogue, image: ImageIx, item: WallItem) -> Option<Dispute> {
        let judged = &self.predicted()?.predicted;
        match item {
            WallItem::Label(region) => Dispute::from_label(catalogue, image, region),
            WallItem::Prediction(at) => {
                Dispute::from_prediction(catalogue, image, &judged.predictions.get(at as usize)?)
            }
        }
    }

    /// What a decision about predictions is about.
    pub fn disputes(&self, catalogue: &Catalogue) -> Vec<Dispute> {
        let at = |place: usize| self.dispute(catalogue, *self.order.images.get(place)?, *self.order.items.get(place)?);
        self.subjects_at_hand().filter_map(at).collect()
    }

    /// What the menu of a crop is about: all selected crops if it is one of several, else this one.
    pub fn disputes_at(&self, catalogue: &Catalogue, image: ImageIx, item: WallItem) -> Vec<Dispute> {
        match self.selection.len() > 1 && self.selection.contains(item) {
            true => self.disputes(catalogue),
            false => self.dispute(catalogue, image, item).into_iter().collect(),
        }
    }

    /// The regions that a decision is about.
    pub fn subjects(&self, catalogue: &Catalogue) -> Vec<Subject> {
        self.subjects_at_hand().filter_map(|place| self.subject(catalogue, place)).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownItem {
    /// Where it is, in fractions of the image.
    pub rect: UnitRect,
    /// Its tag: of a prediction the predicted one.
    pub tag: TagIx,
    /// The label; of a prediction the one that it has found, lies on or is near to.
    pub label: Option<RegionIx>,
    /// What becomes of it. `None`: a label that is found, or predictions are not asked for.
    pub outcome: Option<Outcome>,
    /// The score of a prediction.
    pub score: Option<f64>,
    /// IoU of a prediction with its label.
    pub iou: Option<f32>,
}

#[derive(Clone, Debug)]
pub enum WallCommand {
    /// Make the order again if what it hangs on has changed.
    Refresh,
    /// Take in what has become known of the pixels since the order was made.
    SortAgain,
    /// The order of the regions. Another one than before begins in its own direction.
    SetSort(RegionSort),
    ReverseSort,
    SetGrouped(bool),
    ShowSimilar(RegionIx),
    EndSimilar,
    /// Only this tag; `None`: all.
    ShowOnly(Option<TagId>),
    /// Side of a crop in points.
    SetSide(f32),
    Viewport(WallViewport),
    /// The wall is scrolled to another place; `None`: to the top.
    Scrolled(Option<ScrollPlace<WallItem>>),
    /// A click on a crop, with Ctrl or Command (`toggle`) or Shift (`extend`).
    Pick {
        item: WallItem,
        toggle: bool,
        extend: bool,
    },
    /// A rubber band over these crops, or the head of their group; `keep`: added to what is chosen.
    PickMany {
        items: Vec<WallItem>,
        keep: bool,
    },
    Open(WallItem),
    Retry(WallItem),
}

#[derive(Clone, Debug)]
pub enum WallEffect {
    /// Order regions; takes the place of an order that is still being made -> `WallEvent::Ordered`.
    Order { request: u64, catalogue: Arc<Catalogue>, basis: Basis },
    /// Compare the pixels of the regions of these images, those that are not known yet; takes the place of a comparison
    /// that is still running -> `WallEvent::Compared`...
    Compare { catalogue: Arc<Catalogue>, images: Arc<[ImageIx]>, only: Option<TagIx> },
    /// Compare whole pictures with one; takes the place of a comparison that is still running
    /// -> `WallEvent::ComparedPictures`, `WallEvent::Nearness`...
    ComparePictures { catalogue: Arc<Catalogue>, images: Arc<[ImageIx]>, near: ImageIx },
    /// Compare whole pictures no longer.
    StopComparingPictures,
    /// Compare no longer.
    StopComparing,
    /// The crops wanted now, most wanted first. *Replaces* the requests before -> `Event::Pixels` with
    /// [`PixelKey::Crop`].
    WantCrops(Vec<CropRequest>),
}

/// The crops that are wanted of one image.
#[derive(Clone, Debug)]
pub struct CropRequest {
    /// The original is cut for want of a resized picture.
    pub target: PictureTarget,
    /// Longest side of a crop in pixels of the screen: that of all keys.
    pub side: u16,
    /// The box to cut out, and where its pixels go.
    pub crops: Vec<(PixelKey, UnitRect)>,
}

#[derive(Clone, Debug)]
pub enum WallEvent {
    /// An order is made.
    Ordered { request: u64, order: Arc<RegionOrder> },
    /// How far the comparison is.
    Compared(CompareProgress),
    /// How far the comparison of pictures with this one is.
    ComparedPictures { near: ImageIx, compared: CompareProgress },
    /// How far images are from one, by index; infinite where it is not known.
    Nearness { near: ImageIx, distances: Arc<[f32]> },
    /// How far an order is that takes its time.
    Searched { request: u64, done: usize, total: usize },
}
