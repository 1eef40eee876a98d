//! The regions over the picture: their boxes and the chips with their names, each made again only when what it depends on
//! has changed. The pointer alone changes neither.

use egui::{Painter, Rect, Vec2, vec2};

use super::boxes::{Boxes, Look, Marked, SeenBox};
use super::hit::{self, HitIndex};
use super::names::NameChips;
use super::viewport::Viewport;
use crate::tag_style::TagStyle;
use app::appearance::Appearance;
use app::state::Opened;
use domain::{ImageIx, ImageView, PixelSize, RegionIx, TagIx, UnitRect};

/// With fewer regions than this it is not worth asking the index which of them are in sight.
const FEW: usize = 1_000;

/// How far beyond a view that moves boxes are made, in points.
const REACH: f32 = 96.0;

/// Everything that boxes and chips depend on, but for what is marked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub generation: u64,
    pub ix: ImageIx,
    /// Whose pixels sizes are given in.
    pub pixels: PixelSize,
    pub viewport: Viewport,
    pub view: Rect,
    /// From the view's top to where chips may stand.
    pub top: f32,
    /// The sum of the hidden tags' ids.
    pub hidden: u128,
    /// The only tag whose boxes are shown, while its key is held.
    pub solo: Option<TagIx>,
    pub tag_count: usize,
    pub color_version: u64,
    pub pixels_per_point: f32,
    pub appearance: Appearance,
    /// Whether all but the selected one step back.
    pub dims: bool,
}

impl Key {
    /// How far the view has moved by whole pixels; `None` when anything else is different too.
    fn moved_since(&self, before: &Self) -> Option<Vec2> {
        let by = self.viewport.moved_since(&before.viewport)?;
        let pixels = by * self.pixels_per_point;
        let whole = vec2(pixels.x.round(), pixels.y.round());
        let same = Self { viewport: before.viewport, ..self.clone() };
        ((pixels - whole).length() < 1e-3 && same == *before).then(|| whole / self.pixels_per_point)
    }
}

/// The sum of the hidden tags' ids: another set has, but for a miracle, another sum.
pub(super) fn hidden_sum(opened: &Opened) -> u128 {
    opened.hidden_tags.iter().fold(opened.hidden_tags.len() as u128, |sum, tag| sum.wrapping_add(tag.0.as_u128()))
}

/// Whether a tag's boxes are to be seen and hit.
pub(super) fn is_tag_shown(opened: &Opened, solo: Option<TagIx>, tag: TagIx) -> bool {
    match solo {
        Some(solo) => solo == tag,
        None => !opened.hidden_tags.contains(&opened.catalogue.tags().get(tag).id),
    }
}

#[derive(Default)]
pub(super) struct Overlay {
    key: Option<Key>,
    marked: Marked,
    styles: Vec<TagStyle>,
    boxes: Boxes,
    names: NameChips,
    /// How far beyond the view the boxes were made, in points.
    reach: f32,
    /// How far the view has moved since.
    moved: Vec2,
}

impl Overlay {
    /// Makes what is not as it is to be. `taken` are places where no chip may go.
    #[expect(clippy::too_many_arguments, reason = "all that the overlay depends on")]
    pub(super) fn update(
        &mut self,
        key: Key,
        marked: Marked,
        painter: &Painter,
        opened: &Opened,
        image: ImageView<'_>,
        hits: &HitIndex,
        taken: &[Rect],
    ) {
        let is_other = self.key.as_ref() != Some(&key);
        if is_other && !self.shift(&key) {
            // While the view moves it will move on, so the mesh holds more than the view shows.
            let is_moving = self.key.as_ref().is_some_and(|before| key.moved_since(before).is_some());
            self.reach = if is_moving { REACH } else { 0.0 };
            self.moved = Vec2::ZERO;
            let seen = all_seen(&key, self.reach, opened, image, hits);
            self.styles = opened.catalogue.tags().iter().map(|(_, entry)| TagStyle::of(entry)).collect();
            let clip = key.view.expand(self.reach);
            self.boxes.make(&seen, &Look { clip, ..look(&key, &self.styles) });
            self.names.make(painter, opened, &seen, key.appearance.labels);
        }
        let find = |ix: RegionIx| seen(&key, opened, image, ix);
        let room = key.view.with_min_y(key.view.top() + key.top).shrink2(vec2(6.0, 4.0));
        let selected = marked.selected.and_then(find);
        let is_moved = is_other || !self.names.is_placed(selected.map(|seen| seen.ix), taken);
        if is_moved {
            self.names.place(painter, opened, image, room, selected, taken);
        }
        if is_moved || self.marked != marked {
            self.boxes.mark(marked, find, &look(&key, &self.styles));
            self.names.point(painter, opened, image, room, marked, marked.pointed.and_then(find));
            self.marked = marked;
        }
        self.key = Some(key);
    }

