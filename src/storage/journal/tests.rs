mod compaction;

use std::io::BufRead as _;

use uuid::Uuid;

use super::*;
use domain::{
    Blame, Dispute, FindingKey, ImageId, RegionId, Review, ReviewRow, Statement, Subject, TagId, UnitRect, Verdict,
};

const PROJECT: ProjectId = ProjectId(Uuid::from_u128(7));

/// A subject that no other number has.
fn subject(number: u64) -> Subject {
    let id = Uuid::from_u128(u128::from(number));
    Subject { image: ImageId(id), region: number.is_multiple_of(2).then_some(RegionId(id)) }
}

fn decision(number: u64, act: Statement) -> Decision {
    Decision { number, at: 1_700_000_000, by: "änn".into(), statement: act }
}

/// A decision about a subject of its own, so that the result of a journal shows which lines it has.
fn accept(number: u64) -> Decision {
    decision(number, Statement::Decide { subjects: vec![subject(number)], verdict: Some(Verdict::Accepted) })
}

/// One of every kind.
fn every_kind() -> Vec<Decision> {
    let row = |review| ReviewRow { subject: subject(50), by: "bob".into(), at: 3, review };
    vec![
        accept(1),
        decision(2, Statement::Comment { subjects: vec![subject(2), subject(3)], text: "too \"wide\" {\n猫".into() }),
        decision(
            3,
            Statement::Import(vec![row(Review::Verdict(Verdict::Rejected)), row(Review::Comment("no".into()))]),
        ),
        accept(4),
        decision(5, Statement::Undo(4)),
        decision(6, Statement::Redo(4)),
        decision(7, Statement::Decide { subjects: vec![subject(1)], verdict: None }),
    ]
}

