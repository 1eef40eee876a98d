//! A compaction that is stopped anywhere, in tests: whatever it leaves on the disk, nothing that was decided is missing.

use super::*;

/// Changes of mind about few subjects: there is something to gain. The last one is taken back.
fn changes(count: u64) -> Vec<Decision> {
    let mut decisions: Vec<_> = (1..count)
        .map(|number| {
            let verdict = Some(Verdict::ALL[number as usize % 4]);
            decision(number, Statement::Decide { subjects: vec![subject(number % 5)], verdict })
        })
        .collect();
    decisions.push(decision(count, Statement::Undo(count - 1)));
    decisions
}

/// The journal in `folder` comes to `decisions`, says nothing, continues, and has nothing left next to it.
fn is_whole(folder: &Path, decisions: &[Decision], words: &str) {
    let (reviews, mut journal, notes) = opened(folder);
    assert_eq!(reviews.rows(), comes_to(decisions), "{words}");
    assert_eq!((reviews.next_number(), notes.len()), (decisions.len() as u64 + 1, 0), "{words}: {notes:?}");
    let target = reviews.redoable().expect("what was taken back can be put in force again");
    let redo = decision(reviews.next_number(), Statement::Redo(target));
    journal.append([&redo]).expect("append");
    drop(journal);
    let all = [decisions, &[redo]].concat();
    assert_eq!(read(folder, PROJECT).expect("journal").reviews.rows(), comes_to(&all), "{words}");
    let names: Vec<_> = std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".new")), "{words}: {names:?}");
}

#[test]
fn stopped_at_any_step_it_loses_nothing() {
    let decisions = changes(30);
    let folder = with(&decisions);
    let old = std::fs::read(path(&folder)).expect("journal");
    assert!(compact::now(folder.path(), PROJECT, 4).expect("compacted"));
    let new = std::fs::read(path(&folder)).expect("journal");
    assert!(new.len() < old.len());
    let state = |journal: &[u8], beside: Option<&[u8]>| {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(path(&folder), journal).expect("journal");
        if let Some(beside) = beside {
            std::fs::write(path(&folder).with_extension("new"), beside).expect("beside");
        }
        folder
    };
    // While the new one is written next to the old one, to its last byte: the old one stands.
    for length in 0..=new.len() {
        is_whole(state(&old, Some(&new[..length])).path(), &decisions, &format!("{length} bytes of the new one"));
    }
    // Renamed: the new one stands. That a renaming did not reach the disk is the state before.
    is_whole(state(&new, None).path(), &decisions, "renamed");
    // A new one that something else has written half over is no danger either.
    is_whole(state(&new, Some(b"\0\0\0")).path(), &decisions, "renamed, and rubbish beside");
}

#[test]
fn where_it_cannot_write_the_old_one_stands() {
    let decisions = changes(30);
    let folder = with(&decisions);
    let old = std::fs::read(path(&folder)).expect("journal");
    // A folder in the place of the new file stops every user, root too.
    let beside = path(&folder).with_extension("new");
    std::fs::create_dir(&beside).expect("in the way");
    assert!(compact::now(folder.path(), PROJECT, 4).is_err());
    assert_eq!(std::fs::read(path(&folder)).expect("journal"), old);
    std::fs::remove_dir(&beside).expect("gone");
    is_whole(folder.path(), &decisions, "after a failed compaction");
}

#[test]
fn a_damaged_journal_is_kept_aside_even_when_that_was_stopped_midway() {
    let decisions: Vec<_> = (1..=4).map(accept).collect();
    let folder = with(&decisions);
    let mut hit = std::fs::read(path(&folder)).expect("journal");
    let middle = hit.len() / 2;
    hit[middle] ^= 1;
    for copied in (0..=hit.len()).step_by(7) {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(path(&folder), &hit).expect("journal");
        std::fs::write(path(&folder).with_extension("damaged-1"), &hit[..copied]).expect("half a copy");
        let (reviews, _journal, notes) = opened(folder.path());
        assert_eq!((reviews.rows().len(), notes.len()), (3, 1), "{copied}: {notes:?}");
        let aside = std::fs::read(path(&folder).with_extension("damaged-2")).expect("a whole copy under another name");
        assert_eq!(aside, hit);
    }
}

/// Not a test by itself: decides, closes, compacts, over and over, until it is killed.
#[test]
#[ignore = "a child of the next test"]
fn child_that_compacts_until_it_is_killed() {
    let folder = std::env::var_os("TAGSCOPE_TEST_JOURNAL").expect("the folder");
    loop {
        let (reviews, mut journal, notes) = opened(Path::new(&folder));
        assert!(notes.len() <= 1, "half a line at most: {notes:?}");
        for number in reviews.next_number()..reviews.next_number() + 200 {
            let verdict = Some(Verdict::ALL[number as usize % 4]);
            let act = Statement::Decide { subjects: vec![subject(number % 50)], verdict };
            journal.append([&decision(number, act)]).expect("append");
        }
        let mut out = io::stderr().lock();
        writeln!(out, "kept {}", reviews.next_number() + 199).and_then(|()| out.flush()).expect("told");
        drop(out);
        drop(journal);
        for undoable in [100, 60, 30, 10] {
            compact::now(Path::new(&folder), PROJECT, undoable).expect("compacted");
        }
    }
}

#[test]
fn a_kill_at_any_moment_of_a_compaction_loses_no_acknowledged_decision() {
    let folder = tempfile::tempdir().expect("folder");
    let beside = path(&folder).with_extension("new");
    let mut random = fastrand::Rng::with_seed(5);
    let (mut acknowledged, mut hits, mut longest) = (0, 0, 0);
    // Until ten kills have hit a compaction; those that came too late lose nothing either.
    for round in 0.. {
        let (mut child, mut lines) = child_of("compaction::child_that_compacts_until_it_is_killed", folder.path());
        let number = |line: String| line.strip_prefix("kept ").and_then(|number| number.parse::<u64>().ok());
        let line = lines.next().expect("another line").expect("text");
        acknowledged = number(line).unwrap_or(acknowledged);
        // It compacts now, and continues until it is killed: when the new journal has this many bytes.
        let wanted = random.u64(0..=longest / 2);
        loop {
            let length = beside.metadata().map(|facts| facts.len());
            longest = length.as_ref().map_or(longest, |&length| longest.max(length));
            if length.is_ok_and(|length| length >= wanted) {
                break;
            }
            std::thread::yield_now();
        }
        child.kill().expect("kill -9");
        child.wait().expect("end");
        acknowledged = lines.map_while(Result::ok).filter_map(number).last().unwrap_or(acknowledged);
        hits += usize::from(beside.exists());
        let reviews = read(folder.path(), PROJECT).expect("journal").reviews;
        let last = reviews.next_number() - 1;
        assert!(last >= acknowledged, "round {round}: {last} of {acknowledged}");
        // Each subject has the verdict of the last decision about it.
        for at in 0..last.min(50) {
            let verdict = Review::Verdict(Verdict::ALL[(last - at) as usize % 4]);
            let about = subject((last - at) % 50);
            let found = reviews.rows().into_iter().find(|row| row.subject == about).map(|row| row.review);
            assert_eq!(found, Some(verdict), "round {round}: decision {}", last - at);
        }
        if hits == 10 {
            break;
        }
    }
    assert!(acknowledged >= 200, "each round keeps as many before it compacts");
}
