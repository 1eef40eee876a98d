//! Buttons, links and key caps.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, Galley, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo,
    pos2, vec2,
};

use super::{paint, text};
use crate::icons::{self, Icon};
use crate::theme::{self, Tokens, tokens};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Primary,
    Quiet,
}

/// A button: 28 high, with an icon before the text and its key after it.
#[must_use = "add it: ui.add(button)"]
pub struct Button<'a> {
    text: &'a str,
    name: Option<&'a str>,
    icon: Option<Icon>,
    key: Option<String>,
    kind: Kind,
    is_selected: bool,
    tint: Option<Color32>,
    has_menu: bool,
    is_strong: bool,
    align_left: bool,
    min_width: f32,
    max_width: f32,
    height: f32,
    is_enabled: bool,
}

impl<'a> Button<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            name: None,
            icon: None,
            key: None,
            kind: Kind::Plain,
            is_selected: false,
            tint: None,
            has_menu: false,
            is_strong: false,
            align_left: false,
            min_width: 0.0,
            max_width: f32::INFINITY,
            height: tokens::CONTROL,
            is_enabled: true,
        }
    }

    /// An icon without text; `name` is for screen readers and the tooltip.
    pub fn icon_only(icon: Icon, name: &'a str) -> Self {
        Self::new("").icon(icon).name(name).quiet()
    }

    /// The one button that is meant.
    pub fn primary(mut self) -> Self {
        self.kind = Kind::Primary;
        self
    }

    /// Without a frame until it is hovered.
    pub fn quiet(mut self) -> Self {
        self.kind = Kind::Quiet;
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn key(mut self, key: impl std::fmt::Display) -> Self {
        self.key = Some(key.to_string());
        self
    }

    /// The key that does the same, if there is one.
    pub fn key_if(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    /// What a screen reader says, when it is not the text.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    pub fn selected(mut self, is_selected: bool) -> Self {
        self.is_selected = is_selected;
        self
    }

    /// The color of its icon, its frame and its ground while it is switched on.
    pub fn tint(mut self, color: Color32) -> Self {
        self.tint = Some(color);
        self
    }

    /// A menu opens below: an arrow after the text.
    pub fn menu(mut self) -> Self {
        self.has_menu = true;
        self
    }

    /// Semibold text.
    pub fn strong(mut self) -> Self {
        self.is_strong = true;
        self
    }

    /// Content at the left end.
    pub fn left(mut self) -> Self {
        self.align_left = true;
        self
    }

    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    pub fn max_width(mut self, width: f32) -> Self {
        self.max_width = width;
        self
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Colors: fill at rest, hovered, pressed, frame, text.
    fn colors(&self, tokens: &Tokens) -> [Color32; 5] {
        if let (true, Some(tint)) = (self.is_selected, self.tint) {
            let fill = paint::mix(tokens.raised, tint, 0.22);
            return [fill, fill, fill, tint, tokens.text];
        }
        match self.kind {
            _ if self.is_selected && self.kind != Kind::Primary => {
                [tokens.pressed, tokens.pressed, tokens.pressed, Color32::TRANSPARENT, tokens.text]
            }
            Kind::Plain => [tokens.raised, tokens.hovered, tokens.pressed, tokens.line, tokens.text],
            Kind::Primary => {
                [tokens.primary, tokens.primary_hovered, tokens.primary, Color32::TRANSPARENT, tokens.on_primary]
            }
            Kind::Quiet => {
                [tokens.raised.gamma_multiply(0.0), tokens.hovered, tokens.pressed, Color32::TRANSPARENT, tokens.text]
            }
        }
    }
}

const PADDING: f32 = 11.0;
const ICON_SIZE: f32 = 17.0;

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        ui.add_enabled_ui(self.is_enabled, |ui| self.paint(ui)).inner
    }
}

struct Measured {
    galley: Arc<Galley>,
    padding: f32,
    /// Width of icon, text, arrow and key.
    content: f32,
    width: f32,
}

