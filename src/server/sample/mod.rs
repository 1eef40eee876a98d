//! The sample project: generated scenes of shelves, the same on every machine, of any number of images.
//!
//! Nothing is stored: rows and pictures are made from the image's number when they are requested. [`scene`] says what
//! is where, [`row`] writes it as the service lists it, [`training`] what its iterations were
//! trained on and predict, [`score`] how good that is, [`paint`] shows it, [`mistakes`] lists what is wrong on purpose.

mod dice;
mod kind;
mod mistakes;
mod paint;
mod row;
mod scene;
mod score;
mod training;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use self::dice::mix;
use self::kind::{NEGATIVE, TAGS};
use self::row::RowWriter;
use self::scene::{Mark, Recipe, Scene};
use self::score::Scorer;
use self::training::{DELETED, Training};
use super::ServerError;
use super::image_source::FileCache;
use super::image_source::{ImageSource, ServedExport};
use super::performance::{Performance, Thresholds};
use super::query::MetadataFilter;
use super::signature::SignedUris;
use domain::project::ProjectSettings;
use domain::{BlobKind, Domain, DomainId, ImageId, Iteration, IterationId, Project, ProjectId, Tag, TagId, Timestamp};

/// Bytes of drawn pictures that are kept: what a grid and its canvas ask for twice.
const KEPT_BYTES: usize = 24 << 20;
/// Images of the latest upload that nobody has tagged yet. A project scaled with a number of regions has none.
const UNTAGGED: usize = 7;
/// `Products on Shelves`, an object-detection domain.
const DOMAIN: Uuid = Uuid::from_u128(0x3780_a898_81c3_4516_81ae_3a13_9614_e1f3);

/// A generated project, as it is now or as one of its iterations was trained on it.
pub(super) struct Sample {
    stock: Arc<Stock>,
    /// `None`: the workspace.
    training: Option<Training>,
    /// For each image a bit for each of its tags; made when a filter or a count first needs it.
    tag_bits: OnceLock<Vec<u8>>,
    /// Of the workspace: what its iterations were trained on.
    trained: Vec<(IterationId, Arc<Sample>)>,
}

/// What all states have in common. Images are numbered: the tagged ones of now by their place, then untagged and deleted ones.
struct Stock {
    recipe: Recipe,
    images: usize,
    untagged: usize,
    project: Project,
    iterations: Vec<Iteration>,
    rows: RowWriter,
    pictures: FileCache<(usize, BlobKind)>,
}

impl Sample {
    /// A project of `images` images, with exactly `regions` regions on each if given.
    pub(super) fn new(images: usize, regions: Option<usize>) -> Self {
        let images = images.min(u32::MAX as usize);
        let recipe = Recipe { regions };
        let untagged = if regions.is_none() { UNTAGGED.min(images) } else { 0 };
        let id = ProjectId(project_uuid(recipe, images));
        let iterations = vec![
            iteration(id, 2, "2024-04-22T07:47:05.116Z", "2024-04-22T09:41:07.210Z"),
            iteration(id, 1, "2024-03-18T12:20:31.402Z", "2024-03-18T14:02:55.873Z"),
        ];
        let stock = Arc::new(Stock {
            recipe,
            images,
            untagged,
            project: project(id, images, regions),
            iterations,
            rows: RowWriter::new(recipe, images, untagged),
            pictures: FileCache::new(KEPT_BYTES),
        });
        let state =
            |training| Self { stock: Arc::clone(&stock), training, tag_bits: OnceLock::new(), trained: Vec::new() };
        let trainings = stock.iterations.iter().zip([Training::Second, Training::First]);
        let trained = trainings.map(|(one, training)| (one.id, Arc::new(state(Some(training))))).collect();
        Self { trained, ..state(None) }
    }

    /// The training, where it saw other images and labels than now: not in a project scaled with a number of regions.
    fn other_labels(&self) -> Option<Training> {
        self.training.filter(|_| self.stock.recipe.regions.is_none())
    }

    /// How many of the deleted images this state has: its first places.
    fn deleted(&self) -> usize {
        self.other_labels().map_or(0, Training::deleted).min(self.count())
    }

    fn number(&self, place: usize) -> usize {
        let deleted = self.deleted();
        match place.checked_sub(deleted) {
            Some(number) => number,
            None => self.stock.images + self.stock.untagged + DELETED - deleted + place,
        }
    }

    fn place(&self, number: usize) -> Option<usize> {
        let Stock { images, untagged, .. } = *self.stock;
        let deleted = self.deleted();
        let place = match number.checked_sub(images + untagged) {
            Some(gone) => (gone + deleted).checked_sub(DELETED)?,
            None => number + deleted,
        };
        (place < self.count() + self.untagged_count()).then_some(place)
    }

