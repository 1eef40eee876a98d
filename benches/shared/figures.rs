//! Figures for the table of `packaging/bench.sh`: a line each, `figure`, what, figure, limit or comparison, verdict,
//! with tabs between them.

use std::time::{Duration, Instant};

/// Times of one thing, done again and again.
pub struct Times(Vec<Duration>);

/// Does it `rounds` times after some that are not counted.
pub fn times(rounds: usize, mut work: impl FnMut()) -> Times {
    times_with(rounds, || (), |()| work())
}

/// The same; what `prepare` makes for each time is not counted.
pub fn times_with<T>(rounds: usize, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> Times {
    let mut one = || {
        let prepared = prepare();
        let began = Instant::now();
        work(prepared);
        began.elapsed()
    };
    for _ in 0..rounds / 10 {
        one();
    }
    Times::of((0..rounds).map(|_| one()).collect())
}

impl Times {
    /// Times that were taken elsewhere.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that this share of all does not exceed, in milliseconds.
    pub fn share_ms(&self, share: f64) -> f64 {
        let place = ((self.0.len() - 1) as f64 * share).round() as usize;
        self.0[place].as_secs_f64() * 1e3
    }

    /// The median in milliseconds.
    pub fn median_ms(&self) -> f64 {
        self.share_ms(0.5)
    }
}

/// Prints one line of the table. `limit` is what the figure is to stay below, in its own unit.
pub fn figure(what: &str, value: f64, unit: &str, limit: Option<f64>) {
    let (bound, verdict) = match limit {
        Some(limit) => (format!("{limit} {unit}"), if value <= limit { "reached" } else { "missed" }),
        None => (String::new(), ""),
    };
    println!("figure\t{what}\t{value:.3} {unit}\t{bound}\t{verdict}");
}

/// Prints a ratio of two figures of one run, which is to be at least `least`.
pub fn ratio(what: &str, ratio: f64, compared: &str, least: f64) {
    let verdict = if ratio >= least { "reached" } else { "missed" };
    println!("figure\t{what}\t{ratio:.2} of {compared}\t{least}\t{verdict}");
}

/// Bytes of memory that this process has in use, where the system tells.
pub fn resident_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4_096.0)
}
