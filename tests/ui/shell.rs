//! Every screen, panel and dialog but grid, canvas and inspector: what is requested by mouse and keys, what a screen
//! reader is told, that nothing repaints by itself, and a few pictures.

mod connecting;
mod fixtures;
mod tasks;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotOptions};
use tagscope::app::dialog::Dialog;
use tagscope::app::export::{DryRun, DrySum};
use tagscope::app::{
    Command, ConnectionCommand, Event, Failure, FailureKind, ListingState, ProjectCommand, QueryCommand, Screen,
    SelectionCommand, SourceSpec, State, TaskId, ThemeChoice, WindowCommand, apply, update,
};
use tagscope::domain::ListingReport;
use tagscope::domain::query::edit;
use tagscope::formats::Format;
use tagscope::ui::theme::fonts::FontFiles;

use fixtures::{App, connect, listed, opened, window};

use super::numbers::texts;

const BIG: [f32; 2] = [1280.0, 800.0];
const SMALL: [f32; 2] = [900.0, 600.0];

fn shown(state: State) -> Harness<'static, App> {
    shown_at(state, BIG)
}

/// A window with egui's own fonts, so that it looks the same on every machine; it has to settle.
fn shown_at(state: State, size: [f32; 2]) -> Harness<'static, App> {
    let mut harness = window(state, size, FontFiles::default());
    harness.run();
    harness
}

/// Clicks the one thing of this role and name.
fn click(harness: &mut Harness<'_, App>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run();
}

fn press(harness: &mut Harness<'_, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
}

fn asked(harness: &Harness<'_, App>, debug: &str) -> bool {
    harness.state().asked(debug)
}

#[track_caller]
fn assert_asked(harness: &Harness<'_, App>, debug: &str) {
    assert!(asked(harness, debug), "{debug} is not among {:?}", harness.state().commands);
}

#[test]
fn projects_open_with_the_workspace_or_an_iteration() {
    let mut harness = shown(listed(ThemeChoice::Dark));
    click(&mut harness, Role::Button, "Iterations of Trees");
    assert_asked(&harness, "Project(ShowIterations(");
    let mut harness = shown(listed(ThemeChoice::Dark));
    click(&mut harness, Role::Button, "Iteration 2");
    assert!(
        harness
            .state()
            .commands
            .iter()
            .any(|c| matches!(c, Command::Project(ProjectCommand::Open { iteration: Some(_), .. }))),
        "{:?}",
        harness.state().commands
    );
}

fn query<'a>(harness: &'a Harness<'_, App>) -> &'a str {
    &harness.state().state.opened.as_ref().expect("project").query.text
}

fn tag_names(state: &State) -> Vec<String> {
    let tags = state.opened.as_ref().expect("project").catalogue.tags();
    tags.iter().map(|(_, entry)| entry.name.to_string()).collect()
}

#[test]
fn tags_are_included_excluded_soloed_and_hidden() {
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    let name = |harness: &Harness<'_, App>, of: &str| {
        let rows = harness.get_all_by_role(Role::Button).filter_map(|node| node.accesskit_node().label());
        rows.into_iter().find(|label| label.starts_with(&format!("{of}, "))).expect("row")
    };
    let scissors = name(&harness, "scissors");
    click(&mut harness, Role::Button, &scissors);
    assert_asked(&harness, "Query(Include(Tag(Is(\"scissors\"))))");
    assert!(name(&harness, "scissors").ends_with(", included"));
    let spoon = name(&harness, "spoon");
    harness.get_by_role_and_label(Role::Button, &spoon).click_modifiers(Modifiers::ALT);
    harness.run();
    assert_asked(&harness, "Query(Exclude(Tag(Is(\"spoon\"))))");
    click(&mut harness, Role::Button, "Hide the boxes of fork");
    assert_asked(&harness, "Display(ToggleTagBoxes(TagIx(0)))");
    click(&mut harness, Role::Button, "Show only fork");
    assert_asked(&harness, "Query(Only(Tag(Is(\"fork\"))))");
    assert_eq!(query(&harness), "tag:fork");
    click(&mut harness, Role::Button, "Remove tag:fork");
    assert_eq!(query(&harness), "");
}

