//! The images and categories of a COCO dataset: what the numbers in a file of predictions mean.

use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};

use super::refused;
use crate::bounded::{List, Members, in_blocks, read_object};
use crate::error::FormatError;
use crate::loose::{Id, Loose, pixel_side};
use domain::{ImageId, TagId};

/// What the numbers of a COCO file mean.
#[derive(Clone, Debug, Default)]
pub struct CocoLabels {
    // Not the fast hash map: the file chooses the keys.
    images: HashMap<String, LabelImage>,
    categories: HashMap<String, LabelCategory>,
}

#[derive(Clone, Debug)]
pub(super) struct LabelImage {
    pub(super) file_name: String,
    pub(super) size: Option<(u32, u32)>,
    /// The service's id, in files that Tagscope wrote.
    pub(super) id: Option<ImageId>,
}

#[derive(Clone, Debug)]
pub(super) struct LabelCategory {
    pub(super) name: String,
    /// The service's id, in files that Tagscope wrote.
    pub(super) tag: Option<TagId>,
}

impl CocoLabels {
    pub(super) fn image(&self, id: &str) -> Option<&LabelImage> {
        self.images.get(id)
    }

    pub(super) fn category(&self, id: &str) -> Option<&LabelCategory> {
        self.categories.get(id)
    }

    /// All images, in the order of their ids.
    pub(super) fn images(&self) -> impl Iterator<Item = (&str, &LabelImage)> {
        in_order(&self.images)
    }

    /// All categories, in the order of their ids.
    pub(super) fn categories(&self) -> impl Iterator<Item = (&str, &LabelCategory)> {
        in_order(&self.categories)
    }
}

/// Numbers first, in their order.
fn in_order<T>(map: &HashMap<String, T>) -> impl Iterator<Item = (&str, &T)> {
    let mut all: Vec<(&str, &T)> = map.iter().map(|(id, value)| (id.as_str(), value)).collect();
    all.sort_unstable_by_key(|(id, _)| (id.parse::<u64>().unwrap_or(u64::MAX), *id));
    all.into_iter()
}

#[derive(Deserialize)]
struct ImageElement {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    file_name: Id,
    #[serde(default)]
    width: Loose,
    #[serde(default)]
    height: Loose,
    #[serde(default)]
    custom_vision: Option<ServiceFacts>,
}

#[derive(Deserialize)]
struct ServiceFacts {
    #[serde(default)]
    id: Id,
}

#[derive(Deserialize)]
struct CategoryElement {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    name: Id,
    #[serde(default)]
    custom_vision_id: Id,
}

/// Reads the images and categories of a COCO dataset.
///
/// # Errors
/// When it cannot be parsed, or has no images or no categories.
pub fn read_labels(input: impl Read) -> Result<CocoLabels, FormatError> {
    let mut labels = CocoLabels::default();
    read_object(in_blocks(input), &mut labels).map_err(|error| refused(&error))?;
    if labels.images.is_empty() || labels.categories.is_empty() {
        return Err(FormatError::says("there are no \"images\" or no \"categories\", as COCO labels have"));
    }
    Ok(labels)
}

impl Members for CocoLabels {
    const EXPECTED: &'static str = "a COCO object";

    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "images" => map.next_value_seed(List::new(|image: ImageElement| {
                let facts = image.custom_vision.map(|facts| facts.id.0);
                let known = LabelImage {
                    file_name: image.file_name.0,
                    size: pixel_side(image.width.0).zip(pixel_side(image.height.0)),
                    id: facts.and_then(|id| id.parse().ok()),
                };
                self.images.insert(image.id.0, known);
                Ok(())
            }))?,
            "categories" => map.next_value_seed(List::new(|category: CategoryElement| {
                let known = LabelCategory { name: category.name.0, tag: category.custom_vision_id.0.parse().ok() };
                self.categories.insert(category.id.0, known);
                Ok(())
            }))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
