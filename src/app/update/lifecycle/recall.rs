//! A project that was open before, while its service is not connected: the list of the last visit is on the screen and
//! usable, the connection is made behind it, and its result moves nothing that is visible.

use std::sync::Arc;

use super::last_visit;
use super::project::{self, How, ProjectOpening};
use crate::dialog::Dialog;
use crate::event::ProjectSummary;
use crate::settings::{Recent, Session};
use crate::state::{Busy, Opened, Screen};
use crate::{Effect, Failure, FailureKind, ListingState, Notice, NoticeAction, Severity, SourceSpec, State, words};
use domain::{Catalogue, ImageIx, IterationId, Project, ProjectId, ProjectKind};

/// Asks for the list of the last visit to the project that the connection is made for, where it is known which that is.
pub(super) fn ask(state: &mut State, source: &SourceSpec) -> Option<Effect> {
    state.recalling = wanted(state, source);
    let Session { source, project, iteration, has_untagged, .. } = state.recalling.clone()?;
    let SourceSpec::Service { endpoint } = source else { return None };
    Some(Effect::Recall { endpoint, project, iteration, has_untagged })
}

/// The project that is to be opened there, as an earlier visit knew it. A name that two of them have says nothing.
fn wanted(state: &State, source: &SourceSpec) -> Option<Session> {
    // What is on the screen stays there until the service has answered.
    if state.opened.is_some() || !matches!(source, SourceSpec::Service { .. }) {
        return None;
    }
    if let Some(wanted) = &state.wanted_project {
        let here = state.settings.recents.iter().filter(|recent| recent.source.is_same_place(source));
        let mut named = here.filter(|recent| recent.project.to_string() == *wanted || recent.name == *wanted);
        let (Some(recent), None) = (named.next(), named.next()) else { return None };
        return Some(Session::beginning(source.clone(), recent.project));
    }
    state.restoring.clone().filter(|session| session.source == *source && recent(state, session).is_some())
}

fn recent<'a>(state: &'a State, session: &Session) -> Option<&'a Recent> {
    let Session { source, project, .. } = session;
    state.settings.recents.iter().find(|recent| recent.project == *project && recent.source.is_same_place(source))
}

/// Shows the list, unless something else is wanted by now.
pub(crate) fn recalled(
    state: &mut State,
    endpoint: String,
    (project, iteration): (ProjectId, Option<IterationId>),
    catalogue: Arc<Catalogue>,
    kept_unix: Option<i64>,
) -> Vec<Effect> {
    let source = SourceSpec::Service { endpoint };
    let is_wanted = |session: &mut Session| {
        session.source == source && session.project == project && session.iteration == iteration
    };
    let Some(session) = state.recalling.take_if(is_wanted).filter(|_| state.opened.is_none()) else {
        return Vec::new();
    };
    let Some(recent) = recent(state, &session) else { return Vec::new() };
    state.projects = vec![summary(recent)];
    state.source = Some(source);
    // Without its service, which would have to be asked for the iterations.
    let how = How::Kept { kept_unix };
    let mut effects = project::open(state, ProjectOpening { how, ..ProjectOpening::from_session(session) });
    let sort = state.settings.order();
    if let Some(opened) = &mut state.opened {
        effects.extend(last_visit::show(opened, catalogue, sort));
    }
    // It may have been quicker to fail than the list to be read.
    if let Some(failure) = state.connect.failure.take() {
        failed(state, failure);
    }
    effects.extend(crate::update::checks::resume(state));
    effects
}

fn summary(recent: &Recent) -> ProjectSummary {
    ProjectSummary {
        project: Project::named(recent.project, &recent.name),
        kind: ProjectKind::from_word(&recent.kind),
        tag_count: Some(recent.tag_count),
        image_count: Some(recent.image_count),
        cover: recent.cover,
    }
}

fn connecting() -> ListingState {
    ListingState::Running { listed: 0, total: None, pages_per_second: 0.0, waiting: None }
}

/// The project whose service is not connected.
fn unconnected(state: &mut State) -> Option<&mut Opened> {
    state.opened.as_mut().filter(|opened| !opened.is_connected)
}

/// Whether the list that is shown is of this source, which is not connected.
pub(crate) fn is_of(state: &State, source: &SourceSpec) -> bool {
    project::is_unconnected(state) && state.source.as_ref() == Some(source)
}

/// The service of the list that is shown could not be connected to.
pub(crate) fn not_connected(state: &mut State, failure: Failure) -> Vec<Effect> {
    if state.screen == Screen::Connect {
        state.connect.failure = Some(failure.clone());
    }
    failed(state, failure);
    crate::update::checks::resume(state)
}

