//! The archive of an import under way: one row and one picture per image, and a list of what is missing or wrong.

use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};
use uuid::Uuid;

use super::pictures::{OpenTable, Place};
use super::rows::TagMaker;
use super::sink::{Imported, Sink};
use super::{ImportReport, NAMESPACE};
use app::{Failure, Skip};
use domain::geometry::training_size;
use domain::{ImageId, ImageRow};
use formats::dataset::{BoxUnit, Dataset, DatasetImage};
use formats::meaning;
use pixels;
use storage::ArchiveFacts;

pub(super) struct Import {
    sink: Sink,
    tags: TagMaker,
    report: ImportReport,
    /// How often each file name has occurred.
    names: FxHashMap<String, u32>,
    ids: FxHashSet<ImageId>,
    tables: OpenTable,
}

impl Import {
    pub(super) fn new(sink: Sink, categories: &[String]) -> Self {
        Self {
            sink,
            tags: TagMaker::new(categories),
            report: ImportReport::default(),
            names: FxHashMap::default(),
            ids: FxHashSet::default(),
            tables: OpenTable::default(),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.report.bytes
    }

    pub(super) fn report(&self) -> &ImportReport {
        &self.report
    }

    /// What reading the dataset has reported.
    pub(super) fn begin(&mut self, dataset: &Dataset) {
        (self.report.images_in, self.report.regions_in) = dataset.counts_in;
        for problem in &dataset.problems {
            self.note(&problem.place, problem.is_left_out, problem.reason.clone());
        }
    }

    /// Ends the import: an archive gets its place. `facts` come without tags: these are made here.
    pub(super) fn finish(self, mut facts: ArchiveFacts) -> Result<(ImportReport, Option<Imported>), Failure> {
        let Self { sink, tags, mut report, .. } = self;
        facts.tags = tags.finish();
        report.cleared = sink.cleared().to_vec();
        report.project.clone_from(&facts.project.name);
        let (folder, imported) = sink.finish(facts)?;
        report.folder = folder;
        Ok((report, imported))
    }

    /// Itemizes something by its name or place in the dataset.
    pub(super) fn note(&mut self, place: &str, is_left_out: bool, reason: impl Into<String>) {
        let (image, reason) = (place.to_owned(), reason.into());
        self.report.skips.push(Skip { image, name: None, region: None, format: None, is_left_out, reason });
    }

    /// Adds an image; `place` is where its picture is.
    pub(super) fn add(&mut self, image: &DatasetImage, place: &Place) -> Result<(), Failure> {
        let id = self.id(image);
        let name = &image.file_name;
        let boxes = image.boxes.iter().filter(|_| image.unit == BoxUnit::Pixels).map(|found| found.bbox);
        let shown = image.size.and_then(|size| meaning::upright_size(size, boxes));
        let picture = self.picture(name, place, image.size, shown);
        let known = picture.as_ref().map(|picture| picture.listed).or(image.size).unwrap_or((0, 0));
        let size = match &picture {
            Some(picture) => picture.size,
            None => known,
        };
        // Boxes are in pixels of the size that the dataset states; of the picture's own where it states none.
        let boxes_in = match image.unit {
            BoxUnit::Fractions if size != (0, 0) => (1, 1),
            BoxUnit::Pixels if known != (0, 0) => known,
            _ => size,
        };
        // Fractions need no size, and a file of a kind that cannot be shown is there all the same.
        let is_unseen = image.unit == BoxUnit::Fractions && matches!(place, Place::File(_));
        if boxes_in == (0, 0) && !is_unseen {
            self.note(name, true, "its size is neither in the dataset nor in a picture");
            return Ok(());
        }
        let (listed, boxes_in) = match (boxes_in, size) {
            ((0, 0), _) if known == (0, 0) => ((0, 0), (1, 1)),
            ((0, 0), _) => (training_size(known.0, known.1), (1, 1)),
            (_, (0, 0)) => (training_size(boxes_in.0, boxes_in.1), boxes_in),
            _ => (training_size(size.0, size.1), boxes_in),
        };
        let row = self.tags.row(id, image, listed, boxes_in);
        self.write(&row, picture)
    }

    /// Adds a row in the service's own fields; its picture has a name and a place, when one was found.
    pub(super) fn add_row(
        &mut self,
        row: &ImageRow,
        place: &str,
        found: Option<(&str, &Place)>,
    ) -> Result<(), Failure> {
        if !self.ids.insert(row.id) {
            self.note(place, true, format!("the image {} is already there", row.id));
            return Ok(());
        }
        let size = (row.width, row.height);
        let picture = match found {
            Some((name, at)) => self.picture(name, at, Some(size).filter(|size| *size != (0, 0)), None),
            None => {
                self.note(place, false, format!("there is no picture of the image {}", row.id));
                None
            }
        };
        self.tags.count(row);
        self.write(row, picture)
    }

    fn write(&mut self, row: &ImageRow, picture: Option<Picture>) -> Result<(), Failure> {
        self.sink.add_row(row)?;
        if let Some(picture) = picture {
            self.report.bytes += picture.bytes.len() as u64;
            self.sink.add_original(row.id, picture.extension, &picture.bytes, picture.size, picture.file)?;
            self.report.pictures += 1;
        }
        self.report.images_out += 1;
        self.report.regions_out += row.regions.len() as u64;
        Ok(())
    }

    /// The totals of a dataset that is read and written in one go.
    pub(super) fn came_in(&mut self, images: u64, regions: u64) {
        self.report.images_in += images;
        self.report.regions_in += regions;
    }

    /// The tags, for a dataset that brings its own.
    pub(super) fn tags_mut(&mut self) -> &mut TagMaker {
        &mut self.tags
    }

    /// The service's own id in files that came from it; else made from the name, and its number where it occurs again.
    fn id(&mut self, image: &DatasetImage) -> ImageId {
        let count = self.names.entry(image.file_name.clone()).or_default();
        *count += 1;
        let count = *count;
        if count > 1 {
            self.note(&image.file_name, false, "the file name is in the dataset more than once");
        }
        if let Some(id) = image.id.filter(|&id| self.ids.insert(id)) {
            return id;
        }
        let name = match count {
            1 => format!("image:{}", image.file_name),
            _ => format!("image:{}#{count}", image.file_name),
        };
        let id = ImageId(Uuid::new_v5(&NAMESPACE, name.as_bytes()));
        self.ids.insert(id);
        id
    }

    /// The picture, when its bytes are one. `listed` is its stated size; `shown`, the turned one when only that holds all boxes.
    fn picture(
        &mut self,
        name: &str,
        place: &Place,
        listed: Option<(u32, u32)>,
        shown: Option<(u32, u32)>,
    ) -> Option<Picture> {
        let bytes = match place.read(&mut self.tables) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.note(name, false, reason);
                return None;
            }
        };
        let file = match place {
            Place::File(path) => Some(path.clone()),
            _ => None,
        };
        let mut listed = listed.unwrap_or((0, 0));
        match pixels::probe(&bytes) {
            Ok(probe) => {
                // The camera lay on its side, the dataset states the size in the file, and the boxes were drawn on the
                // picture as it is shown.
                let is_shown =
                    |size| probe.ignores_exif(listed) && !probe.ignores_exif(size) && probe.fits_listed(size);
                if let Some(shown) = shown.filter(|&shown| is_shown(shown)) {
                    let reason = format!(
                        "its boxes exceed {} x {}, the size in the dataset, but fit {} x {}, the size after the EXIF \
                         orientation, so they were read with the latter",
                        listed.0, listed.1, shown.0, shown.1
                    );
                    self.note(name, false, reason);
                    listed = shown;
                }
                if !probe.fits_listed(listed) {
                    let (width, height) = probe.upright_size(listed);
                    let reason = format!(
                        "the picture is {width} x {height}, which does not match the dataset's {} x {}; check its \
                         boxes",
                        listed.0, listed.1
                    );
                    self.note(name, false, reason);
                }
                let (size, extension) = (probe.upright_size(listed), probe.kind.extension);
                Some(Picture { size, listed, extension, bytes, file })
            }
            Err(error) => {
                // What begins like a picture is kept byte for byte, to be looked into; anything else is not copied.
                let kind = pixels::sniff(&bytes);
                self.note(name, false, format!("the picture cannot be read: {error}"));
                kind.map(|kind| Picture { size: (0, 0), listed, extension: kind.extension, bytes, file })
            }
        }
    }
}

struct Picture {
    /// Upright; 0 when the header cannot be read.
    size: (u32, u32),
    /// As the dataset states it, turned where only that can be meant; 0 when it states none.
    listed: (u32, u32),
    extension: &'static str,
    bytes: Vec<u8>,
    /// Its file; `None`: it is inside another one.
    file: Option<PathBuf>,
}
