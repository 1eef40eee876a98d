//! What is printed on things: brand colors, emblems, lines of text, bar codes.

use tiny_skia::PathBuilder;

use super::canvas::{Canvas, Ink, Tone, WHITE, hex};
use crate::sample::dice::Dice;

#[derive(Clone, Copy, Debug)]
pub(super) struct Brand {
    pub(super) main: Tone,
    pub(super) second: Tone,
    pub(super) paper: Tone,
}

/// Main color and companion, chosen to stand together.
const PAIRS: [(Tone, Tone); 12] = [
    (hex(0xc22b2f), hex(0xf2e3c4)),
    (hex(0x1c4f8f), hex(0xf0b42c)),
    (hex(0x1f6b4a), hex(0xe9d9a6)),
    (hex(0xe07b1a), hex(0x3a2416)),
    (hex(0x5a2a68), hex(0xe8b9d6)),
    (hex(0x0f7f86), hex(0xf4eedc)),
    (hex(0xe7c22e), hex(0xb0212a)),
    (hex(0x2a2c33), hex(0xcfa85a)),
    (hex(0xe6e2da), hex(0x2d5aa8)),
    (hex(0x8ab03a), hex(0x2e4a1c)),
    (hex(0xd25c7c), hex(0xfaeadc)),
    (hex(0x7a4a2a), hex(0xf0dcb4)),
];

impl Brand {
    pub(super) fn of(dice: &mut Dice) -> Self {
        let (main, second) = dice.pick(PAIRS);
        let paper = dice.pick([hex(0xf4f0e4), hex(0xfbfaf6), hex(0xe9dfc6), second.lit(0.5)]);
        Self { main, second, paper }
    }
}

pub(super) fn emblem(canvas: &mut Canvas, cx: f32, cy: f32, radius: f32, brand: &Brand, dice: &mut Dice) {
    let (main, second) = (Ink::Flat(brand.main), Ink::Flat(brand.second));
    match dice.below(6) {
        0 => {
            canvas.oval(cx, cy, radius, radius, &second);
            canvas.oval(cx, cy, radius * 0.78, radius * 0.78, &main);
            canvas.oval(cx, cy, radius * 0.34, radius * 0.34, &second);
        }
        1 => {
            canvas.oval(cx, cy, radius * 1.3, radius * 0.72, &second);
            canvas.oval(cx, cy, radius * 1.16, radius * 0.58, &main);
            canvas.round(
                cx - radius * 0.7,
                cy - radius * 0.13,
                radius * 1.4,
                radius * 0.26,
                radius * 0.1,
                &Ink::Flat(WHITE.fade(0.9)),
            );
        }
        2 => {
            let points = [(0.0, -1.1), (0.95, 0.0), (0.0, 1.1), (-0.95, 0.0)];
            canvas.polygon(&points.map(|(x, y)| (cx + x * radius, cy + y * radius)), &second);
            canvas.polygon(&points.map(|(x, y)| (cx + x * radius * 0.72, cy + y * radius * 0.72)), &main);
        }
        3 => {
            // A leaf with its rib.
            let mut leaf = PathBuilder::new();
            leaf.move_to(cx - radius, cy + radius * 0.7);
            leaf.cubic_to(
                cx - radius,
                cy - radius * 0.9,
                cx + radius * 0.3,
                cy - radius,
                cx + radius,
                cy - radius * 0.9,
            );
            leaf.cubic_to(
                cx + radius,
                cy + radius * 0.4,
                cx + radius * 0.1,
                cy + radius,
                cx - radius,
                cy + radius * 0.7,
            );
            leaf.close();
            canvas.fill(leaf.finish(), &Ink::Flat(hex(0x4a8632)));
            canvas.polygon(
                &[
                    (cx - radius, cy + radius * 0.7),
                    (cx + radius * 0.8, cy - radius * 0.7),
                    (cx - radius * 0.86, cy + radius * 0.78),
                ],
                &Ink::Flat(hex(0xd8e8b0)),
            );
        }
        4 => {
            // A sun over a hill.
            canvas.oval(cx, cy - radius * 0.15, radius * 0.62, radius * 0.62, &Ink::Flat(hex(0xf5b72f)));
            let mut hill = PathBuilder::new();
            hill.move_to(cx - radius * 1.2, cy + radius * 0.8);
            hill.quad_to(cx - radius * 0.2, cy - radius * 0.5, cx + radius * 1.2, cy + radius * 0.8);
            hill.close();
            canvas.fill(hill.finish(), &main);
        }
        _ => {
            canvas.polygon(&star(cx, cy, radius * 1.1), &second);
            canvas.polygon(&star(cx, cy, radius * 0.74), &main);
        }
    }
}

fn star(cx: f32, cy: f32, radius: f32) -> [(f32, f32); 10] {
    std::array::from_fn(|point| {
        let angle = std::f32::consts::PI * (point as f32 / 5.0 - 0.5);
        let reach = if point % 2 == 0 { radius } else { radius * 0.45 };
        (cx + angle.cos() * reach, cy + angle.sin() * reach)
    })
}

/// Lines of small print, the last one shorter.
pub(super) fn lines(canvas: &mut Canvas, x: f32, y: f32, width: f32, height: f32, count: u32, tone: Tone) {
    if !canvas.shows(height) {
        return;
    }
    for line in 0..count {
        let share = if line + 1 == count { 0.62 } else { 1.0 };
        let left = x + width * (1.0 - share) * 0.5;
        canvas.rect(left, y + line as f32 * height * 1.8, width * share, height, &Ink::Flat(tone.fade(0.75)));
    }
}

pub(super) fn bar_code(canvas: &mut Canvas, x: f32, y: f32, width: f32, height: f32, dice: &mut Dice) {
    canvas.rect(x, y, width, height, &Ink::Flat(hex(0xf6f5f0)));
    if !canvas.shows(width / 40.0) {
        canvas.rect(x + width * 0.08, y + height * 0.1, width * 0.84, height * 0.72, &Ink::Flat(hex(0x908f8c)));
        return;
    }
    let mut at = 0.08;
    while at < 0.90 {
        let bar = dice.between(0.012, 0.04);
        canvas.rect(x + width * at, y + height * 0.1, width * bar, height * 0.72, &Ink::Flat(hex(0x222224)));
        at += bar + dice.between(0.014, 0.035);
    }
}
