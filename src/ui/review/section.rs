//! The section of the inspector on reviews: the four verdicts, a comment, what others said. And quick comments: the
//! dialog that changes their words, and the buttons that make one.

use egui::{Align, Id, Layout, Ui, UiBuilder, pos2, vec2};

use super::{color, icon};
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::dialog::{buttons, close_button, dialog};
use crate::widgets::field::enter_pressed;
use crate::widgets::{Button, Field, button, text};
use app::action::QUICK_COMMENTS;
use app::quick_comments::{PLACES, QuickCommand, QuickComments};
use app::review::{Access, ReviewCommand};
use app::state::Opened;
use app::view::View;
use app::{Action, Command, State, WindowCommand};
use domain::{ImageView, Subject, Timestamp, Verdict};
use formats::reviews::MOST_COMMENT;

const MOST_ROWS: usize = 40;

#[derive(Default)]
pub(crate) struct SectionView {
    comment: String,
}

/// The action of a verdict's key.
pub(super) fn action(verdict: Verdict) -> Action {
    match verdict {
        Verdict::Accepted => Action::Accept,
        Verdict::Rejected => Action::Reject,
        Verdict::Flagged => Action::Flag,
        Verdict::Negative => Action::ConfirmNegative,
    }
}

pub(crate) fn section_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    view: &mut SectionView,
    commands: &mut Vec<Command>,
) {
    let region = opened
        .region
        .filter(|_| matches!(opened.view, View::Canvas | View::Wall))
        .and_then(|ix| opened.catalogue.region(ix));
    let subject = Subject { image: image.id(), region: region.map(|region| region.id) };
    let about = match &region {
        Some(region) => format!("region: {}", opened.catalogue.tags().get(region.tag).name),
        None => String::new(),
    };
    text::section(ui, "Review", (!about.is_empty()).then_some(about.as_str()));
    ui.add_space(tokens::GAP_SMALL);
    buttons_ui(ui, state, opened, subject, commands);
    ui.add_space(tokens::GAP_SMALL + 2.0);
    let field = Field::new(Id::unique("comment on the image"), "Comment").hint("Comment...").room_right(28.0);
    let (response, rect) = field.show(ui, &mut view.comment);
    if let Some(key) = state.keys.cap(Action::Comment).filter(|_| view.comment.is_empty() && !response.has_focus()) {
        let right = rect.right_center() - vec2(12.0, 0.0);
        ui.painter().text(right, egui::Align2::RIGHT_CENTER, key, theme::font(tokens::SMALL), theme::of(ui).dim);
    }
    let response = response.on_hover_ui(|ui| keys_ui(ui, state));
    let is_entered = enter_pressed(ui, &response);
    if is_entered && !view.comment.trim().is_empty() {
        let text = std::mem::take(&mut view.comment);
        commands.push(Command::Review(ReviewCommand::Comment { subjects: vec![subject], text }));
    }
    words_ui(ui, opened, image);
}

fn buttons_ui(ui: &mut Ui, state: &State, opened: &Opened, subject: Subject, commands: &mut Vec<Command>) {
    let gap = 6.0;
    let width = ((ui.available_width() - gap) / 2.0).floor();
    let current = opened.review.reviews.verdict(subject);
    for pair in Verdict::ALL.chunks(2) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for &verdict in pair {
                verdict_ui(ui, state, opened, subject, verdict, current, width, commands);
            }
        });
        ui.add_space(gap);
    }
}

/// A button with the word, the key and, once it is set, the color of a verdict.
#[expect(clippy::too_many_arguments, reason = "a button of the section, with the section's arguments")]
fn verdict_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    subject: Subject,
    verdict: Verdict,
    current: Option<Verdict>,
    width: f32,
    commands: &mut Vec<Command>,
) {
    let (action, is_set) = (action(verdict), current == Some(verdict));
    let words = action.text();
    let short = if verdict == Verdict::Negative { "Negative" } else { words.label };
    let button = Button::new(short)
        .name(words.label)
        .icon(icon(verdict))
        .key_if(state.keys.cap(action))
        .min_width(width)
        .max_width(width)
        .selected(is_set)
        .tint(color(verdict, theme::of(ui)))
        .enabled(!matches!(opened.review.access, Access::Loading));
    let more = if is_set { "Click again to clear it" } else { words.tooltip };
    if ui.add(button).on_hover_text(format!("{}\n{more}", words.label)).clicked() {
        let subjects = vec![subject];
        commands.push(Command::Review(match is_set {
            true => ReviewCommand::Clear(subjects),
            false => ReviewCommand::Decide { subjects, verdict },
        }));
    }
}

