//! What a folder is: which files in it are labels of which format, which part each belongs to, and where their pictures
//! are. Works on a list of names and the beginnings of files; nothing here touches the disk.
//!
//! Three things are kept apart. *Layout* is here: [`SIGNS`] says how a file shows what it is, [`FOLDERS`] what the name of
//! a folder says. *Reading* a label file is the business of each format's `dataset` module. *Meaning* (pixels or
//! fractions, tags or regions) is decided there as well, because only the numbers show it.

mod classes;
mod content;
mod foreign;
mod names;
mod outline;
mod recognize;
#[cfg(test)]
mod tests;

pub use content::{FileContent, HEAD, content_of, is_binary, unknown_of};
pub use foreign::foreign_of;
pub use names::{FOLDERS, Role, Tree, is_picture, part_of, role_of, subset_of_coco};
pub use recognize::recognize;

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetFormat {
    /// The service's own fields, an image a line.
    Jsonl,
    /// COCO: a file, or one for each part.
    Coco,
    /// Datumaro's own JSON: a file, or one for each part.
    Datumaro,
    /// Tasks of Label Studio.
    LabelStudio,
    /// VoTT's export as JSON.
    Vott,
    /// YOLO: a file of rows for each picture; or, for classification, a folder a class.
    Yolo,
    /// Pascal VOC: an XML file for each picture.
    Voc,
    /// CVAT for images: an XML file.
    Cvat,
    /// Azure ML: lists, with or without an `MLTable`.
    #[serde(rename = "azureml")]
    AzureMl,
    /// A table of regions or of tags.
    Csv,
    /// Create ML: a list, or one for each part.
    #[serde(rename = "createml")]
    CreateMl,
    /// labelme: a JSON file for each picture.
    Labelme,
    /// Hugging Face's `imagefolder`: lines of JSON among the pictures.
    #[serde(rename = "huggingface")]
    HuggingFace,
    /// Shards of WebDataset.
    #[serde(rename = "webdataset")]
    WebDataset,
    /// Parquet with a row an image.
    Parquet,
}

impl DatasetFormat {
    /// All formats, in the order of the help of the command line.
    pub const ALL: [Self; 15] = [
        Self::Coco,
        Self::Yolo,
        Self::Voc,
        Self::Jsonl,
        Self::AzureMl,
        Self::Csv,
        Self::LabelStudio,
        Self::Cvat,
        Self::Datumaro,
        Self::CreateMl,
        Self::HuggingFace,
        Self::WebDataset,
        Self::Parquet,
        Self::Labelme,
        Self::Vott,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Coco => "coco",
            Self::Datumaro => "datumaro",
            Self::LabelStudio => "label-studio",
            Self::Vott => "vott",
            Self::Yolo => "yolo",
            Self::Voc => "voc",
            Self::Cvat => "cvat",
            Self::AzureMl => "azureml",
            Self::Csv => "csv",
            Self::CreateMl => "createml",
            Self::Labelme => "labelme",
            Self::HuggingFace => "huggingface",
            Self::WebDataset => "webdataset",
            Self::Parquet => "parquet",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Jsonl => "JSON lines",
            Self::Coco => "COCO",
            Self::Datumaro => "Datumaro",
            Self::LabelStudio => "Label Studio",
            Self::Vott => "VoTT",
            Self::Yolo => "YOLO",
            Self::Voc => "Pascal VOC",
            Self::Cvat => "CVAT",
            Self::AzureMl => "Azure ML",
            Self::Csv => "CSV",
            Self::CreateMl => "Create ML",
            Self::Labelme => "labelme",
            Self::HuggingFace => "Hugging Face",
            Self::WebDataset => "WebDataset",
            Self::Parquet => "Parquet",
        }
    }

    /// Which files are expected, for the help of the command line.
    pub fn help(self) -> &'static str {
        match self {
            Self::Coco => "COCO detection JSON: a file, or a folder with one file, or one for each split",
            Self::Yolo => {
                "YOLO: data.yaml, obj.data or classes.txt, or their folder; for classification, a folder for each class"
            }
            Self::Voc => "Pascal VOC: the folder with the XML files and pictures, or the folder with the years",
            Self::Jsonl => "The service's own fields, one image per line; picture names contain the image id",
            Self::AzureMl => {
                "Azure ML: a list (.jsonl), or the folder with training-mltable-folder. Use --images if the pictures are elsewhere"
            }
            Self::Csv => "A table of regions (image, tag, xmin, ymin, xmax, ymax), or its folder",
            Self::LabelStudio => "Label Studio tasks (JSON), or their folder",
            Self::Cvat => "CVAT for images (XML), or its folder",
            Self::Datumaro => "Datumaro: its JSON, or the folder with annotations and images",
            Self::CreateMl => "Create ML: its JSON, its folder, or the folder with train",
            Self::HuggingFace => "Hugging Face's imagefolder: metadata.jsonl, its folder, or the folder with train",
            Self::WebDataset => "WebDataset: a shard (.tar), or the folder with the shards",
            Self::Parquet => "Parquet with a row per image: a file, or the folder with the files or with data",
            Self::Labelme => "labelme: the folder with a JSON file next to each picture",
            Self::Vott => "VoTT: its JSON export, or its folder",
        }
    }

    /// How its files divide a dataset.
    pub fn shape(self) -> LabelLayout {
        match self {
            Self::Voc | Self::Labelme => LabelLayout::PerPicture,
            Self::Yolo => LabelLayout::Root,
            _ => LabelLayout::PerPart,
        }
    }
}

