//! The keyboard in menus and popovers: Tab walks what is in them and stays there, Esc goes back to the button.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Popup};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::{CanvasCommand, Command, DisplayCommand, QueryCommand, View};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, window_of};

fn shown(view: View, width: f32, height: f32) -> Harness<'static, Parts> {
    let mut parts = Parts::new(12, 2);
    for query in ["regions>=2", "tag:fork", "w>=800"] {
        parts.update(Command::Query(QueryCommand::Edit(query.to_owned())));
    }
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    parts.update(Command::Display(DisplayCommand::SetView(view)));
    let mut harness = window_of(parts, width, height);
    harness.run();
    harness
}

fn focused(harness: &Harness<'_, Parts>) -> Option<String> {
    let node = harness.root().children_recursive().find(|node| node.accesskit_node().is_focused())?;
    node.accesskit_node().label()
}

fn press(harness: &mut Harness<'_, Parts>, modifiers: Modifiers, key: Key) -> Option<String> {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
    focused(harness)
}

fn button<'a>(harness: &'a Harness<'_, Parts>, name: &'a str) -> egui_kittest::Node<'a> {
    harness.get_by_role_and_label(Role::Button, name)
}

/// Opens the popup of a button by key, and walks once around: what Tab reaches, in order.
fn walk(harness: &mut Harness<'_, Parts>, name: &str) -> Vec<String> {
    button(harness, name).focus();
    harness.run();
    press(harness, Modifiers::NONE, Key::Enter);
    assert!(Popup::is_any_open(&harness.ctx), "{name} opens by Enter");
    let mut reached: Vec<String> = Vec::new();
    for _ in 0..60 {
        let at = press(harness, Modifiers::NONE, Key::Tab).expect("something has the keyboard");
        if reached.first() == Some(&at) {
            return reached;
        }
        reached.push(at);
    }
    panic!("Tab never comes around in {name}: {reached:?}");
}

#[test]
fn tab_walks_each_popover_and_esc_goes_back_to_its_button() {
    let of = |view, names: &'static [&'static str]| names.iter().map(move |name| (view, *name));
    let grid = of(View::Grid, &["View", "Newest first", "Group: none", "Saved queries", "Project Cutlery"]);
    let wall = of(View::Wall, &["All tags", "Grid order", "Group: tag"]);
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
        for (view, name) in grid.clone().chain(wall.clone()).chain(of(View::Canvas, &["View of boxes"])) {
            let mut harness = shown(view, width, height);
            let reached = walk(&mut harness, name);
            assert!(reached.len() > 1, "{name} of {view:?}: {reached:?}");
            let is_outside = |at: &String| ["Export...", "Thumbnail size", "Crop size"].contains(&at.as_str());
            assert!(!reached.iter().any(is_outside), "{name} of {view:?}: {reached:?}");
            let back = press(&mut harness, Modifiers::SHIFT, Key::Tab);
            assert_eq!(back.as_ref(), reached.last(), "{name} of {view:?}");
            assert_eq!(press(&mut harness, Modifiers::NONE, Key::Tab).as_ref(), reached.first());
            assert_eq!(press(&mut harness, Modifiers::NONE, Key::Escape).as_deref(), Some(name), "{view:?}");
            assert!(!Popup::is_any_open(&harness.ctx) && harness.state().opened().view == view);
        }
    }
}

#[test]
fn the_choices_of_view_are_made_by_key() {
    let mut harness = shown(View::Grid, 1280.0, 800.0);
    let reached = walk(&mut harness, "View");
    assert_eq!(reached[..2], ["Fitted", "Filled"]);
    press(&mut harness, Modifiers::NONE, Key::Tab);
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.state().state.settings.appearance.fills_cells);
    assert!(Popup::is_any_open(&harness.ctx), "there may be more to choose");
}

#[test]
fn a_popover_that_the_mouse_has_opened_is_entered_by_tab_and_leaves_the_keyboard_to_the_grid() {
    let mut harness = shown(View::Grid, 1280.0, 800.0);
    button(&harness, "View").click();
    harness.run();
    assert_eq!(press(&mut harness, Modifiers::NONE, Key::Tab).as_deref(), Some("Fitted"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!Popup::is_any_open(&harness.ctx));
    let before = harness.state().opened().cursor;
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_ne!(harness.state().opened().cursor, before, "the arrows are the grid's again");
}

#[test]
fn the_latest_queries_are_below_the_saved_ones() {
    let mut harness = shown(View::Grid, 1280.0, 800.0);
    let reached = walk(&mut harness, "Saved queries");
    let latest = ["w>=800", "tag:fork", "regions>=2"].map(|query| format!("Earlier query: {query}"));
    assert!(latest.iter().all(|query| reached.contains(query)), "{reached:?}");
    harness.get_by_label("Latest queries");
    harness.get_by_label("Earlier query: tag:fork").focus();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().opened().query.text, "tag:fork");
    assert!(!Popup::is_any_open(&harness.ctx));
}
