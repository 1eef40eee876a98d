//! What a frame costs before it is painted: the grid over 100,000 images, the wall over 1,000,000 regions and the canvas with 3,000 regions, headless.
//! Input, layout and shapes are one figure, turning shapes into triangles the other.

#![allow(clippy::expect_used, unreachable_pub, reason = "shares the fixtures of the tests")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;
#[path = "../tests/ui/fixture.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod fixture;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use egui::{Context, Event, FullOutput, MouseWheelSource, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2};
use figures::{Times, figure, times};
use fixture::Parts;
use tagscope::app::command::ZoomCommand;
use tagscope::app::{Command, PixelKey, View};
use tagscope::domain::wall::{Features, order_regions};
use tagscope::domain::{ImageGrouping, ImageIx, RegionSort, order};

struct Window {
    ctx: Context,
    parts: Parts,
    time: f64,
}

impl Window {
    fn new(parts: Parts) -> Self {
        let ctx = Context::default();
        tagscope::ui::theme::install(&ctx, tagscope::app::ThemeChoice::Dark, Default::default());
        let mut window = Self { ctx, parts, time: 0.0 };
        for _ in 0..5 {
            window.frame(Vec::new());
        }
        window
    }

    fn frame(&mut self, events: Vec<Event>) -> FullOutput {
        self.time += 1.0 / 60.0;
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0)));
        let input = RawInput { screen_rect, time: Some(self.time), events, ..RawInput::default() };
        let Self { ctx, parts, .. } = self;
        let mut output = ctx.run_ui(input, |ui| parts.frame(ui));
        output.textures_delta.clear();
        parts.take();
        output
    }

    /// A frame in which the wheel has turned, so that rows come into view.
    fn scrolled(&mut self, points: f32) -> FullOutput {
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(pos2(500.0, 400.0)), wheel])
    }
}

fn grid(side: f32) -> Window {
    let mut parts = Parts::new(100_000, 10);
    parts.state.settings.thumb_side = side;
    let mut window = Window::new(parts);
    let ctx = window.ctx.clone();
    for ix in 0..400 {
        window.parts.insert(&ctx, PixelKey::Thumb { ix: ImageIx(ix), side: 64 }, 64, 48);
    }
    window
}

fn grids(criterion: &mut Criterion) {
    for (name, side) in [("grid of 100,000 x 10 at 180", 180.0), ("grid of 100,000 x 10 at 64", 64.0)] {
        let mut window = grid(side);
        criterion.bench_function(&format!("{name}, still"), |bencher| {
            bencher.iter(|| black_box(window.frame(Vec::new())));
        });
        criterion.bench_function(&format!("{name}, scrolling"), |bencher| {
            bencher.iter(|| black_box(window.scrolled(-40.0)));
        });
        triangles(criterion, name, &mut window);
    }
}

fn triangles(criterion: &mut Criterion, name: &str, window: &mut Window) {
    let ctx = window.ctx.clone();
    criterion.bench_function(&format!("{name}, triangles"), |bencher| {
        let shapes = |window: &mut Window| {
            let mut output = window.frame(Vec::new());
            (std::mem::take(&mut output.shapes), output)
        };
        bencher.iter_batched(
            || shapes(window),
            |(shapes, output)| {
                black_box(ctx.tessellate(shapes, output.pixels_per_point));
                output
            },
            BatchSize::SmallInput,
        );
    });
}

fn groups(criterion: &mut Criterion) {
    let mut window = grid(180.0);
    window.parts.update(Command::SetGrouping(ImageGrouping::Tag));
    criterion.bench_function("grid of 100,000 x 10 by tag, scrolling", |bencher| {
        bencher.iter(|| black_box(window.scrolled(-40.0)));
    });
    criterion.bench_function("grouping of 100,000 images by tag", |bencher| {
        let opened = window.parts.opened();
        bencher.iter(|| black_box(order::grouped(&opened.catalogue, &opened.visible, ImageGrouping::Tag, false)));
    });
}

