//! Reads all objects of an archive again, without keeping them.

use std::sync::Arc;
use std::sync::mpsc;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::error::FarError;
use super::files::{Shared, StoreFiles};
use crate::arrival::Extent;
use crate::failure::{self, ToFailure as _};
use app::Failure;
use domain::StoreTrouble;
use remote::{RemoteError, Sums};
use storage::FileFacts;
use storage::archive::FileHash;

/// Objects under way at once.
const AT_ONCE: usize = 8;
/// Results that wait to be taken.
const WAITING: usize = 64;

#[derive(Debug)]
pub(crate) struct Measured {
    /// Its name below the archive.
    pub name: String,
    /// Its bytes, when it is what the manifest says, and for a picture how much of one it is; else what is wrong with it.
    pub result: Result<(u64, Extent), String>,
}

impl StoreFiles {
    /// Reads objects again and hands each to `taken`, in no order.
    pub(crate) fn measure_all(
        &self,
        list: Vec<(String, FileFacts, bool)>,
        cancel: &CancellationToken,
        mut taken: impl FnMut(Measured),
    ) -> Result<(), Failure> {
        let (out, came) = mpsc::sync_channel(WAITING);
        let (shared, stop) = (Arc::clone(&self.shared), cancel.clone());
        let started = self.start(async move {
            let each = futures_util::stream::iter(list).map(|(name, facts, is_picture)| {
                let shared = &shared;
                async move { measured(shared, name, &facts, is_picture).await }
            });
            let mut each = std::pin::pin!(each.buffer_unordered(AT_ONCE));
            loop {
                let next = tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    next = each.next() => next,
                };
                let Some(next) = next else { return };
                let is_over = next.is_err();
                // Blocks while the other side is behind: this runtime has nothing else to do.
                if out.send(next).is_err() || is_over {
                    return;
                }
            }
        });
        if !started {
            return Err(failure::canceled());
        }
        for measured in came {
            taken(measured.map_err(FarError::to_failure)?);
        }
        if cancel.is_cancelled() { Err(failure::canceled()) } else { Ok(()) }
    }

    /// The names of all objects of the archive.
    pub(crate) fn names(&self, cancel: &CancellationToken) -> Result<Vec<String>, Failure> {
        let shared = Arc::clone(&self.shared);
        let listed = self.runtime.until(cancel, async move { shared.store.entries(usize::MAX).await });
        let listed = listed.ok_or_else(failure::canceled)?;
        Ok(listed.map_err(RemoteError::to_failure)?.into_iter().map(|entry| entry.name).collect())
    }
}

impl Shared {
    /// Reads an object of any length and keeps nothing of it: an error when it is not as the manifest has it.
    async fn stream(&self, name: &str, facts: &FileFacts) -> Result<(), FarError> {
        let mut sums = Sums::default();
        let mut bytes = 0;
        let mut pieces = std::pin::pin!(self.store.pieces(name, facts.bytes, None));
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => {
                    sums.add(&piece);
                    bytes += piece.len() as u64;
                }
                Err(error) => return Err(self.meaning(error, name, facts.bytes).await),
            }
        }
        let found = FileFacts { bytes, sha256: FileHash::from_sum(sums.sha256()) };
        if found == *facts { Ok(()) } else { Err(self.differs(name, &found, facts)) }
    }
}

/// What an object is. Only what keeps the others from being read is an error.
async fn measured(shared: &Shared, name: String, facts: &FileFacts, is_picture: bool) -> Result<Measured, FarError> {
    let read = if is_picture {
        shared.object(&name, facts).await.map(|bytes| Extent::from_bytes(&bytes))
    } else {
        shared.stream(&name, facts).await.map(|()| Extent::Whole)
    };
    let result = match read {
        Ok(extent) => Ok((facts.bytes, extent)),
        Err(FarError::Damaged { reason, .. }) => Err(reason),
        Err(FarError::Remote(RemoteError::Store { trouble: StoreTrouble::NoObject, .. })) => {
            Err("is missing".to_owned())
        }
        Err(error) => return Err(error),
    };
    Ok(Measured { name, result })
}
