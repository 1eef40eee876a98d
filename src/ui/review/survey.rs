//! The dialog of what each reviewer has done, and how two of them agree, by tag. Images and regions stand in columns of
//! their own.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::dialog::{buttons, close_button, dialog, scroll_rows};
use crate::widgets::row::{MenuItem, menu};
use crate::widgets::{Button, choice, paint, text};
use app::review::ReviewCommand;
use app::review::{FoundSurvey, SurveyCommand};
use app::state::Opened;
use app::{Command, QueryCommand, State, WindowCommand};
use domain::query::edit;
use domain::{Agreement, ReviewCount, TagIx, TagSurvey, Verdict};

const ROW: f32 = 24.0;
const FIGURE: f32 = 96.0;

pub(crate) fn survey_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    if opened.is_survey_behind() {
        commands.push(survey(SurveyCommand::Refresh));
    }
    let is_empty = opened.review.survey.found.as_ref().is_some_and(|found| found.survey.reviewers.is_empty());
    let width = if is_empty { 420.0 } else { 820.0 };
    dialog(ui, "Progress and agreement", width, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        match &opened.review.survey.found {
            Some(found) => found_ui(ui, opened, found, commands),
            None => text::hint(ui, "Counting..."),
        };
        buttons(ui, |ui| {
            close_button(ui, "Close", commands);
        });
    });
}

fn survey(command: SurveyCommand) -> Command {
    Command::Review(ReviewCommand::Survey(command))
}

fn found_ui(ui: &mut Ui, opened: &Opened, found: &FoundSurvey, commands: &mut Vec<Command>) -> egui::Response {
    let (images, regions) = (opened.catalogue.len() as u64, opened.catalogue.region_count() as u64);
    let listed = format!("{}, {}", text::count(images, "image", "images"), text::count(regions, "region", "regions"));
    text::section(ui, "Reviewers", Some(&format!("of {listed}")));
    if found.survey.reviewers.is_empty() {
        return text::hint(ui, "No decisions yet.");
    }
    reviewers_ui(ui, found);
    ui.add_space(tokens::GAP);
    pair_ui(ui, found, commands);
    tags_ui(ui, opened, found, commands)
}

/// A row a reviewer: images and regions in all, and by verdict.
fn reviewers_ui(ui: &mut Ui, found: &FoundSurvey) {
    let mut heads = vec!["Images".to_owned(), "Regions".to_owned()];
    heads.extend(verdict_heads());
    line_ui(ui, "Name", &heads, true, None);
    let height = ROW * 5.0;
    let area = ScrollArea::vertical().id_salt("reviewers").max_height(height);
    scroll_rows(ui, area, ROW, found.survey.reviewers.len(), |ui, range| {
        for total in &found.survey.reviewers[range] {
            let ReviewCount { images, regions } = total.decided();
            let mut cells = vec![text::thousands(u64::from(images)), text::thousands(u64::from(regions))];
            cells.extend(total.verdicts.iter().map(pair));
            line_ui(ui, &total.name, &cells, false, None);
        }
    });
    text::hint(ui, "Accepted, rejected, flagged and negative, as images + regions.");
}

pub(super) fn verdict_heads() -> [String; Verdict::ALL.len()] {
    Verdict::ALL.map(|verdict| verdict.label().replace("Confirmed negative", "Negative"))
}

/// Images and regions.
fn pair(count: &ReviewCount) -> String {
    format!("{} + {}", text::thousands(u64::from(count.images)), text::thousands(u64::from(count.regions)))
}

/// Who is compared, and how they agree in all.
fn pair_ui(ui: &mut Ui, found: &FoundSurvey, commands: &mut Vec<Command>) {
    text::section(ui, "Agreement by tag", None);
    let Some(other) = &found.other else {
        text::hint(ui, "Only one reviewer so far. Import another one's reviews to compare.");
        return;
    };
    ui.horizontal(|ui| {
        choose_ui(ui, "First reviewer", &found.one, found, SurveyCommand::SetOne, commands);
        text::dim(ui, "and");
        choose_ui(ui, "Second reviewer", other, found, SurveyCommand::SetOther, commands);
    });
    let all = &found.survey.all;
    let words = match all.share() {
        None => "They have not decided on any of the same items.".to_owned(),
        Some(share) => format!(
            "{} in common, {:.0}% the same; {}",
            text::count(all.shared(), "decision", "decisions"),
            share * 100.0,
            kappa_words(all)
        ),
    };
    text::body(ui, &words);
}

fn choose_ui(
    ui: &mut Ui,
    what: &str,
    name: &Arc<str>,
    found: &FoundSurvey,
    command: fn(Arc<str>) -> SurveyCommand,
    commands: &mut Vec<Command>,
) {
    let button = ui.add(Button::new(name).name(&format!("{what}: {name}")).max_width(240.0).menu());
    menu(&button, 240.0, |ui| {
        for total in &found.survey.reviewers {
            if MenuItem::new(&total.name).chosen(total.name == *name).show(ui) {
                commands.push(survey(command(Arc::clone(&total.name))));
                ui.close();
            }
        }
    });
}

/// Kappa with its name, or why there is none.
fn kappa_words(agreement: &Agreement) -> String {
    match (agreement.kappa(), agreement.shared()) {
        (Some(kappa), _) => format!("Cohen's kappa {}", kappa_text(kappa)),
        (None, 0) => "nothing in common".to_owned(),
        (None, _) => "no kappa: both always gave the same verdict".to_owned(),
    }
}

