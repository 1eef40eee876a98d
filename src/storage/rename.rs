//! Renames that never replace anything, and the exchange of two folders in one step.
//!
//! Linux and macOS do both in the kernel. Elsewhere, and on file systems that cannot do it, the place is looked at first
//! and then an ordinary rename is used: a folder that is renamed onto a file, a link or a folder with something in it
//! fails there too, so that at worst an empty folder is replaced.

use std::io;
use std::path::Path;

/// What this system can do; narrower in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Everything that the file system offers.
    All,
    /// Ordinary renames alone.
    #[cfg(test)]
    Plain,
}

/// Renames a folder to a name that must be free.
/// [`io::ErrorKind::AlreadyExists`] when it is not.
pub(super) fn rename_new(from: &Path, to: &Path, means: Means) -> io::Result<()> {
    if means == Means::All
        && let Some(result) = kernel::rename_new(from, to)
    {
        return result;
    }
    match to.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::fs::rename(from, to).map_err(taken),
        Err(error) => Err(error),
    }
}

/// What a rename onto something says, in one word.
fn taken(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            io::ErrorKind::AlreadyExists.into()
        }
        _ => error,
    }
}

/// Exchanges two folders: at every moment both names stand for one of them. `false`: the file system cannot do it, and
/// nothing was changed.
pub(super) fn exchange(one: &Path, other: &Path, means: Means) -> io::Result<bool> {
    if means != Means::All {
        return Ok(false);
    }
    kernel::exchange(one, other).map_or(Ok(false), |result| result.map(|()| true))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod kernel {
    use std::io;
    use std::path::Path;

    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    pub(super) fn rename_new(from: &Path, to: &Path) -> Option<io::Result<()>> {
        with(from, to, RenameFlags::NOREPLACE)
    }

    pub(super) fn exchange(one: &Path, other: &Path) -> Option<io::Result<()>> {
        with(one, other, RenameFlags::EXCHANGE)
    }

    /// `None`: the kernel or the file system does not know these flags.
    fn with(from: &Path, to: &Path, flags: RenameFlags) -> Option<io::Result<()>> {
        match renameat_with(CWD, from, CWD, to, flags) {
            Ok(()) => Some(Ok(())),
            // Two names of one number on some systems.
            Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error) => None,
            Err(error) => Some(Err(error.into())),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod kernel {
    use std::io;
    use std::path::Path;

    pub(super) fn rename_new(_from: &Path, _to: &Path) -> Option<io::Result<()>> {
        None
    }

    pub(super) fn exchange(_one: &Path, _other: &Path) -> Option<io::Result<()>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_whatever_it_is() {
        for means in [Means::All, Means::Plain] {
            let home = tempfile::tempdir().expect("home");
            let at = |name: &str| home.path().join(name);
            std::fs::create_dir_all(at("from/in")).expect("folder");
            std::fs::create_dir(at("empty")).expect("folder");
            std::fs::create_dir_all(at("full/mine")).expect("folder");
            std::fs::write(at("file"), "mine").expect("file");
            #[cfg(unix)]
            std::os::unix::fs::symlink(at("nowhere"), at("link")).expect("link");
            for name in ["empty", "full", "file", if cfg!(unix) { "link" } else { "file" }] {
                let error = rename_new(&at("from"), &at(name), means).expect_err(name);
                assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{means:?} {name}");
                assert!(at("from/in").is_dir() && at(name).symlink_metadata().is_ok(), "{means:?} {name}");
            }
            rename_new(&at("from"), &at("new"), means).expect("free");
            assert!(at("new/in").is_dir() && !at("from").exists());
        }
    }

    #[test]
    fn two_folders_are_exchanged_or_both_stay() {
        let home = tempfile::tempdir().expect("home");
        let at = |name: &str| home.path().join(name);
        std::fs::create_dir_all(at("a/one")).expect("folder");
        std::fs::create_dir_all(at("b/two")).expect("folder");
        assert!(!exchange(&at("a"), &at("b"), Means::Plain).expect("not here"));
        assert!(at("a/one").is_dir() && at("b/two").is_dir());
        if exchange(&at("a"), &at("b"), Means::All).expect("exchange") {
            assert!(at("a/two").is_dir() && at("b/one").is_dir());
        }
        assert!(exchange(&at("a"), &at("none"), Means::All).is_err() || cfg!(windows));
    }
}
