//! Making pictures smaller. Never larger: a cell or the canvas stretches what is too small.

use fast_image_resize::images::{Image, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};

use domain::Raster;

/// The size of a picture whose longest side is brought to `max_side`; a smaller one keeps its size. No side becomes 0.
pub fn fit_within(width: u32, height: u32, max_side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= max_side || longest == 0 {
        return (width, height);
    }
    let side = |value: u32| {
        let scaled = (u64::from(value) * u64::from(max_side) + u64::from(longest) / 2) / u64::from(longest);
        (scaled as u32).max(1)
    };
    (side(width), side(height))
}

/// The picture with its longest side brought to `max_side`; a smaller one comes back as it is.
pub fn scale_to_fit(raster: Raster, max_side: u32) -> Raster {
    let (width, height) = (raster.width(), raster.height());
    let size = fit_within(width, height, max_side);
    if size == (width, height) {
        return raster;
    }
    resize::<U8x4>(raster.rgba(), (width, height), size, Alpha::Straight)
        .and_then(|rgba| Raster::new(size.0, size.1, rgba))
        .unwrap_or(raster)
}

/// The same for what a decoder gives of a picture that is `size` when whole; it may have been decoded smaller. Gray and
/// opaque pictures are scaled without a look at alpha: most of the time of a thumbnail goes here.
pub(super) fn shrink(picture: DynamicImage, size: (u32, u32), max_side: u32, is_opaque: bool) -> DynamicImage {
    let from = (picture.width(), picture.height());
    let to = fit_within(size.0, size.1, max_side);
    if to == from {
        return picture;
    }
    // 16-bit, floating point and gray with alpha are brought to 8 bits first.
    let picture = match picture {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgba8(_) => picture,
        other if other.color().has_alpha() => other.into_rgba8().into(),
        other => other.into_rgb8().into(),
    };
    let alpha = if is_opaque { Alpha::None } else { Alpha::Straight };
    let shrunk = match &picture {
        DynamicImage::ImageRgb8(rgb) => resize::<U8x3>(rgb.as_raw(), from, to, Alpha::None)
            .and_then(|pixels| RgbImage::from_raw(to.0, to.1, pixels))
            .map(DynamicImage::from),
        DynamicImage::ImageLuma8(gray) => resize::<U8>(gray.as_raw(), from, to, Alpha::None)
            .and_then(|pixels| GrayImage::from_raw(to.0, to.1, pixels))
            .map(DynamicImage::from),
        DynamicImage::ImageRgba8(rgba) => resize::<U8x4>(rgba.as_raw(), from, to, alpha)
            .and_then(|pixels| RgbaImage::from_raw(to.0, to.1, pixels))
            .map(DynamicImage::from),
        _ => None,
    };
    // The last resort is the `image` crate's own scaler, so that no picture comes back too large.
    shrunk.unwrap_or_else(|| picture.thumbnail(max_side, max_side))
}

#[derive(Clone, Copy, PartialEq)]
enum Alpha {
    /// There is none, or all of it is 255.
    None,
    /// Multiplied in and out again.
    Straight,
}

/// Catmull-Rom over straight sRGB values: half the time of Lanczos, and fainter rings around hard edges. The type of a
/// pixel is known when it is compiled, so the scalers for the other types (4 MB) stay out of the program.
fn resize<P: PixelTrait>(pixels: &[u8], from: (u32, u32), to: (u32, u32), alpha: Alpha) -> Option<Vec<u8>> {
    let source = TypedImageRef::<P>::from_buffer(from.0, from.1, pixels).ok()?;
    let mut target = Image::new(to.0, to.1, P::pixel_type());
    let filter = ResizeAlg::Convolution(FilterType::CatmullRom);
    let options = ResizeOptions::new().resize_alg(filter).use_alpha(alpha == Alpha::Straight);
    Resizer::new().resize_typed(&source, &mut target.typed_image_mut::<P>()?, &options).ok()?;
    Some(target.into_vec())
}
