//! The buttons over the picture, the overview and the line that tells the pixel under the pointer. Always dark: they lie
//! on the canvas, which is dark in both themes.

use egui::epaint::{RectShape, Shadow};
use egui::{
    Align, Color32, CornerRadius, DragValue, Layout, Rect, Role, Sense, Stroke, StrokeKind, Theme, Ui, UiBuilder, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::viewport::Viewport;
use crate::app::command::ZoomCommand;
use crate::app::state::{Opened, View};
use crate::app::{Action, Command, PixelKey, State};
use crate::domain::ImageView;
use crate::ui::icons;
use crate::ui::marks;
use crate::ui::textures::Textures;
use crate::ui::theme::tokens;
use crate::ui::widgets::button::Button;

/// From the canvas's edge to the buttons.
pub(super) const MARGIN: f32 = 10.0;
const OVERVIEW: Vec2 = Vec2::new(134.0, 100.0);

/// From the canvas's top to what stands below the buttons.
pub(super) const TOP: f32 = MARGIN + tokens::CONTROL + 8.0;

/// Where no chip of a region goes: the line at the bottom left, the overview.
pub(super) fn taken(view: Rect, viewport: &Viewport, image: ImageView<'_>) -> impl Iterator<Item = Rect> {
    let line = Rect::from_min_size(
        view.left_bottom() + vec2(MARGIN, -MARGIN - marks::CHIP_HEIGHT),
        vec2(190.0, marks::CHIP_HEIGHT),
    );
    [Some(line), overview_rect(view, viewport, image)].into_iter().flatten()
}

/// A `Ui` in the dark style, whatever the theme.
pub(super) fn dark_ui(ui: &mut Ui, salt: &str, rect: Rect, layout: Layout) -> Ui {
    let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(layout));
    child.set_style(ui.ctx().style_of(Theme::Dark));
    child.spacing_mut().item_spacing.x = 6.0;
    child
}

