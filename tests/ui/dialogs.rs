//! What dialogs do to what is behind them and under the pointer: they stay where they are, and no tooltip stays above them.

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::checks::CheckCommand;
use tagscope::app::dialog::{Dialog, FolderPurpose};
use tagscope::app::export::{DryRun, GroupChoice, PlaceState, SplitChoice};
use tagscope::app::review::{Access, ExportedReviews, ReviewCommand, ReviewEvent};
use tagscope::app::{
    Command, Effect, Event, ExportChoice, ExportCommand, Failure, FailureKind, LeaveCommand, TaskCommand,
    WindowCommand, apply,
};
use tagscope::domain::{Destination, ImageIx, Subject, Verdict};
use tagscope::formats::{Format, ShardOrder, SplitGroup, SplitPart, Together};

use super::fixture::{Parts, window, window_of};
use super::numbers::texts;

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
        let results = [Ok(ExportedReviews { rows: 12, left_out: 0, damage: None }), Err(failure)];
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
    assert!(harness.query_by_label("Keep together").is_none(), "there is no split yet");
    click(&mut harness, "80 / 10 / 10");
    harness.get_by_label("Keep together");
    click(&mut harness, "Near-duplicates");
    assert_eq!(harness.state().state.export.choices.split_group, GroupChoice::NearDuplicates);
    click(&mut harness, "Compare them now");
    let commands = harness.state_mut().take();
    let is_search = |command: &Command| matches!(command, Command::Check(CheckCommand::FindDuplicates));
    assert!(commands.iter().any(is_search));
    click(&mut harness, "Metadata");
    // In the summary, and above the button that waits for it.
    assert_eq!(harness.get_all_by_label_contains("Choose the metadata key").count(), 2);
    click(&mut harness, "Metadata key: Choose a key...");
    harness.get_by_role_and_label(Role::MenuItem, "camera").click();
    harness.run();
    let export = &harness.state().state.export;
    let options = export.choices.options(&export.formats).expect("options");
    assert_eq!(options.split.map(|rule| rule.group), Some(SplitGroup::Meta("camera".to_owned())));
    let together = Together { groups: 5, images: 20, torn: 7 };
    let number = export.asked;
    let parts = vec![(SplitPart::Train, 16), (SplitPart::Val, 2), (SplitPart::Test, 2)];
    let run = DryRun { number, parts, together: Some(together), ..DryRun::default() };
    harness.state_mut().apply(Event::DryRun(Box::new(run)));
    harness.run();
    harness.get_by_label_contains("a plain split would have separated 7 pairs");
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

/// What is at the middle of a control is what a click on it meets.
fn is_on_top(harness: &Harness<'_, Parts>, role: Role, name: &str) -> bool {
    let place = harness.get_by_role_and_label(role, name).rect().center();
    let dialog = egui::Id::unique(("dialog", "Export"));
    harness.ctx.layer_id_at(place).is_some_and(|layer| layer.id != dialog)
}

#[test]
fn menus_of_a_dialog_stay_above_it_after_clicks_on_it() {
    let mut harness = with_dialog(Dialog::Export, 1280.0, 1200.0);
    // Press and release come in one frame, as from a quick hand.
    let click = |harness: &mut Harness<'_, Parts>, name: &str| {
        let pos = harness.get_by_label(name).rect().center();
        let button = egui::PointerButton::Primary;
        let press = |pressed| egui::Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
        harness.input_mut().events.extend([egui::Event::PointerMoved(pos), press(true), press(false)]);
        harness.run();
    };
    for choice in [ExportChoice::Split(SplitChoice::Usual), ExportChoice::SplitGroup(GroupChoice::Meta)] {
        harness.state_mut().update(Command::Export(ExportCommand::Choose(choice)));
    }
    harness.run();
    let menus =
        [("Presets", Role::TextInput, "Preset name"), ("Metadata key: Choose a key...", Role::MenuItem, "camera")];
    for (button, role, part) in menus {
        for _ in 0..3 {
            click(&mut harness, button);
            assert!(is_on_top(&harness, role, part), "{button}");
            harness.key_press(Key::Escape);
            harness.run();
            assert!(harness.query_by_role_and_label(role, part).is_none(), "{button} is closed");
            click(&mut harness, "Stratify by tag");
        }
    }
    assert_eq!(harness.state().state.dialog, Some(Dialog::Export));
}

