//! Pairs of two sets of rectangles, one to one, with the greatest sum of IoU.
//!
//! The rectangles that may be paired form a graph that falls into small parts, and each part is solved exactly. A
//! picture with thousands of boxes on top of each other has one huge part: equal rectangles are paired first there,
//! each of the rest is compared with its nearest neighbors only, and the pairs are chosen greedily.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use crate::UnitRect;

/// Up to this many pairs all of them are looked at.
const FEW_PAIRS: usize = 4_096;
/// Pairs of rectangles that are compared on one image before it counts as crowded.
const MOST_PAIRS: usize = 1 << 20;
/// Neighbors on either side that a rectangle is compared with on a crowded image.
const NEIGHBORS: usize = 32;
/// The work that the exact solution of one part may cost: rows x rows x columns.
const MOST_STEPS: usize = 1 << 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    row: u32,
    column: u32,
    weight: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Assignment {
    /// Places of rows and columns.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Whether a part was too large to be solved exactly.
    pub(super) is_approximate: bool,
}

/// IoU, where equal rectangles fit even if they have no area.
pub(super) fn likeness(a: UnitRect, b: UnitRect) -> f32 {
    // Rounding must not make a neighbor look better than the same rectangle.
    if same_bits(a, b) { 1.0 } else { a.iou(b).min(1.0 - f32::EPSILON) }
}

/// Whether two rectangles are the same to the bit.
pub(super) fn same_bits(a: UnitRect, b: UnitRect) -> bool {
    bits(a) == bits(b)
}

/// A total order of rectangles.
pub(super) fn bits(rect: UnitRect) -> [u32; 4] {
    // Adding 0 makes -0 the same as 0.
    [rect.left, rect.top, rect.width, rect.height].map(|side| (side + 0.0).to_bits())
}

/// Pairs rows with columns. Both are in an order that does not depend on where they came from.
pub(super) fn assign(rows: &[UnitRect], columns: &[UnitRect], least: f32) -> Assignment {
    if rows.is_empty() || columns.is_empty() {
        return Assignment::default();
    }
    match edges(rows, columns, least, MOST_PAIRS) {
        Some(edges) => solve(rows.len(), columns.len(), edges),
        None => crowded(rows, columns, least),
    }
}

fn crowded(rows: &[UnitRect], columns: &[UnitRect], least: f32) -> Assignment {
    let (mut pairs, rest_rows, rest_columns) = equal(rows, columns);
    let pick = |all: &[UnitRect], places: &[u32]| places.iter().map(|&at| all[at as usize]).collect::<Vec<_>>();
    let (some_rows, some_columns) = (pick(rows, &rest_rows), pick(columns, &rest_columns));
    let edges = edges(&some_rows, &some_columns, least, MOST_PAIRS)
        .unwrap_or_else(|| near_edges(&some_rows, &some_columns, least));
    let rest = solve(some_rows.len(), some_columns.len(), edges);
    pairs.extend(rest.pairs.iter().map(|&(row, column)| (rest_rows[row as usize], rest_columns[column as usize])));
    Assignment { pairs, is_approximate: true }
}

/// Pairs of equal rectangles, and the places of the others.
fn equal(rows: &[UnitRect], columns: &[UnitRect]) -> (Vec<(u32, u32)>, Vec<u32>, Vec<u32>) {
    let sorted = |all: &[UnitRect]| {
        let mut places: Vec<_> = (0..).zip(all).map(|(at, rect)| (bits(*rect), at)).collect::<Vec<([u32; 4], u32)>>();
        places.sort_unstable();
        places
    };
    let (rows, columns) = (sorted(rows), sorted(columns));
    let (mut pairs, mut rest_rows, mut rest_columns) = (Vec::new(), Vec::new(), Vec::new());
    let (mut a, mut b) = (rows.into_iter().peekable(), columns.into_iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (Some((row, _)), Some((column, _))) => row.cmp(column),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        let row = if order.is_le() { a.next() } else { None };
        let column = if order.is_ge() { b.next() } else { None };
        match (row, column) {
            (Some((_, row)), Some((_, column))) => pairs.push((row, column)),
            (Some((_, row)), None) => rest_rows.push(row),
            (None, Some((_, column))) => rest_columns.push(column),
            (None, None) => {}
        }
    }
    rest_rows.sort_unstable();
    rest_columns.sort_unstable();
    (pairs, rest_rows, rest_columns)
}

