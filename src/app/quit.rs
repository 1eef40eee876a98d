//! Ending the program, the connection or the open project: it asks first while something is under way that this would
//! interrupt.

use super::command::{Command, ConnectionCommand, ProjectCommand};
use super::settings::SourceSpec;
use super::state::{Busy, State};
use super::task::{Task, TaskState};

/// A question or a wait before something that would interrupt work.
#[derive(Clone, Debug)]
pub struct Quitting {
    /// What is waited for.
    pub stage: QuitStage,
    /// What happens then.
    pub next: Next,
}

/// What is waited for.
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
    /// The program ends.
    Quit,
    /// Another source or project takes the place of the one that is open: the command that asks for it.
    Change(Box<Command>),
}

/// An answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// Let the work end first.
    WhenDone,
    /// Stop the work and keep what it has done.
    Stop,
    /// End although decisions are not on the disk.
    LoseDecisions,
}

/// Work that would be interrupted.
#[derive(Clone, Debug)]
pub enum Underway<'a> {
    /// A row of the task list.
    Task(&'a Task),
    /// Something without a row, in words: `Import of reviews`.
    Other(String),
}

impl Underway<'_> {
    /// `Export to forks`.
    pub fn title(&self) -> &str {
        match self {
            Self::Task(task) => &task.title,
            Self::Other(title) => title,
        }
    }

    /// Whether what is done so far can be resumed later.
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Task(_))
    }
}

impl Next {
    /// What a command would lead to; `None`: it interrupts nothing.
    pub(super) fn of(command: &Command, state: &State) -> Option<Self> {
        let changes = match command {
            Command::Connection(
                ConnectionCommand::OpenFolder(_)
                | ConnectionCommand::OpenSample
                | ConnectionCommand::OpenRecent(_)
                | ConnectionCommand::Disconnect,
            )
            | Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Close) => true,
            Command::Project(ProjectCommand::Refresh) => state.opened.is_some(),
            _ => false,
        };
        changes.then(|| Self::Change(Box::new(command.clone())))
    }

    /// Whether the connection ends, and with it the running tasks. Another project of the same service leaves them alone.
    fn ends_connection(&self, state: &State) -> bool {
        match self {
            Self::Quit => true,
            Self::Change(command) => match **command {
                Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Refresh) => false,
                Command::Project(ProjectCommand::Close) => !matches!(state.source, Some(SourceSpec::Service { .. })),
                _ => true,
            },
        }
    }

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

/// The work that this would interrupt.
pub fn under_way<'a>(state: &'a State, next: &Next) -> Vec<Underway<'a>> {
    let mut found = Vec::new();
    if next.ends_connection(state) {
        let running = state.tasks.iter().filter(|task| matches!(task.state, TaskState::Running { .. }));
        found.extend(running.map(Underway::Task));
    }
    if let Some(opened) = &state.opened {
        if opened.review.transfer.is_busy {
            found.push(Underway::Other("Export or import of reviews".to_owned()));
        }
        if opened.statistics.form.is_busy {
            found.push(Underway::Other("Saving of plots".to_owned()));
        }
    }
    // A connection that is being made has nothing to lose; an import reads a whole folder.
    if let (Next::Quit, Some(Busy::Connecting(SourceSpec::Folder { path }))) = (next, &state.connect.busy) {
        found.push(Underway::Other(format!("Opening of {}", path.display())));
    }
    found
}
