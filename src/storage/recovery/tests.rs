use std::path::PathBuf;

use super::*;
use crate::hidden::{beside, folder_of, gone_of, what_was_left};
use crate::testing::{PROJECT, archive, archive_of, copy, names};
use crate::{Purpose, Staging};

struct Place {
    _home: tempfile::TempDir,
    target: PathBuf,
    former: PathBuf,
}

fn place() -> Place {
    let home = tempfile::tempdir().expect("home");
    let target = home.path().join("a");
    Place { former: former_of(&target), target, _home: home }
}

impl Place {
    /// Another archive in the place.
    fn put(&self, project: u128, images: &[(u128, &str)]) {
        let built = self.target.with_file_name("built");
        archive_of(project, &built, images);
        if self.target.exists() {
            std::fs::remove_dir_all(&self.target).expect("remove");
        }
        std::fs::rename(built, &self.target).expect("rename");
    }

    fn repair(&self) -> Result<Vec<String>, StorageError> {
        repair(&self.target, &folder_of(&self.target), None)
    }

    /// Refuses, and loses nothing.
    #[track_caller]
    fn refuses(&self, word: &str) {
        let before = (self.target.exists(), names(&self.former));
        let error = self.repair().expect_err("not clear");
        let StorageError::Conflict { reason, advice, .. } = &error else { panic!("{error:?}") };
        assert!(reason.contains(word) && reason.contains(".a.tagscope-former") && !advice.is_empty(), "{error:?}");
        assert_eq!((self.target.exists(), names(&self.former)), before);
    }
}

#[test]
fn a_former_archive_goes_back_where_nothing_is_in_its_place() {
    let place = place();
    archive(&place.former, &[(1, "one")]);
    let said = place.repair().expect("repaired");
    assert!(said[0].contains("moved back"), "{said:?}");
    assert_eq!(Archive::open(&place.target).expect("archive").image_count(), 1);
    assert!(!place.former.exists());
}

#[test]
fn a_former_archive_goes_only_when_a_whole_one_has_everything_of_it() {
    let at = place();
    archive(&at.former, &[(1, "one"), (2, "two")]);
    std::fs::create_dir(&at.target).expect("folder");
    at.refuses("It is empty");
    at.put(PROJECT + 1, &[(1, "one"), (2, "two")]);
    at.refuses("another project");
    at.put(PROJECT, &[(1, "one"), (3, "three")]);
    at.refuses("it has no originals/");
    at.put(PROJECT, &[(1, "one"), (2, "two"), (3, "three")]);
    let picture = Archive::open(&at.target).expect("archive").root().join("images.jsonl");
    let text = std::fs::read(&picture).expect("file");
    std::fs::write(&picture, b"damaged").expect("file");
    at.refuses("images.jsonl");
    std::fs::write(&picture, text).expect("file");
    std::fs::write(at.former.join("notes.txt"), "mine").expect("file");
    at.refuses("not part of it");
    std::fs::remove_file(at.former.join("notes.txt")).expect("remove");
    at.repair().expect("clear now");
    assert!(!at.former.exists() && check_whole(&at.target).is_ok());
}

#[test]
fn a_removal_that_was_killed_half_way_is_ended() {
    let at = place();
    archive(&at.target, &[(1, "one"), (2, "two")]);
    let gone = gone_of(&at.target);
    archive(&gone, &[(1, "one"), (2, "two")]);
    std::fs::remove_file(gone.join("manifest.json")).expect("remove");
    at.repair().expect("ended");
    assert!(!gone.exists());
    std::fs::create_dir(&at.former).expect("folder");
    at.repair().expect("ended");
    assert!(!at.former.exists());
}

#[test]
fn an_archive_of_before_under_the_hidden_name_is_never_taken_for_unfinished_work() {
    let at = place();
    let hidden = folder_of(&at.target);
    // The two had been exchanged. Then the program was killed, and the new archive was replaced by something else.
    archive(&hidden, &[(1, "one"), (2, "two")]);
    archive(&at.target, &[(9, "nine")]);
    let before = names(&hidden);
    let error = repair(&at.target, &hidden, Some("the hash of the archive that is gone")).expect_err("not clear");
    let StorageError::Conflict { reason, advice, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(".a.tagscope-unfinished") && advice.contains("rename"), "{error:?}");
    assert_eq!(names(&hidden), before);
    // An update that has not replaced the archive yet can resume.
    let announced = measure(&hidden.join(MANIFEST_FILE)).expect("manifest").sha256.to_string();
    repair(&at.target, &hidden, Some(&announced)).expect("repaired");
    assert_eq!(names(&hidden), before);
}

