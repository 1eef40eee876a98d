//! Texts that are kept exactly: found by their place, and packed in few bytes.

use super::image::{Slot, Verbatim};
use super::number::Spelling;

/// The kept texts of one image, sorted, so that each is found without a search through all of them.
#[derive(Debug)]
pub struct Exact<'a> {
    texts: Vec<&'a Verbatim>,
    spelling: Spelling,
}

impl<'a> Exact<'a> {
    /// Sorts the texts of an image. Of two for one place the first counts.
    pub fn new(texts: &'a [Verbatim]) -> Self {
        let mut sorted: Vec<&Verbatim> = texts.iter().filter(|kept| kept.slot != Slot::Numbers).collect();
        sorted.sort_by(|a, b| order(a.slot, b.slot));
        sorted.dedup_by(|later, first| later.slot == first.slot);
        Self { texts: sorted, spelling: spelling_of(texts) }
    }

    pub fn get(&self, slot: Slot) -> Option<&'a str> {
        // Empty for what the service usually sends, so that this costs nothing.
        if self.texts.is_empty() {
            return None;
        }
        let at = self.texts.binary_search_by(|kept| order(kept.slot, slot)).ok()?;
        self.texts.get(at).map(|kept| &*kept.text)
    }

    /// How the numbers are spelled that have no text of their own.
    pub fn spelling(&self) -> Spelling {
        self.spelling
    }
}

pub fn spelling_of(texts: &[Verbatim]) -> Spelling {
    let named = texts.iter().find(|kept| kept.slot == Slot::Numbers);
    named.and_then(|kept| Spelling::from_name(&kept.text)).unwrap_or_default()
}

/// Which kind of value, which one of the kind, and which part of it.
fn key(slot: Slot) -> (u8, u32, u8) {
    match slot {
        Slot::ImageCreated => (0, 0, 0),
        Slot::TagCreated(at) => (1, at, 0),
        Slot::RegionCreated(at) => (2, at, 0),
        Slot::RegionNumber(at, side) => (3, at, side),
        Slot::Numbers => (4, 0, 0),
    }
}

fn slot_of((kind, at, part): (u8, u32, u8)) -> Slot {
    match kind {
        0 => Slot::ImageCreated,
        1 => Slot::TagCreated(at),
        2 => Slot::RegionCreated(at),
        3 => Slot::RegionNumber(at, part),
        _ => Slot::Numbers,
    }
}

fn order(a: Slot, b: Slot) -> std::cmp::Ordering {
    #[cfg(test)]
    tests::COMPARED.with(|compared| compared.set(compared.get() + 1));
    key(a).cmp(&key(b))
}

/// The texts of an image in one piece of memory, without those of [`Slot::Numbers`]. A text costs its bytes and about
/// five more; a box for each would cost ten times that.
pub fn pack(texts: &[Verbatim]) -> Box<[u8]> {
    let mut out = Vec::new();
    for kept in texts.iter().filter(|kept| kept.slot != Slot::Numbers) {
        let (kind, at, part) = key(kept.slot);
        out.push(kind << 4 | part);
        put_number(at, &mut out);
        put_number(u32::try_from(kept.text.len()).unwrap_or(u32::MAX), &mut out);
        out.extend_from_slice(kept.text.as_bytes());
    }
    out.into()
}

/// The texts of [`pack`], in their order; what does not fit ends them.
pub fn unpack(packed: &[u8]) -> Vec<Verbatim> {
    let mut texts = Vec::new();
    let mut rest = packed;
    while let Some((kept, behind)) = take(rest) {
        texts.push(kept);
        rest = behind;
    }
    texts
}

fn take(packed: &[u8]) -> Option<(Verbatim, &[u8])> {
    let (&head, rest) = packed.split_first()?;
    let (at, rest) = take_number(rest)?;
    let (length, rest) = take_number(rest)?;
    let (text, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let text = std::str::from_utf8(text).ok()?.into();
    Some((Verbatim { slot: slot_of((head >> 4, at, head & 0x0f)), text }, rest))
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn put_number(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(packed: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0_u32;
    for (at, &byte) in packed.iter().enumerate().take(5) {
        number |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, &packed[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        pub(super) static COMPARED: Cell<u64> = const { Cell::new(0) };
    }

    fn odd_numbers(regions: u32) -> Vec<Verbatim> {
        let slots = (0..regions).flat_map(|at| (0..4).map(move |side| Slot::RegionNumber(at, side)));
        slots.map(|slot| Verbatim { slot, text: "0.10000000000000001".into() }).collect()
    }

    fn comparisons(regions: u32) -> u64 {
        COMPARED.set(0);
        let texts = odd_numbers(regions);
        let exact = Exact::new(&texts);
        for at in 0..regions {
            assert_eq!(exact.get(Slot::RegionCreated(at)), None);
            for side in 0..4 {
                assert_eq!(exact.get(Slot::RegionNumber(at, side)), Some("0.10000000000000001"));
            }
        }
        COMPARED.get()
    }

    #[test]
    fn twice_as_many_odd_numbers_cost_little_more_than_twice_the_comparisons() {
        let (once, twice) = (comparisons(10_000), comparisons(20_000));
        assert!(once > 0 && twice < once * 5 / 2, "{once} comparisons, then {twice}");
    }

    #[test]
    fn the_first_text_of_a_place_counts_in_any_order() {
        let kept = |slot, text: &str| Verbatim { slot, text: text.into() };
        let texts = [
            kept(Slot::RegionNumber(70_000, 2), "1e-1"),
            kept(Slot::RegionCreated(3), "long ago"),
            kept(Slot::RegionCreated(3), "later"),
            kept(Slot::ImageCreated, "once"),
            kept(Slot::Numbers, "shortest"),
        ];
        let exact = Exact::new(&texts);
        assert_eq!(exact.get(Slot::RegionNumber(70_000, 2)), Some("1e-1"));
        assert_eq!(exact.get(Slot::RegionCreated(3)), Some("long ago"));
        assert_eq!(exact.get(Slot::ImageCreated), Some("once"));
        assert_eq!(exact.get(Slot::TagCreated(0)), None);
        assert_eq!(exact.spelling().name(), "shortest");
    }

    #[test]
    fn what_is_packed_comes_back_in_its_order() {
        let mut texts = odd_numbers(300);
        texts.push(Verbatim { slot: Slot::RegionNumber(u32::MAX, 3), text: "x".repeat(1000).into() });
        texts.push(Verbatim { slot: Slot::TagCreated(128), text: "".into() });
        texts.push(Verbatim { slot: Slot::ImageCreated, text: "猫".into() });
        let packed = pack(&texts);
        assert_eq!(unpack(&packed), texts);
        let mut named = texts.clone();
        named.push(Verbatim { slot: Slot::Numbers, text: "shortest".into() });
        assert_eq!(pack(&named), packed);
        for length in 0..40 {
            assert!(unpack(&packed[..length]).len() <= 2);
        }
    }
}
