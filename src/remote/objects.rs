//! A place in an object store, and its objects by names relative to it. Every request is tried again here, and not by the
//! library, so that a wait is reported and ends at once when its future is dropped.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{Attribute, Attributes, GetOptions, ObjectStore, PutMode, PutOptions, PutPayload};

use super::credentials::Environment;
use super::error::RemoteError;
use super::wire::{Cause, Failed};
use domain::{ObjectAddress, StoreTrouble};
use service::{Observer, RetryPolicy, Sleep};

#[derive(Clone)]
pub struct StoreOptions {
    /// Says who asks, and where the store is.
    pub environment: Environment,
    pub retry: RetryPolicy,
    pub sleep: Sleep,
    /// Gets every wait.
    pub observer: Option<Observer>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        let environment = Environment::from_process();
        Self { environment, retry: RetryPolicy::default(), sleep: Sleep::default(), observer: None }
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions").field("retry", &self.retry).finish_non_exhaustive()
    }
}

/// What the library offers of a store.
pub(super) trait Objects: ObjectStore + MultipartStore {}

impl<T: ObjectStore + MultipartStore> Objects for T {}

/// An object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the place, with forward slashes.
    pub name: String,
    pub bytes: u64,
    /// What the store calls this state of the object, without quotation marks; for S3 and Google often the MD5 of the
    /// content.
    pub tag: Option<String>,
}

/// A place in an object store. Clones share connections.
#[derive(Clone)]
pub struct Store {
    pub(super) objects: Arc<dyn Objects>,
    address: ObjectAddress,
    options: StoreOptions,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.address)
    }
}

impl Store {
    pub(super) fn new(objects: Arc<dyn Objects>, address: ObjectAddress, options: StoreOptions) -> Self {
        Self { objects, address, options }
    }

    /// The address that it was opened with.
    pub fn address(&self) -> &ObjectAddress {
        &self.address
    }

    /// Another place of the same container, with the same connections.
    #[must_use]
    pub fn at(&self, address: ObjectAddress) -> Self {
        Self { address, ..self.clone() }
    }

    /// The place, and the library's name of an object in it.
    pub(super) fn object(&self, name: &str) -> Result<(ObjectAddress, Path), RemoteError> {
        let place = self.address.join(name);
        match Path::parse(place.prefix()) {
            Ok(path) => Ok((place, path)),
            Err(_) => {
                let reason = "the name of an object cannot be used".to_owned();
                Err(RemoteError::new(&place, StoreTrouble::NotUnderstood { reason }))
            }
        }
    }

