use std::sync::Arc;

use super::*;
use crate::query::QueryCommand;
use crate::update::tests::{opened, project_of};
use crate::{Action, Command, Event, Failure, ProjectCommand, apply, update};
use domain::evaluation::{Detection, Matches, Outcome, Ranking, Slide, TagSlide};
use domain::{ImageIx, IterationId, PredictionsBuilder, TagIx, UnitRect};

const AT: UnitRect = UnitRect { left: 0.1, top: 0.1, width: 0.2, height: 0.2 };
const HALF: UnitRect = UnitRect { left: 0.1, top: 0.1, width: 0.2, height: 0.12 };

fn place() -> PredictionsPlace {
    PredictionsPlace::Files { path: "/data/results.json".to_owned(), labels: String::new() }
}

/// A project whose images are all listed. Image `n` has `n % 3` equal boxes.
fn listed(count: usize) -> State {
    let mut state = opened(count);
    let generation = state.generation;
    let complete = ListingState::Complete { listed: count as u64, gone: 0, seconds: 1.0 };
    apply(&mut state, Event::Listing { generation, state: complete });
    state
}

fn asked(effects: Vec<Effect>) -> Option<PredictionsEffect> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Predictions { effect, .. } => Some(effect),
        _ => None,
    })
}

fn begin(state: &mut State) -> LoadJob {
    match asked(update(state, Command::Predictions(PredictionsCommand::Load(place())))) {
        Some(PredictionsEffect::Load(job)) => *job,
        other => panic!("{other:?}"),
    }
}

/// What the engine does.
fn matched(catalogue: &domain::Catalogue, set: &PredictionSet, iou: f64) -> MatchedSet {
    let detection = Detection { catalogue, predictions: &set.predictions, images: &set.images };
    let parts = (0..detection.parts()).map(|part| detection.matches(part, iou));
    let matches = Matches::join(set.predictions.len(), catalogue.region_count(), parts);
    let tags = (0..set.ranking.len()).map(|at| TagSlide::of(&set.ranking, TagIx(at as u16), &matches)).collect();
    let slide = Arc::new(Slide::join(Arc::clone(&set.ranking), tags));
    MatchedSet { iou, matches: Arc::new(matches), slide }
}

/// Image 1: a sure match. Image 2: an unsure box of three fifths of a label. Image 4: a false one.
fn set_of(job: &LoadJob) -> PredictionSet {
    let mut builder = PredictionsBuilder::new(true);
    let tag = |image: u32| job.catalogue.get(ImageIx(image)).expect("image").region_tags()[0];
    builder.push(ImageIx(1), tag(1), 0.9, AT);
    builder.push(ImageIx(2), tag(2), 0.4, HALF);
    builder.push(ImageIx(4), tag(4), 0.7, UnitRect::new(0.7, 0.7, 0.1, 0.1));
    let predictions = builder.finish();
    let images: Arc<[ImageIx]> = (0..job.catalogue.len() as u32).map(ImageIx).collect();
    PredictionSet {
        name: job.name.clone(),
        place: Some(job.place.clone()),
        ranking: Arc::new(Ranking::of(&job.catalogue, &predictions, &images, true)),
        predictions: Arc::new(predictions),
        images,
        has_boxes: true,
        ..PredictionSet::default()
    }
}

fn answer(state: &mut State, event: PredictionsEvent) -> Vec<Effect> {
    let generation = state.generation;
    apply(state, Event::Predictions { generation, event })
}

fn shown() -> State {
    let mut state = listed(6);
    let job = begin(&mut state);
    let set = set_of(&job);
    let matched = matched(&job.catalogue, &set, job.iou);
    answer(&mut state, PredictionsEvent::Loaded { number: job.number, result: Ok((Arc::new(set), matched)) });
    state
}

fn command(state: &mut State, command: PredictionsCommand) -> Option<PredictionsEffect> {
    asked(update(state, Command::Predictions(command)))
}

