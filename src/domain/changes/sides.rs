//! Both sides of a change, and the change in words: the same on the command line, in the window and in a saved report.

use super::{Change, ChangeKind, Changes, Pairs, metadata_changes};
use crate::catalogue::ImageView;
use crate::stats::thousands;
use crate::{Catalogue, RegionView};

/// The changes with the two states that they are between.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The changes.
    pub changes: &'a Changes,
    /// The images of the first state.
    pub from: &'a Catalogue,
    /// The images of the second state.
    pub to: &'a Catalogue,
    /// Whether just one of the states is an import, which makes metadata `name` itself.
    pub skips_names: bool,
}

impl<'a> Sides<'a> {
    /// The image of a change in both states.
    pub fn images(&self, change: &Change) -> [Option<ImageView<'a>>; 2] {
        [change.from.and_then(|ix| self.from.get(ix)), change.to.and_then(|ix| self.to.get(ix))]
    }

    /// The region of a change in both states.
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

    /// One change in words. `field` makes foreign text, such as the names of tags, fit for the place where it is shown.
    pub fn sentence(&self, change: &Change, field: impl Fn(&str) -> String) -> String {
        let tag = field(self.tag(change).unwrap_or_default());
        let [a, b] = self.regions(change);
        let region = a.or(b).map(|region| region.id.to_string()).unwrap_or_default();
        match change.kind {
            ChangeKind::ImageAdded | ChangeKind::ImageRemoved => {
                let [a, b] = self.images(change);
                let regions = a.or(b).map_or(0, |image| image.region_count() as u64);
                let what = if change.kind == ChangeKind::ImageAdded { "added" } else { "removed" };
                format!("{what}, with {} region{}", thousands(regions), if regions == 1 { "" } else { "s" })
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
