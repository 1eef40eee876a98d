//! Comparing with another state in the real window: the dialog, what it counts, the walk by keys, and the boxes of the other
//! state on the canvas.

use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use rustc_hash::FxHashSet;
use tagscope::app::changes::{ChangesCommand, ChangesEvent, Comparison, OtherState};
use tagscope::app::{Action, Command, Dialog, Event, View, WindowCommand};
use tagscope::domain::changes::{DEFAULT_IOU, ImageChanges, Plan, State};
use tagscope::domain::{Catalogue, ImageId, ImageIx};

use super::fixture::{Parts, row, window};

/// Six images of one box; on image 1 it was elsewhere, on image 3 there was another one.
fn shown() -> Harness<'static, Parts> {
    let rows: Vec<_> = (0..6).map(|n| row(n, 1)).collect();
    let mut former = rows.clone();
    former[1].regions[0].rect.left += 0.05;
    let mut gone = former[3].regions[0].clone();
    gone.id = domain::RegionId(uuid::Uuid::from_u128(0x4abc << 64));
    gone.rect = domain::UnitRect::new(0.7, 0.7, 0.1, 0.1);
    former[3].regions.push(gone);
    let mut parts = Parts::of_rows(rows);
    parts.update(Command::Changes(ChangesCommand::Compare(OtherState::Folder("october".to_owned()))));
    let opened = parts.opened();
    let (number, generation) = (opened.changes.busy.expect("under way"), opened.generation);
    let mut other = Catalogue::new();
    other.append(former);
    let (none, digest) = (FxHashSet::default(), |_: ImageId| None);
    let state = |catalogue| State {
        catalogue,
        project: &opened.project,
        kind: opened.kind,
        digest: &digest,
        is_import: false,
        unreadable: &none,
        is_incomplete: false,
        lacks_parts: false,
    };
    let plan = Plan::new(state(&other), state(&opened.catalogue), DEFAULT_IOU);
    let part = plan.compare(0..plan.len());
    let changes = plan.gather(vec![part]);
    let by_image = Arc::new(ImageChanges::of(&changes));
    let done = Comparison { name: "october".to_owned(), changes, other, by_image, doubts: Vec::new() };
    parts.apply(Event::Changes { generation, event: ChangesEvent { number, result: Ok(Arc::new(done)) } });
    let mut harness = window(parts);
    harness.run();
    harness
}

#[test]
fn the_dialog_counts_the_changes_and_a_click_filters_by_them() {
    let mut harness = shown();
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    assert!(harness.query_by_label_contains("Changes from october").is_some());
    harness.get_by_label("Region moved").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.query.text.as_str(), opened.visible.as_slice()), ("change:moved", [ImageIx(1)].as_slice()));
    assert_eq!(harness.state().state.dialog, None);
}

#[test]
fn keys_walk_through_the_changes_on_the_canvas() {
    let mut harness = shown();
    assert!(Action::NextChange.is_enabled(&harness.state().state));
    harness.key_press(Key::F7);
    harness.run();
    let place = |harness: &Harness<'_, Parts>| (harness.state().opened().view, harness.state().opened().cursor);
    assert_eq!(place(&harness), (View::Canvas, Some(ImageIx(1))));
    harness.key_press(Key::F7);
    harness.run();
    assert_eq!(place(&harness), (View::Canvas, Some(ImageIx(3))));
}

#[test]
fn the_dialog_takes_the_path_without_a_click() {
    let mut harness = window(Parts::of_rows((0..6).map(|n| row(n, 1)).collect()));
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    harness.input_mut().events.push(egui::Event::Text("/data/october".to_owned()));
    harness.run();
    assert_eq!(harness.state().opened().changes.folder, "/data/october");
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().opened().changes.busy.is_some());
}
