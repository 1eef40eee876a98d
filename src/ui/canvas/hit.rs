//! Which boxes are under a point: a spatial index of one image's regions, made once and kept while the image is shown, and
//! the same of its predictions.

use rstar::{AABB, RTree, RTreeObject};

use domain::{ImageIx, ImageView, RegionIx, UnitRect};

/// A box in the index. Corners are in order even where the service's numbers are not.
#[derive(Clone, Debug)]
struct Indexed<T> {
    ix: T,
    rect: UnitRect,
}

impl<T> RTreeObject for Indexed<T> {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.rect.left, self.rect.top], [self.rect.right(), self.rect.bottom()])
    }
}

#[derive(Debug)]
pub(super) struct RectIndex<T> {
    tree: RTree<Indexed<T>>,
}

impl<T> Default for RectIndex<T> {
    fn default() -> Self {
        Self { tree: RTree::new() }
    }
}

impl<T: Copy + Ord> RectIndex<T> {
    /// The index of these boxes, whose numbers are finite.
    pub(super) fn new(boxes: impl Iterator<Item = (T, UnitRect)>) -> Self {
        Self { tree: RTree::bulk_load(boxes.map(|(ix, rect)| Indexed { ix, rect }).collect()) }
    }

    /// All boxes within `reach` (fractions of width and height) of a point in fractions, the smallest first; of equal
    /// ones the last drawn first.
    pub(super) fn at(&self, x: f32, y: f32, reach: [f32; 2]) -> Vec<T> {
        let around = AABB::from_corners([x - reach[0], y - reach[1]], [x + reach[0], y + reach[1]]);
        let mut found: Vec<_> = self
            .tree
            .locate_in_envelope_intersecting(around)
            .map(|indexed| (indexed.rect.area(), indexed.ix))
            .collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        found.into_iter().map(|(_, ix)| ix).collect()
    }

    /// The boxes of which something lies in a part of the image: left, top, right, bottom in fractions.
    pub(super) fn within(&self, [left, top, right, bottom]: [f32; 4]) -> impl Iterator<Item = T> + '_ {
        let part = AABB::from_corners([left, top], [right, bottom]);
        self.tree.locate_in_envelope_intersecting(part).map(|indexed| indexed.ix)
    }
}

#[derive(Debug)]
pub struct HitIndex {
    key: (u64, ImageIx),
    index: RectIndex<RegionIx>,
}

impl HitIndex {
    /// The index of an image of the opening `generation`.
    pub fn new(generation: u64, image: ImageView<'_>) -> Self {
        let first = image.region_range().start;
        let regions = image.region_rects().iter().zip(first..).filter(|(rect, _)| is_finite(rect));
        let index = RectIndex::new(regions.map(|(rect, ix)| (RegionIx(ix), *rect)));
        Self { key: (generation, image.ix), index }
    }

    /// Whether it is the index of this image.
    pub fn is_of(&self, generation: u64, ix: ImageIx) -> bool {
        self.key == (generation, ix)
    }

    /// All regions within `reach` (fractions of width and height) of a point in fractions, the smallest first; of equal
    /// ones the last drawn first.
    pub fn at(&self, x: f32, y: f32, reach: [f32; 2]) -> Vec<RegionIx> {
        self.index.at(x, y, reach)
    }

    /// The regions of which something lies in a part of the image: left, top, right, bottom in fractions.
    pub fn within(&self, part: [f32; 4]) -> impl Iterator<Item = RegionIx> + '_ {
        self.index.within(part)
    }
}

/// Whether a rectangle is one that can be painted and hit.
pub(super) fn is_finite(rect: &UnitRect) -> bool {
    rect.left.is_finite() && rect.top.is_finite() && rect.area().is_finite()
}

