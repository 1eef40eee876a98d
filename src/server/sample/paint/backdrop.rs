//! Walls, boards and light of the four settings, and what lies over everything (glass, window light).

use tiny_skia::PathBuilder;

use super::canvas::{BLACK, Canvas, Ink, Tone, WHITE, hex};
use crate::sample::dice::Dice;
use crate::sample::scene::{Board, Scene, Setting};

struct Place {
    wall: Tone,
    board: Tone,
    rail: Tone,
}

fn place_of(scene: &Scene, dice: &mut Dice) -> Place {
    match scene.setting {
        Setting::Store => Place {
            wall: dice.pick([hex(0xd5d8da), hex(0xc3cbd0), hex(0xded6c8), hex(0x9fb0b4), hex(0x5c6672)]),
            board: dice.pick([hex(0xe3e4e4), hex(0xcfd2d5), hex(0x4c5057)]),
            rail: dice.pick([hex(0xb4262c), hex(0x1f4f8a), hex(0x2f7a4e), hex(0xd8d9d9), hex(0x33363c)]),
        },
        Setting::Pantry => Place {
            wall: dice.pick([hex(0x7a5436), hex(0x9a744e), hex(0x5f432e), hex(0x8a8d7c), hex(0x4f6366)]),
            board: dice.pick([hex(0xa87848), hex(0x7d522e), hex(0xc09563)]),
            rail: hex(0x5a3a20),
        },
        Setting::Cooler => Place {
            wall: dice.pick([hex(0x203644), hex(0x2c4450), hex(0x1c2c3e)]),
            board: hex(0x8facba),
            rail: dice.pick([hex(0x182028), hex(0xc8d6dc)]),
        },
        Setting::Bench => Place {
            wall: dice.pick([hex(0xb9b4a6), hex(0x8da098), hex(0xc9a98c), hex(0x74869a), hex(0xd0ccc4)]),
            board: dice.pick([hex(0xb48c5c), hex(0x8c9094), hex(0x6d4a2e)]),
            rail: hex(0x4a4c50),
        },
    }
}

/// Wall and the tops of the boards: what shadows fall on.
pub(super) fn behind(canvas: &mut Canvas, scene: &Scene) {
    let mut dice = Dice::new(scene.seed);
    let place = place_of(scene, &mut dice);
    wall(canvas, scene, &place, &mut dice);
    let mut upper = scene.boards.first().map_or(0.0, |board| board.ceiling as f32);
    for (index, &board) in scene.boards.iter().enumerate() {
        let is_last = index + 1 == scene.boards.len();
        bay(canvas, scene, board, &place, upper, is_last);
        upper = (board.floor + board.edge) as f32;
    }
}

/// The boards' front edges, before which nothing but price cards is.
pub(super) fn fronts(canvas: &mut Canvas, scene: &Scene) {
    let mut dice = Dice::new(scene.seed);
    let place = place_of(scene, &mut dice);
    // The board above the topmost bay, whose edge the picture cuts.
    if let Some(first) = scene.boards.first() {
        let (ceiling, edge) = (first.ceiling as f32, first.edge as f32);
        front(canvas, scene, ceiling - edge, edge, edge, &place, &mut dice);
    }
    for (index, &board) in scene.boards.iter().enumerate() {
        let is_last = index + 1 == scene.boards.len();
        let (floor, edge) = (board.floor as f32, board.edge as f32);
        let foot = if is_last { scene.height as f32 - floor } else { edge };
        front(canvas, scene, floor, edge, foot, &place, &mut dice);
    }
}

