//! An export: its files, and the lists of labels read again for their counts.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{Verified, VerifyReport, broken, files};
use crate::app::Failure;
use crate::engine::export::ProgressSink;
use crate::storage::FileFacts;

/// What is checked of an export's manifest.
#[derive(Deserialize)]
struct Manifest {
    files: BTreeMap<String, FileFacts>,
    #[serde(default)]
    labels: Vec<Labels>,
}

/// A file of labels and what it held.
#[derive(Deserialize)]
struct Labels {
    images: u64,
    regions: u64,
}

pub(super) fn verify(
    folder: &Path,
    manifest: &[u8],
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<VerifyReport, Failure> {
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(|error| broken(folder, &error))?;
    let mut report = VerifyReport::new(folder, Verified::Export);
    let expected = manifest.files.iter().map(|(name, facts)| (name.as_str(), facts)).collect();
    files::check(folder, &expected, &mut report, progress, cancel)?;
    report.images = manifest.labels.iter().map(|labels| labels.images).max().unwrap_or(0);
    report.regions = manifest.labels.iter().map(|labels| labels.regions).max().unwrap_or(0);
    Ok(report)
}
