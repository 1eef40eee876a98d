//! Objects too large for one request: their parts are sent one after the other and put together at the end.
//!
//! No store lets all of its kinds finish such an upload only if the name is still free, so the name is taken first, with an
//! empty object that is created only if there is none and carries the mark of this upload. The finished object replaces that
//! one, which is ours, and nothing else. They are read in pieces of a bounded size, several requested at once.
//!
//! Checksums are SHA-256, which manifests have, and what stores call an object that was uploaded in one request (its MD5) or
//! in parts (the MD5 of the MD5s of its parts, and their number).

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use md5::Md5;
use object_store::MultipartId;
use object_store::multipart::PartId;
use object_store::path::Path;
use sha2::{Digest as _, Sha256};

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
    /// Takes the name, or keeps it if an earlier run with the same `mark` has.
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

/// The longest object that is sent in one request, and the usual length of a part.
pub const PART: u64 = 16 << 20;
/// Stores take 10,000 parts at most.
const MOST_PARTS: u64 = 9_000;

/// How long the parts of an object of so many bytes are.
pub fn part_length(bytes: u64) -> u64 {
    PART.max(bytes.div_ceil(MOST_PARTS).next_multiple_of(1 << 20))
}

/// The sums of content that comes part by part.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    sha256: Sha256,
    md5: Md5,
    of_parts: Md5,
    parts: u64,
}

impl Sums {
    /// Takes the next part, as it is sent.
    pub fn add(&mut self, part: &[u8]) {
        self.sha256.update(part);
        self.md5.update(part);
        self.of_parts.update(Md5::digest(part));
        self.parts += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.parts == 0
    }

    pub fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    /// Whether what a store calls an object says that its content is this. `false` says nothing: stores are free to call
    /// objects otherwise.
    pub fn are_of(&self, tag: Option<&str>) -> bool {
        let Some(tag) = tag.map(str::to_ascii_lowercase) else { return false };
        tag == hex(&self.md5.clone().finalize())
            || tag == format!("{}-{}", hex(&self.of_parts.clone().finalize()), self.parts)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// The SHA-256 of an object of so many bytes, downloaded part by part.
    ///
    /// # Errors
    /// When it is not there, is shorter, or the store cannot be asked.
    pub async fn sha256(&self, name: &str, bytes: u64) -> Result<[u8; 32], RemoteError> {
        let mut sums = Sums::default();
        let mut from = 0;
        while from < bytes {
            let to = bytes.min(from + PART);
            sums.add(&self.read(name, from..to, None).await?);
            from = to;
        }
        Ok(sums.sha256())
    }
}

/// Bytes that one request asks for at most.
pub const PIECE: u64 = 4 << 20;
/// Pieces of an object under way at once.
const AT_ONCE: usize = 4;

impl Store {
    /// An object of so many bytes, piece after piece in their order. With `tag`, only of that state of it. A piece that cannot
    /// be had is the last.
    pub fn pieces<'a>(
        &'a self,
        name: &'a str,
        bytes: u64,
        tag: Option<&'a str>,
    ) -> impl Stream<Item = Result<Bytes, RemoteError>> + Send + 'a {
        let count = bytes.div_ceil(PIECE);
        let ranges = (0..count).map(move |at| at * PIECE..(at * PIECE + PIECE).min(bytes));
        stream::iter(ranges).map(move |range| self.read(name, range, tag)).buffered(AT_ONCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_other_programs() {
        let mut sums = Sums::default();
        sums.add(b"abc");
        assert_eq!(hex(&sums.sha256()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        // md5sum, and `printf abc | openssl md5 -binary | md5sum` for one part.
        assert!(sums.are_of(Some("900150983CD24FB0D6963F7D28E17F72")));
        assert!(sums.are_of(Some("af5da9f45af7a300e3aded972f8ff687-1")));
        assert!(!sums.are_of(Some("0x8DD")) && !sums.are_of(None));
        assert_eq!(part_length(1), 16 << 20);
        assert!(part_length(1 << 40) * 10_000 > 1 << 40);
    }
}
