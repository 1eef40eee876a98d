mod actions;
mod lacking;
mod sampling;
mod sorting;

use crate::{
    CanvasCommand, ConnectionCommand, DisplayCommand, ProjectCommand, QuitCommand, SelectionCommand, TaskCommand,
    WindowCommand,
};
use std::sync::Arc;

use super::*;
use crate::dialog::Dialog;
use crate::event::ProjectSummary;
use crate::retry::Interrupted;
use crate::review::ReviewEvent;
use crate::state::Screen;
use crate::view::{GridRequest, View};
use crate::{
    Action, ArchivePlan, Event, Failure, FailureKind, KeyChoice, ListingState, QueryCommand, Retry, Settings,
    SourceSpec, apply,
};
use domain::query::{Test, edit};
use domain::{ImageIx, Page, Project, ProjectId, ProjectKind, RecordReader, RegionIx, SortKey};

const PROJECT: &str = "18c1fce5-28c6-4fc8-82a2-af8e2326eb3c";

fn project() -> Project {
    serde_json::from_str(&format!(r#"{{"id":"{PROJECT}","name":"Forks & co","settings":{{}}}}"#)).expect("project")
}

/// A detection project in a list, of which nothing else is known.
pub(super) fn summary_of(project: Project) -> ProjectSummary {
    ProjectSummary { project, kind: ProjectKind::Detection, tag_count: None, image_count: None, cover: None }
}

fn summary() -> ProjectSummary {
    summary_of(project())
}

/// Images numbered from `from`, each with `n % 3` regions of tag 1 and the tag `n % 2`.
pub(super) fn page(from: usize, count: usize) -> Page {
    let rows: Vec<_> = (from..from + count)
        .map(|n| {
            let tag = format!("00000000-0000-0000-0000-{:012}", n % 2);
            let regions: Vec<_> = (0..n % 3)
                .map(|at| {
                    format!(r#"{{"regionId":"00000000-0000-0000-{n:04}-{at:012}","tagId":"{tag}","tagName":"tag {}","left":0.1,"top":0.1,"width":0.2,"height":0.2}}"#, n % 2)
                })
                .collect();
            format!(
                r#"{{"id":"00000000-0000-0001-0000-{n:012}","created":"2020-01-01T00:00:00.{:07}","width":80,"height":60,"thumbnailUri":"https://h/t?sig=S","tags":[{{"tagId":"{tag}","tagName":"tag {}"}}],"regions":[{}]}}"#,
                9_999_999 - n, n % 2, regions.join(",")
            )
        })
        .collect();
    RecordReader::new().page(format!("[{}]", rows.join(",")).as_bytes()).expect("page")
}

fn folder() -> SourceSpec {
    SourceSpec::Folder { path: "/data/archive".into() }
}

/// An open project with `count` images.
pub(super) fn opened(count: usize) -> State {
    let mut state = State::new(Settings::default());
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder("/data/archive".into())));
    apply(&mut state, Event::Connected { source: folder(), projects: vec![summary()], notice: None });
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(0, count) });
    state
}

pub(super) fn project_of(state: &State) -> &Opened {
    state.opened.as_ref().expect("open project")
}

#[test]
fn connecting_needs_an_endpoint_and_a_key() {
    let mut state = State::new(Settings::default());
    assert!(update(&mut state, Command::Connection(ConnectionCommand::Connect(None))).is_empty());
    assert!(matches!(state.connect.failure, Some(Failure { kind: FailureKind::BadEndpoint { .. }, .. })));
    update(
        &mut state,
        Command::Connection(ConnectionCommand::EditEndpoint(
            "https://westeurope.api.cognitive.microsoft.com".to_owned(),
        )),
    );
    assert!(update(&mut state, Command::Connection(ConnectionCommand::Connect(None))).is_empty());
    assert!(matches!(state.connect.failure, Some(Failure { kind: FailureKind::NoKey, .. })));
    let effects = update(&mut state, Command::Connection(ConnectionCommand::Connect(Some("k".into()))));
    assert!(matches!(&effects[..], [Effect::Connect { key: KeyChoice::Typed { keep: true, .. }, .. }]));
    assert!(
        update(&mut state, Command::Connection(ConnectionCommand::Connect(Some("k".into())))).is_empty(),
        "one at a time"
    );
}

