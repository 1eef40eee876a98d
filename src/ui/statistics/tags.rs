//! Images and regions per tag: a row a tag, in the tag's color; sorted by count or by name.

use egui::{Color32, CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::histogram::PlotReading;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::row::menu;
use crate::widgets::{Button, MenuItem, button, choice, paint, text};
use domain::stats::{Statistics, TagOrder, TagTotal, Target};

const ROW: f32 = 20.0;
const HEAD: f32 = 16.0;
const FIGURES: f32 = 62.0;

#[derive(Default)]
pub(super) struct TagsView {
    order: TagOrder,
    /// Whether all are listed, not only the first ones.
    is_whole: bool,
}

impl TagsView {
    /// The order, as a menu in the card's head.
    pub(super) fn order_ui(&mut self, ui: &mut Ui) {
        let orders = [(TagOrder::Count, "By count"), (TagOrder::Name, "By name")];
        let label = orders.iter().find(|(order, _)| *order == self.order).map_or("", |(_, label)| label);
        let response = ui.add(Button::new(label).name("Order of the tags").quiet().menu());
        menu(&response, 150.0, |ui| {
            for (order, label) in orders {
                if MenuItem::new(label).chosen(self.order == order).show(ui) {
                    self.order = order;
                }
            }
        });
    }
}

pub(super) fn tags_ui(ui: &mut Ui, figures: &Statistics, view: &mut TagsView) -> PlotReading {
    let mut reading = PlotReading::default();
    let met = figures.met_tags(view.order);
    if met.is_empty() {
        text::dim(ui, "No tags are used here.");
        return reading;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let has_regions = figures.regions > 0;
    head_ui(ui, has_regions);
    let room = (ui.available_height() / ROW) as usize;
    let is_short = met.len() > room && !view.is_whole;
    let shown = if is_short { room.saturating_sub(1).max(1) } else { met.len() };
    let most = met.iter().map(|&at| figures.tags[at].images.max(figures.tags[at].regions)).max().unwrap_or(1);
    let mut list = |ui: &mut Ui, range: std::ops::Range<usize>| {
        for &at in &met[range] {
            row_ui(ui, &figures.tags[at], most, has_regions, &mut reading);
        }
    };
    if is_short {
        list(ui, 0..shown);
        ui.add_space(3.0);
        let label = format!("and {} more", text::thousands((met.len() - shown) as u64));
        if button::link_sized(ui, &label, tokens::SMALL).clicked() {
            view.is_whole = true;
        }
    } else {
        let height = ui.available_height();
        ScrollArea::vertical().id_salt("tags").max_height(height).auto_shrink([false, true]).show_rows(
            ui,
            ROW,
            met.len(),
            list,
        );
    }
    reading
}

fn head_ui(ui: &mut Ui, has_regions: bool) {
    let tokens = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    let font = theme::font(tokens::SMALL);
    let right = egui::Align2::RIGHT_CENTER;
    let mut x = rect.right();
    if has_regions {
        ui.painter().text(pos2(x, rect.center().y), right, "regions", font.clone(), tokens.dim);
        x -= FIGURES;
    }
    ui.painter().text(pos2(x, rect.center().y), right, "images", font, tokens.dim);
}

fn row_ui(ui: &mut Ui, count: &TagTotal, most: u64, has_regions: bool, reading: &mut PlotReading) {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let images = text::count(count.images, "image", "images");
    let regions = text::count(count.regions, "region", "regions");
    let words =
        if has_regions { format!("{}: {images}, {regions}", count.name) } else { format!("{}: {images}", count.name) };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let band = rect.expand2(vec2(6.0, 0.0));
    let fill = tokens.raised.gamma_multiply(paint::hover(ui, &response));
    ui.painter().rect_filled(band, CornerRadius::same(4), fill);
    paint::focus_ring(ui, band, &response, 4);
    let color = TagStyle::from_count(count).color;
    // Pale colors are seen on light by their edge.
    let edge = choice::on_panel(ui, color);
    let has_edge = edge != color;
    let y = rect.center().y;
    let name_width = (rect.width() * 0.34).min(150.0);
    let font = theme::font(12.0);
    text::paint_elided(ui.painter(), pos2(rect.left(), y), &count.name, font.clone(), tokens.text, name_width - 8.0);
    let mut right = rect.right();
    let mut figure = |number: u64| {
        let at = egui::Align2::RIGHT_CENTER;
        let words = text::thousands(number);
        text::figures(ui.painter(), pos2(right, y), at, &words, font.clone(), tokens.dim, FIGURES - 6.0);
        right -= FIGURES;
    };
    if has_regions {
        figure(count.regions);
    }
    figure(count.images);
    let left = rect.left() + name_width;
    let full = (right + FIGURES - 62.0 - left).max(8.0);
    let bar = |top: f32, height: f32, number: u64, color: Color32| {
        let width = (full * (number as f32 / most.max(1) as f32)).max(if number > 0 { 1.5 } else { 0.0 });
        let bar = Rect::from_min_size(pos2(left, y + top), vec2(width, height));
        ui.painter().rect_filled(bar, CornerRadius::same(2), color);
        if has_edge && number > 0 {
            ui.painter().rect_stroke(bar, CornerRadius::same(2), Stroke::new(0.75, edge), StrokeKind::Inside);
        }
    };
    if has_regions {
        bar(-6.0, 7.0, count.images, color);
        bar(2.5, 3.5, count.regions, color.gamma_multiply(0.55));
    } else {
        bar(-4.0, 8.0, count.images, color);
    }
    if response.hovered() || response.has_focus() {
        reading.words = Some(format!("{words}. Click to show only these."));
    }
    if response.clicked() {
        reading.clicked = Some(Target::Tag(count.name.to_string()));
    }
}
