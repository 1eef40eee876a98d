//! Perceptual hashes of a project's pictures, so that they are made once: a file a project, bounded, replaced as a whole.
//!
//! A mark with the version, the number of entries, 24 bytes each (image id, hash), a CRC-32 of all before it. They can all
//! be made again: a file that does not fit is not believed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use uuid::Uuid;

use super::error::StorageError;
use super::paths::create_private_dir;
use super::whole_file::Draft;
use domain::{ImageId, ProjectId};

/// The version is in it: another way of hashing gets another mark.
const MARK: &[u8; 8] = b"tagphas1";
const HEAD: usize = 12;
const ENTRY: usize = 24;
const FOOT: usize = 4;
/// Hashes kept of one project: 12 MB.
const MOST: usize = 500_000;
/// Projects of which hashes are kept; the ones written longest ago go first.
const MOST_FILES: usize = 64;

fn file(folder: &Path, project: ProjectId) -> PathBuf {
    folder.join(format!("{project}.hashes"))
}

/// The hashes that were kept of a project; none when there is no file.
///
/// # Errors
/// When the file cannot be read or is not what was written; the hashes are then made again.
pub fn load_hashes(folder: &Path, project: ProjectId) -> Result<Vec<(ImageId, u64)>, StorageError> {
    let path = file(folder, project);
    let most = (HEAD + MOST * ENTRY + FOOT) as u64;
    let broken = |reason: &str| StorageError::Broken { path: path.clone(), reason: reason.to_owned() };
    let bytes = match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Ok(facts) if facts.len() > most => return Err(broken("it is too large")),
        _ => std::fs::read(&path).map_err(|error| StorageError::read(&path, error))?,
    };
    read(&bytes).ok_or_else(|| broken("it is damaged, or of another version"))
}

fn read(bytes: &[u8]) -> Option<Vec<(ImageId, u64)>> {
    let (body, foot) = bytes.split_at_checked(bytes.len().checked_sub(FOOT)?)?;
    let (head, entries) = body.split_at_checked(HEAD)?;
    let (mark, count) = head.split_at_checked(MARK.len())?;
    let count = u32::from_le_bytes(count.try_into().ok()?) as usize;
    let is_whole = mark == MARK
        && entries.len() == count.checked_mul(ENTRY)?
        && crc32fast::hash(body) == u32::from_le_bytes(foot.try_into().ok()?);
    if !is_whole {
        return None;
    }
    let entry = |entry: &[u8]| {
        let (id, hash) = entry.split_at_checked(16)?;
        Some((ImageId(Uuid::from_bytes(id.try_into().ok()?)), u64::from_le_bytes(hash.try_into().ok()?)))
    };
    entries.chunks_exact(ENTRY).map(entry).collect()
}

/// Keeps the hashes of a project in place of those before, readable by this person alone.
///
/// # Errors
/// When the system refuses; what was there stays.
pub fn save_hashes(folder: &Path, project: ProjectId, hashes: &[(ImageId, u64)]) -> Result<(), StorageError> {
    let hashes = &hashes[..hashes.len().min(MOST)];
    let mut bytes = Vec::with_capacity(HEAD + hashes.len() * ENTRY + FOOT);
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&(hashes.len() as u32).to_le_bytes());
    for (image, hash) in hashes {
        bytes.extend_from_slice(image.0.as_bytes());
        bytes.extend_from_slice(&hash.to_le_bytes());
    }
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    create_private_dir(folder)?;
    let path = file(folder, project);
    let write = || -> std::io::Result<()> {
        let mut draft = Draft::cache(folder)?;
        draft.write_all(&bytes)?;
        draft.publish(&path, true)
    };
    write().map_err(|error| StorageError::write(&path, error))?;
    drop_oldest(folder);
    Ok(())
}

fn drop_oldest(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let hashes = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "hashes"));
    let written = |entry: &std::fs::DirEntry| {
        entry.metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let mut files: Vec<_> = hashes.map(|entry| (written(&entry), entry.path())).collect();
    files.sort();
    for (_, path) in files.iter().rev().skip(MOST_FILES) {
        // They can be made again; one that cannot be removed is looked at next time.
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(count: u128) -> Vec<(ImageId, u64)> {
        (0..count).map(|n| (ImageId(Uuid::from_u128(n)), n as u64 * 7)).collect()
    }

    #[test]
    fn what_was_kept_comes_back() {
        let home = tempfile::tempdir().expect("folder");
        let folder = home.path().join("hashes");
        let project = ProjectId(Uuid::from_u128(5));
        assert_eq!(load_hashes(&folder, project).expect("none"), []);
        for count in [0, 1, 1_000] {
            save_hashes(&folder, project, &hashes(count)).expect("kept");
            assert_eq!(load_hashes(&folder, project).expect("hashes"), hashes(count));
        }
        assert_eq!(load_hashes(&folder, ProjectId(Uuid::from_u128(6))).expect("none"), []);
    }

    #[test]
    fn a_damaged_file_is_not_believed() {
        let home = tempfile::tempdir().expect("folder");
        let project = ProjectId(Uuid::from_u128(5));
        save_hashes(home.path(), project, &hashes(20)).expect("kept");
        let path = file(home.path(), project);
        let whole = std::fs::read(&path).expect("bytes");
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("write");
            assert!(load_hashes(home.path(), project).is_err(), "cut to {length}");
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            std::fs::write(&path, &flipped).expect("write");
            assert!(load_hashes(home.path(), project).is_err(), "flipped at {at}");
        }
    }

    #[test]
    fn only_so_many_projects_are_kept() {
        let home = tempfile::tempdir().expect("folder");
        for number in 0..MOST_FILES as u128 + 5 {
            save_hashes(home.path(), ProjectId(Uuid::from_u128(number)), &hashes(1)).expect("kept");
        }
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), MOST_FILES);
    }
}
