//! Random keys, clicks, turns of the wheel and typed words on the sample project in the real program, the same for the same
//! seed. After each batch of steps: nothing has panicked, the journal on the disk can be read, it holds what the window
//! shows, and undoing everything in it leads back to nothing. At the end the window undoes everything as well.
//!
//! A short run by default. `TAGSCOPE_MONKEY_SECONDS=3600` continues with the next seeds for an hour, and
//! `TAGSCOPE_MONKEY_SEED=7` begins with that seed.

#![allow(clippy::print_stderr, reason = "the seed of a failing run is for whoever repeats it")]

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use fastrand::Rng;
use tagscope::app::{Screen, SourceSpec, State};
use tagscope::desktop::Shell;
use tagscope::domain::{Decision, Reviews, Statement};
use tagscope::storage::{Paths, journal};

use crate::flow::{program_with, until};
use crate::reviewing::is_ready;

/// Steps between two looks at the disk, and batches of a seed.
const STEPS: usize = 30;
const BATCHES: usize = 3;

/// Images of the sample: small, so that a step is quick.
const IMAGES: usize = 24;

/// Keys without a modifier. Those of review come up often.
const KEYS: &[Key] = &[
    Key::A,
    Key::A,
    Key::R,
    Key::R,
    Key::F,
    Key::X,
    Key::U,
    Key::U,
    Key::D,
    Key::D,
    Key::C,
    Key::E,
    Key::Q,
    Key::B,
    Key::V,
    Key::S,
    Key::H,
    Key::Z,
    Key::Slash,
    Key::CloseBracket,
    Key::CloseBracket,
    Key::OpenBracket,
    Key::F8,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::ArrowRight,
    Key::ArrowUp,
    Key::ArrowDown,
    Key::Home,
    Key::End,
    Key::Tab,
    Key::Tab,
    Key::Enter,
    Key::Enter,
    Key::Space,
    Key::Escape,
    Key::Escape,
    Key::Backspace,
    Key::PageDown,
    Key::Delete,
];

/// Keys with Ctrl. Not the one that quits: the run would be over.
const COMMANDS: &[Key] =
    &[Key::A, Key::Z, Key::Z, Key::Y, Key::Num1, Key::Num2, Key::Num3, Key::E, Key::K, Key::F, Key::D, Key::R];

/// Words for whatever field has the keyboard; none is a path.
const WORDS: &[&str] = &["too wide", "review:none", "tag:", "-check:tiny", "7", "ann", "regions>2", "\u{732b} =1+1"];

/// Says the seed when the test fails.
struct Seed {
    seed: u64,
    step: usize,
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the monkey failed at step {}: TAGSCOPE_MONKEY_SEED={} repeats it", self.step, self.seed);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn step(harness: &mut Harness<'static, Shell>, random: &mut Rng) {
    match random.u32(0..100) {
        0..55 => {
            let modifiers = if random.u32(0..8) == 0 { Modifiers::SHIFT } else { Modifiers::NONE };
            harness.key_press_modifiers(modifiers, KEYS[random.usize(0..KEYS.len())]);
        }
        55..65 => harness.key_press_modifiers(Modifiers::COMMAND, COMMANDS[random.usize(0..COMMANDS.len())]),
        65..85 => click(harness, place(random), random),
        85..92 => harness.event(Event::Text(WORDS[random.usize(0..WORDS.len())].to_owned())),
        _ => {
            harness.hover_at(place(random));
            harness.event(Event::MouseWheel {
                unit: MouseWheelUnit::Line,
                delta: vec2(0.0, random.f32() * 6.0 - 3.0),
                phase: TouchPhase::Move,
                modifiers: Modifiers::NONE,
                source: egui::MouseWheelSource::Unknown,
            });
        }
    }
    harness.step();
}

fn place(random: &mut Rng) -> Pos2 {
    pos2(random.f32() * 1280.0, random.f32() * 800.0)
}

