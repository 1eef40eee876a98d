//! The report of an ended export: counts in = counts out plus itemized skips.

use egui::{ScrollArea, Ui, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, dialog, fact};
use super::widgets::{Button, text};
use app::report::format_label;
use app::{Command, ExportReport, Skip, WindowCommand, words};

/// `None`: the task is no longer on the list.
pub(super) fn report_ui(ui: &Ui, report: Option<&ExportReport>, commands: &mut Vec<Command>) {
    dialog(ui, "Export report", 560.0, commands, |ui, commands| {
        let Some(report) = report else {
            text::dim(ui, "This report is no longer available.");
            return;
        };
        counts_ui(ui, report);
        if !report.skips.is_empty() {
            ui.add_space(tokens::GAP);
            skips_ui(ui, &report.skips);
        }
        buttons(ui, |ui| {
            if ui.add(Button::new("Copy").name("Copy the report").icon(icons::COPY)).clicked() {
                commands.push(Command::Window(WindowCommand::CopyText(as_text(report))));
            }
            if let Some(folder) = report.folder.folder()
                && ui.add(Button::new("Show the folder").icon(icons::REVEAL)).clicked()
            {
                commands.push(Command::Window(WindowCommand::Reveal(folder.to_path_buf())));
            }
            if ui.add(Button::new("Close").primary()).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
        });
    });
}

fn counts_ui(ui: &mut Ui, report: &ExportReport) {
    let tokens = theme::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(20.0, 18.0), egui::Sense::hover());
        icons::paint(ui.painter(), rect.center(), icons::SUCCESS, 18.0, tokens.ok);
        let words = "Verified: read back by an independent reader; all counts match.";
        ui.vertical(|ui| text::paragraph(ui, words, theme::font(tokens::BODY), tokens.ok));
    });
    ui.add_space(tokens::GAP);
    fact(ui, "images", &in_and_out(report.images_in, report.images()), None);
    fact(ui, "regions", &in_and_out(report.regions_in, report.regions()), None);
    for line in report.poorer_formats() {
        text::paragraph(ui, &line, theme::font(12.0), tokens.warning);
        ui.add_space(tokens::GAP_SMALL);
    }
    fact(ui, "skipped or changed", &text::thousands(report.skips.len() as u64), None);
    fact(ui, "formats", &report.formats.join(", "), None);
    fact(ui, "files", &text::bytes(report.bytes), None);
    fact(ui, "time", &format!("{:.1} s", report.seconds), None);
    for note in report.notes.iter().chain(&report.mended).chain(&words::cleared(&report.cleared)) {
        ui.add_space(tokens::GAP_SMALL);
        text::paragraph(ui, note, theme::font(12.0), tokens.dim);
    }
    ui.add_space(tokens::GAP_SMALL);
    text::label(ui, &report.folder.to_string(), theme::font(12.0), tokens.dim);
}

/// `1,204 of 1,204`.
fn in_and_out(asked: u64, written: u64) -> String {
    format!("{} of {}", text::thousands(written), text::thousands(asked))
}

pub(super) fn skips_ui(ui: &mut Ui, skips: &[Skip]) {
    text::section(ui, "Skipped or changed", Some(&text::thousands(skips.len() as u64)));
    let height = (ui.ctx().content_rect().height() - 460.0).clamp(66.0, 260.0);
    skip_rows_ui(ui, "skips", height, 22.0, skips);
}

/// A scrolling list of skips, `height` points high at most; whole ids are shown on hover.
pub(super) fn skip_rows_ui(ui: &mut Ui, name: &str, height: f32, row: f32, skips: &[Skip]) {
    let tokens = theme::of(ui);
    let area = ScrollArea::vertical().id_salt(name).max_height(height).auto_shrink([false, true]);
    area.show_rows(ui, row, skips.len(), |ui, range| {
        // The scroll bar is not on the words.
        ui.set_max_width(ui.available_width() - tokens::GAP);
        for skip in &skips[range] {
            let color = if skip.is_left_out { tokens.warning } else { tokens.text };
            let words = skip_words(skip, |id| id.get(..8).unwrap_or(id));
            text::label(ui, &words, theme::font(12.0), color).on_hover_text(skip_words(skip, |id| id));
        }
    });
}

/// `Region 1f7c... of image 26571c15..., a.jpg (COCO): The region has no area.`, with ids as `id` gives them.
fn skip_words(skip: &Skip, id: impl Fn(&str) -> &str) -> String {
    let image = id(&skip.image);
    let what = match &skip.region {
        Some(region) => format!("Region {} of image {image}", id(region)),
        None => format!("Image {image}"),
    };
    let format = skip.format.as_deref().map(|format| format!(" ({})", format_label(format))).unwrap_or_default();
    let name = skip.name.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{what}{name}{format}: {}", skip.reason)
}

fn as_text(report: &ExportReport) -> String {
    let mut lines = vec![
        format!("Export to {}", report.folder),
        format!("formats: {}", report.formats.join(", ")),
        format!("images: {}", in_and_out(report.images_in, report.images())),
        format!("regions: {}", in_and_out(report.regions_in, report.regions())),
        format!("files: {} bytes", report.bytes),
        format!("skipped or changed: {}", report.skips.len()),
    ];
    lines.extend(report.poorer_formats());
    lines.extend(report.notes.iter().cloned());
    lines.extend(report.skips.iter().map(|skip| skip_words(skip, |id| id)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::FormatCount;

    #[test]
    fn the_text_has_counts_and_every_skip() {
        let skip = Skip {
            image: "i-1".to_owned(),
            name: Some("a.jpg".to_owned()),
            region: Some("r-1".to_owned()),
            format: Some("coco".to_owned()),
            is_left_out: true,
            reason: "no area".to_owned(),
        };
        let of = |format: &str, images| FormatCount { format: format.to_owned(), images, regions: 7 };
        let report = ExportReport {
            images_in: 1204,
            images_out: 1192,
            by_format: vec![of("coco", 1204), of("crops", 1192)],
            skips: vec![skip],
            ..ExportReport::default()
        };
        let text = as_text(&report);
        assert!(
            text.contains("images: 1,204 of 1,204") && text.contains("Region r-1 of image i-1, a.jpg (COCO): no area")
        );
        assert!(text.contains("Fewer in Crops: 1,192 images, 7 regions.") && !text.contains("in COCO"), "{text}");
    }
}
