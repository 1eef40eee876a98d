//! What a frame costs before it is painted: the grid over 100,000 images, the wall over 1,000,000
//! regions and the canvas with up to 20,000 regions, headless. The table's figures are of whole frames: input, layout,
//! shapes and triangles.

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
use egui::{
    Context, Event, FullOutput, MouseWheelSource, MouseWheelUnit, PointerButton, RawInput, Rect, TouchPhase, pos2, vec2,
};
use figures::{Times, figure, times, times_with};
use fixture::{Parts, row};
use tagscope::app::canvas::ZoomCommand;
use tagscope::app::predictions::PredictionSet;
use tagscope::app::{CanvasCommand, Command, DisplayCommand, Event as Engine, PixelKey, View};
use tagscope::domain::wall::{Features, Looks, order_regions};
use tagscope::domain::{
    ImageGrouping, ImageIx, ImageRow, Mipmap, Page, PredictionsBuilder, RegionSort, UnitRect, order,
};

struct Window {
    ctx: Context,
    parts: Parts,
    time: f64,
}

impl Window {
    fn new(parts: Parts) -> Self {
        let ctx = Context::default();
        ui::theme::install(&ctx, app::ThemeChoice::Dark, Default::default());
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

    /// Takes pictures in that have been decoded.
    fn take_in(&mut self, pictures: [(PixelKey, Mipmap); 4]) {
        for (key, picture) in pictures {
            self.parts.view.textures.insert(&self.ctx, key, picture);
        }
    }

    /// A frame and its triangles: all that comes before the graphics driver.
    fn whole(&mut self, events: Vec<Event>) {
        let mut output = self.frame(events);
        black_box(self.ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point));
    }

    fn whole_scrolled(&mut self, points: f32) {
        let mut output = self.scrolled(points);
        black_box(self.ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point));
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
    window.parts.update(Command::Display(DisplayCommand::SetGrouping(ImageGrouping::Tag)));
    criterion.bench_function("grid of 100,000 x 10 by tag, scrolling", |bencher| {
        bencher.iter(|| black_box(window.scrolled(-40.0)));
    });
    criterion.bench_function("grouping of 100,000 images by tag", |bencher| {
        let opened = window.parts.opened();
        bencher.iter(|| black_box(order::grouped(&opened.catalogue, &opened.visible, ImageGrouping::Tag, false)));
    });
}

fn wall() -> Window {
    let mut parts = Parts::new(100_000, 10);
    parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
    let mut window = Window::new(parts);
    let order = Arc::clone(&window.parts.opened().wall.order);
    assert_eq!(order.len(), 1_000_000, "the wall has its order");
    let ctx = window.ctx.clone();
    for region in order.items.iter().filter_map(|item| item.label()).take(400) {
        window.parts.insert(&ctx, PixelKey::Crop { region, side: 128 }, 64, 64);
    }
    window
}

fn walls(criterion: &mut Criterion) {
    let mut window = wall();
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
            bencher.iter(|| {
                black_box(order_regions(&opened.catalogue, &opened.visible, None, sort, true, Looks::of(&features)))
            });
        });
    }
}

fn canvas(count: usize) -> Window {
    let mut parts = Parts::new(3, count);
    parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    let mut window = Window::new(parts);
    let ctx = window.ctx.clone();
    window.parts.insert(&ctx, PixelKey::Resized { ix: ImageIx(0) }, 800, 600);
    window
}

fn canvases(criterion: &mut Criterion) {
    let mut window = canvas(3_000);
    criterion.bench_function("canvas of 3,000 regions, still", |bencher| {
        bencher.iter(|| black_box(window.frame(Vec::new())));
    });
    let mut is_in = false;
    criterion.bench_function("canvas of 3,000 regions, zooming", |bencher| {
        bencher.iter(|| {
            is_in = !is_in;
            let factor = if is_in { 1.3 } else { 1.2 };
            window.parts.update(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor(factor))));
            black_box(window.frame(Vec::new()))
        });
    });
    triangles(criterion, "canvas of 3,000 regions", &mut window);
}

fn both(what: &str, times: &Times, median: f64, most: f64) {
    figure(&format!("{what}, median"), times.median_ms(), "ms", Some(median));
    figure(&format!("{what}, 99 of 100"), times.share_ms(0.99), "ms", Some(most));
}

/// The frames that the table speaks of, whole: shapes and triangles.
fn table(_: &mut Criterion) {
    grid_figures();
    wall_figures();
    for (count, predictions) in [(300, 0), (3_000, 0), (20_000, 0), (3_000, 6_000)] {
        canvas_figures(count, predictions);
    }
}

