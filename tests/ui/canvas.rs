//! The canvas in the real window: view, regions, tiles, and the table next to it.

use egui::{Key, Pos2, Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagscope::app::canvas::ZoomCommand;
use tagscope::app::{CanvasCommand, Command, DisplayCommand, Event, Failure, FailureKind, PixelKey};
use tagscope::domain::{ImageIx, RegionIx, UnitRect};

use super::fixture::{Parts, row, wheel, window};
use super::numbers::texts;

/// The window with image 0 on the canvas and its resized picture there.
fn opened(mut parts: Parts) -> Harness<'static, Parts> {
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let mut harness = window(parts);
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    harness.run();
    harness.state_mut().take();
    harness
}

fn canvas_rect(harness: &Harness<'_, Parts>) -> Rect {
    harness.get_by_label_contains("Image with").rect()
}

fn factor(harness: &Harness<'_, Parts>) -> f32 {
    harness.state().view.canvas.viewport().expect("viewport").factor()
}

/// Where a place of the picture (in fractions) is on the screen.
fn on_screen(harness: &Harness<'_, Parts>, x: f32, y: f32) -> Pos2 {
    let viewport = harness.state().view.canvas.viewport().expect("viewport");
    viewport.screen_rect(UnitRect::new(x, y, 0.0, 0.0)).min + canvas_rect(harness).min.to_vec2()
}

fn click(harness: &mut Harness<'_, Parts>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run();
    // The next click is not to be the second of a double click.
    harness.run_steps(30);
}

fn zoom(harness: &mut Harness<'_, Parts>, request: ZoomCommand) {
    harness.state_mut().update(Command::Canvas(CanvasCommand::Zoom(request)));
    harness.run();
}

#[test]
fn an_idle_canvas_paints_no_frame_and_asks_for_nothing() {
    let mut harness = opened(Parts::new(20, 5));
    harness.run_steps(3);
    assert!(!harness.ctx.has_requested_repaint());
    assert!(harness.state_mut().take().is_empty());
}

#[test]
fn zoom_requests_are_done_once() {
    let mut harness = opened(Parts::new(3, 2));
    zoom(&mut harness, ZoomCommand::OneToOne);
    assert!((factor(&harness) - 1.0).abs() < 1e-4);
    zoom(&mut harness, ZoomCommand::In);
    assert!((factor(&harness) - 1.25).abs() < 1e-4);
    harness.run_steps(3);
    assert!((factor(&harness) - 1.25).abs() < 1e-4);
    zoom(&mut harness, ZoomCommand::In);
    assert!((factor(&harness) - 1.5625).abs() < 1e-3, "the same request again is another one");
    zoom(&mut harness, ZoomCommand::Fit);
    assert!(harness.state().view.canvas.viewport().expect("viewport").is_fit());
}

#[test]
fn keys_zoom() {
    let mut harness = opened(Parts::new(3, 2));
    harness.key_press(Key::Num1);
    harness.run();
    assert!((factor(&harness) - 1.0).abs() < 1e-4);
    harness.key_press(Key::Plus);
    harness.run();
    assert!((factor(&harness) - 1.25).abs() < 1e-4);
    harness.key_press(Key::Num0);
    harness.run();
    assert!(harness.state().view.canvas.viewport().expect("viewport").is_fit());
}

#[test]
fn the_wheel_keeps_the_pixel_under_the_pointer() {
    let mut harness = opened(Parts::new(3, 0));
    let at = canvas_rect(&harness).center() + vec2(60.0, -40.0);
    let fractions = |harness: &Harness<'_, Parts>| {
        let viewport = harness.state().view.canvas.viewport().expect("viewport");
        viewport.fractions_from_screen(at - canvas_rect(harness).min.to_vec2())
    };
    let before = fractions(&harness);
    let was = factor(&harness);
    wheel(&mut harness, at, 200.0);
    assert!(factor(&harness) > was * 1.5);
    let after = fractions(&harness);
    assert!((before[0] - after[0]).abs() < 1e-3 && (before[1] - after[1]).abs() < 1e-3, "{before:?} {after:?}");
}

