//! Runs a target: the corpus as it is, then changed inputs for a number of cases or of seconds.

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "the figures of a run are its result")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::mutate::Material;

/// So long that only a hang exceeds it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A target.
pub(super) struct Target {
    pub(super) name: &'static str,
    /// Cases of a normal test run.
    pub(super) cases: u64,
    pub(super) tokens: &'static [&'static [u8]],
    pub(super) heads: &'static [&'static [u8]],
}

impl Target {
    /// Gives `check` the corpus and what is made of it; `check` panics when something is wrong. The generator is for what
    /// a target chooses by chance besides: it is the same again for the same case.
    pub(super) fn run(&self, check: impl FnMut(&[u8], &mut Rng)) {
        self.run_with("", check);
    }

    /// The same with those seeds and heads only that begin with some bytes.
    pub(super) fn run_with(&self, start: &str, mut check: impl FnMut(&[u8], &mut Rng)) {
        let is_chosen = |input: &[u8]| input.starts_with(start.as_bytes());
        let seeds: Vec<Vec<u8>> = self.corpus().into_iter().filter(|seed| is_chosen(seed)).collect();
        assert!(!seeds.is_empty(), "no seed of {} begins with {start:?}", self.name);
        let heads: Vec<&[u8]> = self.heads.iter().copied().filter(|head| is_chosen(head)).collect();
        let material = Material { seeds, tokens: self.tokens, heads: &heads };
        let watch = Watch::start(self.name);
        for (place, seed) in (0..).zip(&material.seeds) {
            watch.case(self.name, place, seed, &mut check);
        }
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let seconds = number("TAGSCOPE_FUZZ_SECONDS").map(Duration::from_secs);
        // A normal run is the same each time; a long one is another each time.
        let chance = if seconds.is_some() { fastrand::u64(..) } else { 7 };
        let first = number("TAGSCOPE_FUZZ_SEED").unwrap_or(chance);
        let began = Instant::now();
        let mut done = 0;
        let mut slowest = (Duration::ZERO, first);
        loop {
            let is_over = match seconds {
                Some(seconds) => began.elapsed() >= seconds,
                None => done >= self.cases,
            };
            if is_over {
                break;
            }
            let seed = first.wrapping_add(done);
            let input = material.next(&mut Rng::with_seed(seed));
            let took = watch.case(self.name, seed, &input, &mut check);
            slowest = slowest.max((took, seed));
            done += 1;
        }
        println!(
            "fuzz {}: {} seeds and {done} cases in {:.0} s without a failure; first seed {first}; slowest case {:.0} ms (seed {})",
            self.name,
            material.seeds.len(),
            began.elapsed().as_secs_f32(),
            slowest.0.as_secs_f32() * 1_000.0,
            slowest.1
        );
    }

    /// The files of the target's folder, by name.
    fn corpus(&self) -> Vec<Vec<u8>> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fuzz/corpus").join(self.name);
        let entries = std::fs::read_dir(&folder).expect("the folder of the corpus");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        files.iter().map(|file| std::fs::read(file).expect("a seed")).collect()
    }
}

/// The case under way, and since when.
type Running = Arc<Mutex<Option<(Instant, u64, Vec<u8>)>>>;

/// Ends the process when a case takes for ever: a hang must fail, not wait for the whole of the test run.
struct Watch(Running);

impl Watch {
    fn start(name: &'static str) -> Self {
        let running: Running = Arc::default();
        let seen = Arc::downgrade(&running);
        let look = move || {
            while let Some(running) = seen.upgrade() {
                let stuck = running.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some((since, seed, input)) = stuck
                    && since.elapsed() > PATIENCE
                {
                    eprintln!("fuzz {name}: seed {seed} hangs; its input is {}", keep(name, seed, &input).display());
                    std::process::exit(101);
                }
                drop(running);
                std::thread::sleep(Duration::from_millis(500));
            }
        };
        std::thread::Builder::new().name(format!("watch-{name}")).spawn(look).expect("thread");
        Self(running)
    }

    fn set(&self, case: Option<(Instant, u64, Vec<u8>)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = case;
    }

    fn case(&self, name: &str, seed: u64, input: &[u8], check: &mut impl FnMut(&[u8], &mut Rng)) -> Duration {
        let began = Instant::now();
        self.set(Some((began, seed, input.to_vec())));
        let mut rng = Rng::with_seed(seed ^ 0x5eed);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(input, &mut rng))) {
            let kept = keep(name, seed, input);
            eprintln!("fuzz {name}: seed {seed} fails; its input is {}", kept.display());
            resume_unwind(panic);
        }
        self.set(None);
        began.elapsed()
    }
}

/// Writes an input that failed into the target folder.
fn keep(name: &str, seed: u64, input: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}-{seed}"));
    let _ = std::fs::write(&path, input);
    path
}
