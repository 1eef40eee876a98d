//! The log, for looking into a problem: off unless `TAGSCOPE_LOG` is `error`, `warn`, `info`, `debug` or `trace`.
//! It goes to standard error. Only our own messages are let through: a library might print a whole address.

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::trace::{self, Trace};

/// Turns the log on if the environment asks for it, and the trace if there is one.
pub(super) fn start(trace: Option<Trace>) {
    let requested = std::env::var("TAGSCOPE_LOG").ok();
    let level = requested.and_then(|level| level.parse::<LevelFilter>().ok());
    if level.is_none() && trace.is_none() {
        return;
    }
    let lines = level.map(|level| {
        let ours = Targets::new().with_target("tagscope", level);
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(ours)
    });
    let traced = Targets::new().with_target(trace::TARGET, LevelFilter::TRACE);
    let trace = trace.map(|trace| trace.with_filter(traced));
    // A second start, in a test, finds the log on already.
    let _ = tracing_subscriber::registry().with(lines).with(trace).try_init();
}
