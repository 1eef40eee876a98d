//! An image's tags against its boxes, and its picture against what is listed.

use super::finding::{Facts, Finding};
use super::part::{Labels, Part};
use crate::domain::project::ProjectKind;

/// Regions without their tag that are told of one image.
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
        let missing = image.tags.iter().enumerate().filter(|(_, tag)| !image.marks.contains(tag));
        for (place, &tag) in missing.take(MOST) {
            found.push(Finding::on(image.image, Facts::MissingTag).about(image.region(place), tag));
        }
    }
}