#[test]
fn the_reason_why_an_export_cannot_start_is_above_its_button() {
    let mut harness = with_dialog(Dialog::Export, 900.0, 600.0);
    for choice in [ExportChoice::Split(SplitChoice::Usual), ExportChoice::SplitGroup(GroupChoice::Meta)] {
        harness.state_mut().update(Command::Export(ExportCommand::Choose(choice)));
    }
    harness.run();
    let foot = button(&harness, "Export and verify");
    let is_near = |rect: Rect| foot.top() - rect.bottom() < 24.0 && rect.bottom() <= foot.top();
    let places: Vec<_> = harness.get_all_by_label_contains("Choose the metadata key").map(|node| node.rect()).collect();
    assert!(places.iter().any(|&rect| is_near(rect)), "{places:?} over {foot:?}");
    let moving = harness.get_by_label("An image may move to another split when images are added.").rect();
    assert!(moving.width() > 10.0 && foot.bottom() <= 600.0);
}

#[test]
fn the_archive_dialog_says_what_an_address_means() {
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
        let mut harness = with_dialog(Dialog::Leave, width, height);
        harness.get_by_label_contains("Choose a new folder, or an archive of this project");
        for (typed, words) in [
            ("s3://datasets/forks", "uploaded with the credentials of the environment"),
            ("s3:/datasets/forks", "Two slashes are missing"),
            ("az://forks/a?sig=5ec4e7", "AZURE_STORAGE_SAS_TOKEN"),
        ] {
            harness.state_mut().update(Command::Leave(LeaveCommand::EditFolder(typed.to_owned())));
            harness.run();
            let said = harness.get_by_label_contains(words);
            assert!(!said.accesskit_node().label().is_some_and(|said| said.contains("5ec4e7")));
            assert!(said.rect().bottom() < button(&harness, "Archive and verify").top(), "at {width}: {typed}");
        }
        assert!(button(&harness, "Archive and verify").bottom() <= height);
    }
}

#[test]
fn a_folder_that_is_being_written_is_not_said_to_be_interrupted() {
    let mut harness = with_dialog(Dialog::Export, 1280.0, 900.0);
    let folder = "/data/forks".to_owned();
    let seen = |state| Event::PlaceSeen { place: "/data/forks".into(), state };
    let show = |harness: &mut Harness<'_, Parts>| {
        harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        harness.state_mut().update(Command::Export(ExportCommand::EditFolder("/data/forks".to_owned())));
        harness.state_mut().apply(seen(PlaceState::Unfinished));
        harness.run();
    };
    harness.state_mut().update(Command::Export(ExportCommand::EditFolder(folder)));
    harness.state_mut().update(Command::Export(ExportCommand::Start));
    show(&mut harness);
    assert_eq!(harness.get_all_by_label_contains("Tagscope is writing to this folder now").count(), 2);
    assert!(harness.query_by_label("Resume and verify").is_none());
    assert!(harness.get_by_role_and_label(Role::Button, "Export and verify").accesskit_node().is_disabled());
    harness.state_mut().update(Command::Export(ExportCommand::Start));
    assert_eq!(harness.state().state.tasks.len(), 1);
    // It ends badly: then it can be resumed.
    let task = harness.state().state.tasks[0].id;
    harness.state_mut().apply(Event::TaskFailed { task, failure: Failure::bare(FailureKind::TimedOut) });
    harness.state_mut().apply(seen(PlaceState::Unfinished));
    harness.run();
    harness.get_by_label("Resume and verify");
}

