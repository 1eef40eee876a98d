//! Opens an archive in an object store in place. Its manifest and the lists that are read are kept in a mirror in the cache
//! and pictures in the disk cache, so that what was seen once is there without a network. The store is only read.

mod error;
mod files;
mod inside;
mod measuring;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::TryStreamExt as _;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::failure::{self, OrFailure as _, ToFailure as _};
use app::{Failure, FailureKind};
use domain::{ObjectAddress, ProjectId, StoreTrouble, Timestamp};
use files::{OwnRuntime, Shared};
use remote::{Entry, RemoteError, Store, StoreOptions};
use storage::archive::{EXPORT_FORMAT, FORMAT, MANIFEST_FILE, MANIFEST_LIMIT, OTHER_CONTENT};
use storage::staging::facts_of;
use storage::{Archive, BlobCache, Known, Mirror, Mirrors, read_manifest};

pub(crate) use error::FarError;
pub use files::FarProgress;
pub(crate) use files::StoreFiles;
pub(crate) use inside::refuse_inside;
pub(crate) use measuring::Measured;

/// How archives in stores are opened: who asks, and what is kept where.
#[derive(Clone)]
pub struct FarAccess {
    pub mirrors: Mirrors,
    pub blobs: Option<BlobCache>,
    pub store: StoreOptions,
    pub progress: Option<FarProgress>,
    /// Whether it fails when the store cannot be reached, whatever is kept.
    pub must_reach: bool,
}

impl std::fmt::Debug for FarAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FarAccess").field("mirrors", &self.mirrors).finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub struct FarArchive {
    pub archive: Archive,
    /// What to tell the person: that the store cannot be reached, and what is shown instead.
    pub notice: Option<String>,
    pub(crate) files: Arc<StoreFiles>,
    pub(crate) known: Known,
}

/// Opens the archive at an address. Blocks; not to be called on a thread that serves the network.
///
/// # Errors
/// When there is no archive, it is a newer one, it cannot be reached and was never seen, or a list of it is damaged.
pub fn open(address: &ObjectAddress, access: &FarAccess, cancel: &CancellationToken) -> Result<FarArchive, Failure> {
    let runtime = OwnRuntime::start().map_err(|error| failure::internal(error.to_string()))?;
    let found = runtime.until(cancel, found(address.clone(), access.clone())).ok_or_else(failure::canceled)??;
    let Found { store, mirror, known, notice } = found;
    let scope = ProjectId(Uuid::new_v5(&identity(address, access), known.sha256.as_bytes()));
    let root = mirror.root().to_path_buf();
    let shared = Shared::new(store, Some(mirror), access.blobs.clone(), scope, access.progress.clone(), cancel.clone());
    let files = Arc::new(StoreFiles::new(shared, runtime));
    let archive = match Archive::open_far(&root, Arc::clone(&files) as _) {
        Ok(archive) => whole(archive, &root, &files)?,
        Err(error) => return Err(with_address(error.to_failure(), &root, address)),
    };
    if notice.is_none()
        && let Err(error) = access.mirrors.note(identity(address, access), &known)
    {
        tracing::warn!(%error, "the next opening of this archive downloads its lists again");
    }
    Ok(FarArchive { archive, notice, files, known })
}

/// An export in a store that is to be read again. Nothing of it is kept here.
pub(crate) struct FarExport {
    pub files: StoreFiles,
    pub manifest: Vec<u8>,
}

/// The export at an address. Blocks. `None`: what is there is none, and [`open`] says best what it is.
pub(crate) fn export_at(
    address: &ObjectAddress,
    access: &FarAccess,
    cancel: &CancellationToken,
) -> Result<Option<FarExport>, Failure> {
    let runtime = OwnRuntime::start().map_err(|error| failure::internal(error.to_string()))?;
    let (place, options) = (address.clone(), access.store.clone());
    let found = runtime.until(cancel, async move {
        let store = Store::open(&place, options).await.or_failure()?;
        let Some(entry) = store.entry(MANIFEST_FILE).await.or_failure()? else { return Ok(None) };
        let bytes = manifest(&store, &entry).await?;
        Ok::<_, Failure>(Some((store, bytes)))
    });
    let Some((store, manifest)) = found.ok_or_else(failure::canceled)?? else { return Ok(None) };
    let is_export = serde_json::from_slice::<Head>(&manifest).is_ok_and(|head| head.format == EXPORT_FORMAT);
    let shared = Shared::new(store, None, None, ProjectId(Uuid::nil()), None, cancel.clone());
    Ok(is_export.then(|| FarExport { files: StoreFiles::new(shared, runtime), manifest }))
}

struct Found {
    store: Store,
    mirror: Mirror,
    known: Known,
    notice: Option<String>,
}

/// Under which name an archive is kept here.
fn identity(address: &ObjectAddress, access: &FarAccess) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, access.store.environment.identity_of(address).as_bytes())
}

