//! The boxes around masks that are stored as run lengths. No mask is unpacked: the time goes with the length of its text.

/// Longest side of a picture with a mask.
const LONGEST_SIDE: u64 = 1 << 20;

/// The box around a mask in COCO's run lengths: down the columns, beginning with what is not in it. `height` first, as COCO
/// has it. `None` when it is empty or no such mask.
pub(crate) fn around_runs(counts: impl IntoIterator<Item = u64>, [height, width]: [u64; 2]) -> Option<[f64; 4]> {
    if !(1..=LONGEST_SIDE).contains(&height) || !(1..=LONGEST_SIDE).contains(&width) {
        return None;
    }
    let mut found: Option<Pixels> = None;
    let (mut at, mut is_inside) = (0_u64, false);
    for count in counts {
        let end = at.checked_add(count).filter(|&end| end <= height * width)?;
        if is_inside && count > 0 {
            let (first, last) = ((at / height, at % height), ((end - 1) / height, (end - 1) % height));
            // A run that goes over the end of a column goes from its foot to the head of the next one.
            let (top, bottom) = if first.0 == last.0 { (first.1, last.1) } else { (0, height - 1) };
            let run = Pixels { left: first.0, top, right: last.0, bottom };
            found = Some(found.map_or(run, |before| before.with(run)));
        }
        (at, is_inside) = (end, !is_inside);
    }
    found.map(Pixels::bbox)
}

/// COCO's short form of run lengths: letters of six bits, each number after the third the difference to the one two before.
/// `None` when the text is none.
pub(crate) fn runs_of_text(text: &str) -> Option<Vec<u64>> {
    let mut counts: Vec<i64> = Vec::new();
    let mut letters = text.bytes();
    while let Some(mut letter) = letters.next() {
        let (mut number, mut shift) = (0_i64, 0_u32);
        loop {
            let bits = i64::from(letter.checked_sub(48).filter(|&bits| bits < 64)?);
            if shift > 55 {
                return None;
            }
            number |= (bits & 0x1f) << shift;
            shift += 5;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    number |= -1_i64 << shift;
                }
                break;
            }
            letter = letters.next()?;
        }
        if counts.len() > 2 {
            number = number.checked_add(*counts.get(counts.len() - 2)?)?;
        }
        counts.push(number);
    }
    counts.into_iter().map(|count| u64::try_from(count).ok()).collect()
}

/// The box around a mask of Label Studio's brush, and the size of its picture that is needed for it: four values a pixel, row
/// by row, of which the last is 0 outside. `None` when it is empty or no such mask.
pub(crate) fn around_brush(bytes: &[u8], (width, height): (u32, u32)) -> Option<[f64; 4]> {
    let mut bits = Bits { bytes, at: 0 };
    let count = bits.take(32)?;
    let letters = bits.take(5)? + 1;
    let mut sizes = [0; 4];
    for size in &mut sizes {
        *size = bits.take(4)? + 1;
    }
    if letters > 32 || count != u64::from(width) * u64::from(height) * 4 {
        return None;
    }
    let width = u64::from(width);
    let mut found: Option<Pixels> = None;
    let mut mark = |from: u64, end: u64| {
        // Of four values the last says whether the pixel is inside.
        let (first, last) = (from.saturating_sub(3).div_ceil(4), end / 4);
        if first >= last {
            return;
        }
        let ((top, left), (bottom, right)) = ((first / width, first % width), ((last - 1) / width, (last - 1) % width));
        let (left, right) = if top == bottom { (left, right) } else { (0, width - 1) };
        let run = Pixels { left, top, right, bottom };
        found = Some(found.map_or(run, |before| before.with(run)));
    };
    let mut at = 0;
    while at < count {
        let is_run = bits.take(1)? == 1;
        let size = *sizes.get(usize::try_from(bits.take(2)?).ok()?)?;
        let end = at + bits.take(size)? + 1;
        if end > count {
            return None;
        }
        if is_run {
            if bits.take(letters)? > 0 {
                mark(at, end);
            }
        } else {
            for place in at..end {
                if bits.take(letters)? > 0 {
                    mark(place, place + 1);
                }
            }
        }
        at = end;
    }
    found.map(Pixels::bbox)
}

/// The first and the last pixels of a part of a mask.
#[derive(Clone, Copy)]
struct Pixels {
    left: u64,
    top: u64,
    right: u64,
    bottom: u64,
}

impl Pixels {
    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn bbox(self) -> [f64; 4] {
        let [left, top, right, bottom] = [self.left, self.top, self.right + 1, self.bottom + 1].map(|edge| edge as f64);
        [left, top, right - left, bottom - top]
    }
}

/// Numbers of any width, the highest bit first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u64) -> Option<u64> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u64::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_down_the_columns() {
        // A box of 2 x 3 at 1, 1 in a picture of 5 x 6: a column has 6 pixels.
        assert_eq!(around_runs([7, 3, 3, 3, 14], [6, 5]), Some([1.0, 1.0, 2.0, 3.0]));
        // A run over the end of a column.
        assert_eq!(around_runs([5, 2, 23], [6, 5]), Some([0.0, 0.0, 2.0, 6.0]));
        assert_eq!(around_runs([0, 30], [6, 5]), Some([0.0, 0.0, 5.0, 6.0]));
        for none in [&[30][..], &[0, 31], &[], &[0, 0, 30], &[u64::MAX, 2]] {
            assert_eq!(around_runs(none.iter().copied(), [6, 5]), None, "{none:?}");
        }
        assert_eq!(around_runs([0, 1], [u64::MAX, u64::MAX]), None);
    }

    #[test]
    fn the_short_form_is_the_same_runs() {
        // As pycocotools 2.0.11 writes [6, 1, 40, 4, 5, 4, 5, 4, 21] of its own documents' example.
        assert_eq!(runs_of_text("61X13mN000`0"), Some(vec![6, 1, 40, 4, 5, 4, 5, 4, 21]));
        for none in ["\u{1f642}", "o", "\u{7f}", "oooooooooooooooo0"] {
            assert_eq!(runs_of_text(none), None, "{none:?}");
        }
    }

    /// A mask as Label Studio packs it: each run as one of a value.
    fn packed(count: u64, runs: &[(u64, u64)]) -> Vec<u8> {
        let mut bits: Vec<bool> = Vec::new();
        let mut put = |number: u64, width: u64| bits.extend((0..width).rev().map(|at| number >> at & 1 == 1));
        put(count, 32);
        put(7, 5);
        (0..4).for_each(|_| put(15, 4));
        for &(length, value) in runs {
            put(1, 1);
            put(0, 2);
            put(length - 1, 16);
            put(value, 8);
        }
        bits.chunks(8)
            .map(|bits| bits.iter().enumerate().fold(0, |byte, (at, &bit)| byte | u8::from(bit) << (7 - at)))
            .collect()
    }

    #[test]
    fn a_brush_goes_along_the_rows() {
        // A picture of 5 x 4: two pixels of the second row, one of the third.
        let runs = [(24, 0), (8, 255), (16, 0), (4, 255), (28, 0)];
        assert_eq!(around_brush(&packed(80, &runs), (5, 4)), Some([1.0, 1.0, 2.0, 2.0]));
        assert_eq!(around_brush(&packed(80, &[(80, 0)]), (5, 4)), None, "nothing is in it");
        assert_eq!(around_brush(&packed(80, &runs), (5, 5)), None, "of another picture");
        assert_eq!(around_brush(&[1, 2, 3], (5, 4)), None);
    }
}
