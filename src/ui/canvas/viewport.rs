//! The one transform of the canvas, `screen_from_image`: pure, in `f64`, so that nothing trembles at 64 times the size
//! of a picture with 10,000 pixels a side.
//!
//! Image coordinates are pixels of the picture at its listed size; screen coordinates are points. Factors are given in
//! pixels of the original once its size is known: 1 is then a pixel of the screen for one of the original.

mod relate;

use egui::{Pos2, Rect, Vec2, pos2};

/// The largest factor: pixels of the screen for one of the original.
const MAX_FACTOR: f64 = 64.0;
/// The smallest factor, where the fitting one is larger.
const MIN_FACTOR: f64 = 0.02;
/// How much of the picture must stay in sight, in points.
const KEEP_IN_SIGHT: f64 = 64.0;

/// Where the picture is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Points of the screen for one pixel of the picture.
    scale: f64,
    /// Where the picture's top left corner is, in points from the view's top left corner.
    origin: [f64; 2],
    /// Size of the picture in its pixels.
    image: [f64; 2],
    /// Size of the view in points.
    view: [f64; 2],
    /// How much of the view's top the fitting picture keeps clear of, in points.
    top: f64,
    pixels_per_point: f64,
    /// Pixels of the original for one of the picture; 1 while its size is not known.
    original_pixels: f64,
    is_fit: bool,
}

impl Viewport {
    /// The whole picture, centered, never above its own size by more than the screen needs.
    pub fn fit(image: (u32, u32), view: Vec2, pixels_per_point: f32) -> Self {
        Self::fit_below(image, view, 0.0, pixels_per_point)
    }

    /// The whole picture in what is below `top` points of the view, which buttons lie on.
    pub fn fit_below(image: (u32, u32), view: Vec2, top: f32, pixels_per_point: f32) -> Self {
        let image = [f64::from(image.0.max(1)), f64::from(image.1.max(1))];
        let view = [f64::from(view.x.max(1.0)), f64::from(view.y.max(1.0))];
        // A view of little height has none to spare.
        let top = f64::from(top).clamp(0.0, view[1] / 2.0);
        let pixels_per_point = f64::from(pixels_per_point);
        let (scale, origin, original_pixels) = (1.0, [0.0; 2], 1.0);
        let mut fitted = Self { scale, origin, image, view, top, pixels_per_point, original_pixels, is_fit: true };
        fitted.scale = fitted.fit_scale().min(MAX_FACTOR / fitted.pixels_per_point);
        fitted.origin = [0, 1].map(|axis| fitted.clear_middle(axis) - image[axis] * fitted.scale / 2.0);
        fitted
    }

    /// The same view where another height is to be kept clear of.
    #[must_use]
    pub fn below(self, top: f32) -> Self {
        let moved = Self { top: f64::from(top).clamp(0.0, self.view[1] / 2.0), ..self };
        if self.is_fit && moved.top != self.top {
            moved.fitted(self.view_size(), self.pixels_per_point as f32)
        } else {
            moved
        }
    }

    /// Whether it is the fitting one, so that it fits again when the view changes its size.
    pub fn is_fit(&self) -> bool {
        self.is_fit
    }

    /// The same view with factors in pixels of the original, which is so many pixels wide.
    #[must_use]
    pub fn measured_in(self, original_width: u32) -> Self {
        let original_pixels = f64::from(original_width.max(1)) / self.image[0];
        Self { original_pixels, ..self }
    }

    /// Pixels of the screen for one of the original: 1 is 1:1.
    pub fn factor(&self) -> f32 {
        (self.scale * self.pixels_per_point / self.original_pixels) as f32
    }

    /// Pixels of the screen for one of the picture at its listed size.
    pub fn listed_factor(&self) -> f32 {
        (self.scale * self.pixels_per_point) as f32
    }

    /// The factor at which a pixel of the listed size is one of the screen.
    pub fn listed_one_to_one(&self) -> f32 {
        (1.0 / self.original_pixels) as f32
    }

    /// Width and height of the view in points.
    pub fn view_size(&self) -> Vec2 {
        Vec2::new(self.view[0] as f32, self.view[1] as f32)
    }

    /// Points of the screen for one pixel of the picture.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// From a pixel of the picture to points from the view's top left corner.
    pub fn screen_from_image(&self, x: f64, y: f64) -> [f64; 2] {
        [self.origin[0] + x * self.scale, self.origin[1] + y * self.scale]
    }

