//! Everything that formats for trainings write of an image: one record, a line of JSON or a row of columns.

use serde::Serialize;

use super::item::{ExportItem, Labeled};
use super::write::Head;
use domain::{ImageId, PixelRect, RegionId, TagId, Timestamp};

/// An image with its labels.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) file_name: String,
    pub(super) image_id: ImageId,
    pub(super) split: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub(super) created: Option<Timestamp>,
    pub(super) objects: Vec<Object<'a>>,
    pub(super) tags: Vec<&'a str>,
    pub(super) metadata: Vec<Pair>,
}

/// A region, in pixels and in fractions.
#[derive(Debug, Serialize)]
pub(super) struct Object<'a> {
    pub(super) tag: &'a str,
    pub(super) tag_id: TagId,
    pub(super) region_id: RegionId,
    /// The place of its class, from 0.
    pub(super) category: usize,
    /// x, y, width and height in pixels.
    pub(super) bbox: [f64; 4],
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub(super) created: Option<Timestamp>,
}

/// A key may come more than once.
#[derive(Debug, Serialize)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: String,
}

// The field is an option, and serde hands it over as that.
#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn as_text<S: serde::Serializer>(stamp: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    stamp.map(|stamp| stamp.to_string()).serialize(serializer)
}

impl<'a> Record<'a> {
    /// Of an item that is to be written.
    pub(super) fn of(head: &Head<'a>, item: &ExportItem<'_>) -> Self {
        let image = item.image;
        let pair = |(key, value): (&str, &str)| Pair { key: key.to_owned(), value: value.to_owned() };
        Self {
            file_name: item.picture.file_name().to_owned(),
            image_id: image.id(),
            split: item.part.full_name(),
            width: item.picture.width,
            height: item.picture.height,
            created: image.created(),
            objects: item.regions.iter().map(|region| Object::of(head, region)).collect(),
            tags: item.tags.iter().filter_map(|&class| head.names.get(class)).map(String::as_str).collect(),
            metadata: image.metadata().map(pair).collect(),
        }
    }
}

impl<'a> Object<'a> {
    fn of(head: &Head<'a>, region: &Labeled) -> Self {
        let PixelRect { x, y, width, height } = region.pixels;
        let [left, top, across, down] = region.fractions();
        Self {
            tag: head.names.get(region.class).map(String::as_str).unwrap_or_default(),
            tag_id: head.classes.get(region.class).map(|class| class.tag).unwrap_or_default(),
            region_id: region.id,
            category: region.class,
            bbox: [x, y, width, height],
            left,
            top,
            width: across,
            height: down,
            created: region.created,
        }
    }
}
