//! The canvas's tools in the real window: the tour, two images side by side, sliders, the pixel under the pointer.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::canvas::{Pixel, ZoomCommand};
use tagscope::app::{CanvasCommand, Command, Event, PixelKey, ReduceMotion, SettingsCommand};
use tagscope::domain::{Adjust, ImageIx, ImageRow, RegionIx, UnitRect};
use tagscope::ui::canvas::viewport::Viewport;

use super::fixture::{Parts, row, wheel, window, window_of};

fn shown(mut parts: Parts) -> Harness<'static, Parts> {
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let mut harness = window(parts);
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    harness.run();
    harness.state_mut().take();
    harness
}

fn press(harness: &mut Harness<'_, Parts>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn main_view(harness: &Harness<'_, Parts>) -> Viewport {
    harness.state().view.canvas.viewport().expect("viewport")
}

fn compared_view(harness: &Harness<'_, Parts>) -> Viewport {
    harness.state().view.canvas.compared_viewport().expect("two images")
}

fn canvas_rect(harness: &Harness<'_, Parts>) -> Rect {
    harness.get_by_label_contains("Image with").rect()
}

fn frames_the_region(harness: &Harness<'_, Parts>, region: u32) -> bool {
    let rect = harness.state().opened().catalogue.region(RegionIx(region)).expect("region").rect;
    let shown = main_view(harness).screen_rect(rect);
    let view = Rect::from_min_size(Pos2::ZERO, canvas_rect(harness).size());
    view.contains_rect(shown) && shown.height().max(shown.width()) > view.height() * 0.3
}

#[test]
fn the_tour_flies_from_region_to_region_and_rests() {
    let mut harness = shown(Parts::new(3, 4));
    let fit = main_view(&harness).factor();
    harness.key_press(Key::N);
    harness.step();
    harness.step();
    harness.run_steps(4);
    let on_the_way = main_view(&harness).factor();
    harness.run();
    assert!(on_the_way > fit && on_the_way < main_view(&harness).factor(), "it flies");
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)));
    assert!(frames_the_region(&harness, 0));
    assert!(!harness.ctx.has_requested_repaint(), "and rests");
    for _ in 0..4 {
        press(&mut harness, Key::N);
    }
    let opened = harness.state().opened();
    assert_eq!((opened.cursor, opened.region), (Some(ImageIx(1)), Some(RegionIx(4))), "on to the next image");
    assert!(frames_the_region(&harness, 4));
    press(&mut harness, Key::P);
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(0)));
    harness.get_by_label_contains("selected, 4 of 4, 288 by 189 pixels");
}

#[test]
fn any_input_ends_a_flight() {
    let mut harness = shown(Parts::new(1, 4));
    harness.key_press(Key::N);
    harness.run_steps(5);
    harness.key_press(Key::F9);
    harness.step();
    let stopped = main_view(&harness);
    harness.run();
    assert_eq!(main_view(&harness), stopped);
    press(&mut harness, Key::Z);
    assert!(main_view(&harness).factor() > stopped.factor() * 1.05, "it was on its way");
}

#[test]
fn without_motion_it_is_there_at_once() {
    for system in [false, true] {
        let mut parts = Parts::new(1, 4);
        if system {
            parts.apply(Event::ReducedMotion(true));
        } else {
            parts.update(Command::Settings(SettingsCommand::SetReduceMotion(ReduceMotion::On)));
        }
        let mut harness = shown(parts);
        harness.key_press(Key::N);
        harness.run_steps(3);
        assert!(frames_the_region(&harness, 0));
    }
}

