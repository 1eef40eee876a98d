//! An open project: the panels around the grid or the canvas, and which of them fold first when the window is narrow.

use egui::{
    Area, CentralPanel, Color32, Frame, Id, Margin, Order, Panel, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::theme::{self, tokens};
use super::{
    ViewState, canvas, evaluation, filmstrip, grid, inspector, keys, notices, query, statistics, status_bar, tag_panel,
    top_bar, wall,
};
use app::state::Opened;
use app::{Command, State, View, WindowCommand};

/// The grid or canvas is never narrower than this because of a panel.
const STAGE: f32 = 440.0;
const LEFT_RANGE: (f32, f32) = (180.0, 420.0);
const RIGHT_RANGE: (f32, f32) = (240.0, 460.0);

/// Which panels are shown in a window so wide: the inspector folds first, then the tags. Plots are of many images: there is
/// nothing to inspect next to them.
fn panels(width: f32, wants_left: bool, wants_right: bool) -> (bool, bool) {
    let left = wants_left && width >= tokens::LEFT_PANEL + STAGE;
    let room = width - if left { tokens::LEFT_PANEL } else { 0.0 };
    (left, wants_right && room >= tokens::RIGHT_PANEL + STAGE)
}

pub(super) fn project_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let fill = theme::panel_fill(ui);
    let frame = |x: i8, y: i8| Frame::new().fill(fill).inner_margin(Margin::symmetric(x, y));
    // The first button's own padding is the rest of the margin.
    let bar = Frame::new().fill(fill).inner_margin(Margin { left: 1, right: 12, top: 0, bottom: 0 });
    Panel::top("top bar").exact_size(tokens::TOP_BAR).frame(bar).show(ui, |ui| {
        top_bar::top_bar_ui(ui, state, opened, view, commands);
    });
    query::error_line_ui(ui, opened, &mut view.query, commands);
    Panel::bottom("status bar").exact_size(tokens::STATUS_BAR).frame(frame(12, 0)).show(ui, |ui| {
        status_bar::status_bar_ui(ui, state, opened, commands);
    });
    let has_inspector = !matches!(opened.view, View::Statistics | View::Evaluation);
    let wants_right = state.settings.show_right && has_inspector;
    let (left, right) = panels(ui.available_width(), state.settings.show_left, wants_right);
    let is_narrow = has_inspector && !panels(ui.available_width(), state.settings.show_left, true).1;
    if is_narrow != state.is_narrow {
        commands.push(Command::Window(WindowCommand::Narrow(is_narrow)));
    }
    if left {
        let width = kept_width(state.settings.left_width, tokens::LEFT_PANEL, LEFT_RANGE);
        let panel = Panel::left("tag panel").default_size(width).size_range(LEFT_RANGE.0..=LEFT_RANGE.1);
        let shown = panel.frame(frame(0, 0)).show(ui, |ui| {
            ui.take_available_space();
            tag_panel::tag_panel_ui(ui, opened, view, commands);
        });
        commands.extend(
            changed_width(ui, width, shown.response.rect.width())
                .map(|value| Command::Window(WindowCommand::LeftWidth(value))),
        );
    }
    if right {
        let width = kept_width(state.settings.right_width, tokens::RIGHT_PANEL, RIGHT_RANGE);
        let panel = Panel::right("inspector").default_size(width).size_range(RIGHT_RANGE.0..=RIGHT_RANGE.1);
        // The inspector keeps the margin at its right itself: its scrollbar stands there.
        let margin = Margin { left: 12, right: 0, top: 8, bottom: 0 };
        let shown = panel.frame(Frame::new().fill(fill).inner_margin(margin)).show(ui, |ui| {
            ui.take_available_space();
            inspector::inspector_ui(ui, state, opened, &mut view.inspector, commands);
        });
        commands.extend(
            changed_width(ui, width, shown.response.rect.width())
                .map(|value| Command::Window(WindowCommand::RightWidth(value))),
        );
    }
    // The seam is grabbed from both sides of its line: no scrollbar lies there.
    let seam = if right { ui.style().interaction.resize_grab_radius_side as i8 } else { 0 };
    let margin = Margin { right: seam, ..Margin::ZERO };
    let on_canvas = opened.view == View::Canvas;
    if on_canvas {
        let frame = Frame::new().fill(tokens.window).inner_margin(margin);
        Panel::bottom("filmstrip").exact_size(80.0).show_separator_line(false).frame(frame).show(ui, |ui| {
            filmstrip::filmstrip_ui(ui, state, opened, &mut view.textures, commands);
        });
    }
    let ground = match opened.view {
        View::Grid | View::Wall => Color32::TRANSPARENT,
        View::Canvas => tokens::CANVAS,
        View::Statistics | View::Evaluation => tokens.window,
    };
    CentralPanel::default().frame(Frame::new().fill(ground).inner_margin(margin)).show(ui, |ui| {
        let stage = ui.interact(ui.max_rect(), keys::stage_id(), Sense::focusable_noninteractive());
        let name = match opened.view {
            View::Grid => "Grid view",
            View::Canvas => "Canvas view",
            View::Wall => "Regions view",
            View::Statistics => "Statistics view",
            View::Evaluation => "Evaluation view",
        };
        stage.widget_info(|| WidgetInfo::labeled(Role::Pane, true, name));
        match opened.view {
            View::Grid => grid::grid_ui(ui, state, opened, &mut view.grid, &mut view.textures, commands),
            View::Canvas => canvas::canvas_ui(ui, state, opened, &mut view.canvas, &mut view.textures, commands),
            View::Wall => wall::wall_ui(ui, state, opened, &mut view.wall, &mut view.textures, commands),
            View::Evaluation => evaluation::evaluation_ui(ui, state, opened, &mut view.evaluation, commands),
            View::Statistics => statistics::statistics_ui(ui, state, opened, &mut view.statistics, commands),
        }
        notices::said_ui(ui, stage.rect, state, opened, &mut view.said, commands);
        if is_narrow && state.has_drawer {
            drawer_ui(ui, stage.rect, |ui| inspector::inspector_ui(ui, state, opened, &mut view.inspector, commands));
        }
    });
}

