//! How well an iteration does, and what it predicted on the images it was trained with: next to the labels, so that the
//! two can be compared. In the service's own terms; numbers are single precision, as it sends them.

use serde::{Deserialize, Deserializer, Serialize};

use super::geometry::UnitRect;
use super::ids::TagId;
use super::image::ImageRow;
use super::problem::Problem;

/// The figures of a whole iteration. All 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IterationPerformance {
    #[serde(default, deserialize_with = "null_as_default")]
    pub per_tag_performance: Vec<TagPerformance>,
    #[serde(flatten)]
    pub overall: PerformanceFigures,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagPerformance {
    pub id: TagId,
    /// Its name at the time of training.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    #[serde(flatten)]
    pub figures: PerformanceFigures,
}

/// Precision and recall, 0 to 1; `None` where the service gives none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceFigures {
    #[serde(default)]
    pub precision: Option<f32>,
    #[serde(default)]
    pub precision_std_deviation: Option<f32>,
    #[serde(default)]
    pub recall: Option<f32>,
    #[serde(default)]
    pub recall_std_deviation: Option<f32>,
    #[serde(default)]
    pub average_precision: Option<f32>,
}

/// An image with its labels and with what an iteration predicted on it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagePerformance {
    /// The image and its labels. The service gives two pictures of it: the resized one and the thumbnail.
    pub row: ImageRow,
    /// The predictions, in the service's order. One that could not be read is a [`Problem::UnreadablePrediction`] of the
    /// row.
    pub predictions: Vec<Prediction>,
}

/// One prediction: of a tag for the image, or for a region of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub tag: TagId,
    /// Its name; empty when the service gives none.
    pub tag_name: String,
    /// `Regular`, `Negative`, `GeneralProduct`, or a value nobody has seen yet; `None` when the service gives none.
    pub tag_kind: Option<String>,
    /// How sure the iteration is, 0 to 1.
    pub probability: f32,
    /// Where, on the upright image; `None` in classification.
    pub rect: Option<UnitRect>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerformancePage {
    pub images: Vec<ImagePerformance>,
    /// One [`Problem::UnreadableRow`] for each that could not.
    pub problems: Vec<Problem>,
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_absent_and_unknown_fields_are_taken() {
        let text = r#"{"perTagPerformance":[{"id":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","name":"fork","precision":0.952380955,"precisionStdDeviation":0.0,"recall":1.0,"averagePrecision":null,"new":[1]}],"precision":0.9,"recall":null,"averagePrecision":0.985}"#;
        let performance: IterationPerformance = serde_json::from_str(text).expect("performance");
        assert_eq!(performance.overall.precision, Some(0.9));
        assert_eq!((performance.overall.recall, performance.overall.average_precision), (None, Some(0.985)));
        let tag = &performance.per_tag_performance[0];
        assert_eq!((tag.name.as_str(), tag.figures.precision), ("fork", "0.952380955".parse().ok()));
        assert_eq!((tag.figures.recall_std_deviation, tag.figures.average_precision), (None, None));
        let empty: IterationPerformance = serde_json::from_str(r#"{"perTagPerformance":null}"#).expect("empty");
        assert_eq!(empty, IterationPerformance::default());
    }
}
