use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use uuid::Uuid;

use super::*;
use domain::{ImageId, Statement, Subject, Verdict};

const PROJECT: ProjectId = ProjectId(Uuid::from_u128(7));

fn decision(number: u64) -> Arc<Decision> {
    let subject = Subject::image(ImageId(Uuid::from_u128(u128::from(number))));
    let statement = Statement::Decide { subjects: vec![subject], verdict: Some(Verdict::Accepted) };
    Arc::new(Decision { number, at: 1, by: "ann".into(), statement })
}

/// A disk whose every write waits for a word.
struct SlowDisk {
    go: SyncSender<()>,
    waiting: Receiver<()>,
}

fn slow_disk() -> (SlowDisk, WriteDelay) {
    let (go, gate) = sync_channel(1);
    let (tell, waiting) = sync_channel(1);
    let gate = Mutex::new(gate);
    let wait = move || {
        let _ = tell.try_send(());
        let _ = gate.lock().expect("gate").recv();
    };
    (SlowDisk { go, waiting }, WriteDelay(Arc::new(wait)))
}

fn handle(home: &Path, delay: Option<WriteDelay>) -> (JournalHandle, Arc<Inbox>) {
    let inbox = Arc::new(Inbox::new(1 << 20, Arc::new(|| {})));
    let places = Places { reviews_dir: home.join("reviews"), dismissed_dir: home.join("dismissed"), delay };
    (JournalHandle::start(places, Arc::clone(&inbox)).expect("thread"), inbox)
}

fn keep(handle: &JournalHandle, generation: u64, number: u64) -> bool {
    handle.give(Job::Keep { generation, project: PROJECT, decision: decision(number) })
}

/// Number of decisions on the disk.
fn on_disk(home: &Path) -> usize {
    journal::read(&home.join("reviews"), PROJECT).expect("journal").reviews.rows().len()
}

fn events(inbox: &Inbox) -> Vec<(u64, ReviewEvent)> {
    let event = |event| match event {
        Event::Review { generation, event } => Some((generation, event)),
        _ => None,
    };
    inbox.drain(usize::MAX).into_iter().filter_map(event).collect()
}

#[test]
fn a_slow_disk_gets_every_decision_before_the_end() {
    let home = tempfile::tempdir().expect("folder");
    let (disk, delay) = slow_disk();
    let (handle, _) = handle(home.path(), Some(delay));
    handle.give(Job::Open { generation: 1, project: PROJECT });
    assert!((1..=5).all(|number| keep(&handle, 1, number)));
    disk.waiting.recv().expect("a write");
    assert_eq!(on_disk(home.path()), 0);
    assert_eq!(handle.end(Duration::ZERO), 5, "it is known how many are not there");
    // The person waits: the disk comes back, and nothing is lost.
    drop(disk.go);
    assert_eq!(handle.end(Duration::from_secs(60)), 0);
    assert_eq!(on_disk(home.path()), 5);
}

#[test]
fn a_decision_of_an_opening_that_is_closed_by_now_is_kept() {
    let home = tempfile::tempdir().expect("folder");
    let (handle, inbox) = handle(home.path(), None);
    handle.give(Job::Open { generation: 1, project: PROJECT });
    keep(&handle, 1, 1);
    // A new connection closes the opening; the window has not heard of it and decides once more.
    handle.close(1);
    keep(&handle, 1, 2);
    // Another project is open by then.
    handle.give(Job::Open { generation: 2, project: ProjectId(Uuid::from_u128(8)) });
    keep(&handle, 1, 3);
    assert_eq!(handle.end(Duration::from_secs(60)), 0);
    assert_eq!(on_disk(home.path()), 3);
    let kept = events(&inbox).into_iter().filter(|(of, event)| *of == 1 && matches!(event, ReviewEvent::Kept { .. }));
    assert_eq!(kept.count(), 3);
}

#[test]
fn a_journal_is_let_go_however_much_waits() {
    let home = tempfile::tempdir().expect("folder");
    let (disk, delay) = slow_disk();
    let (handle, inbox) = handle(home.path(), Some(delay));
    handle.give(Job::Open { generation: 1, project: PROJECT });
    let taken = (1..=MOST_WAITING as u64 + 9).filter(|&number| keep(&handle, 1, number)).count();
    assert_eq!(taken, MOST_WAITING, "the rest is refused, and the window takes it back");
    handle.close(1);
    drop(disk.go);
    handle.give(Job::Open { generation: 2, project: ProjectId(Uuid::from_u128(8)) });
    while !events(&inbox).iter().any(|(of, _)| *of == 2) {
        std::thread::yield_now();
    }
    let other = journal::open(&home.path().join("reviews"), PROJECT);
    assert!(other.journal.is_ok(), "another window can have it");
    assert_eq!(other.reviews.rows().len(), MOST_WAITING);
}

#[test]
fn what_follows_a_failure_is_dropped_until_the_journal_is_asked_for_again() {
    let home = tempfile::tempdir().expect("folder");
    let (handle, inbox) = handle(home.path(), None);
    // A file in the place of the folder: nothing can be written.
    std::fs::write(home.path().join("reviews"), "x").expect("in the way");
    handle.give(Job::Open { generation: 1, project: PROJECT });
    keep(&handle, 1, 1);
    keep(&handle, 1, 2);
    while !events(&inbox).iter().any(|(_, event)| matches!(event, ReviewEvent::Failed { from: 1, .. })) {
        std::thread::yield_now();
    }
    std::fs::remove_file(home.path().join("reviews")).expect("out of the way");
    keep(&handle, 1, 3);
    handle.give(Job::Open { generation: 1, project: PROJECT });
    keep(&handle, 1, 1);
    assert_eq!(handle.end(Duration::from_secs(60)), 0);
    assert_eq!(on_disk(home.path()), 1, "only what was decided after the window knew what is on the disk");
}

#[tokio::test]
async fn an_export_waits_for_the_decisions_before_it() {
    let home = tempfile::tempdir().expect("folder");
    let (disk, delay) = slow_disk();
    let (handle, _) = handle(home.path(), Some(delay));
    handle.give(Job::Open { generation: 1, project: PROJECT });
    keep(&handle, 1, 1);
    disk.waiting.recv().expect("a write");
    keep(&handle, 1, 2);
    let mut flushed = Box::pin(handle.flush());
    assert!(futures_util::poll!(&mut flushed).is_pending(), "the disk has not got them");
    drop(disk.go);
    flushed.await;
    assert_eq!(on_disk(home.path()), 2);
}
