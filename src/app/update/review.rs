//! Does the commands of [`crate::review`] and takes its events.

mod advance;
mod blame;
mod deciding;
mod transfer;
mod words;

use std::sync::Arc;

use self::deciding::{clear, comment, decide, next_after, subjects, update_quick};
use super::{checks, outdated, save, with_opened};
use crate::dialog::Dialog;
use crate::review::{
    Access, FoundSurvey, MOST_PENDING, Reversal, ReviewCommand, ReviewEffect, ReviewEvent, SurveyCommand,
};
use crate::state::Opened;
use crate::words::count;
use crate::{Effect, Failure, Notice, NoticeAction, Severity, State};
use domain::{Catalogue, Decision, ImageId, Reviews, SharedDecisions, Sort, SortKey, Statement, Survey};

pub(super) use transfer::prepare;
pub(crate) use transfer::{folder_picked, path_picked};
use words::say_with_way_back;
pub(super) use words::{end_remark, say, say_for_a_moment, say_of_view};

pub(super) fn update(state: &mut State, command: ReviewCommand) -> Vec<Effect> {
    match command {
        ReviewCommand::SetReviewer(name) => set_reviewer(state, name),
        ReviewCommand::SetBulkLimit(limit) => {
            state.settings.review_bulk = limit;
            vec![save(state)]
        }
        ReviewCommand::ToggleAdvance => {
            state.settings.review_advances = !state.settings.review_advances;
            let word =
                if state.settings.review_advances { "Moves on after a decision" } else { "Stays after a decision" };
            say_for_a_moment(state, word);
            vec![save(state)]
        }
        ReviewCommand::DecideHere(verdict) => {
            let subjects = subjects(state);
            decide(state, subjects, verdict)
        }
        ReviewCommand::Decide { subjects, verdict } => decide(state, subjects, verdict),
        ReviewCommand::BlameHere(blame) => blame::here(state, blame),
        ReviewCommand::Blame { disputes, blame } => blame::put(state, disputes, blame),
        ReviewCommand::ClearHere if blame::is_any_here(state) => blame::here(state, None),
        ReviewCommand::ClearHere => {
            let subjects = subjects(state);
            clear(state, subjects)
        }
        ReviewCommand::Clear(subjects) => clear(state, subjects),
        ReviewCommand::CommentHere(text) => {
            let subjects = subjects(state);
            comment(state, subjects, &text)
        }
        ReviewCommand::Comment { subjects, text } => comment(state, subjects, &text),
        ReviewCommand::Quick(command) => update_quick(state, command),
        ReviewCommand::Survey(command) => update_survey(state, command),
        ReviewCommand::Confirm => {
            state.dialog = state.dialog.take_if(|dialog| *dialog != Dialog::ConfirmReview);
            let asked = state.opened.as_mut().and_then(|opened| opened.review.asked.take());
            asked.map_or_else(Vec::new, |asked| enter(state, asked.statement))
        }
        ReviewCommand::Undo => take_back(state, false),
        ReviewCommand::Redo => take_back(state, true),
        ReviewCommand::StepUnreviewed(by) => advance::step(state, by),
        ReviewCommand::Reopen => with_opened(state, |opened| {
            opened.review.access = Access::Loading;
            vec![open(opened)]
        }),
        ReviewCommand::Transfer(command) => transfer::update(state, command),
    }
}

/// Asks for the decisions of the open project.
pub(super) fn open(opened: &Opened) -> Effect {
    effect(opened, ReviewEffect::Open { project: opened.project.id })
}

fn effect(opened: &Opened, effect: ReviewEffect) -> Effect {
    Effect::Review { generation: opened.generation, effect }
}

fn set_reviewer(state: &mut State, name: String) -> Vec<Effect> {
    state.settings.reviewer = name;
    let name = state.reviewer();
    if let Some(opened) = &mut state.opened {
        opened.review.reviews.set_reviewer(&name);
        count_again(opened);
        // A choice of another reviewer is a request for a list by that reviewer's verdicts.
        opened.query.outdated.clear();
    }
    requery(state);
    vec![save(state)]
}

