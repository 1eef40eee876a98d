//! An archive on disk as something to serve: which line holds which image, which images have which tag, and the smaller
//! pictures made from the originals.
//!
//! Lines that cannot be read are left out, so that counts and pages agree. Rows are read again whenever they are
//! listed; only ids and tags stay in memory.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::ServerError;
use super::image_source::FileCache;
use super::image_source::{ImageSource, ServedExport};
use super::performance::{Performance, Thresholds};
use super::query::MetadataFilter;
use super::signature::{ServedModel, SignedUris};
use domain::{
    ArchivedExport, BlobKind, BlobUri, Domain, ImageId, ImageRow, ImageUris, Iteration, IterationId, Project, Tag,
    TagId, Timestamp, UriForm, write_image,
};
use pixels::{self, DecodeRequest};
use storage::archive::{Contents, PredictedLines};
use storage::regular::read_bounded;
use storage::{Archive, StorageError};

/// A model file is never larger.
const MODEL_LIMIT: u64 = 1 << 30;
/// Longest side of a thumbnail. The service's own is not documented.
const THUMBNAIL_SIDE: u32 = 320;
const QUALITY: u8 = 88;
const KEPT_BYTES: usize = 32 << 20;
/// A header with its metadata is rarely longer; if it is, the whole file is read.
const HEADER_BYTES: u64 = 64 << 10;

/// An archive at one state, looked through once.
pub(super) struct ImageStore {
    archive: Arc<Archive>,
    /// `None`: the workspace.
    iteration: Option<IterationId>,
    /// By place (0 is the oldest, which is the last line): the tagged ones, and behind them those without tags.
    images: Vec<Entry>,
    tagged_count: usize,
    places: FxHashMap<ImageId, u32>,
    tagged: FxHashMap<TagId, Vec<u32>>,
    made: Arc<FileCache<(ImageId, BlobKind)>>,
    /// Of an iteration: where its predictions are, if the archive has them.
    predicted: Option<PredictedLines>,
    /// Of the workspace: what its iterations were trained on, each looked through when it is first asked for.
    trained: Mutex<Vec<Arc<ImageStore>>>,
}

/// The part of a line of predictions that is served as it is.
#[derive(Deserialize)]
struct Predicted {
    predictions: Box<RawValue>,
}

struct Entry {
    id: ImageId,
    line: u32,
    created: Option<Timestamp>,
    listed_size: (u32, u32),
    /// Whether the original is larger than the listed picture; found out when it is first listed.
    is_resized: AtomicU8,
}

const UNKNOWN: u8 = 0;
const AS_LISTED: u8 = 1;
const RESIZED: u8 = 2;

impl ImageStore {
    pub(super) fn new(archive: Archive) -> Result<Self, ServerError> {
        let archive = Arc::new(archive);
        Self::of(Arc::clone(&archive), archive.workspace(), Arc::new(FileCache::new(KEPT_BYTES)))
    }