/// Scrolling while thumbnails and pages of the list stream in.
fn grid_figures() {
    let mut window = grid(180.0);
    let mut next = 0;
    let mut pictures = || {
        [(); 4].map(|()| {
            next = (next + 1) % 4_000;
            let key = PixelKey::Thumb { ix: ImageIx(next), side: 256 };
            (key, fixture::picture(key, 256, 192))
        })
    };
    let scrolling = times_with(400, &mut pictures, |pictures| {
        window.take_in(pictures);
        window.whole_scrolled(-40.0);
    });
    both("frame of the grid over 100,000 x 10, scrolling", &scrolling, 4.0, 8.0);
    let mut pages: Vec<_> =
        (0..110).map(|page| (0..250).map(|n| row(100_000 + page * 250 + n, 10)).collect()).collect();
    let listing = times_with(100, &mut pictures, |pictures| {
        let rows: Vec<ImageRow> = pages.pop().unwrap_or_default();
        let generation = window.parts.state.generation;
        window.parts.apply(Engine::Page { generation, page: Page { rows, ..Page::default() } });
        window.take_in(pictures);
        window.whole_scrolled(-40.0);
    });
    both("the same with a page of 250 images coming in", &listing, 4.0, 8.0);
}

fn wall_figures() {
    let mut window = wall();
    let items = &window.parts.opened().wall.order.items[..4_000];
    let regions: Vec<_> = items.iter().filter_map(|item| item.label()).collect();
    let mut next = 0;
    let pictures = || {
        [(); 4].map(|()| {
            next = (next + 1) % regions.len();
            let key = PixelKey::Crop { region: regions[next], side: 128 };
            (key, fixture::picture(key, 128, 128))
        })
    };
    let scrolling = times_with(400, pictures, |pictures| {
        window.take_in(pictures);
        window.whole_scrolled(-40.0);
    });
    both("frame of the wall of 1,000,000 regions, scrolling", &scrolling, 4.0, 8.0);
}

fn canvas_figures(count: usize, predictions: usize) {
    let mut window = canvas(count);
    let count = if predictions > 0 {
        predict(&mut window.parts, predictions);
        format!("{count} regions and {predictions} predictions")
    } else {
        format!("{count} regions")
    };
    let still = times(200, || window.whole(Vec::new()));
    let mut at = 0;
    let hovering = times(200, || {
        at = (at + 7) % 400;
        window.whole(vec![Event::PointerMoved(pos2(300.0 + at as f32, 300.0))]);
    });
    both(&format!("frame of the canvas with {count}, the pointer moving"), &hovering, 4.0, 8.0);
    let hover = (hovering.median_ms() - still.median_ms()).max(0.0);
    figure(&format!("what the moving pointer adds with {count}"), hover, "ms", Some(0.2));
    for (what, factor) in [("whole", 0.9), ("at 3:1", 3.0)] {
        window.parts.update(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor(factor))));
        window.whole(vec![Event::PointerMoved(pos2(500.0, 400.0))]);
        window.whole(vec![pressed(true)]);
        let panning = times(200, || {
            at = (at + 3) % 200;
            let by = (at as f32 - 100.0).abs();
            window.whole(vec![Event::PointerMoved(pos2(450.0 + by, 350.0 + by))]);
        });
        window.whole(vec![pressed(false)]);
        both(&format!("frame of the canvas with {count} {what}, panning"), &panning, 4.0, 8.0);
    }
    let zooming = times(200, || {
        at = (at + 1) % 100;
        window.parts.update(Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Factor(0.9 + at as f32 * 0.02))));
        window.whole(Vec::new());
    });
    both(&format!("frame of the canvas with {count}, zooming"), &zooming, 4.0, 8.0);
}

/// Predictions on the first image: every other one near a label, the rest where none is.
fn predict(parts: &mut Parts, count: usize) {
    let image = parts.opened().catalogue.get(ImageIx(0)).expect("image");
    let (rects, tags) = (image.region_rects(), image.region_tags());
    let mut builder = PredictionsBuilder::new(true);
    for at in 0..count {
        let (rect, tag) = (rects[at / 2 % rects.len()], tags[at / 2 % tags.len()]);
        let by = if at % 2 == 0 { 0.1 * rect.width } else { 0.5 - rect.left };
        let rect = UnitRect { left: (rect.left + by).min(0.95), ..rect };
        builder.push(ImageIx(0), tag, 0.5 + 0.5 * (at % 100) as f64 / 100.0, rect);
    }
    parts.predict(builder.finish(), PredictionSet::default());
}

fn pressed(pressed: bool) -> Event {
    let pos = pos2(500.0, 400.0);
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: egui::Modifiers::NONE }
}

criterion_group!(frames, table, grids, groups, walls, orders, canvases);
criterion_main!(frames);