    /// What is labeled on an image, each box with its place among those of now.
    fn marks(&self, number: usize, scene: &Scene) -> Vec<(usize, Mark)> {
        let marks = self.stock.recipe.marks(number, scene);
        match self.other_labels() {
            Some(training) => training.marks(number, &marks),
            None => marks.into_iter().enumerate().collect(),
        }
    }

    fn has_tag(&self, tag: usize) -> bool {
        self.other_labels().is_none_or(|training| training.has_tag(tag))
    }

    fn tag_name(&self, tag: usize) -> &'static str {
        self.other_labels().map_or(TAGS[tag].name, |training| training.tag_name(tag))
    }

    fn tag_bits(&self) -> &[u8] {
        self.tag_bits.get_or_init(|| {
            (0..self.count())
                .map(|place| {
                    let number = self.number(place);
                    let marks = self.marks(number, &self.stock.recipe.scene(number));
                    if marks.is_empty() {
                        1 << NEGATIVE
                    } else {
                        marks.iter().fold(0, |bits, (_, mark)| bits | 1 << mark.tag)
                    }
                })
                .collect()
        })
    }
}

impl ImageSource for Sample {
    fn project(&self) -> &Project {
        &self.stock.project
    }

    fn domains(&self) -> &[Domain] {
        &[]
    }

    fn iterations(&self) -> &[Iteration] {
        &self.stock.iterations
    }

    fn at(&self, iteration: IterationId) -> Result<Option<Arc<dyn ImageSource>>, ServerError> {
        let found = self.trained.iter().find(|(known, _)| *known == iteration);
        Ok(found.map(|(_, state)| Arc::clone(state) as Arc<dyn ImageSource>))
    }

    fn tags(&self) -> Vec<Tag> {
        let mut counts = [0_u64; TAGS.len()];
        for bits in self.tag_bits() {
            for (tag, count) in counts.iter_mut().enumerate() {
                *count += u64::from(bits >> tag & 1);
            }
        }
        let tag = |(place, count): (usize, u64)| Tag {
            id: TAGS[place].id,
            name: self.tag_name(place).to_owned(),
            description: TAGS[place].description.map(str::to_owned),
            kind: TAGS[place].kind.to_owned(),
            image_count: count,
        };
        counts.into_iter().enumerate().filter(|(place, _)| self.has_tag(*place)).map(tag).collect()
    }

    fn count(&self) -> usize {
        self.training.map_or(self.stock.images, |training| training.count(self.stock.images))
    }

    fn untagged_count(&self) -> usize {
        if self.training.is_none() { self.stock.untagged } else { 0 }
    }

    fn places_with(&self, tags: &[TagId]) -> Vec<u32> {
        let wanted = |tag: &TagId| TAGS.iter().position(|known| known.id == *tag).map_or(0_u8, |place| 1 << place);
        let wanted = tags.iter().map(wanted).fold(0, |bits, bit| bits | bit);
        let bits = self.tag_bits().iter();
        (0_u32..).zip(bits).filter(|(_, bits)| **bits & wanted != 0).map(|(place, _)| place).collect()
    }

    fn id(&self, place: usize) -> Option<ImageId> {
        (place < self.count() + self.untagged_count()).then(|| self.stock.rows.id(self.number(place)))
    }

    fn created(&self, place: usize) -> Option<Timestamp> {
        (place < self.count() + self.untagged_count()).then(|| self.stock.rows.created(self.number(place)))
    }