    /// A request with its retries.
    pub(super) async fn attempt<T, F>(
        &self,
        place: &ObjectAddress,
        mut request: impl FnMut() -> F,
    ) -> Result<T, RemoteError>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let StoreOptions { retry, sleep, observer, .. } = &self.options;
        let (mut tried, mut waited) = (0, Duration::ZERO);
        loop {
            let failed = match request().await {
                Ok(value) => return Ok(value),
                Err(error) => Failed::of(&error),
            };
            tried += 1;
            let error = match failed.cause {
                Cause::Network(error) => error,
                Cause::Trouble { trouble, details } => {
                    return Err(RemoteError::Store { place: Box::new(place.clone()), trouble, details });
                }
            };
            let Some(waiting) = retry.next(&error, failed.asked, tried, waited, fastrand::f64()) else {
                return Err(RemoteError::Network { place: Box::new(place.clone()), error });
            };
            waited += waiting.wait;
            if let Some(observer) = observer {
                observer(waiting);
            }
            sleep.wait(waiting.wait).await;
        }
    }

    /// The objects below the place, by name, at most `most` of them.
    ///
    /// # Errors
    /// When the store cannot be asked, or has an object of a name that cannot be used.
    pub async fn entries(&self, most: usize) -> Result<Vec<Entry>, RemoteError> {
        let (place, prefix) = self.object("")?;
        let mut found: Vec<Entry> = Vec::new();
        // The library continues from page to page by itself; a page that fails is requested again behind the last name.
        while found.len() < most {
            let after = found.last().map(|entry| self.object(&entry.name)).transpose()?.map(|(_, path)| path);
            let (listed, is_end) =
                self.attempt(&place, || self.some_entries(&prefix, after.as_ref(), most - found.len())).await?;
            found.extend(listed);
            if is_end {
                break;
            }
        }
        Ok(found)
    }

    /// As many as come without a failure, and whether these were all. Fails when none came.
    async fn some_entries(
        &self,
        prefix: &Path,
        after: Option<&Path>,
        most: usize,
    ) -> object_store::Result<(Vec<Entry>, bool)> {
        let prefix = (!prefix.as_ref().is_empty()).then_some(prefix);
        let mut listed = match after {
            Some(after) => self.objects.list_with_offset(prefix, after),
            None => self.objects.list(prefix),
        };
        let mut found = Vec::new();
        while let Some(next) = listed.next().await {
            let meta = match next {
                Ok(meta) => meta,
                Err(_) if !found.is_empty() => return Ok((found, false)),
                Err(error) => return Err(error),
            };
            let name = meta.location.as_ref();
            let name = name.strip_prefix(self.address.prefix()).unwrap_or(name).trim_start_matches('/');
            // What consoles make where they show a folder.
            if name.is_empty() && meta.size == 0 {
                continue;
            }
            found.push(Entry { name: name.to_owned(), bytes: meta.size, tag: bare_tag(meta.e_tag) });
            if found.len() == most {
                return Ok((found, false));
            }
        }
        Ok((found, true))
    }

    /// An object, if it is there.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn entry(&self, name: &str) -> Result<Option<Entry>, RemoteError> {
        Ok(self.marked_entry(name).await?.map(|(entry, _)| entry))
    }

    /// Whether an empty object holds a name for the upload with this mark.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn is_held(&self, name: &str, mark: &str) -> Result<bool, RemoteError> {
        let found = self.marked_entry(name).await?;
        Ok(found.is_some_and(|(entry, found)| entry.bytes == 0 && found.as_deref() == Some(mark)))
    }

    /// An object, and the mark that [`Store::create_marked`] gave it.
    async fn marked_entry(&self, name: &str) -> Result<Option<(Entry, Option<String>)>, RemoteError> {
        let (place, path) = self.object(name)?;
        let options = || GetOptions { head: true, ..GetOptions::default() };
        let found = self.attempt(&place, || self.objects.get_opts(&path, options())).await;
        match found {
            Ok(found) => {
                let mark = found.attributes.get(&MARK).map(|mark| mark.as_ref().to_owned());
                let entry = Entry { name: name.to_owned(), bytes: found.meta.size, tag: bare_tag(found.meta.e_tag) };
                Ok(Some((entry, mark)))
            }
            Err(error) if error.trouble() == Some(&StoreTrouble::NoObject) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Bytes of an object. With `tag`, only of that state of it: another one is [`StoreTrouble::AlreadyThere`].
    ///
    /// # Errors
    /// When the object is not there, is shorter, or the store cannot be asked.
    pub async fn read(&self, name: &str, range: Range<u64>, tag: Option<&str>) -> Result<Bytes, RemoteError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let (place, path) = self.object(name)?;
        let wanted = range.end - range.start;
        let bytes = self
            .attempt(&place, || async {
                let options = GetOptions {
                    range: Some(range.clone().into()),
                    if_match: tag.map(|tag| format!("\"{tag}\"")),
                    ..GetOptions::default()
                };
                self.objects.get_opts(&path, options).await?.bytes().await
            })
            .await?;
        if bytes.len() as u64 == wanted {
            return Ok(bytes);
        }
        let reason = format!("{} bytes of {wanted} came", bytes.len());
        Err(RemoteError::new(&place, StoreTrouble::NotUnderstood { reason }))
    }

    /// A whole object of at most `most` bytes.
    ///
    /// # Errors
    /// When the object is not there, is longer, or the store cannot be asked.
    pub async fn read_whole(&self, name: &str, most: u64) -> Result<Bytes, RemoteError> {
        let (place, _) = self.object(name)?;
        let Some(entry) = self.entry(name).await? else {
            return Err(RemoteError::new(&place, StoreTrouble::NoObject));
        };
        if entry.bytes > most {
            let reason = format!("it is larger than {most} bytes");
            return Err(RemoteError::new(&place, StoreTrouble::NotUnderstood { reason }));
        }
        self.read(name, 0..entry.bytes, entry.tag.as_deref()).await
    }

    /// Creates an object. What the store calls it then.
    ///
    /// # Errors
    /// [`StoreTrouble::AlreadyThere`] when there is one of this name, which is left as it is. It may be our own: an answer
    /// can be lost after the object was stored.
    pub async fn create(&self, name: &str, content: Bytes) -> Result<Option<String>, RemoteError> {
        self.create_with(name, content, attributes(name)).await
    }

    /// Creates an empty object that holds the name until its content is complete.
    pub(super) async fn create_marked(&self, name: &str, mark: &str) -> Result<(), RemoteError> {
        let mut attributes = Attributes::new();
        attributes.insert(MARK, mark.to_owned().into());
        self.create_with(name, Bytes::new(), attributes).await.map(|_| ())
    }

    async fn create_with(
        &self,
        name: &str,
        content: Bytes,
        attributes: Attributes,
    ) -> Result<Option<String>, RemoteError> {
        let (place, path) = self.object(name)?;
        let options = PutOptions { mode: PutMode::Create, attributes, ..PutOptions::default() };
        let put = || self.objects.put_opts(&path, PutPayload::from(content.clone()), options.clone());
        self.attempt(&place, put).await.map(|made| bare_tag(made.e_tag))
    }
}

/// The field of an object's metadata that says which upload holds its name. Azure allows letters only.
const MARK: Attribute = Attribute::Metadata(std::borrow::Cow::Borrowed("tagscopeupload"));

pub(super) fn bare_tag(tag: Option<String>) -> Option<String> {
    tag.map(|tag| tag.trim_matches('"').to_owned()).filter(|tag| !tag.is_empty())
}

/// What browsers and consoles need to show an object.
pub(super) fn attributes(name: &str) -> Attributes {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let kind = match &*extension {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        "tif" | "tiff" => "image/tiff",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        "txt" | "md" | "yaml" | "yml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    Attributes::from_iter([(Attribute::ContentType, kind)])
}
