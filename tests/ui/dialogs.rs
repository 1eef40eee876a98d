//! What dialogs do to what is behind them and under the pointer: they stay where they are, and no tooltip stays above them.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::checks::CheckCommand;
use tagscope::app::dialog::{Dialog, FolderPurpose};
use tagscope::app::export::{DryRun, GroupChoice, SplitChoice};
use tagscope::app::review::{ReviewEvent, WrittenReviews};
use tagscope::app::{Command, Event, ExportChoice, ExportCommand, Failure, FailureKind, WindowCommand};
use tagscope::formats::{Format, Part, ShardOrder, SplitGroup, Together};

use super::fixture::{Parts, window, window_of};

fn with_dialog(dialog: Dialog, width: f32, height: f32) -> Harness<'static, Parts> {
    let mut parts = Parts::new(20, 2);
    parts.update(Command::Window(WindowCommand::ShowDialog(Some(dialog))));
    let mut harness = window_of(parts, width, height);
    harness.run();
    harness.run_steps(4);
    harness
}

fn button(harness: &Harness<'_, Parts>, name: &str) -> Rect {
    harness
        .query_all_by_role(Role::Button)
        .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
        .find_map(|(label, rect)| (label == name).then_some(rect))
        .unwrap_or_else(|| panic!("no button {name}"))
}

#[test]
fn the_reviews_dialog_stays_when_its_result_comes() {
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
        let mut harness = with_dialog(Dialog::Reviews, width, height);
        let before = ["Import", "File...", "Folder..."].map(|name| button(&harness, name));
        let generation = harness.state().state.generation;
        let failure = Failure::bare(FailureKind::Files {
            path: "/data/reviews.csv".to_owned(),
            reason: "line 3, column 12: this is not a verdict. Write accepted, rejected or flagged. ".repeat(3),
        });
        let results = [Ok(WrittenReviews { rows: 12, left_out: 0, damage: None }), Err(failure)];
        for result in results {
            let event = ReviewEvent::Exported(result);
            harness.state_mut().apply(Event::Review { generation, event });
            harness.run();
            let now = ["Import", "File...", "Folder..."].map(|name| button(&harness, name));
            assert_eq!(now, before, "at {width} x {height}");
        }
        assert!(button(&harness, "Close").bottom() <= height, "all of it is in the window");
    }
}

#[test]
fn files_and_folders_of_reviews_are_picked() {
    let mut harness = with_dialog(Dialog::Reviews, 1280.0, 800.0);
    let path = |harness: &Harness<'_, Parts>| harness.state().opened().review.transfer.path.clone();
    let asked = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.get_by_label(name).click();
        harness.run();
        let commands = harness.state_mut().take();
        commands.into_iter().find_map(|command| match command {
            Command::Window(WindowCommand::PickFolder(purpose)) => Some(purpose),
            _ => None,
        })
    };
    assert_eq!(asked(&mut harness, "File..."), Some(FolderPurpose::ReviewsFile));
    let picked = |purpose, path: &str| Event::FolderPicked { purpose, path: Some(path.into()) };
    harness.state_mut().apply(picked(FolderPurpose::ReviewsFile, "/data/anna.csv"));
    assert_eq!(path(&harness), "/data/anna.csv");
    assert_eq!(asked(&mut harness, "Folder..."), Some(FolderPurpose::ReviewsFolder));
    harness.state_mut().apply(picked(FolderPurpose::ReviewsFolder, "/other"));
    assert_eq!(path(&harness), "/other/anna.csv", "the file keeps its name");
}

#[test]
fn a_tooltip_goes_when_a_dialog_opens_above_it() {
    let mut parts = Parts::new(20, 2);
    parts.update(Command::Window(WindowCommand::ShowDialog(None)));
    let mut harness = window(parts);
    harness.run();
    let place = harness.get_by_label("Export...").rect().center();
    harness.hover_at(place);
    harness.run_steps(90);
    let tooltip = "Export... (";
    harness.get_by_label_contains(tooltip);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    harness.run_steps(4);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Settings));
    assert!(harness.query_by_label_contains(tooltip).is_none());
}

