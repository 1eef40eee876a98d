//! Round things: bottles, cans, jars. Each fills its area to the edges and paints nothing outside of it.

use tiny_skia::{Path, PathBuilder};

use super::canvas::{BLACK, Canvas, Ink, Tone, WHITE, band, cylinder, hex, rounded};
use super::print::{Brand, emblem, lines};
use super::{Frame, dice_of};
use crate::sample::dice::Dice;

const GLASS: [Tone; 8] = [
    hex(0x2f6d3c),
    hex(0x5c3014),
    hex(0x8fc3d6),
    hex(0x3c121c),
    hex(0xeaeae4),
    hex(0xd97a1e),
    hex(0x1d3f6e),
    hex(0xc9435a),
];
const PRESERVES: [Tone; 7] =
    [hex(0x9c1f26), hex(0xe08a12), hex(0x526b1e), hex(0x6a1e4c), hex(0xd9b44a), hex(0x7a3b14), hex(0xe8dcc0)];

pub(super) fn bottle(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let glass = dice.pick(GLASS);
    let brand = Brand::of(&mut dice);
    let shoulder = dice.between(0.34, 0.44);
    let Frame { x, y, w, h } = frame;
    let is_slim_neck = dice.chance(0.7);
    let neck = if is_slim_neck { 0.15 } else { 0.21 };
    canvas.fill(bottle_path(frame, neck, shoulder), &Ink::Across(x, x + w, &cylinder(glass, light, 0.35)));
    // What is inside shows as a darker body below the neck.
    let fill = dice.between(0.20, 0.30);
    if glass.r > 0.5 && glass.g > 0.5 {
        let drink = dice.pick([hex(0xd85c2a), hex(0x7dc4e8), hex(0xe8c03a), hex(0xb52a4a)]);
        let inner = frame.inset(0.06 * w, 0.02 * h);
        let level = y + h * (shoulder - 0.06);
        let path = rounded(inner.x, level, inner.w, inner.y + inner.h - level, [w * 0.3, w * 0.3, w * 0.1, w * 0.1]);
        canvas.fill(path, &Ink::Across(x, x + w, &cylinder(drink.fade(0.85), light, 0.2)));
    } else {
        let stops = [(0.0, BLACK.fade(0.0)), (0.1, BLACK.fade(0.16)), (1.0, BLACK.fade(0.28))];
        canvas.fill(bottle_path(frame, neck, shoulder), &Ink::Down(y + h * fill, y + h, &stops));
    }
    wrap(canvas, frame, (dice.between(0.50, 0.54), dice.between(0.80, 0.88)), &brand, &mut dice, light);
    if is_slim_neck && dice.chance(0.55) {
        let path = band(x + w * 0.5 - w * (neck + 0.012), y + h * 0.17, w * (neck + 0.012) * 2.0, h * 0.07, w * 0.03);
        canvas.fill(path, &Ink::Across(x + w * 0.33, x + w * 0.67, &cylinder(brand.second, light, 0.3)));
    }
    streak(canvas, x + w * edge(light, 0.20), y + h * (shoulder + 0.01), w * 0.075, h * (0.93 - shoulder), 0.5);
    streak(canvas, x + w * 0.5 + w * neck * 0.45 * light - w * 0.02, y + h * 0.09, w * 0.05, h * 0.16, 0.45);
    streak(canvas, x + w * edge(-light, 0.07), y + h * (shoulder + 0.06), w * 0.035, h * (0.86 - shoulder), 0.16);
    // The cap, ribbed.
    let cap = brand.second.toward(hex(0x222226), if dice.chance(0.3) { 0.8 } else { 0.0 });
    let (cap_x, cap_w) = (x + w * (0.5 - neck - 0.035), w * (neck + 0.035) * 2.0);
    let path = rounded(cap_x, y, cap_w, h * 0.068, [w * 0.05, w * 0.05, w * 0.015, w * 0.015]);
    canvas.fill(path, &Ink::Across(cap_x, cap_x + cap_w, &cylinder(cap, light, 0.6)));
    if canvas.shows(cap_w / 16.0) {
        for rib in 1..8 {
            canvas.rect(
                cap_x + cap_w * rib as f32 / 8.0,
                y + h * 0.014,
                cap_w * 0.03,
                h * 0.05,
                &Ink::Flat(BLACK.fade(0.16)),
            );
        }
    }
    canvas.rect(cap_x, y + h * 0.066, cap_w, h * 0.007, &Ink::Flat(BLACK.fade(0.35)));
}

fn bottle_path(frame: Frame, neck: f32, shoulder: f32) -> Option<Path> {
    let Frame { x, y, w, h } = frame;
    let (left, right) = (x + w * (0.5 - neck), x + w * (0.5 + neck));
    let (top, turn, body, bottom, foot) = (y + h * 0.03, y + h * 0.21, y + h * shoulder, y + h, w * 0.12);
    let mut path = PathBuilder::new();
    path.move_to(left, top);
    path.line_to(right, top);
    path.line_to(right, turn);
    path.cubic_to(right, turn + (body - turn) * 0.55, x + w, turn + (body - turn) * 0.42, x + w, body);
    path.line_to(x + w, bottom - foot);
    path.quad_to(x + w, bottom, x + w - foot, bottom);
    path.line_to(x + foot, bottom);
    path.quad_to(x, bottom, x, bottom - foot);
    path.line_to(x, body);
    path.cubic_to(x, turn + (body - turn) * 0.42, left, turn + (body - turn) * 0.55, left, turn);
    path.close();
    path.finish()
}

