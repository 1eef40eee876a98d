//! What can go wrong with a file of an archive in an object store.

use domain::ObjectAddress;
use remote::RemoteError;
use storage::StorageError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FarError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error("{place} is damaged: {reason}")]
    Damaged { place: ObjectAddress, reason: String },
    #[error(transparent)]
    Local(#[from] StorageError),
    /// Nobody waits any more.
    #[error("canceled")]
    Canceled,
}

impl From<FarError> for StorageError {
    fn from(error: FarError) -> Self {
        match error {
            FarError::Local(error) => error,
            other => Self::Far(Box::new(other)),
        }
    }
}
