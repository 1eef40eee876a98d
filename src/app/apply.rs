//! An event of the engine changes the state and may ask for further effects. What belongs to an earlier opening is
//! dropped here.

use std::path::PathBuf;
use std::sync::Arc;

use super::changes::ChangesCommand;
use super::checks::CheckEvent;
use super::dialog::{Dialog, FolderPurpose};
use super::export::ExportChoice;
use super::origin::FailureOrigin;
use super::predictions::PredictionsCommand;
use super::state::{Arriving, Busy, Opened, Screen};
use super::task_progress::ProgressReport;
use super::update::{self, connected, remember_project};
use super::{
    Command, ConnectionCommand, Effect, Event, ExportCommand, Failure, FailureKind, LeaveCommand, ListingState, Notice,
    NoticeAction, PictureInfo, PictureSource, PixelResult, Severity, SourceSpec, State, TaskId, TaskState, words,
};
use domain::{Page, Sort, Tag};

/// Problems of rows kept for the list; more than anyone reads.
const MOST_PAGE_PROBLEMS: usize = 10_000;

pub fn apply(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = take(state, event);
    effects.extend(update::after_change(state));
    effects
}

/// How far the opening of a source is, if it is what is being opened.
fn arriving<'a>(state: &'a mut State, source: &SourceSpec) -> Option<&'a mut Arriving> {
    let is_it = matches!(&state.connect.busy, Some(Busy::Connecting(busy)) if busy == source);
    is_it.then_some(&mut state.connect.arriving)
}