fn click(harness: &Harness<'static, Shell>, at: Pos2, random: &mut Rng) {
    let button = if random.u32(0..6) == 0 { PointerButton::Secondary } else { PointerButton::Primary };
    let modifiers = if random.u32(0..5) == 0 { Modifiers::SHIFT } else { Modifiers::NONE };
    harness.hover_at(at);
    for pressed in [true, false] {
        harness.event(Event::PointerButton { pos: at, button, pressed, modifiers });
    }
}

fn reviews(state: &State) -> &Reviews {
    &state.opened.as_ref().expect("project").review.reviews
}

/// The disk holds what the window shows, and undoing all of it gives nothing.
fn look_at_disk(harness: &mut Harness<'static, Shell>, home: &Path) {
    until(harness, "the disk", |state| state.unsaved.is_empty());
    let Some(opened) = &harness.state().state().opened else { return };
    if opened.review.access == app::review::Access::Loading {
        return;
    }
    let read = journal::read(&Paths::under(home).reviews_dir(), opened.project.id).expect("the journal");
    assert!(read.damage.is_none(), "{:?}", read.damage);
    let (mut found, shown) = (read.reviews, reviews(harness.state().state()));
    assert_eq!(found.rows(), shown.rows(), "the disk and the window");
    assert!(found.dismissed().is_same_set(shown.dismissed()), "dismissed findings");
    assert_eq!((found.undoable(), found.redoable()), (shown.undoable(), shown.redoable()));
    while let Some(of) = found.undoable() {
        let decision =
            Decision { number: found.next_number(), at: 0, by: "monkey".into(), statement: Statement::Undo(of) };
        found.apply(&decision).expect("it can be undone");
    }
    assert!(found.rows().is_empty() && found.dismissed().is_empty(), "undone, something is left: {found:?}");
}

/// Undoes everything in the window.
fn undo_all(harness: &mut Harness<'static, Shell>) {
    for _ in 0..12 {
        harness.key_press(Key::Escape);
        harness.step();
    }
    if harness.state().state().screen != Screen::Project {
        return;
    }
    until(harness, "the decisions", is_ready);
    while let Some(before) = reviews(harness.state().state()).undoable() {
        harness.key_press(Key::U);
        harness.step();
        harness.step();
        let state = harness.state().state();
        let what = (state.dialog, state.opened.as_ref().map(|opened| (opened.view, opened.review.remark.clone())));
        assert_ne!(reviews(state).undoable(), Some(before), "U did nothing: {what:?}");
        until(harness, "the disk", |state| state.unsaved.is_empty());
    }
    let reviews = reviews(harness.state().state());
    assert!(reviews.rows().is_empty() && reviews.dismissed().is_empty());
}

fn run(seed: u64) {
    let mut now = Seed { seed, step: 0 };
    let mut random = Rng::with_seed(seed);
    let home = tempfile::tempdir().expect("folder");
    let start = || program_with(home.path(), Some(SourceSpec::Sample), IMAGES);
    let mut harness = start();
    until(&mut harness, "the listing and the decisions", is_ready);
    for _ in 0..BATCHES {
        for _ in 0..STEPS {
            step(&mut harness, &mut random);
            now.step += 1;
        }
        look_at_disk(&mut harness, home.path());
        if harness.state().state().opened.is_none() {
            // It has closed the project: the user would open it again.
            drop(harness);
            harness = start();
            until(&mut harness, "the listing and the decisions", is_ready);
        }
    }
    undo_all(&mut harness);
    look_at_disk(&mut harness, home.path());
}

#[test]
fn random_input_never_breaks_the_program_or_its_decisions() {
    let first = number("TAGSCOPE_MONKEY_SEED").unwrap_or(1);
    let seconds = number("TAGSCOPE_MONKEY_SECONDS").unwrap_or(0);
    let began = Instant::now();
    let mut seed = first;
    loop {
        run(seed);
        seed += 1;
        if began.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    eprintln!("seeds {first} to {} in {} s", seed - 1, began.elapsed().as_secs());
}
