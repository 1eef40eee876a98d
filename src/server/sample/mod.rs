//! The sample project: generated scenes of shelves, the same on every machine, of any number of images.
//!
//! Nothing is stored: rows and pictures are made from the image's number when they are asked for. [`scene`] says what
//! stands where, [`row`] writes it as the service lists it, [`predict`] and [`score`] say what its iterations make of it, [`paint`] shows it, [`mistakes`] lists what is wrong on
//! purpose.

mod dice;
mod kind;
mod mistakes;
mod paint;
mod picture;
mod predict;
mod row;
mod scene;
mod score;

use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use self::dice::mix;
use self::kind::{NEGATIVE, TAGS};
use self::row::RowWriter;
use self::scene::Recipe;
use self::score::Tally;
use super::ServerError;
use super::filter::MetadataFilter;
use super::holdings::Holdings;
use super::kept::Kept;
use super::performance::{Performance, Thresholds};
use super::signature::SignedUris;
use crate::domain::project::ProjectSettings;
use crate::domain::{
    BlobKind, Domain, DomainId, ImageId, Iteration, IterationId, Project, ProjectId, Stamp, Tag, TagId,
};

/// Bytes of drawn pictures that are kept: what a grid and its canvas ask for twice.
const KEPT_BYTES: usize = 24 << 20;
/// Images of the latest upload that nobody has tagged yet. A project scaled with a number of regions has none.
const UNTAGGED: usize = 7;
/// `Products on Shelves`, an object-detection domain.
const DOMAIN: Uuid = Uuid::from_u128(0x3780_a898_81c3_4516_81ae_3a13_9614_e1f3);

/// A generated project.
pub(super) struct Sample {
    recipe: Recipe,
    images: usize,
    untagged: usize,
    project: Project,
    iterations: Vec<Iteration>,
    rows: RowWriter,
    /// For each image a bit for each of its tags; made when a filter or a count first needs it.
    tag_bits: OnceLock<Vec<u8>>,
    pictures: Kept<(usize, BlobKind)>,
}

impl Sample {
    /// A project of `images` images, with exactly `regions` regions on each if that is said.
    pub(super) fn new(images: usize, regions: Option<usize>) -> Self {
        let images = images.min(u32::MAX as usize);
        let recipe = Recipe { regions };
        let untagged = if regions.is_none() { UNTAGGED.min(images) } else { 0 };
        let id = ProjectId(project_uuid(recipe, images));
        let iterations = vec![
            iteration(id, 2, "2024-04-22T07:47:05.116Z", "2024-04-22T09:41:07.210Z"),
            iteration(id, 1, "2024-03-18T12:20:31.402Z", "2024-03-18T14:02:55.873Z"),
        ];
        Self {
            recipe,
            images,
            untagged,
            project: project(id, images, regions),
            iterations,
            rows: RowWriter::new(recipe, images, untagged),
            tag_bits: OnceLock::new(),
            pictures: Kept::new(KEPT_BYTES),
        }
    }

    /// The number of an iteration, from 1, the oldest.
    fn training(&self, iteration: IterationId) -> Option<u64> {
        let place = self.iterations.iter().position(|known| known.id == iteration)?;
        Some((self.iterations.len() - place) as u64)
    }

    fn tag_bits(&self) -> &[u8] {
        self.tag_bits.get_or_init(|| {
            (0..self.images)
                .map(|image| {
                    let scene = self.recipe.scene(image);
                    let marks = self.recipe.marks(image, &scene);
                    if marks.is_empty() {
                        1 << NEGATIVE
                    } else {
                        marks.iter().fold(0, |bits, mark| bits | 1 << mark.tag)
                    }
                })
                .collect()
        })
    }
}

impl Holdings for Sample {
    fn project(&self) -> &Project {
        &self.project
    }

    fn domains(&self) -> &[Domain] {
        &[]
    }

    fn iterations(&self) -> &[Iteration] {
        &self.iterations
    }