    /// From points of the view to pixels of the picture.
    pub fn image_from_screen(&self, point: Pos2) -> [f64; 2] {
        [(f64::from(point.x) - self.origin[0]) / self.scale, (f64::from(point.y) - self.origin[1]) / self.scale]
    }

    /// A rectangle in fractions of the picture, in points of the view.
    pub fn screen_rect(&self, rect: domain::UnitRect) -> Rect {
        let corner = |x: f32, y: f32| {
            let [x, y] = self.screen_from_image(f64::from(x) * self.image[0], f64::from(y) * self.image[1]);
            pos2(x as f32, y as f32)
        };
        Rect::from_min_max(corner(rect.left, rect.top), corner(rect.right(), rect.bottom()))
    }

    /// Where the whole picture is, in points of the view.
    pub fn image_rect(&self) -> Rect {
        self.screen_rect(domain::UnitRect::new(0.0, 0.0, 1.0, 1.0))
    }

    /// The visible part in fractions of the picture: left, top, right, bottom, within 0..1.
    pub fn visible_fractions(&self) -> [f64; 4] {
        let edge =
            |axis: usize, screen: f64| ((screen - self.origin[axis]) / self.scale / self.image[axis]).clamp(0.0, 1.0);
        [edge(0, 0.0), edge(1, 0.0), edge(0, self.view[0]), edge(1, self.view[1])]
    }

    /// Whether a part of the picture is out of sight.
    pub fn is_cropped(&self) -> bool {
        let [left, top, right, bottom] = self.visible_fractions();
        left > 0.001 || top > 0.001 || right < 0.999 || bottom < 0.999
    }

    /// Another factor; the pixel under `about` stays where it is. The factor is clamped first, then the translation is
    /// solved, so at the limits nothing slides.
    #[must_use]
    pub fn zoomed_to(self, factor: f32, about: Pos2) -> Self {
        let [x, y] = self.image_from_screen(about);
        let fit = self.fit_scale();
        let scale_of = |factor: f64| factor * self.original_pixels / self.pixels_per_point;
        let smallest = scale_of(MIN_FACTOR).min(fit * 0.5);
        let wanted = scale_of(f64::from(factor));
        let wanted = if wanted.is_finite() { wanted } else { self.scale };
        let scale = wanted.clamp(smallest, scale_of(MAX_FACTOR).max(smallest));
        let origin = [f64::from(about.x) - x * scale, f64::from(about.y) - y * scale];
        Self { scale, origin, is_fit: false, ..self }
    }

    /// The factor times `by`, about a point of the view.
    #[must_use]
    pub fn zoomed_by(self, by: f32, about: Pos2) -> Self {
        self.zoomed_to(self.factor() * by, about)
    }

    /// Moved by points of the screen; some of the picture stays in sight.
    #[must_use]
    pub fn panned(self, by: Vec2) -> Self {
        let mut moved = self;
        for (axis, by) in [f64::from(by.x), f64::from(by.y)].into_iter().enumerate() {
            moved.origin[axis] += by;
        }
        moved.is_fit = false;
        moved.kept_in_sight()
    }

    /// Moved by as little as brings a part of the picture wholly into sight, or its middle where it is too large.
    #[must_use]
    pub fn bringing_in(self, rect: domain::UnitRect) -> Self {
        const MARGIN: f32 = 24.0;
        let (part, view) = (self.screen_rect(rect), Rect::from_min_size(Pos2::ZERO, self.view_size()));
        let by = |low: f32, high: f32, end: f32| {
            let is_large = high - low > end - 2.0 * MARGIN;
            match (low < 0.0, high > end) {
                (false, false) => 0.0,
                _ if is_large => (end - low - high) / 2.0,
                (true, _) => MARGIN - low,
                (false, true) => end - MARGIN - high,
            }
        };
        let moved =
            Vec2::new(by(part.left(), part.right(), view.width()), by(part.top(), part.bottom(), view.height()));
        if moved == Vec2::ZERO { self } else { self.panned(moved) }
    }

    /// How far the picture has moved since another view of it, in points; `None` when more is different than its place.
    pub fn moved_since(&self, before: &Self) -> Option<Vec2> {
        let by = [0, 1].map(|axis| self.origin[axis] - before.origin[axis]);
        let same = Self { origin: before.origin, is_fit: before.is_fit, ..*self };
        (same == *before).then(|| Vec2::new(by[0] as f32, by[1] as f32))
    }

