//! The overview at the bottom right: the whole picture small, with a frame around what is in sight. It is the thumbnail
//! that is there anyway.

use egui::epaint::{RectShape, Shadow};
use egui::{Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::controls::MARGIN;
use super::viewport::Viewport;
use crate::marks;
use crate::textures::Textures;
use crate::theme::tokens;
use domain::ImageView;

const SIZE: Vec2 = Vec2::new(134.0, 100.0);

/// Where the overview is; `None` while the whole picture is in sight anyway.
pub(super) fn rect(view: Rect, viewport: &Viewport, image: ImageView<'_>) -> Option<Rect> {
    if !viewport.is_cropped() || view.width() < 360.0 || view.height() < 260.0 {
        return None;
    }
    let room = Rect::from_min_size(view.max - SIZE - Vec2::splat(MARGIN), SIZE);
    let size = marks::contained(room, image.aspect()).size();
    Some(Rect::from_min_size(room.max - size, size))
}

/// The whole picture small, with a frame around what is in sight; a drag moves it.
pub(super) fn minimap_ui(
    ui: &mut Ui,
    view: Rect,
    viewport: Viewport,
    image: ImageView<'_>,
    textures: &mut Textures,
) -> Viewport {
    let Some(map) = rect(view, &viewport, image) else { return viewport };
    let response = ui.interact(map, ui.scope_id().with("overview"), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Overview"));
    let painter = ui.painter();
    let shadow = Shadow { offset: [0, 2], blur: 10, spread: 1, color: Color32::from_black_alpha(140) };
    painter.add(shadow.as_shape(map, CornerRadius::same(4)));
    painter.rect_filled(map, 4.0, tokens::CANVAS);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    if let Some(texture) = textures.thumb(image.ix, 256) {
        let shape = RectShape::filled(map, CornerRadius::same(4), Color32::WHITE).with_texture(texture.id, uv);
        painter.add(shape);
    }
    painter.rect_stroke(map, 4.0, Stroke::new(1.0, Color32::from_black_alpha(200)), StrokeKind::Outside);
    let at = |x: f64, y: f64| map.min + vec2(x as f32 * map.width(), y as f32 * map.height());
    let [left, top, right, bottom] = viewport.visible_fractions();
    let seen = Rect::from_min_max(at(left, top), at(right, bottom)).intersect(map);
    painter.rect_stroke(seen, 1.0, Stroke::new(1.0, tokens::HALO), StrokeKind::Outside);
    painter.rect_stroke(seen, 1.0, Stroke::new(1.5, Color32::WHITE), StrokeKind::Inside);
    let mut moved = viewport;
    if let Some(pointer) = response.interact_pointer_pos() {
        let share = |value: f32, low: f32, length: f32| f64::from(((value - low) / length).clamp(0.0, 1.0));
        let fractions = [share(pointer.x, map.left(), map.width()), share(pointer.y, map.top(), map.height())];
        moved = viewport.centered_on_fractions(fractions);
    }
    moved
}
