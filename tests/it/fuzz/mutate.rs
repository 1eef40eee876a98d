//! Random changes of an input.

use fastrand::Rng;

/// Inputs stay below this, so that each case takes microseconds.
const MOST_BYTES: usize = 1 << 16;
/// Numbers at the edges of the types that readers use.
const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "-1",
    "0.0",
    "1e-400",
    "1e400",
    "-1e400",
    "1E-05",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0.1000000014901161193847656250000000000000001",
    "3.4028236e38",
];
const EDGES: [u32; 10] = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/// What a target's inputs are made of.
pub(super) struct Material<'a> {
    /// Whole inputs: the corpus.
    pub(super) seeds: Vec<Vec<u8>>,
    /// Words of the format, to be put in anywhere.
    pub(super) tokens: &'static [&'static [u8]],
    /// Beginnings by which a reader takes an input for its own, so that noise after them is read at all.
    pub(super) heads: &'a [&'a [u8]],
}

impl Material<'_> {
    /// The next input: mostly a changed seed, sometimes noise.
    pub(super) fn next(&self, rng: &mut Rng) -> Vec<u8> {
        let mut input = match rng.u8(..16) {
            0 => noise(rng, 512),
            1 if !self.heads.is_empty() => [self.heads[rng.usize(..self.heads.len())], &noise(rng, 512)].concat(),
            2 if !self.tokens.is_empty() => self.soup(rng),
            _ => self.seeds[rng.usize(..self.seeds.len())].clone(),
        };
        for _ in 0..rng.u8(1..=6) {
            self.change(&mut input, rng);
            input.truncate(MOST_BYTES);
        }
        input
    }

    /// Tokens in any order.
    fn soup(&self, rng: &mut Rng) -> Vec<u8> {
        (0..rng.usize(1..64)).flat_map(|_| self.token(rng).to_vec()).collect()
    }

    fn token(&self, rng: &mut Rng) -> &'static [u8] {
        if self.tokens.is_empty() { b"\0" } else { self.tokens[rng.usize(..self.tokens.len())] }
    }

    fn change(&self, input: &mut Vec<u8>, rng: &mut Rng) {
        let at = rng.usize(..=input.len());
        match rng.u8(..14) {
            0 | 1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << rng.u8(..8);
                }
            }
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = rng.u8(..);
                }
            }
            3 => drop(input.drain(range(input.len(), rng))),
            4 => {
                let part = input[range(input.len(), rng)].to_vec();
                insert(input, at, &part);
            }
            5 => {
                let other = &self.seeds[rng.usize(..self.seeds.len())];
                let part = other[range(other.len(), rng)].to_vec();
                insert(input, at, &part);
            }
            // The beginning of one and the end of another.
            6 => {
                let other = &self.seeds[rng.usize(..self.seeds.len())];
                let from = rng.usize(..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            7 | 8 => insert(input, at, self.token(rng)),
            // Deep nesting, endless lists.
            9 => {
                let part = self.token(rng);
                let count = if rng.u8(..8) == 0 { rng.usize(..4_000) } else { rng.usize(..40) };
                insert(input, at, &part.repeat(count));
            }
            10 => replace_number(input, at, rng),
            11 | 12 => replace_integer(input, at, rng),
            _ => input.truncate(at),
        }
    }
}

/// At most 64 bytes, sometimes half of all.
fn range(length: usize, rng: &mut Rng) -> std::ops::Range<usize> {
    let start = rng.usize(..=length);
    let most = if rng.u8(..8) == 0 { length / 2 } else { 64 };
    start..(start + rng.usize(..=most)).min(length)
}

fn insert(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}

/// The digits at or behind a place become another number.
fn replace_number(input: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = input[at..].iter().position(is_digit).map(|found| at + found) else { return };
    let end = input[start..].iter().position(|byte| !is_digit(byte)).map_or(input.len(), |found| start + found);
    let number = NUMBERS[rng.usize(..NUMBERS.len())];
    input.splice(start..end, number.bytes());
}

/// One, two or four bytes become a number at the edge, in either order.
fn replace_integer(input: &mut [u8], at: usize, rng: &mut Rng) {
    let edge = EDGES[rng.usize(..EDGES.len())];
    let (large, small) = (edge.to_be_bytes(), edge.to_le_bytes());
    let width = [1, 2, 4][rng.usize(..3)];
    let bytes = if rng.bool() { &large[4 - width..] } else { &small[..width] };
    if let Some(place) = input.get_mut(at..at + width) {
        place.copy_from_slice(bytes);
    }
}

fn noise(rng: &mut Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; rng.usize(..=most)];
    rng.fill(&mut bytes);
    bytes
}
