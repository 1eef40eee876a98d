use super::*;
use crate::ThemeChoice;
use domain::{ImageGrouping, RegionSort};

/// An open project with the third image under the cursor and its first region chosen where a view has one.
fn shown(view: View) -> State {
    let mut state = opened(6);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(2), toggle: false, extend: false }));
    update(&mut state, Command::Display(DisplayCommand::SetView(view)));
    if view == View::Canvas {
        update(&mut state, Command::Canvas(CanvasCommand::StepRegion(1)));
    }
    state
}

/// The command of each action on the canvas, as far as it does not hang on a setting; `None`: it has none.
fn expected(action: Action) -> Option<&'static str> {
    use Action as A;
    Some(match action {
        A::Palette => "Window(ShowDialog(Some(Palette)))",
        A::Help => "Window(ShowDialog(Some(Help)))",
        A::Settings => "Window(ShowDialog(Some(Settings)))",
        A::Diagnostics => "Window(ShowDialog(Some(Diagnostics)))",
        A::Tasks => "Window(ShowDialog(Some(Tasks)))",
        A::Problems => "Window(ShowDialog(Some(Problems)))",
        A::Findings => "Window(ShowDialog(Some(Findings)))",
        A::CompareState => "Window(ShowDialog(Some(Changes)))",
        A::Predictions => "Window(ShowDialog(Some(Predictions)))",
        A::Back => "Window(Back)",
        A::Quit => "Quit(Ask)",
        A::OpenFolder => "Window(ShowDialog(Some(OpenFolder)))",
        A::OpenSample => "Connection(OpenSample)",
        A::Disconnect => "Connection(Disconnect)",
        A::CloseProject => "Project(Close)",
        A::Refresh => "Project(Refresh)",
        A::StopListing => "Project(StopListing)",
        A::ToggleUntagged => "Project(ShowUntagged(true))",
        A::ClearFilter => "Query(Clear)",
        A::RefreshList => "Query(Refresh)",
        A::Sample => "Query(Sample(",
        A::SelectAll => "Selection(All)",
        A::SelectNone => "Selection(None)",
        A::InvertSelection => "Selection(Invert)",
        A::ToggleCursor => "Selection(ToggleCursor)",
        A::OpenImage => "Canvas(OpenImage(ImageIx(2)))",
        A::Export => "Window(ShowDialog(Some(Export)))",
        A::Leave => "Window(ShowDialog(Some(Leave)))",
        A::ShowGrid => "Display(SetView(Grid))",
        A::ShowWall => "Display(SetView(Wall))",
        A::ShowStatistics => "Display(SetView(Statistics))",
        A::ShowEvaluation => "Display(SetView(Evaluation))",
        A::SavePlots => "Statistics(AskSave(All))",
        A::ToggleOverlays => "Window(ToggleOverlays)",
        A::CycleLayer => "Predictions(CycleLayer)",
        A::ToggleLeft => "Window(ToggleLeft)",
        A::ToggleRight => "Window(ToggleRight)",
        A::FillCells => "Settings(SetAppearance(",
        A::NextCaption => "Settings(SetAppearance(",
        A::DimOthers => "Settings(SetAppearance(",
        A::LargerThumbs => "Display(SetThumbSide(21",
        A::SmallerThumbs => "Display(SetThumbSide(15",
        A::SortNewest => "Display(SetSort(Newest))",
        A::SortOldest => "Display(SetSort(Oldest))",
        A::SortMostRegions => "Display(SetSort(MostRegions))",
        A::SortFewestRegions => "Display(SetSort(FewestRegions))",
        A::SortLargest => "Display(SetSort(Largest))",
        A::SortTag => "Display(SetSort(Tag))",
        A::SortReview => "Display(SetSort(Review))",
        A::SortMostFindings => "Display(SetSort(MostFindings))",
        A::SortSmallestRegion => "Display(SetSort(SmallestRegion))",
        A::SortFileName => "Display(SetSort(FileName))",
        A::SortRandom => "Display(SetSort(Random))",
        A::Shuffle => "Display(Shuffle)",
        A::ReverseSort => "Display(ReverseSort)",
        A::GroupImages => "Display(SetGrouping(Tag))",
        A::SortRegionsLeastAlike => "Wall(SetSort(LeastAlike))",
        A::SortRegionsAgain => "Wall(SortAgain)",
        A::GroupRegions => "Wall(SetGrouped(false))",
        A::SimilarRegions => "Wall(ShowSimilar(RegionIx(",
        A::SimilarImages => "Display(ShowSimilar(ImageIx(2)))",
        A::SortLooksLikeOther => "Wall(SetSort(LooksLikeOther))",
        A::CursorLeft => "Selection(MoveCursor { by: -1, extend: false })",
        A::CursorRight => "Selection(MoveCursor { by: 1, extend: false })",
        A::CursorHome => "Selection(CursorToEnd { last: false, extend: false })",
        A::CursorEnd => "Selection(CursorToEnd { last: true, extend: false })",
        A::NextImage => "Canvas(StepImage(1))",
        A::PreviousImage => "Canvas(StepImage(-1))",
        A::NextRegion => "Canvas(StepRegion(1))",
        A::PreviousRegion => "Canvas(StepRegion(-1))",
        A::Fit => "Canvas(Zoom(Fit))",
        A::OneToOne => "Canvas(Zoom(OneToOne))",
        A::ZoomIn => "Canvas(Zoom(In))",
        A::ZoomOut => "Canvas(Zoom(Out))",
        A::ZoomRegion => "Canvas(Zoom(Region))",
        A::ToggleKeepView => "Canvas(ToggleKeepView)",
        A::ToggleSmooth => "Canvas(ToggleSmooth)",
        A::TourNext => "Canvas(Tour(1))",
        A::TourPrevious => "Canvas(Tour(-1))",
        A::Compare => "Canvas(Compare(Toggle))",
        A::SwapCompared => "Canvas(Compare(Swap))",
        A::ToggleLock => "Canvas(Compare(ToggleLock))",
        A::NextCompared => "Canvas(Compare(Step(1)))",
        A::PreviousCompared => "Canvas(Compare(Step(-1)))",
        A::TogglePin => "Canvas(Compare(TogglePin))",
        A::Adjust => "Canvas(ToggleAdjusting)",
        A::AdjustNothing => "Canvas(Adjust(",
        A::CopyImageJson => "Canvas(CopyImageJson)",
        A::NextFinding => "Check(Step(1))",
        A::PreviousFinding => "Check(Step(-1))",
        A::NextChange => "Changes(Step(1))",
        A::PreviousChange => "Changes(Step(-1))",
        A::DismissFinding => "Check(DismissCurrent)",
        A::UndoDismiss => "Check(UndoDismiss)",
        A::ShowDismissed => "Check(ToggleDismissed)",
        A::FindDuplicates => "Check(FindDuplicates)",
        A::StopDuplicates => "Check(StopDuplicates)",
        A::Accept => "Review(DecideHere(Accepted))",
        A::Reject => "Review(DecideHere(Rejected))",
        A::Flag => "Review(DecideHere(Flagged))",
        A::ConfirmNegative => "Review(DecideHere(Negative))",
        A::ClearVerdict => "Review(ClearHere)",
        A::BlameLabel => "Review(BlameHere(Some(Label)))",
        A::BlameModel => "Review(BlameHere(Some(Model)))",
        A::SaveOutcomes => "Predictions(AskSave)",
        A::Comment => "Window(ShowDialog(Some(Comment)))",
        A::QuickComment1 => "Review(Quick(Make(0)))",
        A::QuickComment2 => "Review(Quick(Make(1)))",
        A::QuickComment3 => "Review(Quick(Make(2)))",
        A::QuickComment4 => "Review(Quick(Make(3)))",
        A::QuickComment5 => "Review(Quick(Make(4)))",
        A::QuickComment6 => "Review(Quick(Make(5)))",
        A::QuickComment7 => "Review(Quick(Make(6)))",
        A::QuickComment8 => "Review(Quick(Make(7)))",
        A::QuickComment9 => "Review(Quick(Make(8)))",
        A::QuickComments => "Window(ShowDialog(Some(QuickComments)))",
        A::Survey => "Window(ShowDialog(Some(Survey)))",
        A::Undo => "Review(Undo)",
        A::Redo => "Review(Redo)",
        A::NextUnreviewed => "Review(StepUnreviewed(1))",
        A::PreviousUnreviewed => "Review(StepUnreviewed(-1))",
        A::ToggleAdvance => "Review(ToggleAdvance)",
        A::Reviews => "Window(ShowDialog(Some(Reviews)))",
        A::LargerText => "Settings(Scale(Larger))",
        A::SmallerText => "Settings(Scale(Smaller))",
        A::NormalText => "Settings(Scale(Normal))",
        A::ThemeSystem => "Settings(SetTheme(System))",
        A::ThemeLight => "Settings(SetTheme(Light))",
        A::ThemeDark => "Settings(SetTheme(Dark))",
        A::ClearCache => "Settings(ClearCache)",
        // The window does these itself: it knows the columns of the grid, the query box, its menus and which keys are held.
        A::OpenMenu
        | A::FindText
        | A::CursorUp
        | A::CursorDown
        | A::CursorPageUp
        | A::CursorPageDown
        | A::HoldToHide
        | A::HoldToSolo => return None,
    })
}