    /// Moves what is there along with the view, as far as that is the same as making it again: by whole pixels, and
    /// not beyond what is in the mesh.
    fn shift(&mut self, key: &Key) -> bool {
        let by = self.key.as_ref().and_then(|before| key.moved_since(before));
        let Some(by) = by.filter(|by| (self.moved + *by).abs().max_elem() <= self.reach) else { return false };
        self.moved += by;
        self.boxes.shift(by);
        self.names.shift(by);
        true
    }

    /// Paints the boxes, then the chips.
    pub(super) fn paint(&self, painter: &Painter, opened: &Opened, image: ImageView<'_>) {
        self.boxes.paint(painter);
        let dims = self.key.as_ref().is_some_and(|key| key.dims);
        self.names.paint(painter, opened, image, dims);
    }
}

fn look<'a>(key: &Key, styles: &'a [TagStyle]) -> Look<'a> {
    let Appearance { line, fill, .. } = key.appearance;
    let (line, fill) = (line.factor(), fill.strength());
    Look { styles, pixels_per_point: key.pixels_per_point, clip: key.view, line, fill, dims: key.dims }
}

fn screen(key: &Key, rect: UnitRect) -> Rect {
    key.viewport.screen_rect(rect).translate(key.view.min.to_vec2())
}

/// A region of the image, where its tag is shown.
fn seen(key: &Key, opened: &Opened, image: ImageView<'_>, ix: RegionIx) -> Option<SeenBox> {
    let region = opened.catalogue.region(ix).filter(|_| image.region_range().contains(&ix.0))?;
    let is_shown = is_tag_shown(opened, key.solo, region.tag) && hit::is_finite(&region.rect);
    is_shown.then(|| SeenBox { ix, tag: region.tag, rect: screen(key, region.rect), area: region.rect.area() })
}

/// The regions of which something may be seen, or lies within `reach` points of the view, in the order of the service.
fn all_seen(key: &Key, reach: f32, opened: &Opened, image: ImageView<'_>, hits: &HitIndex) -> Vec<SeenBox> {
    let [left, top, right, bottom] = key.viewport.visible_fractions().map(|edge| edge as f32);
    let size = key.viewport.image_rect().size().max(Vec2::splat(1.0));
    let (across, down) = (reach / size.x + 0.01, reach / size.y + 0.01);
    let part = [left - across, top - down, right + across, bottom + down];
    let is_shown: Vec<bool> =
        opened.catalogue.tags().iter().map(|(tag, _)| is_tag_shown(opened, key.solo, tag)).collect();
    let (rects, tags) = (image.region_rects(), image.region_tags());
    let first = image.region_range().start;
    let one = |at: usize| {
        let (rect, tag) = (*rects.get(at)?, *tags.get(at)?);
        let is_seen = is_shown.get(tag.index()) == Some(&true) && hit::is_finite(&rect);
        is_seen.then(|| SeenBox { ix: RegionIx(first + at as u32), tag, rect: screen(key, rect), area: rect.area() })
    };
    // Where much of the picture is in sight, going through all is quicker than asking the index and sorting.
    if rects.len() < FEW || (right - left) * (bottom - top) > 0.25 {
        return (0..rects.len()).filter(|&at| hit::touches(&rects[at], part)).filter_map(one).collect();
    }
    let mut found: Vec<_> = hits.within(part).map(|ix| (ix.0 - first) as usize).collect();
    found.sort_unstable();
    found.into_iter().filter_map(one).collect()
}
