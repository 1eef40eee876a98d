//! What the menu of an image or region hands to other programs as a picture or a file: the picture on the clipboard, the
//! file in its folder. `update::copying` does the commands and takes the events.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::picture::PictureTarget;
use domain::{ImageId, ImageIx, Raster, UnitRect};

/// What people ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CopyCommand {
    /// The picture of an image on the clipboard, or a part of it.
    Picture {
        /// The image's place in the catalogue.
        ix: ImageIx,
        /// Which part, in fractions; `None`: all of it.
        part: Option<UnitRect>,
    },
    /// Show the file of an image in the system's file manager.
    ShowFile(ImageIx),
}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum CopyEffect {
    /// Decode the original, or cut a part out of it -> `CopyEvent::Picture`.
    Picture {
        /// Comes back with the answer.
        number: u64,
        /// The image, and which picture of it.
        target: Box<PictureTarget>,
        /// Which part, in fractions; `None`: all of it.
        part: Option<UnitRect>,
    },
    /// Find the file of an image on this computer -> `CopyEvent::File`.
    FindFile {
        /// The image's id.
        id: ImageId,
        /// Its name in the dataset.
        name: Option<String>,
        /// The archive or dataset as it was opened.
        source: PathBuf,
    },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum CopyEvent {
    /// The pixels of an image or of a part of it.
    Picture {
        /// The number it was requested with.
        number: u64,
        /// Whether it is a part.
        is_part: bool,
        /// The pixels, or why there are none.
        result: Result<CopiedPicture, Failure>,
    },
    /// Where the file of an image is.
    File(Result<PathBuf, Failure>),
}

/// Pixels for the clipboard.
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
