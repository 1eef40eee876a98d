//! How well a trained iteration does, as the service prints it.

use serde_json::json;

use domain::{IterationPerformance, PerformanceFigures, TagId, TagPerformance, number};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Thresholds {
    pub(super) probability: f32,
    /// The least overlap of a predicted box with a labeled one, as intersection over union.
    pub(super) overlap: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        // What the service's own pages begin with; the specification names no default.
        Self { probability: 0.5, overlap: 0.3 }
    }
}

/// Shares in 0..1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Score {
    pub(super) precision: f32,
    pub(super) precision_deviation: f32,
    pub(super) recall: f32,
    pub(super) recall_deviation: f32,
    pub(super) average_precision: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Performance {
    pub(super) overall: Score,
    pub(super) tags: Vec<(TagId, String, Score)>,
}

impl From<IterationPerformance> for Performance {
    fn from(figures: IterationPerformance) -> Self {
        let tag = |tag: TagPerformance| (tag.id, tag.name, Score::from(tag.figures));
        let tags = figures.per_tag_performance.into_iter().map(tag).collect();
        Self { overall: figures.overall.into(), tags }
    }
}

impl From<PerformanceFigures> for Score {
    fn from(figures: PerformanceFigures) -> Self {
        Self {
            precision: figures.precision.unwrap_or_default(),
            precision_deviation: figures.precision_std_deviation.unwrap_or_default(),
            recall: figures.recall.unwrap_or_default(),
            recall_deviation: figures.recall_std_deviation.unwrap_or_default(),
            average_precision: figures.average_precision.unwrap_or_default(),
        }
    }
}

impl Performance {
    /// Appends it as the specification has it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"perTagPerformance\":[");
        for (index, (id, name, score)) in self.tags.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(format!("{{\"id\":\"{id}\",\"name\":{},", json!(name)).as_bytes());
            score.write(out);
            out.push(b'}');
        }
        out.extend_from_slice(b"],");
        self.overall.write(out);
        out.push(b'}');
    }
}

impl Score {
    fn write(&self, out: &mut Vec<u8>) {
        let fields = [
            ("precision", self.precision),
            ("precisionStdDeviation", self.precision_deviation),
            ("recall", self.recall),
            ("recallStdDeviation", self.recall_deviation),
            ("averagePrecision", self.average_precision),
        ];
        for (index, (name, value)) in fields.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(format!("\"{name}\":{}", number::text(value)).as_bytes());
        }
    }
}
