use super::*;
use crate::{Action, WindowCommand};

fn said(state: &mut State, action: Action) -> Option<String> {
    update(state, Command::Window(WindowCommand::Lack(action)));
    state.opened.as_ref()?.review.remark.as_ref().map(|said| said.words.clone())
}

#[test]
fn a_key_that_lacks_something_says_what_to_do_first() {
    let mut state = opened(4);
    let mut says = |action: Action, words: &str| {
        let said = said(&mut state, action);
        assert!(said.as_deref().is_some_and(|said| said.starts_with(words)), "{action:?}: {said:?}");
    };
    says(Action::SimilarImages, "Choose an image first");
    says(Action::SimilarRegions, "Choose a region first, on the region wall or the canvas");
    says(Action::OpenImage, "Choose an image first");
    says(Action::NextChange, "Compare the project with another state first");
    says(Action::CycleLayer, "Load predictions first");
    for (view, words) in
        [(View::Wall, "Choose a region first: click it"), (View::Statistics, "Choose an image on the grid first")]
    {
        update(&mut state, Command::Display(DisplayCommand::SetView(view)));
        let said = said(&mut state, Action::SimilarImages);
        assert!(said.as_deref().is_some_and(|said| said.starts_with(words)), "{view:?}: {said:?}");
    }
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(2))));
    assert_eq!(
        said(&mut state, Action::SimilarRegions).as_deref(),
        Some("Select a region first: click it, or press Tab.")
    );
    assert_eq!(said(&mut state, Action::ZoomRegion).as_deref(), Some("Select a region first: click it, or press Tab."));
    assert_eq!(Action::SimilarImages.lack(&state), None, "an image is at hand");
    assert_eq!(Action::SelectNone.lack(&state), None, "there is nothing to do first");
    assert_eq!(Action::GroupRegions.lack(&state), None, "it is not of the canvas");
    assert_eq!(Action::SimilarImages.lack(&State::default()), None);
}
