//! The sliders for brightness, contrast and gamma, below their button. They move the state alone; pixels are made again in
//! the engine.

use egui::{Area, CornerRadius, Frame, Id, Margin, Rect, Stroke, Theme, Ui, pos2, vec2};

use crate::theme::{self, tokens};
use crate::widgets::{Button, choice, text};
use app::{CanvasCommand, Command};
use domain::Adjust;

const WIDTH: f32 = 268.0;

/// Shows the sliders with their right edge at that of `button`, from `top` on: below all buttons.
pub(super) fn adjust_ui(ui: &Ui, button: Rect, top: f32, adjust: Adjust, commands: &mut Vec<Command>) {
    let frame = Frame::new()
        .fill(theme::DARK.panel)
        .stroke(Stroke::new(1.0, theme::DARK.line))
        .corner_radius(CornerRadius::same(8))
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin::same(12));
    let left = (button.right() - WIDTH - 24.0).max(ui.ctx().content_rect().left() + 8.0);
    let area = Area::new(Id::unique("adjust")).fixed_pos(pos2(left, top - 2.0));
    area.order(egui::Order::Middle).show(ui.ctx(), |ui| {
        ui.set_style(ui.ctx().style_of(Theme::Dark));
        frame.show(ui, |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing = vec2(8.0, 2.0);
            let mut fresh = adjust;
            let percent = |value: f32| match (value * 100.0).round() {
                0.0 => "0 %".to_owned(),
                percent => format!("{percent:+.0} %"),
            };
            text::hint(ui, "Display only. Exports are not affected.");
            ui.add_space(tokens::GAP_SMALL);
            line_ui(ui, "Brightness", &mut fresh.brightness, -1.0..=1.0, percent);
            line_ui(ui, "Contrast", &mut fresh.contrast, -1.0..=1.0, percent);
            // The middle of the slider is 1, and twice as much is as far from it as half as much.
            let mut exponent = fresh.gamma.ln();
            line_ui(ui, "Gamma", &mut exponent, Adjust::GAMMA.0.ln()..=Adjust::GAMMA.1.ln(), |value| {
                format!("{:.2}", value.exp())
            });
            if exponent != adjust.gamma.ln() {
                fresh.gamma = exponent.exp();
            }
            ui.add_space(tokens::GAP_SMALL);
            if ui.add(Button::new("Reset").height(24.0).enabled(!adjust.is_neutral())).clicked() {
                fresh = Adjust::default();
            }
            if fresh != adjust {
                commands.push(Command::Canvas(CanvasCommand::Adjust(fresh)));
            }
        });
    });
}

fn line_ui(
    ui: &mut Ui,
    name: &str,
    value: &mut f32,
    range: std::ops::RangeInclusive<f32>,
    words: impl Fn(f32) -> String,
) {
    ui.horizontal(|ui| {
        let tokens = theme::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, tokens::CONTROL), egui::Sense::hover());
        text::paint_elided(ui.painter(), rect.left_center(), name, theme::font(tokens::BODY), tokens.text, 72.0);
        let (response, fresh) = choice::slider(ui, name, *value, range, 128.0);
        if let Some(fresh) = fresh {
            // Near its middle a slider means the middle.
            *value = if fresh.abs() < 0.02 && response.dragged() { 0.0 } else { fresh };
        }
        if response.double_clicked() {
            *value = 0.0;
        }
        let (rect, _) = ui.allocate_exact_size(vec2(52.0, tokens::CONTROL), egui::Sense::hover());
        let font = theme::font(tokens::SMALL);
        let (right, align) = (rect.right_center(), egui::Align2::RIGHT_CENTER);
        text::figures(ui.painter(), right, align, &words(*value), font, tokens.dim, rect.width());
    });
}
