//! How one view stands to another: on the way between two, and the same part of another picture.

use super::Viewport;

impl Viewport {
    /// A share of the way from one view to another of the same picture: at 0 the first, at 1 the second. The size changes
    /// by equal factors, and every pixel goes in a straight line.
    #[must_use]
    pub fn between(from: Self, to: Self, share: f64) -> Self {
        if share >= 1.0 {
            return to;
        }
        let share = share.max(0.0);
        let scale = from.scale * (to.scale / from.scale).powf(share);
        let span = to.scale - from.scale;
        // How far a pixel has come: by size where that changes, else by the share itself.
        let come = if span.abs() > to.scale * 1e-6 { (scale - from.scale) / span } else { share };
        let origin = [0, 1].map(|axis| from.origin[axis] + (to.origin[axis] - from.origin[axis]) * come);
        Self { scale, origin, is_fit: false, ..to }
    }

    /// The same part of another picture in a view of its own: the same place (in fractions) in the middle, as many times
    /// larger than what fits. Pictures of one shape then lie under each other's boxes exactly.
    #[must_use]
    pub fn locked_to(self, other: Self) -> Self {
        let times = self.scale / self.fit_scale();
        let scale = times * other.fit_scale();
        let origin = [0, 1].map(|axis| {
            let middle = (self.clear_middle(axis) - self.origin[axis]) / self.scale / self.image[axis];
            other.clear_middle(axis) - middle * other.image[axis] * scale
        });
        Self { scale, origin, is_fit: self.is_fit, ..other }
    }
}

#[cfg(test)]
mod tests {
    use egui::{Vec2, pos2};
    use proptest::prelude::*;

    use super::*;
    use domain::UnitRect;

    const VIEW: Vec2 = Vec2::new(380.0, 640.0);

    fn view(image: (u32, u32), factor: f32, x: f32, y: f32) -> Viewport {
        Viewport::fit(image, VIEW, 1.0).zoomed_to(factor, pos2(x, y))
    }

    #[test]
    fn a_way_begins_and_ends_where_it_should() {
        let from = Viewport::fit((800, 600), VIEW, 1.0);
        let to = from.showing(UnitRect::new(0.6, 0.2, 0.1, 0.1));
        assert_eq!(Viewport::between(from, to, 1.0), to);
        let begun = Viewport::between(from, to, 0.0);
        assert!((begun.factor() - from.factor()).abs() < 1e-6 && begun.image_rect() == from.image_rect());
        let half = Viewport::between(from, to, 0.5);
        assert!((half.factor() - (from.factor() * to.factor()).sqrt()).abs() < 1e-4, "the geometric mean");
    }

    #[test]
    fn a_way_without_zoom_is_a_straight_line() {
        let from = view((800, 600), 2.0, 190.0, 320.0);
        let to = from.panned(Vec2::new(-100.0, -40.0));
        let half = Viewport::between(from, to, 0.5);
        let moved = half.image_rect().min - from.image_rect().min;
        assert!((moved - Vec2::new(-50.0, -20.0)).length() < 0.01, "{moved:?}");
    }

    proptest! {
        #[test]
        fn on_the_way_the_zoom_never_turns_back(factor in 0.2_f32..20.0, to in 0.2_f32..20.0, x in 0.0_f32..380.0, steps in 2_usize..30) {
            let (from, to) = (view((800, 600), factor, x, 20.0), view((800, 600), to, 100.0, 300.0));
            let factors: Vec<_> =
                (0..=steps).map(|at| Viewport::between(from, to, at as f64 / steps as f64).factor()).collect();
            let rises = factors.windows(2).all(|pair| pair[1] >= pair[0] - 1e-4);
            let falls = factors.windows(2).all(|pair| pair[1] <= pair[0] + 1e-4);
            prop_assert!(rises || falls, "{:?}", factors);
        }

        #[test]
        fn locked_pictures_of_one_shape_lie_alike(factor in 0.1_f32..20.0, x in 0.0_f32..380.0, y in 0.0_f32..640.0, times in 1_u32..5) {
            let left = view((800, 600), factor, x, y);
            let right = left.locked_to(Viewport::fit((800 * times, 600 * times), VIEW, 1.0));
            for rect in [UnitRect::new(0.0, 0.0, 1.0, 1.0), UnitRect::new(0.3, 0.6, 0.2, 0.1)] {
                let (one, other) = (left.screen_rect(rect), right.screen_rect(rect));
                prop_assert!((one.min - other.min).length() < 0.1 && (one.max - other.max).length() < 0.1);
            }
        }

        #[test]
        fn locking_there_and_back_changes_nothing(factor in 0.1_f32..20.0, x in 0.0_f32..380.0, width in 100_u32..4_000) {
            let left = view((800, 600), factor, x, 100.0);
            let right = left.locked_to(Viewport::fit((width, 700), Vec2::new(300.0, 500.0), 1.0));
            let back = right.locked_to(left);
            let moved = (back.image_rect().min - left.image_rect().min).length();
            prop_assert!(moved < 0.1 && (back.factor() / left.factor() - 1.0).abs() < 1e-4, "{moved}");
        }
    }
}