fn kept_width(kept: Option<f32>, usual: f32, range: (f32, f32)) -> f32 {
    kept.filter(|width| width.is_finite()).unwrap_or(usual).clamp(range.0, range.1)
}

/// The width of a panel once the user has let go of its edge, if it is another than before.
fn changed_width(ui: &Ui, before: f32, now: f32) -> Option<f32> {
    let is_dragged = ui.input(|input| input.pointer.any_down());
    (!is_dragged && (now - before).abs() > 0.5).then_some(now)
}

/// The inspector over the right part of the stage, where the window is too narrow for it to stand beside it.
fn drawer_ui(ui: &Ui, stage: Rect, content: impl FnOnce(&mut Ui)) {
    let tokens = theme::of(ui);
    let width = tokens::RIGHT_PANEL.min(stage.width() - 40.0);
    let place = stage.with_min_x(stage.right() - width);
    let area = Area::new(Id::unique("inspector drawer")).order(Order::Middle).fixed_pos(place.min).constrain(false);
    let shown = area.show(ui.ctx(), |ui| {
        ui.set_clip_rect(stage);
        let margin = Margin { left: 12, right: 0, top: 8, bottom: 0 };
        let frame = Frame::new().fill(tokens.panel).shadow(ui.visuals().window_shadow).inner_margin(margin);
        frame.show(ui, |ui| {
            ui.set_min_size(vec2(width - 12.0, place.height() - 8.0));
            ui.set_max_size(vec2(width - 12.0, place.height() - 8.0));
            content(ui);
        });
        let edge = [pos2(place.left() + 0.5, place.top()), pos2(place.left() + 0.5, place.bottom())];
        ui.painter().line_segment(edge, Stroke::new(1.0, tokens.line));
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Inspector"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inspector_folds_first_then_the_tags() {
        assert_eq!(panels(1280.0, true, true), (true, true));
        assert_eq!(panels(900.0, true, true), (true, false));
        assert_eq!(panels(900.0, false, true), (false, true));
        assert_eq!(panels(600.0, true, true), (false, false));
    }
}
