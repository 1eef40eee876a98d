//! All findings of the project by their kind, how much it takes to be one, and the search for near-duplicates; and what
//! is odd about the listed images, each a row that leads to its image.

use egui::{Align, Layout, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::icons;
use super::menus::kind_menu;
use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::dialog::{buttons, close_button, dialog, scroll, scroll_rows};
use super::widgets::row::row;
use super::widgets::{AtRight, Button, row, text};
use app::checks::{CheckCommand, DuplicateSearch};
use app::state::Opened;
use app::{Action, CanvasCommand, Command, QueryCommand, State, WindowCommand};
use domain::{CheckKind, CheckOptions, ImageIx, Problem};

/// A threshold: its name, its value in words, and the next lower and higher ones.
type Step = (&'static str, String, CheckOptions, CheckOptions);

const MOST_DISMISSED: usize = 50;
/// Room for the link behind each.
const RESTORE: f32 = 56.0;

pub(super) fn findings_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Findings", 460.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let room = (ui.ctx().content_rect().height() - 220.0).max(160.0);
        scroll(ui, ScrollArea::vertical().id_salt("findings").max_height(room), |ui| {
            kinds_ui(ui, opened, commands);
            ui.add_space(tokens::GAP_LARGE);
            search_ui(ui, state, opened, commands);
            ui.add_space(tokens::GAP_LARGE);
            thresholds_ui(ui, state.settings.checks, commands);
        });
        buttons(ui, |ui| {
            let is_any = !opened.checks.findings.is_empty();
            if ui.add(Button::new("Start reviewing").primary().enabled(is_any)).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                commands.extend(Action::NextFinding.command(state));
            }
            close_button(ui, "Close", commands);
        });
    });
}

fn kinds_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let findings = &opened.checks.findings;
    text::section(ui, "Open findings", Some(&text::thousands(findings.len() as u64)));
    ui.add_space(2.0);
    if findings.is_empty() {
        let words = if opened.checks.is_complete() {
            "No findings."
        } else {
            "No findings so far. The images are still being checked."
        };
        text::dim(ui, words);
    }
    for kind in CheckKind::ALL {
        let count = findings.count_of(kind);
        if count == 0 {
            continue;
        }
        let response = row::count_row(ui, kind.label(), u64::from(count));
        let words = format!("Show only images with this finding (check:{})", kind.name());
        kind_menu(&response, opened, kind, commands);
        if response.on_hover_text(words).clicked() {
            commands.push(Command::Query(QueryCommand::Edit(format!("check:{}", kind.name()))));
            commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        }
    }
    dismissed_ui(ui, opened, commands);
    if findings.left_out() > 0 {
        text::hint(ui, &format!("and {} more not shown (limit reached)", text::thousands(findings.left_out())));
    }
}

fn dismissed_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let checks = &opened.checks;
    let count = u64::from(checks.findings.dismissed_count());
    if count == 0 {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        text::hint(ui, &format!("{} dismissed", text::thousands(count)));
        let label = if checks.shows_dismissed { "Hide dismissed" } else { "Show dismissed" };
        if link_sized(ui, label, tokens::SMALL).clicked() {
            commands.push(Command::Check(CheckCommand::ToggleDismissed));
        }
    });
    if !checks.shows_dismissed {
        return;
    }
    let dismissed = checks.findings.iter().filter(|known| known.is_dismissed);
    let keyed = dismissed.filter_map(|known| Some((known.finding.key(&opened.catalogue)?, known.finding)));
    for (number, (key, finding)) in keyed.take(MOST_DISMISSED).enumerate() {
        let sentence = finding.message(&opened.catalogue);
        let (rect, response) = row(ui, &sentence, tokens::ROW, false);
        let place = rect.with_min_x(rect.right() - RESTORE);
        let layout = Layout::left_to_right(Align::Center);
        let mut end = ui.new_child(UiBuilder::new().id_salt(("restore", number)).max_rect(place).layout(layout));
        let is_restored = link_sized(&mut end, "Restore", tokens::SMALL).clicked();
        let (color, font) = (theme::of(ui).dim, theme::font(tokens::SMALL));
        text::paint_elided(
            ui.painter(),
            rect.left_center(),
            &sentence,
            font,
            color,
            rect.width() - RESTORE - tokens::GAP,
        );
        if is_restored {
            commands.push(Command::Check(CheckCommand::Restore(key)));
        } else if response.on_hover_text(&sentence).clicked() {
            commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            commands.push(Command::Check(CheckCommand::Show(key)));
        }
    }
    if count > MOST_DISMISSED as u64 {
        text::hint(ui, &format!("The first {MOST_DISMISSED} are shown. The inspector lists those of each image."));
    }
}

