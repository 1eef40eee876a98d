//! The labels that the model disagrees with, most likely mistakes first: a click opens the image there.

use egui::{Align2, CornerRadius, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme;
use crate::widgets::{paint, text};
use app::Command;
use app::predictions::{PredictionSet, PredictionsCommand, PredictionsState, doubt_words};
use app::state::Opened;
use domain::evaluation::{Doubt, DoubtKind};
use domain::{Subject, Verdict};

const ROW: f32 = 24.0;
const KIND: f32 = 88.0;
const SCORE: f32 = 44.0;
const DECIDED: f32 = 96.0;

pub(super) fn mistakes_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) -> Option<String> {
    let (set, _) = opened.predictions.compared(opened.generation)?;
    if !set.has_boxes {
        text::dim(
            ui,
            "Mistakes are ranked for boxes only, and this project tags whole images. Use pred:swapped and pred:missed.",
        );
        return None;
    }
    if set.doubts.is_empty() {
        text::dim(ui, "The model disagrees with no label.");
        return None;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut reading = None;
    let height = ui.available_height();
    ScrollArea::vertical().id_salt("mistakes").max_height(height).auto_shrink([false, true]).show_rows(
        ui,
        ROW,
        set.doubts.len(),
        |ui, range| {
            for place in range {
                if row_ui(ui, opened, set, place, commands) {
                    reading = set.doubts.get(place).map(|doubt| meaning(doubt.kind).to_owned());
                }
            }
        },
    );
    let count = text::count(set.doubts.len() as u64, "doubtful label", "doubtful labels");
    Some(reading.unwrap_or_else(|| format!("{count}, most likely mistakes first. Click to open the image there.")))
}

fn row_ui(ui: &mut Ui, opened: &Opened, set: &PredictionSet, place: usize, commands: &mut Vec<Command>) -> bool {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let Some(doubt) = set.doubts.get(place) else { return false };
    let words = doubt_words(doubt, &opened.catalogue, &set.predictions);
    let is_current = opened.predictions.doubt == Some(place);
    let decided = decided(opened, set, doubt);
    response.widget_info(|| {
        let decided = decided.map(|words| format!(" Decided: {words}.")).unwrap_or_default();
        WidgetInfo::selected(Role::Button, true, is_current, format!("{}: {words}{decided}", doubt.kind.name()))
    });
    let hover = tokens.raised.gamma_multiply(paint::hover(ui, &response));
    ui.painter().rect_filled(rect, CornerRadius::same(4), if is_current { tokens.selected } else { hover });
    paint::focus_ring(ui, rect, &response, 4);
    let y = rect.center().y;
    let font = theme::font(12.0);
    let left = pos2(rect.left() + 6.0, y);
    let score = format!("{:.2}", doubt.score);
    text::figures(ui.painter(), left, Align2::LEFT_CENTER, &score, font.clone(), tokens.text, SCORE - 6.0);
    let kind = pos2(rect.left() + SCORE, y);
    text::paint_elided(ui.painter(), kind, doubt.kind.name(), font.clone(), tokens.dim, KIND - 6.0);
    let place_of_words = pos2(rect.left() + SCORE + KIND, y);
    let mut room = rect.width() - SCORE - KIND - 6.0;
    if let Some(decided) = decided {
        room -= DECIDED;
        let place = pos2(rect.right() - DECIDED, y);
        text::paint_elided(ui.painter(), place, decided, font.clone(), tokens.ok, DECIDED - 6.0);
    }
    let color = if decided.is_some() { tokens.dim } else { tokens.text };
    text::paint_elided(ui.painter(), place_of_words, &words, font, color, room);
    if response.clicked() {
        commands.push(Command::Predictions(PredictionsCommand::ShowDoubt(place)));
    }
    response.hovered()
}

/// What was decided about a doubtful label: who is wrong, or the verdict of the label.
fn decided(opened: &Opened, set: &PredictionSet, doubt: &Doubt) -> Option<&'static str> {
    let (catalogue, reviews) = (&opened.catalogue, &opened.review.reviews);
    let dispute = PredictionsState::doubt_dispute(catalogue, set, doubt);
    if let Some(blame) = dispute.and_then(|dispute| reviews.blame(&dispute)) {
        return Some(blame.short_label());
    }
    let (image, region) = (catalogue.get(doubt.image)?, catalogue.region(doubt.region?)?);
    reviews.verdict(Subject::region(image.id(), region.id)).map(Verdict::label)
}

fn meaning(kind: DoubtKind) -> &'static str {
    match kind {
        DoubtKind::Overlooked => "Overlooked: a confident prediction has no label.",
        DoubtKind::Swapped => "Swapped: the label's box has a confident prediction of another tag.",
        DoubtKind::Misplaced => "Misplaced: the prediction of the same tag is elsewhere.",
        DoubtKind::Spurious => "Spurious: no prediction agrees with the label.",
    }
}
