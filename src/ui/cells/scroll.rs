//! How far cells are scrolled, their scrollbar, and the rubber band. The scrollbar is an own one: the offset is `f64`,
//! and it is tied to the first image (or region) in sight, so that it survives a filter, another size of the cells and
//! pages that arrive.

use egui::{CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::layout::Layout;
use crate::theme;
use crate::widgets::paint;
use app::view::{MOST_ANCHORS as MOST_KEPT, ScrollPlace};

/// Width of the scrollbar's column.
pub(crate) const BAR_WIDTH: f32 = 12.0;
/// The thumb is never shorter than this, so that it can be grabbed with 100,000 images.
const SHORTEST_THUMB: f32 = 36.0;

/// Of so many cells that were in sight the new place is looked for: each may cost a look at a million.
const MOST_ANCHORS: usize = 24;

#[derive(Clone, Debug)]
pub(crate) struct Scroll<T> {
    /// Points from the top.
    pub offset: f64,
    /// What is in the first rows in sight, with the distance of the view's top from the top of the first row.
    anchors: Vec<T>,
    anchor_offset: f64,
    /// Top of the first row in sight.
    anchor_top: f64,
    columns: usize,
    cell_height: f32,
    /// Where the thumb was grabbed, in points from its top.
    grabbed: Option<f32>,
}

impl<T> Default for Scroll<T> {
    fn default() -> Self {
        let (offset, anchor_offset) = (0.0, 0.0);
        Self {
            offset,
            anchors: Vec::new(),
            anchor_offset,
            anchor_top: 0.0,
            columns: 0,
            cell_height: 0.0,
            grabbed: None,
        }
    }
}

impl<T: Copy + PartialEq> Scroll<T> {
    /// Puts the offset where the images that were in sight are now.
    pub(crate) fn keep_place(&mut self, layout: &Layout, images: &[T], first: usize) {
        let is_same_layout = self.columns == layout.columns && self.cell_height == layout.cell.y;
        let is_same_place = self
            .anchors
            .first()
            .is_none_or(|anchor| images.get(first) == Some(anchor) && layout.top_of(first) == self.anchor_top);
        if is_same_layout && is_same_place {
            return;
        }
        // At the top one stays at the top: new images may come in there.
        if self.offset <= 0.0 {
            return;
        }
        let place =
            self.anchors.iter().take(MOST_ANCHORS).find_map(|anchor| images.iter().position(|image| image == anchor));
        if let Some(place) = place {
            let share = if self.cell_height > 0.0 { layout.cell.y / self.cell_height } else { 1.0 };
            self.offset = layout.top_of(place) + self.anchor_offset * f64::from(share);
        }
    }

    /// Where it is, by what is in sight; `None`: at the top.
    pub(crate) fn place(&self) -> Option<ScrollPlace<T>> {
        if self.offset <= 0.0 || self.anchors.is_empty() || self.cell_height <= 0.0 {
            return None;
        }
        let anchors = self.anchors.iter().copied().take(MOST_KEPT).collect();
        Some(ScrollPlace { anchors, share: (self.anchor_offset / f64::from(self.cell_height)) as f32 })
    }

    /// Goes to a place; whether one of its cells is among these.
    pub(crate) fn go_to(&mut self, layout: &Layout, cells: &[T], place: &ScrollPlace<T>) -> bool {
        let found = place.anchors.iter().find_map(|anchor| cells.iter().position(|cell| cell == anchor));
        if let Some(at) = found {
            // The gap to the row above may be in sight, and the head of a group.
            let share = if place.share.is_finite() { place.share.clamp(-2.0, 2.0) } else { 0.0 };
            self.offset = layout.top_of(at) + f64::from(share * layout.cell.y);
        }
        found.is_some()
    }

    /// The images have got other indices; those that are gone are no longer held on to.
    pub(crate) fn renumber(&mut self, place: impl Fn(T) -> Option<T>) {
        self.anchors = self.anchors.iter().copied().filter_map(place).collect();
    }

    /// Remembers what is in sight. `anchors` are the images of the first rows.
    pub(crate) fn remember(&mut self, layout: &Layout, visible: &[T], first: usize) {
        self.anchor_top = layout.top_of(first);
        self.anchor_offset = self.offset - self.anchor_top;
        self.columns = layout.columns;
        self.cell_height = layout.cell.y;
        self.anchors.clear();
        self.anchors.extend_from_slice(visible);
    }

    /// The scrollbar: drag, or click to go there. While it is dragged: the middle of its thumb.
    pub(crate) fn bar_ui(&mut self, ui: &Ui, bar: Rect, layout: &Layout, view_height: f32) -> Option<f32> {
        let max = layout.max_offset(view_height);
        if max <= 0.0 {
            self.grabbed = None;
            return None;
        }
        let length = ((f64::from(view_height) / layout.height()) as f32 * bar.height()).max(SHORTEST_THUMB);
        let way = (bar.height() - length).max(1.0);
        let top = bar.top() + (self.offset / max) as f32 * way;
        let response = ui.interact(bar, ui.scope_id().with("scrollbar"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo {
            value: Some(self.offset / max),
            ..WidgetInfo::labeled(Role::ScrollBar, true, "Scroll")
        });
        if let Some(pointer) = response.interact_pointer_pos() {
            let grabbed = *self.grabbed.get_or_insert_with(|| {
                let is_on_thumb = (top..=top + length).contains(&pointer.y);
                if is_on_thumb { pointer.y - top } else { length / 2.0 }
            });
            let share = ((pointer.y - grabbed - bar.top()) / way).clamp(0.0, 1.0);
            self.offset = f64::from(share) * max;
        } else {
            self.grabbed = None;
        }
        let tokens = theme::of(ui);
        let top = bar.top() + (self.offset / max) as f32 * way;
        let hover = paint::hover(ui, &response).max(if self.grabbed.is_some() { 1.0 } else { 0.0 });
        let width = 5.0 + 3.0 * hover;
        let thumb = Rect::from_min_size(pos2(bar.right() - 2.0 - width, top), vec2(width, length));
        ui.painter().rect_filled(thumb, CornerRadius::same(4), paint::mix(tokens.pressed, tokens.faint, hover));
        self.grabbed.map(|_| thumb.center().y)
    }
}

/// A rubber band under way: points of the view across, points from the top of all rows down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    from: (f32, f64),
    to: (f32, f64),
    /// Whether what it touches is added to what is chosen.
    pub keeps: bool,
}

pub(crate) struct Banded {
    /// The places in order.
    pub places: Vec<usize>,
    /// Added to what is chosen.
    pub keep: bool,
}

impl Band {
    /// The places it touches, in order.
    pub(crate) fn touched(&self, layout: &Layout) -> impl Iterator<Item = usize> + use<> {
        layout.touched([self.from.0, self.to.0], [self.from.1, self.to.1])
    }

    pub(crate) fn paint(&self, ui: &Ui, body: Rect, offset: f64) {
        let corner = |(x, y): (f32, f64)| pos2(body.left() + x, body.top() + (y - offset) as f32);
        let rect = Rect::from_two_pos(corner(self.from), corner(self.to));
        let accent = theme::of(ui).accent;
        ui.painter().rect(rect, 2.0, accent.gamma_multiply(0.15), Stroke::new(1.0, accent), StrokeKind::Inside);
    }
}

/// Begins, moves and ends a band dragged over `ground`.
pub(crate) fn band_ui(
    ui: &Ui,
    body: Rect,
    ground: &Response,
    band: &mut Option<Band>,
    offset: &mut f64,
    layout: &Layout,
) -> Option<Banded> {
    let modifiers = ui.input(|input| input.modifiers);
    let place = |pointer: Pos2, offset: f64| (pointer.x - body.left(), f64::from(pointer.y - body.top()) + offset);
    if ground.drag_started()
        && let Some(start) = ui.input(|input| input.pointer.press_origin())
    {
        let from = place(start, *offset);
        *band = Some(Band { from, to: from, keeps: modifiers.command || modifiers.shift });
    }
    let mut moved = (*band)?;
    if let Some(pointer) = ground.interact_pointer_pos() {
        let outside = (pointer.y - body.bottom()).max(0.0) - (body.top() - pointer.y).max(0.0);
        if ground.dragged() && outside != 0.0 {
            let step = ui.input(|input| input.stable_dt).min(0.1) * (outside * 12.0).clamp(-4_000.0, 4_000.0);
            *offset = (*offset + f64::from(step)).clamp(0.0, layout.max_offset(body.height()));
            ui.ctx().request_repaint();
        }
        let inside = pos2(pointer.x, pointer.y.clamp(body.top(), body.bottom()));
        moved.to = place(inside, *offset);
        *band = Some(moved);
    }
    if ground.dragged() {
        return None;
    }
    *band = None;
    Some(Banded { places: moved.touched(layout).collect(), keep: moved.keeps })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(range: std::ops::Range<u32>) -> Vec<u32> {
        range.collect()
    }

    fn keep_and_anchor(scroll: &mut Scroll<u32>, layout: &Layout, images: &[u32]) {
        let first = layout.visible(scroll.offset, 500.0);
        scroll.keep_place(layout, images, first.start);
        let visible = layout.visible(scroll.offset, 500.0);
        scroll.remember(layout, &images[visible.clone()], visible.start);
    }

    #[test]
    fn the_first_image_in_sight_stays_when_the_cells_change_their_size() {
        let images = list(0..1_000);
        let small = Layout::new(1_000, 736.0, 180.0, 8.0);
        let mut scroll = Scroll { offset: small.top_of(400) + 10.0, ..Scroll::default() };
        keep_and_anchor(&mut scroll, &small, &images);
        let large = Layout::new(1_000, 736.0, 360.0, 8.0);
        keep_and_anchor(&mut scroll, &large, &images);
        assert!(large.visible(scroll.offset, 500.0).contains(&400));
    }

    #[test]
    fn a_place_holds_in_another_window_and_another_list() {
        let images = list(0..1_000);
        let wide = Layout::new(1_000, 736.0, 180.0, 8.0);
        let mut scroll = Scroll { offset: wide.top_of(400) + 67.0, ..Scroll::default() };
        keep_and_anchor(&mut scroll, &wide, &images);
        let place = scroll.place().expect("not at the top");
        assert_eq!((place.anchors.first(), place.share), (Some(&400), 0.5));
        let narrow = Layout::new(1_000, 400.0, 180.0, 8.0);
        let mut other = Scroll::default();
        assert!(other.go_to(&narrow, &images, &place));
        assert_eq!(other.offset, narrow.top_of(400) + f64::from(narrow.cell.y) / 2.0);
        // The first ones are gone.
        let fewer = list(403..900);
        assert!(other.go_to(&narrow, &fewer, &place));
        assert_eq!(narrow.visible(other.offset, 500.0).start, 0);
        assert!(!other.go_to(&narrow, &list(0..300), &place));
        assert_eq!(Scroll::<u32>::default().place(), None);
    }

    #[test]
    fn a_filter_keeps_what_is_left_of_the_screen_in_sight() {
        let images = list(0..1_000);
        let layout = Layout::new(1_000, 736.0, 180.0, 8.0);
        let mut scroll = Scroll { offset: layout.top_of(400), ..Scroll::default() };
        keep_and_anchor(&mut scroll, &layout, &images);
        let odd: Vec<_> = images.iter().copied().filter(|number| number % 2 == 1).collect();
        let fewer = Layout::new(odd.len(), 736.0, 180.0, 8.0);
        keep_and_anchor(&mut scroll, &fewer, &odd);
        let visible = fewer.visible(scroll.offset, 500.0);
        assert!(odd[visible].contains(&401));
    }

    #[test]
    fn at_the_top_one_stays_at_the_top() {
        let layout = Layout::new(100, 736.0, 180.0, 8.0);
        let mut scroll = Scroll::default();
        keep_and_anchor(&mut scroll, &layout, &list(50..150));
        keep_and_anchor(&mut scroll, &layout, &list(0..100));
        assert_eq!(scroll.offset, 0.0);
    }
}
