mod survey;

use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ImageRow;
use crate::catalogue::{Catalogue, TagIx};
use crate::checks::FindingKey;
use crate::image::{ImageUris, RegionRow, TagMark};
use crate::{ImageIx, TagId, UnitRect};

fn image(number: u8) -> ImageId {
    ImageId(Uuid::from_u128(u128::from(number)))
}

fn subject(image_number: u8, region: u8) -> Subject {
    let region = (region > 0).then(|| RegionId(Uuid::from_u128(u128::from(region))));
    Subject { image: image(image_number), region }
}

/// A finding on an image.
fn key(number: u8) -> FindingKey {
    let id = image(number);
    let text = format!(r#"{{"kind":"tiny","ids":["{id}","{id}","{}"]}}"#, Uuid::nil());
    serde_json::from_str(&text).expect("a key")
}

/// A prediction, or for odd numbers a label.
fn dispute(number: u8) -> Dispute {
    match number % 2 {
        0 => Dispute::prediction(image(number / 2), TagId(Uuid::nil()), UnitRect::new(0.1, 0.2, 0.3, 0.4)),
        _ => Dispute::Label(subject(number / 2, 1)),
    }
}

/// What the user may do, before it has a number.
#[derive(Clone, Debug)]
enum Step {
    Decide(Vec<Subject>, Option<Verdict>, bool),
    Comment(Subject, bool),
    Import(Vec<(Subject, Verdict)>),
    Dismiss(u8, bool),
    Blame(Vec<u8>, Option<Blame>),
    Undo,
    Redo,
    Retract,
}

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    // The same subject twice in one entry is allowed.
    proptest::collection::vec((0_u8..3, 0_u8..3).prop_map(|(image, region)| subject(image, region)), 1..4)
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = || prop::sample::select(&Verdict::ALL[..]);
    prop_oneof![
        4 => (subjects(), prop::option::of(verdict()), any::<bool>())
            .prop_map(|(subjects, verdict, is_own)| Step::Decide(subjects, verdict, is_own)),
        1 => (subjects(), any::<bool>()).prop_map(|(subjects, is_own)| Step::Comment(subjects[0], is_own)),
        1 => (subjects(), verdict()).prop_map(|(subjects, verdict)| {
            Step::Import(subjects.into_iter().map(|subject| (subject, verdict)).collect())
        }),
        2 => (0_u8..3, any::<bool>()).prop_map(|(number, is_dismissed)| Step::Dismiss(number, is_dismissed)),
        2 => (proptest::collection::vec(0_u8..6, 1..3), prop::option::of(prop::sample::select(&Blame::ALL[..])))
            .prop_map(|(numbers, blame)| Step::Blame(numbers, blame)),
        3 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => Just(Step::Retract),
    ]
}

/// The plain model: all entries, and which of them are in force by playing undo and redo again from the start.
#[derive(Default)]
struct Naive {
    entries: Vec<Decision>,
}

