//! The changes as they are asked for: by image, for queries and the canvas; with both sides and in words, the same on
//! the command line, in the window and in a saved report.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{Change, ChangeKind, Changes, Pairs, metadata_changes};
use crate::catalogue::ImageView;
use crate::stats::thousands;
use crate::{Catalogue, ImageIx, RegionView};

#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    pub changes: &'a Changes,
    pub from: &'a Catalogue,
    pub to: &'a Catalogue,
    /// Whether just one of the states is an import, which makes metadata `name` itself.
    pub skips_names: bool,
}

impl<'a> Sides<'a> {
    pub fn images(&self, change: &Change) -> [Option<ImageView<'a>>; 2] {
        [change.from.and_then(|ix| self.from.get(ix)), change.to.and_then(|ix| self.to.get(ix))]
    }

    /// The name of a change's image: both names with an arrow between them where the states have different ones.
    pub fn name(&self, change: &Change) -> Option<String> {
        match self.images(change).map(|image| image.and_then(|image| image.name())) {
            [Some(from), Some(to)] if from != to => Some(format!("{from} -> {to}")),
            [from, to] => from.or(to).map(str::to_owned),
        }
    }

    pub fn regions(&self, change: &Change) -> [Option<RegionView>; 2] {
        [change.region_from.and_then(|ix| self.from.region(ix)), change.region_to.and_then(|ix| self.to.region(ix))]
    }

    /// The tag that a change is about: that of the second state where both have one.
    pub fn tag(&self, change: &Change) -> Option<&'a str> {
        if let Some(tag) = change.tag {
            return Some(self.changes.tags.name(tag));
        }
        match self.regions(change) {
            [_, Some(region)] => Some(&*self.to.tags().get(region.tag).name),
            [Some(region), None] => Some(&*self.from.tags().get(region.tag).name),
            [None, None] => None,
        }
    }

    /// Metadata that only the first and only the second image of a change has.
    pub fn metadata(&self, change: &Change) -> [Pairs<'a>; 2] {
        match self.images(change) {
            [Some(a), Some(b)] => {
                let (gone, new) = metadata_changes(self.skips_names, &a, &b);
                [gone, new]
            }
            _ => [Vec::new(), Vec::new()],
        }
    }

    /// How many changes there are of each tag, the most first: changes of regions, and tags of images.
    pub fn by_tag(&self) -> Vec<(&'a str, u64)> {
        let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for name in self.changes.list.iter().filter_map(|change| self.tag(change)) {
            *counts.entry(name).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// `3 regions`: those of the image that only one state has.
    fn regions_of(&self, change: &Change) -> String {
        let [a, b] = self.images(change);
        let regions = a.or(b).map_or(0, |image| image.region_count() as u64);
        format!("{} region{}", thousands(regions), if regions == 1 { "" } else { "s" })
    }

    /// One change in a few words, for one line of the window: `moved 12 px, fork`.
    pub fn brief(&self, change: &Change) -> String {
        let tag = self.tag(change).unwrap_or_default();
        match change.kind {
            ChangeKind::ImageAdded => format!("image added, {}", self.regions_of(change)),
            ChangeKind::ImageRemoved => format!("image removed, {}", self.regions_of(change)),
            ChangeKind::ImageUnknown => "not known whether the image is new".to_owned(),
            ChangeKind::MetadataChanged => {
                let [gone, new] = self.metadata(change);
                let mut keys: Vec<_> = gone.iter().chain(&new).map(|(key, _)| *key).collect();
                keys.sort_unstable();
                keys.dedup();
                format!("metadata changed, {}", keys.join(", "))
            }
            ChangeKind::PictureChanged => "picture changed".to_owned(),
            ChangeKind::RegionAdded => format!("added, {tag}"),
            ChangeKind::RegionRemoved => format!("removed, {tag}"),
            ChangeKind::RegionMoved => match change.shift {
                Some(shift) if shift.is_pixels && shift.by < 9.95 => format!("moved {:.1} px, {tag}", shift.by),
                Some(shift) if shift.is_pixels => format!("moved {} px, {tag}", thousands(shift.by.round() as u64)),
                Some(shift) => format!("moved {:.1}% of the image, {tag}", shift.by * 100.0),
                None => format!("moved, {tag}"),
            },
            ChangeKind::RegionRetagged => {
                let former = self.regions(change)[0].map(|region| self.from.tags().get(region.tag));
                format!("retagged, {} -> {tag}", former.map(|tag| &*tag.name).unwrap_or_default())
            }
            ChangeKind::TagAdded => format!("tag added, {tag}"),
            ChangeKind::TagRemoved => format!("tag removed, {tag}"),
        }
    }

    /// One change in words. `field` makes foreign text, such as the names of tags, fit for the place where it is shown.
    pub fn sentence(&self, change: &Change, field: impl Fn(&str) -> String) -> String {
        let tag = field(self.tag(change).unwrap_or_default());
        let [a, b] = self.regions(change);
        let region = a.or(b).map(|region| region.id.to_string()).unwrap_or_default();
        match change.kind {
            ChangeKind::ImageAdded => format!("added, with {}", self.regions_of(change)),
            ChangeKind::ImageRemoved => format!("removed, with {}", self.regions_of(change)),
            ChangeKind::ImageUnknown => {
                let (with, without) = if change.from.is_some() { ("first", "second") } else { ("second", "first") };
                format!(
                    "unknown: only the {with} state lists it (with {}), and the {without} state could not be read completely",
                    self.regions_of(change)
                )
            }
            ChangeKind::MetadataChanged => {
                let [gone, new] = self.metadata(change);
                let pairs = |sign: char, pairs: Pairs<'_>| {
                    let words = |(key, value): &(&str, &str)| format!("{sign}{}={}", field(key), field(value));
                    pairs.iter().map(words).collect::<Vec<_>>()
                };
                format!("metadata changed: {}", [pairs('-', gone), pairs('+', new)].concat().join(", "))
            }
            ChangeKind::PictureChanged => {
                let size = |side: usize| {
                    let size = self.images(change)[side].map(|image| image.pixel_size());
                    size.filter(|size| size.is_known()).map(|size| format!("{} x {}", size.width, size.height))
                };
                match (size(0), size(1)) {
                    (Some(from), Some(to)) if from != to => format!("picture changed, {from} -> {to}"),
                    _ => "picture changed".to_owned(),
                }
            }
            ChangeKind::RegionAdded => format!("region {region} added: {tag}"),
            ChangeKind::RegionRemoved => format!("region {region} removed: {tag}"),
            ChangeKind::RegionMoved => {
                let by = match change.shift {
                    Some(shift) if shift.is_pixels => format!("{:.1} px", shift.by),
                    Some(shift) => format!("{:.2}% of the image", shift.by * 100.0),
                    None => String::new(),
                };
                format!("region {region} moved by up to {by} (IoU {:.2}): {tag}", change.iou)
            }
            ChangeKind::RegionRetagged => {
                let name = a.map(|region| field(&self.from.tags().get(region.tag).name));
                format!("region {region} retagged: {} -> {tag}", name.unwrap_or_default())
            }
            ChangeKind::TagAdded => format!("tag {tag} added"),
            ChangeKind::TagRemoved => format!("tag {tag} removed"),
        }
    }
}

