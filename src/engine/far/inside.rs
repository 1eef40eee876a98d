//! Whether a place in a store is inside an archive or an export: more objects there would make that differ from its manifest.

use crate::failure::ToFailure as _;
use app::{Failure, FailureKind};
use remote::{RemoteError, Store};
use storage::OUTSIDE;
use storage::archive::{EXPORT_FORMAT, FORMAT, MANIFEST_FILE};

/// A manifest says at its beginning whose it is.
const HEAD_BYTES: u64 = 4096;

/// Refuses a place inside an archive or an export. What may not be read there is passed over.
///
/// # Errors
/// When it is in one, or the store cannot be reached.
pub(crate) async fn refuse_inside(store: &Store) -> Result<(), Failure> {
    for outer in store.address().ancestors() {
        let what = match format_of(&store.at(outer.clone())).await {
            Ok(Some(FORMAT)) => "the archive",
            Ok(Some(EXPORT_FORMAT)) => "the export",
            Err(error @ RemoteError::Network { .. }) => return Err(error.to_failure()),
            // Credentials may be good for the place itself alone.
            Ok(_) | Err(RemoteError::Store { .. }) => continue,
        };
        let reason = format!("{} is inside {what} {outer}.", store.address());
        return Err(Failure::bare(FailureKind::Conflict { reason, advice: OUTSIDE.to_owned() }));
    }
    Ok(())
}

/// What the manifest of a place calls itself, if it is one of Tagscope's.
async fn format_of(store: &Store) -> Result<Option<&'static str>, RemoteError> {
    let Some(entry) = store.entry(MANIFEST_FILE).await? else { return Ok(None) };
    let head = store.read(MANIFEST_FILE, 0..entry.bytes.min(HEAD_BYTES), None).await?;
    let head = String::from_utf8_lossy(&head);
    let Some((_, named)) = head.split_once("\"format\"") else { return Ok(None) };
    let named = named.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    Ok([FORMAT, EXPORT_FORMAT].into_iter().find(|format| named.starts_with(&format!("\"{format}\""))))
}