#[test]
fn each_action_sends_the_command_of_its_feature() {
    let state = shown(View::Canvas);
    for &action in Action::ALL {
        let command = action.command(&state).map(|command| format!("{command:?}"));
        let is_right = match (&command, expected(action)) {
            (Some(command), Some(expected)) => command.starts_with(expected),
            (None, None) => true,
            _ => false,
        };
        assert!(is_right, "{action:?}: {command:?}");
    }
}

#[test]
fn what_an_action_changes_is_what_it_is_named_for() {
    for view in [View::Grid, View::Canvas, View::Wall, View::Statistics] {
        for &action in Action::ALL {
            let (mut state, before) = (shown(view), shown(view));
            if !action.is_enabled(&state) {
                continue;
            }
            let Some(command) = action.command(&state) else { continue };
            let effects = update(&mut state, command);
            let (old, now) = (&before.settings, &state.settings);
            let was_done = match action {
                Action::ShowGrid => project_of(&state).view == View::Grid,
                Action::ShowWall => project_of(&state).view == View::Wall,
                Action::ShowStatistics => project_of(&state).view == View::Statistics,
                Action::ShowEvaluation => project_of(&state).view == View::Evaluation,
                Action::ThemeSystem => now.theme == ThemeChoice::System,
                Action::ThemeLight => now.theme == ThemeChoice::Light,
                Action::ThemeDark => now.theme == ThemeChoice::Dark,
                Action::SortNewest => now.sort == SortKey::Newest,
                Action::SortOldest => now.sort == SortKey::Oldest,
                Action::SortMostRegions => now.sort == SortKey::MostRegions,
                Action::SortFewestRegions => now.sort == SortKey::FewestRegions,
                Action::SortLargest => now.sort == SortKey::Largest,
                Action::SortTag => now.sort == SortKey::Tag,
                Action::SortReview => now.sort == SortKey::Review,
                Action::SortMostFindings => now.sort == SortKey::MostFindings,
                Action::SortSmallestRegion => now.sort == SortKey::SmallestRegion,
                Action::SortFileName => now.sort == SortKey::FileName,
                Action::SortRandom => now.sort == SortKey::Random,
                Action::GroupImages => (old.grouping, now.grouping) == (ImageGrouping::None, ImageGrouping::Tag),
                Action::SortRegionsLeastAlike => now.wall_sort == RegionSort::LeastAlike,
                Action::SortLooksLikeOther => now.wall_sort == RegionSort::LooksLikeOther,
                Action::GroupRegions => now.wall_grouped != old.wall_grouped,
                Action::ToggleOverlays => now.show_overlays != old.show_overlays,
                Action::ToggleLeft => now.show_left != old.show_left,
                Action::ToggleRight => now.show_right != old.show_right,
                Action::ToggleAdvance => now.review_advances != old.review_advances,
                Action::FillCells => now.appearance.fills_cells != old.appearance.fills_cells,
                Action::DimOthers => now.appearance.dims_others != old.appearance.dims_others,
                Action::NextCaption => now.appearance.caption == old.appearance.caption.next(),
                Action::LargerThumbs => now.thumb_side > old.thumb_side || now.wall_side > old.wall_side,
                Action::SmallerThumbs => now.thumb_side < old.thumb_side || now.wall_side < old.wall_side,
                Action::LargerText => now.scale_percent > old.scale_percent,
                Action::SmallerText => now.scale_percent < old.scale_percent,
                Action::NormalText => now.scale_percent == 100,
                Action::CursorLeft | Action::CursorHome => view != View::Grid || moved(&before, &state) < 0,
                Action::CursorRight | Action::CursorEnd => view != View::Grid || moved(&before, &state) > 0,
                Action::NextImage => moved(&before, &state) > 0 && project_of(&state).view == View::Canvas,
                Action::PreviousImage => moved(&before, &state) < 0 && project_of(&state).view == View::Canvas,
                Action::OpenImage => project_of(&state).view == View::Canvas,
                Action::SelectNone => project_of(&state).selection.is_empty(),
                Action::CloseProject => state.opened.is_none(),
                Action::Disconnect => state.source.is_none() && state.screen == Screen::Connect,
                Action::Quit => effects.iter().any(|effect| matches!(effect, Effect::Quit)),
                // What the others do is tested with their features.
                _ => continue,
            };
            assert!(was_done, "{action:?} on {view:?}");
        }
    }
}

/// How many images the cursor has gone ahead.
fn moved(before: &State, now: &State) -> i64 {
    let place = |state: &State| project_of(state).cursor.map_or(-1, |ix| i64::from(ix.0));
    place(now) - place(before)
}
