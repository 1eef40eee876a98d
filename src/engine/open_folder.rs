//! Opens what a person chose: an archive as it is, a dataset by making an archive of it in the cache first. The same
//! dataset, unchanged, is not imported twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::failure;
use super::import::{self, OpenKind};
use super::source::blocking;
use crate::app::{Failure, FailureKind};
use crate::storage::{Archive, private};

/// Opens an archive or a dataset. What is imported goes below `imports`.
pub(super) async fn open(path: PathBuf, imports: PathBuf, cancel: CancellationToken) -> Result<Archive, Failure> {
    blocking(move || match import::open_folder(&path)? {
        OpenKind::Archive(folder) => opened(&folder),
        OpenKind::Coco(file) => imported(&file, &imports, &cancel),
    })
    .await
}

fn opened(folder: &Path) -> Result<Archive, Failure> {
    Archive::open(folder).map_err(|error| failure::of_storage(&error))
}

fn imported(file: &Path, imports: &Path, cancel: &CancellationToken) -> Result<Archive, Failure> {
    let of_io = |error: std::io::Error| {
        let path = file.display().to_string();
        Failure::bare(FailureKind::Files { path, reason: error.to_string() })
    };
    let facts = file.metadata().map_err(of_io)?;
    let changed = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let place = file.canonicalize().map_err(of_io)?;
    // One name for the place, one for the state it is in.
    let place = Uuid::new_v5(&Uuid::NAMESPACE_URL, place.as_os_str().as_encoded_bytes()).simple().to_string();
    let target = imports.join(format!("{place}-{:x}-{:x}", changed.as_nanos(), facts.len()));
    if target.is_dir() {
        if let Ok(archive) = opened(&target) {
            return Ok(archive);
        }
        let _ = std::fs::remove_dir_all(&target);
    }
    forget_earlier(imports, &place);
    private::create_private_dir(imports).map_err(|error| failure::of_storage(&error))?;
    let report = import::import_coco(file, None, &target, &(Arc::new(|_| {}) as _), cancel)?;
    // An archive is the person's own file with ordinary rights; this one is a cache.
    private::tighten_all(&report.folder);
    opened(&report.folder)
}

/// Earlier states of the same dataset are of no more use.
fn forget_earlier(imports: &Path, place: &str) {
    for entry in std::fs::read_dir(imports).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(place) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
