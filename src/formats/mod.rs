//! Annotations to files and back: one file a format, a writer and a reader that share no encoding step.
//!
//! The writers take rows one by one and the readers give them one by one, so memory does not grow with the images. What
//! is written is checked by the reader of the same folder, which knows only the published form.

pub mod bounded;
pub mod coco;
pub mod error;
pub mod jsonl;

use serde::{Deserialize, Serialize};

pub use error::FormatError;

/// A format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// COCO detection JSON.
    Coco,
    /// The service's own fields, one image a line, numbers to the digit, no addresses.
    Jsonl,
}

impl Format {
    /// All formats, in the order of the dialog.
    pub const ALL: [Self; 2] = [Self::Coco, Self::Jsonl];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Jsonl => "jsonl",
        }
    }

    /// The name in the dialog.
    pub fn label(self) -> &'static str {
        match self {
            Self::Coco => "COCO",
            Self::Jsonl => "JSON lines, the service's own fields",
        }
    }
}

/// Which pictures an export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PixelChoice {
    /// As uploaded, byte for byte.
    #[default]
    Original,
    /// The service's training pictures, byte for byte.
    Resized,
    /// Labels only.
    None,
}

impl PixelChoice {
    /// All choices, in the order of the dialog.
    pub const ALL: [Self; 3] = [Self::Original, Self::Resized, Self::None];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Resized => "resized",
            Self::None => "none",
        }
    }

    /// The name in the dialog.
    pub fn label(self) -> &'static str {
        match self {
            Self::Original => "Original",
            Self::Resized => "Resized",
            Self::None => "None",
        }
    }
}
