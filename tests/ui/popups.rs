//! Menus and popovers: while one is open it owns the keyboard, whichever it is.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Popup};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::{CanvasCommand, Command, DisplayCommand, QueryCommand, View};

use super::fixture::{Parts, window, window_of};

/// A key as a keyboard sends it: the press and the text that it types.
fn type_key(harness: &mut Harness<'_, Parts>, key: Key, text: &str) {
    harness.input_mut().events.extend(typed(key, text));
    harness.run();
}

/// All in one frame, as from the window system.
fn typed(key: Key, text: &str) -> [Event; 3] {
    let press = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    [press(true), Event::Text(text.to_owned()), press(false)]
}

fn type_text(harness: &mut Harness<'_, Parts>, text: &str) {
    for letter in text.chars() {
        let key = Key::from_name(&letter.to_uppercase().to_string()).expect("a key");
        type_key(harness, key, &letter.to_string());
    }
}

/// A window that shows `view`, with nothing open.
fn fresh(harness: &mut Harness<'_, Parts>, view: View) {
    harness.ctx.memory_mut(|memory| *memory = Default::default());
    let mut parts = Parts::new(4, 2);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(domain::ImageIx(0))));
    parts.update(Command::Display(DisplayCommand::SetView(view)));
    *harness.state_mut() = parts;
    harness.run_steps(3);
}

/// Every menu and popover of a view that a click (or a click with the other button) opens, by the name of its button.
fn try_all(view: View, width: f32, height: f32, is_secondary: bool) -> BTreeSet<String> {
    let mut harness = window_of(Parts::new(4, 2), width, height);
    fresh(&mut harness, view);
    let count = harness.root().children_recursive().filter(is_button).count();
    let mut found = BTreeSet::new();
    for at in 0..count {
        fresh(&mut harness, view);
        let Some(node) = harness.root().children_recursive().filter(is_button).nth(at) else { continue };
        let name = node.accesskit_node().label().unwrap_or_default();
        if is_secondary {
            node.click_secondary();
        } else {
            node.click();
        }
        harness.run_steps(4);
        if !Popup::is_any_open(&harness.ctx) {
            continue;
        }
        harness.state_mut().take();
        for letter in ('a'..='z').chain('0'..='9') {
            let key = Key::from_name(&letter.to_uppercase().to_string()).expect("a key");
            harness.input_mut().events.extend(typed(key, &letter.to_string()));
            harness.step();
        }
        for key in [Key::Delete, Key::Backspace, Key::F2, Key::F8] {
            harness.key_press(key);
            harness.run();
        }
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run();
        let is_act = |command: &Command| {
            !matches!(command, Command::Display(DisplayCommand::GridView(_) | DisplayCommand::CanvasView(_)))
        };
        let acts: Vec<_> = harness.state_mut().take().into_iter().filter(is_act).collect();
        assert!(acts.is_empty(), "behind {name:?} of {view:?}: {acts:?}");
        assert!(Popup::is_any_open(&harness.ctx), "{name:?} stays open");
        found.insert(name);
    }
    found
}

fn is_button(node: &egui_kittest::Node<'_>) -> bool {
    let node = node.accesskit_node();
    node.role() == Role::Button && !node.is_disabled()
}

#[test]
fn no_key_acts_behind_an_open_menu_or_popover() {
    let found = try_all(View::Grid, 1280.0, 800.0, false);
    for name in ["Saved queries", "The query language", "Project Cutlery", "Iteration: Workspace", "Group: none"] {
        assert!(found.contains(name), "{name} is not among {found:?}");
    }
    let found = try_all(View::Grid, 1280.0, 800.0, true);
    assert!(found.iter().any(|name| name.starts_with("fork, ")), "the menu of a tag is not among {found:?}");
    let found = try_all(View::Wall, 1280.0, 800.0, false);
    assert!(found.contains("All tags") && found.contains("Group: tag"), "{found:?}");
    let found = try_all(View::Canvas, 900.0, 600.0, false);
    assert!(found.contains("Saved queries"), "{found:?}");
}

#[test]
fn the_name_of_a_saved_query_takes_the_keyboard_when_its_popover_opens() {
    let mut parts = Parts::new(6, 2);
    parts.update(Command::Query(QueryCommand::Edit("regions>=2".to_owned())));
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label("Saved queries").click();
    harness.run();
    assert!(harness.get_by_label("Query name").accesskit_node().is_focused());
    harness.state_mut().take();
    type_text(&mut harness, "rafx");
    assert_eq!(harness.get_by_label("Query name").value().as_deref(), Some("rafx"));
    let reviews = harness.state_mut().take().into_iter().filter(|command| matches!(command, Command::Review(_)));
    assert_eq!(reviews.count(), 0);
    harness.key_press(Key::Enter);
    harness.run();
    let project = harness.state().opened().project.id;
    assert_eq!(harness.state().state.settings.saved_queries(project)[0].name, "rafx");
}

#[test]
fn a_key_that_opens_the_query_leaves_no_letter_in_it() {
    for view in [View::Grid, View::Canvas] {
        let mut harness = window(Parts::new(4, 2));
        fresh(&mut harness, view);
        type_key(&mut harness, Key::Slash, "/");
        assert!(harness.get_by_label("Query").accesskit_node().is_focused());
        assert_eq!(harness.state().opened().query.text, "");
        type_text(&mut harness, "fork");
        assert_eq!(harness.state().opened().query.text, "fork", "and in the right order");
    }
}

#[test]
fn a_menu_is_walked_with_arrows_and_chosen_from_with_enter() {
    let mut harness = window(Parts::new(6, 2));
    harness.run();
    harness.get_by_label("Group: none").click();
    harness.run();
    for _ in 0..2 {
        harness.key_press(Key::ArrowDown);
        harness.run();
    }
    harness.state_mut().take();
    harness.key_press(Key::Enter);
    harness.run();
    let commands = harness.state_mut().take();
    assert!(
        commands.iter().any(|command| matches!(command, Command::Display(DisplayCommand::SetGrouping(_)))),
        "{commands:?}"
    );
    assert!(!Popup::is_any_open(&harness.ctx));
    // The keyboard is back with the grid.
    type_key(&mut harness, Key::A, "a");
    let commands = harness.state_mut().take();
    assert!(commands.iter().any(|command| matches!(command, Command::Review(_))), "{commands:?}");
}

#[test]
fn escape_closes_a_menu_and_nothing_else() {
    let mut harness = window(Parts::new(4, 2));
    fresh(&mut harness, View::Canvas);
    harness.get_by_label("Saved queries").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!Popup::is_any_open(&harness.ctx));
    assert_eq!(harness.state().opened().view, View::Canvas);
}

#[test]
fn text_and_controls_grow_and_shrink_and_stay_so() {
    let mut harness = window(Parts::new(4, 1));
    harness.run();
    let normal = harness.ctx.pixels_per_point();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
    harness.run();
    assert!((harness.ctx.pixels_per_point() / normal - 1.1).abs() < 1e-3);
    assert_eq!(harness.state().state.settings.scale_percent, 110);
    // Also while a field has the keyboard.
    harness.key_press(Key::Slash);
    harness.run();
    for (key, percent) in [(Key::Minus, 100), (Key::Minus, 90), (Key::Num0, 100)] {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        harness.run();
        assert_eq!(harness.state().state.settings.scale_percent, percent);
        assert!((harness.ctx.zoom_factor() - f32::from(percent) / 100.0).abs() < 1e-3);
    }
}
