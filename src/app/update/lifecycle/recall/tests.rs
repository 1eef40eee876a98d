use super::*;
use crate::update::tests::page;
use crate::view::View;
use crate::view::{KeptAnchor, KeptPlace, ScrollPlace};
use crate::{CanvasCommand, Event, ExportCommand, LeaveCommand, SelectionCommand, WindowCommand};
use crate::{Command, ConnectionCommand, DisplayCommand, ProjectCommand};
use crate::{KeyChoice, PixelKey, Settings, apply, update};

const PROJECT: &str = "18c1fce5-28c6-4fc8-82a2-af8e2326eb3c";
const HOME: &str = "https://a.cognitiveservices.azure.com";
/// Tuesday, November 24, 2026, 10:12 UTC.
const KEPT: i64 = 1_795_515_120;

fn id() -> ProjectId {
    ProjectId(PROJECT.parse().expect("id"))
}

fn service(endpoint: &str) -> SourceSpec {
    SourceSpec::Service { endpoint: endpoint.to_owned() }
}

fn known(name: &str, project: ProjectId, endpoint: &str) -> Recent {
    Recent {
        source: service(endpoint),
        project,
        name: name.to_owned(),
        kind: ProjectKind::Detection.word().to_owned(),
        tag_count: 2,
        image_count: 9,
        cover: None,
        opened_unix: KEPT,
        left: None,
    }
}

fn list() -> Arc<Catalogue> {
    let mut catalogue = Catalogue::new();
    catalogue.append(page(0, 9).rows);
    Arc::new(catalogue)
}

fn recalled(endpoint: &str) -> Event {
    let endpoint = endpoint.to_owned();
    Event::Recalled { endpoint, project: id(), iteration: None, catalogue: list(), kept_unix: Some(KEPT) }
}

fn here(project: ProjectId, name: &str) -> ProjectSummary {
    ProjectSummary { project: Project::named(project, name), ..summary(&known(name, project, HOME)) }
}

fn connected(projects: Vec<ProjectSummary>) -> Event {
    Event::Connected { source: service(HOME), projects, notice: None }
}

fn refused(kind: FailureKind) -> Event {
    Event::ConnectFailed { source: service(HOME), failure: Failure::bare(kind) }
}

/// The start of the program by someone who had the project open when it ended.
fn started() -> (State, Vec<Effect>) {
    let anchor = KeptAnchor { image: list().get(ImageIx(6)).expect("image").id(), region: None };
    let grid_place = Some(KeptPlace { anchors: vec![anchor], share: 0.5 });
    let session = Session { image: None, has_untagged: true, grid_place, ..Session::beginning(service(HOME), id()) };
    let recents = vec![known("Forks", id(), HOME)];
    let settings = Settings { session: Some(session), recents, ..Settings::default() };
    let mut state = State::new(settings);
    let effects = update(&mut state, Command::Connection(ConnectionCommand::Start { source: None, project: None }));
    (state, effects)
}

/// The list of the last visit is on the screen, nothing is known of the service.
fn shown() -> State {
    let (mut state, _) = started();
    apply(&mut state, recalled(HOME));
    state
}

fn opened(state: &State) -> &Opened {
    state.opened.as_ref().expect("open project")
}

fn named(project: &str, recents: Vec<Recent>, endpoint: &str) -> Vec<Effect> {
    let mut state = State::new(Settings { recents, ..Settings::default() });
    update(
        &mut state,
        Command::Connection(ConnectionCommand::Start {
            source: Some(service(endpoint)),
            project: Some(project.to_owned()),
        }),
    )
}

fn asks(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Recall { project, .. } if *project == id()))
}

#[test]
fn a_project_that_was_open_is_on_the_screen_before_the_service_has_answered() {
    let (mut state, effects) = started();
    let recall = effects.iter().position(|effect| matches!(effect, Effect::Recall { has_untagged: true, .. }));
    let connect = effects.iter().position(|effect| matches!(effect, Effect::Connect { .. }));
    assert!(recall.is_some() && recall < connect, "the disk is asked first: {effects:?}");
    assert_eq!(state.screen, Screen::Connect);
    let effects = apply(&mut state, recalled(HOME));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::OpenKept { iteration: None, .. })), "{effects:?}");
    let asks_service = |effect: &Effect| matches!(effect, Effect::Open { .. } | Effect::ListIterations { .. });
    assert!(!effects.iter().any(asks_service), "{effects:?}");
    assert_eq!((state.screen, opened(&state).visible.len()), (Screen::Project, 9));
    assert!(!opened(&state).is_connected && opened(&state).is_of_last_visit() && state.is_listing());
    assert_eq!((opened(&state).project.name.as_str(), opened(&state).kind), ("Forks", ProjectKind::Detection));
}