/// How the label files of a format divide a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelLayout {
    /// One file for the dataset, or one for each part of it.
    PerPart,
    /// One file for each picture.
    PerPicture,
    /// One file names the classes, the rest is found from there.
    Root,
}

/// How sure a recognition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Other files look the same: a table, folders with pictures.
    Likely,
    /// Nothing else has these fields.
    Certain,
}

/// How a file shows that a dataset is of a format.
#[derive(Clone, Copy, Debug)]
pub struct Sign {
    pub content: FileContent,
    pub format: DatasetFormat,
    pub certainty: Certainty,
    /// The sign, for people: "COCO has ...".
    pub words: &'static str,
}

/// The signs of all formats. Of several forms of the same labels in one of Tagscope's own exports, the first here is read.
pub const SIGNS: [Sign; 20] = {
    use Certainty::{Certain, Likely};
    use DatasetFormat as F;
    const fn sign(content: FileContent, format: F, certainty: Certainty, words: &'static str) -> Sign {
        Sign { content, format, certainty, words }
    }
    [
        sign(FileContent::ServiceLines, F::Jsonl, Certain, "JSON objects with an id, one per line"),
        sign(FileContent::Coco, F::Coco, Certain, "a JSON object with images, annotations and categories"),
        sign(FileContent::CocoOther, F::Coco, Certain, "COCO with key points or panoptic segments"),
        sign(FileContent::Datumaro, F::Datumaro, Certain, "a JSON object with items and categories"),
        sign(FileContent::LabelStudio, F::LabelStudio, Certain, "a JSON list of tasks with data"),
        sign(FileContent::Vott, F::Vott, Certain, "a JSON object with assets and tags"),
        sign(FileContent::VottAsset, F::Vott, Certain, "JSON objects with an asset and its regions"),
        sign(FileContent::YoloYaml, F::Yolo, Certain, "a YAML file with names and train, val or test"),
        sign(FileContent::DarknetData, F::Yolo, Certain, "a .data file of Darknet with names and train"),
        sign(
            FileContent::YoloRows,
            F::Yolo,
            Certain,
            "text files with classes and boxes next to pictures, and the class names",
        ),
        sign(FileContent::VocPage, F::Voc, Certain, "XML files with the root annotation"),
        sign(FileContent::Cvat, F::Cvat, Certain, "an XML file with the root annotations"),
        sign(FileContent::AzureTable, F::AzureMl, Certain, "an MLTable"),
        sign(FileContent::AzureLines, F::AzureMl, Certain, "JSON objects with image_url, one per line"),
        sign(FileContent::Table, F::Csv, Likely, "a table with columns for images and tags"),
        sign(FileContent::CreateMl, F::CreateMl, Certain, "a JSON list with image and annotations"),
        sign(FileContent::ImageFolder, F::HuggingFace, Certain, "JSON objects with file_name, one per line"),
        sign(FileContent::Shard, F::WebDataset, Certain, "tar files with samples of pictures and labels"),
        sign(FileContent::Parquet, F::Parquet, Certain, "Parquet files"),
        sign(FileContent::Labelme, F::Labelme, Certain, "JSON files with shapes and imagePath"),
    ]
};

/// The sign of folders with pictures and nothing else.
pub const FOLDERS_SIGN: &str = "folders with pictures, and no labels";

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelFile {
    /// Relative to the folder that was looked at.
    pub name: String,
    /// The part of the dataset that it is for: `train`, `val`, `test`, or a word of its own.
    pub part: Option<String>,
    #[serde(skip)]
    pub content: FileContent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recognized {
    pub format: DatasetFormat,
    pub certainty: Certainty,
    /// Its folder, relative to the one that was looked at; empty: that one.
    pub root: String,
    /// What shows it, for people.
    pub signs: Vec<String>,
    /// Its label files: all of them, but for formats with one for each picture, or found from a file of names.
    pub labels: Vec<LabelFile>,
    /// Files that are of no use, and why.
    pub passed: Vec<(String, String)>,
}

impl Recognized {
    /// The dataset in a few words: its place and format.
    pub fn words(&self) -> String {
        let place = match (&self.labels[..], self.root.as_str()) {
            ([file], _) => file.name.clone(),
            ([first, .., last], _) if self.format.shape() == LabelLayout::PerPart => {
                format!("{} to {}", first.name, last.name)
            }
            (_, "") => "the folder itself".to_owned(),
            (_, root) => format!("{root}/"),
        };
        format!("{place} ({})", self.format.label())
    }
}

/// What a folder can be read as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognition {
    /// The datasets, the most telling form first.
    pub found: Vec<Recognized>,
    pub passed: Vec<(String, String)>,
}