impl Naive {
    fn stacks(&self) -> (Vec<u64>, Vec<u64>) {
        let (mut done, mut undone) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            match entry.statement {
                Statement::Undo(of) => {
                    done.retain(|&number| number != of);
                    undone.push(of);
                }
                Statement::Redo(of) => {
                    undone.retain(|&number| number != of);
                    done.push(of);
                    done.sort_unstable();
                }
                _ => {
                    undone.clear();
                    done.push(entry.number);
                }
            }
        }
        (done, undone)
    }

    fn in_force(&self) -> Vec<&Decision> {
        let (done, _) = self.stacks();
        self.entries.iter().filter(|entry| done.contains(&entry.number)).collect()
    }

    fn verdict(&self, subject: Subject, by: &str) -> Option<Verdict> {
        let mut verdict = None;
        for entry in self.in_force() {
            match &entry.statement {
                Statement::Decide { subjects, verdict: fresh } if &*entry.by == by && subjects.contains(&subject) => {
                    verdict = *fresh;
                }
                Statement::Import(rows) => {
                    for row in rows.iter().filter(|row| &*row.by == by && row.subject == subject) {
                        if let Review::Verdict(fresh) = row.review {
                            verdict = Some(fresh);
                        }
                    }
                }
                _ => {}
            }
        }
        verdict
    }

    fn is_dismissed(&self, key: FindingKey) -> bool {
        self.in_force().into_iter().fold(false, |is_dismissed, entry| match &entry.statement {
            Statement::Dismiss(keys) if keys.contains(&key) => true,
            Statement::Restore(keys) if keys.contains(&key) => false,
            _ => is_dismissed,
        })
    }

    fn blame(&self, dispute: Dispute) -> Option<Blame> {
        self.in_force().into_iter().fold(None, |known, entry| match &entry.statement {
            Statement::Blame { disputes, blame } if disputes.contains(&dispute) => *blame,
            _ => known,
        })
    }

    fn comments(&self, image: ImageId) -> usize {
        let of_image = |entry: &&Decision| matches!(&entry.statement, Statement::Comment { subjects, .. } if subjects[0].image == image);
        self.in_force().into_iter().filter(of_image).count()
    }
}

fn same(reviews: &Reviews, naive: &Naive) -> Result<(), TestCaseError> {
    let (done, undone) = naive.stacks();
    prop_assert_eq!(reviews.undoable(), done.last().copied());
    prop_assert_eq!(reviews.redoable(), undone.last().copied());
    let mut counts = [(0, 0); 4];
    for number in 0..3 {
        prop_assert_eq!(reviews.dismissed().contains(&key(number)), naive.is_dismissed(key(number)));
        let both = [2 * number, 2 * number + 1].map(|number| naive.blame(dispute(number)));
        prop_assert_eq!([2 * number, 2 * number + 1].map(|number| reviews.blame(&dispute(number))), both);
        prop_assert_eq!(reviews.has_blames(image(number)), both.iter().any(Option::is_some));
        let mut disagrees = false;
        for region in 0..3 {
            let subject = subject(number, region);
            let (own, other) = (naive.verdict(subject, "own"), naive.verdict(subject, "other"));
            prop_assert_eq!(reviews.verdict(subject), own);
            disagrees |= own.is_some() && other.is_some() && own != other;
            if let Some(verdict) = own {
                let (images, regions) = &mut counts[verdict as usize];
                *(if region == 0 { images } else { regions }) += 1;
            }
        }
        prop_assert_eq!(reviews.has_disagreement(image(number)), disagrees);
        prop_assert_eq!(reviews.comment_count(image(number)), naive.comments(image(number)));
    }
    let counted = Verdict::ALL.map(|verdict| (reviews.count(verdict), reviews.region_count(verdict)));
    prop_assert_eq!(counted, counts);
    Ok(())
}

proptest! {
    #[test]
    fn undo_and_redo_are_what_playing_everything_again_gives(steps in proptest::collection::vec(step(), 1..40)) {
        let (mut reviews, mut naive) = (Reviews::default(), Naive::default());
        reviews.set_reviewer("own");
        for step in steps {
            let name = |is_own: bool| -> Arc<str> { if is_own { "own".into() } else { "other".into() } };
            let (by, statement) = match step {
                Step::Decide(subjects, verdict, is_own) => (name(is_own), Statement::Decide { subjects, verdict }),
                Step::Comment(subject, is_own) => {
                    (name(is_own), Statement::Comment { subjects: vec![subject], text: "look".into() })
                }
                Step::Import(rows) => {
                    let row = |(subject, verdict)| {
                        ReviewRow { subject, by: name(false), at: 1, review: Review::Verdict(verdict) }
                    };
                    (name(true), Statement::Import(rows.into_iter().map(row).collect()))
                }
                Step::Dismiss(number, true) => (name(true), Statement::Dismiss(vec![key(number)])),
                Step::Dismiss(number, false) => (name(true), Statement::Restore(vec![key(number)])),
                Step::Blame(numbers, blame) => {
                    let disputes = numbers.into_iter().map(dispute).collect();
                    (name(true), Statement::Blame { disputes, blame })
                }
                Step::Undo => match reviews.undoable() {
                    Some(number) => (name(true), Statement::Undo(number)),
                    None => continue,
                },
                Step::Redo => match reviews.redoable() {
                    Some(number) => (name(true), Statement::Redo(number)),
                    None => continue,
                },
                Step::Retract => {
                    reviews.retract();
                    naive.entries.pop();
                    same(&reviews, &naive)?;
                    continue;
                }
            };
            let decision = Decision { number: reviews.next_number(), at: 1, by, statement };
            prop_assert!(reviews.apply(&decision).is_ok());
            naive.entries.push(decision);
            same(&reviews, &naive)?;
        }
        // Another name sees the other opinions, and the counts follow.
        reviews.set_reviewer("other");
        prop_assert_eq!(reviews.verdict(subject(0, 0)), naive.verdict(subject(0, 0), "other"));
        reviews.set_reviewer("own");
        same(&reviews, &naive)?;
    }
}

