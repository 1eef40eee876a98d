//! The status bar: how the listing goes at the left; selection, tasks, problems and help at the right.

use egui::{Align, Layout, Response, Ui, UiBuilder, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::{AtRight, Button, choice, text};
use app::checks::{CheckCommand, DuplicateSearch};
use app::review::Lasting;
use app::state::Opened;
use app::task;
use app::{Action, Command, ConnectionCommand, Dialog, ListingState, ProjectCommand, State, WindowCommand, words};
use domain::Verdict;

pub(super) fn status_bar_ui(ui: &mut Ui, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = tokens::GAP_LARGE;
        if opened.is_connected {
            if opened.is_of_last_visit() {
                figures(ui, &last_visit_words(opened));
            }
            listing_ui(ui, opened, commands);
        } else {
            unconnected_ui(ui, opened, commands);
        }
        waiting_ui(ui, opened);
        search_ui(ui, opened, commands);
        let room = ui.available_rect_before_wrap();
        let buttons = AtRight::new(ui, "status bar", room);
        let words = room.with_max_x(buttons.left() - tokens::GAP_LARGE);
        let layout = Layout::right_to_left(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(words).layout(layout), |ui| words_ui(ui, opened));
        buttons.show(ui, |ui| right_ui(ui, room.width(), state, opened, commands));
    });
}

fn figures(ui: &mut Ui, words: &str) {
    let tokens = theme::of(ui);
    text::figures_label(ui, words, theme::font(12.0), tokens.dim, 0.0);
}

/// Says that what is shown is older than what the words next to it speak of.
fn last_visit_words(opened: &Opened) -> String {
    let images = text::count(opened.catalogue.len() as u64, "image", "images");
    match opened.listing {
        ListingState::Running { .. } => format!("{images} from your last visit; reloading:"),
        _ => format!("{images} from your last visit. Reload:"),
    }
}

/// Which list is shown while its service is not connected, how connecting stands, and the ways out.
fn unconnected_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let list = kept_words(opened);
    let ListingState::Failed { failure, .. } = &opened.listing else {
        figures(ui, &format!("{list}; connecting..."));
        choice::progress(ui, "Connecting", None, vec2(80.0, 5.0));
        return;
    };
    mark(ui, icons::WARNING, tokens.warning);
    let reason = failure.headline();
    let words = format!("Not connected. {list}");
    ui.scope(|ui| {
        ui.set_max_width((ui.available_width() - 560.0).max(120.0));
        text::label(ui, &words, theme::font(12.0), tokens.warning).on_hover_text(format!("{reason}\n{list}"));
    });
    offer(ui, "Try again", Command::Project(ProjectCommand::ResumeListing), commands);
    offer(ui, "Endpoint and key...", Command::Connection(ConnectionCommand::EditConnection), commands);
}

/// `300 images, the list of Tuesday, November 24, 2026, 10:12 UTC`.
fn kept_words(opened: &Opened) -> String {
    let images = text::count(opened.catalogue.len() as u64, "image", "images");
    format!("{images}, {}", words::kept_list(opened.kept_unix))
}

fn listing_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    match &opened.listing {
        ListingState::Running { listed, total, pages_per_second, waiting } => {
            figures(ui, &progress_words(*listed, *total));
            let share = total.map(|total| *listed as f32 / total.max(1) as f32);
            choice::progress(ui, "Listing", share, vec2(160.0, 5.0));
            if let Some(waiting) = waiting {
                text::label(ui, waiting, theme::font(12.0), tokens.warning);
            } else if ui.available_width() > 520.0 {
                figures(ui, &speed_words(*listed, *total, *pages_per_second));
            }
        }
        ListingState::Complete { listed, gone, .. } => {
            figures(ui, &complete_words(*listed, *gone, opened.catalogue.untagged_count() as u64));
        }
        ListingState::Incomplete { report } => {
            mark(ui, icons::WARNING, tokens.warning);
            text::figures_label(ui, &words::doubt(report), theme::font(12.0), tokens.warning, 0.0).on_hover_text(
                "The project may have changed while it was being listed. Reload the list once nobody is editing the \
                 project.",
            );
            offer(ui, "Reload the list", Command::Project(ProjectCommand::Refresh), commands);
        }
        ListingState::Failed { listed, total, failure } => {
            mark(ui, icons::ERROR, tokens.bad);
            text::figures_label(ui, &progress_words(*listed, *total), theme::font(12.0), tokens.bad, 0.0);
            let room = (ui.available_width() - 420.0).max(80.0);
            ui.scope(|ui| {
                ui.set_max_width(room);
                text::label(ui, &failure.headline(), theme::font(12.0), tokens.bad).on_hover_text(failure.advice());
            });
            offer(ui, "Resume", Command::Project(ProjectCommand::ResumeListing), commands);
        }
    }
}

