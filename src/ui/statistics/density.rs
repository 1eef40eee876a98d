//! Grids of counts: how large regions are, on logarithmic axes, and where they lie, with axes kept by `egui_plot`; and
//! the tags that occur together, a triangle of cells. The cells are one mesh; the single regions are points in their
//! tags' colors while they are few.

use egui::epaint::Vertex;
use egui::{
    Color32, CornerRadius, Mesh, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};
use egui_plot::{AxisHints, GridMark, PlotBounds, PlotTransform};

use super::histogram::{PlotReading, plot};
use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::{choice, paint, text};
use domain::stats::{Grid, Panel, SIZE_BINS, Statistics, Target, size_edge};

/// Cells a decade of the size's axes.
const DECADE: usize = SIZE_BINS / 3;

pub(super) fn sizes_ui(ui: &mut Ui, figures: &Statistics) -> PlotReading {
    if figures.sizes.grid.max() == 0 {
        text::dim(ui, "There are no regions to measure.");
        return PlotReading::default();
    }
    let side = SIZE_BINS as f64;
    let marks = move |_| {
        (0..=SIZE_BINS)
            .step_by(DECADE)
            .map(|at| GridMark { value: at as f64, step_size: DECADE as f64 })
            .collect::<Vec<_>>()
    };
    let label = |mark: GridMark, _: &_| percent(size_edge(mark.value as usize));
    let x = AxisHints::new_x().formatter(label).label_spacing(egui::Rangef::new(4.0, 8.0));
    // The lowest one would be on the first one of the other axis.
    let y = AxisHints::new_y()
        .formatter(|mark, _| if mark.value < 1.0 { String::new() } else { percent(size_edge(mark.value as usize)) });
    let shown =
        plot(ui, "sizes", x, y).show_grid([true, true]).x_grid_spacer(marks).y_grid_spacer(marks).show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([0.0, 0.0], [side, side]));
        });
    let transform = shown.transform;
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.expand(3.0).intersect(ui.clip_rect()));
    let points = &figures.sizes.points;
    if points.is_empty() {
        cells(ui, &painter, &transform, &figures.sizes.grid, false);
    } else {
        for point in points {
            let (x, y) = point.place();
            let pos = pos2(transform.position_from_point_x(x), transform.position_from_point_y(y));
            let color = figures.tags.get(point.tag).map_or(Color32::GRAY, |count| TagStyle::from_count(count).color);
            painter.circle_filled(pos, 2.2, choice::on_panel(ui, color).gamma_multiply(0.75));
        }
    }
    axis_words(ui, frame, "width, share of the image", "height");
    let grid = &figures.sizes.grid;
    let words = |column: usize, row: usize, count: u32| {
        let span = |bin: usize| format!("{} to {}", percent(size_edge(bin)), percent(size_edge(bin + 1)));
        format!("{}: {} wide, {} high", text::count(u64::from(count), "region", "regions"), span(column), span(row))
    };
    pick(ui, &transform, figures, Panel::Sizes, grid, false, &words, &Target::Size)
}

pub(super) fn places_ui(ui: &mut Ui, figures: &Statistics) -> PlotReading {
    let grid = &figures.places;
    if grid.max() == 0 {
        text::dim(ui, "No region covers anything.");
        return PlotReading::default();
    }
    let (columns, rows) = (grid.columns(), grid.rows());
    let marks = |cells: usize| {
        move |_| {
            (0..=4)
                .map(|at| GridMark { value: (at * cells) as f64 / 4.0, step_size: cells as f64 / 4.0 })
                .collect::<Vec<_>>()
        }
    };
    let across = |mark: GridMark, _: &_| format!("{:.0}%", mark.value / columns as f64 * 100.0);
    // The lowest one would be on the first one of the other axis.
    let down = |mark: GridMark, _: &_| match mark.value {
        value if value < 0.5 => String::new(),
        value => format!("{:.0}%", 100.0 - value / rows as f64 * 100.0),
    };
    let x = AxisHints::new_x().formatter(across).label_spacing(egui::Rangef::new(4.0, 8.0));
    let y = AxisHints::new_y().formatter(down);
    let shown = plot(ui, "places", x, y)
        .show_grid(false)
        .x_grid_spacer(marks(columns))
        .y_grid_spacer(marks(rows))
        .show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([0.0, 0.0], [columns as f64, rows as f64]));
        });
    let transform = shown.transform;
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    cells(ui, &painter, &transform, grid, true);
    let line = Stroke::new(1.0, theme::of(ui).line);
    ui.painter().rect_stroke(frame, CornerRadius::ZERO, line, StrokeKind::Outside);
    let words = |column: usize, row: usize, count: u32| {
        let at = |at: usize, cells: usize| ((at * 2 + 1) * 50).checked_div(cells).unwrap_or(0);
        let regions = text::count(u64::from(count), "region covers", "regions cover");
        format!("{regions} the point {} % from the left, {} % from the top", at(column, columns), at(row, rows))
    };
    pick(ui, &transform, figures, Panel::Places, grid, true, &words, &Target::Place)
}