/// Makes a decision: it is seen at once, and said to be kept when it is.
pub(super) fn enter(state: &mut State, statement: Statement) -> Vec<Effect> {
    if let Some(why) = refusal(state) {
        return why;
    }
    let next = match &statement {
        Statement::Decide { subjects, verdict: Some(_) } => next_after(state, subjects),
        Statement::Blame { disputes, blame: Some(_) } => blame::next_after(state, disputes),
        _ => None,
    };
    let Some(Recorded { mut effects, number, .. }) = record(state, statement) else { return Vec::new() };
    let summary = state.opened.as_ref().and_then(|opened| opened.review.reviews.summary(number));
    let words = summary.as_ref().map(words::summary_words).unwrap_or_default();
    say_with_way_back(state, &words, Reversal::Undo);
    if let Some(next) = next {
        effects.extend(advance::go(state, next));
    }
    super::query::recount(state);
    effects
}

/// Why nothing can be decided now, as said to the person; `None`: it can.
fn refusal(state: &mut State) -> Option<Vec<Effect>> {
    let opened = state.opened.as_ref()?;
    let word = match &opened.review.access {
        Access::Open if opened.review.pending.len() < MOST_PENDING => return None,
        Access::Open => "The disk cannot keep up. Wait a moment.".to_owned(),
        Access::Loading => "Decisions are still being read. Try again in a moment.".to_owned(),
        Access::Shut(why) => {
            let why = why.clone();
            let again = Some(NoticeAction::ReopenReviews);
            state.push_notice(Notice { action: again, ..Notice::new(Severity::Warning, NOT_DECIDED, why) });
            return Some(Vec::new());
        }
    };
    say_for_a_moment(state, &word);
    Some(Vec::new())
}

const NOT_DECIDED: &str = "The decision was not saved";

/// An entry that was made.
struct Recorded {
    effects: Vec<Effect>,
    number: u64,
    /// The images it is about.
    images: Vec<ImageId>,
}

/// Puts an entry into the reviews and on its way to the disk.
fn record(state: &mut State, statement: Statement) -> Option<Recorded> {
    let (by, at, sort) = (state.reviewer(), state.now_unix, state.settings.order());
    let before = checks::before_change(state);
    let opened = state.opened.as_mut()?;
    outdated::before(opened, sort);
    let reviews = &mut opened.review.reviews;
    let (number, dismissals) = (reviews.next_number(), reviews.dismissed_revision());
    let decision = Decision { number, at, by, statement };
    let images = reviews.apply(&decision).ok()?;
    let has_dismissed = reviews.dismissed_revision() != dismissals;
    opened.review.pending.push(number);
    state.unsaved.begin(opened.generation, number);
    if has_dismissed {
        checks::dismissals_changed(opened);
    }
    note(opened, sort, &images);
    let keep = ReviewEffect::Keep { project: opened.project.id, decision: Arc::new(decision) };
    let effects = vec![effect(opened, keep)];
    if has_dismissed {
        checks::hold_query(state, before);
    }
    Some(Recorded { effects, number, images })
}

fn take_back(state: &mut State, is_redo: bool) -> Vec<Effect> {
    if let Some(why) = refusal(state) {
        return why;
    }
    let Some(opened) = &state.opened else { return Vec::new() };
    let reviews = &opened.review.reviews;
    let target = if is_redo { reviews.redoable() } else { reviews.undoable() };
    let Some((target, summary)) = target.and_then(|target| Some((target, reviews.summary(target)?))) else {
        say_for_a_moment(state, if is_redo { "Nothing to redo" } else { "Nothing to undo" });
        return Vec::new();
    };
    let statement = if is_redo { Statement::Redo(target) } else { Statement::Undo(target) };
    let Some(Recorded { mut effects, mut images, .. }) = record(state, statement) else { return Vec::new() };
    let (word, way_back) = if is_redo { ("Redone", Reversal::Undo) } else { ("Undone", Reversal::Redo) };
    say_with_way_back(state, &format!("{word}: {}", words::after_colon(&summary)), way_back);
    super::query::recount(state);
    images.sort_unstable();
    images.dedup();
    // There the person sees what has changed.
    if let [image] = images[..] {
        effects.extend(advance::show(state, image));
    }
    match (&summary.disputes[..], &summary.subjects[..], &summary.findings[..]) {
        ([dispute], ..) => blame::show_on_wall(state, dispute),
        (_, [subject], _) => advance::show_on_wall(state, *subject),
        (.., [finding]) => {
            if let Some(opened) = &mut state.opened {
                opened.checks.current = Some(*finding);
            }
        }
        _ => {}
    }
    effects
}

