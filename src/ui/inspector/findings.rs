//! What looks wrong on the image: a sentence each. A click goes to the boxes on the canvas; what is no problem is
//! dismissed, and can be put back.

use egui::{CornerRadius, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::icons;
use crate::link;
use crate::menus::finding_menu;
use crate::theme::{self, tokens};
use crate::widgets::button::link_sized;
use crate::widgets::{message, paint, row, text};
use app::checks::{CheckCommand, ShownFinding};
use app::state::Opened;
use app::{Command, Severity, State};
use domain::ImageView;

const MOST: usize = 30;

pub(super) fn findings_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    commands: &mut Vec<Command>,
) {
    let checks = &opened.checks;
    let shown = checks.shown(&opened.catalogue, image.ix);
    let count = checks.findings.count(image.ix);
    let hidden = checks.findings.of(image.ix).iter().filter(|known| known.is_dismissed).count();
    let title = format!("Findings  {}", text::thousands(u64::from(count)));
    let label = match (checks.shows_dismissed, hidden) {
        (_, 0) => None,
        (true, _) => Some("Hide dismissed".to_owned()),
        (false, hidden) => Some(format!("Show {hidden} dismissed")),
    };
    match label {
        Some(label) => super::head_with_link(ui, &title, &label, || {
            commands.push(Command::Check(CheckCommand::ToggleDismissed));
        }),
        None => {
            text::section(ui, &title, None);
        }
    }
    ui.add_space(tokens::GAP_SMALL);
    if shown.is_empty() {
        text::dim(ui, if checks.is_complete() { "No findings." } else { "None so far." });
    }
    let mut pointed = None;
    for finding in shown.iter().take(MOST) {
        if finding_ui(ui, state, opened, image, finding, commands) {
            pointed = finding.finding.regions().next();
        }
    }
    link::set_from_findings(ui.ctx(), pointed);
    if shown.len() > MOST {
        text::hint(ui, &format!("and {} more", shown.len() - MOST));
    }
}

/// One finding; whether the pointer is on it.
fn finding_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    shown: &ShownFinding,
    commands: &mut Vec<Command>,
) -> bool {
    let tokens = theme::of(ui);
    let sentence = shown.finding.message(&opened.catalogue);
    let is_current = opened.checks.current == Some(shown.key);
    let color = if shown.is_dismissed { tokens.dim } else { tokens.text };
    let width = ui.available_width();
    let galley = ui.painter().layout(sentence.clone(), theme::font(tokens::SMALL), color, width - 22.0);
    let height = galley.size().y + 8.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, &sentence));
    row::band(ui, rect.expand2(vec2(6.0, 0.0)), &response, is_current);
    let (icon, mark) = message::mark(tokens, Severity::Warning);
    let mark = if shown.is_dismissed { tokens.faint } else { mark };
    icons::paint(ui.painter(), pos2(rect.left() + 7.0, rect.top() + 11.0), icon, 14.0, mark);
    ui.painter().galley(pos2(rect.left() + 22.0, rect.top() + 4.0), galley, color);
    paint::focus_ring(ui, rect, &response, CornerRadius::same(tokens::RADIUS).nw);
    let is_pointed = response.hovered();
    finding_menu(&response, state, opened, image, shown, commands);
    if response.on_hover_text(shown.finding.kind().label()).clicked() {
        commands.push(Command::Check(CheckCommand::Show(shown.key)));
    }
    ui.spacing_mut().interact_size.y = 16.0;
    ui.horizontal(|ui| {
        ui.add_space(22.0);
        let (label, command) = match shown.is_dismissed {
            false => ("Dismiss", CheckCommand::Dismiss(shown.key)),
            true => ("Restore", CheckCommand::Restore(shown.key)),
        };
        if link_sized(ui, label, tokens::SMALL).on_hover_text("Dismissed findings are not problems").clicked() {
            commands.push(Command::Check(command));
        }
    });
    ui.add_space(tokens::GAP_SMALL);
    is_pointed
}
