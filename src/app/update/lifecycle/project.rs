//! Opening, closing and listing a project.

use std::sync::Arc;

use super::kept_places;
use super::recall;
use crate::checks::CheckEffect;
use crate::settings::{Recent, Session};
use crate::state::{Awaited, Opened, Screen};
use crate::update::save;
use crate::view::KeptPlaces;
use crate::view::{CanvasRequest, GridRequest, View};
use crate::{
    ConnectionCommand, Effect, Failure, FailureKind, ListingState, Notice, NoticeAction, ProjectCommand, QueryState,
    Severity, SourceSpec, State,
};
use domain::{Catalogue, ImageIx, IterationId, ProjectId};

pub(in crate::update) fn update(state: &mut State, command: ProjectCommand) -> Vec<Effect> {
    match command {
        ProjectCommand::ShowIterations(project) => {
            let is_folding = state.unfolded == Some(project);
            state.unfolded = (!is_folding).then_some(project);
            let is_known = matches!(state.iterations.get(&project), Some(Ok(_)));
            if is_folding || is_known {
                return Vec::new();
            }
            state.iterations.remove(&project);
            vec![Effect::ListIterations { project }]
        }
        ProjectCommand::Open { project, iteration } => {
            if is_unconnected(state) {
                say_unconnected(state);
                return Vec::new();
            }
            let mut effects = open(state, ProjectOpening { iteration, ..ProjectOpening::new(project) });
            effects.push(save(state));
            effects
        }
        ProjectCommand::Close => {
            // An archive and the sample hold one project: their list would be a detour; without a connection there is none.
            if !matches!(state.source, Some(SourceSpec::Service { .. })) || is_unconnected(state) {
                return super::connect::update(state, ConnectionCommand::Disconnect);
            }
            let mut effects = close(state);
            state.settings.session = None;
            state.screen = Screen::Projects;
            effects.push(save(state));
            effects
        }
        ProjectCommand::ShowUntagged(_) if is_unconnected(state) => {
            say_unconnected(state);
            Vec::new()
        }
        ProjectCommand::ShowUntagged(has_untagged) => show_untagged(state, has_untagged),
        ProjectCommand::Refresh | ProjectCommand::ResumeListing if is_unconnected(state) => {
            recall::connect_again(state)
        }
        ProjectCommand::StopListing if is_unconnected(state) => recall::stop(state),
        ProjectCommand::Refresh => refresh(state),
        ProjectCommand::StopListing => {
            let generation = state.opened.as_ref().map(|opened| opened.generation);
            generation.map(|generation| Effect::StopListing { generation }).into_iter().collect()
        }
        ProjectCommand::ResumeListing => resume(state),
    }
}

pub(super) struct ProjectOpening {
    pub project: ProjectId,
    pub iteration: Option<IterationId>,
    pub has_untagged: bool,
    pub view: View,
    pub query: String,
    pub awaited: Awaited,
    pub how: How,
}

/// Where the list of a project comes from when it is opened.
pub(super) enum How {
    /// It is loaded from the source.
    Listed,
    /// It was kept at the last visit, at that time; the service is not connected.
    Kept { kept_unix: Option<i64> },
    /// It is another one than before, and these are the new indices of the old images.
    Renumbered(Arc<[Option<ImageIx>]>),
}

impl ProjectOpening {
    /// The workspace of a project, from its source.
    pub(super) fn new(project: ProjectId) -> Self {
        Self {
            project,
            iteration: None,
            has_untagged: false,
            view: View::default(),
            query: String::new(),
            awaited: Awaited::default(),
            how: How::Listed,
        }
    }

    /// The project of a session, and in it where the person was.
    pub(super) fn from_session(session: Session) -> Self {
        Self {
            iteration: session.iteration,
            has_untagged: session.has_untagged,
            // The canvas waits for its image.
            view: if session.view == View::Canvas { View::Grid } else { session.view },
            query: session.query,
            awaited: Awaited {
                cursor: session.image,
                on_canvas: session.is_on_canvas,
                places: KeptPlaces { grid: session.grid_place, wall: session.wall_place },
                ..Awaited::default()
            },
            ..Self::new(session.project)
        }
    }

