//! Work that the end of the program, of the connection or of the open project would interrupt.

use super::command::{Command, ConnectionCommand, ProjectCommand};
use super::quit::Next;
use super::settings::SourceSpec;
use super::state::{Busy, State};
use super::task::{Task, TaskState};

#[derive(Clone, Debug)]
pub enum Underway<'a> {
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

/// The work that this would interrupt.
pub fn under_way<'a>(state: &'a State, next: &Next) -> Vec<Underway<'a>> {
    let mut found = Vec::new();
    if ends_connection(next, state) {
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

/// What a command would lead to; `None`: it interrupts nothing.
pub(super) fn next_after(command: &Command, state: &State) -> Option<Next> {
    let changes = match command {
        Command::Connection(
            ConnectionCommand::OpenFolder(_)
            | ConnectionCommand::OpenStore(_)
            | ConnectionCommand::OpenSample
            | ConnectionCommand::OpenRecent(_)
            | ConnectionCommand::Disconnect,
        )
        | Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Close) => true,
        Command::Project(ProjectCommand::Refresh) => state.opened.is_some(),
        _ => false,
    };
    changes.then(|| Next::Change(Box::new(command.clone())))
}

/// Whether the connection ends, and with it the running tasks. Another project of the same service leaves them alone.
fn ends_connection(next: &Next, state: &State) -> bool {
    match next {
        Next::Quit => true,
        Next::Change(command) => match **command {
            Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Refresh) => false,
            Command::Project(ProjectCommand::Close) => !matches!(state.source, Some(SourceSpec::Service { .. })),
            _ => true,
        },
    }
}
