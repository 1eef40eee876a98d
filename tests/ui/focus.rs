//! Tab goes through what stands side by side from left to right, wherever it is.

use egui::{Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::dialog::Dialog;
use tagscope::app::{CanvasCommand, Command, CompareCommand, DisplayCommand, QueryCommand, View, WindowCommand};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, window_of};

fn focused(harness: &Harness<'_, Parts>) -> Option<(String, Rect)> {
    let node = harness.root().children_recursive().find(|node| node.accesskit_node().is_focused())?;
    let name = node.accesskit_node().label().unwrap_or_default();
    // The stage has no place of its own.
    Some((name, node.rect())).filter(|(_, rect)| rect.is_finite())
}

/// Everything that Tab reaches, once around.
fn walk(harness: &mut Harness<'_, Parts>) -> Vec<(String, Rect)> {
    let mut found: Vec<(String, Rect)> = Vec::new();
    for _ in 0..120 {
        harness.key_press(Key::Tab);
        harness.run();
        let Some(next) = focused(harness) else { continue };
        if found.contains(&next) {
            break;
        }
        found.push(next);
    }
    found
}

/// Two that follow each other on one line: the second is at the right.
#[track_caller]
fn assert_reads(what: &str, found: &[(String, Rect)]) {
    assert!(found.len() > 1, "{what}: {found:?}");
    for pair in found.windows(2) {
        let [(one, from), (other, to)] = pair else { continue };
        let is_one_line = (from.center().y - to.center().y).abs() < 6.0 && from.height() < 60.0 && to.height() < 60.0;
        assert!(!is_one_line || from.left() <= to.left(), "{what}: {one} {from:?}, then {other} {to:?}");
    }
}

#[test]
fn tab_goes_from_left_to_right_in_every_view() {
    for view in [View::Grid, View::Wall, View::Canvas, View::Statistics] {
        for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
            let mut parts = Parts::new(12, 2);
            parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
            parts.update(Command::Display(DisplayCommand::SetView(view)));
            if view == View::Canvas {
                parts.update(Command::Canvas(CanvasCommand::Compare(CompareCommand::Toggle)));
            } else {
                parts.update(Command::Query(QueryCommand::Edit("tag:fork".to_owned())));
            }
            let mut harness = window_of(parts, width, height);
            harness.run();
            // The canvas keeps Tab for the regions until a button has the keyboard.
            harness.get_by_label("Export...").focus();
            harness.run();
            let found = walk(&mut harness);
            assert_reads(&format!("{view:?} at {width}"), &found);
        }
    }
}

#[test]
fn tab_goes_from_left_to_right_in_every_dialog() {
    let dialogs = [
        Dialog::Export,
        Dialog::Leave,
        Dialog::Findings,
        Dialog::Predictions,
        Dialog::Changes,
        Dialog::Settings,
        Dialog::Diagnostics,
        Dialog::OpenFolder,
        Dialog::Reviews,
        Dialog::Help,
        Dialog::Comment,
    ];
    for dialog in dialogs {
        let mut parts = Parts::new(12, 2);
        parts.update(Command::Window(WindowCommand::ShowDialog(Some(dialog))));
        let mut harness = window_of(parts, 1280.0, 800.0);
        harness.run();
        let found = walk(&mut harness);
        assert_reads(&format!("{dialog:?}"), &found);
    }
}
