//! The error in the query, with the likely fix: below the completions while somebody types, in a line of its own below the
//! bar at all other times, until it is fixed.

use egui::{Frame, Margin, Panel, Ui, vec2};

use super::QueryView;
use crate::icons;
use crate::theme;
use crate::widgets::{button, text};
use app::state::Opened;
use app::{Command, QueryCommand};

/// The line below the bar. What the pointer is pressed on does not move away from under it.
pub(crate) fn error_line_ui(ui: &mut Ui, opened: &Opened, view: &mut QueryView, commands: &mut Vec<Command>) {
    let is_typing = ui.memory(|memory| memory.has_focus(super::box_id()));
    let is_pressed = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
    if !is_pressed {
        view.has_error_line = opened.query.error.is_some() && !is_typing;
    }
    if !view.has_error_line || opened.query.error.is_none() {
        return;
    }
    let frame = Frame::new().fill(theme::panel_fill(ui)).inner_margin(Margin::symmetric(12, 4));
    Panel::top("query error").frame(frame).show(ui, |ui| {
        error_ui(ui, opened, &opened.query.text, view, commands);
    });
}

/// The error, and a link that fixes it where the right word is known.
pub(super) fn error_ui(ui: &mut Ui, opened: &Opened, typed: &str, view: &mut QueryView, commands: &mut Vec<Command>) {
    let Some(error) = &opened.query.error else { return };
    let tokens = theme::of(ui);
    let used = error.replacement.as_ref().map(|words| format!("Use {words}"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(20.0, 24.0), egui::Sense::hover());
        icons::paint(ui.painter(), rect.center(), icons::ERROR, 15.0, tokens.bad);
        let room = used.as_ref().map_or(0.0, |used| 16.0 + 7.5 * used.chars().count().min(20) as f32);
        ui.allocate_ui(vec2((ui.available_width() - room).max(80.0), 24.0), |ui| {
            text::paragraph(ui, &error_words(opened), theme::font(12.5), tokens.on_bad);
        });
        if let Some((replacement, label)) = error.replacement.as_ref().zip(used)
            && button::link(ui, &label).clicked()
            && typed.get(error.range.clone()).is_some()
        {
            let mut text = typed.to_owned();
            text.replace_range(error.range.clone(), replacement);
            view.caret = Some(error.range.start + replacement.len());
            commands.push(Command::Query(QueryCommand::Edit(text)));
            ui.memory_mut(|memory| memory.request_focus(super::box_id()));
        }
    });
}

/// The error as a sentence, and which images are shown meanwhile.
pub(crate) fn error_words(opened: &Opened) -> String {
    let Some(error) = &opened.query.error else { return String::new() };
    let shown = match opened.query.text_in_force().trim() {
        "" => "All images are shown until it is fixed.".to_owned(),
        good => format!("The list still shows \u{201c}{good}\u{201d}."),
    };
    format!("{} {shown}", sentence(&error.to_string()))
}

/// As a sentence of its own, with the quotes of prose: the command line quotes with backticks.
fn sentence(words: &str) -> String {
    let mut is_open = false;
    let quote = |letter: char| match letter {
        '`' => {
            is_open = !is_open;
            if is_open { '\u{201c}' } else { '\u{201d}' }
        }
        other => other,
    };
    let words: String = words.chars().map(quote).collect();
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if words.ends_with(['?', '.']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_sentence_with_the_quotes_of_prose() {
        let words = sentence("no tag `tga 1`; did you mean `tag 1`?");
        assert_eq!(words, "No tag \u{201c}tga 1\u{201d}; did you mean \u{201c}tag 1\u{201d}?");
        assert_eq!(sentence("`w` needs a value"), "\u{201c}w\u{201d} needs a value.");
    }
}
