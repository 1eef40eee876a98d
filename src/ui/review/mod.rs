//! How decisions look: badges on pictures, chips and rows, and the line that says what they would change about the list.
//! `section` is the inspector's part, `dialogs` are the questions.

pub(super) mod dialogs;
pub(crate) mod section;
pub(super) mod survey;

use egui::{Align, Color32, Layout, Painter, Pos2, Rect, Role, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use super::icons::{self, Icon};
use super::theme::{self, DARK, Tokens, tokens};
use super::widgets::{Button, text};
use app::state::Opened;
use app::{Action, Command, State};
use domain::{ImageId, Subject, Verdict};

pub(crate) fn icon(verdict: Verdict) -> Icon {
    match verdict {
        Verdict::Accepted => icons::CHECK,
        Verdict::Rejected => icons::CLOSE,
        Verdict::Flagged => icons::FLAG,
        Verdict::Negative => icons::NEGATIVE,
    }
}

/// The color of a verdict among other words.
pub(crate) fn color(verdict: Verdict, tokens: &Tokens) -> Color32 {
    match verdict {
        Verdict::Accepted => tokens.ok,
        Verdict::Rejected => tokens.bad,
        Verdict::Flagged => tokens.warning,
        Verdict::Negative => tokens.dim,
    }
}

/// A round badge on a picture: the same in light and dark, because pictures are.
pub(crate) fn badge(painter: &Painter, center: Pos2, radius: f32, verdict: Verdict) {
    painter.circle(center, radius, color(verdict, &DARK), Stroke::new(1.0, tokens::HALO));
    icons::paint(painter, center, icon(verdict), radius * 1.5, tokens::CANVAS);
}

/// The badges of an image at the top right of its cell: the verdict, the gravest one of its regions in small, comments,
/// disagreement.
pub(crate) fn badges(painter: &Painter, cell: Rect, opened: &Opened, image: ImageId) {
    if opened.review.reviews.is_empty() {
        return;
    }
    let review = opened.review.reviews.image(image);
    let radius = if cell.width() < 100.0 { 6.5 } else { 9.0 };
    let mut center = cell.right_top() + vec2(-radius - 6.0, radius + 5.0);
    let step = vec2(-radius * 2.0 - 4.0, 0.0);
    if let Some(verdict) = review.verdict {
        badge(painter, center, radius, verdict);
        center += step;
    }
    if let Some(verdict) = review.worst_region {
        badge(painter, center, radius * 0.7, verdict);
        center += step;
    }
    for (_, icon) in [(review.comment_count > 0, icons::COMMENT), (review.has_disagreement, icons::DISAGREE)]
        .into_iter()
        .filter(|(is_there, _)| *is_there)
    {
        painter.circle_filled(center, radius, tokens::CHIP);
        icons::paint(painter, center, icon, radius * 1.35, tokens::ON_CHIP);
        center += step;
    }
}

/// A small mark at the right end of a region's chip or row.
pub(crate) fn mark_of(opened: &Opened, subject: Subject) -> Option<Verdict> {
    opened.review.reviews.verdict(subject)
}

/// What a screen reader says of an image's reviews: `, accepted, 2 comments`. Empty when there are none.
pub(crate) fn spoken(opened: &Opened, image: ImageId) -> String {
    let review = opened.review.reviews.image(image);
    let mut words = String::new();
    if let Some(verdict) = review.verdict {
        words = format!(", {}", verdict.label().to_lowercase());
    }
    if let Some(verdict) = review.worst_region {
        words.push_str(&format!(", a region {}", verdict.label().to_lowercase()));
    }
    if review.comment_count > 0 {
        words.push_str(&format!(", {}", text::count(review.comment_count as u64, "comment", "comments")));
    }
    if review.has_disagreement {
        words.push_str(", reviewers disagree");
    }
    words
}

const HEIGHT: f32 = 38.0;

/// Shows the line at the bottom of `whole` where decisions would change the list; returns the room that is left. Nothing
/// above it moves.
pub(crate) fn outdated_ui(
    ui: &mut Ui,
    whole: Rect,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> Rect {
    if opened.query.outdated.is_empty() {
        return whole;
    }
    let (left, line) = whole.split_top_bottom_at_y(whole.bottom() - HEIGHT);
    let tokens = theme::of(ui);
    ui.painter().rect_filled(line, 0.0, tokens.panel);
    ui.painter().hline(line.x_range(), line.top() + 0.5, Stroke::new(1.0, tokens.line));
    let inner = line.shrink2(vec2(tokens::GAP_LARGE, 0.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut line_ui = ui.new_child(UiBuilder::new().id_salt("outdated list").max_rect(inner).layout(layout));
    let action = Action::RefreshList.text();
    let button = Button::new("Refresh").name(action.label).key_if(state.keys.cap(Action::RefreshList));
    if line_ui.add(button).on_hover_text(action.tooltip).clicked() {
        commands.extend(Action::RefreshList.command(state));
    }
    let words = opened.query.outdated.words();
    let room = line_ui.available_rect_before_wrap();
    let response = ui.interact(room, ui.scope_id().with("outdated words"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words.clone()));
    let font = theme::font(tokens::BODY);
    let galley = text::elided(ui.painter(), &words, font, tokens.text, room.width() - tokens::GAP);
    let at = room.left_center() - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.text);
    left
}
