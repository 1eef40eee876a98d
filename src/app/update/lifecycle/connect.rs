//! The connect screen: endpoint, key, test, recent projects; and notices about lists that could not be read as they should
//! be.

use secrecy::SecretString;

use super::project::ProjectOpening;
use super::{project, recall};
use crate::dialog::Dialog;
use crate::event::Doubted;
use crate::event::ProjectSummary;
use crate::settings::Session;
use crate::state::{Arriving, Busy, ConnectState, Opened, Screen};
use crate::update::{save, say_left_behind};
use crate::words::count;
use crate::{ConnectionCommand, Effect, Failure, FailureKind, KeyChoice, Notice, Severity, SourceSpec, State};

pub(in crate::update) fn update(state: &mut State, command: ConnectionCommand) -> Vec<Effect> {
    match command {
        ConnectionCommand::Start { source, project } => start(state, source, project),
        ConnectionCommand::EditEndpoint(endpoint) => {
            state.connect.failure = None;
            state.connect.tested = None;
            state.connect.has_stored_key = false;
            state.recalling = None;
            state.settings.endpoint.clone_from(&endpoint);
            vec![Effect::LookUpKey { endpoint }]
        }
        ConnectionCommand::KeepKey(keep) => {
            state.settings.keep_key = keep;
            vec![save(state)]
        }
        ConnectionCommand::Test(key) => test(state, key),
        ConnectionCommand::Connect(key) => {
            let endpoint = state.settings.endpoint.trim().to_owned();
            state.restoring = None;
            connect(state, SourceSpec::Service { endpoint }, key)
        }
        ConnectionCommand::ForgetKey => vec![Effect::RemoveKey { endpoint: state.settings.endpoint.clone() }],
        ConnectionCommand::OpenFolder(path) => open_archive(state, SourceSpec::Folder { path }),
        ConnectionCommand::OpenStore(address) => open_archive(state, SourceSpec::Store { address }),
        ConnectionCommand::BadAddress(error) => {
            let reason = error.to_string();
            state.connect.folder_failure = Some(Failure::bare(FailureKind::BadAddress { reason }));
            Vec::new()
        }
        ConnectionCommand::OpenSample => {
            state.restoring = None;
            connect(state, SourceSpec::Sample, None)
        }
        ConnectionCommand::OpenRecent(place) => open_recent(state, place),
        ConnectionCommand::ForgetRecent(place) => {
            if place < state.settings.recents.len() {
                state.settings.recents.remove(place);
            }
            vec![save(state)]
        }
        ConnectionCommand::EditConnection => recall::edit_connection(state),
        ConnectionCommand::Disconnect => disconnect(state),
    }
}

fn open_archive(state: &mut State, source: SourceSpec) -> Vec<Effect> {
    // The dialog of the path stays until it is known that the archive can be opened.
    state.dialog = state.dialog.take_if(|dialog| *dialog == Dialog::OpenFolder);
    state.connect.folder_failure = None;
    state.restoring = None;
    connect(state, source, None)
}

fn start(state: &mut State, source: Option<SourceSpec>, project: Option<String>) -> Vec<Effect> {
    if let Some(SourceSpec::Service { endpoint }) = &source {
        state.settings.endpoint.clone_from(endpoint);
    }
    let mut effects = vec![Effect::LookUpKey { endpoint: state.settings.endpoint.clone() }];
    let covers = state.settings.recents.iter().filter_map(|recent| Some((recent.project, recent.cover?)));
    effects.push(Effect::WantCovers(covers.collect()));
    effects.push(Effect::FindInterrupted);
    state.canceled = std::mem::take(&mut state.settings.canceled);
    state.wanted_project = project;
    let session = state.settings.session.clone();
    match (source, session) {
        // Whether there is a key is not known yet.
        (Some(source), _) => effects.extend(connect_unchecked(state, source, None)),
        (None, Some(session)) => {
            let source = session.source.clone();
            state.restoring = Some(session);
            effects.extend(connect(state, source, None));
        }
        (None, None) => {}
    }
    effects
}

fn test(state: &mut State, key: Option<SecretString>) -> Vec<Effect> {
    let endpoint = state.settings.endpoint.trim().to_owned();
    let connect = &mut state.connect;
    connect.tested = None;
    if let Err(failure) = check_fields(&endpoint, key.as_ref(), connect) {
        connect.failure = Some(failure);
        return Vec::new();
    }
    connect.failure = None;
    connect.busy = Some(Busy::Testing);
    // A test keeps nothing, whatever the check mark says.
    vec![Effect::Test { endpoint, key: choice(key, false) }]
}

