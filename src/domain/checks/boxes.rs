//! Single boxes: out of the image, tiny, or as large as the whole of it.

use super::CheckKind;
use super::finding::{Facts, Finding};
use super::options::CheckOptions;
use super::part::Labels;
use crate::catalogue::PixelSize;
use crate::geometry::UnitRect;

/// Findings of each kind of this family on one image that are listed one by one. The others are counted.
const MOST: u32 = 40;

/// How far, in fractions, a box may leave an image of unknown size.
const OUTSIDE_SHARE: f32 = 0.002;

/// Whether it is too small to be meant.
pub(super) fn is_tiny(rect: UnitRect, size: PixelSize, options: &CheckOptions) -> bool {
    let (width, height) = pixels(rect, size);
    rect.area() < options.tiny_share || (size.is_known() && width.min(height) < options.tiny_px)
}

/// Whether it is the whole image.
pub(super) fn is_whole(rect: UnitRect, options: &CheckOptions) -> bool {
    let inside = rect.clamped();
    inside.width >= options.whole && inside.height >= options.whole
}

fn pixels(rect: UnitRect, size: PixelSize) -> (f32, f32) {
    (rect.width * size.width as f32, rect.height * size.height as f32)
}

pub(super) fn check(image: &Labels<'_>, options: &CheckOptions, found: &mut Vec<Finding>) {
    let (mut outside, mut tiny, mut whole) = (0, 0, 0);
    let mut add = |count: &mut u32, place: usize, facts: Facts| {
        *count += 1;
        if *count <= MOST {
            found.push(Finding::on(image.image, facts).about(image.region(place), image.tags[place]));
        }
    };
    for (place, &rect) in image.rects.iter().enumerate() {
        if !rect.is_sound() {
            add(&mut tiny, place, Facts::Tiny { width: 0.0, height: 0.0, share: 0.0, is_of_original: false });
            continue;
        }
        if is_outside(rect, image.size, options) {
            let share = 1.0 - rect.clamped().area() / rect.area();
            add(&mut outside, place, Facts::Outside { share: share.clamp(0.0, 1.0) });
        }
        if is_tiny(rect, image.size, options) {
            let (width, height) = pixels(rect, image.size);
            add(
                &mut tiny,
                place,
                Facts::Tiny { width, height, share: rect.area(), is_of_original: image.size.is_original },
            );
        } else if is_whole(rect, options) {
            add(&mut whole, place, Facts::Whole { share: rect.clamped().area() });
        }
    }
    for (kind, count) in [(CheckKind::Outside, outside), (CheckKind::Tiny, tiny), (CheckKind::Whole, whole)] {
        if count > MOST {
            let facts = Facts::More { kind, count: count - MOST, is_least: false };
            found.push(Finding::on(image.image, facts));
        }
    }
}

fn is_outside(rect: UnitRect, size: PixelSize, options: &CheckOptions) -> bool {
    let allowed = |side: u32| if side > 0 { options.outside_px / side as f32 } else { OUTSIDE_SHARE };
    let across = (-rect.left).max(rect.right() - 1.0);
    let down = (-rect.top).max(rect.bottom() - 1.0);
    rect.leaves_image() && (across >= allowed(size.width) || down >= allowed(size.height))
}
