//! The projects that were open before.

use std::path::Path;

use egui::{CornerRadius, Rect, Sense, Ui, pos2, vec2};

use crate::ViewState;
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::row::row;
use crate::widgets::{Button, text};
use app::{Command, ConnectionCommand, PixelKey, Recent, SourceSpec, State};

const ROW: f32 = 60.0;

pub(super) fn recents_ui(ui: &mut Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    let recents = &state.settings.recents;
    if recents.is_empty() {
        return;
    }
    text::section(ui, "Recent", None);
    let mut shown = 0;
    for (place, recent) in recents.iter().enumerate().take(6) {
        recent_ui(ui, state, view, place, recent, commands);
        shown += 1;
    }
    if shown > 0 {
        ui.add_space(20.0);
    }
}

fn recent_ui(
    ui: &mut Ui,
    state: &State,
    view: &mut ViewState,
    place: usize,
    recent: &Recent,
    commands: &mut Vec<Command>,
) {
    let tokens = theme::of(ui);
    let name = format!("Open {}", recent.name);
    // The band reaches over the column's edges, so that the pictures stand under the section's head.
    let room = ui.available_width();
    let (slot, _) = ui.allocate_exact_size(vec2(room, ROW), Sense::hover());
    let mut child =
        ui.new_child(egui::UiBuilder::new().id_salt(("recent", place)).max_rect(slot.expand2(vec2(10.0, 0.0))));
    let (rect, response) = row(&mut child, &name, ROW, false);
    if response.clicked() {
        commands.push(Command::Connection(ConnectionCommand::OpenRecent(place)));
    }
    let cover = Rect::from_min_size(pos2(rect.left() + 10.0, rect.top() + 6.0), vec2(64.0, 48.0));
    cover_ui(ui, view, recent.cover, cover);
    let left = cover.right() + 12.0;
    let button = Rect::from_center_size(pos2(rect.right() - 22.0, rect.center().y), vec2(28.0, 28.0));
    let mut corner = ui.new_child(egui::UiBuilder::new().id_salt(("forget", place)).max_rect(button));
    let forget_id = corner.next_auto_id();
    let is_hovered = response.contains_pointer() || ui.memory(|memory| memory.has_focus(forget_id));
    let when = if is_hovered { String::new() } else { day_words(recent.opened_unix, state.now_unix) };
    let when_width = if is_hovered { 30.0 } else { text::figures_width(ui.painter(), &when, &theme::font(12.0)) };
    let width = rect.right() - 10.0 - when_width - 12.0 - left;
    let painter = ui.painter();
    let y = rect.center().y;
    text::paint_elided(painter, pos2(left, y - 9.0), &recent.name, theme::semibold(tokens::BODY), tokens.text, width);
    let facts = facts(recent, state.home.as_deref());
    text::paint_elided(painter, pos2(left, y + 9.0), &facts, theme::font(12.0), tokens.dim, width);
    let right = pos2(rect.right() - 10.0, y);
    text::figures(painter, right, egui::Align2::RIGHT_CENTER, &when, theme::font(12.0), tokens.dim, when_width);
    let forget = format!("Remove {} from the list", recent.name);
    if !is_hovered {
        corner.set_opacity(0.0);
    }
    if corner.add(Button::icon_only(icons::CLOSE, &forget)).clicked() {
        commands.push(Command::Connection(ConnectionCommand::ForgetRecent(place)));
    }
    response.on_hover_text_at_pointer(place_of(&recent.source, None));
}

/// The picture of a project, or an empty place for it.
pub(crate) fn cover_ui(ui: &Ui, view: &mut ViewState, cover: Option<domain::ImageId>, rect: Rect) {
    let tokens = theme::of(ui);
    let texture = cover.and_then(|id| view.textures.get(PixelKey::Cover { id }));
    let radius = CornerRadius::same(4);
    match texture {
        Some(texture) => {
            // Cut to the place's shape, around the middle.
            let size = texture.size.max(vec2(1.0, 1.0));
            let (picture, place) = (size.x / size.y, rect.aspect_ratio());
            let share = if picture > place { vec2(place / picture, 1.0) } else { vec2(1.0, picture / place) };
            let uv = Rect::from_center_size(pos2(0.5, 0.5), share);
            let shape =
                egui::epaint::RectShape::filled(rect, radius, egui::Color32::WHITE).with_texture(texture.id, uv);
            ui.painter().add(shape);
        }
        None => {
            ui.painter().rect_filled(rect, radius, tokens.raised);
            icons::paint(ui.painter(), rect.center(), icons::IMAGES, 20.0, tokens.faint);
        }
    }
}

fn facts(recent: &Recent, home: Option<&Path>) -> String {
    let tags = text::count(recent.tag_count, "tag", "tags");
    let images = text::count(recent.image_count, "image", "images");
    format!("{} \u{b7} {images} \u{b7} {tags} \u{b7} {}", recent.kind, place_of(&recent.source, home))
}

/// Where a project is: the endpoint's host, or the folder, from the home folder on where it is in there.
fn place_of(source: &SourceSpec, home: Option<&Path>) -> String {
    match source {
        SourceSpec::Service { endpoint } => {
            let host = endpoint.trim().trim_end_matches('/');
            host.strip_prefix("https://").unwrap_or(host).to_owned()
        }
        SourceSpec::Folder { path } => match home.and_then(|home| path.strip_prefix(home).ok()) {
            Some(inner) => Path::new("~").join(inner).display().to_string(),
            None => path.display().to_string(),
        },
        SourceSpec::Store { address } => address.to_string(),
        SourceSpec::Sample => "built in".to_owned(),
    }
}

/// `today`, `yesterday`, `12 days ago`, else the date.
fn day_words(then_unix: i64, now_unix: i64) -> String {
    const DAY: i64 = 86_400;
    let days = now_unix.div_euclid(DAY) - then_unix.div_euclid(DAY);
    match days {
        _ if then_unix <= 0 || now_unix <= 0 => String::new(),
        i64::MIN..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        2..=30 => format!("{days} days ago"),
        _ => domain::Timestamp(then_unix.saturating_mul(10_000_000)).date_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_or_a_folder() {
        let service = SourceSpec::Service { endpoint: " https://a.cognitiveservices.azure.com/ ".to_owned() };
        let folder = SourceSpec::Folder { path: "/home/me/data/trees".into() };
        let home = Some(Path::new("/home/me"));
        assert_eq!(place_of(&service, home), "a.cognitiveservices.azure.com");
        assert_eq!(place_of(&folder, home), Path::new("~").join("data/trees").display().to_string());
        assert_eq!(place_of(&folder, None), "/home/me/data/trees");
    }

    #[test]
    fn days_are_words_and_then_a_date() {
        let now = 1_795_000_000;
        let cases = [(now, "today"), (now - 86_400, "yesterday"), (now - 5 * 86_400, "5 days ago"), (0, "")];
        for (then, words) in cases {
            assert_eq!(day_words(then, now), words);
        }
        assert_eq!(day_words(now - 400 * 86_400, now), "2025-10-14");
    }
}
