//! `tagscope reviews`: decisions into a project and out again, in both forms; what is wrong with a file or a journal is
//! told; a kill at any moment loses no import that had ended, and leaves none half done.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Stage, id_of, text};

const HEAD: &str = "imageId,regionId,reviewer,time,verdict,comment\r\n";

/// A file of reviews with these lines after the head.
fn file(stage: &Stage, name: &str, lines: &[String]) -> PathBuf {
    let path = stage.path(name);
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    std::fs::write(&path, format!("{HEAD}{lines}")).expect("file");
    path
}

fn ids(stage: &Stage) -> Vec<String> {
    stage.run(&["images", "--jsonl"]).is(0).lines().iter().map(|line| id_of(line)).collect()
}

fn journal(stage: &Stage) -> PathBuf {
    let project = &stage.served().project;
    let folders = [stage.path("state/reviews"), stage.path("reviews")];
    let found = folders.into_iter().map(|folder| folder.join(format!("{project}.journal"))).find(|path| path.is_file());
    found.expect("a journal")
}

#[test]
fn two_reviewers_files_are_taken_in_and_where_they_differ_is_a_query() {
    let stage = Stage::sample(&["--images", "12"]);
    let ids = ids(&stage);
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out, HEAD, "nothing yet");
    let ann = [
        format!("{},,ann,2026-11-24T10:00:00Z,accepted,", ids[0]),
        format!("{},,ann,2026-11-24T10:00:01Z,rejected,", ids[1]),
        format!("{},,ann,2026-11-24T10:00:02Z,,\"too wide, \"\"really\"\"\"", ids[1]),
    ];
    let bob = [
        format!("{},,bob,2026-11-24T11:00:00Z,accepted,", ids[0]),
        format!("{},,bob,2026-11-24T11:00:01Z,flagged,", ids[1]),
        // An image that has been deleted: kept, and exported again.
        "00000000-0000-0000-0000-000000000001,,bob,2026-11-24T11:00:02Z,negative,".to_owned(),
    ];
    let (first, second) = (file(&stage, "ann.csv", &ann), file(&stage, "bob.csv", &bob));
    let ran = stage.run(&["reviews", "import", text(&first)]).is(0);
    assert_eq!(ran.out, "3\n");
    assert_eq!(stage.run(&["reviews", "import", text(&second)]).is(0).out, "3\n");
    let again = stage.run(&["reviews", "import", text(&first)]).is(0);
    assert!(again.out == "0\n" && again.err.contains("3 rows are already known"), "{}", again.err);

    let differs = stage.run(&["images", "--query", "review:disagree", "--jsonl"]).is(0);
    assert_eq!(differs.lines().iter().map(|line| id_of(line)).collect::<Vec<_>>(), [ids[1].as_str()]);

    // Out as JSON and into another home, out of there as a table: everything is there.
    let table = stage.run(&["reviews", "export", "--csv"]).is(0).out;
    assert_eq!(table.lines().count(), 7, "{table}");
    assert!(ann.iter().chain(&bob).all(|line| table.contains(line.as_str())), "{table}");
    let json = stage.path("all.json");
    let ran = stage.run(&["reviews", "export", "--json", "--out", text(&json)]).is(0);
    assert_eq!(ran.out.trim(), text(&json));
    assert!(
        stage.run(&["reviews", "export", "--out", text(&json)]).is(1).err.contains("already"),
        "nothing is overwritten"
    );
    let mut other = Stage::empty();
    other.served = Stage::sample(&["--images", "12"]).served;
    assert_eq!(other.run(&["reviews", "import", text(&json)]).is(0).out, "6\n");
    assert_eq!(other.run(&["reviews", "export"]).is(0).out, table);

    // And next to an export, on request.
    let out = stage.path("dataset");
    let export = ["export", "--format", "jsonl", "--images", "none", "--out", text(&out)];
    stage.run(&[&export[..], &["--reviews"]].concat()).is(0);
    let exported = std::fs::read_to_string(out.join("reviews.csv")).expect("reviews.csv");
    assert_eq!(exported.lines().count(), 6, "those about images of the export: {exported}");
    stage.run(&["verify", text(&out)]).is(0);
    let plain = stage.path("plain");
    stage.run(&[&export[..6], &[text(&plain)]].concat()).is(0);
    assert!(!plain.join("reviews.csv").exists(), "a script's export hangs on no journal unless asked");
}

