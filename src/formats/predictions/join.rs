//! Predictions from a file put on the images and tags of a project.

use std::collections::HashMap;

use rustc_hash::FxHashSet;

use super::labels::CocoLabels;
use super::names::{ImageNames, NoImage};
use super::{MOST_PREDICTIONS, Skips};
use crate::classes::ClassList;
use crate::loose::start;
use domain::{
    Catalogue, ImageId, ImageIx, PixelRect, Predictions, PredictionsBuilder, ProjectId, ProjectKind, TagId, TagIx,
    UnitRect,
};

/// How much more than 1 a score may be and still be 1: single precision written as double.
const SCORE_TOLERANCE: f64 = 1e-6;

/// How a file names an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKey<'a> {
    /// By the id of the service.
    Id(ImageId),
    Number(u64),
    /// By an id or a file name.
    Text(&'a str),
}

/// How a file names a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKey<'a> {
    /// By the number of a category, as in COCO.
    Category(u64),
    /// By the number of a class from 0, as in YOLO.
    Class(usize),
    /// By its id, and its name where that is known as well.
    Id(TagId, Option<&'a str>),
    Name(&'a str),
}

/// A predicted box: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Area {
    /// In pixels of the picture that the file knows.
    Pixels([f64; 4]),
    /// In fractions.
    Fractions([f64; 4]),
}

/// A set of predictions, joined.
#[derive(Debug)]
pub struct Joined {
    /// What belongs to the project.
    pub predictions: Predictions,
    pub skips: Skips,
    /// Predictions that "nothing is here" was said with: no object, so they are not compared.
    pub negatives: u64,
    /// What was assumed, a sentence each.
    pub notes: Vec<String>,
    /// The images that the files speak of by lines of their own, also those on which nothing is predicted.
    pub images: FxHashSet<ImageIx>,
}

/// Takes predictions from readers. Indices are those of the catalogue.
#[derive(Debug)]
pub struct Joiner<'a> {
    catalogue: &'a Catalogue,
    project: ProjectId,
    has_boxes: Option<bool>,
    names: ImageNames,
    tag_names: HashMap<String, Vec<TagIx>>,
    /// Names of the classes of a YOLO folder; empty: those of the project in their order.
    classes: Vec<String>,
    own_classes: Vec<TagIx>,
    labels: Option<CocoLabels>,
    builder: PredictionsBuilder,
    skips: Skips,
    negatives: u64,
    images: FxHashSet<ImageIx>,
    seen: u64,
    /// Whether numbers were read as places in the project's own order.
    has_counted: [bool; 2],
}

impl<'a> Joiner<'a> {
    pub fn new(catalogue: &'a Catalogue, project: ProjectId, kind: ProjectKind) -> Self {
        let mut tag_names: HashMap<String, Vec<TagIx>> = HashMap::new();
        for (ix, entry) in catalogue.tags().iter() {
            tag_names.entry(entry.name.to_string()).or_default().push(ix);
        }
        let list = ClassList::of(catalogue.tags(), &[]);
        let own_classes = list.classes().iter().filter_map(|class| catalogue.tags().find(class.tag)).collect();
        let has_boxes = match kind {
            ProjectKind::Detection => Some(true),
            ProjectKind::Multiclass | ProjectKind::Multilabel => Some(false),
            ProjectKind::Unknown => (catalogue.region_count() > 0).then_some(true),
        };
        Self {
            catalogue,
            project,
            has_boxes,
            names: ImageNames::of(catalogue),
            tag_names,
            classes: Vec::new(),
            own_classes,
            labels: None,
            builder: PredictionsBuilder::new(has_boxes.unwrap_or(true)),
            skips: Skips::default(),
            negatives: 0,
            images: FxHashSet::default(),
            seen: 0,
            has_counted: [false; 2],
        }
    }

    pub fn set_labels(&mut self, labels: CocoLabels) {
        self.labels = Some(labels);
    }

    /// The names of the classes, in the order of their numbers.
    pub fn set_classes(&mut self, classes: Vec<String>) {
        self.classes = classes;
    }

    /// Takes a prediction, or itemizes why it cannot be used.
    ///
    /// # Errors
    /// In words, when there are more than can be held.
    pub fn add(
        &mut self,
        place: impl Fn() -> String,
        image: ImageKey<'_>,
        tag: TagKey<'_>,
        score: Option<f64>,
        area: Option<Area>,
    ) -> Result<(), String> {
        if self.builder.len() >= MOST_PREDICTIONS {
            return Err(format!("there are more than {MOST_PREDICTIONS} predictions"));
        }
        self.seen += 1;
        match self.joined(image, tag, score, area) {
            Ok(Some((ix, tag, score, rect))) => {
                self.builder.push(ix, tag, score, rect);
            }
            Ok(None) => self.negatives += 1,
            Err(reason) => self.skips.add(reason, place),
        }
        Ok(())
    }

