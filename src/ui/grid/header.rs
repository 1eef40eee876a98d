//! The line above the grid: how many are chosen, shown and listed; the order; the size of the thumbnails.

use egui::{Align, Align2, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::state::Opened;
use crate::app::{Command, State};
use crate::domain::{ImageGrouping, SortKey};
use crate::ui::cells::SIDES;
use crate::ui::icons;
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::choice;
use crate::ui::widgets::row::{MenuItem, menu};
use crate::ui::widgets::text::{figures, figures_width, thousands};

const SLIDER: f32 = 104.0;

pub(super) fn header_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let rect = ui.max_rect();
    let right = controls_ui(ui, rect, state, commands);
    counts_ui(ui, Rect::from_min_max(rect.min, pos2(right - tokens::GAP, rect.bottom())), opened);
}

/// What stands in the line: the strong part and the rest.
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

fn counts_ui(ui: &Ui, rect: Rect, opened: &Opened) {
    let (strong, rest) = count_text(opened.selection.len(), opened.visible.len(), opened.catalogue.len());
    let tokens = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with("counts"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{strong}{rest}")));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let y = rect.center().y;
    let font = theme::semibold(tokens::BODY);
    let width = figures_width(&painter, &strong, &font);
    figures(&painter, pos2(rect.left(), y), Align2::LEFT_CENTER, &strong, font, tokens.text);
    let left = pos2(rect.left() + width + 1.0, y);
    figures(&painter, left, Align2::LEFT_CENTER, &rest, theme::font(tokens::BODY), tokens.dim);
}

/// The controls at the right end; returns where they begin.
fn controls_ui(ui: &mut Ui, rect: Rect, state: &State, commands: &mut Vec<Command>) -> f32 {
    let sort = state.settings.sort;
    let is_narrow = rect.width() < 420.0;
    let layout = egui::Layout::right_to_left(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("grid controls").max_rect(rect).layout(layout));
    ui.spacing_mut().item_spacing.x = 2.0;
    if !is_narrow {
        let dim = theme::of(&ui).dim;
        let mark = |ui: &mut Ui, icon, size| {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, tokens::CONTROL), Sense::hover());
            icons::paint(ui.painter(), rect.center(), icon, size, dim);
        };
        mark(&mut ui, icons::IMAGE, 17.0);
        // The steps of the slider are even to the eye: each makes the side larger by the same share.
        let range = SIDES.start().ln()..=SIDES.end().ln();
        let (_, fresh) = choice::slider(&mut ui, "Thumbnail size", state.settings.thumb_side.ln(), range, SLIDER);
        if let Some(fresh) = fresh {
            commands.push(Command::SetThumbSide(fresh.exp()));
        }
        mark(&mut ui, icons::IMAGE, 12.0);
        ui.add_space(tokens::GAP_SMALL);
    }
    let grouping = state.settings.grouping;
    let button = ui.add(Button::new(grouping.button_label()).quiet().menu());
    menu(&button, 200.0, |ui| {
        for key in ImageGrouping::ALL {
            if MenuItem::new(key.label()).chosen(key == grouping).show(ui) {
                commands.push(Command::SetGrouping(key));
                ui.close();
            }
        }
    });
    let button = ui.add(Button::new(sort.label()).quiet().menu());
    menu(&button, 200.0, |ui| {
        for key in SortKey::ALL {
            if MenuItem::new(key.label()).chosen(key == sort).show(ui) {
                commands.push(Command::SetSort(key));
                ui.close();
            }
        }
    });
    ui.min_rect().left()
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
