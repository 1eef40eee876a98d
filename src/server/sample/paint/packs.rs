//! Things of card and film: boxes, pouches, cartons of six, price cards. Each fills its area to the edges.

use tiny_skia::PathBuilder;

use super::canvas::{BLACK, Canvas, Ink, Tone, WHITE, cylinder, hex, rounded};
use super::print::{Brand, bar_code, emblem, lines};
use super::{Frame, dice_of};
use crate::sample::dice::Dice;

/// A box seen a little from one side: a front, a narrow side, a sliver of the top.
pub(super) fn carton(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let is_cardboard = dice.chance(0.5);
    let brand = Brand::of(&mut dice);
    let kraft = dice.pick([hex(0xb88a56), hex(0xc49966), hex(0xa87c4c)]);
    let paper = if is_cardboard { kraft } else { brand.main };
    let Frame { x, y, w, h } = frame;
    let side = w * dice.between(0.10, 0.22);
    let top = h * dice.between(0.05, 0.09);
    // The side turned away from the light is the one we see.
    let turned = light < 0.0;
    let (front_x, front_w) = if turned { (x, w - side) } else { (x + side, w - side) };
    let front = Frame { x: front_x, y: y + top, w: front_w, h: h - top };
    let flip = |share: f32| if turned { x + w * share } else { x + w * (1.0 - share) };
    let inner = 1.0 - side / w;
    let dark = paper.shaded(0.42);
    canvas.polygon(
        &[(flip(inner), y + top), (flip(1.0), y), (flip(1.0), y + h - top * 0.8), (flip(inner), y + h)],
        &Ink::Down(y, y + h, &[(0.0, dark.lit(0.06)), (1.0, dark.shaded(0.28))]),
    );
    canvas.polygon(
        &[(flip(0.0), y + top), (flip(side / w), y), (flip(1.0), y), (flip(inner), y + top)],
        &Ink::Flat(paper.lit(0.32)),
    );
    let (a, b) = if turned { (paper.lit(0.10), paper.shaded(0.14)) } else { (paper.shaded(0.14), paper.lit(0.10)) };
    canvas.rect(front.x, front.y, front.w, front.h, &Ink::Across(front.x, front.x + front.w, &[(0.0, a), (1.0, b)]));
    if is_cardboard {
        cardboard(canvas, front, paper, &mut dice);
    } else {
        folding_box(canvas, front, &brand, &mut dice);
    }
    let falling = [(0.0, BLACK.fade(0.0)), (0.75, BLACK.fade(0.02)), (1.0, BLACK.fade(0.26))];
    canvas.rect(front.x, front.y, front.w, front.h, &Ink::Down(front.y, front.y + front.h, &falling));
    canvas.rect(front.x, front.y, front.w, h * 0.008, &Ink::Flat(WHITE.fade(0.35)));
    canvas.rect(flip(inner) - w * 0.004, y + top, w * 0.008, h - top, &Ink::Flat(WHITE.fade(0.18)));
}

fn cardboard(canvas: &mut Canvas, front: Frame, paper: Tone, dice: &mut Dice) {
    let Frame { x, y, w, h } = front;
    let print = Ink::Flat(hex(0x3a2614).fade(0.72));
    // The tape down the middle, the seam under it, and what the packer stamps on.
    canvas.rect(x + w * 0.496, y, w * 0.008, h, &Ink::Flat(paper.shaded(0.45)));
    let tape = dice.pick([hex(0xd9bd86), hex(0xe4e0d2), hex(0xc9a05e)]);
    canvas.rect(
        x + w * 0.42,
        y,
        w * 0.16,
        h * 0.30,
        &Ink::Across(
            x + w * 0.42,
            x + w * 0.58,
            &[(0.0, tape.fade(0.75)), (0.4, tape.lit(0.3).fade(0.8)), (1.0, tape.fade(0.7))],
        ),
    );
    if canvas.shows(w * 0.02) {
        for arrow in 0..2 {
            let (cx, cy, size) = (x + w * (0.12 + 0.13 * arrow as f32), y + h * 0.78, (w * 0.05).min(h * 0.07));
            canvas.polygon(&[(cx - size, cy), (cx, cy - size * 1.3), (cx + size, cy)], &print);
            canvas.rect(cx - size * 0.35, cy, size * 0.7, size * 1.4, &print);
        }
        lines(canvas, x + w * 0.07, y + h * 0.42, w * 0.3, h * 0.03, 3, hex(0x3a2614));
    }
    if dice.chance(0.7) {
        let (wide, tall) = (w * 0.36, (h * 0.26).min(w * 0.3));
        let (cx, cy) = (x + w * 0.58, y + h * dice.between(0.48, 0.60));
        canvas.rect(cx + w * 0.006, cy + w * 0.01, wide, tall, &Ink::Flat(BLACK.fade(0.22)));
        canvas.rect(cx, cy, wide, tall, &Ink::Flat(hex(0xf3f1ea)));
        lines(canvas, cx + wide * 0.1, cy + tall * 0.12, wide * 0.8, tall * 0.07, 2, hex(0x333333));
        bar_code(canvas, cx + wide * 0.08, cy + tall * 0.44, wide * 0.84, tall * 0.48, dice);
    }
}