#[test]
fn five_hundred_tags_are_searched_and_only_the_visible_are_painted() {
    let mut harness = shown(opened(ThemeChoice::Dark, 500));
    let rows = |harness: &Harness<'_, App>| harness.query_all_by_label_contains(", 0 images").count();
    assert!(rows(&harness) < 60, "{} rows", rows(&harness));
    harness.get_by_role_and_label(Role::TextInput, "Search tags").focus();
    harness.run();
    harness.event(egui::Event::Text("tag 49".to_owned()));
    harness.run();
    assert_eq!(rows(&harness), 11, "tag 49 and tag 490 to 499");
}

#[test]
fn a_text_field_keeps_its_letters_and_esc_only_leaves_it() {
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    press(&mut harness, Modifiers::COMMAND, Key::F);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Query").is_focused());
    harness.event(egui::Event::Text("b".to_owned()));
    press(&mut harness, Modifiers::NONE, Key::B);
    assert_asked(&harness, "Query(Type(\"b\"))");
    assert!(!asked(&harness, "Window(ToggleOverlays)"));
    // The first Esc closes the list of what could follow.
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Query").is_focused());
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!asked(&harness, "Window(Back)"));
    press(&mut harness, Modifiers::NONE, Key::B);
    assert_asked(&harness, "Window(ToggleOverlays)");
}

#[test]
fn the_grid_gets_arrows_and_the_canvas_tab() {
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowDown);
    assert_asked(&harness, "Selection(MoveCursor { by: 1, extend: false })");
    let has_row_step = harness.state().commands.iter().any(
        |command| matches!(command, Command::Selection(SelectionCommand::MoveCursor { by, extend: true }) if *by > 1),
    );
    assert!(has_row_step, "{:?}", harness.state().commands);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_asked(&harness, "Canvas(OpenImage(");
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert_asked(&harness, "Canvas(StepRegion(1))");
    press(&mut harness, Modifiers::SHIFT, Key::Tab);
    assert_asked(&harness, "Canvas(StepRegion(-1))");
    press(&mut harness, Modifiers::NONE, Key::Num0);
    assert_asked(&harness, "Canvas(Zoom(Fit))");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_asked(&harness, "Window(Back)");
}

#[test]
fn every_dialog_closes_with_esc() {
    let dialogs = [
        Dialog::Palette,
        Dialog::Help,
        Dialog::Export,
        Dialog::Tasks,
        Dialog::Problems,
        Dialog::Settings,
        Dialog::OpenFolder,
        Dialog::Report(TaskId(1)),
    ];
    for dialog in dialogs {
        let mut state = opened(ThemeChoice::Light, 8);
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(dialog))));
        let mut harness = shown(state);
        // Keys of the project are not for the dialog.
        press(&mut harness, Modifiers::NONE, Key::Z);
        press(&mut harness, Modifiers::NONE, Key::Escape);
        assert_eq!(harness.state().state.dialog, None, "{dialog:?}");
    }
}

