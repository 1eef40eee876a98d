//! The meaning of a query written down as plainly as it can be: a walk over the tree and a row, no program, no columns.

use crate::query::{
    Bounds, Choice, Measure, MetaTest, Node, NodeKind, Operator, PredictedTest, Quantity, ReviewTest, Test, Unit,
};
use crate::{Catalogue, ImageRow, UnitRect};

pub(super) fn holds(catalogue: &Catalogue, row: &ImageRow, node: &Node) -> bool {
    match &node.kind {
        NodeKind::And(nodes) => {
            let (figures, tests) = region_tests(node);
            let is_joint = figures > 0 && tests > 1;
            let all = nodes.iter().all(|node| holds(catalogue, row, node));
            all && (!is_joint || (0..row.regions.len()).any(|region| chooses(catalogue, row, region, node)))
        }
        NodeKind::Or(nodes) => nodes.iter().any(|node| holds(catalogue, row, node)),
        NodeKind::Not(inner) => !holds(catalogue, row, inner),
        NodeKind::Test(test, _) => passes(catalogue, row, test),
    }
}

/// Figures of regions and all tests that may be true of a region, not behind a minus.
pub(super) fn region_tests(node: &Node) -> (usize, usize) {
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => {
            nodes.iter().map(region_tests).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
        }
        NodeKind::Not(_) => (0, 0),
        NodeKind::Test(Test::Measure(measure, _), _) if measure.is_of_region() => (1, 1),
        NodeKind::Test(Test::Tag(Choice::Is(_)) | Test::Text(_) | Test::Check(Choice::Any | Choice::Is(_)), _) => {
            (0, 1)
        }
        NodeKind::Test(Test::Predicted(test), _) if *test != PredictedTest::Outcome(Choice::None) => (0, 1),
        NodeKind::Test(Test::Measure(Measure::Score | Measure::Iou, _), _) => (0, 1),
        NodeKind::Test(Test::Review(state), _) if *state != ReviewTest::Disagree => (0, 1),
        NodeKind::Test(..) => (0, 0),
    }
}

/// Whether a query chooses a region of an image.
pub(super) fn chooses(catalogue: &Catalogue, row: &ImageRow, region: usize, node: &Node) -> bool {
    match &node.kind {
        NodeKind::And(nodes) => {
            let is_tag = |node: &&Node| matches!(&node.kind, NodeKind::Test(Test::Tag(Choice::Is(_)), _));
            let (tags, others): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(is_tag);
            others.into_iter().all(|node| chooses(catalogue, row, region, node))
                && (tags.is_empty() || tags.iter().any(|node| chooses(catalogue, row, region, node)))
                && (tags.len() < 2 || tags.iter().all(|node| holds(catalogue, row, node)))
        }
        NodeKind::Or(nodes) => nodes.iter().any(|node| chooses(catalogue, row, region, node)),
        NodeKind::Test(test @ (Test::Text(_) | Test::Tag(Choice::Is(_))), _) => {
            // A region alone, with nothing of the image: what names it names no other.
            let named = |at: usize| {
                let mut alone = row.clone();
                (alone.tags, alone.metadata) = (Vec::new(), Vec::new());
                alone.regions = vec![row.regions[at].clone()];
                match test {
                    Test::Text(text) => alone.regions[0].tag_name.to_lowercase().contains(&text.to_lowercase()),
                    other => passes(catalogue, &alone, other),
                }
            };
            if (0..row.regions.len()).any(named) { named(region) } else { passes(catalogue, row, test) }
        }
        NodeKind::Test(test @ Test::Measure(measure, _), _) if measure.is_of_region() => {
            let mut alone = row.clone();
            alone.regions = vec![row.regions[region].clone()];
            passes(catalogue, &alone, test)
        }
        NodeKind::Test(..) | NodeKind::Not(_) => holds(catalogue, row, node),
    }
}

fn names(row: &ImageRow) -> Vec<String> {
    let own = row.tags.iter().map(|mark| mark.name.to_string());
    own.chain(row.regions.iter().map(|region| region.tag_name.to_string())).collect()
}

