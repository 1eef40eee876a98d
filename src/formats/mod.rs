//! Annotations to files and back: one file (or small folder) a format, a writer and a reader that share no encoding step.
//!
//! # How a format is written
//! [`judge`] decides for an image and a format what is kept, cut or left out, by the format's [`Rules`] and the person's
//! [`FormatOptions`]; what is kept comes to the format's [`Writer`] as an [`ExportItem`], one by one in the order of the
//! catalogue, so memory does not grow with the images. A writer only encodes: it makes files in a [`Folder`] and asks
//! it to put the item's picture where its readers expect it. So counts in = counts out + what `judge` said.
//!
//! # How it is checked
//! [`read`](by_format::read) knows only the published form. It gives back images and regions one by one ([`Sink`]), with boxes
//! in the terms of the format ([`Place`]); who compares does the arithmetic the other way.
//!
//! # How foreign files are read
//! [`dataset`] is the content of a dataset. Formats that can be imported have a module `dataset` each that reads
//! it leniently: the importer walks the folders, these parse the texts.
//!
//! # Where a format is in an export
//! Pictures are stored once, in `images/`. A format that is one file (or two) is at the root and refers to `images/`
//! ([`Format::own_folder`] is `None`). The others are folders as their readers want them: the export's root when only
//! that one format was requested, else a folder with the format's name. Where such a format needs the pictures in its own
//! layout they are hard links to those in `images/` (copies where the file system has no links); when no format of the
//! export refers to `images/`, that folder is taken away again at the end.
//!
//! # Names
//! Pictures are called by what the project calls them, made safe, and the image's id ([`names`]): no name twice in a
//! folder, whatever the case and the extension. Where a tag becomes a folder, its name is made safe and unique the same way;
//! where a format cannot hold a character of a tag's name, [`ClassList::names`] replaces it and says so.

pub mod address;
pub mod azureml;
pub mod bounded;
pub mod by_format;
mod class_names;
pub mod classes;
pub mod coco;
pub mod createml;
pub mod csv;
pub mod cvat;
pub mod dataset;
pub mod datumaro;
pub mod error;
mod example;
mod found_example;
pub mod huggingface;
pub mod item;
pub mod jsonl;
pub mod label_studio;
/// labelme's JSON: a file a picture. It is read, not written.
pub mod labelme {
    pub mod dataset;
}
pub mod layout;
mod lines;
mod loose;
pub mod meaning;
pub mod names;
pub mod options;
pub mod parquet;
pub mod predictions;
pub mod read;
mod record;
pub mod reviews;
pub mod rules;
pub mod split;
pub mod text;
mod unread;
pub mod voc;
/// The JSON of VoTT, Microsoft's Visual Object Tagging Tool: one file a project, or one a picture. It is read, not written.
pub mod vott {
    pub mod dataset;
}
pub mod webdataset;
pub mod write;
mod xml;
mod yaml;
pub mod yolo;

use serde::{Deserialize, Serialize};

pub use class_names::ClassNames;
pub use classes::{Class, ClassList};
pub use domain::spreadsheet;
pub use error::{FormatError, Quoted};
pub use item::{ExportItem, JudgedImage, Labeled, Picture, RegionFate, judge};
pub use options::{BoxStyle, EdgeRule, FormatOptions, OtherTypes, ShardOrder};
pub use read::{FoundFacts, FoundImage, FoundPicture, FoundRecord, FoundRegion, Place, ReadPlan, Sink};
pub use reviews::ReviewFormat;
pub use rules::{Rules, TagPlace};
pub use split::{SplitGroup, SplitPart, SplitRule, Together};
pub use write::{Folder, Head, OutFile, Writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// COCO detection JSON.
    Coco,
    /// YOLO as Ultralytics reads it.
    Yolo,
    /// Pascal VOC.
    Voc,
    /// Tables for Azure Machine Learning's automated training on images.
    #[serde(rename = "azureml")]
    AzureMl,
    /// A table, one region a row.
    Csv,
    /// The service's own fields, one image a line, numbers to the digit, no addresses.
    Jsonl,
    /// Tasks of Label Studio.
    LabelStudio,
    /// CVAT for images 1.1.
    Cvat,
    /// Datumaro's own JSON.
    Datumaro,
    /// Apple's Create ML.
    #[serde(rename = "createml")]
    CreateMl,
    /// Hugging Face's `imagefolder`.
    #[serde(rename = "huggingface")]
    HuggingFace,
    /// Shards of WebDataset.
    #[serde(rename = "webdataset")]
    WebDataset,
    /// Parquet, a row an image.
    Parquet,
    /// A picture a region, in a folder a tag.
    Crops,
    /// The pictures with boxes and names drawn on them.
    Annotated,
}

/// What people read of a format.
struct Texts {
    name: &'static str,
    label: &'static str,
    remark: &'static str,
    help: &'static str,
}

impl Format {
    /// All formats, in the order of the dialog.
    pub const ALL: [Self; 15] = [
        Self::Coco,
        Self::Yolo,
        Self::Voc,
        Self::AzureMl,
        Self::Csv,
        Self::Jsonl,
        Self::LabelStudio,
        Self::Cvat,
        Self::Datumaro,
        Self::CreateMl,
        Self::HuggingFace,
        Self::WebDataset,
        Self::Parquet,
        Self::Crops,
        Self::Annotated,
    ];