fn search_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    text::section(ui, "Near-duplicate images", None);
    ui.add_space(2.0);
    let of = opened.catalogue.len() as u64;
    let words = match opened.checks.search {
        DuplicateSearch::NotYet => "Not searched yet.".to_owned(),
        DuplicateSearch::Running { done, .. } => {
            format!("{} of {} pictures processed.", text::thousands(u64::from(done)), text::thousands(of))
        }
        DuplicateSearch::Done { compared, of } => {
            let (compared, of) = (text::thousands(u64::from(compared)), text::thousands(u64::from(of)));
            format!("{compared} of {of} pictures compared.")
        }
    };
    text::dim(ui, &words);
    for action in [Action::FindDuplicates, Action::StopDuplicates] {
        if action.is_enabled(state) {
            ui.add_space(tokens::GAP_SMALL);
            let words = action.text();
            if ui.add(Button::new(words.label)).on_hover_text(words.tooltip).clicked() {
                commands.extend(action.command(state));
            }
        }
    }
}

fn thresholds_ui(ui: &mut Ui, options: CheckOptions, commands: &mut Vec<Command>) {
    let width = ui.available_width();
    ui.horizontal(|ui| {
        ui.set_min_width(width);
        text::section(ui, "Thresholds", None);
    });
    for (name, value, lower, higher) in steps(options) {
        let mut set = |fresh: CheckOptions| commands.push(Command::Check(CheckCommand::SetOptions(fresh)));
        step_ui(ui, name, &value, options, lower, higher, &mut set);
    }
    if options != CheckOptions::default() {
        ui.add_space(tokens::GAP_SMALL);
        if link_sized(ui, "Reset to defaults", tokens::SMALL).clicked() {
            commands.push(Command::Check(CheckCommand::SetOptions(CheckOptions::default())));
        }
    }
}

fn step_ui(
    ui: &mut Ui,
    name: &str,
    value: &str,
    now: CheckOptions,
    lower: CheckOptions,
    higher: CheckOptions,
    set: &mut impl FnMut(CheckOptions),
) {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    let font = theme::font(tokens::BODY);
    let buttons = AtRight::new(ui, name, rect);
    let value_width = text::figures_width(ui.painter(), value, &font);
    let room = buttons.rest().width() - value_width - 2.0 * tokens::GAP_LARGE;
    let name_width = text::paint_elided(ui.painter(), rect.left_center(), name, font.clone(), tokens.dim, room);
    let right = buttons.rest().right_center() - vec2(tokens::GAP_SMALL + 4.0, 0.0);
    let align = egui::Align2::RIGHT_CENTER;
    let room = right.x - rect.left() - name_width - tokens::GAP;
    text::figures(ui.painter(), right, align, value, font, tokens.text, room);
    buttons.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP_SMALL;
        let mut button = |ui: &mut Ui, sign: &str, word: &str, fresh: CheckOptions| {
            let name = format!("{word}: {name}");
            if ui.add(Button::new(sign).name(&name).height(22.0).enabled(fresh != now)).clicked() {
                set(fresh);
            }
        };
        button(ui, "\u{2212}", "Decrease", lower);
        button(ui, "+", "Increase", higher);
    });
}

/// One threshold with the values next to it, each in its range.
fn steps(now: CheckOptions) -> [Step; 8] {
    let near = |value: f32, by: f32, low: f32, high: f32| {
        let round = |value: f32| (value * 10_000.0).round() / 10_000.0;
        (round((value - by).clamp(low, high)), round((value + by).clamp(low, high)))
    };
    let overlap = near(now.overlap, 0.05, 0.3, 0.95);
    let other = near(now.overlap_other, 0.05, 0.3, 0.95);
    let inside = near(now.inside, 0.05, 0.5, 1.0);
    let side = near(now.tiny_px, 1.0, 0.0, 64.0);
    let share = near(now.tiny_share, 0.0005, 0.0, 0.02);
    let outlier = near(now.outlier, 1.0, 3.0, 20.0);
    let bits = (now.duplicate_bits.saturating_sub(2), (now.duplicate_bits + 2).min(12));
    let twin = near(now.duplicate_iou, 0.05, 0.1, 0.95);
    let iou = |value: f32| format!("IoU over {value:.2}");
    [
        (
            "Overlap, same tag",
            iou(now.overlap),
            CheckOptions { overlap: overlap.0, ..now },
            CheckOptions { overlap: overlap.1, ..now },
        ),
        (
            "Overlap, other tag",
            iou(now.overlap_other),
            CheckOptions { overlap_other: other.0, ..now },
            CheckOptions { overlap_other: other.1, ..now },
        ),
        (
            "Inside a same-tag box",
            format!("{:.0} % of it", now.inside * 100.0),
            CheckOptions { inside: inside.0, ..now },
            CheckOptions { inside: inside.1, ..now },
        ),
        (
            "Tiny side",
            format!("under {:.0} px", now.tiny_px),
            CheckOptions { tiny_px: side.0, ..now },
            CheckOptions { tiny_px: side.1, ..now },
        ),
        (
            "Tiny area",
            format!("under {:.2} %", now.tiny_share * 100.0),
            CheckOptions { tiny_share: share.0, ..now },
            CheckOptions { tiny_share: share.1, ..now },
        ),
        (
            "Outlier of its tag",
            format!("{:.0} × typical spread", now.outlier),
            CheckOptions { outlier: outlier.0, ..now },
            CheckOptions { outlier: outlier.1, ..now },
        ),
        (
            "Near-duplicate",
            format!("up to {} of 64 bits", now.duplicate_bits),
            CheckOptions { duplicate_bits: bits.0, ..now },
            CheckOptions { duplicate_bits: bits.1, ..now },
        ),
        (
            "Boxes of near-duplicates",
            format!("IoU from {:.2}", now.duplicate_iou),
            CheckOptions { duplicate_iou: twin.0, ..now },
            CheckOptions { duplicate_iou: twin.1, ..now },
        ),
    ]
}