#[test]
fn the_palette_finds_an_action_by_its_letters() {
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    press(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("invsel".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_asked(&harness, "Selection(Invert)");
    assert_eq!(harness.state().state.dialog, None);
    press(&mut harness, Modifiers::SHIFT, Key::Questionmark);
    assert_eq!(harness.state().state.dialog, Some(Dialog::Help), "typed with Shift on most keyboards");
}

#[test]
fn the_palette_grows_again_when_letters_are_taken_back() {
    let rows = |harness: &Harness<'_, App>| {
        let bottom = |name| harness.get_by_role_and_label(Role::Button, name).rect().bottom();
        (bottom("Problems"), bottom("Close the project"))
    };
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    press(&mut harness, Modifiers::COMMAND, Key::K);
    let before = rows(&harness);
    harness.event(egui::Event::Text("light".to_owned()));
    harness.run();
    for _ in 0..5 {
        press(&mut harness, Modifiers::NONE, Key::Backspace);
    }
    assert_eq!(rows(&harness), before);
    assert!(before.1 > before.0 + 100.0, "more than a few rows are seen: {before:?}");
}

/// What the engine would have found.
fn three_without_area() -> DryRun {
    let reason = "The region has no area.".to_owned();
    let sum = DrySum { format: Format::Coco, reason, is_left_out: true, is_of_images: false, count: 3 };
    DryRun { sums: vec![sum], count: 3, ..DryRun::default() }
}

#[test]
fn the_export_dialog_says_what_it_would_do() {
    let mut state = opened(ThemeChoice::Dark, 8);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    state.export.dry_run = Some(three_without_area());
    let mut harness = shown(state);
    harness.get_by_label("images: 1,204");
    harness.get_by_label("COCO skips 3 regions: they have no area.");
    click(&mut harness, Role::CheckBox, "JSON lines");
    assert_asked(&harness, "Export(ToggleFormat(Jsonl))");
    click(&mut harness, Role::RadioButton, "None");
    assert_asked(&harness, "Export(SetPixels(None))");
    click(&mut harness, Role::RadioButton, "80 / 10 / 10");
    assert_asked(&harness, "Export(Choose(Split(Usual)))");
    click(&mut harness, Role::Link, "Show 3 items");
    assert_asked(&harness, "Export(ToggleItems)");
    click(&mut harness, Role::Button, "Browse...");
    assert_asked(&harness, "Window(PickFolder(Export))");
    click(&mut harness, Role::Button, "Export and verify");
    assert_asked(&harness, "Export(Start)");
}

#[test]
fn a_failed_listing_offers_to_go_on() {
    let mut state = opened(ThemeChoice::Dark, 8);
    let failure = Failure::bare(FailureKind::TimedOut);
    let failed = ListingState::Failed { listed: 1204, total: Some(100_000), failure };
    let generation = state.generation;
    apply(&mut state, Event::Listing { generation, state: failed });
    let mut harness = shown(state);
    harness.get_by_label("1,204 of 100,000 listed");
    click(&mut harness, Role::Button, "Resume");
    assert_asked(&harness, "Project(ResumeListing)");
}

/// A list of the last visit before its service has answered.
fn recalled() -> State {
    let mut state = connect(ThemeChoice::Dark);
    let recent = state.settings.recents[0].clone();
    let SourceSpec::Service { endpoint } = recent.source else { panic!("a service") };
    update(&mut state, Command::Connection(ConnectionCommand::OpenRecent(0)));
    let catalogue = opened(ThemeChoice::Dark, 8).opened.expect("project").catalogue;
    let (project, kept_unix) = (recent.project, Some(1_795_515_120));
    apply(&mut state, Event::Recalled { endpoint, project, iteration: None, catalogue, kept_unix });
    state
}

#[test]
fn a_list_without_its_service_says_which_it_is_and_what_can_be_done() {
    let mut state = recalled();
    let harness = window(recalled(), SMALL, FontFiles::default());
    harness.get_by_label("1,204 images, the list of Tuesday, November 24, 2026, 10:12 UTC; connecting...");
    drop(harness);
    let source = state.settings.recents[0].source.clone();
    let failure = Failure::bare(FailureKind::WrongKey);
    apply(&mut state, Event::ConnectFailed { source, failure });
    let mut harness = shown_at(state, SMALL);
    harness.get_by_label("Not connected. 1,204 images, the list of Tuesday, November 24, 2026, 10:12 UTC");
    click(&mut harness, Role::Button, "Try again");
    assert_asked(&harness, "Project(ResumeListing)");
    assert!(harness.state().state.notices.is_empty(), "it goes on");
}

#[test]
fn a_list_in_doubt_says_so_in_figures() {
    let mut state = opened(ThemeChoice::Dark, 8);
    let report =
        ListingReport { listed: 997, total: Some(1_000), missing: 3, duplicates: 5, ..ListingReport::default() };
    let generation = state.generation;
    apply(&mut state, Event::Listing { generation, state: ListingState::Incomplete { report } });
    let mut harness = shown(state);
    harness.get_by_label("997 of 1,000 images listed; 3 are missing; 5 rows listed twice");
    click(&mut harness, Role::Button, "Reload the list");
    assert_asked(&harness, "Project(Refresh)");
}

#[test]
fn in_a_small_window_the_inspector_folds_and_the_filter_box_stays() {
    for size in [SMALL, [620.0, 480.0]] {
        let mut state = opened(ThemeChoice::Dark, 8);
        for tag in 0..7 {
            let name = tag_names(&state)[tag].clone();
            update(&mut state, Command::Query(QueryCommand::Include(edit::tag(&name))));
        }
        let harness = shown_at(state, size);
        let field = harness.get_by_role_and_label(Role::TextInput, "Query").rect();
        assert!(field.width() >= 24.0 && field.right() <= size[0], "{size:?}: {field:?}");
        assert!(harness.query_by_label_contains("Click an image").is_none(), "the inspector is folded");
        assert_eq!(harness.query_by_label("Tags, 8").is_some(), size == SMALL);
    }
}

#[test]
fn the_menu_of_iterations_shows_whole_dates() {
    let mut harness = shown(opened(ThemeChoice::Light, 8));
    click(&mut harness, Role::Button, "Iteration: Workspace");
    let painted = texts(&harness);
    let dated = painted.iter().find(|(_, text)| text.galley.text() == "completed \u{b7} 2020-02-11");
    assert!(!dated.expect("the date of an iteration").1.galley.elided);
}

#[test]
fn leaving_a_project_leads_back() {
    let mut harness = shown(opened(ThemeChoice::Dark, 8));
    click(&mut harness, Role::Button, "Project My Detection Project");
    click(&mut harness, Role::MenuItem, "Close the project");
    assert_eq!(harness.state().state.screen, Screen::Projects);
    // The list of iterations is open: it closes first.
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!((harness.state().state.screen, harness.state().state.unfolded), (Screen::Projects, None));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.screen, Screen::Connect);
}

