//! The frame of a plot: its head with the menu, the plot, and a line that says what it shows, or what is under the
//! pointer.

use egui::text::LayoutJob;
use egui::{Align, CornerRadius, Layout, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{StatisticsView, density, histogram, tags};
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::row::menu;
use crate::widgets::{AtRight, Button, MenuItem, text};
use app::Command;
use app::statistics::{PlotFormat, SaveWhat, StatisticsCommand};
use domain::stats::{Panel, Statistics};

const HEAD: f32 = 36.0;
const FOOT: f32 = 26.0;
/// A second line of the foot.
const LINE: f32 = 15.0;
const SIDE: f32 = 14.0;

pub(super) fn card_ui(
    ui: &mut Ui,
    rect: Rect,
    panel: Panel,
    figures: &Statistics,
    view: &mut StatisticsView,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(8), tokens.panel);
    let part = |top: f32, bottom: f32| {
        Rect::from_min_max(pos2(rect.left() + SIDE, rect.top() + top), pos2(rect.right() - SIDE, rect.top() + bottom))
    };
    let sentence = figures.sentence(panel);
    let font = theme::font(tokens::SMALL);
    let is_long = ui.painter().layout_no_wrap(sentence.clone(), font, tokens.dim).size().x > rect.width() - 2.0 * SIDE;
    let foot = rect.height() - FOOT - if is_long { LINE } else { 0.0 };
    let (head, room, foot) = (part(0.0, HEAD), part(HEAD, foot), part(foot, rect.height()));
    let builder = |rect: Rect, name: &str| UiBuilder::new().id_salt((panel, name)).max_rect(rect);
    let head = Rect::from_min_max(head.min, pos2(rect.right() - 4.0, head.bottom()));
    let ends = AtRight::new(ui, panel.file_stem(), head);
    let name = ends.rest().with_max_x(ends.left() - 2.0);
    ui.scope_builder(builder(name, "head").layout(Layout::left_to_right(Align::Center)), |ui| {
        let title = text::label(ui, panel.label(), theme::semibold(tokens::BODY), tokens.text);
        title.widget_info(|| WidgetInfo::labeled(Role::Heading, true, panel.label()));
    });
    ends.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if panel == Panel::Tags {
            view.tags.order_ui(ui);
        }
        menu_ui(ui, panel, commands);
    });
    let reading = ui
        .scope_builder(builder(room, "plot"), |ui| match panel {
            Panel::Tags => tags::tags_ui(ui, figures, &mut view.tags),
            Panel::PerImage => histogram::per_image_ui(ui, figures),
            Panel::Dates => histogram::dates_ui(ui, figures),
            Panel::Sizes => density::sizes_ui(ui, figures),
            Panel::Places => density::places_ui(ui, figures),
            Panel::Pairs => density::pairs_ui(ui, figures),
        })
        .inner;
    foot_ui(ui, foot, panel, &sentence, reading.words);
    if let Some(target) = reading.clicked {
        commands.push(Command::Statistics(StatisticsCommand::Narrow(target)));
    }
}

/// A sentence of one or two lines.
fn foot_ui(ui: &mut Ui, rect: Rect, panel: Panel, sentence: &str, words: Option<String>) {
    let tokens = theme::of(ui);
    let color = if words.is_some() { tokens.text } else { tokens.dim };
    let shown = words.as_deref().unwrap_or(sentence);
    let mut job = LayoutJob::simple(shown.to_owned(), theme::font(tokens::SMALL), color, rect.width());
    job.wrap.max_rows = if rect.height() > FOOT { 2 } else { 1 };
    let galley = ui.painter().layout_job(job);
    let is_cut = galley.elided;
    let line = Rect::from_min_size(pos2(rect.left(), rect.top() + 2.0), vec2(rect.width(), rect.height() - 8.0));
    let response = ui.interact(line, ui.scope_id().with((panel, "foot")), egui::Sense::hover());
    // A screen reader gets the plot in a sentence, whatever the pointer is on.
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, sentence));
    let y = line.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(line.left(), y), galley, color);
    if is_cut && words.is_none() {
        response.on_hover_text(sentence);
    }
}

fn menu_ui(ui: &mut Ui, panel: Panel, commands: &mut Vec<Command>) {
    let name = format!("Save {}", panel.label().to_lowercase());
    let response = ui.add(Button::icon_only(icons::MORE, &name));
    menu(&response, 180.0, |ui| {
        for (label, format) in [("Save as PNG...", PlotFormat::Png), ("Save as CSV...", PlotFormat::Csv)] {
            if MenuItem::new(label).flush().show(ui) {
                let what = SaveWhat::One(panel, format);
                commands.push(Command::Statistics(StatisticsCommand::AskSave(what)));
            }
        }
    });
}