/// Paints the cells, the fuller the more of the accent. Square roots, so that rare ones are seen next to frequent ones.
fn cells(ui: &Ui, painter: &Painter, transform: &PlotTransform, grid: &Grid, is_down: bool) {
    let tokens = theme::of(ui);
    let most = grid.max().max(1) as f32;
    let mut mesh = Mesh::default();
    for (column, row, count) in grid.filled() {
        let share = (count as f32 / most).sqrt();
        add_cell(
            &mut mesh,
            cell_rect(transform, grid, (column, row), is_down),
            paint::mix(tokens.panel, tokens.accent, 0.12 + 0.88 * share),
        );
    }
    painter.add(Shape::mesh(mesh));
}

pub(crate) fn add_cell(mesh: &mut Mesh, rect: Rect, color: Color32) {
    let first = mesh.vertices.len() as u32;
    for pos in [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()] {
        mesh.vertices.push(Vertex { pos, uv: egui::epaint::WHITE_UV, color });
    }
    mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|at| first + at));
}

/// `is_down`: rows are counted from the top.
fn cell_rect(transform: &PlotTransform, grid: &Grid, (column, row): (usize, usize), is_down: bool) -> Rect {
    let row = if is_down { grid.rows() - 1 - row } else { row };
    let corner = |column: usize, row: usize| -> Pos2 {
        pos2(transform.position_from_point_x(column as f64), transform.position_from_point_y(row as f64))
    };
    Rect::from_two_pos(corner(column, row), corner(column + 1, row + 1))
}

#[expect(clippy::too_many_arguments, reason = "two plots that differ in words only")]
fn pick(
    ui: &mut Ui,
    transform: &PlotTransform,
    figures: &Statistics,
    panel: Panel,
    grid: &Grid,
    is_down: bool,
    words: &dyn Fn(usize, usize, u32) -> String,
    target: &dyn Fn(usize, usize) -> Target,
) -> PlotReading {
    let mut reading = PlotReading::default();
    let response = ui.interact(*transform.frame(), ui.scope_id().with("cells"), Sense::CLICK);
    let sentence = figures.sentence(panel);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{}: {sentence}", panel.label())));
    let Some(pointer) = response.hover_pos() else { return reading };
    let value = transform.value_from_position(pointer);
    let (column, row) = (value.x.max(0.0) as usize, value.y.max(0.0) as usize);
    if column >= grid.columns() || row >= grid.rows() {
        return reading;
    }
    let row = if is_down { grid.rows() - 1 - row } else { row };
    let count = grid.get(column, row);
    if count == 0 {
        return reading;
    }
    let rect = cell_rect(transform, grid, (column, row), is_down);
    ui.painter().rect_stroke(rect, CornerRadius::ZERO, Stroke::new(1.5, theme::of(ui).text), StrokeKind::Outside);
    reading.words = Some(format!("{}. Click to show these.", words(column, row, count)));
    if response.clicked() {
        reading.clicked = Some(target(column, row));
    }
    reading
}

/// What the axes are, inside the frame where nothing else stands.
fn axis_words(ui: &Ui, frame: Rect, x: &str, y: &str) {
    let tokens = theme::of(ui);
    let font = theme::font(11.0);
    let at = egui::Align2::RIGHT_BOTTOM;
    ui.painter().text(frame.right_bottom() - vec2(4.0, 3.0), at, x, font.clone(), tokens.dim);
    ui.painter().text(frame.left_top() + vec2(5.0, 3.0), egui::Align2::LEFT_TOP, y, font, tokens.dim);
}

