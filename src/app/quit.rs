//! The end of the program: it asks first while something is under way that the end would interrupt.

/// What the program waits for before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quitting {
    /// The person was asked what to do about running tasks.
    Asked,
    /// The running tasks, and then the disk.
    Tasks,
    /// Only decisions that are on their way to the disk. Running tasks are stopped, and what they did is kept.
    Decisions,
}

/// An answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// Let the tasks run, and end once they are done.
    WhenDone,
    /// Stop the tasks, keep what they have done, and end.
    Stop,
    /// End although decisions are not on the disk.
    LoseDecisions,
}
