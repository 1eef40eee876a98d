//! "Leave Custom Vision...": the short way out of the service, and what is safe afterwards.

use std::path::Path;

use egui::{Id, ScrollArea, Ui, vec2};

use super::icons;
use super::report::skips_ui;
use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, close_button, dialog, fact, scroll};
use super::widgets::field::{enter_pressed, path_ui};
use super::widgets::{Button, Field, checkbox, message, text};
use app::dialog::FolderPurpose;
use app::{ArchiveReport, Command, ConnectionCommand, LeaveCommand, State, WindowCommand, words};
use domain::Destination;

const WIDTH: f32 = 600.0;

const STEPS: [(&str, &str); 4] = [
    ("Archive", "Every image as uploaded, every region to the last digit, tags and iterations. You can pause it."),
    ("Verify", "Everything is read back and compared before the archive appears."),
    ("Open offline", "The archive opens in Tagscope like the project, without the service."),
    ("Keep working", "Export it to any format at any time, or serve it to your existing scripts, without the service."),
];

const SAFE: &str =
    "Everything is safe: the archive holds every image and label of the project and no longer depends on the service.";
const NOT_ALL_SAFE: &str = "Not everything is safe yet. The items marked below are not in the archive. Run it again \
                            while the service is available.";
const NOT_IN_IT: &str = "Not included: trained models and their predictions. Export models in the Custom Vision \
                         portal.";

pub(super) fn leave_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Leave Custom Vision", WIDTH, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let area = ScrollArea::vertical().max_height(ui.available_height() - 60.0);
        scroll(ui, area, |ui| {
            ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP_SMALL);
            let words = "The service shuts down on September 25, 2028 and cannot export labels. This saves the whole \
                         project in a folder on your computer or in an object store. Nothing is changed on the service.";
            text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
            ui.add_space(tokens::GAP);
            for (number, (name, words)) in (1..).zip(STEPS) {
                step_ui(ui, number, name, words);
            }
            ui.add_space(tokens::GAP);
            fact(ui, "images listed", &text::thousands(opened.catalogue.len() as u64), None);
            fact(ui, "regions listed", &text::thousands(opened.catalogue.region_count() as u64), None);
            ui.add_space(tokens::GAP);
            text::section(ui, "To", None);
            folder_ui(ui, state, commands);
            place_ui(ui, &state.leave.folder);
            ui.add_space(tokens::GAP_SMALL);
            let (label, remark) = ("Thumbnails", "the service's own, for existing scripts");
            if checkbox(ui, state.leave.has_thumbnails, label, remark).clicked() {
                commands.push(Command::Leave(LeaveCommand::ToggleThumbnails));
            }
            let (label, remark) = ("Iterations", "the images and labels each was trained on");
            if checkbox(ui, state.leave.has_iterations, label, remark).clicked() {
                commands.push(Command::Leave(LeaveCommand::ToggleIterations));
            }
            if let Some(failure) = &state.leave.failure {
                ui.add_space(tokens::GAP);
                message::failure_line(ui, failure, commands);
            }
        });
        buttons(ui, |ui| {
            close_button(ui, "Cancel", commands);
            if ui.add(Button::new("Archive and verify").primary()).clicked() {
                commands.push(Command::Leave(LeaveCommand::Start));
            }
        });
    });
}

fn step_ui(ui: &mut Ui, number: usize, name: &str, words: &str) {
    let tokens = theme::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP;
        text::figures_label(ui, &number.to_string(), theme::semibold(tokens::BODY), tokens.accent, 14.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            text::label(ui, name, theme::semibold(tokens::BODY), tokens.text);
            text::paragraph(ui, words, theme::font(12.0), tokens.dim);
        });
    });
}

fn folder_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let mut folder = state.leave.folder.clone();
    let is_store = matches!(Destination::parse(&folder), Ok(Destination::Store(_)));
    let name = if is_store { "Archive address" } else { "Archive folder" };
    let field = Field::new(Id::unique("archive folder"), name).hint("~/datasets/forks-archive");
    let field = field.bad(state.leave.failure.is_some());
    let response = path_ui(ui, field, 84.0, FolderPurpose::Archive, &mut folder, commands);
    if response.changed() {
        commands.push(Command::Leave(LeaveCommand::EditFolder(folder)));
    }
    if enter_pressed(ui, &response) {
        commands.push(Command::Leave(LeaveCommand::Start));
    }
}

fn place_ui(ui: &mut Ui, typed: &str) {
    let tokens = theme::of(ui);
    let (words, color) = match Destination::parse(typed) {
        Ok(Destination::Store(_)) => (format!("{} An interrupted run is resumed.", words::INTO_STORE), tokens.dim),
        Err(error) => (format!("{}.", words::capitalized(&error.to_string())), tokens.warning),
        Ok(Destination::Folder(_)) => (
            "Choose a new folder, or an archive of this project to update it, or type an address of an object store (s3://, \
             gs://, az://, abfss://). An interrupted run is resumed."
                .to_owned(),
            tokens.dim,
        ),
    };
    text::paragraph(ui, &words, theme::font(12.0), color);
}

