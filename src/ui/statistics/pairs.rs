//! The tags that occur together: a triangle of cells, the fuller the more images carry both.

use egui::{CornerRadius, Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::card::Reading;
use super::density::add_cell;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::{choice, paint, text};
use domain::stats::{Panel, Statistics, Target};

/// Cells are never lower, so that their names can be read: as many tags as fit are shown.
const LEAST_CELL: f32 = 13.0;
const MOST_CELL: f32 = 34.0;
const NAMES: f32 = 96.0;

pub(super) fn pairs_ui(ui: &mut Ui, figures: &Statistics) -> Reading {
    let tokens = theme::of(ui);
    let mut reading = Reading::default();
    let pairs = &figures.pairs;
    if pairs.max() == 0 {
        text::dim(ui, "No two tags occur on the same image.");
        return reading;
    }
    let room = ui.available_rect_before_wrap();
    let fitting = (room.height() / LEAST_CELL) as usize;
    let count = pairs.tags.len().min(fitting.max(2));
    let side = vec2(
        ((room.width() - NAMES - 8.0) / count as f32).min(MOST_CELL * 2.0),
        (room.height() / count as f32).min(MOST_CELL),
    );
    let cell = |row: usize, column: usize| {
        let min = room.min + vec2(NAMES + column as f32 * side.x, row as f32 * side.y);
        Rect::from_min_size(min, side)
    };
    let most = pairs.max() as f32;
    let mut mesh = Mesh::default();
    for row in 0..count {
        let tag = &figures.tags[pairs.tags[row]];
        let y = cell(row, 0).center().y;
        let color = TagStyle::of_count(tag).color;
        choice::swatch_sized(ui, pos2(room.left() + 4.0, y), 8.0, color);
        let font = theme::font(if side.y < 15.0 { 10.0 } else { tokens::SMALL });
        text::paint_elided(ui.painter(), pos2(room.left() + 13.0, y), &tag.name, font, tokens.text, NAMES - 20.0);
        for column in 0..row {
            let images = pairs.get(row, column);
            let fill = if images == 0 {
                tokens.raised
            } else {
                paint::mix(tokens.panel, tokens.accent, 0.15 + 0.85 * (images as f32 / most).sqrt())
            };
            add_cell(&mut mesh, cell(row, column).shrink(0.75), fill);
        }
        // The diagonal is the tag itself: its square says which column this is.
        choice::swatch_sized(ui, cell(row, row).center(), 8.0, color);
    }
    ui.painter().add(Shape::mesh(mesh));
    let whole = Rect::from_min_max(cell(0, 0).min, cell(count - 1, count - 1).max);
    let response = ui.interact(whole, ui.scope_id().with("pairs"), Sense::CLICK);
    let sentence = figures.sentence(Panel::Pairs);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{}: {sentence}", Panel::Pairs.label())));
    if let Some(pointer) = response.hover_pos() {
        let at = pointer - whole.min;
        let (row, column) = ((at.y / side.y) as usize, (at.x / side.x) as usize);
        if row < count && column <= row {
            let name = |at: usize| figures.tags[pairs.tags[at]].name.to_string();
            let images = pairs.get(row, column);
            let counted = text::count(u64::from(images), "image", "images");
            let (words, target) = if row == column {
                (format!("{}: {counted}", name(row)), Target::Tag(name(row)))
            } else {
                (format!("{} and {}: {counted}", name(column), name(row)), Target::Pair(name(column), name(row)))
            };
            let stroke = Stroke::new(1.5, tokens.text);
            ui.painter().rect_stroke(cell(row, column), CornerRadius::ZERO, stroke, StrokeKind::Inside);
            reading.words = Some(if images > 0 { format!("{words}. Click to show only these.") } else { words });
            if images > 0 && response.clicked() {
                reading.clicked = Some(target);
            }
        }
    }
    let hidden = pairs.left_out + pairs.tags.len() - count;
    if hidden > 0 {
        let words = format!("and {} more tags", text::thousands(hidden as u64));
        let at = egui::Align2::RIGHT_TOP;
        ui.painter().text(room.right_top(), at, words, theme::font(tokens::SMALL), tokens.dim);
    }
    reading
}
