//! A small vocabulary over tiny-skia: tones, inks and shapes in the scene's own pixels, at any drawn size.

use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, RadialGradient, Rect,
    Shader, SpreadMode, Transform,
};

/// A color with alpha, each 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tone {
    pub(super) r: f32,
    pub(super) g: f32,
    pub(super) b: f32,
    pub(super) a: f32,
}

pub(super) const WHITE: Tone = hex(0xffffff);
pub(super) const BLACK: Tone = hex(0);

/// An opaque tone from 0xRRGGBB.
pub(super) const fn hex(rgb: u32) -> Tone {
    Tone { r: channel_of(rgb >> 16), g: channel_of(rgb >> 8), b: channel_of(rgb), a: 1.0 }
}

const fn channel_of(value: u32) -> f32 {
    (value & 0xff) as f32 / 255.0
}

impl Tone {
    pub(super) fn fade(self, alpha: f32) -> Self {
        Self { a: self.a * alpha, ..self }
    }

    /// A step of `share` towards `other`, alpha kept.
    pub(super) fn toward(self, other: Self, share: f32) -> Self {
        let step = |from: f32, to: f32| from + (to - from) * share;
        Self { r: step(self.r, other.r), g: step(self.g, other.g), b: step(self.b, other.b), a: self.a }
    }

    pub(super) fn lit(self, share: f32) -> Self {
        self.toward(WHITE, share)
    }

    /// Darker by `share`; dark places keep a little of the room's blue.
    pub(super) fn shaded(self, share: f32) -> Self {
        self.toward(hex(0x0b0c12), share)
    }

    fn color(self) -> Color {
        let unit = |value: f32| value.clamp(0.0, 1.0);
        Color::from_rgba(unit(self.r), unit(self.g), unit(self.b), unit(self.a)).unwrap_or(Color::BLACK)
    }
}

/// What a shape is filled with. Positions are in the scene's pixels.
#[derive(Clone, Debug)]
pub(super) enum Ink<'a> {
    Flat(Tone),
    /// From `x0` to `x1`.
    Across(f32, f32, &'a [(f32, Tone)]),
    /// From `y0` to `y1`.
    Down(f32, f32, &'a [(f32, Tone)]),
}

pub(super) struct Canvas {
    pixmap: Pixmap,
    transform: Transform,
    pixel: f32,
}

impl Canvas {
    /// A picture of `width` x `height` pixels of a scene that is `scene_width` x `scene_height`; `None` for a size of 0.
    pub(super) fn new(width: u32, height: u32, scene_width: u32, scene_height: u32) -> Option<Self> {
        let (x, y) = (width as f32 / scene_width as f32, height as f32 / scene_height as f32);
        Some(Self { pixmap: Pixmap::new(width, height)?, transform: Transform::from_scale(x, y), pixel: 1.0 / x })
    }

    pub(super) fn into_pixmap(self) -> Pixmap {
        self.pixmap
    }

    /// Whether something `size` scene pixels large would be seen at the drawn size.
    pub(super) fn shows(&self, size: f32) -> bool {
        size > self.pixel * 0.7
    }

    pub(super) fn fill(&mut self, path: Option<Path>, ink: &Ink<'_>) {
        let (Some(path), Some(shader)) = (path, ink.shader()) else { return };
        let paint = Paint { shader, ..Paint::default() };
        self.pixmap.fill_path(&path, &paint, FillRule::Winding, self.transform, None);
    }

    pub(super) fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, ink: &Ink<'_>) {
        self.fill(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect), ink);
    }

    pub(super) fn round(&mut self, x: f32, y: f32, width: f32, height: f32, radius: f32, ink: &Ink<'_>) {
        self.fill(rounded(x, y, width, height, [radius; 4]), ink);
    }

    pub(super) fn oval(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, ink: &Ink<'_>) {
        self.fill(Rect::from_xywh(cx - rx, cy - ry, rx * 2.0, ry * 2.0).and_then(PathBuilder::from_oval), ink);
    }

    pub(super) fn polygon(&mut self, points: &[(f32, f32)], ink: &Ink<'_>) {
        let mut path = PathBuilder::new();
        for (index, &(x, y)) in points.iter().enumerate() {
            if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
        self.fill(path.finish(), ink);
    }

    /// A soft ellipse: `tone` in the middle, nothing at its edge.
    pub(super) fn glow(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, tone: Tone) {
        if rx <= 0.0 || ry <= 0.0 {
            return;
        }
        let stops = [(0.0, tone), (0.35, tone.fade(0.72)), (0.7, tone.fade(0.22)), (1.0, tone.fade(0.0))];
        // A unit circle, stretched.
        let place = Transform::from_row(rx, 0.0, 0.0, ry, cx, cy);
        let origin = Point::from_xy(0.0, 0.0);
        let Some(shader) =
            RadialGradient::new(origin, 0.0, origin, 1.0, gradient_stops(&stops), SpreadMode::Pad, place)
        else {
            return;
        };
        let paint = Paint { shader, ..Paint::default() };
        if let Some(path) = Rect::from_xywh(cx - rx, cy - ry, rx * 2.0, ry * 2.0).and_then(PathBuilder::from_oval) {
            self.pixmap.fill_path(&path, &paint, FillRule::Winding, self.transform, None);
        }
    }
}

