//! Checks in the engine: labels as they are listed, hashes made and kept, and findings that earlier versions kept dismissed
//! in a file of their own.

use std::sync::Arc;

use tagscope::app::checks::{CheckEffect, CheckEvent};
use tagscope::app::picture::PictureTarget;
use tagscope::app::review::{ReviewEffect, ReviewEvent};
use tagscope::app::{Effect, Event};
use tagscope::domain::checks::ImagesPart;
use tagscope::domain::{Catalogue, CheckKind, CheckOptions, Dismissed, Finding, ProjectId, ProjectKind};

use super::rig::{Rig, assert_no_secret, serve};

fn check(rig: &Rig, effect: CheckEffect) {
    rig.run(Effect::Check { generation: 1, effect });
}

fn answer<T>(rig: &mut Rig, what: &str, mut pick: impl FnMut(&CheckEvent) -> Option<T>) -> T {
    rig.wait(what, |event| match event {
        Event::Check { generation: 1, event } => pick(event),
        _ => None,
    })
}

/// The dismissed findings as the journal of decisions has them, and what is said about it.
fn dismissed(rig: &mut Rig, project: ProjectId) -> (Dismissed, String) {
    rig.run(Effect::Review { generation: 1, effect: ReviewEffect::Open { project } });
    rig.wait("the decisions", |event| match event {
        Event::Review { event: ReviewEvent::Loaded { reviews, shut: None, notes }, .. } => {
            Some((reviews.dismissed().clone(), notes.join(" ")))
        }
        _ => None,
    })
}

fn hash(rig: &mut Rig, catalogue: &Catalogue, search: u64, may_fetch: bool) -> u32 {
    let requests = catalogue.iter().map(PictureTarget::new).collect();
    check(rig, CheckEffect::Hash { search, requests, may_fetch });
    let counted = answer(rig, "hashes", |event| match event {
        CheckEvent::Hashed { search: of, count } if *of == search => Some(*count),
        _ => None,
    });
    assert_eq!(counted as usize, catalogue.len(), "all are counted, made or not");
    let options = CheckOptions::default();
    check(rig, CheckEffect::Duplicates { search, catalogue: Arc::new(catalogue.clone()), options });
    answer(rig, "a comparison", |event| match event {
        CheckEvent::Duplicates { search: of, compared, .. } if *of == search => Some(*compared),
        _ => None,
    })
}

/// Three images, not the first one: it is the project's cover, which may be on the disk by now.
fn few_of(catalogue: &Catalogue) -> Catalogue {
    let mut few = Catalogue::new();
    few.append(catalogue.iter().skip(1).take(3).map(|image| image.to_row()).collect());
    few
}

#[test]
fn labels_are_checked_and_hashes_come_back() {
    let running = serve(60, None);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);

    let part = ImagesPart::of(&catalogue, 0..60);
    let (kind, options) = (ProjectKind::Detection, CheckOptions::default());
    check(&rig, CheckEffect::Images { round: 3, part, kind, options });
    let found: Vec<Finding> = answer(&mut rig, "findings", |event| match event {
        CheckEvent::Images { round: 3, found } => Some(found.clone()),
        _ => None,
    });
    let kinds: Vec<_> = found.iter().map(Finding::kind).collect();
    assert!(kinds.contains(&CheckKind::Overlap) && kinds.contains(&CheckKind::Tiny), "{kinds:?}");
    check(&rig, CheckEffect::Whole { round: 3, catalogue: Arc::new(catalogue.clone()), options });
    answer(&mut rig, "the whole", |event| matches!(event, CheckEvent::Whole { round: 3, .. }).then_some(()));

    let few = few_of(&catalogue);
    assert_eq!(hash(&mut rig, &few, 1, false), 0, "nothing is on the disk, and nothing is fetched");
    assert_eq!(hash(&mut rig, &few, 2, true), 3);
    let log = rig.log.clone();
    assert_no_secret(&log, &running);

    // The same project again: what was made is known without a picture.
    let (again, _) = rig.list(running.project_id(), 1);
    check(&rig, CheckEffect::LoadHashes);
    let few = few_of(&again);
    assert_eq!(hash(&mut rig, &few, 3, false), 3);
}

#[test]
fn findings_that_an_earlier_version_kept_dismissed_move_into_the_journal() {
    let running = serve(12, None);
    let mut rig = Rig::new();
    rig.connect_to(&running);
    let (catalogue, _) = rig.list(running.project_id(), 1);
    let folder = rig.home.path().join("state/dismissed");
    std::fs::create_dir_all(&folder).expect("folder");
    let file = folder.join(format!("{}.json", running.project_id()));
    let found = domain::checks::all(&catalogue, ProjectKind::Detection, &CheckOptions::default());
    let keys: Dismissed = found.iter().filter_map(|finding| finding.key(&catalogue)).collect::<Vec<_>>().into();
    assert!(!keys.is_empty());
    let old = serde_json::json!({ "version": 1, "dismissed": keys });
    std::fs::write(&file, old.to_string()).expect("file");
    assert_eq!(dismissed(&mut rig, running.project_id()), (keys.clone(), String::new()));
    assert!(!file.exists(), "the journal has them");
    assert_eq!(dismissed(&mut rig, running.project_id()).0, keys);

    let newer = r#"{"version":9,"dismissed":{"by":"mood"}}"#;
    std::fs::write(&file, newer).expect("file");
    let (still, words) = dismissed(&mut rig, running.project_id());
    assert!(still == keys && words.contains("newer"), "{words}");
    assert_eq!(std::fs::read_to_string(&file).expect("file"), newer, "it is left alone");
}