/// A drinks can or a food tin.
pub(super) fn can(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let brand = Brand::of(&mut dice);
    let metal = hex(0xb9bdc2);
    let is_tin = dice.chance(0.4);
    let Frame { x, y, w, h } = frame;
    let lid = w * 0.075;
    let taper = if is_tin { 0.0 } else { w * 0.07 };
    let mut path = PathBuilder::new();
    path.move_to(x + taper, y + lid);
    path.quad_to(x + w * 0.5, y - lid, x + w - taper, y + lid);
    path.quad_to(x + w, y + lid * 1.6 + taper, x + w, y + lid * 2.2 + taper * 1.3);
    path.line_to(x + w, y + h - lid - taper);
    path.quad_to(x + w - taper * 0.2, y + h - lid * 0.8, x + w - taper, y + h - lid);
    path.quad_to(x + w * 0.5, y + h + lid, x + taper, y + h - lid);
    path.quad_to(x + taper * 0.2, y + h - lid * 0.8, x, y + h - lid - taper);
    path.line_to(x, y + lid * 2.2 + taper * 1.3);
    path.quad_to(x, y + lid * 1.6 + taper, x + taper, y + lid);
    path.close();
    canvas.fill(path.finish(), &Ink::Across(x, x + w, &cylinder(metal, light, 0.9)));
    let (from, to) = if is_tin { (0.13, 0.90) } else { (0.15, 0.92) };
    let body = band(x, y + h * from, w, h * (to - from) - lid * 0.6, lid * 0.75);
    canvas.fill(body, &Ink::Across(x, x + w, &cylinder(brand.main, light, if is_tin { 0.15 } else { 0.6 })));
    match dice.below(4) {
        0 => {
            let path = band(x, y + h * 0.56, w, h * 0.2, lid * 0.75);
            canvas.fill(path, &Ink::Across(x, x + w, &cylinder(brand.second, light, 0.4)));
            emblem(canvas, x + w * 0.5, y + h * 0.40, w * 0.24, &brand, &mut dice);
        }
        1 => {
            // A wave from the lower left to the upper right.
            let mut wave = PathBuilder::new();
            wave.move_to(x, y + h * 0.72);
            wave.cubic_to(x + w * 0.4, y + h * 0.78, x + w * 0.5, y + h * 0.38, x + w, y + h * 0.36);
            wave.line_to(x + w, y + h * 0.56);
            wave.cubic_to(x + w * 0.6, y + h * 0.58, x + w * 0.5, y + h * 0.90, x, y + h * 0.86);
            wave.close();
            canvas.fill(wave.finish(), &Ink::Across(x, x + w, &cylinder(brand.second, light, 0.5)));
            emblem(canvas, x + w * 0.40, y + h * 0.36, w * 0.18, &brand, &mut dice);
        }
        2 => {
            for stripe in 0..3 {
                let path = band(x, y + h * (0.24 + 0.20 * stripe as f32), w, h * 0.075, lid * 0.75);
                canvas.fill(path, &Ink::Across(x, x + w, &cylinder(brand.second, light, 0.4)));
            }
            emblem(canvas, x + w * 0.5, y + h * 0.52, w * 0.27, &brand, &mut dice);
        }
        _ => {
            let path = band(x, y + h * 0.30, w, h * 0.42, lid * 0.75);
            canvas.fill(path, &Ink::Across(x, x + w, &cylinder(hex(0xf1ecdf), light, 0.2)));
            emblem(canvas, x + w * 0.5, y + h * 0.47, w * 0.20, &brand, &mut dice);
            lines(canvas, x + w * 0.26, y + h * 0.64, w * 0.48, h * 0.035, 2, hex(0x44403a));
        }
    }
    // The lid: a bright rim, a darker inside and the tab.
    let rim = [(0.0, metal.shaded(0.35)), (0.3, metal.lit(0.7)), (0.7, metal.lit(0.2)), (1.0, metal.shaded(0.4))];
    canvas.oval(x + w * 0.5, y + lid, w * 0.5 - taper, lid, &Ink::Across(x, x + w, &rim));
    canvas.oval(
        x + w * 0.5,
        y + lid * 1.08,
        w * 0.44 - taper,
        lid * 0.72,
        &Ink::Across(x, x + w, &cylinder(metal.shaded(0.28), -light, 0.5)),
    );
    if !is_tin {
        canvas.oval(x + w * 0.53, y + lid * 1.05, w * 0.13, lid * 0.30, &Ink::Flat(metal.lit(0.45)));
    }
    streak(canvas, x + w * edge(light, 0.19), y + h * 0.17, w * 0.07, h * 0.70, if is_tin { 0.18 } else { 0.42 });
}

