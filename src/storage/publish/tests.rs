//! Killed before and after each step, with and without the kernel's help: nothing is lost, and the next run succeeds.

use std::collections::BTreeSet;

use super::*;
use crate::Purpose;
use crate::archive::{Archive, check_whole};
use crate::hidden::folder_of;
use crate::recovery::repair;
use crate::testing::{archive, copy, names};
use crate::unfinished::Locked;

const MEANS: [Means; 2] = [Means::All, Means::Plain];

/// A job that publishes a copy of `new` and is killed after so many steps. The state that it came to.
fn job(target: &Path, new: &Path, steps: usize, means: Means) -> Result<State, StorageError> {
    job_with(target, new, steps, means, |_| {})
}

/// The same, with something that happens after each step.
fn job_with(
    target: &Path,
    new: &Path,
    steps: usize,
    means: Means,
    after: impl Fn(State),
) -> Result<State, StorageError> {
    let locked = Locked::open(target)?;
    repair(target, locked.folder(), locked.announced())?;
    let (unfinished, kept, _) = locked.begin(&Purpose::of("job"), true)?;
    copy(new, unfinished.path());
    for (name, facts) in Archive::open(new)?.files().filter(|(name, _)| !kept.contains_key(&**name)) {
        if name.starts_with("originals/") {
            unfinished.note(&name, facts)?;
        }
    }
    let site = Site::Resumable(unfinished);
    let former = match target.symlink_metadata() {
        Ok(_) => Some(Identity::of(&Archive::open(target)?)?),
        Err(_) => None,
    };
    let mut publication = Publication::new(&site, target, former.as_ref(), means);
    for _ in 0..steps {
        if publication.state() == State::Done {
            break;
        }
        publication.advance()?;
        after(publication.state());
    }
    Ok(publication.state())
}

