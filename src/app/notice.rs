//! Messages for what has no place of its own on the screen.

use super::command::Command;

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// It worked.
    Success,
    /// Something is missing or odd.
    Warning,
    /// It did not work.
    Error,
}

/// A message for what has no place of its own.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Never used twice in a session.
    pub id: u64,
    /// How bad.
    pub severity: Severity,
    /// What happened.
    pub title: String,
    /// What it means and what to do.
    pub body: String,
    /// A button: its text and what it does.
    pub action: Option<(String, Command)>,
    /// For "Copy details".
    pub details: String,
}

impl Notice {
    /// A notice without button and details; [`State::push_notice`](super::State::push_notice) gives it its id.
    pub fn new(severity: Severity, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { id: 0, severity, title: title.into(), body: body.into(), action: None, details: String::new() }
    }
}
