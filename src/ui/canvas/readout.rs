//! The line at the bottom left: position and color of the pixel under the pointer, and a mark while pictures are
//! lightened. The color is the decoded picture's own, asked of the engine, which has the pixels anyway: the window keeps
//! no copy of them.

use egui::{Pos2, Rect, Ui, pos2, vec2};

use super::controls::MARGIN;
use super::viewport::Viewport;
use crate::marks;
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
pub(super) struct Asked {
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
    asked: &mut Option<Asked>,
    commands: &mut Vec<Command>,
) {
    let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|pointer| view.contains(*pointer)) else { return };
    let point = pos2(pointer.x - view.left(), pointer.y - view.top());
    let Some((at, [x, y])) = pixel_at(viewport, opened, image, point) else { return };
    let pixels = image.pixel_size();
    let ix = image.ix;
    let now = Asked { generation: opened.generation, ix, at, is_here };
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
