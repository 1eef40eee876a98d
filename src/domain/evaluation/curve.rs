//! Precision, recall and F1 over the score.

use super::matching::surest_first;
use super::outcome::Counts;

/// The figures when predictions count from a score on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The lowest score that counts.
    pub score: f64,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// A point for each score that occurs, the highest first: empty without predictions or labels. `hits` are scores with
/// whether a label was found, in any order.
pub fn curve(mut hits: Vec<(f64, bool)>, labels: u64) -> Vec<CurvePoint> {
    if labels == 0 {
        return Vec::new();
    }
    hits.sort_by(|a, b| surest_first(a.0, b.0));
    let mut counts = Counts { labels, ..Counts::default() };
    let mut points = Vec::new();
    for (at, &(score, is_found)) in hits.iter().enumerate() {
        counts.predictions += 1;
        counts.found += u64::from(is_found);
        let is_last = hits.get(at + 1).is_none_or(|next| next.0 < score);
        if is_last && let (Some(precision), Some(recall), Some(f1)) = (counts.precision(), counts.recall(), counts.f1())
        {
            points.push(CurvePoint { score, precision, recall, f1 });
        }
    }
    points
}
