//! Opens what the user chose: an archive as it is, a dataset by making an archive of it in the cache first. The same
//! dataset, unchanged, is not imported twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::import::{self, DatasetFormat, DatasetPlace, OpenKind};
use super::source::blocking;
use crate::failure::OrFailure as _;
use app::{Failure, FailureKind};
use storage::{Archive, paths};

/// Opens an archive or a dataset. What is imported goes below `imports`.
pub(super) async fn open(path: PathBuf, imports: PathBuf, cancel: CancellationToken) -> Result<Archive, Failure> {
    blocking(move || match import::open_folder(&path)? {
        OpenKind::Archive(folder) => opened(&folder),
        OpenKind::Dataset(format, place) => imported(format, &place, &imports, &cancel),
    })
    .await
}

fn opened(folder: &Path) -> Result<Archive, Failure> {
    Archive::open(folder).or_failure()
}

fn imported(
    format: DatasetFormat,
    path: &Path,
    imports: &Path,
    cancel: &CancellationToken,
) -> Result<Archive, Failure> {
    let of_io = |error: std::io::Error| {
        let path = path.display().to_string();
        Failure::bare(FailureKind::Files { path, reason: error.to_string() })
    };
    let whole = storage::resolve(path).map_err(of_io)?;
    // The labels of YOLO are files beside `data.yaml`.
    let is_many_files = format == DatasetFormat::Yolo;
    let of_state = whole.parent().filter(|_| is_many_files && whole.is_file()).unwrap_or(&whole);
    let state = import::state_of(of_state)?;
    // One name for the place, one for the state it is in.
    let place = Uuid::new_v5(&Uuid::NAMESPACE_URL, whole.as_os_str().as_encoded_bytes()).simple().to_string();
    let target = imports.join(format!("{place}-{state}"));
    if target.is_dir() {
        // One that was damaged in the cache is made again.
        if let Ok(archive) = opened(&target)
            && archive.mismatches().is_ok_and(|doubts| doubts.is_empty())
        {
            return Ok(archive);
        }
        let _ = std::fs::remove_dir_all(&target);
    }
    forget_earlier(imports, &place);
    paths::create_private_dir(imports).or_failure()?;
    let dataset = DatasetPlace { format, path: path.to_path_buf(), others: Vec::new(), images: None };
    let report = import::import(&dataset, &target, &(Arc::new(|_| {}) as _), cancel)?;
    // An archive is the person's own file with ordinary rights; this one is a cache.
    paths::tighten_all(&report.folder);
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
