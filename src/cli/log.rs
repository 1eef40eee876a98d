//! The log, for whoever looks into a problem: off unless `TAGSCOPE_LOG` is `error`, `warn`, `info`, `debug` or `trace`.
//! It goes to standard error. Only our own messages are let through: a library might print a whole address.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Turns the log on if the environment asks for it.
pub(super) fn start() {
    let wished = std::env::var("TAGSCOPE_LOG").ok();
    let Some(level) = wished.and_then(|level| level.parse::<LevelFilter>().ok()) else { return };
    let ours = Targets::new().with_target("tagscope", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, in a test, finds the log on already.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
