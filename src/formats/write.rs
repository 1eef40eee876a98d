//! What all writers share: where they write to, what they get first, and which one writes which format.

use std::io::{self, Write};

use super::classes::Class;
use super::item::Item;
use super::options::FormatOptions;
use super::split::Part;
use super::{
    Format, azureml, coco, createml, csv, cvat, datumaro, huggingface, jsonl, label_studio, parquet, voc, webdataset,
    yolo,
};
use domain::{ProjectId, ProjectKind};

/// A file under construction.
pub trait OutFile: Write {
    /// Ends it; what is not ended does not count as written.
    ///
    /// # Errors
    /// When the system refuses.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Where a writer puts its files: names are relative to the format's place, with forward slashes.
pub trait Folder {
    /// Begins a file; folders on the way are made.
    ///
    /// # Errors
    /// When the name is taken or the system refuses.
    fn create(&self, name: &str) -> io::Result<Box<dyn OutFile>>;

    /// Puts the item's picture here as well, under this name. Does nothing when no pictures are exported.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn link(&self, item: &Item<'_>, name: &str) -> io::Result<()>;

    /// The bytes of the item's picture; `None` when no pictures are exported.
    ///
    /// # Errors
    /// When the system refuses.
    fn picture(&self, item: &Item<'_>) -> io::Result<Option<Vec<u8>>>;

    /// Gives a finished file another name.
    ///
    /// # Errors
    /// When there is no such file, the new name is taken, or the system refuses.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// An empty file without a name, gone when it is closed.
    ///
    /// # Errors
    /// When the system refuses.
    fn scratch(&self) -> io::Result<std::fs::File>;

    /// A whole file at once.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.create(name)?;
        file.write_all(bytes)?;
        file.finish()
    }
}

/// What a writer gets before the first image.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// The project's id.
    pub project: ProjectId,
    /// The project's name.
    pub project_name: &'a str,
    /// What it trains.
    pub kind: ProjectKind,
    /// The classes in their order.
    pub classes: &'a [Class],
    /// Their names as the format can hold them.
    pub names: &'a [String],
    /// What the person chose.
    pub options: &'a FormatOptions,
    /// The parts of the dataset: one when it is not divided.
    pub parts: &'a [Part],
}

impl Head<'_> {
    /// Whether the dataset is divided.
    pub fn is_split(&self) -> bool {
        self.parts.len() > 1
    }
}

/// A format under construction.
pub trait Writer {
    /// Adds an image with everything that its item has.
    ///
    /// # Errors
    /// When the system refuses.
    fn push(&mut self, item: &Item<'_>) -> io::Result<()>;

    /// Ends all files.
    ///
    /// # Errors
    /// When the system refuses.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Begins a format of labels; `None` for those that are pictures ([`Format::Crops`], [`Format::Annotated`]).
///
/// # Errors
/// When the system refuses.
pub fn begin<'a>(
    format: Format,
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
) -> io::Result<Option<Box<dyn Writer + 'a>>> {
    Ok(Some(match format {
        Format::Coco => Box::new(coco::CocoWriter::begin(head, folder)?),
        Format::Yolo => Box::new(yolo::YoloWriter::begin(head, folder)),
        Format::Voc => Box::new(voc::VocWriter::begin(head, folder)?),
        Format::AzureMl => Box::new(azureml::AzureMlWriter::begin(head, folder)?),
        Format::Csv => Box::new(csv::CsvWriter::begin(head, folder)?),
        Format::Jsonl => Box::new(jsonl::JsonlWriter::begin(folder)?),
        Format::LabelStudio => Box::new(label_studio::LabelStudioWriter::begin(head, folder)?),
        Format::Cvat => Box::new(cvat::CvatWriter::begin(head, folder)?),
        Format::Datumaro => Box::new(datumaro::DatumaroWriter::begin(head, folder)?),
        Format::CreateMl => Box::new(createml::CreateMlWriter::begin(head, folder)?),
        Format::HuggingFace => Box::new(huggingface::HuggingFaceWriter::begin(head, folder)),
        Format::WebDataset => Box::new(webdataset::WebDatasetWriter::begin(head, folder)?),
        Format::Parquet => Box::new(parquet::ParquetWriter::begin(head, folder)),
        Format::Crops | Format::Annotated => return Ok(None),
    }))
}

/// The file by which a format is opened, relative to its place.
pub fn main_file(format: Format, kind: ProjectKind, is_split: bool) -> &'static str {
    match format {
        Format::Coco if is_split => "annotations/instances_train.json",
        Format::Coco => "annotations/instances_default.json",
        Format::Yolo if super::rules::is_classification(kind) => "train",
        Format::Yolo => "data.yaml",
        Format::Voc => "ImageSets/Main/trainval.txt",
        Format::AzureMl => "training-mltable-folder/MLTable",
        Format::Csv => "regions.csv",
        Format::Jsonl => "images.jsonl",
        Format::LabelStudio => "label-studio.json",
        Format::Cvat => "cvat.xml",
        Format::Datumaro => "annotations",
        Format::CreateMl => "train/_annotations.createml.json",
        Format::HuggingFace => huggingface::CARD,
        Format::WebDataset => webdataset::CLASSES,
        Format::Parquet => parquet::FOLDER,
        Format::Crops | Format::Annotated => "",
    }
}