    fn tags(&self, iteration: Option<IterationId>) -> Vec<Tag> {
        let bits = &self.tag_bits()[..self.count(iteration)];
        let mut counts = [0_u64; TAGS.len()];
        for bits in bits {
            for (tag, count) in counts.iter_mut().enumerate() {
                *count += u64::from(bits >> tag & 1);
            }
        }
        let tag = |(tag, count): (&kind::SampleTag, u64)| Tag {
            id: tag.id,
            name: tag.name.to_owned(),
            description: tag.description.map(str::to_owned),
            kind: tag.kind.to_owned(),
            image_count: count,
        };
        TAGS.iter().zip(counts).map(tag).collect()
    }

    fn count(&self, iteration: Option<IterationId>) -> usize {
        match self.iterations.iter().position(|known| Some(known.id) == iteration) {
            Some(0) => self.images * 17 / 20,
            Some(_) => self.images * 3 / 5,
            None => self.images,
        }
    }

    fn untagged_count(&self) -> usize {
        self.untagged
    }

    fn places_with(&self, tags: &[TagId], end: usize) -> Vec<u32> {
        let wanted = |tag: &TagId| TAGS.iter().position(|known| known.id == *tag).map_or(0_u8, |place| 1 << place);
        let wanted = tags.iter().map(wanted).fold(0, |bits, bit| bits | bit);
        let bits = self.tag_bits().iter().take(end);
        (0_u32..).zip(bits).filter(|(_, bits)| **bits & wanted != 0).map(|(place, _)| place).collect()
    }

    fn id(&self, place: usize) -> Option<ImageId> {
        (place < self.images + self.untagged).then(|| self.rows.id(place))
    }

    fn created(&self, place: usize) -> Option<Stamp> {
        (place < self.images + self.untagged).then(|| RowWriter::created(place))
    }

    fn places_where(&self, filter: &MetadataFilter, end: usize) -> Result<Vec<u32>, ServerError> {
        let matches = |place: &usize| {
            let pairs = row::metadata(*place, &self.recipe.scene(*place));
            filter.matches(|key| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value))
        };
        let places = (0..end.min(self.images + self.untagged)).filter(matches);
        Ok(places.filter_map(|place| u32::try_from(place).ok()).collect())
    }

    fn find(&self, image: ImageId) -> Option<usize> {
        self.rows.find(image)
    }

    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError> {
        for (index, &place) in places.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.rows.write(place, uris, out);
        }
        Ok(())
    }

    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError> {
        let Some(place) = self.find(image) else { return Ok(None) };
        let is_resized = self.recipe.scene(place).original_scale > 1;
        if kind == BlobKind::Original && !is_resized {
            // The service keeps one file where nothing was resized, under the resized one's name.
            return Ok(None);
        }
        if let Some(kept) = self.pictures.get(&(place, kind)) {
            return Ok(Some(kept));
        }
        let file = Bytes::from(picture::jpeg(self.recipe, place, kind)?);
        self.pictures.put((place, kind), file.clone());
        Ok(Some(file))
    }

    fn has_performances(&self) -> bool {
        true
    }

    fn performance(&self, iteration: IterationId, thresholds: Thresholds) -> Option<Performance> {
        let training = self.training(iteration)?;
        let mut tally = Tally::new(TAGS.len(), thresholds);
        for place in 0..self.count(Some(iteration)) {
            let scene = self.recipe.scene(place);
            let marks = self.recipe.marks(place, &scene);
            tally.add(&scene, &marks, &self.rows.guesses(place, &scene, &marks, training));
        }
        let (scores, overall) = tally.scores();
        // The negative tag is not one that an iteration is measured by.
        let regular = TAGS.iter().zip(scores).take(NEGATIVE);
        let tags = regular.map(|(tag, score)| (tag.id, tag.name.to_owned(), score)).collect();
        Some(Performance { overall, tags })
    }

    fn write_performances(
        &self,
        iteration: IterationId,
        places: &[usize],
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ServerError> {
        let training = self.training(iteration).unwrap_or_default();
        for (index, &place) in places.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.rows.write_performance(place, training, uris, out);
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
        description: "Generated scenes with a few labelling mistakes to find".to_owned(),
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
