//! The published COCO form, element by element: what a reader of others would see in a file.

use std::io::Read;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};

use super::write::file_of_part;
use crate::bounded::{List, Members, in_blocks, read_object};
use crate::error::FormatError;
use crate::read::{self, FoundFacts, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use domain::PixelRect;

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CocoImage {
    /// The number that annotations name it by.
    pub id: u64,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    /// Relative.
    pub file_name: String,
    #[serde(default)]
    pub custom_vision: Option<CocoServiceFacts>,
}

/// What Tagscope adds to an image.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CocoServiceFacts {
    /// The service's id.
    pub id: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// An element of `annotations`; all of these fields must be there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CocoAnnotation {
    /// The number of the annotation, unique in the file.
    pub id: u64,
    pub image_id: u64,
    pub category_id: u64,
    /// x, y, width, height in pixels.
    pub bbox: [f64; 4],
    /// In square pixels.
    pub area: f64,
    /// 0 or 1.
    pub iscrowd: u8,
    pub segmentation: Vec<Vec<f64>>,
    /// What Tagscope adds: the region.
    #[serde(default)]
    pub custom_vision_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CocoCategory {
    /// The number that annotations name it by.
    pub id: u64,
    pub name: String,
}

/// Takes the elements in the order of the file; an `Err` ends the reading with these words.
pub trait CocoSink {
    /// # Errors
    /// To end the reading.
    fn category(&mut self, category: CocoCategory) -> Result<(), String>;
    /// # Errors
    /// To end the reading.
    fn image(&mut self, image: CocoImage) -> Result<(), String>;
    /// # Errors
    /// To end the reading.
    fn annotation(&mut self, annotation: CocoAnnotation) -> Result<(), String>;
}

/// Reads a file; memory does not grow with it.
///
/// # Errors
/// When it is not of this form, an element is longer than 16 MiB, or the sink refuses an element.
pub fn read_coco(input: impl Read, sink: &mut dyn CocoSink) -> Result<(), FormatError> {
    let mut root = Root { sink, missing: vec!["images", "annotations", "categories"] };
    read_object(in_blocks(input), &mut root).map_err(|error| FormatError::from_json(&error))
}

struct Root<'a> {
    sink: &'a mut dyn CocoSink,
    missing: Vec<&'static str>,
}

impl Members for Root<'_> {
    const EXPECTED: &'static str = "a COCO object";

    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.missing.retain(|&missing| missing != name);
        match name {
            "categories" => map.next_value_seed(List::new(|element| self.sink.category(element)))?,
            "images" => map.next_value_seed(List::new(|element| self.sink.image(element)))?,
            "annotations" => map.next_value_seed(List::new(|element| self.sink.annotation(element)))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn end<E: serde::de::Error>(&self) -> Result<(), E> {
        match self.missing.first() {
            None => Ok(()),
            Some(name) => Err(E::custom(format_args!("there is no list {name:?}"))),
        }
    }
}

/// Reads the file of a part for a comparison, with the demands of those readers that are strictest: ids from 1 in the order
/// of the lists, `area` that fits the box, no crowds.
pub(crate) fn read_whole(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut name = file_of_part(plan.part);
    let earlier = match plan.part {
        None => "annotations/coco.json".to_owned(),
        Some(part) => format!("annotations/coco_{}.json", part.name()),
    };
    // As versions before 0.2 called it.
    if !plan.folder.join(&name).is_file() && plan.folder.join(&earlier).is_file() {
        name = earlier;
    }
    let mut strict = Strict { sink, names: Vec::new(), images: 0, annotations: 0 };
    read_coco(read::open(plan, &name)?, &mut strict)
}

struct Strict<'a> {
    sink: &'a mut dyn Sink,
    names: Vec<String>,
    images: u64,
    annotations: u64,
}

impl CocoSink for Strict<'_> {
    fn category(&mut self, category: CocoCategory) -> Result<(), String> {
        if category.id != self.names.len() as u64 + 1 {
            return Err(format!("the category {:?} has the id {}", category.name, category.id));
        }
        self.sink.class(&category.name)?;
        self.names.push(category.name);
        Ok(())
    }

    fn image(&mut self, found: CocoImage) -> Result<(), String> {
        self.images += 1;
        if found.id != self.images {
            return Err(format!("the image {:?} has the id {}", found.file_name, found.id));
        }
        let facts = found.custom_vision.map(|facts| {
            let text = |value: serde_json::Value| value.as_str().map(str::to_owned).unwrap_or_default();
            let metadata = facts.metadata.into_iter().map(|(key, value)| (key, text(value))).collect();
            (facts.id, FoundFacts { tags: facts.tags, metadata })
        });
        let (id, facts) = facts.unzip();
        let size = Some((found.width, found.height));
        self.sink.image(FoundImage { name: found.file_name, size, id, facts, ..FoundImage::default() })
    }

    fn annotation(&mut self, found: CocoAnnotation) -> Result<(), String> {
        self.annotations += 1;
        let [x, y, width, height] = found.bbox;
        let area = width * height;
        let is_sound = found.id == self.annotations
            && found.iscrowd == 0
            && found.segmentation.is_empty()
            && (found.area - area).abs() <= area.abs() * 1e-9
            && (1..=self.images).contains(&found.image_id);
        let place = usize::try_from(found.category_id).ok().and_then(|id| id.checked_sub(1));
        let (true, Some(label)) = (is_sound, place.and_then(|at| self.names.get(at))) else {
            return Err(format!("the region of annotation {} breaks a rule of COCO", self.annotations));
        };
        let region = FoundRegion {
            label: label.clone(),
            place: Place::Exact(PixelRect { x, y, width, height }),
            listed: None,
            id: found.custom_vision_id,
            created: None,
        };
        self.sink.region(found.image_id - 1, region)
    }
}
