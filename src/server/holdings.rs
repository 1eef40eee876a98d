//! What the endpoint can serve: one project, its rows by place and its pictures. The sample and an archive are both this.

use bytes::Bytes;

use super::ServerError;
use super::signature::SignedUris;
use crate::domain::{BlobKind, Domain, ImageId, Iteration, IterationId, Project, Tag, TagId};

/// A project that can be read. Places count the images from 0, the oldest.
pub(super) trait Holdings: Send + Sync + 'static {
    /// The project.
    fn project(&self) -> &Project;

    /// Domains besides the service's own list.
    fn domains(&self) -> &[Domain];

    /// Its iterations, newest first.
    fn iterations(&self) -> &[Iteration];

    /// Its tags with their image counts, in the workspace or a known iteration.
    fn tags(&self, iteration: Option<IterationId>) -> Vec<Tag>;

    /// Number of images in the workspace or a known iteration: places 0..count.
    fn count(&self, iteration: Option<IterationId>) -> usize;

    /// The places below `end` of the images that have any of `tags`, ascending.
    fn places_with(&self, tags: &[TagId], end: usize) -> Vec<u32>;

    /// The image at `place`.
    fn id(&self, place: usize) -> Option<ImageId>;

    /// Where the image is.
    fn find(&self, image: ImageId) -> Option<usize>;

    /// Appends the rows at `places` as JSON objects with commas between, with signed addresses.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError>;

    /// A picture's file; `None` when there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read or made.
    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError>;
}