impl Button<'_> {
    pub(crate) fn width(&self, ui: &Ui) -> f32 {
        self.measure(ui, Color32::WHITE).width
    }

    fn icon_width(&self) -> f32 {
        let gap = if self.text.is_empty() { 0.0 } else { 6.0 };
        self.icon.map_or(0.0, |_| ICON_SIZE + gap)
    }

    fn menu_width(&self) -> f32 {
        if self.has_menu { 18.0 } else { 0.0 }
    }

    fn measure(&self, ui: &Ui, color: Color32) -> Measured {
        let padding = if self.text.is_empty() { (self.height - ICON_SIZE) / 2.0 } else { PADDING };
        let font = if self.is_strong { theme::semibold(tokens::BODY) } else { theme::font(tokens::BODY) };
        let key_width = self.key.as_deref().map_or(0.0, |key| key_cap_width(ui, key) + 8.0);
        let rest = self.icon_width() + self.menu_width() + key_width;
        let max_text = (self.max_width - 2.0 * padding - rest).max(16.0);
        let galley = text::elided(ui.painter(), self.text, font, color, max_text);
        let content = galley.size().x + rest;
        let width = (content + 2.0 * padding).max(self.min_width).min(self.max_width.max(self.min_width));
        Measured { galley, padding, content, width }
    }

    fn paint(self, ui: &mut Ui) -> Response {
        let tokens = theme::of(ui);
        let [rest, hovered, pressed, line, text_color] = self.colors(tokens);
        let is_icon_only = self.text.is_empty();
        let Measured { galley, padding, content, width } = self.measure(ui, text_color);
        let icon_width = self.icon_width();
        let menu_width = self.menu_width();
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), Sense::click());
        let name = self.name.unwrap_or(self.text);
        response.widget_info(|| {
            if self.is_selected {
                WidgetInfo::selected(Role::Button, ui.is_enabled(), true, name)
            } else {
                WidgetInfo::labeled(Role::Button, ui.is_enabled(), name)
            }
        });
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let fill = paint::fill(ui, &response, rest, hovered, pressed);
        ui.painter().add(paint::framed(rect, tokens::RADIUS, fill, line));
        let mut x = if self.align_left { rect.left() + padding } else { rect.left() + (width - content) / 2.0 };
        let y = rect.center().y;
        if let Some(icon) = self.icon {
            let color = if self.kind == Kind::Primary || self.is_selected {
                self.tint.unwrap_or(text_color)
            } else {
                paint::mix(tokens.dim, tokens.text, paint::hover(ui, &response))
            };
            icons::paint(ui.painter(), pos2(x + ICON_SIZE / 2.0, y), icon, ICON_SIZE, color);
            x += icon_width;
        }
        let size = galley.size();
        let is_cut = galley.elided;
        ui.painter().galley(pos2(x, y - size.y / 2.0), galley, text_color);
        x += size.x;
        if self.has_menu {
            icons::paint(ui.painter(), pos2(x + 11.0, y), icons::DROP_DOWN, 16.0, tokens.dim);
            x += menu_width;
        }
        if let Some(key) = &self.key {
            let cap = Rect::from_min_size(pos2(x + 8.0, y - 9.0), vec2(key_cap_width(ui, key), 18.0));
            paint_key_cap(ui, cap, key);
        }
        paint::focus_ring(ui, rect, &response, tokens::RADIUS);
        match self.name {
            Some(name) if is_icon_only || is_cut => response.on_hover_text(name),
            None if is_cut => response.on_hover_text(self.text),
            _ => response,
        }
    }
}

/// Text that does something: in the accent, underlined when hovered.
pub fn link(ui: &mut Ui, label: &str) -> Response {
    link_sized(ui, label, tokens::BODY)
}

/// A link in another size.
pub fn link_sized(ui: &mut Ui, label: &str, size: f32) -> Response {
    let color = theme::of(ui).accent;
    let galley = text::elided(ui.painter(), label, theme::font(size), color, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), label));
    ui.painter().galley(rect.min, galley, color);
    if response.hovered() {
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, Stroke::new(1.0, color));
        ui.set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    paint::focus_ring(ui, rect.expand(3.0), &response, 4);
    response
}

fn key_cap_width(ui: &Ui, key: &str) -> f32 {
    let galley = ui.painter().layout_no_wrap(key.to_owned(), theme::font(11.0), Color32::WHITE);
    (galley.size().x + 10.0).max(18.0)
}

fn paint_key_cap(ui: &Ui, rect: Rect, key: &str) {
    let tokens = theme::of(ui);
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(4), tokens.window, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    painter.text(rect.center(), Align2::CENTER_CENTER, key, theme::font(11.0), tokens.dim);
}

/// Paints a key cap whose right end is at `right`; returns its width.
pub fn paint_key_cap_at(ui: &Ui, right: egui::Pos2, key: &str) -> f32 {
    let width = key_cap_width(ui, key);
    paint_key_cap(ui, Rect::from_min_size(pos2(right.x - width, right.y - 9.0), vec2(width, 18.0)), key);
    width
}