#[test]
fn an_entry_that_does_not_follow_changes_nothing() {
    let mut reviews = Reviews::default();
    reviews.set_reviewer("own");
    let entry = |number, statement| Decision { number, at: 0, by: "own".into(), statement };
    let accept = Statement::Decide { subjects: vec![subject(1, 0)], verdict: Some(Verdict::Accepted) };
    assert_eq!(reviews.apply(&entry(4, accept.clone())), Ok(vec![image(1)]));
    assert_eq!(reviews.apply(&entry(4, accept)), Err(DecisionError::Number));
    assert_eq!(reviews.apply(&entry(5, Statement::Undo(3))), Err(DecisionError::Target));
    assert_eq!(reviews.apply(&entry(5, Statement::Redo(4))), Err(DecisionError::Target));
    assert_eq!((reviews.verdict(subject(1, 0)), reviews.next_number()), (Some(Verdict::Accepted), 5));
    assert_eq!(reviews.image(image(1)).verdict, Some(Verdict::Accepted));
}

#[test]
fn rows_come_back_and_say_nothing_new() {
    let mut reviews = Reviews::default();
    let row = |by: &str, at, review| ReviewRow { subject: subject(1, 2), by: by.into(), at, review };
    let rows = vec![
        row("ann", 5, Review::Verdict(Verdict::Rejected)),
        row("bob", 6, Review::Verdict(Verdict::Flagged)),
        row("bob", 7, Review::Comment("too wide".into())),
    ];
    let decision = Decision { number: 1, at: 9, by: "ann".into(), statement: Statement::Import(rows.clone()) };
    reviews.apply(&decision).expect("first");
    assert_eq!(reviews.rows(), rows);
    assert_eq!(reviews.row_count(), rows.len());
    assert_eq!(reviews.rows_of([image(1), image(2)].into_iter()), rows);
    assert!(reviews.news(rows).is_empty());
    let older = row("ann", 4, Review::Verdict(Verdict::Accepted));
    let newer = row("ann", 6, Review::Verdict(Verdict::Accepted));
    assert_eq!(reviews.news(vec![older, newer.clone()]), [newer]);
    assert!(reviews.has_disagreement(image(1)));
    assert_eq!(reviews.absent(|id| id == image(2)), 1);
}