#[test]
fn an_endpoint_of_the_command_line_is_connected_with_the_key_there_is_for_it() {
    let settings = Settings { endpoint: "https://used.last".to_owned(), ..Settings::default() };
    let mut state = State::new(settings);
    let endpoint = "https://given".to_owned();
    let source = Some(SourceSpec::Service { endpoint: endpoint.clone() });
    let effects = update(&mut state, Command::Connection(ConnectionCommand::Start { source, project: None }));
    // The key may be in the keychain or in the environment: only the engine knows.
    let is_key = |effect: &&Effect| matches!(effect, Effect::LookUpKey { endpoint: of } if *of == endpoint);
    assert_eq!(effects.iter().filter(is_key).count(), 1);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Connect { key: KeyChoice::Stored, .. })));
    assert!(state.connect.failure.is_none());
}

#[test]
fn a_key_is_in_no_debug_text() {
    let mut state = State::new(Settings::default());
    update(&mut state, Command::Connection(ConnectionCommand::EditEndpoint("https://h".to_owned())));
    let command = Command::Connection(ConnectionCommand::Connect(Some("topsecret".into())));
    assert!(!format!("{command:?}").contains("topsecret"));
    let effects = update(&mut state, command);
    assert!(!format!("{effects:?} {state:?}").contains("topsecret"));
}

#[test]
fn an_archive_opens_straight_to_its_project() {
    let state = opened(3);
    assert_eq!(state.screen, Screen::Project);
    assert_eq!(project_of(&state).visible.len(), 3);
    assert_eq!(state.settings.recents.len(), 1);
    assert_eq!(state.settings.session.as_ref().expect("session").source, folder());
}

#[test]
fn pages_of_an_earlier_opening_are_dropped() {
    let mut state = opened(3);
    let old = state.generation;
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    apply(&mut state, Event::Page { generation: old, page: page(50, 5) });
    assert_eq!(project_of(&state).catalogue.len(), 0);
}

#[test]
fn choice_cursor_and_view_survive_a_refresh_in_another_order() {
    let mut state = opened(6);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(1), toggle: false, extend: false }));
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(4), toggle: true, extend: false }));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(4))));
    update(&mut state, Command::Project(ProjectCommand::Refresh));
    let generation = state.generation;
    let mut turned = page(0, 6);
    turned.rows.reverse();
    let effects = apply(&mut state, Event::Page { generation, page: turned });
    let opened = project_of(&state);
    assert_eq!(opened.cursor, Some(ImageIx(1)), "image 4 is now the second");
    assert_eq!(opened.view, View::Canvas);
    assert!(opened.selection.contains(ImageIx(1)) && opened.selection.contains(ImageIx(4)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::WantPicture { request: Some(_), .. })));
}

#[test]
fn shift_and_arrows_choose_on_the_way() {
    let mut state = opened(6);
    update(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 1, extend: false }));
    assert_eq!(project_of(&state).cursor, Some(ImageIx(0)), "the first step shows the cursor");
    update(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 2, extend: true }));
    assert_eq!(project_of(&state).selection.len(), 3);
    update(&mut state, Command::Selection(SelectionCommand::CursorToEnd { last: true, extend: false }));
    assert_eq!(project_of(&state).cursor, Some(ImageIx(5)));
    update(&mut state, Command::Selection(SelectionCommand::MoveCursor { by: 100, extend: false }));
    assert_eq!(project_of(&state).cursor, Some(ImageIx(5)));
    assert_eq!(project_of(&state).selection.len(), 3, "moving alone changes no choice");
}

#[test]
fn the_tag_panel_edits_the_query() {
    let mut state = opened(6);
    let ask = |state: &mut State, command: fn(Test) -> QueryCommand| {
        update(state, Command::Query(command(edit::tag("tag 1"))));
    };
    ask(&mut state, QueryCommand::Include);
    assert_eq!(project_of(&state).visible, [ImageIx(1), ImageIx(3), ImageIx(5)]);
    assert_eq!(project_of(&state).query.text, r#"tag:"tag 1""#);
    ask(&mut state, QueryCommand::Exclude);
    assert_eq!(project_of(&state).visible, [ImageIx(0), ImageIx(2), ImageIx(4)]);
    ask(&mut state, QueryCommand::Only);
    assert_eq!(project_of(&state).visible.len(), 3);
    ask(&mut state, QueryCommand::Only);
    assert_eq!(project_of(&state).visible.len(), 6);
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::MostRegions)));
    assert_eq!(project_of(&state).visible[0], ImageIx(2));
}

