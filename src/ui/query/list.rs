//! Below the box while somebody types: completions at the cursor, and the error in the text with the likely fix. At all
//! other times the error has a line of its own below the bar, until it is fixed.

use egui::{Area, Frame, Id, Key, Margin, Modifiers, Panel, Rect, ScrollArea, Stroke, Ui, pos2, vec2};

use super::start::start_ui;
use super::{QueryView, pause};
use crate::icons;
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::row::row;
use crate::widgets::{button, choice, text};
use app::state::Opened;
use app::{Command, QueryCommand, State};
use domain::query::{Completion, Offer, OfferKind, Vocabulary, complete};

#[derive(Debug, Default)]
pub(super) struct ListView {
    /// What was offered in the last frame; keys act on it.
    pub(super) completion: Option<Completion>,
    /// The offer that the arrows have reached.
    place: Option<usize>,
    /// The text for which the list was closed.
    closed_for: Option<String>,
    /// Whether the arrows have just moved.
    has_moved: bool,
    /// Where it was; a click there does not end the typing.
    rect: Option<Rect>,
}

impl ListView {
    /// Closes the list until the text is another one.
    pub(super) fn close_for(&mut self, text: &str) {
        (self.completion, self.place, self.closed_for) = (None, None, Some(text.to_owned()));
    }
}

/// The text after the keys of this frame that belong to the list.
pub(super) struct Typing {
    pub text: String,
    pub has_offers: bool,
}

const ROW: f32 = 26.0;
const MOST_ROWS: f32 = 9.0;

/// Takes the keys that belong to the list before the field sees them.
pub(super) fn keys(
    ui: &Ui,
    state: &State,
    opened: &Opened,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) -> Typing {
    let mut text = opened.query.text.clone();
    let has_focus = ui.memory(|memory| memory.has_focus(super::box_id()));
    if has_focus && let Some(text) = super::saved::step(ui, state, opened, view, commands) {
        return Typing { text, has_offers: false };
    }
    let Some(completion) = view.list.completion.clone().filter(|_| has_focus) else {
        return Typing { text, has_offers: false };
    };
    let count = completion.offers.len();
    let (steps, is_taken, is_closed) = ui.input_mut(|input| {
        let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as i64;
        let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as i64;
        let is_entered = view.list.place.is_some() && input.consume_key(Modifiers::NONE, Key::Enter);
        let is_taken = is_entered || input.consume_key(Modifiers::NONE, Key::Tab);
        (down - up, is_taken, input.consume_key(Modifiers::NONE, Key::Escape))
    });
    view.list.has_moved = steps != 0;
    if steps != 0 {
        let place = view.list.place.map_or(-1, |place| place as i64) + steps;
        // Above the first one nothing is chosen.
        view.list.place = usize::try_from(place).ok().map(|place| place.min(count.saturating_sub(1)));
    }
    if is_closed {
        view.list.closed_for = Some(text.clone());
        view.list.completion = None;
    }
    if let Some(offer) = completion.offers.get(view.list.place.unwrap_or(0)).filter(|_| is_taken) {
        text = take(&text, &completion, offer, ui.input(|input| input.time), view, commands);
    }
    Typing { text, has_offers: view.list.completion.is_some() }
}

/// Puts an offer in its place.
fn take(
    text: &str,
    completion: &Completion,
    offer: &Offer,
    now: f64,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) -> String {
    let mut text = text.to_owned();
    let is_whole = text.get(completion.range.clone()).is_some();
    if is_whole {
        text.replace_range(completion.range.clone(), &offer.text);
        view.caret = Some(completion.range.start + offer.text.len());
        commands.push(Command::Query(QueryCommand::Type(text.clone())));
        view.pause.typed(now);
        if pause::is_term_whole(&text, completion.range.start + offer.text.len()) {
            commands.push(Command::Query(QueryCommand::ApplyTyped { reports_error: false }));
        }
    }
    (view.list.completion, view.list.place) = (None, None);
    text
}

