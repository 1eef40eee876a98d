//! [`ImageRow`]s and predictions to JSON text, compact, in the key order and with the number text of the service.

use serde_json::to_writer;

use crate::exact::Exact;
use crate::ids::ImageId;
use crate::image::{BlobUri, ImageRow, RegionRow, Slot, TagMark};
use crate::iteration::Prediction;
use crate::number;
use crate::timestamp::Timestamp;

/// What becomes of the three addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriForm {
    Absent,
    Unsigned,
    /// Whole. Only for the stand-in endpoint's own answers.
    Signed,
}

/// Appends `row` as one JSON object without line breaks. Empty lists and metadata are absent, as on the wire.
pub fn write_image(row: &ImageRow, uris: UriForm, out: &mut Vec<u8>) {
    let exact = &Exact::new(&row.verbatim);
    out.extend_from_slice(b"{\"id\":\"");
    push_uuid(row.id.0, out);
    out.push(b'"');
    push_date(exact, Slot::ImageCreated, row.created, out);
    push_side("width", row.width, out);
    push_side("height", row.height, out);
    push_uri("resizedImageUri", row.uris.resized.as_ref(), uris, out);
    push_uri("thumbnailUri", row.uris.thumbnail.as_ref(), uris, out);
    push_uri("originalImageUri", row.uris.original.as_ref(), uris, out);
    if !row.tags.is_empty() {
        out.extend_from_slice(b",\"tags\":[");
        for (index, mark) in row.tags.iter().enumerate() {
            separate(index, out);
            push_tag(exact, place(index), mark, out);
        }
        out.push(b']');
    }
    if !row.regions.is_empty() {
        out.extend_from_slice(b",\"regions\":[");
        let mut number = String::with_capacity(16);
        for (index, region) in row.regions.iter().enumerate() {
            separate(index, out);
            push_region(exact, place(index), region, &mut number, out);
        }
        out.push(b']');
    }
    if !row.metadata.is_empty() {
        out.extend_from_slice(b",\"metadata\":{");
        for (index, (key, value)) in row.metadata.iter().enumerate() {
            separate(index, out);
            push_text(key, out);
            out.push(b':');
            push_text(value, out);
        }
        out.push(b'}');
    }
    out.push(b'}');
}

fn push_tag(exact: &Exact<'_>, index: u32, mark: &TagMark, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"tagId\":\"");
    push_uuid(mark.tag.0, out);
    out.extend_from_slice(b"\",\"tagName\":");
    push_text(&mark.name, out);
    push_date(exact, Slot::TagCreated(index), mark.created, out);
    out.push(b'}');
}

/// `number` is room for the text of a number, used again for each.
fn push_region(exact: &Exact<'_>, index: u32, region: &RegionRow, number: &mut String, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"regionId\":\"");
    push_uuid(region.id.0, out);
    out.extend_from_slice(b"\",\"tagName\":");
    push_text(&region.tag_name, out);
    push_date(exact, Slot::RegionCreated(index), region.created, out);
    out.extend_from_slice(b",\"tagId\":\"");
    push_uuid(region.tag.0, out);
    out.push(b'"');
    let rect = region.rect;
    let sides = [("left", rect.left), ("top", rect.top), ("width", rect.width), ("height", rect.height)];
    for (side, (name, value)) in (0_u8..).zip(sides) {
        push_key(name, out);
        match exact.get(Slot::RegionNumber(index, side)) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => {
                number.clear();
                exact.spelling().write(value, number);
                out.extend_from_slice(number.as_bytes());
            }
        }
    }
    out.push(b'}');
}

fn push_date(exact: &Exact<'_>, slot: Slot, stamp: Option<Timestamp>, out: &mut Vec<u8>) {
    match (exact.get(slot), stamp) {
        (Some(text), _) => {
            push_key("created", out);
            push_text(text, out);
        }
        (None, Some(stamp)) => {
            push_key("created", out);
            out.push(b'"');
            stamp.push_text(out);
            out.push(b'"');
        }
        (None, None) => {}
    }
}

fn push_side(name: &str, value: u32, out: &mut Vec<u8>) {
    if value > 0 {
        push_key(name, out);
        out.extend_from_slice(value.to_string().as_bytes());
    }
}

fn push_uri(name: &str, uri: Option<&BlobUri>, form: UriForm, out: &mut Vec<u8>) {
    let text = match (uri, form) {
        (None, _) | (_, UriForm::Absent) => return,
        (Some(uri), UriForm::Unsigned) => uri.unsigned(),
        (Some(uri), UriForm::Signed) => uri.expose(),
    };
    push_key(name, out);
    push_text(text, out);
}

fn push_key(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

pub(super) fn push_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a Vec cannot fail.
    let _ = to_writer(out, text);
}

pub(super) fn push_uuid(id: uuid::Uuid, out: &mut Vec<u8>) {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    out.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
}

pub(super) fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Appends an object of the image's `id` and its `predictions`, without line breaks.
pub fn write_predictions(image: ImageId, predictions: &[Prediction], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":\"");
    push_uuid(image.0, out);
    out.extend_from_slice(b"\",\"predictions\":[");
    for (index, one) in predictions.iter().enumerate() {
        separate(index, out);
        out.extend_from_slice(b"{\"probability\":");
        out.extend_from_slice(number::text(one.probability).as_bytes());
        out.extend_from_slice(b",\"tagId\":\"");
        push_uuid(one.tag.0, out);
        out.extend_from_slice(b"\",\"tagName\":");
        push_text(&one.tag_name, out);
        if let Some(rect) = one.rect {
            let sides = [("left", rect.left), ("top", rect.top), ("width", rect.width), ("height", rect.height)];
            for (index, (name, side)) in sides.into_iter().enumerate() {
                out.extend_from_slice(if index == 0 { b",\"boundingBox\":{\"" } else { b",\"" });
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"\":");
                out.extend_from_slice(number::text(side).as_bytes());
            }
            out.push(b'}');
        }
        if let Some(kind) = &one.tag_kind {
            out.extend_from_slice(b",\"tagType\":");
            push_text(kind, out);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::UnitRect;
    use crate::ids::TagId;
    use crate::record::RecordReader;

    #[test]
    fn what_is_written_is_read_again() {
        let one = |rect, kind: Option<&str>| Prediction {
            tag: TagId(uuid::Uuid::from_u128(7)),
            tag_name: "a \"fork\"\n".to_owned(),
            tag_kind: kind.map(str::to_owned),
            probability: 0.952_380_95,
            rect,
        };
        let predictions = [one(Some(UnitRect::new(0.295_343_13, 0.25, 1e-5, 0.4)), Some("Regular")), one(None, None)];
        let id = ImageId(uuid::Uuid::from_u128(9));
        let mut text = b"[".to_vec();
        write_predictions(id, &predictions, &mut text);
        assert!(!text.contains(&b'\n'));
        text.push(b']');
        let page = RecordReader::new().performances(&text).expect("page");
        assert_eq!((page.images[0].row.id, &page.images[0].predictions[..]), (id, &predictions[..]));
    }
}
