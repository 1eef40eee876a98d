//! Keys that the user has chosen: changed in the dialog, shown wherever a key is shown, and obeyed.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::{Action, CanvasCommand, Command, WindowCommand};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, window_of};

/// The dialog of keys over an image on the canvas, with its editor open.
fn editor() -> Harness<'static, Parts> {
    let mut parts = Parts::new(3, 2);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    parts.update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Help))));
    let mut harness = window_of(parts, 1280.0, 4_500.0);
    harness.run();
    click(&mut harness, "Change shortcuts...");
    harness
}

fn click(harness: &mut Harness<'_, Parts>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn press(harness: &mut Harness<'_, Parts>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
}

fn caps(harness: &Harness<'_, Parts>, action: Action) -> Vec<String> {
    harness.state().state.keys.of(action).iter().map(ToString::to_string).collect()
}

#[test]
fn a_new_key_is_obeyed_and_shown() {
    let mut harness = editor();
    click(&mut harness, "Fit: 0");
    harness.get_by_label("Fit: press a key, or Esc to keep the current one");
    press(&mut harness, Modifiers::NONE, Key::T);
    assert_eq!(caps(&harness, Action::Fit), ["T"]);
    harness.get_by_role_and_label(Role::Button, "Fit: T");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.dialog, None);
    harness.state_mut().take();
    press(&mut harness, Modifiers::NONE, Key::Num0);
    press(&mut harness, Modifiers::NONE, Key::T);
    let zooms = harness
        .state_mut()
        .take()
        .into_iter()
        .filter(|command| matches!(command, Command::Canvas(CanvasCommand::Zoom(_))))
        .count();
    assert_eq!(zooms, 1, "the old key means nothing any more");
}

#[test]
fn while_it_waits_a_key_means_nothing_else() {
    let mut harness = editor();
    click(&mut harness, "Fit: 0");
    press(&mut harness, Modifiers::COMMAND, Key::E);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Help), "Ctrl+E did not open the export dialog");
    harness.get_by_label_contains("Ctrl+E is already used by \u{201c}Export...\u{201d}");
    click(&mut harness, "Keep the current key");
    assert_eq!(
        (caps(&harness, Action::Fit), caps(&harness, Action::Export)),
        (vec!["0".into()], vec!["Ctrl+E".into()])
    );
    click(&mut harness, "Fit: 0");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Help), "Esc only keeps the old key");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.dialog, None);
}

#[test]
fn keys_are_swapped_taken_away_and_reset() {
    let mut harness = editor();
    click(&mut harness, "Fit: 0");
    press(&mut harness, Modifiers::NONE, Key::Z);
    click(&mut harness, "Swap");
    assert_eq!((caps(&harness, Action::Fit), caps(&harness, Action::ZoomRegion)), (vec!["Z".into()], vec!["0".into()]));
    click(&mut harness, "1:1: 1");
    click(&mut harness, "No key");
    assert!(caps(&harness, Action::OneToOne).is_empty());
    click(&mut harness, "Reset the key of 1:1");
    assert_eq!(caps(&harness, Action::OneToOne), ["1"]);
    click(&mut harness, "Reset all");
    assert!(!harness.state().state.keys.is_changed() && harness.state().state.settings.keys.is_empty());
    click(&mut harness, "Show all shortcuts");
    harness.get_by_label("Fit: 0");
}

#[test]
fn an_idle_editor_paints_no_frame() {
    let mut harness = editor();
    click(&mut harness, "Fit: 0");
    harness.run_steps(3);
    assert!(!harness.ctx.has_requested_repaint());
}