fn folding_box(canvas: &mut Canvas, front: Frame, brand: &Brand, dice: &mut Dice) {
    let Frame { x, y, w, h } = front;
    let size = w.min(h);
    match dice.below(4) {
        0 => {
            canvas.rect(x, y + h * 0.58, w, h * 0.42, &Ink::Flat(brand.second));
            canvas.oval(x + w * 0.5, y + h * 0.58, w * 0.36, w.min(h) * 0.30, &Ink::Flat(brand.paper));
            emblem(canvas, x + w * 0.5, y + h * 0.58, size * 0.19, brand, dice);
        }
        1 => {
            let points = [(0.0, 0.42), (1.0, 0.22), (1.0, 0.62), (0.0, 0.82)];
            canvas.polygon(&points.map(|(px, py)| (x + w * px, y + h * py)), &Ink::Flat(brand.second));
            emblem(canvas, x + w * 0.5, y + h * 0.52, size * 0.22, brand, dice);
        }
        2 => {
            canvas.round(x + w * 0.1, y + h * 0.2, w * 0.8, h * 0.5, size * 0.06, &Ink::Flat(brand.paper));
            emblem(canvas, x + w * 0.5, y + h * 0.40, size * 0.17, brand, dice);
            lines(canvas, x + w * 0.2, y + h * 0.58, w * 0.6, h * 0.03, 2, hex(0x3a3836));
        }
        _ => {
            for stripe in 0..5 {
                let tone = if stripe % 2 == 0 { brand.second } else { brand.main.shaded(0.2) };
                canvas.rect(x + w * (0.08 + 0.035 * stripe as f32), y, w * 0.035, h, &Ink::Flat(tone));
            }
            emblem(canvas, x + w * 0.62, y + h * 0.42, size * 0.24, brand, dice);
        }
    }
    // A name in thick letters, recognizable by their rhythm.
    if canvas.shows(w * 0.03) {
        let mut at = x + w * 0.16;
        let (base, tall) = (y + h * 0.07, h * 0.075);
        for _ in 0..dice.below(4) + 4 {
            let wide = w * dice.between(0.05, 0.09);
            canvas.round(at, base, wide, tall, wide * 0.2, &Ink::Flat(brand.second.lit(0.45)));
            at += wide + w * 0.022;
        }
        lines(canvas, x + w * 0.14, y + h * 0.86, w * 0.42, h * 0.022, 2, brand.main.shaded(0.5));
        if dice.chance(0.5) {
            bar_code(canvas, x + w * 0.68, y + h * 0.84, w * 0.26, h * 0.10, dice);
        }
    }
}

