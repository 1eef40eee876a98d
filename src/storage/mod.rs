//! What is kept on disk and in the system keychain: paths, settings, keys, the cache of pictures, lists of the last visit, archives.
//!
//! Nothing here talks to the network and nothing decodes a picture. Calls block: use them off the UI thread.

pub mod archive;
pub mod blobs;
mod clearing;
#[cfg(any(test, feature = "testing"))]
mod disk_faults;
mod dismissed;
mod draft;
mod durable;
pub mod error;
pub mod footing;
mod hashes;
pub mod jobs;
pub mod journal;
mod kept_predictions;
mod memory;
mod mirrors;
pub mod open_files;
mod passing;
pub mod paths;
mod placing;
pub mod private;
mod publish;
mod recovery;
pub mod regular;
mod rename;
mod resolve;
pub mod settings;
mod site;
pub mod snapshot;
pub mod space;
mod staged_file;
pub mod staging;
#[cfg(test)]
mod testing;
mod unfinished;
mod upload_work;
pub mod vault;
mod whole_file;

pub use archive::{Archive, ArchiveFacts, ArchiveWriter, FileFacts, SealedArchive, read_manifest};
pub use blobs::BlobCache;
pub use error::StorageError;
pub use hashes::{load_hashes, save_hashes};
pub use journal::{Journal, OpenedJournal};
pub use kept_predictions::KeptPredictions;
pub use memory::{address_space, memory_limit};
pub use mirrors::{Known, Mirror, MirrorFile, Mirrors};
pub use paths::Paths;
pub use placing::refuse_inside;
pub use recovery::what_was_left;
pub use resolve::resolve;
pub use settings::{Loaded, load_json, save_json};
pub use snapshot::Snapshots;
pub use staging::{StagedFile, Staging};
pub use unfinished::{Kept, folder_of as unfinished_folder, is_unfinished};
pub use upload_work::{UploadWork, left_by as upload_left_by, result_of as upload_result_of};
pub use vault::{KeyringVault, SessionVault, Vault};
pub use whole_file::{rewrite, write_whole, write_whole_with};