#[test]
fn a_bad_query_leaves_the_last_good_one_in_force() {
    let mut state = opened(6);
    let typed = |state: &mut State, text: &str| {
        update(state, Command::Query(QueryCommand::Edit(text.to_owned())));
        project_of(state).visible.len()
    };
    assert_eq!(typed(&mut state, "regions>=1"), 4);
    assert_eq!(typed(&mut state, "regions>="), 4);
    assert!(project_of(&state).query.error.is_some());
    assert_eq!(typed(&mut state, r#"tag:"tga 1""#), 4);
    let error = project_of(&state).query.error.clone().expect("error");
    assert_eq!(error.to_string(), "no tag `tga 1`; did you mean `tag 1`?");
    assert_eq!(error.replacement.as_deref(), Some(r#""tag 1""#));
    // A click continues from what is in force.
    update(&mut state, Command::Query(QueryCommand::Include(edit::tag("tag 1"))));
    assert_eq!(project_of(&state).query.text, r#"regions>=1 tag:"tag 1""#);
    assert_eq!(typed(&mut state, ""), 6);
}

#[test]
fn regions_are_walked_in_a_circle() {
    let mut state = opened(6);
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(5))));
    let range = project_of(&state).current().expect("image").region_range();
    update(&mut state, Command::Canvas(CanvasCommand::StepRegion(1)));
    assert_eq!(project_of(&state).region, Some(RegionIx(range.start)));
    update(&mut state, Command::Canvas(CanvasCommand::StepRegion(-1)));
    assert_eq!(project_of(&state).region, Some(RegionIx(range.end - 1)));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    update(&mut state, Command::Canvas(CanvasCommand::StepRegion(1)));
    assert_eq!(project_of(&state).region, None, "an image without regions");
}

#[test]
fn escape_closes_one_thing_at_a_time() {
    let mut state = opened(6);
    update(&mut state, Command::Selection(SelectionCommand::Pick { ix: ImageIx(5), toggle: false, extend: false }));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(5))));
    update(&mut state, Command::Canvas(CanvasCommand::StepRegion(1)));
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Help))));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((state.dialog, project_of(&state).region.is_some()), (None, true));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((project_of(&state).region, project_of(&state).view), (None, View::Canvas));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((project_of(&state).view, project_of(&state).selection.len()), (View::Grid, 1));
    update(&mut state, Command::Window(WindowCommand::Back));
    assert!(project_of(&state).selection.is_empty());
}

#[test]
fn thumbnails_that_failed_are_not_asked_again_until_retry() {
    let mut state = opened(2);
    let generation = state.generation;
    let key = crate::PixelKey::Thumb { ix: ImageIx(0), side: 256 };
    let failure = Failure::bare(FailureKind::MissingPicture);
    apply(&mut state, Event::Pixels { generation, key, result: Err(failure) });
    let request = |effects: &[Effect]| match effects {
        [Effect::WantThumbs { requests, .. }, ..] => requests.len(),
        other => panic!("{other:?}"),
    };
    let all = Command::Display(DisplayCommand::GridView(GridRequest {
        visible: vec![ImageIx(0), ImageIx(1)],
        ahead: vec![],
        side: 256,
    }));
    assert_eq!(request(&update(&mut state, all)), 1);
    assert_eq!(request(&update(&mut state, Command::Display(DisplayCommand::RetryPicture(ImageIx(0))))), 2);
}

