//! How thumbnails and boxes look: chosen in **View**, kept in the settings, followed by grid and canvas.

use egui::accesskit::Role;
use egui::{Color32, Key, Pos2, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::appearance::{Appearance, Caption, Fill, LabelSize, LineWidth};
use tagscope::app::{CanvasCommand, Command, Dialog, PixelKey, SettingsCommand, WindowCommand};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, row, window, window_of};
use super::numbers::texts;

fn choose(harness: &mut Harness<'_, Parts>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run();
}

fn look(harness: &Harness<'_, Parts>) -> Appearance {
    harness.state().state.settings.appearance
}

/// Where textured shapes lie, with the part of the texture that is seen.
fn pictures(harness: &Harness<'_, Parts>) -> Vec<(Rect, Rect)> {
    let shapes = harness.output().shapes.iter();
    let found = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Rect(rect) => rect.brush.as_ref().map(|brush| (rect.rect, brush.uv)),
        _ => None,
    });
    found.collect()
}

/// The corners of boxes of a color in a part of the window.
fn box_corners(harness: &Harness<'_, Parts>, part: Rect, color: Color32) -> Vec<Pos2> {
    let shapes = harness.output().shapes.iter();
    let meshes = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Mesh(mesh) => Some(mesh),
        _ => None,
    });
    let is_it = move |vertex: &&egui::epaint::Vertex| vertex.color == color && part.contains(vertex.pos);
    meshes.flat_map(|mesh| mesh.vertices.iter()).filter(is_it).map(|vertex| vertex.pos).collect()
}

#[test]
fn choices_are_made_in_the_popover_and_kept() {
    let mut parts = Parts::new(6, 2);
    parts.state.settings.show_overlays = true;
    let mut harness = window_of(parts, 900.0, 600.0);
    harness.run();
    choose(&mut harness, Role::Button, "View");
    choose(&mut harness, Role::RadioButton, "Filled");
    choose(&mut harness, Role::RadioButton, "File name");
    choose(&mut harness, Role::RadioButton, "Thick");
    choose(&mut harness, Role::RadioButton, "Strong");
    choose(&mut harness, Role::RadioButton, "Large");
    choose(&mut harness, Role::CheckBox, "Dim the other boxes");
    let chosen = Appearance {
        fills_cells: true,
        caption: Caption::Name,
        line: LineWidth::Thick,
        fill: Fill::Strong,
        labels: LabelSize::Large,
        dims_others: true,
    };
    assert_eq!(look(&harness), chosen);
    // Keys of actions do nothing behind it; Esc closes it and nothing else.
    harness.key_press(Key::B);
    harness.run();
    assert!(harness.state().state.settings.show_overlays);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_role_and_label(Role::RadioButton, "Filled").is_none());
}

#[test]
fn the_settings_have_the_same_choices() {
    let mut parts = Parts::new(6, 2);
    parts.state.settings.appearance.fills_cells = true;
    let mut harness = window_of(parts, 900.0, 1_600.0);
    harness.run();
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Settings))));
    harness.run();
    choose(&mut harness, Role::RadioButton, "Thick");
    assert_eq!((look(&harness).fills_cells, look(&harness).line), (true, LineWidth::Thick));
    choose(&mut harness, Role::Button, "Reset");
    assert_eq!(look(&harness), Appearance::default());
}

#[test]
fn captions_stand_below_thumbnails_and_are_spoken() {
    let mut rows: Vec<_> = (0..6).map(|n| row(n, 2)).collect();
    rows[0].metadata.push(("name".to_owned(), "shelf-0001.jpg".to_owned()));
    let mut harness = window(Parts::of_rows(rows));
    harness.run();
    let before = harness.get_by_label_contains("Image 1:").rect();
    let caption =
        |caption| Command::Settings(SettingsCommand::SetAppearance(Appearance { caption, ..Appearance::default() }));
    harness.state_mut().update(caption(Caption::Name));
    harness.run();
    let cell = harness.get_by_label_contains(", shelf-0001.jpg").rect();
    assert_eq!((cell.width(), cell.height()), (before.width(), before.height() + 20.0));
    harness.state_mut().update(caption(Caption::Size));
    harness.run();
    assert_eq!(harness.query_all_by_label_contains("800 × 600 listed px").count(), 6);
}

