//! What the menu of an image or region hands to other programs as a picture or a file: the picture on the clipboard, the
//! file in its folder. `update::copying` does the commands and takes the events.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::picture::PictureTarget;
use domain::{ImageId, ImageIx, Raster, UnitRect};

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
