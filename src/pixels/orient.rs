//! Which way up. The service does not document what it does with EXIF, so the listed size decides: of the raw and the
//! turned picture, the one whose aspect is that of the listed width and height is shown; where both fit, the turned one,
//! and where neither does, the turned one with a mark.

use image::metadata::Orientation;

/// How a picture is turned, and whether that fits what the service lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// What to do to the decoded pixels.
    pub(super) orientation: Orientation,
    /// Width and height afterwards.
    pub(super) upright: (u32, u32),
    /// Whether the aspect is that of the listed size; `true` when none is listed.
    pub(super) fits_listed: bool,
}

impl Turn {
    /// The turn of a picture of `raw` pixels with the EXIF `orientation` that is listed as `listed`.
    pub(super) fn choose(raw: (u32, u32), orientation: Orientation, listed: (u32, u32)) -> Self {
        let turned = if swaps_sides(orientation) { (raw.1, raw.0) } else { raw };
        if has_aspect(turned, listed) {
            Self { orientation, upright: turned, fits_listed: true }
        } else if has_aspect(raw, listed) {
            Self { orientation: Orientation::NoTransforms, upright: raw, fits_listed: true }
        } else {
            Self { orientation, upright: turned, fits_listed: false }
        }
    }

    pub(super) fn is_turned(self) -> bool {
        self.orientation != Orientation::NoTransforms
    }
}

/// Whether width becomes height.
fn swaps_sides(orientation: Orientation) -> bool {
    use Orientation as O;
    matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH)
}

/// Whether scaling `size` to the listed width or height gives the other one too, within the rounding of one pixel and
/// half a percent. A listed size of 0 fits everything: nothing is known.
fn has_aspect(size: (u32, u32), listed: (u32, u32)) -> bool {
    let [width, height, listed_width, listed_height] = [size.0, size.1, listed.0, listed.1].map(f64::from);
    if listed.0 == 0 || listed.1 == 0 || size.0 == 0 || size.1 == 0 {
        return true;
    }
    let is_near = |value: f64, wanted: f64| (value - wanted).abs() <= 1.0 + 0.005 * wanted;
    is_near(listed_width * height / width, listed_height) || is_near(listed_height * width / height, listed_width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listed_aspect_decides() {
        let turn = |raw, listed| Turn::choose(raw, Orientation::Rotate90, listed);
        // Listed upright: turned.
        assert_eq!(turn((4000, 3000), (675, 900)).upright, (3000, 4000));
        assert!(turn((4000, 3000), (675, 900)).fits_listed);
        // Listed raw: the service ignored EXIF, so must we.
        let raw = turn((4000, 3000), (1200, 900));
        assert_eq!((raw.upright, raw.is_turned(), raw.fits_listed), ((4000, 3000), false, true));
        // Both fit: turned.
        assert!(turn((500, 500), (500, 500)).is_turned());
        assert!(turn((500, 400), (0, 0)).is_turned() && turn((500, 400), (0, 0)).fits_listed);
        // Neither: turned, and said so.
        let neither = turn((1000, 200), (500, 500));
        assert!(neither.is_turned() && !neither.fits_listed && neither.upright == (200, 1000));
    }

    #[test]
    fn rounding_of_the_training_size_is_no_mismatch() {
        for (width, height) in [(3264_u32, 2448_u32), (4031, 3021), (1601, 37), (10_240, 111), (817, 611)] {
            let listed = domain::geometry::training_size(width, height);
            assert!(Turn::choose((width, height), Orientation::NoTransforms, listed).fits_listed, "{width} x {height}");
        }
    }
}
