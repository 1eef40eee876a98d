//! Comparing with another state in the real window: the dialog, what it counts, the walk by keys, and the boxes of the other
//! state on the canvas.

use std::sync::Arc;

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use rustc_hash::FxHashSet;
use tagscope::app::changes::{ChangesCommand, ChangesEvent, OtherState, ReportFormat, StateComparison};
use tagscope::app::{
    Action, Command, Dialog, Event, Failure, FailureKind, PixelKey, QueryCommand, View, WindowCommand,
};
use tagscope::domain::changes::{ComparedState, DEFAULT_IOU, Plan};
use tagscope::domain::{Catalogue, ImageId, ImageIx, RegionIx};

use super::fixture::{Parts, row, window, window_of};

/// Six images of one box; on image 1 it was elsewhere, on image 3 there was another one, and a seventh image is gone.
fn shown() -> Harness<'static, Parts> {
    window_with(Vec::new(), 1280.0, 800.0)
}

/// The same in a window of this size, with warnings about the states.
fn window_with(doubts: Vec<String>, width: f32, height: f32) -> Harness<'static, Parts> {
    let rows: Vec<_> = (0..6).map(|n| row(n, 1)).collect();
    let mut former = rows.clone();
    former[1].regions[0].rect.left += 0.05;
    let mut gone = former[3].regions[0].clone();
    gone.id = domain::RegionId(uuid::Uuid::from_u128(0x4abc << 64));
    gone.rect = domain::UnitRect::new(0.7, 0.7, 0.1, 0.1);
    former[3].regions.push(gone);
    // An image that is gone.
    former.push(row(9, 2));
    let mut parts = Parts::of_rows(rows);
    parts.update(Command::Changes(ChangesCommand::Compare(OtherState::Typed("october".to_owned()))));
    let opened = parts.opened();
    let (number, generation) = (opened.changes.busy.expect("under way"), opened.generation);
    let mut other = Catalogue::new();
    other.append(former);
    let (none, digest) = (FxHashSet::default(), |_: ImageId| None);
    let state = |catalogue| ComparedState {
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
    let done = StateComparison::new("october".to_owned(), changes, other, &opened.catalogue, false, doubts);
    parts.apply(Event::Changes { generation, event: ChangesEvent::Compared { number, result: Ok(Arc::new(done)) } });
    let mut harness = window_of(parts, width, height);
    harness.run();
    harness
}

