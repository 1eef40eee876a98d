//! What is kept on disk and in the system keychain: paths, settings, keys, the cache of pictures, lists of the last visit, archives.
//!
//! Nothing here talks to the network and nothing decodes a picture. Calls block: use them off the UI thread.

pub mod archive;
mod archive_writer;
pub mod blobs;
#[cfg(any(test, feature = "testing"))]
mod disk_faults;
mod durable;
pub mod error;
mod hashes;
mod hidden;
pub mod jobs;
pub mod journal;
mod kept_predictions;
pub mod machine;
mod mirrors;
pub mod open_files;
pub mod paths;
mod placing;
mod publish;
mod purpose;
mod recovery;
pub mod regular;
mod rename;
mod site;
pub mod snapshot;
mod staged_file;
pub mod staging;
#[cfg(test)]
mod testing;
mod unfinished;
mod upload_work;
pub mod vault;
mod whole_file;

pub use archive::{Archive, ArchiveFacts, FileFacts, read_manifest};
pub use archive_writer::{ArchiveWriter, ContentsWriter, PredictionsWriter, SealedArchive, WrittenContents};
pub use blobs::BlobCache;
pub use error::StorageError;
pub use hashes::{load_hashes, save_hashes};
pub use hidden::{folder_of as unfinished_folder, is_unfinished, what_was_left};
pub use journal::{Journal, OpenedJournal};
pub use kept_predictions::KeptPredictions;
pub use machine::{address_space, memory_limit};
pub use mirrors::{Known, Mirror, MirrorFile, Mirrors};
pub use paths::Paths;
pub use placing::{OUTSIDE, refuse_inside};
pub use purpose::Purpose;
pub use regular::resolve;
pub use snapshot::Snapshots;
pub use staging::{StagedFile, Staging};
pub use unfinished::{Kept, look_at_unfinished};
pub use upload_work::{UploadWork, left_by as upload_left_by, result_of as upload_result_of};
pub use vault::{KeyringVault, SessionVault, Vault};
pub use whole_file::{Loaded, load_json, rewrite, save_json, write_whole, write_whole_with};
