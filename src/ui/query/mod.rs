//! The query box: the query as chips, or as text while somebody types; how many images match; completions and errors in a
//! list below. What is typed is applied once a term is whole, on Enter, or after a pause. Saved queries and the help of
//! the language are menus at its right end.

mod list;
mod pause;
mod saved;
mod start;

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange, LayoutJob, LayoutSection, TextFormat};
use egui::text_edit::{TextEditOutput, TextEditState};
use egui::{
    Align2, Color32, CornerRadius, EventFilter, Frame, Galley, Id, Margin, Rect, Role, Sense, Stroke, StrokeKind,
    TextBuffer, TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::tag_style::TagStyle;
use super::theme::{self, tokens};
use super::widgets::field::enter_pressed;
use super::widgets::{AtRight, Button, choice, paint, text};
use super::{ViewState, icons};
use app::state::Opened;
use app::{Action, Command, QueryCommand, State};
use domain::query::{Choice, MOST_BYTES, Node, NodeKind, Test, edit};
pub(super) use list::{error_line_ui, error_words};

#[derive(Debug, Default)]
pub(super) struct QueryView {
    list: list::ListView,
    saved: saved::SavedView,
    past: Option<saved::Past>,
    /// Where the cursor is to be in the next frame, in bytes.
    caret: Option<usize>,
    /// It has more room than at rest.
    is_wide: bool,
    /// When what is typed is applied.
    pause: pause::Pause,
    /// Enter was pressed in the frame before: an error takes the keyboard back to the box.
    is_entered: bool,
    /// The line with the error is shown below the bar.
    has_error_line: bool,
}

impl QueryView {
    /// Whether the box takes the room of its neighbors in a narrow window: while somebody types. What the pointer is
    /// pressed on does not move away from under it.
    pub(super) fn takes_room(&mut self, ui: &Ui) -> bool {
        let has_focus = ui.memory(|memory| memory.has_focus(box_id()));
        let is_pressed = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
        self.is_wide = has_focus || (self.is_wide && is_pressed);
        self.is_wide
    }
}

pub(super) fn box_id() -> Id {
    Id::unique("query box")
}

pub(super) fn query_ui(ui: &mut Ui, state: &State, opened: &Opened, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), Sense::hover());
    let ground = ui.painter().add(egui::Shape::Noop);
    icons::paint(ui.painter(), pos2(rect.left() + 16.0, rect.center().y), icons::SEARCH, 16.0, tokens.dim);
    let ends = AtRight::new(ui, "query ends", rect.shrink2(vec2(3.0, 0.0)));
    let right = count_ui(ui, rect, ends.left(), opened);
    let inner = Rect::from_min_max(pos2(rect.left() + 30.0, rect.top()), pos2(right - 6.0, rect.bottom()));

    if std::mem::take(&mut view.wants_query) {
        ui.memory_mut(|memory| memory.request_focus(box_id()));
        view.query.caret = Some(opened.query.text.len());
    }
    let has_focus = ui.memory(|memory| memory.has_focus(box_id()));
    let is_read = opened.query.error.is_none() && !opened.query.is_pending();
    let has_chips = !has_focus && is_read && !opened.query.text.trim().is_empty();
    // The field begins after the chips, so that a click means the one or the other.
    let mut field = inner;
    if has_chips {
        field.min.x = chips_ui(ui, inner, opened, commands);
    }
    let typing = list::keys(ui, state, opened, &mut view.query, commands);
    let mut words = typing.text;
    let output = field_ui(ui, field, opened, &mut words, has_chips, typing.has_offers);
    let response = &output.response.response;
    if let Some(caret) = view.query.caret.take().filter(|_| has_focus) {
        place_caret(ui, &words, caret);
    } else if response.gained_focus() && has_chips {
        view.query.caret = Some(words.len());
    }
    let cursor = output.cursor_range.map_or(words.len(), |range| byte_of(&words, range.primary.index.0));
    if response.changed() {
        commands.push(Command::Query(QueryCommand::Type(words.clone())));
        view.query.pause.typed(ui.input(|input| input.time));
    }
    let is_entered = enter_pressed(ui, response);
    if std::mem::replace(&mut view.query.is_entered, is_entered) && opened.query.error.is_some() {
        view.wants_query = true;
        ui.ctx().request_repaint();
    }
    let moment = pause::Moment {
        is_left: response.lost_focus(),
        is_term_whole: response.changed() && pause::is_term_whole(&words, cursor),
        is_pending: opened.query.is_pending(),
    };
    if let Some(command) = view.query.pause.command(ui, moment, view.query.list.completion.as_ref()) {
        commands.push(Command::Query(command));
    }
    let is_bad = opened.query.error.is_some();
    let hover = ui.ctx().animate_bool_with_time(box_id().with("hover"), response.hovered(), ui.style().animation_time);
    let line = if is_bad { tokens.bad } else { paint::mix(tokens.line, tokens.faint, hover) };
    let stroke = if has_focus { Stroke::new(tokens::FOCUS_WIDTH, tokens.accent) } else { Stroke::new(1.0, line) };
    let corners = CornerRadius::same(tokens::RADIUS);
    let frame = egui::epaint::RectShape::new(rect, corners, tokens.field, stroke, StrokeKind::Inside);
    ui.painter().set(ground, frame);
    ends.show(ui, |ui| ends_ui(ui, is_narrow(rect), state, opened, &mut view.query, commands));
    list::list_ui(ui, rect, state, opened, &words, cursor, has_focus, &mut view.query, commands);
}

