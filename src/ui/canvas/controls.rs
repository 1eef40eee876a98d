//! The buttons over the picture, and the sliders for brightness, contrast and gamma below them. Always dark: they lie
//! on the canvas, which is dark in both themes.

use egui::{
    Align, Area, CornerRadius, DragValue, Frame, Id, Layout, Margin, Rect, Stroke, Theme, Ui, UiBuilder, pos2, vec2,
};

use super::viewport::Viewport;
use crate::icons;
use crate::settings_dialog::{LookScope, view_ui};
use crate::theme::{self, tokens};
use crate::widgets::{AtRight, Button, choice, text};
use app::canvas::ZoomCommand;
use app::state::Opened;
use app::view::View;
use app::{Action, CanvasCommand, Command, CompareCommand, DisplayCommand, State};
use domain::{Adjust, ImageView};

/// From the canvas's edge to the buttons.
pub(super) const MARGIN: f32 = 10.0;

/// From the canvas's top to what is below the buttons.
pub(super) const TOP: f32 = MARGIN + tokens::CONTROL + 8.0;

/// A `Ui` in the dark style, whatever the theme.
pub(super) fn dark_ui(ui: &mut Ui, salt: &str, rect: Rect, layout: Layout) -> Ui {
    let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(layout));
    child.set_style(ui.ctx().style_of(Theme::Dark));
    child.spacing_mut().item_spacing.x = 6.0;
    child
}

pub(super) struct Buttons {
    /// The one that hides the boxes is held.
    pub(super) is_held: bool,
    /// Where the one for the sliders is.
    pub(super) adjust: Option<Rect>,
}

pub(super) fn buttons_ui(
    ui: &mut Ui,
    view: Rect,
    viewport: &Viewport,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> Buttons {
    let row = Rect::from_min_size(view.min + vec2(MARGIN, MARGIN), vec2(view.width() - 2.0 * MARGIN, tokens::CONTROL));
    let mut left = dark_ui(ui, "canvas left", row, Layout::left_to_right(Align::Center));
    let back = match opened.before_canvas {
        View::Wall => "Regions",
        View::Statistics => "Statistics",
        View::Evaluation => "Evaluation",
        View::Grid | View::Canvas => "Grid",
    };
    if left.add(Button::new(back).icon(icons::BACK).key_if(state.keys.cap(Action::Back))).clicked() {
        commands.push(Command::Display(DisplayCommand::SetView(opened.before_canvas)));
    }
    let fit = Button::new("Fit").key_if(state.keys.cap(Action::Fit)).selected(viewport.is_fit());
    if left.add(fit).clicked() {
        commands.push(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Fit)));
    }
    let one = left.add(Button::new("1:1").key_if(state.keys.cap(Action::OneToOne)));
    if one.clicked() {
        commands.push(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::OneToOne)));
    }
    if let Some(image) = opened.current() {
        one.on_hover_text(one_to_one_text(image));
    }
    zoom_field(&mut left, viewport, commands);
    let rest = row.with_min_x(left.min_rect().right() + 6.0);
    let group = AtRight::new(ui, "canvas right", rest);
    let room = Room { view: view.width(), group: rest.width(), is_pair: opened.tools.compare.is_some() };
    group.show(ui, |ui| right_ui(ui, room, viewport, state, opened, commands))
}

/// How much room there is for what is at the right.
#[derive(Clone, Copy)]
struct Room {
    view: f32,
    /// From the buttons at the left to the right end.
    group: f32,
    is_pair: bool,
}

/// What 1:1 is of the image.
fn one_to_one_text(image: ImageView<'_>) -> String {
    let pixels = image.pixel_size();
    let (width, height) = (pixels.width, pixels.height);
    let (listed_width, listed_height) = image.size();
    if !pixels.is_original {
        return format!(
            "One screen pixel per pixel of the listed size ({width} × {height}) until the original has loaded."
        );
    }
    let first = format!("One screen pixel per pixel of the original ({width} × {height}).");
    if (width, height) == (listed_width, listed_height) {
        return first;
    }
    format!("{first} Press again for the listed size ({listed_width} × {listed_height}).")
}