/// Verdicts of others, of regions, and the comments.
fn words_ui(ui: &mut Ui, opened: &Opened, image: ImageView<'_>) {
    let tokens = theme::of(ui);
    let reviews = &opened.review.reviews;
    if reviews.has_disagreement(image.id()) {
        ui.add_space(tokens::GAP_SMALL);
        line_ui(ui, icons::DISAGREE, tokens.warning, "Reviewers disagree");
    }
    let own = reviews.reviewer();
    let mut opinions: Vec<_> =
        reviews.opinions(image.id()).filter(|opinion| opinion.by != &**own).take(MOST_ROWS).collect();
    opinions.sort_unstable_by_key(|opinion| (opinion.subject, opinion.at));
    for opinion in opinions {
        let what = region_name(opened, image, opinion.subject);
        let words = format!("{}: {}{what}", opinion.by, opinion.verdict.label().to_lowercase());
        ui.add_space(tokens::GAP_SMALL);
        line_ui(ui, icon(opinion.verdict), color(opinion.verdict, tokens), &words);
    }
    for comment in reviews.comments_in_full(image.id()).take(MOST_ROWS) {
        ui.add_space(tokens::GAP_SMALL + 2.0);
        let what = region_name(opened, image, comment.subject);
        let when = Timestamp(comment.at.saturating_mul(10_000_000)).display_text();
        let head = format!("{} \u{b7} {when}{what}", comment.by);
        text::paragraph(ui, &head, theme::font(tokens::SMALL), tokens.dim);
        text::paragraph(ui, &comment.text, theme::font(12.5), tokens.text);
    }
}

/// ` (region fork)`; ` (a deleted region)`.
fn region_name(opened: &Opened, image: ImageView<'_>, subject: Subject) -> String {
    let Some(id) = subject.region else { return String::new() };
    match image.regions().find(|region| region.id == id) {
        Some(region) => format!(" (region {})", opened.catalogue.tags().get(region.tag).name),
        None => " (a deleted region)".to_owned(),
    }
}

fn line_ui(ui: &mut Ui, icon: icons::Icon, color: egui::Color32, words: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
        icons::paint(ui.painter(), rect.center(), icon, 15.0, color);
        text::paragraph(ui, words, theme::font(12.5), theme::of(ui).text);
    });
}

/// Room for a key beside its words.
const KEY: f32 = 64.0;

/// The comments with their keys, to be made by a click.
pub(super) fn choices_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let known: Vec<_> =
        (0..PLACES).filter_map(|place| Some((place, state.settings.quick_comments.get(place)?))).collect();
    if known.is_empty() {
        return;
    }
    ui.add_space(tokens::GAP_SMALL);
    let gap = 6.0;
    let width = ((ui.available_width() - gap) / 2.0).floor();
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for pair in known.chunks(2) {
        ui.horizontal(|ui| {
            for &(place, words) in pair {
                let button = Button::new(words).left().min_width(width).max_width(width);
                if ui.add(button.key_if(state.keys.cap(QUICK_COMMENTS[place]))).on_hover_text(words).clicked() {
                    // First the dialog: a comment on many images asks in one of its own.
                    commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                    commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Make(place))));
                }
            }
        });
    }
}

/// The comments with their keys, as lines.
pub(super) fn keys_ui(ui: &mut Ui, state: &State) {
    text::body(ui, "Comment on this image or region");
    for (place, action) in QUICK_COMMENTS.into_iter().enumerate() {
        if let (Some(words), Some(key)) = (state.settings.quick_comments.get(place), state.keys.cap(action)) {
            text::dim(ui, &format!("{key}  {words}"));
        }
    }
}

/// The dialog. What is typed counts once a field is left.
pub(crate) fn quick_ui(ui: &Ui, state: &State, typed: &mut Option<Vec<String>>, commands: &mut Vec<Command>) {
    dialog(ui, "Quick comments", 480.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let words = "Each key adds a comment to the region, image or selection, just as a verdict does.";
        text::paragraph(ui, words, theme::font(tokens::SMALL), theme::of(ui).dim);
        ui.add_space(tokens::GAP_SMALL);
        let known = |place| state.settings.quick_comments.get(place).unwrap_or_default().to_owned();
        let texts = typed.get_or_insert_with(|| (0..PLACES).map(known).collect());
        for (place, words) in texts.iter_mut().enumerate() {
            place_ui(ui, state, place, words, commands);
        }
        if state.settings.quick_comments != QuickComments::default()
            && ui.add(Button::new("Restore the defaults").quiet()).clicked()
        {
            *typed = None;
            commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Reset)));
        }
        buttons(ui, |ui| {
            close_button(ui, "Close", commands);
        });
    });
}

fn place_ui(ui: &mut Ui, state: &State, place: usize, words: &mut String, commands: &mut Vec<Command>) {
    let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), egui::Sense::hover());
    let key = state.keys.cap(QUICK_COMMENTS[place]);
    match &key {
        Some(key) => {
            button::paint_key_cap_at(ui, pos2(room.left() + KEY - 10.0, room.center().y), key);
        }
        None => {
            let at = pos2(room.left(), room.center().y);
            text::paint_elided(ui.painter(), at, "no key", theme::font(12.0), theme::of(ui).dim, KEY - 10.0);
        }
    }
    let name = match key {
        Some(key) => format!("Quick comment {}, {key}", place + 1),
        None => format!("Quick comment {}", place + 1),
    };
    let layout = Layout::left_to_right(Align::Center);
    let field = UiBuilder::new().max_rect(room.with_min_x(room.left() + KEY)).layout(layout);
    let response = ui.scope_builder(field, |ui| {
        let field = Field::new(Id::unique(("quick comment", place)), &name).hint("None").limit(MOST_COMMENT / 4);
        field.show(ui, words).0
    });
    let is_new = words.trim() != state.settings.quick_comments.get(place).unwrap_or_default();
    if response.inner.lost_focus() && is_new {
        commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Set { place, text: words.clone() })));
    }
}
