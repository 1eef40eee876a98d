//! A dataset under construction: what the readers of all formats have in common.

use super::{BoxUnit, Categories, Dataset, DatasetBox, DatasetImage};
use crate::meaning;
use domain::ProjectKind;

/// What a box without a label is called.
const NO_LABEL: &str = "no label";

/// The message about a box that is left out because it is far outside of its picture.
const FAR_OUTSIDE: &str = "its box is far outside of the picture; the format uses fractions of the picture, not pixels";

#[derive(Debug, Default)]
pub struct DatasetBuilder {
    dataset: Dataset,
    known: Categories,
}

impl DatasetBuilder {
    /// Of a kind, where the format says it, with the categories that are known beforehand.
    pub fn new(kind: Option<ProjectKind>, categories: &[String]) -> Self {
        let mut builder = Self { dataset: Dataset { kind, ..Dataset::default() }, known: Categories::default() };
        categories.iter().for_each(|name| {
            builder.category(name);
        });
        builder
    }

    /// The index of a category, which is added when it is new.
    pub fn category(&mut self, name: &str) -> usize {
        self.known.index(&mut self.dataset.categories, name)
    }

    pub fn report(&mut self, place: impl Into<String>, is_left_out: bool, reason: impl Into<String>) {
        self.dataset.report(place, is_left_out, reason);
    }

    pub fn image_came_in(&mut self) {
        self.dataset.counts_in.0 += 1;
    }

    pub fn region_came_in(&mut self) {
        self.dataset.counts_in.1 += 1;
    }

    /// Puts a box on an image. One without a label gets one and one that was drawn backwards is turned round, which is
    /// noted. One whose fractions lead far beyond the picture is left out: its numbers must be something else.
    pub fn put(&mut self, image: &mut DatasetImage, label: &str, bbox: [f64; 4], place: impl Fn() -> String) {
        let Some(bbox) = self.sound(image, bbox, &place) else { return };
        let category = self.label(label, place);
        image.boxes.push(DatasetBox { category, bbox, id: None, created: None });
    }

    /// The same for a box whose category is known, as that of a track is on all its frames.
    pub fn put_known(&mut self, image: &mut DatasetImage, category: usize, bbox: [f64; 4], place: impl Fn() -> String) {
        if let Some(bbox) = self.sound(image, bbox, place) {
            image.boxes.push(DatasetBox { category, bbox, id: None, created: None });
        }
    }

    /// The category of a label. Without a label it gets one, which is noted.
    pub fn label(&mut self, label: &str, place: impl FnOnce() -> String) -> usize {
        let label = self.named(label, place);
        self.category(&label)
    }

    /// The box to put on an image; `None` when it is left out.
    fn sound(&mut self, image: &DatasetImage, bbox: [f64; 4], place: impl Fn() -> String) -> Option<[f64; 4]> {
        let bbox = match meaning::turned_round(bbox) {
            Some(round) => {
                self.report(place(), false, meaning::TURNED_ROUND);
                round
            }
            None => bbox,
        };
        if image.unit == BoxUnit::Fractions && meaning::is_far_outside(bbox) {
            self.report(place(), true, FAR_OUTSIDE);
            return None;
        }
        Some(bbox)
    }

    /// Puts a tag on a whole image, once.
    pub fn tag(&mut self, image: &mut DatasetImage, label: &str, place: impl FnOnce() -> String) {
        let label = self.named(label, place);
        self.category(&label);
        if !image.tags.contains(&label) {
            image.tags.push(label);
        }
    }

    fn named(&mut self, label: &str, place: impl FnOnce() -> String) -> String {
        if !label.is_empty() {
            return label.to_owned();
        }
        self.report(place(), false, format!("it has no label; it is named {NO_LABEL:?}"));
        NO_LABEL.to_owned()
    }

    /// Adds an image that came in before.
    pub fn push(&mut self, image: DatasetImage) {
        self.dataset.images.push(image);
    }

    pub fn images(&mut self) -> &mut Vec<DatasetImage> {
        &mut self.dataset.images
    }

    /// Ends the reading of what holds nothing but rubbish.
    ///
    /// # Errors
    /// In words, behind a million problems.
    pub fn resume(&self) -> Result<(), String> {
        self.dataset.resume()
    }

    /// Words about the dataset, when it has none yet.
    pub fn describe(&mut self, words: &str) {
        if !words.is_empty() {
            self.dataset.description.get_or_insert_with(|| words.to_owned());
        }
    }

    pub fn set_kind(&mut self, kind: Option<ProjectKind>) {
        self.dataset.kind = kind;
    }

    /// Takes in another file of the same dataset. `place` says which, in its problems; `part`, what its images are for.
    pub fn add(&mut self, other: Dataset, place: &str, part: Option<&str>) {
        let is_first = self.dataset.counts_in == (0, 0) && self.dataset.images.is_empty();
        let Dataset { description, categories, images, counts_in, problems, kind } = other;
        let numbers: Vec<usize> = categories.iter().map(|name| self.category(name)).collect();
        for problem in problems {
            self.report(format!("{place}: {}", problem.place), problem.is_left_out, problem.reason);
        }
        let whole = &mut self.dataset;
        whole.kind = if is_first || whole.kind == kind { kind } else { None };
        whole.description = whole.description.take().or(description);
        whole.counts_in = (whole.counts_in.0 + counts_in.0, whole.counts_in.1 + counts_in.1);
        for mut image in images {
            for found in &mut image.boxes {
                found.category = numbers[found.category];
            }
            if let Some(elsewhere) = &mut image.elsewhere {
                elsewhere.place = format!("{place}: {}", elsewhere.place);
            }
            if let Some(part) = part.filter(|_| image.metadata.iter().all(|(key, _)| key != "split")) {
                image.metadata.push(("split".to_owned(), part.to_owned()));
            }
            whole.images.push(image);
        }
    }

    pub fn finish(self) -> Dataset {
        self.dataset
    }
}