pub(super) fn hold_button(state: &State) -> Button<'static> {
    Button::new("Hide (hold)").name("Hide boxes (hold)").key_if(state.keys.cap(Action::HoldToHide))
}

/// What is seldom used is left out first, the palette has it all.
fn right_ui(
    ui: &mut Ui,
    room: Room,
    viewport: &Viewport,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> Buttons {
    let cap = |action| state.keys.cap(action);
    let mut toggle = |ui: &mut Ui, action: Action, button: Button<'_>, command: Command| {
        let response = ui.add(button);
        if response.clicked() {
            commands.push(command);
        }
        response.on_hover_text(action.text().tooltip).rect
    };
    let canvas = Command::Canvas;
    let tools = &opened.tools;
    let compare = Button::new("Compare").icon(icons::COMPARE).selected(tools.compare.is_some());
    let compare = compare.key_if(cap(Action::Compare));
    let is_on = tools.is_adjusting || !tools.adjust.is_neutral();
    let adjust = Button::new("Adjust").icon(icons::ADJUST).selected(is_on).key_if(cap(Action::Adjust));
    let hold = hold_button(state);
    let keeps = Button::new("Keep view").selected(opened.keeps_view).key_if(cap(Action::ToggleKeepView));
    let smooth = Button::new("Smooth").selected(opened.is_smooth).key_if(cap(Action::ToggleSmooth));
    let view = Button::icon_only(icons::OVERLAYS, "View of boxes");
    let gap = ui.spacing().item_spacing.x;
    let needed = compare.width(ui) + adjust.width(ui) + view.width(ui) + 2.0 * gap;
    let mut left = room.group - needed;
    // Nothing stands on the line between two images.
    if room.is_pair {
        left = left.min(room.view / 2.0 - MARGIN - needed);
    }
    let mut fits = |button: &Button<'_>| {
        let width = button.width(ui) + gap;
        let has_room = width <= left;
        left -= if has_room { width } else { 0.0 };
        has_room
    };
    // In a narrow window its key is left; of two images it is in the line above them.
    let (has_hold, has_keeps) = (!room.is_pair && fits(&hold), fits(&keeps));
    if viewport.factor() >= super::picture::SQUARE_FROM && fits(&smooth) {
        toggle(ui, Action::ToggleSmooth, smooth, canvas(CanvasCommand::ToggleSmooth));
    }
    if has_keeps {
        toggle(ui, Action::ToggleKeepView, keeps, canvas(CanvasCommand::ToggleKeepView));
    }
    let is_held = has_hold && ui.add(hold).is_pointer_button_down_on();
    let adjust = toggle(ui, Action::Adjust, adjust, canvas(CanvasCommand::ToggleAdjusting));
    toggle(ui, Action::Compare, compare, canvas(CanvasCommand::Compare(CompareCommand::Toggle)));
    view_ui(ui, view, LookScope::Boxes, state, commands);
    Buttons { is_held, adjust: Some(adjust) }
}

/// The zoom in per cent: shown, dragged and typed.
fn zoom_field(ui: &mut Ui, viewport: &Viewport, commands: &mut Vec<Command>) {
    let shown = f64::from(viewport.factor()) * 100.0;
    let mut percent = shown;
    let decimals = usize::from(shown < 10.0);
    let field = DragValue::new(&mut percent)
        .suffix(" %")
        .range(1.0..=6_400.0)
        .speed((shown / 100.0).max(0.1))
        .max_decimals(decimals)
        .update_while_editing(false);
    let response = ui.add_sized(vec2(66.0, tokens::CONTROL), field);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Zoom in percent"));
    if response.changed() && (percent - shown).abs() > 1e-6 {
        commands.push(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor((percent / 100.0) as f32))));
    }
}

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
