//! What the endpoint can serve: one project, its rows by place and its pictures. The sample and an archive are both this.

use bytes::Bytes;

use super::ServerError;
use super::filter::MetadataFilter;
use super::performance::{Performance, Thresholds};
use super::signature::SignedUris;
use crate::domain::{BlobKind, Domain, ImageId, Iteration, IterationId, Project, Stamp, Tag, TagId};

/// A project that can be read. Places count the images from 0, the oldest: first those with tags, behind them those that
/// nobody has tagged yet.
pub(super) trait Holdings: Send + Sync + 'static {
    /// The project.
    fn project(&self) -> &Project;

    /// Domains besides the service's own list.
    fn domains(&self) -> &[Domain];

    /// Its iterations, newest first.
    fn iterations(&self) -> &[Iteration];

    /// Its tags with their image counts, in the workspace or a known iteration.
    fn tags(&self, iteration: Option<IterationId>) -> Vec<Tag>;

    /// Number of tagged images in the workspace or a known iteration: places 0..count.
    fn count(&self, iteration: Option<IterationId>) -> usize;

    /// Number of untagged images in the workspace: places count..count + untagged. An iteration has none.
    fn untagged_count(&self) -> usize;

    /// The places below `end` of the images that have any of `tags`, ascending.
    fn places_with(&self, tags: &[TagId], end: usize) -> Vec<u32>;

    /// The places below `end` of the images whose metadata match, ascending.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn places_where(&self, filter: &MetadataFilter, end: usize) -> Result<Vec<u32>, ServerError>;

    /// The image at `place`.
    fn id(&self, place: usize) -> Option<ImageId>;

    /// When the image at `place` came.
    fn created(&self, place: usize) -> Option<Stamp>;

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

    /// Whether there are predictions for the images of its iterations.
    fn has_performances(&self) -> bool;

    /// How well a known iteration does; `None` when that is not known.
    fn performance(&self, iteration: IterationId, thresholds: Thresholds) -> Option<Performance>;

    /// Appends the rows at `places` with the predictions of a known iteration, as [`Holdings::write_rows`] does.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn write_performances(
        &self,
        iteration: IterationId,
        places: &[usize],
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ServerError>;
}