#[test]
fn two_images_are_locked_unlocked_and_left() {
    let mut harness = shown(Parts::new(4, 2));
    press(&mut harness, Key::V);
    harness.get_by_label("Image with 2 regions");
    let right = harness.get_by_label("Compared image with 2 regions").rect();
    assert!(right.left() > canvas_rect(&harness).right());
    let left = canvas_rect(&harness);
    wheel(&mut harness, left.center() + vec2(40.0, 10.0), 300.0);
    let same = |harness: &Harness<'_, Parts>| {
        let rect = UnitRect::new(0.3, 0.3, 0.2, 0.2);
        (main_view(harness).screen_rect(rect).min - compared_view(harness).screen_rect(rect).min).length() < 1.5
    };
    assert!(main_view(&harness).factor() > 0.6 && same(&harness), "the right one follows");
    let before = main_view(&harness);
    wheel(&mut harness, right.center() - vec2(30.0, 0.0), 200.0);
    assert!(main_view(&harness).factor() > before.factor() && same(&harness), "and so does the left one");
    press(&mut harness, Key::L);
    wheel(&mut harness, right.center(), -300.0);
    assert!(!same(&harness), "each alone");
    press(&mut harness, Key::L);
    assert!(same(&harness), "together again");
    press(&mut harness, Key::W);
    let pair = |harness: &Harness<'_, Parts>| {
        let opened = harness.state().opened();
        (opened.cursor, opened.tools.compare.as_ref().map(|compare| compare.other))
    };
    assert_eq!(pair(&harness), (Some(ImageIx(1)), Some(ImageIx(0))));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    assert_eq!(pair(&harness), (Some(ImageIx(1)), Some(ImageIx(1))));
    press(&mut harness, Key::ArrowRight);
    assert_eq!(pair(&harness), (Some(ImageIx(2)), Some(ImageIx(1))), "the left one steps through the list");
    press(&mut harness, Key::Escape);
    assert_eq!(pair(&harness), (Some(ImageIx(2)), None));
    assert!(harness.query_by_label_contains("Compared image").is_none());
    harness.run_steps(3);
    assert!(!harness.ctx.has_requested_repaint());
}

#[test]
fn of_two_images_no_button_is_on_the_line_between_them_or_below_the_sliders() {
    for (width, height) in [(1280.0, 800.0), (1920.0, 1080.0), (900.0, 600.0)] {
        let mut parts = Parts::new(4, 2);
        parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
        let mut harness = window_of(parts, width, height);
        harness.run();
        press(&mut harness, Key::V);
        press(&mut harness, Key::G);
        let line = harness.get_by_label("Compared image with 2 regions").rect().left() - 1.0;
        let names = ["Grid", "Fit", "1:1", "Hide boxes (hold)", "Keep view", "Adjust", "Compare", "Locked", "Swap"];
        let buttons = names.into_iter().flat_map(|name| harness.query_all_by_role_and_label(Role::Button, name));
        let buttons: Vec<_> = buttons.map(|node| node.rect()).filter(|rect| rect.top() > 45.0).collect();
        assert!(buttons.len() >= 6, "at {width}: {buttons:?}");
        let sliders = harness.get_by_label_contains("Display only").rect();
        for rect in buttons {
            assert!(rect.right() <= line || rect.left() >= line, "at {width}: {rect:?} on {line}");
            assert!(rect.bottom() <= sliders.top(), "at {width}: {rect:?} below {sliders:?}");
        }
        if width > 1_000.0 {
            harness.get_by_label("Hide boxes (hold)");
        }
    }
}

#[test]
fn a_tall_picture_fits_below_the_buttons() {
    let tall = ImageRow { width: 600, height: 2_400, ..row(0, 2) };
    let mut harness = shown(Parts::of_rows(vec![tall, row(1, 2)]));
    let foot = harness.get_by_label("Fit").rect().bottom();
    let top = canvas_rect(&harness).top() + main_view(&harness).image_rect().top();
    assert!(top >= foot, "{top} under {foot}");
    press(&mut harness, Key::V);
    let foot = harness.get_by_label("Swap").rect().bottom();
    let top = canvas_rect(&harness).top() + main_view(&harness).image_rect().top();
    assert!(top >= foot, "of two: {top} under {foot}");
}