    fn of(
        archive: Arc<Archive>,
        contents: &Contents,
        made: Arc<FileCache<(ImageId, BlobKind)>>,
    ) -> Result<Self, ServerError> {
        let mut images = Vec::new();
        let mut tags_of = Vec::new();
        for (line, row) in (0_u32..).zip(contents.rows_from(0)?) {
            let Ok(row) = row else { continue };
            let listed_size = (row.width, row.height);
            let is_resized = AtomicU8::new(UNKNOWN);
            images.push(Entry { id: row.id, line, created: row.created, listed_size, is_resized });
            tags_of.push(row.tags.into_iter().map(|mark| mark.tag).collect::<Vec<_>>());
        }
        // Archives list the newest first.
        images.reverse();
        tags_of.reverse();
        let tagged_count = images.len();
        let untagged = (0_u32..).zip(contents.untagged_from(0)?).filter_map(|(line, row)| Some((line, row.ok()?)));
        let mut untagged: Vec<Entry> = untagged
            .map(|(line, row)| {
                let (listed_size, is_resized) = ((row.width, row.height), AtomicU8::new(UNKNOWN));
                Entry { id: row.id, line, created: row.created, listed_size, is_resized }
            })
            .collect();
        untagged.reverse();
        images.append(&mut untagged);
        let mut tagged: FxHashMap<TagId, Vec<u32>> = FxHashMap::default();
        for (place, tags) in (0_u32..).zip(tags_of) {
            for tag in tags {
                let places = tagged.entry(tag).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        let places = (0_u32..).zip(&images).map(|(place, entry)| (entry.id, place)).collect();
        let (iteration, trained) = (contents.iteration(), Mutex::default());
        let predicted = contents.predictions()?.map(|path| PredictedLines::of(&path)).transpose()?;
        Ok(Self { archive, iteration, images, tagged_count, places, tagged, made, predicted, trained })
    }

    fn contents(&self) -> &Contents {
        self.archive.contents(self.iteration).unwrap_or_else(|| self.archive.workspace())
    }

    /// An image of this state or of an iteration that was listed.
    fn entry<T>(&self, image: ImageId, of: impl Fn(&Self, &Entry) -> T) -> Option<T> {
        let here = |list: &Self| Some(of(list, list.images.get(*list.places.get(&image)? as usize)?));
        let trained = || self.trained.lock().unwrap_or_else(PoisonError::into_inner).clone();
        here(self).or_else(|| trained().iter().find_map(|list| here(list)))
    }

    fn is_resized(&self, entry: &Entry) -> bool {
        match entry.is_resized.load(Ordering::Relaxed) {
            UNKNOWN => {
                let is_resized = self.original_size(entry).is_some_and(|original| {
                    let (width, height) = entry.listed_size;
                    width > 0 && height > 0 && original != entry.listed_size
                });
                entry.is_resized.store(if is_resized { RESIZED } else { AS_LISTED }, Ordering::Relaxed);
                is_resized
            }
            known => known == RESIZED,
        }
    }

    fn original_size(&self, entry: &Entry) -> Option<(u32, u32)> {
        let head = self.archive.read_head(entry.id, BlobKind::Original, HEADER_BYTES).ok()?;
        pixels::upright_size(&head, entry.listed_size)
            .or_else(|_| {
                let whole = self.archive.read_blob(entry.id, BlobKind::Original).unwrap_or_default();
                pixels::upright_size(&whole, entry.listed_size)
            })
            .ok()
    }

    fn uris(&self, entry: &Entry, signed: &SignedUris<'_>) -> ImageUris {
        let uri = |kind| Some(BlobUri::new(signed.text(entry.id, kind)));
        let resized = uri(BlobKind::Resized);
        let original = if self.is_resized(entry) { uri(BlobKind::Original) } else { resized.clone() };
        ImageUris { resized, thumbnail: uri(BlobKind::Thumbnail), original }
    }

    fn rows(&self, places: &[usize]) -> Result<FxHashMap<usize, ImageRow>, ServerError> {
        let mut found = FxHashMap::default();
        for is_tagged in [true, false] {
            let of_kind = places.iter().filter(|&&place| (place < self.tagged_count) == is_tagged);
            let mut lines: Vec<(u32, usize)> =
                of_kind.filter_map(|&place| Some((self.images.get(place)?.line, place))).collect();
            lines.sort_unstable();
            self.read_lines(&lines, is_tagged, &mut found)?;
        }
        Ok(found)
    }

    /// The rows at `places`, in this order, with the addresses of their pictures.
    fn served_rows(&self, places: &[usize], uris: &SignedUris<'_>) -> Result<Vec<(&Entry, ImageRow)>, ServerError> {
        let mut rows = self.rows(places)?;
        let served = places.iter().filter_map(|&place| {
            let (mut row, entry) = (rows.remove(&place)?, self.images.get(place)?);
            row.uris = self.uris(entry, uris);
            Some((entry, row))
        });
        Ok(served.collect())
    }

    /// Reads the lines of a file, which are in order. Neighboring ones are read in one go.
    fn read_lines(
        &self,
        lines: &[(u32, usize)],
        is_tagged: bool,
        found: &mut FxHashMap<usize, ImageRow>,
    ) -> Result<(), ServerError> {
        let mut rest = lines;
        while let Some(&(first, _)) = rest.first() {
            // A gap of a few lines costs less than a new start.
            let end = rest.windows(2).position(|pair| pair[1].0 - pair[0].0 > 8).map_or(rest.len(), |at| at + 1);
            let (run, later) = rest.split_at(end);
            rest = later;
            let mut wanted = run.iter().peekable();
            let begin = u64::from(first);
            let held = self.contents();
            let rows = if is_tagged { held.rows_from(begin) } else { held.untagged_from(begin) };
            for (line, row) in (first..).zip(rows?) {
                let Some(&&(next, place)) = wanted.peek() else { break };
                if line == next {
                    wanted.next();
                    if let Ok(row) = row {
                        found.insert(place, row);
                    }
                }
                if wanted.peek().is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// A smaller picture. What cannot be decoded is sent unchanged: the caller has the better message.
    fn made(listed_size: (u32, u32), kind: BlobKind, original: Vec<u8>) -> Bytes {
        let max_side = match kind {
            BlobKind::Thumbnail => THUMBNAIL_SIDE,
            BlobKind::Resized | BlobKind::Original => listed_size.0.max(listed_size.1),
        };
        let request = DecodeRequest { listed_size, max_side: Some(max_side.max(1)) };
        let made = pixels::decode(&original, request).and_then(|decoded| pixels::encode_jpeg(&decoded.raster, QUALITY));
        Bytes::from(made.unwrap_or(original))
    }
}

/// The id of a model file: the same each time the archive is served.
fn model_id(iteration: IterationId, file: &str) -> Uuid {
    let digest = Sha256::new().chain_update(iteration.0.as_bytes()).chain_update(file).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

impl ImageSource for ImageStore {
    fn project(&self) -> &Project {
        self.archive.project()
    }

    fn domains(&self) -> &[Domain] {
        self.archive.domains()
    }

    fn iterations(&self) -> &[Iteration] {
        self.archive.iterations()
    }

    fn at(&self, iteration: IterationId) -> Result<Option<Arc<dyn ImageSource>>, ServerError> {
        // One at a time: two requests for the same would read the same data twice.
        let mut trained = self.trained.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = trained.iter().find(|list| list.iteration == Some(iteration)) {
            return Ok(Some(Arc::clone(known) as Arc<dyn ImageSource>));
        }
        let Some(contents) = self.archive.contents(Some(iteration)) else { return Ok(None) };
        let list = Arc::new(Self::of(Arc::clone(&self.archive), contents, Arc::clone(&self.made))?);
        trained.push(Arc::clone(&list));
        Ok(Some(list))
    }

    fn tags(&self) -> Vec<Tag> {
        let mut tags = self.contents().tags().to_vec();
        for tag in &mut tags {
            tag.image_count = self.tagged.get(&tag.id).map_or(0, |places| places.len() as u64);
        }
        tags
    }

    fn count(&self) -> usize {
        self.tagged_count
    }

    fn untagged_count(&self) -> usize {
        self.images.len() - self.tagged_count
    }

    fn places_with(&self, tags: &[TagId]) -> Vec<u32> {
        let mut places: Vec<u32> = tags.iter().filter_map(|tag| self.tagged.get(tag)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn places_where(&self, filter: &MetadataFilter) -> Result<Vec<u32>, ServerError> {
        let mut places: Vec<u32> = self
            .contents()
            .rows_from(0)?
            .chain(self.contents().untagged_from(0)?)
            .flatten()
            .filter(|row| {
                let pair = |key: &str| row.metadata.iter().find(|(known, _)| known == key);
                filter.matches(|key| pair(key).map(|(_, value)| value.as_str()))
            })
            .filter_map(|row| self.places.get(&row.id).copied())
            .collect();
        places.sort_unstable();
        Ok(places)
    }

    fn id(&self, place: usize) -> Option<ImageId> {
        self.images.get(place).map(|entry| entry.id)
    }

    fn created(&self, place: usize) -> Option<Timestamp> {
        self.images.get(place).and_then(|entry| entry.created)
    }

    fn find(&self, image: ImageId) -> Option<usize> {
        self.places.get(&image).map(|&place| place as usize)
    }

    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError> {
        for (at, (_, row)) in self.served_rows(places, uris)?.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write_image(row, UriForm::Signed, out);
        }
        Ok(())
    }

    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError> {
        let found = self.entry(image, |list, entry| (entry.listed_size, list.is_resized(entry)));
        let Some((listed_size, is_resized)) = found else { return Ok(None) };
        if kind == BlobKind::Original && !is_resized {
            // The service keeps one file where nothing was resized, under the resized one's name.
            return Ok(None);
        }
        if let Some(made) = self.made.get(&(image, kind)) {
            return Ok(Some(made));
        }
        let original = match self.archive.read_blob(image, kind) {
            Ok(file) => file,
            Err(StorageError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // The service's own thumbnail, where the archive has it.
        let is_own = kind == BlobKind::Thumbnail && self.archive.has(image, kind);
        let as_it_is = kind == BlobKind::Original || (kind == BlobKind::Resized && !is_resized) || is_own;
        if as_it_is {
            return Ok(Some(Bytes::from(original)));
        }
        let file = Self::made(listed_size, kind, original);
        self.made.put((image, kind), file.clone());
        Ok(Some(file))
    }

    fn exports(&self) -> Result<Vec<ServedExport>, ServerError> {
        let held = self.contents();
        let served = |export: ArchivedExport| {
            let model = held.iteration().zip(export.file.as_deref()).map(|(iteration, file)| {
                let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
                let extension = extension.chars().filter(char::is_ascii_alphanumeric).collect();
                ServedModel { id: model_id(iteration, file), extension }
            });
            ServedExport { facts: export.facts, model }
        };
        Ok(held.exports()?.into_iter().map(served).collect())
    }

    fn model(&self, id: Uuid) -> Result<Option<Bytes>, ServerError> {
        for held in self.archive.trained() {
            let Some(iteration) = held.iteration() else { continue };
            let is_it =
                |export: &ArchivedExport| export.file.as_ref().is_some_and(|file| model_id(iteration, file) == id);
            let Some(export) = held.exports()?.into_iter().find(is_it) else { continue };
            let Some(path) = held.model(&export)? else { continue };
            return Ok(Some(Bytes::from(read_bounded(&path, MODEL_LIMIT)?)));
        }
        Ok(None)
    }

    fn has_performances(&self) -> bool {
        self.predicted.is_some()
    }

    fn performance(&self, _thresholds: Thresholds) -> Option<Performance> {
        // As the service gave it at its own thresholds: nobody can work out what it would say at others.
        self.contents().performance().ok().flatten().map(Performance::from)
    }

    fn write_performances(
        &self,
        places: &[usize],
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ServerError> {
        let Some(predicted) = &self.predicted else { return Ok(()) };
        let rows = self.served_rows(places, uris)?;
        let mut file = predicted.open()?;
        for (at, (entry, row)) in rows.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let line = predicted.read(&mut file, entry.id)?;
            let line: Option<Predicted> = line.and_then(|line| serde_json::from_slice(&line).ok());
            out.extend_from_slice(b"{\"predictions\":");
            out.extend_from_slice(line.as_ref().map_or("[]", |line| line.predictions.get()).as_bytes());
            out.extend_from_slice(b",\"imageUri\":");
            let uri = json!(row.uris.resized.as_ref().map(BlobUri::expose));
            out.extend_from_slice(uri.to_string().as_bytes());
            out.push(b',');
            let start = out.len();
            write_image(row, UriForm::Signed, out);
            // The row continues in the object that the predictions began.
            out.remove(start);
        }
        Ok(())
    }
}