#[test]
fn a_filled_thumbnail_is_cut_and_its_boxes_follow() {
    let mut rows: Vec<_> = (0..1).map(|n| row(n, 1)).collect();
    rows[0].regions[0].rect = domain::UnitRect::new(0.25, 0.25, 0.5, 0.5);
    let mut harness = window(Parts::of_rows(rows));
    harness.run();
    let side = harness.state().opened().grid.side;
    let ctx = harness.ctx.clone();
    // Twice as wide as high, in a cell of 4:3.
    harness.state_mut().insert(&ctx, PixelKey::Thumb { ix: ImageIx(0), side }, 256, 128);
    harness.run();
    let cell = harness.get_by_label_contains("Image 1:").rect();
    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    let (fitted, uv) = pictures(&harness)[0];
    assert!(uv == whole && (fitted.height() - cell.width() / 2.0).abs() < 1.0, "{fitted:?} in {cell:?}");
    harness.state_mut().update(Command::Settings(SettingsCommand::SetAppearance(Appearance {
        fills_cells: true,
        ..Appearance::default()
    })));
    harness.run();
    let side = harness.state().opened().grid.side;
    harness.state_mut().insert(&ctx, PixelKey::Thumb { ix: ImageIx(0), side }, 256, 128);
    harness.run();
    let (filled, uv) = pictures(&harness)[0];
    assert_eq!(filled, cell);
    // 2 : 1 in 4 : 3 shows two thirds of the width.
    assert!((uv.width() - 2.0 / 3.0).abs() < 0.01 && uv.height() == 1.0, "{uv:?}");
    // The box is half as wide as the picture, which is half as wide again as the cell.
    let tag = harness.state().opened().catalogue.tags().iter().next().expect("tag").1.color;
    let [red, green, blue] = tag.palette_color().on_dark;
    let corners = box_corners(&harness, cell, Color32::from_rgb(red, green, blue));
    let bounds = Rect::from_points(&corners);
    assert!((bounds.width() - cell.width() * 0.75).abs() < 3.0, "{bounds:?} in {cell:?}");
}

#[test]
fn a_thumbnail_with_very_many_boxes_shows_some_from_all_over() {
    let mut harness = window(Parts::of_rows(vec![row(0, 3_000), row(1, 1)]));
    harness.run();
    let cell = harness.get_by_label_contains("3000 regions").rect();
    let tag = harness.state().opened().catalogue.tags().iter().next().expect("tag").1.color;
    let [red, green, blue] = tag.palette_color().on_dark;
    let corners = box_corners(&harness, cell, Color32::from_rgb(red, green, blue));
    let bounds = Rect::from_points(&corners);
    assert!(bounds.height() > cell.height() * 0.7 && bounds.width() > cell.width() * 0.7, "{bounds:?} in {cell:?}");
    // And how many there are, as not all are drawn.
    let chips = texts(&harness).into_iter().filter(|(_, text)| cell.contains_rect(text.visual_bounding_rect()));
    assert!(chips.into_iter().any(|(_, text)| text.galley.text() == "3,000 regions"));
}

#[test]
fn the_other_boxes_step_back_while_a_region_is_selected() {
    let mut parts = Parts::new(2, 4);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    parts.update(Command::Settings(SettingsCommand::SetAppearance(Appearance {
        dims_others: true,
        ..Appearance::default()
    })));
    let mut harness = window(parts);
    harness.run();
    let [red, green, blue] =
        harness.state().opened().catalogue.tags().iter().nth(1).expect("tag").1.color.palette_color().on_dark;
    let full = Color32::from_rgb(red, green, blue);
    let canvas = harness.get_by_role(Role::Canvas).rect();
    let before = box_corners(&harness, canvas, full).len();
    assert!(before > 0);
    let first = harness.state().opened().catalogue.get(ImageIx(0)).expect("image").region_range().start;
    harness.state_mut().update(Command::Canvas(CanvasCommand::SelectRegion(Some(domain::RegionIx(first)))));
    harness.run();
    assert!(box_corners(&harness, canvas, full).is_empty(), "the second tag's boxes are faint");
    harness.state_mut().update(Command::Canvas(CanvasCommand::SelectRegion(None)));
    harness.run();
    assert_eq!(box_corners(&harness, canvas, full).len(), before);
}
