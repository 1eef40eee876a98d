//! Reviews as rows, out and in.

use std::sync::Arc;

use super::{Review, ReviewRow, Reviews, Subject};
use crate::ids::ImageId;

impl Reviews {
    /// Everything in force: all reviewers' verdicts and comments, ordered by image, region, reviewer and time.
    pub fn rows(&self) -> Vec<ReviewRow> {
        let mut rows: Vec<_> = self.verdict_rows(self.chains.iter()).collect();
        rows.extend(self.comments.iter().filter(|comment| comment.is_in_force).map(comment_row));
        sort(&mut rows);
        rows
    }

    /// Number of [`rows`](Self::rows), without making them.
    pub fn row_count(&self) -> usize {
        let verdicts = self.chains.iter().filter(|slot| self.chains.verdict_of(slot).is_some()).count();
        verdicts + self.comments.iter().filter(|comment| comment.is_in_force).count()
    }

    /// Everything in force about these images, in the order of the images.
    pub fn rows_of(&self, images: impl Iterator<Item = ImageId>) -> Vec<ReviewRow> {
        let mut rows = Vec::new();
        for image in images {
            let from = rows.len();
            rows.extend(self.verdict_rows(self.chains.of_image(image)));
            rows.extend(self.comments_in_full(image).map(comment_row));
            sort(&mut rows[from..]);
        }
        rows
    }

    fn verdict_rows<'a>(
        &'a self,
        slots: impl Iterator<Item = &'a super::chain::Slot> + 'a,
    ) -> impl Iterator<Item = ReviewRow> + 'a {
        slots.filter_map(|slot| {
            let review = Review::Verdict(self.chains.verdict_of(slot)?);
            let by = Arc::clone(&self.names[usize::from(slot.reviewer)]);
            Some(ReviewRow { subject: slot.subject, by, at: self.chains.latest(slot)?.at, review })
        })
    }

    /// Those of somebody's rows that say something new: a verdict later than the one that the same reviewer has here,
    /// a comment that is not here.
    pub fn news(&self, rows: Vec<ReviewRow>) -> Vec<ReviewRow> {
        let is_new = |row: &ReviewRow| match &row.review {
            Review::Verdict(verdict) => self.latest(row.subject, &row.by).is_none_or(|(at, known)| {
                at < row.at || (at == row.at && known.is_some_and(|known| known != *verdict))
            }),
            Review::Comment(text) => !self
                .comments_in_full(row.subject.image)
                .any(|known| (known.subject, known.at, &known.by, &known.text) == (row.subject, row.at, &row.by, text)),
        };
        let mut rows = rows;
        rows.retain(is_new);
        rows
    }

    fn latest(&self, subject: Subject, by: &Arc<str>) -> Option<(i64, Option<super::Verdict>)> {
        let reviewer = self.names.iter().position(|known| known == by)?;
        let slot = self.chains.find(subject, u16::try_from(reviewer).ok()?)?;
        self.chains.latest(slot).map(|mark| (mark.at, self.chains.verdict_of(slot)))
    }

    /// Number of images that anybody has decided or said something about and `is_there` does not know.
    pub fn absent(&self, mut is_there: impl FnMut(ImageId) -> bool) -> usize {
        let decided = self.chains.iter().filter(|slot| self.chains.verdict_of(slot).is_some());
        let review = self.comments.iter().filter(|comment| comment.is_in_force);
        let mut images: Vec<_> = decided
            .map(|slot| slot.subject.image)
            .chain(review.map(|comment| comment.subject.image))
            .filter(|&image| !is_there(image))
            .collect();
        images.sort_unstable();
        images.dedup();
        images.len()
    }
}

fn comment_row(comment: &super::Comment) -> ReviewRow {
    let (by, text) = (Arc::clone(&comment.by), Arc::clone(&comment.text));
    ReviewRow { subject: comment.subject, by, at: comment.at, review: Review::Comment(text) }
}

fn sort(rows: &mut [ReviewRow]) {
    rows.sort_by(|a, b| {
        let key = |row: &ReviewRow| (row.subject, matches!(row.review, Review::Comment(_)));
        key(a).cmp(&key(b)).then_with(|| a.by.cmp(&b.by)).then_with(|| a.at.cmp(&b.at))
    });
}