fn edge(rows: &[UnitRect], columns: &[UnitRect], row: usize, column: usize, least: f32) -> Option<Edge> {
    let iou = likeness(rows[row], columns[column]);
    // Whole numbers, so that sums do not depend on the order.
    let weight = (f64::from(iou) * f64::from(1 << 24)) as i64;
    (iou >= least && weight > 0).then_some(Edge { row: row as u32, column: column as u32, weight })
}

/// All pairs from `least` on; `None` when too many would have to be compared.
fn edges(rows: &[UnitRect], columns: &[UnitRect], least: f32, budget: usize) -> Option<Vec<Edge>> {
    let mut edges = Vec::new();
    if rows.len() * columns.len() <= FEW_PAIRS {
        for row in 0..rows.len() {
            edges.extend((0..columns.len()).filter_map(|column| edge(rows, columns, row, column, least)));
        }
        return Some(edges);
    }
    let by_left = by_left(columns);
    let mut left = budget;
    for (row, rect) in rows.iter().enumerate() {
        let window = window(&by_left, *rect, least);
        left = left.checked_sub(window.len())?;
        edges.extend(window.iter().filter_map(|&(_, column)| edge(rows, columns, row, column as usize, least)));
    }
    Some(edges)
}

/// The best of each row's neighborhood.
fn near_edges(rows: &[UnitRect], columns: &[UnitRect], least: f32) -> Vec<Edge> {
    let by_left = by_left(columns);
    let mut edges = Vec::new();
    for (row, rect) in rows.iter().enumerate() {
        let middle = by_left.partition_point(|(left, _)| *left < rect.left);
        let near = middle.saturating_sub(NEIGHBORS)..(middle + NEIGHBORS).min(by_left.len());
        edges.extend(by_left[near].iter().filter_map(|&(_, column)| edge(rows, columns, row, column as usize, least)));
    }
    edges
}

fn by_left(rects: &[UnitRect]) -> Vec<(f32, u32)> {
    let mut places: Vec<_> = rects.iter().map(|rect| rect.left).zip(0..).collect();
    places.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    places
}

/// The rectangles that begin near enough: what shares less of the width cannot reach the IoU.
fn window(by_left: &[(f32, u32)], rect: UnitRect, least: f32) -> &[(f32, u32)] {
    const ROUNDING: f32 = 1e-5;
    let least = least.max(0.01);
    let width = rect.width.max(0.0);
    let (before, after) = ((1.0 - least) * width / least + ROUNDING, (1.0 - least) * width + ROUNDING);
    let start = by_left.partition_point(|(left, _)| *left < rect.left - before);
    let end = by_left.partition_point(|(left, _)| *left <= rect.left + after);
    &by_left[start.min(end)..end]
}

/// The best pairs among the edges, part by part.
fn solve(rows: usize, columns: usize, mut edges: Vec<Edge>) -> Assignment {
    let mut parts = Parts::new(rows + columns);
    for edge in &edges {
        parts.unite(edge.row, rows as u32 + edge.column);
    }
    edges.sort_by_key(|edge| (parts.root(edge.row), edge.row, edge.column));
    let mut found = Assignment::default();
    for part in edges.chunk_by(|a, b| parts.root_of(a.row) == parts.root_of(b.row)) {
        if let [only] = part {
            found.pairs.push((only.row, only.column));
            continue;
        }
        if !exactly(part, &mut found.pairs) {
            found.is_approximate = true;
            greedily(part, &mut found.pairs);
        }
    }
    found
}