async fn found(address: ObjectAddress, access: FarAccess) -> Result<Found, Failure> {
    let place = identity(&address, &access);
    let store = Store::open(&address, access.store.clone()).await.or_failure()?;
    let before = access.mirrors.known(place).filter(|(known, _, mirror)| !access.must_reach && is_whole(mirror, known));
    let entry = match (store.entry(MANIFEST_FILE).await, before) {
        (Ok(Some(entry)), Some((known, _, mirror))) if is_same(&entry, &known) => {
            return Ok(Found { store, mirror, known, notice: None });
        }
        (Ok(Some(entry)), _) => entry,
        (Ok(None), _) => return Err(no_manifest(&store).await),
        (Err(error @ RemoteError::Network { .. }), Some((known, seen, mirror))) => {
            let notice = Some(not_reached(&address, error, seen));
            return Ok(Found { store, mirror, known, notice });
        }
        (Err(error), _) => return Err(error.to_failure()),
    };
    let bytes = manifest(&store, &entry).await?;
    check_kind(&address, &bytes)?;
    let facts = facts_of(&bytes);
    let known = Known { sha256: facts.sha256.to_string(), bytes: facts.bytes, tag: entry.tag };
    let mirror = access.mirrors.begin(place, &known.sha256).or_failure()?;
    let mut file = mirror.create(MANIFEST_FILE).or_failure()?;
    file.add(&bytes).or_failure()?;
    if file.finish(&facts).or_failure()?.is_err() {
        return Err(failure::internal("the manifest changed on its way to the disk"));
    }
    Ok(Found { store, mirror, known, notice: None })
}

/// Whether the manifest of a mirror is as it came.
fn is_whole(mirror: &Mirror, known: &Known) -> bool {
    read_manifest(mirror.root()).is_ok_and(|bytes| facts_of(&bytes).sha256.to_string() == known.sha256)
}

fn is_same(entry: &Entry, known: &Known) -> bool {
    entry.tag.is_some() && entry.tag == known.tag && entry.bytes == known.bytes
}

async fn manifest(store: &Store, entry: &Entry) -> Result<Vec<u8>, Failure> {
    let place = store.address().join(MANIFEST_FILE);
    if entry.bytes > MANIFEST_LIMIT {
        let reason = format!("it is larger than {} MiB", MANIFEST_LIMIT >> 20);
        return Err(FarError::Damaged { place, reason }.to_failure());
    }
    let pieces = store.pieces(MANIFEST_FILE, entry.bytes, entry.tag.as_deref());
    let gathered = pieces.try_fold(Vec::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    gathered.await.map_err(|error| match error.trouble() {
        // Another state than a moment ago.
        Some(StoreTrouble::AlreadyThere) => {
            let reason = "it was replaced while it was read: try again".to_owned();
            FarError::Damaged { place, reason }.to_failure()
        }
        _ => error.to_failure(),
    })
}

/// Just enough of a manifest to know whose it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    format: String,
}

fn check_kind(address: &ObjectAddress, manifest: &[u8]) -> Result<(), Failure> {
    let reason = match serde_json::from_slice::<Head>(manifest) {
        Ok(head) if head.format == FORMAT => return Ok(()),
        Ok(head) if head.format == EXPORT_FORMAT => {
            "It is an export. Only an archive opens in place: download the export, then open its folder."
        }
        Ok(_) => "Its manifest.json was written by another program.",
        // The archive says best what is wrong with it.
        Err(_) => return Ok(()),
    };
    Err(no_archive(address, reason))
}

fn no_archive(address: &ObjectAddress, reason: &str) -> Failure {
    Failure::bare(FailureKind::NoArchive { place: address.to_string(), reason: reason.to_owned() })
}

/// Why there is no manifest: a store does not say of a single object whether its bucket is missing.
async fn no_manifest(store: &Store) -> Failure {
    let address = store.address();
    if address.last_name() == MANIFEST_FILE {
        return no_archive(address, "Remove manifest.json: the address of an archive is that of its folder.");
    }
    match store.entries(1).await {
        Err(error) if error.trouble() == Some(&StoreTrouble::NoContainer) => error.to_failure(),
        Ok(found) if found.is_empty() => no_archive(address, "There is nothing at this address."),
        _ => no_archive(address, "It has no manifest.json."),
    }
}

fn not_reached(address: &ObjectAddress, error: RemoteError, seen: SystemTime) -> String {
    let seconds = seen.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let day = Timestamp(i64::try_from(seconds).unwrap_or(0).saturating_mul(10_000_000)).date_text();
    format!(
        "Not connected to {address}: {} The archive is shown as it was on {day}; only what was seen then is there.",
        error.to_failure().headline()
    )
}

/// The archive once more when a list in the mirror was damaged since it came.
fn whole(archive: Archive, root: &std::path::Path, files: &Arc<StoreFiles>) -> Result<Archive, Failure> {
    let damaged = archive.mismatches().or_failure()?.into_iter().filter(|doubt| doubt.what == OTHER_CONTENT);
    let damaged: Vec<String> = damaged.map(|doubt| doubt.file).collect();
    let gone = damaged.iter().filter(|name| files.forget(name)).count();
    if gone == 0 {
        return Ok(archive);
    }
    Archive::open_far(root, Arc::clone(files) as _).or_failure()
}

/// The failure with the address that the user knows instead of a folder in the cache.
fn with_address(failure: Failure, root: &std::path::Path, address: &ObjectAddress) -> Failure {
    use FailureKind as K;
    let root = root.display().to_string();
    let told = |text: &str| text.replace(&root, &address.to_string()).replace('\\', "/");
    let kind = match failure.kind {
        K::BrokenFile { path, reason } => K::BrokenFile { path: told(&path), reason },
        K::MissingFile { path } => K::MissingFile { path: told(&path) },
        K::NotAnArchive { reason, .. } => K::NoArchive { place: address.to_string(), reason },
        other => other,
    };
    Failure { kind, details: told(&failure.details) }
}