/// Why pictures wait, unless the listing says why it does.
fn waiting_ui(ui: &mut Ui, opened: &Opened) {
    let is_said = matches!(opened.listing, ListingState::Running { waiting: Some(_), .. });
    if let Some(waiting) = opened.waiting.as_ref().filter(|_| !is_said) {
        text::label(ui, waiting, theme::font(12.0), theme::of(ui).warning);
    }
}

fn search_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let DuplicateSearch::Running { done, may_fetch: true, .. } = opened.checks.search else { return };
    if ui.available_width() < 620.0 {
        return;
    }
    let (done, of) = (text::thousands(u64::from(done)), text::thousands(opened.catalogue.len() as u64));
    figures(ui, &format!("Searching for near-duplicates: {done} of {of}"));
    offer(ui, "Stop", Command::Check(CheckCommand::StopDuplicates), commands);
}

/// `1,000 images`, how many of them have no tags, and how many have been deleted since they were listed.
fn complete_words(listed: u64, gone: u64, untagged: u64) -> String {
    let mut words = text::count(listed, "image", "images");
    if untagged > 0 {
        words = format!("{words}, {} without tags", text::thousands(untagged));
    }
    if let Some(gone) = words::gone(gone) {
        words = format!("{words}; {gone}");
    }
    words
}

fn mark(ui: &mut Ui, icon: icons::Icon, color: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
    icons::paint(ui.painter(), rect.center(), icon, 16.0, color);
}

fn offer(ui: &mut Ui, label: &str, command: Command, commands: &mut Vec<Command>) {
    if ui.add(Button::new(label).height(22.0)).clicked() {
        commands.push(command);
    }
}

/// `12,800 of 100,000 listed`.
fn progress_words(listed: u64, total: Option<u64>) -> String {
    match total {
        Some(total) => format!("{} of {} listed", text::thousands(listed), text::thousands(total)),
        None => format!("{} listed", text::thousands(listed)),
    }
}

/// Images on a page of the service's list.
const PAGE: u64 = 256;

/// `10 pages/s · about 34 s left`.
fn speed_words(listed: u64, total: Option<u64>, pages_per_second: f32) -> String {
    let speed = match pages_per_second {
        speed if speed >= 9.5 => format!("{speed:.0} pages/s"),
        speed => format!("{speed:.1} pages/s"),
    };
    let left = total.map_or(0, |total| total.saturating_sub(listed));
    if left == 0 || pages_per_second < 0.05 {
        return speed;
    }
    let secs = left as f32 / PAGE as f32 / pages_per_second;
    format!("{speed} \u{b7} {}", words::time_left(secs))
}

/// Tasks, findings, problems, memory and help. `room`: the width of this and of the words before it.
fn right_ui(ui: &mut Ui, room: f32, state: &State, opened: &Opened, commands: &mut Vec<Command>) {
    let overall = task::overall(&state.tasks);
    if let Some(overall) = overall.filter(|_| room > 420.0) {
        choice::progress(ui, "All tasks", Some(overall.share), vec2(80.0, 5.0));
        figures(ui, &overall.words());
    }
    if !state.tasks.is_empty() {
        let words = overall.map_or_else(|| "Tasks".to_owned(), |all| text::count(all.running, "task", "tasks"));
        if ui.add(Button::new(&words).icon(icons::TASKS).quiet().height(22.0)).clicked() {
            commands.extend(Action::Tasks.command(state));
        }
    }
    let findings = opened.checks.findings.len() as u64;
    if findings > 0 {
        let words = text::count(findings, "finding", "findings");
        let button = Button::new(&words).icon(icons::FINDINGS).quiet().height(22.0);
        if ui.add(button).on_hover_text("Likely label mistakes").clicked() {
            commands.extend(Action::Findings.command(state));
        }
    }
    let problems = problem_count(opened);
    if problems > 0 {
        let words = text::count(problems, "problem", "problems");
        if ui.add(Button::new(&words).icon(icons::WARNING).quiet().height(22.0)).clicked() {
            commands.extend(Action::Problems.command(state));
        }
    }
    if let Some(problem) = &state.cache_problem {
        let button = Button::new("pictures not cached").icon(icons::WARNING).quiet().height(22.0);
        if ui.add(button).on_hover_text(problem).clicked() {
            commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Diagnostics))));
        }
    }
    let help = Action::Help.text();
    let key = state.keys.cap(Action::Help).unwrap_or_else(|| help.label.to_owned());
    if ui.add(Button::new(&key).name("Keyboard shortcuts").height(20.0)).on_hover_text(help.tooltip).clicked() {
        commands.extend(Action::Help.command(state));
    }
}

