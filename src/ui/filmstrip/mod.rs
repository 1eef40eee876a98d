//! The strip of thumbnails below the canvas: the shown list around the current image. Virtual: only what is in sight is
//! looked at.

use egui::epaint::RectShape;
use egui::{Color32, CornerRadius, Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

use crate::cells::paint::paint_covering;
use crate::icons;
use crate::link::PlaceCache;
use crate::marks::{self, Pen};
use crate::menus::{ByKey, context_menu};
use crate::review;
use crate::tag_style::{Dash, TagStyle};
use crate::textures::{Textures, side_for};
use crate::theme;
use crate::widgets::row::say_selected;
use app::state::Opened;
use app::view::GridRequest;
use app::{CanvasCommand, Command, CompareCommand, PixelKey, State};
use domain::ImageIx;

pub const HEIGHT: f32 = 80.0;
const CELL: Vec2 = Vec2::new(86.0, 64.0);
const PITCH: f32 = 93.0;
const RADIUS: CornerRadius = CornerRadius::same(4);

#[derive(Clone, Debug, Default)]
struct Strip {
    place: PlaceCache,
    /// How far the wheel has moved the strip away from the current image, in points.
    scrolled: f32,
}

pub fn filmstrip_ui(ui: &mut Ui, state: &State, opened: &Opened, textures: &mut Textures, commands: &mut Vec<Command>) {
    let rect = ui.available_rect_before_wrap();
    let tokens = theme::of(ui);
    ui.painter().rect_filled(rect, 0.0, tokens.window);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, tokens.line));
    let Some(ix) = opened.cursor else { return };
    let memory = ui.scope_id().with("scroll");
    let mut view: Strip = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    let is_known = view.place.is_of(opened, ix);
    let Some(place) = view.place.find(opened, ix) else { return };
    if !is_known {
        view.scrolled = 0.0;
    }
    let ground = ui.interact(rect, ui.scope_id().with("strip"), Sense::hover());
    ground.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Filmstrip"));
    if ui.rect_contains_pointer(rect) {
        let by = ui.input(egui::InputState::smooth_scroll_delta);
        view.scrolled -= by.y + by.x;
    }
    let last = opened.visible.len().saturating_sub(1);
    view.scrolled = view.scrolled.clamp(-(place as f32) * PITCH, (last - place.min(last)) as f32 * PITCH);

    // Places are counted from the current one, so that the arithmetic stays small.
    let reach = rect.width() / 2.0 + CELL.x / 2.0;
    let first = ((view.scrolled - reach) / PITCH).ceil() as i64;
    let end = ((view.scrolled + reach) / PITCH).floor() as i64 + 1;
    let first = place.saturating_add_signed(first as isize).min(last);
    let end = place.saturating_add_signed(end as isize).min(last + 1).max(first);
    let shown = &opened.visible[first..end];
    let side = side_for(CELL.x * ui.ctx().pixels_per_point());
    let more = |range: std::ops::Range<usize>| opened.visible[range].iter().copied();
    let ahead = more(end..(end + 8).min(last + 1)).chain(more(first.saturating_sub(8)..first).rev()).collect();
    // The current one and its neighbors first.
    let mut places: Vec<_> = (first..end).collect();
    places.sort_by_key(|&other| other.abs_diff(place));
    let visible = places.into_iter().map(|place| opened.visible[place]).collect();
    textures.want_thumbs(opened.generation, GridRequest { visible, ahead, side }, commands);
    ui.data_mut(|data| data.insert_temp(memory, view.clone()));

    let clip = rect.intersect(ui.clip_rect());
    ui.set_clip_rect(clip);
    let pen = Pen::thin(ui.ctx().pixels_per_point()).times(state.settings.appearance.line.factor());
    let mut boxes = Mesh::default();
    let mut rings = Vec::new();
    let mut under_badges = Vec::new();
    let compared = opened.tools.compare.as_ref().map(|compare| compare.other);
    for (at, &other) in shown.iter().enumerate() {
        let steps = (first + at) as i64 - place as i64;
        let center = pos2(rect.center().x + steps as f32 * PITCH - view.scrolled, rect.center().y);
        let cell = Rect::from_center_size(center.round(), CELL);
        let response = ui.interact(cell, ui.scope_id().with(("strip", other.0)), Sense::CLICK);
        response.widget_info(|| {
            let label = format!("Image {} in the filmstrip", first + at + 1);
            WidgetInfo::selected(Role::ListBoxOption, true, other == ix, label)
        });
        say_selected(&response, other == ix);
        if let Some(image) = opened.catalogue.get(other) {
            context_menu(&response, ByKey::for_view(&response, false), state, opened, image, None, commands);
        }
        if response.clicked() && other != ix {
            let is_beside = ui.input(|input| input.modifiers.command);
            let compare = Command::Canvas(CanvasCommand::Compare(CompareCommand::With(other)));
            commands.push(if is_beside { compare } else { Command::Canvas(CanvasCommand::OpenImage(other)) });
        }
        cell_ui(ui, cell, state, opened, other, side, textures, pen, &mut boxes);
        under_badges.push((cell, other));
        if other == ix {
            rings.push((cell.expand(2.0), Stroke::new(2.0, tokens.accent)));
        } else if compared == Some(other) {
            rings.push((cell.expand(1.0), Stroke::new(2.0, tokens.dim)));
        } else if response.hovered() {
            rings.push((cell, Stroke::new(1.0, tokens.dim)));
        }
    }
    if !boxes.is_empty() {
        ui.painter().add(Shape::mesh(boxes));
    }
    for (cell, other) in under_badges {
        if let Some(image) = opened.catalogue.get(other) {
            review::badges(ui.painter(), cell, opened, image.id());
        }
    }
    for (ring, stroke) in rings {
        ui.painter().rect_stroke(ring, CornerRadius::same(6), stroke, StrokeKind::Middle);
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a cell depends on")]
fn cell_ui(
    ui: &Ui,
    cell: Rect,
    state: &State,
    opened: &Opened,
    ix: ImageIx,
    side: u16,
    textures: &mut Textures,
    pen: Pen,
    boxes: &mut Mesh,
) {
    let Some(image) = opened.catalogue.get(ix) else { return };
    let tokens = theme::of(ui);
    let tags = opened.catalogue.tags();
    ui.painter().rect_filled(cell, RADIUS, tokens.raised);
    let fills = state.settings.appearance.fills_cells;
    let mut picture = match fills {
        true => marks::covering(cell, image.aspect()),
        false => marks::contained(cell, image.aspect()),
    };
    let texture = textures.thumb(ix, side);
    if let Some(texture) = texture.filter(|_| fills) {
        picture = paint_covering(ui, cell, RADIUS, texture);
    } else if let Some(texture) = texture {
        picture = marks::contained(cell, texture.size.x / texture.size.y.max(1.0));
        if (picture.size() - cell.size()).abs().max_elem() < 2.0 {
            picture = cell;
        }
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().add(RectShape::filled(picture, RADIUS, Color32::WHITE).with_texture(texture.id, uv));
    } else if opened.failed_pixels.contains_key(&PixelKey::Thumb { ix, side }) {
        icons::paint(ui.painter(), cell.center(), icons::BROKEN_IMAGE, 20.0, tokens.dim);
        return;
    }
    if !state.settings.show_overlays {
        return;
    }
    for region in image.regions().take(40) {
        let entry = tags.get(region.tag);
        let rect = marks::placed(region.rect, picture);
        if rect.is_finite() && !opened.hidden_tags.contains(&entry.id) {
            let style = TagStyle { dash: Dash::Solid, ..TagStyle::of(entry) };
            marks::add_box(boxes, rect, cell, pen, style);
        }
    }
}
