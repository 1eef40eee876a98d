//! Why a picture could not be shown.

use image::error::LimitErrorKind;

use super::sniff::Kind;

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
    pub(super) fn of(kind: Kind, size: Option<(u32, u32)>, error: &image::ImageError) -> Self {
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
