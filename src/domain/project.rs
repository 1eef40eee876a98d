//! Projects, iterations, domains and tags, in the service's own field names; unknown enumeration values are kept.

use serde::{Deserialize, Deserializer, Serialize};

use super::ids::{DomainId, IterationId, ProjectId, TagId};

/// A project. Dates keep their text: they are only shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub id: ProjectId,
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub description: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub settings: ProjectSettings,
    #[serde(default)]
    pub created: Option<String>,
    #[serde(default)]
    pub last_modified: Option<String>,
    /// A signed address of a picture; a secret, so it is never written anywhere.
    #[serde(default, skip_serializing)]
    pub thumbnail_uri: Option<SecretUri>,
    /// `Succeeded`, or what an import or export of the project is at.
    #[serde(default)]
    pub status: Option<String>,
}

impl Project {
    /// A project of which only this is known.
    pub fn named(id: ProjectId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            description: String::new(),
            settings: ProjectSettings::default(),
            created: None,
            last_modified: None,
            thumbnail_uri: None,
            status: None,
        }
    }
}

/// The part of a project's settings that matters to a viewer; the rest is kept as it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSettings {
    /// The domain; the only place that tells detection from classification.
    #[serde(default)]
    pub domain_id: Option<DomainId>,
    /// `Multiclass` or `Multilabel`. Detection projects have one too.
    #[serde(default)]
    pub classification_type: Option<String>,
    /// Settings that Tagscope does not read.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A signed address inside a project row: `Debug` leaves the signature out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUri(String);

impl SecretUri {
    /// The whole address: only for the request itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretUri")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProjectKind {
    /// Regions on images.
    Detection,
    /// One tag an image.
    Multiclass,
    /// Any number of tags an image.
    Multilabel,
    /// The domain is not known to the service or to us; everything is shown all the same.
    #[default]
    Unknown,
}

impl ProjectKind {
    pub fn of(project: &Project, domain: Option<&Domain>) -> Self {
        match domain.map(|domain| domain.kind.as_str()) {
            Some("ObjectDetection") => Self::Detection,
            Some("Classification") => match project.settings.classification_type.as_deref() {
                Some("Multilabel") => Self::Multilabel,
                _ => Self::Multiclass,
            },
            _ => Self::Unknown,
        }
    }

    pub fn from_word(word: &str) -> Self {
        let known = [Self::Detection, Self::Multiclass, Self::Multilabel];
        known.into_iter().find(|kind| kind.word() == word).unwrap_or_default()
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::Multiclass => "classification",
            Self::Multilabel => "multilabel classification",
            Self::Unknown => "unknown domain",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    pub id: DomainId,
    /// `General`, `Food`, `General (compact)` and so on.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// `Classification`, `ObjectDetection`, or a value nobody has seen yet.
    #[serde(rename = "type", default, deserialize_with = "null_as_default")]
    pub kind: String,
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Iteration {
    pub id: IterationId,
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// `Completed`, `Training`, `New`, `Failed`, or a value nobody has seen yet.
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: String,
    #[serde(default)]
    pub created: Option<String>,
    #[serde(default)]
    pub trained_at: Option<String>,
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    pub id: TagId,
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// `Regular`, `Negative`, `GeneralProduct`, or a value nobody has seen yet.
    #[serde(rename = "type", default = "regular", deserialize_with = "null_as_regular")]
    pub kind: String,
    /// Number of images that have it, as the service counts.
    #[serde(default, deserialize_with = "null_as_default")]
    pub image_count: u64,
}

impl Tag {
    /// Whether it marks images on which nothing is; such a tag is no class of a dataset.
    pub fn is_negative(&self) -> bool {
        self.kind == "Negative"
    }
}

fn regular() -> String {
    "Regular".to_owned()
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn null_as_regular<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_else(regular))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explicit_nulls_and_unknown_values_are_taken() {
        let tag: Tag = serde_json::from_str(
            r#"{"id":"879c5031-c23e-4452-8ad0-4f093d5f07d2","name":"a","description":null,"type":"Odd","imageCount":null}"#,
        )
        .expect("tag");
        assert_eq!((tag.kind.as_str(), tag.image_count), ("Odd", 0));
        let project: Project = serde_json::from_str(
            r#"{"id":"879c5031-c23e-4452-8ad0-4f093d5f07d2","name":"p","description":null,"settings":null,"thumbnailUri":"https://h/x?sig=S"}"#,
        )
        .expect("project");
        assert!(!format!("{project:?}").contains("sig="));
        assert!(!serde_json::to_string(&project).expect("json").contains("sig="));
    }

    #[test]
    fn the_kind_is_in_the_domain_only() {
        let project: Project = serde_json::from_str(
            r#"{"id":"879c5031-c23e-4452-8ad0-4f093d5f07d2","name":"p","settings":{"classificationType":"Multilabel","useNegativeSet":true}}"#,
        )
        .expect("project");
        let domain = |kind: &str| Domain {
            id: DomainId::default(),
            name: String::new(),
            kind: kind.to_owned(),
            other: serde_json::Map::new(),
        };
        assert_eq!(ProjectKind::of(&project, Some(&domain("ObjectDetection"))), ProjectKind::Detection);
        assert_eq!(ProjectKind::of(&project, Some(&domain("Classification"))), ProjectKind::Multilabel);
        assert_eq!(ProjectKind::of(&project, Some(&domain("Smell"))), ProjectKind::Unknown);
        assert_eq!(ProjectKind::of(&project, None), ProjectKind::Unknown);
    }
}