fn take(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::KeyStatus { endpoint, is_stored, keychain_problem } => {
            if endpoint == state.settings.endpoint {
                state.connect.has_stored_key = is_stored;
            }
            state.connect.keychain_problem = keychain_problem;
        }
        Event::Tested(result) => {
            state.connect.busy = None;
            match result {
                Ok(report) => state.connect.tested = Some(report.project_count),
                Err(failure) => state.connect.failure = Some(failure),
            }
        }
        Event::Arriving { source, come, of } => {
            if let Some(arriving) = arriving(state, &source) {
                (arriving.come, arriving.of, arriving.waits) = (come, of, None);
            }
        }
        Event::StoreWaits { source, words } => {
            if let Some(arriving) = arriving(state, &source) {
                arriving.waits = words;
            }
        }
        Event::Connected { source, projects, notice } => return connected(state, source, projects, notice),
        Event::Recalled { endpoint, project, iteration, catalogue, kept_unix } => {
            return update::lifecycle::recall::recalled(state, endpoint, (project, iteration), catalogue, kept_unix);
        }
        Event::ConnectFailed { source, failure } => {
            update::say_left_behind(state, &source, false);
            state.connect.busy = None;
            state.restoring = None;
            state.wanted_project = None;
            if update::lifecycle::recall::is_of(state, &source) {
                return update::lifecycle::recall::not_connected(state, failure);
            }
            let is_of_store = matches!(source, SourceSpec::Store { .. });
            if source.is_archive() && state.dialog == Some(Dialog::OpenFolder) {
                state.connect.folder_failure = Some(failure);
            } else if state.screen == Screen::Connect
                && !(is_of_store && failure.kind.origin() == FailureOrigin::Network)
            {
                state.connect.failure = Some(failure);
            } else {
                notify(state, &failure);
            }
        }
        Event::ProjectCounts { project, tags, images, cover } => {
            if let Some(summary) = state.projects.iter_mut().find(|summary| summary.project.id == project) {
                summary.tag_count = tags.or(summary.tag_count);
                summary.image_count = images.or(summary.image_count);
                summary.cover = cover.or(summary.cover);
            }
        }
        Event::Iterations { project, result } => {
            state.iterations.insert(project, result);
        }
        Event::Doubts { doubted, sentences } => update::lifecycle::report_doubts(state, doubted, &sentences),
        Event::Task { task, state: task_state } => set_task(state, task, task_state),
        Event::ExportDone { task, report } => {
            let mut effects = vec![export_done(state, task, report)];
            effects.extend(update::place_let_go(state));
            return effects;
        }
        Event::ArchiveDone { task, report } => return vec![archive_done(state, task, report)],
        Event::TaskFailed { task, failure } => return task_failed(state, task, failure),
        Event::Interrupted(jobs) => return update::interrupted(state, jobs),
        Event::Discarded { task, result } => update::discarded(state, task, result),
        Event::DryRun(found) => {
            if found.number == state.export.asked {
                state.export.dry_run = Some(*found);
            }
        }
        Event::PlaceSeen { place, state: seen } => return update::place_seen(state, &place, seen),
        Event::ClassesRead { folder, result } => return update::classes_read(state, &folder, result),
        Event::CacheSize(bytes) => state.cache_bytes = bytes,
        Event::CacheProblem(problem) => state.cache_problem = problem,
        Event::ReducedMotion(is_reduced) => state.system_reduces_motion = Some(is_reduced),
        Event::SettingsFailed(failure) => notify(state, &failure),
        Event::FolderPicked { purpose, path: Some(path) } => return folder_picked(state, purpose, path),
        Event::FolderPicked { path: None, .. } => {}
        Event::Check { generation, event } if is_open(state, generation) => {
            let is_compared = matches!(event, CheckEvent::Duplicates { .. });
            let mut effects = update::checks::apply(state, event);
            if is_compared {
                effects.extend(update::pictures_compared(state));
            }
            return effects;
        }
        Event::Review { generation, event } => {
            let is_open = is_open(state, generation);
            update::review::note_on_disk(state, generation, &event, is_open);
            if is_open {
                return update::review::apply(state, event);
            }
        }
        Event::Wall { generation, event } if is_open(state, generation) => return update::wall::apply(state, event),
        Event::Copied { generation, event } if is_open(state, generation) => {
            return update::copying::apply(state, event);
        }
        Event::Statistics { generation, event } if is_open(state, generation) => {
            return update::statistics::apply(state, event);
        }
        Event::Changes { generation, event } if is_open(state, generation) => {
            return update::changes::apply(state, event);
        }
        Event::Predictions { generation, event } if is_open(state, generation) => {
            return update::predictions::apply(state, event);
        }
        Event::Tags { generation, tags } if is_open(state, generation) => return tags_came(state, &tags),
        Event::LastVisit { generation, catalogue } if is_open(state, generation) => {
            return and_checks(state, |opened, sort| update::lifecycle::last_visit::show(opened, catalogue, sort));
        }
        Event::Page { generation, page } if is_open(state, generation) => {
            return and_checks(state, |opened, sort| add_page(opened, page, sort));
        }
        Event::Listing { generation, state: listing } if is_open(state, generation) => {
            return listing_came(state, listing);
        }
        Event::Picture { generation, info } if is_open(state, generation) => return picture_came(state, info),
        Event::OriginalSizes { generation, sizes } if is_open(state, generation) => {
            return update::originals::known(state, &sizes);
        }
        Event::Refreshed { generation, rows } => {
            if let Some(opened) = opened_as(state, generation) {
                let catalogue = Arc::make_mut(&mut opened.catalogue);
                rows.iter().for_each(|row| catalogue.refresh_uris(row));
            }
        }
        Event::Waiting { generation, words } => {
            if let Some(opened) = opened_as(state, generation) {
                opened.waiting = words;
            }
        }
        Event::Pixels { generation, key, result } => {
            if let Some(opened) = opened_as(state, generation) {
                note_pixels(opened, key, result);
            }
        }
        Event::Pixel { generation, pixel } => {
            if let Some(opened) = opened_as(state, generation) {
                opened.tools.pixel = Some(pixel);
            }
        }
        Event::ImageProblem { generation, ix, problem } => {
            if let Some(opened) = opened_as(state, generation) {
                update::checks::note_problem(opened, ix, &problem);
                Arc::make_mut(&mut opened.catalogue).add_problem(ix, problem);
            }
        }
        // Of an earlier opening.
        Event::Changes { .. }
        | Event::Predictions { .. }
        | Event::Check { .. }
        | Event::Wall { .. }
        | Event::Statistics { .. }
        | Event::Copied { .. }
        | Event::Tags { .. }
        | Event::LastVisit { .. }
        | Event::Page { .. }
        | Event::Listing { .. }
        | Event::Picture { .. }
        | Event::OriginalSizes { .. } => {}
    }
    Vec::new()
}