/// The text field itself; its name and value are reported to screen readers, as chips or not.
fn field_ui(
    ui: &mut Ui,
    inner: Rect,
    opened: &Opened,
    words: &mut String,
    has_chips: bool,
    has_offers: bool,
) -> TextEditOutput {
    let tokens = theme::of(ui);
    let error = opened.query.error.as_ref().map(|error| error.range.clone());
    let color = if has_chips { Color32::TRANSPARENT } else { tokens.text };
    let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _width: f32| -> Arc<Galley> {
        let job = marked(buffer.as_str(), error.clone(), color, tokens.bad);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let hint = if inner.width() > 260.0 { start::hint(opened) } else { "Query".to_owned() };
    // The list takes Tab while it offers something, and Esc closes it first.
    let filter = EventFilter { tab: has_offers, escape: has_offers, horizontal_arrows: true, vertical_arrows: true };
    let edit = TextEdit::singleline(words)
        .id(box_id())
        .hint_text(egui::RichText::new(hint).color(tokens.dim).font(theme::font(tokens::BODY)))
        .layouter(&mut layouter)
        .char_limit(MOST_BYTES)
        .frame(Frame::new().inner_margin(Margin::ZERO))
        .margin(Margin::ZERO)
        .align(Align2::LEFT_CENTER)
        .min_size(inner.size())
        .desired_width(inner.width())
        .event_filter(filter);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().id_salt("query field").max_rect(inner).layout(layout));
    child.set_clip_rect(inner.expand2(vec2(2.0, 0.0)).intersect(ui.clip_rect()));
    let output = edit.show(&mut child);
    ui.ctx().accesskit_node_builder(box_id(), |node| {
        node.set_label("Query");
        if let Some(error) = &opened.query.error {
            node.set_description(error.to_string());
        }
    });
    output
}

/// The text on one line, underlined where it is wrong.
fn marked(text: &str, error: Option<std::ops::Range<usize>>, color: Color32, bad: Color32) -> LayoutJob {
    let format = |is_bad: bool| TextFormat {
        font_id: theme::font(tokens::BODY),
        color,
        underline: if is_bad { Stroke::new(1.5, bad) } else { Stroke::NONE },
        ..TextFormat::default()
    };
    let error = error.filter(|range| text.get(range.clone()).is_some()).unwrap_or(0..0);
    let mut job = LayoutJob { text: text.to_owned(), break_on_newline: false, ..LayoutJob::default() };
    for (range, is_bad) in [(0..error.start, false), (error.clone(), true), (error.end..text.len(), false)] {
        if !range.is_empty() {
            job.sections.push(LayoutSection {
                leading_space: 0.0,
                byte_range: range.start.into()..range.end.into(),
                format: format(is_bad),
            });
        }
    }
    job.wrap.max_width = f32::INFINITY;
    job
}

/// The count before the menus, whose left end is `right`. Returns where it begins.
fn count_ui(ui: &Ui, rect: Rect, right: f32, opened: &Opened) -> f32 {
    let is_narrow = is_narrow(rect);
    let (shown, total) = (opened.visible.len() as u64, opened.catalogue.len() as u64);
    let count = match opened.query.is_everything() {
        true => text::thousands(total),
        false if is_narrow => text::thousands(shown),
        false => format!("{} of {}", text::thousands(shown), text::thousands(total)),
    };
    let font = theme::font(tokens::BODY);
    let right = pos2(right - 6.0, rect.center().y);
    let width = text::figures_width(ui.painter(), &count, &font);
    if is_narrow && rect.width() - width < 150.0 {
        return right.x;
    }
    let (align, dim) = (Align2::RIGHT_CENTER, theme::of(ui).dim);
    let painted = text::figures(ui.painter(), right, align, &count, font, dim, width);
    right.x - painted.width
}

