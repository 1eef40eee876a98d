//! What a screen reader gets: every node that can have the keyboard has a name, on every screen and dialog; and an image
//! can be opened, its regions walked and the selected one heard without looking.

use egui::accesskit::{Action as Act, Role};
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::dialog::Dialog;
use tagscope::app::{
    CanvasCommand, Command, CompareCommand, DisplayCommand, PixelKey, ProjectCommand, Settings, State, View,
    WindowCommand,
};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, window};

fn shown(parts: Parts) -> Harness<'static, Parts> {
    let mut harness = window(parts);
    harness.run();
    harness
}

/// Nodes that can have the keyboard and have nothing to be called by.
fn nameless(harness: &Harness<'_, Parts>) -> Vec<String> {
    let is_said = |text: Option<String>| text.is_some_and(|text| !text.trim().is_empty());
    harness
        .root()
        .children_recursive()
        .filter_map(|node| {
            let node = node.accesskit_node();
            let can_focus = node.data().supports_action(Act::Focus) || node.data().supports_action(Act::Click);
            // A part of the layout has no place of its own and is nothing to stop at.
            let has_place = node.bounding_box().is_some_and(|place| place.area() > 0.0);
            // egui's own scroll bars are told by their role and value.
            let has_place = has_place && node.role() != Role::ScrollBar;
            let is_nameless = can_focus && has_place && !node.is_hidden() && !is_said(node.label());
            is_nameless.then(|| format!("{:?} at {:?}", node.role(), node.bounding_box()))
        })
        .collect()
}

#[track_caller]
fn assert_named(harness: &Harness<'_, Parts>, place: &str) {
    let nameless = nameless(harness);
    assert!(nameless.is_empty(), "{place}: {nameless:#?}");
}

fn on_canvas() -> Parts {
    let mut parts = Parts::new(6, 3);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    parts
}

#[test]
fn the_walk_itself_finds_a_node_without_a_name() {
    for has_role in [false, true] {
        let harness = Harness::builder().with_accessibility_check(false).build_ui_state(
            |ui, _: &mut Parts| {
                let (_, response) = ui.allocate_exact_size(vec2(20.0, 20.0), egui::Sense::click());
                if has_role {
                    response.widget_info(|| egui::WidgetInfo::new(Role::Button));
                }
            },
            Parts::new(1, 1),
        );
        assert_eq!(nameless(&harness).len(), 1, "with a role: {has_role}");
    }
}

#[test]
fn every_view_has_names() {
    let mut connect = Parts::new(1, 1);
    connect.state = State::new(Settings::default());
    assert_named(&window(connect), "connect");
    let mut projects = Parts::new(1, 1);
    projects.update(Command::Project(ProjectCommand::Close));
    assert_named(&window(projects), "projects");
    for view in [View::Grid, View::Canvas, View::Wall, View::Statistics, View::Evaluation] {
        let mut parts = on_canvas();
        parts.update(Command::Display(DisplayCommand::SetView(view)));
        assert_named(&window(parts), &format!("{view:?}"));
    }
}

#[test]
fn the_canvass_tools_have_names() {
    let mut parts = on_canvas();
    parts.update(Command::Canvas(CanvasCommand::Compare(CompareCommand::Toggle)));
    parts.update(Command::Canvas(CanvasCommand::ToggleAdjusting));
    let mut harness = shown(parts);
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    harness.key_press(Key::Num1);
    harness.run();
    for name in ["Brightness", "Contrast", "Gamma"] {
        harness.get_by_role_and_label(Role::Slider, name);
    }
    assert_named(&harness, "canvas with two images and sliders");
}

#[test]
fn every_dialog_has_names() {
    let dialogs = [
        Dialog::Palette,
        Dialog::Help,
        Dialog::Export,
        Dialog::Tasks,
        Dialog::Problems,
        Dialog::Settings,
        Dialog::OpenFolder,
    ];
    for dialog in dialogs {
        let mut parts = on_canvas();
        parts.update(Command::Window(WindowCommand::ShowDialog(Some(dialog))));
        let mut harness = shown(parts);
        assert_eq!(harness.state().state.dialog, Some(dialog));
        assert_named(&harness, &format!("{dialog:?}"));
        if dialog == Dialog::Help {
            harness.get_by_role_and_label(Role::Button, "Change shortcuts...").click();
            harness.run();
            assert_named(&harness, "the editor of keys");
        }
    }
}

#[test]
fn an_image_is_opened_and_its_regions_heard_with_the_keyboard_alone() {
    let mut harness = shown(Parts::new(3, 2));
    let press = |harness: &mut Harness<'_, Parts>, modifiers: Modifiers, key: Key| {
        harness.key_press_modifiers(modifiers, key);
        harness.run();
    };
    press(&mut harness, Modifiers::NONE, Key::Home);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let canvas = harness.get_by_role_and_label(Role::Canvas, "Image with 2 regions");
    let live = canvas.accesskit_node().live();
    assert_eq!(live, egui::accesskit::Live::Polite, "a change is said at once");
    press(&mut harness, Modifiers::NONE, Key::Tab);
    harness.get_by_role_and_label(
        Role::Canvas,
        "Image with 2 regions, fork selected, 1 of 2, 288 by 189 pixels of the listed size",
    );
    let row = harness.get_by_role_and_label(Role::Row, "Region fork, 288 by 189 pixels of the listed size, 11.3 %");
    assert_eq!(row.accesskit_node().is_selected(), Some(true));
    press(&mut harness, Modifiers::NONE, Key::Tab);
    harness.get_by_role_and_label(
        Role::Canvas,
        "Image with 2 regions, scissors selected, 2 of 2, 288 by 189 pixels of the listed size",
    );
    press(&mut harness, Modifiers::SHIFT, Key::Tab);
    harness.get_by_label_contains("fork selected");
}
