//! Text fields, with a frame, a hint, an icon, and a ring when they have the keyboard.

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align, Color32, CornerRadius, FontId, Frame, Galley, Id, Key, Margin, Rect, Response, Stroke, StrokeKind,
    TextBuffer, TextEdit, Ui, pos2, vec2,
};

use super::dialog::is_fresh;
use super::{Button, paint, text};
use crate::icons::{self, Icon};
use crate::theme::{self, tokens};
use app::dialog::FolderPurpose;
use app::{Command, WindowCommand};

#[must_use = "call show"]
pub struct Field<'a> {
    id: Id,
    name: &'a str,
    hint: &'a str,
    icon: Option<Icon>,
    font: FontId,
    height: f32,
    width: f32,
    room_left: f32,
    room_right: f32,
    is_password: bool,
    is_bad: bool,
    is_enabled: bool,
    takes_keyboard: bool,
    is_path: bool,
    limit: usize,
}

impl<'a> Field<'a> {
    /// A field; `name` is for screen readers.
    pub fn new(id: Id, name: &'a str) -> Self {
        Self {
            id,
            name,
            hint: "",
            icon: None,
            font: theme::font(tokens::BODY),
            height: tokens::CONTROL,
            width: f32::INFINITY,
            room_left: 0.0,
            room_right: 0.0,
            is_password: false,
            is_bad: false,
            is_enabled: true,
            takes_keyboard: false,
            is_path: false,
            limit: usize::MAX,
        }
    }

    /// Words where nothing is typed yet.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Room before the text for something that the caller paints.
    pub fn room_left(mut self, width: f32) -> Self {
        self.room_left = width;
        self
    }

    /// Room at the right end for something that the caller paints.
    pub fn room_right(mut self, width: f32) -> Self {
        self.room_right = width;
        self
    }

    /// What is typed is not shown.
    pub fn password(mut self) -> Self {
        self.is_password = true;
        self
    }

    /// Whether what is typed was refused.
    pub fn bad(mut self, is_bad: bool) -> Self {
        self.is_bad = is_bad;
        self
    }

    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// It takes the keyboard when the popover or dialog that it is in opens.
    pub fn takes_keyboard(mut self) -> Self {
        self.takes_keyboard = true;
        self
    }

    /// It holds a path: where there is too little room its end is shown, which tells it from others.
    pub fn path(mut self) -> Self {
        self.is_path = true;
        self
    }

    /// At most so many letters can be typed.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Shows it. The second value is the whole field's rectangle.
    pub fn show(self, ui: &mut Ui, buffer: &mut dyn TextBuffer) -> (Response, Rect) {
        let tokens = theme::of(ui);
        let width = self.width.min(ui.available_width());
        let (rect, _) = ui.allocate_exact_size(vec2(width, self.height), egui::Sense::hover());
        let shape = ui.painter().add(egui::Shape::Noop);
        let left = self.icon.map_or(9.0, |_| 30.0) + self.room_left;
        if let Some(icon) = self.icon {
            icons::paint(ui.painter(), pos2(rect.left() + 16.0, rect.center().y), icon, 16.0, tokens.dim);
        }
        let inner = Rect::from_min_max(
            pos2(rect.left() + left, rect.top()),
            pos2(rect.right() - 8.0 - self.room_right, rect.bottom()),
        );
        let end = self.is_path.then(|| end_of_path(ui, self.id, buffer.as_str(), &self.font, inner.width())).flatten();
        let edit = TextEdit::singleline(buffer)
            .id(self.id)
            .char_limit(self.limit)
            .password(self.is_password)
            .hint_text(egui::RichText::new(self.hint).color(tokens.dim).font(self.font.clone()))
            .font(self.font)
            .text_color(if end.is_some() { Color32::TRANSPARENT } else { tokens.text })
            .frame(Frame::new().inner_margin(Margin::ZERO))
            .margin(Margin::ZERO)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(inner.size())
            .desired_width(inner.width())
            .interactive(self.is_enabled);
        let mut child =
            ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(egui::Layout::left_to_right(Align::Center)));
        let response = child.add(edit);
        if let Some(end) = end {
            let place = pos2(inner.right() - end.size().x, inner.center().y - end.size().y / 2.0);
            ui.painter().galley(place, end, tokens.text);
            if response.gained_focus() {
                put_caret_at_end(ui, self.id, buffer.as_str());
            }
        }
        // While a popover is only measured, nothing in it can have the keyboard.
        if self.takes_keyboard && !ui.is_sizing_pass() && is_fresh(ui, self.id.with("opened")) {
            response.request_focus();
        }
        let hover =
            ui.ctx().animate_bool_with_time(self.id.with("hover"), response.hovered(), ui.style().animation_time);
        let line = if self.is_bad { tokens.bad } else { paint::mix(tokens.line, tokens.faint, hover) };
        let stroke =
            if response.has_focus() { Stroke::new(tokens::FOCUS_WIDTH, tokens.accent) } else { Stroke::new(1.0, line) };
        let frame = egui::epaint::RectShape::new(
            rect,
            CornerRadius::same(tokens::RADIUS),
            tokens.field,
            stroke,
            StrokeKind::Inside,
        );
        ui.painter().set(shape, frame);
        // The name is reported with the value (a password's is dots): egui's own info has no name.
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(self.name));
        (response, rect)
    }
}

/// Whether Enter was pressed in a field.
pub fn enter_pressed(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// The field of a path with "Browse..." after it, which is `button` points wide.
pub fn path_ui(
    ui: &mut Ui,
    field: Field<'_>,
    button: f32,
    purpose: FolderPurpose,
    path: &mut String,
    commands: &mut Vec<Command>,
) -> Response {
    ui.horizontal(|ui| {
        let width = ui.available_width() - button - tokens::GAP;
        let (response, _) = field.path().width(width).show(ui, path);
        if ui.add(Button::new("Browse...").min_width(button)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(purpose)));
        }
        response
    })
    .inner
}

/// The end of a path that does not fit and that nobody is typing at.
fn end_of_path(ui: &Ui, id: Id, path: &str, font: &FontId, width: f32) -> Option<Arc<Galley>> {
    if ui.memory(|memory| memory.has_focus(id)) {
        return None;
    }
    text::elided_in_front(ui.painter(), path, font.clone(), theme::of(ui).text, width)
}

/// What a click meant is somewhere else in the text once all of it is laid out: typing continues at its end.
fn put_caret_at_end(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui.ctx(), id);
}