/// Two decimals, with a minus that people see.
fn kappa_text(kappa: f64) -> String {
    format!("{kappa:.2}").replace("-0.00", "0.00").replace('-', "\u{2212}")
}

fn tags_ui(ui: &mut Ui, opened: &Opened, found: &FoundSurvey, commands: &mut Vec<Command>) -> egui::Response {
    let mut heads = vec!["Images".to_owned(), "Regions".to_owned()];
    if found.other.is_some() {
        heads.extend(["Images", "Regions", "In common", "Kappa"].map(str::to_owned));
        names_ui(ui, found);
    }
    line_ui(ui, "Tag", &heads, true, None);
    let tags: Vec<TagIx> = opened.catalogue.tags().in_order().map(|(tag, _)| tag).collect();
    // The dialog has a head, buttons and the reviewers around it.
    let rows = (found.survey.reviewers.len() as f32).min(5.0);
    let height = (ui.ctx().content_rect().height() - 400.0 - rows * ROW).max(ROW * 3.0);
    let area = ScrollArea::vertical().id_salt("tags of the survey").max_height(height);
    scroll_rows(ui, area, ROW, tags.len(), |ui, range| {
        for &tag in &tags[range] {
            tag_ui(ui, opened, found, tag, commands);
        }
    });
    let hint = match found.other {
        Some(_) => "Kappa: 1 is full agreement, 0 is chance. Click a tag to see where they disagree.",
        None => "Decided, out of all with this tag.",
    };
    text::hint(ui, hint)
}

/// Whose the columns are.
fn names_ui(ui: &mut Ui, found: &FoundSurvey) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let width = column_width(rect, 6);
    let right = |column: f32| rect.right() - 6.0 - width * column;
    for (name, column) in [(Some(&found.one), 4.0), (found.other.as_ref(), 2.0)] {
        let Some(name) = name else { continue };
        let font = theme::semibold(tokens::SMALL);
        let galley = text::elided(ui.painter(), name, font, theme::of(ui).dim, width * 2.0 - 12.0);
        let at = pos2(right(column) - galley.size().x, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, theme::of(ui).dim);
    }
}

fn tag_ui(ui: &mut Ui, opened: &Opened, found: &FoundSurvey, tag: TagIx, commands: &mut Vec<Command>) {
    let entry = opened.catalogue.tags().get(tag);
    let of_tag = found.survey.tags.get(tag.index()).copied().unwrap_or_default();
    let (images, regions) = (opened.review.progress.of_tag(tag).1, entry.region_count);
    let TagSurvey { one, other, agreement } = of_tag;
    let part =
        |done: u32, all: u32| format!("{} / {}", text::thousands(u64::from(done)), text::thousands(u64::from(all)));
    let mut cells = vec![part(one.images, images), part(one.regions, regions)];
    if found.other.is_some() {
        cells.extend([part(other.images, images), part(other.regions, regions)]);
        cells.push(text::thousands(agreement.shared()));
        cells.push(match (agreement.kappa(), agreement.shared()) {
            (Some(kappa), _) => kappa_text(kappa),
            (None, 0) => "none shared".to_owned(),
            (None, _) => "one verdict".to_owned(),
        });
    }
    let response = line_ui(ui, &entry.name, &cells, false, Some(TagStyle::of(entry).color));
    if found.other.is_some() && response.on_hover_text(kappa_words(&agreement)).clicked() {
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
        let query = format!("{} review:disagree", edit::tag(&entry.name));
        commands.push(Command::Query(QueryCommand::Edit(query)));
    }
}

/// In a narrow window the columns get closer.
fn column_width(line: Rect, columns: usize) -> f32 {
    FIGURE.min((line.width() - 110.0) / columns.max(1) as f32)
}

/// A name and figures at the right; a head, or a row that reads itself as a whole.
pub(super) fn line_ui(
    ui: &mut Ui,
    name: &str,
    cells: &[String],
    is_head: bool,
    color: Option<egui::Color32>,
) -> egui::Response {
    let tokens = theme::of(ui);
    let sense = if color.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    let role = if color.is_some() { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, format!("{name}: {}", cells.join(", "))));
    if color.is_some() {
        let hover = tokens.raised.gamma_multiply(paint::hover(ui, &response));
        ui.painter().rect_filled(rect, CornerRadius::same(4), hover);
        paint::focus_ring(ui, rect, &response, 4);
    }
    let (font, ink) = match is_head {
        true => (theme::font(tokens::SMALL), tokens.dim),
        false => (theme::font(12.5), tokens.text),
    };
    let y = rect.center().y;
    let mut right = rect.right() - 6.0;
    let width = column_width(rect, cells.len());
    for cell in cells.iter().rev() {
        text::figures(ui.painter(), pos2(right, y), Align2::RIGHT_CENTER, cell, font.clone(), ink, width - 4.0);
        right -= width;
    }
    let mut left = rect.left() + 2.0;
    if let Some(color) = color {
        choice::swatch_sized(ui, pos2(left + 7.0, y), 8.0, color);
        left += 18.0;
    }
    let room = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
    text::paint_elided(ui.painter(), room.left_center(), name, font, ink, room.width() - 6.0);
    response
}
