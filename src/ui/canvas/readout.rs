//! What lies in the lower corners. At the left the line with position and color of the pixel under the pointer, and a
//! mark while pictures are lightened; the color is the decoded picture's own, asked of the engine: the window keeps no
//! copy of the pixels. At the right the overview: the thumbnail with a frame around what is in sight.

use egui::epaint::{RectShape, Shadow};
use egui::{Color32, CornerRadius, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::controls::MARGIN;
use super::viewport::Viewport;
use crate::marks;
use crate::textures::Textures;
use crate::theme::tokens;
use app::state::Opened;
use app::{CanvasCommand, Command, PictureSource};
use domain::{Adjust, ImageIx, ImageView};

/// Where no chip of a region goes.
pub(super) fn taken(view: Rect, opened: &Opened) -> Rect {
    let rows = if opened.tools.adjust.is_neutral() { 1.0 } else { 2.0 };
    let height = rows * (marks::CHIP_HEIGHT + 4.0);
    Rect::from_min_size(view.left_bottom() + vec2(MARGIN, -MARGIN - height), vec2(300.0, height))
}

/// The pixel that was requested: which opening and image, where, and what of the picture was there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AskedPixel {
    generation: u64,
    ix: ImageIx,
    at: [f32; 2],
    is_here: [bool; 2],
}

/// Tells the pixel under the pointer. `is_here`: whether the resized picture and the original are, so that it is asked
/// again when they come.
#[expect(clippy::too_many_arguments, reason = "all that the line depends on")]
pub(super) fn pixel_line(
    ui: &Ui,
    view: Rect,
    viewport: &Viewport,
    opened: &Opened,
    image: ImageView<'_>,
    is_here: [bool; 2],
    asked: &mut Option<AskedPixel>,
    commands: &mut Vec<Command>,
) {
    let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|pointer| view.contains(*pointer)) else { return };
    let point = pos2(pointer.x - view.left(), pointer.y - view.top());
    let Some((at, [x, y])) = pixel_at(viewport, opened, image, point) else { return };
    let pixels = image.pixel_size();
    let ix = image.ix;
    let now = AskedPixel { generation: opened.generation, ix, at, is_here };
    if *asked != Some(now) {
        *asked = Some(now);
        commands.push(Command::Canvas(CanvasCommand::Point(ix, at)));
    }
    let mut text = format!("x {x}  y {y}  {}", pixels.unit());
    // While the answer to a move is on its way the color before stays, so that the line does not tremble.
    let known = opened.tools.pixel.filter(|pixel| pixel.ix == ix).and_then(|pixel| pixel.color);
    if let Some([red, green, blue]) = known {
        text = format!("{text}  #{red:02x}{green:02x}{blue:02x}");
    }
    let galley = marks::chip_text(ui.painter(), text, f32::INFINITY);
    marks::paint_chip(ui.painter(), row(view, 0), galley, None);
}

fn row(view: Rect, number: u8) -> Pos2 {
    let height = marks::CHIP_HEIGHT + f32::from(number) * (marks::CHIP_HEIGHT + 4.0);
    pos2(view.left() + MARGIN, view.bottom() - MARGIN - height)
}

/// The middle of the pixel (in fractions, of the sharpest picture whose size is known), and its place in the pixels that the
/// boxes are measured in.
fn pixel_at(viewport: &Viewport, opened: &Opened, image: ImageView<'_>, point: Pos2) -> Option<([f32; 2], [u32; 2])> {
    let fractions = viewport.fractions_from_screen(point);
    if fractions.iter().any(|share| !(0.0..1.0).contains(share)) {
        return None;
    }
    let size = |source| opened.pictures.get(&(image.ix, source)).map(|info| (info.width, info.height));
    let sharpest = size(PictureSource::Original).or_else(|| size(PictureSource::Resized)).unwrap_or(image.size());
    let place = |axis: usize, side: u32| (fractions[axis] * f64::from(side.max(1))) as u32;
    let middle = |axis: usize, side: u32| (f64::from(place(axis, side)) + 0.5) / f64::from(side.max(1));
    let at = [middle(0, sharpest.0) as f32, middle(1, sharpest.1) as f32];
    let pixels = match image.pixel_size().sides() {
        (0, _) | (_, 0) => sharpest,
        sides => sides,
    };
    Some((at, [place(0, pixels.0), place(1, pixels.1)]))
}

/// Says that the pictures are not shown as they are.
pub(super) fn adjusted_line(ui: &Ui, view: Rect, adjust: Adjust) {
    if adjust.is_neutral() {
        return;
    }
    let galley = marks::chip_text(ui.painter(), adjusted_text(adjust), view.width() - 2.0 * MARGIN);
    marks::paint_chip(ui.painter(), row(view, 1), galley, Some(crate::theme::DARK.warning));
}

/// `Adjusted: brightness +20 %, gamma 1.50`.
fn adjusted_text(adjust: Adjust) -> String {
    let Adjust { brightness, contrast, gamma } = adjust;
    let percent = |name: &str, value: f32| (value != 0.0).then(|| format!("{name} {:+.0} %", value * 100.0));
    let parts = [
        percent("brightness", brightness),
        percent("contrast", contrast),
        (gamma != 1.0).then(|| format!("gamma {gamma:.2}")),
    ];
    format!("Adjusted: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_changed_is_told() {
        let adjust = Adjust { brightness: 0.2, contrast: -0.05, gamma: 1.0 };
        assert_eq!(adjusted_text(adjust), "Adjusted: brightness +20 %, contrast -5 %");
        assert_eq!(adjusted_text(Adjust { gamma: 1.5, ..Adjust::default() }), "Adjusted: gamma 1.50");
    }
}
