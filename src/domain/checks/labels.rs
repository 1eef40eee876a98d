//! An image's tags against its boxes, and its picture against what is listed.

use super::CheckKind;
use super::finding::{Facts, Finding};
use super::part::{Labels, Part};
use crate::catalogue::TagIx;
use crate::project::ProjectKind;

/// Regions of one image without their tag that are listed one by one. The others are counted.
const MOST: usize = 40;

pub(super) fn check(image: &Labels<'_>, part: &Part, kind: ProjectKind, found: &mut Vec<Finding>) {
    let of_kind = |is_negative| image.marks.iter().copied().find(|&tag| part.is_negative(tag) == Some(is_negative));
    let (negative, regular) = (of_kind(true), of_kind(false));
    let mut add = |facts, tags| found.push(Finding { tags, ..Finding::on(image.image, facts) });
    if kind == ProjectKind::Detection && image.rects.is_empty() && negative.is_none() && regular.is_some() {
        add(Facts::NoRegions, [regular, None]);
    }
    if negative.is_some() && (regular.is_some() || !image.rects.is_empty()) {
        let other = regular.or_else(|| image.tags.first().copied());
        add(Facts::Negative { regions: image.rects.len() as u32 }, [negative, other]);
    }
    if let Some(decoded) = image.decoded {
        add(Facts::Size { decoded }, [None; 2]);
    }
    // An image without any tag of its own comes from a source that keeps none.
    if !image.marks.is_empty() {
        let marks = Marks::of(image.marks);
        let mut missing = (0..).zip(image.tags).filter(|(_, tag)| !marks.has(**tag));
        for (place, &tag) in missing.by_ref().take(MOST) {
            found.push(Finding::on(image.image, Facts::MissingTag).about(image.region(place), tag));
        }
        let more = missing.count() as u32;
        if more > 0 {
            let facts = Facts::More { kind: CheckKind::MissingTag, count: more, is_least: false };
            found.push(Finding::on(image.image, facts));
        }
    }
}

/// The tags of an image, to be asked once for each of its boxes.
enum Marks<'a> {
    Few(&'a [TagIx]),
    Sorted(Vec<TagIx>),
}

impl<'a> Marks<'a> {
    fn of(marks: &'a [TagIx]) -> Self {
        if marks.len() <= 16 {
            return Self::Few(marks);
        }
        let mut sorted = marks.to_vec();
        sorted.sort_unstable();
        Self::Sorted(sorted)
    }

    fn has(&self, tag: TagIx) -> bool {
        match self {
            Self::Few(marks) => marks.contains(&tag),
            Self::Sorted(marks) => marks.binary_search(&tag).is_ok(),
        }
    }
}
