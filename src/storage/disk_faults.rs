//! What a disk does wrong, for tests: it is full, or it is slow. Only builds with the feature `testing` have this.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Is called before each write to a journal: a slow disk.
#[derive(Clone)]
pub struct WriteDelay(pub Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for WriteDelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WriteDelay")
    }
}

/// What goes wrong; nothing by default. Clones share the room that is left.
#[derive(Clone, Debug, Default)]
pub(super) struct DiskFaults {
    /// Bytes that may still be written.
    room: Option<Arc<AtomicU64>>,
    delay: Option<WriteDelay>,
}

impl DiskFaults {
    pub(super) fn full_after(bytes: u64) -> Self {
        Self { room: Some(Arc::new(AtomicU64::new(bytes))), ..Self::default() }
    }

    pub(super) fn slow(delay: WriteDelay) -> Self {
        Self { delay: Some(delay), ..Self::default() }
    }

    /// What happens before `bytes` are written to `file`: a full disk takes as many as it has room for and fails.
    pub(super) fn before_write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Some(WriteDelay(wait)) = &self.delay {
            wait();
        }
        let Some(room) = &self.room else { return Ok(()) };
        let size = bytes.len() as u64;
        let left = room.update(Ordering::Relaxed, Ordering::Relaxed, |left| left.saturating_sub(size));
        if left >= size {
            return Ok(());
        }
        file.write_all(&bytes[..usize::try_from(left).unwrap_or(0)])?;
        Err(io::ErrorKind::StorageFull.into())
    }
}
