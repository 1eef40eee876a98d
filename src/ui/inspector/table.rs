//! The table of an image's regions: sortable, in pixels or fractions, linked with the canvas both ways.

use std::cmp::Ordering;

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_extras::{Column, TableBuilder};

use crate::canvas::share_text;
use crate::icons;
use crate::link;
use crate::menus::{ByKey, context_menu, is_asked_of};
use crate::review;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::row::say_selected;
use crate::widgets::{choice, text};
use app::state::Opened;
use app::view::View;
use app::{CanvasCommand, Command, State};
use domain::{ImageIx, ImageView, PixelSize, RegionIx, RegionView, Subject};

const ROW: f32 = 26.0;
const HEAD: f32 = 24.0;
/// Size of the figures.
const FIGURE: f32 = 12.5;
/// Next to a figure, in its column.
const SIDE: f32 = 4.0;
/// The tag has at least this.
const LEAST_TAG: f32 = 48.0;
/// Rows shown before the table scrolls by itself.
const MOST_ROWS: f32 = 14.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Tag,
    Left,
    Top,
    Width,
    Height,
    Area,
}

impl Field {
    const ALL: [Self; 6] = [Self::Tag, Self::Left, Self::Top, Self::Width, Self::Height, Self::Area];

    fn title(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Left => "left",
            Self::Top => "top",
            Self::Width => "w",
            Self::Height => "h",
            Self::Area => "area",
        }
    }

    fn number(self, region: &RegionView) -> f32 {
        match self {
            Self::Tag => 0.0,
            Self::Left => region.rect.left,
            Self::Top => region.rect.top,
            Self::Width => region.rect.width,
            Self::Height => region.rect.height,
            Self::Area => region.rect.area(),
        }
    }
}

/// A column, and whether the largest comes first.
type Sort = (Field, bool);

#[derive(Debug, Default)]
pub(super) struct RegionTableView {
    /// The column it is sorted by, and whether the largest comes first; `None`: the order of the service.
    sort: Option<Sort>,
    in_fractions: bool,
    /// The rows in order and what they were made of.
    rows: Vec<RegionIx>,
    key: Option<(u64, ImageIx, PixelSize, Option<Sort>, bool)>,
    /// The longest figure of each column but the first.
    widest: [String; 5],
    /// The selected region that was last brought into view.
    seen: Option<RegionIx>,
}

impl RegionTableView {
    fn update(&mut self, opened: &Opened, image: ImageView<'_>) {
        let key = Some((opened.generation, image.ix, image.pixel_size(), self.sort, self.in_fractions));
        if self.key == key {
            return;
        }
        self.key = key;
        let mut regions: Vec<_> = image.regions().collect();
        if let Some((field, is_falling)) = self.sort {
            let tags = opened.catalogue.tags();
            let compare = |one: &RegionView, other: &RegionView| -> Ordering {
                if field == Field::Tag {
                    return tags.get(one.tag).name.cmp(&tags.get(other.tag).name);
                }
                field.number(one).total_cmp(&field.number(other))
            };
            regions.sort_by(|one, other| if is_falling { compare(other, one) } else { compare(one, other) });
        }
        self.widest = [Field::Left, Field::Top, Field::Width, Field::Height, Field::Area].map(|field| {
            let figures = regions.iter().map(|region| figure_text(field, image, region, self.in_fractions));
            figures.max_by_key(|text| text.chars().count()).unwrap_or_default()
        });
        self.rows = regions.into_iter().map(|region| region.ix).collect();
    }

    /// A click on a head: rising, falling, the order of the service.
    fn click(&mut self, field: Field) {
        self.sort = match self.sort {
            Some((sorted, false)) if sorted == field => Some((field, true)),
            Some((sorted, true)) if sorted == field => None,
            _ => Some((field, false)),
        };
    }
}

