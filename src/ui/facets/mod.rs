//! The facets below the tags: what the images are like, with live counts; a click includes, Alt+click excludes.

use egui::{Align2, CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use rustc_hash::FxHashSet;

use super::icons::{self, Icon};
use super::theme::{self, tokens};
use super::widgets::{button, paint, text};
use app::state::Opened;
use app::{Command, QueryCommand};
use domain::facets::{FacetEntry, FacetSection, SectionKind};
use domain::query::edit::Standing;
use domain::query::{ReviewTest, Test};

/// Which sections are folded, and which show all their entries.
#[derive(Debug, Default)]
pub(super) struct FacetsView {
    folded: FxHashSet<SectionKind>,
    whole: FxHashSet<SectionKind>,
}

/// From the edge of the panel to its content.
pub(super) const SIDE: f32 = 12.0;
const ROW: f32 = 24.0;
/// Entries that are shown at first.
const FEW: usize = 8;

pub(super) fn facets_ui(ui: &mut Ui, opened: &Opened, view: &mut FacetsView, commands: &mut Vec<Command>) {
    for section in &opened.query.facets.sections {
        section_ui(ui, opened, section, view, commands);
    }
    ui.add_space(tokens::GAP_LARGE);
}

fn section_ui(
    ui: &mut Ui,
    opened: &Opened,
    section: &FacetSection,
    view: &mut FacetsView,
    commands: &mut Vec<Command>,
) {
    ui.add_space(10.0);
    let is_folded = view.folded.contains(&section.kind);
    if head_ui(ui, title(&section.kind), None, is_folded) && !view.folded.remove(&section.kind) {
        view.folded.insert(section.kind.clone());
    }
    if is_folded {
        return;
    }
    if section.kind == SectionKind::Regions {
        bars_ui(ui, opened, section, commands);
        return;
    }
    let is_whole = view.whole.contains(&section.kind) || section.entries.len() <= FEW + 1;
    let count = if is_whole { section.entries.len() } else { FEW };
    for (at, entry) in section.entries.iter().enumerate() {
        // What is chosen stays in sight.
        let standing = opened.query.standing(&entry.test);
        if at < count || standing != Standing::Neither {
            entry_ui(ui, entry, standing, commands);
        }
    }
    let hidden = section.entries.len() - count;
    more_ui(ui, section, hidden, view);
}

fn more_ui(ui: &mut Ui, section: &FacetSection, hidden: usize, view: &mut FacetsView) {
    let can_fold = view.whole.contains(&section.kind) && section.entries.len() > FEW + 1;
    if hidden == 0 && !can_fold && section.more == 0 {
        return;
    }
    ui.allocate_ui(vec2(ui.available_width(), 22.0), |ui| {
        ui.horizontal_centered(|ui| {
            ui.add_space(SIDE);
            if hidden > 0 {
                if button::link_sized(ui, &format!("{} more", hidden + section.more), tokens::SMALL).clicked() {
                    view.whole.insert(section.kind.clone());
                }
            } else if can_fold {
                if button::link_sized(ui, "fewer", tokens::SMALL).clicked() {
                    view.whole.remove(&section.kind);
                }
                if section.more > 0 {
                    text::hint(ui, &format!("and {} rare ones", section.more));
                }
            }
        });
    });
}

fn title(kind: &SectionKind) -> &str {
    match kind {
        SectionKind::Regions => "Regions per image",
        SectionKind::RegionSize => "Region size",
        SectionKind::ImageSize => "Image size",
        SectionKind::Date => "Uploaded",
        SectionKind::Meta(key) => key,
        SectionKind::Review => "Images by review",
        SectionKind::Findings => "Findings",
        SectionKind::Changes => "Changes",
        SectionKind::Predictions => "Predictions",
    }
}

/// The head of a section that can be folded; true when it was clicked.
pub(super) fn head_ui(ui: &mut Ui, title: &str, figure: Option<&str>, is_folded: bool) -> bool {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
    let name = figure.map_or_else(|| title.to_owned(), |figure| format!("{title}, {figure}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(!is_folded));
    let left = pos2(rect.left() + SIDE, rect.center().y);
    let font = theme::semibold(tokens::SMALL);
    let hover = paint::hover(ui, &response);
    let color = paint::mix(tokens.dim, tokens.text, hover);
    let mut x = left.x + text::paint_elided(ui.painter(), left, title, font, color, rect.width() - 60.0) + 6.0;
    if let Some(figure) = figure {
        let font = theme::font(tokens::SMALL);
        let room = rect.right() - SIDE - x;
        x += text::figures(ui.painter(), pos2(x, left.y), Align2::LEFT_CENTER, figure, font, tokens.dim, room).width
            + 4.0;
    }
    let icon: Icon = if is_folded { icons::RIGHT } else { icons::DROP_DOWN };
    let shade = if is_folded { tokens.dim } else { tokens.dim.gamma_multiply(hover) };
    icons::paint(ui.painter(), pos2(x + 6.0, left.y), icon, 14.0, shade);
    paint::focus_ring(ui, rect.shrink2(vec2(4.0, 0.0)), &response, tokens::RADIUS);
    response.clicked()
}

pub(super) fn clicked(ui: &Ui, test: &Test) -> Command {
    let is_alt = ui.input(|input| input.modifiers.alt);
    Command::Query(if is_alt { QueryCommand::Exclude(test.clone()) } else { QueryCommand::Include(test.clone()) })
}

/// `, included` or `, excluded`, for a screen reader.
pub(super) fn standing_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Neither => "",
        Standing::Included => ", included",
        Standing::Excluded => ", excluded",
    }
}

fn entry_ui(ui: &mut Ui, entry: &FacetEntry, standing: Standing, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (slot, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let name =
        format!("{}: {}{}", entry.label, text::count(entry.count.into(), "image", "images"), standing_words(standing));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, standing == Standing::Included, &name));
    if !ui.is_rect_visible(slot) {
        return;
    }
    let rect = slot.shrink2(vec2(4.0, 0.0));
    let rest = match standing {
        Standing::Included => tokens.selected,
        Standing::Excluded => tokens.excluded,
        Standing::Neither => tokens.raised.gamma_multiply(0.0),
    };
    let fill = paint::fill(ui, &response, rest, tokens.hovered, tokens.pressed);
    ui.painter().rect_filled(rect, CornerRadius::same(tokens::RADIUS), fill);
    let y = rect.center().y;
    let font = theme::font(tokens::BODY);
    let figure = text::thousands(entry.count.into());
    let right = slot.right() - SIDE;
    let (place, align, room) = (pos2(right, y), Align2::RIGHT_CENTER, rect.width() * 0.5);
    let width = text::figures(ui.painter(), place, align, &figure, font.clone(), tokens.dim, room).width;
    let mut left = slot.left() + SIDE;
    let mut ink = if entry.count == 0 && standing == Standing::Neither { tokens.dim } else { tokens.text };
    if let Some((icon, color)) = mark(ui, &entry.test) {
        icons::paint(ui.painter(), pos2(left + 6.0, y), icon, 14.0, color);
        left += 18.0;
        ink = color;
    }
    let label = Rect::from_min_max(pos2(left, rect.top()), pos2(right - width - 8.0, rect.bottom()));
    let drawn = text::paint_elided(ui.painter(), label.left_center(), &entry.label, font, ink, label.width());
    if standing == Standing::Excluded {
        ui.painter().hline(left..=left + drawn, y + 0.5, egui::Stroke::new(1.0, ink));
    }
    paint::focus_ring(ui, rect, &response, tokens::RADIUS);
    let term = entry.test.to_string();
    if response.on_hover_text(format!("{term}\nClick includes, Alt+click excludes.")).clicked() {
        commands.push(clicked(ui, &entry.test));
    }
}