#[test]
fn a_drag_pans() {
    let mut harness = opened(Parts::new(3, 0));
    zoom(&mut harness, ZoomCommand::Factor(4.0));
    let before = on_screen(&harness, 0.5, 0.5);
    let from = canvas_rect(&harness).center();
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + vec2(30.0, 20.0));
    harness.step();
    harness.drop_at(from + vec2(30.0, 20.0));
    harness.run();
    let moved = on_screen(&harness, 0.5, 0.5) - before;
    assert!((moved - vec2(30.0, 20.0)).length() < 1.0, "{moved:?}");
}

#[test]
fn the_smallest_region_is_chosen_and_the_next_click_goes_on() {
    let mut image = row(0, 1);
    let mut small = image.regions[0].clone();
    image.regions[0].rect = UnitRect::new(0.1, 0.1, 0.8, 0.8);
    small.id = domain::RegionId(uuid::Uuid::from_u128(99));
    small.rect = UnitRect::new(0.4, 0.4, 0.2, 0.2);
    image.regions.push(small);
    let mut harness = opened(Parts::of_rows(vec![image]));
    let at = on_screen(&harness, 0.5, 0.5);
    click(&mut harness, at);
    assert_eq!(harness.state().opened().region, Some(RegionIx(1)));
    click(&mut harness, at);
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)));
    click(&mut harness, at);
    assert_eq!(harness.state().opened().region, Some(RegionIx(1)));
    let outside = on_screen(&harness, 0.03, 0.97);
    click(&mut harness, outside);
    assert_eq!(harness.state().opened().region, None);
}

#[test]
fn hidden_tags_cannot_be_hit() {
    let mut harness = opened(Parts::new(1, 1));
    let tag = harness.state().opened().catalogue.tags().find_name("fork").expect("tag");
    harness.state_mut().update(Command::Display(DisplayCommand::ToggleTagBoxes(tag)));
    harness.run();
    let at = on_screen(&harness, 0.3, 0.3);
    click(&mut harness, at);
    assert_eq!(harness.state().opened().region, None);
}

#[test]
fn tab_walks_and_z_goes_there() {
    let mut harness = opened(Parts::new(2, 9));
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)));
    harness.key_press(Key::Z);
    harness.run();
    let rect = harness.state().opened().catalogue.region(RegionIx(0)).expect("region").rect;
    let shown = harness.state().view.canvas.viewport().expect("viewport").screen_rect(rect);
    let view = Rect::from_min_size(Pos2::ZERO, canvas_rect(&harness).size());
    assert!(view.contains_rect(shown) && shown.height() > view.height() * 0.4, "{shown:?} in {view:?}");
}

#[test]
fn the_box_that_tab_chooses_stands_out_under_the_pointer() {
    fn white(shape: &egui::Shape) -> usize {
        match shape {
            egui::Shape::Mesh(mesh) => mesh.vertices.iter().filter(|at| at.color == egui::Color32::WHITE).count(),
            egui::Shape::Vec(shapes) => shapes.iter().map(white).sum(),
            _ => 0,
        }
    }
    let count =
        |harness: &Harness<'_, Parts>| -> usize { harness.output().shapes.iter().map(|at| white(&at.shape)).sum() };
    let mut harness = opened(Parts::new(2, 9));
    let rect = harness.state().opened().catalogue.region(RegionIx(0)).expect("region").rect;
    let middle = on_screen(&harness, rect.left + rect.width / 2.0, rect.top + rect.height / 2.0);
    harness.hover_at(middle);
    harness.run();
    let pointed = count(&harness);
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)), "the one under the pointer");
    assert!(count(&harness) > pointed, "nothing more is painted than {pointed} corners");
}

