//! What was taken for what: a row for each tag of labels, a column for each predicted tag, and "none" at the end of both. A
//! click on a cell opens its images.

use egui::{Align2, CornerRadius, Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::figures::open;
use crate::statistics::density::add_cell;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::{choice, paint, text};
use app::Command;
use app::state::Opened;
use domain::evaluation::Confusion;
use domain::query::{Choice, PredictedTest, Test};
use domain::{TagIx, TagTable};

/// Cells are never lower, so that their names can be read: as many tags as fit are shown.
const LEAST_CELL: f32 = 15.0;
const MOST_CELL: f32 = 34.0;
const NAMES: f32 = 104.0;
/// Above the columns: the squares that say which they are.
const TOP: f32 = 18.0;

pub(super) fn confusion_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) -> Option<String> {
    let tokens = theme::of(ui);
    let confusion = &opened.predictions.point().confusion;
    let tags = opened.catalogue.tags();
    let room = ui.available_rect_before_wrap();
    let fitting = (((room.height() - TOP) / LEAST_CELL) as usize).saturating_sub(1).max(2);
    let all = occurring(confusion, tags);
    if all.is_empty() {
        text::dim(ui, "There are no labels and no predictions with this score or more.");
        return None;
    }
    let shown = &all[..all.len().min(fitting)];
    let ends: Vec<Option<TagIx>> = shown.iter().copied().map(Some).chain([None]).collect();
    let count = ends.len();
    let side = vec2(
        ((room.width() - NAMES - 4.0) / count as f32).min(MOST_CELL * 2.0),
        ((room.height() - TOP) / count as f32).min(MOST_CELL),
    );
    let cell = |row: usize, column: usize| {
        let min = room.min + vec2(NAMES + column as f32 * side.x, TOP + row as f32 * side.y);
        Rect::from_min_size(min, side)
    };
    let most = confusion.iter().map(|(.., count)| count).max().unwrap_or(1) as f32;
    let mut mesh = Mesh::default();
    for (row, label) in ends.iter().enumerate() {
        name_ui(ui, cell(row, 0), room.left(), *label, tags);
        for (column, prediction) in ends.iter().enumerate() {
            let number = confusion.count(*label, *prediction);
            let strong = if row == column { tokens.ok } else { tokens.bad };
            let fill = match number {
                0 => tokens.raised,
                _ => paint::mix(tokens.panel, strong, 0.2 + 0.7 * (number as f32 / most).sqrt()),
            };
            add_cell(&mut mesh, cell(row, column).shrink(0.75), fill);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    for (column, prediction) in ends.iter().enumerate() {
        let place = pos2(cell(0, column).center().x, room.top() + TOP / 2.0);
        match prediction {
            Some(tag) => choice::swatch_sized(ui, place, 8.0, TagStyle::of(tags.get(*tag)).color),
            None => {
                ui.painter().text(place, Align2::CENTER_CENTER, "none", theme::font(10.0), tokens.dim);
            }
        }
    }
    numbers_ui(ui, &ends, confusion, &cell, side.x);
    let whole = Rect::from_min_max(cell(0, 0).min, cell(count - 1, count - 1).max);
    let response = ui.interact(whole, ui.scope_id().with("confusion"), Sense::CLICK);
    let right: u64 = all.iter().map(|tag| confusion.count(Some(*tag), Some(*tag))).sum();
    let sum: u64 = confusion.iter().map(|(.., count)| count).sum();
    let sentence = format!("{} of {} on the diagonal.", text::thousands(right), text::thousands(sum));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Confusion matrix: {sentence}")));
    let mut reading = match all.len() - shown.len() {
        0 => format!("Rows are labels, columns predictions. {sentence}"),
        more => format!("Rows are labels, columns predictions; {more} more tags do not fit."),
    };
    if let Some(pointer) = response.hover_pos() {
        let at = pointer - whole.min;
        let (row, column) = ((at.y / side.y) as usize, (at.x / side.x) as usize);
        if row < count && column < count {
            let (label, prediction) = (ends[row], ends[column]);
            let number = confusion.count(label, prediction);
            let stroke = Stroke::new(1.5, tokens.text);
            ui.painter().rect_stroke(cell(row, column), CornerRadius::ZERO, stroke, StrokeKind::Inside);
            reading = words(label, prediction, number, tags);
            if number > 0 && response.clicked() {
                open(commands, query(label, prediction, tags));
            }
        }
    }
    Some(reading)
}

/// The tags that occur, those with the most first.
fn occurring(confusion: &Confusion, tags: &TagTable) -> Vec<TagIx> {
    let mut sums = vec![0_u64; tags.len()];
    for (label, prediction, count) in confusion.iter() {
        for tag in [label, prediction].into_iter().flatten() {
            if let Some(sum) = sums.get_mut(tag.index()) {
                *sum += count;
            }
        }
    }
    let mut met: Vec<TagIx> = (0..sums.len()).filter(|at| sums[*at] > 0).map(|at| TagIx(at as u16)).collect();
    met.sort_by_key(|tag| std::cmp::Reverse(sums[tag.index()]));
    met
}

fn name_ui(ui: &Ui, cell: Rect, left: f32, label: Option<TagIx>, tags: &TagTable) {
    let tokens = theme::of(ui);
    let y = cell.center().y;
    let font = theme::font(if cell.height() < 16.0 { 10.0 } else { tokens::SMALL });
    match label {
        Some(tag) => {
            let entry = tags.get(tag);
            choice::swatch_sized(ui, pos2(left + 4.0, y), 8.0, TagStyle::of(entry).color);
            text::paint_elided(ui.painter(), pos2(left + 13.0, y), &entry.name, font, tokens.text, NAMES - 18.0);
        }
        None => {
            text::paint_elided(ui.painter(), pos2(left + 13.0, y), "none", font, tokens.dim, NAMES - 18.0);
        }
    }
}

fn numbers_ui(ui: &Ui, ends: &[Option<TagIx>], confusion: &Confusion, cell: &dyn Fn(usize, usize) -> Rect, width: f32) {
    if width < 22.0 {
        return;
    }
    let tokens = theme::of(ui);
    for (row, label) in ends.iter().enumerate() {
        for (column, prediction) in ends.iter().enumerate() {
            let number = confusion.count(*label, *prediction);
            if number > 0 {
                let (place, words) = (cell(row, column).center(), text::thousands(number));
                let font = theme::font(10.5);
                text::figures(ui.painter(), place, Align2::CENTER_CENTER, &words, font, tokens.text, width - 4.0);
            }
        }
    }
}

fn words(label: Option<TagIx>, prediction: Option<TagIx>, number: u64, tags: &TagTable) -> String {
    let name = |tag: TagIx| &tags.get(tag).name;
    let counted = text::thousands(number);
    let what = match (label, prediction) {
        (Some(label), Some(prediction)) => {
            format!("{} labeled, {} predicted: {counted}", name(label), name(prediction))
        }
        (Some(label), None) => format!("{} labeled, nothing predicted: {counted}", name(label)),
        (None, Some(prediction)) => format!("Nothing labeled, {} predicted: {counted}", name(prediction)),
        (None, None) => return "Nothing labeled and nothing predicted is not counted.".to_owned(),
    };
    if number > 0 { format!("{what}. Click to show the images.") } else { what }
}

/// The query for the images of a cell.
fn query(label: Option<TagIx>, prediction: Option<TagIx>, tags: &TagTable) -> String {
    let choice = |tag: Option<TagIx>| tag.map_or(Choice::None, |tag| Choice::Is(tags.get(tag).name.to_string()));
    let label = Test::Predicted(PredictedTest::Label(choice(label)));
    let prediction = Test::Predicted(PredictedTest::Tag(choice(prediction)));
    format!("{label} {prediction}")
}
