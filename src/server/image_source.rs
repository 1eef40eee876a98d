//! What the endpoint can serve: one project, its rows by place and its pictures. The sample and an archive are both this.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::ServerError;
use super::filter::MetadataFilter;
use super::performance::{Performance, Thresholds};
use super::signature::SignedUris;
use domain::{BlobKind, Domain, ExportFacts, ImageId, Iteration, IterationId, Project, Tag, TagId, Timestamp};

pub(super) struct ServedExport {
    pub(super) facts: ExportFacts,
    pub(super) model: Option<ServedModel>,
}

pub(super) struct ServedModel {
    pub(super) id: Uuid,
    /// The extension of its name, letters and digits.
    pub(super) extension: String,
}

/// A project as it is at a state: the workspace's, or that which an iteration was trained on. Places count the images
/// from 0, the oldest: first those with tags, behind them those that nobody has tagged yet.
pub(super) trait ImageSource: Send + Sync + 'static {
    fn project(&self) -> &Project;

    /// Domains besides the service's own list.
    fn domains(&self) -> &[Domain];

    /// Newest first.
    fn iterations(&self) -> &[Iteration];

    /// The state that a known iteration was trained on; `None` when that is not held.
    ///
    /// # Errors
    /// When its rows cannot be read.
    fn at(&self, iteration: IterationId) -> Result<Option<Arc<dyn ImageSource>>, ServerError>;

    fn tags(&self) -> Vec<Tag>;

    /// Number of tagged images: places 0..count.
    fn count(&self) -> usize;

    /// Number of untagged images: places count..count + untagged.
    fn untagged_count(&self) -> usize;

    /// The places of the images that have any of `tags`, ascending.
    fn places_with(&self, tags: &[TagId]) -> Vec<u32>;

    /// The places of the images whose metadata match, ascending.
    fn places_where(&self, filter: &MetadataFilter) -> Result<Vec<u32>, ServerError>;

    fn id(&self, place: usize) -> Option<ImageId>;

    fn created(&self, place: usize) -> Option<Timestamp>;

    fn find(&self, image: ImageId) -> Option<usize>;

    /// Appends the rows at `places` as JSON objects with commas between, with signed addresses.
    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError>;

    /// A picture's file, of whichever state the image is; `None` when there is none.
    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError>;

    /// The exports of the iteration of this state.
    fn exports(&self) -> Result<Vec<ServedExport>, ServerError>;

    /// A model file, of whichever iteration; `None` when there is none.
    fn model(&self, id: Uuid) -> Result<Option<Bytes>, ServerError>;

    /// Whether there are predictions for the images: those of the iteration of this state.
    fn has_performances(&self) -> bool;

    /// How well the iteration of this state does; `None` when that is not known.
    fn performance(&self, thresholds: Thresholds) -> Option<Performance>;

    /// Appends the rows at `places` with the predictions of the iteration, as [`ImageSource::write_rows`] does.
    fn write_performances(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>)
    -> Result<(), ServerError>;
}
