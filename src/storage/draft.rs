//! A file that is written under a hidden name beside its place and takes the place when it is complete. Dropped before
//! that, it disappears, and what was there stays.

#[cfg(unix)]
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use super::paths::sync_dir;

/// How the name of an unfinished file starts.
pub(super) const PREFIX: &str = ".tagscope-";

/// See the [module's words](self).
pub(super) struct Draft {
    out: BufWriter<NamedTempFile>,
    is_cache: bool,
}

impl Draft {
    /// A file that only this person may read.
    pub(super) fn private(folder: &Path) -> io::Result<Self> {
        // The crate's own rights are 0600.
        Self::with(&mut Builder::new(), folder, false)
    }

    /// The same for a file that can be made again: nobody waits for the disk.
    pub(super) fn cache(folder: &Path) -> io::Result<Self> {
        Self::with(&mut Builder::new(), folder, true)
    }

    /// A file with the rights of an ordinary file, as the person's umask has them.
    pub(super) fn ordinary(folder: &Path) -> io::Result<Self> {
        let mut builder = Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Self::with(&mut builder, folder, false)
    }

    fn with(builder: &mut Builder<'_, '_>, folder: &Path, is_cache: bool) -> io::Result<Self> {
        let file = builder.prefix(PREFIX).tempfile_in(folder)?;
        Ok(Self { out: BufWriter::with_capacity(1 << 17, file), is_cache })
    }

    /// The file itself, for its rights.
    #[cfg(unix)]
    pub(super) fn file(&self) -> &File {
        self.out.get_ref().as_file()
    }

    /// Puts the file in its place; one that is there is only replaced with `may_replace`.
    pub(super) fn publish(self, path: &Path, may_replace: bool) -> io::Result<()> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if !self.is_cache {
            file.as_file().sync_all()?;
        }
        let placed = if may_replace { file.persist(path) } else { file.persist_noclobber(path) };
        placed.map_err(|error| error.error)?;
        if !self.is_cache {
            sync_dir(folder_of(path));
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_draft_leaves_what_was_there_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"before").expect("file");
        let mut draft = Draft::private(folder.path()).expect("draft");
        draft.write_all(b"half").expect("written");
        drop(draft);
        assert_eq!(std::fs::read(&path).expect("file"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn only_a_draft_that_may_replace_takes_a_taken_place() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"before").expect("file");
        for (may_replace, content) in [(false, b"before"), (true, b"after!")] {
            let mut draft = Draft::cache(folder.path()).expect("draft");
            draft.write_all(b"after!").expect("written");
            assert_eq!(draft.publish(&path, may_replace).is_ok(), may_replace);
            assert_eq!(std::fs::read(&path).expect("file"), content);
        }
    }
}
