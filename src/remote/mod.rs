//! Object stores (Amazon S3, Google Cloud Storage, Azure Blob Storage) through one door: opening a place with the
//! credentials that the clouds' own tools would use, and reading, listing and creating objects below it. What is uploaded
//! and in which order is the engine's business.
//!
//! Three rules hold everywhere below: nothing that exists is overwritten, no credential is kept by us, and no address with
//! a query, no key and no signature ever reaches an error, a `Debug` or a log.

mod credentials;
mod error;
mod large;
mod objects;
mod open;
mod profile;
mod sources;
mod wire;

pub use credentials::Environment;
pub use error::RemoteError;
pub use large::{LargeUpload, PART, PIECE, Sums, part_length};
pub use objects::{Entry, Store, StoreOptions};
pub use open::account_of;
pub use sources::StoreSetup;