/// The states of review have their signs and colors.
fn mark(ui: &Ui, test: &Test) -> Option<(Icon, egui::Color32)> {
    let tokens = theme::of(ui);
    match test {
        Test::Review(ReviewTest::Accepted) => Some((icons::CHECK, tokens.ok)),
        Test::Review(ReviewTest::Rejected) => Some((icons::CLOSE, tokens.bad)),
        Test::Review(ReviewTest::Flagged) => Some((icons::FLAG, tokens.warning)),
        _ => None,
    }
}

const HEIGHT: f32 = 36.0;
const LABELS: f32 = 16.0;
const GAP: f32 = 2.0;

/// The histogram of region counts: a gray bar for the project, a blue one for what is shown.
fn bars_ui(ui: &mut Ui, opened: &Opened, section: &FacetSection, commands: &mut Vec<Command>) {
    let (slot, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT + LABELS + 4.0), Sense::hover());
    let bars = Rect::from_min_size(slot.min + vec2(SIDE, 4.0), vec2(slot.width() - 2.0 * SIDE, HEIGHT));
    let most = section.entries.iter().map(|entry| entry.total).max().unwrap_or(1).max(1);
    let step = bars.width() / section.entries.len().max(1) as f32;
    for (at, entry) in section.entries.iter().enumerate() {
        let left = bars.left() + at as f32 * step;
        let column = Rect::from_min_max(pos2(left, bars.top()), pos2(left + step, slot.bottom()));
        bar_ui(ui, opened, column, entry, most, commands);
    }
}

