//! A dataset on disk into an archive, so that it can be opened, served and exported like a project.
//!
//! The same dataset gives the same archive: ids are made from names, dates from the order of the file. Originals are
//! copied byte for byte; what is missing or broken is itemised and the rest goes on.

mod locate;
mod rows;

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use locate::{OpenKind, open_folder};

use super::export::{Progress, ProgressSink};
use super::failure;
use crate::app::{Failure, FailureKind, Skip};
use crate::domain::geometry::training_size;
use crate::domain::{Domain, DomainId, ImageId, Project, ProjectId};
use crate::formats::FormatError;
use crate::formats::coco::dataset::{Dataset, DatasetImage};
use crate::formats::coco::read_dataset;
use crate::pixels;
use crate::storage::{ArchiveFacts, ArchiveWriter, StorageError};
use locate::{Roots, open_text};
use rows::TagMaker;

/// All ids of imports are made in this namespace (itself made from the name "tagscope import").
const NAMESPACE: Uuid = Uuid::from_u128(0x5b0f_7f2c_1c0e_5d0a_9b1e_7a65_5c6f_7065);
/// `General` for object detection, as the service lists it.
const DETECTION_DOMAIN: Uuid = Uuid::from_u128(0xda2e_3a8a_40a5_4171_82f4_5852_2f70_fbc1);
/// `General` for classification.
const CLASSIFICATION_DOMAIN: Uuid = Uuid::from_u128(0xee85_a74c_405e_4adc_bb47_ffa8_ca0c_9f31);

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The archive.
    pub folder: PathBuf,
    /// The project's name in it.
    pub project: String,
    /// Images of the dataset.
    pub images_in: u64,
    /// Images of the archive.
    pub images_out: u64,
    /// Boxes of the dataset.
    pub regions_in: u64,
    /// Regions of the archive.
    pub regions_out: u64,
    /// Pictures copied.
    pub pictures: u64,
    /// Bytes of pictures copied.
    pub bytes: u64,
    /// Everything left out or assumed, each with its reason; `image` is the name or the place in the dataset.
    pub skips: Vec<Skip>,
}

