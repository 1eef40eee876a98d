//! Verdicts and comments on what is chosen, before they are entered: what they are about, and whether to ask first.

use super::{advance, enter, say, say_for_a_moment};
use crate::Effect;
use crate::dialog::Dialog;
use crate::quick_comments::{QuickCommand, QuickComments};
use crate::review::{Access, ReviewState, UnconfirmedDecision};
use crate::state::{Opened, State};
use crate::update::save;
use crate::view::View;
use domain::{ImageIx, Reviews, Statement, Subject, Verdict};
use formats::reviews::MOST_COMMENT;

pub(super) fn decide(state: &mut State, mut subjects: Vec<Subject>, verdict: Verdict) -> Vec<Effect> {
    subjects.sort_unstable();
    subjects.dedup();
    let Some(opened) = &state.opened else { return Vec::new() };
    let has = |subject: &Subject| opened.review.reviews.verdict(*subject) == Some(verdict);
    if !subjects.is_empty() && subjects.iter().all(has) {
        return decided_already(state, &subjects, verdict);
    }
    ask_or_enter(state, Statement::Decide { subjects, verdict: Some(verdict) })
}

/// Nothing changes, but the cursor moves on as after any decision.
fn decided_already(state: &mut State, subjects: &[Subject], verdict: Verdict) -> Vec<Effect> {
    let next = next_after(state, subjects);
    say_for_a_moment(state, &format!("Already {}", verdict.label().to_lowercase()));
    next.map_or_else(Vec::new, |next| advance::go(state, next))
}

/// What follows a decision about a single subject, if the cursor is to move on.
pub(super) fn next_after(state: &State, subjects: &[Subject]) -> Option<advance::Next> {
    match subjects {
        [subject] if state.settings.review_advances => advance::after(state, *subject),
        _ => None,
    }
}

pub(super) fn clear(state: &mut State, mut subjects: Vec<Subject>) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let has_some = !subjects.is_empty();
    subjects.retain(|subject| opened.review.reviews.verdict(*subject).is_some());
    subjects.sort_unstable();
    subjects.dedup();
    if has_some && subjects.is_empty() {
        say_for_a_moment(state, "There is no verdict to clear");
        return Vec::new();
    }
    ask_or_enter(state, Statement::Decide { subjects, verdict: None })
}

pub(super) fn comment(state: &mut State, mut subjects: Vec<Subject>, text: &str) -> Vec<Effect> {
    subjects.sort_unstable();
    subjects.dedup();
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    if text.len() > MOST_COMMENT {
        say(state, &format!("Not saved: a comment can have at most {} KiB", MOST_COMMENT >> 10));
        return Vec::new();
    }
    ask_or_enter(state, Statement::Comment { subjects, text: text.into() })
}

/// Asks first where a decision is about more images or regions than anyone means by accident.
pub(super) fn ask_or_enter(state: &mut State, statement: Statement) -> Vec<Effect> {
    let images = ReviewState::images_of(&statement).len();
    if images == 0 {
        say_for_a_moment(state, nothing_selected(state));
        return Vec::new();
    }
    let regions = ReviewState::regions_of(&statement);
    let limit = state.settings.review_bulk.max(1);
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let labeled = labeled(opened, &statement);
    let is_doubtful = images > 1 && labeled > 0;
    if (images.max(regions) > limit || is_doubtful) && opened.review.access == Access::Open {
        opened.review.asked = Some(UnconfirmedDecision { statement, images, regions, labeled });
        state.dialog = Some(Dialog::ConfirmReview);
        return Vec::new();
    }
    enter(state, statement)
}

/// Why a decision is about nothing.
fn nothing_selected(state: &State) -> &'static str {
    let Some(opened) = state.opened.as_ref().filter(|opened| opened.view == View::Wall) else {
        return "No image is selected";
    };
    match opened.wall.subjects_at_hand().next() {
        Some(_) => "A prediction has no verdict. Decide whether the label or the model is wrong",
        None => "No region is selected",
    }
}

/// Number of images that a statement would confirm as negative although they have regions.
fn labeled(opened: &Opened, statement: &Statement) -> usize {
    let Statement::Decide { subjects, verdict: Some(Verdict::Negative) } = statement else { return 0 };
    let is_labeled = |subject: &&Subject| {
        let image = opened.catalogue.find(subject.image).and_then(|ix| opened.catalogue.get(ix));
        subject.region.is_none() && image.is_some_and(|image| image.region_count() > 0)
    };
    subjects.iter().filter(is_labeled).count()
}

/// The selected region, else the image on the canvas; on the grid the selection when it is of several images, else the
/// image under the cursor, because that is the one the user looks at; on the wall the chosen regions, else the one under
/// the cursor.
pub(super) fn subjects(state: &State) -> Vec<Subject> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let image = |ix: ImageIx| opened.catalogue.get(ix).map(|image| Subject::image(image.id()));
    match opened.view {
        View::Canvas => {
            let region = opened.region.and_then(|region| opened.catalogue.region(region));
            let Some(current) = opened.current() else { return Vec::new() };
            vec![Subject { image: current.id(), region: region.map(|region| region.id) }]
        }
        View::Grid if opened.selection.len() > 1 => opened.selection.iter().filter_map(image).collect(),
        View::Grid => {
            let alone = opened.selection.iter().next();
            opened.cursor.or(alone).and_then(image).into_iter().collect()
        }
        View::Wall => opened.wall.subjects(&opened.catalogue),
        View::Statistics | View::Evaluation => Vec::new(),
    }
}

pub(super) fn update_quick(state: &mut State, command: QuickCommand) -> Vec<Effect> {
    match command {
        QuickCommand::Make(place) => return comment_of(state, place),
        QuickCommand::Set { place, text } => state.settings.quick_comments.set(place, &text),
        QuickCommand::Reset => state.settings.quick_comments = QuickComments::default(),
    }
    vec![save(state)]
}

/// Makes the comment of a place, once on each subject.
fn comment_of(state: &mut State, place: usize) -> Vec<Effect> {
    let Some(text) = state.settings.quick_comments.get(place).map(str::to_owned) else { return Vec::new() };
    let mut subjects = subjects(state);
    let has_some = !subjects.is_empty();
    if let Some(opened) = &state.opened {
        subjects.retain(|subject| !has_said(&opened.review.reviews, *subject, &text));
    }
    if has_some && subjects.is_empty() {
        say_for_a_moment(state, &format!("Already commented: {text}"));
        return Vec::new();
    }
    comment(state, subjects, &text)
}

fn has_said(reviews: &Reviews, subject: Subject, text: &str) -> bool {
    let mut own = reviews.comments_in_full(subject.image).filter(|comment| comment.by == *reviews.reviewer());
    own.any(|comment| comment.subject == subject && &*comment.text == text)
}
