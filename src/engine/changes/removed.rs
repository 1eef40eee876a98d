//! Small pictures of images that only the other state has, so that the window can show what is gone.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;

use super::LoadedState;
use crate::failure::OrFailure as _;
use crate::opening::Opening;
use crate::pool::{Class, Rank};
use crate::source::{Source, blocking};
use app::changes::{Comparison, MOST_REMOVED};
use app::{Failure, PixelKey};
use domain::{BlobKind, BlobUri, ImageId, ImageIx, Mipmap, ProjectId};
use pixels::DecodeRequest;
use storage::regular::read_bounded;

/// Longest side of the pictures.
const SIDE: u32 = 192;

/// No picture is larger.
const PICTURE_LIMIT: u64 = 1 << 30;

/// Where the pictures of the other state are.
pub(super) struct Pictures {
    source: Source,
    project: ProjectId,
    files: FxHashMap<ImageId, PathBuf>,
}

struct Wanted {
    id: ImageId,
    listed_size: (u32, u32),
    uri: Option<BlobUri>,
}

impl Pictures {
    /// Those of a state that was read; one of a service was read from `source`.
    pub(super) fn of(state: &mut LoadedState, source: Source) -> Self {
        let source = state.archive.take().map_or(source, Source::Archive);
        Self { source, project: state.project.id, files: std::mem::take(&mut state.files) }
    }

    /// Reports the pictures of the first removed images. One that is missing or damaged is left out: its name is shown.
    pub(super) async fn show(self, opening: &Arc<Opening>, comparison: &Comparison) {
        let kind = if self.source.is_archive() { BlobKind::Original } else { BlobKind::Thumbnail };
        let wanted = |&ix: &ImageIx| {
            let image = comparison.other.get(ix)?;
            Some(Wanted { id: image.id(), listed_size: image.size(), uri: image.uri(kind) })
        };
        let wanted: Vec<_> = comparison.removed.iter().take(MOST_REMOVED).filter_map(wanted).collect();
        let epoch = opening.shared.next_epoch();
        for (place, wanted) in wanted.into_iter().enumerate() {
            let id = wanted.id;
            let rank = Rank::new(Class::Background, epoch, place);
            if let Ok(picture) = self.picture(opening, wanted, kind, rank).await {
                let (inbox, key) = (&opening.shared.inbox, PixelKey::Removed { id });
                inbox.post_pixels(opening.generation, key, Ok(picture), &opening.cancel).await;
            }
        }
    }

    async fn picture(
        &self,
        opening: &Opening,
        wanted: Wanted,
        kind: BlobKind,
        rank: Rank,
    ) -> Result<Arc<Mipmap>, Failure> {
        let bytes = match self.files.get(&wanted.id).cloned() {
            Some(file) => Bytes::from(blocking(move || read_bounded(&file, PICTURE_LIMIT).or_failure()).await?),
            None => self.source.blob(self.project, wanted.id, kind, wanted.uri.as_ref()).await?,
        };
        let limits = opening.shared.limits;
        let request = DecodeRequest { listed_size: wanted.listed_size, max_side: Some(SIDE) };
        let work = move || {
            pixels::decode_within(&bytes, request, &limits).map(|decoded| Arc::new(Mipmap::single(&decoded.raster)))
        };
        let decoded = opening.shared.pool.run(rank, &opening.cancel, work).await.or_failure()?;
        decoded.or_failure()
    }
}
