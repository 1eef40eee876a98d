//! The inspector's section on reviews: the four verdicts, a comment, what others said.

use egui::{Id, Key, Ui, vec2};

use super::{color, icon};
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::{Button, Field, text};
use app::review::{Access, ReviewCommand};
use app::state::Opened;
use app::view::View;
use app::{Action, Command, State};
use domain::{ImageView, Subject, Timestamp, Verdict};

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
    let response = response.on_hover_ui(|ui| super::quick::keys_ui(ui, state));
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
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