#[test]
fn a_canceled_export_is_not_said_to_be_interrupted() {
    let canceled = |harness: &mut Harness<'_, Parts>| {
        let task = harness.state().state.tasks[0].id;
        harness.state_mut().update(Command::Task(TaskCommand::Cancel(task)));
        harness.run();
        harness.get_by_label("Canceling...");
        assert!(harness.query_by_label_contains("Pause ").is_none(), "there is nothing left to be done about it");
        task
    };
    let look = |harness: &mut Harness<'_, Parts>, place: &str, seen: PlaceState| {
        harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        harness.state_mut().update(Command::Export(ExportCommand::EditFolder(place.to_owned())));
        let place = Destination::parse(place).expect("place");
        harness.state_mut().apply(Event::PlaceSeen { place, state: seen });
        harness.run();
    };
    for (place, is_kept) in [("/data/forks", false), ("s3://sets/forks", true)] {
        let mut harness = with_dialog(Dialog::Export, 1280.0, 900.0);
        harness.state_mut().update(Command::Export(ExportCommand::EditFolder(place.to_owned())));
        harness.state_mut().update(Command::Export(ExportCommand::Start));
        let task = canceled(&mut harness);
        // Its hidden folder is there until it has ended.
        look(&mut harness, place, PlaceState::Unfinished);
        assert!(harness.query_by_label_contains("interrupted").is_none(), "{place}");
        assert_eq!(harness.get_all_by_label_contains("was canceled and has not ended yet").count(), 2, "{place}");
        assert!(harness.get_by_role_and_label(Role::Button, "Export and verify").accesskit_node().is_disabled());
        let failure = Failure::bare(FailureKind::Canceled);
        let effects = apply(&mut harness.state_mut().state, Event::TaskFailed { task, failure });
        assert!(effects.iter().any(|effect| matches!(effect, Effect::LookAtPlace(_))), "it looks again by itself");
        harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Tasks))));
        harness.run();
        harness.get_by_label(if is_kept { "Canceled." } else { "Canceled. Nothing was kept." });
        assert!(harness.query_by_label("Copy details").is_none(), "it is no error");
        let seen = if is_kept { PlaceState::Unfinished } else { PlaceState::Free };
        look(&mut harness, place, seen);
        assert!(harness.query_by_label_contains("interrupted").is_none(), "{place}");
        assert_eq!(harness.query_by_label_contains("You canceled an export to this place").is_some(), is_kept);
        assert_eq!(harness.query_by_label("Resume and verify").is_some(), is_kept, "{place}");
    }
}

#[test]
fn the_export_dialog_opens_at_its_top() {
    let mut harness = with_dialog(Dialog::Export, 900.0, 600.0);
    harness.get_by_label("More options...").click();
    harness.run();
    let top = |harness: &Harness<'_, Parts>| harness.get_by_label("Formats").rect().top();
    let before = top(&harness);
    let at = harness.get_by_label("Formats").rect().center();
    harness.hover_at(at);
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -2_000.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    harness.run();
    assert!(top(&harness) < before - 50.0, "it scrolls");
    for dialog in [None, Some(Dialog::Export)] {
        harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(dialog)));
        harness.run();
        harness.run_steps(4);
    }
    assert_eq!(top(&harness), before);
}

#[test]
fn a_long_place_shows_its_name() {
    let mut harness = with_dialog(Dialog::Export, 1280.0, 900.0);
    let folder = format!("/home/me/{}/forks-export-2", "datasets/of/the/second/quarter".repeat(4));
    harness.state_mut().update(Command::Export(ExportCommand::EditFolder(folder.clone())));
    harness.run();
    let ends_in_name = |harness: &Harness<'_, Parts>| {
        let field = harness.get_by_role_and_label(Role::TextInput, "New folder").rect();
        texts(harness).iter().any(|(_, text)| {
            let rect = text.visual_bounding_rect();
            let is_inside = rect.left() >= field.left() && rect.right() <= field.right();
            text.galley.text().ends_with("/forks-export-2") && is_inside
        })
    };
    assert!(ends_in_name(&harness));
    // Whoever goes to the field finds the caret where the name ends.
    let field = harness.get_by_role_and_label(Role::TextInput, "New folder").rect();
    harness.drag_at(field.center());
    harness.step();
    harness.drop_at(field.center());
    harness.run();
    harness.event(egui::Event::Text("0".to_owned()));
    harness.run();
    assert_eq!(harness.state().state.export.folder, format!("{folder}0"));
}

#[test]
fn a_step_through_no_image_says_so_for_a_moment() {
    let mut harness = window(Parts::new(20, 2));
    harness.state_mut().state.opened.as_mut().expect("project").visible.clear();
    harness.state_mut().update(Command::Review(ReviewCommand::StepUnreviewed(1)));
    harness.step();
    // At the foot of the stage alone: the status bar keeps what was done.
    assert_eq!(harness.get_all_by_label("No image is shown").count(), 1);
}