/// What was just done, how far the review has come, and what is selected: from the right end, as far as there is room.
fn words_ui(ui: &mut Ui, opened: &Opened) {
    review_ui(ui, opened);
    if !opened.selection.is_empty() {
        figures_if_room(ui, &format!("{} selected", text::thousands(opened.selection.len() as u64)));
    }
}

/// Nothing where there is no room: the grid and the facets say the same, and half a number is a wrong one.
fn figures_if_room(ui: &mut Ui, words: &str) -> Option<Response> {
    let font = theme::font(12.0);
    let has_room = text::figures_width(ui.painter(), words, &font) <= ui.available_width();
    has_room.then(|| text::figures_label(ui, words, font, theme::of(ui).dim, 0.0))
}

fn said_words(opened: &Opened) -> Option<String> {
    let said = opened.review.remark.as_ref().filter(|said| said.lasting != Lasting::Moment)?;
    Some(if said.lasting == Lasting::Kept && opened.review.is_pending() {
        format!("{}, not saved yet", said.words)
    } else {
        said.words.clone()
    })
}

fn review_ui(ui: &mut Ui, opened: &Opened) {
    // The last decision comes first, so that it is the last to lack room.
    if let Some(words) = said_words(opened).filter(|_| ui.available_width() > 60.0) {
        text::label(ui, &words, theme::font(12.0), theme::of(ui).text);
    }
    if let Some(response) = progress_words_of(opened).into_iter().find_map(|words| figures_if_room(ui, &words)) {
        response.on_hover_text(verdict_words(opened));
    }
}

/// How many images and regions are reviewed, as far as any are, and the same of images alone, for when there is little room.
fn progress_words_of(opened: &Opened) -> Vec<String> {
    let progress = &opened.review.progress;
    let images = (progress.count() as u64, text::count(opened.catalogue.len() as u64, "image", "images"));
    let regions =
        (progress.region_count() as u64, text::count(opened.catalogue.region_count() as u64, "region", "regions"));
    let of = |(done, all): &(u64, String)| format!("{} of {all}", text::thousands(*done));
    match (images.0, regions.0) {
        (0, 0) => Vec::new(),
        (_, 0) => vec![format!("{} reviewed", of(&images))],
        (0, _) => vec![format!("{} reviewed", of(&regions))],
        _ => vec![format!("{}, {} reviewed", of(&images), of(&regions)), format!("{} reviewed", of(&images))],
    }
}

/// `Images: 12 accepted, 3 rejected`, the same of regions, and what became of images that have gone.
fn verdict_words(opened: &Opened) -> String {
    let reviews = &opened.review.reviews;
    let line = |name: &str, count: &dyn Fn(Verdict) -> usize| {
        let some = Verdict::ALL.into_iter().filter(|verdict| count(*verdict) > 0);
        let parts: Vec<_> = some
            .map(|verdict| format!("{} {}", text::thousands(count(verdict) as u64), verdict.label().to_lowercase()))
            .collect();
        (!parts.is_empty()).then(|| format!("{name}: {}", parts.join(", ")))
    };
    let lines =
        [line("Images", &|verdict| reviews.count(verdict)), line("Regions", &|verdict| reviews.region_count(verdict))];
    let mut words = lines.into_iter().flatten().collect::<Vec<_>>().join("\n");
    if opened.review.absent > 0 {
        let absent = text::count(opened.review.absent as u64, "reviewed image is", "reviewed images are");
        words.push_str(&format!("\n{absent} no longer in the project; the decisions are kept."));
    }
    words
}

/// Images with problems, and rows that could not be read at all.
pub(super) fn problem_count(opened: &Opened) -> u64 {
    (opened.page_problems.len() + opened.catalogue.images_with_problems().count()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_says_how_long_it_will_take() {
        assert_eq!(complete_words(247, 0, 7), "247 images, 7 without tags");
        assert_eq!(progress_words(12_800, Some(100_000)), "12,800 of 100,000 listed");
        assert_eq!(speed_words(12_800, Some(100_000), 10.0), "10 pages/s \u{b7} about 34 s left");
        assert_eq!(speed_words(100_000, Some(100_000), 10.0), "10 pages/s");
        assert_eq!(speed_words(0, None, 0.0), "0.0 pages/s");
        assert_eq!(complete_words(1_000, 0, 0), "1,000 images");
        assert_eq!(complete_words(1_000, 3, 0), "1,000 images; 3 of them no longer exist");
        assert_eq!(speed_words(0, Some(10_000_000), 1.0), "1.0 pages/s \u{b7} about 11 h left");
    }
}