fn bar_ui(ui: &Ui, opened: &Opened, column: Rect, entry: &FacetEntry, most: u32, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let standing = opened.query.standing(&entry.test);
    let response = ui.interact(column, ui.scope_id().with(("bar", &entry.label)), Sense::click());
    let images = text::count(entry.count.into(), "image", "images");
    let name = format!("With {} regions: {images}{}", entry.label, standing_words(standing));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, standing == Standing::Included, &name));
    let foot = column.top() + HEIGHT;
    let hover = paint::hover(ui, &response);
    let bar = |count: u32| {
        let share = count as f32 / most as f32;
        let height = if count == 0 { 1.0 } else { (share * HEIGHT).max(2.0) };
        Rect::from_min_max(pos2(column.left(), foot - height), pos2(column.right() - GAP, foot))
    };
    let painter = ui.painter();
    if standing != Standing::Neither {
        let fill = if standing == Standing::Included { tokens.selected } else { tokens.excluded };
        let ground = Rect::from_min_max(column.min, pos2(column.right() - GAP, column.bottom()));
        painter.rect_filled(ground, CornerRadius::same(3), fill);
    }
    let corners = CornerRadius { nw: 2, ne: 2, sw: 0, se: 0 };
    painter.rect_filled(bar(entry.total), corners, paint::mix(tokens.pressed, tokens.faint, hover));
    if entry.count > 0 {
        let color = if standing == Standing::Excluded { tokens.bad } else { tokens.accent };
        painter.rect_filled(bar(entry.count), corners, paint::mix(color, tokens.text, hover * 0.25));
    }
    let label = entry.label.split(' ').next().unwrap_or_default();
    let label = if label.len() < entry.label.len() { format!("{label}+") } else { label.to_owned() };
    let at = pos2(column.center().x - GAP / 2.0, foot + LABELS / 2.0 + 1.0);
    painter.text(at, Align2::CENTER_CENTER, label, theme::font(10.0), tokens.dim);
    paint::focus_ring(ui, column, &response, 3);
    let words = format!(
        "{}\n{images} of {}\nClick includes, Alt+click excludes.",
        entry.test,
        text::thousands(entry.total.into())
    );
    if response.on_hover_text(words).clicked() {
        commands.push(clicked(ui, &entry.test));
    }
}