/// A coffee or crisps pouch: crimped edges, a belly that catches the light.
pub(super) fn pouch(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let brand = Brand::of(&mut dice);
    let Frame { x, y, w, h } = frame;
    let (right, bottom) = (x + w, y + h);
    let mut path = PathBuilder::new();
    path.move_to(x + w * 0.03, y);
    path.line_to(right - w * 0.03, y);
    path.cubic_to(right - w * 0.05, y + h * 0.16, right + 0.0, y + h * 0.22, right, y + h * 0.5);
    path.cubic_to(right, y + h * 0.8, right - w * 0.03, y + h * 0.9, right - w * 0.05, bottom);
    path.line_to(x + w * 0.05, bottom);
    path.cubic_to(x + w * 0.03, y + h * 0.9, x, y + h * 0.8, x, y + h * 0.5);
    path.cubic_to(x, y + h * 0.22, x + w * 0.05, y + h * 0.16, x + w * 0.03, y);
    path.close();
    let outline = path.finish();
    canvas.fill(outline.clone(), &Ink::Across(x, right, &cylinder(brand.main, light, 0.45)));
    let belly = [
        (0.0, BLACK.fade(0.22)),
        (0.22, WHITE.fade(0.10)),
        (0.5, WHITE.fade(0.0)),
        (0.86, BLACK.fade(0.10)),
        (1.0, BLACK.fade(0.34)),
    ];
    canvas.fill(outline, &Ink::Down(y, bottom, &belly));
    let panel = rounded(x + w * 0.13, y + h * 0.32, w * 0.74, h * 0.44, [w * 0.1; 4]);
    canvas.fill(panel, &Ink::Across(x, right, &cylinder(brand.paper, light, 0.15)));
    emblem(canvas, x + w * 0.5, y + h * 0.49, w * 0.21, &brand, &mut dice);
    lines(canvas, x + w * 0.27, y + h * 0.66, w * 0.46, h * 0.022, 2, hex(0x3a3632));
    // The crimped seam at the top.
    canvas.rect(x + w * 0.035, y, w * 0.93, h * 0.075, &Ink::Across(x, right, &cylinder(brand.second, light, 0.5)));
    if canvas.shows(w * 0.012) {
        for fold in 0..22 {
            let at = x + w * (0.05 + 0.9 * fold as f32 / 22.0);
            canvas.rect(at, y + h * 0.008, w * 0.012, h * 0.06, &Ink::Flat(BLACK.fade(0.15)));
        }
    }
    // Folds that run down from the seam and up from the foot.
    for _ in 0..5 {
        let at = x + w * dice.between(0.14, 0.86);
        let lean = w * dice.between(-0.06, 0.06);
        let long = h * dice.between(0.10, 0.20);
        let tone = if dice.chance(0.5) { WHITE.fade(0.20) } else { BLACK.fade(0.16) };
        canvas.polygon(
            &[(at, y + h * 0.08), (at + w * 0.03, y + h * 0.08), (at + lean, y + h * 0.08 + long)],
            &Ink::Flat(tone),
        );
        canvas.polygon(&[(at, bottom), (at + w * 0.03, bottom), (at - lean, bottom - long * 0.7)], &Ink::Flat(tone));
    }
    let shine = x + w * if light < 0.0 { 0.16 } else { 0.84 };
    canvas.glow(shine, y + h * 0.42, w * 0.09, h * 0.26, WHITE.fade(0.42));
}

/// Six bottles in film: three in front, three behind, a carrying strip across.
pub(super) fn six_pack(canvas: &mut Canvas, frame: Frame, seed: u64, light: f32) {
    let mut dice = dice_of(seed);
    let Frame { x, y, w, h } = frame;
    let one = dice.next();
    let third = w / 3.0;
    for place in 0..3 {
        let back = Frame { x: x + third * place as f32 + third * 0.08, y, w: third * 0.84, h: h * 0.86 };
        super::vessels::bottle(canvas, back, one, light);
    }
    canvas.rect(
        x,
        y + h * 0.24,
        w,
        h * 0.62,
        &Ink::Down(y, y + h * 0.9, &[(0.0, BLACK.fade(0.0)), (1.0, BLACK.fade(0.35))]),
    );
    for place in 0..3 {
        let front = Frame { x: x + third * place as f32, y: y + h * 0.06, w: third, h: h * 0.94 };
        super::vessels::bottle(canvas, front, one, light);
    }
    // The film: a milky veil with hard lights, open at the bottle necks.
    let film = rounded(x, y + h * 0.33, w, h * 0.67, [w * 0.05, w * 0.05, w * 0.025, w * 0.025]);
    let veil = [
        (0.0, WHITE.fade(0.34)),
        (0.15, WHITE.fade(0.12)),
        (0.5, WHITE.fade(0.16)),
        (0.85, WHITE.fade(0.10)),
        (1.0, WHITE.fade(0.30)),
    ];
    canvas.fill(film, &Ink::Across(x, x + w, &veil));
    for crease in 0..7 {
        let at = x + w * dice.between(0.04, 0.92);
        let from = y + h * dice.between(0.36, 0.7);
        let lean = w * dice.between(-0.07, 0.07);
        let long = h * dice.between(0.10, 0.26);
        let tone = WHITE.fade(if crease % 2 == 0 { 0.42 } else { 0.2 });
        canvas.polygon(&[(at, from), (at + w * 0.016, from + long * 0.1), (at + lean, from + long)], &Ink::Flat(tone));
    }
    canvas.rect(x, y + h * 0.33, w, h * 0.012, &Ink::Flat(WHITE.fade(0.55)));
    let strip = Brand::of(&mut dice);
    let path = rounded(x + w * 0.2, y + h * 0.39, w * 0.6, h * 0.10, [w * 0.02; 4]);
    canvas.fill(path, &Ink::Across(x, x + w, &cylinder(strip.main, light, 0.3)));
    lines(canvas, x + w * 0.3, y + h * 0.42, w * 0.4, h * 0.022, 2, strip.second);
}

