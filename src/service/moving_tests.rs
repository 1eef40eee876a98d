//! Lists that move while they are read: a model of the service in which images are added and deleted between any two
//! answers and rows of one time come in any order, against the cursor and the ids that it has seen, without HTTP.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::offset_cursor::{OffsetCursor, Taken};
use super::seen_ids::{MOST_EXTRA_PASSES, PassOutcome};
use domain::ImageId;

fn image(number: u32) -> ImageId {
    ImageId(Uuid::from_u128(u128::from(number) + 1))
}

/// What happens to the list before an answer.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// An image appears at this part (of 255) of the list: at its head when it was uploaded, elsewhere when it was tagged.
    Add(u8),
    Delete(u8),
}

/// The service: images in order, each with its group of equal time.
struct Service {
    rows: Vec<(u32, u32)>,
    is_shuffled: bool,
    next: u32,
    deleted: BTreeSet<u32>,
    random: fastrand::Rng,
    calls: u32,
}

impl Service {
    fn new(images: u32, group: u32, is_shuffled: bool, seed: u64) -> Self {
        let rows = (0..images).map(|number| (number, number / group.max(1))).collect();
        let random = fastrand::Rng::with_seed(seed);
        Self { rows, is_shuffled, next: images, deleted: BTreeSet::new(), random, calls: 0 }
    }

    fn change(&mut self, change: Change) {
        let place = |part: u8, of: usize| usize::from(part) * of / 256;
        match change {
            Change::Add(part) => {
                let at = if part < 128 { 0 } else { place(part, self.rows.len() + 1) };
                // Of a time of its own.
                self.rows.insert(at, (self.next, u32::MAX - self.next));
                self.next += 1;
            }
            Change::Delete(_) if self.rows.is_empty() => {}
            Change::Delete(part) => {
                let (number, _) = self.rows.remove(place(part, self.rows.len()));
                self.deleted.insert(number);
            }
        }
    }

    fn page(&mut self, skip: u64, take: u32) -> Vec<Option<ImageId>> {
        self.calls += 1;
        if self.is_shuffled {
            for group in self.rows.chunk_by_mut(|a, b| a.1 == b.1) {
                self.random.shuffle(group);
            }
        }
        self.rows.iter().skip(skip as usize).take(take as usize).map(|&(number, _)| Some(image(number))).collect()
    }
}

/// A window under way: `skip`, `take`, and the answer once it is there.
type Window = (u64, u32, Option<Vec<Option<ImageId>>>);

struct Outcome {
    /// In the order in which they were handed out.
    listed: Vec<ImageId>,
    gone: BTreeSet<ImageId>,
    is_whole: bool,
    /// What the service counted at last.
    counted: u64,
    there: u64,
}

/// Lists as a page stream does: windows under way are answered at any time, in any order, and taken in theirs.
fn list(service: &mut Service, (page, ahead): (u32, usize), mut changes: VecDeque<(u32, Change)>) -> Outcome {
    let mut cursor = OffsetCursor::by_pages_of(page, 0);
    let mut listed = Vec::new();
    let mut counted = service.rows.len() as u64;
    let happen = |service: &mut Service, changes: &mut VecDeque<(u32, Change)>| {
        while changes.front().is_some_and(|&(at, _)| at <= service.calls) {
            let Some((_, change)) = changes.pop_front() else { break };
            service.change(change);
        }
    };
    loop {
        let mut windows: VecDeque<Window> = VecDeque::new();
        loop {
            while windows.len() < ahead && (windows.is_empty() || cursor.is_counted(counted)) {
                let Some((skip, take)) = cursor.window(None) else { break };
                windows.push_back((skip, take, None));
            }
            if windows.is_empty() {
                break;
            }
            let at = service.random.usize(..windows.len());
            if windows[at].2.is_none() {
                happen(service, &mut changes);
                windows[at].2 = Some(service.page(windows[at].0, windows[at].1));
            }
            while let Some((skip, take, Some(ids))) = windows.front().cloned() {
                windows.pop_front();
                match cursor.take(skip, take, &ids) {
                    Taken::Back => windows.clear(),
                    Taken::Rows(is_new) => {
                        listed.extend(ids.iter().zip(&is_new).filter(|(_, is_new)| **is_new).filter_map(|(id, _)| *id));
                        cursor.seen.catch_up(Some(counted), is_new.last() == Some(&false));
                        if cursor.seen.has_caught_up() {
                            cursor.end();
                        }
                        if cursor.has_ended() || cursor.is_undecided() {
                            windows.clear();
                        }
                        cursor.decide(Some(counted));
                    }
                }
            }
        }
        let (mut is_fresh, mut is_checked) = (false, false);
        let is_whole = loop {
            match cursor.seen.verdict(Some(counted), is_fresh, is_checked) {
                PassOutcome::Whole => break Some(true),
                PassOutcome::Unsure => break Some(false),
                PassOutcome::Again => break None,
                PassOutcome::AskCount => {
                    happen(service, &mut changes);
                    counted = service.rows.len() as u64;
                    is_fresh = true;
                }
                PassOutcome::AskFor(images) => {
                    let there: BTreeSet<ImageId> = service.rows.iter().map(|&(number, _)| image(number)).collect();
                    cursor.seen.mark_gone(images.into_iter().filter(|image| !there.contains(image)));
                    is_checked = true;
                }
            }
        };
        if let Some(is_whole) = is_whole {
            let gone = cursor.seen.gone().iter().copied().collect();
            return Outcome { listed, gone, is_whole, counted, there: cursor.seen.there() };
        }
        cursor.begin_pass(Some(counted));
    }
}