pub(super) fn jar(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let brand = Brand::of(&mut dice);
    let inside = dice.pick(PRESERVES);
    let Frame { x, y, w, h } = frame;
    let body = rounded(x, y + h * 0.16, w, h * 0.84, [w * 0.2, w * 0.2, w * 0.13, w * 0.13]);
    canvas.fill(body, &Ink::Across(x, x + w, &cylinder(hex(0xc6d6d6), light, 0.5)));
    let level = y + h * dice.between(0.24, 0.32);
    let (left, wide) = (x + w * 0.045, w * 0.91);
    let bottom = y + h * 0.955;
    let path = rounded(left, level, wide, bottom - level, [w * 0.08, w * 0.08, w * 0.1, w * 0.1]);
    canvas.fill(path, &Ink::Across(left, left + wide, &cylinder(inside, light, 0.25)));
    if dice.chance(0.6) && canvas.shows(w * 0.05) {
        // Fruit, or what else is kept in jars.
        for _ in 0..14 {
            let radius = w * dice.between(0.05, 0.09);
            let cx = dice.between(left + radius * 1.2, left + wide - radius * 1.2);
            let cy = dice.between(level + radius, bottom - radius * 1.3);
            canvas.oval(cx, cy, radius, radius, &Ink::Flat(inside.shaded(0.22).fade(0.75)));
            canvas.oval(
                cx + radius * 0.25 * light,
                cy - radius * 0.3,
                radius * 0.5,
                radius * 0.45,
                &Ink::Flat(inside.lit(0.35).fade(0.55)),
            );
        }
    }
    canvas.rect(left + wide * 0.05, level, wide * 0.9, h * 0.012, &Ink::Flat(WHITE.fade(0.30)));
    if dice.chance(0.8) {
        wrap(canvas, frame, (0.44, dice.between(0.72, 0.80)), &brand, &mut dice, light);
    }
    // The thread below the lid, then the lid.
    canvas.rect(
        x + w * 0.08,
        y + h * 0.15,
        w * 0.84,
        h * 0.055,
        &Ink::Across(x, x + w, &cylinder(hex(0xafbfbf), light, 0.6)),
    );
    let lid = if dice.chance(0.5) { brand.main } else { dice.pick([hex(0xd8b254), hex(0xc0c3c7), hex(0x2a2a2e)]) };
    let path = rounded(x + w * 0.03, y, w * 0.94, h * 0.15, [w * 0.06, w * 0.06, w * 0.02, w * 0.02]);
    canvas.fill(path, &Ink::Across(x, x + w, &cylinder(lid, light, 0.55)));
    canvas.rect(x + w * 0.03, y + h * 0.045, w * 0.94, h * 0.012, &Ink::Flat(WHITE.fade(0.25)));
    canvas.rect(x + w * 0.03, y + h * 0.13, w * 0.94, h * 0.02, &Ink::Flat(BLACK.fade(0.28)));
    streak(canvas, x + w * edge(light, 0.15), y + h * 0.25, w * 0.06, h * 0.66, 0.55);
    streak(canvas, x + w * edge(-light, 0.06), y + h * 0.30, w * 0.03, h * 0.56, 0.22);
}

/// A paper label around the body, between two shares of the height.
fn wrap(canvas: &mut Canvas, frame: Frame, (from, to): (f32, f32), brand: &Brand, dice: &mut Dice, light: f32) {
    let Frame { x, y, w, h } = frame;
    let sag = w * 0.035;
    let paper = |tone: Tone| cylinder(tone, light, 0.12);
    let (top, tall) = (y + h * from, h * (to - from));
    canvas.fill(band(x, top, w, tall, sag), &Ink::Across(x, x + w, &paper(brand.paper)));
    canvas.fill(band(x, top, w, tall * 0.2, sag), &Ink::Across(x, x + w, &paper(brand.main)));
    canvas.fill(band(x, top + tall * 0.9, w, tall * 0.1, sag), &Ink::Across(x, x + w, &paper(brand.second)));
    let size = (w * 0.25).min(tall * 0.27);
    emblem(canvas, x + w * 0.5, top + tall * 0.47 + sag, size, brand, dice);
    if canvas.shows(tall * 0.05) {
        lines(canvas, x + w * 0.24, top + tall * 0.76 + sag * 0.8, w * 0.52, tall * 0.05, 2, hex(0x3a3836));
    }
}

/// A bright reflection with round ends.
fn streak(canvas: &mut Canvas, x: f32, y: f32, width: f32, height: f32, strength: f32) {
    let stops = [
        (0.0, WHITE.fade(strength * 0.2)),
        (0.12, WHITE.fade(strength)),
        (0.55, WHITE.fade(strength * 0.55)),
        (1.0, WHITE.fade(0.0)),
    ];
    canvas.round(x - width * 0.5, y, width, height, width * 0.5, &Ink::Down(y, y + height, &stops));
}

/// The share of the width that lies `inset` from the lit edge.
fn edge(light: f32, inset: f32) -> f32 {
    if light < 0.0 { inset } else { 1.0 - inset }
}
