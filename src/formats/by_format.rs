//! The writer and the reader of each format.

use std::io;

use super::error::FormatError;
use super::read::{ReadPlan, Sink};
use super::rules::is_classification;
use super::write::{Folder, Head, Writer};
use super::{
    Format, azureml, coco, createml, csv, cvat, datumaro, huggingface, jsonl, label_studio, parquet, voc, webdataset,
    yolo,
};
use domain::ProjectKind;

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
        Format::Yolo if is_classification(kind) => "train",
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

/// Reads a format of labels; memory does not grow with the regions. JSON lines and pictures have readers of their own.
///
/// # Errors
/// When a file is not of the published form, or the sink refuses an element.
pub fn read(format: Format, plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    match format {
        Format::Coco => coco::read_whole(plan, sink),
        Format::Yolo => yolo::read(plan, sink),
        Format::Voc => voc::read(plan, sink),
        Format::AzureMl => azureml::read(plan, sink),
        Format::Csv => csv::read(plan, sink),
        Format::LabelStudio => label_studio::read(plan, sink),
        Format::Cvat => cvat::read(plan, sink),
        Format::Datumaro => datumaro::read(plan, sink),
        Format::CreateMl => createml::read(plan, sink),
        Format::HuggingFace => huggingface::read(plan, sink),
        Format::WebDataset => webdataset::read(plan, sink),
        Format::Parquet => parquet::read(plan, sink),
        Format::Jsonl | Format::Crops | Format::Annotated => {
            Err(FormatError::says(format!("{} has a reader of its own", format.label())))
        }
    }
}