#[test]
fn presets_are_saved_chosen_renamed_and_removed() {
    let mut harness = with_dialog(Dialog::Export, 900.0, 600.0);
    let form = |harness: &Harness<'_, Parts>| harness.state().state.export.clone();
    let names = |harness: &Harness<'_, Parts>| -> Vec<String> {
        harness.state().state.settings.export_presets.iter().map(|preset| preset.name.clone()).collect()
    };
    let click = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.get_by_role_and_label(Role::Button, name).click();
        harness.run();
    };
    let type_name = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.event(egui::Event::Text(name.to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
    };
    let folder = form(&harness).folder;
    harness.state_mut().update(Command::Export(ExportCommand::ToggleFormat(Format::Yolo)));
    harness.state_mut().update(Command::Export(ExportCommand::Choose(ExportChoice::Split(SplitChoice::Usual))));
    harness.run();
    let wanted = (form(&harness).formats, form(&harness).choices);
    click(&mut harness, "Presets");
    type_name(&mut harness, "for training");
    assert_eq!(names(&harness), ["for training"]);

    // Other choices, another session of the dialog: the preset brings back the first ones, but not images and folder.
    harness.state_mut().update(Command::Export(ExportCommand::ToggleFormat(Format::Yolo)));
    harness.state_mut().update(Command::Export(ExportCommand::Choose(ExportChoice::Split(SplitChoice::None))));
    harness.state_mut().update(Command::Export(ExportCommand::EditFolder("/data/other".to_owned())));
    harness.run();
    click(&mut harness, "for training");
    assert_eq!((form(&harness).formats, form(&harness).choices), wanted);
    assert_ne!(form(&harness).folder, folder, "the folder is chosen each time");

    click(&mut harness, "Presets");
    click(&mut harness, "Rename for training");
    type_name(&mut harness, "YOLO");
    assert_eq!(names(&harness), ["YOLO"]);
    click(&mut harness, "Delete YOLO");
    assert_eq!(names(&harness), [""; 0]);
    harness.get_by_label_contains("No presets yet");
    assert_eq!(harness.state().state.dialog, Some(Dialog::Export));
}

#[test]
fn what_stays_in_one_part_is_chosen_in_the_dialog() {
    let mut harness = with_dialog(Dialog::Export, 1280.0, 1200.0);
    let click = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.get_by_label(name).click();
        harness.run();
    };
    assert!(harness.query_by_label("Keep in one part").is_none(), "there is no split yet");
    click(&mut harness, "80 / 10 / 10");
    harness.get_by_label("Keep in one part");
    click(&mut harness, "Near-duplicates");
    assert_eq!(harness.state().state.export.choices.split_group, GroupChoice::NearDuplicates);
    click(&mut harness, "Compare them now");
    let commands = harness.state_mut().take();
    let is_search = |command: &Command| matches!(command, Command::Check(CheckCommand::FindDuplicates));
    assert!(commands.iter().any(is_search));
    click(&mut harness, "Metadata");
    harness.get_by_label_contains("Choose the metadata key");
    click(&mut harness, "Metadata key: Choose a key...");
    harness.get_by_role_and_label(Role::MenuItem, "camera").click();
    harness.run();
    let export = &harness.state().state.export;
    let options = export.choices.options(&export.formats).expect("options");
    assert_eq!(options.split.map(|rule| rule.group), Some(SplitGroup::Meta("camera".to_owned())));
    let together = Together { groups: 5, images: 20, torn: 7 };
    let number = export.asked;
    let parts = vec![(Part::Train, 16), (Part::Val, 2), (Part::Test, 2)];
    let run = DryRun { number, parts, together: Some(together), ..DryRun::default() };
    harness.state_mut().apply(Event::DryRun(Box::new(run)));
    harness.run();
    harness.get_by_label_contains("a plain split would tear apart 7 pairs");
}

#[test]
fn shards_have_choices_where_a_format_has_shards() {
    let mut harness = with_dialog(Dialog::Export, 1000.0, 1400.0);
    harness.state_mut().update(Command::Export(ExportCommand::Choose(ExportChoice::ToggleMore)));
    harness.run();
    assert!(harness.query_by_role_and_label(Role::TextInput, "Shard size (MiB)").is_none());
    harness.state_mut().update(Command::Export(ExportCommand::ToggleFormat(Format::WebDataset)));
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Shard size (MiB)").focus();
    harness.run();
    harness.event(egui::Event::Text("64".to_owned()));
    harness.run();
    harness.get_by_label("Project").click();
    harness.run();
    let form = &harness.state().state.export;
    let options = form.choices.options(&form.formats).expect("options");
    assert_eq!((options.shard_bytes, options.shard_order), (Some(64 << 20), ShardOrder::Project));
}
