//! Bytes to upright pixels: sniff the type, look whether the file has its end, look at the size before anything is
//! allocated, decode under a net, turn as EXIF and the service's listed size say, scale, and cut tiles.
//!
//! Pure computation: no file, no network, no thread of its own. The bytes are hostile until proven otherwise, so every
//! decoder runs within [`Limits`] and inside `catch_unwind`.

mod container;
mod decode;
mod draw;
mod encode;
mod error;
mod glyphs;
mod hash;
mod jpeg;
mod orient;
mod plot;
mod pyramid;
mod scale;
mod sniff;

pub use container::{Whole, check_whole, lacks_end_marker};
pub use decode::{DecodeRequest, Decoded, Probe, decode, decode_within, probe, upright_size};
pub use draw::{DrawnBox, crop, draw_boxes};
pub use encode::{encode_jpeg, encode_png};
pub use error::{Limits, PixelError, caught, is_guarded};
pub use glyphs::{FontFile, missing_letters};
pub use hash::PerceptualHasher;
pub use plot::plot_picture;
pub use pyramid::{Pyramid, half_size, level_size};
pub use scale::{fit_within, scale_to_fit};
pub use sniff::{FOREIGN_START, PictureKind, foreign, sniff};

#[cfg(test)]
mod tests;