fn percent(share: f64) -> String {
    let value = share * 100.0;
    let text = if value < 1.0 { format!("{value:.2}") } else { format!("{value:.1}") };
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Cells are never lower, so that their names can be read: as many tags as fit are shown.
const LEAST_CELL: f32 = 13.0;
const MOST_CELL: f32 = 34.0;
const NAMES: f32 = 96.0;

pub(super) fn pairs_ui(ui: &mut Ui, figures: &Statistics) -> PlotReading {
    let tokens = theme::of(ui);
    let mut reading = PlotReading::default();
    let pairs = &figures.pairs;
    if pairs.max() == 0 {
        text::dim(ui, "No two tags occur on the same image.");
        return reading;
    }
    let room = ui.available_rect_before_wrap();
    let fitting = (room.height() / LEAST_CELL) as usize;
    let count = pairs.tags.len().min(fitting.max(2));
    let side = vec2(
        ((room.width() - NAMES - 8.0) / count as f32).min(MOST_CELL * 2.0),
        (room.height() / count as f32).min(MOST_CELL),
    );
    let cell = |row: usize, column: usize| {
        let min = room.min + vec2(NAMES + column as f32 * side.x, row as f32 * side.y);
        Rect::from_min_size(min, side)
    };
    let most = pairs.max() as f32;
    let mut mesh = Mesh::default();
    for row in 0..count {
        let tag = &figures.tags[pairs.tags[row]];
        let y = cell(row, 0).center().y;
        let color = TagStyle::from_count(tag).color;
        choice::swatch_sized(ui, pos2(room.left() + 4.0, y), 8.0, color);
        let font = theme::font(if side.y < 15.0 { 10.0 } else { tokens::SMALL });
        text::paint_elided(ui.painter(), pos2(room.left() + 13.0, y), &tag.name, font, tokens.text, NAMES - 20.0);
        for column in 0..row {
            let images = pairs.get(row, column);
            let fill = if images == 0 {
                tokens.raised
            } else {
                paint::mix(tokens.panel, tokens.accent, 0.15 + 0.85 * (images as f32 / most).sqrt())
            };
            add_cell(&mut mesh, cell(row, column).shrink(0.75), fill);
        }
        // The diagonal is the tag itself: its square says which column this is.
        choice::swatch_sized(ui, cell(row, row).center(), 8.0, color);
    }
    ui.painter().add(Shape::mesh(mesh));
    let whole = Rect::from_min_max(cell(0, 0).min, cell(count - 1, count - 1).max);
    let response = ui.interact(whole, ui.scope_id().with("pairs"), Sense::CLICK);
    let sentence = figures.sentence(Panel::Pairs);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{}: {sentence}", Panel::Pairs.label())));
    if let Some(pointer) = response.hover_pos() {
        let at = pointer - whole.min;
        let (row, column) = ((at.y / side.y) as usize, (at.x / side.x) as usize);
        if row < count && column <= row {
            let name = |at: usize| figures.tags[pairs.tags[at]].name.to_string();
            let images = pairs.get(row, column);
            let counted = text::count(u64::from(images), "image", "images");
            let (words, target) = if row == column {
                (format!("{}: {counted}", name(row)), Target::Tag(name(row)))
            } else {
                (format!("{} and {}: {counted}", name(column), name(row)), Target::Pair(name(column), name(row)))
            };
            let stroke = Stroke::new(1.5, tokens.text);
            ui.painter().rect_stroke(cell(row, column), CornerRadius::ZERO, stroke, StrokeKind::Inside);
            reading.words = Some(if images > 0 { format!("{words}. Click to show only these.") } else { words });
            if images > 0 && response.clicked() {
                reading.clicked = Some(target);
            }
        }
    }
    let hidden = pairs.left_out + pairs.tags.len() - count;
    if hidden > 0 {
        let words = format!("and {} more tags", text::thousands(hidden as u64));
        let at = egui::Align2::RIGHT_TOP;
        ui.painter().text(room.right_top(), at, words, theme::font(tokens::SMALL), tokens.dim);
    }
    reading
}