/// Connects. If the last visit's list of the project to open is known, it is loaded at the same time.
pub(super) fn connect(state: &mut State, source: SourceSpec, key: Option<SecretString>) -> Vec<Effect> {
    if state.connect.busy.is_some() {
        return Vec::new();
    }
    state.connect.tested = None;
    let is_by_hand = state.restoring.is_none() && state.wanted_project.is_none();
    if let SourceSpec::Service { endpoint } = &source
        && is_by_hand
        && state.screen == Screen::Connect
        && let Err(failure) = check_fields(endpoint, key.as_ref(), &state.connect)
    {
        state.connect.failure = Some(failure);
        return Vec::new();
    }
    connect_unchecked(state, source, key)
}

fn connect_unchecked(state: &mut State, source: SourceSpec, key: Option<SecretString>) -> Vec<Effect> {
    state.connect.failure = None;
    state.connect.busy = Some(Busy::Connecting(source.clone()));
    state.connect.arriving = Arriving::default();
    let key = match source {
        SourceSpec::Service { .. } => choice(key, state.settings.keep_key),
        SourceSpec::Folder { .. } | SourceSpec::Store { .. } | SourceSpec::Sample => KeyChoice::None,
    };
    let mut effects: Vec<_> = recall::ask(state, &source).into_iter().collect();
    recall::is_connecting(state);
    effects.push(Effect::Connect { source, key });
    effects
}

fn check_fields(endpoint: &str, key: Option<&SecretString>, connect: &ConnectState) -> Result<(), Failure> {
    if endpoint.is_empty() {
        let reason = "the field is empty".to_owned();
        return Err(Failure::bare(FailureKind::BadEndpoint { reason }));
    }
    if key.is_none() && !connect.has_stored_key {
        return Err(Failure::bare(FailureKind::NoKey));
    }
    Ok(())
}

fn choice(key: Option<SecretString>, keep: bool) -> KeyChoice {
    key.map_or(KeyChoice::Stored, |key| KeyChoice::Typed { key, keep })
}

fn open_recent(state: &mut State, place: usize) -> Vec<Effect> {
    let Some(recent) = state.settings.recents.get(place).cloned() else { return Vec::new() };
    if let SourceSpec::Service { endpoint } = &recent.source {
        state.settings.endpoint.clone_from(endpoint);
    }
    let beginning = || Session::beginning(recent.source.clone(), recent.project);
    state.restoring = Some(recent.left.clone().unwrap_or_else(beginning));
    connect(state, recent.source, None)
}

fn disconnect(state: &mut State) -> Vec<Effect> {
    let mut effects = project::close(state);
    state.settings.session = None;
    state.source = None;
    (state.recalling, state.restoring, state.wanted_project) = (None, None, None);
    recall::forget_notice(state);
    state.projects.clear();
    state.iterations.clear();
    state.unfolded = None;
    state.dialog = None;
    state.screen = Screen::Connect;
    state.connect.busy = None;
    effects.push(Effect::Disconnect);
    effects.push(Effect::LookUpKey { endpoint: state.settings.endpoint.clone() });
    effects.push(save(state));
    effects
}