    fn places_where(&self, filter: &MetadataFilter) -> Result<Vec<u32>, ServerError> {
        let matches = |place: &usize| {
            let number = self.number(*place);
            let pairs = row::metadata(number, &self.stock.recipe.scene(number));
            filter.matches(|key| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value))
        };
        let places = (0..self.count() + self.untagged_count()).filter(matches);
        Ok(places.filter_map(|place| u32::try_from(place).ok()).collect())
    }

    fn find(&self, image: ImageId) -> Option<usize> {
        self.place(self.stock.rows.find(image)?)
    }

    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError> {
        for (index, &place) in places.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let number = self.number(place);
            let scene = self.stock.recipe.scene(number);
            let marks = (place < self.count()).then(|| self.marks(number, &scene));
            self.stock.rows.write(number, &scene, marks.as_deref(), self.training, uris, out);
        }
        Ok(())
    }

    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError> {
        let Some(number) = self.stock.rows.find(image) else { return Ok(None) };
        let is_resized = self.stock.recipe.scene(number).original_scale > 1;
        if kind == BlobKind::Original && !is_resized {
            // The service keeps one file where nothing was resized, under the resized one's name.
            return Ok(None);
        }
        if let Some(kept) = self.stock.pictures.get(&(number, kind)) {
            return Ok(Some(kept));
        }
        let file = Bytes::from(paint::jpeg(self.stock.recipe, number, kind)?);
        self.stock.pictures.put((number, kind), file.clone());
        Ok(Some(file))
    }

    fn exports(&self) -> Result<Vec<ServedExport>, ServerError> {
        // Its domain has no model that can be exported.
        Ok(Vec::new())
    }

    fn model(&self, _id: Uuid) -> Result<Option<Bytes>, ServerError> {
        Ok(None)
    }

    fn has_performances(&self) -> bool {
        self.training.is_some()
    }

    fn performance(&self, thresholds: Thresholds) -> Option<Performance> {
        let training = self.training?;
        let mut scorer = Scorer::new(TAGS.len(), thresholds);
        for place in 0..self.count() {
            let number = self.number(place);
            let scene = self.stock.recipe.scene(number);
            let marks: Vec<Mark> = self.marks(number, &scene).into_iter().map(|(_, mark)| mark).collect();
            scorer.add(&scene, &marks, &self.stock.rows.guesses(number, &scene, training));
        }
        let (scores, overall) = scorer.scores();
        // The negative tag is not one that an iteration is measured by.
        let regular = scores.into_iter().take(NEGATIVE).enumerate().filter(|(place, _)| self.has_tag(*place));
        let tags = regular.map(|(place, score)| (TAGS[place].id, self.tag_name(place).to_owned(), score));
        Some(Performance { overall, tags: tags.collect() })
    }

    fn write_performances(
        &self,
        places: &[usize],
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ServerError> {
        let Some(training) = self.training else { return Ok(()) };
        for (index, &place) in places.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let number = self.number(place);
            let scene = self.stock.recipe.scene(number);
            let marks = self.marks(number, &scene);
            self.stock.rows.write_performance(number, &scene, &marks, training, uris, out);
        }
        Ok(())
    }
}

fn project_uuid(recipe: Recipe, images: usize) -> Uuid {
    let seed = recipe.seed() ^ mix(images as u64);
    uuid::Builder::from_random_bytes((u128::from(mix(seed)) << 64 | u128::from(mix(seed ^ 1))).to_be_bytes())
        .into_uuid()
}

fn project(id: ProjectId, images: usize, regions: Option<usize>) -> Project {
    let mut other = serde_json::Map::new();
    other.insert("targetExportPlatforms".to_owned(), json!([]));
    other.insert("useNegativeSet".to_owned(), json!(true));
    other.insert("detectionParameters".to_owned(), json!(null));
    let augmentations = json!({"rotation": true, "scaling": true, "translation": true, "horizontal flip": true,
        "equalize": true, "solarize": true, "padtosquare": true});
    other.insert("imageProcessingSettings".to_owned(), json!({ "augmentationMethods": augmentations }));
    let name = match regions {
        None if images == super::SAMPLE_IMAGES => "Sample: shelves".to_owned(),
        None => format!("Sample: {images} shelves"),
        Some(regions) => format!("Sample: {images} shelves of {regions}"),
    };
    Project {
        id,
        name,
        description: "Generated scenes with a few labeling mistakes to find".to_owned(),
        settings: ProjectSettings {
            domain_id: Some(DomainId(DOMAIN)),
            classification_type: Some("Multilabel".to_owned()),
            other,
        },
        created: Some("2024-03-04T06:55:12.347Z".to_owned()),
        last_modified: Some("2024-04-22T09:41:07.210Z".to_owned()),
        thumbnail_uri: None,
        status: Some("Succeeded".to_owned()),
    }
}

fn iteration(project: ProjectId, number: u64, created: &str, trained: &str) -> Iteration {
    let seed = project.0.as_u64_pair().0 ^ number;
    let bytes = (u128::from(mix(seed)) << 64 | u128::from(mix(!seed))).to_be_bytes();
    let mut other = serde_json::Map::new();
    other.insert("lastModified".to_owned(), json!(trained));
    other.insert("projectId".to_owned(), json!(project));
    other.insert("exportable".to_owned(), json!(false));
    other.insert("domainId".to_owned(), json!(DOMAIN));
    other.insert("classificationType".to_owned(), json!("Multilabel"));
    other.insert("trainingType".to_owned(), json!("Regular"));
    other.insert("reservedBudgetInHours".to_owned(), json!(0));
    other.insert("trainingTimeInMinutes".to_owned(), json!(11));
    Iteration {
        id: IterationId(uuid::Builder::from_random_bytes(bytes).into_uuid()),
        name: format!("Iteration {number}"),
        status: "Completed".to_owned(),
        created: Some(created.to_owned()),
        trained_at: Some(trained.to_owned()),
        other,
    }
}
