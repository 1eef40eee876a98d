//! Lists of the last visit: told before the new listing begins, kept when it has ended.
//!
//! The sample project has none, for the same reason as its pictures are not in the disk cache: it is made anew with each
//! version of the program.

use std::sync::Arc;
use std::time::Instant;

use super::opening::Opening;
use crate::app::Event;
use crate::domain::{Catalogue, IterationId};

/// Reports the list of the last visit, if there is one that can be used.
pub(super) async fn tell(opening: &Opening, iteration: Option<IterationId>) {
    let (Some(snapshots), Some(_)) = (opening.shared.snapshots.clone(), opening.blobs.cache()) else { return };
    let scope = opening.blobs.scope;
    let read = move || {
        let began = Instant::now();
        let loaded = snapshots.load(scope, iteration);
        let us = began.elapsed().as_micros() as u64;
        tracing::trace!(name: "read the list of the last visit", target: "tagscope::trace", us, is_good = loaded.is_ok());
        loaded
    };
    let loaded = tokio::task::spawn_blocking(read).await;
    match loaded {
        Ok(Ok(Some(catalogue))) if !catalogue.is_empty() => {
            let catalogue = Arc::new(catalogue);
            opening.shared.inbox.post(Event::LastVisit { generation: opening.generation, catalogue });
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the list of the last visit cannot be used"),
        Err(_) => tracing::warn!("reading the list of the last visit stopped"),
    }
}

/// Keeps a list for the next visit, in the background. Without it the next visit begins with the service's answer: that
/// is worth a line in the log and no more.
pub(super) fn keep(opening: &Opening, iteration: Option<IterationId>, catalogue: Arc<Catalogue>) {
    let (Some(snapshots), Some(_)) = (opening.shared.snapshots.clone(), opening.blobs.cache()) else { return };
    let scope = opening.blobs.scope;
    tokio::task::spawn_blocking(move || {
        if let Err(error) = snapshots.save(scope, iteration, &catalogue) {
            tracing::warn!(%error, "the list could not be kept for the next visit");
        }
    });
}
