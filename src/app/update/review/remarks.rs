//! What is said at the foot of the stage.

use crate::State;
use crate::review::{Lasting, Remark};

/// Says at the foot of the stage what was just done.
pub(in crate::update) fn say(state: &mut State, words: &str) {
    remark(state, words, Lasting::Kept);
}

/// Says at the foot of the stage what is seen there.
pub(in crate::update) fn say_of_view(state: &mut State, words: &str) {
    remark(state, words, Lasting::View);
}

/// Says at the foot of the stage why nothing was done.
pub(in crate::update) fn say_for_a_moment(state: &mut State, words: &str) {
    remark(state, words, Lasting::Moment);
}

/// What is about a view ends with it.
pub(in crate::update) fn end_remark(state: &mut State) {
    if let Some(opened) = &mut state.opened {
        let view = opened.view;
        opened.review.said.take_if(|said| said.lasting != Lasting::Kept && said.view != view);
    }
}

fn remark(state: &mut State, words: &str, lasting: Lasting) {
    let number = state.number();
    if let Some(opened) = &mut state.opened {
        let (words, view) = (words.to_owned(), opened.view);
        opened.review.said = Some(Remark { number, words, lasting, view });
    }
}