    fn texts(self) -> Texts {
        const fn texts(name: &'static str, label: &'static str, remark: &'static str, help: &'static str) -> Texts {
            Texts { name, label, remark, help }
        }
        match self {
            Self::Coco => texts("coco", "COCO", "one JSON file for training", "COCO detection JSON"),
            Self::Yolo => texts("yolo", "YOLO", "a folder for Ultralytics", "A folder for Ultralytics YOLO"),
            Self::Voc => texts("voc", "Pascal VOC", "one XML file per image", "Pascal VOC: one XML file per image"),
            Self::AzureMl => texts("azureml", "Azure ML", "MLTables for AutoML", "Tables for Azure ML AutoML"),
            Self::Csv => texts("csv", "CSV", "one row per region", "A table, one region per row"),
            Self::Jsonl => {
                texts("jsonl", "JSON lines", "the service's own fields", "The service's own fields, one image per line")
            }
            Self::LabelStudio => {
                texts("label-studio", "Label Studio", "tasks and labeling setup", "Label Studio tasks")
            }
            Self::Cvat => texts("cvat", "CVAT", "XML for images 1.1", "CVAT for images 1.1"),
            Self::Datumaro => texts("datumaro", "Datumaro", "its own JSON", "Datumaro's own JSON"),
            Self::CreateMl => texts("createml", "Create ML", "for Apple's trainer", "Apple's Create ML"),
            Self::HuggingFace => texts(
                "huggingface",
                "Hugging Face",
                "an imagefolder for datasets",
                "A folder for Hugging Face datasets (imagefolder)",
            ),
            Self::WebDataset => {
                texts("webdataset", "WebDataset", "tar files for PyTorch", "Tar shards for WebDataset (PyTorch)")
            }
            Self::Parquet => texts(
                "parquet",
                "Parquet",
                "tables with pictures",
                "Tables with pictures for DuckDB, pandas, Spark, Ray and Hugging Face",
            ),
            Self::Crops => {
                texts("crops", "Crops", "one picture per region", "One picture per region, in one folder per tag")
            }
            Self::Annotated => texts(
                "annotated",
                "Annotated pictures",
                "boxes and names drawn",
                "Pictures with boxes and names drawn on them",
            ),
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.texts().name
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        self.texts().label
    }

    /// A few words about it, for the dialog.
    pub fn remark(self) -> &'static str {
        self.texts().remark
    }

    /// What it is, for the help of the command line.
    pub fn help(self) -> &'static str {
        self.texts().help
    }

    /// What it cannot hold, and how exactly its boxes are those of the service. For people.
    pub fn limits(self, is_classification: bool) -> &'static str {
        match self {
            Self::Coco => "Boxes are exact. Tags of whole images are in a field that other readers ignore.",
            Self::Yolo if is_classification => {
                "One folder per class and exactly one class per image; images with no tag or several tags are \
                 skipped. Readers number the classes by folder name."
            }
            Self::Yolo => "Boxes have 15 digits. No sizes, ids or tags of whole images; no GIF and no duplicate boxes.",
            Self::Voc => "Boxes are rounded outward to whole pixels. No ids or tags of whole images.",
            Self::AzureMl if is_classification => {
                "No ids; no GIF and no WebP. In a single-tag project, exactly one tag per image."
            }
            Self::AzureMl => "Boxes have 15 digits. No ids or tags of whole images; no GIF and no WebP.",
            Self::Csv => "Boxes are in pixels and in the service's own numbers. No split.",
            Self::Jsonl => "The service's own fields and number text. No split and no URLs.",
            Self::LabelStudio => "Boxes have 15 digits.",
            Self::Cvat => "Boxes have 15 digits. No region ids.",
            Self::Datumaro => "Boxes are exact.",
            Self::CreateMl => "Boxes have 15 digits. No sizes, ids or tags of whole images.",
            Self::HuggingFace if is_classification => {
                "No ids of tags. In a single-tag project, exactly one tag per image."
            }
            Self::HuggingFace => "Boxes are exact. No tags of whole images.",
            Self::WebDataset => "Boxes are exact, in pixels and in fractions.",
            Self::Parquet => "Boxes are exact, in pixels and in fractions. Dates are exact to the microsecond.",
            Self::Crops => {
                "Cut at whole pixels, rounded outward, and re-encoded. Images without regions have nothing \
                            to crop."
            }
            Self::Annotated => "For viewing: boxes are rounded to whole pixels, pictures are re-encoded.",
        }
    }

    /// The folder below the export where it stands when it is not alone; `None`: always at the root.
    pub fn own_folder(self) -> Option<&'static str> {
        match self {
            Self::Coco | Self::Csv | Self::Jsonl | Self::LabelStudio | Self::Cvat => None,
            other => Some(other.name()),
        }
    }

    /// Whether it refers to the pictures in `images/`; else it has its own.
    pub fn shares_pictures(self) -> bool {
        matches!(self, Self::Coco | Self::AzureMl | Self::Csv | Self::Jsonl | Self::LabelStudio | Self::Cvat)
    }

    /// Whether it holds the pictures inside files of its own.
    pub fn packs_pictures(self) -> bool {
        matches!(self, Self::WebDataset | Self::Parquet)
    }

    /// Whether its images are in an order that the person chose, else in that of the project.
    pub fn is_shuffled(self, options: &FormatOptions) -> bool {
        self == Self::WebDataset && options.shard_order == ShardOrder::Shuffled
    }

    /// Whether it divides its images among files of a bounded size.
    pub fn has_shards(self) -> bool {
        matches!(self, Self::WebDataset | Self::Parquet)
    }

    /// Where it is in an export of these formats: empty, or a folder with a slash behind it. Folders that are made of
    /// tags never stand next to the manifest.
    pub fn prefix(self, formats: &[Self]) -> String {
        let is_apart = matches!(self, Self::Crops | Self::Annotated);
        match self.own_folder() {
            Some(folder) if is_apart || formats.iter().any(|&other| other != self) => format!("{folder}/"),
            _ => String::new(),
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