#[test]
fn what_cannot_be_taken_in_changes_nothing_and_is_told() {
    let stage = Stage::sample(&["--images", "4"]);
    let ids = ids(&stage);
    let good = file(&stage, "good.csv", &[format!("{},,ann,2026-11-24T10:00:00Z,accepted,", ids[0])]);
    let bad = file(
        &stage,
        "bad.csv",
        &[
            format!("{},,ann,2026-11-24T10:00:00Z,accepted,", ids[0]),
            format!("{},,ann,2026-11-24T10:00:00Z,splendid,", ids[1]),
        ],
    );
    let ran = stage.run(&["reviews", "import", text(&bad)]).is(1);
    assert!(ran.out.is_empty() && ran.err.contains("splendid") && ran.err.contains("line 3"), "{}", ran.err);
    assert!(stage.run(&["reviews", "import", text(&stage.path("none.csv"))]).is(1).err.contains("none.csv"));
    stage.run(&["reviews", "export", "--csv", "--json"]).is(2);
    stage.run(&["reviews"]).is(2);
    stage.run(&["reviews", "export", "--project", "nobody's"]).is(3);
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out, HEAD);

    // A window has the project open: its lock is taken.
    stage.run(&["reviews", "import", text(&good)]).is(0);
    let lock = std::fs::File::options().write(true).open(journal(&stage).with_extension("lock")).expect("lock");
    lock.lock().expect("locked");
    let more = file(&stage, "more.csv", &[format!("{},,ann,2026-11-24T10:00:00Z,rejected,", ids[1])]);
    let ran = stage.run(&["reviews", "import", text(&more)]).is(1);
    assert!(ran.err.contains("Nothing was imported") && ran.err.contains("another Tagscope"), "{}", ran.err);
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out.lines().count(), 2, "reading needs no lock");
    drop(lock);
    stage.run(&["reviews", "import", text(&more)]).is(0);

    // Written by a newer version: nothing of it is used, and it stays as it is.
    let path = journal(&stage);
    let head = format!(r#"{{"tagscopeReviews":3,"project":"{}"}}"#, stage.served().project);
    std::fs::write(&path, format!("{:08x} {head}\n", crc32fast::hash(head.as_bytes()))).expect("newer");
    let before = std::fs::read(&path).expect("journal");
    for arguments in [&["reviews", "export"][..], &["reviews", "import", text(&good)]] {
        assert!(stage.run(arguments).is(1).err.contains("newer version"));
    }
    assert_eq!(std::fs::read(&path).expect("journal"), before);
}

/// The sample with decisions of two reviewers: ann accepted two images and rejected a third, bob flagged a fourth.
fn reviewed() -> (Stage, Vec<String>) {
    let stage = Stage::sample(&["--images", "6"]);
    let ids = ids(&stage);
    let row = |at: usize, by: &str, word: &str| format!("{},,{by},2026-11-24T10:00:0{at}Z,{word},", ids[at]);
    let lines =
        [row(0, "ann", "accepted"), row(1, "ann", "accepted"), row(2, "ann", "rejected"), row(3, "bob", "flagged")];
    let path = file(&stage, "all.csv", &lines);
    stage.run(&["reviews", "import", text(&path)]).is(0);
    (stage, ids)
}

/// Runs the program as somebody.
fn run_as(stage: &Stage, user: &str, arguments: &[&str]) -> super::Ran {
    super::Ran::of(stage.command(arguments).env("USER", user).output().expect("run"))
}