/// The project of this opening, when it is still open.
fn opened_as(state: &mut State, generation: u64) -> Option<&mut Opened> {
    state.opened.as_mut().filter(|opened| opened.generation == generation)
}

fn is_open(state: &State, generation: u64) -> bool {
    state.opened.as_ref().is_some_and(|opened| opened.generation == generation)
}

/// Changes the open project's list, and checks what has come.
fn and_checks(state: &mut State, change: impl FnOnce(&mut Opened, Sort) -> Vec<Effect>) -> Vec<Effect> {
    let sort = state.settings.order();
    let mut effects = state.opened.as_mut().map(|opened| change(opened, sort)).unwrap_or_default();
    effects.extend(update::checks::resume(state));
    effects
}

fn tags_came(state: &mut State, tags: &[Tag]) -> Vec<Effect> {
    and_checks(state, |opened, sort| {
        if let Some(coming) = &mut opened.coming {
            Arc::make_mut(coming).set_tags(tags);
        }
        Arc::make_mut(&mut opened.catalogue).set_tags(tags);
        update::checks::tags_came(opened);
        update::query::tags_arrived(opened, sort);
        Vec::new()
    })
}

fn listing_came(state: &mut State, listing: ListingState) -> Vec<Effect> {
    let is_over = !matches!(listing, ListingState::Running { .. });
    if let Some(opened) = &mut state.opened {
        opened.listing = listing;
    }
    if is_over { listing_over(state) } else { Vec::new() }
}

fn picture_came(state: &mut State, info: PictureInfo) -> Vec<Effect> {
    let size = (info.ix, (info.width, info.height));
    let is_original = info.source == PictureSource::Original;
    if let Some(opened) = &mut state.opened {
        opened.pictures.insert((info.ix, info.source), info);
    }
    if is_original { update::originals::known(state, &[size]) } else { Vec::new() }
}

fn listing_over(state: &mut State) -> Vec<Effect> {
    let mut effects = update::lifecycle::last_visit::merge(state);
    let sort = state.settings.order();
    if let Some(opened) = &mut state.opened {
        update::query::listed(opened, sort);
        if !opened.is_of_last_visit() {
            Arc::make_mut(&mut opened.catalogue).shrink();
        }
        update::lifecycle::come_back(opened, true);
        // What did not come back is not awaited for ever.
        opened.awaited = Default::default();
        effects.extend(update::lifecycle::last_visit::keep(opened));
        update::review::count_absent(opened);
    }
    remember_project(state);
    effects.push(Effect::SaveSettings(Box::new(state.settings.clone())));
    effects.extend(update::originals::ask(state));
    effects.extend(update::checks::resume(state));
    effects.extend(update::predictions::listed(state));
    effects
}

fn add_page(opened: &mut Opened, page: Page, sort: Sort) -> Vec<Effect> {
    let room = MOST_PAGE_PROBLEMS.saturating_sub(opened.page_problems.len());
    opened.page_problems.extend(page.problems.into_iter().take(room));
    if let Some(coming) = &mut opened.coming {
        Arc::make_mut(coming).append(page.rows);
        return Vec::new();
    }
    let added = Arc::make_mut(&mut opened.catalogue).append(page.rows);
    update::lifecycle::arrived(opened, added, sort)
}

fn note_pixels(opened: &mut Opened, key: super::PixelKey, result: PixelResult) {
    match result {
        Ok(_) => {
            opened.failed_pixels.remove(&key);
        }
        Err(failure) => {
            opened.failed_pixels.insert(key, failure);
        }
    }
}

fn set_task(state: &mut State, task: TaskId, task_state: TaskState) {
    if let Some(found) = state.tasks.iter_mut().find(|found| found.id == task) {
        // Once it has ended well there is nothing to start again.
        if matches!(task_state, TaskState::Done(_) | TaskState::Archived(_)) {
            found.retry = None;
        }
        if let TaskState::Running { stage, done, total, .. } = task_state {
            let is_paused = found.paused == Some(true);
            let report = ProgressReport { stage, done, total, is_paused, now_unix: state.now_unix };
            found.progress.note(found.retry.as_ref(), report);
        }
        found.state = task_state;
    }
}

