use crate::canvas::Compare;
use crate::picture::PictureRequest;
use crate::update::tests::opened;
use crate::view::CanvasRequest;
use crate::{
    CanvasCommand, Command, CompareCommand, DisplayCommand, Effect, SelectionCommand, State, View, WindowCommand,
    update,
};
use domain::{Adjust, ImageIx, RegionIx};

fn ask(state: &mut State, command: CanvasCommand) -> Vec<Effect> {
    update(state, Command::Canvas(command))
}

fn pair(state: &State) -> (Option<ImageIx>, Option<ImageIx>) {
    let opened = state.opened.as_ref().expect("open project");
    (opened.cursor, opened.tools.compare.as_ref().map(|compare| compare.other))
}

fn request(effects: &[Effect]) -> PictureRequest {
    let request = effects.iter().find_map(|effect| match effect {
        Effect::WantPicture { request: Some(request), .. } => Some(request.clone()),
        _ => None,
    });
    request.expect("pictures are wanted")
}

fn on_canvas(count: usize, ix: u32) -> State {
    let mut state = opened(count);
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(ix))));
    state
}

#[test]
fn the_counterpart_is_the_pinned_the_selected_or_the_next() {
    let mut state = on_canvas(6, 5);
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    assert_eq!(pair(&state), (Some(ImageIx(5)), Some(ImageIx(4))), "the last has only one before");
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(1))));
    update(&mut state, Command::Selection(SelectionCommand::All));
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(1), toggle: false, extend: false }));
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(3), toggle: true, extend: false }));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(3))));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    assert_eq!(pair(&state).1, Some(ImageIx(1)), "the other selected one");
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::TogglePin));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(3))));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    assert_eq!(pair(&state).1, Some(ImageIx(0)), "the pinned one");
}

#[test]
fn both_pictures_are_wanted_swapped_and_stepped() {
    let mut state = on_canvas(6, 1);
    let wanted = request(&ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle)));
    assert_eq!(wanted.shown().map(|shown| shown.target.ix).collect::<Vec<_>>(), [ImageIx(1), ImageIx(2)]);
    let view = CanvasRequest { tiles: vec![(0, 1, 1)], want_original: true };
    let wanted = request(&ask(&mut state, CanvasCommand::Compare(CompareCommand::View(view))));
    assert!(wanted.beside.is_some_and(|beside| beside.original.want_original && beside.original.tiles.len() == 1));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Step(1)));
    assert_eq!(pair(&state), (Some(ImageIx(1)), Some(ImageIx(3))));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::ToggleLock));
    let wanted = request(&ask(&mut state, CanvasCommand::Compare(CompareCommand::Swap)));
    assert_eq!((wanted.current.target.ix, pair(&state)), (ImageIx(3), (Some(ImageIx(3)), Some(ImageIx(1)))));
    let compare = state.opened.as_ref().and_then(|opened| opened.tools.compare.clone());
    assert_eq!(
        compare,
        Some(Compare {
            other: ImageIx(1),
            is_cursor_right: false,
            is_locked: false,
            request: CanvasRequest::default()
        })
    );
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Step(-1)));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Step(-1)));
    assert_eq!(pair(&state).1, Some(ImageIx(0)), "the first is the end");
}

#[test]
fn the_other_image_takes_the_cursor_where_it_is() {
    let mut state = on_canvas(6, 1);
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    let left = CanvasRequest { tiles: vec![(0, 1, 1)], want_original: true };
    let right = CanvasRequest { tiles: vec![(0, 2, 2)], want_original: false };
    update(&mut state, Command::Display(DisplayCommand::CanvasView(left.clone())));
    ask(&mut state, CanvasCommand::Compare(CompareCommand::View(right.clone())));
    let region =
        state.opened.as_ref().and_then(|opened| opened.catalogue.get(ImageIx(2))).expect("image").region_range();
    let wanted = request(&ask(&mut state, CanvasCommand::Compare(CompareCommand::Take(Some(RegionIx(region.start))))));
    assert_eq!((wanted.current.target.ix, pair(&state)), (ImageIx(2), (Some(ImageIx(2)), Some(ImageIx(1)))));
    let opened = state.opened.as_ref().expect("open project");
    assert_eq!(opened.region, Some(RegionIx(region.start)));
    let compare = opened.tools.compare.as_ref().expect("two images");
    assert!(compare.is_cursor_right && compare.request == left && opened.canvas == right, "each keeps what it shows");
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Step(-1)));
    let compare = state.opened.as_ref().and_then(|opened| opened.tools.compare.clone()).expect("two images");
    assert!(compare.is_cursor_right && compare.other == ImageIx(0), "the left one steps");
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Swap));
    assert_eq!(pair(&state), (Some(ImageIx(0)), Some(ImageIx(2))));
}

#[test]
fn escape_leaves_the_sliders_then_the_pair_then_the_canvas() {
    let mut state = on_canvas(3, 0);
    ask(&mut state, CanvasCommand::Compare(CompareCommand::Toggle));
    ask(&mut state, CanvasCommand::ToggleAdjusting);
    update(&mut state, Command::Window(WindowCommand::Back));
    assert!(state.opened.as_ref().is_some_and(|opened| !opened.tools.is_adjusting && opened.tools.compare.is_some()));
    let wanted = request(&update(&mut state, Command::Window(WindowCommand::Back)));
    assert!(wanted.beside.is_none() && pair(&state) == (Some(ImageIx(0)), None));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!(state.opened.as_ref().map(|opened| opened.view), Some(View::Grid));
}

#[test]
fn lightened_pictures_are_asked_for_once() {
    let mut state = on_canvas(3, 0);
    let adjust = Adjust { brightness: 0.5, ..Adjust::default() };
    assert_eq!(request(&ask(&mut state, CanvasCommand::Adjust(adjust))).adjust, adjust);
    assert!(ask(&mut state, CanvasCommand::Adjust(adjust)).is_empty());
    let wanted = request(&update(&mut state, Command::Canvas(CanvasCommand::StepImage(1))));
    assert_eq!(wanted.adjust, adjust, "from image to image");
}
