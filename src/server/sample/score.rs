//! Precision, recall and average precision of the sample's iterations, worked out from its predictions and labels.

use super::kind::NEGATIVE;
use super::scene::{Mark, Scene};
use super::training::Guess;
use crate::performance::{Score, Thresholds};
use domain::UnitRect;

/// Parts of the images whose scores are compared for the deviations.
const FOLDS: usize = 5;

/// One prediction of a tag: how sure, and whether a label of the tag is there that no surer one has taken.
struct Hit {
    probability: f32,
    is_right: bool,
    fold: usize,
}

pub(super) struct Scorer {
    thresholds: Thresholds,
    tags: Vec<(Vec<Hit>, [usize; FOLDS])>,
    images: usize,
}

impl Scorer {
    pub(super) fn new(tags: usize, thresholds: Thresholds) -> Self {
        Self { thresholds, tags: (0..tags).map(|_| (Vec::new(), [0; FOLDS])).collect(), images: 0 }
    }

    /// Adds an image with its labels and its predictions, surest first.
    pub(super) fn add(&mut self, scene: &Scene, marks: &[Mark], guesses: &[Guess]) {
        let fold = self.images % FOLDS;
        self.images += 1;
        let size = (scene.width as f32, scene.height as f32);
        let labels: Vec<UnitRect> = marks.iter().map(|mark| unit(mark, size)).collect();
        let mut is_taken = vec![false; marks.len()];
        for mark in marks {
            self.tags[mark.tag].1[fold] += 1;
        }
        // "Nothing here" is not one of the things that are measured.
        for guess in guesses.iter().filter(|guess| guess.tag != NEGATIVE) {
            let [left, top, width, height] = guess.area;
            let area = UnitRect::new(left, top, width, height);
            let overlap = |at: usize| if marks[at].tag == guess.tag { area.iou(labels[at]) } else { 0.0 };
            let best = (0..marks.len())
                .filter(|at| !is_taken[*at] && overlap(*at) >= self.thresholds.overlap.max(f32::MIN_POSITIVE))
                .max_by(|a, b| overlap(*a).total_cmp(&overlap(*b)));
            if let Some(at) = best {
                is_taken[at] = true;
            }
            self.tags[guess.tag].0.push(Hit { probability: guess.probability, is_right: best.is_some(), fold });
        }
    }

    pub(super) fn scores(mut self) -> (Vec<Score>, Score) {
        for (hits, _) in &mut self.tags {
            hits.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        }
        let tags: Vec<Score> = self.tags.iter().map(|tag| self.score(std::slice::from_ref(tag))).collect();
        let mut overall = self.score(&self.tags);
        // The mean over the tags that occur.
        let known: Vec<f32> = tags
            .iter()
            .zip(&self.tags)
            .filter(|(_, (_, labels))| labels.iter().sum::<usize>() > 0)
            .map(|(score, _)| score.average_precision)
            .collect();
        overall.average_precision = mean(&known);
        (tags, overall)
    }

    fn score(&self, tags: &[(Vec<Hit>, [usize; FOLDS])]) -> Score {
        let all = self.shares(tags, |_| true);
        let folds: Vec<(f32, f32)> = (0..FOLDS).map(|fold| self.shares(tags, |of| of == fold)).collect();
        let average_precision = match tags {
            [(hits, labels)] => average_precision(hits, labels.iter().sum()),
            _ => 0.0,
        };
        Score {
            precision: all.0,
            precision_deviation: deviation(folds.iter().map(|fold| fold.0)),
            recall: all.1,
            recall_deviation: deviation(folds.iter().map(|fold| fold.1)),
            average_precision,
        }
    }