#[test]
fn the_view_and_the_widths_of_the_panels_are_there_again() {
    let mut state = opened(3);
    update(&mut state, Command::Display(DisplayCommand::SetView(View::Wall)));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(1))));
    update(&mut state, Command::Window(WindowCommand::LeftWidth(300.0)));
    at_exit(&mut state);
    let session = state.settings.session.clone().expect("session");
    assert_eq!((session.view, session.is_on_canvas), (View::Wall, true));
    let json = serde_json::to_string(&state.settings).expect("JSON");
    let mut again = State::new(serde_json::from_str(&json).expect("settings"));
    assert_eq!(again.settings.left_width, Some(300.0));
    update(&mut again, Command::Connection(ConnectionCommand::Start { source: None, project: None }));
    apply(&mut again, Event::Connected { source: folder(), projects: vec![summary()], notice: None });
    assert_eq!(project_of(&again).view, View::Wall, "until the image has come");
    let generation = again.generation;
    apply(&mut again, Event::Page { generation, page: page(0, 3) });
    assert_eq!((project_of(&again).view, project_of(&again).before_canvas), (View::Canvas, View::Wall));
    // Settings of an earlier version have neither.
    let old = json.replace(r#""view":"wall","#, "").replace(r#""leftWidth":300.0,"#, "");
    assert!(serde_json::from_str::<Settings>(&old).is_ok_and(|settings| settings.left_width.is_none()));
}

#[test]
fn a_path_that_cannot_be_opened_is_explained_in_its_dialog() {
    let mut state = opened(3);
    let path = std::path::PathBuf::from("/nowhere");
    let source = SourceSpec::Folder { path: path.clone() };
    let failure = Failure::bare(FailureKind::MissingFile { path: "/nowhere".to_owned() });
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::OpenFolder))));
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder(path.clone())));
    assert_eq!(state.dialog, Some(Dialog::OpenFolder), "it stays");
    apply(&mut state, Event::ConnectFailed { source: source.clone(), failure });
    assert!(state.connect.folder_failure.is_some() && state.connect.failure.is_none() && state.notices.is_empty());
    // Another try; closing the dialog gives it up.
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder(path.clone())));
    assert!(state.connect.folder_failure.is_none());
    let effects = update(&mut state, Command::Window(WindowCommand::Back));
    assert!(matches!(effects[..], [Effect::StopConnecting]) && state.connect.busy.is_none(), "{effects:?}");
    // What opens closes it.
    update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::OpenFolder))));
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder(path)));
    apply(&mut state, Event::Connected { source, projects: vec![summary()], notice: None });
    assert_eq!(state.dialog, None);
}

#[test]
fn decisions_of_a_closed_project_that_could_not_be_saved_are_told() {
    let mut state = opened(6);
    let generation = state.generation;
    for number in [4, 5] {
        state.unsaved.begin(generation - 1, number);
    }
    let failure = Failure::bare(FailureKind::DiskFull { path: "/state".to_owned() });
    apply(&mut state, Event::Review { generation: generation - 1, event: ReviewEvent::Failed { from: 4, failure } });
    let notice = state.notices.back().expect("notice");
    assert!(notice.title.contains("2 decisions could not be saved"), "{notice:?}");
    assert!(state.unsaved.is_empty());
}

#[test]
fn interrupted_jobs_are_offered_and_need_their_project() {
    let mut state = opened(6);
    let project = project_of(&state).project.id;
    let plan = ArchivePlan {
        project,
        project_name: "Forks & co".to_owned(),
        out: "/home/me/forks".into(),
        has_thumbnails: false,
        has_iterations: true,
    };
    let other = ArchivePlan { project: ProjectId(uuid::Uuid::from_u128(99)), ..plan.clone() };
    let job = |plan: &ArchivePlan| Interrupted {
        retry: Retry::Archive(Arc::new(plan.clone())),
        folder: "/home/me/.forks.tagscope-unfinished".into(),
    };
    apply(&mut state, Event::Interrupted(vec![job(&plan), job(&other)]));
    assert!(state.notices.back().is_some_and(|notice| notice.title.contains("2 tasks were interrupted")));
    let [first, second] = [0, 1].map(|at| state.tasks[at].id);
    assert!(update(&mut state, Command::Task(TaskCommand::Retry(second))).is_empty());
    assert!(
        state.notices.back().is_some_and(|notice| notice.title.contains("open the project")),
        "{:?}",
        state.notices
    );
    let effects = update(&mut state, Command::Task(TaskCommand::Retry(first)));
    let Some(Effect::Archive(job)) = effects.first() else { panic!("{effects:?}") };
    assert!(job.is_resumed && job.has_iterations && job.out == plan.out);
    // The other one is discarded.
    let effects = update(&mut state, Command::Task(TaskCommand::Discard(second)));
    assert!(matches!(&effects[..], [Effect::Discard { task, out }] if *task == second && *out == other.out));
    apply(&mut state, Event::Discarded { task: second, result: Ok(()) });
    assert!(state.tasks.iter().all(|task| task.id != second));
}

