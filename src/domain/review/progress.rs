//! How far a review has come, by image of one catalogue and by tag.

use super::{Reviews, Subject};
use crate::catalogue::{Catalogue, ImageIx, ImageView, RegionIx, TagIx};
use crate::ids::RegionId;

/// Which images and regions of a catalogue have an own verdict. An image counts once for each of its own tags and of
/// its regions'.
#[derive(Clone, Debug, Default)]
pub struct ReviewProgress {
    reviewed: Vec<bool>,
    count: usize,
    /// Reviewed images and all images, by tag.
    tags: Vec<(u32, u32)>,
    /// A bit for each region: looking for one without a verdict passes a million of them between two frames.
    regions: Vec<u64>,
    /// How many of them are set.
    region_count: usize,
}

impl ReviewProgress {
    /// Takes in the images of the catalogue that came since the last time.
    pub fn extend(&mut self, catalogue: &Catalogue, reviews: &Reviews) {
        for ix in self.reviewed.len()..catalogue.len() {
            let ix = ImageIx(ix as u32);
            let Some(image) = catalogue.get(ix) else { return };
            self.reviewed.push(false);
            each_tag(catalogue, ix, |tag| at(&mut self.tags, tag).1 += 1);
            self.regions.resize(catalogue.region_count().div_ceil(BITS), 0);
            self.reread(catalogue, image, reviews);
        }
    }

    /// Takes in what is decided now about an image and its regions.
    pub fn reread(&mut self, catalogue: &Catalogue, image: ImageView<'_>, reviews: &Reviews) {
        self.set(catalogue, image.ix, reviews.verdict(Subject::image(image.id())).is_some());
        let (ids, first) = (image.region_ids(), image.region_range().start as usize);
        for region in first..first + ids.len() {
            self.set_region(region, false);
        }
        // Nearly always they were decided one after the other, and the latest comes first: each stands just before the
        // last one, and is looked for there.
        let mut last = 0;
        for region in reviews.own_regions(image.id()) {
            let (before, after) = ids.split_at(last);
            let place = |among: &[RegionId]| among.iter().rposition(|id| *id == region);
            if let Some(place) = place(before).or_else(|| place(after).map(|place| last + place)) {
                self.set_region(first + place, true);
                last = place;
            }
        }
    }

    fn set_region(&mut self, region: usize, is_reviewed: bool) {
        if let Some(bits) = self.regions.get_mut(region / BITS) {
            let bit = 1 << (region % BITS);
            let was_reviewed = *bits & bit != 0;
            *bits = if is_reviewed { *bits | bit } else { *bits & !bit };
            match (was_reviewed, is_reviewed) {
                (false, true) => self.region_count += 1,
                (true, false) => self.region_count -= 1,
                _ => {}
            }
        }
    }

    pub fn is_region_reviewed(&self, region: RegionIx) -> bool {
        self.regions.get(region.index() / BITS).is_some_and(|bits| bits >> (region.index() % BITS) & 1 == 1)
    }

    /// Notes whether an image is reviewed.
    fn set(&mut self, catalogue: &Catalogue, ix: ImageIx, is_reviewed: bool) {
        let Some(before) = self.reviewed.get_mut(ix.index()) else { return };
        if std::mem::replace(before, is_reviewed) == is_reviewed {
            return;
        }
        let step = |number: u32| if is_reviewed { number + 1 } else { number.saturating_sub(1) };
        self.count = if is_reviewed { self.count + 1 } else { self.count.saturating_sub(1) };
        each_tag(catalogue, ix, |tag| {
            let entry = at(&mut self.tags, tag);
            entry.0 = step(entry.0);
        });
    }

    pub fn is_reviewed(&self, ix: ImageIx) -> bool {
        self.reviewed.get(ix.index()).copied().unwrap_or_default()
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn region_count(&self) -> usize {
        self.region_count
    }

    /// Reviewed images and all images that have a tag, on themselves or on a region.
    pub fn of_tag(&self, tag: TagIx) -> (u32, u32) {
        self.tags.get(tag.index()).copied().unwrap_or_default()
    }
}

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

fn at(tags: &mut Vec<(u32, u32)>, tag: TagIx) -> &mut (u32, u32) {
    if tags.len() <= tag.index() {
        tags.resize(tag.index() + 1, (0, 0));
    }
    &mut tags[tag.index()]
}

/// Each tag of an image once.
pub(super) fn each_tag(catalogue: &Catalogue, ix: ImageIx, mut take: impl FnMut(TagIx)) {
    let Some(image) = catalogue.get(ix) else { return };
    let own = image.tags();
    own.iter().copied().for_each(&mut take);
    let mut others: Vec<TagIx> = image.regions().map(|region| region.tag).filter(|tag| !own.contains(tag)).collect();
    others.sort_unstable();
    others.dedup();
    others.into_iter().for_each(take);
}
