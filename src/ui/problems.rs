//! What is odd about the listed images, each a row that leads to its image.

use egui::{ScrollArea, Ui, pos2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, dialog};
use super::widgets::row::row;
use super::widgets::{Button, text};
use app::state::Opened;
use app::{CanvasCommand, Command, State, WindowCommand};
use domain::{ImageIx, Problem};

pub(super) fn problems_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Problems", 720.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let rows = rows(opened);
        let words = if rows.is_empty() {
            "No problems found in the listed images."
        } else {
            "Only the affected rows were skipped; the rest was listed. Press Enter or click to open an image."
        };
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        let height = (ui.ctx().content_rect().height() - 280.0).max(120.0);
        let area = ScrollArea::vertical().id_salt("problems").max_height(height).auto_shrink([false, true]);
        ui.spacing_mut().item_spacing.y = 0.0;
        area.show_rows(ui, tokens::ROW, rows.len(), |ui, range| {
            for (ix, problem) in &rows[range] {
                row_ui(ui, opened, *ix, problem, commands);
            }
        });
        buttons(ui, |ui| {
            if !rows.is_empty() && ui.add(Button::new("Copy").name("Copy the list").icon(icons::COPY)).clicked() {
                commands.push(Command::Window(WindowCommand::CopyText(as_text(opened, &rows))));
            }
            if ui.add(Button::new("Close").key("Esc")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
        });
    });
}

/// Rows that could not be read, then the images' problems in the order of listing.
fn rows(opened: &Opened) -> Vec<(Option<ImageIx>, &Problem)> {
    let mut images: Vec<_> = opened.catalogue.images_with_problems().collect();
    images.sort_unstable();
    let of_images = images
        .into_iter()
        .filter_map(|ix| opened.catalogue.get(ix))
        .flat_map(|image| image.problems().iter().map(move |problem| (Some(image.ix), problem)));
    opened.page_problems.iter().map(|problem| (None, problem)).chain(of_images).collect()
}

fn row_ui(ui: &mut Ui, opened: &Opened, ix: Option<ImageIx>, problem: &Problem, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let words = problem.to_string();
    let (rect, response) = row(ui, &words, tokens::ROW, false);
    let painter = ui.painter();
    let id = ix.and_then(|ix| opened.catalogue.get(ix)).map(|image| image.id().to_string()).unwrap_or_default();
    let short = id.get(..8).unwrap_or_default();
    let left = pos2(rect.left() + 10.0, rect.center().y);
    text::paint_elided(painter, left, short, egui::FontId::monospace(11.5), tokens.dim, 80.0);
    let left = pos2(left.x + 80.0, left.y);
    let width = rect.right() - 10.0 - left.x;
    text::paint_elided(painter, left, &words, theme::font(tokens::BODY), tokens.text, width);
    if response.on_hover_text(&words).clicked()
        && let Some(ix) = ix
    {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        commands.push(Command::Canvas(CanvasCommand::OpenImage(ix)));
    }
}

fn as_text(opened: &Opened, rows: &[(Option<ImageIx>, &Problem)]) -> String {
    let line = |(ix, problem): &(Option<ImageIx>, &Problem)| {
        let image = ix.and_then(|ix| opened.catalogue.get(ix));
        image.map_or_else(|| problem.to_string(), |image| format!("{}\t{problem}", image.id()))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
