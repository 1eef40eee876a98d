//! Where the chips of regions go: above the box's top left corner, inside the view, off each other; where there is no
//! room, the chip is left out, and the closer one looks the more there is. Pure geometry.

use egui::{Rect, Vec2, pos2};
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, Debug)]
pub struct ChipRequest {
    /// The box it belongs to, in points of the screen.
    pub anchor: Rect,
    pub size: Vec2,
    /// Placed in any case, if need be over others (the selected and the hovered region).
    pub is_needed: bool,
}

/// A box must be this much of its chip's width to carry it, so that far away only large boxes are named.
const SHARE: f32 = 0.55;
/// Between a chip and its box, and between chips.
pub(super) const GAP: f32 = 2.0;
const BUCKET: f32 = 96.0;

/// Places the wishes in their order, the most important first. The answer has a place for each wish, or `None`.
pub fn place(view: Rect, requests: &[ChipRequest], taken: &[Rect]) -> Vec<Option<Rect>> {
    let mut occupied = Occupied::default();
    for &rect in taken {
        occupied.add(rect);
    }
    requests.iter().map(|request| place_one(view, request, &mut occupied)).collect()
}

/// Whether a box is large enough on the screen for a chip of this size.
pub fn carries(anchor: Rect, size: Vec2) -> bool {
    anchor.width().max(anchor.height()) >= size.x * SHARE
}

fn place_one(view: Rect, request: &ChipRequest, occupied: &mut Occupied) -> Option<Rect> {
    let ChipRequest { anchor, size, is_needed } = *request;
    if !anchor.intersects(view) || size.x > view.width() || size.y > view.height() {
        return None;
    }
    if !is_needed && !carries(anchor, size) {
        return None;
    }
    let seen = anchor.intersect(view);
    let above = anchor.top() - size.y - GAP;
    let corners = [
        (seen.left(), above),
        (seen.left(), seen.top() + GAP),
        (seen.left(), seen.bottom() + GAP),
        (seen.right() - size.x, above),
        (seen.left(), seen.bottom() - size.y - GAP),
        (seen.right() - size.x, seen.bottom() + GAP),
    ];
    let inside = |(x, y): (f32, f32)| {
        let x = x.clamp(view.left(), view.right() - size.x);
        let y = y.clamp(view.top(), view.bottom() - size.y);
        Rect::from_min_size(pos2(x.round(), y.round()), size)
    };
    let free = corners.into_iter().map(inside).find(|rect| occupied.is_free(*rect));
    let found = free.or_else(|| is_needed.then(|| inside(corners[0])))?;
    occupied.add(found);
    Some(found)
}

/// Placed chips in buckets, so that thousands of wishes stay cheap.
#[derive(Default)]
struct Occupied {
    buckets: FxHashMap<(i32, i32), Vec<Rect>>,
}

impl Occupied {
    fn is_free(&self, rect: Rect) -> bool {
        let apart = rect.expand(GAP);
        keys(apart)
            .all(|key| self.buckets.get(&key).is_none_or(|rects| !rects.iter().any(|other| other.intersects(apart))))
    }

    fn add(&mut self, rect: Rect) {
        for key in keys(rect) {
            self.buckets.entry(key).or_default().push(rect);
        }
    }
}

fn keys(rect: Rect) -> impl Iterator<Item = (i32, i32)> {
    let bucket = |value: f32| (value / BUCKET).floor() as i32;
    let rows = bucket(rect.top())..=bucket(rect.bottom());
    let (left, right) = (bucket(rect.left()), bucket(rect.right()));
    rows.flat_map(move |row| (left..=right).map(move |column| (column, row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Pos2, vec2};
    use proptest::prelude::*;

    const VIEW: Rect = Rect { min: Pos2 { x: 10.0, y: 10.0 }, max: Pos2 { x: 750.0, y: 640.0 } };

    fn request(left: f32, top: f32, width: f32, height: f32) -> ChipRequest {
        let anchor = Rect::from_min_size(pos2(left, top), vec2(width, height));
        ChipRequest { anchor, size: vec2(70.0, 18.0), is_needed: false }
    }

    #[test]
    fn the_usual_place_is_above_the_top_left_corner() {
        let placed = place(VIEW, &[request(100.0, 100.0, 200.0, 100.0)], &[]);
        assert_eq!(placed[0].map(|rect| rect.min), Some(pos2(100.0, 80.0)));
    }

    #[test]
    fn a_box_that_begins_outside_has_its_chip_at_the_edge() {
        let placed = place(VIEW, &[request(-500.0, -500.0, 2_000.0, 2_000.0)], &[]);
        assert!(placed[0].is_some_and(|rect| VIEW.contains_rect(rect)));
    }

    #[test]
    fn a_small_box_is_named_only_when_it_is_needed() {
        let small = request(100.0, 100.0, 10.0, 10.0);
        assert_eq!(place(VIEW, &[small], &[]), [None]);
        assert!(place(VIEW, &[ChipRequest { is_needed: true, ..small }], &[])[0].is_some());
    }

    #[test]
    fn taken_places_are_left_free() {
        let taken = Rect::from_min_size(pos2(90.0, 60.0), vec2(200.0, 40.0));
        let placed = place(VIEW, &[request(100.0, 100.0, 200.0, 100.0)], &[taken]);
        assert!(placed[0].is_some_and(|rect| !rect.intersects(taken)));
    }

    proptest! {
        #[test]
        fn chips_are_in_the_view_and_off_each_other(
            boxes in prop::collection::vec((-300.0_f32..900.0, -300.0_f32..900.0, 0.0_f32..600.0, 0.0_f32..600.0), 0..80),
        ) {
            let requests: Vec<_> = boxes.into_iter().map(|(l, t, w, h)| request(l, t, w, h)).collect();
            let placed: Vec<_> = place(VIEW, &requests, &[]).into_iter().flatten().collect();
            for (at, rect) in placed.iter().enumerate() {
                prop_assert!(VIEW.contains_rect(*rect));
                prop_assert!(placed[..at].iter().all(|other| !other.intersects(*rect)));
            }
        }
    }
}