pub(super) fn table_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    view: &mut RegionTableView,
    commands: &mut Vec<Command>,
) {
    let count = image.region_count();
    let title = format!("Regions  {}", text::thousands(count as u64));
    let label = if view.in_fractions { "Show pixels" } else { "Show fractions" };
    if count == 0 {
        text::section(ui, "Regions", Some("0"));
        link::set_from_table(ui.ctx(), None);
        return;
    }
    let mut is_switched = false;
    super::head_with_link(ui, &title, label, || is_switched = true);
    view.in_fractions ^= is_switched;
    let pixels = image.pixel_size();
    if pixels.is_known() && !view.in_fractions {
        text::hint(ui, pixels.unit());
    }
    view.update(opened, image);

    let tokens = theme::of(ui);
    let visuals = ui.visuals_mut();
    visuals.selection.bg_fill = tokens.selected;
    visuals.widgets.hovered.bg_fill = tokens.raised;
    ui.spacing_mut().item_spacing.x = 0.0;
    let from_canvas = link::from_canvas(ui.ctx());
    let font = theme::font(FIGURE);
    let figures = view.widest.each_ref().map(|text| text::figures_width(ui.painter(), text, &font));
    let widths = column_widths(ui.available_width(), figures);
    let mut builder = TableBuilder::new(ui)
        .id_salt("regions")
        .sense(Sense::click())
        .resizable(false)
        .max_scroll_height(MOST_ROWS * ROW)
        .min_scrolled_height(MOST_ROWS * ROW)
        .auto_shrink([false, true]);
    for width in widths {
        builder = builder.column(Column::exact(width).clip(true));
    }
    if view.seen != opened.region {
        view.seen = opened.region;
        if let Some(row) = opened.region.and_then(|region| view.rows.iter().position(|&ix| ix == region)) {
            builder = builder.scroll_to_row(row, None).animate_scrolling(false);
        }
    }
    let mut clicked_head = None;
    let mut pointed = None;
    builder
        .header(HEAD, |mut header| {
            for field in Field::ALL {
                header.col(|ui| {
                    if head_ui(ui, field, view.sort) {
                        clicked_head = Some(field);
                    }
                });
            }
        })
        .body(|body| {
            body.rows(ROW, view.rows.len(), |mut row| {
                let Some(region) = view.rows.get(row.index()).and_then(|&ix| opened.catalogue.region(ix)) else {
                    return;
                };
                row.set_selected(opened.region == Some(region.ix));
                row.set_hovered(from_canvas == Some(region.ix));
                let mut is_asked = false;
                for field in Field::ALL {
                    let (_, cell) = row.col(|ui| cell_ui(ui, field, opened, image, &region, view.in_fractions));
                    is_asked |= is_asked_of(&cell);
                }
                let response = row.response();
                let name = &opened.catalogue.tags().get(region.tag).name;
                response.widget_info(|| {
                    let is_selected = opened.region == Some(region.ix);
                    let mark = review::mark_of(opened, Subject::region(image.id(), region.id));
                    let verdict = mark.map_or_else(String::new, |mark| format!(", {}", mark.label().to_lowercase()));
                    let words = format!("{}{verdict}", spoken(name, image, &region));
                    WidgetInfo::selected(Role::Row, true, is_selected, words)
                });
                say_selected(&response, opened.region == Some(region.ix));
                if response.hovered() {
                    pointed = Some(region.ix);
                }
                if response.clicked() {
                    choose(opened, image, &region, commands);
                }
                // On the canvas the region of the menu is the selected one, as it is after a right click on its box.
                if (response.secondary_clicked() || is_asked) && opened.view == View::Canvas {
                    commands.push(Command::Canvas(CanvasCommand::SelectRegion(Some(region.ix))));
                }
                let by_key = ByKey { is_asked, place: response.rect.left_bottom() };
                context_menu(&response, by_key, state, opened, image, Some(region), commands);
            });
        });
    link::set_from_table(ui.ctx(), pointed);
    if let Some(field) = clicked_head {
        view.click(field);
    }
}

/// On the canvas a click selects; from the grid it opens the image at the region.
fn choose(opened: &Opened, image: ImageView<'_>, region: &RegionView, commands: &mut Vec<Command>) {
    if opened.view == View::Grid {
        commands.push(Command::Canvas(CanvasCommand::OpenImage(image.ix)));
        commands.push(Command::Canvas(CanvasCommand::SelectRegion(Some(region.ix))));
    } else {
        let is_selected = opened.region == Some(region.ix);
        commands.push(Command::Canvas(CanvasCommand::SelectRegion((!is_selected).then_some(region.ix))));
    }
}

/// Every column is as wide as its widest figure, and the tag takes what they leave. In a panel too narrow for that the
/// figures share what is left next to a tag's first letters, and are shortened.
fn column_widths(width: f32, figures: [f32; 5]) -> [f32; 6] {
    let [left, top, across, down, area] = figures.map(|figure| (figure + 2.0 * SIDE).max(35.0));
    let sum = left + top + across + down + area;
    let tag = (width - sum).max(LEAST_TAG.min(width * 0.25));
    let share = ((width - tag) / sum).min(1.0);
    [tag, left * share, top * share, across * share, down * share, area * share]
}

