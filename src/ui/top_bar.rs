//! The top bar: project and iteration, the filter box with its live count, what is shown, export, palette.

use egui::{Align, Align2, CornerRadius, Id, Layout, Rect, Sense, Ui, pos2, vec2};

use super::tag_style::TagStyle;
use super::theme::{self, tokens};
use super::widgets::row::{divider, menu};
use super::widgets::{Button, Field, MenuItem, Segment, choice, paint, segmented, text};
use super::{ViewState, icons, projects};
use crate::app::state::Opened;
use crate::app::{Action, Command, Screen, State, View};
use crate::domain::TagIx;

pub(super) fn top_bar_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let layout = Layout::left_to_right(Align::Center);
    ui.with_layout(layout, |ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP_SMALL;
        project_menu(ui, state, opened, commands);
        iteration_menu(ui, state, opened, commands);
        ui.add_space(tokens::GAP_SMALL);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = tokens::GAP;
            right_ui(ui, state, opened, commands);
            filter_ui(ui, opened, view, commands);
        });
    });
}

fn project_menu(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let width = (ui.available_width() * 0.22).clamp(90.0, 260.0);
    let button = Button::new(&opened.project.name).quiet().strong().max_width(width);
    let name = format!("Project {}", opened.project.name);
    let response = ui.add(button.name(&name));
    menu(&response, 320.0, |ui| {
        for action in [Action::Refresh, Action::StopListing] {
            action_item(ui, state, action, commands);
        }
        divider(ui);
        for summary in state.projects.iter().filter(|summary| summary.project.id != opened.project.id).take(8) {
            if MenuItem::new(&summary.project.name).flush().remark(summary.kind.word()).show(ui) {
                commands.push(Command::OpenProject { project: summary.project.id, iteration: None });
            }
        }
        if state.projects.len() > 1 {
            divider(ui);
        }
        for action in [Action::CloseProject, Action::OpenFolder, Action::Settings, Action::Disconnect] {
            action_item(ui, state, action, commands);
        }
    });
}

/// An action as an entry of a menu.
fn action_item(ui: &mut Ui, state: &State, action: Action, commands: &mut Vec<Command>) {
    let words = action.text();
    if MenuItem::new(words.label).flush().key(state.keys.cap(action)).enabled(action.is_enabled(state)).show(ui) {
        commands.extend(action.command(state));
    }
}

fn iteration_menu(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let project = opened.project.id;
    let known = state.iterations.get(&project).and_then(|result| result.as_ref().ok());
    let label = match opened.iteration {
        None => "Workspace",
        Some(id) => known
            .and_then(|iterations| iterations.iter().find(|iteration| iteration.id == id))
            .map_or("Iteration", |iteration| iteration.name.as_str()),
    };
    let name = format!("Iteration: {label}");
    let response = ui.add(Button::new(label).name(&name).quiet().menu().max_width(160.0));
    menu(&response, 280.0, |ui| {
        if MenuItem::new("Workspace").chosen(opened.iteration.is_none()).remark("what is on the site now").show(ui) {
            commands.push(Command::OpenProject { project, iteration: None });
        }
        for iteration in known.into_iter().flatten() {
            let words = projects::iteration_words(iteration);
            let item = MenuItem::new(&iteration.name).chosen(opened.iteration == Some(iteration.id)).remark(&words);
            if item.show(ui) {
                commands.push(Command::OpenProject { project, iteration: Some(iteration.id) });
            }
        }
    });
}

/// From the right end: export, palette, panels, overlays, grid or image.
fn right_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    debug_assert_eq!(state.screen, Screen::Project);
    let is_narrow = ui.available_width() < 640.0;
    let export = Button::new("Export...").primary().enabled(Action::Export.is_enabled(state));
    if ui.add(export).on_hover_text(state.keys.words(Action::Export)).clicked() {
        commands.extend(Action::Export.command(state));
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let toggles = [
            (Action::Palette, icons::PALETTE, false),
            (Action::ToggleRight, icons::RIGHT_PANEL, state.settings.show_right),
            (Action::ToggleOverlays, icons::OVERLAYS, state.settings.show_overlays),
        ];
        for (action, icon, is_on) in toggles {
            if is_narrow && action == Action::ToggleRight {
                continue;
            }
            let words = state.keys.words(action);
            let button = Button::icon_only(icon, &words).selected(is_on && action == Action::ToggleOverlays);
            if ui.add(button).clicked() {
                commands.extend(action.command(state));
            }
        }
    });
    // Enter and Esc do the same: the filter box needs the room more.
    if ui.available_width() < 300.0 {
        return;
    }
    let views = [("Grid", View::Grid), ("Regions", View::Wall), ("Statistics", View::Statistics)];
    let segments = views.map(|(label, _)| Segment { label, is_enabled: true });
    let shown = if opened.view == View::Canvas { opened.before_canvas } else { opened.view };
    let selected = views.iter().position(|(_, view)| *view == shown).unwrap_or_default();
    if let Some(chosen) = segmented(ui, "View", &segments, selected) {
        commands.push(Command::SetView(views[chosen].1));
    }
}