    /// Whether it is known which dataset numbers belong to.
    pub(super) fn has_labels(&self) -> bool {
        self.labels.is_some()
    }

    pub(super) fn has(&self, image: ImageId) -> bool {
        self.catalogue.find(image).is_some()
    }

    /// Notes that the file speaks of an image, whatever it predicts there.
    pub(super) fn note(&mut self, image: ImageKey<'_>) {
        if let Ok((ix, _)) = self.image(image) {
            self.images.insert(ix);
        }
    }

    /// Itemizes what is no prediction.
    pub fn skip(&mut self, place: impl Fn() -> String, reason: impl Into<String>) {
        self.seen += 1;
        self.skips.add(reason.into(), place);
    }

    /// Refuses predictions that say they are of another project.
    pub(crate) fn check_project(&self, project: &str) -> Result<(), String> {
        match project.parse::<ProjectId>() {
            Ok(other) if other != self.project => {
                Err(format!("the predictions are of the project {other}, not of {}", self.project))
            }
            _ => Ok(()),
        }
    }

    /// `None`: the negative tag of a detection project.
    fn joined(
        &mut self,
        image: ImageKey<'_>,
        tag: TagKey<'_>,
        score: Option<f64>,
        area: Option<Area>,
    ) -> Result<Option<(ImageIx, TagIx, f64, UnitRect)>, String> {
        let score = score.ok_or("it has no score")?;
        if !(0.0..=1.0 + SCORE_TOLERANCE).contains(&score) {
            return Err("its score is not from 0 to 1".to_owned());
        }
        let (ix, size) = self.image(image)?;
        let tag = self.tag(tag)?;
        let has_boxes = *self.has_boxes.get_or_insert(area.is_some());
        if !has_boxes {
            return Ok(Some((ix, tag, score.min(1.0), UnitRect::default())));
        }
        if self.catalogue.tags().get(tag).is_negative() {
            return Ok(None);
        }
        let rect = self.rect(ix, size, area.ok_or("it has no box, and the project's labels have")?)?;
        Ok(Some((ix, tag, score.min(1.0), rect)))
    }

    fn rect(&self, ix: ImageIx, size: Option<(u32, u32)>, area: Area) -> Result<UnitRect, String> {
        let ([x, y, width, height], is_pixels) = match area {
            Area::Pixels(sides) => (sides, true),
            Area::Fractions(sides) => (sides, false),
        };
        if ![x, y, width, height].iter().all(|side| side.abs() < 1e9) {
            return Err("its box is not four numbers".to_owned());
        }
        if width < 0.0 || height < 0.0 {
            return Err("its box has a negative width or height".to_owned());
        }
        if !is_pixels {
            return Ok(PixelRect { x, y, width, height }.in_fractions(1, 1));
        }
        let known = self.catalogue.get(ix).map(|image| image.pixel_size());
        let size = size.or(known.map(|size| (size.width, size.height))).filter(|size| size.0 > 0 && size.1 > 0);
        let (wide, tall) = size.ok_or("its box is in pixels, and the size of its image is not known")?;
        Ok(PixelRect { x, y, width, height }.in_fractions(wide, tall))
    }

    fn image(&mut self, key: ImageKey<'_>) -> Result<(ImageIx, Option<(u32, u32)>), String> {
        if let Some(labels) = &self.labels {
            let id = match key {
                ImageKey::Id(_) => None,
                ImageKey::Number(number) => labels.image(&number.to_string()),
                ImageKey::Text(text) => labels.image(text),
            };
            if let Some(known) = id {
                let by_id = known.id.and_then(|id| self.catalogue.find(id));
                let found = by_id.map_or_else(|| self.names.find(&known.file_name, self.catalogue), Ok);
                return match found {
                    Ok(ix) => Ok((ix, known.size)),
                    Err(no_image) => Err(words_of(no_image, &known.file_name)),
                };
            }
            if let ImageKey::Number(number) = key {
                return Err(format!("the labels have no image with the id {number}"));
            }
        }
        match key {
            ImageKey::Id(id) => {
                let found = self.catalogue.find(id).map(|ix| (ix, None));
                found.ok_or_else(|| format!("no image has the id {id}"))
            }
            ImageKey::Text(text) => {
                let by_id = text.parse().ok().and_then(|id| self.catalogue.find(id));
                let found = by_id.map_or_else(|| self.names.find(text, self.catalogue), Ok);
                found.map(|ix| (ix, None)).map_err(|no_image| words_of(no_image, text))
            }
            ImageKey::Number(number) => {
                if let Some(ix) = self.names.by_number(number) {
                    return Ok((ix, None));
                }
                self.has_counted[0] = true;
                let place = number.checked_sub(1).and_then(|place| u32::try_from(place).ok()).map(ImageIx);
                let found = place.filter(|ix| self.catalogue.get(*ix).is_some());
                found.map(|ix| (ix, None)).ok_or_else(|| format!("no image has the number {number}"))
            }
        }
    }