/// There is no connection. The list stays as it is, and a message next to it says what happened.
fn failed(state: &mut State, failure: Failure) {
    let Some(opened) = unconnected(state) else { return };
    let images = opened.catalogue.len() as u64;
    let title = failure.headline();
    let body = format!("Showing {}. {}", words::kept_list(opened.kept_unix), failure.advice());
    let action = match failure.is_worth_retrying() {
        true => NoticeAction::ResumeListing,
        false => NoticeAction::EditConnection,
    };
    let details = failure.full_text();
    opened.listing = ListingState::Failed { listed: images, total: None, failure };
    forget_notice(state);
    let notice = Notice { action: Some(action), details, ..Notice::new(Severity::Warning, title, body.trim_end()) };
    state.connection_notice = Some(state.push_notice(notice));
}

/// What was said about the connection is no longer so.
pub(super) fn forget_notice(state: &mut State) {
    if let Some(id) = state.connection_notice.take() {
        state.notices.retain(|notice| notice.id != id);
    }
}

/// Connects to the service of the list that is shown, once more.
pub(super) fn connect_again(state: &mut State) -> Vec<Effect> {
    let Some(source) = state.source.clone() else { return Vec::new() };
    let effects = super::connect::connect(state, source, None);
    if !effects.is_empty() {
        is_connecting(state);
    }
    effects
}

/// Says next to the list that its service is being connected to, if that is the one.
pub(super) fn is_connecting(state: &mut State) {
    let Some(Busy::Connecting(source)) = state.connect.busy.clone() else { return };
    if state.source.as_ref() != Some(&source) {
        return;
    }
    if let Some(opened) = unconnected(state) {
        opened.listing = connecting();
        forget_notice(state);
    }
}

/// Gives up connecting; the list stays.
pub(super) fn stop(state: &mut State) -> Vec<Effect> {
    if state.connect.busy.take().is_none() {
        return Vec::new();
    }
    (state.restoring, state.wanted_project) = (None, None);
    if let Some(opened) = unconnected(state) {
        let failure = Failure::bare(FailureKind::Canceled);
        opened.listing = ListingState::Failed { listed: opened.catalogue.len() as u64, total: None, failure };
    }
    let mut effects = vec![Effect::StopConnecting];
    effects.extend(crate::update::checks::resume(state));
    effects
}

/// To the fields of endpoint and key, from which Esc leads back to the list.
pub(super) fn edit_connection(state: &mut State) -> Vec<Effect> {
    let Some(SourceSpec::Service { endpoint }) = state.source.clone() else { return Vec::new() };
    let Some(opened) = unconnected(state) else { return Vec::new() };
    state.connect.failure = match &opened.listing {
        ListingState::Failed { failure, .. } if failure.kind != FailureKind::Canceled => Some(failure.clone()),
        _ => None,
    };
    state.connect.tested = None;
    state.settings.endpoint.clone_from(&endpoint);
    state.dialog = None;
    state.screen = Screen::Connect;
    vec![Effect::LookUpKey { endpoint }]
}

/// The list to continue now that its source is connected, if it is of this one.
pub(super) fn take(state: &mut State, source: &SourceSpec) -> Option<Opened> {
    if is_of(state, source) { state.opened.take() } else { None }
}

/// Continues with the list under the connection: everything stays in its place while the new list is gathered next to it.
pub(super) fn resume(state: &mut State, old: Opened, dialog: Option<Dialog>) -> Vec<Effect> {
    let catalogue = Arc::clone(&old.catalogue);
    let places = (0..catalogue.len() as u32).map(|ix| Some(ImageIx(ix))).collect();
    let mut effects = last_visit::continue_with(state, old, catalogue, places);
    state.connect.failure = None;
    let Some(opened) = &mut state.opened else { return effects };
    let Opened { generation, iteration, has_untagged, .. } = *opened;
    opened.coming = Some(Arc::new(Catalogue::new()));
    opened.listing = connecting();
    // What was not on this computer can be had now.
    opened.failed_pixels.clear();
    effects.extend(crate::update::want_pixels(opened));
    effects.push(Effect::ResumeListing { generation, iteration, has_untagged });
    // What the user is at is not taken from under their hands; a question about many images would be about indices.
    state.dialog = dialog.filter(|dialog| *dialog != Dialog::ConfirmReview);
    project::remember_project(state);
    effects
}

#[cfg(test)]
mod tests;
