//! Facets: what the images are like, counted, each entry a term of the query language.
//!
//! [`FacetIndex`] holds for each image which entries it belongs to, in small numbers by column, and grows with the
//! pages; [`FacetCounts`] counts the entries of some images in one pass over those columns; [`sections`] makes them
//! ready to be listed. Decisions, findings and changes change by themselves, so they are read when they are counted.
//! Everything is bounded: of what has very many values (a file name in the metadata) only the key is counted.

mod counts;
mod index;
mod section;

pub use counts::{FacetCounts, TagCount};
pub use index::FacetIndex;
pub use section::{FacetEntry, FacetSection, SectionKind, sections};

/// Bars of the histogram of region counts; the last one is for all greater counts.
pub const REGION_BARS: usize = 12;

/// Bounds between the classes of region size, in percent of the image.
pub const SIZE_EDGES: [f64; 4] = [0.1, 1.0, 5.0, 20.0];

#[cfg(test)]
mod tests;