#[test]
fn what_is_no_folder_is_named_and_left() {
    let at = place();
    std::fs::write(&at.former, "mine").expect("file");
    let error = at.repair().expect_err("a file");
    assert!(matches!(&error, StorageError::Conflict { reason, .. } if reason.contains("not a folder")), "{error:?}");
    assert_eq!(std::fs::read(&at.former).expect("file"), b"mine");
}

#[test]
fn a_folder_that_is_not_there_is_explained() {
    let at = place();
    assert!(what_was_left(&at.target).is_none());
    let hidden = folder_of(&at.target);
    std::fs::create_dir(&hidden).expect("folder");
    let words = |error: StorageError| match error {
        StorageError::Conflict { reason, advice, .. } => format!("{reason} {advice}"),
        other => panic!("{other:?}"),
    };
    assert!(words(what_was_left(&at.target).expect("explained")).contains("--resume"));
    archive(&at.former, &[(1, "one")]);
    let told = words(what_was_left(&at.target).expect("explained"));
    assert!(told.contains(".a.tagscope-former") && told.contains("Rename"), "{told}");
    assert_eq!(words(Archive::open(&at.target).expect_err("not there")), told, "opening says it");
    // Nothing else may take the place: the archive could not go back.
    assert_eq!(words(Staging::beside(&at.target).expect_err("kept free")), told);
    assert_eq!(words(Staging::lasting(&at.target, &Purpose::of("export"), true, false).expect_err("kept free")), told);
}

#[test]
fn an_unfinished_folder_without_its_journal_is_set_aside_and_the_job_goes_on() {
    let at = place();
    for (number, journal) in [(1, None), (2, Some("no JSON\n")), (3, Some(""))] {
        let hidden = folder_of(&at.target);
        std::fs::create_dir(&hidden).expect("folder");
        std::fs::write(hidden.join("1.jpg"), "a picture").expect("file");
        if let Some(journal) = journal {
            std::fs::write(beside(&at.target, "unfinished.jsonl"), journal).expect("journal");
        }
        let (staging, kept) =
            Staging::lasting(&at.target, &Purpose::of("job"), number % 2 == 0, true).expect("staging");
        assert!(kept.is_empty());
        let said = staging.repaired().join(" ");
        let aside = beside(&at.target, &format!("aside-{number}"));
        assert!(said.contains(&aside.display().to_string()), "{said}");
        assert_eq!(std::fs::read(aside.join("1.jpg")).expect("kept"), b"a picture");
    }
}

#[cfg(unix)]
#[test]
fn a_protected_archive_is_replaced_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = place();
    archive(&at.target, &[(1, "one"), (2, "two")]);
    copy_protected(&at.target, &at.former);
    at.repair().expect("removed");
    assert!(!at.former.exists());

    fn copy_protected(from: &Path, to: &Path) {
        std::fs::create_dir(to).expect("folder");
        copy(from, to);
        let mut folders = vec![to.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).expect("folder");
            folders.extend(entries.map(|entry| entry.expect("entry").path()).filter(|path| path.is_dir()));
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).expect("rights");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_protected_folder_goes_and_what_a_link_leads_to_stays() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = tempfile::tempdir().expect("home");
    let (folder, elsewhere) = (home.path().join("a"), home.path().join("elsewhere"));
    std::fs::create_dir_all(folder.join("originals/ab")).expect("folders");
    std::fs::create_dir(&elsewhere).expect("folder");
    std::fs::write(elsewhere.join("mine"), "x").expect("file");
    std::fs::write(folder.join("originals/ab/1.jpg"), "x").expect("file");
    std::os::unix::fs::symlink(&elsewhere, folder.join("originals/link")).expect("link");
    let protect = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("rights");
    };
    protect(&elsewhere, 0o555);
    for name in ["originals/ab", "originals", ""] {
        protect(&folder.join(name), 0o555);
    }
    remove_folder(&folder).expect("removed");
    assert!(!folder.exists() && elsewhere.join("mine").is_file());
    assert_eq!(elsewhere.metadata().expect("facts").permissions().mode() & 0o777, 0o555, "not touched");
    protect(&elsewhere, 0o755);
}