fn passes(catalogue: &Catalogue, row: &ImageRow, test: &Test) -> bool {
    match test {
        Test::Text(text) => {
            let pairs = row.metadata.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
            let mut texts = names(row).into_iter().chain(pairs).chain([row.id.to_string()]);
            texts.any(|other| other.to_lowercase().contains(&text.to_lowercase()))
        }
        Test::Tag(Choice::None) => names(row).is_empty(),
        Test::Tag(Choice::Any) => !names(row).is_empty(),
        Test::Tag(Choice::Is(name)) => {
            let is_exact = catalogue.tags().find_name(name).is_some();
            names(row)
                .iter()
                .any(|other| if is_exact { other == name } else { other.to_lowercase() == name.to_lowercase() })
        }
        Test::Size(width, height) => (row.width, row.height) == (*width, *height),
        Test::Id(start) => row.id.to_string().starts_with(start),
        Test::Created(Choice::None) => row.created.is_none(),
        Test::Created(Choice::Any) => row.created.is_some(),
        Test::Created(Choice::Is(bounds)) => row.created.is_some_and(|stamp| match bounds {
            Bounds::Compare(Operator::Equal, period) => stamp >= period.start && stamp < period.end,
            Bounds::Compare(Operator::Less, period) => stamp < period.start,
            Bounds::Compare(Operator::LessEqual, period) => stamp < period.end,
            Bounds::Compare(Operator::Greater, period) => stamp >= period.end,
            Bounds::Compare(Operator::GreaterEqual, period) => stamp >= period.start,
            Bounds::Between(from, to) => {
                from.as_ref().is_none_or(|from| stamp >= from.start) && to.as_ref().is_none_or(|to| stamp < to.end)
            }
        }),
        Test::Meta(key, test) => {
            row.metadata.iter().filter(|(name, _)| name.to_lowercase() == key.to_lowercase()).any(|(_, value)| {
                match test {
                    MetaTest::Exists => true,
                    MetaTest::Is(wanted) => value.to_lowercase() == wanted.to_lowercase(),
                    MetaTest::Compare(comparison, number) => {
                        value.parse::<f64>().is_ok_and(|value| compares(value, *comparison, *number, 0.0))
                    }
                }
            })
        }
        Test::Measure(measure, bounds) => {
            figures(row, *measure, bounds).into_iter().any(|value| within(value, *measure, bounds))
        }
        // Nothing was decided, remarked or found.
        Test::Review(state) => *state == ReviewTest::None,
        Test::Comment(choice) => *choice == Choice::None,
        Test::Check(choice) => *choice == Choice::None,
        // Nothing was compared.
        Test::Change(choice) => *choice == Choice::None,
        // Not drawn at random: it has tests of its own.
        Test::Sample(_) => true,
        // Nothing is predicted.
        Test::Predicted(test) => *test == PredictedTest::Outcome(Choice::None),
    }
}

fn figures(row: &ImageRow, measure: Measure, bounds: &Bounds<Quantity>) -> Vec<f64> {
    let (width, height) = (f64::from(row.width), f64::from(row.height));
    let unit = match bounds {
        Bounds::Compare(_, value) | Bounds::Between(Some(value), _) | Bounds::Between(None, Some(value)) => value.unit,
        Bounds::Between(None, None) => Unit::Plain,
    };
    let scale = |fraction: f32, side: f64| f64::from(fraction) * if unit == Unit::Percent { 100.0 } else { side };
    let of_region = |rect: UnitRect| match measure {
        Measure::RegionWidth => scale(rect.width, width),
        Measure::RegionHeight => scale(rect.height, height),
        Measure::Area => scale(rect.area(), width * height),
        Measure::Aspect => f64::from(rect.width) * width / (f64::from(rect.height) * height),
        Measure::Left => scale(rect.left, width),
        Measure::Top => scale(rect.top, height),
        Measure::Right => scale(rect.right(), width),
        _ => scale(rect.bottom(), height),
    };
    match measure {
        Measure::Regions => vec![row.regions.len() as f64],
        Measure::Findings | Measure::Moved => vec![0.0],
        Measure::Score | Measure::Iou => Vec::new(),
        Measure::Width => vec![width],
        Measure::Height => vec![height],
        Measure::Pixels => vec![width * height],
        _ if width * height == 0.0 && (unit == Unit::Pixels || measure == Measure::Aspect) => Vec::new(),
        _ => row.regions.iter().map(|region| of_region(region.rect)).collect(),
    }
}

fn within(value: f64, measure: Measure, bounds: &Bounds<Quantity>) -> bool {
    let share = if measure.is_of_region() { 1e-6 } else { 0.0 };
    match bounds {
        Bounds::Compare(comparison, bound) => compares(value, *comparison, bound.value, share),
        Bounds::Between(from, to) => {
            from.is_none_or(|from| compares(value, Operator::GreaterEqual, from.value, share))
                && to.is_none_or(|to| compares(value, Operator::LessEqual, to.value, share))
        }
    }
}

fn compares(value: f64, comparison: Operator, bound: f64, share: f64) -> bool {
    let is_equal = (value - bound).abs() <= bound.abs() * share;
    match comparison {
        Operator::Equal => is_equal,
        Operator::Less => value < bound && !is_equal,
        Operator::LessEqual => value < bound || is_equal,
        Operator::Greater => value > bound && !is_equal,
        Operator::GreaterEqual => value > bound || is_equal,
    }
}
