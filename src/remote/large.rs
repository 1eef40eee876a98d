//! Objects too large for one request: their parts are sent one after the other and put together at the end.
//!
//! No store lets all of its kinds finish such an upload only if the name is still free, so the name is taken first, with an
//! empty object that is created only if there is none and carries the mark of this upload. The finished object replaces that
//! one, which is ours, and nothing else.

use bytes::Bytes;
use object_store::MultipartId;
use object_store::multipart::PartId;
use object_store::path::Path;

use super::error::RemoteError;
use super::objects::{Store, bare_tag};
use domain::{ObjectAddress, StoreTrouble};

/// An object that is being uploaded in parts.
pub struct LargeUpload {
    store: Store,
    place: ObjectAddress,
    path: Path,
    id: MultipartId,
    parts: Vec<PartId>,
}

impl std::fmt::Debug for LargeUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LargeUpload({})", self.place)
    }
}

impl LargeUpload {
    /// Takes the name, or goes on holding it if an earlier run with the same `mark` has.
    ///
    /// # Errors
    /// [`StoreTrouble::AlreadyThere`] when there is another object of this name.
    pub async fn begin(store: &Store, name: &str, mark: &str) -> Result<Self, RemoteError> {
        if let Err(error) = store.create_marked(name, mark).await {
            let is_taken = error.trouble() == Some(&StoreTrouble::AlreadyThere);
            if !is_taken || !store.is_held(name, mark).await? {
                return Err(error);
            }
        }
        let (place, path) = store.object(name)?;
        let id = store.attempt(&place, || store.objects.create_multipart(&path)).await?;
        Ok(Self { store: store.clone(), place, path, id, parts: Vec::new() })
    }

    /// Sends the next part: all of the same length but the last, none below 5 MiB but the last.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn send(&mut self, part: Bytes) -> Result<(), RemoteError> {
        let Self { store, place, path, id, parts } = self;
        let number = parts.len();
        let sent = store.attempt(place, || store.objects.put_part(path, id, number, part.clone().into())).await?;
        parts.push(sent);
        Ok(())
    }

    /// Puts the parts together. What the store calls the object then.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn complete(self) -> Result<Option<String>, RemoteError> {
        let Self { store, place, path, id, parts } = &self;
        let made = store.attempt(place, || store.objects.complete_multipart(path, id, parts.clone())).await?;
        Ok(bare_tag(made.e_tag))
    }

    /// Throws the parts away. A store that cannot be reached keeps them until its own rule removes them.
    pub async fn abort(self) {
        let _ = self.store.objects.abort_multipart(&self.path, &self.id).await;
    }
}
