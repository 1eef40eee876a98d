//! The real program, killed by the system at random moments of an archive, of exports and of an import: what stands at the
//! place is whole or nothing, `--resume` ends it, and what a killed import left is cleared by the next one. `TAGSCOPE_KILLS=100` for the long run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tagscope::engine::verify::verify;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use crate::archiving::service;
use crate::watched::Watched;

/// Kinds of jobs: each is begun, killed, resumed and verified.
const JOBS: [&[&str]; 5] = [
    &["archive"],
    &["export", "--format", "coco,yolo,crops"],
    &["export", "--format", "yolo", "--split", "80/20"],
    &["export", "--format", "voc,azureml,jsonl"],
    IMPORT,
];

/// Nothing of it is resumed: it begins anew.
const IMPORT: &[&str] = &["import", "coco"];

fn kills() -> u64 {
    std::env::var("TAGSCOPE_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(8)
}

/// Numbers that look random and are the same each time.
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 29)
}

struct Bench<'a> {
    home: &'a Path,
    running: &'a Watched,
}

impl Bench<'_> {
    fn command(&self, job: &[&str], out: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.args(job);
        match job {
            IMPORT => command.arg(self.dataset()),
            _ => command.args(["--resume", "--endpoint", self.running.endpoint()]),
        };
        command
            .args(["--quiet", "--json", "--out"])
            .arg(out)
            .env("TAGSCOPE_HOME", self.home.join("home"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("VISION_TRAINING_KEY", secrecy::ExposeSecret::expose_secret(self.running.training_key()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What is imported: an export of the project.
    fn dataset(&self) -> PathBuf {
        self.home.join("dataset")
    }

    fn run(&self, job: &[&str], out: &Path) -> Output {
        self.command(job, out).output().expect("run")
    }
}

/// Pictures that a run did not fetch, and folders of dead runs that it removed, as its report says.
fn spared_and_cleared(output: &Output) -> (u64, u64) {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("report");
    let cleared = report["cleared"].as_array().expect("list").len() as u64;
    (report["reused"].as_u64().unwrap_or_default(), cleared)
}

fn assert_whole(out: &Path, words: &str) {
    let report = verify(out, &(std::sync::Arc::new(|_| {}) as _), &CancellationToken::new()).expect("verify");
    assert!(report.differences.is_empty(), "{words}: {:?}", report.differences);
}

/// Whether it was killed before its end.
fn killed(child: &mut Child, after: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < after {
        if child.try_wait().expect("wait").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("kill");
    let status = child.wait().expect("end");
    status.code().is_none()
}

#[test]
fn what_was_killed_at_random_is_resumed_and_verified() {
    let home = tempdir().expect("home");
    let images: Vec<(u128, u128)> = (1..=60).rev().map(|number| (number, 1)).collect();
    let running = service(home.path(), "service", &images);
    let bench = Bench { home: home.path(), running: &running };
    let made = bench.run(&["export", "--format", "coco"], &bench.dataset());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (mut count, mut resumed, mut spared, mut cleared, mut published) = (0, 0, 0, 0, 0);
    for job in JOBS {
        let out = home.path().join("whole");
        let began = Instant::now();
        let output = bench.run(job, &out);
        assert!(output.status.success(), "{job:?}: {}", String::from_utf8_lossy(&output.stderr));
        let whole = began.elapsed();
        assert_whole(&out, "not killed");
        std::fs::remove_dir_all(&out).expect("remove");
        // On a busy machine many end before their moment comes.
        let wanted = count + kills().div_ceil(JOBS.len() as u64);
        for round in 0..3 * kills() {
            if count >= wanted {
                break;
            }
            let out = home.path().join("out");
            let mut child = bench.command(job, &out).spawn().expect("start");
            let share = (scatter(count * 1_000 + round) % 1_000) as u32;
            let was_killed = killed(&mut child, whole * share / 1_000);
            count += u64::from(was_killed);
            let words = format!("{job:?}, round {round}, killed at {share} of 1000 of {whole:?}");
            if out.exists() {
                assert_whole(&out, &words);
                published += u64::from(was_killed);
            } else {
                let output = bench.run(job, &out);
                assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
                let (pictures, folders) = spared_and_cleared(&output);
                (spared, cleared) = (spared + pictures, cleared + folders);
                resumed += u64::from(was_killed);
                assert_whole(&out, &words);
            }
            std::fs::remove_dir_all(&out).expect("remove");
            let left = std::fs::read_dir(home.path())
                .expect("folder")
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let left: Vec<_> = left.filter(|name| name.starts_with(".out")).collect();
            // Killed between the rename and the end, only the journal's or the lock's name is left, for the next run.
            let is_name = |name: &String| name.ends_with(".jsonl") || name.ends_with(".lock");
            assert!(left.iter().all(is_name), "{words}: {left:?}");
            left.iter().for_each(|name| std::fs::remove_file(home.path().join(name)).expect("remove"));
        }
    }
    println!(
        "{count} kills: {resumed} resumed and verified, {published} were published already; {spared} pictures were not \
         fetched again, {cleared} folders of dead imports removed"
    );
    assert!(count >= 1 && resumed >= 1, "nothing was killed in time: nothing was tested");
}