/// Works out what depends on the verdicts of these images. The list of shown images stays as it is.
fn note(opened: &mut Opened, sort: Sort, images: &[ImageId]) {
    let review = &mut opened.review;
    // A decision about regions names the image of each.
    let mut images = images.to_vec();
    images.dedup();
    for &image in &images {
        if let Some(view) = opened.catalogue.find(image).and_then(|ix| opened.catalogue.get(ix)) {
            review.progress.reread(&opened.catalogue, view, &review.reviews);
            opened.query.facets.index.reread(view.ix, image, &review.reviews);
        }
    }
    outdated::after(opened, sort, &images);
}

/// Works out the progress from the start: after a load, or under another name.
fn count_again(opened: &mut Opened) {
    opened.review.progress = Default::default();
    opened.review.arrived(&opened.catalogue);
}

/// Holds the query against the decisions again, where it or the order asks about them: they are others' now.
fn requery(state: &mut State) {
    if let Some(opened) = &mut state.opened {
        opened.query.facets.index.reread_all(&opened.catalogue, &opened.review.reviews);
    }
    let asks = state.opened.as_ref().is_some_and(|opened| opened.query.program.asks_reviews());
    let sort = state.settings.order();
    if let Some(opened) = state.opened.as_mut().filter(|_| asks || sort.key == SortKey::Review) {
        super::query::recheck(opened, sort);
    } else {
        super::query::recount(state);
    }
}

/// Notes which decisions are on the disk, of whatever opening. What could not be kept of one that is no longer open is
/// reported here; of the open one it is taken back and reported by [`apply`].
pub(crate) fn note_on_disk(state: &mut State, generation: u64, event: &ReviewEvent, is_open: bool) {
    match event {
        ReviewEvent::Kept { up_to } => state.unsaved.kept(generation, *up_to),
        ReviewEvent::Failed { from, failure } => {
            let lost = state.unsaved.failed(generation, *from);
            if !is_open && lost > 0 {
                let decisions = count(lost as u64, "decision", "decisions");
                let title = format!("{decisions} could not be saved");
                let body = format!(
                    "They were made just before the project was closed. {} {} Fix this, then repeat them.",
                    failure.headline(),
                    failure.advice()
                );
                let notice = Notice::new(Severity::Error, title, body);
                state.push_notice(Notice { details: failure.full_text(), ..notice });
            }
        }
        ReviewEvent::Imported(_) if !is_open => {
            let body = "The project was closed or listed again before the file was read. Import it again.";
            state.push_notice(Notice::new(Severity::Warning, "Reviews were not imported", body));
        }
        ReviewEvent::Exported(result) if !is_open => {
            let notice = match result {
                Ok(written) => {
                    let body = transfer::words(written.clone());
                    Notice::new(Severity::Success, "The reviews were exported", body)
                }
                Err(failure) => {
                    let notice = Notice::new(Severity::Error, "The reviews were not exported", failure.headline());
                    Notice { details: failure.full_text(), ..notice }
                }
            };
            state.push_notice(notice);
        }
        ReviewEvent::Loaded { .. } | ReviewEvent::Imported(_) | ReviewEvent::Exported(_) => {}
    }
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: ReviewEvent) -> Vec<Effect> {
    let name = state.reviewer();
    let before = checks::before_change(state);
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match event {
        ReviewEvent::Loaded { reviews, shut, notes } => {
            opened.review.reviews = Arc::unwrap_or_clone(reviews);
            opened.review.reviews.set_reviewer(&name);
            opened.review.pending.clear();
            let is_shut = shut.is_some();
            opened.review.access = shut.clone().map_or(Access::Open, Access::Shut);
            count_again(opened);
            count_absent(opened);
            checks::dismissals_changed(opened);
            let sentences = shut.into_iter().chain(notes).collect::<Vec<_>>().join(" ");
            if !sentences.is_empty() {
                let title =
                    if is_shut { "Read-only: decisions cannot be saved" } else { "About the decisions on disk" };
                let notice = Notice::new(Severity::Warning, title, sentences);
                state.push_notice(Notice { action: is_shut.then_some(NoticeAction::ReopenReviews), ..notice });
            }
            requery(state);
            checks::hold_query(state, before);
        }
        ReviewEvent::Kept { up_to } => {
            opened.review.pending.retain(|&number| number > up_to);
            if opened.review.pending.is_empty() {
                opened.review.reviews.confirm_all();
            }
        }
        ReviewEvent::Failed { from, failure } => return not_kept(state, from, &failure),
        ReviewEvent::Exported(result) => transfer::exported(opened, result),
        ReviewEvent::Imported(result) => return transfer::imported(state, result),
    }
    Vec::new()
}

