//! Files and folders that are dropped onto the window: archives and datasets are opened, a table of reviews is offered
//! for import into the open project.

use std::path::Path;

use egui::{Align2, Color32, Id, LayerId, Order};

use super::theme::{self, tokens};
use app::review::{ReviewCommand, TransferCommand};
use app::{Command, ConnectionCommand, Dialog, Screen, State, WindowCommand};

/// Takes what was dropped, and says while something is held over the window what would become of it.
pub(super) fn dropped_ui(ui: &egui::Ui, state: &State, commands: &mut Vec<Command>) {
    let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    if let Some(path) = dropped {
        commands.extend(commands_of(state, &path));
    }
    let hovered = ui.input(|input| input.raw.hovered_files.iter().find_map(|file| file.path.clone()));
    if ui.input(|input| !input.raw.hovered_files.is_empty()) {
        let words = match hovered.as_deref() {
            Some(path) if is_reviews(state, path) => "Drop to import these reviews",
            _ => "Drop to open this archive or dataset",
        };
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("dropped")));
        let window = ui.ctx().content_rect();
        painter.rect_filled(window, 0.0, theme::of(ui).scrim);
        let font = theme::semibold(tokens::TITLE);
        painter.text(window.center(), Align2::CENTER_CENTER, words, font, Color32::WHITE);
    }
}

/// What dropping a file or folder does.
fn commands_of(state: &State, path: &Path) -> Vec<Command> {
    if is_reviews(state, path) {
        return vec![
            Command::Window(WindowCommand::ShowDialog(Some(Dialog::Reviews))),
            Command::Review(ReviewCommand::Transfer(TransferCommand::EditPath(path.display().to_string()))),
        ];
    }
    vec![Command::Connection(ConnectionCommand::OpenFolder(path.to_path_buf()))]
}

/// Whether it is a table of reviews for the open project, by its name: a dataset may be a table as well.
fn is_reviews(state: &State, path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_table = name.ends_with(".csv") || name.ends_with(".json");
    state.screen == Screen::Project && state.opened.is_some() && is_table && name.contains("review")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::{Event, Settings, SourceSpec, apply};

    #[test]
    fn a_dataset_is_opened_and_reviews_are_offered_for_import() {
        let mut state = State::new(Settings::default());
        let reviews = Path::new("/home/me/Reviews-2.CSV");
        assert!(
            matches!(&commands_of(&state, reviews)[..], [Command::Connection(ConnectionCommand::OpenFolder(_))]),
            "there is no project"
        );
        let summary = app::listing::ProjectSummary {
            project: domain::Project::named(domain::ProjectId(uuid::Uuid::from_u128(7)), "p"),
            kind: domain::ProjectKind::Detection,
            tag_count: None,
            image_count: None,
            cover: None,
        };
        let source = SourceSpec::Folder { path: "/data".into() };
        apply(&mut state, Event::Connected { source, projects: vec![summary], notice: None });
        let commands = commands_of(&state, reviews);
        assert!(
            matches!(
                &commands[..],
                [Command::Window(WindowCommand::ShowDialog(Some(Dialog::Reviews))), Command::Review(_)]
            ),
            "{commands:?}"
        );
        for dataset in ["/data/coco.json", "/data/regions.csv", "/data/reviews"] {
            let commands = commands_of(&state, Path::new(dataset));
            assert!(
                matches!(&commands[..], [Command::Connection(ConnectionCommand::OpenFolder(path))] if path == Path::new(dataset)),
                "{commands:?}"
            );
        }
    }
}