pub(super) fn safe_ui(ui: &Ui, report: &ArchiveReport, commands: &mut Vec<Command>) {
    dialog(ui, "Archive report", WIDTH, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let area = ScrollArea::vertical().max_height(ui.available_height() - 60.0);
        scroll(ui, area, |ui| {
            ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP_SMALL);
            let (words, color) = match report.is_whole() {
                true => (SAFE, tokens.ok),
                false => (NOT_ALL_SAFE, tokens.warning),
            };
            text::paragraph(ui, words, theme::semibold(tokens::BODY), color);
            ui.add_space(tokens::GAP_SMALL);
            for (is_well, words) in findings(report) {
                let (icon, color) =
                    if is_well { (icons::SUCCESS, tokens.ok) } else { (icons::WARNING, tokens.warning) };
                ui.horizontal_top(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 18.0), egui::Sense::hover());
                    icons::paint(ui.painter(), rect.center(), icon, 17.0, color);
                    ui.vertical(|ui| text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.text));
                });
            }
            text::paragraph(ui, NOT_IN_IT, theme::font(12.0), tokens.dim);
            if report.is_update {
                ui.add_space(tokens::GAP);
                fact(ui, "new since the last run", &text::thousands(report.added.len() as u64), None);
                fact(ui, "changed since the last run", &text::thousands(report.changed.len() as u64), None);
                fact(ui, "no longer on the service, kept here", &text::thousands(report.vanished.len() as u64), None);
            }
            if !report.skips.is_empty() {
                ui.add_space(tokens::GAP);
                skips_ui(ui, &report.skips);
            }
            let Some(folder) = report.folder.folder() else {
                ui.add_space(tokens::GAP);
                text::section(ui, "In the object store", None);
                text::paragraph(ui, &report.folder.to_string(), theme::font(12.0), tokens.text);
                return;
            };
            ui.add_space(tokens::GAP);
            text::section(ui, "For other tools", None);
            let words = "Open the archive and export it in any format. Nothing is downloaded again.";
            text::paragraph(ui, words, theme::font(12.0), tokens.dim);
            ui.add_space(tokens::GAP);
            text::section(ui, "For existing scripts", None);
            let command = serve_command(folder);
            ui.horizontal(|ui| {
                if ui.add(Button::new("Copy").name("Copy the command").icon(icons::COPY)).clicked() {
                    commands.push(Command::Window(WindowCommand::CopyText(command.clone())));
                }
                text::label(ui, &command, theme::font(12.0), tokens.text).on_hover_text(&command);
            });
            let words = "Serves the archive like the original service, on this computer only. It prints the endpoint and key to use.";
            text::paragraph(ui, words, theme::font(12.0), tokens.dim);
        });
        buttons(ui, |ui| {
            if ui.add(Button::new("Close")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
            if let Some(folder) = report.folder.folder()
                && ui.add(Button::new("Show the folder").icon(icons::REVEAL)).clicked()
            {
                commands.push(Command::Window(WindowCommand::Reveal(folder.to_path_buf())));
            }
            if ui.add(Button::new("Open the archive").primary()).clicked() {
                commands.push(Command::Connection(match &report.folder {
                    Destination::Folder(folder) => ConnectionCommand::OpenFolder(folder.clone()),
                    Destination::Store(address) => ConnectionCommand::OpenStore(address.clone()),
                }));
            }
        });
    });
}

/// Sentences, each with whether it is good news.
fn findings(report: &ArchiveReport) -> Vec<(bool, String)> {
    let images = text::count(report.images, "image", "images");
    let (regions, tags) = (text::count(report.regions, "region", "regions"), text::count(report.tags, "tag", "tags"));
    let mut found = vec![(true, format!("{images} with {regions} and {tags}, as the service listed them."))];
    let missing = report.all_images().saturating_sub(report.originals);
    let originals = text::count(report.originals, "picture as uploaded", "pictures as uploaded");
    found.push(match missing {
        0 => (true, format!("{originals}, {} in all, byte for byte.", text::bytes(report.bytes))),
        _ => {
            let lacking = text::count(missing, "image is", "images are");
            (false, format!("{originals}, {}; {lacking} without a picture.", text::bytes(report.bytes)))
        }
    });
    found.push((true, "Read back by an independent reader: all files, hashes and counts match.".to_owned()));
    found.extend(report.notes.iter().map(|note| (false, note.clone())));
    found.extend(report.remarks.iter().chain(&report.mended).map(|words| (true, words.clone())));
    found.extend(words::cleared(&report.cleared).map(|words| (true, words)));
    if report.untagged > 0 {
        let images = text::count(report.untagged, "image", "images");
        found.push((true, format!("Also {images} without tags, in a separate list.")));
    }
    if !report.iterations.is_empty() {
        let iterations = text::count(report.iterations.len() as u64, "iteration", "iterations");
        let only: u64 = report.iterations.iter().map(|one| one.only_there).sum();
        let only = match only {
            0 => String::new(),
            count => format!("; {} no longer in the workspace", text::count(count, "image", "images")),
        };
        found.push((true, format!("{iterations} with the images and labels they were trained on{only}.")));
    }
    found
}

/// For a shell; a folder's name may hold anything.
fn serve_command(folder: &Path) -> String {
    let folder = folder.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+@".contains(letter);
    if folder.chars().all(is_plain) {
        format!("tagscope serve {folder}")
    } else {
        format!("tagscope serve '{}'", folder.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_plainly() {
        let report = ArchiveReport { images: 3, regions: 1, tags: 2, originals: 3, ..ArchiveReport::default() };
        let bad = |report: &ArchiveReport| findings(report).into_iter().filter(|(is_well, _)| !is_well).count();
        assert_eq!(bad(&report), 0, "{:?}", findings(&report));
        let report = ArchiveReport { originals: 2, notes: vec!["Incomplete.".to_owned()], ..report };
        assert_eq!(bad(&report), 2);
        assert!(findings(&report)[1].1.ends_with("1 image is without a picture."), "{:?}", findings(&report));
    }

    #[test]
    fn the_command_can_be_pasted_into_a_shell() {
        let of = |folder: &str| serve_command(Path::new(folder));
        assert_eq!(of("/data/forks-archive"), "tagscope serve /data/forks-archive");
        assert_eq!(of("/my data/it's"), r"tagscope serve '/my data/it'\''s'");
    }
}