#[test]
fn a_failed_listing_keeps_what_came() {
    let mut state = opened(4);
    let generation = state.generation;
    let failure = Failure::bare(FailureKind::TimedOut);
    let listing = ListingState::Failed { listed: 4, total: Some(9), failure };
    apply(&mut state, Event::Listing { generation, state: listing });
    assert_eq!(project_of(&state).catalogue.len(), 4);
    assert!(!state.is_listing());
    let effects = update(&mut state, Command::Project(ProjectCommand::ResumeListing));
    assert!(matches!(effects[..], [Effect::ResumeListing { iteration: None, .. }]), "{effects:?}");
    assert!(state.is_listing() && project_of(&state).generation == generation);
    assert!(update(&mut state, Command::Project(ProjectCommand::ResumeListing)).is_empty(), "it is running already");
    apply(&mut state, Event::Page { generation, page: page(4, 5) });
    assert_eq!(project_of(&state).catalogue.len(), 9);
}

#[test]
fn the_last_session_is_opened_again() {
    let mut settings = Settings::default();
    let mut before = opened(6);
    update(&mut before, Command::Canvas(CanvasCommand::OpenImage(ImageIx(3))));
    update(&mut before, Command::Quit(QuitCommand::Ask));
    settings.session = before.settings.session.clone();
    let mut state = State::new(settings);
    let effects = update(&mut state, Command::Connection(ConnectionCommand::Start { source: None, project: None }));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Connect { .. })));
    apply(&mut state, Event::Connected { source: folder(), projects: vec![summary()], notice: None });
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(0, 6) });
    assert_eq!((project_of(&state).cursor, project_of(&state).view), (Some(ImageIx(3)), View::Canvas));
}

#[test]
fn a_recent_project_is_opened_where_it_was_left() {
    let mut state = opened(6);
    update(&mut state, Command::Query(QueryCommand::Edit("regions>=1".to_owned())));
    update(&mut state, Command::Display(DisplayCommand::SetView(View::Wall)));
    update(&mut state, Command::Canvas(CanvasCommand::OpenImage(ImageIx(4))));
    update(&mut state, Command::Connection(ConnectionCommand::Disconnect));
    assert!(state.opened.is_none() && state.settings.session.is_none());
    // Another project meanwhile, and the program ends.
    let other = SourceSpec::Folder { path: "/data/spoons".into() };
    let spoons = Project::named(ProjectId(uuid::Uuid::from_u128(9)), "Spoons");
    update(&mut state, Command::Connection(ConnectionCommand::OpenFolder("/data/spoons".into())));
    apply(&mut state, Event::Connected { source: other, projects: vec![summary_of(spoons)], notice: None });
    let json = serde_json::to_string(&state.settings).expect("JSON");
    let again = || State::new(serde_json::from_str(&json).expect("settings"));
    let open = |mut state: State, place: usize| {
        update(&mut state, Command::Connection(ConnectionCommand::OpenRecent(place)));
        apply(&mut state, Event::Connected { source: folder(), projects: vec![summary()], notice: None });
        let generation = state.generation;
        apply(&mut state, Event::Page { generation, page: page(0, 6) });
        let opened = project_of(&state);
        (opened.query.text.clone(), opened.view, opened.before_canvas, opened.cursor)
    };
    assert_eq!(open(again(), 1), ("regions>=1".to_owned(), View::Canvas, View::Wall, Some(ImageIx(4))));
    // Settings of an earlier version do not say where it was.
    let mut old = again();
    old.settings.recents[1].left = None;
    assert_eq!(open(old, 1), (String::new(), View::Grid, View::Grid, None));
}

#[test]
fn a_missing_project_is_said() {
    let mut state = State::new(Settings::default());
    let start =
        Command::Connection(ConnectionCommand::Start { source: Some(folder()), project: Some("Spoons".to_owned()) });
    update(&mut state, start);
    apply(&mut state, Event::Connected { source: folder(), projects: vec![summary()], notice: None });
    assert_eq!(state.screen, Screen::Projects);
    assert!(state.notices[0].title.contains("Spoons"));
}
