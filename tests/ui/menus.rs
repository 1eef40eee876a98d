//! The menu of an image, a crop and a region on a right click.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event as Input, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::review::ReviewEvent;
use tagscope::app::{
    CanvasCommand, Command, CopyCommand, DisplayCommand, Event, QueryCommand, SelectionCommand, SourceSpec, View,
    WindowCommand,
};
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

#[test]
fn a_tag_is_excluded_from_the_menu_of_an_image() {
    let mut harness = shown(View::Grid);
    let pos = harness.get_by_label_contains("Image 2:").rect().center();
    right_click(&mut harness, pos);
    choose(&mut harness, "Exclude scissors");
    assert_eq!(harness.state().opened().query.text_in_force(), "-tag:scissors");
}

#[test]
fn an_image_is_compared_with_the_pinned_or_another_selected_one() {
    let mut harness = shown(View::Grid);
    let place =
        |harness: &Harness<'_, Parts>, n: usize| harness.get_by_label_contains(&format!("Image {n}:")).rect().center();
    let pos = place(&harness, 2);
    right_click(&mut harness, pos);
    assert!(harness.get_by_role_and_label(Role::MenuItem, "Compare with...").accesskit_node().is_disabled());
    choose(&mut harness, "Pin for comparing");
    let pos = place(&harness, 4);
    right_click(&mut harness, pos);
    choose(&mut harness, "Compare with the pinned image");
    let opened = harness.state().opened();
    assert_eq!((opened.view, opened.cursor), (View::Canvas, Some(ImageIx(3))));
    assert_eq!(opened.tools.compare.as_ref().map(|compare| compare.other), Some(ImageIx(1)));

    let mut harness = shown(View::Grid);
    harness
        .state_mut()
        .update(Command::Selection(SelectionCommand::PickMany { images: vec![ImageIx(0), ImageIx(4)], keep: false }));
    harness.run();
    let pos = place(&harness, 5);
    right_click(&mut harness, pos);
    choose(&mut harness, "Compare with another selected image");
    let opened = harness.state().opened();
    assert_eq!(opened.cursor, Some(ImageIx(4)));
    assert_eq!(opened.tools.compare.as_ref().map(|compare| compare.other), Some(ImageIx(0)));
}

#[test]
fn the_file_of_an_image_is_shown_where_it_is_on_this_computer() {
    let mut harness = shown(View::Grid);
    let pos = harness.get_by_label_contains("Image 2:").rect().center();
    right_click(&mut harness, pos);
    choose(&mut harness, "Show the file");
    let is_it = |command: &Command| matches!(command, Command::Copy(CopyCommand::ShowFile(ImageIx(1))));
    assert!(harness.state_mut().take().iter().any(is_it));
    harness.state_mut().state.source = Some(SourceSpec::Sample);
    right_click(&mut harness, pos);
    assert!(harness.query_by_role_and_label(Role::MenuItem, "Copy the picture").is_some());
    assert!(harness.query_by_role_and_label(Role::MenuItem, "Show the file").is_none());
}

#[test]
fn chips_and_rows_of_the_inspector_have_menus() {
    let mut harness = shown(View::Grid);
    harness.state_mut().update(Command::Selection(SelectionCommand::Pick {
        ix: ImageIx(0),
        toggle: false,
        extend: false,
    }));
    harness.run();
    let pos = harness.get_by_label("Filter by fork").rect().center();
    right_click(&mut harness, pos);
    choose(&mut harness, "Exclude");
    assert_eq!(harness.state().opened().query.text_in_force(), "-tag:fork");
    harness.state_mut().update(Command::Query(QueryCommand::Clear));
    harness.run();
    let pos = harness.get_by_label_contains("Region fork,").rect().center();
    right_click(&mut harness, pos);
    harness.state_mut().take();
    choose(&mut harness, "Copy the crop as a picture");
    let part = harness.state().opened().catalogue.region(RegionIx(0)).expect("region").rect;
    let wanted = CopyCommand::Picture { ix: ImageIx(0), part: Some(part) };
    let is_it = |command: &Command| matches!(command, Command::Copy(copy) if *copy == wanted);
    assert!(harness.state_mut().take().iter().any(is_it));
    right_click(&mut harness, pos);
    choose(&mut harness, "Open the image");
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)));
}
