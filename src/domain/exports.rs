//! Model files of an iteration: what the service has exported, and what an archive keeps of it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::image::BlobUri;

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
