//! Classification: a folder a class, in `train`, `val` and `test` or without these.

use std::collections::BTreeMap;

use super::super::manifest::Beside;
use super::super::pictures::Pictures;
use super::super::recognize::Chosen;
use super::super::walk::{Passed, files_below};
use super::super::{DatasetPlace, Found, Reading, identity, title};
use super::name_parts;
use app::Failure;
use domain::ProjectKind;
use formats::dataset::{Categories, Dataset, DatasetImage, image_of_file};
use formats::layout::{Role, is_picture, role_of};

pub(in crate::import) fn find(place: &DatasetPlace, chosen: &Chosen, reading: &Reading<'_>) -> Result<Found, Failure> {
    let base = chosen.root.join(&chosen.found.root);
    let mut dataset = Dataset { kind: Some(ProjectKind::Multiclass), ..Dataset::default() };
    let mut known = Categories::default();
    for (folder, part) in parts(chosen) {
        let (files, passed) = files_below(&base, &folder)?;
        for Passed { name, reason } in passed {
            dataset.report(name, true, format!("{reason}; it was not searched"));
        }
        let total = files.len();
        for (done, name) in files.into_iter().enumerate().filter(|(_, name)| is_picture(name)) {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            dataset.counts_in.0 += 1;
            let below = name.strip_prefix(&folder).unwrap_or(&name).trim_start_matches('/');
            let Some((class, _)) = below.split_once('/') else {
                dataset.report(name, true, "it is not in a class folder");
                continue;
            };
            let class = class.to_owned();
            known.index(&mut dataset.categories, &class);
            let mut image = DatasetImage { tags: vec![class], ..image_of_file(name) };
            image.metadata.extend(part.map(|part| ("split".to_owned(), part.to_owned())));
            dataset.images.push(image);
        }
    }
    for (folder, count) in outside(chosen) {
        let reason =
            format!("the pictures in this folder are in no class folder, so they are not in the archive: {count}");
        dataset.report(folder, true, reason);
    }
    dataset.categories.sort();
    name_parts(&mut dataset);
    let identity = identity(&dataset);
    let beside = dataset.images.first().map(|image| Beside::for_file(&base.join(&image.file_name))).unwrap_or_default();
    let pictures = Pictures::given(place.images.as_deref().unwrap_or(&base));
    let places = pictures.find_all(&mut dataset, &[], &[]);
    Ok(Found { dataset, places, looked: pictures.words(), title: title(&base), identity, beside })
}

/// Folders with pictures that were not looked into, next to the parts or outside the dataset, and how many each has.
fn outside(chosen: &Chosen) -> BTreeMap<String, u64> {
    let join = |folder: &str| match (chosen.found.root.as_str(), folder) {
        (root, "") => root.to_owned(),
        ("", folder) => folder.to_owned(),
        (root, folder) => format!("{root}/{folder}"),
    };
    let read: Vec<String> = parts(chosen).iter().map(|(folder, _)| join(folder)).collect();
    let is_read = |name: &str| {
        let is_below = |folder: &String| name.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        read.iter().any(|folder| folder.is_empty() || is_below(folder))
    };
    let mut folders = BTreeMap::new();
    for name in chosen.tree.below("").filter(|name| is_picture(name) && !is_read(name)) {
        let folder = name.rsplit_once('/').map_or(".", |(folder, _)| folder);
        *folders.entry(folder.to_owned()).or_default() += 1;
    }
    folders
}

/// The folders that hold those of the classes, relative to the dataset's, and their parts.
fn parts(chosen: &Chosen) -> Vec<(String, Option<&'static str>)> {
    let root = chosen.found.root.as_str();
    let relative = |folder: &str| folder.strip_prefix(root).unwrap_or(folder).trim_start_matches('/').to_owned();
    let folders = chosen.tree.folders(root);
    let parts: Vec<_> = folders
        .into_iter()
        .filter_map(|folder| match role_of(folder) {
            Some(Role::Part(part)) => Some((relative(folder), Some(part))),
            _ => None,
        })
        .collect();
    if parts.is_empty() { vec![(String::new(), None)] } else { parts }
}
