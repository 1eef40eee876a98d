//! Standard output for data, standard error for people: a bar on a terminal, plain lines elsewhere, nothing when quiet.

use std::io::{BufWriter, IsTerminal as _, Stdout, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::end::Trouble;

/// The two streams.
pub(super) struct Terminal {
    out: BufWriter<Stdout>,
    is_quiet: bool,
    /// Data has gone to a terminal, where a bar would stand among it.
    shows_data: bool,
    bar: Option<ProgressBar>,
    /// The last stage said as a plain line.
    stage: String,
}

impl Terminal {
    pub(super) fn new(is_quiet: bool) -> Self {
        let out = BufWriter::with_capacity(64 << 10, std::io::stdout());
        Self { out, is_quiet, shows_data: false, bar: None, stage: String::new() }
    }

    /// Writes data.
    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.shows_data = self.shows_data || (!bytes.is_empty() && self.out.get_ref().is_terminal());
        Ok(self.out.write_all(bytes)?)
    }

    /// Writes a line of data.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Trouble> {
        self.data(text.as_bytes())?;
        self.data(b"\n")
    }

    /// Writes a path, byte for byte as the system has it, as a line of data.
    pub(super) fn path(&mut self, path: &Path) -> Result<(), Trouble> {
        self.data(path.as_os_str().as_encoded_bytes())?;
        self.data(b"\n")
    }

    /// Hands on what has been written.
    pub(super) fn flush(&mut self) -> Result<(), Trouble> {
        Ok(self.out.flush()?)
    }

    /// Says something to people, unless they want quiet.
    pub(super) fn say(&self, text: &str) {
        if !self.is_quiet {
            self.speak(text);
        }
    }

    /// Says an error.
    pub(super) fn error(&self, text: &str) {
        self.speak(&format!("tagscope: {text}"));
    }

    fn speak(&self, text: &str) {
        let write = || {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// How far a stage is; `total` 0: not known. A bar on a terminal; elsewhere one line when a stage begins.
    pub(super) fn progress(&mut self, stage: &str, done: u64, total: u64) {
        if self.is_quiet || self.shows_data {
            return;
        }
        if !std::io::stderr().is_terminal() {
            if self.stage != stage {
                stage.clone_into(&mut self.stage);
                let of = if total > 0 { format!(" ({total})") } else { String::new() };
                self.say(&format!("{stage}{of}..."));
            }
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        if self.stage != stage || bar.length().unwrap_or_default() != total {
            let template = if total > 0 {
                "{msg:<16} [{bar:32}] {human_pos} of {human_len}, {eta} left"
            } else {
                "{msg:<16} {spinner} {human_pos}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_length(total);
            bar.set_message(stage.to_owned());
            stage.clone_into(&mut self.stage);
        }
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub(super) fn end_progress(&mut self) {
        self.stage.clear();
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_progress();
        // An error has been told by `flush` before; a closed pipe is none.
        let _ = self.out.flush();
    }
}

/// Foreign text made fit for one field of a line: no tabs, no line breaks, no escape sequences.
pub(super) fn field(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