#[test]
fn tab_brings_a_region_into_sight_at_the_same_zoom() {
    let mut harness = opened(Parts::new(2, 9));
    zoom(&mut harness, ZoomCommand::Area(UnitRect::new(0.75, 0.75, 0.2, 0.2)));
    let before = factor(&harness);
    harness.key_press(Key::Tab);
    harness.run();
    let rect = harness.state().opened().catalogue.region(RegionIx(0)).expect("region").rect;
    let shown = harness.state().view.canvas.viewport().expect("viewport").screen_rect(rect);
    let view = Rect::from_min_size(Pos2::ZERO, canvas_rect(&harness).size());
    assert!(view.expand(1.0).contains_rect(shown) || shown.intersect(view).area() > view.area() * 0.2, "{shown:?}");
    assert!((factor(&harness) / before - 1.0).abs() < 1e-3);
}

#[test]
fn a_long_tag_is_cut_beside_the_heading_of_the_review() {
    let mut harness = opened(Parts::new(2, 9));
    // The tag of the fourth region has the longest name.
    harness.state_mut().update(Command::Canvas(CanvasCommand::SelectRegion(Some(RegionIx(3)))));
    harness.run();
    let shown = texts(&harness);
    let about = shown.iter().find(|(_, text)| text.galley.text().starts_with("region: a tag")).expect("its line");
    let rect = about.1.visual_bounding_rect();
    let heads = shown.iter().filter(|(_, text)| text.galley.text() == "Review").map(|(_, text)| text.pos.y);
    assert!(heads.into_iter().any(|y| (y - about.1.pos.y).abs() < 4.0), "beside its heading");
    let panel = 1272.0 - 284.0;
    assert!(rect.left() > panel + 40.0 && rect.right() < 1272.0, "{rect:?}");
}

#[test]
fn the_table_and_the_canvas_are_linked() {
    let mut harness = opened(Parts::new(1, 4));
    let rows: Vec<_> =
        harness.query_all_by_label_contains("Region scissors").map(|node| node.rect().center()).collect();
    assert_eq!(rows.len(), 1);
    click(&mut harness, rows[0]);
    assert_eq!(harness.state().opened().region, Some(RegionIx(1)));
    let at = on_screen(&harness, 0.2, 0.2);
    click(&mut harness, at);
    assert_eq!(harness.state().opened().region, Some(RegionIx(0)));
    harness.get_by_label_contains("Image with 4 regions, fork selected");
}

#[test]
fn the_original_is_asked_for_only_when_it_is_needed() {
    let mut harness = opened(Parts::new(2, 0));
    let requests = |commands: Vec<Command>| -> Vec<(usize, bool)> {
        let request = |command| match command {
            Command::Display(DisplayCommand::CanvasView(request)) => Some((request.tiles.len(), request.want_original)),
            _ => None,
        };
        commands.into_iter().filter_map(request).collect()
    };
    zoom(&mut harness, ZoomCommand::Factor(2.0));
    assert_eq!(requests(harness.state_mut().take()), [(0, true)], "its size is not known yet");
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    harness.run();
    let asked = requests(harness.state_mut().take());
    assert!(asked.len() == 1 && asked[0].0 >= 4 && asked[0].1, "{asked:?}");
    // Of the original: half of the listed size.
    zoom(&mut harness, ZoomCommand::Factor(0.125));
    assert_eq!(requests(harness.state_mut().take()), [(0, false)]);
}

#[test]
fn one_to_one_is_a_pixel_of_the_original_and_pressed_again_one_of_the_listed_size() {
    let mut harness = opened(Parts::new(2, 1));
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    harness.run();
    let width = |harness: &Harness<'_, Parts>| {
        harness.state().view.canvas.viewport().expect("viewport").image_rect().width() * harness.ctx.pixels_per_point()
    };
    zoom(&mut harness, ZoomCommand::OneToOne);
    assert!((width(&harness) - 3_200.0).abs() < 0.5 && (factor(&harness) - 1.0).abs() < 1e-3, "{}", width(&harness));
    zoom(&mut harness, ZoomCommand::OneToOne);
    assert!((width(&harness) - 800.0).abs() < 0.5 && (factor(&harness) - 0.25).abs() < 1e-3, "{}", width(&harness));
}