#[test]
fn an_idle_window_paints_no_frame() {
    let states: [fn() -> State; 3] =
        [|| connect(ThemeChoice::Dark), || listed(ThemeChoice::Dark), || opened(ThemeChoice::Light, 8)];
    for state in states {
        let mut harness = shown(state());
        harness.hover_at(egui::pos2(200.0, 140.0));
        harness.run();
        harness.step();
        let delay = harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        assert!(delay > std::time::Duration::from_secs(3600), "{delay:?}");
    }
}

/// The one place that compares pictures.
#[track_caller]
fn picture(harness: &mut Harness<'_, App>, name: &str) {
    let options = SnapshotOptions::new().threshold(0.3).output_path("tests/ui/snapshots");
    harness.snapshot_options(name, &options);
}

#[test]
fn picture_of_a_refused_key() {
    let mut state = connect(ThemeChoice::Dark);
    state.connect.failure = Some(Failure::new(FailureKind::WrongKey, "HTTP 401"));
    picture(&mut shown(state), "connect-dark");
}

#[test]
fn picture_of_the_export_dialog() {
    let mut state = opened(ThemeChoice::Light, 8);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    state.export.dry_run = Some(three_without_area());
    // The grid behind it has tests of its own.
    update(&mut state, Command::Query(QueryCommand::Edit("nosuchword".to_owned())));
    picture(&mut shown(state), "export-light");
}

#[test]
fn picture_of_the_projects_in_a_small_window() {
    picture(&mut shown_at(listed(ThemeChoice::Light), SMALL), "projects-light");
}

#[test]
fn picture_of_the_palette_in_a_small_window() {
    let mut state = listed(ThemeChoice::Dark);
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Palette))));
    picture(&mut shown_at(state, SMALL), "palette-dark");
}
