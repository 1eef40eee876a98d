//! Bytes to upright pixels: sniff the type, look at the size before anything is allocated, decode under a net, turn as
//! EXIF and the service's listed size say, scale, and cut tiles.
//!
//! Pure computation: no file, no network, no thread of its own. The bytes are hostile until proven otherwise, so every
//! decoder runs within [`Limits`] and inside `catch_unwind`.

mod container;
mod decode;
mod draw;
mod encode;
mod error;
mod hash;
mod jpeg;
mod letters;
mod orient;
mod plot;
mod pyramid;
mod scale;
mod sniff;

pub use decode::{DecodeRequest, Decoded, Limits, Probe, decode, decode_within, is_guarded, probe, upright_size};
pub use draw::{DrawnBox, crop, draw_boxes};
pub use encode::{encode_jpeg, encode_png};
pub use error::PixelError;
pub use hash::PerceptualHasher;
pub use letters::{FontFile, missing_letters};
pub use plot::plot_picture;
pub use pyramid::{Pyramid, half_size, level_size};
pub use scale::{fit_within, scale_to_fit};
pub use sniff::{Kind, sniff};

#[cfg(test)]
mod tests;
