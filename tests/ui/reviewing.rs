//! A whole review session with the keyboard only, in the real program: decisions, a comment, undo and redo, a question about
//! many images, a region on the canvas, and everything there again after a restart.

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use tagscope::app::review::Access;
use tagscope::app::state::Dialog;
use tagscope::app::{SourceSpec, State, View};
use tagscope::desktop::Shell;
use tagscope::domain::{ImageId, Subject, Verdict};

use crate::flow::{is_listed, press, program, until};

fn is_ready(state: &State) -> bool {
    is_listed(state) && state.opened.as_ref().is_some_and(|opened| opened.review.access == Access::Open)
}

fn is_kept(state: &State) -> bool {
    state.opened.as_ref().is_some_and(|opened| !opened.review.is_pending())
}

fn current(harness: &Harness<'static, Shell>) -> ImageId {
    harness.state().state().opened.as_ref().expect("project").current().expect("cursor").id()
}

fn verdict(harness: &Harness<'static, Shell>, image: ImageId) -> Option<Verdict> {
    harness.state().state().opened.as_ref().expect("project").review.reviews.verdict(Subject::image(image))
}

fn key(harness: &mut Harness<'static, Shell>, key: Key) {
    press(harness, Modifiers::NONE, key);
}

#[test]
fn a_review_session_with_the_keyboard_only() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);

    // One key an image: it goes on by itself.
    key(&mut harness, Key::ArrowRight);
    let first = current(&harness);
    key(&mut harness, Key::A);
    let second = current(&harness);
    key(&mut harness, Key::R);
    let third = current(&harness);
    key(&mut harness, Key::F);
    assert!(first != second && second != third);
    assert_eq!(verdict(&harness, first), Some(Verdict::Accepted));
    assert_eq!(verdict(&harness, second), Some(Verdict::Rejected));
    assert_eq!(verdict(&harness, third), Some(Verdict::Flagged));

    // Undo shows the image again; redo.
    key(&mut harness, Key::U);
    assert_eq!((verdict(&harness, third), current(&harness)), (None, third));
    press(&mut harness, Modifiers::COMMAND, Key::Y);
    assert_eq!(verdict(&harness, third), Some(Verdict::Flagged));

    // A comment.
    key(&mut harness, Key::C);
    assert_eq!(harness.state().state().dialog, Some(Dialog::Comment));
    harness.event(Event::Text("too wide".to_owned()));
    harness.step();
    key(&mut harness, Key::Enter);
    let comments = |harness: &Harness<'static, Shell>| {
        let opened = harness.state().state().opened.as_ref().expect("project");
        opened.review.reviews.comment_count(third)
    };
    assert_eq!((comments(&harness), harness.state().state().dialog), (1, None));

    // All of them: that is asked about.
    press(&mut harness, Modifiers::COMMAND, Key::A);
    key(&mut harness, Key::X);
    assert_eq!(harness.state().state().dialog, Some(Dialog::ConfirmReview));
    key(&mut harness, Key::Escape);
    assert_eq!(verdict(&harness, first), Some(Verdict::Accepted), "Esc is no");
    key(&mut harness, Key::X);
    key(&mut harness, Key::Enter);
    assert_eq!(verdict(&harness, first), Some(Verdict::Negative));
    key(&mut harness, Key::U);
    assert_eq!(verdict(&harness, first), Some(Verdict::Accepted), "one undo for all of them");
    key(&mut harness, Key::Escape);

    // A region on the canvas, and the next unreviewed image.
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state().state().opened.as_ref().map(|opened| opened.view), Some(View::Canvas));
    let image = current(&harness);
    key(&mut harness, Key::Tab);
    key(&mut harness, Key::R);
    let review = |harness: &Harness<'static, Shell>, image| {
        harness.state().state().opened.as_ref().expect("project").review.reviews.image(image)
    };
    assert_eq!(review(&harness, image).worst_region, Some(Verdict::Rejected));
    key(&mut harness, Key::E);
    assert_ne!(current(&harness), image);
    until(&mut harness, "the disk", is_kept);
    drop(harness);

    // Another day: all of it is there, and can still be undone.
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    assert_eq!(verdict(&harness, second), Some(Verdict::Rejected));
    assert_eq!((comments(&harness), review(&harness, image).worst_region), (1, Some(Verdict::Rejected)));
    key(&mut harness, Key::U);
    assert_eq!(review(&harness, image).worst_region, None);
    until(&mut harness, "the disk", is_kept);
}