    /// Moved so that some of the picture is in sight.
    #[must_use]
    pub fn kept_in_sight(mut self) -> Self {
        for axis in 0..2 {
            let length = self.image[axis] * self.scale;
            let keep = KEEP_IN_SIGHT.min(length).min(self.view[axis]);
            self.origin[axis] = self.origin[axis].clamp(keep - length, self.view[axis] - keep);
        }
        self
    }

    /// The view that shows a part of the picture (in fractions) with some room around it.
    #[must_use]
    pub fn showing(self, rect: domain::UnitRect) -> Self {
        let size = [f64::from(rect.width) * self.image[0], f64::from(rect.height) * self.image[1]];
        let room = |axis: usize| self.view[axis] * 0.6 / size[axis].max(1.0);
        let center = [
            (f64::from(rect.left) + f64::from(rect.width) / 2.0) * self.image[0],
            (f64::from(rect.top) + f64::from(rect.height) / 2.0) * self.image[1],
        ];
        let middle = pos2((self.view[0] / 2.0) as f32, (self.view[1] / 2.0) as f32);
        let factor = (room(0).min(room(1)) * self.pixels_per_point / self.original_pixels).min(16.0) as f32;
        self.zoomed_to(factor, middle).centered_on(center)
    }

    /// Moved so that a pixel of the picture is in the middle.
    #[must_use]
    pub fn centered_on(mut self, pixel: [f64; 2]) -> Self {
        for (axis, pixel) in pixel.into_iter().enumerate() {
            self.origin[axis] = self.view[axis] / 2.0 - pixel * self.scale;
        }
        self.is_fit = false;
        self.kept_in_sight()
    }

    #[must_use]
    pub fn fitted(self, view: Vec2, pixels_per_point: f32) -> Self {
        let image = (self.image[0] as u32, self.image[1] as u32);
        let fitted = Self::fit_below(image, view, self.top as f32, pixels_per_point);
        Self { original_pixels: self.original_pixels, ..fitted }
    }

    /// From points of the view to fractions of the picture.
    pub fn fractions_from_screen(&self, point: Pos2) -> [f64; 2] {
        let [x, y] = self.image_from_screen(point);
        [x / self.image[0], y / self.image[1]]
    }

    /// Moved so that a place in fractions of the picture is in the middle.
    #[must_use]
    pub fn centered_on_fractions(self, [x, y]: [f64; 2]) -> Self {
        self.centered_on([x * self.image[0], y * self.image[1]])
    }

    /// For a view of another size: fits again, or keeps the factor and what is in the middle.
    #[must_use]
    pub fn resized(self, view: Vec2, pixels_per_point: f32) -> Self {
        if self.is_fit {
            return self.fitted(view, pixels_per_point);
        }
        let middle = [0, 1].map(|axis| (self.view[axis] / 2.0 - self.origin[axis]) / self.scale);
        let factor = self.scale * self.pixels_per_point;
        let other = self.fitted(view, pixels_per_point);
        Self { scale: factor / other.pixels_per_point, ..other }.centered_on(middle)
    }

    /// For another picture: the same factor and the same place in fractions of the picture.
    #[must_use]
    pub fn carried_to(self, image: (u32, u32)) -> Self {
        let pixels_per_point = self.pixels_per_point as f32;
        let view = Vec2::new(self.view[0] as f32, self.view[1] as f32);
        let other = Self::fit_below(image, view, self.top as f32, pixels_per_point);
        if self.is_fit {
            return other;
        }
        let middle = [0, 1].map(|axis| {
            (self.view[axis] / 2.0 - self.origin[axis]) / self.scale / self.image[axis] * other.image[axis]
        });
        Self { scale: self.scale, ..other }.centered_on(middle)
    }

    fn fit_scale(&self) -> f64 {
        (self.view[0] / self.image[0]).min((self.view[1] - self.top) / self.image[1])
    }