/// The filter box: tags as chips, words, the live count.
fn filter_ui(ui: &mut Ui, opened: &Opened, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let id = Id::unique("filter box");
    let total = opened.catalogue.len() as u64;
    let shown = opened.visible.len() as u64;
    let room = ui.available_width();
    let mut count = if opened.filter.is_empty() {
        text::thousands(total)
    } else {
        format!("{} of {}", text::thousands(shown), text::thousands(total))
    };
    let font = theme::font(tokens::BODY);
    let mut count_width = text::figures_width(ui.painter(), &count, &font) + 10.0;
    let has_chips = !opened.filter.include.is_empty() || !opened.filter.exclude.is_empty();
    if room - count_width < if has_chips { 300.0 } else { 120.0 } {
        count = text::thousands(shown);
        count_width = text::figures_width(ui.painter(), &count, &font) + 10.0;
    }
    let clear_width = if opened.filter.is_empty() { 0.0 } else { 22.0 };
    let chips = chips(opened);
    let chip_room = (room - 30.0 - count_width - clear_width - if room < 420.0 { 40.0 } else { 90.0 }).max(0.0);
    let chip_width = chips_width(ui, &chips, chip_room);
    let mut words = opened.filter.text.clone();
    let hint = if chips.is_empty() { "Filter by tag, metadata or id" } else { "" };
    let field = Field::new(id, "Filter by words")
        .hint(hint)
        .icon(icons::SEARCH)
        .room_left(chip_width)
        .room_right(count_width + clear_width);
    let (response, rect) = ui.with_layout(Layout::left_to_right(Align::Center), |ui| field.show(ui, &mut words)).inner;
    if std::mem::take(&mut view.wants_filter) {
        response.request_focus();
    }
    if response.changed() {
        commands.push(Command::EditFilterText(words));
    }
    chips_ui(ui, &chips, pos2(rect.left() + 28.0, rect.center().y), chip_room, commands);
    let right = pos2(rect.right() - 10.0 - clear_width, rect.center().y);
    text::figures(ui.painter(), right, Align2::RIGHT_CENTER, &count, font, tokens.dim);
    if clear_width > 0.0 {
        let place = Rect::from_center_size(pos2(rect.right() - 16.0, rect.center().y), vec2(22.0, 22.0));
        let mut corner = ui.new_child(egui::UiBuilder::new().id_salt("clear filter").max_rect(place));
        if corner.add(Button::icon_only(icons::CLOSE, Action::ClearFilter.text().label).height(22.0)).clicked() {
            commands.push(Command::ClearFilter);
        }
    }
}

/// A tag of the filter.
struct Chip {
    tag: TagIx,
    name: String,
    is_excluded: bool,
    color: egui::Color32,
}

/// The filter's tags in the order of the table, included ones first.
fn chips(opened: &Opened) -> Vec<Chip> {
    let filter = &opened.filter;
    if filter.include.is_empty() && filter.exclude.is_empty() {
        return Vec::new();
    }
    let mut chips: Vec<_> = opened
        .catalogue
        .tags()
        .iter()
        .filter(|(_, entry)| filter.include.contains(&entry.id) || filter.exclude.contains(&entry.id))
        .map(|(tag, entry)| Chip {
            tag,
            name: entry.name.to_string(),
            is_excluded: filter.exclude.contains(&entry.id),
            color: TagStyle::of(entry).color,
        })
        .collect();
    chips.sort_by_key(|chip| chip.is_excluded);
    chips
}

const CHIP_GAP: f32 = 5.0;
const MORE_WIDTH: f32 = 34.0;

fn chip_width(ui: &Ui, chip: &Chip) -> f32 {
    let galley = text::elided(ui.painter(), &chip.name, theme::font(12.0), theme::of(ui).text, 130.0);
    galley.size().x + 28.0
}

/// How many chips fit, and their width with the gap after them.
fn fitting(ui: &Ui, chips: &[Chip], room: f32) -> (usize, f32) {
    let mut width = 0.0;
    for (at, chip) in chips.iter().enumerate() {
        let next = width + chip_width(ui, chip) + CHIP_GAP;
        let reserve = if at + 1 < chips.len() { MORE_WIDTH } else { 0.0 };
        if next + reserve > room {
            return (at, width + MORE_WIDTH);
        }
        width = next;
    }
    (chips.len(), width)
}

fn chips_width(ui: &Ui, chips: &[Chip], room: f32) -> f32 {
    fitting(ui, chips, room).1
}

fn chips_ui(ui: &mut Ui, chips: &[Chip], start: egui::Pos2, room: f32, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (count, _) = fitting(ui, chips, room);
    let mut x = start.x;
    for chip in &chips[..count] {
        let rect = Rect::from_min_size(pos2(x, start.y - 10.0), vec2(chip_width(ui, chip), 20.0));
        let response = ui.interact(rect, Id::unique(("filter chip", chip.tag.0)), Sense::click());
        let (verb, fill) = if chip.is_excluded { ("excluded", tokens.excluded) } else { ("included", tokens.selected) };
        let name = format!("Take {verb} tag {} out of the filter", chip.name);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        let fill = paint::mix(fill, tokens.pressed, paint::hover(ui, &response) * 0.6);
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
        choice::swatch(ui, pos2(rect.left() + 11.0, rect.center().y), chip.color, chip.is_excluded);
        let left = pos2(rect.left() + 20.0, rect.center().y);
        let width = text::paint_elided(ui.painter(), left, &chip.name, theme::font(12.0), tokens.text, 130.0);
        if chip.is_excluded {
            let stroke = egui::Stroke::new(1.0, tokens.text);
            ui.painter().hline(left.x..=left.x + width, left.y + 0.5, stroke);
        }
        paint::focus_ring(ui, rect, &response, 5);
        if response.on_hover_text(name).clicked() {
            let command = if chip.is_excluded { Command::ExcludeTag } else { Command::IncludeTag };
            commands.push(command(chip.tag));
        }
        x = rect.right() + CHIP_GAP;
    }
    if count < chips.len() {
        let more = format!("+{}", chips.len() - count);
        text::paint_elided(ui.painter(), pos2(x + 4.0, start.y), &more, theme::font(12.0), tokens.dim, MORE_WIDTH);
    }
}
