//! An image in the service's own field names and number text: what a page of the API, a line of an archive's
//! `images.jsonl`, a line of `tagscope images --jsonl` and an answer of the stand-in endpoint have in common.
//!
//! Reading never fails a page because of a row, nor a row because of a field or a region: what could not be read is a
//! [`Problem`](super::Problem). Writing gives back the text that was read, to the digit.

mod partial;
mod predicted;
mod read;
mod wire;
mod write;

pub(super) use partial::with_whole_letters;
pub use read::{NotAList, Page, RecordReader};
pub(super) use wire::Rows as AllRows;
pub use wire::members;
pub use write::{UriForm, write_image, write_predictions};

#[cfg(test)]
mod tests;
