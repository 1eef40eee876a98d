//! The class order of an earlier export, from its manifest.

use std::path::Path;

use serde::Deserialize;

use crate::failure::OrIoFailure as _;
use app::{Failure, FailureKind};
use formats::Class;

#[derive(Deserialize)]
struct Head {
    format: String,
    classes: Vec<Class>,
}

/// The classes of the export in `folder`, in their order.
///
/// # Errors
/// When it is no export of Tagscope, or its manifest is damaged.
pub fn read_classes(folder: &Path) -> Result<Vec<Class>, Failure> {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path).or_read_failure(&path)?;
    let broken = |reason: String| Failure::bare(FailureKind::BrokenFile { path: path.display().to_string(), reason });
    let head: Head = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    if head.format != "tagscope-export" {
        return Err(broken(format!("it is the manifest of {:?}, not of an export", head.format)));
    }
    if (1..).zip(&head.classes).any(|(id, class)| class.id != id) {
        return Err(broken("its classes are not numbered from 1 without gaps".to_owned()));
    }
    Ok(head.classes)
}
