//! Pictures of views that are more than words: the region wall and the statistics, compared with those kept.

use egui_kittest::{Harness, SnapshotOptions};
use tagscope::app::statistics::StatisticsScope;
use tagscope::app::wall::WallCommand;
use tagscope::app::{Command, DisplayCommand, PixelKey, View};
use tagscope::domain::{ImageIx, RegionSort};

use super::fixture::{Parts, row, window_of};

#[track_caller]
fn picture(harness: &mut Harness<'_, Parts>, name: &str) {
    let options = SnapshotOptions::new().threshold(0.3).output_path("tests/ui/snapshots");
    harness.snapshot_options(name, &options);
}

/// Images of 0 to 3 regions.
fn parts() -> Parts {
    Parts::of_rows((0..24).map(|n| row(n, n % 4)).collect())
}

#[test]
fn picture_of_the_wall() {
    let mut parts = parts();
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    parts.update(Command::Wall(WallCommand::SetSort(RegionSort::Smallest)));
    let mut harness = window_of(parts, 900.0, 600.0);
    let ctx = harness.ctx.clone();
    for ix in 0..24 {
        harness.state_mut().insert(&ctx, PixelKey::Thumb { ix: ImageIx(ix), side: 512 }, 512, 384);
    }
    harness.run();
    let item = harness.state().opened().wall.order.items[3];
    harness.state_mut().update(Command::Wall(WallCommand::Pick { item, toggle: false, extend: false }));
    harness.run();
    picture(&mut harness, "wall-dark");
}

#[test]
fn picture_of_the_statistics() {
    let mut parts = parts();
    parts.update(Command::Display(DisplayCommand::SetView(View::Statistics)));
    let mut harness = window_of(parts, 900.0, 600.0);
    harness.run();
    assert_eq!(harness.state().opened().statistics.scope, StatisticsScope::Shown);
    picture(&mut harness, "statistics-dark");
}
