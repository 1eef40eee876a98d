//! Work with a beginning and an end that the user can watch and cancel: exports and archives.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::report::{ArchiveReport, ExportReport};
use super::retry::Retry;
use super::task_progress::TaskProgress;
use super::words::time_left;

/// A row of the task list; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum TaskState {
    /// `stage`: "Downloading", "Writing", "Checking". `total`: 0 when not known. `waiting`: why, in words.
    Running { stage: &'static str, done: u64, total: u64, bytes: u64, waiting: Option<String> },
    /// Ended well.
    Done(Box<ExportReport>),
    /// An archive that ended well.
    Archived(Box<ArchiveReport>),
    /// Ended without success; nothing of it is left at its place.
    Failed(Failure),
    /// Begun by an earlier session and interrupted; what was done is kept in its hidden folder.
    Interrupted { folder: PathBuf },
}

#[derive(Clone, Debug)]
pub struct Task {
    pub id: TaskId,
    /// "Export to forks-2026-11".
    pub title: String,
    pub state: TaskState,
    /// What starts it again, while it has not ended well and what it did is kept. Nothing large: up to twenty ended tasks
    /// are remembered.
    pub retry: Option<Retry>,
    /// Whether it is paused; `None`: it cannot be.
    pub paused: Option<bool>,
    /// Whether the user has canceled it: what is still to be removed takes a while.
    pub is_canceled: bool,
    pub progress: TaskProgress,
}

impl Task {
    /// One of `total` steps that begins now and can be paused.
    pub(super) fn begun(id: TaskId, total: usize, retry: Retry) -> Self {
        let state = TaskState::Running { stage: "Starting", done: 0, total: total as u64, bytes: 0, waiting: None };
        Self { paused: Some(false), ..Self::new(id, state, retry) }
    }

    /// One that an earlier session has left.
    pub(super) fn interrupted(id: TaskId, folder: PathBuf, retry: Retry) -> Self {
        Self::new(id, TaskState::Interrupted { folder }, retry)
    }

    /// The folder of a canceled export whose hidden folder is being removed.
    pub(super) fn canceled_folder(&self) -> Option<&Path> {
        match (&self.state, &self.retry) {
            (TaskState::Running { .. }, Some(Retry::Export(plan))) if self.is_canceled => plan.out.folder(),
            _ => None,
        }
    }

    fn new(id: TaskId, state: TaskState, retry: Retry) -> Self {
        let (title, progress) = (retry.title(), TaskProgress::default());
        Self { id, title, state, retry: Some(retry), paused: None, is_canceled: false, progress }
    }
}

/// Tasks that are remembered once they have ended.
const MOST_ENDED: usize = 20;

/// Puts a task on the list; of those that have ended the oldest make room.
pub(super) fn push(tasks: &mut Vec<Task>, task: Task) {
    let has_ended = |task: &Task| !matches!(task.state, TaskState::Running { .. });
    tasks.push(task);
    while tasks.iter().filter(|task| has_ended(task)).count() > MOST_ENDED
        && let Some(oldest) = tasks.iter().position(has_ended)
    {
        tasks.remove(oldest);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overall {
    pub running: u64,
    /// How far they are, from 0 to 1.
    pub share: f32,
    /// How long the longest will still take; `None`: it is not known, or one is paused.
    pub left_secs: Option<f32>,
}

impl Overall {
    /// `43 %, about 2 min left`.
    pub fn words(self) -> String {
        let left = self.left_secs.map(|secs| format!(", {}", time_left(secs))).unwrap_or_default();
        format!("{:.0} %{left}", (self.share * 100.0).floor())
    }
}

/// The running tasks together; `None` when none is running.
pub fn overall(tasks: &[Task]) -> Option<Overall> {
    let running: Vec<_> = tasks.iter().filter(|task| matches!(task.state, TaskState::Running { .. })).collect();
    if running.is_empty() {
        return None;
    }
    let share = running.iter().map(|task| task.progress.share()).sum::<f32>() / running.len() as f32;
    let left = |task: &&Task| task.progress.left_secs().filter(|_| task.paused != Some(true));
    let left_secs = running.iter().map(left).try_fold(0.0, |most: f32, secs| Some(most.max(secs?)));
    Some(Overall { running: running.len() as u64, share, left_secs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::an_archive;

    #[test]
    fn the_oldest_that_ended_make_room_and_those_under_way_stay() {
        let mut tasks = Vec::new();
        for number in 0..100 {
            let running = TaskState::Running { stage: "Writing", done: 0, total: 0, bytes: 0, waiting: None };
            let state = if number % 10 == 0 { running } else { TaskState::Done(Box::default()) };
            let (title, progress) = (String::new(), TaskProgress::default());
            let id = TaskId(number);
            push(&mut tasks, Task { id, title, state, retry: None, paused: None, is_canceled: false, progress });
        }
        let (running, ended): (Vec<_>, Vec<_>) = tasks.iter().map(|task| task.id.0).partition(|id| id % 10 == 0);
        assert_eq!(running.len(), 10);
        assert_eq!((ended.len(), ended.first(), ended.last()), (MOST_ENDED, Some(&78), Some(&99)));
    }

    #[test]
    fn tasks_together_are_as_far_as_their_mean_and_as_long_as_the_longest() {
        let task = |id, share, worked_secs| Task {
            progress: TaskProgress::after(share, worked_secs),
            ..Task::begun(TaskId(id), 100, an_archive())
        };
        let mut tasks = vec![task(1, 0.5, 30), task(2, 0.1, 10)];
        let overall_of = |tasks: &[Task]| overall(tasks).expect("running");
        assert_eq!(overall_of(&tasks), Overall { running: 2, share: 0.3, left_secs: Some(90.0) });
        tasks[1].paused = Some(true);
        assert_eq!(overall_of(&tasks).left_secs, None);
        assert_eq!(overall(&[]), None);
    }

    #[test]
    fn tasks_say_how_far_they_are_and_how_long_they_will_take() {
        let overall = Overall { running: 1, share: 0.439, left_secs: Some(121.0) };
        assert_eq!(overall.words(), "43 %, about 2 min left");
        assert_eq!(Overall { left_secs: None, ..overall }.words(), "43 %");
    }
}