/// An image with tag `a` and two regions of tag `b`: 10 and 20 more than its number.
fn row(number: u8) -> ImageRow {
    let tag = |number: u128| TagId(Uuid::from_u128(number));
    let region = |number: u8| RegionRow {
        id: RegionId(Uuid::from_u128(u128::from(number))),
        tag: tag(2),
        tag_name: "b".into(),
        created: None,
        rect: UnitRect::new(0.0, 0.0, 0.5, 0.5),
    };
    ImageRow {
        id: image(number),
        created: None,
        width: 8,
        height: 8,
        uris: ImageUris::default(),
        tags: vec![TagMark { tag: tag(1), name: "a".into(), created: None }],
        regions: vec![region(10 + number), region(20 + number)],
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

#[test]
fn progress_counts_an_image_once_a_tag() {
    let mut catalogue = Catalogue::new();
    catalogue.append(vec![row(1)]);
    let (mut reviews, mut progress) = (Reviews::default(), ReviewProgress::default());
    reviews.set_reviewer("own");
    let statement = Statement::Decide { subjects: vec![subject(2, 0)], verdict: Some(Verdict::Accepted) };
    reviews.apply(&Decision { number: 1, at: 0, by: "own".into(), statement }).expect("entry");
    progress.extend(&catalogue, &reviews);
    catalogue.append(vec![row(2)]);
    progress.extend(&catalogue, &reviews);
    assert_eq!((progress.count(), progress.of_tag(TagIx(0)), progress.of_tag(TagIx(1))), (1, (1, 2), (1, 2)));
    for (number, verdict) in [(2, Some(Verdict::Accepted)), (3, Some(Verdict::Flagged)), (4, None)] {
        let statement = Statement::Decide { subjects: vec![subject(1, 0)], verdict };
        reviews.apply(&Decision { number, at: 0, by: "own".into(), statement }).expect("entry");
        progress.reread(&catalogue, catalogue.get(ImageIx(0)).expect("image"), &reviews);
        assert_eq!(progress.count(), 1 + usize::from(verdict.is_some()));
    }
    assert!(progress.is_reviewed(ImageIx(1)) && !progress.is_reviewed(ImageIx(9)));
}

proptest! {
    #[test]
    fn progress_knows_each_region_with_a_verdict(
        steps in proptest::collection::vec((1_u8..3, 1_u8..9, any::<bool>(), any::<bool>()), 0..40),
        read_from in 0_usize..40,
    ) {
        let region = |at: u8| RegionRow {
            id: RegionId(Uuid::from_u128(u128::from(at))),
            tag: TagId(Uuid::from_u128(1)),
            tag_name: "a".into(),
            created: None,
            rect: UnitRect::new(0.0, 0.0, 0.5, 0.5),
        };
        let row = |number: u8| ImageRow {
            id: image(number),
            created: None,
            width: 8,
            height: 8,
            uris: ImageUris::default(),
            tags: Vec::new(),
            // The second image has only some of those that were decided about: the others have been deleted.
            regions: (1..9).step_by(usize::from(number)).map(region).collect(),
            metadata: Vec::new(),
            verbatim: Vec::new(),
            problems: Vec::new(),
        };
        let mut catalogue = Catalogue::new();
        catalogue.append(vec![row(1), row(2)]);
        let (mut reviews, mut progress) = (Reviews::default(), ReviewProgress::default());
        reviews.set_reviewer("own");
        for (step, &(image_number, at, is_own, is_set)) in steps.iter().enumerate() {
            let statement = Statement::Decide { subjects: vec![subject(image_number, at)], verdict: is_set.then_some(Verdict::Flagged) };
            let by = if is_own { "own" } else { "other" }.into();
            reviews.apply(&Decision { number: step as u64 + 1, at: 0, by, statement }).expect("entry");
            if step < read_from {
                continue;
            }
            progress.extend(&catalogue, &reviews);
            let ix = catalogue.find(image(image_number)).expect("image");
            progress.reread(&catalogue, catalogue.get(ix).expect("image"), &reviews);
            let decided = catalogue.iter().flat_map(|image| image.regions().map(move |region| (image.id(), region.id)));
            let decided = decided.filter(|&(image, region)| reviews.verdict(Subject::region(image, region)).is_some());
            prop_assert_eq!(progress.region_count(), decided.count());
            for image in catalogue.iter() {
                for region in image.regions() {
                    let verdict = reviews.verdict(Subject::region(image.id(), region.id));
                    prop_assert_eq!(progress.is_region_reviewed(region.ix), verdict.is_some(), "{:?}", region.ix);
                }
            }
        }
    }
}