#[test]
fn the_grid_goes_where_it_was_also_when_the_service_answers_before_the_first_frame() {
    let mut state = shown();
    let place = ScrollPlace { anchors: vec![ImageIx(6)], share: 0.5 };
    assert_eq!(opened(&state).scrolled.grid_wish.as_ref(), Some(&place));
    apply(&mut state, connected(vec![here(id(), "Forks")]));
    assert_eq!(opened(&state).scrolled.grid_wish.as_ref(), Some(&place), "the grid has not been there yet");

    let mut state = shown();
    update(&mut state, Command::Display(DisplayCommand::Scrolled(Some(place))));
    apply(&mut state, connected(vec![here(id(), "Forks")]));
    assert_eq!(opened(&state).scrolled.grid_wish, None, "it holds its place itself");
}

#[test]
fn the_connection_moves_nothing() {
    let mut state = shown();
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(4), toggle: false, extend: false }));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(4))));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Help))));
    let generation = state.generation;
    let key = PixelKey::Thumb { ix: ImageIx(2), side: 256 };
    apply(&mut state, Event::Pixels { generation, key, result: Err(Failure::bare(FailureKind::NotConnected)) });
    let effects = apply(&mut state, connected(vec![here(id(), "Forks")]));
    let now = state.generation;
    assert!(now > generation);
    let is_identity = |places: &[Option<ImageIx>]| places.iter().flatten().map(|ix| ix.0).eq(0..9);
    let moves = |effect: &Effect| matches!(effect, Effect::Renumber { places, .. } if is_identity(places));
    assert!(effects.iter().any(moves), "{effects:?}");
    let resumes = |effect: &Effect| matches!(effect, Effect::ResumeListing { generation, has_untagged: true, .. } if *generation == now);
    assert!(effects.iter().any(resumes), "{effects:?}");
    let now_open = opened(&state);
    assert!(now_open.is_connected && now_open.is_of_last_visit() && now_open.failed_pixels.is_empty());
    assert_eq!((now_open.cursor, now_open.view, now_open.selection.len()), (Some(ImageIx(4)), View::Canvas, 1));
    assert_eq!((state.screen, state.dialog), (Screen::Project, Some(Dialog::Help)));
    // The list of now gathers behind, and takes the place of the other at its end.
    apply(&mut state, Event::Page { generation: now, page: page(0, 9) });
    assert_eq!(opened(&state).catalogue.len(), 9);
    let listing = ListingState::Complete { listed: 9, gone: 0, seconds: 1.0 };
    let effects = apply(&mut state, Event::Listing { generation: now, state: listing });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::KeepList { .. })), "{effects:?}");
    assert!(!opened(&state).is_of_last_visit());
    assert_eq!((state.generation, opened(&state).view), (now, View::Canvas));
}

#[test]
fn without_a_connection_the_list_stays_and_the_reason_is_said() {
    for (kind, action) in [
        (FailureKind::UnknownHost { host: "a".to_owned() }, "Try again"),
        (FailureKind::TooManyCalls, "Try again"),
        (FailureKind::ProxyPage, "Try again"),
        (FailureKind::WrongKey, "Endpoint and key..."),
        (FailureKind::NoKey, "Endpoint and key..."),
    ] {
        let mut state = shown();
        apply(&mut state, refused(kind.clone()));
        assert_eq!((state.screen, opened(&state).visible.len()), (Screen::Project, 9), "{kind:?}");
        assert!(matches!(&opened(&state).listing, ListingState::Failed { failure, .. } if failure.kind == kind));
        let [notice] = state.notices.make_contiguous() else { panic!("{:?}", state.notices) };
        assert_eq!(notice.title, Failure::bare(kind).headline());
        assert!(notice.body.contains("the list of Tuesday, November 24, 2026, 10:12 UTC"), "{}", notice.body);
        assert_eq!(notice.action.as_ref().map(NoticeAction::label), Some(action));
        // Again, and again in vain: one notice, not two.
        let effects = update(&mut state, Command::Project(ProjectCommand::ResumeListing));
        assert!(matches!(effects[..], [Effect::Connect { key: KeyChoice::Stored, .. }]), "{effects:?}");
        assert!(state.notices.is_empty() && state.is_listing());
        apply(&mut state, refused(FailureKind::TimedOut));
        assert_eq!(state.notices.len(), 1);
        // And at last.
        update(&mut state, Command::Project(ProjectCommand::Refresh));
        apply(&mut state, connected(vec![here(id(), "Forks")]));
        assert!(opened(&state).is_connected && state.notices.is_empty());
    }
}

#[test]
fn a_wrong_key_can_be_mended_and_the_list_is_there_behind_it() {
    let mut state = shown();
    apply(&mut state, refused(FailureKind::WrongKey));
    let effects = update(&mut state, Command::Connection(ConnectionCommand::EditConnection));
    assert!(matches!(&effects[..], [Effect::LookUpKey { endpoint }] if endpoint == HOME), "{effects:?}");
    assert_eq!(state.screen, Screen::Connect);
    assert!(state.connect.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::WrongKey));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((state.screen, opened(&state).visible.len()), (Screen::Project, 9));
    update(&mut state, Command::Connection(ConnectionCommand::EditConnection));
    let key = secrecy::SecretString::from("right");
    let effects = update(&mut state, Command::Connection(ConnectionCommand::Connect(Some(key))));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Connect { key: KeyChoice::Typed { .. }, .. })));
    apply(&mut state, connected(vec![here(id(), "Forks")]));
    assert_eq!((state.screen, opened(&state).visible.len()), (Screen::Project, 9));
    assert!(opened(&state).is_connected && state.connect.failure.is_none());
}

