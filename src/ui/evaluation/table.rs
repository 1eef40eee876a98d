//! A row a tag: labels, predictions, average precision, and the shares at the chosen point. A click on a head sorts, one on a
//! row shows the curves of its tag.

use std::cmp::Ordering;

use egui::{Align2, CornerRadius, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::share;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::{choice, paint, text};
use app::Command;
use app::predictions::PredictionsCommand;
use app::state::Opened;
use domain::TagIx;
use domain::evaluation::Outcome;

const ROW: f32 = 22.0;
const HEAD: f32 = 20.0;
const FIGURE: f32 = 50.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Column {
    Tag,
    #[default]
    Labels,
    Predictions,
    Ap,
    Ap50,
    Precision,
    Recall,
    F1,
    False,
    Missed,
}

impl Column {
    fn head(self) -> (&'static str, &'static str) {
        match self {
            Self::Tag => ("Tag", "Name of the tag"),
            Self::Labels => ("Labels", "Labels of the tag"),
            Self::Predictions => ("Pred.", "Predictions of the tag with at least the chosen score"),
            Self::Ap => ("AP", "Average precision"),
            Self::Ap50 => ("AP50", "Average precision at IoU 0.50"),
            Self::Precision => ("Prec.", "Precision: share of predictions that are correct"),
            Self::Recall => ("Recall", "Share of labels that are found"),
            Self::F1 => ("F1", "Harmonic mean of precision and recall"),
            Self::False => ("Wrong", "Predictions that are no match"),
            Self::Missed => ("Missed", "Labels that are not found"),
        }
    }
}

#[derive(Default)]
pub(super) struct TagTableView {
    sort: Column,
    is_reversed: bool,
}

struct Row {
    tag: TagIx,
    labels: u64,
    predictions: u64,
    ap: Option<f64>,
    ap50: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    wrong: u64,
    missed: u64,
}

impl Row {
    fn words(&self, column: Column) -> String {
        match column {
            Column::Tag => String::new(),
            Column::Labels => text::thousands(self.labels),
            Column::Predictions => text::thousands(self.predictions),
            Column::Ap => share(self.ap),
            Column::Ap50 => share(self.ap50),
            Column::Precision => share(self.precision),
            Column::Recall => share(self.recall),
            Column::F1 => share(self.f1),
            Column::False => text::thousands(self.wrong),
            Column::Missed => text::thousands(self.missed),
        }
    }

    /// The greatest first; what there is none of, last.
    fn compared(&self, other: &Self, column: Column) -> Ordering {
        let shares = |of: fn(&Self) -> Option<f64>| {
            let key = |row: &Self| of(row).unwrap_or(-1.0);
            key(other).total_cmp(&key(self))
        };
        match column {
            Column::Tag => Ordering::Equal,
            Column::Labels => other.labels.cmp(&self.labels),
            Column::Predictions => other.predictions.cmp(&self.predictions),
            Column::Ap => shares(|row| row.ap),
            Column::Ap50 => shares(|row| row.ap50),
            Column::Precision => shares(|row| row.precision),
            Column::Recall => shares(|row| row.recall),
            Column::F1 => shares(|row| row.f1),
            Column::False => other.wrong.cmp(&self.wrong),
            Column::Missed => other.missed.cmp(&self.missed),
        }
    }
}

fn rows(opened: &Opened, view: &TagTableView) -> Vec<Row> {
    let Some((set, _)) = opened.predictions.compared(opened.generation) else { return Vec::new() };
    let point = opened.predictions.point();
    let of_tag = |(tag, entry): (TagIx, &domain::TagEntry)| {
        let outcomes = point.tags.get(tag.index()).copied().unwrap_or_default();
        let counts = outcomes.counts();
        let averages = set.averages.get(&tag);
        if entry.is_negative() && counts == Default::default() {
            return None;
        }
        Some(Row {
            tag,
            labels: counts.labels,
            predictions: counts.predictions,
            ap: averages.map(|of| of.ap),
            ap50: averages.map(|of| of.ap50),
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            wrong: counts.false_positives(),
            missed: outcomes.of(Outcome::Missed),
        })
    };
    let mut rows: Vec<Row> = opened.catalogue.tags().in_order().filter_map(of_tag).collect();
    let name = |row: &Row| opened.catalogue.tags().get(row.tag).name.to_lowercase();
    rows.sort_by_cached_key(name);
    rows.sort_by(|a, b| a.compared(b, view.sort));
    if view.is_reversed {
        rows.reverse();
    }
    rows
}

pub(super) fn table_ui(
    ui: &mut Ui,
    opened: &Opened,
    view: &mut TagTableView,
    commands: &mut Vec<Command>,
) -> Option<String> {
    let has_boxes = opened.predictions.compared(opened.generation).is_some_and(|(set, _)| set.has_boxes);
    let mut columns = vec![Column::Labels, Column::Predictions, Column::Ap];
    columns.extend(has_boxes.then_some(Column::Ap50));
    columns.extend([Column::Precision, Column::Recall, Column::F1, Column::False, Column::Missed]);
    // Where there is not enough room the last columns go first.
    let room = ui.available_width();
    columns.truncate((((room - 110.0) / FIGURE) as usize).clamp(3, columns.len()));
    let rows = rows(opened, view);
    if rows.is_empty() {
        text::dim(ui, "The project has no tags.");
        return None;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    head_ui(ui, &columns, view);
    let mut reading = None;
    let height = ui.available_height();
    ScrollArea::vertical().id_salt("tags").max_height(height).auto_shrink([false, true]).show_rows(
        ui,
        ROW,
        rows.len(),
        |ui, range| {
            for row in &rows[range] {
                if let Some(words) = row_ui(ui, opened, row, &columns, commands) {
                    reading = Some(words);
                }
            }
        },
    );
    let words = match opened.predictions.curve_of {
        Some(tag) if tag.index() < opened.catalogue.tags().len() => {
            let name = &opened.catalogue.tags().get(tag).name;
            format!("The curves are those of {name}. Click it again for all tags together.")
        }
        _ => "Click a tag for its curves, a head to sort.".to_owned(),
    };
    Some(reading.unwrap_or(words))
}

fn head_ui(ui: &mut Ui, columns: &[Column], view: &mut TagTableView) {
    let tokens = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    let mut right = rect.right() - 6.0;
    let mut cells: Vec<(Column, Rect)> = Vec::new();
    for &column in columns.iter().rev() {
        let cell = Rect::from_min_max(pos2(right - FIGURE, rect.top()), pos2(right, rect.bottom()));
        cells.push((column, cell));
        right -= FIGURE;
    }
    cells.push((Column::Tag, Rect::from_min_max(rect.min, pos2(right, rect.bottom()))));
    for (column, cell) in cells {
        let (label, meaning) = column.head();
        let response = ui.interact(cell, ui.scope_id().with(("head", label)), Sense::click());
        let is_sorted = view.sort == column;
        response.widget_info(|| WidgetInfo::selected(Role::ColumnHeader, true, is_sorted, format!("Sort by {label}")));
        let color = if is_sorted || response.hovered() { tokens.text } else { tokens.dim };
        let font = theme::font(tokens::SMALL);
        if column == Column::Tag {
            ui.painter().text(cell.left_center(), Align2::LEFT_CENTER, label, font, color);
        } else {
            ui.painter().text(cell.right_center(), Align2::RIGHT_CENTER, label, font, color);
        }
        paint::focus_ring(ui, cell, &response, 4);
        if response.on_hover_text(meaning).clicked() {
            view.is_reversed = is_sorted && !view.is_reversed;
            view.sort = column;
        }
    }
}

fn row_ui(ui: &mut Ui, opened: &Opened, row: &Row, columns: &[Column], commands: &mut Vec<Command>) -> Option<String> {
    let tokens = theme::of(ui);
    let entry = opened.catalogue.tags().get(row.tag);
    let is_chosen = opened.predictions.curve_of == Some(row.tag);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let labels = text::count(row.labels, "label", "labels");
    let words = format!(
        "{}: {labels}, {}, precision {}, recall {}",
        entry.name,
        text::count(row.predictions, "prediction", "predictions"),
        share(row.precision),
        share(row.recall)
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &words));
    let hover = tokens.raised.gamma_multiply(paint::hover(ui, &response));
    let fill = if is_chosen { tokens.selected } else { hover };
    ui.painter().rect_filled(rect, CornerRadius::same(4), fill);
    paint::focus_ring(ui, rect, &response, 4);
    let y = rect.center().y;
    let mut right = rect.right() - 6.0;
    let font = theme::font(12.0);
    for &column in columns.iter().rev() {
        let place = pos2(right, y);
        let figure = row.words(column);
        text::figures(ui.painter(), place, Align2::RIGHT_CENTER, &figure, font.clone(), tokens.text, FIGURE - 4.0);
        right -= FIGURE;
    }
    choice::swatch_sized(ui, pos2(rect.left() + 9.0, y), 8.0, TagStyle::of(entry).color);
    let place = pos2(rect.left() + 18.0, y);
    text::paint_elided(ui.painter(), place, &entry.name, font, tokens.text, right - rect.left() - 22.0);
    if response.clicked() {
        let tag = (!is_chosen).then_some(row.tag);
        commands.push(Command::Predictions(PredictionsCommand::SetCurve(tag)));
    }
    response.hovered().then_some(words)
}
