//! The line above the grid: how many are chosen, shown and listed; the order; the size of the thumbnails.

use egui::{Rect, Ui, pos2};

use crate::settings_dialog::{LookScope, view_ui};
use crate::theme::tokens;
use crate::widgets::row::{MenuItem, divider, menu};
use crate::widgets::text::thousands;
use crate::widgets::{AtRight, Button};
use crate::{cells, icons};
use app::similar::SimilarImages;
use app::state::Opened;
use app::{Command, DisplayCommand, State};
use domain::{ImageGrouping, Sort, SortKey};

const SLIDER: f32 = 104.0;

/// `banded`: images that are selected once the rubber band under way is let go.
pub(super) fn header_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    banded: Option<usize>,
    commands: &mut Vec<Command>,
) {
    let rect = ui.max_rect();
    let right = controls_ui(ui, rect, state, opened, commands);
    let (strong, mut rest) =
        count_text(banded.unwrap_or(opened.selection.len()), opened.visible.len(), opened.catalogue.len());
    if let Some(similar) = &opened.similar {
        rest.push_str(&similar_words(similar));
    }
    let left = Rect::from_min_max(rect.min, pos2(right - tokens::GAP, rect.bottom()));
    cells::counts_ui(ui, left, &strong, &rest);
}

/// What is in the line: the strong part and the rest.
pub(super) fn count_text(chosen: usize, shown: usize, listed: usize) -> (String, String) {
    let listed_text = thousands(listed as u64);
    let shown_text = thousands(shown as u64);
    let is_filtered = shown != listed;
    match (chosen, is_filtered) {
        (0, false) => (thousands(listed as u64), if listed == 1 { " image".to_owned() } else { " images".to_owned() }),
        (0, true) => (format!("{shown_text} shown"), format!(" of {listed_text}")),
        (_, false) => (format!("{} selected", thousands(chosen as u64)), format!(" of {listed_text}")),
        (_, true) => {
            (format!("{} selected", thousands(chosen as u64)), format!(" of {shown_text} shown of {listed_text}"))
        }
    }
}

/// How far the pictures have been compared with the one that others are similar to.
fn similar_words(similar: &SimilarImages) -> String {
    match similar.compared {
        Some(compared) if compared.done == compared.total => String::new(),
        compared => {
            let share = compared.map_or(0, |compared| compared.done * 100 / compared.total.max(1));
            format!(", comparing, {share} %")
        }
    }
}

/// The name of an order. By date, images without dates keep the order in which they were listed.
fn sort_label(sort: Sort, has_dates: bool) -> &'static str {
    match sort.key {
        SortKey::Newest if !has_dates => "Dataset order",
        SortKey::Oldest if !has_dates => "Oldest first (no dates)",
        _ => sort.label(),
    }
}

/// The controls at the right end; returns where they begin. Without dates nothing is sorted or grouped by date.
fn controls_ui(ui: &mut Ui, rect: Rect, state: &State, opened: &Opened, commands: &mut Vec<Command>) -> f32 {
    let has_dates = opened.query.facets.has_dates();
    let sort = state.settings.sort;
    let is_narrow = rect.width() < 500.0;
    let group = AtRight::new(ui, "grid controls", rect);
    let left = group.left();
    group.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if let Some(similar) = &opened.similar
            && similar.has_better()
            && ui.add(Button::new("Sort again")).on_hover_text("More pictures have been compared").clicked()
        {
            commands.push(Command::Display(DisplayCommand::ShowSimilar(similar.near)));
        }
        let label = opened
            .similar
            .as_ref()
            .map_or_else(|| sort_label(state.settings.order(), has_dates), |_| "Most similar first");
        let button = ui.add(Button::new(label).quiet().menu());
        menu(&button, 200.0, |ui| {
            let needs_dates = |key: SortKey| key == SortKey::Oldest && key != sort;
            for key in SortKey::ALL.into_iter().filter(|key| has_dates || !needs_dates(*key)) {
                let is_chosen = key == sort && opened.similar.is_none();
                if MenuItem::new(sort_label(key.into(), has_dates)).chosen(is_chosen).show(ui) {
                    commands.push(Command::Display(DisplayCommand::SetSort(key)));
                    ui.close();
                }
            }
            divider(ui);
            let is_reversed = state.settings.sort_reversed;
            let has_order = has_dates || !matches!(sort, SortKey::Newest | SortKey::Oldest);
            if MenuItem::new("Reverse the order").chosen(is_reversed).enabled(has_order).show(ui) {
                commands.push(Command::Display(DisplayCommand::ReverseSort));
                ui.close();
            }
            if sort == SortKey::Random && MenuItem::new("Shuffle again").show(ui) {
                commands.push(Command::Display(DisplayCommand::Shuffle));
            }
        });
        if opened.similar.is_some() {
            if ui.add(Button::icon_only(icons::CLOSE, "End the search for similar images")).clicked() {
                commands.push(Command::Display(DisplayCommand::EndSimilar));
            }
            return;
        }
        let grouping = state.settings.grouping;
        let button = ui.add(Button::new(grouping.button_label()).quiet().menu());
        menu(&button, 200.0, |ui| {
            let needs_dates = |key: ImageGrouping| key == ImageGrouping::Date && key != grouping;
            for key in ImageGrouping::ALL.into_iter().filter(|key| has_dates || !needs_dates(*key)) {
                if MenuItem::new(key.label()).chosen(key == grouping).show(ui) {
                    commands.push(Command::Display(DisplayCommand::SetGrouping(key)));
                    ui.close();
                }
            }
        });
        view_ui(ui, Button::new("View").quiet().menu(), LookScope::All, state, commands);
        if !is_narrow {
            let side = cells::size_ui(ui, "Thumbnail size", state.settings.thumb_side, SLIDER);
            commands.extend(side.map(|value| Command::Display(DisplayCommand::SetThumbSide(value))));
        }
    });
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_chosen_shown_and_listed() {
        let line = |chosen, shown, listed| {
            let (strong, rest) = count_text(chosen, shown, listed);
            format!("{strong}{rest}")
        };
        assert_eq!(line(3, 1_204, 100_000), "3 selected of 1,204 shown of 100,000");
        assert_eq!(line(0, 1_204, 100_000), "1,204 shown of 100,000");
        assert_eq!(line(37, 240, 240), "37 selected of 240");
        assert_eq!(line(0, 240, 240), "240 images");
        assert_eq!(line(0, 1, 1), "1 image");
    }
}
