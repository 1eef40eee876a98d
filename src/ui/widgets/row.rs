//! Rows of lists and menus: a filled band when chosen, never an outline.

use egui::{CornerRadius, Popup, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::popover::popover;
use super::{button, choice, paint, text};
use crate::icons::{self, Icon};
use crate::theme::{self, tokens};

/// The ground of a row as wide as there is room: band when selected, fill when hovered. The caller paints the content.
pub fn row(ui: &mut Ui, name: &str, height: f32, is_selected: bool) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), is_selected, name));
    band(ui, rect, &response, is_selected);
    (rect, response)
}

/// Tells a screen reader whether an entry of a list or table is selected: egui tells it as a switch, which these are not.
pub fn say_selected(response: &Response, is_selected: bool) {
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.clear_toggled();
        node.set_selected(is_selected);
    });
}

/// Paints the ground of a row. One that gets the keyboard comes into sight.
pub fn band(ui: &Ui, rect: Rect, response: &Response, is_selected: bool) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let tokens = theme::of(ui);
    let hover = paint::hover(ui, response);
    let fill = if is_selected { tokens.selected } else { tokens.raised.gamma_multiply(hover) };
    ui.painter().rect_filled(rect, CornerRadius::same(tokens::RADIUS), fill);
    paint::focus_ring(ui, rect, response, tokens::RADIUS);
}

/// A row with a name, and a count at its right end.
pub fn count_row(ui: &mut Ui, name: &str, count: u64) -> Response {
    let (rect, response) = row(ui, name, tokens::ROW, false);
    let tokens = theme::of(ui);
    let painted = choice::figure_right(ui, rect.right_center(), count, tokens.dim, rect.width() * 0.5);
    let room = rect.width() - painted.width - tokens::GAP;
    text::paint_elided(ui.painter(), rect.left_center(), name, theme::font(tokens::BODY), tokens.text, room);
    response
}

#[must_use = "call show"]
pub struct MenuItem<'a> {
    pub label: &'a str,
    /// Dim, at the right end.
    pub remark: &'a str,
    pub key: Option<String>,
    pub icon: Option<Icon>,
    /// Whether it is the one in force.
    pub is_chosen: bool,
    pub is_enabled: bool,
    /// Whether there is room before it for a tick or an icon.
    pub has_mark: bool,
    /// Its name for screen readers, where the text alone does not say what it is about.
    pub name: Option<&'a str>,
}

impl<'a> MenuItem<'a> {
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            remark: "",
            key: None,
            icon: None,
            is_chosen: false,
            is_enabled: true,
            has_mark: true,
            name: None,
        }
    }

    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    pub fn chosen(mut self, is_chosen: bool) -> Self {
        self.is_chosen = is_chosen;
        self
    }

    pub fn remark(mut self, remark: &'a str) -> Self {
        self.remark = remark;
        self
    }

    pub fn key(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Without room for a tick or an icon.
    pub fn flush(mut self) -> Self {
        self.has_mark = false;
        self
    }

    /// Shows it; true when it was clicked, or chosen with Enter. Either closes the menu.
    pub fn show(self, ui: &mut Ui) -> bool {
        let response = ui.add_enabled_ui(self.is_enabled, |ui| self.paint(ui)).inner;
        let is_clicked = response.clicked();
        if is_clicked {
            ui.close();
        }
        is_clicked
    }

    fn paint(&self, ui: &mut Ui) -> Response {
        let tokens = theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(Role::MenuItem, ui.is_enabled(), self.is_chosen, self.name.unwrap_or(self.label))
        });
        band(ui, rect, &response, false);
        let y = rect.center().y;
        let icon = if self.is_chosen { Some(icons::CHECK) } else { self.icon };
        if let Some(icon) = icon {
            let color = if self.is_chosen { tokens.accent } else { tokens.dim };
            icons::paint(ui.painter(), pos2(rect.left() + 16.0, y), icon, 16.0, color);
        }
        let mut right = rect.right() - 10.0;
        let left = rect.left() + if self.has_mark { 32.0 } else { 10.0 };
        if let Some(key) = &self.key {
            right -= button::paint_key_cap_at(ui, pos2(right, y), key) + 12.0;
        }
        if !self.remark.is_empty() {
            // What the label does not need is for the remark.
            let label = text::figures_width(ui.painter(), self.label, &theme::font(tokens::BODY));
            let room = (right - left - label - 12.0).max(rect.width() * 0.5);
            let galley = text::elided(ui.painter(), self.remark, theme::font(tokens::SMALL), tokens.dim, room);
            right -= galley.size().x;
            ui.painter().galley(pos2(right, y - galley.size().y / 2.0), galley, tokens.dim);
            right -= 12.0;
        }
        text::paint_elided(
            ui.painter(),
            pos2(left, y),
            self.label,
            theme::font(tokens::BODY),
            tokens.text,
            right - left,
        );
        response
    }
}

/// A menu below a button, closed by a click.
pub fn menu<R>(button: &Response, width: f32, content: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    let shown = popover(button, Popup::menu(button).gap(4.0), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui)
    });
    shown.map(|shown| shown.inner)
}

/// A thin line between groups of a menu or a panel.
pub fn divider(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, egui::Stroke::new(1.0, theme::of(ui).line));
}
