//! Ending the program, the connection or the open project: it asks first while something is under way that this would
//! interrupt.

use super::command::{Command, ConnectionCommand, ProjectCommand};

/// A question or a wait before something that would interrupt work.
#[derive(Clone, Debug)]
pub struct Quitting {
    pub stage: QuitStage,
    pub next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitStage {
    /// The person's answer about the work under way.
    Asked,
    /// The end of that work, and then the disk.
    Work,
    /// Only decisions that are not on the disk yet. Work under way is stopped, and what it has done is kept.
    Decisions,
}

/// What happens once nothing is in the way.
#[derive(Clone, Debug)]
pub enum Next {
    Quit,
    /// Another source or project takes the place of the one that is open: the command that asks for it.
    Change(Box<Command>),
}

impl Next {
    /// `quit`, `disconnect`, `open`.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Change(command) => match **command {
                Command::Connection(ConnectionCommand::Disconnect) => "disconnect",
                Command::Project(ProjectCommand::Close) => "close",
                Command::Project(ProjectCommand::Refresh) => "refresh",
                _ => "open",
            },
        }
    }
}
