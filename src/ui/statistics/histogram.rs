//! Bars over numbers and over time. `egui_plot` keeps the axes; each bar is a button of its own, so that the keyboard
//! and a screen reader reach it.

use egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2};
use egui_plot::{AxisHints, GridMark, Plot, PlotBounds, PlotPoint, PlotTransform};

use crate::theme;
use crate::widgets::{paint, text};
use domain::stats::{Statistics, Target};

/// A plot has room for so many bars at least.
const LEAST_SLOTS: usize = 8;

/// What a plot tells of the pointer.
#[derive(Default)]
pub(super) struct PlotReading {
    pub words: Option<String>,
    pub clicked: Option<Target>,
}

/// A bar: where it stands, how high, what it says, what it means.
struct Bar {
    images: u64,
    words: String,
    target: Target,
}

pub(super) fn per_image_ui(ui: &mut Ui, figures: &Statistics) -> PlotReading {
    let bins = &figures.per_image.bins;
    let bars: Vec<_> = bins
        .iter()
        .map(|bin| {
            let is_one = bin.from == 1 && bin.to == 1;
            let regions = format!("{} {}", bin.label(), if is_one { "region" } else { "regions" });
            let words = format!("{}: {}", regions, text::count(bin.images, "image", "images"));
            Bar { images: bin.images, words, target: Target::from_count(*bin) }
        })
        .collect();
    let labels: Vec<_> = bins.iter().map(|bin| bin.from.to_string()).collect();
    bars_ui(ui, "regions per image", &bars, &labels)
}

pub(super) fn dates_ui(ui: &mut Ui, figures: &Statistics) -> PlotReading {
    let bins = &figures.dates.bins;
    if bins.is_empty() {
        text::dim(ui, "No image has a date.");
        return PlotReading::default();
    }
    let bars: Vec<_> = bins
        .iter()
        .map(|bin| {
            let words = format!("{}: {}", bin.label, text::count(bin.images, "image", "images"));
            Bar { images: bin.images, words, target: Target::from_date(bin) }
        })
        .collect();
    let labels: Vec<_> = bins.iter().map(|bin| bin.label.clone()).collect();
    bars_ui(ui, "images over time", &bars, &labels)
}

/// The plot that all kinds share: no zoom, no drag, our colors.
pub(crate) fn plot<'a>(ui: &Ui, id: &str, x: AxisHints<'a>, y: AxisHints<'a>) -> Plot<'a> {
    let tokens = theme::of(ui);
    let axis = |hints: AxisHints<'a>| {
        hints.tick_label_color(tokens.dim).tick_label_font(theme::font(11.0)).min_thickness(16.0)
    };
    Plot::new(ui.scope_id().with(id))
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .show_x(false)
        .show_y(false)
        .show_grid([false, true])
        .grid_color(tokens.line)
        .grid_fade(0.0)
        .sense(Sense::hover())
        .custom_x_axes(vec![axis(x)])
        .custom_y_axes(vec![axis(y)])
        .width(ui.available_width())
        .height(ui.available_height())
}

fn bars_ui(ui: &mut Ui, id: &str, bars: &[Bar], labels: &[String]) -> PlotReading {
    let count = bars.len();
    let most = bars.iter().map(|bar| bar.images).max().unwrap_or(0).max(1);
    let width = ui.available_width();
    let label = move |mark: GridMark, _: &_| {
        let at = mark.value.floor();
        labels.get(at as usize).cloned().unwrap_or_default()
    };
    let letters = labels.iter().map(String::len).max().unwrap_or(1) as f32 * 6.5 + 14.0;
    let each = ((letters * count.max(LEAST_SLOTS) as f32 / (width - 50.0).max(50.0)).ceil() as usize).max(1);
    let spacing = egui::Rangef::new(4.0, 8.0);
    let x = AxisHints::new_x().formatter(label).label_spacing(spacing);
    let y = AxisHints::new_y().formatter(|mark, _| short(mark.value));
    let shown = plot(ui, id, x, y)
        .x_grid_spacer(move |_| {
            (0..count).step_by(each).map(|at| GridMark { value: at as f64 + 0.5, step_size: each as f64 }).collect()
        })
        .y_grid_spacer(move |_| {
            let step = nice_step(most);
            (0..=most / step).map(|at| GridMark { value: (at * step) as f64, step_size: step as f64 }).collect()
        })
        .show(ui, |plot| {
            // A few bars do not fill the whole width: they are in its middle.
            let margin = LEAST_SLOTS.saturating_sub(count) as f64 / 2.0;
            let right = count as f64 + margin;
            plot.set_plot_bounds(PlotBounds::from_min_max([-margin, 0.0], [right, most as f64 * 1.06]));
        });
    let mut reading = PlotReading::default();
    for (at, bar) in bars.iter().enumerate() {
        bar_ui(ui, &shown.transform, at, bar, most, &mut reading);
    }
    reading
}

fn bar_ui(ui: &mut Ui, transform: &PlotTransform, at: usize, bar: &Bar, most: u64, reading: &mut PlotReading) {
    if bar.images == 0 {
        return;
    }
    let tokens = theme::of(ui);
    let left = transform.position_from_point_x(at as f64);
    let right = transform.position_from_point_x(at as f64 + 1.0);
    let floor = transform.position_from_point_y(0.0);
    let top = transform.position_from_point(&PlotPoint::new(0.0, bar.images as f64)).y.min(floor - 1.5);
    let column = Rect::from_min_max(pos2(left, transform.frame().top()), pos2(right, floor));
    let response = ui.interact(column, ui.scope_id().with(("bar", at)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &bar.words));
    let gap = ((right - left) * 0.14).min(2.0);
    let body = Rect::from_min_max(pos2(left + gap, top), pos2(right - gap, floor));
    let rest = paint::mix(tokens.panel, tokens.accent, 0.85);
    let color = paint::mix(rest, tokens.accent, paint::hover(ui, &response));
    debug_assert!(bar.images <= most);
    ui.painter().rect_filled(body, CornerRadius { nw: 2, ne: 2, sw: 0, se: 0 }, color);
    paint::focus_ring(ui, column, &response, 4);
    if response.hovered() || response.has_focus() {
        reading.words = Some(format!("{}. Click to show only these.", bar.words));
    }
    if response.clicked() {
        reading.clicked = Some(bar.target.clone());
    }
}

/// About four lines: 1, 2, 5, 10...
pub(super) fn nice_step(most: u64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if most / (step * factor) <= 4 {
                return step * factor;
            }
        }
        step *= 10;
    }
}

/// `5k`, `12k`, `1.5M`: for axes.
pub(super) fn short(number: f64) -> String {
    let trimmed = |value: f64, unit: &str| {
        let text = format!("{value:.1}");
        format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match number {
        n if n >= 1e6 => trimmed(n / 1e6, "M"),
        n if n >= 1e3 => trimmed(n / 1e3, "k"),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_few_and_round_steps() {
        for most in [1, 2, 3, 9, 17, 100, 999, 123_456, 10_000_000] {
            let lines = most / nice_step(most);
            assert!((1..=4).contains(&lines), "{most}: {lines} lines");
        }
        assert_eq!(
            [0.0, 500.0, 2_500.0, 5_000.0, 20_000.0, 1.5e6].map(short),
            ["0", "500", "2.5k", "5k", "20k", "1.5M"]
        );
    }
}