    /// Precision and recall over some folds.
    fn shares(&self, tags: &[(Vec<Hit>, [usize; FOLDS])], is_in: impl Fn(usize) -> bool) -> (f32, f32) {
        let (mut right, mut said, mut there) = (0, 0, 0);
        for (hits, labels) in tags {
            there += (0..FOLDS).filter(|fold| is_in(*fold)).map(|fold| labels[fold]).sum::<usize>();
            for hit in hits.iter().filter(|hit| is_in(hit.fold) && hit.probability >= self.thresholds.probability) {
                said += 1;
                right += usize::from(hit.is_right);
            }
        }
        let share = |of: usize| if of == 0 { 0.0 } else { right as f32 / of as f32 };
        (share(said), share(there))
    }
}

/// The area under the curve of precision over recall, each recall with the best precision at it or beyond.
fn average_precision(hits: &[Hit], labels: usize) -> f32 {
    if labels == 0 {
        return 0.0;
    }
    let mut right = 0;
    let mut points: Vec<(f32, f32)> = Vec::with_capacity(hits.len());
    for (index, hit) in hits.iter().enumerate() {
        right += usize::from(hit.is_right);
        points.push((right as f32 / labels as f32, right as f32 / (index + 1) as f32));
    }
    let (mut area, mut best) = (0.0, 0.0_f32);
    for (index, (recall, precision)) in points.iter().enumerate().rev() {
        best = best.max(*precision);
        let before = index.checked_sub(1).map_or(0.0, |before| points[before].0);
        area += (recall - before) * best;
    }
    area
}

fn mean(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / values.len() as f32 }
}

fn deviation(values: impl Iterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.collect();
    let middle = mean(&values);
    let squares: Vec<f32> = values.iter().map(|value| (value - middle) * (value - middle)).collect();
    mean(&squares).sqrt()
}

fn unit(mark: &Mark, (width, height): (f32, f32)) -> UnitRect {
    let area = mark.area;
    UnitRect::new(
        area.left as f32 / width,
        area.top as f32 / height,
        area.width as f32 / width,
        area.height as f32 / height,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::scene::Recipe;
    use crate::sample::training::guesses;

    fn scores(probability: f32, training: u64) -> (Vec<Score>, Score) {
        let recipe = Recipe { regions: None };
        let mut scorer = Scorer::new(8, Thresholds { probability, overlap: 0.5 });
        for image in 0..100 {
            let scene = recipe.scene(image);
            let marks = recipe.marks(image, &scene);
            scorer.add(&scene, &marks, &guesses(&scene, &marks, training, image as u64, false));
        }
        scorer.scores()
    }

    #[test]
    fn perfect_predictions_score_one() {
        let recipe = Recipe { regions: Some(5) };
        let mut scorer = Scorer::new(8, Thresholds::default());
        for image in 0..10 {
            let scene = recipe.scene(image);
            let marks = recipe.marks(image, &scene);
            let (width, height) = (scene.width as f32, scene.height as f32);
            let exact = |mark: &Mark| {
                let [left, top, w, h] =
                    [mark.area.left, mark.area.top, mark.area.width, mark.area.height].map(|side| side as f32);
                Guess { tag: mark.tag, probability: 0.9, area: [left / width, top / height, w / width, h / height] }
            };
            scorer.add(&scene, &marks, &marks.iter().map(exact).collect::<Vec<_>>());
        }
        let (_, overall) = scorer.scores();
        let one = Score { precision: 1.0, recall: 1.0, average_precision: 1.0, ..Score::default() };
        assert_eq!(overall, one);
    }

    #[test]
    fn a_higher_threshold_says_less_and_the_later_training_is_better() {
        let ((_, early), (tags, late), (_, sure)) = (scores(0.5, 1), scores(0.5, 2), scores(0.95, 2));
        assert!(late.recall > early.recall && late.precision > 0.8 && late.precision < 1.0, "{early:?} {late:?}");
        assert!(sure.recall < late.recall && sure.precision >= late.precision, "{sure:?}");
        assert!(late.precision_deviation > 0.0 && late.average_precision > 0.7);
        assert!(tags.iter().all(|score| (0.0..=1.0).contains(&score.average_precision)));
    }
}