#[test]
fn a_state_that_cannot_be_opened_is_typed_again_at_once() {
    let mut harness = window_of(Parts::new(6, 1), 1280.0, 800.0);
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    let field = |harness: &Harness<'static, Parts>| {
        harness.get_by_role_and_label(Role::TextInput, "Folder, file or service:project").is_focused()
    };
    harness.event(egui::Event::Text("/data/october".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(!field(&harness));
    let opened = harness.state().opened();
    let (number, generation) = (opened.changes.busy.expect("under way"), opened.generation);
    let failure = Failure::bare(FailureKind::MissingFile { path: "/data/october".to_owned() });
    let event = ChangesEvent::Compared { number, result: Err(failure) };
    harness.state_mut().apply(Event::Changes { generation, event });
    harness.run();
    assert!(field(&harness));
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

#[test]
fn the_grid_and_the_wall_say_what_has_changed() {
    let mut harness = shown();
    let marks = |image: u32| harness.state().opened().overlay_marks(ImageIx(image)).collect::<Vec<_>>();
    let rects = [0, 1, 3].map(|image| marks(image).iter().map(|mark| mark.rect.left).collect::<Vec<_>>());
    let moved = harness.state().opened().catalogue.region(RegionIx(1)).expect("region").rect.left + 0.05;
    assert_eq!(rects, [vec![], vec![moved], vec![0.7]]);
    for (image, changes) in [("Image 2:", true), ("Image 4:", true), ("Image 1:", false)] {
        let says_so = |label: String| label.starts_with(image) && label.contains(", 1 change");
        assert_eq!(harness.query_by(|node| node.label().is_some_and(says_so)).is_some(), changes, "{image}");
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    let mut spoken: Vec<String> = Vec::new();
    for node in harness.query_all_by(|node| node.label().is_some_and(|label| label.starts_with("Region "))) {
        spoken.push(node.accesskit_node().label().unwrap_or_default());
    }
    let moved: Vec<_> = spoken.iter().filter(|label| label.contains("moved by 40 px")).collect();
    assert_eq!(moved.len(), 1, "{spoken:?}");
}

#[test]
fn the_left_panel_counts_kinds_of_change_and_filters_by_them() {
    let mut harness = shown();
    harness.get_by_label("Region moved: 1 image").click();
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.query.text.as_str(), opened.visible.as_slice()), ("change:moved", [ImageIx(1)].as_slice()));
    harness.state_mut().update(Command::Query(QueryCommand::Clear));
    harness.state_mut().update(Command::Changes(ChangesCommand::Close));
    harness.run();
    assert!(harness.query_by_label("Region moved: 1 image").is_none(), "nothing is compared any more");
}

#[test]
fn removed_images_are_shown_by_picture_or_name() {
    let mut harness = shown();
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    let id = row(9, 2).id;
    harness.get_by_label(&format!("Removed image {id}, 2 regions"));
    let ctx = harness.ctx.clone();
    harness.state_mut().insert(&ctx, PixelKey::Removed { id }, 80, 60);
    harness.run();
    assert!(harness.state().view.textures.contains(PixelKey::Removed { id }));
}

#[test]
fn a_report_is_asked_for_in_the_dialog() {
    let mut harness = shown();
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    harness.get_by_label("Save as CSV...").click();
    harness.run();
    assert_eq!(harness.state().state.dialog, Some(Dialog::SaveChanges));
    assert!(harness.get_by_role_and_label(Role::TextInput, "New file").is_focused());
    harness.get_by_label_contains("Cancel").click();
    harness.run();
    assert_eq!(harness.state().state.dialog, Some(Dialog::Changes));
}

#[test]
fn each_step_says_what_has_changed_and_fits_into_a_small_window() {
    let steps = |width, height| {
        let mut harness = window_with(Vec::new(), width, height);
        let mut steps = Vec::new();
        for words in ["Change 1 of 2: moved 40 px, scissors", "Change 2 of 2: removed, fork"] {
            harness.key_press(Key::F7);
            harness.run();
            let in_bar = |node: &egui_kittest::Node<'_>| node.rect().top() > height - 40.0;
            let labels = harness.query_all_by_role_and_label(Role::Label, words).filter(in_bar);
            let widths: Vec<_> = labels.map(|node| node.rect().width()).collect();
            assert_eq!(widths.len(), 1, "{words}, {width} wide");
            steps.extend(widths);
        }
        steps
    };
    assert_eq!(steps(900.0, 600.0), steps(1920.0, 1080.0), "nothing is cut");
}

#[test]
fn a_long_warning_takes_several_lines() {
    let long = format!(
        "october: images.jsonl has changed since it was written (SHA-256). {}",
        "Its data may be wrong. ".repeat(9)
    );
    let mut harness = window_with(vec![long.clone()], 900.0, 600.0);
    harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))));
    harness.run();
    let rect = harness.get_by_label(&long).rect();
    assert!(rect.height() > 3.0 * 14.0 && rect.width() < 560.0, "{rect:?}");
}

#[test]
fn the_advice_about_a_name_that_is_taken_fits_the_button_below_it() {
    let mut harness = shown();
    harness.state_mut().update(Command::Changes(ChangesCommand::AskReport(ReportFormat::Csv)));
    harness.state_mut().update(Command::Changes(ChangesCommand::SaveReport { replaces: false }));
    let generation = harness.state().state.generation;
    let taken = Failure::bare(FailureKind::AlreadyThere { path: "/data/changes.csv".to_owned() });
    harness.state_mut().apply(Event::Changes { generation, event: ChangesEvent::Saved(Err(taken)) });
    harness.run();
    harness.get_by_label("Replace the file");
    harness.get_by_label("/data/changes.csv already exists.");
    harness.get_by_label("Replace the file, or choose another name.");
    assert!(harness.query_by_label_contains("overwrite").is_none(), "the button replaces it");
}