fn wall(canvas: &mut Canvas, scene: &Scene, place: &Place, dice: &mut Dice) {
    let (w, h) = (scene.width as f32, scene.height as f32);
    let tone = place.wall;
    let stops = [(0.0, tone.lit(0.12)), (0.55, tone), (1.0, tone.shaded(0.30))];
    canvas.rect(0.0, 0.0, w, h, &Ink::Down(0.0, h, &stops));
    match scene.setting {
        Setting::Store => {
            for seam in 1..4 {
                let x = w * seam as f32 / 4.0 + w * 0.02;
                canvas.rect(x, 0.0, w * 0.002, h, &Ink::Flat(BLACK.fade(0.16)));
                canvas.rect(x + w * 0.002, 0.0, w * 0.002, h, &Ink::Flat(WHITE.fade(0.18)));
            }
        }
        Setting::Pantry => {
            let planks = 7 + dice.below(4);
            for plank in 0..planks {
                let (x, wide) = (w * plank as f32 / planks as f32, w / planks as f32);
                let shift = dice.between(-0.10, 0.10);
                let tint = if shift > 0.0 { WHITE.fade(shift) } else { BLACK.fade(-shift * 1.6) };
                canvas.rect(x, 0.0, wide, h, &Ink::Flat(tint));
                canvas.rect(x, 0.0, w * 0.003, h, &Ink::Flat(BLACK.fade(0.35)));
                canvas.rect(x + w * 0.003, 0.0, w * 0.0015, h, &Ink::Flat(WHITE.fade(0.14)));
                if canvas.shows(w * 0.002) {
                    for _ in 0..4 {
                        grain(canvas, x + wide * dice.between(0.1, 0.9), h, wide * dice.between(-0.2, 0.2), w * 0.0018);
                    }
                }
            }
        }
        Setting::Cooler => {
            let tube = hex(0xd4f2ff);
            for (x, wide) in [(0.0, w * 0.16), (w, -w * 0.16)] {
                let stops = [(0.0, tube.fade(0.55)), (0.12, tube.fade(0.30)), (1.0, tube.fade(0.0))];
                let (left, right) = (x.min(x + wide), x.max(x + wide));
                canvas.rect(left, 0.0, right - left, h, &Ink::Across(x, x + wide, &stops));
            }
        }
        Setting::Bench => {
            // Window light: two leaning panes.
            let lean = w * 0.16 * -scene.light;
            let x = if scene.light < 0.0 { w * 0.08 } else { w * 0.52 };
            for pane in 0..2 {
                let (left, wide) = (x + w * 0.21 * pane as f32, w * 0.18);
                let points = [
                    (left, h * 0.06),
                    (left + wide, h * 0.02),
                    (left + wide + lean, h * 0.62),
                    (left + lean, h * 0.68),
                ];
                let stops = [(0.0, hex(0xfff0cc).fade(0.42)), (1.0, hex(0xffe2b0).fade(0.08))];
                canvas.polygon(&points, &Ink::Down(0.0, h * 0.66, &stops));
            }
        }
    }
    let lamp = match scene.setting {
        Setting::Pantry => hex(0xffd08a).fade(0.50),
        Setting::Bench => hex(0xffeed2).fade(0.36),
        Setting::Store => WHITE.fade(0.34),
        Setting::Cooler => hex(0xb8e4ff).fade(0.20),
    };
    canvas.glow(w * (0.5 + 0.34 * scene.light), h * 0.10, w * 0.62, h * 0.75, lamp);
}

fn grain(canvas: &mut Canvas, x: f32, height: f32, bend: f32, wide: f32) {
    let mut path = PathBuilder::new();
    path.move_to(x, 0.0);
    path.quad_to(x + bend, height * 0.5, x + bend * 0.2, height);
    path.line_to(x + bend * 0.2 + wide, height);
    path.quad_to(x + bend + wide * 1.6, height * 0.5, x + wide, 0.0);
    path.close();
    canvas.fill(path.finish(), &Ink::Flat(BLACK.fade(0.13)));
}

