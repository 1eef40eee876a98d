//! Messages where they belong: a failure in place of content, a banner, an empty place.

use egui::{Align, Color32, CornerRadius, Frame, Layout, Margin, Ui, vec2};

use super::button::{self, Button};
use super::text;
use crate::icons::{self, Icon};
use crate::theme::{self, Tokens, tokens};
use app::{Command, Failure, Severity, WindowCommand};

/// The icon and the color of a severity.
pub fn mark(tokens: &Tokens, severity: Severity) -> (Icon, Color32) {
    match severity {
        Severity::Info => (icons::INFO, tokens.accent),
        Severity::Success => (icons::SUCCESS, tokens.ok),
        Severity::Warning => (icons::WARNING, tokens.warning),
        Severity::Error => (icons::ERROR, tokens.bad),
    }
}

/// A failure under the field or row that it is about: icon, headline, advice, "Copy details".
pub fn failure_line(ui: &mut Ui, failure: &Failure, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP;
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), egui::Sense::hover());
        icons::paint(ui.painter(), rect.center(), icons::ERROR, 16.0, tokens.bad);
        ui.vertical(|ui| failure_words(ui, failure, commands));
    });
}

/// The words of a failure, where an icon stands already.
pub fn failure_words(ui: &mut Ui, failure: &Failure, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    text::paragraph(ui, &failure.headline(), theme::semibold(tokens::BODY), tokens.on_bad);
    let advice = failure.advice();
    if !advice.is_empty() {
        text::paragraph(ui, &advice, theme::font(tokens::BODY), tokens.on_bad);
    }
    copy_details(ui, failure, commands);
}

fn copy_details(ui: &mut Ui, failure: &Failure, commands: &mut Vec<Command>) {
    if button::link(ui, "Copy details").clicked() {
        commands.push(Command::Window(WindowCommand::CopyText(failure.full_text())));
    }
}

/// A failure where content would be, with a way out.
pub fn failure_block(ui: &mut Ui, failure: &Failure, retry: Option<Command>, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    empty_frame(ui, |ui| {
        place_icon(ui, icons::ERROR, tokens.bad);
        text::paragraph(ui, &failure.headline(), theme::semibold(tokens::TITLE), tokens.text);
        text::paragraph(ui, &failure.advice(), theme::font(tokens::BODY), tokens.dim);
        ui.add_space(tokens::GAP);
        ui.horizontal(|ui| {
            if let Some(retry) = retry
                && ui.add(Button::new("Try again").icon(icons::REFRESH)).clicked()
            {
                commands.push(retry);
            }
            if ui.add(Button::new("Copy details").quiet().icon(icons::COPY)).clicked() {
                commands.push(Command::Window(WindowCommand::CopyText(failure.full_text())));
            }
        });
    });
}

/// An empty place: what it is for, and the next step.
pub fn empty(
    ui: &mut Ui,
    icon: Icon,
    title: &str,
    words: &str,
    action: Option<(&str, Command)>,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    empty_frame(ui, |ui| {
        place_icon(ui, icon, tokens.faint);
        text::paragraph(ui, title, theme::semibold(tokens::TITLE), tokens.text);
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        if let Some((label, command)) = action {
            ui.add_space(tokens::GAP);
            if ui.add(Button::new(label)).clicked() {
                commands.push(command);
            }
        }
    });
}

fn place_icon(ui: &mut Ui, icon: Icon, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(40.0, 44.0), egui::Sense::hover());
    icons::paint(ui.painter(), rect.left_center() + vec2(18.0, 0.0), icon, 36.0, color);
}

/// A column of at most 380 points in the middle of the room that is left.
fn empty_frame(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let room = ui.available_rect_before_wrap();
    let width = (room.width() - 48.0).clamp(120.0, 380.0);
    let top = room.top() + (room.height() * 0.5 - 110.0).max(16.0);
    let rect = egui::Rect::from_min_size(
        egui::pos2(room.center().x - width / 2.0, top),
        vec2(width, (room.bottom() - top).max(40.0)),
    );
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    content(&mut child);
    ui.advance_cursor_after_rect(room);
}

/// A tinted box with lines of text; for warnings inside dialogs.
pub fn banner(ui: &mut Ui, severity: Severity, lines: &[String]) {
    let tokens = theme::of(ui);
    let (fill, color) = match severity {
        Severity::Error => (tokens.bad_fill, tokens.on_bad),
        Severity::Warning => (tokens.warning_fill, tokens.on_warning),
        Severity::Info | Severity::Success => (tokens.raised, tokens.text),
    };
    Frame::new().fill(fill).corner_radius(CornerRadius::same(8)).inner_margin(Margin::symmetric(12, 9)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            for line in lines {
                text::paragraph(ui, line, theme::font(tokens::BODY), color);
            }
        },
    );
}
