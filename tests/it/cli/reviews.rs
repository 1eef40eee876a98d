//! `tagscope reviews`: decisions into a project and out again, in both forms; what is wrong with a file or a journal is
//! told; a kill at any moment loses no import that had ended, and leaves none half done.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

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
    assert!(again.out == "0\n" && again.err.contains("3 rows are known already"), "{}", again.err);

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

    // And beside an export, on request.
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
    assert!(ran.err.contains("Nothing was imported") && ran.err.contains("Another Tagscope"), "{}", ran.err);
    assert_eq!(stage.run(&["reviews", "export"]).is(0).out.lines().count(), 2, "reading needs no lock");
    drop(lock);
    stage.run(&["reviews", "import", text(&more)]).is(0);

    // Written by a newer version: nothing of it is used, and it stays as it is.
    let path = journal(&stage);
    let head = format!(r#"{{"tagscopeReviews":2,"project":"{}"}}"#, stage.served().project);
    std::fs::write(&path, format!("{:08x} {head}\n", crc32fast::hash(head.as_bytes()))).expect("newer");
    let before = std::fs::read(&path).expect("journal");
    for arguments in [&["reviews", "export"][..], &["reviews", "import", text(&good)]] {
        assert!(stage.run(arguments).is(1).err.contains("newer version"));
    }
    assert_eq!(std::fs::read(&path).expect("journal"), before);
}

#[test]
fn a_kill_at_any_moment_leaves_an_import_whole_or_undone() {
    let stage = Stage::sample(&["--images", "2"]);
    let image = &ids(&stage)[0];
    let mut random = fastrand::Rng::with_seed(11);
    let (mut ended, mut killed) = (0, 0);
    for round in 0..30 {
        // Large enough that the write is not over in an instant; each round has a reviewer of its own.
        let lines: Vec<_> = (0..2_000)
            .map(|at| {
                format!("{image},{:08x}-0000-0000-0000-{at:012x},r{round},2026-11-24T10:00:00Z,accepted,", round + 1)
            })
            .collect();
        let path = file(&stage, "round.csv", &lines);
        let mut command = stage.command(&["reviews", "import", text(&path)]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start");
        std::thread::sleep(Duration::from_millis(random.u64(5..120)));
        let was_running = child.try_wait().expect("state").is_none();
        child.kill().expect("kill -9");
        let is_acknowledged = child.wait().expect("end").success();
        killed += usize::from(was_running);
        ended += usize::from(is_acknowledged);
        let table = stage.run(&["reviews", "export"]).is(0).out;
        let found = table.lines().filter(|line| line.contains(&format!(",r{round},"))).count();
        assert!(
            found == 2_000 || (found == 0 && !is_acknowledged),
            "round {round}: {found} of 2000, {is_acknowledged}"
        );
    }
    assert!(killed > 0, "{ended} ended, {killed} killed");
}