    fn tag(&mut self, key: TagKey<'_>) -> Result<TagIx, String> {
        match key {
            TagKey::Id(id, name) => {
                let by_id = self.catalogue.tags().find(id);
                by_id.map_or_else(
                    || match name {
                        Some(name) => self.tag_named(name),
                        None => Err(format!("no tag has the id {id}")),
                    },
                    Ok,
                )
            }
            TagKey::Name(name) => match name.parse().ok().and_then(|id: TagId| self.catalogue.tags().find(id)) {
                Some(tag) => Ok(tag),
                None => self.tag_named(name),
            },
            TagKey::Category(number) => {
                if let Some(labels) = &self.labels {
                    let known = labels.category(&number.to_string());
                    let known = known.ok_or_else(|| format!("the labels have no category with the id {number}"))?;
                    let by_id = known.tag.and_then(|id| self.catalogue.tags().find(id));
                    return by_id.map_or_else(|| self.tag_named(&known.name), Ok);
                }
                self.has_counted[1] = true;
                let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
                let found = place.and_then(|place| self.own_classes.get(place).copied());
                found.ok_or_else(|| format!("no tag has the number {number}"))
            }
            TagKey::Class(class) if self.classes.is_empty() => {
                self.has_counted[1] = true;
                self.own_classes.get(class).copied().ok_or_else(|| format!("no tag has the number {class}"))
            }
            TagKey::Class(class) => match self.classes.get(class) {
                Some(name) => self.tag_named(name),
                None => Err(format!("there is no name for the class {class}")),
            },
        }
    }

    fn tag_named(&self, name: &str) -> Result<TagIx, String> {
        match self.tag_names.get(name).map(Vec::as_slice) {
            Some([tag]) => Ok(*tag),
            Some([_, ..]) => Err(format!("several tags are named {:?}", start(name))),
            _ => Err(format!("no tag is named {:?}", start(name))),
        }
    }

    /// Everything that was joined.
    ///
    /// # Errors
    /// In words, when there were predictions and none of them could be used.
    pub fn finish(self) -> Result<Joined, String> {
        if self.builder.is_empty() && self.negatives == 0 && self.skips.count() > 0 {
            let most = self.skips.groups().max_by_key(|(_, group)| group.count);
            let example = most.map_or_else(String::new, |(reason, group)| {
                format!(" The most frequent reason, first at {}: {reason}.", group.first)
            });
            let numbers = match self.has_counted[0] {
                true => " If the numbers of its images belong to a COCO file, give that with --labels.",
                false => "",
            };
            return Err(format!(
                "none of the {} predictions belongs to an image and a tag of this project, or none could be used.{example}{numbers}",
                self.seen
            ));
        }
        let mut notes = Vec::new();
        if self.has_counted[0] {
            notes.push(
                "Image numbers were read as in Tagscope's own COCO export of these images: from 1, in the order of \
                 the list. Give the COCO labels that the numbers belong to with --labels if they differ."
                    .to_owned(),
            );
        }
        if self.has_counted[1] {
            notes.push(
                "Tag numbers were read as in Tagscope's own exports: in the order of the project's tags, without the \
                 negative one."
                    .to_owned(),
            );
        }
        Ok(Joined {
            predictions: self.builder.finish(),
            skips: self.skips,
            negatives: self.negatives,
            notes,
            images: self.images,
        })
    }
}

fn words_of(no_image: NoImage, name: &str) -> String {
    match no_image {
        NoImage::Unknown => format!("no image is named {:?}", start(name)),
        NoImage::Ambiguous => format!("several images are named {:?}", start(name)),
    }
}