    /// The middle of what is not kept clear of, along an axis.
    fn clear_middle(&self, axis: usize) -> f64 {
        let low = if axis == 1 { self.top } else { 0.0 };
        f64::midpoint(low, self.view[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UnitRect;
    use proptest::prelude::*;

    const VIEW: Vec2 = Vec2::new(760.0, 648.0);

    #[test]
    fn fit_shows_the_whole_picture_in_the_middle() {
        let fit = Viewport::fit((816, 612), VIEW, 1.0);
        assert!((fit.image_rect().width() - 760.0).abs() < 0.01);
        assert_eq!(fit.image_rect().center(), pos2(380.0, 324.0));
        assert!(!fit.is_cropped() && fit.is_fit());
    }

    #[test]
    fn a_tall_picture_fits_below_the_buttons() {
        let fit = Viewport::fit_below((600, 1_200), VIEW, 48.0, 1.0);
        let rect = fit.image_rect();
        assert_eq!((rect.top(), rect.height(), rect.center().x), (48.0, 600.0, 380.0));
        assert_eq!(fit.zoomed_to(2.0, pos2(0.0, 0.0)).fitted(VIEW, 1.0), fit);
        assert_eq!(Viewport::fit((600, 1_200), VIEW, 1.0).below(48.0), fit);
        let low = Viewport::fit_below((600, 600), Vec2::new(300.0, 60.0), 48.0, 1.0);
        assert_eq!(low.image_rect().height(), 30.0, "half of a low view at least is for the picture");
    }

    #[test]
    fn one_to_one_is_a_screen_pixel_for_a_picture_pixel() {
        let viewport = Viewport::fit((816, 612), VIEW, 2.0).zoomed_to(1.0, pos2(380.0, 324.0));
        assert!((viewport.image_rect().width() - 408.0).abs() < 0.01);
        assert_eq!(viewport.factor(), 1.0);
    }

    #[test]
    fn a_region_out_of_sight_is_brought_in_at_the_same_zoom() {
        let part = UnitRect::new(0.9, 0.0, 0.05, 0.05);
        let fit = Viewport::fit((816, 612), VIEW, 1.0);
        assert_eq!(fit.bringing_in(part), fit, "it is in sight already");
        let zoomed = fit.zoomed_to(4.0, pos2(0.0, 324.0));
        let view = Rect::from_min_size(Pos2::ZERO, VIEW);
        assert!(!view.contains_rect(zoomed.screen_rect(part)));
        let brought = zoomed.bringing_in(part);
        assert!(view.contains_rect(brought.screen_rect(part)), "{:?}", brought.screen_rect(part));
        assert_eq!(brought.factor(), zoomed.factor());
        // One that is larger than the view is centered.
        let whole = zoomed.bringing_in(UnitRect::new(0.0, 0.0, 1.0, 1.0)).image_rect();
        assert!((whole.center() - view.center()).length() < 0.1, "{whole:?}");
    }

    #[test]
    fn one_to_one_of_a_larger_original_is_a_pixel_of_the_original() {
        let listed = Viewport::fit((1_200, 900), VIEW, 2.0);
        let viewport = listed.measured_in(4_000);
        assert_eq!(viewport.image_rect(), listed.image_rect(), "nothing moves when the size becomes known");
        let one = viewport.zoomed_to(1.0, pos2(380.0, 324.0));
        assert!((one.image_rect().width() - 2_000.0).abs() < 0.01, "4,000 pixels of the screen are 2,000 points");
        let again = one.zoomed_to(one.listed_one_to_one(), pos2(380.0, 324.0));
        assert!((again.image_rect().width() - 600.0).abs() < 0.01 && (again.listed_factor() - 1.0).abs() < 1e-6);
        assert!((again.fitted(VIEW, 2.0).factor() - viewport.factor()).abs() < 1e-6);
        assert!((one.resized(Vec2::new(500.0, 400.0), 2.0).factor() - 1.0).abs() < 1e-6);
        assert!(one.zoomed_to(1_000.0, pos2(0.0, 0.0)).factor() > 63.9);
    }

    #[test]
    fn a_fitting_view_fits_again_when_it_changes_its_size() {
        let fit = Viewport::fit((816, 612), VIEW, 1.0);
        let larger = fit.resized(Vec2::new(1_000.0, 900.0), 1.0);
        assert_eq!(larger, Viewport::fit((816, 612), Vec2::new(1_000.0, 900.0), 1.0));
        let zoomed = fit.zoomed_to(3.0, pos2(100.0, 100.0));
        assert_eq!(zoomed.resized(Vec2::new(1_000.0, 900.0), 1.0).factor(), 3.0);
    }

    #[test]
    fn only_a_move_is_a_move() {
        let fit = Viewport::fit((816, 612), VIEW, 1.0);
        let moved = fit.panned(Vec2::new(-3.0, 7.0));
        assert_eq!(moved.moved_since(&fit), Some(Vec2::new(-3.0, 7.0)));
        assert_eq!(fit.moved_since(&fit), Some(Vec2::ZERO));
        assert_eq!(moved.zoomed_by(1.1, pos2(0.0, 0.0)).moved_since(&fit), None);
        assert_eq!(Viewport::fit((816, 600), VIEW, 1.0).moved_since(&fit), None);
    }

    #[test]
    fn a_region_is_shown_with_room_around_it() {
        let rect = UnitRect::new(0.8, 0.1, 0.1, 0.1);
        let shown = Viewport::fit((816, 612), VIEW, 1.0).showing(rect).screen_rect(rect);
        let view = Rect::from_min_size(Pos2::ZERO, VIEW);
        assert!(view.contains_rect(shown) && shown.width() > 300.0, "{shown:?}");
        let tiny = UnitRect::new(0.5, 0.5, 0.0, 0.0);
        assert!(Viewport::fit((816, 612), VIEW, 1.0).showing(tiny).factor() <= 16.0);
    }

    #[test]
    fn the_view_is_carried_to_the_next_picture() {
        let first = Viewport::fit((800, 600), VIEW, 1.0).zoomed_to(4.0, pos2(0.0, 0.0));
        let second = first.carried_to((1_600, 1_200));
        assert_eq!(second.factor(), 4.0);
        let middle = |viewport: Viewport, width: f64| viewport.image_from_screen(pos2(380.0, 324.0))[0] / width;
        assert!((middle(first, 800.0) - middle(second, 1_600.0)).abs() < 1e-6);
    }

    fn viewports() -> impl Strategy<Value = Viewport> {
        (1_u32..20_000, 1_u32..20_000, 100.0_f32..4_000.0, 100.0_f32..3_000.0, 1.0_f32..3.0)
            .prop_map(|(width, height, x, y, ppp)| Viewport::fit((width, height), Vec2::new(x, y), ppp))
    }

    proptest! {
        #[test]
        fn zoom_keeps_the_pixel_under_the_pointer(
            viewport in viewports(), x in 0.0_f32..1.0, y in 0.0_f32..1.0,
            factors in prop::collection::vec(0.001_f32..200.0, 1..8),
        ) {
            let about = pos2(x * viewport.view[0] as f32, y * viewport.view[1] as f32);
            let before = viewport.image_from_screen(about);
            let mut zoomed = viewport;
            for factor in factors {
                zoomed = zoomed.zoomed_to(factor, about);
                prop_assert!(zoomed.factor() as f64 <= MAX_FACTOR * 1.0001);
            }
            let [sx, sy] = zoomed.screen_from_image(before[0], before[1]);
            prop_assert!((sx - f64::from(about.x)).abs() < 0.01 && (sy - f64::from(about.y)).abs() < 0.01);
        }

        #[test]
        fn screen_and_image_are_inverse(viewport in viewports(), factor in 0.1_f32..32.0, x in 0.0_f64..1.0, y in 0.0_f64..1.0) {
            let viewport = viewport.zoomed_to(factor, pos2(50.0, 50.0));
            let pixel = [x * viewport.image[0], y * viewport.image[1]];
            let [sx, sy] = viewport.screen_from_image(pixel[0], pixel[1]);
            let back = [(sx - viewport.origin[0]) / viewport.scale, (sy - viewport.origin[1]) / viewport.scale];
            prop_assert!((back[0] - pixel[0]).abs() < 1e-6 && (back[1] - pixel[1]).abs() < 1e-6);
        }

        #[test]
        fn the_picture_never_leaves_the_view(viewport in viewports(), factor in 0.1_f32..32.0, dx in -1e5_f32..1e5, dy in -1e5_f32..1e5) {
            let moved = viewport.zoomed_to(factor, pos2(10.0, 10.0)).panned(Vec2::new(dx, dy));
            let view = Rect::from_min_size(Pos2::ZERO, Vec2::new(moved.view[0] as f32, moved.view[1] as f32));
            prop_assert!(moved.image_rect().expand(0.5).intersects(view));
        }
    }
}
