//! Does the commands of [`crate::checks`] and takes its events.

use std::sync::Arc;

use super::{outdated, query, queue, review, save, with_opened};
use crate::checks::{CheckCommand, CheckEffect, CheckEvent, CheckStage, DuplicateSearch, HASHES, PART, SAMPLE_IMAGES};
use crate::picture::PictureTarget;
use crate::state::Opened;
use crate::{Effect, ListingState, SourceSpec, State};
use domain::checks::ImagesPart;
use domain::{
    Catalogue, CheckKind, CheckOptions, CheckSet, Dismissed, Finding, FindingKey, Findings, ImageIx, Problem, SortKey,
    Statement, checks::Facts,
};

pub(super) fn update(state: &mut State, command: CheckCommand) -> Vec<Effect> {
    let before = before_change(state);
    let effects = change(state, command);
    hold_query(state, before);
    effects
}

/// Takes an event of the open project; an earlier opening's does not come here.
pub(crate) fn apply(state: &mut State, event: CheckEvent) -> Vec<Effect> {
    let before = before_change(state);
    let effects = take(state, event);
    hold_query(state, before);
    effects
}

pub(super) fn before_change(state: &mut State) -> Option<u64> {
    let sort = state.settings.order();
    if let Some(opened) = &mut state.opened {
        outdated::before_change(opened, sort);
    }
    revision(state)
}

fn revision(state: &State) -> Option<u64> {
    state.opened.as_ref().map(|opened| opened.checks.revision)
}

/// Holds the query again when it asks about findings and these have changed.
pub(super) fn hold_query(state: &mut State, before: Option<u64>) {
    let asks = state.settings.sort == SortKey::MostFindings
        || state.opened.as_ref().is_some_and(|opened| opened.query.program.asks_findings());
    if revision(state) == before {
        return;
    }
    let sort = state.settings.order();
    if asks {
        if let Some(opened) = &mut state.opened {
            query::recheck(opened, sort);
        }
    } else {
        query::recount(state);
    }
}

fn change(state: &mut State, command: CheckCommand) -> Vec<Effect> {
    match command {
        CheckCommand::Step(by) => queue::step(state, by),
        CheckCommand::Show(key) => queue::show(state, key),
        CheckCommand::DismissCurrent => {
            let Some(key) = state.opened.as_ref().and_then(queue::current) else { return Vec::new() };
            let mut effects = queue::step(state, 1);
            effects.extend(review::enter(state, Statement::Dismiss(vec![key])));
            effects
        }
        CheckCommand::Dismiss(key) => match has_dismissed(state, key) {
            Some(false) => review::enter(state, Statement::Dismiss(vec![key])),
            Some(true) | None => Vec::new(),
        },
        CheckCommand::Restore(key) => match has_dismissed(state, key) {
            Some(true) => review::enter(state, Statement::Restore(vec![key])),
            Some(false) | None => Vec::new(),
        },
        CheckCommand::UndoDismiss => {
            let last = state.opened.as_ref().and_then(|opened| opened.review.reviews.dismissed().last());
            last.map_or_else(Vec::new, |key| review::enter(state, Statement::Restore(vec![key])))
        }
        CheckCommand::ToggleDismissed => with_opened(state, |opened| {
            opened.checks.shows_dismissed = !opened.checks.shows_dismissed;
            Vec::new()
        }),
        CheckCommand::FindDuplicates => find_duplicates(state, true),
        CheckCommand::StopDuplicates => stop_duplicates(state),
        CheckCommand::SetOptions(options) => set_options(state, options.sane()),
    }
}

/// Whether a finding of the open project is dismissed; `None`: no project is open.
fn has_dismissed(state: &State, key: FindingKey) -> Option<bool> {
    Some(state.opened.as_ref()?.review.reviews.dismissed().contains(&key))
}

fn take(state: &mut State, event: CheckEvent) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let walk = &mut opened.checks.walk;
    match event {
        CheckEvent::Images { round, found } if round == walk.round => {
            walk.is_busy = false;
            if let Some(ix) = walk.again_now.take() {
                forget_measured(opened, ix);
            }
            add(opened, found);
        }
        CheckEvent::Whole { round, found } if round == walk.round => {
            if walk.whole == CheckStage::UnderWay {
                walk.whole = if std::mem::take(&mut walk.is_whole_old) { CheckStage::NotYet } else { CheckStage::Done };
            }
            replace(opened, &WHOLE, found);
        }
        CheckEvent::Hashed { search, count } => {
            if let DuplicateSearch::Running { number, done, .. } = &mut opened.checks.search
                && *number == search
            {
                *done = done.saturating_add(count);
                return hash_next(state);
            }
        }
        CheckEvent::Duplicates { search, compared, found } => {
            if matches!(opened.checks.search, DuplicateSearch::Running { number, .. } if number == search) {
                let of = opened.catalogue.len() as u32;
                opened.checks.search = DuplicateSearch::Done { compared, of };
                replace(opened, &[CheckKind::Duplicate], found);
            }
        }
        CheckEvent::Images { .. } | CheckEvent::Whole { .. } => {}
    }
    resume(state)
}

