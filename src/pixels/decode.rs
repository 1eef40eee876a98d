//! One picture from its bytes, upright and within limits.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use domain::Raster;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbaImage};

use super::error::{Limits, PixelError, guarded};
use super::orient::{self, Turn};
use super::scale::shrink;
use super::sniff::{PictureKind, sniff};
use super::{container, jpeg};

/// Bytes that a file's metadata may take once unpacked: a color profile of 1 MB can unpack to a thousand times that.
const METADATA: u64 = 64 << 20;
/// A picture whose pixels take more than this is decoded alone: a service that lists many of them must not fill the
/// memory by their number.
const LARGE: u64 = 128 << 20;
static LARGE_ONES: Mutex<()> = Mutex::new(());

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeRequest {
    /// Width and height as the service lists them, for the orientation; 0 where it lists none.
    pub listed_size: (u32, u32),
    /// Longest side of the result; larger pictures are scaled down, smaller ones stay. `None`: full size.
    pub max_side: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its pixels, upright.
    pub raster: Raster,
    /// Width and height of the file's picture once upright, before any scaling.
    pub upright_size: (u32, u32),
    /// `JPEG`, `PNG`, ...
    pub format: &'static str,
    /// Whether EXIF turned or mirrored it.
    pub is_turned: bool,
    /// Whether the aspect is that of the listed size; `true` when none is listed.
    pub fits_listed: bool,
    /// Whether the file has every pixel but lacks the marker at its end, as [`check_whole`](super::check_whole) finds.
    pub lacks_end: bool,
}

/// What the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Width as stored.
    pub width: u32,
    /// Height as stored.
    pub height: u32,
    pub kind: PictureKind,
    orientation: Orientation,
}

impl Probe {
    /// Width and height once upright, by the rule for `listed_size`.
    pub fn upright_size(&self, listed_size: (u32, u32)) -> (u32, u32) {
        self.turn(listed_size).upright
    }

    /// Whether EXIF turns or mirrors it, by the rule for `listed_size`.
    pub fn is_turned(&self, listed_size: (u32, u32)) -> bool {
        self.turn(listed_size).is_turned()
    }

    fn turn(&self, listed_size: (u32, u32)) -> Turn {
        Turn::choose((self.width, self.height), self.orientation, listed_size)
    }

    /// Whether the aspect is that of the listed size; `true` when none is listed.
    pub fn fits_listed(&self, listed_size: (u32, u32)) -> bool {
        Turn::choose((self.width, self.height), self.orientation, listed_size).fits_listed
    }

    /// Whether EXIF asks for a turn that the listed size contradicts, so that none is made.
    pub fn ignores_exif(&self, listed_size: (u32, u32)) -> bool {
        let turn = Turn::choose((self.width, self.height), self.orientation, listed_size);
        turn.orientation != self.orientation
    }
}

/// Decodes within the default [`Limits`].
///
/// # Errors
/// See [`PixelError`]; never a panic.
pub fn decode(bytes: &[u8], request: DecodeRequest) -> Result<Decoded, PixelError> {
    decode_within(bytes, request, &Limits::default())
}

/// Decodes within the given limits. Of an animation, the first picture.
///
/// # Errors
/// See [`PixelError`]; never a panic.
pub fn decode_within(bytes: &[u8], request: DecodeRequest, limits: &Limits) -> Result<Decoded, PixelError> {
    let kind = known(bytes)?;
    let format = kind.format.ok_or(PixelError::CannotBeShown { format: kind.label })?;
    guarded(|| {
        let picture = container::checked(bytes, kind, limits)?;
        let (bytes, lacks_end) = (&*picture.bytes, picture.lacks_end);
        let mut decoder = open(bytes, kind, format)?;
        let size = decoder.dimensions();
        let output = decoder.total_bytes();
        check(size, output, limits)?;
        let _alone = (output > LARGE).then(|| LARGE_ONES.lock().unwrap_or_else(PoisonError::into_inner));
        let orientation = orient::orientation(&mut decoder);
        let turn = Turn::choose(size, orientation, request.listed_size);
        decoder.set_limits(image_limits(limits, output)).map_err(|error| PixelError::of(kind, Some(size), &error))?;
        let max_side = request.max_side.map(|side| side.max(1));
        let short = (kind.label == "JPEG").then(|| short_way(bytes, size, max_side, limits)).flatten();
        let is_opaque = short.is_some();
        let mut picture = match short {
            Some(picture) => picture,
            None => DynamicImage::from_decoder(decoder).map_err(|error| PixelError::of(kind, Some(size), &error))?,
        };
        if let Some(max_side) = max_side {
            picture = shrink(picture, size, max_side, is_opaque);
        }
        picture.apply_orientation(turn.orientation);
        let pixels = into_rgba(picture);
        let (width, height) = pixels.dimensions();
        let raster = Raster::new(width, height, pixels.into_raw())
            .ok_or_else(|| PixelError::Broken { format: kind.label, reason: "it has no pixels".to_owned() })?;
        Ok(Decoded {
            raster,
            upright_size: turn.upright,
            format: kind.label,
            is_turned: turn.is_turned(),
            fits_listed: turn.fits_listed,
            lacks_end,
        })
    })
}

