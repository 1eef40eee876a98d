//! The menu of a tag: of its row in the tag panel and of its chip in the inspector.

use egui::Response;

use super::key::{context_popup, is_asked_of};
use crate::tag_colors;
use crate::widgets::MenuItem;
use crate::widgets::row::divider;
use app::state::Opened;
use app::view::View;
use app::wall::WallCommand;
use app::{Command, DisplayCommand, QueryCommand, WindowCommand};
use domain::TagIx;
use domain::query::edit::{self, Standing};

pub(crate) fn tag_menu(response: &Response, opened: &Opened, tag: TagIx, commands: &mut Vec<Command>) {
    let by_key = is_asked_of(response);
    let entry = opened.catalogue.tags().get(tag);
    context_popup(response, by_key, response.rect.left_bottom(), 230.0, |ui| {
        let test = || edit::tag(&entry.name);
        let standing = opened.query.standing(&test());
        let is_hidden = opened.hidden_tags.contains(&entry.id);
        let mut item = |ui: &mut egui::Ui, item: MenuItem<'_>, command: Command| {
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
        tag_colors::palette_ui(ui, tag, entry, commands);
    });
}