/// What needs all images.
const WHOLE: [CheckKind; 3] = [CheckKind::Outlier, CheckKind::RareTag, CheckKind::TagName];

/// Hands over what has not been looked at yet, one part at a time.
pub(crate) fn resume(state: &mut State) -> Vec<Effect> {
    let options = state.settings.checks;
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let (generation, count) = (opened.generation, opened.catalogue.len() as u32);
    let is_listing = matches!(opened.listing, ListingState::Running { .. });
    let walk = &mut opened.checks.walk;
    let round = walk.round;
    let effect = |effect| vec![Effect::Check { generation, effect }];
    if walk.is_busy {
        return Vec::new();
    }
    if let Some(ix) = walk.again.pop() {
        (walk.is_busy, walk.again_now) = (true, Some(ix));
        let part = ImagesPart::of(&opened.catalogue, ix.0..ix.0.saturating_add(1));
        return effect(CheckEffect::Images { round, part, kind: opened.kind, options });
    }
    if walk.sent < count {
        let part = ImagesPart::of(&opened.catalogue, walk.sent..count.min(walk.sent.saturating_add(PART)));
        walk.sent = part.end();
        walk.is_busy = true;
        walk.whole = CheckStage::NotYet;
        if matches!(opened.checks.search, DuplicateSearch::Done { .. }) {
            // There are pictures that it has not seen.
            opened.checks.search = DuplicateSearch::NotYet;
        }
        return effect(CheckEffect::Images { round, part, kind: opened.kind, options });
    }
    if is_listing {
        return Vec::new();
    }
    match walk.whole {
        CheckStage::NotYet => {
            walk.whole = CheckStage::UnderWay;
            effect(CheckEffect::Whole { round, catalogue: Arc::clone(&opened.catalogue), options })
        }
        CheckStage::UnderWay => Vec::new(),
        CheckStage::Done if opened.checks.search == DuplicateSearch::NotYet => {
            let is_free = match state.source {
                Some(SourceSpec::Sample) => opened.catalogue.len() <= SAMPLE_IMAGES,
                Some(SourceSpec::Folder { .. }) => true,
                // What is on this computer already is looked at; the rest when the user asks for it.
                Some(SourceSpec::Service { .. } | SourceSpec::Store { .. }) | None => false,
            };
            find_duplicates(state, is_free)
        }
        CheckStage::Done => Vec::new(),
    }
}

fn find_duplicates(state: &mut State, may_fetch: bool) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    opened.checks.search = DuplicateSearch::Running { number, done: 0, may_fetch };
    hash_next(state)
}

/// The next pictures, or, at the end of them, the comparison.
fn hash_next(state: &mut State) -> Vec<Effect> {
    let options = state.settings.checks;
    let Some(opened) = &state.opened else { return Vec::new() };
    let DuplicateSearch::Running { number: search, done, may_fetch } = opened.checks.search else { return Vec::new() };
    let catalogue = &opened.catalogue;
    let until = (catalogue.len() as u32).min(done.saturating_add(HASHES));
    let images = (done..until).filter_map(|ix| catalogue.get(ImageIx(ix)));
    let requests: Vec<_> = images.map(PictureTarget::new).collect();
    let effect = if requests.is_empty() {
        CheckEffect::Duplicates { search, catalogue: Arc::clone(catalogue), options }
    } else {
        CheckEffect::Hash { search, requests, may_fetch }
    };
    vec![Effect::Check { generation: opened.generation, effect }]
}

/// What has been looked at is compared all the same.
fn stop_duplicates(state: &mut State) -> Vec<Effect> {
    let (number, options) = (state.number(), state.settings.checks);
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let DuplicateSearch::Running { may_fetch, .. } = opened.checks.search else { return Vec::new() };
    let (generation, catalogue) = (opened.generation, Arc::clone(&opened.catalogue));
    opened.checks.search = DuplicateSearch::Running { number, done: catalogue.len() as u32, may_fetch };
    [CheckEffect::StopHashing, CheckEffect::Duplicates { search: number, catalogue, options }]
        .map(|effect| Effect::Check { generation, effect })
        .into()
}

