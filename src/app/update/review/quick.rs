//! A quick comment on what is chosen, and other words for one.

use super::{comment, say_for_a_moment, subjects};
use crate::quick_comments::{QuickCommand, QuickComments};
use crate::update::save;
use crate::{Effect, State};
use domain::{Reviews, Subject};

pub(super) fn update(state: &mut State, command: QuickCommand) -> Vec<Effect> {
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
