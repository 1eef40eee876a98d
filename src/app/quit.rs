//! Ending the program, the connection or the open project: it asks first while something is under way that this would
//! interrupt, and waits for decisions that are not on the disk yet.

use std::collections::BTreeSet;

use super::command::{Command, ConnectionCommand, ProjectCommand};

/// A question or a wait before something that would interrupt work.
#[derive(Clone, Debug)]
pub struct Quitting {
    pub stage: QuitStage,
    pub next: NextStep,
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
pub enum NextStep {
    Quit,
    /// Another source or project takes the place of the one that is open: the command that asks for it.
    Change(Box<Command>),
}

impl NextStep {
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

/// Decisions that are not on the disk yet, by opening and number, of whatever opening.
#[derive(Clone, Debug, Default)]
pub struct Unsaved(BTreeSet<(u64, u64)>);

impl Unsaved {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether everything is on the disk.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A decision of an opening is on its way.
    pub(crate) fn begin(&mut self, generation: u64, number: u64) {
        self.0.insert((generation, number));
    }

    /// Everything up to this decision of an opening is on the disk.
    pub(crate) fn kept(&mut self, generation: u64, up_to: u64) {
        self.0.retain(|&(of, number)| of != generation || number > up_to);
    }

    /// This decision of an opening and all later ones could not be kept; how many they are.
    pub(crate) fn failed(&mut self, generation: u64, from: u64) -> usize {
        let before = self.0.len();
        self.0.retain(|&(of, number)| of != generation || number < from);
        before - self.0.len()
    }
}