/// A row for screen readers: `Region fork, 288 by 189 pixels of the original, 15.1 %`.
fn spoken(name: &str, image: ImageView<'_>, region: &RegionView) -> String {
    let size = image.pixel_size().spoken_region_text(region.rect);
    let size = size.map_or_else(String::new, |size| format!(", {size}"));
    format!("Region {name}{size}, {}", share_text(region.rect.area()))
}

fn head_ui(ui: &mut Ui, field: Field, sort: Option<Sort>) -> bool {
    let tokens = theme::of(ui);
    let rect = ui.max_rect();
    let response = ui.interact(rect, ui.scope_id().with("head"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, format!("Sort by {}", field.title())));
    let color = if response.hovered() || response.has_focus() { tokens.text } else { tokens.dim };
    let font = theme::font(tokens::SMALL);
    let (pos, align) = if field == Field::Tag {
        (pos2(rect.left() + 4.0, rect.center().y), Align2::LEFT_CENTER)
    } else {
        (rect.right_center() - vec2(4.0, 0.0), Align2::RIGHT_CENTER)
    };
    let text = ui.painter().text(pos, align, field.title(), font, color);
    if let Some((sorted, is_falling)) = sort
        && sorted == field
    {
        let icon = if is_falling { icons::DROP_DOWN } else { icons::UP };
        let x = if field == Field::Tag { text.right() + 8.0 } else { text.left() - 7.0 };
        icons::paint(ui.painter(), pos2(x, rect.center().y), icon, 13.0, color);
    }
    response.clicked()
}

fn cell_ui(ui: &mut Ui, field: Field, opened: &Opened, image: ImageView<'_>, region: &RegionView, in_fractions: bool) {
    let tokens = theme::of(ui);
    let rect: Rect = ui.max_rect();
    let entry = opened.catalogue.tags().get(region.tag);
    if field == Field::Tag {
        choice::swatch(ui, pos2(rect.left() + 8.0, rect.center().y), TagStyle::of(entry).color, false);
        let pos = pos2(rect.left() + 17.0, rect.center().y);
        let mark = review::mark_of(opened, Subject::region(image.id(), region.id));
        let room = rect.width() - 17.0 - if mark.is_some() { 18.0 } else { 0.0 };
        if let Some(verdict) = mark {
            let center = rect.right_center() - vec2(9.0, 0.0);
            icons::paint(ui.painter(), center, review::icon(verdict), 14.0, review::color(verdict, tokens));
        }
        text::paint_elided(ui.painter(), pos, &entry.name, theme::font(12.5), tokens.text, room);
        return;
    }
    let text = figure_text(field, image, region, in_fractions);
    let right = rect.right_center() - vec2(SIDE, 0.0);
    let room = rect.width() - SIDE;
    let font = theme::font(FIGURE);
    let painted = text::figures(ui.painter(), right, Align2::RIGHT_CENTER, &text, font, tokens.text, room);
    if !painted.is_whole {
        ui.interact(rect, ui.scope_id().with("figure"), Sense::hover()).on_hover_text(text);
    }
}

fn figure_text(field: Field, image: ImageView<'_>, region: &RegionView, in_fractions: bool) -> String {
    let (width, height) = image.pixel_size().sides();
    if field == Field::Area {
        return share_text(region.rect.area());
    }
    if in_fractions || width == 0 || height == 0 {
        return format!("{:.3}", field.number(region));
    }
    let pixels = region.rect.in_pixels(width, height);
    let number = match field {
        Field::Left => pixels.x,
        Field::Top => pixels.y,
        Field::Width => pixels.width,
        Field::Height | Field::Tag | Field::Area => pixels.height,
    };
    format!("{number:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_go_round_rising_falling_as_listed() {
        let mut view = RegionTableView::default();
        view.click(Field::Area);
        assert_eq!(view.sort, Some((Field::Area, false)));
        view.click(Field::Area);
        assert_eq!(view.sort, Some((Field::Area, true)));
        view.click(Field::Area);
        assert_eq!(view.sort, None);
        view.click(Field::Area);
        view.click(Field::Tag);
        assert_eq!(view.sort, Some((Field::Tag, false)));
    }

    #[test]
    fn columns_fill_the_panel_of_the_drawing() {
        let widths = column_widths(260.0, [21.0, 21.0, 21.0, 21.0, 44.0]);
        assert_eq!(widths, [68.0, 35.0, 35.0, 35.0, 35.0, 52.0]);
        let narrow = column_widths(200.0, [40.0; 5]);
        assert!((narrow.iter().sum::<f32>() - 200.0).abs() < 0.01 && narrow[0] >= 48.0, "{narrow:?}");
    }
}