    /// The same project as before, with images without tags or without them.
    pub(super) fn again(old: &Opened) -> Self {
        Self { iteration: old.iteration, has_untagged: old.has_untagged, ..Self::new(old.project.id) }
    }
}

pub(super) fn open(state: &mut State, opening: ProjectOpening) -> Vec<Effect> {
    let ProjectOpening { project, iteration, has_untagged, view, query, awaited, how } = opening;
    let Some(summary) = state.projects.iter().find(|summary| summary.project.id == project).cloned() else {
        return Vec::new();
    };
    let mut effects = close(state);
    state.generation += 1;
    let generation = state.generation;
    let is_kept = matches!(how, How::Kept { .. });
    let total = if iteration.is_none() && !is_kept { summary.image_count } else { None };
    state.opened = Some(Opened {
        generation,
        project: summary.project,
        kind: summary.kind,
        iteration,
        has_untagged,
        catalogue: Arc::new(Catalogue::new()),
        coming: None,
        is_connected: !is_kept,
        kept_unix: if let How::Kept { kept_unix } = how { kept_unix } else { None },
        listing: ListingState::Running { listed: 0, total, pages_per_second: 0.0, waiting: None },
        waiting: None,
        page_problems: Vec::new(),
        query: QueryState::from_text(query),
        visible: Vec::new(),
        grouping: state.settings.grouping,
        groups: Vec::new(),
        ungrouped: Vec::new(),
        selection: Default::default(),
        cursor: None,
        view,
        before_canvas: view,
        similar: None,
        region: None,
        hidden_tags: Default::default(),
        keeps_view: false,
        is_smooth: false,
        failed_pixels: Default::default(),
        pictures: Default::default(),
        grid: GridRequest::default(),
        canvas: CanvasRequest::default(),
        scrolled: Default::default(),
        tools: Default::default(),
        checks: Default::default(),
        changes: Default::default(),
        predictions: Default::default(),
        review: Default::default(),
        wall: Default::default(),
        statistics: Default::default(),
        awaited,
    });
    state.screen = Screen::Project;
    state.dialog = None;
    remember_project(state);
    effects.push(match how {
        How::Listed => Effect::Open { generation, project, iteration, has_untagged },
        How::Kept { .. } => Effect::OpenKept { generation, project, iteration },
        How::Renumbered(places) => Effect::Renumber { generation, project, iteration, places },
    });
    effects.push(Effect::Check { generation, effect: CheckEffect::LoadHashes });
    effects.extend(state.opened.as_ref().map(crate::update::review::open));
    if !is_kept && !matches!(state.iterations.get(&project), Some(Ok(_))) {
        effects.push(Effect::ListIterations { project });
    }
    effects
}

/// Closes the open project, if any; where the person was is kept for its next opening.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    remember_project(state);
    match state.opened.take() {
        Some(opened) => vec![Effect::Close { generation: opened.generation }],
        None => Vec::new(),
    }
}

/// Lists the images without tags too, or no longer.
fn show_untagged(state: &mut State, has_untagged: bool) -> Vec<Effect> {
    let Some(opened) = state.opened.as_mut().filter(|opened| opened.has_untagged != has_untagged) else {
        return Vec::new();
    };
    opened.has_untagged = has_untagged;
    let mut effects = refresh(state);
    effects.push(save(state));
    effects
}

/// Lists the open project again; choice, cursor, filter and view come back as the images arrive.
fn refresh(state: &mut State) -> Vec<Effect> {
    let Some(mut old) = state.opened.take() else { return Vec::new() };
    crate::update::similar::give_back(&mut old);
    let id_of = |ix| old.catalogue.get(ix).map(|image| image.id());
    let awaited = Awaited {
        cursor: old.cursor.and_then(id_of),
        on_canvas: old.view == View::Canvas,
        chosen: old.selection.iter().filter_map(id_of).collect(),
        places: kept_places(&old),
    };
    let mut effects = vec![Effect::Close { generation: old.generation }];
    effects.extend(open(state, ProjectOpening::again(&old)));
    if let Some(opened) = &mut state.opened {
        opened.awaited = awaited;
        // The canvas waits for its image, the other views for nothing.
        if old.view != View::Canvas {
            opened.view = old.view;
        }
        keep_choices(old, opened);
    }
    effects
}

