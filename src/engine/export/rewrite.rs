//! Puts the address of the pictures into the Azure ML lists of an export that is there already.
//!
//! Each list is written anew beside the old one and renamed over it, then the manifest gets the new hashes. A run that
//! was interrupted is simply done again: lists that have the new address already are left as they are.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure;
use app::{Failure, FailureKind};
use formats::{Part, azureml};
use storage::StorageError;
use storage::staging::measure;

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    image_url: String,
    #[serde(borrow)]
    image_details: &'a RawValue,
    #[serde(borrow)]
    label: &'a RawValue,
}

/// Rewrites the lists of the export in `folder`; the number of images.
///
/// # Errors
/// When the address cannot be used, the folder is no export with Azure ML lists, or it cannot be written.
pub fn rewrite_azureml_url(folder: &Path, url: &str) -> Result<u64, Failure> {
    let files =
        |path: &Path, reason: String| Failure::bare(FailureKind::Files { path: path.display().to_string(), reason });
    let url = azureml::checked_url(url).map_err(|reason| files(Path::new("Azure ML"), reason))?;
    let manifest_path = folder.join("manifest.json");
    let of_read = |path: &Path, error| failure::of_storage(&StorageError::read(path, error));
    let text = std::fs::read(&manifest_path).map_err(|error| of_read(&manifest_path, error))?;
    let mut manifest: serde_json::Value = serde_json::from_slice(&text)
        .ok()
        .filter(|manifest: &serde_json::Value| manifest["format"] == "tagscope-export")
        .ok_or_else(|| files(&manifest_path, "it is not the manifest of an export".to_owned()))?;
    let mut images = 0;
    let mut lists = 0;
    for prefix in ["", "azureml/"] {
        for part in Part::ALL {
            let (place, list) = azureml::place_of(part);
            let name = format!("{prefix}{place}/{list}");
            let path = folder.join(&name);
            if manifest["files"].get(&name).is_none() || !path.is_file() {
                continue;
            }
            images += replaced(&path, |out| rewrite(&path, &url, out))?;
            let facts = measure(&path).map_err(|error| failure::of_storage(&error))?;
            manifest["files"][&name] =
                serde_json::to_value(&facts).map_err(|error| failure::internal(error.to_string()))?;
            lists += 1;
        }
    }
    if lists == 0 {
        return Err(files(folder, "the export has no Azure ML lists".to_owned()));
    }
    manifest["options"]["azuremlUrl"] = url.into();
    replaced(&manifest_path, |out| {
        serde_json::to_writer_pretty(&mut *out, &manifest)?;
        out.write_all(b"\n")?;
        Ok(1)
    })?;
    Ok(images)
}

fn rewrite(path: &Path, url: &str, out: &mut dyn Write) -> io::Result<u64> {
    let mut images = 0;
    for line in BufReader::with_capacity(1 << 17, File::open(path)?).split(b'\n') {
        let line = line?;
        let mut line: Line<'_> = serde_json::from_slice(&line)?;
        let name = line.image_url.rsplit('/').next().unwrap_or_default();
        line.image_url = format!("{url}{name}");
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
        images += 1;
    }
    Ok(images)
}

/// Writes a file beside another one and renames it over that once it is whole on the disk.
fn replaced(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<u64>) -> Result<u64, Failure> {
    let result = || -> io::Result<u64> {
        let parent = path.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".rewrite-").tempfile_in(parent)?;
        #[cfg(unix)]
        file.as_file().set_permissions(path.metadata()?.permissions())?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let count = write(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(count)
    };
    result().map_err(|error| failure::of_storage(&StorageError::write(path, error)))
}
