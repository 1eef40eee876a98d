//! What an iteration predicted when it was last loaded, so that the next visit has it at once and without a connection.
//!
//! A file beside the [list](super::snapshot) of the last visit, in the same blocks with checksums and under the same bound:
//! a head in JSON, then images with their predictions, an empty block at the end. It is of one training: whoever loads it
//! says when the iteration was trained.

use std::io::{self, Write as _};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::StorageError;
use super::paths::create_private_dir;
use super::snapshot::{Blocks, Snapshots, damaged, or_removed, write_block};
use super::whole_file::Draft;
use domain::{ImageId, IterationId, IterationPerformance, Prediction, ProjectId, TagId, UnitRect};

/// What a file begins with; the last byte is the version of everything after it.
const MARK: [u8; 16] = *b"tagscope pred \0\x01";
/// A set whose file would be larger is not kept: 100,000 images with 20 predictions each have 46 MB.
const MOST_BYTES: usize = 64 << 20;
/// Bytes of an image: its id and the number of its predictions.
const IMAGE_BYTES: usize = 20;
/// Bytes of a prediction: the place of its tag, its score, and the four numbers of its box.
const ROW_BYTES: usize = 22;
/// A block ends with the image that reaches so many bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// The predictions of an iteration on its images, and the service's own figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptPredictions {
    tags: Vec<KeptTag>,
    places: FxHashMap<TagId, u16>,
    images: Vec<(ImageId, u32)>,
    rows: Vec<Row>,
    is_too_large: bool,
    /// The service's own figures; `None`: it gave none.
    pub figures: Option<IterationPerformance>,
    /// The score and IoU that the figures were requested for.
    pub point: Option<(f64, f64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptTag {
    id: TagId,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    tag: u16,
    score: f32,
    /// Not a number: only a tag is predicted.
    rect: [f32; 4],
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    trained_at: String,
    tags: Vec<KeptTag>,
    blocks: u32,
    figures: Option<IterationPerformance>,
    point: Option<(f64, f64)>,
}

impl KeptPredictions {
    /// Adds what is predicted on an image. More than a file may hold is not kept at all.
    pub fn push(&mut self, image: ImageId, predictions: &[Prediction]) {
        self.push_within(MOST_BYTES, image, predictions);
    }

    fn push_within(&mut self, most: usize, image: ImageId, predictions: &[Prediction]) {
        let bytes = (self.images.len() + 1) * IMAGE_BYTES + (self.rows.len() + predictions.len()) * ROW_BYTES;
        self.is_too_large |= bytes > most;
        for one in predictions {
            let Some(tag) = self.place(one) else { break };
            let rect = one.rect.map_or([f32::NAN; 4], |rect| [rect.left, rect.top, rect.width, rect.height]);
            self.rows.push(Row { tag, score: one.probability, rect });
        }
        self.images.push((image, predictions.len() as u32));
        if self.is_too_large {
            // The memory is needed elsewhere.
            (self.images, self.rows) = (Vec::new(), Vec::new());
        }
    }

    /// The place of a tag; `None`: there are more tags than any project has.
    fn place(&mut self, one: &Prediction) -> Option<u16> {
        if let Some(place) = self.places.get(&one.tag) {
            return Some(*place);
        }
        let Ok(place) = u16::try_from(self.tags.len()) else {
            self.is_too_large = true;
            return None;
        };
        self.tags.push(KeptTag { id: one.tag, name: one.tag_name.clone() });
        self.places.insert(one.tag, place);
        Some(place)
    }

    pub fn len(&self) -> usize {
        self.images.len()
    }

    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The images with their predictions, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (ImageId, Vec<Prediction>)> {
        self.image_rows().map(|(image, rows)| (image, rows.iter().filter_map(|row| self.prediction(row)).collect()))
    }

    fn image_rows(&self) -> impl Iterator<Item = (ImageId, &[Row])> {
        let mut rest = self.rows.as_slice();
        self.images.iter().map(move |(image, count)| {
            let (own, behind) = rest.split_at((*count as usize).min(rest.len()));
            rest = behind;
            (*image, own)
        })
    }

    fn prediction(&self, row: &Row) -> Option<Prediction> {
        let tag = self.tags.get(usize::from(row.tag))?;
        let [left, top, width, height] = row.rect;
        let rect = (!left.is_nan()).then_some(UnitRect { left, top, width, height });
        Some(Prediction { tag: tag.id, tag_name: tag.name.clone(), tag_kind: None, probability: row.score, rect })
    }

    fn blocks(&self) -> Vec<Vec<u8>> {
        let (mut blocks, mut block) = (Vec::new(), Vec::new());
        for (image, rows) in self.image_rows() {
            block.extend_from_slice(image.0.as_bytes());
            block.extend_from_slice(&(rows.len() as u32).to_le_bytes());
            for row in rows {
                block.extend_from_slice(&row.tag.to_le_bytes());
                for number in [row.score].iter().chain(&row.rect) {
                    block.extend_from_slice(&number.to_le_bytes());
                }
            }
            if block.len() >= BLOCK_BYTES {
                blocks.push(std::mem::take(&mut block));
            }
        }
        if !block.is_empty() {
            blocks.push(block);
        }
        blocks
    }

    fn take_block(&mut self, mut block: &[u8]) -> Option<()> {
        while !block.is_empty() {
            let (id, count) = (take::<16>(&mut block)?, u32::from_le_bytes(take(&mut block)?));
            self.images.push((ImageId(Uuid::from_bytes(id)), count));
            for _ in 0..count {
                let tag = u16::from_le_bytes(take(&mut block)?);
                let mut number = || take(&mut block).map(f32::from_le_bytes);
                let (score, rect) = (number()?, [number()?, number()?, number()?, number()?]);
                if usize::from(tag) >= self.tags.len() {
                    return None;
                }
                self.rows.push(Row { tag, score, rect });
            }
        }
        Some(())
    }
}

fn take<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (first, rest) = bytes.split_first_chunk::<COUNT>()?;
    *bytes = rest;
    Some(*first)
}