fn is_narrow(rect: Rect) -> bool {
    rect.width() < 300.0
}

/// The menus at the right end.
fn ends_ui(
    ui: &mut Ui,
    is_narrow: bool,
    state: &State,
    opened: &Opened,
    view: &mut QueryView,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.x = 0.0;
    if !opened.query.is_empty() {
        let clear = Button::icon_only(icons::CLOSE, Action::ClearFilter.text().label).height(22.0);
        if ui.add(clear).clicked() {
            commands.push(Command::Query(QueryCommand::Clear));
        }
    }
    saved::button_ui(ui, state, opened, &mut view.saved, is_narrow, commands);
    if !is_narrow {
        start::button_ui(ui);
    }
}

fn place_caret(ui: &Ui, text: &str, byte: usize) {
    let mut state = TextEditState::load(ui.ctx(), box_id()).unwrap_or_default();
    let letters = text.get(..byte).unwrap_or(text).chars().count();
    state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(letters))));
    state.store(ui.ctx(), box_id());
    ui.ctx().request_repaint();
}

fn byte_of(text: &str, letter: usize) -> usize {
    text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at)
}

const GAP: f32 = 5.0;
const HEIGHT: f32 = 20.0;
const MORE: f32 = 34.0;
/// Next to the chips there is room to click and type.
const REST: f32 = 40.0;
const LONGEST: f32 = 240.0;

/// Paints the chips and returns where they end.
pub(super) fn chips_ui(ui: &mut Ui, inner: Rect, opened: &Opened, commands: &mut Vec<Command>) -> f32 {
    let tokens = theme::of(ui);
    let source = opened.query.text_in_force();
    let parts = edit::parts(opened.query.query());
    let mut x = inner.left();
    for (at, part) in parts.iter().enumerate() {
        let words = source.get(part.range.clone()).unwrap_or_default();
        let galley = text::elided(ui.painter(), words, theme::font(12.5), tokens.text, LONGEST);
        let color = color_of(opened, part);
        let swatch = if color.is_some() { 13.0 } else { 0.0 };
        let width = galley.size().x + 16.0 + swatch;
        let rest = if at + 1 < parts.len() { MORE } else { 0.0 };
        if x + width + rest + REST > inner.right() && at > 0 {
            let more = format!("+{}", parts.len() - at);
            let left = pos2(x + 3.0, inner.center().y);
            text::paint_elided(ui.painter(), left, &more, theme::font(12.5), tokens.dim, MORE);
            return x + MORE;
        }
        let width = width.min((inner.right() - x).max(30.0));
        let rect = Rect::from_min_size(pos2(x, inner.center().y - HEIGHT / 2.0), vec2(width, HEIGHT));
        let response = ui.interact(rect, Id::unique(("query chip", at)), Sense::click());
        let is_negated = matches!(part.kind, NodeKind::Not(_));
        let name = format!("Remove {words}");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let fill = if is_negated { tokens.excluded } else { tokens.selected };
        let fill = paint::mix(fill, tokens.pressed, paint::hover(ui, &response) * 0.6);
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
        if let Some(color) = color {
            choice::swatch(ui, pos2(rect.left() + 12.0, rect.center().y), color, is_negated);
        }
        let ink = if is_negated { tokens.on_bad } else { tokens.text };
        let clip = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let left = rect.left() + 8.0 + swatch;
        let room = rect.right() - 8.0 - left;
        text::paint_elided(&clip, pos2(left, rect.center().y), words, theme::font(12.5), ink, room);
        paint::focus_ring(ui, rect, &response, 5);
        if response.on_hover_text(format!("{words}\nClick to remove it. Click next to it to edit.")).clicked() {
            commands.push(Command::Query(QueryCommand::TakeAway(part.range.clone())));
        }
        x = rect.right() + GAP;
    }
    x.min(inner.right() - 0.7 * REST)
}

/// The color of the tag that a part is about.
fn color_of(opened: &Opened, part: &Node) -> Option<Color32> {
    let test = match &part.kind {
        NodeKind::Not(inner) => &inner.kind,
        kind => kind,
    };
    let NodeKind::Test(Test::Tag(Choice::Is(name)), _) = test else { return None };
    let tags = opened.catalogue.tags();
    tags.find_name(name).map(|tag| TagStyle::of(tags.get(tag)).color)
}
