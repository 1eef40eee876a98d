//! White paper with lines, rectangles and letters.

use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Transform};

use crate::glyphs::Fonts;
use domain::Raster;

/// Margin on all sides.
pub(super) const SIDE: f32 = 56.0;
/// Where the plot begins, below the head.
pub(super) const TOP: f32 = 190.0;
/// Height of the letters.
pub(super) const BODY: f32 = 21.0;

pub(super) type Rgb = [u8; 3];

pub(super) const TEXT: Rgb = [0x1c, 0x1e, 0x21];
pub(super) const DIM: Rgb = [0x57, 0x5d, 0x66];
pub(super) const LINE: Rgb = [0xd9, 0xdc, 0xe0];
pub(super) const ACCENT: Rgb = [0x1b, 0x66, 0xc4];
const PAPER: Rgb = [255, 255, 255];

/// Which end of a text is at the given place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

pub(super) struct Sheet<'a> {
    pixmap: Pixmap,
    fonts: Fonts<'a>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(width: u32, height: u32, fonts: Fonts<'a>) -> Option<Self> {
        let mut pixmap = Pixmap::new(width, height)?;
        pixmap.fill(Color::WHITE);
        Some(Self { pixmap, fonts })
    }

    pub(super) fn width(&self) -> f32 {
        self.pixmap.width() as f32
    }

    pub(super) fn height(&self) -> f32 {
        self.pixmap.height() as f32
    }

    pub(super) fn rect(&mut self, left: f32, top: f32, width: f32, height: f32, color: Rgb) {
        if let Some(rect) = Rect::from_xywh(left, top, width, height) {
            self.pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
        }
    }

    pub(super) fn dot(&mut self, x: f32, y: f32, radius: f32, color: Rgb) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.pixmap.fill_path(&path, &paint(color), FillRule::Winding, Transform::identity(), None);
        }
    }

    pub(super) fn text_width(&self, text: &str, size: f32) -> f32 {
        self.fonts.outline(text, size, 0.0, 0.0).width
    }

    /// Writes a line on a baseline.
    pub(super) fn text(&mut self, text: &str, x: f32, baseline: f32, size: f32, color: Rgb, anchor: Anchor) {
        let left = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - self.text_width(text, size) / 2.0,
            Anchor::Right => x - self.text_width(text, size),
        };
        let line = self.fonts.outline(text, size, left, baseline);
        if let Some(path) = line.path {
            self.pixmap.fill_path(&path, &paint(color), FillRule::Winding, Transform::identity(), None);
        }
        for emblem in &line.emblems {
            emblem.paint(&mut self.pixmap);
        }
    }

    /// Writes a line, cut with an ellipsis where it is wider.
    pub(super) fn text_within(&mut self, text: &str, x: f32, baseline: f32, size: f32, color: Rgb, width: f32) {
        if self.text_width(text, size) <= width {
            return self.text(text, x, baseline, size, color, Anchor::Left);
        }
        // No name is read to the end of a thousand letters.
        let letters: Vec<char> = text.chars().take(1_000).collect();
        let fits = |count: usize| {
            let cut: String = letters[..count].iter().chain([&'\u{2026}']).collect();
            self.text_width(&cut, size) <= width
        };
        let (mut low, mut high) = (0, letters.len());
        while low < high {
            let middle = (low + high).div_ceil(2);
            if fits(middle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let cut: String = letters[..low].iter().chain([&'\u{2026}']).collect();
        self.text(&cut, x, baseline, size, color, Anchor::Left);
    }

    pub(super) fn raster(self) -> Option<Raster> {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        // Opaque throughout: premultiplied is straight.
        Raster::new(width, height, self.pixmap.take())
    }
}

fn paint([red, green, blue]: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(red, green, blue, 255));
    paint
}

/// A color between the paper and another one.
pub(super) fn tint(color: Rgb, share: f32) -> Rgb {
    let mut mixed = PAPER;
    for (part, target) in mixed.iter_mut().zip(color) {
        *part = (f32::from(*part) + (f32::from(target) - f32::from(*part)) * share.clamp(0.0, 1.0)).round() as u8;
    }
    mixed
}
