//! The list of jobs that run: a small file each in the state folder, named by a hash of the folder that the job makes. It is
//! written when a job begins and removed when the job has ended and left nothing. A file whose job has left its hidden
//! folder is what an interruption looks like: the program was closed, killed, or lost power.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::StorageError;
use super::hidden::{folder_of, former_of, is_unfinished, journal_of};
use super::regular::read_bounded;
use super::unfinished::{Locked, remove_unfinished};
use super::upload_work;
use super::whole_file::{rewrite, save_json};

const VERSION: u32 = 1;

/// A file of the list is smaller: a plan with the ids of some million images.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Serialize, Deserialize)]
struct Note<T> {
    version: u32,
    out: PathBuf,
    job: T,
}

/// A job that was started and has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftJob<T> {
    pub job: T,
    /// The folder that it was to make.
    pub out: PathBuf,
    /// The folder that holds what it has done.
    pub folder: PathBuf,
}

/// What a job has left: its hidden folder, or the work folder of an upload.
fn left_by(out: &Path) -> Option<PathBuf> {
    upload_work::left_by(out).or_else(|| is_unfinished(out).then(|| folder_of(out)))
}

fn file(list: &Path, out: &Path) -> PathBuf {
    let name: String =
        Sha256::digest(out.as_os_str().as_encoded_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    list.join(format!("{name}.json"))
}

/// The note that another one has taken the place of.
#[derive(Debug, Default)]
pub struct FormerNote(Option<Vec<u8>>);

/// Notes a job that begins. What was noted of an earlier one at the same place.
///
/// # Errors
/// When the system refuses.
pub fn note_job<T: Serialize>(list: &Path, out: &Path, job: &T) -> Result<FormerNote, StorageError> {
    let path = file(list, out);
    let former = read_bounded(&path, MOST_BYTES).ok();
    save_json(&path, &Note { version: VERSION, out: out.to_path_buf(), job })?;
    Ok(FormerNote(former))
}

/// A job was refused because the place has the unfinished work of another one, whose note it is again.
pub fn refuse_job(list: &Path, out: &Path, former: FormerNote) {
    let path = file(list, out);
    let is_back = former.0.is_some_and(|bytes| rewrite(&path, |file| file.write_all(&bytes)).is_ok());
    if !is_back {
        let _ = std::fs::remove_file(path);
    }
}

/// A job has ended: it goes from the list, unless it has left something that can be resumed.
pub fn end_job(list: &Path, out: &Path) {
    if left_by(out).is_none() {
        let _ = std::fs::remove_file(file(list, out));
    }
}

/// The jobs that were started, have left something and are not under way in another program. Notes of jobs that have left
/// nothing are removed; those that cannot be understood are passed over.
pub fn left_jobs<T: DeserializeOwned>(list: &Path) -> Vec<LeftJob<T>> {
    let Ok(entries) = std::fs::read_dir(list) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let mut left = Vec::new();
    for path in paths {
        let Ok(bytes) = read_bounded(&path, MOST_BYTES) else { continue };
        let Ok(Note { version: VERSION, out, job }) = serde_json::from_slice::<Note<T>>(&bytes) else { continue };
        let Some(folder) = left_by(&out) else {
            // A disk that is not mounted may hold the folder: only where the place itself is there nothing is left.
            if out.parent().is_some_and(Path::is_dir) {
                let _ = std::fs::remove_file(&path);
            }
            continue;
        };
        if upload_work::is_locked(&folder) {
            continue;
        }
        if matches!(lock(&out), Ok(_) | Err(StorageError::Missing { .. })) {
            left.push(LeftJob { folder, job, out });
        }
    }
    left
}

/// Removes what an interrupted job has left, and its note. If the job was stopped while it replaced an archive, the archive
/// is put back in its place first, or what the job put there is kept, just as the next update would do it.
///
/// # Errors
/// When another program works on it, it is not clear which archive belongs in the place, or the system refuses. Then
/// everything stays as it is.
pub fn discard_job(list: &Path, out: &Path) -> Result<(), StorageError> {
    if let Some(folder) = upload_work::left_by(out) {
        upload_work::discard(&folder)?;
        let _ = std::fs::remove_file(file(list, out));
        return Ok(());
    }
    let is_journal_there = journal_of(out).symlink_metadata().is_ok();
    if is_journal_there || former_of(out).symlink_metadata().is_ok() {
        Locked::open(out)?.discard()?;
    } else {
        remove_unfinished(&folder_of(out))?;
    }
    let _ = std::fs::remove_file(file(list, out));
    Ok(())
}

/// The lock of a job's folder, which the program that works on it holds.
fn lock(out: &Path) -> Result<File, StorageError> {
    let path = journal_of(out);
    let file =
        OpenOptions::new().read(true).write(true).open(&path).map_err(|error| StorageError::read(&path, error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse { path: out.to_path_buf() }),
        // A file system without locks: nothing better is known.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{archive, names};
    use crate::{Archive, Purpose, Staging};

    fn begun(out: &Path) -> Staging {
        let (staging, _) = Staging::lasting(out, &Purpose::of("test"), true, false).expect("begun");
        let facts = staging.write("picture.jpg", b"bytes").expect("written");
        staging.keep("picture.jpg", &facts).expect("noted");
        staging
    }

    /// Makes an archive with these images at a place that no archive could be written to directly.
    fn place(home: &Path, place: &Path, images: &[(u128, &str)]) {
        let elsewhere = home.join("elsewhere");
        archive(&elsewhere, images);
        std::fs::rename(&elsewhere, place).expect("rename");
    }

    /// An update that was stopped when the archive of two images had its former name: the list of jobs, and its place.
    fn update_of_two(home: &Path) -> (PathBuf, PathBuf) {
        let (list, out) = (home.join("jobs"), home.join("forks"));
        note_job(&list, &out, &"archive").expect("noted");
        drop(begun(&out));
        place(home, &former_of(&out), &[(1, "one"), (2, "two")]);
        (list, out)
    }

    #[test]
    fn a_job_is_left_only_when_its_folder_is_and_nobody_works_on_it() {
        let home = tempfile::tempdir().expect("folder");
        let (list, out) = (home.path().join("jobs"), home.path().join("forks"));
        note_job(&list, &out, &"export").expect("noted");
        let staging = begun(&out);
        assert!(left_jobs::<String>(&list).is_empty(), "it is under way");
        drop(staging);
        end_job(&list, &out);
        let left = left_jobs::<String>(&list);
        let folder = home.path().join(".forks.tagscope-unfinished");
        assert_eq!(left, [LeftJob { job: "export".to_owned(), out: out.clone(), folder: folder.clone() }]);
        discard_job(&list, &out).expect("gone");
        assert!(!folder.exists() && left_jobs::<String>(&list).is_empty());
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 1, "only the empty list is left");
    }

    #[test]
    fn a_job_that_was_refused_leaves_the_note_of_the_one_before() {
        let home = tempfile::tempdir().expect("folder");
        let (list, out) = (home.path().join("jobs"), home.path().join("forks"));
        note_job(&list, &out, &"coco").expect("noted");
        drop(begun(&out));
        let former = note_job(&list, &out, &"yolo").expect("noted");
        refuse_job(&list, &out, former);
        assert_eq!(left_jobs::<String>(&list)[0].job, "coco");
        // What the command line has begun is on no list.
        end_job(&list, &out);
        let file = std::fs::read_dir(&list).expect("list").next().expect("a note").expect("entry").path();
        std::fs::remove_file(file).expect("removed");
        let former = note_job(&list, &out, &"yolo").expect("noted");
        refuse_job(&list, &out, former);
        assert!(left_jobs::<String>(&list).is_empty());
    }

    #[test]
    fn an_upload_is_left_with_its_work_folder() {
        let home = tempfile::tempdir().expect("folder");
        let (list, uploads, address) = (home.path().join("jobs"), home.path().join("uploads"), "s3://bucket/forks");
        let out = upload_work::result_of(&uploads, address);
        note_job(&list, &out, &"export").expect("noted");
        let work = upload_work::UploadWork::begin(&uploads, address, &Purpose::of("test"), false).expect("begun");
        begun(&out).publish().expect("built");
        work.set_built(&Purpose::of("test"), &"report").expect("noted");
        let folder = work.folder().to_path_buf();
        assert!(left_jobs::<String>(&list).is_empty(), "it is under way");
        assert!(matches!(discard_job(&list, &out), Err(StorageError::InUse { .. })));
        assert!(work.leave());
        end_job(&list, &out);
        let left = left_jobs::<String>(&list);
        assert_eq!(left, [LeftJob { job: "export".to_owned(), out: out.clone(), folder: folder.clone() }]);
        discard_job(&list, &out).expect("gone");
        assert!(!folder.exists() && left_jobs::<String>(&list).is_empty());
    }

    #[test]
    fn a_job_that_ended_well_leaves_the_list() {
        let home = tempfile::tempdir().expect("folder");
        let (list, out) = (home.path().join("jobs"), home.path().join("forks"));
        note_job(&list, &out, &"export").expect("noted");
        begun(&out).publish().expect("published");
        // The program was killed before it could say so: the next start sees that nothing is left.
        assert!(left_jobs::<String>(&list).is_empty());
        assert_eq!(std::fs::read_dir(&list).expect("list").count(), 0);
        note_job(&list, &out, &"export").expect("noted");
        end_job(&list, &out);
        assert_eq!(std::fs::read_dir(&list).expect("list").count(), 0);
    }

    #[test]
    fn discarding_an_update_that_was_stopped_while_it_replaced_an_archive_keeps_the_archive() {
        for is_new_in_place in [false, true] {
            let home = tempfile::tempdir().expect("folder");
            let (list, out) = update_of_two(home.path());
            let mut whole = 2;
            if is_new_in_place {
                place(home.path(), &out, &[(1, "one"), (2, "two"), (3, "three")]);
                whole = 3;
            }
            discard_job(&list, &out).expect("discarded");
            assert_eq!(Archive::open(&out).expect("the archive is in its place").image_count(), whole);
            assert_eq!(names(home.path()), ["forks", "jobs"], "nothing of the job is left");
            assert!(left_jobs::<String>(&list).is_empty());
        }
    }

    #[test]
    fn discarding_an_update_keeps_both_folders_when_the_new_one_lacks_something() {
        let home = tempfile::tempdir().expect("folder");
        let (list, out) = update_of_two(home.path());
        place(home.path(), &out, &[(1, "one")]);
        let error = discard_job(&list, &out).expect_err("not clear");
        let StorageError::Conflict { advice, .. } = &error else { panic!("{error:?}") };
        assert!(advice.contains(".forks.tagscope-former"), "the way out is named: {advice}");
        assert_eq!(left_jobs::<String>(&list).len(), 1, "it is still offered");
        // The way out: one of the two is moved elsewhere.
        std::fs::rename(&out, home.path().join("elsewhere")).expect("rename");
        discard_job(&list, &out).expect("discarded");
        assert_eq!(Archive::open(&out).expect("archive").image_count(), 2);
    }

    #[test]
    fn what_another_program_works_on_is_not_discarded() {
        let home = tempfile::tempdir().expect("folder");
        let (list, out) = (home.path().join("jobs"), home.path().join("forks"));
        note_job(&list, &out, &"export").expect("noted");
        let staging = begun(&out);
        assert!(matches!(discard_job(&list, &out), Err(StorageError::InUse { .. })));
        assert!(staging.path().join("picture.jpg").is_file());
    }
}
