//! Several files or folders as one dataset: label files of one folder are read together, each other one by itself.

use std::path::{Path, PathBuf};

use super::recognize::{OpenKind, open_folder};
use super::{DatasetFormat, DatasetPlace, Found, not_of};
use app::{Failure, FailureKind};
use formats::dataset::{Dataset, DatasetBuilder};
use formats::layout::{Recognized, Role, role_of};

/// The datasets at several paths, in the given format or the recognized one: each folder is one, and so are the files of each
/// folder together.
///
/// # Errors
/// When one of them is nothing that can be imported, or they are of different formats.
pub fn places_of(
    format: Option<DatasetFormat>,
    paths: &[PathBuf],
    images: Option<&Path>,
) -> Result<Vec<DatasetPlace>, Failure> {
    let mut places: Vec<DatasetPlace> = Vec::new();
    for path in paths {
        let (found, at) = match format {
            Some(format) => (format, path.clone()),
            None => shown(path)?,
        };
        if let Some(first) = places.first().filter(|first| first.format != found) {
            let reason = format!(
                "{} is {} and {} is {}: import each of them by itself.",
                first.path.display(),
                first.format.label(),
                path.display(),
                found.label()
            );
            return Err(not_of(path, reason));
        }
        if places.iter().any(|place| place.path == at || place.others.contains(&at)) {
            return Err(not_of(path, "It was named twice."));
        }
        let is_beside = |place: &&mut DatasetPlace| {
            found != DatasetFormat::Yolo && place.path.is_file() && at.is_file() && folder(&place.path) == folder(&at)
        };
        match places.iter_mut().find(is_beside) {
            Some(place) => place.others.push(at),
            None => places.push(DatasetPlace {
                format: found,
                path: at,
                others: Vec::new(),
                images: images.map(Path::to_path_buf),
            }),
        }
    }
    let is_several = places.len() > 1 || places.iter().any(|place| !place.others.is_empty());
    match places.first() {
        Some(first) if is_several && first.format == DatasetFormat::Jsonl => {
            Err(not_of(&first.path, "Lists of the service's own rows are imported one at a time."))
        }
        _ => Ok(places),
    }
}

/// The format that a path shows, and the file or folder that has it.
fn shown(path: &Path) -> Result<(DatasetFormat, PathBuf), Failure> {
    match open_folder(path)? {
        OpenKind::Dataset(format, path) => Ok((format, path)),
        OpenKind::Archive(_) => {
            let reason = format!("{} is an archive already.", path.display());
            let advice = "Give it to --source, or open it in the window.".to_owned();
            Err(Failure::bare(FailureKind::Conflict { reason, advice }))
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    let whole = storage::resolve(path).unwrap_or_else(|_| path.to_path_buf());
    whole.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Several datasets as one. Names of pictures begin with that of the folder that they came from, where there are several.
pub(super) fn joined(places: &[DatasetPlace], mut parts: Vec<(Recognized, Found)>) -> Option<(Recognized, Found)> {
    if parts.len() <= 1 {
        return parts.pop();
    }
    let mut names: Vec<String> = Vec::new();
    for place in places {
        let at = if place.path.is_dir() { place.path.clone() } else { folder(&place.path) };
        let name = at.file_name().map_or_else(|| "dataset".into(), |name| name.to_string_lossy().into_owned());
        let count = names.iter().filter(|known| **known == name || known.starts_with(&format!("{name}-"))).count();
        names.push(if count == 0 { name } else { format!("{name}-{}", count + 1) });
    }
    let mut builder = DatasetBuilder::default();
    let mut parts = parts.into_iter().zip(names);
    let ((mut recognized, first), name) = parts.next()?;
    let Found { dataset, mut places, mut looked, mut title, mut identity, beside } = first;
    builder.add(named(dataset, &name), &name, part(&name));
    for ((other, found), name) in parts {
        recognized.signs.extend(other.signs);
        recognized.labels.extend(other.labels);
        recognized.certainty = recognized.certainty.min(other.certainty);
        builder.add(named(found.dataset, &name), &name, part(&name));
        places.extend(found.places);
        looked = format!("{looked}, {}", found.looked);
        title = format!("{title}, {}", found.title);
        identity = format!("{identity}\n{}", found.identity);
    }
    recognized.root.clear();
    Some((recognized, Found { dataset: builder.finish(), places, looked, title, identity, beside }))
}

/// The part of a dataset that a folder is called by.
fn part(folder: &str) -> Option<&'static str> {
    match role_of(folder) {
        Some(Role::Part(part)) => Some(part),
        _ => None,
    }
}

/// A dataset whose pictures are called by their folder as well.
fn named(mut dataset: Dataset, folder: &str) -> Dataset {
    for image in &mut dataset.images {
        image.file_name = format!("{folder}/{}", image.file_name);
    }
    dataset
}
