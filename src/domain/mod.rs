//! What the words mean: ids, geometry, regions, tags, images, the catalogue of a project, query and selection.
//!
//! Pure: no I/O, no clock, no thread. It also knows the service's own field names and number text
//! ([`record`]), because an archive, a listing on the command line, an export and the stand-in endpoint all use them.

pub mod byte_lru;
pub mod catalogue;
pub mod changes;
pub mod checks;
pub mod errors;
pub mod evaluation;
pub mod exact;
pub mod facets;
pub mod geometry;
pub mod ids;
pub mod image;
mod iteration;
pub mod listed;
pub mod mipmap;
pub mod near;
pub mod number;
pub mod objects;
pub mod order;
pub mod predictions;
pub mod problem;
pub mod project;
pub mod query;
pub mod raster;
pub mod record;
pub mod review;
pub mod selection;
pub mod spreadsheet;
pub mod stats;
pub mod tag_color;
pub mod timestamp;
pub mod wall;

pub use self::image::{BlobKind, BlobUri, ImageRow, ImageUris, RegionRow, TagMark};
pub use byte_lru::ByteLru;
pub use catalogue::{Catalogue, ImageIx, ImageView, PixelSize, RegionIx, RegionView, TagEntry, TagIx, TagTable};
pub use checks::{CheckKind, CheckOptions, CheckSet, Dismissed, Finding, FindingKey, Findings};
pub use errors::json_error;
pub use geometry::{PixelRect, UnitRect};
pub use ids::{DomainId, ImageId, IterationId, ProjectId, RegionId, TagId};
pub use iteration::{
    ArchivedExport, ExportFacts, ImagePerformance, IterationPerformance, ModelExport, PerformanceFigures,
    PerformancePage, Prediction, TagPerformance,
};
pub use listed::{Listed, ListingReport};
pub use mipmap::{MipLevel, Mipmap};
pub use objects::{AddressError, Destination, ObjectAddress, StoreKind, StoreTrouble};
pub use order::{GroupKey, ImageGroup, ImageGrouping, Sort, SortKey};
pub use predictions::{PredictionView, Predictions, PredictionsBuilder};
pub use problem::Problem;
pub use project::{Domain, Iteration, Project, ProjectKind, Tag};
pub use query::{Program, Query, QueryError, Sources};
pub use raster::{Adjust, Raster};
pub use record::{NotAList, Page, RecordReader, UriForm, write_image};
pub use review::{
    Agreement, Blame, Decision, DecisionKind, DecisionSummary, Dispute, Review, ReviewCount, ReviewProgress, ReviewRow,
    ReviewerTotal, Reviews, SharedDecisions, Statement, Subject, Survey, TagSurvey, Verdict,
};
pub use selection::Selection;
pub use timestamp::Timestamp;
pub use wall::{RegionGroup, RegionOrder, RegionSort, WallSort};