#[test]
fn a_preset_is_replaced_only_by_the_button_that_says_so() {
    let mut harness = with_dialog(Dialog::Export, 1280.0, 900.0);
    let click = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.get_by_role_and_label(Role::Button, name).click();
        harness.run();
    };
    let type_name = |harness: &mut Harness<'_, Parts>, name: &str| {
        harness.get_by_label("Preset name").focus();
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.event(egui::Event::Text(name.to_owned()));
        harness.run();
    };
    let marked = |harness: &Harness<'_, Parts>| {
        let is_marked = |name: &&str| {
            let node = harness.get_by_role_and_label(Role::Button, name);
            node.accesskit_node().toggled() == Some(Toggled::True)
        };
        ["first", "second"].into_iter().filter(is_marked).collect::<Vec<_>>()
    };
    let formats = |harness: &Harness<'_, Parts>, name: &str| {
        let presets = &harness.state().state.settings.export_presets;
        presets.iter().find(|preset| preset.name == name).expect("preset").formats.clone()
    };
    click(&mut harness, "Presets");
    for name in ["second", "first"] {
        type_name(&mut harness, name);
        click(&mut harness, "Save");
    }
    // Both are the same choices; the one that was saved last is marked, then the one that is chosen.
    assert_eq!(marked(&harness), ["first"]);
    click(&mut harness, "second");
    click(&mut harness, "Presets");
    assert_eq!(marked(&harness), ["second"]);

    harness.state_mut().update(Command::Export(ExportCommand::ToggleFormat(Format::Yolo)));
    type_name(&mut harness, " first ");
    assert!(harness.query_by_role_and_label(Role::Button, "Save").is_none());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(formats(&harness, "first"), [Format::Coco], "Enter never replaces");
    click(&mut harness, "Replace");
    assert_eq!(formats(&harness, "first"), [Format::Coco, Format::Yolo]);

    // A name is never longer than what is kept of it.
    type_name(&mut harness, &"x".repeat(200));
    assert_eq!(harness.get_by_label("Preset name").value().map(|name| name.len()), Some(80));
    // A preset keeps its own name.
    click(&mut harness, "Rename second");
    harness.get_by_role_and_label(Role::Button, "Rename");
    type_name(&mut harness, "first");
    harness.get_by_role_and_label(Role::Button, "Replace");
}

/// Scroll bars: narrow, high, and only painted.
fn scroll_bars(harness: &Harness<'_, Parts>, within: Rect) -> Vec<Rect> {
    let shapes = harness.output().shapes.iter();
    let rects = shapes.filter_map(|clipped| match &clipped.shape {
        egui::Shape::Rect(shape) => Some(shape.rect),
        _ => None,
    });
    rects
        .filter(|rect| (2.0..=9.0).contains(&rect.width()) && rect.height() > 60.0 && within.contains_rect(*rect))
        .collect()
}

#[test]
fn the_scroll_bar_of_a_dialog_stands_beside_its_content() {
    let dialogs = [
        (Dialog::Leave, "Archive and verify"),
        (Dialog::Settings, "Close"),
        (Dialog::Diagnostics, "Close"),
        (Dialog::Help, "Close"),
        (Dialog::Export, "Export and verify"),
        (Dialog::Findings, "Close"),
    ];
    for (dialog, last) in dialogs {
        let harness = with_dialog(dialog, 900.0, 560.0);
        // The buttons end where the content does.
        let edge = button(&harness, last).right();
        let mut frames = harness.get_all_by_role(Role::Dialog).filter(|node| node.accesskit_node().label().is_some());
        let frame = frames.next().expect("dialog").rect();
        let bars = scroll_bars(&harness, frame);
        assert!(!bars.is_empty(), "{dialog:?}: no scroll bar in {frame:?}");
        for bar in bars {
            assert!(bar.left() >= edge - 0.5, "{dialog:?}: the bar {bar:?} is over what ends at {edge}");
        }
    }
    let harness = with_dialog(Dialog::Leave, 900.0, 560.0);
    let edge = button(&harness, "Archive and verify").right();
    assert_eq!(harness.get_by_label("images listed: 20").rect().right(), edge);
    assert_eq!(button(&harness, "Browse...").right(), edge);
}

#[test]
fn what_was_just_done_is_undone_and_redone_with_a_click() {
    let mut parts = Parts::new(20, 2);
    let name = parts.state.reviewer();
    let opened = parts.state.opened.as_mut().expect("project");
    opened.review.access = Access::Open;
    opened.review.reviews.set_reviewer(&name);
    let image = opened.catalogue.get(ImageIx(0)).expect("image").id();
    let subjects = vec![Subject::image(image)];
    parts.update(Command::Review(ReviewCommand::Decide { subjects, verdict: Verdict::Accepted }));
    let mut harness = window(parts);
    harness.step();
    let verdict = |harness: &Harness<'_, Parts>| harness.state().opened().review.reviews.verdict(Subject::image(image));
    assert_eq!(verdict(&harness), Some(Verdict::Accepted));
    for (name, after) in [("Undo the decision", None), ("Redo the decision", Some(Verdict::Accepted))] {
        harness.get_by_role_and_label(Role::Button, name).click();
        harness.step();
        harness.step();
        assert_eq!(verdict(&harness), after, "{name}");
    }
}
