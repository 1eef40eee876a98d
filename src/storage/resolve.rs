//! The whole path of something on disk, as people write it.
//!
//! Windows answers with `\\?\C:\folder`, which other programs and many people do not take. The standard library writes
//! that form itself where a path is too long for the other one, so the plain form opens the same file.

use std::io;
use std::path::{Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_what_is_in_it_resolve_to_paths_that_can_be_compared() {
        let home = tempfile::tempdir().expect("home");
        let deep = home.path().join("a".repeat(90)).join("b".repeat(90)).join("c".repeat(90));
        std::fs::create_dir_all(&deep).expect("folder");
        let (root, whole) = (resolve(home.path()).expect("root"), resolve(deep.join("..")).expect("deep"));
        assert!(whole.starts_with(&root) && whole.ends_with("b".repeat(90)), "{}", whole.display());
        assert!(!root.to_string_lossy().starts_with(r"\\?\"), "{}", root.display());
        assert_eq!(resolve(home.path().join("none")).map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
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