/// What is not on the disk was not decided.
fn not_kept(state: &mut State, from: u64, failure: &Failure) -> Vec<Effect> {
    let sort = state.settings.order();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let mut lost = 0_u64;
    let dismissals = opened.review.reviews.dismissed_revision();
    while opened.review.pending.last().is_some_and(|&number| number >= from) {
        opened.review.pending.pop();
        let images = opened.review.reviews.retract();
        note(opened, sort, &images);
        lost += 1;
    }
    if opened.review.reviews.dismissed_revision() != dismissals {
        checks::dismissals_changed(opened);
    }
    // What is really on the disk is read again before anything else is decided.
    opened.review.access = Access::Loading;
    let effects = vec![open(opened)];
    if lost == 0 {
        return effects;
    }
    let words = match lost {
        1 => "Not saved: the last decision was reverted".to_owned(),
        lost => format!("Not saved: the last {lost} decisions were reverted"),
    };
    say(state, &words);
    let title = match lost {
        1 => "The last decision could not be saved".to_owned(),
        lost => format!("The last {lost} decisions could not be saved"),
    };
    let body = format!(
        "{} {} The window shows what is on disk. Fix this, then repeat them.",
        failure.headline(),
        failure.advice()
    );
    let notice = Notice::new(Severity::Error, title, body);
    state.push_notice(Notice { details: failure.full_text(), ..notice });
    super::query::recount(state);
    effects
}

/// Counts the decided images that the listing does not have, once it is whole.
pub(crate) fn count_absent(opened: &mut Opened) {
    let is_whole = matches!(opened.listing, crate::ListingState::Complete { .. });
    let catalogue = &opened.catalogue;
    opened.review.absent =
        if is_whole { opened.review.reviews.absent(|image| catalogue.find(image).is_some()) } else { 0 };
}

/// Makes the survey of what each reviewer has done.
fn update_survey(state: &mut State, command: SurveyCommand) -> Vec<Effect> {
    let own = state.reviewer();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let chosen = &mut opened.review.survey;
    let found = chosen.found.as_ref().map(|found| (Arc::clone(&found.one), found.other.clone()));
    let (one, other) = found.unzip();
    let other = other.flatten();
    match command {
        SurveyCommand::Refresh => {}
        // A reviewer chosen in place of the other swaps places with them.
        SurveyCommand::SetOne(name) if other.as_ref() == Some(&name) => (chosen.one, chosen.other) = (Some(name), one),
        SurveyCommand::SetOther(name) if one.as_ref() == Some(&name) => {
            (chosen.one, chosen.other) = (other, Some(name));
        }
        SurveyCommand::SetOne(name) => chosen.one = Some(name),
        SurveyCommand::SetOther(name) => (chosen.one, chosen.other) = (one, Some(name)),
    }
    make_survey(opened, &own);
    Vec::new()
}

fn make_survey(opened: &mut Opened, own: &Arc<str>) {
    let (catalogue, reviews) = (&opened.catalogue, &opened.review.reviews);
    let chosen = &opened.review.survey;
    let (one, other) = match (&chosen.one, &chosen.other) {
        (Some(one), Some(other)) => (Arc::clone(one), Some(Arc::clone(other))),
        (one, _) => two_reviewers(catalogue, reviews, own, one.as_ref()),
    };
    let survey = Survey::of(catalogue, reviews, &one, other.as_deref());
    let basis = opened.survey_basis();
    opened.review.survey.found = Some(FoundSurvey { survey: Arc::new(survey), one, other, basis });
}

/// The two who have the most decisions in common. Without any: the person, or the one who was chosen, and the busiest other.
fn two_reviewers(
    catalogue: &Catalogue,
    reviews: &Reviews,
    own: &Arc<str>,
    one: Option<&Arc<str>>,
) -> (Arc<str>, Option<Arc<str>>) {
    let reviewers = Survey::of(catalogue, reviews, own, None).reviewers;
    if let Some([one, other]) = SharedDecisions::of(catalogue, reviews, &reviewers).most(own, one.map(|one| &**one)) {
        return (one, Some(other));
    }
    let one = one.unwrap_or(own);
    let others = reviewers.iter().filter(|total| total.name != *one);
    let busiest = others.max_by_key(|total| total.decided().images + total.decided().regions);
    (Arc::clone(one), busiest.map(|total| Arc::clone(&total.name)))
}

#[cfg(test)]
mod tests;
