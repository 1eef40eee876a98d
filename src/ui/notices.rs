//! Notices: messages for what has no place of its own, at the bottom right; nothing under them moves. An error, and
//! whatever has a button of its own, stays until it is put away. A success goes after a few seconds, a warning with the
//! screen that it came on. And what was just done, undone or redone, in words at the foot of the stage for a few seconds:
//! where the person looks; the status bar keeps it after that.

use std::time::Duration;

use egui::{
    Align, Align2, Area, CornerRadius, Frame, Id, Layout, Margin, Order, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use rustc_hash::FxHashMap;

use super::icons;
use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::{Button, message, text};
use app::review::Reversal;
use app::state::Opened;
use app::{Action, Command, Notice, Screen, Severity, State, WindowCommand};

const WIDTH: f32 = 340.0;

/// How long a success is shown, in seconds.
const BRIEFLY: f64 = 5.0;

#[derive(Debug, Default)]
pub(super) struct NoticesView {
    seen: FxHashMap<u64, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    since: f64,
    screen: Screen,
}

impl NoticesView {
    /// Puts away what has been shown for long enough. `is_read`: the pointer is on the notices, so the time stands still.
    fn put_away(&mut self, ui: &Ui, state: &State, is_read: bool, commands: &mut Vec<Command>) {
        let now = ui.input(|input| input.time);
        self.seen.retain(|id, _| state.notices.iter().any(|notice| notice.id == *id));
        for notice in state.notices.iter().filter(|notice| notice.action.is_none()) {
            let fresh = Seen { since: now, screen: state.screen };
            let seen = self.seen.entry(notice.id).or_insert(fresh);
            if is_read {
                seen.since = now;
            }
            let is_over = match notice.severity {
                Severity::Success | Severity::Info => {
                    let rest = BRIEFLY - (now - seen.since);
                    ui.ctx().request_repaint_after(Duration::from_secs_f64(rest.max(0.0)));
                    rest <= 0.0
                }
                Severity::Warning => seen.screen != state.screen,
                Severity::Error => false,
            };
            if is_over {
                commands.push(Command::Window(WindowCommand::DismissNotice(notice.id)));
            }
        }
    }
}

pub(super) fn notices_ui(ui: &Ui, state: &State, view: &mut NoticesView, commands: &mut Vec<Command>) {
    if state.notices.is_empty() {
        view.seen.clear();
        return;
    }
    let offset = vec2(-16.0, -(tokens::STATUS_BAR + 16.0));
    let area = Area::new(Id::unique("notices")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset);
    let shown = area.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP);
        for notice in &state.notices {
            notice_ui(ui, notice, commands);
        }
    });
    view.put_away(ui, state, shown.response.contains_pointer(), commands);
}

fn notice_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (icon, color) = message::mark(tokens, notice.severity);
    let frame = Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(8))
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin { left: 12, right: 6, top: 8, bottom: 10 });
    let shown = frame.show(ui, |ui| {
        ui.set_width(WIDTH - 18.0);
        ui.spacing_mut().item_spacing = vec2(tokens::GAP, 3.0);
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 26.0), Sense::hover());
            icons::paint(ui.painter(), rect.center(), icon, 17.0, color);
            ui.vertical(|ui| {
                ui.add_space(4.0);
                ui.set_width(WIDTH - 90.0);
                text::paragraph(ui, &notice.title, theme::semibold(tokens::BODY), tokens.text);
                if !notice.body.is_empty() {
                    text::paragraph(ui, &notice.body, theme::font(12.0), tokens.dim);
                }
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = tokens::GAP_LARGE;
                    if let Some(action) = &notice.action
                        && link_sized(ui, action.label(), 12.0).clicked()
                    {
                        commands.push(action.into());
                        commands.push(Command::Window(WindowCommand::DismissNotice(notice.id)));
                    }
                    if !notice.details.is_empty() && link_sized(ui, "Copy details", 12.0).clicked() {
                        let parts = [&notice.title, &notice.body, &notice.details];
                        let lines: Vec<_> =
                            parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect();
                        commands.push(Command::Window(WindowCommand::CopyText(lines.join("\n"))));
                    }
                });
            });
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                let name = format!("Dismiss: {}", notice.title);
                if ui.add(Button::icon_only(icons::CLOSE, &name).height(24.0)).clicked() {
                    commands.push(Command::Window(WindowCommand::DismissNotice(notice.id)));
                }
            });
        });
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &notice.title));
}

/// Seconds that it stays.
const SECONDS: f64 = 5.0;

/// Which remark is shown, and since when.
#[derive(Default)]
pub(crate) struct SaidView {
    number: u64,
    since: f64,
}

/// Shows the last remark over the foot of `stage` while it is new, with the button that takes back what it tells.
pub(crate) fn said_ui(
    ui: &mut Ui,
    stage: Rect,
    state: &State,
    opened: &Opened,
    view: &mut SaidView,
    commands: &mut Vec<Command>,
) {
    let Some(said) = &opened.review.remark else { return };
    let now = ui.input(|input| input.time);
    if view.number != said.number {
        *view = SaidView { number: said.number, since: now };
    }
    let left = view.since + SECONDS - now;
    if left <= 0.0 {
        return;
    }
    ui.ctx().request_repaint_after_secs(left as f32);
    let tokens = theme::of(ui);
    let button = said.reversal.map(|reversal| {
        let (words, action) = match reversal {
            Reversal::Undo => ("Undo", Action::Undo),
            Reversal::Redo => ("Redo", Action::Redo),
        };
        (action, Button::new(words).name(action.text().label).key_if(state.keys.cap(action)).quiet().height(24.0))
    });
    let button_width = button.as_ref().map_or(0.0, |(_, button)| button.width(ui) + tokens::GAP);
    let room = stage.width() - 4.0 * tokens::GAP_LARGE - button_width;
    let galley = text::elided(ui.painter(), &said.words, theme::semibold(tokens::BODY), tokens.text, room);
    let size = galley.size() + vec2(28.0 + button_width, 16.0);
    let rect = Align2::CENTER_BOTTOM.anchor_rect(Rect::from_min_size(stage.center_bottom() - vec2(0.0, 52.0), size));
    // A click beside the button must not choose the picture below.
    let sense = if button.is_some() { Sense::CLICK } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with("what was just done"), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &said.words));
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(8), tokens.panel, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let text_at = pos2(rect.left() + 14.0, rect.center().y - galley.size().y / 2.0);
    painter.galley(text_at, galley, tokens.text);
    let Some((action, button)) = button else { return };
    let place = rect.with_min_x(rect.right() - button_width).with_max_x(rect.right() - tokens::GAP_SMALL);
    let answer = ui.put(place, button);
    if response.contains_pointer() || answer.contains_pointer() {
        view.since = now;
    }
    if answer.clicked() {
        commands.extend(action.command(state));
    }
}
