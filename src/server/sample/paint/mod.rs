//! Paints a scene: backdrop, shadows, things, light, what a camera adds, and the three files of an image as JPEG. No labels here.

mod backdrop;
mod canvas;
mod packs;
mod print;
mod vessels;

use self::canvas::{BLACK, Canvas};
use super::dice::Dice;
use super::kind::Kind;
use super::scene::{Object, Recipe, Scene, Setting};
use crate::ServerError;
use domain::{BlobKind, Raster};

/// A rectangle in scene pixels.
#[derive(Clone, Copy, Debug)]
struct Frame {
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

impl Frame {
    fn inset(self, x: f32, y: f32) -> Self {
        Self { x: self.x + x, y: self.y + y, w: self.w - x * 2.0, h: self.h - y * 2.0 }
    }
}

fn dice_of(seed: u64) -> Dice {
    Dice::new(seed)
}

/// The scene at `width` x `height` pixels; `None` when a side is 0. `shot` sets the grain.
pub(super) fn paint(scene: &Scene, width: u32, height: u32, shot: u64) -> Option<Raster> {
    let mut canvas = Canvas::new(width, height, scene.width, scene.height)?;
    backdrop::behind(&mut canvas, scene);
    for object in scene.objects.iter().filter(|object| object.kind != Kind::Label) {
        shadow(&mut canvas, object, scene.light);
    }
    backdrop::fronts(&mut canvas, scene);
    for object in &scene.objects {
        thing(&mut canvas, object, scene.light);
    }
    backdrop::before(&mut canvas, scene);
    Raster::new(width, height, develop(canvas.into_pixmap().take(), width, height, scene, shot))
}

/// The object's shadow on the wall behind it and on the board below it.
fn shadow(canvas: &mut Canvas, object: &Object, light: f32) {
    let Frame { x, y, w, h } = frame_of(object);
    let away = -light * w * 0.09;
    // Many thin layers, each a little smaller, make a soft edge; fewer do where the picture is small.
    let layers = if canvas.shows(w * 0.012) { 10 } else { 4 };
    let strength = 0.36 / layers as f32;
    for layer in 0..layers {
        let grow = w * (0.10 - 0.15 * layer as f32 / layers as f32);
        let top = y + h * 0.07 - grow;
        let ink = canvas::Ink::Flat(BLACK.fade(strength));
        canvas.round(x + away - grow, top, w + grow * 2.0, y + h - top, w * 0.16 + grow, &ink);
    }
    canvas.glow(x + w * 0.5 + away * 0.8, y + h - h * 0.006, w * 0.66, (w * 0.13).min(h * 0.10), BLACK.fade(0.55));
    canvas.glow(x + w * 0.5, y + h, w * 0.54, (w * 0.05).min(h * 0.05), BLACK.fade(0.8));
}

fn thing(canvas: &mut Canvas, object: &Object, light: f32) {
    let frame = frame_of(object);
    match object.kind {
        Kind::Bottle => vessels::bottle(canvas, frame, object.seed, light),
        Kind::Can => vessels::can(canvas, frame, object.seed, light),
        Kind::Jar => vessels::jar(canvas, frame, object.seed, light),
        Kind::Box => packs::carton(canvas, frame, object.seed, light),
        Kind::Pouch => packs::pouch(canvas, frame, object.seed, light),
        Kind::SixPack => packs::six_pack(canvas, frame, object.seed, light),
        Kind::Label => {
            let Frame { x, y, w, h } = frame;
            canvas.round(x + w * 0.015, y + h * 0.05, w, h, h * 0.1, &canvas::Ink::Flat(BLACK.fade(0.30)));
            packs::price_card(canvas, frame, object.seed);
        }
    }
}

fn frame_of(object: &Object) -> Frame {
    let area = object.area;
    Frame { x: area.left as f32, y: area.top as f32, w: area.width as f32, h: area.height as f32 }
}

/// What a camera adds: exposure and tint of the hour, darker corners, grain.
fn develop(mut pixels: Vec<u8>, width: u32, height: u32, scene: &Scene, shot: u64) -> Vec<u8> {
    let [red, green, blue] = match (scene.setting, scene.is_night) {
        (Setting::Pantry, true) => [0.86, 0.70, 0.54],
        (Setting::Pantry, false) => [1.03, 0.99, 0.93],
        (Setting::Cooler, true) => [0.72, 0.84, 0.96],
        (Setting::Cooler, false) => [0.95, 1.0, 1.05],
        (_, true) => [0.70, 0.74, 0.84],
        (_, false) => [1.02, 1.0, 0.97],
    };
    let across: Vec<f32> = (0..width).map(|x| corner(x, width)).collect();
    let mut noise = shot | 1;
    for (y, row) in pixels.chunks_exact_mut(width as usize * 4).enumerate() {
        let down = corner(y as u32, height);
        for (pixel, across) in row.chunks_exact_mut(4).zip(&across) {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            // Two dice make a triangle of -1..1 around 0, which also hides the steps of the gradients.
            let grain = ((noise & 0xff) as f32 + (noise >> 8 & 0xff) as f32) * (1.0 / 255.0) - 1.0;
            let light = 1.0 - 0.26 * (across + down);
            for (channel, gain) in pixel.iter_mut().zip([red, green, blue]) {
                *channel = (f32::from(*channel) * gain * light + grain * 2.2 + 0.5) as u8;
            }
            pixel[3] = 255;
        }
    }
    pixels
}

/// 0 in the middle of a side, 0.5 at its ends, rising late.
fn corner(at: u32, side: u32) -> f32 {
    let offset = (at as f32 + 0.5) / side as f32 * 2.0 - 1.0;
    let square = offset * offset;
    square * square * 0.5
}

/// Longest side of a thumbnail. The service's own is not documented.
const THUMBNAIL_SIDE: u32 = 320;
const QUALITY: u8 = 88;

pub(super) fn jpeg(recipe: Recipe, image: usize, kind: BlobKind) -> Result<Vec<u8>, ServerError> {
    let scene = recipe.scene(image);
    let (width, height) = size_of(&scene, kind);
    let raster = paint(&scene, width, height, recipe.seed() ^ image as u64).ok_or(ServerError::Picture)?;
    let is_turned = scene.is_turned && kind != BlobKind::Thumbnail;
    let raster = if is_turned { turned(&raster).ok_or(ServerError::Picture)? } else { raster };
    let file = pixels::encode_jpeg(&raster, QUALITY).map_err(|_| ServerError::Picture)?;
    Ok(if is_turned { with_orientation_6(&file) } else { file })
}

/// Upright width and height of a file.
pub(super) fn size_of(scene: &Scene, kind: BlobKind) -> (u32, u32) {
    match kind {
        BlobKind::Resized => (scene.width, scene.height),
        BlobKind::Original => (scene.width * scene.original_scale, scene.height * scene.original_scale),
        BlobKind::Thumbnail => {
            let long = scene.width.max(scene.height);
            let side = |value: u32| (value * THUMBNAIL_SIDE).div_ceil(long).max(1);
            (side(scene.width), side(scene.height))
        }
    }
}

/// The picture as a camera held sideways stores it: a quarter to the left, so that orientation 6 ("turn right") uprights it.
fn turned(upright: &Raster) -> Option<Raster> {
    let (width, height) = (upright.width(), upright.height());
    let mut pixels = Vec::with_capacity(upright.byte_count());
    for row in 0..width {
        for column in 0..height {
            pixels.extend_from_slice(&upright.pixel(width - 1 - row, column)?);
        }
    }
    Raster::new(height, width, pixels)
}

/// Puts an APP1 segment with one EXIF entry, Orientation = 6, behind the start-of-image marker.
fn with_orientation_6(file: &[u8]) -> Vec<u8> {
    const EXIF: [u8; 36] = [
        0xff, 0xe1, 0x00, 0x22, b'E', b'x', b'i', b'f', 0, 0, // APP1, 34 bytes
        b'M', b'M', 0, 42, 0, 0, 0, 8, // big-endian TIFF, first directory at 8
        0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, // one entry: Orientation, SHORT, 1 value, 6
        0, 0, 0, 0, // no further directory
    ];
    let (start, rest) = file.split_at(file.len().min(2));
    [start, &EXIF, rest].concat()
}
