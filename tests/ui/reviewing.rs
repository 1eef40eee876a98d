//! Whole review sessions with the keyboard only, in the real program: decisions, comments, undo and redo, a question about
//! many images or regions, on grid, canvas and region wall; a list that stays as it is meanwhile; and everything there
//! again after a restart.

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::review::Access;
use tagscope::app::{SourceSpec, State, View};
use tagscope::desktop::Shell;
use tagscope::domain::wall::WallItem;
use tagscope::domain::{ImageId, Subject, Verdict};

use crate::flow::{is_listed, press, program, until};

pub(crate) fn is_ready(state: &State) -> bool {
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

    // One key an image: it continues by itself.
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

fn wall_cursor(harness: &Harness<'static, Shell>) -> Option<(usize, WallItem)> {
    let wall = &harness.state().state().opened.as_ref().expect("project").wall;
    wall.cursor.and_then(|item| Some((wall.order.place(item)?, item)))
}

fn region_verdict(harness: &Harness<'static, Shell>, place: usize) -> Option<Verdict> {
    let opened = harness.state().state().opened.as_ref().expect("project");
    let subject = opened.wall.subject(&opened.catalogue, place).expect("on the wall");
    opened.review.reviews.verdict(subject)
}

fn is_in_order(state: &State) -> bool {
    let wall = state.opened.as_ref().map(|opened| &opened.wall);
    wall.is_some_and(|wall| !wall.order.is_empty() && !wall.is_ordering())
}

#[test]
fn a_review_session_on_the_region_wall_with_the_keyboard_only() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    press(&mut harness, Modifiers::COMMAND, Key::Num2);
    until(&mut harness, "the order of the regions", is_in_order);

    // One key a region: it continues by itself.
    key(&mut harness, Key::ArrowRight);
    for (place, (letter, verdict)) in
        [(Key::A, Verdict::Accepted), (Key::R, Verdict::Rejected), (Key::F, Verdict::Flagged)].into_iter().enumerate()
    {
        assert_eq!(wall_cursor(&harness).map(|(at, _)| at), Some(place));
        key(&mut harness, letter);
        assert_eq!(region_verdict(&harness, place), Some(verdict));
    }
    harness.get_by_label_contains(", rejected");
    harness.get_by_label("3 of 360 regions reviewed");
    key(&mut harness, Key::U);
    assert_eq!((region_verdict(&harness, 2), wall_cursor(&harness).map(|(at, _)| at)), (None, Some(2)));
    press(&mut harness, Modifiers::COMMAND, Key::Y);

    // A few chosen with Shift are one decision.
    key(&mut harness, Key::E);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    key(&mut harness, Key::A);
    assert_eq!([3, 4, 5].map(|place| region_verdict(&harness, place)), [Some(Verdict::Accepted); 3]);
    key(&mut harness, Key::U);
    assert_eq!([3, 4, 5].map(|place| region_verdict(&harness, place)), [None; 3]);
    key(&mut harness, Key::Escape);

    // All of them are asked about.
    press(&mut harness, Modifiers::COMMAND, Key::A);
    key(&mut harness, Key::X);
    assert_eq!(harness.state().state().dialog, Some(Dialog::ConfirmReview));
    harness.get_by_role_and_label(egui::accesskit::Role::Dialog, "This affects 360 regions in 60 images");
    key(&mut harness, Key::Enter);
    assert_eq!([0, 359].map(|place| region_verdict(&harness, place)), [Some(Verdict::Negative); 2]);
    key(&mut harness, Key::U);
    assert_eq!([0, 359].map(|place| region_verdict(&harness, place)), [Some(Verdict::Accepted), None]);
    key(&mut harness, Key::Escape);

    // A comment; to the canvas at that region and back to the same place; on to the next unreviewed one.
    key(&mut harness, Key::Home);
    key(&mut harness, Key::C);
    harness.event(Event::Text("too wide".to_owned()));
    harness.step();
    key(&mut harness, Key::Enter);
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state().state().opened.as_ref().map(|opened| opened.view), Some(View::Canvas));
    key(&mut harness, Key::Escape);
    assert_eq!(wall_cursor(&harness).map(|(at, _)| at), Some(0));
    key(&mut harness, Key::E);
    assert_eq!(wall_cursor(&harness).map(|(at, _)| at), Some(3));
    until(&mut harness, "the disk", is_kept);
    drop(harness);

    // Another day.
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    press(&mut harness, Modifiers::COMMAND, Key::Num2);
    until(&mut harness, "the order of the regions", is_in_order);
    let verdicts = [0, 1, 2, 3].map(|place| region_verdict(&harness, place));
    assert_eq!(verdicts, [Some(Verdict::Accepted), Some(Verdict::Rejected), Some(Verdict::Flagged), None]);
    key(&mut harness, Key::U);
    until(&mut harness, "the disk", is_kept);
    let comments = harness.state().state().opened.as_ref().expect("project").review.reviews.rows().len();
    assert_eq!(comments, 3, "the comment of yesterday is taken back");
}