#[expect(clippy::too_many_arguments, reason = "the box hands over what it has just shown")]
pub(super) fn list_ui(
    ui: &Ui,
    field: Rect,
    state: &State,
    opened: &Opened,
    typed: &str,
    cursor: usize,
    has_focus: bool,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) {
    // A click on the list takes the keyboard from the field before it is a click.
    let is_over = view
        .list
        .rect
        .is_some_and(|rect| ui.input(|input| input.pointer.latest_pos()).is_some_and(|pos| rect.contains(pos)));
    if !has_focus && !is_over {
        view.list = ListView::default();
        return;
    }
    if has_focus {
        if view.list.closed_for.as_deref().is_some_and(|text| text != typed) {
            view.list.closed_for = None;
        }
        let vocabulary = Vocabulary { tags: opened.catalogue.tags(), facets: &opened.query.facets.index };
        let is_closed = view.list.closed_for.is_some();
        let fresh = complete(typed, cursor, vocabulary).filter(|_| !is_closed);
        if fresh.as_ref().map(|fresh| &fresh.offers) != view.list.completion.as_ref().map(|old| &old.offers) {
            view.list.place = None;
        }
        view.list.completion = fresh;
    }
    let error = opened.query.error.as_ref();
    let is_empty = typed.trim().is_empty();
    if view.list.completion.is_none() && error.is_none() && !is_empty {
        view.list.rect = None;
        return;
    }
    let tokens = theme::of(ui);
    let window = ui.ctx().content_rect();
    let width = field.width().clamp(300.0, 520.0).min(window.width() - 16.0);
    let left = field.left().min(window.right() - width - 8.0).max(8.0);
    let frame = Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(8)
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin::same(6));
    let area =
        Area::new(Id::unique("query list")).order(egui::Order::Foreground).fixed_pos(pos2(left, field.bottom() + 4.0));
    let shown = area.show(ui.ctx(), |ui| {
        frame.show(ui, |ui| {
            ui.set_width(width - 14.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some(completion) = view.list.completion.clone() {
                offers_ui(ui, opened, &completion, typed, view, commands);
            } else if is_empty {
                super::saved::rows_ui(ui, state, opened, view, commands);
                start_ui(ui, opened, view, commands);
            }
            if error.is_some() {
                ui.add_space(2.0);
                error_ui(ui, opened, typed, view, commands);
            }
        });
    });
    view.list.rect = Some(shown.response.rect);
}

fn offers_ui(
    ui: &mut Ui,
    opened: &Opened,
    completion: &Completion,
    typed: &str,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) {
    let place = view.list.place;
    let mut taken = None;
    // Without the second height, a list that was short would stay so while it gets longer.
    let height = ROW * MOST_ROWS;
    let area = ScrollArea::vertical().id_salt("offers").max_height(height).min_scrolled_height(height);
    area.auto_shrink([false, true]).show(ui, |ui| {
        for (at, offer) in completion.offers.iter().enumerate() {
            let (rect, response) = row(ui, &offer.label, ROW, place == Some(at));
            if place == Some(at) && view.list.has_moved {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                taken = Some(offer);
            }
            if ui.is_rect_visible(rect) {
                // Tab takes the first one while the arrows have chosen none.
                let has_key = place.map_or(at == 0, |place| place == at);
                offer_row(ui, rect, opened, offer, has_key);
            }
        }
    });
    if let Some(offer) = taken {
        take(typed, completion, offer, ui.input(|input| input.time), view, commands);
        ui.memory_mut(|memory| memory.request_focus(super::box_id()));
    }
}

fn offer_row(ui: &Ui, rect: Rect, opened: &Opened, offer: &Offer, has_key: bool) {
    let tokens = theme::of(ui);
    let y = rect.center().y;
    let mut left = rect.left() + 8.0;
    if let OfferKind::Tag(tag) = offer.kind
        && tag.index() < opened.catalogue.tags().len()
    {
        choice::swatch(ui, pos2(left + 5.0, y), TagStyle::of(opened.catalogue.tags().get(tag)).color, false);
        left += 18.0;
    }
    let mut right = rect.right() - 8.0;
    if has_key {
        right -= button::paint_key_cap_at(ui, pos2(right, y), "Tab") + 8.0;
    }
    let name = text::paint_elided(
        ui.painter(),
        pos2(left, y),
        &offer.label,
        theme::font(tokens::BODY),
        tokens.text,
        right - left,
    );
    let rest = right - left - name - 14.0;
    if rest < 40.0 || offer.remark.is_empty() {
        return;
    }
    let remark = match offer.kind {
        OfferKind::Tag(_) => {
            offer.remark.parse().map_or_else(|_| offer.remark.clone(), |number| text::count(number, "image", "images"))
        }
        _ => offer.remark.clone(),
    };
    let galley = text::elided(ui.painter(), &remark, theme::font(12.0), tokens.dim, rest);
    ui.painter().galley(pos2(right - galley.size().x, y - galley.size().y / 2.0), galley, tokens.dim);
}

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
