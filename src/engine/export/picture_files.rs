//! The picture files of an export: names that every system takes, with the image's id in them, so no two are the same whatever the
//! case; and what an interrupted run has left whole. Labels are always written again.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::failure::OrFailureAt as _;
use app::{ExportJob, Failure};
use domain::{ImageId, ImageRow};
use formats::dataset::id_in_stem;
use formats::names::safe;
use storage::staging::measure;
use storage::{FileFacts, Purpose, Staging, StorageError};

/// The name of an image's file without folder and extension: what the metadata calls `name`, made safe, then the id.
pub(super) fn stem(row: &ImageRow) -> String {
    let named = row.metadata.iter().find(|(key, _)| key == "name").map_or("", |(_, name)| name.as_str());
    let readable = safe(without_extension(named));
    let id = row.id;
    if readable.is_empty() { id.to_string() } else { format!("{readable}_{id}") }
}

/// The type of picture that the name in an image's metadata speaks of, when it is one that is known.
pub(super) fn extension<'a>(mut metadata: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'static str> {
    let (_, name) = metadata.find(|(key, _)| *key == "name")?;
    let (_, extension) = name.rsplit_once('.')?;
    const KNOWN: [(&str, &str); 12] = [
        ("jpg", "jpg"),
        ("jpeg", "jpg"),
        ("png", "png"),
        ("gif", "gif"),
        ("bmp", "bmp"),
        ("tif", "tif"),
        ("tiff", "tif"),
        ("webp", "webp"),
        ("heic", "heic"),
        ("heif", "heic"),
        ("avif", "avif"),
        ("jp2", "jp2"),
    ];
    KNOWN.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known)).map(|(_, extension)| *extension)
}

/// Cuts an extension of at most four letters or digits.
fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=4).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            stem
        }
        _ => name,
    }
}

/// The pictures by image.
#[derive(Debug, Default)]
pub(super) struct KeptPictures(FxHashMap<ImageId, (String, FileFacts)>);

/// Begins the hidden folder of an export, or continues with the one that is there. What this export does not want is removed.
pub(super) fn begin(job: &ExportJob, purpose: &Purpose, out: &Path) -> Result<(Staging, KeptPictures), Failure> {
    let (staging, kept) = Staging::lasting(out, purpose, job.is_resumed, false).or_failure_at(out)?;
    let wanted: FxHashSet<ImageId> =
        job.images.iter().filter_map(|&ix| job.catalogue.get(ix)).map(|image| image.id()).collect();
    let mut pictures = FxHashMap::default();
    for (name, facts) in kept {
        let stem = name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(stem, _)| stem);
        match stem.and_then(id_in_stem).filter(|(_, id)| wanted.contains(id)) {
            Some((_, id)) => {
                pictures.insert(id, (name, facts));
            }
            None => staging.remove(&name).or_failure_at(out)?,
        }
    }
    Ok((staging, KeptPictures(pictures)))
}

impl KeptPictures {
    /// Name, facts and bytes of an image's picture, when it is whole and under its current name; else what is there is removed.
    pub(super) fn take(
        &self,
        staging: &Staging,
        row: &ImageRow,
    ) -> Result<Option<(String, FileFacts, Vec<u8>)>, StorageError> {
        let Some((name, facts)) = self.0.get(&row.id) else { return Ok(None) };
        let path = staging.path().join(name);
        let is_its_name = name.rsplit_once('.').is_some_and(|(file, _)| file == format!("images/{}", stem(row)));
        if is_its_name && StorageError::if_readable(measure(&path))?.is_some_and(|found| found == *facts) {
            let bytes = std::fs::read(&path).map_err(|error| StorageError::read(&path, error))?;
            return Ok(Some((name.clone(), facts.clone(), bytes)));
        }
        staging.remove(name)?;
        Ok(None)
    }

    /// Whether there may be one.
    pub(super) fn has(&self, image: ImageId) -> bool {
        self.0.contains_key(&image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_takes_the_name() {
        let cases = [
            ("fork_1.jpg", "fork_1"),
            ("fork/fork_1.jpg", "fork_fork_1"),
            ("a.b c.PNG", "a.b c"),
            ("COM1.x.jpg", "_COM1.x"),
            ("猫🙂.webp", "猫🙂"),
            ("x\u{202e}gpj.exe", "x_gpj"),
            (" . ", ""),
            ("version 1.final version", "version 1.final version"),
        ];
        for (name, expected) in cases {
            assert_eq!(safe(without_extension(name)), expected, "{name}");
        }
    }
}
