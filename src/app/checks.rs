//! Findings: what is known of them, and what can be done with them. Its part of the state, and its commands, effects and
//! events; `update::checks` does them, `update::queue` walks them.
//!
//! The checks follow the listing: one [`ImagesPart`] of the catalogue is under way at a time, the next one takes all images that
//! have come meanwhile. At the end of the listing comes what needs all images, then the search for near-duplicates, where
//! it costs nobody anything; on a service the user asks for it.
//!
//! Which findings are dismissed is known from the decisions ([`domain::Reviews::dismissed`]): dismissing is one of
//! them, so that it has its place in the one history that undo walks.

use std::sync::Arc;

use super::picture::PictureTarget;
use domain::checks::ImagesPart;
use domain::{Catalogue, CheckOptions, Finding, FindingKey, Findings, ImageIx, ProjectKind};

#[derive(Clone, Debug, Default)]
pub struct ChecksState {
    pub findings: Arc<Findings>,
    /// Counts up whenever the findings change, for those who count them.
    pub revision: u64,
    pub shows_dismissed: bool,
    /// The finding that the queue is at.
    pub current: Option<FindingKey>,
    pub search: DuplicateSearch,
    pub(crate) walk: Walk,
}

/// How far the checks are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    /// Counts up with the thresholds: answers of an earlier round are dropped.
    pub round: u32,
    /// Images that were handed over.
    pub sent: u32,
    /// Whether a part is under way.
    pub is_busy: bool,
    /// What needs all images.
    pub whole: CheckStage,
    /// Whether sizes have become known since that which is under way for all images was begun.
    pub is_whole_old: bool,
    /// Images that are to be looked at again, one by one: the sizes of their originals have become known.
    pub again: Vec<ImageIx>,
    /// The one of them that is under way.
    pub again_now: Option<ImageIx>,
}

/// A step that is done once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CheckStage {
    #[default]
    NotYet,
    UnderWay,
    Done,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateSearch {
    #[default]
    NotYet,
    Running {
        /// Number of the search; answers of an earlier one are dropped.
        number: u64,
        /// Images that have been looked at.
        done: u32,
        /// Whether pictures that are not on this computer are fetched.
        may_fetch: bool,
    },
    Done {
        /// Pictures that were compared.
        compared: u32,
        /// Images there were.
        of: u32,
    },
}

impl ChecksState {
    pub fn is_searching(&self) -> bool {
        matches!(self.search, DuplicateSearch::Running { .. })
    }

    /// Whether a search for near-duplicates would see pictures that have not been looked at.
    pub fn can_search(&self, catalogue: &Catalogue) -> bool {
        let is_whole = matches!(self.search, DuplicateSearch::Done { compared, of } if compared == of);
        let is_asked = matches!(self.search, DuplicateSearch::Running { may_fetch: true, .. });
        !catalogue.is_empty() && !is_whole && !is_asked
    }

    /// The finding that the queue is at, if it is on this image and not dismissed.
    pub fn current_on(&self, catalogue: &Catalogue, image: ImageIx) -> Option<Finding> {
        let current = self.current?;
        let known = self.findings.of(image).iter().filter(|known| !known.is_dismissed);
        known.map(|known| known.finding).find(|finding| finding.key(catalogue) == Some(current))
    }

    /// Whether everything that needs no pictures has been looked at.
    pub fn is_complete(&self) -> bool {
        self.walk.whole == CheckStage::Done && !self.walk.is_busy
    }
}

#[derive(Clone, Debug)]
pub enum CheckCommand {
    /// The next (1) or previous (-1) finding of the shown images, on the canvas.
    Step(i64),
    Show(FindingKey),
    Dismiss(FindingKey),
    /// The finding that the queue is at is no problem; on to the next.
    DismissCurrent,
    Restore(FindingKey),
    UndoDismiss,
    ToggleDismissed,
    /// Look for near-duplicates, and fetch the thumbnails that it takes.
    FindDuplicates,
    /// Stop looking; what has been looked at is compared.
    StopDuplicates,
    /// Other thresholds: everything is checked again.
    SetOptions(CheckOptions),
}

#[derive(Clone, Debug)]
pub enum CheckEffect {
    /// Read the hashes of pictures that are kept on this computer. Nothing is reported.
    LoadHashes,
    /// Look at some images -> `CheckEvent::Images`.
    Images { round: u32, part: ImagesPart, kind: ProjectKind, options: CheckOptions },
    /// Look for what needs all images -> `CheckEvent::Whole`.
    Whole { round: u32, catalogue: Arc<Catalogue>, options: CheckOptions },
    /// Make the hashes of some pictures, unless they are known -> `CheckEvent::Hashed`.
    Hash { search: u64, requests: Vec<PictureTarget>, may_fetch: bool },
    /// Make no more hashes.
    StopHashing,
    /// Compare all hashes that are known -> `CheckEvent::Duplicates`.
    Duplicates { search: u64, catalogue: Arc<Catalogue>, options: CheckOptions },
}

#[derive(Clone, Debug)]
pub enum CheckEvent {
    Images { round: u32, found: Vec<Finding> },
    Whole { round: u32, found: Vec<Finding> },
    Hashed { search: u64, count: u32 },
    Duplicates { search: u64, compared: u32, found: Vec<Finding> },
}

/// The images that a part holds at most; a thousandth of a second's copying.
pub(crate) const PART: u32 = 4_096;
/// The pictures that are hashed in one go; what is under way when it is stopped.
pub(crate) const HASHES: u32 = 32;
/// Images of the sample project up to which their pictures are looked at without being asked: each is drawn for it.
pub(crate) const SAMPLE_IMAGES: usize = 2_000;

/// Regions of a finding, and where one is missing, as one rectangle to show.
pub(crate) fn area(catalogue: &Catalogue, finding: &Finding) -> Option<domain::UnitRect> {
    let regions = finding.regions().chain(finding.missing());
    let rects = regions.filter_map(|region| catalogue.region(region)).map(|region| region.rect);
    let rects = rects.filter(|rect| !rect.is_empty());
    rects.reduce(|a, b| {
        let (left, top) = (a.left.min(b.left), a.top.min(b.top));
        let (right, bottom) = (a.right().max(b.right()), a.bottom().max(b.bottom()));
        domain::UnitRect::new(left, top, right - left, bottom - top)
    })
}

#[derive(Clone, Debug)]
pub struct ShownFinding {
    pub key: FindingKey,
    pub finding: Finding,
    pub is_dismissed: bool,
}

impl ChecksState {
    /// The findings of an image that are to be listed.
    pub fn shown(&self, catalogue: &Catalogue, image: ImageIx) -> Vec<ShownFinding> {
        let known = self.findings.of(image).iter();
        let listed = known.filter(|known| self.shows_dismissed || !known.is_dismissed);
        listed
            .filter_map(|known| {
                let key = known.finding.key(catalogue)?;
                Some(ShownFinding { key, finding: known.finding, is_dismissed: known.is_dismissed })
            })
            .collect()
    }
}
