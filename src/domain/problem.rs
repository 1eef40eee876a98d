//! What is wrong with a listed row: collected and shown, never a reason to lose the rest of a page.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{ImageId, RegionId, TagId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Problem {
    /// A row could not be read at all, or the list of an archive has its image already.
    UnreadableRow {
        /// The row's place in its list, from 0; with a `file`, the number of the line in it, from 1 as in an editor.
        index: usize,
        /// The file that it is a line of, where it comes from an archive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// The id, when that much could be read.
        image: Option<ImageId>,
        /// What was wrong, without any content that could be secret.
        reason: String,
    },
    /// A region could not be read and is left out.
    UnreadableRegion {
        index: usize,
        reason: String,
    },
    /// A field of the row is not as the service sends it. The row is kept, and what became of the field is reported.
    OddField {
        /// Its name, such as `width` or `metadata`.
        field: String,
        /// What is odd about it and what became of it, as the end of a sentence.
        reason: String,
    },
    /// An entry of a list of projects, iterations, domains or tags could not be read and is left out.
    UnreadableEntry {
        /// What the list is of, such as `tags`.
        list: String,
        index: usize,
        reason: String,
    },
    /// A prediction could not be read and is left out.
    UnreadablePrediction {
        index: usize,
        reason: String,
    },
    RegionOutside(RegionId),
    RegionEmpty(RegionId),
    /// A region's tag is not among the image's tags.
    RegionTagMissing(RegionId, TagId),
    NoSize,
    NoAddress,
    OddDate(String),
    /// The picture's aspect fits neither the raw nor the turned reading of `width` x `height`.
    SizeMismatch {
        decoded: (u32, u32),
    },
}

impl Problem {
    /// Whether something that the service sent is not in the row, or not as it was sent.
    pub fn is_loss(&self) -> bool {
        match self {
            Self::UnreadableRow { .. }
            | Self::UnreadableRegion { .. }
            | Self::UnreadablePrediction { .. }
            | Self::UnreadableEntry { .. }
            | Self::OddField { .. } => true,
            Self::RegionOutside(_)
            | Self::RegionEmpty(_)
            | Self::RegionTagMissing(..)
            | Self::NoSize
            | Self::NoAddress
            | Self::OddDate(_)
            | Self::SizeMismatch { .. } => false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreadableRow { index, file, image, reason } => {
                match file {
                    Some(file) => write!(f, "Line {index} of {file} could not be used")?,
                    None => write!(f, "Row {} could not be read", index + 1)?,
                }
                if let Some(image) = image {
                    write!(f, " (image {image})")?;
                }
                write!(f, ": {reason}")
            }
            Self::UnreadableRegion { index, reason } => {
                write!(f, "Region {} could not be read and was skipped: {reason}", index + 1)
            }
            Self::UnreadableEntry { list, index, reason } => {
                write!(f, "Number {} in the list of {list} could not be read and was skipped: {reason}", index + 1)
            }
            Self::OddField { field, reason } => write!(f, "Field {field}: {reason}"),
            Self::UnreadablePrediction { index, reason } => {
                write!(f, "Prediction {} could not be read and was skipped: {reason}", index + 1)
            }
            Self::RegionOutside(region) => write!(f, "Region {region} reaches outside the image"),
            Self::RegionEmpty(region) => write!(f, "Region {region} has no area"),
            Self::RegionTagMissing(region, tag) => {
                write!(f, "Region {region} has the tag {tag}, which the image does not have")
            }
            Self::NoSize => f.write_str("The service reports no size for this image"),
            Self::NoAddress => f.write_str("The service reports no URL for this picture"),
            Self::OddDate(text) => write!(f, "The date {text:?} could not be read"),
            Self::SizeMismatch { decoded: (width, height) } => {
                write!(f, "The picture is {width} x {height}, which does not match the size the service reports")
            }
        }
    }
}
