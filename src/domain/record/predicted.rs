//! JSON text to [`ImagePerformance`]s: an image row in the service's form with predictions next to it. Rows, nulls and
//! odd parts are read as everywhere else.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::{NotAList, RecordReader};
use super::wire::Text;
use crate::geometry::UnitRect;
use crate::ids::TagId;
use crate::image::BlobUri;
use crate::iteration::{ImagePerformance, PerformancePage, Prediction};
use crate::problem::Problem;

/// What an image of this call has besides those of other calls.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePredicted<'a> {
    #[serde(borrow, default)]
    image_uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    predictions: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePrediction<'a> {
    #[serde(borrow)]
    probability: &'a RawValue,
    tag_id: TagId,
    #[serde(borrow, default)]
    tag_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    tag_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    bounding_box: Option<WireBox<'a>>,
}

#[derive(Deserialize)]
struct WireBox<'a> {
    #[serde(borrow)]
    left: &'a RawValue,
    #[serde(borrow)]
    top: &'a RawValue,
    #[serde(borrow)]
    width: &'a RawValue,
    #[serde(borrow)]
    height: &'a RawValue,
}

impl RecordReader {
    /// Reads a JSON list of images with predictions.
    ///
    /// # Errors
    /// When the bytes are not a JSON list; what is odd inside is a problem of the page or of its row instead.
    pub fn performances(&mut self, body: &[u8]) -> Result<PerformancePage, NotAList> {
        let texts: Vec<&RawValue> =
            serde_json::from_slice(body).map_err(|error| NotAList { reason: place_of(&error) })?;
        let mut page = PerformancePage::default();
        for (index, text) in texts.into_iter().enumerate() {
            match self.performance(text.get(), index) {
                Ok(image) => page.images.push(image),
                Err(problem) => page.problems.push(problem),
            }
        }
        Ok(page)
    }

    fn performance(&mut self, text: &str, index: usize) -> Result<ImagePerformance, Problem> {
        let mut row = self.line(text.as_bytes(), index)?;
        let wire: WirePredicted<'_> = serde_json::from_str(text).map_err(|error| Problem::UnreadableRow {
            index,
            file: None,
            image: Some(row.id),
            reason: place_of(&error),
        })?;
        if let Some(uri) = wire.image_uri {
            row.uris.resized = Some(BlobUri::new(&*uri.0));
        }
        let mut predictions = Vec::new();
        for (index, text) in wire.predictions.into_iter().flatten().enumerate() {
            match prediction(text.get()) {
                Ok(prediction) => predictions.push(prediction),
                Err(reason) => row.problems.push(Problem::UnreadablePrediction { index, reason }),
            }
        }
        Ok(ImagePerformance { row, predictions })
    }
}

fn prediction(text: &str) -> Result<Prediction, String> {
    let wire: WirePrediction<'_> = serde_json::from_str(text).map_err(|error| place_of(&error))?;
    let rect = match wire.bounding_box {
        Some(sides) => {
            Some(UnitRect::new(number(sides.left)?, number(sides.top)?, number(sides.width)?, number(sides.height)?))
        }
        None => None,
    };
    Ok(Prediction {
        tag: wire.tag_id,
        tag_name: wire.tag_name.map(|text| text.0.into_owned()).unwrap_or_default(),
        tag_kind: wire.tag_type.map(|text| text.0.into_owned()),
        probability: number(wire.probability)?,
        rect,
    })
}

/// Straight to single precision: through double precision the last digit could differ.
fn number(text: &RawValue) -> Result<f32, String> {
    let number = text.get().parse::<f32>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "one of its values is not a number".to_owned())
}

/// Where the parser stopped, without its words: they quote what it read, which may be a secret.
fn place_of(error: &serde_json::Error) -> String {
    format!("not as expected at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = r#"{"predictions":[{"probability":0.9953098,"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","tagName":"fork","boundingBox":{"left":0.295343131,"top":0.25,"width":1E-05,"height":0.4},"tagType":"Regular"},{"probability":0.01,"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","boundingBox":null,"tagName":null,"tagType":"Odd"},{"probability":"high","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3"}],"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","created":"2020-11-06T17:18:15.6703886","width":816,"height":612,"imageUri":"https://h/c/i-1?sv=1&sig=S","thumbnailUri":"https://h/c/t-1?sv=1&sig=S","tags":null,"regions":[{"regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","tagName":"fork","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":0.3,"top":0.25,"width":0.4,"height":0.4}]}"#;

    #[test]
    fn predictions_stand_beside_the_labels() {
        let body = format!(r#"[{IMAGE},{{"id":"nobody"}},{{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d75"}}]"#);
        let page = RecordReader::new().performances(body.as_bytes()).expect("page");
        assert_eq!((page.images.len(), page.problems.len()), (2, 1));
        let image = &page.images[0];
        assert_eq!((image.row.width, image.row.height, image.row.regions.len()), (816, 612, 1));
        assert_eq!(image.row.uris.resized.as_ref().map(BlobUri::expose), Some("https://h/c/i-1?sv=1&sig=S"));
        assert!(image.row.uris.thumbnail.is_some() && image.row.uris.original.is_none());
        assert!(matches!(image.row.problems[..], [Problem::UnreadablePrediction { index: 2, .. }]));
        let [first, second] = &image.predictions[..] else { panic!("{:?}", image.predictions) };
        assert_eq!((first.tag_name.as_str(), first.probability), ("fork", 0.995_309_8));
        assert_eq!(first.rect, Some(UnitRect::new("0.295343131".parse().expect("number"), 0.25, 1E-05, 0.4)));
        assert_eq!((second.tag_name.as_str(), second.tag_kind.as_deref(), second.rect), ("", Some("Odd"), None));
        assert!(page.images[1].predictions.is_empty());
        assert!(!format!("{page:?}").contains("sig="));
        assert!(RecordReader::new().performances(b"{}").is_err());
    }
}