/// The best pairs of one part; `false` when that would take too long.
fn exactly(part: &[Edge], pairs: &mut Vec<(u32, u32)>) -> bool {
    let unique = |end: fn(&Edge) -> u32| {
        let mut all: Vec<u32> = part.iter().map(end).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (rows, columns) = (unique(|edge| edge.row), unique(|edge| edge.column));
    let is_turned = rows.len() > columns.len();
    let (few, many) = if is_turned { (&columns, &rows) } else { (&rows, &columns) };
    if few.len().saturating_mul(few.len()).saturating_mul(many.len()) > MOST_STEPS {
        return false;
    }
    let mut weights = Matrix::new(few.len(), many.len(), 0_i64);
    for edge in part {
        let (one, other) = if is_turned { (edge.column, edge.row) } else { (edge.row, edge.column) };
        let at = (few.partition_point(|&place| place < one), many.partition_point(|&place| place < other));
        weights[at] = edge.weight;
    }
    let (_, partners) = kuhn_munkres(&weights);
    for (at, &partner) in partners.iter().enumerate() {
        if weights[(at, partner)] > 0 {
            let (one, other) = (few[at], many[partner]);
            pairs.push(if is_turned { (other, one) } else { (one, other) });
        }
    }
    true
}

/// The pair with the greatest IoU first.
fn greedily(part: &[Edge], pairs: &mut Vec<(u32, u32)>) {
    let mut best = part.to_vec();
    best.sort_by_key(|edge| (-edge.weight, edge.row, edge.column));
    let (mut rows, mut columns) = (rustc_hash::FxHashSet::default(), rustc_hash::FxHashSet::default());
    for edge in best {
        if !rows.contains(&edge.row) && !columns.contains(&edge.column) {
            rows.insert(edge.row);
            columns.insert(edge.column);
            pairs.push((edge.row, edge.column));
        }
    }
}

/// Which of the places hang together.
struct Parts(Vec<u32>);

impl Parts {
    fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    fn root(&mut self, at: u32) -> u32 {
        let root = self.root_of(at);
        // The way is short the next time.
        let mut at = at;
        while self.0[at as usize] != root {
            at = std::mem::replace(&mut self.0[at as usize], root);
        }
        root
    }

    fn root_of(&self, mut at: u32) -> u32 {
        while self.0[at as usize] != at {
            at = self.0[at as usize];
        }
        at
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rect() -> impl Strategy<Value = UnitRect> {
        // A coarse raster, so that many overlap and some are equal.
        (0_u8..6, 0_u8..6, 1_u8..5, 1_u8..5).prop_map(|(left, top, width, height)| {
            let side = |value: u8| f32::from(value) / 10.0;
            UnitRect::new(side(left), side(top), side(width), side(height))
        })
    }

    /// The greatest total of all one to one pairs, by trying everything.
    fn best_total(rows: &[UnitRect], columns: &[UnitRect], least: f32, taken: u32) -> i64 {
        let Some((first, others)) = rows.split_first() else { return 0 };
        let mut best = best_total(others, columns, least, taken);
        for column in (0..columns.len()).filter(|at| taken & (1 << at) == 0) {
            if let Some(edge) = edge(&[*first], columns, 0, column, least) {
                best = best.max(edge.weight + best_total(others, columns, least, taken | 1 << column));
            }
        }
        best
    }

    fn total(rows: &[UnitRect], columns: &[UnitRect], found: &Assignment) -> i64 {
        let weight = |&(row, column): &(u32, u32)| {
            edge(rows, columns, row as usize, column as usize, 0.0).expect("a pair").weight
        };
        found.pairs.iter().map(weight).sum()
    }

    proptest! {
        #[test]
        fn small_sets_have_the_best_total(
            rows in prop::collection::vec(rect(), 0..6),
            columns in prop::collection::vec(rect(), 0..6),
            least in prop::sample::select(vec![0.1_f32, 0.5, 0.9]),
        ) {
            let found = assign(&rows, &columns, least);
            prop_assert!(!found.is_approximate);
            prop_assert_eq!(total(&rows, &columns, &found), best_total(&rows, &columns, least, 0));
        }

        #[test]
        fn the_window_misses_no_pair(
            rows in prop::collection::vec(rect(), 65..70),
            columns in prop::collection::vec(rect(), 65..70),
            least in prop::sample::select(vec![0.1_f32, 0.5, 0.9]),
        ) {
            let mut windowed = edges(&rows, &columns, least, usize::MAX).expect("no limit");
            windowed.sort_by_key(|edge| (edge.row, edge.column));
            let all = (0..rows.len()).flat_map(|row| (0..columns.len()).map(move |column| (row, column)));
            let all: Vec<_> = all.filter_map(|(row, column)| edge(&rows, &columns, row, column, least)).collect();
            prop_assert_eq!(windowed, all);
        }
    }

    #[test]
    fn thousands_of_equal_boxes_are_paired_without_comparing_all() {
        let boxes = vec![UnitRect::new(0.1, 0.1, 0.5, 0.5); 10_000];
        let found = assign(&boxes, &boxes[1..], 0.5);
        assert_eq!(found.pairs.len(), 9_999);
        assert!(found.is_approximate);
    }

    #[test]
    fn thousands_of_boxes_that_nearly_cover_each_other_are_paired_with_near_ones() {
        let near = |at: u16| UnitRect::new(0.1 + f32::from(at) * 1e-5, 0.1, 0.5, 0.5);
        let rows: Vec<_> = (0..4_000).map(near).collect();
        let columns: Vec<_> = (0..4_000).map(|at| UnitRect { top: 0.100_01, ..near(at) }).collect();
        let found = assign(&rows, &columns, 0.5);
        assert_eq!(found.pairs.len(), 4_000);
        assert!(found.is_approximate);
    }
}
