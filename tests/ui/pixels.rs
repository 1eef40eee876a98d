//! Pixels on the canvas: square ones from 300 %, a grid between them from 1,000 %, and a readout that says which they are.

use egui::{Key, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::canvas::ZoomCommand;
use tagscope::app::{CanvasCommand, Command, PixelKey};
use tagscope::domain::ImageIx;

use super::fixture::{Parts, window};

/// Image 1 on the canvas, whose listed size is 800 x 600.
fn opened() -> Harness<'static, Parts> {
    let mut parts = Parts::new(3, 1);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let mut harness = window(parts);
    harness.run();
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    harness.run();
    harness
}

fn zoom(harness: &mut Harness<'_, Parts>, percent: f32) {
    harness.state_mut().update(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor(percent / 100.0))));
    harness.run();
}

/// The places of the upright lines of the grid, from the picture's left edge, in pixels of the screen.
fn uprights(harness: &Harness<'_, Parts>) -> Vec<f32> {
    let canvas = harness.get_by_role(egui::accesskit::Role::Canvas).rect();
    let left = canvas.left() + harness.state().view.canvas.viewport().expect("viewport").image_rect().left();
    let shapes = harness.output().shapes.iter();
    let lines = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::LineSegment { points: [from, to], .. } if from.x == to.x && from.y < to.y => Some(from.x),
        _ => None,
    });
    lines.filter(|x| canvas.x_range().contains(*x)).map(|x| (x - left) * harness.ctx.pixels_per_point()).collect()
}

/// Whether the picture is magnified with smooth pixels.
fn is_smooth(harness: &mut Harness<'_, Parts>, percent: f32) -> bool {
    zoom(harness, percent);
    harness.state().view.textures.is_smooth(PixelKey::Resized { ix: ImageIx(0) }).expect("picture")
}

#[test]
fn pixels_are_square_from_300_percent_unless_smooth_ones_are_chosen() {
    let mut harness = opened();
    assert!(is_smooth(&mut harness, 290.0));
    assert!(!is_smooth(&mut harness, 300.0));
    assert!(is_smooth(&mut harness, 299.0));
    assert!(!is_smooth(&mut harness, 400.0));
    harness.key_press(Key::M);
    assert!(is_smooth(&mut harness, 500.0));
}

#[test]
fn a_grid_stands_on_the_edges_of_pixels_from_1000_percent() {
    let mut harness = opened();
    zoom(&mut harness, 990.0);
    assert!(uprights(&harness).is_empty());
    zoom(&mut harness, 1_600.0);
    let lines = uprights(&harness);
    assert!(lines.len() > 20, "{}", lines.len());
    for line in &lines {
        assert!((line / 16.0 - (line / 16.0).round()).abs() < 0.01, "{line} is no edge of a pixel of 16 x 16");
    }
    // The original has four times as many: at the same factor each of its own takes 16 pixels of the screen.
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    zoom(&mut harness, 1_600.0);
    let lines = uprights(&harness);
    let steps: Vec<f32> = lines.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(!steps.is_empty() && steps.iter().all(|step| (step - 16.0).abs() < 0.1), "{steps:?}");
    harness.key_press(Key::M);
    harness.run();
    assert!(uprights(&harness).is_empty(), "smooth pixels have no edges");
}

#[test]
fn the_readout_says_which_pixel_of_which_picture() {
    let mut harness = opened();
    let canvas = harness.get_by_role(egui::accesskit::Role::Canvas).rect();
    let readout = |harness: &mut Harness<'_, Parts>| {
        let image = harness.state().view.canvas.viewport().expect("viewport").image_rect();
        harness.hover_at(canvas.min + image.lerp_inside(egui::vec2(0.5, 0.25)).to_vec2());
        harness.run();
        let texts = harness.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
            Shape::Text(text) if text.galley.text().starts_with("x ") => Some(text.galley.text().to_owned()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("|")
    };
    assert_eq!(readout(&mut harness), "x 400  y 150  px of the listed size");
    harness.state_mut().know_original(ImageIx(0), 3_200, 2_400);
    harness.run();
    assert_eq!(readout(&mut harness), "x 1600  y 600  px of the original");
}
