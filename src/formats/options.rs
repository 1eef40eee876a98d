//! What the user can choose about the formats of an export. Plain data, kept in the manifest.

use serde::{Deserialize, Serialize};

use super::classes::Class;
use super::split::SplitRule;
use super::spreadsheet::Cells;

/// The default keeps everything that a format can hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FormatOptions {
    /// How the images are divided; `None`: all are for training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitRule>,
    /// Whether images without a region (or tag, in a classification project) are left out.
    pub are_negatives_left_out: bool,
    pub edges: EdgeRule,
    /// Regions narrower or lower than so many pixels of the exported file are left out.
    pub min_region_pixels: f64,
    pub other_types: OtherTypes,
    /// How far a crop goes beyond its region on each side, as a fraction of the region's width and height.
    pub crop_margin: f64,
    pub box_style: BoxStyle,
    /// The address under which Azure ML finds the folder of pictures; `None`: a placeholder.
    #[serde(skip_serializing_if = "Option::is_none", rename = "azuremlUrl")]
    pub azureml_url: Option<String>,
    /// Whether decisions and comments are written next to the labels, where there are some.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_reviews: bool,
    /// How CSV files hold texts that a spreadsheet would run as formulas.
    #[serde(skip_serializing_if = "Cells::is_safe")]
    pub cells: Cells,
    /// Bytes of a shard after which the next one begins; `None`: the usual number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_bytes: Option<u64>,
    #[serde(skip_serializing_if = "ShardOrder::is_usual")]
    pub shard_order: ShardOrder,
    /// The classes of an earlier export, whose order is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier_classes: Vec<Class>,
}

/// Bytes of a shard where nobody chose a number.
pub const USUAL_SHARD_BYTES: u64 = 512 << 20;

impl FormatOptions {
    /// Bytes of a shard after which the next one begins.
    pub fn shard_limit(&self) -> u64 {
        self.shard_bytes.unwrap_or(USUAL_SHARD_BYTES)
    }
}

/// The order of the images in shards, which trainings read from their beginning to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShardOrder {
    /// By a hash of the image's id: as if at random, and the same in each export.
    #[default]
    Shuffled,
    Project,
}

impl ShardOrder {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of regions that reach outside their image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeRule {
    /// Cut at the edge.
    #[default]
    Clamp,
    Drop,
}

/// What becomes of pictures of a type that a format's readers do not take, such as GIF for YOLO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherTypes {
    /// The image is left out of that format.
    #[default]
    Skip,
    /// The picture (of an animation the first) is exported as PNG, in all formats.
    Convert,
}

/// How boxes are drawn on annotated pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoxStyle {
    /// Width of the lines in pixels; 0: by the size of the picture.
    pub stroke: u32,
    /// Whether the tags' names are written.
    pub has_names: bool,
}

impl Default for BoxStyle {
    fn default() -> Self {
        Self { stroke: 0, has_names: true }
    }
}
