//! What has changed from one state of a project to another: two catalogues compared image by image and region by
//! region.
//!
//! Images are joined by id, else by the SHA-256 of the original, else by their metadata `name`. Regions of two joined
//! images are joined by id where no other region of the image has it, else one to one by tag and IoU with the best
//! total, else by IoU regardless of tag. The result does not depend on the order of the rows, and comparing the other
//! way round gives its mirror.
//!
//! A [`Plan`] joins the images; its [`compare`](Plan::compare) works on any part of them, so that several threads can
//! share the work; [`gather`](Plan::gather) puts the parts together.

mod assignment;
mod images;
mod plan;
mod project;
mod regions;
mod sides;
#[cfg(test)]
mod tests;

pub use images::ImagesJoined;
pub use plan::{ChangesPart, Pairs, Plan, metadata_changes};
pub use project::{FactChange, FactKind, JointTag, JointTags, TagListChange};
pub use regions::RegionsJoined;
pub use sides::{ImageChanges, Sides};

use rustc_hash::FxHashSet;

#[cfg(test)]
use crate::Problem;
use crate::{Catalogue, ImageId, ImageIx, Project, ProjectKind, RegionIx};

/// The IoU from which on two regions without a common id may be the same one.
pub const DEFAULT_IOU: f32 = 0.5;

/// A region has moved when one of its edges has moved by at least this many pixels.
pub const LEAST_SHIFT: f64 = 0.5;

/// The SHA-256 of a file.
pub type Digest = [u8; 32];

#[derive(Clone, Copy)]
pub struct ComparedState<'a> {
    pub catalogue: &'a Catalogue,
    pub project: &'a Project,
    pub kind: ProjectKind,
    /// The hash of an image's original, where it is known.
    pub digest: &'a (dyn Fn(ImageId) -> Option<Digest> + Sync),
    /// Whether it is a dataset of another program. Such a state says nothing of a project, of ids of tags, or of
    /// metadata `name`: the import makes them.
    pub is_import: bool,
    /// Images that are in the state but whose rows could not be read: what has changed of them is unknown.
    pub unreadable: &'a FxHashSet<ImageId>,
    /// Whether images may be in the state that are not in the catalogue, besides the unreadable ones.
    pub is_incomplete: bool,
    /// Whether regions or tags of any image may be missing.
    pub lacks_parts: bool,
}

/// Whether an id was made by an import of a name or place: equal ones say no more than the name does.
fn is_made_of_names(id: uuid::Uuid) -> bool {
    id.get_version_num() == 5
}

/// Whether a project was made by an import of a dataset of another program: its id is then made of the content.
pub fn is_of_import(project: &Project) -> bool {
    is_made_of_names(project.id.0)
}

/// A kind of change, in the order of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    ImageAdded,
    ImageRemoved,
    /// Only one state has the image, and the other one could not be read completely: it may have it too.
    ImageUnknown,
    MetadataChanged,
    /// The original is another file, or of another size.
    PictureChanged,
    RegionAdded,
    RegionMoved,
    RegionRemoved,
    RegionRetagged,
    TagAdded,
    TagRemoved,
}

impl ChangeKind {
    pub const ALL: [Self; 11] = [
        Self::ImageAdded,
        Self::ImageRemoved,
        Self::ImageUnknown,
        Self::MetadataChanged,
        Self::PictureChanged,
        Self::RegionAdded,
        Self::RegionMoved,
        Self::RegionRemoved,
        Self::RegionRetagged,
        Self::TagAdded,
        Self::TagRemoved,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageAdded => "image-added",
            Self::ImageRemoved => "image-removed",
            Self::ImageUnknown => "image-unknown",
            Self::MetadataChanged => "metadata-changed",
            Self::PictureChanged => "picture-changed",
            Self::RegionAdded => "region-added",
            Self::RegionMoved => "region-moved",
            Self::RegionRemoved => "region-removed",
            Self::RegionRetagged => "region-retagged",
            Self::TagAdded => "tag-added",
            Self::TagRemoved => "tag-removed",
        }
    }

    /// Its name in a query: `change:moved`.
    pub fn word(self) -> &'static str {
        match self {
            Self::MetadataChanged => "metadata",
            Self::PictureChanged => "picture",
            Self::RegionMoved => "moved",
            Self::RegionRetagged => "retagged",
            other => other.name(),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::ImageAdded => "Image added",
            Self::ImageRemoved => "Image removed",
            Self::ImageUnknown => "Image unknown",
            Self::MetadataChanged => "Metadata changed",
            Self::PictureChanged => "Picture changed",
            Self::RegionAdded => "Region added",
            Self::RegionMoved => "Region moved",
            Self::RegionRemoved => "Region removed",
            Self::RegionRetagged => "Region retagged",
            Self::TagAdded => "Tag added",
            Self::TagRemoved => "Tag removed",
        }
    }

    /// What it is when the states are compared the other way round.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::ImageAdded => Self::ImageRemoved,
            Self::ImageRemoved => Self::ImageAdded,
            Self::RegionAdded => Self::RegionRemoved,
            Self::RegionRemoved => Self::RegionAdded,
            Self::TagAdded => Self::TagRemoved,
            Self::TagRemoved => Self::TagAdded,
            Self::ImageUnknown
            | Self::MetadataChanged
            | Self::PictureChanged
            | Self::RegionMoved
            | Self::RegionRetagged => self,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The farthest that an edge has moved, in pixels of the larger known size of the image; in fractions of the image
    /// when no size is known.
    pub by: f64,
    pub is_pixels: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub kind: ChangeKind,
    /// The image in the first state; `None` when it was added, or may have been.
    pub from: Option<ImageIx>,
    /// The image in the second state; `None` when it was removed, or may have been.
    pub to: Option<ImageIx>,
    pub region_from: Option<RegionIx>,
    pub region_to: Option<RegionIx>,
    /// The tag, where the change is about an image's own tag.
    pub tag: Option<JointTag>,
    /// Intersection over union, where a region moved or was retagged.
    pub iou: f32,
    pub shift: Option<Shift>,
    /// Whether the change may not be real, because part of a state could not be read.
    pub is_uncertain: bool,
}

/// All changes, ordered by image id, region id and kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub list: Vec<Change>,
    pub images: ImagesJoined,
    pub regions: RegionsJoined,
    pub tag_list: Vec<TagListChange>,
    pub facts: Vec<FactChange>,
    pub tags: JointTags,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.tag_list.is_empty() && self.facts.is_empty()
    }

    pub fn count(&self, kind: ChangeKind) -> u64 {
        self.list.iter().filter(|change| change.kind == kind).count() as u64
    }
}