fn counts(state: &State) -> [u64; 5] {
    let all = project_of(state).predictions.point().all;
    Outcome::ALL.map(|outcome| all.of(outcome))
}

#[test]
fn predictions_wait_until_all_images_are_listed() {
    let mut state = opened(3);
    assert!(command(&mut state, PredictionsCommand::Load(place())).is_none());
    assert!(project_of(&state).predictions.awaits());
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 3, gone: 0, seconds: 1.0 };
    let effects = apply(&mut state, Event::Listing { generation, state: complete });
    assert!(
        matches!(asked(effects), Some(PredictionsEffect::Load(job)) if job.place == place() && job.name == "results.json")
    );
    assert!(!project_of(&state).predictions.awaits());
}

#[test]
fn the_score_changes_counts_and_list_at_once() {
    let mut state = shown();
    // Labels: 1 on images 1 and 4, 2 on images 2 and 5.
    assert_eq!(counts(&state), [1, 0, 0, 1, 5]);
    update(&mut state, Command::Query(QueryCommand::Edit("pred:match".to_owned())));
    assert_eq!(project_of(&state).visible, [ImageIx(1)]);
    assert!(command(&mut state, PredictionsCommand::SetScore(0.31)).is_none(), "nothing is asked of the engine");
    assert_eq!(counts(&state), [2, 0, 0, 1, 4]);
    assert_eq!(project_of(&state).visible.len(), 2);
    command(&mut state, PredictionsCommand::SetScore(0.95));
    assert_eq!(counts(&state), [0, 0, 0, 0, 6]);
    assert!(project_of(&state).visible.is_empty());
    command(&mut state, PredictionsCommand::SetScore(f64::NAN));
    assert_eq!(project_of(&state).predictions.score, 0.5);
}

#[test]
fn one_iou_is_compared_at_a_time_and_the_last_one_wins() {
    let mut state = shown();
    command(&mut state, PredictionsCommand::SetScore(0.3));
    let Some(PredictionsEffect::Match { number, set, catalogue, iou }) =
        command(&mut state, PredictionsCommand::SetIou(0.7))
    else {
        panic!("no comparison")
    };
    assert_eq!(iou, 0.7);
    assert!(command(&mut state, PredictionsCommand::SetIou(0.8)).is_none(), "one is under way");
    assert_eq!(counts(&state), [2, 0, 0, 1, 4], "the former one is shown meanwhile");
    let now = Some(matched(&catalogue, &set, iou));
    let next = asked(answer(&mut state, PredictionsEvent::Matched { number, matched: now }));
    assert_eq!(counts(&state), [1, 0, 1, 1, 5], "three fifths of the box are badly placed at this IoU");
    let Some(PredictionsEffect::Match { number, iou, .. }) = next else { panic!("no comparison") };
    assert_eq!(iou, 0.8);
    let now = Some(matched(&catalogue, &set, iou));
    assert!(asked(answer(&mut state, PredictionsEvent::Matched { number, matched: now })).is_none());
    assert!(!project_of(&state).predictions.is_matching());
}

#[test]
fn a_set_that_is_put_away_is_forgotten() {
    let mut state = shown();
    update(&mut state, Command::Query(QueryCommand::Edit("pred:match".to_owned())));
    assert!(Action::CycleLayer.is_enabled(&state));
    assert!(command(&mut state, PredictionsCommand::Close(0)).is_none());
    assert!(project_of(&state).visible.is_empty());
    assert!(project_of(&state).predictions.compared(state.generation).is_none());
    assert!(!Action::CycleLayer.is_enabled(&state));
    assert_eq!(project_of(&state).predictions.layer(state.generation), Layer::Labels);
}