#[test]
fn a_kill_between_any_two_steps_loses_nothing_and_the_next_run_succeeds() {
    let mut seen = BTreeSet::new();
    for (means, is_update) in MEANS.into_iter().flat_map(|means| [(means, false), (means, true)]) {
        for steps in 0.. {
            let home = tempfile::tempdir().expect("home");
            let (target, new) = (home.path().join("out/a"), home.path().join("new"));
            archive(&new, &[(1, "one"), (2, "two"), (3, "three")]);
            if is_update {
                archive(&target, &[(1, "one"), (2, "two")]);
            }
            std::fs::create_dir_all(home.path().join("out")).expect("folder");
            let state = job(&target, &new, steps, means).expect("no failure");
            seen.insert(format!("{state:?}"));
            let words = format!("{means:?}, update {is_update}, killed in {state:?}");
            let is_whole = |at: &Path| check_whole(at).is_ok();
            let former = former_of(&target);
            assert!(!is_update || is_whole(&target) || is_whole(&former), "{words}: the archive is lost");
            assert!(!target.exists() || is_whole(&target), "{words}: half an archive is published");
            assert_eq!(job(&target, &new, usize::MAX, means).expect(&words), State::Done);
            check_whole(&target).expect(&words);
            assert_eq!(check_whole(&target).expect(&words).image_count(), 3, "{words}");
            assert_eq!(names(&home.path().join("out")), ["a"], "{words}: something is left");
            if state == State::Done {
                break;
            }
        }
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(seen, ["Announced", "Aside", "Done", "Exchanged", "Placed", "Released", "Sealed"], "each was killed");
}

#[test]
fn whatever_has_appeared_in_the_place_stays() {
    for means in MEANS {
        for what in ["a file", "an empty folder", "a folder", "an archive"] {
            let home = tempfile::tempdir().expect("home");
            let (target, new) = (home.path().join("out/a"), home.path().join("new"));
            archive(&new, &[(1, "one")]);
            std::fs::create_dir(home.path().join("out")).expect("folder");
            job(&target, &new, 0, means).expect("killed just before");
            match what {
                "a file" => std::fs::write(&target, "mine").expect("file"),
                "an archive" => archive(&target, &[(9, "nine")]),
                _ => std::fs::create_dir(&target).expect("folder"),
            }
            if what == "a folder" {
                std::fs::write(target.join("mine"), "mine").expect("file");
            }
            let site = Locked::open(&target).expect("lock").begin(&Purpose::of("job"), true).expect("resumed").0;
            let site = Site::Resumable(site);
            let error = Publication::new(&site, &target, None, means).run().expect_err(what);
            assert!(error.to_string().contains("appeared while this ran"), "{means:?}, {what}: {error}");
            match what {
                "a file" => assert_eq!(std::fs::read(&target).expect("file"), b"mine"),
                "an empty folder" => assert_eq!(names(&target), [""; 0]),
                "a folder" => assert_eq!(names(&target), ["mine"]),
                _ => assert_eq!(check_whole(&target).expect("whole").image_count(), 1),
            }
            assert!(folder_of(&target).is_dir(), "what was made stays for the next run");
        }
    }
}

/// Somebody puts a file into the archive while it is replaced, at each moment that this can happen.
#[test]
fn an_archive_that_changed_gets_its_place_back() {
    for (means, moment) in MEANS
        .into_iter()
        .flat_map(|means| [State::Announced, State::Exchanged, State::Aside].map(|moment| (means, moment)))
    {
        let home = tempfile::tempdir().expect("home");
        let (target, new) = (home.path().join("a"), home.path().join("new"));
        archive(&new, &[(1, "one"), (2, "two")]);
        archive(&target, &[(1, "one")]);
        let put = |state: State| {
            let at = match state {
                State::Announced => target.clone(),
                State::Exchanged => folder_of(&target),
                State::Aside => former_of(&target),
                _ => return,
            };
            if state == moment {
                std::fs::write(at.join("notes.txt"), "mine").expect("file");
            }
        };
        let met = std::cell::Cell::new(false);
        let ended = job_with(&target, &new, usize::MAX, means, |state| {
            met.set(met.get() || state == moment);
            put(state);
        });
        if !met.get() {
            continue;
        }
        let error = ended.expect_err("it changed");
        assert!(error.to_string().contains("notes.txt"), "{means:?} {moment:?}: {error}");
        assert_eq!(std::fs::read(target.join("notes.txt")).expect("there"), b"mine", "{means:?} {moment:?}");
        assert_eq!(Archive::open(&target).expect("former").image_count(), 1, "{means:?} {moment:?}");
        assert!(!former_of(&target).exists());
        // Moved away, the next run ends it.
        std::fs::remove_file(target.join("notes.txt")).expect("moved");
        assert_eq!(job(&target, &new, usize::MAX, means).expect("again"), State::Done);
        assert_eq!(check_whole(&target).expect("whole").image_count(), 2);
    }
}

#[test]
fn a_kill_just_after_somebody_changed_the_archive_loses_neither() {
    let home = tempfile::tempdir().expect("home");
    let (target, new) = (home.path().join("a"), home.path().join("new"));
    archive(&new, &[(1, "one"), (2, "two")]);
    archive(&target, &[(1, "one")]);
    if job(&target, &new, 2, Means::All).expect("killed") != State::Exchanged {
        return;
    }
    std::fs::write(folder_of(&target).join("notes.txt"), "mine").expect("file");
    let error = job(&target, &new, usize::MAX, Means::All).expect_err("it changed");
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert!(target.join("notes.txt").is_file(), "it has its place again");
}

#[test]
fn a_place_that_is_taken_while_it_is_empty_keeps_what_took_it_and_the_archive() {
    let home = tempfile::tempdir().expect("home");
    let (target, new) = (home.path().join("a"), home.path().join("new"));
    archive(&new, &[(1, "one"), (2, "two")]);
    archive(&target, &[(1, "one")]);
    let error = job_with(&target, &new, usize::MAX, Means::Plain, |state| {
        if state == State::Aside {
            std::fs::create_dir(&target).expect("folder");
            std::fs::write(target.join("mine"), "mine").expect("file");
        }
    })
    .expect_err("taken");
    let StorageError::Conflict { reason, advice, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(".a.tagscope-former") && advice.contains("Move"), "{error:?}");
    assert_eq!(names(&target), ["mine"]);
    check_whole(&former_of(&target)).expect("the archive");
    // Nothing is removed as long as it is so, and the advice leads out.
    job(&target, &new, usize::MAX, Means::Plain).expect_err("still taken");
    check_whole(&former_of(&target)).expect("the archive");
    std::fs::rename(&target, home.path().join("elsewhere")).expect("moved");
    assert_eq!(job(&target, &new, usize::MAX, Means::Plain).expect("again"), State::Done);
    assert_eq!(check_whole(&target).expect("whole").image_count(), 2);
}
