use super::super::wall::tests::{opened, ordered};
use super::*;
use crate::wall::WallEvent;
use crate::{Action, Command, Event, ProjectCommand, QueryCommand, SelectionCommand, WindowCommand, apply, update};
use domain::SortKey;

fn shown(state: &State) -> Vec<u32> {
    opened(state).visible.iter().map(|image| image.0).collect()
}

fn near(state: &mut State, distances: &[f32]) {
    let event = WallEvent::Nearness { near: ImageIx(2), distances: distances.into() };
    apply(state, Event::Wall { generation: state.generation, event });
}

#[test]
fn the_most_similar_images_come_first_until_esc() {
    let mut state = ordered(4);
    update(&mut state, Command::Display(DisplayCommand::SetView(View::Grid)));
    assert!(!Action::SimilarImages.is_enabled(&state), "no image has the cursor");
    opened_mut(&mut state).cursor = Some(ImageIx(2));
    let command = Action::SimilarImages.command(&state).expect("an image is at hand");
    let effects = update(&mut state, command);
    let compared = effects.iter().find_map(|effect| match effect {
        Effect::Wall { effect: WallEffect::ComparePictures { images, near: ImageIx(2), .. }, .. } => {
            Some(images.iter().map(|image| image.0).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(compared, Some(vec![2, 0, 1, 3]));
    assert_eq!(shown(&state), [2, 0, 1, 3], "the image itself is there at once");
    near(&mut state, &[0.9, 0.4, 0.0, f32::INFINITY]);
    assert_eq!(shown(&state), [2, 1, 0, 3]);
    // Another query keeps the order.
    update(&mut state, Command::Query(QueryCommand::Edit("tag:fork".to_owned())));
    assert_eq!(shown(&state), [2, 1, 0, 3]);
    let effects = update(&mut state, Command::Window(WindowCommand::Back));
    assert!(matches!(&effects[..], [Effect::Wall { effect: WallEffect::StopComparingPictures, .. }]), "{effects:?}");
    assert_eq!((shown(&state), opened(&state).view), (vec![0, 1, 2, 3], View::Grid));
}

#[test]
fn after_esc_what_was_chosen_before_is_chosen_again() {
    let mut state = ordered(5);
    update(&mut state, Command::Display(DisplayCommand::SetView(View::Grid)));
    let pick = |ix, toggle| Command::Selection(SelectionCommand::Pick { ix: ImageIx(ix), toggle, extend: false });
    update(&mut state, pick(1, false));
    update(&mut state, pick(3, true));
    let chosen = |state: &State| {
        let mut chosen: Vec<_> = opened(state).selection.iter().map(|image| image.0).collect();
        chosen.sort_unstable();
        (chosen, opened(state).cursor)
    };
    for near in [2, 4] {
        update(&mut state, Command::Display(DisplayCommand::ShowSimilar(ImageIx(near))));
    }
    assert_eq!(chosen(&state), (vec![], Some(ImageIx(4))), "a decision is about the image that is looked at");
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((chosen(&state), shown(&state)), ((vec![1, 3], Some(ImageIx(3))), vec![0, 1, 2, 3, 4]));

    // Who has chosen something meanwhile keeps that: the first Esc lets go of it, the second ends the search.
    update(&mut state, Command::Display(DisplayCommand::ShowSimilar(ImageIx(2))));
    update(&mut state, pick(0, false));
    update(&mut state, Command::Display(DisplayCommand::EndSimilar));
    assert_eq!(chosen(&state), (vec![0], Some(ImageIx(0))));
    // A new list ends it too.
    update(&mut state, Command::Display(DisplayCommand::ShowSimilar(ImageIx(2))));
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let ids = opened(&state).awaited.chosen.len();
    assert_eq!(ids, 1);
}

#[test]
fn who_has_gone_to_work_keeps_the_order_and_choosing_another_ends_it() {
    let mut state = ordered(4);
    update(&mut state, Command::Display(DisplayCommand::ShowSimilar(ImageIx(2))));
    near(&mut state, &[0.9, 0.4, 0.0, 0.3]);
    opened_mut(&mut state).cursor = Some(ImageIx(1));
    near(&mut state, &[0.1, 0.4, 0.0, 0.3]);
    assert_eq!(shown(&state), [2, 3, 1, 0]);
    assert!(opened(&state).similar.as_ref().is_some_and(SimilarImages::has_better));
    update(&mut state, Command::Display(DisplayCommand::ShowSimilar(ImageIx(2))));
    assert_eq!((shown(&state), opened(&state).cursor), (vec![2, 0, 3, 1], Some(ImageIx(1))));
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Oldest)));
    assert!(opened(&state).similar.is_none());
    near(&mut state, &[0.1, 0.4, 0.0, 0.3]);
    assert_eq!(shown(&state), [0, 1, 2, 3], "a late answer changes nothing");
}

fn opened_mut(state: &mut State) -> &mut Opened {
    state.opened.as_mut().expect("open project")
}
