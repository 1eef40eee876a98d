//! A cell of the wall: the crop, sharp or cut from the thumbnail at hand, its box and its marks.

use egui::epaint::Mesh;
use egui::{CornerRadius, Rect, Response, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use crate::canvas::share_text;
use crate::cells::paint::{Marks, failed_ui, paint_ground, paint_marks, paint_picture};
use crate::marks::{self, Pen};
use crate::review;
use crate::tag_style::{Dash, TagStyle};
use crate::textures::Textures;
use crate::theme::{self, Tokens, tokens};
use app::state::Opened;
use app::wall::WallCommand;
use app::{Command, PixelKey, State};
use domain::wall::crop_frame;
use domain::{ImageIx, ImageView, RegionIx, RegionView, Subject, UnitRect, Verdict};

const RADIUS: CornerRadius = CornerRadius::same(tokens::RADIUS);
/// Boxes of the second layer in a crop; more are a blur.
const MOST_MARKS: usize = 40;

/// Where a region is painted.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub rect: Rect,
    pub image: ImageIx,
    pub region: RegionIx,
    /// Its place on the wall, from 0.
    pub place: usize,
    pub is_chosen: bool,
}

/// The cells of one frame.
pub(super) struct Cells<'a> {
    opened: &'a Opened,
    tokens: &'static Tokens,
    side: u16,
    shows_overlays: bool,
    pen: Pen,
    boxes: Mesh,
    marks: Vec<(Marks, Option<Verdict>)>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(ui: &Ui, state: &State, opened: &'a Opened, side: u16) -> Self {
        Self {
            opened,
            tokens: theme::of(ui),
            side,
            shows_overlays: state.settings.show_overlays,
            pen: Pen::thin(ui.ctx().pixels_per_point()),
            boxes: Mesh::default(),
            marks: Vec::new(),
        }
    }

    /// One cell; the answer tells clicks.
    pub(super) fn cell_ui(
        &mut self,
        ui: &mut Ui,
        cell: Cell,
        textures: &mut Textures,
        commands: &mut Vec<Command>,
    ) -> Response {
        let Cell { rect, image, region, place, is_chosen } = cell;
        // Not focusable: with Tab through a million crops nothing else could be reached. The cursor moves with the arrows.
        let response = ui.interact(rect, ui.scope_id().with(("crop", region.0)), Sense::CLICK);
        let catalogue = &self.opened.catalogue;
        let (Some(image), Some(view)) = (catalogue.get(image), catalogue.region(region)) else { return response };
        let name = &catalogue.tags().get(view.tag).name;
        let verdict = review::mark_of(self.opened, Subject { image: image.id(), region: Some(view.id) });
        response.widget_info(|| {
            let decided = verdict.map(|verdict| format!(", {}", verdict.label().to_lowercase())).unwrap_or_default();
            let size = with_share(image.pixel_size().spoken_region_text(view.rect), view);
            let changed = Some(changed(self.opened, image, region)).filter(|words| !words.is_empty());
            let changed = changed.map(|words| format!(", {words}")).unwrap_or_default();
            let spoken = format!("Region {}: {name}, {size}{changed}{decided}", place + 1);
            WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, spoken)
        });
        let frame = crop_frame(view.rect, image.aspect());
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let aspect = frame.width * image.aspect() / frame.height;
        let mut picture = marks::contained(rect, aspect);
        let failure = self.opened.failed_pixels.get(&PixelKey::Crop { region, side: self.side });
        if let Some(texture) = textures.crop(region, self.side) {
            picture = paint_picture(ui, rect, aspect, texture, whole);
        } else if let Some(failure) = failure {
            if failed_ui(ui, rect, region.0, failure, &response) {
                commands.push(Command::Wall(WallCommand::Retry(region)));
            }
            self.marks.push((self.marks_of(cell, &response), verdict));
            return response;
        } else if let Some(texture) = textures.thumb(image.ix, 512) {
            let uv = Rect::from_min_size(pos2(frame.left, frame.top), vec2(frame.width, frame.height));
            picture = paint_picture(ui, rect, aspect, texture, uv);
        } else {
            let color = TagStyle::of(catalogue.tags().get(view.tag)).color;
            paint_ground(ui, rect);
            ui.painter().rect_filled(rect, RADIUS, color.gamma_multiply(0.14));
        }
        if self.shows_overlays && (response.hovered() || is_slender(view.rect, frame)) {
            self.add_box(view, frame, picture, rect);
        }
        if self.shows_overlays {
            // The place of the whole image, of which the crop shows a part.
            let size = picture.size() / vec2(frame.width, frame.height);
            let whole = Rect::from_min_size(picture.min - vec2(frame.left, frame.top) * size, size);
            let second = self.opened.overlay_marks(image.ix).take(MOST_MARKS);
            marks::add_marks(&mut self.boxes, self.opened, second, whole, picture, self.pen);
        }
        self.marks.push((self.marks_of(cell, &response), verdict));
        response.on_hover_ui(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.strong(&**name);
            ui.label(size_text(image, view));
            let changed = changed(self.opened, image, region);
            if !changed.is_empty() {
                ui.label(changed);
            }
        })
    }

    fn marks_of(&self, cell: Cell, response: &Response) -> Marks {
        let is_cursor = self.opened.wall.cursor == Some(cell.region);
        Marks { rect: cell.rect, is_chosen: cell.is_chosen, is_cursor, is_hovered: response.hovered() }
    }

    /// The region's box in its crop.
    fn add_box(&mut self, view: RegionView, frame: UnitRect, picture: Rect, cell: Rect) {
        let UnitRect { left, top, width, height } = view.rect;
        let within = UnitRect::new(
            (left - frame.left) / frame.width,
            (top - frame.top) / frame.height,
            width / frame.width,
            height / frame.height,
        );
        let rect = marks::placed(within, picture);
        if rect.is_finite() {
            let style = TagStyle { dash: Dash::Solid, ..TagStyle::of(self.opened.catalogue.tags().get(view.tag)) };
            marks::add_box(&mut self.boxes, rect, cell, self.pen, style);
        }
    }

    /// Paints what stands over the pictures.
    pub(super) fn finish(self, ui: &Ui) {
        if !self.boxes.is_empty() {
            ui.painter().add(Shape::mesh(self.boxes));
        }
        for (marks, verdict) in &self.marks {
            paint_marks(ui, marks, self.tokens);
            if let Some(verdict) = verdict {
                let radius = if marks.rect.width() < 100.0 { 6.5 } else { 9.0 };
                let center = marks.rect.right_top() + vec2(-radius - 5.0, radius + 5.0);
                review::badge(ui.painter(), center, radius, *verdict);
            }
        }
    }
}

/// `256 × 389 px of the original, 19.9 %`; without the pixels where the service gives no size.
fn size_text(image: ImageView<'_>, region: RegionView) -> String {
    with_share(image.pixel_size().region_text(region.rect), region)
}

/// What has changed about a region since the state that is compared with, in words; empty if nothing has.
fn changed(opened: &Opened, image: ImageView<'_>, region: RegionIx) -> String {
    let comparison = opened.changes.of(opened.generation);
    comparison.map(|comparison| comparison.words_of_region(image.ix, region)).unwrap_or_default()
}

/// Whether a region fills so little of its crop that its box is drawn: one would not know what is meant.
fn is_slender(region: UnitRect, frame: UnitRect) -> bool {
    region.clamped().area() < 0.35 * frame.area()
}

fn with_share(size: Option<String>, region: RegionView) -> String {
    let share = share_text(region.rect.area());
    size.map_or_else(|| share.clone(), |size| format!("{size}, {share}"))
}