impl Snapshots {
    /// Replaces the kept predictions of an iteration that was trained at this time. A set that is too large is not kept.
    ///
    /// # Errors
    /// When the system refuses; what was kept before is then as it was.
    pub fn save_predictions(
        &self,
        scope: ProjectId,
        iteration: IterationId,
        trained_at: &str,
        kept: &KeptPredictions,
    ) -> Result<(), StorageError> {
        if kept.is_too_large {
            return Ok(());
        }
        let path = self.predictions_file(scope, iteration);
        create_private_dir(self.folder())?;
        let blocks = kept.blocks();
        let head = Head {
            trained_at: trained_at.to_owned(),
            tags: kept.tags.clone(),
            blocks: blocks.len() as u32,
            figures: kept.figures.clone(),
            point: kept.point,
        };
        let write = || -> io::Result<bool> {
            let head = serde_json::to_vec(&head).map_err(io::Error::other)?;
            let bytes: usize = head.len() + blocks.iter().map(Vec::len).sum::<usize>();
            if bytes as u64 > self.max_bytes() {
                return Ok(false);
            }
            let mut out = Draft::cache(self.folder())?;
            out.write_all(&MARK)?;
            write_block(&mut out, &head)?;
            blocks.iter().try_for_each(|block| write_block(&mut out, block))?;
            write_block(&mut out, &[])?;
            out.publish(&path, true)?;
            Ok(true)
        };
        if write().map_err(|error| StorageError::write(&path, error))? {
            self.trim(&path);
        }
        Ok(())
    }