#[test]
fn several_sets_stand_side_by_side() {
    let mut state = shown();
    let other = PredictionsPlace::Iteration(IterationId(uuid::Uuid::from_u128(5)));
    let Some(PredictionsEffect::Load(job)) = command(&mut state, PredictionsCommand::Load(other)) else {
        panic!("not read")
    };
    let set = set_of(&job);
    let now = matched(&job.catalogue, &set, job.iou);
    answer(&mut state, PredictionsEvent::Loaded { number: job.number, result: Ok((Arc::new(set), now)) });
    let predictions = &project_of(&state).predictions;
    assert_eq!((predictions.sets(state.generation).len(), predictions.chosen()), (2, 1));
    let asked = command(&mut state, PredictionsCommand::Choose(0));
    assert!(matches!(asked, Some(PredictionsEffect::Match { .. })));
    assert_eq!(counts(&state), [0; 5], "nothing is known of it yet");
    command(&mut state, PredictionsCommand::Close(1));
    assert_eq!(project_of(&state).predictions.chosen(), 0);
    // The same place again takes the place of the former reading.
    let job = begin(&mut state);
    let set = set_of(&job);
    let now = matched(&job.catalogue, &set, job.iou);
    answer(&mut state, PredictionsEvent::Loaded { number: job.number, result: Ok((Arc::new(set), now)) });
    assert_eq!(project_of(&state).predictions.sets(state.generation).len(), 1);
}

#[test]
fn a_failure_and_a_late_answer_leave_what_is_there() {
    let mut state = shown();
    let before = counts(&state);
    let job = begin(&mut state);
    let failure = Failure::bare(FailureKind::NoPredictions { iteration: "Iteration 1".to_owned() });
    answer(&mut state, PredictionsEvent::Loaded { number: job.number, result: Err(failure.clone()) });
    assert_eq!(project_of(&state).predictions.failure, Some(failure));
    assert_eq!(counts(&state), before);
    let job = begin(&mut state);
    assert!(project_of(&state).predictions.failure.is_none());
    assert!(matches!(command(&mut state, PredictionsCommand::Stop), Some(PredictionsEffect::Stop)));
    let set = set_of(&job);
    let now = matched(&job.catalogue, &set, job.iou);
    answer(&mut state, PredictionsEvent::Loaded { number: job.number, result: Ok((Arc::new(set), now)) });
    assert_eq!(project_of(&state).predictions.sets(state.generation).len(), 1, "nobody waits for it any more");
}

#[test]
fn the_chosen_set_is_read_again_after_a_refresh() {
    let mut state = shown();
    command(&mut state, PredictionsCommand::SetScore(0.2));
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let predictions = &project_of(&state).predictions;
    assert!(predictions.compared(state.generation).is_none() && predictions.awaits());
    assert_eq!(predictions.score, 0.2);
}

#[test]
fn a_key_goes_through_labels_predictions_and_both() {
    let mut state = shown();
    let layer = |state: &State| project_of(state).predictions.layer(state.generation);
    let mut seen = vec![layer(&state)];
    for _ in 0..3 {
        let command = Action::CycleLayer.command(&state).expect("command");
        update(&mut state, command);
        seen.push(layer(&state));
    }
    assert_eq!(seen, [Layer::Both, Layer::Labels, Layer::Predictions, Layer::Both]);
}

#[test]
fn every_box_of_the_layer_says_what_became_of_it() {
    let mut state = shown();
    command(&mut state, PredictionsCommand::SetScore(0.3));
    let opened = project_of(&state);
    let captions = |image: u32| -> Vec<String> {
        let boxes =
            opened.predictions.overlay(&opened.catalogue, &opened.review.reviews, opened.generation, ImageIx(image));
        boxes.into_iter().map(|one| one.caption).collect()
    };
    assert_eq!(captions(1), ["tag 1 0.90"]);
    assert_eq!(captions(2), ["missed: tag 0", "tag 0 0.40"]);
    assert_eq!(captions(4), ["missed: tag 0", "tag 0 0.70 false"]);
    assert!(captions(0).is_empty() && captions(77).is_empty());
}
