//! The real program, killed, ended and stopped by the system at random moments of an archive, of an update of one, of exports,
//! of an import, of uploads and of an import of reviews: what is at the place is whole or nothing, an archive that was there is never
//! lost, what was acknowledged stays, and the next run ends what was started. `TAGSCOPE_KILLS=300` for the long run.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tagscope::engine::verify::verify;
use tagscope::storage::Archive;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use crate::archiving::service;
use crate::watched::Watched;

mod reviews;
mod uploads;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Continues with `--resume`.
    Resumed,
    /// Replaces an archive of an earlier state.
    Update,
    /// Begins again.
    Import,
}

/// Each is started, killed, resumed and verified.
const JOBS: [(Kind, &[&str]); 6] = [
    (Kind::Resumed, &["archive"]),
    (Kind::Update, &["archive"]),
    (Kind::Resumed, &["export", "--format", "coco,yolo,crops"]),
    (Kind::Resumed, &["export", "--format", "yolo", "--split", "80/20"]),
    (Kind::Resumed, &["export", "--format", "voc,azureml,jsonl"]),
    (Kind::Import, &["import", "coco"]),
];

/// Kills in all; a share of them for each kind of job, for uploads and for imports of reviews.
fn kills() -> u64 {
    std::env::var("TAGSCOPE_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(21)
}

fn share() -> u64 {
    kills().div_ceil(JOBS.len() as u64 + 2)
}

/// Numbers that look random and are the same each time.
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 29)
}

/// What the system does to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Kill,
    Terminate,
    HangUp,
    /// Stops it for a moment; it is to continue as if nothing had been.
    Stop,
}

/// Kills come most often: they leave the program no time for anything.
fn blow(number: u64) -> Blow {
    match (cfg!(unix), number % 6) {
        (false, _) | (_, 0..=2) => Blow::Kill,
        (_, 3) => Blow::Terminate,
        (_, 4) => Blow::HangUp,
        _ => Blow::Stop,
    }
}

impl Blow {
    fn fall(self, child: &mut Child) {
        let id = child.id().to_string();
        // One that has ended just now is not there any more.
        let send = |signal: &str| drop(Command::new("kill").args([signal, &id]).stderr(Stdio::null()).status());
        match self {
            Self::Kill => child.kill().expect("kill"),
            Self::Terminate => send("-TERM"),
            Self::HangUp => send("-HUP"),
            Self::Stop => {
                send("-STOP");
                std::thread::sleep(Duration::from_millis(20));
                send("-CONT");
            }
        }
    }
}

/// When a blow falls: with this line of progress, or so much later.
#[derive(Clone, Copy, Debug)]
struct Moment {
    line: usize,
    later: Duration,
}

/// Starts a program, and has the blow fall. Whether it ended before that by itself, and what it wrote.
fn struck(mut command: Command, blow: Blow, moment: Moment) -> (bool, Output) {
    let mut child = command.spawn().expect("start");
    let mut said = BufReader::new(child.stderr.take().expect("stderr"));
    let mut lines = Vec::new();
    for _ in 0..moment.line {
        if said.read_until(b'\n', &mut lines).expect("stderr") == 0 {
            break;
        }
    }
    let began = Instant::now();
    while began.elapsed() < moment.later {
        std::thread::sleep(Duration::from_micros(200));
    }
    let has_ended = child.try_wait().expect("wait").is_some();
    if !has_ended {
        blow.fall(&mut child);
    }
    std::io::Read::read_to_end(&mut said, &mut lines).expect("stderr");
    let mut output = child.wait_with_output().expect("end");
    output.stderr = lines;
    (has_ended, output)
}

struct Bench<'a> {
    home: &'a Path,
    running: &'a Watched,
}

