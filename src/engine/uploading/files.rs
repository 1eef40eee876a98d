//! One file into a store: created, or kept when it is there with the right content; verified by length and hash either way.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::store_failure;
use crate::failure::{OrFailure as _, OrIoFailure as _};
use crate::source::blocking;
use app::{Failure, FailureKind};
use domain::StoreTrouble;
use remote::{Entry, LargeUpload, PART, RemoteError, Store, Sums, part_length};
use storage::FileFacts;
use storage::archive::FileHash;

pub(super) struct Files {
    pub store: Store,
    pub result: PathBuf,
    /// Holds the names of large objects for this upload.
    pub mark: String,
}

/// Brings a file into the store; `known` is what was there before. Its bytes.
pub(super) async fn place(
    files: Arc<Files>,
    name: String,
    facts: FileFacts,
    known: Option<Entry>,
) -> Result<u64, Failure> {
    let path = files.result.join(&name);
    match known {
        Some(entry) if entry.bytes == facts.bytes => {
            let sums = blocking({
                let (path, length) = (path.clone(), part_length(facts.bytes));
                move || sums_of(&path, length)
            })
            .await?;
            check_local(&path, &sums, &facts)?;
            if !sums.are_of(entry.tag.as_deref()) {
                files.check_stored(&name, &facts, StoreTrouble::AlreadyThere).await?;
            }
        }
        Some(_) if facts.bytes <= PART || !files.store.is_held(&name, &files.mark).await.or_failure()? => {
            return Err(store_failure(&files.store.address().join(&name), StoreTrouble::AlreadyThere));
        }
        _ if facts.bytes <= PART => files.create(&name, path, &facts).await?,
        _ => files.create_large(&name, path, &facts).await?,
    }
    Ok(facts.bytes)
}

impl Files {
    async fn create(&self, name: &str, path: PathBuf, facts: &FileFacts) -> Result<(), Failure> {
        let read = path.clone();
        let (content, sums) = blocking(move || {
            let content = std::fs::read(&read).or_read_failure(&read)?;
            let mut sums = Sums::default();
            sums.add(&content);
            Ok((Bytes::from(content), sums))
        })
        .await?;
        check_local(&path, &sums, facts)?;
        match self.store.create(name, content).await {
            Ok(tag) if sums.are_of(tag.as_deref()) => Ok(()),
            Ok(_) => self.check_stored(name, facts, differs()).await,
            // It may be our own: an answer can be lost after the object was stored.
            Err(error) if is_there(&error) => self.check_stored(name, facts, StoreTrouble::AlreadyThere).await,
            Err(error) => Err(error).or_failure(),
        }
    }

    async fn create_large(&self, name: &str, path: PathBuf, facts: &FileFacts) -> Result<(), Failure> {
        let mut upload = match LargeUpload::begin(&self.store, name, &self.mark).await {
            Ok(upload) => upload,
            Err(error) if is_there(&error) => {
                return self.check_stored(name, facts, StoreTrouble::AlreadyThere).await;
            }
            Err(error) => return Err(error).or_failure(),
        };
        let sums = match send(&mut upload, &path, facts).await {
            Ok(sums) => sums,
            Err(failure) => {
                upload.abort().await;
                return Err(failure);
            }
        };
        let tag = upload.complete().await.or_failure()?;
        if sums.are_of(tag.as_deref()) { Ok(()) } else { self.check_stored(name, facts, differs()).await }
    }

    /// Downloads an object again and compares it; `otherwise` is the matter with one that differs.
    async fn check_stored(&self, name: &str, facts: &FileFacts, otherwise: StoreTrouble) -> Result<(), Failure> {
        let found = self.store.entry(name).await.or_failure()?;
        let is_same = match found {
            Some(entry) if entry.bytes == facts.bytes => {
                FileHash::from_sum(self.store.sha256(name, facts.bytes).await.or_failure()?) == facts.sha256
            }
            _ => false,
        };
        if is_same { Ok(()) } else { Err(store_failure(&self.store.address().join(name), otherwise)) }
    }
}

/// Sends a file part by part; its sums.
async fn send(upload: &mut LargeUpload, path: &Path, facts: &FileFacts) -> Result<Sums, Failure> {
    let length = part_length(facts.bytes);
    let path = path.to_path_buf();
    let opened = path.clone();
    let mut file = blocking(move || File::open(&opened).or_read_failure(&opened)).await?;
    let mut sums = Sums::default();
    loop {
        let read = path.clone();
        let (back, part) = blocking(move || {
            let part = next_part(&mut file, length, &read)?;
            Ok((file, part))
        })
        .await?;
        file = back;
        if part.is_empty() {
            break;
        }
        sums.add(&part);
        upload.send(part.into()).await.or_failure()?;
    }
    check_local(&path, &sums, facts)?;
    Ok(sums)
}

fn next_part(file: &mut File, length: u64, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut part = Vec::new();
    file.take(length).read_to_end(&mut part).or_read_failure(path)?;
    Ok(part)
}

fn sums_of(path: &Path, length: u64) -> Result<Sums, Failure> {
    let mut file = File::open(path).or_read_failure(path)?;
    let mut sums = Sums::default();
    loop {
        let part = next_part(&mut file, length, path)?;
        // An empty file is one empty part.
        if part.is_empty() && !sums.is_empty() {
            return Ok(sums);
        }
        sums.add(&part);
        if part.is_empty() {
            return Ok(sums);
        }
    }
}

/// The files were read back when they were built; what has changed since is not uploaded.
fn check_local(path: &Path, sums: &Sums, facts: &FileFacts) -> Result<(), Failure> {
    if FileHash::from_sum(sums.sha256()) == facts.sha256 {
        return Ok(());
    }
    let (path, reason) = (path.display().to_string(), storage::archive::OTHER_CONTENT.to_owned());
    Err(Failure::bare(FailureKind::BrokenFile { path, reason }))
}

fn differs() -> StoreTrouble {
    StoreTrouble::Differs { reason: "its length or SHA-256 is another".to_owned() }
}

fn is_there(error: &RemoteError) -> bool {
    error.trouble() == Some(&StoreTrouble::AlreadyThere)
}