#[test]
fn connecting_can_be_given_up_and_the_list_stays() {
    let mut state = shown();
    let effects = update(&mut state, Command::Project(ProjectCommand::StopListing));
    assert!(matches!(effects.first(), Some(Effect::StopConnecting)), "{effects:?}");
    assert!(!state.is_listing() && state.connect.busy.is_none() && opened(&state).visible.len() == 9);
    let effects = update(&mut state, Command::Project(ProjectCommand::ResumeListing));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Connect { .. })), "{effects:?}");
}

#[test]
fn what_needs_the_service_says_so() {
    let mut state = shown();
    state.home = Some("/home/me".into());
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
    assert!(update(&mut state, Command::Export(ExportCommand::Start)).is_empty());
    let is_said = |failure: &Option<Failure>| failure.as_ref().map(|failure| failure.kind.clone());
    assert_eq!(is_said(&state.export.failure), Some(FailureKind::NotConnected));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Leave))));
    assert!(update(&mut state, Command::Leave(LeaveCommand::Start)).is_empty());
    assert_eq!(is_said(&state.leave.failure), Some(FailureKind::NotConnected));
    let other = IterationId(PROJECT.parse().expect("id"));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(None)));
    assert!(
        update(&mut state, Command::Project(ProjectCommand::Open { project: id(), iteration: Some(other) })).is_empty()
    );
    assert!(opened(&state).iteration.is_none() && !state.notices.is_empty());
    // There is no list of projects to go back to.
    update(&mut state, Command::Project(ProjectCommand::Close));
    assert_eq!(state.screen, Screen::Connect);
    assert!(state.opened.is_none());
}

#[test]
fn lists_of_other_places_are_not_asked_for() {
    let other = ProjectId("28c1fce5-28c6-4fc8-82a2-af8e2326eb3c".parse().expect("id"));
    let recents = || vec![known("Forks", id(), HOME), known("Spoons", other, HOME)];
    assert!(asks(&named("Forks", recents(), HOME)));
    assert!(asks(&named(PROJECT, recents(), &format!("{HOME}/"))), "by its id, however the endpoint is typed");
    assert!(!asks(&named("Forks", recents(), "https://b.cognitiveservices.azure.com")), "another account");
    assert!(!asks(&named("Knives", recents(), HOME)), "not known from an earlier visit");
    assert!(!asks(&named("Forks", vec![known("Forks", id(), HOME), known("Forks", other, HOME)], HOME)), "which one?");
    // An answer about another endpoint is nothing that was requested.
    let (mut state, _) = started();
    apply(&mut state, recalled("https://b.cognitiveservices.azure.com"));
    assert!(state.opened.is_none());
}

#[test]
fn a_list_that_comes_late_is_of_use_only_while_nothing_better_is_there() {
    let (mut state, _) = started();
    apply(&mut state, connected(vec![here(id(), "Forks")]));
    let generation = state.generation;
    apply(&mut state, recalled(HOME));
    assert_eq!((state.generation, opened(&state).catalogue.len()), (generation, 0), "the service was quicker");
    // The failure was quicker: the list is shown with it.
    let (mut state, _) = started();
    apply(&mut state, refused(FailureKind::NoKey));
    assert_eq!(state.screen, Screen::Connect);
    apply(&mut state, recalled(HOME));
    assert_eq!((state.screen, opened(&state).visible.len()), (Screen::Project, 9));
    assert!(
        matches!(&opened(&state).listing, ListingState::Failed { failure, .. } if failure.kind == FailureKind::NoKey)
    );
    // The focus of somebody who types by then is not moved.
    let (mut state, _) = started();
    apply(&mut state, refused(FailureKind::NoKey));
    update(&mut state, Command::Connection(ConnectionCommand::EditEndpoint("https://b".to_owned())));
    apply(&mut state, recalled(HOME));
    assert!(state.opened.is_none());
}

#[test]
fn the_service_knows_better_which_project_has_a_name() {
    let other = ProjectId("28c1fce5-28c6-4fc8-82a2-af8e2326eb3c".parse().expect("id"));
    let settings = Settings { recents: vec![known("Forks", id(), HOME)], ..Settings::default() };
    let mut state = State::new(settings);
    update(
        &mut state,
        Command::Connection(ConnectionCommand::Start {
            source: Some(service(HOME)),
            project: Some("Forks".to_owned()),
        }),
    );
    apply(&mut state, recalled(HOME));
    let generation = state.generation;
    let effects = apply(&mut state, connected(vec![here(id(), "Old forks"), here(other, "Forks")]));
    assert_eq!((opened(&state).project.id, opened(&state).is_of_last_visit()), (other, false));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Close { generation: closed } if *closed == generation))
    );
    // One that no longer exists is reported.
    let mut state = shown();
    apply(&mut state, connected(vec![here(other, "Spoons")]));
    assert_eq!((state.screen, state.opened.is_none()), (Screen::Projects, true));
    assert!(state.notices[0].title.contains("no longer here"));
}
