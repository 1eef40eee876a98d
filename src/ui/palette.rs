//! The command palette: every action by name, found by its letters in order.

use egui::{Align2, Area, CornerRadius, Frame, Id, Key, Margin, Modal, ScrollArea, Stroke, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::row::row;
use super::widgets::{Field, button, text};
use super::{ViewState, icons, keys};
use app::{Action, Command, State, WindowCommand};

#[derive(Debug, Default)]
pub(super) struct PaletteView {
    search: String,
    place: usize,
    is_open: bool,
    /// What had the keyboard when it opened.
    focused_before: Option<Id>,
}

impl PaletteView {
    /// Gives the keyboard back, unless an action was chosen: that may have a place for it.
    pub(super) fn close(&mut self, ui: &Ui) {
        if self.is_open {
            if let Some(id) = self.focused_before {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            *self = Self::default();
        }
    }
}

const ROW: f32 = 32.0;

pub(super) fn palette_ui(ui: &Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let window = ui.ctx().content_rect();
    let found = found(state, &view.palette.search);
    let step = ui.input_mut(|input| {
        let down = input.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowDown) as i64;
        down - input.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowUp) as i64
    });
    let last = found.len().saturating_sub(1) as i64;
    view.palette.place = usize::try_from((view.palette.place as i64 + step).clamp(0, last)).unwrap_or_default();
    let is_entered = ui.input(|input| input.key_pressed(Key::Enter));
    let mut chosen = found.get(view.palette.place).copied().filter(|_| is_entered);

    let area = Area::new(Id::unique("palette"))
        .kind(egui::UiKind::Modal)
        .anchor(Align2::CENTER_TOP, vec2(0.0, (window.height() * 0.12).min(96.0)))
        .order(egui::Order::Foreground)
        .interactable(true);
    let frame = Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(tokens::DIALOG_RADIUS))
        .shadow(ui.visuals().window_shadow)
        .inner_margin(Margin::same(10));
    let modal = Modal::new(Id::unique("palette")).area(area).frame(frame).backdrop_color(tokens.scrim);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(560.0_f32.min(window.width() - 80.0));
        // The area keeps the height of a short list; a longer one may grow again.
        ui.set_max_height(window.height());
        ui.spacing_mut().item_spacing.y = 0.0;
        let field =
            Field::new(Id::unique("palette search"), "Search actions").hint("Type a command").icon(icons::SEARCH);
        let (response, _) = field.height(36.0).show(ui, &mut view.palette.search);
        if !std::mem::replace(&mut view.palette.is_open, true) {
            view.palette.focused_before = ui.memory(egui::Memory::focused);
            response.request_focus();
        }
        if response.changed() {
            view.palette.place = 0;
        }
        ui.add_space(tokens::GAP);
        let height = (window.height() * 0.6).min(ROW * 12.0);
        ScrollArea::vertical().id_salt("actions").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            for (at, &action) in found.iter().enumerate() {
                let is_next = at == view.palette.place;
                if action_ui(ui, state, action, is_next, step != 0) {
                    chosen = Some(action);
                }
            }
            if found.is_empty() {
                ui.add_space(tokens::GAP);
                text::dim(ui, "No matching action.");
                ui.add_space(tokens::GAP);
            }
        });
    });
    if let Some(action) = chosen {
        view.palette.focused_before = None;
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        keys::perform(action, false, state, view, commands);
    } else if shown.backdrop_response.clicked() {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
    }
}

fn action_ui(ui: &mut Ui, state: &State, action: Action, is_next: bool, has_moved: bool) -> bool {
    let tokens = theme::of(ui);
    let words = action.text();
    let label = action.name_now(state);
    let (rect, response) = row(ui, &label, ROW, is_next);
    if is_next && has_moved {
        response.scroll_to_me(None);
    }
    let mut right = rect.right() - 10.0;
    if let Some(key) = state.keys.cap(action) {
        right -= button::paint_key_cap_at(ui, pos2(right, rect.center().y), &key) + 12.0;
    }
    let left = pos2(rect.left() + 10.0, rect.center().y);
    let painter = ui.painter();
    let font = theme::font(tokens::BODY);
    let width = text::paint_elided(painter, left, &label, font, tokens.text, right - left.x);
    let rest = right - left.x - width - 12.0;
    if rest > 60.0 && !words.tooltip.is_empty() {
        let at = pos2(left.x + width + 12.0, left.y);
        text::paint_elided(painter, at, words.tooltip, theme::font(12.0), tokens.dim, rest);
    }
    response.clicked()
}

/// The actions that can be done now and have the letters, the best first.
fn found(state: &State, search: &str) -> Vec<Action> {
    let mut scored: Vec<_> = Action::ALL
        .iter()
        .filter(|&&action| !matches!(action, Action::Palette | Action::Back) && action.is_enabled(state))
        .filter(|&&action| action == Action::FindText || action.command(state).is_some())
        .filter_map(|&action| score(&action.name_now(state), search).map(|score| (score, action)))
        // Letters scattered over a label are no match.
        .filter(|&(score, _)| score > 0 || search.trim().chars().count() < 2)
        .collect();
    // Stable: equals stay in the order of the table.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, action)| action).collect()
}

/// How well the letters of `search` are found in `label`, in order; `None` when they are not.
fn score(label: &str, search: &str) -> Option<i32> {
    let mut score = 0;
    let label: Vec<char> = label.to_lowercase().chars().collect();
    let mut at = 0;
    let mut previous = None;
    for wanted in search.to_lowercase().chars().filter(|ch| !ch.is_whitespace()) {
        let place = at + label[at..].iter().position(|&ch| ch == wanted)?;
        let is_word_start = place == 0 || !label[place - 1].is_alphanumeric();
        let is_next = previous.is_some_and(|previous: usize| previous + 1 == place);
        score += if is_next {
            5
        } else if is_word_start {
            4
        } else {
            1
        };
        score -= i32::try_from(place - at).unwrap_or(0).min(3);
        previous = Some(place);
        at = place + 1;
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_order() {
        assert!(score("Select all shown", "sas").is_some());
        assert_eq!(score("Select all shown", "xyz"), None);
        assert!(score("Zoom in", "zoom") > score("Stop listing at zoom", "zoom"));
        assert!(score("Export...", "exp") > score("Next image of export", "exp"));
    }

    #[test]
    fn without_a_project_its_actions_are_not_offered() {
        let state = State::default();
        let all = found(&state, "");
        assert!(all.contains(&Action::OpenSample) && !all.contains(&Action::Export));
        assert_eq!(found(&state, "sample").first(), Some(&Action::OpenSample));
    }
}
