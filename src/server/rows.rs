//! Projects, iterations, tags and domains as the service prints them: compact, in the recorded key order, with nulls.

use serde_json::{Map, Value, json};

use super::image_source::{ImageSource, ServedExport};
use super::signature::SignedUris;
use domain::{BlobKind, Domain, ImageId, Iteration, ProjectId, Tag};

const PROJECT: [&str; 9] =
    ["id", "name", "description", "settings", "created", "lastModified", "thumbnailUri", "drModeEnabled", "status"];
const SETTINGS: [&str; 6] = [
    "domainId",
    "classificationType",
    "targetExportPlatforms",
    "useNegativeSet",
    "detectionParameters",
    "imageProcessingSettings",
];
const ITERATION: [&str; 18] = [
    "id",
    "name",
    "status",
    "created",
    "lastModified",
    "trainedAt",
    "projectId",
    "exportable",
    "exportableTo",
    "domainId",
    "classificationType",
    "trainingType",
    "reservedBudgetInHours",
    "trainingTimeInMinutes",
    "publishName",
    "originalPublishResourceId",
    "customBaseModelInfo",
    "trainingErrorDetails",
];
const EXPORT: [&str; 5] = ["platform", "status", "downloadUri", "flavor", "newerVersionAvailable"];
const TAG: [&str; 5] = ["id", "name", "description", "type", "imageCount"];
const DOMAIN: [&str; 7] = ["id", "name", "type", "exportable", "enabled", "exportablePlatforms", "modelInformation"];

/// The service's own list of domains, as recorded in 2020.
const DOMAINS: &str = include_str!("domains.json");

/// The project; `newest` gives it its picture.
pub(super) fn project(source: &dyn ImageSource, newest: Option<ImageId>, uris: &SignedUris<'_>, out: &mut Vec<u8>) {
    let mut object = object_of(source.project());
    object.entry("drModeEnabled").or_insert(json!(false));
    let picture = newest.map(|image| uris.text(image, BlobKind::Thumbnail));
    object.insert("thumbnailUri".to_owned(), json!(picture));
    // The settings have an order of their own, so the object is written in two parts around them.
    let settings = match object.get("settings") {
        Some(Value::Object(settings)) => settings.clone(),
        _ => Map::new(),
    };
    let mut text = Vec::new();
    write_ordered(&settings, &SETTINGS, &mut text);
    write_with(&object, &PROJECT, ("settings", &text), out);
}

pub(super) fn iteration(iteration: &Iteration, project: ProjectId, out: &mut Vec<u8>) {
    let mut object = object_of(iteration);
    object.entry("projectId").or_insert(json!(project));
    write_ordered(&object, &ITERATION, out);
}

/// An export, with the signed address of its model file.
pub(super) fn export(export: &ServedExport, uris: &SignedUris<'_>, out: &mut Vec<u8>) {
    let mut object = object_of(&export.facts);
    let uri = export.model.as_ref().map(|model| uris.model(model));
    object.insert("downloadUri".to_owned(), json!(uri));
    object.entry("newerVersionAvailable").or_insert(json!(false));
    write_ordered(&object, &EXPORT, out);
}

pub(super) fn tag(tag: &Tag, out: &mut Vec<u8>) {
    write_ordered(&object_of(tag), &TAG, out);
}

pub(super) fn domain(domain: &Domain, out: &mut Vec<u8>) {
    let mut object = object_of(domain);
    object.entry("enabled").or_insert(json!(true));
    object.entry("exportable").or_insert(json!(false));
    object.entry("exportablePlatforms").or_insert(json!([]));
    write_ordered(&object, &DOMAIN, out);
}

/// Every domain with its text: the service's list, then those of the project that it lacks.
pub(super) fn domains(extra: &[Domain]) -> Vec<(String, Box<str>)> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    let known: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(DOMAINS).unwrap_or_default();
    let mut all = Vec::with_capacity(known.len() + extra.len());
    for text in known {
        if let Ok(Id { id }) = serde_json::from_str(text.get()) {
            all.push((id, text.get().into()));
        }
    }
    for one in extra {
        let id = one.id.to_string();
        if all.iter().all(|(known, _)| *known != id) {
            let mut text = Vec::new();
            domain(one, &mut text);
            all.push((id, String::from_utf8_lossy(&text).into()));
        }
    }
    all
}

pub(super) fn list<T>(items: impl IntoIterator<Item = T>, mut write: impl FnMut(T, &mut Vec<u8>)) -> Vec<u8> {
    let mut out = vec![b'['];
    for item in items {
        if out.len() > 1 {
            out.push(b',');
        }
        write(item, &mut out);
    }
    out.push(b']');
    out
}

fn object_of(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn write_ordered(object: &Map<String, Value>, keys: &[&str], out: &mut Vec<u8>) {
    write_with(object, keys, ("", b""), out);
}

/// The object with `keys` first, each there even when it is null, then what else it has; one value is given as text.
fn write_with(object: &Map<String, Value>, keys: &[&str], (ready_key, ready): (&str, &[u8]), out: &mut Vec<u8>) {
    let others = object.keys().map(String::as_str).filter(|key| !keys.contains(key));
    for (index, key) in keys.iter().copied().chain(others).enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        // Writing to a Vec cannot fail.
        let _ = serde_json::to_writer(&mut *out, key);
        out.push(b':');
        match object.get(key) {
            _ if key == ready_key => out.extend_from_slice(ready),
            Some(value) => {
                let _ = serde_json::to_writer(&mut *out, value);
            }
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}