    /// The predictions as they were kept; `None`: there are none, or of another training. Without `trained_at` nobody knows
    /// the training, and whatever is there is taken.
    ///
    /// # Errors
    /// When there are some that cannot be used: they are taken away, so that the next visit does not stumble over them.
    pub fn load_predictions(
        &self,
        scope: ProjectId,
        iteration: IterationId,
        trained_at: Option<&str>,
    ) -> Result<Option<KeptPredictions>, StorageError> {
        let path = self.predictions_file(scope, iteration);
        let read = || -> io::Result<Option<KeptPredictions>> {
            let mut blocks = Blocks::open(&path, MARK)?;
            let head: Head = serde_json::from_slice(blocks.read()?).map_err(damaged)?;
            if trained_at.is_some_and(|time| time != head.trained_at) {
                return Ok(None);
            }
            let mut kept =
                KeptPredictions { tags: head.tags, figures: head.figures, point: head.point, ..Default::default() };
            for _ in 0..head.blocks {
                kept.take_block(blocks.read()?).ok_or_else(|| damaged("a block is not whole"))?;
            }
            if !blocks.read()?.is_empty() {
                return Err(damaged("there is data after its end"));
            }
            Ok(Some(kept))
        };
        or_removed(&path, read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: ProjectId = ProjectId(Uuid::from_u128(1));
    const ITERATION: IterationId = IterationId(Uuid::from_u128(2));
    const TRAINED: &str = "2024-04-22T09:41:07.210Z";

    fn prediction(tag: u128, probability: f32, rect: Option<UnitRect>) -> Prediction {
        let tag_name = format!("tag {tag}");
        Prediction { tag: TagId(Uuid::from_u128(tag)), tag_name, tag_kind: None, probability, rect }
    }

    fn kept(images: u128) -> KeptPredictions {
        let mut kept = KeptPredictions { point: Some((0.5, 0.3)), ..KeptPredictions::default() };
        let rect = UnitRect::new(0.1, 0.2, 0.3, 0.4);
        for image in 0..images {
            let rows = [prediction(image % 3, 0.9, Some(rect)), prediction(7, 0.25, None)];
            kept.push(ImageId(Uuid::from_u128(image)), &rows[..(image % 3) as usize]);
        }
        kept
    }

    #[test]
    fn predictions_come_back_for_their_training_alone() {
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().join("lists"), 1 << 20);
        assert_eq!(snapshots.load_predictions(SCOPE, ITERATION, Some(TRAINED)).expect("none"), None);
        let set = kept(9);
        snapshots.save_predictions(SCOPE, ITERATION, TRAINED, &set).expect("saved");
        let found = snapshots.load_predictions(SCOPE, ITERATION, Some(TRAINED)).expect("loaded").expect("some");
        assert_eq!(found.iter().collect::<Vec<_>>(), set.iter().collect::<Vec<_>>());
        assert_eq!((found.len(), found.point, found.figures.is_none()), (9, Some((0.5, 0.3)), true));
        assert_eq!(found.iter().nth(2).map(|(_, rows)| rows.len()), Some(2));
        assert!(snapshots.load_predictions(SCOPE, ITERATION, None).expect("loaded").is_some());
        assert_eq!(snapshots.load_predictions(SCOPE, ITERATION, Some("later")).expect("other"), None);
        assert!(snapshots.load(SCOPE, Some(ITERATION)).expect("no list").is_none());
        assert!(snapshots.byte_count() > 0);
        snapshots.clear();
        assert_eq!(snapshots.byte_count(), 0);
    }

    #[test]
    fn whatever_is_changed_or_cut_is_noticed_and_taken_away() {
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().to_path_buf(), 1 << 20);
        snapshots.save_predictions(SCOPE, ITERATION, TRAINED, &kept(3)).expect("saved");
        let path = snapshots.predictions_file(SCOPE, ITERATION);
        let whole = std::fs::read(&path).expect("bytes");
        let is_refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("write");
            snapshots.load_predictions(SCOPE, ITERATION, Some(TRAINED)).is_err() && !path.exists()
        };
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            assert!(is_refused(&bytes), "byte {at}");
            assert!(is_refused(&whole[..at]), "cut at {at}");
        }
        std::fs::write(&path, &whole).expect("write");
        assert!(snapshots.load_predictions(SCOPE, ITERATION, Some(TRAINED)).is_ok_and(|kept| kept.is_some()));
    }

    #[test]
    fn the_largest_project_fits_and_more_is_not_kept() {
        const { assert!(100_000 * (IMAGE_BYTES + 20 * ROW_BYTES) < MOST_BYTES) };
        assert!(size_of::<Row>() * 2_000_000 + size_of::<(ImageId, u32)>() * 100_000 <= 64 << 20);
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().to_path_buf(), u64::MAX);
        let (mut set, most) = (KeptPredictions::default(), 2 * (IMAGE_BYTES + ROW_BYTES));
        let rows = [prediction(1, 0.5, None)];
        for image in 0..2 {
            set.push_within(most, ImageId(Uuid::from_u128(image)), &rows);
        }
        assert_eq!(set.len(), 2);
        set.push_within(most, ImageId(Uuid::from_u128(3)), &[]);
        assert!(set.is_empty());
        snapshots.save_predictions(SCOPE, ITERATION, TRAINED, &set).expect("no error");
        assert_eq!(snapshots.load_predictions(SCOPE, ITERATION, None).expect("none"), None);
        // It counts against the bound of all lists.
        snapshots.set_max_bytes(100);
        snapshots.save_predictions(SCOPE, ITERATION, TRAINED, &kept(90)).expect("no error");
        assert_eq!(snapshots.byte_count(), 0);
    }
}
