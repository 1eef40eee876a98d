//! The line above the wall: how many regions are chosen and shown; how far they are compared; tag, order, groups, size.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use crate::theme::{self, tokens};
use crate::widgets::row::{MenuItem, divider, menu};
use crate::widgets::text::{count, figures, figures_width, thousands};
use crate::widgets::{AtRight, Button};
use crate::{cells, icons};
use app::state::Opened;
use app::wall::WallCommand;
use app::{Action, Command, State};
use domain::{RegionSort, WallSort};

const SLIDER: f32 = 84.0;

pub(super) fn header_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let rect = ui.max_rect();
    let (strong, rest) = count_text(opened);
    let needed = figures_width(ui.painter(), &strong, &theme::semibold(tokens::BODY)) + tokens::GAP + 2.0;
    let right = controls_ui(ui, rect, needed, state, opened, commands);
    let left = Rect::from_min_max(rect.min, pos2(right - tokens::GAP, rect.bottom()));
    cells::counts_ui(ui, left, &strong, &rest);
}

/// What is in the line: the strong part and the rest.
fn count_text(opened: &Opened) -> (String, String) {
    let wall = &opened.wall;
    let all = wall.order.len() as u64;
    let regions = match wall.order.prediction_count as u64 {
        0 => count(all, "region", "regions"),
        predictions if predictions == all => count(all, "prediction", "predictions"),
        _ => format!("{} predictions and labels", thousands(all)),
    };
    match wall.selection.len() {
        0 if let Some(name) = near_name(opened) => (regions, format!(", most similar to this {name} first")),
        0 if wall.order.is_empty() && wall.is_ordering() => (String::new(), "Sorting regions...".to_owned()),
        0 => (regions, format!(" in {}", count(wall.order.image_count as u64, "image", "images"))),
        chosen => (format!("{} selected", thousands(chosen as u64)), format!(" of {regions}")),
    }
}

/// The tag of the region that others are near to.
fn near_name(opened: &Opened) -> Option<&str> {
    let region = opened.catalogue.region(opened.wall.near?)?;
    Some(&opened.catalogue.tags().get(region.tag).name)
}

/// The controls at the right end; returns where they begin. `needed`: what the count before them takes at least.
fn controls_ui(
    ui: &mut Ui,
    rect: Rect,
    needed: f32,
    state: &State,
    opened: &Opened,
    commands: &mut Vec<Command>,
) -> f32 {
    let sort = opened.wall_sort(&state.settings);
    let is_again = sort.key.needs_features() && opened.wall.has_better && !opened.wall.is_ordering();
    // The slider makes room for the button: `Ctrl+wheel` does the same.
    let is_narrow = rect.width() < if is_again { 800.0 } else { 640.0 };
    let group = AtRight::new(ui, "wall controls", rect);
    let rest = group.rest();
    let mut push = |command| commands.push(Command::Wall(command));
    group.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if is_again {
            again_ui(ui, state, is_narrow, &mut push);
        }
        tags_ui(ui, opened, &mut push);
        sort_ui(ui, opened, sort, &mut push);
        if opened.wall.near.is_some() {
            let button = ui.add(Button::icon_only(icons::CLOSE, "End the search for similar regions"));
            if button.clicked() {
                push(WallCommand::EndSimilar);
            }
            return;
        }
        let is_grouped = state.settings.wall_grouped;
        let button = ui.add(Button::new(if is_grouped { "Group: tag" } else { "Group: none" }).quiet().menu());
        menu(&button, 200.0, |ui| {
            for (label, grouped) in [("No groups", false), ("By tag", true)] {
                if MenuItem::new(label).chosen(grouped == is_grouped).show(ui) {
                    push(WallCommand::SetGrouped(grouped));
                    ui.close();
                }
            }
        });
        if !is_narrow {
            let side = cells::size_ui(ui, "Crop size", state.settings.wall_side, SLIDER);
            side.into_iter().for_each(|side| push(WallCommand::SetSide(side)));
        }
    });
    if !sort.key.needs_features() {
        return rest.right();
    }
    let (left, is_stopped) = compared_ui(ui, rest, needed, opened);
    if is_stopped {
        commands.push(Command::Wall(WallCommand::SetSort(RegionSort::Images)));
    }
    left
}