/// A finding on an image.
fn key(number: u128) -> FindingKey {
    let id = Uuid::from_u128(number);
    let text = format!(r#"{{"kind":"tiny","ids":["{id}","{id}","{}"]}}"#, Uuid::nil());
    serde_json::from_str(&text).expect("a key")
}

#[test]
fn dismissed_findings_have_their_place_in_the_one_history() {
    let decisions = [
        accept(1),
        decision(2, Statement::Dismiss(vec![key(1), key(2)])),
        decision(3, Statement::Restore(vec![key(1)])),
        decision(4, Statement::Comment { subjects: vec![subject(1)], text: "look".into() }),
    ];
    let folder = with(&decisions);
    let (reviews, mut journal, _) = opened(folder.path());
    assert_eq!(Vec::from(reviews.dismissed().clone()), [key(2)]);
    assert_eq!(reviews.undoable(), Some(4));
    journal.append([&decision(5, Statement::Undo(4)), &decision(6, Statement::Undo(3))]).expect("append");
    drop(journal);
    let (reviews, journal, _) = opened(folder.path());
    assert!(reviews.dismissed().contains(&key(1)) && reviews.dismissed().contains(&key(2)));
    assert_eq!((reviews.undoable(), reviews.redoable()), (Some(2), Some(3)), "after a restart too");
    drop(journal);
    // Compacted, what is dismissed stays so.
    assert!(compact::now(folder.path(), PROJECT, 1).is_ok());
    assert_eq!(opened(folder.path()).0.dismissed().len(), 2);
}

/// A prediction on an image.
fn dispute(number: u128) -> Dispute {
    Dispute::prediction(ImageId(Uuid::from_u128(number)), TagId(Uuid::from_u128(9)), UnitRect::new(0.1, 0.2, 0.3, 0.4))
}

#[test]
fn who_is_wrong_has_its_place_in_the_one_history() {
    let label = Dispute::Label(Subject::region(ImageId(Uuid::from_u128(1)), RegionId(Uuid::from_u128(2))));
    let decisions = [
        accept(1),
        decision(2, Statement::Blame { disputes: vec![dispute(1), label], blame: Some(Blame::Label) }),
        decision(3, Statement::Blame { disputes: vec![dispute(2)], blame: Some(Blame::Model) }),
        decision(4, Statement::Blame { disputes: vec![dispute(1)], blame: None }),
        accept(5),
    ];
    let folder = with(&decisions);
    let (reviews, mut journal, notes) = opened(folder.path());
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(reviews.blames(), [(dispute(2), Blame::Model), (label, Blame::Label)]);
    journal.append([&decision(6, Statement::Undo(5)), &decision(7, Statement::Undo(4))]).expect("append");
    drop(journal);
    let (reviews, mut journal, _) = opened(folder.path());
    assert_eq!((reviews.blame(&dispute(1)), reviews.undoable()), (Some(Blame::Label), Some(3)), "after a restart too");
    journal.append([&accept(8), &accept(9)]).expect("append");
    drop(journal);
    // Compacted, it stays decided.
    let before = opened(folder.path()).0.blames();
    assert!(compact::now(folder.path(), PROJECT, 1).expect("compacted"));
    let (reviews, journal, notes) = opened(folder.path());
    assert_eq!((reviews.blames(), notes.len(), before.len()), (before, 0, 3));
    assert_eq!((reviews.next_number(), reviews.undoable()), (10, Some(9)));
    drop(journal);
}

#[test]
fn an_older_program_takes_who_is_wrong_for_a_cleared_verdict_of_nothing() {
    /// A decision as it was read before predictions could be decided about.
    #[derive(serde::Deserialize)]
    struct Old {
        n: u64,
        act: OldAct,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum OldAct {
        Decide { verdict: Option<Verdict>, on: Vec<String> },
    }
    let folder = with(&[decision(1, Statement::Blame { disputes: vec![dispute(1)], blame: Some(Blame::Model) })]);
    let text = std::fs::read_to_string(path(&folder)).expect("journal");
    let (_, json) = text.lines().nth(1).expect("line").split_once(' ').expect("checksum");
    let Old { n, act: OldAct::Decide { verdict, on } } = serde_json::from_str(json).expect("a decision");
    assert_eq!((n, verdict, on.len()), (1, None, 0));
}

#[test]
fn a_journal_of_the_version_before_is_taken_over_with_its_dismissed_findings() {
    let folder = with(&every_kind());
    let text = std::fs::read_to_string(path(&folder)).expect("journal");
    let head = format!(r#"{{"tagscopeReviews":1,"project":"{}"}}"#, PROJECT.0);
    let (_, rest) = text.split_once('\n').expect("head");
    std::fs::write(path(&folder), format!("{:08x} {head}\n{rest}", crc32fast::hash(head.as_bytes()))).expect("old");
    let old = tempfile::tempdir().expect("folder");
    let file = old.path().join(format!("{}.json", PROJECT.0));
    std::fs::write(&file, serde_json::json!({ "version": 1, "dismissed": [key(9)] }).to_string()).expect("old");
    let taken = open_adopting(folder.path(), old.path(), PROJECT);
    assert!(taken.notes.is_empty() && taken.reviews.dismissed().contains(&key(9)), "{:?}", taken.notes);
    assert_eq!((taken.reviews.rows(), taken.reviews.undoable()), (comes_to(&every_kind()), Some(7)));
    let mut journal = taken.journal.expect("open");
    assert!(!file.exists());
    // No undo reaches what was taken over.
    journal
        .append(
            (8..=12)
                .zip([7, 4, 3, 2, 1])
                .map(|(number, of)| decision(number, Statement::Undo(of)))
                .collect::<Vec<_>>()
                .iter(),
        )
        .expect("append");
    drop(journal);
    let (reviews, ..) = opened(folder.path());
    assert_eq!((reviews.undoable(), reviews.rows().len()), (None, 0));
    assert!(reviews.dismissed().contains(&key(9)));
    assert!(std::fs::read_to_string(path(&folder)).expect("journal").contains(r#""tagscopeReviews":2"#));
}

#[test]
fn whoever_only_reads_is_told_which_lines_are_damaged() {
    let folder = with(&(1..=5).map(accept).collect::<Vec<_>>());
    let whole = std::fs::read_to_string(path(&folder)).expect("journal");
    assert!(read(folder.path(), PROJECT).expect("journal").damage.is_none());
    // Other line ends and a byte order mark are no damage.
    std::fs::write(path(&folder), format!("\u{feff}{}", whole.replace('\n', "\r\n"))).expect("saved");
    let found = read(folder.path(), PROJECT).expect("journal");
    assert!(found.damage.is_none() && found.reviews.rows().len() == 5, "{:?}", found.damage);
    drop(opened(folder.path()).1);
    assert!(opened(folder.path()).2.is_empty());

    let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    lines[2].replace_range(0..1, "x");
    lines[4].replace_range(0..1, "x");
    std::fs::write(path(&folder), lines.join("\n")).expect("hit");
    let found = read(folder.path(), PROJECT).expect("journal");
    let words = found.damage.words().expect("words");
    assert!(words.contains("2 lines are damaged") && words.contains("(lines 3, 5)"), "{words}");
    assert_eq!((found.damage.line_count(), found.reviews.rows().len()), (2, 3));
    let cut = lines.join("\n");
    std::fs::write(path(&folder), &cut[..cut.len() - 9]).expect("cut");
    let words = read(folder.path(), PROJECT).expect("journal").damage.words().expect("words");
    assert!(words.contains("lines 3, 5, 6") && words.contains("is incomplete"), "{words}");
}

fn opened(folder: &Path) -> (Reviews, Journal, Vec<String>) {
    let opened = open(folder, PROJECT);
    (opened.reviews, opened.journal.expect("open for writing"), opened.notes)
}

/// A journal with these decisions, closed again.
fn with(decisions: &[Decision]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let (_, mut journal, notes) = opened(folder.path());
    assert!(notes.is_empty());
    for decision in decisions {
        journal.append([decision]).expect("append");
    }
    folder
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    journal_path(folder.path(), PROJECT)
}

/// What the first `count` decisions come to.
fn comes_to(decisions: &[Decision]) -> Vec<ReviewRow> {
    let mut reviews = Reviews::default();
    for decision in decisions {
        reviews.apply(decision).expect("follows");
    }
    reviews.rows()
}

#[test]
fn every_kind_comes_back() {
    let decisions = every_kind();
    let folder = with(&decisions);
    let (reviews, mut journal, notes) = opened(folder.path());
    assert_eq!((reviews.rows(), notes.len(), reviews.next_number()), (comes_to(&decisions), 0, 8));
    journal.append([&accept(8), &accept(9)]).expect("group");
    drop(journal);
    assert_eq!(read(folder.path(), PROJECT).expect("read").reviews.next_number(), 10);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = path(&folder).metadata().expect("file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "for this person's eyes alone");
    }
}

#[test]
fn a_journal_cut_anywhere_keeps_every_whole_line() {
    let decisions = every_kind();
    let folder = with(&decisions);
    let whole = std::fs::read(path(&folder)).expect("journal");
    for length in 0..=whole.len() {
        let cut = tempfile::tempdir().expect("folder");
        let file = journal_path(cut.path(), PROJECT);
        std::fs::write(&file, &whole[..length]).expect("cut");
        // Lines whose last brace is there: the line feed alone may be missing. The first one is the head.
        let lines = whole.split_inclusive(|&byte| byte == b'\n');
        let ends = lines.scan(0, |end, line| {
            *end += line.len();
            Some(*end - 1)
        });
        let kept = ends.filter(|end| *end <= length).count().saturating_sub(1);
        let (reviews, mut journal, notes) = opened(cut.path());
        assert_eq!(reviews.rows(), comes_to(&decisions[..kept]), "cut at {length}");
        // Where a line ends, or has only lost its line feed, nothing is missing and nothing is reported.
        let is_clean = length == 0 || whole[length - 1] == b'\n' || whole.get(length) == Some(&b'\n');
        assert_eq!(notes.is_empty(), is_clean, "cut at {length}: {notes:?}");
        // It continues from there, and is whole again.
        journal
            .append([&decision(
                reviews.next_number(),
                Statement::Decide { subjects: vec![subject(99)], verdict: None },
            )])
            .expect("append");
        drop(journal);
        let again = open(cut.path(), PROJECT);
        assert!(again.notes.is_empty(), "cut at {length}: {:?}", again.notes);
        assert_eq!(again.reviews.next_number(), reviews.next_number() + 1);
    }
}

#[test]
fn a_flipped_byte_costs_one_line_at_most_and_is_said() {
    let decisions: Vec<_> = (1..=4).map(accept).collect();
    let folder = with(&decisions);
    let whole = std::fs::read(path(&folder)).expect("journal");
    for at in 0..whole.len() {
        for flip in [0x01, 0x20, 0x80, whole[at] ^ b'\n'] {
            if flip == 0 {
                continue;
            }
            let hit = tempfile::tempdir().expect("folder");
            let file = journal_path(hit.path(), PROJECT);
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            std::fs::write(&file, &bytes).expect("hit");
            let (reviews, journal, notes) = opened(hit.path());
            let lost = decisions
                .iter()
                .filter(|decision| !reviews.rows().iter().any(|row| row.subject == subject(decision.number)));
            let lost = lost.count();
            assert!(lost <= 1, "byte {at}, flip {flip:#x}: {lost} lost");
            if lost == 1 {
                let aside = file.with_extension("damaged-1");
                let is_last = notes.iter().any(|note| note.contains("being written"));
                assert!(
                    is_last || std::fs::read(&aside).expect("kept aside") == bytes,
                    "byte {at}, flip {flip:#x}: {notes:?}"
                );
                assert!(!notes.is_empty());
            }
            drop(journal);
            assert!(opened(hit.path()).2.is_empty(), "repaired, and said once");
        }
    }
}

#[test]
fn a_newer_or_foreign_journal_is_left_alone() {
    let heads = [
        (r#"{"tagscopeReviews":3,"project":"00000000-0000-0000-0000-000000000007"}"#, "newer version"),
        (r#"{"tagscopeReviews":1,"project":"00000000-0000-0000-0000-000000000008"}"#, "another project"),
    ];
    for (head, words) in heads {
        let folder = tempfile::tempdir().expect("folder");
        let text = format!("{:08x} {head}\nwhatever comes later\n", crc32fast::hash(head.as_bytes()));
        std::fs::write(path(&folder), &text).expect("written");
        let opened = open(folder.path(), PROJECT);
        let why = opened.journal.expect_err("shut");
        assert!(why.contains(words), "{why}");
        assert_eq!(std::fs::read_to_string(path(&folder)).expect("file"), text);
        assert!(read(folder.path(), PROJECT).is_err());
    }
}

#[test]
fn a_second_program_reads_only() {
    let folder = with(&[accept(1)]);
    let (_, mut first, _) = opened(folder.path());
    let second = open(folder.path(), PROJECT);
    let why = second.journal.expect_err("shut");
    assert!(why.contains("another Tagscope"), "{why}");
    assert_eq!(second.reviews.next_number(), 2);
    first.append([&accept(2)]).expect("the first one continues");
    drop(first);
    assert_eq!(opened(folder.path()).0.next_number(), 3, "and then the other one may");
}

#[test]
fn a_full_disk_keeps_all_or_nothing_of_an_append() {
    let folder = with(&[accept(1)]);
    let length = path(&folder).metadata().expect("file").len();
    for room in 0..200 {
        let (_, journal, _) = opened(folder.path());
        let mut journal = journal.with_byte_limit(room);
        let error = journal.append([&accept(2), &accept(3)]).expect_err("full");
        assert!(matches!(error, StorageError::DiskFull { .. }), "{error}");
        assert_eq!(path(&folder).metadata().expect("file").len(), length, "room {room}");
    }
    let (reviews, mut journal, notes) = opened(folder.path());
    assert_eq!((reviews.next_number(), notes.len()), (2, 0));
    journal.append([&accept(2)]).expect("room again");
}

#[test]
fn a_place_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("a file");
    std::fs::write(&file, "x").expect("file");
    let opened = open(&file, PROJECT);
    assert!(opened.journal.expect_err("shut").contains("cannot be written"));
}

#[test]
fn a_compacted_journal_comes_to_the_same() {
    // Many changes of mind about few subjects, then one of every kind.
    let mut decisions: Vec<_> = (1..=40)
        .map(|number| {
            let verdict = Verdict::ALL[number as usize % 4];
            decision(number, Statement::Decide { subjects: vec![subject(number % 3)], verdict: Some(verdict) })
        })
        .collect();
    decisions.push(decision(41, Statement::Comment { subjects: vec![subject(1)], text: "early".into() }));
    decisions.extend(every_kind().into_iter().map(|entry| {
        let moved = |of: u64| of + 41;
        let act = match entry.statement {
            Statement::Undo(of) => Statement::Undo(moved(of)),
            Statement::Redo(of) => Statement::Redo(moved(of)),
            act => act,
        };
        Decision { number: moved(entry.number), statement: act, ..entry }
    }));
    for undoable in [1, 3, 7, 20] {
        let folder = with(&decisions);
        let before = path(&folder).metadata().expect("file").len();
        assert!(compact::now(folder.path(), PROJECT, undoable).expect("compacted"));
        assert!(path(&folder).metadata().expect("file").len() < before);
        let (reviews, mut journal, notes) = opened(folder.path());
        assert_eq!((reviews.rows(), reviews.next_number(), notes.len()), (comes_to(&decisions), 49, 0));
        assert_eq!(reviews.undoable(), Some(48));
        journal.append([&decision(49, Statement::Undo(48))]).expect("append");
        drop(journal);
        let mut undone = decisions.clone();
        undone.push(decision(49, Statement::Undo(48)));
        assert_eq!(opened(folder.path()).0.rows(), comes_to(&undone));
        // What can be redone is not folded away, and it can be done twice.
        assert!(compact::now(folder.path(), PROJECT, 1).is_ok());
        assert_eq!(opened(folder.path()).0.redoable(), Some(48));
    }
}

/// Not a test by itself: appends decisions and says when each is kept, until it is killed.
#[test]
#[ignore = "a child of the next test"]
fn child_that_decides_until_it_is_killed() {
    let folder = std::env::var_os("TAGSCOPE_TEST_JOURNAL").expect("the folder");
    let (reviews, mut journal, _) = opened(Path::new(&folder));
    let mut number = reviews.next_number();
    loop {
        let group: Vec<_> = (number..number + 1 + number % 3).map(accept).collect();
        journal.append(&group).expect("append");
        number += group.len() as u64;
        // Past the captured output of tests: the parent reads it from a pipe.
        let mut out = io::stderr().lock();
        writeln!(out, "kept {}", number - 1).and_then(|()| out.flush()).expect("told");
    }
}

/// This program again with one of the tests that are ignored, about the journal in `folder`, and what it says.
fn child_of(test: &str, folder: &Path) -> (std::process::Child, io::Lines<io::BufReader<std::process::ChildStderr>>) {
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", &format!("journal::tests::{test}"), "--ignored", "--nocapture"])
        .env("TAGSCOPE_TEST_JOURNAL", folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a child");
    let lines = io::BufReader::new(child.stderr.take().expect("pipe")).lines();
    (child, lines)
}

#[test]
fn a_kill_at_any_moment_loses_no_acknowledged_decision() {
    let folder = tempfile::tempdir().expect("folder");
    let mut acknowledged = 0;
    for round in 0..20_u64 {
        let (mut child, mut lines) = child_of("child_that_decides_until_it_is_killed", folder.path());
        for _ in 0..=fastrand::Rng::with_seed(round).u32(0..40) {
            let line = lines.next().expect("another line").expect("text");
            acknowledged = line.strip_prefix("kept ").and_then(|number| number.parse().ok()).unwrap_or(acknowledged);
        }
        child.kill().expect("kill -9");
        child.wait().expect("end");
        // What was said and not read yet counts too.
        for line in lines.map_while(Result::ok) {
            acknowledged = line.strip_prefix("kept ").and_then(|number| number.parse().ok()).unwrap_or(acknowledged);
        }
        let reviews = read(folder.path(), PROJECT).expect("journal").reviews;
        assert!(reviews.next_number() > acknowledged, "round {round}");
        assert_eq!(reviews.rows().len() as u64, reviews.next_number() - 1, "none is missing among them");
    }
    assert!(acknowledged > 20);
}
