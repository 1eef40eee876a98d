//! COCO detection JSON.
//!
//! - [`write`](mod@write): by the rules that its readers check: ids from 1 and unique, `area`, `iscrowd`, pixel boxes of the
//!   file that is exported, no rounding.
//! - [`read`](mod@read): the published form and nothing else, element by element, to check what was written.
//! - [`dataset`]: what is found in the wild, for importing.

pub mod dataset;
pub mod read;
mod shape;
pub mod write;

pub use dataset::read_dataset;
pub(crate) use read::read_whole;
pub use read::{CocoSink, read_coco};
pub(crate) use shape::around_mask;
pub(crate) use write::CocoWriter;