impl Ink<'_> {
    fn shader(&self) -> Option<Shader<'static>> {
        let line = |from: (f32, f32), to: (f32, f32), stops: &[(f32, Tone)]| {
            LinearGradient::new(
                Point::from_xy(from.0, from.1),
                Point::from_xy(to.0, to.1),
                gradient_stops(stops),
                SpreadMode::Pad,
                Transform::identity(),
            )
        };
        match *self {
            Ink::Flat(tone) => Some(Shader::SolidColor(tone.color())),
            Ink::Across(x0, x1, stops) => line((x0, 0.0), (x1, 0.0), stops),
            Ink::Down(y0, y1, stops) => line((0.0, y0), (0.0, y1), stops),
        }
    }
}

fn gradient_stops(stops: &[(f32, Tone)]) -> Vec<GradientStop> {
    stops.iter().map(|&(at, tone)| GradientStop::new(at, tone.color())).collect()
}

/// A rectangle whose corners (top left, top right, bottom right, bottom left) have their own radii.
pub(super) fn rounded(x: f32, y: f32, width: f32, height: f32, radii: [f32; 4]) -> Option<Path> {
    let most = width.min(height) * 0.5;
    let [a, b, c, d] = radii.map(|radius| radius.clamp(0.0, most));
    let (right, bottom) = (x + width, y + height);
    let mut path = PathBuilder::new();
    path.move_to(x + a, y);
    path.line_to(right - b, y);
    path.quad_to(right, y, right, y + b);
    path.line_to(right, bottom - c);
    path.quad_to(right, bottom, right - c, bottom);
    path.line_to(x + d, bottom);
    path.quad_to(x, bottom, x, bottom - d);
    path.line_to(x, y + a);
    path.quad_to(x, y, x + a, y);
    path.close();
    path.finish()
}

/// A band around a cylinder seen from a little above: its upper and lower edges sag by `sag`.
pub(super) fn band(x: f32, y: f32, width: f32, height: f32, sag: f32) -> Option<Path> {
    let (right, bottom) = (x + width, y + height);
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    path.quad_to(x + width * 0.5, y + sag * 2.0, right, y);
    path.line_to(right, bottom);
    path.quad_to(x + width * 0.5, bottom + sag * 2.0, x, bottom);
    path.close();
    path.finish()
}

/// The tones across something round, lit from `light` (-1 left, 1 right).
pub(super) fn cylinder(base: Tone, light: f32, gloss: f32) -> [(f32, Tone); 7] {
    let tones = [
        (0.0, base.shaded(0.42)),
        (0.10, base.shaded(0.12)),
        (0.26, base.lit(0.16 + 0.42 * gloss)),
        (0.38, base.lit(0.08)),
        (0.62, base.shaded(0.14)),
        (0.90, base.shaded(0.50)),
        (1.0, base.shaded(0.36)),
    ];
    if light < 0.0 {
        return tones;
    }
    let mut turned = tones;
    turned.reverse();
    turned.map(|(at, tone)| (1.0 - at, tone))
}
