//! Puts the address of the pictures into the Azure ML lists of an export that is there already.
//!
//! Each list is written again next to the old one and renamed over it, then the manifest gets the new hashes. A run that
//! was interrupted is simply done again: lists that have the new address already are left as they are.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure::{self, OrFailure as _, OrIoFailure as _};
use app::{Failure, FailureKind};
use formats::{SplitPart, azureml};
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
    let text = std::fs::read(&manifest_path).or_read_failure(&manifest_path)?;
    let mut manifest: serde_json::Value = serde_json::from_slice(&text)
        .ok()
        .filter(|manifest: &serde_json::Value| manifest["format"] == "tagscope-export")
        .ok_or_else(|| files(&manifest_path, "it is not the manifest of an export".to_owned()))?;
    let mut images = 0;
    let mut lists = 0;
    for prefix in ["", "azureml/"] {
        for part in SplitPart::ALL {
            let (place, list) = azureml::place_of(part);
            let name = format!("{prefix}{place}/{list}");
            let path = folder.join(&name);
            if manifest["files"].get(&name).is_none() || !path.is_file() {
                continue;
            }
            images += storage::rewrite(&path, |out| rewrite(&path, &url, out)).or_failure()?;
            let facts = measure(&path).or_failure()?;
            manifest["files"][&name] =
                serde_json::to_value(&facts).map_err(|error| failure::internal(error.to_string()))?;
            lists += 1;
        }
    }
    if lists == 0 {
        return Err(files(folder, "the export has no Azure ML lists".to_owned()));
    }
    manifest["options"]["azuremlUrl"] = url.into();
    storage::rewrite(&manifest_path, |out| {
        serde_json::to_writer_pretty(&mut *out, &manifest)?;
        out.write_all(b"\n")
    })
    .or_failure()?;
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