#[test]
fn a_click_on_a_region_of_the_other_image_gives_it_the_cursor() {
    let mut harness = shown(Parts::new(3, 4));
    press(&mut harness, Key::V);
    let right = harness.get_by_label_contains("Compared image").rect();
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Resized { ix: ImageIx(1) }, 800, 600);
    harness.run();
    let first = harness.state().opened().catalogue.region(RegionIx(4)).expect("region").rect;
    let at = compared_view(&harness).screen_rect(first).center() + right.min.to_vec2();
    let before = compared_view(&harness);
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.cursor, opened.region), (Some(ImageIx(1)), Some(RegionIx(4))));
    assert_eq!(canvas_rect(&harness), right, "it stays where it is");
    assert_eq!(main_view(&harness), before, "with its view");
    harness.get_by_label_contains("selected, 1 of 4");
    press(&mut harness, Key::Escape);
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(1)));
    assert!(canvas_rect(&harness).contains_rect(right), "alone it has all the room");
}

#[test]
fn both_originals_are_asked_for() {
    let mut parts = Parts::new(2, 0);
    parts.know_original(ImageIx(0), 3_200, 2_400);
    parts.know_original(ImageIx(1), 3_200, 2_400);
    let mut harness = shown(parts);
    press(&mut harness, Key::V);
    harness.state_mut().update(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor(3.0))));
    harness.run();
    let opened = harness.state().opened();
    let beside = &opened.tools.compare.as_ref().expect("two images").request;
    assert!(!opened.canvas.tiles.is_empty() && beside.want_original && beside.tiles == opened.canvas.tiles);
}

#[test]
fn sliders_lighten_and_say_so() {
    let mut harness = shown(Parts::new(1, 0));
    press(&mut harness, Key::G);
    let slider = harness.get_by_role_and_label(Role::Slider, "Brightness");
    slider.focus();
    harness.run();
    press(&mut harness, Key::ArrowRight);
    let adjust = harness.state().opened().tools.adjust;
    assert!(adjust.brightness > 0.05 && adjust.gamma == 1.0 && adjust.contrast == 0.0, "{adjust:?}");
    let adjusts = |commands: Vec<Command>| {
        commands.iter().filter(|command| matches!(command, Command::Canvas(CanvasCommand::Adjust(_)))).count()
    };
    assert_eq!(adjusts(harness.state_mut().take()), 1);
    harness.get_by_role_and_label(Role::Button, "Reset").click();
    harness.run();
    assert_eq!(harness.state().opened().tools.adjust, Adjust::default());
    harness.state_mut().take();
    harness.run_steps(5);
    assert_eq!(adjusts(harness.state_mut().take()), 0, "at rest nothing is asked for");
    harness.get_by_role_and_label(Role::Button, "Adjust").click();
    harness.run();
    assert!(harness.query_by_role_and_label(Role::Slider, "Brightness").is_none());
}

#[test]
fn the_pixel_under_the_pointer_is_asked_for_once() {
    let mut harness = shown(Parts::new(1, 0));
    let at = canvas_rect(&harness).min + main_view(&harness).image_rect().center().to_vec2();
    harness.hover_at(at);
    harness.run_steps(4);
    let asked: Vec<_> = harness
        .state_mut()
        .take()
        .into_iter()
        .filter_map(|command| match command {
            Command::Canvas(CanvasCommand::Point(ix, at)) => Some((ix, at)),
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), 1);
    let (ix, [x, y]) = asked[0];
    assert!(ix == ImageIx(0) && (x - 0.5).abs() < 0.01 && (y - 0.5).abs() < 0.01);
    let generation = harness.state().state.generation;
    let pixel = Pixel { ix, at: [x, y], color: Some([1, 2, 3]) };
    harness.state_mut().apply(Event::Pixel { generation, pixel });
    harness.run_steps(3);
    assert!(harness.state_mut().take().is_empty());
    assert!(!harness.ctx.has_requested_repaint());
}

#[test]
fn a_click_in_the_filmstrip_with_ctrl_compares() {
    let mut harness = shown(Parts::new(9, 1));
    harness.get_by_label("Image 4 in the filmstrip").click_modifiers(Modifiers::COMMAND);
    harness.run();
    let opened = harness.state().opened();
    assert_eq!(opened.tools.compare.as_ref().map(|compare| compare.other), Some(ImageIx(3)));
    assert_eq!(opened.cursor, Some(ImageIx(0)));
    assert!(harness.get_by_label("Canvas view").accesskit_node().is_focused());
}
