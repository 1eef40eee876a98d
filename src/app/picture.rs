//! Pictures and their pixels: which are wanted, what is known of those that came, and what the menu of an image or region
//! hands to other programs (`update::copying` does that).

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::view::CanvasRequest;
use domain::wall::WallItem;
use domain::{Adjust, BlobKind, BlobUri, ImageId, ImageIx, ImageView, Mipmap, Raster, RegionIx, UnitRect};

/// Which pixels. A `side` is 64, 128, 256 or 512.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelKey {
    /// A thumbnail whose longest side is `side` (or less, when the picture is smaller).
    Thumb { ix: ImageIx, side: u16 },
    /// The whole resized picture, at most 1600 x 900.
    Resized { ix: ImageIx },
    /// A tile of the original: [`TILE_SIDE`] pixels a side (less at the right and bottom edge), of the picture
    /// halved `level` times.
    Tile { ix: ImageIx, level: u8, column: u16, row: u16 },
    /// A region with a little of what surrounds it, longest side `side` or less.
    Crop { region: RegionIx, side: u16 },
    /// The same around a predicted box.
    PredictedCrop {
        ix: ImageIx,
        /// Left, top, width and height of the box, as bits of floating-point numbers: sets of predictions that are loaded one
        /// after the other have other boxes under the same numbers.
        place: [u32; 4],
        side: u16,
    },
    /// The picture of a project in a list of projects; its events carry generation 0.
    Cover { id: ImageId },
    /// An image that only the state has that the open project is compared with.
    Removed { id: ImageId },
}

impl PixelKey {
    /// The key of a crop of the wall around this box of an image.
    pub fn crop(item: WallItem, ix: ImageIx, rect: UnitRect, side: u16) -> Self {
        match item {
            WallItem::Label(region) => Self::Crop { region, side },
            WallItem::Prediction(_) => {
                let place = [rect.left, rect.top, rect.width, rect.height].map(f32::to_bits);
                Self::PredictedCrop { ix, place, side }
            }
        }
    }

    /// The key of the same pixels when images have got other indices; `None`: its image is gone.
    pub fn moved(self, place: impl Fn(ImageIx) -> Option<ImageIx>) -> Option<Self> {
        Some(match self {
            Self::Thumb { ix, side } => Self::Thumb { ix: place(ix)?, side },
            Self::Resized { ix } => Self::Resized { ix: place(ix)? },
            Self::Tile { ix, level, column, row } => Self::Tile { ix: place(ix)?, level, column, row },
            // Which region it is now is not known here: it is cut again.
            Self::Crop { .. } => return None,
            Self::PredictedCrop { ix, place: at, side } => Self::PredictedCrop { ix: place(ix)?, place: at, side },
            Self::Cover { id } => Self::Cover { id },
            Self::Removed { id } => Self::Removed { id },
        })
    }
}

/// Side of a tile of the original, in pixels.
pub const TILE_SIDE: u32 = 512;

/// Pixels, or why there are none.
pub type PixelResult = Result<Arc<Mipmap>, Failure>;

#[derive(Clone, Debug, PartialEq)]
pub struct PictureInfo {
    pub ix: ImageIx,
    pub source: PictureSource,
    /// Upright, in pixels.
    pub width: u32,
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// `JPEG`, `PNG`, ...
    pub format: &'static str,
    /// Whether EXIF turned it.
    pub is_turned: bool,
    /// Whether the file has all pixels but lacks the marker at its end.
    pub lacks_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSource {
    Resized,
    Original,
}

/// A thumbnail that is wanted.
#[derive(Clone, Debug)]
pub struct ThumbRequest {
    pub target: PictureTarget,
    /// Longest side in pixels of the screen: 64, 128, 256 or 512. The resized picture is used where the thumbnail is absent
    /// or smaller.
    pub side: u16,
}

/// The pictures that the canvas wants.
#[derive(Clone, Debug)]
pub struct PictureRequest {
    pub current: ShownPicture,
    /// What is shown next to it, when two images are compared.
    pub beside: Option<ShownPicture>,
    /// Resized pictures to have ready: next, previous, ...
    pub ahead: Vec<PictureTarget>,
    /// How all of them are lightened for the eye before they are handed over.
    pub adjust: Adjust,
}

impl PictureRequest {
    /// What is shown, one picture or two.
    pub fn shown(&self) -> impl Iterator<Item = &ShownPicture> {
        std::iter::once(&self.current).chain(&self.beside)
    }
}

#[derive(Clone, Debug)]
pub struct ShownPicture {
    pub target: PictureTarget,
    /// What is wanted of the original, too.
    pub original: CanvasRequest,
}

/// An image, and the addresses of its pictures.
#[derive(Clone, Debug)]
pub struct PictureTarget {
    pub ix: ImageIx,
    pub id: ImageId,
    pub thumbnail: Option<BlobUri>,
    pub resized: Option<BlobUri>,
    pub original: Option<BlobUri>,
    /// Width and height as listed, for the orientation rule.
    pub listed_size: (u32, u32),
}

impl PictureTarget {
    pub fn new(image: ImageView<'_>) -> Self {
        Self {
            ix: image.ix,
            id: image.id(),
            thumbnail: image.uri(BlobKind::Thumbnail),
            resized: image.uri(BlobKind::Resized),
            original: image.uri(BlobKind::Original),
            listed_size: image.size(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CopyCommand {
    /// On the clipboard: the part, in fractions; `None`: all of it.
    Picture { ix: ImageIx, part: Option<UnitRect> },
    /// Show the file of an image in the system's file manager.
    ShowFile(ImageIx),
}

#[derive(Clone, Debug)]
pub enum CopyEffect {
    /// Decode the original, or cut a part out of it -> `CopyEvent::Picture`.
    Picture { number: u64, target: Box<PictureTarget>, part: Option<UnitRect> },
    /// Find the file of an image on this computer -> `CopyEvent::File`.
    FindFile {
        id: ImageId,
        /// Its name in the dataset.
        name: Option<String>,
        /// The archive or dataset as it was opened.
        source: PathBuf,
    },
}

#[derive(Clone, Debug)]
pub enum CopyEvent {
    Picture { number: u64, is_part: bool, result: Result<CopiedPicture, Failure> },
    File(Result<PathBuf, Failure>),
}

#[derive(Clone)]
pub struct CopiedPicture {
    /// The pixels, upright.
    pub raster: Arc<Raster>,
    /// Whether they are the original's own; else those of the resized picture, because there is no original.
    pub is_original: bool,
}

impl std::fmt::Debug for CopiedPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {}", self.raster.width(), self.raster.height())
    }
}
