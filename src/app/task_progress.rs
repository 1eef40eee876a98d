//! How far work is as a whole, and how long it will still take. A job goes through stages, each of which counts from the
//! beginning again; here they are one way, each stage with the part of it that it usually takes.

use super::retry::Retry;
use domain::Destination;
use formats::{Format, PixelChoice};

/// Work of so few seconds tells nothing of what is to come.
const LEAST_SECS: i64 = 3;
/// Nor does so small a part of it.
const LEAST_SHARE: f32 = 0.02;
/// A pause between two reports that is longer was no work: the computer slept.
const LONGEST_SECS: i64 = 10;

/// What a running task reports.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProgressReport {
    pub stage: &'static str,
    /// Steps of it done.
    pub done: u64,
    /// Steps of it in all; 0 when not known.
    pub total: u64,
    pub is_paused: bool,
    /// When, in seconds since 1970.
    pub now_unix: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskProgress {
    stage: &'static str,
    /// How often the stage has begun again: once a format.
    round: usize,
    done: u64,
    share: f32,
    worked_secs: i64,
    seen_unix: Option<i64>,
}

impl TaskProgress {
    /// So far after so many seconds.
    #[cfg(test)]
    pub(super) fn after(share: f32, worked_secs: i64) -> Self {
        Self { share, worked_secs, ..Self::default() }
    }

    pub(super) fn note(&mut self, retry: Option<&Retry>, report: ProgressReport) {
        let ProgressReport { stage, done, total, is_paused, now_unix } = report;
        let passed = self.seen_unix.map_or(0, |seen| (now_unix - seen).clamp(0, LONGEST_SECS));
        self.seen_unix = Some(now_unix);
        self.worked_secs += if is_paused { 0 } else { passed };
        self.round = match stage == self.stage {
            true if done < self.done => self.round + 1,
            true => self.round,
            false => 0,
        };
        (self.stage, self.done) = (stage, done);
        let stages = retry.map(stages).unwrap_or_default();
        let all: f32 = stages.iter().map(|(_, weight)| weight).sum();
        let rounds = stages.iter().enumerate().filter(|(_, (name, _))| *name == stage);
        // Of the last one when it begins once more than was thought.
        let Some((at, (_, weight))) = rounds.take(self.round + 1).last() else { return };
        let before: f32 = stages[..at].iter().map(|(_, weight)| weight).sum();
        let part = if total > 0 { (done as f32 / total as f32).min(1.0) } else { 0.0 };
        self.share = self.share.max((before + weight * part) / all);
    }

    /// How far it is, from 0 to 1; it never goes back.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// How long it will still take at the pace so far; `None` while that is not known.
    pub fn left_secs(&self) -> Option<f32> {
        let is_known = self.worked_secs >= LEAST_SECS && self.share >= LEAST_SHARE;
        is_known.then(|| self.worked_secs as f32 * (1.0 - self.share) / self.share)
    }
}

/// The stages of a job in order, with their weights. A stage that runs once per format is listed once per format.
fn stages(retry: &Retry) -> Vec<(&'static str, f32)> {
    let uploads = matches!(retry.out(), Destination::Store(_)).then_some(("Uploading", 80.0));
    match retry {
        Retry::Export(plan) => {
            let downloads = (plan.pixels != PixelChoice::None).then_some(("Downloading", 60.0));
            // These decode every picture and make new ones.
            let weight = |format: &Format| if matches!(format, Format::Crops | Format::Annotated) { 20.0 } else { 4.0 };
            let writes = plan.formats.iter().map(|format| ("Writing", weight(format)));
            downloads.into_iter().chain(writes).chain([("Checking", 15.0)]).chain(uploads).collect()
        }
        Retry::Archive(_) => [
            ("Listing", 4.0),
            ("Listing iterations", 4.0),
            ("Reading predictions", 4.0),
            ("Downloading", 70.0),
            ("Downloading models", 4.0),
            ("Checking", 14.0),
        ]
        .into_iter()
        .chain(uploads)
        .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::retry::{ArchivePlan, an_archive};

    fn at(stage: &'static str, done: u64, now_unix: i64) -> ProgressReport {
        ProgressReport { stage, done, total: 100, is_paused: false, now_unix }
    }

    #[test]
    fn stages_are_one_way_that_never_goes_back() {
        let retry = an_archive();
        let mut progress = TaskProgress::default();
        let mut before = 0.0;
        let stages = ["Listing", "Downloading", "Checking"];
        for (second, (stage, done)) in
            (0_i64..).zip(stages.iter().flat_map(|stage| (0..=100).map(move |done| (stage, done))))
        {
            progress.note(Some(&retry), at(stage, done, second));
            assert!(progress.share() >= before, "{stage} {done}");
            before = progress.share();
        }
        assert!((progress.share() - 1.0).abs() < 1e-5);
        assert_eq!(progress.left_secs(), Some(0.0));
    }

    #[test]
    fn an_upload_is_the_last_part_of_the_way() {
        let Retry::Archive(plan) = an_archive() else { panic!("an archive") };
        let out = Destination::parse("s3://bucket/forks").expect("address");
        let retry = Retry::Archive(Arc::new(ArchivePlan { out, ..ArchivePlan::clone(&plan) }));
        let mut progress = TaskProgress::default();
        progress.note(Some(&retry), at("Checking", 100, 0));
        assert!(progress.share() < 0.6, "{}", progress.share());
        progress.note(Some(&retry), at("Uploading", 100, 1));
        assert!((progress.share() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_left_follows_from_the_pace_so_far_and_pauses_do_not_count() {
        let retry = an_archive();
        let mut progress = TaskProgress::default();
        // 12 of 100 parts are before the download, which is 70 of them: at 54 % of it half of all is done.
        progress.note(Some(&retry), at("Downloading", 0, 1_000));
        assert_eq!(progress.left_secs(), None);
        (0..=20).for_each(|second| progress.note(Some(&retry), at("Downloading", 54, 1_000 + second)));
        let half = progress.left_secs().expect("known");
        assert!((half - 20.0).abs() < 0.5, "{half}: as long again");
        (21..=500).for_each(|second| {
            progress.note(Some(&retry), ProgressReport { is_paused: true, ..at("Downloading", 54, 1_000 + second) });
        });
        assert_eq!(progress.left_secs(), Some(half));
        progress.note(Some(&retry), at("Downloading", 54, 90_000));
        assert!(progress.left_secs().expect("known") < 31.0, "a night of sleep is no work");
    }
}
