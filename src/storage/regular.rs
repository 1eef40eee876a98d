//! Opens untrusted files: only regular files, and never more than a limit.
//!
//! A pipe waits for a writer that may never come, a device has no end, and a link can lead anywhere: each of them can
//! stand in a folder that was unpacked from a download. Also whole paths as people write them: Windows answers with
//! `\\?\C:\folder`, which other programs and many people do not take. The standard library writes that form itself where a path
//! is too long for the other one, so the plain form opens the same file.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Take};
use std::path::{Path, PathBuf};

use super::error::StorageError;
use super::open_files::noted;

/// No picture is larger: the service takes uploads of at most 6 MB, datasets on disk may hold more.
pub const PICTURE_LIMIT: u64 = 1 << 30;

/// Opens an ordinary file; links are followed.
///
/// # Errors
/// When it is anything else (a folder, a pipe, a socket, a device), or the system refuses.
pub fn open_regular(path: &Path) -> io::Result<File> {
    open_measured(path).map(|(file, _)| file)
}

/// The same with the number of its bytes.
fn open_measured(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened, because opening a pipe waits; and after, because the place may have changed hands meanwhile.
    if !std::fs::metadata(path)?.is_file() {
        return Err(not_regular());
    }
    let file = noted(path, File::open(path))?;
    let facts = file.metadata()?;
    if facts.is_file() { Ok((file, facts.len())) } else { Err(not_regular()) }
}

fn not_regular() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")
}

/// The whole of an ordinary file of at most `limit` bytes.
///
/// # Errors
/// As [`open_regular`], and when it is larger, whatever the system says of its size.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, StorageError> {
    let read = open_measured(path).and_then(|open| read_open(open, limit));
    read.map_err(|error| StorageError::read(path, error))?.ok_or_else(|| too_large(path, limit))
}

/// The same for a file in a folder: links are followed as long as they stay [inside] it.
/// A link that leads out of the folder is an error.
pub(super) fn read_inside(root: &Path, name: &str, limit: u64) -> Result<Vec<u8>, StorageError> {
    let path = root.join(name);
    let Some(open) = open_without_links(&path) else { return read_bounded(&inside(root, name)?, limit) };
    let read = read_open(open, limit).map_err(|error| StorageError::read(&path, error));
    read?.ok_or_else(|| too_large(&path, limit))
}

/// An ordinary file whose whole path is without links, and the number of its bytes, in one step; `None`: it is something else,
/// or the system cannot say.
#[cfg(target_os = "linux")]
fn open_without_links(path: &Path) -> Option<(File, u64)> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    // A pipe does not wait for its writer then.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS).ok()?);
    let facts = file.metadata().ok()?;
    facts.is_file().then_some((file, facts.len()))
}

#[cfg(not(target_os = "linux"))]
fn open_without_links(_path: &Path) -> Option<(File, u64)> {
    None
}

/// `None`: it is larger than `limit`.
fn read_open((file, size): (File, u64), limit: u64) -> io::Result<Option<Vec<u8>>> {
    if size > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    // One more than allowed: it may grow while it is read.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// An ordinary file of at most `limit` bytes; it ends there, if it grows meanwhile.
pub(super) fn open_bounded(path: &Path, limit: u64) -> Result<Take<File>, StorageError> {
    let (file, size) = open_measured(path).map_err(|error| StorageError::read(path, error))?;
    if size > limit { Err(too_large(path, limit)) } else { Ok(file.take(limit)) }
}

fn too_large(path: &Path, limit: u64) -> StorageError {
    StorageError::Broken { path: path.to_path_buf(), reason: format!("it is larger than {} MiB", limit >> 20) }
}

/// The place of a file with all links resolved, when that is still inside `root`, which has none itself.
///
/// # Errors
/// When it leads out of the folder, is not there, or cannot be looked at.
pub fn inside(root: &Path, name: &str) -> Result<PathBuf, StorageError> {
    let path = root.join(name);
    let resolved = resolve(&path).map_err(|error| StorageError::read(&path, error))?;
    if resolved.starts_with(root) {
        Ok(resolved)
    } else {
        Err(StorageError::Broken { path, reason: "it is a link to a place outside the folder".to_owned() })
    }
}

/// The whole path with all links followed. Two answers can be compared and one looked for in the other.
///
/// # Errors
/// When there is nothing, or the system refuses.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn resolve(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let whole = path.as_ref().canonicalize()?;
    Ok(plain(&whole).unwrap_or(whole))
}