#[test]
fn one_to_one_loads_an_original_whose_size_is_not_known() {
    let mut harness = opened(Parts::new(2, 1));
    zoom(&mut harness, ZoomCommand::OneToOne);
    assert!(harness.state().opened().canvas.want_original);
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    harness.run();
    let viewport = harness.state().view.canvas.viewport().expect("viewport");
    assert!((viewport.image_rect().width() * harness.ctx.pixels_per_point() - 3_200.0).abs() < 0.5);
}

#[test]
fn the_window_says_whose_pixels_it_shows() {
    let mut harness = opened(Parts::new(2, 1));
    harness.get_by_label_contains("px of the listed size");
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    harness.run();
    harness.get_by_label_contains("px of the original");
}

#[test]
fn a_picture_that_fails_says_so_in_its_place() {
    let mut parts = Parts::new(2, 1);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(1))));
    let generation = parts.state.generation;
    let failure = Failure::bare(FailureKind::BadPicture { reason: "the file ends early".to_owned() });
    parts.apply(Event::Pixels { generation, key: PixelKey::Resized { ix: ImageIx(1) }, result: Err(failure) });
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label("The picture cannot be decoded: the file ends early.");
    harness.get_by_label("Try again").click();
    harness.run();
    let commands = harness.state_mut().take();
    assert!(
        commands.iter().any(|command| matches!(command, Command::Display(DisplayCommand::RetryPicture(ImageIx(1))))),
        "{commands:?}"
    );
}

#[test]
fn the_next_image_is_fitted_or_keeps_the_view() {
    let mut harness = opened(Parts::new(5, 1));
    zoom(&mut harness, ZoomCommand::Factor(3.0));
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(1)));
    assert!(harness.state().view.canvas.viewport().expect("viewport").is_fit());
    zoom(&mut harness, ZoomCommand::Factor(3.0));
    harness.key_press(Key::K);
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(2)));
    assert!((factor(&harness) - 3.0).abs() < 1e-4);
}

#[test]
fn the_filmstrip_goes_to_its_images() {
    let mut harness = opened(Parts::new(40, 1));
    harness.get_by_label("Image 3 in the filmstrip").click();
    harness.run();
    assert_eq!(harness.state().opened().cursor, Some(ImageIx(2)));
}

#[test]
fn the_overview_moves_the_view() {
    let mut harness = opened(Parts::new(1, 0));
    assert!(harness.query_by_label("Overview").is_none(), "the whole picture is in sight");
    zoom(&mut harness, ZoomCommand::Factor(6.0));
    let map = harness.get_by_label("Overview").rect();
    click(&mut harness, pos2(map.left() + map.width() * 0.75, map.center().y));
    let viewport = harness.state().view.canvas.viewport().expect("viewport");
    let [left, _, right, _] = viewport.visible_fractions();
    assert!(((left + right) / 2.0 - 0.75).abs() < 0.02, "{left} {right}");
}

#[test]
fn the_zoom_can_be_typed() {
    let mut harness = opened(Parts::new(1, 0));
    let field = harness.get_by_label("Zoom in percent").rect().center();
    click(&mut harness, field);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("250".to_owned()));
    harness.key_press(Key::Enter);
    harness.run();
    assert!((factor(&harness) - 2.5).abs() < 1e-3, "{}", factor(&harness));
}

#[test]
fn held_keys_hide_boxes_or_show_one_tag_alone() {
    let mut harness = opened(Parts::new(1, 4));
    let fork = on_screen(&harness, 0.2, 0.2);
    let scissors = on_screen(&harness, 0.7, 0.2);
    click(&mut harness, fork);
    let selected = harness.state().opened().region;
    assert!(selected.is_some());
    harness.key_down(Key::S);
    click(&mut harness, scissors);
    assert_eq!(harness.state().opened().region, None, "other tags cannot be seen and not be hit");
    harness.key_up(Key::S);
    click(&mut harness, scissors);
    assert!(harness.state().opened().region.is_some() && harness.state().opened().region != selected);
    harness.key_down(Key::H);
    click(&mut harness, fork);
    assert_ne!(harness.state().opened().region, selected);
    harness.key_up(Key::H);
}