/// Nothing twice, nothing without end.
fn assert_sane(outcome: &Outcome, service: &Service, page: u32) {
    let different: BTreeSet<ImageId> = outcome.listed.iter().copied().collect();
    assert_eq!(different.len(), outcome.listed.len(), "an image was handed out twice");
    let pages = u64::from(service.next) / u64::from(page - 1) + 2;
    let most = (pages + 24 + 128) * (u64::from(MOST_EXTRA_PASSES) + 1) * 4;
    assert!(u64::from(service.calls) <= most, "{} calls for {} images", service.calls, service.next);
}

/// Images that were there from the beginning to the end and were not listed.
fn missed(outcome: &Outcome, service: &Service, images: u32) -> Vec<u32> {
    let listed: BTreeSet<ImageId> = outcome.listed.iter().copied().collect();
    let stayed = (0..images).filter(|number| !service.deleted.contains(number));
    stayed.filter(|&number| !listed.contains(&image(number))).collect()
}

fn changes(most_calls: u32) -> impl Strategy<Value = VecDeque<(u32, Change)>> {
    let change = prop_oneof![any::<u8>().prop_map(Change::Add), any::<u8>().prop_map(Change::Delete)];
    prop::collection::vec((0..most_calls, change), 0..12).prop_map(|mut changes| {
        changes.sort_by_key(|&(at, _)| at);
        changes.into()
    })
}

proptest! {
    #[test]
    fn whatever_comes_and_goes_a_whole_list_has_missed_nothing_that_stayed(
        images in 0_u32..160, page in 3_u32..20, seed: u64, changes in changes(120),
    ) {
        let mut service = Service::new(images, 1, false, seed);
        let outcome = list(&mut service, (page, 4), changes);
        assert_sane(&outcome, &service, page);
        prop_assert!(outcome.gone.iter().all(|gone| service.deleted.iter().any(|&number| image(number) == *gone)));
        if outcome.is_whole {
            prop_assert_eq!(missed(&outcome, &service, images), Vec::<u32>::new());
        }
    }

    #[test]
    fn changes_that_end_leave_a_whole_list(
        images in 150_u32..300, page in 3_u32..16, seed: u64, changes in changes(6),
    ) {
        let mut service = Service::new(images, 1, false, seed);
        let outcome = list(&mut service, (page, 4), changes);
        assert_sane(&outcome, &service, page);
        prop_assert!(outcome.is_whole);
        prop_assert_eq!(missed(&outcome, &service, images), Vec::<u32>::new());
    }

    #[test]
    fn rows_of_one_time_in_any_order_are_all_listed_or_counted_as_missing(
        images in 0_u32..160, page in 3_u32..20, group in 1_u32..60, seed: u64,
    ) {
        let mut service = Service::new(images, group, true, seed);
        let outcome = list(&mut service, (page, 4), VecDeque::new());
        assert_sane(&outcome, &service, page);
        let missed = missed(&outcome, &service, images);
        prop_assert_eq!(outcome.is_whole, missed.is_empty());
        prop_assert_eq!(outcome.counted - outcome.there, missed.len() as u64);
        prop_assert!(outcome.gone.is_empty());
    }
}

#[test]
fn both_at_once_is_whole_or_said() {
    // With a fixed seed: see `seen_ids` for what nobody can see.
    let strategy = (20_u32..160, 3_u32..20, 1_u32..12, any::<u64>(), changes(30));
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 512, ..Config::default() },
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&strategy, |(images, page, group, seed, changes)| {
            let mut service = Service::new(images, group, true, seed);
            let outcome = list(&mut service, (page, 4), changes);
            assert_sane(&outcome, &service, page);
            if outcome.is_whole {
                prop_assert_eq!(missed(&outcome, &service, images), Vec::<u32>::new());
            }
            Ok(())
        })
        .expect("property");
}

#[test]
fn a_list_that_stands_still_costs_one_pass() {
    for images in [0, 1, 255, 256, 257, 511, 512, 100_000] {
        let mut service = Service::new(images, 1, false, 1);
        let outcome = list(&mut service, (256, 1), VecDeque::new());
        assert!(outcome.is_whole);
        assert_eq!(outcome.listed, (0..images).map(image).collect::<Vec<_>>());
        let fewest = images.div_ceil(256).max(1);
        // One row of each page is there twice, and a full page at the end is not known to be the last.
        assert!(service.calls <= fewest + fewest / 255 + 1, "{} pages for {images}", service.calls);
    }
}

#[test]
fn what_moves_forward_costs_a_few_pages_and_one_confirmation() {
    // Rows that were listed are deleted while the later ones are fetched.
    let changes: VecDeque<_> = (0..3).map(|_| (50, Change::Delete(10))).collect();
    let mut service = Service::new(25_500, 1, false, 7);
    let outcome = list(&mut service, (256, 1), changes);
    assert!(outcome.is_whole);
    assert_eq!((outcome.listed.len(), outcome.gone.len()), (25_500, 3));
    assert!(service.calls <= 2 * 101 + 16, "{}", service.calls);
}

#[test]
fn an_upload_while_listing_costs_a_look_at_the_head() {
    let changes: VecDeque<_> = (0..600).map(|_| (50, Change::Add(0))).collect();
    let mut service = Service::new(25_500, 1, false, 7);
    let outcome = list(&mut service, (256, 1), changes);
    assert!(outcome.is_whole);
    assert_eq!((outcome.listed.len(), outcome.gone.len()), (26_100, 0));
    assert!(service.calls <= 101 + 16, "{}", service.calls);
}
