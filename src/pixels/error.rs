//! What a picture may be before it is decoded, why one could not be shown, and the net under the decoders.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::LimitErrorKind;

use super::sniff::PictureKind;

/// What a picture may be before it is decoded. The service itself takes sides up to 10,240 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest side in pixels.
    pub max_side: u32,
    /// Width times height.
    pub max_pixels: u64,
    /// Bytes of the decoder's output and of what it needs besides, each.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_side: 40_000, max_pixels: 200_000_000, max_bytes: 1 << 30 }
    }
}

/// A picture that could not be decoded or encoded. Its words hold nothing of the file but sizes and the decoder's own
/// complaint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// Nothing that begins like a picture we know.
    #[error("the file is not a JPEG, PNG, GIF, BMP, TIFF or WebP picture")]
    UnknownFormat,
    /// An empty file.
    #[error("the file is empty")]
    Empty,
    /// The header promises more than the limits allow; nothing was allocated for it.
    #[error("the picture is {width} x {height}, which exceeds the limit")]
    TooLarge { width: u32, height: u32 },
    /// It asks for more memory than its pixels can need; nothing was allocated for it.
    #[error("the {format} file requests more memory than its picture needs")]
    TooMuchMemory {
        /// `JPEG`, `PNG`, ...
        format: &'static str,
    },
    /// The file ends before the picture does.
    #[error("the {format} file ends too early")]
    Truncated { format: &'static str },
    /// The decoder refuses it.
    #[error("the {format} file is damaged: {reason}")]
    Broken { format: &'static str, reason: String },
    /// A kind of picture that no decoder here knows (an odd compression, an odd color type).
    #[error("this kind of {format} is not supported: {reason}")]
    Unsupported { format: &'static str, reason: String },
    /// A kind of picture that is known by name, and that nothing here can decode.
    #[error("it is {} {format} picture, which Tagscope cannot show; convert it to JPEG or PNG", article(format))]
    CannotBeShown {
        /// `HEIC`, `AVIF`, ...
        format: &'static str,
    },
    #[error("the decoder failed on this file: {reason}")]
    Panicked { reason: String },
}

impl PixelError {
    /// The `image` crate's error, in our terms.
    pub(super) fn of(kind: PictureKind, size: Option<(u32, u32)>, error: &image::ImageError) -> Self {
        use image::ImageError as E;
        let format = kind.label;
        match error {
            E::Limits(limit) => match (limit.kind(), size) {
                (LimitErrorKind::DimensionError, Some((width, height))) => Self::TooLarge { width, height },
                _ => Self::TooMuchMemory { format },
            },
            E::Unsupported(_) => Self::Unsupported { format, reason: plain(error) },
            E::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated { format },
            _ => Self::Broken { format, reason: plain(error) },
        }
    }
}

fn article(format: &str) -> &'static str {
    if format.starts_with('A') { "an" } else { "a" }
}

/// One line, without the trailing full stop, of bounded length: it ends up in a sentence.
pub(super) fn plain(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default().trim_end_matches('.');
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a decoder runs on this thread, so that a panic here and now is no crash but a broken picture.
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// Runs a decoder; its panic becomes an error. Nothing of its state is used afterwards.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, PixelError>) -> Result<T, PixelError> {
    caught(work).unwrap_or_else(|reason| Err(PixelError::Panicked { reason }))
}

/// Runs a decoder of anything; nothing of its state may be used after a panic.
///
/// # Errors
/// With the words of the panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = IS_GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(before);
    result.map_err(|panic| {
        let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        let reason = words.unwrap_or_else(|| "it stopped for an unknown reason".to_owned());
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        reason.chars().take(160).map(plain).collect()
    })
}