/// What the user has set for the project and what does not hang on the indices of a catalogue.
pub(super) fn keep_choices(old: Opened, opened: &mut Opened) {
    opened.query = QueryState::from_text(old.query.text);
    opened.hidden_tags = old.hidden_tags;
    opened.wall.only = old.wall.only;
    opened.keeps_view = old.keeps_view;
    opened.tools.adjust = old.tools.adjust;
    opened.is_smooth = old.is_smooth;
    opened.checks.shows_dismissed = old.checks.shows_dismissed;
    opened.statistics.scope = old.statistics.scope;
    // They stay until those of the new list are counted.
    opened.statistics.figures = old.statistics.figures;
    opened.checks.current = old.checks.current;
    opened.predictions = old.predictions.again();
    // They are read again for the new opening; what is known is shown meanwhile.
    opened.review.reviews = old.review.reviews;
    opened.review.remark = old.review.remark;
    opened.review.transfer.path = old.review.transfer.path;
}

/// Continues with the listing of the open project where it failed: what came stays and is not asked for again.
fn resume(state: &mut State) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let ListingState::Failed { listed, total, .. } = opened.listing else { return Vec::new() };
    opened.listing = ListingState::Running { listed, total, pages_per_second: 0.0, waiting: None };
    let Opened { generation, iteration, has_untagged, .. } = *opened;
    vec![Effect::ResumeListing { generation, iteration, has_untagged }]
}

/// Puts the open project at the head of the recent ones and notes where the person is.
pub(crate) fn remember_project(state: &mut State) {
    let (Some(opened), Some(source)) = (&state.opened, &state.source) else { return };
    let known = state.projects.iter().find(|summary| summary.project.id == opened.project.id);
    let first = opened.catalogue.iter().next().map(|image| image.id());
    let listed = opened.catalogue.len() as u64;
    let recent = Recent {
        source: source.clone(),
        project: opened.project.id,
        name: opened.project.name.clone(),
        kind: opened.kind.word().to_owned(),
        tag_count: known.and_then(|known| known.tag_count).unwrap_or(opened.catalogue.tags().len() as u64),
        image_count: known.and_then(|known| known.image_count).unwrap_or(listed),
        cover: known.and_then(|known| known.cover).or(first),
        opened_unix: state.now_unix,
        left: None,
    };
    let KeptPlaces { grid: grid_place, wall: wall_place } = kept_places(opened);
    let session = Session {
        source: source.clone(),
        project: opened.project.id,
        iteration: opened.iteration,
        image: opened.current().map(|image| image.id()).or(opened.awaited.cursor),
        is_on_canvas: opened.view == View::Canvas || opened.awaited.on_canvas,
        view: if opened.view == View::Canvas { opened.before_canvas } else { opened.view },
        query: opened.query.text.clone(),
        has_untagged: opened.has_untagged,
        grid_place,
        wall_place,
    };
    // The sample is always one click away; a place among the recent ones would only push real projects out.
    if *source != SourceSpec::Sample {
        state.settings.remember(Recent { left: Some(session.clone()), ..recent });
    }
    state.settings.session = Some(session);
}

/// Whether the open project is one of a service that is not connected.
pub(in crate::update) fn is_unconnected(state: &State) -> bool {
    state.opened.as_ref().is_some_and(|opened| !opened.is_connected)
}

fn say_unconnected(state: &mut State) {
    let failure = Failure::bare(FailureKind::NotConnected);
    let action = Some(NoticeAction::ResumeListing);
    let notice = Notice::new(Severity::Warning, failure.headline(), failure.advice());
    state.push_notice(Notice { action, ..notice });
}

pub(super) fn say_missing(state: &mut State, title: &str) {
    let body = "It may have been deleted, or belong to another resource.";
    state.push_notice(Notice::new(Severity::Warning, title, body));
}

#[cfg(test)]
mod tests;
