//! Seeded chance: the same seed gives the same numbers on every machine, today and tomorrow.
//!
//! Written out (splitmix64) because the sample's ids and pictures must never change with a dependency.

#[derive(Clone, Debug)]
pub(super) struct Dice {
    state: u64,
}

/// Scrambles `value` so that neighbors have nothing in common.
pub(super) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A whole number below `end`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The high half times `end`: no division, and the bias is far below anything visible.
        (((self.next() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// A fraction in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// `true` in `share` of the cases.
    pub(super) fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// One of `choices`, which must not be empty.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        const { assert!(N > 0 && N < 1 << 16) };
        choices[self.below(N as u32) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_pinned() {
        let mut dice = Dice::new(7);
        let first = [dice.next(), dice.next()];
        let mut again = Dice::new(7);
        assert_eq!(first, [again.next(), again.next()]);
        // Ids of images depend on it: a change here is a change of every id of the sample.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut dice = Dice::new(1);
        for _ in 0..10_000 {
            assert!(dice.below(3) < 3);
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!((2.0..5.0).contains(&dice.between(2.0, 5.0)));
        }
        assert_eq!(dice.below(0), 0);
    }
}
