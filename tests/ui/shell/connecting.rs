//! Connecting, recent projects and archives: what is shown before a project is open.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use secrecy::ExposeSecret as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::state::Busy;
use tagscope::app::{
    Command, ConnectionCommand, Event, Failure, FailureKind, Screen, Settings, SourceSpec, State, ThemeChoice,
    WindowCommand, apply,
};

use super::fixtures::{App, connect, listed};
use super::{assert_asked, click, press, shown, texts};

#[test]
fn a_typed_key_reaches_the_command_and_nothing_else() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Training key");
    field.focus();
    harness.run();
    harness.event(egui::Event::Text("tops3cret".to_owned()));
    harness.run();
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        let told = format!("{:?} {:?}", node.value(), node.label());
        assert!(!told.contains("tops3cret"), "a screen reader is told {told}");
    }
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Training key");
    assert_eq!(field.value().expect("dots").chars().count(), 9);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    click(&mut harness, Role::Button, "Connect");
    let app = harness.state();
    assert!(!format!("{:?} {:?}", app.commands, app.state).contains("tops3cret"));
    let key = app.commands.iter().find_map(|command| match command {
        Command::Connection(ConnectionCommand::Connect(Some(key))) => Some(key.expose_secret().to_owned()),
        _ => None,
    });
    assert_eq!(key.as_deref(), Some("tops3cret"), "undo has changed nothing");
}

#[test]
fn the_palette_gives_the_keyboard_back_to_the_field_it_took_it_from() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    let field = |harness: &Harness<'static, App>| {
        harness.get_by_role_and_label(Role::PasswordInput, "Training key").accesskit_node().is_focused()
    };
    harness.get_by_role_and_label(Role::PasswordInput, "Training key").focus();
    harness.run();
    for dialog in [Some(Dialog::Palette), None] {
        harness.state_mut().state.dialog = dialog;
        harness.run();
        assert_eq!(field(&harness), dialog.is_none());
    }
}

#[test]
fn connect_waits_for_an_endpoint_and_a_key() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    assert!(harness.get_by_role_and_label(Role::Button, "Connect").accesskit_node().is_disabled());
    harness.state_mut().state.connect.has_stored_key = true;
    harness.run();
    click(&mut harness, Role::Button, "Test");
    assert_asked(&harness, "Connection(Test(None))");
    click(&mut harness, Role::Link, "Remove the kept key");
    assert_asked(&harness, "Connection(ForgetKey)");
}

#[test]
fn a_refused_key_is_explained_under_the_field() {
    let mut state = connect(ThemeChoice::Light);
    state.connect.failure = Some(Failure::new(FailureKind::WrongKey, "HTTP 401"));
    let mut harness = shown(state);
    harness.get_by_label_contains("prediction key");
    click(&mut harness, Role::Link, "Copy details");
    assert!(harness.state().commands.iter().any(|command| {
        matches!(command, Command::Window(WindowCommand::CopyText(text)) if text.contains("HTTP 401") && text.contains("prediction key"))
    }));
}

#[test]
fn without_a_keychain_the_reason_stands_in_its_place() {
    let mut state = connect(ThemeChoice::Dark);
    state.connect.keychain_problem = Some("no Secret Service answers".to_owned());
    let harness = shown(state);
    harness.get_by_label_contains("this session only: no Secret Service answers");
    assert!(harness.query_by_role(Role::CheckBox).is_none());
}

#[test]
fn a_key_of_this_session_is_not_said_to_be_stored() {
    let mut state = connect(ThemeChoice::Dark);
    state.connect.keychain_problem = Some("no Secret Service answers".to_owned());
    state.connect.has_stored_key = true;
    let mut harness = shown(state);
    assert!(harness.query_by_label_contains("stored").is_none());
    assert!(texts(&harness).iter().all(|(_, text)| !text.galley.text().contains("stored")));
    assert_eq!(harness.query_all_by_label_contains("The key is kept for this session only").count(), 1);
    click(&mut harness, Role::Link, "Remove the kept key");
    assert_asked(&harness, "Connection(ForgetKey)");
}

#[test]
fn the_keyboard_is_in_the_first_field_and_on_the_first_project() {
    let harness = shown(State::new(Settings::default()));
    assert!(harness.get_by_role_and_label(Role::TextInput, "Endpoint").is_focused());
    let harness = shown(listed(ThemeChoice::Dark));
    assert!(harness.get_by_role_and_label(Role::Button, "Open My Detection Project").is_focused());
}

#[test]
fn esc_closes_the_open_iterations_before_it_leaves_the_list() {
    let mut harness = shown(listed(ThemeChoice::Dark));
    assert!(harness.state().state.unfolded.is_some());
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!((harness.state().state.screen, harness.state().state.unfolded), (Screen::Projects, None));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.screen, Screen::Connect);
}