pub(super) fn problems_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Problems", 720.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let rows = rows(opened);
        let words = if rows.is_empty() {
            "No problems found in the listed images."
        } else {
            "Only the affected rows were skipped; the rest was listed. Press Enter or click to open an image."
        };
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        let height = (ui.ctx().content_rect().height() - 280.0).max(120.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let area = ScrollArea::vertical().id_salt("problems").max_height(height);
        scroll_rows(ui, area, tokens::ROW, rows.len(), |ui, range| {
            for (ix, problem) in &rows[range] {
                row_ui(ui, opened, *ix, problem, commands);
            }
        });
        buttons(ui, |ui| {
            if !rows.is_empty() && ui.add(Button::new("Copy").name("Copy the list").icon(icons::COPY)).clicked() {
                commands.push(Command::Window(WindowCommand::CopyText(as_text(opened, &rows))));
            }
            close_button(ui, "Close", commands);
        });
    });
}

/// Rows that could not be read, then the images' problems in the order of listing.
fn rows(opened: &Opened) -> Vec<(Option<ImageIx>, &Problem)> {
    let mut images: Vec<_> = opened.catalogue.images_with_problems().collect();
    images.sort_unstable();
    let of_images = images
        .into_iter()
        .filter_map(|ix| opened.catalogue.get(ix))
        .flat_map(|image| image.problems().iter().map(move |problem| (Some(image.ix), problem)));
    opened.page_problems.iter().map(|problem| (None, problem)).chain(of_images).collect()
}

fn row_ui(ui: &mut Ui, opened: &Opened, ix: Option<ImageIx>, problem: &Problem, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let words = problem.to_string();
    let (rect, response) = row(ui, &words, tokens::ROW, false);
    let painter = ui.painter();
    let id = ix.and_then(|ix| opened.catalogue.get(ix)).map(|image| image.id().to_string()).unwrap_or_default();
    let short = id.get(..8).unwrap_or_default();
    let left = pos2(rect.left() + 10.0, rect.center().y);
    text::paint_elided(painter, left, short, egui::FontId::monospace(11.5), tokens.dim, 80.0);
    let left = pos2(left.x + 80.0, left.y);
    let width = rect.right() - 10.0 - left.x;
    text::paint_elided(painter, left, &words, theme::font(tokens::BODY), tokens.text, width);
    if response.on_hover_text(&words).clicked()
        && let Some(ix) = ix
    {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        commands.push(Command::Canvas(CanvasCommand::OpenImage(ix)));
    }
}

fn as_text(opened: &Opened, rows: &[(Option<ImageIx>, &Problem)]) -> String {
    let line = |(ix, problem): &(Option<ImageIx>, &Problem)| {
        let image = ix.and_then(|ix| opened.catalogue.get(ix));
        image.map_or_else(|| problem.to_string(), |image| format!("{}\t{problem}", image.id()))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_both_ways_and_end_in_their_range() {
        let default = CheckOptions::default();
        for (at, (name, ..)) in steps(default).into_iter().enumerate() {
            let (mut low, mut high) = (default, default);
            for _ in 0..100 {
                low = steps(low)[at].2;
                high = steps(high)[at].3;
                assert_eq!((low.sane(), high.sane()), (low, high), "{name}");
            }
            assert_ne!(low, high, "{name}");
            assert_eq!((steps(low)[at].2, steps(high)[at].3), (low, high), "{name}");
        }
        let (_, _, lower, _) = &steps(default)[0];
        assert_eq!(steps(*lower)[0].3, default, "there and back");
    }
}