/// A price card in the rail of a shelf.
pub(super) fn price_card(canvas: &mut Canvas, frame: Frame, seed: u64) {
    let mut dice = dice_of(seed);
    let Frame { x, y, w, h } = frame;
    let is_offer = dice.chance(0.3);
    let paper = if is_offer { hex(0xf7d23a) } else { hex(0xf6f5ef) };
    canvas.round(
        x,
        y,
        w,
        h,
        h * 0.08,
        &Ink::Down(y, y + h, &[(0.0, paper.lit(0.3)), (0.2, paper), (1.0, paper.shaded(0.10))]),
    );
    let head = if is_offer { hex(0xc4222a) } else { dice.pick([hex(0x1f4f8a), hex(0x2b6b48), hex(0x3a3a40)]) };
    canvas.fill(rounded(x, y, w, h * 0.24, [h * 0.08, h * 0.08, 0.0, 0.0]), &Ink::Flat(head));
    if !canvas.shows(h * 0.08) {
        return;
    }
    canvas.rect(x + w * 0.08, y + h * 0.09, w * 0.5, h * 0.07, &Ink::Flat(WHITE.fade(0.85)));
    // The price: three blocks that read as figures, the last one raised.
    let ink = Ink::Flat(hex(0x222226));
    for figure in 0..2 {
        digit(
            canvas,
            x + w * (0.10 + 0.17 * figure as f32),
            y + h * 0.34,
            w * 0.13,
            h * 0.46,
            &ink,
            dice.below(10) as usize,
        );
    }
    for figure in 0..2 {
        digit(
            canvas,
            x + w * (0.46 + 0.11 * figure as f32),
            y + h * 0.34,
            w * 0.085,
            h * 0.27,
            &ink,
            dice.below(10) as usize,
        );
    }
    bar_code(canvas, x + w * 0.70, y + h * 0.34, w * 0.24, h * 0.30, &mut dice);
    lines(canvas, x + w * 0.46, y + h * 0.74, w * 0.44, h * 0.06, 2, hex(0x555558));
}

/// A figure of seven strokes.
fn digit(canvas: &mut Canvas, x: f32, y: f32, w: f32, h: f32, ink: &Ink<'_>, value: usize) {
    // Bits: top, upper left, upper right, middle, lower left, lower right, bottom.
    const STROKES: [u8; 10] = [
        0b111_0111, 0b010_0100, 0b101_1101, 0b110_1101, 0b010_1110, 0b110_1011, 0b111_1011, 0b010_0101, 0b111_1111,
        0b110_1111,
    ];
    let stroke = w * 0.24;
    let half = (h - stroke) * 0.5;
    let places = [
        (x, y, w, stroke),
        (x, y, stroke, half + stroke),
        (x + w - stroke, y, stroke, half + stroke),
        (x, y + half, w, stroke),
        (x, y + half, stroke, half + stroke),
        (x + w - stroke, y + half, stroke, half + stroke),
        (x, y + h - stroke, w, stroke),
    ];
    for (bit, (x, y, w, h)) in places.into_iter().enumerate() {
        if STROKES[value % 10] >> bit & 1 == 1 {
            canvas.rect(x, y, w, h, ink);
        }
    }
}
