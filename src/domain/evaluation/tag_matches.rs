//! What becomes of predicted tags of whole images, in the same terms as boxes: a tag that the image has is a match, and in
//! multiclass the surest tag of an image that has another one is a wrong tag. The rules are those of
//! [`classification`](super::classification).

use super::classification::Classification;
use super::matches::{End, Found, Matches, MatchesPart, Outcome, Peaks};
use super::matching::surest_first;
use crate::catalogue::TagIx;

impl Classification<'_> {
    /// What becomes of each predicted tag. In multiclass only the surest of an image counts; a tag that is predicted twice
    /// counts once.
    pub fn matches(&self) -> Matches {
        let mut all = MatchesPart::default();
        let mut given: Vec<(TagIx, f64, usize)> = Vec::new();
        for (image, labels) in self.labeled() {
            let range = self.predictions.range(image.ix);
            let first = all.found.len();
            all.found.resize(first + range.len(), Found::NOTHING);
            all.ends.resize(first + range.len(), End::NOTHING);
            given.clear();
            given.extend(self.predictions.of(image.ix).map(|one| (one.tag, one.score, one.at)));
            given.sort_by(|a, b| surest_first(a.1, b.1));
            let mut peaks = Peaks::NOTHING;
            let mut found_at = vec![-1.0_f64; labels.len()];
            let count = if self.is_multiclass { 1 } else { given.len() };
            for (rank, &(tag, score, at)) in given.iter().take(count).enumerate() {
                if given[..rank].iter().any(|surer| surer.0 == tag) {
                    continue;
                }
                let (outcome, label) = match labels.binary_search(&tag) {
                    Ok(place) => {
                        found_at[place] = score;
                        (Outcome::Match, Some(tag))
                    }
                    Err(_) if self.is_multiclass => (Outcome::Swapped, labels.first().copied()),
                    Err(_) => (Outcome::False, None),
                };
                all.ends[first + at - range.start] = End::of(outcome, label);
                peaks.add(outcome, score);
            }
            peaks.least_found = found_at.iter().copied().fold(f64::INFINITY, f64::min);
            all.images.push((image.ix, range.start, first, peaks));
        }
        Matches::join(self.predictions.len(), 0, [all])
    }
}
