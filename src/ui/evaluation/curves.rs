//! Precision over recall, and F1 by score, with the chosen point. A click chooses the score of the point under the
//! pointer.

use std::sync::Arc;

use egui::{Pos2, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};
use egui_plot::{AxisHints, GridMark, PlotBounds, PlotPoint};

use crate::statistics::histogram::plot;
use crate::theme;
use crate::widgets::text;
use app::Command;
use app::predictions::{MatchedSet, PredictionsCommand};
use app::state::Opened;
use domain::TagIx;
use domain::evaluation::{CurvePoint, Slide};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    PrecisionRecall,
    OverScore,
}

impl Curve {
    fn place(self, point: &CurvePoint) -> PlotPoint {
        match self {
            Self::PrecisionRecall => PlotPoint::new(point.recall, point.precision),
            Self::OverScore => PlotPoint::new(point.score, point.f1),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::PrecisionRecall => "precision over recall",
            Self::OverScore => "F1 by score",
        }
    }
}

/// The points of the curves, made once for an IoU and a tag.
#[derive(Default)]
pub(super) struct CurvesView {
    of: Option<(Arc<Slide>, Option<TagIx>)>,
    points: Vec<CurvePoint>,
}

impl CurvesView {
    fn update(&mut self, matched: &MatchedSet, tag: Option<TagIx>) {
        let is_known = self.of.as_ref().is_some_and(|(slide, of)| Arc::ptr_eq(slide, &matched.slide) && *of == tag);
        if !is_known {
            self.points = matched.slide.curve(tag);
            self.of = Some((Arc::clone(&matched.slide), tag));
        }
    }
}

pub(super) fn curve_ui(
    ui: &mut Ui,
    opened: &Opened,
    view: &mut CurvesView,
    curve: Curve,
    commands: &mut Vec<Command>,
) -> Option<String> {
    let predictions = &opened.predictions;
    let (_, matched) = predictions.compared(opened.generation)?;
    let tag = predictions.curve_of.filter(|tag| tag.index() < opened.catalogue.tags().len());
    view.update(matched, tag);
    let points = &view.points;
    if points.is_empty() {
        text::dim(ui, "There are no labels or no predictions.");
        return None;
    }
    let tokens = theme::of(ui);
    let marks = |_| (0..=4).map(|at| GridMark { value: f64::from(at) / 4.0, step_size: 0.25 }).collect::<Vec<_>>();
    let label = |mark: GridMark, _: &_| format!("{}", (mark.value * 100.0).round() / 100.0);
    let x = AxisHints::new_x().formatter(label).label_spacing(egui::Rangef::new(4.0, 8.0));
    // The lowest one would be on the first one of the other axis.
    let y = AxisHints::new_y()
        .formatter(move |mark, range| if mark.value < 0.01 { String::new() } else { label(mark, range) });
    let shown = plot(ui, curve.name(), x, y)
        .show_grid([true, true])
        .x_grid_spacer(marks)
        .y_grid_spacer(marks)
        .show(ui, |plot| plot.set_plot_bounds(PlotBounds::from_min_max([0.0, 0.0], [1.0, 1.02])));
    let transform = shown.transform;
    let screen = |point: &CurvePoint| transform.position_from_point(&curve.place(point));
    let line: Vec<Pos2> = points.iter().map(screen).collect();
    let painter = ui.painter().with_clip_rect(transform.frame().expand(4.0).intersect(ui.clip_rect()));
    painter.add(Shape::line(line, Stroke::new(1.75, tokens.accent)));
    let chosen = chosen(opened, tag);
    if let Some(chosen) = &chosen {
        let place = screen(chosen);
        painter.circle(place, 5.0, tokens.panel, Stroke::new(2.0, tokens.text));
        if curve == Curve::OverScore {
            let frame = transform.frame();
            let x = transform.position_from_point_x(predictions.score);
            let stroke = Stroke::new(1.0, tokens.faint);
            painter.line_segment([pos2(x, frame.top()), pos2(x, frame.bottom())], stroke);
        }
    }
    let response = ui.interact(*transform.frame(), ui.scope_id().with(curve.name()), Sense::CLICK);
    let whose = tag.map_or_else(|| "All tags".to_owned(), |tag| opened.catalogue.tags().get(tag).name.to_string());
    let words = match &chosen {
        Some(point) => format!("{whose}: {}", point_words(point)),
        None => format!("{whose}: no predictions with a score of at least {:.2}", predictions.score),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Curve of {}. {words}", curve.name())));
    let Some(pointer) = response.hover_pos() else {
        return Some(match (curve, best(points)) {
            (Curve::OverScore, Some(best)) => {
                format!("{words}. Best F1 {:.3} at score {:.2}.", best.f1, best.score)
            }
            _ => words,
        });
    };
    let near = points.iter().min_by(|a, b| {
        let away = |point: &CurvePoint| screen(point).distance_sq(pointer);
        away(a).total_cmp(&away(b))
    });
    let near = near?;
    painter.circle_filled(screen(near), 4.0, tokens.accent);
    if response.clicked() {
        commands.push(Command::Predictions(PredictionsCommand::SetScore(near.score)));
    }
    Some(format!("{}. Click to choose this score.", point_words(near)))
}

/// The point that the slider has chosen: between those of the curve, which are at scores of predictions.
fn chosen(opened: &Opened, tag: Option<TagIx>) -> Option<CurvePoint> {
    let point = opened.predictions.point();
    let counts = match tag {
        Some(tag) => point.tags.get(tag.index())?,
        None => &point.all,
    };
    let (counts, score) = (counts.counts(), opened.predictions.score);
    let (precision, recall, f1) = (counts.precision()?, counts.recall()?, counts.f1()?);
    Some(CurvePoint { score, precision, recall, f1 })
}

fn point_words(point: &CurvePoint) -> String {
    let CurvePoint { score, precision, recall, f1 } = point;
    format!("score {score:.2}, precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}")
}

fn best(points: &[CurvePoint]) -> Option<&CurvePoint> {
    points.iter().max_by(|a, b| a.f1.total_cmp(&b.f1))
}