fn set_options(state: &mut State, options: CheckOptions) -> Vec<Effect> {
    if state.settings.checks == options {
        return Vec::new();
    }
    let before = std::mem::replace(&mut state.settings.checks, options);
    let mut effects = vec![save(state)];
    let Some(opened) = &mut state.opened else { return effects };
    begin_again(opened);
    let is_searched = matches!(opened.checks.search, DuplicateSearch::Done { .. });
    let of_twins = |options: &CheckOptions| (options.duplicate_bits, options.duplicate_iou);
    if is_searched && of_twins(&before) != of_twins(&options) {
        // The hashes are known.
        effects.extend(find_duplicates(state, false));
    }
    effects.extend(resume(state));
    effects
}

/// Which tags say that nothing is there was not known to what was checked before.
pub(crate) fn tags_came(opened: &mut Opened) {
    if opened.checks.walk.sent > 0 {
        begin_again(opened);
    }
}

/// These images are measured in other pixels than before. Those that are still to be looked at are not sent twice.
pub(crate) fn look_again(opened: &mut Opened, images: &[ImageIx]) {
    let walk = &mut opened.checks.walk;
    let seen = images.iter().filter(|ix| ix.0 < walk.sent);
    let fresh: Vec<ImageIx> = seen.copied().filter(|ix| !walk.again.contains(ix)).collect();
    // What a tag's boxes usually are depends on all of them.
    match walk.whole {
        CheckStage::Done if !fresh.is_empty() => walk.whole = CheckStage::NotYet,
        CheckStage::UnderWay => walk.is_whole_old = true,
        _ => {}
    }
    walk.again.extend(fresh);
}

/// Forgets what the checks of single images had found on one that was looked at again.
fn forget_measured(opened: &mut Opened, ix: ImageIx) {
    let of_single: CheckSet =
        CheckKind::ALL.into_iter().filter(|kind| *kind != CheckKind::Duplicate && !WHOLE.contains(kind)).collect();
    Arc::make_mut(&mut opened.checks.findings).forget_on(ix, of_single);
    opened.checks.revision += 1;
}

/// Everything but the pictures is to be looked at again.
pub(crate) fn begin_again(opened: &mut Opened) {
    let walk = &mut opened.checks.walk;
    (walk.round, walk.sent, walk.is_busy, walk.whole) = (walk.round + 1, 0, false, CheckStage::NotYet);
    (walk.again_now, walk.again, walk.is_whole_old) = (None, Vec::new(), false);
    let looked_for: CheckSet = CheckKind::ALL.into_iter().filter(|&kind| kind != CheckKind::Duplicate).collect();
    Arc::make_mut(&mut opened.checks.findings).forget(looked_for);
    opened.checks.revision += 1;
}

fn is_dismissed(finding: &Finding, catalogue: &Catalogue, dismissed: &Dismissed) -> bool {
    !dismissed.is_empty() && finding.key(catalogue).is_some_and(|key| dismissed.contains(&key))
}

fn add(opened: &mut Opened, found: Vec<Finding>) {
    let Opened { checks, review, catalogue, .. } = opened;
    if !found.is_empty() {
        let dismissed = review.reviews.dismissed();
        Arc::make_mut(&mut checks.findings).add(found, |finding| is_dismissed(finding, catalogue, dismissed));
        checks.revision += 1;
    }
}

/// Puts what was found in the place of what was found before of these kinds.
fn replace(opened: &mut Opened, kinds: &[CheckKind], found: Vec<Finding>) {
    let findings: &mut Findings = Arc::make_mut(&mut opened.checks.findings);
    findings.forget(kinds.iter().copied().collect());
    opened.checks.revision += 1;
    add(opened, found);
}

/// Which findings are dismissed has changed.
pub(super) fn dismissals_changed(opened: &mut Opened) {
    let Opened { checks, review, catalogue, .. } = opened;
    let dismissed = review.reviews.dismissed();
    Arc::make_mut(&mut checks.findings).dismiss_again(|finding| is_dismissed(finding, catalogue, dismissed));
    checks.revision += 1;
}

/// A picture that was decoded does not have the listed shape. An image that is still to be checked is reported by its check.
pub(crate) fn note_problem(opened: &mut Opened, image: ImageIx, problem: &Problem) {
    let Problem::SizeMismatch { decoded } = *problem else { return };
    let is_known = opened.checks.findings.of(image).iter().any(|known| known.finding.kind() == CheckKind::Size);
    if image.0 < opened.checks.walk.sent && !is_known {
        let facts = Facts::Size { decoded };
        add(opened, vec![Finding { image: Some(image), regions: [None; 2], tags: [None; 2], facts }]);
    }
}

#[cfg(test)]
mod tests;
