//! Predictions of an iteration put on the open images, as they come from the service or from the last visit.

use rustc_hash::FxHashSet;

use super::{Compared, PredictionSet};
use app::words::count;
use app::{Failure, FailureKind};
use domain::{Catalogue, ImageId, ImageIx, Page, Prediction, Problem, Tally};
use formats::predictions::{Area, ImageKey, Joiner, TagKey};

pub(super) struct Gathering<'a> {
    catalogue: &'a Catalogue,
    joiner: Joiner<'a>,
    images: FxHashSet<ImageIx>,
    /// Images that are not open.
    unknown: u64,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(Compared { project, kind, catalogue }: Compared<'a>) -> Self {
        let joiner = Joiner::new(catalogue, project, kind);
        Self { catalogue, joiner, images: FxHashSet::default(), unknown: 0 }
    }

    /// Images with predictions so far, of those that are open.
    pub(super) fn images(&self) -> u64 {
        self.images.len() as u64
    }

    /// Itemizes what could not be read of a page; returns whether all could.
    pub(super) fn note_problems(&mut self, page: &Page) -> bool {
        let mut is_readable = page.problems.is_empty();
        for problem in &page.problems {
            self.joiner.skip(|| "the list of predictions".to_owned(), problem.to_string());
        }
        for row in &page.rows {
            let place = || format!("image {}", row.id);
            let unreadable = |problem: &&Problem| matches!(problem, Problem::UnreadablePrediction { .. });
            for problem in row.problems.iter().filter(unreadable) {
                is_readable = false;
                self.joiner.skip(place, problem.to_string());
            }
        }
        is_readable
    }

    /// Takes what is predicted on an image. Fails when there are more predictions than can be held.
    pub(super) fn take(&mut self, id: ImageId, predicted: &[Prediction]) -> Result<(), Failure> {
        match self.catalogue.find(id) {
            Some(ix) => self.images.insert(ix),
            None => {
                self.unknown += 1;
                return Ok(());
            }
        };
        let mut added = predicted.iter().enumerate().map(|(at, one)| add(&mut self.joiner, id, at, one));
        added.try_for_each(|added| added.map_err(bad_answer))
    }

    /// `listed` is how complete it is. Fails when nothing of the set can be used.
    pub(super) fn finish(self, listed: Option<Tally>) -> Result<PredictionSet, Failure> {
        let joined = self.joiner.finish().map_err(bad_answer)?;
        let mut set = PredictionSet { images: Some(self.images), listed, ..PredictionSet::from(joined) };
        if self.unknown > 0 {
            let images = count(self.unknown, "image that is", "images that are");
            set.notes.push(format!("Predictions on {images} not listed were not used."));
        }
        Ok(set)
    }
}

fn bad_answer(reason: String) -> Failure {
    Failure::bare(FailureKind::BadAnswer { reason })
}

fn add(joiner: &mut Joiner<'_>, image: ImageId, at: usize, one: &Prediction) -> Result<(), String> {
    let name = Some(one.tag_name.as_str()).filter(|name| !name.is_empty());
    let area = one.rect.map(|rect| Area::Fractions([rect.left, rect.top, rect.width, rect.height].map(f64::from)));
    // The number that is written, and not the one next to it in single precision: 0.9 is from 0.9 on.
    let score = one.probability.to_string().parse().ok();
    let place = || format!("image {image}: predictions[{at}]");
    joiner.add(place, ImageKey::Id(image), TagKey::Id(one.tag, name), score, area)
}
