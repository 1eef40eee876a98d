//! COCO results: what `loadRes` of pycocotools reads next to a COCO dataset.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{CocoNumbers, Outcomes, Written};
use domain::evaluation::Pixels;
use domain::{ImageId, PixelRect, TagId};

#[derive(Serialize)]
struct ResultRow<'a> {
    image_id: &'a Value,
    category_id: &'a Value,
    bbox: [f64; 4],
    score: f64,
    custom_vision: ServiceFacts,
}

/// What the numbers mean, whatever dataset is next to the file: only Tagscope reads it.
#[derive(Serialize)]
struct ServiceFacts {
    image: ImageId,
    tag: TagId,
    /// The picture that the box is in pixels of.
    width: u32,
    height: u32,
}

pub(super) fn write(outcomes: &Outcomes<'_>, numbers: &CocoNumbers, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    out.write_all(b"[")?;
    for image in outcomes.image_views() {
        let known = image.pixel_size();
        let (image_id, size) = match numbers.image(image.ix) {
            Some((number, size)) => (Some(number), size),
            None => (None, None),
        };
        let (width, height) = size.unwrap_or((known.width, known.height));
        for one in outcomes.judged.predictions.of(image.ix) {
            let (Some(image_id), Some(category_id)) = (image_id, numbers.tag(one.tag)) else {
                written.unnumbered += 1;
                continue;
            };
            out.write_all(if written.predictions > 0 { b",\n" } else { b"\n" })?;
            written.predictions += 1;
            let PixelRect { x, y, width: wide, height: high } = Pixels::of_size(width, height).rect(one.rect);
            let tag = outcomes.catalogue.tags().get(one.tag).id;
            let row = ResultRow {
                image_id,
                category_id,
                bbox: [x, y, wide, high],
                score: one.score,
                custom_vision: ServiceFacts { image: image.id(), tag, width, height },
            };
            serde_json::to_writer(&mut *out, &row)?;
        }
    }
    out.write_all(b"\n]\n")?;
    Ok(written)
}
