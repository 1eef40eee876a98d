//! The menu of an image, a crop and a region on a right click.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event as Input, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::review::ReviewEvent;
use tagscope::app::{CanvasCommand, Command, DisplayCommand, Event, SelectionCommand, View, WindowCommand};
use tagscope::domain::{ImageIx, RegionIx, Subject, Verdict};

use super::fixture::{Parts, window};

/// A window whose decisions can be made.
fn shown(view: View) -> Harness<'static, Parts> {
    let mut parts = Parts::new(6, 2);
    let generation = parts.state.generation;
    let event = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
    parts.apply(Event::Review { generation, event });
    match view {
        View::Canvas => parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(1)))),
        view => parts.update(Command::Display(DisplayCommand::SetView(view))),
    }
    let mut harness = window(parts);
    harness.run();
    harness
}

fn right_click(harness: &mut Harness<'_, Parts>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run();
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
        harness.event(Input::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run();
}

fn choose(harness: &mut Harness<'_, Parts>, name: &str) {
    harness.get_by_role_and_label(Role::MenuItem, name).click();
    harness.run();
}

#[test]
fn a_thumbnail_is_decided_about_filtered_by_and_copied() {
    let mut harness = shown(View::Grid);
    let pos = harness.get_by_label_contains("Image 2:").rect().center();
    let id = harness.state().opened().catalogue.get(ImageIx(1)).expect("image").id();
    right_click(&mut harness, pos);
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(1)), "the cursor goes along");
    choose(&mut harness, "Accept");
    assert_eq!(harness.state().opened().review.reviews.verdict(Subject::image(id)), Some(Verdict::Accepted));
    right_click(&mut harness, pos);
    choose(&mut harness, "Clear the verdict");
    assert_eq!(harness.state().opened().review.reviews.verdict(Subject::image(id)), None);
    right_click(&mut harness, pos);
    harness.state_mut().take();
    choose(&mut harness, "Copy the image's id");
    assert!(
        harness.state_mut().take().iter().any(
            |command| matches!(command, Command::Window(WindowCommand::CopyText(text)) if *text == id.to_string())
        )
    );
    right_click(&mut harness, pos);
    choose(&mut harness, "Leave this image out");
    assert_eq!(harness.state().opened().visible.len(), 5);
}

#[test]
fn the_menu_is_about_the_whole_selection_where_the_image_belongs_to_it() {
    let mut harness = shown(View::Grid);
    harness.state_mut().update(Command::Selection(SelectionCommand::All));
    harness.run();
    let pos = harness.get_by_label_contains("Image 3:").rect().center();
    right_click(&mut harness, pos);
    assert_eq!(harness.state().opened().selection.len(), 6, "the selection stays");
    choose(&mut harness, "Flag");
    let opened = harness.state().opened();
    let flagged = opened
        .catalogue
        .iter()
        .filter(|image| opened.review.reviews.verdict(Subject::image(image.id())) == Some(Verdict::Flagged));
    assert_eq!(flagged.count(), 6);
}

#[test]
fn a_crop_and_a_region_of_the_canvas_have_the_menu_too() {
    let mut harness = shown(View::Wall);
    let region = harness.state().opened().wall.order.items[0].label().expect("a label");
    let pos = harness.get_by_label_contains("Region 1:").rect().center();
    right_click(&mut harness, pos);
    choose(&mut harness, "Reject");
    assert!(harness.state().opened().review.progress.is_region_reviewed(region));

    let mut harness = shown(View::Canvas);
    let viewport = harness.state().view.canvas.viewport().expect("viewport");
    let opened = harness.state().opened();
    let first = RegionIx(opened.catalogue.get(ImageIx(1)).expect("image").region_range().start);
    let rect = opened.catalogue.region(first).expect("region").rect;
    let canvas = harness.get_by_role(Role::Canvas).rect();
    let pos = canvas.min + viewport.screen_rect(rect).center().to_vec2();
    right_click(&mut harness, pos);
    assert_eq!(harness.state().opened().region, Some(first));
    // While it is open, keys are its own.
    harness.key_press(Key::R);
    harness.run();
    assert!(!harness.state().opened().review.progress.is_region_reviewed(first));
    choose(&mut harness, "Accept");
    assert!(harness.state().opened().review.progress.is_region_reviewed(first));
}
