//! The original's own pixels of an image or region for another program, and where the file of an image is.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::failure::guarded;
use super::pool::{Rank, Urgency};
use super::session::ProjectSession;
use super::source::{Source, blocking};
use crate::failure::OrFailure as _;
use app::picture::PictureTarget;
use app::picture::{CopiedPicture, CopyEffect, CopyEvent};
use app::{Event, Failure, FailureKind};
use domain::{BlobKind, ImageId, Raster, UnitRect};
use formats::item::whole_pixels;
use pixels::{self, DecodeRequest, PixelError};

pub(super) fn run(session: &Arc<ProjectSession>, effect: CopyEffect) {
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let work = async {
            match effect {
                CopyEffect::Picture { number, target, part } => {
                    let result = guarded(picture(&session, &target, part)).await;
                    CopyEvent::Picture { number, is_part: part.is_some(), result }
                }
                CopyEffect::FindFile { id, name, source } => {
                    CopyEvent::File(guarded(file(&session, id, name, source)).await)
                }
            }
        };
        let event = tokio::select! {
            biased;
            () = session.cancel.cancelled() => return,
            event = Box::pin(work) => event,
        };
        session.post(Event::Copied { generation: session.generation, event });
    });
}

async fn picture(
    session: &ProjectSession,
    target: &PictureTarget,
    part: Option<UnitRect>,
) -> Result<CopiedPicture, Failure> {
    let is_original = target.original.is_some() || session.blobs.source.is_archive();
    let rank = Rank::new(Urgency::Original, session.shared.next_epoch(), 0);
    let cut = move |raster: &Arc<Raster>| match part {
        Some(part) => cut(raster, part).map(Arc::new),
        None => Some(Arc::clone(raster)),
    };
    let kept = session.shared.originals.get((session.blobs.scope, target.id));
    let done = match kept.as_ref().and_then(|original| original.pyramid.level(0)) {
        Some(raster) => {
            let raster = Arc::clone(raster);
            session.shared.large.run(rank, &session.cancel, move || cut(&raster)).await.or_failure()?
        }
        None => {
            let (kind, uri) = match is_original {
                true => (BlobKind::Original, target.original.as_ref()),
                false => (BlobKind::Resized, target.resized.as_ref()),
            };
            let bytes = session.blobs.bytes(target.id, kind, uri, || vec![target.id]).await?;
            let (limits, listed_size) = (session.shared.limits, target.listed_size);
            let work = move || {
                let request = DecodeRequest { listed_size, max_side: None };
                let raster = Arc::new(pixels::decode_within(&bytes, request, &limits)?.raster);
                Ok::<_, PixelError>(cut(&raster))
            };
            session.shared.large.run(rank, &session.cancel, work).await.or_failure()?.or_failure()?
        }
    };
    let raster = done.ok_or_else(|| Failure::bare(FailureKind::MissingPicture))?;
    Ok(CopiedPicture { raster, is_original })
}

/// The pixels of a region, by the same rule as an export of crops: whole pixels, rounded outwards.
fn cut(raster: &Raster, part: UnitRect) -> Option<Raster> {
    let rect = part.in_pixels(raster.width(), raster.height());
    let (left, right) = whole_pixels(rect.x, rect.x + rect.width, raster.width());
    let (top, bottom) = whole_pixels(rect.y, rect.y + rect.height, raster.height());
    pixels::crop(raster, left, top, right - left, bottom - top)
}

/// The file of an image: of a dataset its own, else that of the archive.
async fn file(
    session: &ProjectSession,
    id: ImageId,
    name: Option<String>,
    source: PathBuf,
) -> Result<PathBuf, Failure> {
    let Source::Archive(archive) = session.blobs.source.clone() else {
        return Err(Failure::bare(FailureKind::MissingPicture));
    };
    blocking(move || {
        let own = name.and_then(|name| in_dataset(&source, &name)).filter(|_| archive.root() != source);
        own.or_else(|| archive.blob_path(id, BlobKind::Original).filter(|path| path.is_file()))
            .ok_or_else(|| Failure::bare(FailureKind::MissingPicture))
    })
    .await
}

/// A file of a dataset by its name, beside or below what was opened; a name that leads out of it is none.
fn in_dataset(source: &Path, name: &str) -> Option<PathBuf> {
    let folder = if source.is_dir() { Some(source) } else { source.parent() }?;
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let found = folder.join(name);
    (is_plain && found.is_file()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pixel says where it is.
    fn raster(width: u32, height: u32) -> Raster {
        let rgba = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 0, 255]));
        Raster::new(width, height, rgba.collect()).expect("raster")
    }

    #[test]
    fn a_crop_is_the_pixels_of_the_box_and_nothing_else() {
        let crop = cut(&raster(200, 100), UnitRect::new(0.1, 0.2, 0.25, 0.5)).expect("crop");
        assert_eq!((crop.width(), crop.height()), (50, 50));
        assert_eq!(crop.pixel(0, 0), Some([20, 20, 0, 255]));
        assert_eq!(crop.pixel(49, 49), Some([69, 69, 0, 255]));
    }

    #[test]
    fn a_box_beyond_the_edge_is_cut_and_one_without_size_has_a_pixel() {
        let crop = cut(&raster(20, 10), UnitRect::new(0.9, -0.5, 0.5, 2.0)).expect("crop");
        assert_eq!((crop.width(), crop.height()), (2, 10));
        let crop = cut(&raster(20, 10), UnitRect::new(1.0, 1.0, 0.0, 0.0)).expect("crop");
        assert_eq!((crop.width(), crop.height()), (1, 1));
    }

    #[test]
    fn a_name_that_leads_out_of_the_dataset_is_not_followed() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path().join("set");
        std::fs::create_dir_all(root.join("images")).expect("folders");
        std::fs::write(folder.path().join("secret.jpg"), "x").expect("file");
        std::fs::write(root.join("images/a.jpg"), "x").expect("file");
        std::fs::write(root.join("labels.json"), "{}").expect("file");
        assert_eq!(in_dataset(&root, "images/a.jpg"), Some(root.join("images/a.jpg")));
        assert_eq!(in_dataset(&root.join("labels.json"), "images/a.jpg"), Some(root.join("images/a.jpg")));
        for bad in ["../secret.jpg", "images/../../secret.jpg", "/etc/hostname", "b.jpg", ""] {
            assert_eq!(in_dataset(&root, bad), None, "{bad}");
        }
    }
}