/// Imports a COCO file. Without `images` its pictures are looked for where datasets usually have them. Blocks.
///
/// # Errors
/// When the file is no COCO, the archive cannot be written, or `cancel` is cancelled; then nothing of it is left.
pub fn import_coco(
    file: &Path,
    images: Option<&Path>,
    out: &Path,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<ImportReport, Failure> {
    let dataset = read(file)?;
    let roots = match images {
        Some(folder) if folder.is_dir() => Roots::given(folder),
        Some(folder) => {
            let what = format!("folder {}", folder.display());
            return Err(Failure::bare(FailureKind::NotFound { what }));
        }
        None => Roots::around(file),
    };
    let writer = ArchiveWriter::create(out).map_err(|error| failure::of_storage(&error))?;
    let mut import = Import {
        out: out.to_path_buf(),
        writer,
        roots,
        tags: TagMaker::new(&dataset.categories),
        report: ImportReport::default(),
        names: FxHashMap::default(),
        ids: FxHashSet::default(),
    };
    import.report.images_in = dataset.counts_in.0;
    import.report.regions_in = dataset.counts_in.1;
    import.itemise_problems(&dataset);
    let total = dataset.images.len() as u64;
    for (index, image) in (0..).zip(&dataset.images) {
        if cancel.is_cancelled() {
            return Err(failure::cancelled());
        }
        import.add(index, image)?;
        progress(Progress { stage: "Writing", done: index + 1, total, bytes: import.report.bytes });
    }
    let project = project(file, &dataset)?;
    let Import { writer, tags, mut report, .. } = import;
    report.project.clone_from(&project.project.name);
    let facts = ArchiveFacts { tags: tags.finish(), ..project };
    let archive = writer.finish(facts).map_err(|error| failure::of_storage(&error.at(out)))?;
    report.folder = archive.root().to_path_buf();
    Ok(report)
}

/// Reads the dataset's file.
fn read(file: &Path) -> Result<Dataset, Failure> {
    let input = open_text(file).map_err(|error| failure::of_storage(&StorageError::read(file, error)))?;
    read_dataset(input).map_err(|error| {
        let path = file.display().to_string();
        match error {
            FormatError::NotThisFormat { reason } => {
                Failure::bare(FailureKind::NotAnArchive { path, reason: format!("In the file {reason}.") })
            }
            FormatError::Files { reason } => Failure::bare(FailureKind::Files { path, reason }),
            FormatError::Unreadable { .. } => {
                Failure::bare(FailureKind::BrokenFile { path, reason: error.to_string() })
            }
        }
    })
}

/// The project that the archive stands for. Its id is made from the whole file: pictures of another dataset with the
/// same names must not be taken from the cache.
fn project(file: &Path, dataset: &Dataset) -> Result<ArchiveFacts, Failure> {
    let facts = crate::storage::staging::measure(file).map_err(|error| failure::of_storage(&error))?;
    let has_boxes = dataset.images.iter().any(|image| !image.boxes.is_empty());
    let has_tags = dataset.images.iter().any(|image| !image.tags.is_empty());
    let (domain, kind) = match has_tags && !has_boxes {
        true => (CLASSIFICATION_DOMAIN, "Classification"),
        false => (DETECTION_DOMAIN, "ObjectDetection"),
    };
    let stem = file.file_stem().map_or_else(|| "dataset".into(), |stem| stem.to_string_lossy());
    let name = dataset.description.clone().unwrap_or_else(|| stem.into_owned());
    let json = serde_json::json!({
        "id": ProjectId(Uuid::new_v5(&NAMESPACE, format!("project:{}", facts.sha256).as_bytes())),
        "name": name.chars().take(200).collect::<String>(),
        "description": "",
        "settings": {
            "domainId": DomainId(domain),
            "classificationType": "Multilabel",
        },
        "status": "Succeeded",
    });
    let project: Project = serde_json::from_value(json).map_err(|error| failure::internal(error.to_string()))?;
    let domain = Domain {
        id: DomainId(domain),
        name: "General".to_owned(),
        kind: kind.to_owned(),
        other: serde_json::Map::new(),
    };
    Ok(ArchiveFacts { project, domains: vec![domain], iterations: Vec::new(), tags: Vec::new() })
}

/// An import under way.
struct Import {
    out: PathBuf,
    writer: ArchiveWriter,
    roots: Roots,
    tags: TagMaker,
    report: ImportReport,
    /// How often each file name has occurred.
    names: FxHashMap<String, u32>,
    ids: FxHashSet<ImageId>,
}

impl Import {
    fn itemise_problems(&mut self, dataset: &Dataset) {
        for problem in &dataset.problems {
            self.report.skips.push(Skip {
                image: problem.place.clone(),
                region: None,
                format: None,
                is_left_out: problem.is_left_out,
                reason: problem.reason.clone(),
            });
        }
    }

    fn itemise(&mut self, image: &DatasetImage, is_left_out: bool, reason: impl Into<String>) {
        let reason = reason.into();
        self.report.skips.push(Skip {
            image: image.file_name.clone(),
            region: None,
            format: None,
            is_left_out,
            reason,
        });
    }

    fn add(&mut self, index: u64, image: &DatasetImage) -> Result<(), Failure> {
        let id = self.id(image);
        let picture = self.picture(image);
        let known = image.size.unwrap_or((0, 0));
        let size = match &picture {
            Some(picture) => picture.size,
            None => known,
        };
        // Boxes are in pixels of the size that the dataset states; of the picture's own where it states none.
        let boxes_in = if known == (0, 0) { size } else { known };
        if boxes_in == (0, 0) {
            self.itemise(image, true, "neither the dataset nor a picture gives its size");
            return Ok(());
        }
        let size = if size == (0, 0) { boxes_in } else { size };
        let row = self.tags.row(id, index, image, training_size(size.0, size.1), boxes_in);
        self.writer.add_row(&row).map_err(|error| self.of_write(error))?;
        if let Some(picture) = picture {
            self.writer.add_original(id, picture.extension, &picture.bytes).map_err(|error| self.of_write(error))?;
            self.report.pictures += 1;
            self.report.bytes += picture.bytes.len() as u64;
        }
        self.report.images_out += 1;
        self.report.regions_out += row.regions.len() as u64;
        Ok(())
    }

    /// A failed write, told by the place of the archive.
    fn of_write(&self, error: StorageError) -> Failure {
        failure::of_storage(&error.at(&self.out))
    }

    /// The service's own id in files that came from it; else made from the name, and its number where it occurs again.
    fn id(&mut self, image: &DatasetImage) -> ImageId {
        let count = self.names.entry(image.file_name.clone()).or_default();
        *count += 1;
        let count = *count;
        if count > 1 {
            self.itemise(image, false, "the file name stands in the dataset more than once");
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

    /// The picture's bytes, when they are those of a picture.
    fn picture(&mut self, image: &DatasetImage) -> Option<Picture> {
        let bytes = match self.roots.read(&image.file_name) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.itemise(image, false, reason);
                return None;
            }
        };
        let listed = image.size.unwrap_or((0, 0));
        match pixels::probe(&bytes) {
            Ok(probe) => {
                if !probe.fits_listed(listed) {
                    let (width, height) = probe.upright_size(listed);
                    let reason = format!(
                        "the picture is {width} x {height}, which does not fit the dataset's {} x {}: check its boxes",
                        listed.0, listed.1
                    );
                    self.itemise(image, false, reason);
                }
                Some(Picture { size: probe.upright_size(listed), extension: probe.kind.extension, bytes })
            }
            Err(error) => {
                // What begins like a picture is kept byte for byte, to be looked into; anything else is not copied.
                let kind = pixels::sniff(&bytes);
                self.itemise(image, false, format!("the picture cannot be read: {error}"));
                kind.map(|kind| Picture { size: (0, 0), extension: kind.extension, bytes })
            }
        }
    }
}

struct Picture {
    /// Upright; 0 when the header cannot be read.
    size: (u32, u32),
    extension: &'static str,
    bytes: Vec<u8>,
}

/// An id made from a kind and a name.
fn made_id(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{name}").as_bytes())
}
