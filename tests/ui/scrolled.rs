//! Grid and wall are scrolled to where they were when the program ended.

use egui::{Key, Modifiers, pos2};
use egui_kittest::Harness;
use tagscope::app::{Command, DisplayCommand, SelectionCommand, View};
use tagscope::domain::{ImageId, ImageIx, ImageRow, RegionId};

use super::fixture::{Parts, row, wheel, window_of};

fn rows(numbers: std::ops::Range<usize>) -> Vec<ImageRow> {
    numbers.map(|number| row(number, 2)).collect()
}

/// The rows 100 to 700 in the grid, scrolled far down, not to the beginning of a row.
fn scrolled() -> Harness<'static, Parts> {
    let mut harness = window_of(Parts::of_rows(rows(100..700)), 1280.0, 800.0);
    harness.run();
    wheel(&mut harness, pos2(600.0, 400.0), -3_210.0);
    harness
}

/// The first image of which something is in sight, how far it is scrolled out, and how many are in a row.
fn place(harness: &Harness<'_, Parts>) -> (ImageId, f32) {
    let opened = harness.state().opened();
    let place = opened.scrolled.grid.as_ref().expect("not at the top");
    (opened.catalogue.get(place.anchors[0]).expect("image").id(), place.share)
}

fn again(harness: &mut Harness<'_, Parts>, rows: Vec<ImageRow>, width: f32, height: f32) -> Harness<'static, Parts> {
    let mut harness = window_of(harness.state_mut().again(rows), width, height);
    harness.run();
    harness
}

/// Whether the image is in the first row in sight.
fn is_first_row(harness: &Harness<'_, Parts>, id: ImageId) -> bool {
    let opened = harness.state().opened();
    let ix = opened.catalogue.find(id).expect("listed");
    opened.grid.visible.iter().position(|image| *image == ix).is_some_and(|at| at < harness.state().view.grid.columns())
}

#[test]
fn the_grid_comes_back_to_where_it_was() {
    let mut first = scrolled();
    let (image, share) = place(&first);
    assert!(share > 0.0 && share < 1.1, "{share}");
    let mut second = again(&mut first, rows(100..700), 1280.0, 800.0);
    let back = place(&second);
    assert!(back.0 == image && (back.1 - share).abs() < 1e-3, "{back:?}");
    // In a smaller window, and with newer images above it.
    let mut third = again(&mut second, rows(40..700), 900.0, 600.0);
    assert!(is_first_row(&third, image));
    // The image itself is gone: the next one stands for it.
    let number = (100..700).find(|number| row(*number, 0).id == place(&third).0).expect("number");
    let left = rows(40..700).into_iter().filter(|row| row.id != place(&third).0).collect();
    let fourth = again(&mut third, left, 900.0, 600.0);
    assert!(is_first_row(&fourth, row(number + 1, 0).id));
}

#[test]
fn the_image_that_is_current_elsewhere_does_not_move_it() {
    let mut first = scrolled();
    let id = first.state().opened().catalogue.get(ImageIx(3)).expect("image").id();
    first.state_mut().update(Command::Selection(SelectionCommand::GoTo(id)));
    first.run();
    wheel(&mut first, pos2(600.0, 400.0), -5_000.0);
    let before = place(&first);
    let second = again(&mut first, rows(100..700), 1280.0, 800.0);
    assert_eq!(place(&second).0, before.0);
    assert_eq!(second.state().opened().current().map(|image| image.id()), Some(id));
}

#[test]
fn at_the_top_it_stays_at_the_top_and_the_view_of_a_canvas_keeps_the_place_of_the_grid() {
    let mut first = window_of(Parts::of_rows(rows(100..700)), 1280.0, 800.0);
    first.run();
    let mut second = again(&mut first, rows(0..700), 1280.0, 800.0);
    assert_eq!(second.state().opened().scrolled.grid, None);
    for key in [Key::End, Key::Enter] {
        second.key_press(key);
        second.run();
    }
    assert_eq!(second.state().opened().view, View::Canvas);
    let before = place(&second);
    let mut third = again(&mut second, rows(0..700), 1280.0, 800.0);
    assert_eq!(third.state().opened().view, View::Canvas);
    third.key_press(Key::Escape);
    third.run();
    assert_eq!(place(&third).0, before.0);
}

#[test]
fn the_wall_comes_back_to_where_it_was() {
    let region = |harness: &Harness<'_, Parts>| -> (RegionId, f32) {
        let opened = harness.state().opened();
        let place = opened.scrolled.wall.as_ref().expect("not at the top");
        let region = place.anchors[0].label().and_then(|ix| opened.catalogue.region(ix)).expect("region");
        (region.id, place.share)
    };
    let mut first = window_of(Parts::of_rows(rows(100..700)), 1280.0, 800.0);
    first.run();
    first.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    first.run();
    wheel(&mut first, pos2(600.0, 400.0), -2_345.0);
    let before = region(&first);
    let mut second = again(&mut first, rows(40..700), 1280.0, 800.0);
    assert_eq!(second.state().opened().view, View::Wall);
    let back = region(&second);
    let opened = second.state().opened();
    let seen: Vec<RegionId> = opened
        .scrolled
        .wall
        .iter()
        .flat_map(|place| &place.anchors)
        .filter_map(|item| opened.catalogue.region(item.label()?))
        .map(|region| region.id)
        .collect();
    assert!(seen.contains(&before.0) && (back.1 - before.1).abs() < 1e-3, "{back:?} {before:?}");
    second.state_mut().update(Command::Display(DisplayCommand::SetView(View::Grid)));
    second.run();
    let mut third = again(&mut second, rows(40..700), 900.0, 600.0);
    assert_eq!(third.state().opened().view, View::Grid);
    assert!(third.state().opened().scrolled.wall.is_none());
    // Whoever has not looked at the wall finds it there the time after.
    let mut fourth = again(&mut third, rows(40..700), 1280.0, 800.0);
    fourth.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    fourth.run();
    let there = region(&fourth);
    assert!(there.0 == back.0 && (there.1 - back.1).abs() < 1e-3, "{there:?} {back:?}");
}