fn export_done(state: &mut State, task: TaskId, report: Box<super::ExportReport>) -> Effect {
    let body = format!(
        "{} and {}, read back and verified.{}",
        words::count(report.images(), "image", "images"),
        words::count(report.regions(), "region", "regions"),
        match report.skips.len() {
            0 => String::new(),
            notes => format!(" {} in the report.", words::count(notes as u64, "note", "notes")),
        },
    );
    let title = format!("Exported to {}", report.folder);
    set_task(state, task, TaskState::Done(report));
    let action = Some(NoticeAction::ShowExport(task));
    ended(state, task, Notice { action, ..Notice::new(Severity::Success, title, body) })
}

fn archive_done(state: &mut State, task: TaskId, report: Box<super::ArchiveReport>) -> Effect {
    let title = format!("Archived to {}", report.folder);
    let (severity, body) = match report.is_whole() {
        true => (Severity::Success, "The whole project, read back and verified."),
        false => (Severity::Warning, "Read back and verified, but some items are missing. See the archive report."),
    };
    set_task(state, task, TaskState::Archived(report));
    let action = Some(NoticeAction::ShowArchive(task));
    ended(state, task, Notice { action, ..Notice::new(severity, title, body) })
}

/// Says that work has ended: by its report where somebody watches the list of tasks, else by a notice; and to who looks
/// at another window.
fn ended(state: &mut State, task: TaskId, notice: Notice) -> Effect {
    let effect = Effect::Announce { title: notice.title.clone(), body: notice.body.clone() };
    if state.dialog == Some(Dialog::Tasks) {
        state.dialog = Some(Dialog::Report(task));
    } else {
        state.push_notice(notice);
    }
    effect
}

fn task_failed(state: &mut State, task: TaskId, failure: Failure) -> Vec<Effect> {
    let is_wanted = failure.kind == FailureKind::Canceled;
    if !is_wanted && state.dialog != Some(Dialog::Tasks) {
        notify(state, &failure);
    }
    update::ended_badly(state, task, &failure);
    let title = state.tasks.iter().find(|found| found.id == task).map(|found| format!("{}: failed", found.title));
    let body = failure.headline();
    set_task(state, task, TaskState::Failed(failure));
    let announced = title.filter(|_| !is_wanted).map(|title| Effect::Announce { title, body });
    announced.into_iter().chain(update::place_let_go(state)).collect()
}

fn folder_picked(state: &mut State, purpose: FolderPurpose, path: PathBuf) -> Vec<Effect> {
    match purpose {
        FolderPurpose::Open => update::update(state, Command::Connection(ConnectionCommand::OpenFolder(path))),
        FolderPurpose::Archive => {
            let path = update::in_folder(&path, &state.leave.folder, "archive".to_owned());
            update::update(state, Command::Leave(LeaveCommand::EditFolder(path.display().to_string())))
        }
        FolderPurpose::Classes => {
            let choice = ExportChoice::EarlierFolder(path.display().to_string());
            update::update(state, Command::Export(ExportCommand::Choose(choice)))
        }
        FolderPurpose::Compare => {
            let typed = ChangesCommand::EditFolder(path.display().to_string());
            update::update(state, Command::Changes(typed))
        }
        FolderPurpose::PredictionsFile | FolderPurpose::PredictionsFolder => {
            let typed = PredictionsCommand::EditPath(path.display().to_string());
            update::update(state, Command::Predictions(typed))
        }
        FolderPurpose::PredictionsLabels => {
            let typed = PredictionsCommand::EditLabels(path.display().to_string());
            update::update(state, Command::Predictions(typed))
        }
        FolderPurpose::ChangesReport => update::changes::folder_picked(state, &path),
        FolderPurpose::Outcomes => update::predictions::folder_picked(state, &path),
        FolderPurpose::Plots => update::statistics::folder_picked(state, &path),
        FolderPurpose::ReviewsFile => update::review::path_picked(state, path),
        FolderPurpose::ReviewsFolder => update::review::folder_picked(state, &path),
        FolderPurpose::Export => {
            // The dialog picks a folder that exists; the export makes a new one in it.
            let path = update::in_folder(&path, &state.export.folder, "export".to_owned());
            update::update(state, Command::Export(ExportCommand::EditFolder(path.display().to_string())))
        }
    }
}

fn notify(state: &mut State, failure: &Failure) {
    state.push_notice(Notice::from_failure(Severity::Error, failure));
}
