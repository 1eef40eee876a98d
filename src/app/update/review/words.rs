//! What is said at the foot of the stage: what a decision did, the same when it is made, undone and redone; and remarks of
//! others.

use crate::State;
use crate::review::{Lasting, Remark, Reversal};
use crate::words::count;
use domain::{Blame, DecisionKind, DecisionSummary, Verdict};

/// "Rejected 4 regions", "Dismissed the finding \u{201c}Boxes overlap, same tag\u{201d} on 1 image".
pub(super) fn summary_words(summary: &DecisionSummary) -> String {
    let images = summary.image_count() as u64;
    match summary.kind {
        DecisionKind::Decide => match summary.verdict {
            Some(Verdict::Accepted) => format!("Accepted {}", about(summary)),
            Some(Verdict::Rejected) => format!("Rejected {}", about(summary)),
            Some(Verdict::Flagged) => format!("Flagged {}", about(summary)),
            Some(Verdict::Negative) => format!("Confirmed {} as negative", about(summary)),
            None => format!("Cleared the verdict of {}", about(summary)),
        },
        DecisionKind::Comment => {
            let words = summary.text.as_deref().map(short).unwrap_or_default();
            format!("Commented \u{201c}{words}\u{201d} on {}", about(summary))
        }
        DecisionKind::Import => {
            let rows = count(summary.subjects.len() as u64, "review", "reviews");
            format!("Imported {rows} about {}", count(images, "image", "images"))
        }
        DecisionKind::Dismiss => format!("Dismissed {}", findings(summary, images)),
        DecisionKind::Restore => format!("Restored {}", findings(summary, images)),
        DecisionKind::Blame => blamed(summary),
    }
}

/// Letters of a comment that are said.
const MOST_SAID: usize = 40;

/// The beginning of a comment.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}...", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// "The label is wrong", "The model is wrong: 4 predictions and labels".
fn blamed(summary: &DecisionSummary) -> String {
    let what = summary.blame.map_or("Cleared the label-or-model decision", Blame::label);
    match summary.disputes.len() as u64 {
        1 => what.to_owned(),
        many => format!("{what}: {many} predictions and labels"),
    }
}

/// With a small letter in front, behind "Undone:" and "Redone:".
pub(super) fn after_colon(summary: &DecisionSummary) -> String {
    let words = summary_words(summary);
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// "1 image", "4 regions", "1 image and 4 regions".
fn about(summary: &DecisionSummary) -> String {
    let regions = summary.region_count() as u64;
    let images = summary.subjects.len() as u64 - regions;
    match (images, regions) {
        (images, 0) => count(images, "image", "images"),
        (0, regions) => count(regions, "region", "regions"),
        (images, regions) => {
            format!("{} and {}", count(images, "image", "images"), count(regions, "region", "regions"))
        }
    }
}

fn findings(summary: &DecisionSummary, images: u64) -> String {
    let place = match images {
        0 => String::new(),
        images => format!(" on {}", count(images, "image", "images")),
    };
    match &summary.findings[..] {
        [finding] => format!("the finding \u{201c}{}\u{201d}{place}", finding.kind().label()),
        many => format!("{}{place}", count(many.len() as u64, "finding", "findings")),
    }
}

/// Says at the foot of the stage what was just done.
pub(in crate::update) fn say(state: &mut State, words: &str) {
    remark(state, words, Lasting::Kept, None);
}

/// Says what was just decided, undone or redone, with the way back.
pub(super) fn say_with_way_back(state: &mut State, words: &str, reversal: Reversal) {
    remark(state, words, Lasting::Kept, Some(reversal));
}

/// Says at the foot of the stage what is seen there.
pub(in crate::update) fn say_of_view(state: &mut State, words: &str) {
    remark(state, words, Lasting::View, None);
}

/// Says at the foot of the stage why nothing was done.
pub(in crate::update) fn say_for_a_moment(state: &mut State, words: &str) {
    remark(state, words, Lasting::Moment, None);
}

/// What is about a view ends with it.
pub(in crate::update) fn end_remark(state: &mut State) {
    if let Some(opened) = &mut state.opened {
        let view = opened.view;
        opened.review.remark.take_if(|said| said.lasting != Lasting::Kept && said.view != view);
    }
}

fn remark(state: &mut State, words: &str, lasting: Lasting, reversal: Option<Reversal>) {
    let number = state.number();
    if let Some(opened) = &mut state.opened {
        let (words, view) = (words.to_owned(), opened.view);
        opened.review.remark = Some(Remark { number, words, lasting, view, reversal });
    }
}