#[test]
fn terms_about_reviews_mean_the_own_decisions_as_in_the_window() {
    let (stage, ids) = reviewed();
    let count = |user: &str, query: &str| {
        let ran = run_as(&stage, user, &["images", "--count", "--query", query]).is(0);
        ran.out.trim().parse::<usize>().expect("number")
    };
    for (user, query, expected) in [
        ("ann", "review:accepted", 2),
        ("ann", "review:none", 3),
        ("ann", "-review:rejected", 5),
        ("ann", "review:any", 3),
        ("bob", "review:flagged", 1),
        ("bob", "review:accepted", 0),
        ("eve", "review:any", 0),
    ] {
        assert_eq!(count(user, query), expected, "{user}: {query}");
    }
    // The name that was chosen in the window counts before the system's.
    let settings = stage.path("config/settings.json");
    std::fs::create_dir_all(settings.parent().expect("folder")).expect("folder");
    std::fs::write(&settings, r#"{"reviewer":"ann"}"#).expect("settings");
    assert_eq!(count("eve", "review:accepted"), 2);
    std::fs::remove_file(&settings).expect("gone");

    let out = stage.path("accepted");
    let arguments =
        ["export", "--query", "-review:rejected", "--format", "jsonl", "--images", "none", "--out", text(&out)];
    run_as(&stage, "ann", &arguments).is(0);
    let exported = std::fs::read_to_string(out.join("images.jsonl")).expect("images");
    assert!(exported.lines().count() == 5 && !exported.contains(&ids[2]), "no rejected image goes along");
    let all = run_as(&stage, "ann", &["check", "--json"]).is(0);
    let some = run_as(&stage, "ann", &["check", "--json", "--query", "review:accepted"]).is(0);
    let of_accepted = |line: &&str| line.contains(&ids[0]) || line.contains(&ids[1]);
    assert_eq!(some.lines(), all.lines().into_iter().filter(of_accepted).collect::<Vec<_>>());
}

#[test]
fn a_damaged_journal_is_said_by_every_command_that_reads_it() {
    let (stage, ids) = reviewed();
    // More lines than the one of the import.
    for (at, id) in ids[4..6].iter().enumerate() {
        let path = file(&stage, "more.csv", &[format!("{id},,ann,2026-11-24T11:00:0{at}Z,negative,")]);
        stage.run(&["reviews", "import", text(&path)]).is(0);
    }
    let path = journal(&stage);
    let whole = std::fs::read_to_string(&path).expect("journal");
    // An editor or a sync tool has saved it with other line ends: no damage.
    std::fs::write(&path, whole.replace('\n', "\r\n")).expect("journal");
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out.lines().count(), 7);
    assert_eq!(run_as(&stage, "ann", &["images", "--count", "--query", "review:negative"]).is(0).out.trim(), "2");

    // The third line is the second import.
    let hit = whole.replacen("negative", "negativE", 1);
    assert_ne!(hit, whole);
    std::fs::write(&path, &hit).expect("journal");
    let out = stage.path("dataset");
    let export = ["export", "--format", "jsonl", "--images", "none", "--reviews", "--out", text(&out)];
    let beside = stage.path("beside.csv");
    for arguments in [
        &["reviews", "export"][..],
        &["reviews", "export", "--out", text(&beside)],
        &["images", "--count", "--query", "review:negative"],
        &["check", "--query", "review:any"],
        &export,
    ] {
        let ran = run_as(&stage, "ann", arguments).is(5);
        assert!(ran.err.contains("1 line is damaged") && ran.err.contains("(line 3)"), "{arguments:?}: {}", ran.err);
    }
    let report = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(report.contains("1 line is damaged"), "{report}");
    assert_eq!(std::fs::read_to_string(&beside).expect("file").lines().count(), 6, "all others are there");
    // An import mends it, keeps the damaged one, and says so.
    let more = file(&stage, "last.csv", &[format!("{},,ann,2026-11-24T12:00:00Z,accepted,", ids[4])]);
    let ran = stage.run(&["reviews", "import", text(&more)]).is(5);
    assert!(ran.err.contains("line 3") && ran.err.contains("damaged-1"), "{}", ran.err);
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out.lines().count(), 7);
}