/// The path without `\\?\`; `None`: it has none, or a name in it means something else without it (`con`, or a dot at
/// the end).
#[cfg(windows)]
fn plain(whole: &Path) -> Option<PathBuf> {
    use std::path::{Component, Prefix};

    let mut parts = whole.components();
    let Some(Component::Prefix(prefix)) = parts.next() else { return None };
    let mut plain = match prefix.kind() {
        Prefix::VerbatimDisk(letter) => PathBuf::from(format!("{}:\\", char::from(letter))),
        Prefix::VerbatimUNC(server, share) => {
            let mut start = std::ffi::OsString::from(r"\\");
            start.push(server);
            start.push(r"\");
            start.push(share);
            start.push(r"\");
            start.into()
        }
        _ => return None,
    };
    for part in parts {
        let Component::Normal(name) = part else { continue };
        // One name at a time: a path that is only too long is no reason.
        let alone = Path::new(r"\\?\C:\").join(name);
        if dunce::simplified(&alone).as_os_str() == alone.as_os_str() {
            return None;
        }
        plain.push(name);
    }
    Some(plain)
}

#[cfg(not(windows))]
fn plain(_whole: &Path) -> Option<PathBuf> {
    None
}

/// Whether a relative name with forward slashes stays below the folder it is joined to, on every system.
pub fn is_plain_path(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', ':', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_in_a_folder_is_read_with_and_without_links_that_stay_inside() {
        use std::os::unix::fs::symlink;

        let home = tempfile::tempdir().expect("home");
        let root = resolve(home.path()).expect("root").join("root");
        std::fs::create_dir_all(root.join("a")).expect("folder");
        std::fs::write(root.join("a/file"), b"inside").expect("file");
        std::fs::write(root.join("../file"), b"outside").expect("file");
        symlink(root.join("a"), root.join("link")).expect("link");
        symlink("../../file", root.join("a/out")).expect("link");
        symlink("../..", root.join("a/up")).expect("link");
        for name in ["a/file", "link/file"] {
            assert_eq!(read_inside(&root, name, 6).expect(name), b"inside");
            assert!(read_inside(&root, name, 5).expect_err(name).to_string().contains("larger than"));
        }
        for name in ["a/out", "a/up/file", "link/out"] {
            assert!(read_inside(&root, name, 6).expect_err(name).to_string().contains("a link to a place outside"));
        }
        assert!(matches!(read_inside(&root, "a/none", 6), Err(StorageError::Missing { .. })));
        assert!(read_inside(&root, "a", 6).is_err());
        let pipe = root.join("a/pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success());
        assert!(made && read_inside(&root, "a/pipe", 6).is_err(), "it does not wait");
        #[cfg(target_os = "linux")]
        assert!(
            open_without_links(&root.join("a/file")).is_some() && open_without_links(&root.join("link/file")).is_none()
        );
    }

    #[test]
    fn a_folder_and_what_is_in_it_resolve_to_paths_that_can_be_compared() {
        let home = tempfile::tempdir().expect("home");
        let deep = home.path().join("a".repeat(90)).join("b".repeat(90)).join("c".repeat(90));
        std::fs::create_dir_all(&deep).expect("folder");
        let (root, whole) = (resolve(home.path()).expect("root"), resolve(deep.join("..")).expect("deep"));
        assert!(whole.starts_with(&root) && whole.ends_with("b".repeat(90)), "{}", whole.display());
        assert!(!root.to_string_lossy().starts_with(r"\\?\"), "{}", root.display());
        assert_eq!(resolve(home.path().join("none")).map_err(|error| error.kind()), Err(ErrorKind::NotFound));
    }

    #[cfg(windows)]
    #[test]
    fn only_a_path_that_means_the_same_loses_its_prefix() {
        let of = |text: &str| plain(Path::new(text)).map(|path| path.display().to_string());
        let long = "x".repeat(200);
        assert_eq!(of(r"\\?\C:\a\b").as_deref(), Some(r"C:\a\b"));
        assert_eq!(of(&format!(r"\\?\C:\{long}\{long}")), Some(format!(r"C:\{long}\{long}")));
        assert_eq!(of(r"\\?\UNC\server\share\a").as_deref(), Some(r"\\server\share\a"));
        for kept in [r"C:\a", r"\\?\C:\a\con", r"\\?\C:\a.\b", r"\\?\C:\a \b"] {
            assert_eq!(of(kept), None, "{kept}");
        }
    }
}