/// The space over a board, and the board's top.
fn bay(canvas: &mut Canvas, scene: &Scene, board: Board, place: &Place, upper: f32, is_last: bool) {
    let w = scene.width as f32;
    let floor = board.floor as f32;
    let free = floor - upper;
    // Dark right under the board above, lighter where the light reaches, darker again in the corner at the back.
    let dim = [
        (0.0, BLACK.fade(0.62)),
        (0.08, BLACK.fade(0.40)),
        (0.24, BLACK.fade(0.18)),
        (0.5, BLACK.fade(0.05)),
        (0.8, BLACK.fade(0.07)),
        (1.0, BLACK.fade(0.26)),
    ];
    canvas.rect(0.0, upper, w, free, &Ink::Down(upper, floor, &dim));
    if matches!(scene.setting, Setting::Store | Setting::Cooler) {
        let led = if scene.setting == Setting::Store { hex(0xfffaec) } else { hex(0xcdeeff) };
        canvas.glow(w * 0.5, upper + free * 0.30, w * 0.60, free * 0.42, led.fade(0.34));
    }
    // The top of the board, seen at a slant: light comes back from it.
    let depth = free * if is_last && scene.setting == Setting::Bench { 0.20 } else { 0.085 };
    let tone = place.board;
    let top = [(0.0, tone.shaded(0.46)), (0.55, tone.shaded(0.16)), (1.0, tone.lit(0.14))];
    let back = w * 0.012;
    canvas.polygon(
        &[(back, floor - depth), (w - back, floor - depth), (w, floor), (0.0, floor)],
        &Ink::Down(floor - depth, floor, &top),
    );
    canvas.glow(w * (0.5 + 0.3 * scene.light), floor - depth * 0.4, w * 0.34, depth * 0.6, WHITE.fade(0.26));
}

/// A board's front edge from `floor`, `edge` high; the lowest one's face runs on down to the picture's foot.
fn front(canvas: &mut Canvas, scene: &Scene, floor: f32, edge: f32, foot: f32, place: &Place, dice: &mut Dice) {
    let w = scene.width as f32;
    let tone = place.board;
    let face = [(0.0, tone.lit(0.42)), (0.06, tone.lit(0.10)), (0.5, tone.shaded(0.06)), (1.0, tone.shaded(0.34))];
    canvas.rect(0.0, floor, w, foot, &Ink::Down(floor, floor + edge, &face));
    match scene.setting {
        Setting::Store | Setting::Cooler => {
            let rail = place.rail;
            let stops = [(0.0, rail.lit(0.30)), (0.15, rail), (0.85, rail.shaded(0.18)), (1.0, rail.shaded(0.4))];
            canvas.rect(0.0, floor + edge * 0.05, w, edge * 0.9, &Ink::Down(floor, floor + edge, &stops));
            canvas.rect(0.0, floor + edge * 0.10, w, edge * 0.05, &Ink::Flat(WHITE.fade(0.30)));
            if scene.setting == Setting::Cooler {
                canvas.rect(0.0, floor - edge * 0.04, w, edge * 0.07, &Ink::Flat(hex(0xd8f4ff).fade(0.8)));
            }
        }
        Setting::Pantry | Setting::Bench => {
            for line in 0..6 {
                let y = floor + edge * (0.14 + 0.14 * line as f32 + dice.between(0.0, 0.05));
                let x = w * dice.between(-0.3, 0.7);
                canvas.round(x, y, w * dice.between(0.2, 0.7), edge * 0.03, edge * 0.015, &Ink::Flat(BLACK.fade(0.12)));
            }
        }
    }
    if foot > edge {
        let fall = [(0.0, BLACK.fade(0.12)), (1.0, BLACK.fade(0.62))];
        canvas.rect(0.0, floor + edge, w, foot - edge, &Ink::Down(floor + edge, floor + foot, &fall));
        canvas.rect(0.0, floor + edge, w, edge * 0.05, &Ink::Flat(BLACK.fade(0.5)));
    }
}

/// What lies before everything.
pub(super) fn before(canvas: &mut Canvas, scene: &Scene) {
    let (w, h) = (scene.width as f32, scene.height as f32);
    match scene.setting {
        Setting::Cooler => {
            // The door's glass: two slanting reflections.
            let x = w * (0.5 + 0.22 * scene.light);
            for (from, wide, strength) in [(0.0, 0.16, 0.055), (0.20, 0.05, 0.045)] {
                let left = x + w * from * scene.light;
                let points = [(left, 0.0), (left + w * wide, 0.0), (left + w * (wide - 0.26), h), (left - w * 0.26, h)];
                canvas.polygon(&points, &Ink::Flat(hex(0xe6f6ff).fade(strength)));
            }
        }
        Setting::Pantry | Setting::Bench => {
            let lamp = hex(0xffdca0).fade(0.16);
            canvas.glow(w * (0.5 + 0.45 * scene.light), h * 0.04, w * 0.7, h * 0.8, lamp);
        }
        Setting::Store => {}
    }
}
