//! Menus by keyboard: the menu key and Shift+F10 open the menu of the current thing, arrows and Enter act in it, Esc and a
//! choice give the keyboard back.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Popup};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::review::ReviewEvent;
use tagscope::app::{
    CanvasCommand, Command, CopyCommand, Dialog, DisplayCommand, Event, SelectionCommand, View, WindowCommand,
};
use tagscope::domain::{ImageIx, Subject, Verdict};

use super::fixture::{Parts, window_of};

/// A window whose decisions can be made, of 900 x 600 points.
fn shown(view: View, images: usize) -> Harness<'static, Parts> {
    let mut parts = Parts::new(images, 2);
    let generation = parts.state.generation;
    let event = ReviewEvent::Loaded { reviews: Default::default(), shut: None, notes: Vec::new() };
    parts.apply(Event::Review { generation, event });
    match view {
        View::Canvas => parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(1)))),
        view => parts.update(Command::Display(DisplayCommand::SetView(view))),
    }
    let mut harness = window_of(parts, 900.0, 600.0);
    harness.run();
    harness
}

fn press(harness: &mut Harness<'_, Parts>, key: Key) {
    harness.key_press(key);
    harness.run();
}

/// The entry that has the keyboard.
fn entry(harness: &Harness<'_, Parts>) -> Option<String> {
    let focused = harness.ctx.memory(egui::Memory::focused)?;
    let items = harness.query_all_by_role(Role::MenuItem);
    let mut names = items.filter(egui_kittest::Node::is_focused).filter_map(|node| node.accesskit_node().label());
    names.next().or(Some(format!("{focused:?}")))
}

fn is_open(harness: &Harness<'_, Parts>) -> bool {
    Popup::is_any_open(&harness.ctx)
}

fn goto(harness: &mut Harness<'_, Parts>, name: &str) {
    for _ in 0..40 {
        if entry(harness).as_deref() == Some(name) {
            return;
        }
        press(harness, Key::ArrowDown);
    }
    panic!("no entry {name}");
}

#[test]
fn the_key_opens_the_menu_of_the_image_under_the_cursor() {
    let mut harness = shown(View::Grid, 6);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::ArrowRight);
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(1)));
    press(&mut harness, Key::Menu);
    assert!(is_open(&harness));
    assert_eq!(entry(&harness).as_deref(), Some("Open the image"), "the first entry has the keyboard");
    // Keys of actions are not those of the menu.
    press(&mut harness, Key::R);
    goto(&mut harness, "Accept");
    press(&mut harness, Key::Enter);
    assert!(!is_open(&harness), "a choice closes it");
    let id = harness.state().opened().catalogue.get(ImageIx(1)).expect("image").id();
    assert_eq!(harness.state().opened().review.reviews.verdict(Subject::image(id)), Some(Verdict::Accepted));
    // The grid has the keyboard again.
    press(&mut harness, Key::ArrowRight);
    assert!(!is_open(&harness) && harness.state().opened().cursor.is_some());

    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    assert!(is_open(&harness));
    press(&mut harness, Key::Escape);
    assert!(!is_open(&harness));
    assert_eq!(harness.state().opened().view, View::Grid, "Esc closes the menu only");
}

#[test]
fn the_image_of_the_menu_is_brought_into_sight() {
    let mut harness = shown(View::Grid, 400);
    press(&mut harness, Key::End);
    let last = harness.state().opened().cursor;
    // Scrolled away by the wheel.
    super::fixture::wheel(&mut harness, egui::pos2(450.0, 300.0), 100_000.0);
    assert!(harness.query_by_label_contains("Image 400:").is_none());
    press(&mut harness, Key::Menu);
    assert!(is_open(&harness) && harness.state().opened().cursor == last);
    assert!(harness.query_by_label_contains("Image 400:").is_some());
}

#[test]
fn without_an_image_the_key_says_what_to_do() {
    let mut harness = shown(View::Grid, 6);
    press(&mut harness, Key::Menu);
    assert!(!is_open(&harness));
    assert!(harness.query_by_label_contains("Choose an image").is_some());
    // A text field keeps the key for itself.
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::Slash);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    assert!(harness.query_all_by_role(Role::MenuItem).count() == 0);
}

#[test]
fn a_crop_and_the_selected_region_have_it() {
    let mut harness = shown(View::Wall, 6);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::Menu);
    goto(&mut harness, "Copy the crop as a picture");
    harness.state_mut().take();
    press(&mut harness, Key::Enter);
    let copies = |command: &Command| matches!(command, Command::Copy(CopyCommand::Picture { part: Some(_), .. }));
    assert!(harness.state_mut().take().iter().any(copies));

    let mut harness = shown(View::Canvas, 6);
    press(&mut harness, Key::Menu);
    goto(&mut harness, "Copy the picture");
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Tab);
    let region = harness.state().opened().region.expect("a region");
    press(&mut harness, Key::Menu);
    goto(&mut harness, "Reject");
    press(&mut harness, Key::Enter);
    assert!(harness.state().opened().review.progress.is_region_reviewed(region));
}

#[test]
fn a_row_that_has_the_keyboard_has_its_own_menu_and_gets_the_keyboard_back() {
    let mut harness = shown(View::Grid, 6);
    harness.get_by_label_contains("fork, 2 images").focus();
    harness.run();
    press(&mut harness, Key::Menu);
    goto(&mut harness, "Exclude");
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().opened().query.text_in_force(), "-tag:fork");
    harness.run();
    assert!(harness.get_by_label_contains("fork, 0 of 2 images").is_focused(), "the row has it again");
}

#[test]
fn a_button_that_has_the_keyboard_leaves_the_key_to_the_view() {
    let mut harness = shown(View::Grid, 6);
    harness.state_mut().update(Command::Selection(SelectionCommand::CursorToEnd { last: false, extend: false }));
    harness.get_by_role_and_label(Role::Button, "Export...").focus();
    harness.run();
    press(&mut harness, Key::Menu);
    assert!(is_open(&harness) && harness.query_by_label("Pin for comparing").is_some());
}

#[test]
fn the_dialog_of_findings_is_not_left_by_the_key() {
    let mut harness = shown(View::Grid, 6);
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Findings))));
    harness.run();
    press(&mut harness, Key::Menu);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Findings));
    assert!(!is_open(&harness));
}