/// What has changed of each image of the second state. Images that only the first state has are not in here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageChanges {
    by_image: FxHashMap<ImageIx, ChangesOfImage>,
}

#[derive(Clone, Debug, PartialEq)]
struct ChangesOfImage {
    /// A bit for each kind, by its place in [`ChangeKind::ALL`].
    kinds: u16,
    /// The farthest move of a region in pixels.
    moved: f64,
    /// Its changes in the list.
    places: Range<usize>,
}

impl ImageChanges {
    pub fn of(changes: &Changes) -> Self {
        let mut by_image: FxHashMap<ImageIx, ChangesOfImage> = FxHashMap::default();
        for (place, change) in changes.list.iter().enumerate() {
            let Some(image) = change.to else { continue };
            let of = by_image.entry(image).or_insert(ChangesOfImage { kinds: 0, moved: 0.0, places: place..place });
            of.kinds |= bit(change.kind);
            // Those of one image stand together.
            of.places.end = place + 1;
            if let Some(shift) = change.shift.filter(|shift| shift.is_pixels) {
                of.moved = of.moved.max(shift.by);
            }
        }
        Self { by_image }
    }

    pub fn is_empty(&self) -> bool {
        self.by_image.is_empty()
    }

    /// Whether an image has changes of a kind, or with `None` any.
    pub fn has(&self, image: ImageIx, kind: Option<ChangeKind>) -> bool {
        let kinds = self.by_image.get(&image).map_or(0, |of| of.kinds);
        kind.map_or(kinds, |kind| kinds & bit(kind)) != 0
    }

    /// The farthest that an edge of one of its regions has moved, in pixels; 0 when none has.
    pub fn moved(&self, image: ImageIx) -> f64 {
        self.by_image.get(&image).map_or(0.0, |of| of.moved)
    }

    pub fn places(&self, image: ImageIx) -> Range<usize> {
        self.by_image.get(&image).map_or(0..0, |of| of.places.clone())
    }
}

fn bit(kind: ChangeKind) -> u16 {
    1 << (kind as u16)
}
