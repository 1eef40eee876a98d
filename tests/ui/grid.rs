//! The grid in the real window: what is seen, asked for and chosen.

use egui::{Key, Modifiers, Pos2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tagscope::app::checks::DuplicateSearch;
use tagscope::app::review::{Lasting, Remark};
use tagscope::app::view::GridRequest;
use tagscope::app::{
    CanvasCommand, Command, DisplayCommand, Event, Failure, FailureKind, ListingState, PixelKey, QueryCommand,
    SelectionCommand, View, WindowCommand,
};
use tagscope::domain::query::edit;
use tagscope::domain::{ImageIx, ImageRow, SortKey};
use tagscope::ui::theme::tokens::RIGHT_PANEL;

use super::fixture::{Parts, TAGS, band, row, wheel, window, window_of};

/// A place among the images.
const MIDDLE: Pos2 = pos2(500.0, 400.0);

fn settled(parts: Parts) -> Harness<'static, Parts> {
    let mut harness = window(parts);
    harness.run();
    harness
}

fn columns(harness: &Harness<'_, Parts>) -> usize {
    harness.state().view.grid.columns()
}

fn chosen(harness: &Harness<'_, Parts>) -> Vec<u32> {
    let mut chosen: Vec<_> = harness.state().opened().selection.iter().map(|ix| ix.0).collect();
    chosen.sort_unstable();
    chosen
}

fn last_viewport(commands: &[Command]) -> Option<(Vec<ImageIx>, Vec<ImageIx>, u16)> {
    commands.iter().rev().find_map(|command| match command {
        Command::Display(DisplayCommand::GridView(GridRequest { visible, ahead, side })) => {
            Some((visible.clone(), ahead.clone(), *side))
        }
        _ => None,
    })
}

#[test]
fn images_are_named_and_asked_for_once() {
    let mut harness = settled(Parts::new(100_000, 2));
    harness.get_by_label("Image 1: fork, scissors, 2 regions");
    let commands = harness.state_mut().take();
    let asked =
        commands.iter().filter(|command| matches!(command, Command::Display(DisplayCommand::GridView(_)))).count();
    assert!(asked <= 2, "the first frame and the settled one: {asked}");
    let (visible, ahead, side) = last_viewport(&commands).expect("viewport");
    assert_eq!(visible[0], ImageIx(0));
    assert!(visible.len() < 60 && !ahead.is_empty() && ahead.len() < 120, "{} and {}", visible.len(), ahead.len());
    assert_eq!(side, 256);
    harness.run_steps(5);
    assert!(harness.state_mut().take().is_empty(), "an idle grid asks for nothing");
}

#[test]
fn an_idle_grid_paints_no_frame() {
    let mut harness = settled(Parts::new(500, 3));
    harness.step();
    assert!(!harness.ctx.has_requested_repaint());
}

#[test]
fn images_without_dates_show_and_sort_by_none() {
    let undated = |n| ImageRow { created: None, ..row(n, 1) };
    let mut harness = settled(Parts::of_rows((0..20).map(undated).collect()));
    harness.get_by_label("Image 1: fork, 1 region").click();
    harness.run();
    harness.get_by_label("created: no date");
    harness.get_by_label("Dataset order").click();
    harness.run();
    harness.get_by_label("Most regions first");
    assert!(harness.query_by_label("Oldest first").is_none(), "there is nothing to sort by");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Group: none").click();
    harness.run();
    harness.get_by_label("By first tag");
    assert!(harness.query_by_label("By date").is_none());
}

#[test]
fn click_ctrl_and_shift_choose() {
    let mut harness = settled(Parts::new(50, 1));
    let cell = |n: usize| format!("Image {n}: {}, 1 region", TAGS[(n - 1) % 3]);
    harness.get_by_label(&cell(2)).click();
    harness.run();
    assert_eq!(chosen(&harness), [1]);
    harness.get_by_label(&cell(4)).click_modifiers(Modifiers::COMMAND);
    harness.run();
    assert_eq!(chosen(&harness), [1, 3]);
    harness.get_by_label(&cell(6)).click_modifiers(Modifiers::SHIFT);
    harness.run();
    assert_eq!(chosen(&harness), [3, 4, 5], "from the anchor");
    harness.get_by_label("3 selected of 50");
}

