//! What a picture may be before it is decoded.

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