#[test]
fn recent_projects_open_and_go() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    click(&mut harness, Role::Button, "Remove Trees from the list");
    assert_asked(&harness, "Connection(ForgetRecent(2))");
    assert!(harness.query_by_label("Open Trees").is_none());
    click(&mut harness, Role::Button, "Open Shelf audit");
    assert_asked(&harness, "Connection(OpenRecent(1))");
}

#[test]
fn an_archive_is_opened_by_its_path() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    click(&mut harness, Role::Button, "Open an archive or a dataset...");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Folder, file or address").is_focused());
    harness.event(egui::Event::Text("/data/forks".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_asked(&harness, "Connection(OpenFolder(\"/data/forks\"))");
}

#[test]
fn a_path_that_was_wrong_is_replaced_by_what_is_typed_next() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    let enter = |harness: &mut Harness<'_, App>, path: &str| {
        harness.event(egui::Event::Text(path.to_owned()));
        harness.run();
        press(harness, Modifiers::NONE, Key::Enter);
        assert_asked(harness, &format!("Connection(OpenFolder({path:?}))"));
        let failure = Failure::bare(FailureKind::MissingFile { path: path.to_owned() });
        let source = SourceSpec::Folder { path: path.into() };
        apply(&mut harness.state_mut().state, Event::ConnectFailed { source, failure });
        harness.run();
    };
    click(&mut harness, Role::Button, "Open an archive or a dataset...");
    enter(&mut harness, "/data/wrong");
    // In the dialog that has stayed, once more, and in the one that is opened again.
    enter(&mut harness, "/data/wrong too");
    enter(&mut harness, "/data/still wrong");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.dialog, None);
    click(&mut harness, Role::Button, "Open an archive or a dataset...");
    let value = |harness: &Harness<'_, App>| {
        let field = harness.get_by_role_and_label(Role::TextInput, "Folder, file or address");
        field.accesskit_node().value()
    };
    assert_eq!(value(&harness).as_deref(), Some("/data/still wrong"));
    enter(&mut harness, "/data/right");
    assert_eq!(value(&harness).as_deref(), Some("/data/right"));
}

#[test]
fn how_far_the_opening_of_an_archive_in_a_store_is_shows() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    let source = SourceSpec::Store { address: "s3://shelves/forks".parse().expect("address") };
    harness.state_mut().state.connect.busy = Some(Busy::Connecting(source.clone()));
    harness.run();
    harness.get_by_label("Connecting to s3://shelves/forks...");
    let mut take = |event| {
        apply(&mut harness.state_mut().state, event);
        harness.run();
        harness
            .query_all_by_role(Role::Label)
            .filter_map(|node| node.accesskit_node().value())
            .collect::<Vec<_>>()
            .join("|")
    };
    let words = take(Event::Arriving { source: source.clone(), come: 4 << 20, of: 40 << 20 });
    assert!(words.contains("Downloading the list: 4.0 MiB of 40 MiB."), "{words}");
    let words = take(Event::StoreWaits {
        source: source.clone(),
        words: Some("the service is limiting requests; continuing in 6 s".to_owned()),
    });
    assert!(words.contains("The service is limiting requests; continuing in 6 s."), "{words}");
    let words = take(Event::StoreWaits { source, words: None });
    assert!(words.contains("Downloading the list: 4.0 MiB of 40 MiB."), "{words}");
    // What comes of another source, or when nobody waits any more, is nothing.
    let other = SourceSpec::Store { address: "s3://shelves/knives".parse().expect("address") };
    let words = take(Event::Arriving { source: other, come: 1, of: 2 });
    assert!(words.contains("4.0 MiB of 40 MiB"), "{words}");
    let (dialog, state) = (Dialog::OpenFolder, &mut harness.state_mut().state);
    state.dialog = Some(dialog);
    harness.run();
    assert_eq!(harness.query_all_by_label_contains("Downloading the list").count(), 1);
}

#[test]
fn an_archive_in_a_store_is_opened_by_its_address() {
    let mut harness = shown(connect(ThemeChoice::Dark));
    click(&mut harness, Role::Button, "Open an archive or a dataset...");
    harness.event(egui::Event::Text("s3:/shelves/forks?sig=5ec4e7".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.get_by_label_contains("This is not the address of an archive");
    let said: Vec<_> = harness.state().commands.iter().map(|command| format!("{command:?}")).collect();
    assert!(said.iter().all(|command| !command.contains("5ec4e7")), "{said:?}");
    let field = harness.get_by_role_and_label(Role::TextInput, "Folder, file or address");
    field.focus();
    harness.run();
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("s3://shelves/forks/".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_asked(&harness, "Connection(OpenStore(");
}
