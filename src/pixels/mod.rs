//! Bytes to upright pixels: sniff the type, look whether the file has its end, look at the size before anything is allocated, decode under a net, turn as
//! EXIF and the service's listed size say, scale, and cut tiles.
//!
//! Pure computation: no file, no network, no thread of its own. The bytes are hostile until proven otherwise, so every
//! decoder runs within [`Limits`] and inside `catch_unwind`.

mod container;
mod decode;
mod draw;
mod encode;
mod end;
mod error;
mod exif;
mod foreign;
mod glyphs;
mod hash;
mod jpeg;
mod limits;
mod orient;
mod plot;
mod pyramid;
mod scale;
mod sniff;

pub use decode::{DecodeRequest, Decoded, Probe, caught, decode, decode_within, is_guarded, probe, upright_size};
pub use draw::{DrawnBox, crop, draw_boxes};
pub use encode::{encode_jpeg, encode_png};
pub use end::{Whole, check_whole, lacks_end_marker};
pub use error::PixelError;
pub use foreign::{FOREIGN_START, foreign};
pub use glyphs::{FontFile, missing_letters};
pub use hash::PerceptualHasher;
pub use limits::Limits;
pub use plot::plot_picture;
pub use pyramid::{Pyramid, half_size, level_size};
pub use scale::{fit_within, scale_to_fit};
pub use sniff::{Kind, sniff};

#[cfg(test)]
mod tests;
