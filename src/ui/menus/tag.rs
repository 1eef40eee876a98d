//! The menus of a tag (of its row in the tag panel and of its chip in the inspector), with the palette of its colors;
//! of one finding in the inspector; and of a kind in the list of all findings.

use egui::{CornerRadius, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::key::{context_popup, is_asked_of};
use super::{copy_text, file_ui};
use crate::theme;
use crate::widgets::row::divider;
use crate::widgets::{MenuItem, choice, paint};
use app::checks::{CheckCommand, ShownFinding};
use app::state::Opened;
use app::view::View;
use app::wall::WallCommand;
use app::{Command, DisplayCommand, QueryCommand, State, WindowCommand};
use domain::query::edit::{self, Standing};
use domain::query::{Choice, Test};
use domain::tag_color::{ChosenColors, PALETTE, TagColor};
use domain::{CheckKind, ImageView, TagEntry, TagIx};

pub(crate) fn tag_menu(response: &Response, opened: &Opened, tag: TagIx, commands: &mut Vec<Command>) {
    let by_key = is_asked_of(response);
    let entry = opened.catalogue.tags().get(tag);
    context_popup(response, by_key, response.rect.left_bottom(), 230.0, |ui| {
        let test = || edit::tag(&entry.name);
        let standing = opened.query.standing(&test());
        let is_hidden = opened.hidden_tags.contains(&entry.id);
        let mut item = |ui: &mut Ui, item: MenuItem<'_>, command: Command| {
            if item.show(ui) {
                commands.push(command);
            }
        };
        let include = MenuItem::new("Include").key(Some("Click".to_owned())).chosen(standing == Standing::Included);
        item(ui, include, Command::Query(QueryCommand::Include(test())));
        let exclude = MenuItem::new("Exclude").key(Some("Alt+Click".to_owned())).chosen(standing == Standing::Excluded);
        item(ui, exclude, Command::Query(QueryCommand::Exclude(test())));
        item(ui, MenuItem::new("Only this tag"), Command::Query(QueryCommand::Only(test())));
        let boxes = if is_hidden { "Show its boxes" } else { "Hide its boxes" };
        item(ui, MenuItem::new(boxes), Command::Display(DisplayCommand::ToggleTagBoxes(tag)));
        if entry.region_count > 0 && MenuItem::new("Show its regions").show(ui) {
            commands.push(Command::Wall(WallCommand::ShowOnly(Some(entry.id))));
            commands.push(Command::Display(DisplayCommand::SetView(View::Wall)));
        }
        divider(ui);
        for (label, text) in [("Copy the name", entry.name.to_string()), ("Copy the tag's id", entry.id.to_string())] {
            if MenuItem::new(label).show(ui) {
                commands.push(Command::Window(WindowCommand::CopyText(text)));
            }
        }
        palette_ui(ui, tag, entry, commands);
    });
}

pub(crate) fn finding_menu(
    response: &Response,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    shown: &ShownFinding,
    commands: &mut Vec<Command>,
) {
    let by_key = is_asked_of(response);
    context_popup(response, by_key, response.rect.left_bottom(), 280.0, |ui| {
        if MenuItem::new("Show it on the canvas").show(ui) {
            commands.push(Command::Check(CheckCommand::Show(shown.key)));
        }
        let (label, command) = match shown.is_dismissed {
            false => ("Dismiss it", CheckCommand::Dismiss(shown.key)),
            true => ("Restore it", CheckCommand::Restore(shown.key)),
        };
        if MenuItem::new(label).show(ui) {
            commands.push(Command::Check(command));
        }
        divider(ui);
        filter_ui(ui, opened, shown.finding.kind(), commands);
        divider(ui);
        copy_text(ui, "Copy its sentence", commands, || shown.finding.message(&opened.catalogue));
        copy_text(ui, "Copy the image's id", commands, || image.id().to_string());
        file_ui(ui, state, image, commands);
    });
}

pub(crate) fn kind_menu(response: &Response, opened: &Opened, kind: CheckKind, commands: &mut Vec<Command>) {
    let by_key = is_asked_of(response);
    context_popup(response, by_key, response.rect.left_bottom(), 280.0, |ui| {
        let term = format!("check:{}", kind.name());
        if MenuItem::new("Show only these images").remark(&term).show(ui) {
            commands.push(Command::Query(QueryCommand::Edit(term.clone())));
            commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        }
        filter_ui(ui, opened, kind, commands);
        divider(ui);
        copy_text(ui, "Copy the query term", commands, || term.clone());
    });
}

/// Adds a kind of findings to the query, or excludes it.
fn filter_ui(ui: &mut Ui, opened: &Opened, kind: CheckKind, commands: &mut Vec<Command>) {
    let test = || Test::Check(Choice::Is(kind));
    let standing = opened.query.standing(&test());
    if MenuItem::new("Filter by this check").chosen(standing == Standing::Included).show(ui) {
        commands.push(Command::Query(QueryCommand::Include(test())));
    }
    if MenuItem::new("Exclude this check").chosen(standing == Standing::Excluded).show(ui) {
        commands.push(Command::Query(QueryCommand::Exclude(test())));
    }
}

const CELL: f32 = 33.0;
const COLUMNS: usize = 6;

fn palette_ui(ui: &mut Ui, tag: TagIx, entry: &TagEntry, commands: &mut Vec<Command>) {
    if entry.is_negative() {
        return;
    }
    divider(ui);
    let lines = PALETTE.len().div_ceil(COLUMNS);
    let (room, _) = ui.allocate_exact_size(vec2(COLUMNS as f32 * CELL, lines as f32 * CELL), Sense::hover());
    for (at, color) in PALETTE.iter().enumerate() {
        let place = vec2((at % COLUMNS) as f32, (at / COLUMNS) as f32) * CELL;
        let rect = Rect::from_min_size(room.min + place, vec2(CELL, CELL)).shrink(2.0);
        let response = ui.interact(rect, ui.scope_id().with(("color", at)), Sense::click());
        let is_worn = entry.color.place == Some(at as u8);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_worn, color.name));
        let tokens = theme::of(ui);
        let fill = if is_worn { tokens.pressed } else { tokens.raised.gamma_multiply(paint::hover(ui, &response)) };
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
        let [red, green, blue] = color.on_dark;
        let square = Rect::from_center_size(rect.center(), vec2(16.0, 16.0));
        let seen = choice::on_panel(ui, egui::Color32::from_rgb(red, green, blue));
        ui.painter().rect_filled(square, CornerRadius::same(4), seen);
        paint::focus_ring(ui, rect, &response, 5);
        if response.clicked() {
            commands.push(Command::Display(DisplayCommand::ChooseColor { tag, color: Some(at as u8) }));
            ui.close();
        }
        response.on_hover_text(color.name);
    }
    let of_name = TagColor::named(&entry.name, &ChosenColors::new()).place;
    let is_chosen = entry.color.place != of_name;
    if MenuItem::new("Default color").enabled(is_chosen).show(ui) {
        commands.push(Command::Display(DisplayCommand::ChooseColor { tag, color: None }));
    }
}
