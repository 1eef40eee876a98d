//! `--trace FILE`: what frames and the engine's work take, in the trace format of Chrome (an array of events, which
//! ui.perfetto.dev and `chrome://tracing` open).
//!
//! Only events of our own target get in, and of them only the name, which is in the source, and fields that are
//! numbers: no text that came from outside, so no key, no address and no file name. The file is bounded, for the person
//! alone, and never replaces another. Without its last bracket, after a crash, viewers read it all the same.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use storage::paths::create_private_file;

/// The target of events that are for the trace.
pub(super) const TARGET: &str = "tagscope::trace";

/// The file grows no larger than this: some hours of a window that is in use all the time.
const MOST_BYTES: u64 = 256 << 20;
/// What a killed program may lose.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// A trace that is being written. Clones write to the same file.
#[derive(Clone)]
pub(super) struct Trace {
    started: Instant,
    out: Arc<Mutex<Out>>,
}

struct Out {
    file: BufWriter<File>,
    left: u64,
    /// Names of threads; the place is the number in the file.
    threads: Vec<String>,
    flushed: Instant,
}

impl Trace {
    /// Makes the file. Its folder must be there.
    ///
    /// # Errors
    /// When something is there already, or the system refuses.
    pub(super) fn create(path: &Path, started: Instant) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 16, create_private_file(path)?);
        file.write_all(b"[\n")?;
        let out = Out { file, left: MOST_BYTES, threads: Vec::new(), flushed: started };
        Ok(Self { started, out: Arc::new(Mutex::new(out)) })
    }

    /// Writes the end.
    ///
    /// # Errors
    /// When the disk is full, or gone.
    pub(super) fn finish(&self) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.left = 0;
        let last = json!({ "name": "process_name", "ph": "M", "pid": 1, "args": { "name": "tagscope" } });
        writeln!(out.file, "{last}\n]")?;
        out.file.flush()
    }

    fn note(&self, name: &str, fields: Map<String, Value>) {
        let now = self.started.elapsed();
        let took = Duration::from_micros(fields.get("us").and_then(Value::as_u64).unwrap_or(0));
        let thread = std::thread::current();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.left == 0 {
            return;
        }
        let thread = out.thread(thread.name().unwrap_or("unnamed"));
        let event = json!({
            "name": name,
            "ph": "X",
            "ts": now.saturating_sub(took).as_micros() as u64,
            "dur": took.as_micros() as u64,
            "pid": 1,
            "tid": thread,
            "args": fields,
        });
        out.line(&event);
        if out.flushed.elapsed() > FLUSH_EVERY {
            out.flushed = Instant::now();
            // A disk that is full is reported at the end.
            let _ = out.file.flush();
        }
    }
}

impl Out {
    fn thread(&mut self, name: &str) -> usize {
        if let Some(number) = self.threads.iter().position(|known| known == name) {
            return number;
        }
        let number = self.threads.len();
        self.threads.push(name.to_owned());
        self.line(&json!({ "name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": { "name": name } }));
        number
    }

    fn line(&mut self, event: &Value) {
        let line = format!("{event},\n");
        self.left = self.left.saturating_sub(line.len() as u64);
        if self.file.write_all(line.as_bytes()).is_err() {
            self.left = 0;
        }
    }
}

impl<S: Subscriber> Layer<S> for Trace {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut numbers = Numbers(Map::new());
        event.record(&mut numbers);
        self.note(event.metadata().name(), numbers.0);
    }
}

/// The fields of an event that cannot hold a secret.
struct Numbers(Map<String, Value>);

impl Visit for Numbers {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

/// Turns the trace on, and the log, which is off unless `TAGSCOPE_LOG` is `error`, `warn`, `info`, `debug` or `trace`. The log
/// goes to standard error. Only our own messages are let through: a library might print a whole address.
pub(super) fn start(trace: Option<Trace>) {
    let requested = std::env::var("TAGSCOPE_LOG").ok();
    let level = requested.and_then(|level| level.parse::<LevelFilter>().ok());
    if level.is_none() && trace.is_none() {
        return;
    }
    let lines = level.map(|level| {
        let ours = Targets::new().with_target("tagscope", level);
        tracing_subscriber::fmt::layer().with_writer(io::stderr).with_filter(ours)
    });
    let traced = Targets::new().with_target(TARGET, LevelFilter::TRACE);
    let trace = trace.map(|trace| trace.with_filter(traced));
    // A second start, in a test, finds the log on already.
    let _ = tracing_subscriber::registry().with(lines).with(trace).try_init();
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn a_trace_is_an_array_of_numbers_and_known_names() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("trace.json");
        let trace = Trace::create(&path, Instant::now()).expect("trace");
        let subscriber = tracing_subscriber::registry().with(trace.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(name: "frame", target: TARGET, us = 1_500_u64, has = true, text = "sig=tops3cret");
            tracing::trace!(name: "decode", target: TARGET, us = 7_u64, error = ?"tops3cret", "tops3cret");
        });
        trace.finish().expect("end");
        trace.note("late", Map::new());
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(!text.contains("tops3cret") && !text.contains("late"), "{text}");
        let events: Vec<Value> = serde_json::from_str(&text).expect("an array");
        let names: Vec<_> = events.iter().filter_map(|event| event["name"].as_str()).collect();
        assert_eq!(names, ["thread_name", "frame", "decode", "process_name"]);
        assert_eq!((&events[1]["dur"], &events[1]["args"]["has"]), (&json!(1_500), &json!(true)));
        assert!(Trace::create(&path, Instant::now()).is_err(), "nothing is overwritten");
    }

    #[test]
    fn a_trace_ends_at_its_bound() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("trace.json");
        let trace = Trace::create(&path, Instant::now()).expect("trace");
        trace.out.lock().expect("out").left = 1_000;
        for _ in 0..1_000 {
            trace.note("frame", Map::new());
        }
        trace.finish().expect("end");
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.len() < 1_400, "{}", text.len());
        assert!(serde_json::from_str::<Vec<Value>>(&text).is_ok());
    }
}
