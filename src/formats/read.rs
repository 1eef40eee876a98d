//! What all readers share: what they give back. They know the published forms only.

use std::io::BufReader;
use std::path::Path;

use super::Format;
use super::error::FormatError;
use super::split::SplitPart;
use domain::{PixelRect, ProjectKind, Timestamp, UnitRect};

/// An image as it was found. What a format does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundImage {
    /// The picture's path below the export, its bare name, or its name without extension.
    pub name: String,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// The service's id.
    pub id: Option<String>,
    /// Names of the classes of the whole image.
    pub tags: Option<Vec<String>>,
    pub facts: Option<FoundFacts>,
    pub part: Option<SplitPart>,
    /// The whole record, in formats that hold one.
    pub record: Option<FoundRecord>,
}

/// What formats for trainings hold of an image besides its labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundRecord {
    /// When it was uploaded, at least to the microsecond.
    pub created: Option<Timestamp>,
    /// Its metadata, in its order.
    pub metadata: Vec<(String, String)>,
    pub picture: Option<FoundPicture>,
}

/// A picture inside of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPicture {
    pub bytes: u64,
    pub sha256: [u8; 32],
}

/// What the service says of an image and a format has no place for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundFacts {
    /// Names of all its tags.
    pub tags: Vec<String>,
    pub metadata: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FoundRegion {
    /// The name of its class.
    pub label: String,
    /// The region in the coordinates of the format.
    pub place: Place,
    /// The service's own numbers.
    pub listed: Option<UnitRect>,
    /// The service's id.
    pub id: Option<String>,
    /// When it was drawn, in formats that hold a whole record.
    pub created: Option<Timestamp>,
}

/// A box in the terms of a format; how exactly it must compare follows from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Left, top, width and height in pixels, unrounded: gives the listed numbers back to the last bit unless cut.
    Exact(PixelRect),
    /// Left, top, right, bottom in pixels, of double precision.
    Pixels([f64; 4]),
    /// Left, top, right, bottom in fractions, of double precision.
    Fractions([f64; 4]),
    /// The first and last pixels, from 1: xmin, ymin, xmax, ymax.
    Inclusive([u32; 4]),
}

/// Takes what a file holds, in its order; an `Err` ends the reading with these words.
pub trait Sink {
    /// Takes the next class of the file's own list.
    ///
    /// # Errors
    /// To end the reading.
    fn class(&mut self, name: &str) -> Result<(), String>;
    /// # Errors
    /// To end the reading.
    fn image(&mut self, image: FoundImage) -> Result<(), String>;
    /// Takes the next region; `image` counts the images of this reading from 0.
    ///
    /// # Errors
    /// To end the reading.
    fn region(&mut self, image: u64, region: FoundRegion) -> Result<(), String>;
}

#[derive(Clone, Copy, Debug)]
pub struct ReadPlan<'a> {
    /// The format's place: the root of the export or a folder of it.
    pub folder: &'a Path,
    /// What the project trains: some formats have two forms.
    pub kind: ProjectKind,
    /// The part; `None` when the dataset is not divided.
    pub part: Option<SplitPart>,
    pub has_pictures: bool,
}

impl Format {
    /// Whether a divided dataset has files of its own for each part, to be read one by one.
    pub fn reads_by_part(self) -> bool {
        matches!(
            self,
            Self::Coco
                | Self::Yolo
                | Self::Voc
                | Self::AzureMl
                | Self::Datumaro
                | Self::CreateMl
                | Self::HuggingFace
                | Self::WebDataset
                | Self::Parquet
        )
    }

    /// Whether its images are only a folder's content: they are read in the order of their names, else in the order of
    /// the export.
    pub fn reads_by_name(self) -> bool {
        matches!(self, Self::Yolo)
    }

    pub fn lists_classes(self, kind: ProjectKind) -> bool {
        match self {
            Self::Coco
            | Self::Voc
            | Self::LabelStudio
            | Self::Cvat
            | Self::Datumaro
            | Self::HuggingFace
            | Self::WebDataset
            | Self::Parquet => true,
            Self::Yolo => !super::rules::is_classification(kind),
            _ => false,
        }
    }
}

/// Opens a file of the plan.
pub(super) fn open(plan: ReadPlan<'_>, name: &str) -> Result<BufReader<std::fs::File>, FormatError> {
    match std::fs::File::open(plan.folder.join(name)) {
        Ok(file) => Ok(BufReader::with_capacity(1 << 17, file)),
        Err(error) => Err(FormatError::from_open(name, &error)),
    }
}

/// The whole text of a small file of the plan.
pub(super) fn text(plan: ReadPlan<'_>, name: &str) -> Result<String, FormatError> {
    std::fs::read_to_string(plan.folder.join(name)).map_err(|error| FormatError::from_open(name, &error))
}

/// The names in a folder of the plan, in the order of their bytes; none when the folder is not there.
pub(super) fn names(plan: ReadPlan<'_>, folder: &str) -> Result<Vec<String>, FormatError> {
    let failed = |error: std::io::Error| FormatError::from_open(folder, &error);
    let entries = match std::fs::read_dir(plan.folder.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        names.push(name.to_str().ok_or_else(|| FormatError::says(format!("{folder}: a name is not text")))?.to_owned());
    }
    names.sort_unstable();
    Ok(names)
}
