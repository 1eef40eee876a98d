//! The record of an image as formats for trainings hold it, read strictly.

use std::io::{self, Write};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::read::{FoundImage, FoundPicture, FoundRecord, FoundRegion, Place, ReadPlan, Sink};
use domain::{PixelRect, TagId, Timestamp};

/// What is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundExample {
    pub(super) file_name: String,
    pub(super) image_id: String,
    pub(super) split: String,
    pub(super) width: u32,
    pub(super) height: u32,
    #[serde(default, deserialize_with = "date")]
    pub(super) created: Option<Timestamp>,
    pub(super) objects: Vec<FoundObject>,
    pub(super) tags: Vec<String>,
    pub(super) metadata: Vec<FoundPair>,
    /// In columns only: the class of an image with one tag.
    #[serde(skip)]
    pub(super) label: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundObject {
    pub(super) tag: String,
    pub(super) tag_id: String,
    pub(super) region_id: String,
    pub(super) category: usize,
    pub(super) bbox: [f64; 4],
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    #[serde(default, deserialize_with = "date")]
    pub(super) created: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoundPair {
    pub(super) key: String,
    pub(super) value: String,
}

impl FoundExample {
    /// Gives it to the sink as the image number `index` of the reading; `names` are those of the classes.
    pub(super) fn put(
        self,
        plan: ReadPlan<'_>,
        names: &[String],
        index: u64,
        picture: Option<FoundPicture>,
        sink: &mut dyn Sink,
    ) -> Result<(), String> {
        let size = (self.width, self.height);
        if self.split != plan.part.unwrap_or_default().full_name() {
            return Err(format!("the image is of the split {}", self.split));
        }
        if self.label.is_some_and(|label| names.get(label) != self.tags.first()) {
            return Err("the label is not the tag".to_owned());
        }
        sink.image(FoundImage {
            name: self.file_name,
            size: Some(size),
            id: Some(self.image_id),
            tags: Some(self.tags),
            part: plan.part,
            record: Some(FoundRecord {
                created: self.created,
                metadata: self.metadata.into_iter().map(|FoundPair { key, value }| (key, value)).collect(),
                picture,
            }),
            ..FoundImage::default()
        })?;
        for object in self.objects {
            if names.get(object.category) != Some(&object.tag) || object.tag_id.parse::<TagId>().is_err() {
                return Err(format!("the category {} is not the tag {:?}", object.category, object.tag));
            }
            let place = place(object.bbox, [object.left, object.top, object.width, object.height], size)?;
            let (id, created) = (Some(object.region_id), object.created);
            let region = FoundRegion { label: object.tag, place, listed: None, id, created };
            sink.region(index, region)?;
        }
        Ok(())
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let parsed = |text: String| Timestamp::parse(&text).ok_or_else(|| D::Error::custom(format!("{text} is no date")));
    Option::<String>::deserialize(deserializer)?.map(parsed).transpose()
}

/// The place of a box that is there in pixels and in fractions: both must say the same.
fn place(bbox: [f64; 4], fractions: [f64; 4], size: (u32, u32)) -> Result<Place, String> {
    let [width, height] = [size.0, size.1].map(f64::from);
    let mut numbers = bbox.iter().zip(fractions).zip([width, height, width, height]);
    if !numbers.all(|((pixels, fraction), side)| (pixels - fraction * side).abs() <= 1e-9 * side.max(1.0)) {
        return Err("the pixels of a box are not its fractions".to_owned());
    }
    let [x, y, width, height] = bbox;
    Ok(Place::Exact(PixelRect { x, y, width, height }))
}

/// The hash of a picture while its bytes come.
#[derive(Default)]
pub(super) struct PictureSum {
    sum: Sha256,
    bytes: u64,
}

impl PictureSum {
    /// What the picture is.
    pub(super) fn finish(self) -> FoundPicture {
        FoundPicture { bytes: self.bytes, sha256: self.sum.finalize().into() }
    }
}

impl Write for PictureSum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