#[test]
fn formulas_of_others_do_not_run_in_a_spreadsheet_and_come_back() {
    let stage = Stage::sample(&["--images", "2"]);
    let comment = "\"=HYPERLINK(\"\"http://127.0.0.1/\"\")\"";
    let line = format!("{},,@ann,2026-11-24T10:00:00Z,,{comment}", ids(&stage)[0]);
    let path = file(&stage, "bad.csv", &[line]);
    stage.run(&["reviews", "import", text(&path)]).is(0);
    let safe = stage.run(&["reviews", "export"]).is(0).out;
    assert!(safe.contains(",'@ann,") && safe.contains("\"'=HYPERLINK"), "{safe}");
    let raw = stage.run(&["reviews", "export", "--raw-csv"]).is(0).out;
    assert!(raw.contains(",@ann,") && raw.contains("\"=HYPERLINK"), "{raw}");
    for table in [safe, raw] {
        std::fs::write(&path, table).expect("file");
        assert_eq!(stage.run(&["reviews", "import", text(&path)]).is(0).out, "0\n", "the same texts");
    }
    let out = stage.path("dataset");
    stage.run(&["export", "--format", "jsonl", "--images", "none", "--reviews", "--out", text(&out)]).is(0);
    let exported = std::fs::read_to_string(out.join("reviews.csv")).expect("reviews.csv");
    assert!(exported.contains("\"'=HYPERLINK"), "{exported}");
    let report = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(report.contains("2 texts with a leading apostrophe"), "{report}");
}

/// A pipe that is full: who writes to it waits until the other end, which is kept here, is read.
#[cfg(unix)]
fn full_pipe() -> (std::os::unix::net::UnixStream, Stdio) {
    let (end, mut pipe) = std::os::unix::net::UnixStream::pair().expect("pair");
    pipe.set_nonblocking(true).expect("pipe");
    while std::io::Write::write(&mut pipe, &[b' '; 1 << 12]).is_ok() {}
    while std::io::Write::write(&mut pipe, b" ").is_ok() {}
    pipe.set_nonblocking(false).expect("pipe");
    (end, Stdio::from(std::os::fd::OwnedFd::from(pipe)))
}

/// An import that cannot say that it has ended, so that each kill hits it, is killed when the journal has grown by a share
/// of what the import adds.
#[cfg(unix)]
#[test]
fn a_kill_at_any_moment_leaves_an_import_whole_or_undone() {
    let stage = Stage::sample(&["--images", "2"]);
    let image = &ids(&stage)[0];
    let import = |number: u8, name: &str| {
        // Large enough that the write is not over in an instant.
        let lines: Vec<_> = (0..2_000)
            .map(|at| format!("{image},{number:08x}-0000-0000-0000-{at:012x},{name},2026-11-24T10:00:00Z,accepted,"))
            .collect();
        file(&stage, "round.csv", &lines)
    };
    stage.run(&["reviews", "import", text(&import(1, "first"))]).is(0);
    let journal = journal(&stage);
    let before = std::fs::read(&journal).expect("journal");
    let path = import(2, "later");
    stage.run(&["reviews", "import", text(&path)]).is(0);
    let grown = std::fs::read(&journal).expect("journal").len() - before.len();
    let length = || std::fs::metadata(&journal).map_or(0, |facts| facts.len() as usize);
    for round in 0..=20 {
        std::fs::write(&journal, &before).expect("journal");
        let wanted = before.len() + grown * round / 20;
        let (_end, full) = full_pipe();
        let mut command = stage.command(&["reviews", "import", text(&path)]);
        let mut child = command.stdout(full).stderr(Stdio::null()).spawn().expect("start");
        let began = Instant::now();
        while length() < wanted {
            assert!(began.elapsed() < Duration::from_secs(60), "round {round}: nothing is written");
            std::thread::yield_now();
        }
        assert!(child.try_wait().expect("state").is_none(), "round {round}: it waits to say that it has ended");
        child.kill().expect("kill -9");
        child.wait().expect("end");
        let export = stage.run(&["reviews", "export"]);
        // A line that was being written is named as such, and nothing of it is there.
        let is_torn = export.err.contains("being written when the program stopped");
        let export = export.is(if is_torn { 5 } else { 0 });
        let found = |name: &str| export.out.lines().filter(|line| line.contains(name)).count();
        assert_eq!(found(",first,"), 2_000, "round {round}");
        assert!(found(",later,") == 0 || (found(",later,") == 2_000 && !is_torn), "round {round}: a half");
        assert!(round < 20 || found(",later,") == 2_000, "all of it was written");
    }
}