impl Bench<'_> {
    fn command(&self, kind: Kind, job: &[&str], out: &Path) -> Command {
        let mut command = self.program();
        command.args(job);
        match kind {
            Kind::Import => command.arg(self.dataset()),
            Kind::Resumed | Kind::Update => command.args(["--resume", "--endpoint", self.running.endpoint()]),
        };
        command.args(["--json", "--out"]).arg(out);
        command
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command
            .env("TAGSCOPE_HOME", self.home.join("home"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("VISION_TRAINING_KEY", secrecy::ExposeSecret::expose_secret(self.running.training_key()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What is imported: an export of the project.
    fn dataset(&self) -> PathBuf {
        self.home.join("dataset")
    }

    /// The archive of an earlier state of the project.
    fn earlier(&self) -> PathBuf {
        self.home.join("earlier")
    }

    fn run(&self, kind: Kind, job: &[&str], out: &Path) -> Output {
        self.command(kind, job, out).output().expect("run")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => assert!(std::fs::copy(&path, &to).is_ok()),
        }
    }
}

fn assert_whole(out: &Path, words: &str) {
    let report = verify(out, &(std::sync::Arc::new(|_| {}) as _), &CancellationToken::new()).expect(words);
    assert!(report.differences.is_empty(), "{words}: {:?}", report.differences);
}

/// The images of an archive with their labels, wherever it lists them.
fn images(folder: &Path) -> BTreeSet<String> {
    let archive = Archive::open(folder).expect("archive");
    let rows = archive.rows().expect("rows").chain(archive.workspace().untagged_from(0).expect("rows"));
    let rows = rows.chain(archive.vanished().expect("rows"));
    rows.map(|row| row.expect("row").id.to_string()).collect()
}

/// What is hidden next to the place. Names alone, of a journal or a lock, are no more than that.
fn left(home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home).expect("folder").map(|entry| entry.expect("entry").path());
    let name = |path: &PathBuf| path.file_name().expect("name").to_string_lossy().into_owned();
    let (names, rest): (Vec<_>, Vec<_>) = entries
        .filter(|path| name(path).starts_with(".out"))
        .partition(|path| name(path).ends_with(".jsonl") || name(path).ends_with(".lock"));
    names.iter().for_each(|name| std::fs::remove_file(name).expect("remove"));
    rest
}

/// What came of the blows.
#[derive(Debug, Default)]
struct Toll {
    blows: u64,
    resumed: u64,
    published: u64,
    went_on: u64,
    spared: u64,
    cleared: u64,
}

/// One blow at a job, and everything after it.
fn strike(bench: &Bench<'_>, (kind, job): (Kind, &[&str]), (blow, moment): (Blow, Moment), toll: &mut Toll) -> bool {
    let out = bench.home.join("out");
    if kind == Kind::Update {
        copy(&bench.earlier(), &out);
    }
    let words = format!("{job:?} ({kind:?}), {blow:?} at {moment:?}");
    let (has_ended, output) = struck(bench.command(kind, job, &out), blow, moment);
    let is_done = output.status.success();
    assert!(!has_ended || is_done, "{words}: {}", said(&output));
    if out.exists() {
        assert_whole(&out, &words);
    }
    match blow {
        Blow::Stop => assert!(is_done, "{words}: {}", said(&output)),
        // Before it listens for signals, this one ends it as any other.
        Blow::Terminate if output.status.code() == Some(1) => {
            assert!(said(&output).contains("stopped"), "{words}: {}", said(&output));
        }
        _ => {}
    }
    assert!(kind != Kind::Update || out.exists(), "{words}: for a moment there is no archive");
    assert!(!is_done || out.exists(), "{words}: acknowledged, and not there");
    if kind == Kind::Update || !out.exists() {
        let output = bench.run(kind, job, &out);
        assert!(output.status.success(), "{words}: {}", said(&output));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("report");
        toll.spared += report["reused"].as_u64().unwrap_or_default();
        toll.cleared += report["cleared"].as_array().expect("list").len() as u64;
        assert_whole(&out, &words);
    }
    if kind == Kind::Update {
        let (before, now) = (images(&bench.earlier()), images(&out));
        assert!(before.is_subset(&now) && now.len() == 63, "{words}: images are lost");
    }
    toll.blows += u64::from(!has_ended);
    *(match (has_ended, is_done) {
        (true, _) => return false,
        (false, true) if blow == Blow::Stop => &mut toll.went_on,
        (false, true) => &mut toll.published,
        (false, false) => &mut toll.resumed,
    }) += 1;
    let rest = left(bench.home);
    assert!(rest.is_empty(), "{words}: {rest:?}");
    true
}

#[test]
fn what_was_struck_at_random_is_resumed_and_verified() {
    let home = tempdir().expect("home");
    let all: Vec<(u128, u128)> = (1..=60).rev().map(|number| (number, 1)).collect();
    // Of the earlier state some have other labels, and three are gone.
    let earlier: Vec<(u128, u128)> = (10..=63).rev().map(|number| (number, 1 + number % 2)).collect();
    let running = service(home.path(), "service", &all);
    let bench = Bench { home: home.path(), running: &running };
    {
        let running = service(home.path(), "earlier-service", &earlier);
        let bench = Bench { home: home.path(), running: &running };
        let made = bench.run(Kind::Resumed, &["archive"], &bench.earlier());
        assert!(made.status.success(), "{}", said(&made));
    }
    let made = bench.run(Kind::Resumed, &["export", "--format", "coco"], &bench.dataset());
    assert!(made.status.success(), "{}", said(&made));
    let mut toll = Toll::default();
    for (kind, job) in JOBS {
        let out = home.path().join("whole");
        if kind == Kind::Update {
            copy(&bench.earlier(), &out);
        }
        let began = Instant::now();
        let output = bench.run(kind, job, &out);
        assert!(output.status.success(), "{job:?}: {}", said(&output));
        assert_whole(&out, "not killed");
        std::fs::remove_dir_all(&out).expect("remove");
        // Its stages, and the words at its end.
        let lines = said(&output).lines().count().max(1);
        let stage = began.elapsed() / lines as u32;
        let (mut struck, mut round) = (0, 0);
        while struck < share() && round < 4 * share() {
            let number = scatter(toll.blows * 1_000 + round);
            let later = stage * (number / 64 % 1_000) as u32 / 1_000;
            // The first blow falls at once, so that one always hits; the others may come too late.
            let moment = match round {
                0 => Moment { line: 0, later: Duration::ZERO },
                _ => Moment { line: (number % lines as u64) as usize, later },
            };
            struck += u64::from(strike(&bench, (kind, job), (blow(struck + round), moment), &mut toll));
            std::fs::remove_dir_all(home.path().join("out")).expect("remove");
            round += 1;
        }
        assert!(struck > 0, "{job:?} was never struck in time: nothing was tested");
    }
    println!("{toll:?}");
    assert!(toll.resumed > 0, "nothing was ended early: nothing was tested");
}
