//! The parts of the query as chips: what is meant, what is not; a click takes one away, next to them one types.

use egui::{CornerRadius, Id, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::tag_style::TagStyle;
use crate::theme;
use crate::widgets::{choice, paint, text};
use app::state::Opened;
use app::{Command, QueryCommand};
use domain::query::{Choice, Kind, Node, Test, edit};

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
        let is_negated = matches!(part.kind, Kind::Not(_));
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
fn color_of(opened: &Opened, part: &Node) -> Option<egui::Color32> {
    let test = match &part.kind {
        Kind::Not(inner) => &inner.kind,
        kind => kind,
    };
    let Kind::Test(Test::Tag(Choice::Is(name)), _) = test else { return None };
    let tags = opened.catalogue.tags();
    tags.find_name(name).map(|tag| TagStyle::of(tags.get(tag)).color)
}
