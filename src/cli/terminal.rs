//! Standard output for data, standard error for people: a bar on a terminal, plain lines elsewhere, nothing when quiet.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, IsTerminal as _, Stdout, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::end::Trouble;
use domain::Destination;

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

    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        if bytes.is_empty() || !self.out.get_ref().is_terminal() {
            return Ok(self.out.write_all(bytes)?);
        }
        self.shows_data = true;
        Ok(self.out.write_all(&harmless(bytes))?)
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

    /// Writes where a result is as a line of data.
    pub(super) fn place(&mut self, place: &Destination) -> Result<(), Trouble> {
        match place {
            Destination::Folder(folder) => self.path(folder),
            Destination::Store(address) => self.line(&address.to_string()),
        }
    }

    /// Writes a report as JSON.
    pub(super) fn json(&mut self, report: &impl Serialize) -> Result<(), Trouble> {
        let text = serde_json::to_string_pretty(report).map_err(|error| Trouble::Output(error.to_string()))?;
        self.line(&text)
    }

    /// Whether people want to hear only errors.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    pub(super) fn flush(&mut self) -> Result<(), Trouble> {
        Ok(self.out.flush()?)
    }

    /// Says something to people, unless they want quiet.
    pub(super) fn say(&self, text: &str) {
        if !self.is_quiet {
            self.speak(text);
        }
    }

    pub(super) fn error(&self, text: &str) {
        self.speak(&format!("tagscope: {text}"));
    }

    fn speak(&self, text: &str) {
        let text = shown(text);
        let write = || {
            // A closed standard error cannot be reported anywhere.
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
        // An error has been reported by `flush` before; a closed pipe is none.
        let _ = self.out.flush();
    }
}

/// Foreign text made fit for one field of a line: no tabs, no line breaks, no escape sequences, no turning of the
/// direction in which the rest of the line is read.
pub(super) fn field(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// Text for people with its line breaks, without what would steer the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if steers(c) && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// JSON with the characters that could steer a terminal as escapes, which mean the same.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    if !json.contains(|c| steers(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if steers(c) && !matches!(c, '\n' | '\t') {
            // All of them are below 0x10000. Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Data for a terminal. What is no text (a path may be anything) was named by the person.
fn harmless(bytes: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(bytes).map(escaped) {
        Ok(Cow::Owned(text)) => text.into_bytes().into(),
        _ => bytes.into(),
    }
}

/// Whether a character does something to the terminal instead of being shown: the control characters, and those that
/// change the direction of reading, by which a name can look like another.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_does_not_steer_the_terminal() {
        let name = "fork\u{1b}[2J\u{9b}31m\u{7f}\0\u{202e}gpj\r\n\tend \u{732b}";
        for text in [field(name), shown(name), escaped(&serde_json::to_string(name).expect("JSON")).into_owned()] {
            assert!(!text.contains(|c| steers(c) && !matches!(c, '\n' | '\t')), "{text:?}");
            assert!(text.starts_with("fork") || text.starts_with("\"fork"));
            assert!(text.contains('\u{732b}'));
        }
        assert!(!field(name).contains(['\n', '\t']));
        assert!(shown("a\n  b").contains("\n  "));
    }

    #[test]
    fn escaped_json_means_the_same() {
        let name = "a\u{9b}b\u{202e}c\u{7f}\u{2028}";
        let json = serde_json::to_string(&[name]).expect("JSON");
        assert_ne!(escaped(&json), json);
        assert_eq!(serde_json::from_str::<[String; 1]>(&escaped(&json)).expect("JSON")[0], name);
        assert_eq!(harmless(json.as_bytes()), escaped(&json).as_bytes());
        assert_eq!(&*harmless(b"/tmp/\xff\x1b"), b"/tmp/\xff\x1b");
    }
}
