//! Where an export gets its pictures from.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;

use crate::app::{Failure, FailureKind};
use crate::domain::{BlobKind, ImageRow};
use crate::engine::failure;
use crate::storage::Archive;

/// A source of pictures. It retries by itself: what it reports as failed is failed.
pub trait Fetch: Send + Sync {
    /// The bytes of a picture as they are kept there.
    fn fetch(&self, row: &ImageRow, kind: BlobKind) -> impl Future<Output = Result<Bytes, Failure>> + Send;
}

/// The pictures of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveFetch(pub Arc<Archive>);

impl Fetch for ArchiveFetch {
    async fn fetch(&self, row: &ImageRow, kind: BlobKind) -> Result<Bytes, Failure> {
        let (archive, id) = (Arc::clone(&self.0), row.id);
        let read = move || {
            let Some(facts) = archive.original_facts(id) else {
                return Err(Failure::bare(FailureKind::MissingPicture));
            };
            let bytes = archive.read_blob(id, kind).map_err(|error| failure::of_archived_picture(&error))?;
            if bytes.len() as u64 != facts.bytes {
                let path = archive.blob_path(id, kind).unwrap_or_default().display().to_string();
                let reason = format!("it has {} bytes, the manifest says {}", bytes.len(), facts.bytes);
                return Err(Failure::bare(FailureKind::BrokenFile { path, reason }));
            }
            Ok(Bytes::from(bytes))
        };
        super::blocking(read).await
    }
}