/// The source is open: to the project that was requested, to the only one, or to the list.
pub(crate) fn connected(
    state: &mut State,
    source: SourceSpec,
    projects: Vec<ProjectSummary>,
    notice: Option<String>,
) -> Vec<Effect> {
    let kept = recall::take(state, &source);
    state.dialog = state.dialog.filter(|dialog| *dialog != Dialog::OpenFolder);
    let dialog = state.dialog.filter(|_| kept.is_some());
    let mut effects = project::close(state);
    (state.connect.busy, state.connect.failure, state.recalling) = (None, None, None);
    recall::forget_notice(state);
    if let SourceSpec::Service { endpoint } = &source {
        state.settings.endpoint.clone_from(endpoint);
        state.connect.has_stored_key = true;
    }
    say_left_behind(state, &source, true);
    if let Some(body) = notice {
        let title = match &source {
            SourceSpec::Folder { .. } => NOT_AS_WRITTEN,
            SourceSpec::Store { .. } => NOT_CERTAIN,
            SourceSpec::Service { .. } | SourceSpec::Sample => "The key was not stored",
        };
        state.push_notice(Notice::new(Severity::Warning, title, body));
    }
    let is_one_project = projects.len() == 1 && !matches!(source, SourceSpec::Service { .. });
    state.source = Some(source);
    state.projects = projects;
    state.screen = Screen::Projects;
    let restoring = state.restoring.take();
    let wanted = state.wanted_project.take();
    let has = |state: &State, id| state.projects.iter().any(|summary| summary.project.id == id);
    let of_name = |state: &State, wanted: &str| {
        let named =
            |summary: &&ProjectSummary| summary.project.id.to_string() == wanted || summary.project.name == wanted;
        state.projects.iter().find(named).map(|summary| summary.project.id)
    };
    // The service knows better which project has that name now.
    let is_still = |kept: &Opened| wanted.as_ref().is_none_or(|name| of_name(state, name) == Some(kept.project.id));
    if let Some(kept) = kept.as_ref().filter(|kept| !is_still(kept) || !has(state, kept.project.id)) {
        effects.push(Effect::Close { generation: kept.generation });
    }
    if let Some(kept) = kept.filter(is_still) {
        if has(state, kept.project.id) {
            effects.extend(recall::resume(state, kept, dialog));
        } else {
            project::say_missing(state, "The project you had open last is no longer here.");
        }
    } else if let Some(wanted) = wanted {
        match of_name(state, &wanted) {
            Some(project) => effects.extend(project::open(state, ProjectOpening::new(project))),
            None => project::say_missing(state, &format!("There is no project named {wanted:?} here.")),
        }
    } else if let Some(session) = restoring {
        if has(state, session.project) {
            effects.extend(project::open(state, ProjectOpening::from_session(session)));
        } else {
            project::say_missing(state, "The project you had open last is no longer here.");
        }
    } else if is_one_project && let Some(project) = state.projects.first().map(|summary| summary.project.id) {
        effects.extend(project::open(state, ProjectOpening::new(project)));
    }
    effects.push(save(state));
    effects
}

/// Sentences shown in a notice; all of them are in its details.
const MOST_SHOWN: usize = 3;

/// The title about an archive whose lists do not match its manifest.
const NOT_AS_WRITTEN: &str = "The archive differs from its manifest.";

/// The title about an archive of which it is not known whether it is as it is in its store.
const NOT_CERTAIN: &str = "The archive may not be up to date.";

/// Shows how many problems a list has, and which. It takes the place of an earlier notice about the same.
pub(crate) fn report_doubts(state: &mut State, doubted: Doubted, sentences: &[String]) {
    let problems = count(sentences.len() as u64, "problem", "problems");
    let title = match doubted {
        Doubted::Projects => format!("{problems} in the list of projects"),
        Doubted::Iterations => format!("{problems} in the list of iterations"),
        Doubted::Tags => format!("{problems} in the list of tags"),
        Doubted::Archive => NOT_AS_WRITTEN.to_owned(),
    };
    let mut shown: Vec<String> = sentences.iter().take(MOST_SHOWN).map(|words| sentence(words)).collect();
    if sentences.len() > MOST_SHOWN {
        shown.push(format!("And {} more: copy the details to see them all.", sentences.len() - MOST_SHOWN));
    }
    let notice = Notice { details: sentences.join("\n"), ..Notice::new(Severity::Warning, title, shown.join(" ")) };
    state.notices.retain(|other| (&other.title, &other.details) != (&notice.title, &notice.details));
    state.push_notice(notice);
}

fn sentence(words: &str) -> String {
    if words.ends_with('.') { words.to_owned() } else { format!("{words}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Settings, apply};

    #[test]
    fn a_list_with_problems_is_told_once_with_their_number_and_names() {
        let mut state = State::new(Settings::default());
        let sentences: Vec<String> = (1..=5).map(|number| format!("Number {number} could not be read")).collect();
        for _ in 0..2 {
            apply(&mut state, Event::Doubts { doubted: Doubted::Projects, sentences: sentences.clone() });
        }
        apply(&mut state, Event::Doubts { doubted: Doubted::Tags, sentences: sentences[..1].to_vec() });
        let told: Vec<_> = state.notices.iter().map(|notice| (&*notice.title, &*notice.body)).collect();
        assert_eq!(
            told,
            [
                (
                    "5 problems in the list of projects",
                    "Number 1 could not be read. Number 2 could not be read. Number 3 could not be read. And 2 more: copy \
                     the details to see them all."
                ),
                ("1 problem in the list of tags", "Number 1 could not be read."),
            ]
        );
        assert_eq!(state.notices[0].details.lines().count(), 5);
    }
}
