//! Notices: messages for what has no place of its own, at the bottom right. They stay until they are put away, and
//! nothing under them moves.

use egui::{
    Align, Align2, Area, CornerRadius, Frame, Id, Layout, Margin, Order, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::{Button, message, text};
use crate::app::{Command, Notice, State};

const WIDTH: f32 = 340.0;

pub(super) fn notices_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    if state.notices.is_empty() {
        return;
    }
    let offset = vec2(-16.0, -(tokens::STATUS_BAR + 16.0));
    let area = Area::new(Id::unique("notices")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset);
    area.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP);
        for notice in &state.notices {
            notice_ui(ui, notice, commands);
        }
    });
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
                    if let Some((label, command)) = &notice.action
                        && link_sized(ui, label, 12.0).clicked()
                    {
                        commands.push(command.clone());
                        commands.push(Command::DismissNotice(notice.id));
                    }
                    if !notice.details.is_empty() && link_sized(ui, "Copy details", 12.0).clicked() {
                        let parts = [&notice.title, &notice.body, &notice.details];
                        let lines: Vec<_> =
                            parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect();
                        commands.push(Command::CopyText(lines.join("\n")));
                    }
                });
            });
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                let name = format!("Put away: {}", notice.title);
                if ui.add(Button::icon_only(icons::CLOSE, &name).height(24.0)).clicked() {
                    commands.push(Command::DismissNotice(notice.id));
                }
            });
        });
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &notice.title));
}