#[test]
fn a_list_of_the_unreviewed_stays_until_it_is_refreshed() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    key(&mut harness, Key::Slash);
    harness.event(Event::Text("review:none".to_owned()));
    harness.step();
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::Escape);
    let shown = |harness: &Harness<'static, Shell>| {
        let opened = harness.state().state().opened.as_ref().expect("project");
        (opened.query.text.clone(), opened.visible.len(), opened.cursor)
    };
    assert_eq!((shown(&harness).0.as_str(), shown(&harness).1), ("review:none", 60));
    key(&mut harness, Key::Home);
    for letter in [Key::A, Key::R, Key::A] {
        key(&mut harness, letter);
    }
    let before = shown(&harness);
    assert_eq!(before.1, 60);
    harness.get_by_label("3 images no longer belong in this list");
    key(&mut harness, Key::Q);
    assert_eq!((shown(&harness).1, shown(&harness).2), (57, before.2), "the image under the cursor is the same");
    assert!(harness.query_by_label_contains("do not belong").is_none());
    until(&mut harness, "the disk", is_kept);
}

#[test]
fn quick_comments_with_the_keyboard_and_with_words_of_ones_own() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    key(&mut harness, Key::ArrowRight);
    let image = current(&harness);
    let comments = |harness: &Harness<'static, Shell>| {
        let opened = harness.state().state().opened.as_ref().expect("project");
        opened.review.reviews.comments(image).map(str::to_owned).collect::<Vec<_>>()
    };
    press(&mut harness, Modifiers::ALT, Key::Num2);
    press(&mut harness, Modifiers::ALT, Key::Num2);
    assert_eq!((comments(&harness), current(&harness)), (vec!["loose box".to_owned()], image));

    // In the dialog of a comment they are buttons with their keys.
    key(&mut harness, Key::C);
    harness.run_steps(4);
    harness.get_by_label_contains("wrong tag").click();
    harness.run_steps(3);
    assert_eq!((comments(&harness).len(), harness.state().state().dialog), (2, None));
    // While somebody types, a key is not a comment.
    key(&mut harness, Key::C);
    press(&mut harness, Modifiers::ALT, Key::Num4);
    assert_eq!(comments(&harness).len(), 2);
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::Escape);

    // Other words, from the palette.
    press(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(Event::Text("quick comments".to_owned()));
    harness.run_steps(2);
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state().state().dialog, Some(Dialog::QuickComments));
    let field = harness.get_by_label("Quick comment 4, Alt+4");
    field.focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("handle cut off".to_owned()));
    harness.run_steps(2);
    key(&mut harness, Key::Enter);
    key(&mut harness, Key::Escape);
    assert_eq!(harness.state().state().dialog, None);
    press(&mut harness, Modifiers::ALT, Key::Num4);
    assert_eq!(comments(&harness).last().map(String::as_str), Some("handle cut off"));
}

#[test]
fn a_sample_to_review_from_the_dialog() {
    let home = tempfile::tempdir().expect("folder");
    let mut harness = program(home.path(), Some(SourceSpec::Sample));
    until(&mut harness, "the listing and the decisions", is_ready);
    let text = |harness: &Harness<'static, Shell>| {
        harness.state().state().opened.as_ref().expect("project").query.text.clone()
    };
    for expected in ["sample:20", "sample:20#2"] {
        press(&mut harness, Modifiers::COMMAND, Key::K);
        harness.event(Event::Text("reviews".to_owned()));
        harness.run_steps(2);
        key(&mut harness, Key::Enter);
        harness.run_steps(4);
        harness.get_by_label("Random sample of each tag").click();
        harness.run_steps(4);
        harness.get_by_label("20 images of each tag").click();
        harness.run_steps(3);
        assert_eq!((text(&harness).as_str(), harness.state().state().dialog), (expected, None));
    }
    let opened = harness.state().state().opened.as_ref().expect("project");
    // Of eight tags, in a project of 60 images.
    assert!((20..=60).contains(&opened.visible.len()), "{}", opened.visible.len());
}