fn walls(criterion: &mut Criterion) {
    let mut parts = Parts::new(100_000, 10);
    parts.update(Command::SetView(View::Wall));
    let mut window = Window::new(parts);
    let order = Arc::clone(&window.parts.opened().wall.order);
    assert_eq!(order.len(), 1_000_000, "the wall has its order");
    let ctx = window.ctx.clone();
    for &region in order.regions.iter().take(400) {
        window.parts.insert(&ctx, PixelKey::Crop { region, side: 128 }, 64, 64);
    }
    criterion.bench_function("wall of 1,000,000 regions, still", |bencher| {
        bencher.iter(|| black_box(window.frame(Vec::new())));
    });
    criterion.bench_function("wall of 1,000,000 regions, scrolling", |bencher| {
        bencher.iter(|| black_box(window.scrolled(-40.0)));
    });
    triangles(criterion, "wall of 1,000,000 regions", &mut window);
}

fn orders(criterion: &mut Criterion) {
    let parts = Parts::new(100_000, 10);
    let opened = parts.opened();
    let features = Features::default();
    for sort in [RegionSort::Images, RegionSort::Smallest] {
        criterion.bench_function(&format!("order of 1,000,000 regions, {}", sort.label()), |bencher| {
            bencher.iter(|| black_box(order_regions(&opened.catalogue, &opened.visible, None, sort, true, &features)));
        });
    }
}

fn canvases(criterion: &mut Criterion) {
    let mut parts = Parts::new(50, 3_000);
    parts.update(Command::OpenImage(ImageIx(0)));
    let mut window = Window::new(parts);
    let ctx = window.ctx.clone();
    window.parts.insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    criterion.bench_function("canvas of 3,000 regions, still", |bencher| {
        bencher.iter(|| black_box(window.frame(Vec::new())));
    });
    let mut is_in = false;
    criterion.bench_function("canvas of 3,000 regions, zooming", |bencher| {
        bencher.iter(|| {
            is_in = !is_in;
            let factor = if is_in { 1.3 } else { 1.2 };
            window.parts.update(Command::Zoom(ZoomCommand::Factor(factor)));
            black_box(window.frame(Vec::new()))
        });
    });
    triangles(criterion, "canvas of 3,000 regions", &mut window);
}

fn both(what: &str, times: &Times, median: f64, most: f64) {
    figure(&format!("{what}, median"), times.median_ms(), "ms", Some(median));
    figure(&format!("{what}, 99 of 100"), times.share_ms(0.99), "ms", Some(most));
}

/// The frames that the table speaks of, each while thumbnails stream in.
fn table(_: &mut Criterion) {
    let mut window = grid(180.0);
    let ctx = window.ctx.clone();
    let mut next = 0;
    let streamed = times(400, || {
        for _ in 0..4 {
            next = (next + 1) % 4_000;
            window.parts.insert(&ctx, PixelKey::Thumb { ix: ImageIx(next), side: 256 }, 256, 192);
        }
        black_box(window.scrolled(-40.0));
    });
    both("frame of the grid over 100,000 x 10, scrolling", &streamed, 4.0, 8.0);
    for count in [300, 3_000, 20_000] {
        let mut parts = Parts::new(3, count);
        parts.update(Command::OpenImage(ImageIx(0)));
        let mut window = Window::new(parts);
        let ctx = window.ctx.clone();
        window.parts.insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
        let mut at = 0;
        let still = times(200, || {
            black_box(window.frame(Vec::new()));
        });
        let hovering = times(200, || {
            at = (at + 7) % 400;
            black_box(window.frame(vec![Event::PointerMoved(pos2(300.0 + at as f32, 300.0))]));
        });
        both(&format!("frame of the canvas with {count} regions, the pointer moving"), &hovering, 4.0, 8.0);
        let hover = (hovering.median_ms() - still.median_ms()).max(0.0);
        figure(&format!("what the moving pointer adds with {count} regions"), hover, "ms", Some(0.2));
    }
}

criterion_group!(frames, table, grids, groups, walls, orders, canvases);
criterion_main!(frames);