/// A JPEG without the detours of the general decoder, when it is of the usual kind.
fn short_way(bytes: &[u8], size: (u32, u32), max_side: Option<u32>, limits: &Limits) -> Option<DynamicImage> {
    let scaled = max_side.and_then(|max_side| jpeg::scaled(bytes, size, max_side, limits.max_bytes));
    scaled.map(DynamicImage::from).or_else(|| jpeg::whole(bytes, size).map(DynamicImage::from))
}

/// Four channels. The general conversion looks at color spaces pixel by pixel, which takes as long as the decoding.
fn into_rgba(picture: DynamicImage) -> RgbaImage {
    let DynamicImage::ImageRgb8(rgb) = &picture else { return picture.into_rgba8() };
    let mut rgba = RgbaImage::new(rgb.width(), rgb.height());
    for (from, to) in rgb.as_raw().as_chunks::<3>().0.iter().zip(rgba.as_chunks_mut::<4>().0) {
        *to = [from[0], from[1], from[2], 255];
    }
    rgba
}

/// Reads the header only: size, kind and orientation. The bytes may be no more than the beginning of the file.
///
/// HEIC and AVIF have a size here too, upright, although nothing can decode them: boxes that are fractions of a picture
/// need no more than its size. Whether the picture can be shown, [`PictureKind::can_be_shown`] says.
///
/// # Errors
/// When the bytes are no picture or the header is damaged; [`PixelError::CannotBeShown`] when the kind is known by name
/// and its size cannot be read. A size over the limits is no error here.
pub fn probe(bytes: &[u8]) -> Result<Probe, PixelError> {
    let kind = known(bytes)?;
    guarded(|| {
        let Some(format) = kind.format else { return size_of_unshown(bytes, kind) };
        if let Some(((width, height), orientation)) = (kind.label == "JPEG").then(|| jpeg::head(bytes)).flatten() {
            return Ok(Probe { width, height, kind, orientation });
        }
        let mut decoder = open(container::checked_head(bytes, kind)?, kind, format)?;
        let (width, height) = decoder.dimensions();
        let orientation = orient::orientation(&mut decoder);
        Ok(Probe { width, height, kind, orientation })
    })
}

/// The size of a picture that cannot be decoded, from its boxes. A turn that they ask for is in it already.
fn size_of_unshown(bytes: &[u8], kind: PictureKind) -> Result<Probe, PixelError> {
    let unknown = PixelError::CannotBeShown { format: kind.label };
    let size = imagesize::blob_size(bytes).map_err(|_| unknown.clone())?;
    let side = |side: usize| u32::try_from(side).ok().filter(|&side| side > 0);
    let (width, height) = side(size.width).zip(side(size.height)).ok_or(unknown)?;
    Ok(Probe { width, height, kind, orientation: Orientation::NoTransforms })
}

/// Width and height once upright, by the rule for `listed_size`, from the header only.
///
/// # Errors
/// As [`probe`].
pub fn upright_size(bytes: &[u8], listed_size: (u32, u32)) -> Result<(u32, u32), PixelError> {
    Ok(probe(bytes)?.upright_size(listed_size))
}

fn known(bytes: &[u8]) -> Result<PictureKind, PixelError> {
    if bytes.is_empty() {
        return Err(PixelError::Empty);
    }
    sniff(bytes).ok_or(PixelError::UnknownFormat)
}

/// A decoder that has read the header and nothing more. Its own limit on sides is off, because its error does not say
/// the size: [`check`] does.
fn open(bytes: &[u8], kind: PictureKind, format: ImageFormat) -> Result<impl ImageDecoder + '_, PixelError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(METADATA);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| PixelError::of(kind, None, &error))
}

fn check((width, height): (u32, u32), bytes: u64, limits: &Limits) -> Result<(), PixelError> {
    let pixels = u64::from(width) * u64::from(height);
    let is_over = width.max(height) > limits.max_side || pixels > limits.max_pixels || bytes > limits.max_bytes;
    if is_over { Err(PixelError::TooLarge { width, height }) } else { Ok(()) }
}

/// What a decoder may take besides its output: about as much again, for a picture that is converted or put on a canvas.
fn image_limits(limits: &Limits, output: u64) -> image::Limits {
    let mut inner = image::Limits::no_limits();
    inner.max_image_width = Some(limits.max_side);
    inner.max_image_height = Some(limits.max_side);
    inner.max_alloc = Some(output.saturating_mul(2).saturating_add(METADATA));
    inner
}
