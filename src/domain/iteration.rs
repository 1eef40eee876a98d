//! What a trained iteration has: its figures, its predictions on the images it was trained with, and its model files.
//! In the service's own terms; numbers are single precision, as it sends them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::geometry::UnitRect;
use super::ids::TagId;
use super::image::{BlobUri, ImageRow};
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
    /// The predictions, in the service's order. One that could not be read is a [`Problem::UnreadablePrediction`] of
    /// the row.
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

/// Letters of a platform or flavor that are kept: the service's own have at most 16.
const MOST_LETTERS: usize = 40;

/// An export of an iteration as the service lists it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelExport {
    #[serde(flatten)]
    pub facts: ExportFacts,
    /// Where the model file is, signed; `None` until it is done.
    #[serde(deserialize_with = "address")]
    pub download_uri: Option<BlobUri>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportFacts {
    /// `ONNX`, `TensorFlow`, `CoreML`, ...
    #[serde(deserialize_with = "word")]
    pub platform: String,
    /// The platform's kind, such as `ONNX12`; empty where it has none.
    #[serde(deserialize_with = "word", skip_serializing_if = "String::is_empty")]
    pub flavor: String,
    /// `Done`, `Exporting`, `Failed`.
    #[serde(deserialize_with = "word")]
    pub status: String,
    /// Whether the service would make another file of it now.
    #[serde(deserialize_with = "yes_or_no", skip_serializing_if = "std::ops::Not::not")]
    pub newer_version_available: bool,
}

/// An export as an archive keeps it, without its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ArchivedExport {
    #[serde(flatten)]
    pub facts: ExportFacts,
    /// Its file below the iteration's folder; `None`: the archive does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether the service did not list it any more when the archive was last updated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_gone: bool,
}

impl ExportFacts {
    /// Whether its file is there.
    pub fn is_done(&self) -> bool {
        self.status == "Done"
    }
}

impl fmt::Display for ExportFacts {
    /// `ONNX (ONNX12)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.platform.is_empty() { "unnamed" } else { &self.platform })?;
        if self.flavor.is_empty() { Ok(()) } else { write!(f, " ({})", self.flavor) }
    }
}

/// A name of the service: letters, digits and a few signs, so that it can be shown and be part of a file's name.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    let is_kept = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    Ok(text.chars().filter(is_kept).take(MOST_LETTERS).collect())
}

fn yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<bool>::deserialize(deserializer)?.unwrap_or_default())
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BlobUri>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty());
    Ok(text.map(BlobUri::new))
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

    #[test]
    fn an_export_is_read_and_its_signature_is_never_printed() {
        let text = r#"{"platform":"ONNX","status":"Done","downloadUri":"https://h/m/1.zip?sig=SECRET","flavor":"ONNX12","newerVersionAvailable":true,"later":1}"#;
        let export: ModelExport = serde_json::from_str(text).expect("export");
        assert!(export.facts.is_done() && export.facts.newer_version_available);
        assert_eq!(export.facts.to_string(), "ONNX (ONNX12)");
        assert!(!format!("{export:?}").contains("SECRET"));
        let archived = ArchivedExport { facts: export.facts, file: Some("models/a.zip".to_owned()), is_gone: false };
        let json = serde_json::to_string(&archived).expect("JSON");
        assert_eq!(
            json,
            r#"{"platform":"ONNX","flavor":"ONNX12","status":"Done","newerVersionAvailable":true,"file":"models/a.zip"}"#
        );
        assert_eq!(serde_json::from_str::<ArchivedExport>(&json).expect("again"), archived);
    }

    #[test]
    fn nulls_and_odd_names_are_taken() {
        let text = r#"{"platform":"../../Core\u001bML","status":null,"downloadUri":null,"flavor":null,"newerVersionAvailable":null}"#;
        let export: ModelExport = serde_json::from_str(text).expect("export");
        assert_eq!((export.facts.platform.as_str(), export.download_uri), ("....CoreML", None));
        assert_eq!(serde_json::from_str::<ModelExport>("{}").expect("empty").facts.to_string(), "unnamed");
    }
}