/// The order of the regions.
fn sort_ui(ui: &mut Ui, opened: &Opened, sort: WallSort, push: &mut impl FnMut(WallCommand)) {
    let has_predictions = opened.wall.shows_predictions();
    let button = ui.add(Button::new(sort.label()).quiet().menu());
    menu(&button, 220.0, |ui| {
        let has_dates = opened.query.facets.has_dates();
        let needs_dates = |key: RegionSort| key == RegionSort::Newest && key != sort.key;
        // Pixels are compared of labels only.
        let fits = |key: RegionSort| if has_predictions { !key.needs_features() } else { !key.is_of_predictions() };
        for key in RegionSort::ALL.into_iter().filter(|key| fits(*key) && (has_dates || !needs_dates(*key))) {
            if key == RegionSort::Images {
                divider(ui);
            }
            if MenuItem::new(key.label()).chosen(key == sort.key).show(ui) {
                push(WallCommand::SetSort(key));
                ui.close();
            }
        }
        divider(ui);
        let has_order = has_dates || sort.key != RegionSort::Newest;
        if MenuItem::new("Reverse the order").chosen(sort.is_reversed).enabled(has_order).show(ui) {
            push(WallCommand::ReverseSort);
            ui.close();
        }
    });
}

/// The only tag shown, or all.
fn tags_ui(ui: &mut Ui, opened: &Opened, push: &mut impl FnMut(WallCommand)) {
    let tags = opened.catalogue.tags();
    let only = opened.wall.only.and_then(|tag| tags.find(tag));
    let label = only.map_or("All tags", |tag| &tags.get(tag).name);
    let button = ui.add(Button::new(label).quiet().menu().max_width(140.0));
    let count_of = |tag| u64::from(opened.query.facets.tag_count(tag).regions);
    menu(&button, 220.0, |ui| {
        egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            let all = thousands(tags.iter().map(|(tag, _)| count_of(tag)).sum());
            if MenuItem::new("All tags").remark(&all).chosen(only.is_none()).show(ui) {
                push(WallCommand::ShowOnly(None));
                ui.close();
            }
            for (tag, entry) in tags.iter().filter(|(_, entry)| entry.region_count > 0) {
                let remark = thousands(count_of(tag));
                if MenuItem::new(&entry.name).remark(&remark).chosen(only == Some(tag)).show(ui) {
                    push(WallCommand::ShowOnly(Some(entry.id)));
                    ui.close();
                }
            }
        });
    });
}

/// The way to use what the comparison has found since the last sort.
fn again_ui(ui: &mut Ui, state: &State, is_narrow: bool, push: &mut impl FnMut(WallCommand)) {
    let key = state.keys.of(Action::SortRegionsAgain).first().map(ToString::to_string).filter(|_| !is_narrow);
    let button = ui.add(Button::new("Sort again").key_if(key));
    if button.on_hover_text("More pictures have been compared since the last sort").clicked() {
        push(WallCommand::SortAgain);
    }
}

/// How far the comparison is, at the right end of `room`: where that begins, and whether a click ends it. Where there is
/// too little room beside the count, in short.
fn compared_ui(ui: &Ui, room: Rect, needed: f32, opened: &Opened) -> (f32, bool) {
    let Some(Progress { words, short, hint, can_stop }) = compared_words(opened) else { return (room.right(), false) };
    let tokens = theme::of(ui);
    let font = theme::font(tokens::SMALL);
    let width_of = |words: &str| figures_width(ui.painter(), words, &font);
    let is_short = width_of(&words) + 16.0 + needed > room.width();
    let shown = if is_short { &short } else { &words };
    let width = width_of(shown).min((room.width() - 16.0).max(0.0));
    let place = room.with_min_x(room.right() - width - 16.0);
    let sense = if can_stop { Sense::click() } else { Sense::hover() };
    let response = ui.interact(place, ui.scope_id().with("compared"), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, words.clone()));
    figures(ui.painter(), place.left_center(), Align2::LEFT_CENTER, shown, font, tokens.dim, width);
    let is_stopped = response.clicked();
    response.on_hover_text(if is_short { format!("{words}\n{hint}") } else { hint });
    (place.left(), is_stopped)
}

/// What there is to say about the comparison.
struct Progress {
    words: String,
    /// The same where there is little room.
    short: String,
    /// More about it.
    hint: String,
    /// Whether it can be ended here.
    can_stop: bool,
}

fn compared_words(opened: &Opened) -> Option<Progress> {
    if let Some((done, total)) = opened.wall.searched {
        let short = format!("{} %", done * 100 / total.max(1));
        let words = format!("Searching, {short}");
        let hint = format!(
            "{} of {} regions compared with those of all tags. Click to stop.",
            thousands(done as u64),
            thousands(total as u64)
        );
        return Some(Progress { words, short, hint, can_stop: true });
    }
    let compared = opened.wall.compared.filter(|compared| compared.done < compared.total || compared.is_full)?;
    let share = format!("{} %", compared.done * 100 / compared.total.max(1));
    let (words, short) = match compared.is_full {
        true => ("Only some could be compared".to_owned(), "some only".to_owned()),
        false => (format!("Comparing, {share}"), share),
    };
    let hint = format!(
        "{} of {} images compared. Regions not compared yet come last.",
        thousands(compared.done as u64),
        thousands(compared.total as u64)
    );
    Some(Progress { words, short, hint, can_stop: false })
}
