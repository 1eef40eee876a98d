//! Uploads into a store: its manifest is never there without all that it names, and the next run sends only what is missing.

use super::*;
use crate::remote::stores::{CONTAINER, Kind as StoreKind, Running};

const JOBS: [&[&str]; 2] = [&["export", "--format", "coco,yolo"], &["archive"]];

impl Bench<'_> {
    fn upload(&self, job: &[&str], store: &Running, address: &str) -> Command {
        let mut command = self.program();
        command.args(job).args(["--resume", "--endpoint", self.running.endpoint(), "--json", "--out", address]);
        command.envs(store.variables().iter().map(|(name, value)| (name, value)));
        command
    }

    /// What uploads have left on this computer.
    fn work_folders(&self) -> usize {
        std::fs::read_dir(self.home.join("home/cache/uploads")).map_or(0, Iterator::count)
    }
}

/// The names of objects that were sent since the last time.
fn sent(store: &Running) -> BTreeSet<String> {
    let start = format!("PUT /{CONTAINER}/");
    let log = store.take_log();
    let names = log.iter().filter_map(|line| line.split(&start).nth(1)?.split(['?', ' ']).next());
    names.map(str::to_owned).collect()
}

#[test]
fn an_upload_that_was_struck_is_never_half_there_and_sends_only_what_is_missing() {
    let test = "an_upload_that_was_struck_is_never_half_there_and_sends_only_what_is_missing";
    let Some(store) = Running::start(StoreKind::S3, test) else { return };
    let home = tempdir().expect("home");
    let all: Vec<(u128, u128)> = (1..=60).rev().map(|number| (number, 1)).collect();
    let running = service(home.path(), "service", &all);
    let bench = Bench { home: home.path(), running: &running };
    let (mut toll, mut begun, mut kept) = (Toll::default(), 0, 0);
    for (job, seed) in JOBS.iter().zip(1..) {
        let (whole, began) = (store.address(&format!("whole-{seed}")).to_string(), Instant::now());
        let output = bench.upload(job, &store, &whole).output().expect("run");
        assert!(output.status.success(), "{job:?}: {}", said(&output));
        let words = said(&output);
        let stage = began.elapsed() / words.lines().count().max(1) as u32;
        let uploading = words.lines().position(|line| line.starts_with("Uploading")).expect("it is said") + 1;
        let names = |prefix: &str| -> BTreeSet<String> {
            let found = store.objects(prefix).into_keys();
            found.map(|name| name.strip_prefix(prefix).expect("below").to_owned()).collect()
        };
        let expected = names(&format!("whole-{seed}/"));
        let (mut struck_so_far, mut round) = (0, 0);
        while struck_so_far < share().div_ceil(JOBS.len() as u64).max(2) && round < 4 * share() {
            let number = scatter(seed * 1_000_000 + round);
            round += 1;
            let line = if number.is_multiple_of(4) { (number / 4) as usize % uploading } else { uploading };
            let moment = Moment { line, later: stage * (number / 64 % 1_000) as u32 / 1_000 };
            let prefix = format!("set-{seed}-{round}/");
            let address = store.address(prefix.trim_end_matches('/')).to_string();
            let blow = blow(struck_so_far + round);
            let words = format!("{job:?}, {blow:?} at {moment:?}");
            let (has_ended, output) = struck(bench.upload(job, &store, &address), blow, moment);
            let is_done = output.status.success();
            assert!(is_done || !(has_ended || blow == Blow::Stop), "{words}: {}", said(&output));
            let there = names(&prefix);
            let is_complete = there == expected;
            assert!(is_complete || !there.contains("manifest.json"), "{words}: {there:?}");
            assert!(is_complete || !is_done, "{words}: acknowledged, and not there");
            if !is_done {
                sent(&store);
                let output = bench.upload(job, &store, &address).output().expect("run");
                assert!(output.status.success(), "{words}, again: {}", said(&output));
                let again: Vec<String> =
                    sent(&store).into_iter().filter_map(|name| Some(name.strip_prefix(&prefix)?.to_owned())).collect();
                let twice: Vec<_> = again.iter().filter(|name| there.contains(*name)).collect();
                assert!(twice.is_empty(), "{words}: sent although they were there: {twice:?}");
                begun += u64::from(!there.is_empty());
                kept += there.len();
            }
            assert_eq!(names(&prefix), expected, "{words}");
            let mut verify = bench.program();
            verify.args(["verify", &address]).envs(store.variables().iter().map(|(name, value)| (name, value)));
            let verified = verify.output().expect("run");
            assert!(verified.status.success(), "{words}: {}", said(&verified));
            assert_eq!(bench.work_folders(), 0, "{words}");
            struck_so_far += u64::from(!has_ended);
            toll.blows += u64::from(!has_ended);
            toll.resumed += u64::from(!is_done);
        }
        assert!(struck_so_far > 0, "{job:?} was never struck in time: nothing was tested");
    }
    println!("{} blows, {} resumed, {begun} of them with {kept} objects there", toll.blows, toll.resumed);
    assert!(toll.resumed > 0, "nothing was ended early: nothing was tested");
}