#[test]
fn arrows_follow_the_columns() {
    let mut harness = settled(Parts::new(200, 1));
    let columns = columns(&harness) as u32;
    assert!(columns > 1);
    let cursor = |harness: &Harness<'_, Parts>| harness.state().opened().cursor.map(|ix| ix.0);
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(cursor(&harness), Some(0), "the first step makes the cursor appear");
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(cursor(&harness), Some(columns));
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(cursor(&harness), Some(0));
    harness.key_press(Key::PageDown);
    harness.run();
    let paged = cursor(&harness).expect("cursor");
    assert!(paged >= 2 * columns && paged % columns == 0, "{paged}");
    harness.key_press(Key::End);
    harness.run();
    assert_eq!(cursor(&harness), Some(199));
    let (visible, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(visible.contains(&ImageIx(199)), "the cursor is brought into view");
}

#[test]
fn shift_and_down_choose_whole_rows() {
    let mut harness = settled(Parts::new(200, 1));
    let columns = columns(&harness) as u32;
    harness.get_by_label("Image 1: fork, 1 region").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    assert_eq!(chosen(&harness), (0..=columns).collect::<Vec<_>>());
}

#[test]
fn a_rubber_band_chooses_what_it_touches() {
    let mut harness = settled(Parts::new(200, 1));
    let columns = columns(&harness) as u32;
    let first = harness.get_by_label("Image 1: fork, 1 region").rect();
    let below = format!("Image {}: {}, 1 region", columns + 2, TAGS[(columns as usize + 1) % 3]);
    let to = harness.get_by_label(&below).rect().center();
    let from = first.min + vec2(2.0, 2.0);
    harness.drag_at(from);
    harness.step();
    harness.hover_at(to);
    harness.step();
    harness.step();
    assert!(harness.query_by_label_contains("4 selected").is_some(), "counted before it is let go");
    harness.drop_at(to);
    harness.run();
    assert_eq!(chosen(&harness), [0, 1, columns, columns + 1]);
}

#[test]
fn a_double_click_opens_and_the_place_survives_the_visit() {
    let mut harness = settled(Parts::new(5_000, 1));
    wheel(&mut harness, MIDDLE, -30_000.0);
    let (visible, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(visible[0].0 > 100, "scrolled to {:?}", visible[0]);
    let middle = visible[visible.len() / 2];
    let name = format!("Image {}: {}, 1 region", middle.0 + 1, TAGS[middle.index() % 3]);
    let center = harness.get_by_label(&name).rect().center();
    for _ in 0..2 {
        harness.drag_at(center);
        harness.drop_at(center);
        harness.step();
    }
    harness.run();
    assert_eq!((harness.state().opened().view, harness.state().opened().cursor), (View::Canvas, Some(middle)));
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().opened().view, View::Grid);
    let (again, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert_eq!(again, visible);
}

#[test]
fn a_filter_keeps_the_place() {
    let mut harness = settled(Parts::new(6_000, 1));
    wheel(&mut harness, MIDDLE, -40_000.0);
    let (before, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    harness.state_mut().update(Command::Query(QueryCommand::Include(edit::tag("fork"))));
    harness.run();
    let (after, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(after.iter().any(|ix| before.contains(ix)), "{before:?} {after:?}");
}

#[test]
fn the_current_image_stays_in_sight_when_the_query_is_cleared() {
    let mut harness = settled(Parts::new(6_000, 1));
    let current = ImageIx(3_999);
    harness.state_mut().state.opened.as_mut().expect("project").cursor = Some(current);
    for command in [QueryCommand::Include(edit::tag(TAGS[0])), QueryCommand::Edit(String::new())] {
        harness.state_mut().update(Command::Query(command));
        harness.run();
        let (seen, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
        assert!(seen.contains(&current), "{seen:?}");
    }
}

#[test]
fn ctrl_and_wheel_change_the_size() {
    let mut harness = settled(Parts::new(500, 1));
    let before = harness.state().state.settings.thumb_side;
    harness.hover_at(MIDDLE);
    harness.event(egui::Event::Zoom(1.5));
    harness.run();
    assert!(harness.state().state.settings.thumb_side > before * 1.3);
    harness.event(egui::Event::Zoom(100.0));
    harness.run();
    assert_eq!(harness.state().state.settings.thumb_side, 512.0);
}

#[test]
fn a_failed_picture_says_so_and_can_be_tried_again() {
    let mut harness = settled(Parts::new(3, 1));
    let generation = harness.state().state.generation;
    let failure = Failure::bare(FailureKind::MissingPicture);
    for side in [64, 128, 256, 512] {
        let key = PixelKey::Thumb { ix: ImageIx(1), side };
        harness.state_mut().apply(Event::Pixels { generation, key, result: Err(failure.clone()) });
    }
    harness.run();
    harness.state_mut().take();
    harness.get_by_label("Retry").click();
    harness.run();
    let commands = harness.state_mut().take();
    assert!(
        commands.iter().any(|command| matches!(command, Command::Display(DisplayCommand::RetryPicture(ImageIx(1))))),
        "{commands:?}"
    );
    assert!(
        !commands.iter().any(|command| matches!(command, Command::Selection(SelectionCommand::Pick { .. }))),
        "the button is not the cell"
    );
}

#[test]
fn the_order_is_chosen_from_a_menu() {
    let mut harness = settled(Parts::new(30, 1));
    harness.get_by_label("Newest first").click();
    harness.run();
    harness.get_by_label("Oldest first").click();
    harness.run();
    assert_eq!(harness.state().state.settings.sort, SortKey::Oldest);
    assert_eq!(harness.state().opened().visible[0], ImageIx(29));
}

#[test]
fn pages_that_arrive_move_nothing() {
    let mut harness = settled(Parts::new(3_000, 1));
    wheel(&mut harness, MIDDLE, -5_000.0);
    let (before, ..) = last_viewport(&harness.state_mut().take()).expect("viewport");
    let generation = harness.state().state.generation;
    let rows = (3_000..3_500).map(|n| row(n, 1)).collect();
    let page = domain::Page { rows, ..domain::Page::default() };
    harness.state_mut().apply(Event::Page { generation, page });
    let listing = ListingState::Running { listed: 3_500, total: None, pages_per_second: 1.0, waiting: None };
    harness.state_mut().apply(Event::Listing { generation, state: listing });
    harness.run();
    let after = last_viewport(&harness.state_mut().take());
    assert!(after.is_none_or(|(visible, ..)| visible == before));
}

#[test]
fn the_selection_is_summed_up_beside_the_grid() {
    let mut harness = settled(Parts::new(30, 2));
    harness
        .state_mut()
        .update(Command::Selection(SelectionCommand::PickMany { images: (0..6).map(ImageIx).collect(), keep: false }));
    harness.run();
    harness.get_by_label("Regions: 12");
    let all: Vec<_> = harness.query_all_by_label_contains("of the selected images").collect();
    assert_eq!(all.len(), 4, "{:?}", all.iter().map(|node| node.accesskit_node().label()).collect::<Vec<_>>());
}

#[test]
fn in_a_small_window_nothing_in_the_status_bar_covers_anything_else() {
    let mut parts = Parts::new(20_000, 0);
    parts.update(Command::Selection(SelectionCommand::All));
    let mut harness = window_of(parts, 900.0, 600.0);
    harness.run();
    let opened = harness.state_mut().state.opened.as_mut().expect("open project");
    let words = "Confirmed as negative: 20,000 images, more than were ever decided at once".to_owned();
    opened.review.remark = Some(Remark { number: 1, words, lasting: Lasting::Kept, view: View::Grid, reversal: None });
    opened.checks.search = DuplicateSearch::Running { number: 1, done: 64, may_fetch: true };
    harness.run();
    // In the status bar, and for a moment at the foot of the stage.
    assert_eq!(harness.get_all_by_label_contains("Confirmed as negative: 20,000 images").count(), 2);
    let line = harness.get_by_label("Stop").rect().y_range();
    // Buttons, labels and figures of that line.
    let parts: Vec<_> = harness
        .root()
        .children_recursive()
        .filter(|node| node.children().next().is_none())
        .filter_map(|node| {
            let node = node.accesskit_node();
            Some((node.label().or_else(|| node.value())?, node.bounding_box()?))
        })
        .filter(|(_, place)| line.contains((place.y0 + place.y1) as f32 / 2.0))
        .collect();
    assert!(parts.len() >= 5, "{parts:?}");
    for (at, (name, place)) in parts.iter().enumerate() {
        for (other, covered) in &parts[at + 1..] {
            let (left, right) = (place.x0.max(covered.x0), place.x1.min(covered.x1));
            assert!(right - left < 1.0, "{name} and {other}: {place:?}, {covered:?}");
        }
    }
}

#[test]
fn a_filter_that_lets_nothing_through_says_so_and_can_be_cleared() {
    let mut harness = settled(Parts::new(30, 2));
    harness.state_mut().update(Command::Query(QueryCommand::Edit("nosuchword".to_owned())));
    harness.run();
    harness.get_by_label("No images match this query");
    let clear = |node: &egui_kittest::Node<'_>| node.rect().top() > 100.0;
    harness.query_all_by_label("Clear the query").find(clear).expect("in the middle").click();
    harness.run();
    assert_eq!(harness.state().opened().visible.len(), 30);
}

#[test]
fn groups_have_heads_to_choose_by_and_arrows_cross_them() {
    let mut harness = settled(Parts::new(40, 1));
    harness.get_by_label("Group: none").click();
    harness.run();
    harness.get_by_label("By first tag").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!(opened.groups.iter().map(|group| group.len).collect::<Vec<_>>(), [14, 13, 13]);
    assert!(opened.visible[..14].iter().all(|ix| ix.0 % 3 == 0), "forks first, in their order");
    harness.get_by_label("Select the group fork, 14 images").click();
    harness.run();
    assert_eq!(chosen(&harness).len(), 14);
    let columns = columns(&harness);
    let last_row = (14 - 1) / columns * columns;
    let ix = harness.state().opened().visible[last_row];
    harness.state_mut().update(Command::Selection(SelectionCommand::Pick { ix, toggle: false, extend: false }));
    harness.key_press(Key::ArrowDown);
    harness.run();
    let cursor = harness.state().opened().cursor.and_then(|ix| harness.state().opened().place(ix));
    assert_eq!(cursor, Some(14), "into the first column of the next group");
    // Pages that come later find their groups, in order.
    let generation = harness.state().state.generation;
    let rows = (40..46).map(|n| row(n, 1)).collect();
    let page = domain::Page { rows, ..domain::Page::default() };
    harness.state_mut().apply(Event::Page { generation, page });
    harness.run();
    let opened = harness.state().opened();
    assert_eq!(opened.groups.iter().map(|group| group.len).collect::<Vec<_>>(), [16, 15, 15]);
    assert!(opened.visible[..16].is_sorted());
    harness.key_press(Key::G);
    harness.run();
    assert_eq!(harness.state().opened().groups.len(), 1, "all of one day");
}

#[test]
fn the_seam_of_the_inspector_is_grabbed_from_both_sides() {
    for view in [View::Grid, View::Wall, View::Canvas] {
        for by in [-4.0, 0.0, 4.0] {
            let mut parts = Parts::new(3_000, 1);
            parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
            parts.update(Command::Display(DisplayCommand::SetView(view)));
            let mut harness = settled(parts);
            // The harness leaves a margin of 8 around the window.
            let seam = 1272.0 - RIGHT_PANEL;
            band(&mut harness, pos2(seam + by, 400.0), pos2(seam + by - 60.0, 400.0));
            let commands = harness.state_mut().take();
            let width = commands.iter().rev().find_map(|command| match command {
                Command::Window(WindowCommand::RightWidth(width)) => Some(*width),
                _ => None,
            });
            let width = width.unwrap_or_else(|| panic!("{view:?}: {by} from the seam something else is dragged"));
            assert!((width - RIGHT_PANEL - 60.0).abs() < 6.0, "{view:?}: {width}");
        }
    }
}

#[test]
fn dragging_the_scrollbar_says_which_image_is_first() {
    let mut harness = settled(Parts::new(3_000, 1));
    let bubble = |harness: &Harness<'_, Parts>| {
        let found = harness.query_by_label_contains(" of 3,000, ");
        found.and_then(|node| node.accesskit_node().value())
    };
    assert_eq!(bubble(&harness), None);
    let bar = harness.get_by_role_and_label(egui::accesskit::Role::ScrollBar, "Scroll").rect();
    harness.drag_at(bar.center_top() + vec2(0.0, 10.0));
    harness.step();
    let at = bar.center();
    harness.hover_at(at);
    harness.step();
    harness.step();
    let said = bubble(&harness).expect("a bubble");
    let (number, day) = said.split_once(" of 3,000, ").expect("a number");
    // The fixture's images are a second apart.
    assert_eq!(day, "2020-09-13");
    let number: usize = number.replace(',', "").parse().expect("a number");
    let first = harness.state().opened().grid.visible[0].0 as usize + 1;
    assert!(number > 1_000 && (first..=first + columns(&harness)).contains(&number), "{number} {first}");
    harness.drop_at(at);
    harness.run();
    assert_eq!(bubble(&harness), None);
}

#[test]
fn similar_images_come_first_by_key_and_go_by_button() {
    use tagscope::app::wall::WallEvent;

    let mut harness = window(Parts::new(8, 1));
    harness.run();
    harness.key_press(Key::End);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Y);
    harness.run();
    harness.get_by_label("Most similar first");
    harness.get_by_label_contains(", comparing, 0 %");
    let generation = harness.state().state.generation;
    let distances = (0..8).map(|at| 7.0 - at as f32).collect();
    let event = WallEvent::Nearness { near: ImageIx(7), distances };
    harness.state_mut().apply(Event::Wall { generation, event });
    harness.run();
    let shown: Vec<_> = harness.state().opened().visible.iter().map(|image| image.0).collect();
    assert_eq!(shown, [7, 6, 5, 4, 3, 2, 1, 0]);
    harness.state_mut().take();
    harness.get_by_label("End the search for similar images").click();
    harness.run();
    let commands = harness.state_mut().take();
    assert!(matches!(&commands[..], [Command::Display(DisplayCommand::EndSimilar), ..]), "{commands:?}");
    harness.get_by_label("Newest first");
}

#[test]
fn a_key_without_its_image_or_region_says_what_to_choose_and_that_ends_with_the_view() {
    let mut harness = settled(Parts::new(30, 2));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Y);
    harness.run();
    harness.get_by_label_contains("Choose an image first");
    harness.key_press(Key::Y);
    harness.run();
    harness.get_by_label_contains("Choose a region first, on the region wall or the canvas");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    assert!(harness.query_by_label_contains("Choose a region first").is_none(), "it was said of the grid");
}

#[test]
fn after_similar_images_the_grid_is_where_it_was() {
    let mut harness = settled(Parts::new(2_000, 2));
    for _ in 0..4 {
        harness.key_press(Key::PageDown);
        harness.run();
    }
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    let before = harness.state().opened();
    let (cursor, chosen, seen) = (before.cursor, before.selection.len(), before.grid.visible.clone());
    assert!(chosen == 2 && !seen.contains(&ImageIx(0)));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Y);
    harness.run();
    let shown = harness.state().opened();
    assert_eq!(shown.grid.visible.first().copied(), cursor, "from the top");
    harness.key_press(Key::ArrowRight);
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    let after = harness.state().opened();
    assert_eq!((after.cursor, after.selection.len()), (cursor, chosen));
    assert_eq!(after.grid.visible, seen);
}