/// The two rows of buttons at the top. True while the one that hides the boxes is held.
pub(super) fn buttons_ui(
    ui: &mut Ui,
    view: Rect,
    viewport: &Viewport,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> bool {
    let row = Rect::from_min_size(view.min + vec2(MARGIN, MARGIN), vec2(view.width() - 2.0 * MARGIN, tokens::CONTROL));
    let mut left = dark_ui(ui, "canvas left", row, Layout::left_to_right(Align::Center));
    let is_narrow = view.width() < 520.0;
    let back = match opened.before_canvas {
        View::Wall => "Regions",
        View::Statistics => "Statistics",
        View::Grid | View::Canvas => "Grid",
    };
    if left.add(Button::new(back).icon(icons::BACK).key_if(state.keys.cap(Action::Back))).clicked() {
        commands.push(Command::SetView(opened.before_canvas));
    }
    if left.add(Button::new("Fit").key_if(state.keys.cap(Action::Fit)).selected(viewport.is_fit())).clicked() {
        commands.push(Command::Zoom(ZoomCommand::Fit));
    }
    if left.add(Button::new("1:1").key_if(state.keys.cap(Action::OneToOne))).clicked() {
        commands.push(Command::Zoom(ZoomCommand::OneToOne));
    }
    zoom_field(&mut left, viewport, commands);
    let mut right = dark_ui(
        ui,
        "canvas right",
        row.with_min_x(left.min_rect().right() + 6.0),
        Layout::right_to_left(Align::Center),
    );
    let hold = right
        .add(Button::new(if is_narrow { "Hide" } else { "Hold to hide" }).key_if(state.keys.cap(Action::HoldToHide)));
    let hides = hold.is_pointer_button_down_on();
    if view.width() >= 660.0 {
        let keeps = Button::new("Keep view").key_if(state.keys.cap(Action::ToggleKeepView)).selected(opened.keeps_view);
        if right.add(keeps).on_hover_text("Zoom and position stay from image to image").clicked() {
            commands.push(Command::ToggleKeepView);
        }
    }
    if view.width() >= 760.0 && viewport.factor() > super::picture::SQUARE_ABOVE {
        let smooth = Button::new("Smooth").key_if(state.keys.cap(Action::ToggleSmooth)).selected(opened.is_smooth);
        if right.add(smooth).on_hover_text("Smooth pixels above 200 %, or square ones").clicked() {
            commands.push(Command::ToggleSmooth);
        }
    }
    hides
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
    let response = ui.add_sized(vec2(72.0, tokens::CONTROL), field);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Zoom in per cent"));
    if response.changed() && (percent - shown).abs() > 1e-6 {
        commands.push(Command::Zoom(ZoomCommand::Factor((percent / 100.0) as f32)));
    }
}

/// Where the overview is; `None` while the whole picture is in sight anyway.
fn overview_rect(view: Rect, viewport: &Viewport, image: ImageView<'_>) -> Option<Rect> {
    if !viewport.is_cropped() || view.width() < 360.0 || view.height() < 260.0 {
        return None;
    }
    let room = Rect::from_min_size(view.max - OVERVIEW - Vec2::splat(MARGIN), OVERVIEW);
    let size = marks::contained(room, image.aspect()).size();
    Some(Rect::from_min_size(room.max - size, size))
}

/// The whole picture small, with a frame around what is in sight; a drag moves it.
pub(super) fn overview_ui(
    ui: &mut Ui,
    view: Rect,
    viewport: Viewport,
    image: ImageView<'_>,
    textures: &mut Textures,
) -> Viewport {
    let Some(map) = overview_rect(view, &viewport, image) else { return viewport };
    let response = ui.interact(map, ui.scope_id().with("overview"), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Overview"));
    let painter = ui.painter();
    let shadow = Shadow { offset: [0, 2], blur: 10, spread: 1, color: Color32::from_black_alpha(140) };
    painter.add(shadow.as_shape(map, CornerRadius::same(4)));
    painter.rect_filled(map, 4.0, tokens::CANVAS);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    if let Some(texture) = textures.thumb(image.ix, 256) {
        let shape = RectShape::filled(map, CornerRadius::same(4), Color32::WHITE).with_texture(texture.id, uv);
        painter.add(shape);
    }
    painter.rect_stroke(map, 4.0, Stroke::new(1.0, Color32::from_black_alpha(200)), StrokeKind::Outside);
    let at = |x: f64, y: f64| map.min + vec2(x as f32 * map.width(), y as f32 * map.height());
    let [left, top, right, bottom] = viewport.visible_fractions();
    let seen = Rect::from_min_max(at(left, top), at(right, bottom)).intersect(map);
    painter.rect_stroke(seen, 1.0, Stroke::new(1.0, tokens::HALO), StrokeKind::Outside);
    painter.rect_stroke(seen, 1.0, Stroke::new(1.5, Color32::WHITE), StrokeKind::Inside);
    let mut moved = viewport;
    if let Some(pointer) = response.interact_pointer_pos() {
        let share = |value: f32, low: f32, length: f32| f64::from(((value - low) / length).clamp(0.0, 1.0));
        let fractions = [share(pointer.x, map.left(), map.width()), share(pointer.y, map.top(), map.height())];
        moved = viewport.centered_on_fractions(fractions);
    }
    moved
}

/// Position and colour of the pixel under the pointer.
pub(super) fn pixel_line(ui: &Ui, view: Rect, viewport: &Viewport, image: ImageView<'_>, textures: &Textures) {
    let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|pointer| view.contains(*pointer)) else { return };
    let [x, y] = viewport.fractions_from_screen(pos2(pointer.x - view.left(), pointer.y - view.top()));
    if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
        return;
    }
    let [px, py] = viewport.image_from_screen(pos2(pointer.x - view.left(), pointer.y - view.top()));
    let mut text = format!("x {px:.0}  y {py:.0}", px = px.floor(), py = py.floor());
    if let Some([r, g, b]) = textures.color_at(PixelKey::Resized { ix: image.ix }, x as f32, y as f32) {
        text = format!("{text}  #{r:02x}{g:02x}{b:02x}");
    }
    let galley = marks::chip_text(ui.painter(), text, f32::INFINITY);
    let min = pos2(view.left() + MARGIN, view.bottom() - MARGIN - marks::CHIP_HEIGHT);
    marks::paint_chip(ui.painter(), min, galley, None);
}