/// Whether something of a rectangle lies in a part of the image: left, top, right, bottom in fractions.
pub(super) fn touches(rect: &UnitRect, [left, top, right, bottom]: [f32; 4]) -> bool {
    let (across, down) = ([rect.left, rect.right()], [rect.top, rect.bottom()]);
    across[0].min(across[1]) <= right
        && across[0].max(across[1]) >= left
        && down[0].min(down[1]) <= bottom
        && down[0].max(down[1]) >= top
}

/// What a click selects: the smallest under the pointer; on the selected one the next larger, and round again.
pub fn clicked(under: &[RegionIx], selected: Option<RegionIx>) -> Option<RegionIx> {
    let place = selected.and_then(|selected| under.iter().position(|&ix| ix == selected));
    match place {
        Some(place) => under.get((place + 1) % under.len()).copied(),
        None => under.first().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Catalogue, ImageId, ImageRow, ImageUris, RegionId, RegionRow, TagId};
    use proptest::prelude::*;

    fn catalogue(rects: &[UnitRect]) -> Catalogue {
        let mut catalogue = Catalogue::new();
        let regions = rects.iter().enumerate().map(|(at, &rect)| RegionRow {
            id: RegionId(uuid::Uuid::from_u128(at as u128)),
            tag: TagId::default(),
            tag_name: "fork".into(),
            created: None,
            rect,
        });
        catalogue.append(vec![ImageRow {
            id: ImageId::default(),
            created: None,
            width: 800,
            height: 600,
            uris: ImageUris::default(),
            tags: Vec::new(),
            regions: regions.collect(),
            metadata: Vec::new(),
            verbatim: Vec::new(),
            problems: Vec::new(),
        }]);
        catalogue
    }

    fn index(catalogue: &Catalogue) -> HitIndex {
        HitIndex::new(1, catalogue.get(ImageIx(0)).expect("image"))
    }

    #[test]
    fn the_smallest_comes_first_and_clicks_cycle() {
        let catalogue = catalogue(&[
            UnitRect::new(0.0, 0.0, 1.0, 1.0),
            UnitRect::new(0.4, 0.4, 0.2, 0.2),
            UnitRect::new(0.2, 0.2, 0.6, 0.6),
        ]);
        let under = index(&catalogue).at(0.5, 0.5, [0.0, 0.0]);
        assert_eq!(under, [RegionIx(1), RegionIx(2), RegionIx(0)]);
        let mut selected = None;
        let mut order = Vec::new();
        for _ in 0..4 {
            selected = clicked(&under, selected);
            order.extend(selected);
        }
        assert_eq!(order, [RegionIx(1), RegionIx(2), RegionIx(0), RegionIx(1)]);
        assert_eq!(clicked(&[], selected), None);
    }

    #[test]
    fn a_tiny_region_is_within_reach() {
        let catalogue = catalogue(&[UnitRect::new(0.5, 0.5, 0.0, 0.0), UnitRect::new(f32::NAN, 0.0, 1.0, 1.0)]);
        let index = index(&catalogue);
        assert!(index.at(0.51, 0.5, [0.0, 0.0]).is_empty());
        assert_eq!(index.at(0.51, 0.5, [0.02, 0.02]), [RegionIx(0)]);
    }

    proptest! {
        #[test]
        fn the_index_finds_what_a_walk_over_all_finds(
            rects in prop::collection::vec((-0.2_f32..1.0, -0.2_f32..1.0, 0.0_f32..0.5, 0.0_f32..0.5), 0..60),
            x in 0.0_f32..1.0, y in 0.0_f32..1.0,
        ) {
            let rects: Vec<_> = rects.into_iter().map(|(l, t, w, h)| UnitRect::new(l, t, w, h)).collect();
            let catalogue = catalogue(&rects);
            let mut found = index(&catalogue).at(x, y, [0.0, 0.0]);
            found.sort_unstable();
            let walked: Vec<_> = (0..rects.len()).filter(|&at| rects[at].contains(x, y)).map(|at| RegionIx(at as u32)).collect();
            prop_assert_eq!(found, walked);
        }
    }
}
