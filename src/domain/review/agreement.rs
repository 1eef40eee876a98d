//! How two reviewers agree about the same subjects: Cohen's kappa (Cohen, "A coefficient of agreement for nominal scales",
//! 1960), with all four verdicts as categories and without weights.

use super::Verdict;

/// The verdicts of two reviewers about the same subjects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Rows are verdicts of the first, columns those of the second.
    counts: [[u32; Verdict::ALL.len()]; Verdict::ALL.len()],
}

impl Agreement {
    /// Takes a subject in that both have decided.
    pub fn add(&mut self, one: Verdict, other: Verdict) {
        self.counts[one as usize][other as usize] += 1;
    }

    /// Subjects that both have decided.
    pub fn shared(&self) -> u64 {
        self.counts.iter().flatten().map(|&count| u64::from(count)).sum()
    }

    /// Those about which both say the same.
    pub fn same(&self) -> u64 {
        (0..self.counts.len()).map(|at| u64::from(self.counts[at][at])).sum()
    }

    /// The part about which both say the same; `None`: they share nothing.
    pub fn share(&self) -> Option<f64> {
        let shared = self.shared();
        (shared > 0).then(|| self.same() as f64 / shared as f64)
    }

    /// 1: they always say the same; 0: as often as by chance; below: less often. `None` where they share nothing, or where
    /// both gave one and the same verdict to everything: then chance alone would agree, and nothing can be said.
    pub fn kappa(&self) -> Option<f64> {
        let shared = self.shared() as f64;
        let of_row = |at: usize| self.counts[at].iter().map(|&count| u64::from(count)).sum::<u64>() as f64;
        let of_column = |at: usize| self.counts.iter().map(|row| u64::from(row[at])).sum::<u64>() as f64;
        let by_chance: f64 = (0..self.counts.len()).map(|at| of_row(at) * of_column(at)).sum();
        let rest = shared * shared - by_chance;
        (rest > 0.0).then(|| (shared * self.same() as f64 - by_chance) / rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Accepted, Flagged, Negative, Rejected};

    fn of(table: &[(Verdict, Verdict, u32)]) -> Agreement {
        let mut agreement = Agreement::default();
        for &(one, other, times) in table {
            (0..times).for_each(|_| agreement.add(one, other));
        }
        agreement
    }

    #[track_caller]
    fn is_near(agreement: Agreement, expected: f64) {
        let kappa = agreement.kappa().expect("defined");
        assert!((kappa - expected).abs() < 5e-5, "{kappa} is not {expected}");
    }

    #[test]
    fn kappa_is_that_of_published_examples() {
        let two = |a, b, c, d| {
            of(&[(Accepted, Accepted, a), (Accepted, Rejected, b), (Rejected, Accepted, c), (Rejected, Rejected, d)])
        };
        // "Cohen's kappa" in Wikipedia: the 50 grant proposals, and the two tables with the same agreement.
        is_near(two(20, 5, 10, 15), 0.4);
        is_near(two(45, 15, 25, 15), 0.1304);
        is_near(two(25, 35, 5, 35), 0.2593);
        assert_eq!((two(20, 5, 10, 15).shared(), two(20, 5, 10, 15).share()), (50, Some(0.7)));
        // The example of sklearn.metrics.cohen_kappa_score, with three categories.
        let three = [(Rejected, Rejected, 2), (Accepted, Accepted, 1), (Flagged, Flagged, 1), (Accepted, Rejected, 1)];
        is_near(of(&three), 0.6875);
        // What sklearn.metrics.cohen_kappa_score of scikit-learn 1.9.1 says of this table.
        is_near(Agreement { counts: [[31, 4, 0, 2], [6, 17, 3, 0], [1, 2, 9, 1], [0, 1, 0, 5]] }, 0.634_743_875);
        // Worked by hand, with four: 7 of 10 the same; by chance (4 x 4 + 3 x 3 + 2 x 2 + 1 x 1) / 100 = 0.3.
        let four = [
            (Accepted, Accepted, 3),
            (Accepted, Rejected, 1),
            (Rejected, Rejected, 2),
            (Rejected, Flagged, 1),
            (Flagged, Flagged, 1),
            (Flagged, Accepted, 1),
            (Negative, Negative, 1),
        ];
        is_near(of(&four), 0.4 / 0.7);
    }

    #[test]
    fn kappa_is_not_defined_where_chance_alone_agrees() {
        assert_eq!((Agreement::default().kappa(), Agreement::default().share()), (None, None));
        let same = of(&[(Accepted, Accepted, 9)]);
        assert_eq!((same.kappa(), same.share()), (None, Some(1.0)));
        // One of them has only one verdict: no better than chance.
        is_near(of(&[(Accepted, Accepted, 5), (Accepted, Rejected, 5)]), 0.0);
        is_near(of(&[(Accepted, Rejected, 5), (Rejected, Accepted, 5)]), -1.0);
    }
}
