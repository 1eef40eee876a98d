//! The predictions on an image to JSON text, in the service's own field names and number text.

use super::write::{push_text, push_uuid, separate};
use crate::ids::ImageId;
use crate::number;
use crate::performance::Prediction;

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
