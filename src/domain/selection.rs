//! Which images (or regions) are chosen. Kept by index of the catalogue, so it survives filters, sorting and a visit to
//! the canvas.

use std::hash::Hash;

use rustc_hash::FxHashSet;

use super::catalogue::ImageIx;

/// A set of images, or of regions, with an anchor for Shift.
#[derive(Clone, Debug)]
pub struct Selection<T = ImageIx> {
    chosen: FxHashSet<T>,
    anchor: Option<T>,
    revision: u64,
    /// Whether it is what the last plain click left.
    is_of_click: bool,
}

impl<T> Default for Selection<T> {
    fn default() -> Self {
        Self { chosen: FxHashSet::default(), anchor: None, revision: 0, is_of_click: false }
    }
}

impl<T: Copy + Eq + Hash> PartialEq for Selection<T> {
    fn eq(&self, other: &Self) -> bool {
        self.chosen == other.chosen && self.anchor == other.anchor
    }
}

impl<T: Copy + Eq + Hash> Selection<T> {
    /// Counts the changes, so that what is summed up over the selection is summed up once.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Whether somebody has chosen: a plain click on one image only makes it the current one.
    pub fn is_deliberate(&self) -> bool {
        !self.is_empty() && !self.is_of_click
    }

    pub fn contains(&self, image: T) -> bool {
        self.chosen.contains(&image)
    }

    /// The chosen images, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.chosen.iter().copied()
    }

    /// A plain click: only this one.
    pub fn set_only(&mut self, image: T) {
        self.changed(true);
        self.chosen.clear();
        self.chosen.insert(image);
        self.anchor = Some(image);
    }

    /// A Ctrl-click: in or out.
    pub fn toggle(&mut self, image: T) {
        self.changed(false);
        if !self.chosen.remove(&image) {
            self.chosen.insert(image);
        }
        self.anchor = Some(image);
    }

    /// A Shift-click: everything from the anchor to this one in the order of `visible`, added to what is chosen when
    /// `keep`. Without an anchor in view it is a plain click.
    pub fn extend_to(&mut self, image: T, visible: &[T], keep: bool) {
        self.changed(false);
        let place = |wanted: T| visible.iter().position(|&image| image == wanted);
        let (Some(from), Some(to)) = (self.anchor.and_then(place), place(image)) else {
            return self.set_only(image);
        };
        if !keep {
            self.chosen.clear();
        }
        self.chosen.extend(&visible[from.min(to)..=from.max(to)]);
    }

    /// A rubber band: these, added to what is chosen when `keep`.
    pub fn set_many(&mut self, images: impl IntoIterator<Item = T>, keep: bool) {
        self.changed(false);
        if !keep {
            self.chosen.clear();
        }
        self.chosen.extend(images);
    }

    /// Chosen becomes unchosen and back, among `visible`; what is not visible stays as it is.
    pub fn invert(&mut self, visible: &[T]) {
        self.changed(false);
        for &image in visible {
            if !self.chosen.remove(&image) {
                self.chosen.insert(image);
            }
        }
    }

    /// The choice of `other`, whose images have other indices by now.
    pub fn follow(&mut self, other: &Self, place: impl Fn(T) -> Option<T>) {
        self.set_many(other.iter().filter_map(place), false);
        self.is_of_click = other.is_of_click;
    }

    /// What was chosen once is chosen again.
    pub fn take_over(&mut self, earlier: Self) {
        let revision = self.revision + 1;
        *self = Self { revision, ..earlier };
    }

    fn changed(&mut self, is_of_click: bool) {
        self.revision += 1;
        self.is_of_click = is_of_click;
    }

    pub fn clear(&mut self) {
        self.changed(false);
        self.chosen.clear();
        self.anchor = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(numbers: &[u32]) -> Vec<ImageIx> {
        numbers.iter().copied().map(ImageIx).collect()
    }

    fn chosen(selection: &Selection) -> Vec<u32> {
        let mut chosen: Vec<_> = selection.iter().map(|image| image.0).collect();
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn shift_follows_the_visible_order() {
        let visible = list(&[5, 3, 9, 1]);
        let mut selection = Selection::<ImageIx>::default();
        selection.set_only(ImageIx(3));
        selection.extend_to(ImageIx(1), &visible, false);
        assert_eq!(chosen(&selection), [1, 3, 9]);
        selection.extend_to(ImageIx(5), &visible, false);
        assert_eq!(chosen(&selection), [3, 5], "the anchor stays");
    }

    #[test]
    fn one_plain_click_is_no_choice() {
        let mut selection = Selection::<ImageIx>::default();
        assert!(!selection.is_deliberate());
        selection.set_only(ImageIx(3));
        assert!(!selection.is_deliberate());
        selection.toggle(ImageIx(5));
        selection.toggle(ImageIx(3));
        assert!(selection.is_deliberate(), "one is left by Ctrl");
        selection.set_only(ImageIx(3));
        selection.extend_to(ImageIx(3), &list(&[3]), false);
        assert!(selection.is_deliberate());
        selection.clear();
        assert!(!selection.is_deliberate());
    }

    #[test]
    fn without_an_anchor_in_view_shift_is_a_click() {
        let mut selection = Selection::<ImageIx>::default();
        selection.set_only(ImageIx(77));
        selection.extend_to(ImageIx(3), &list(&[5, 3]), false);
        assert_eq!(chosen(&selection), [3]);
    }

    #[test]
    fn invert_leaves_the_hidden_alone() {
        let mut selection = Selection::<ImageIx>::default();
        selection.set_many(list(&[1, 2, 50]), false);
        selection.invert(&list(&[1, 2, 3]));
        assert_eq!(chosen(&selection), [3, 50]);
        selection.toggle(ImageIx(3));
        assert_eq!(chosen(&selection), [50]);
    }
}
