//! What can go wrong with a file of an archive in an object store.

use crate::failure::{ToFailure, from_storage};
use app::{Failure, FailureKind};
use domain::{ObjectAddress, StoreTrouble};
use remote::RemoteError;
use storage::StorageError;

#[derive(Debug, thiserror::Error)]
pub(super) enum FarError {
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

impl ToFailure for FarError {
    fn to_failure(self) -> Failure {
        failure_of(&self)
    }
}

fn failure_of(error: &FarError) -> Failure {
    match error {
        FarError::Remote(RemoteError::Store { place, trouble: StoreTrouble::NoObject, .. }) => {
            Failure::bare(FailureKind::MissingFile { path: place.to_string() })
        }
        FarError::Remote(error) => error.clone().to_failure(),
        FarError::Damaged { place, reason } => {
            let kind = FailureKind::BrokenFile { path: place.to_string(), reason: reason.clone() };
            Failure::new(kind, error.to_string())
        }
        FarError::Local(error) => from_storage(error),
        FarError::Canceled => crate::failure::canceled(),
    }
}

/// What an error of [`StorageError::Far`] means.
pub(crate) fn failure_in(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    error.downcast_ref::<FarError>().map_or_else(|| crate::failure::internal(error.to_string()), failure_of)
}
