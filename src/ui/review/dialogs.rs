//! The dialogs of review: a decision about many images or regions, a comment, and the reviews as a whole.

use egui::{Id, Ui, vec2};

use super::survey;
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::choice::one_of;
use crate::widgets::dialog::{buttons, close_button, dialog};
use crate::widgets::field::enter_pressed;
use crate::widgets::row::{MenuItem, menu};
use crate::widgets::{Button, Field, checkbox, message, text};
use app::dialog::{Dialog, FolderPurpose};
use app::review::{ReviewCommand, TransferCommand, UnconfirmedDecision};
use app::{Action, Command, QueryCommand, State, WindowCommand};
use domain::{Blame, Statement, Verdict};
use formats::ReviewFormat;

/// Numbers of images or regions above which a decision asks.
const BULK: [usize; 4] = [1, 20, 100, 1_000];

const SAMPLES: [u32; 4] = [20, 50, 100, 200];

#[derive(Default)]
pub(crate) struct ReviewDialogs {
    comment: String,
    reviewer: Option<String>,
    has_begun: bool,
    /// The quick comments, as typed.
    pub(crate) quick: Option<Vec<String>>,
}

impl ReviewDialogs {
    pub(crate) fn close(&mut self) {
        *self = Self::default();
    }
}

pub(crate) fn confirm_ui(ui: &Ui, state: &State, view: &mut ReviewDialogs, commands: &mut Vec<Command>) {
    let asked = state.opened.as_ref().and_then(|opened| opened.review.asked.as_ref());
    let Some(UnconfirmedDecision { statement, images, regions, labeled }) = asked else { return };
    let images = text::count(*images as u64, "image", "images");
    let (about, place) = match *regions {
        0 => (images, String::new()),
        boxes if matches!(statement, Statement::Blame { .. }) => {
            (text::count(boxes as u64, "prediction or label", "predictions and labels"), format!(" in {images}"))
        }
        regions => (text::count(regions as u64, "region", "regions"), format!(" in {images}")),
    };
    dialog(ui, &format!("This affects {about}{place}"), 440.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        let yes = match statement {
            Statement::Decide { verdict: Some(Verdict::Negative), .. } => format!("Confirm {about} as negative"),
            Statement::Decide { verdict: Some(verdict), .. } => {
                format!("{} {about}", super::section::action(*verdict).text().label)
            }
            Statement::Decide { verdict: None, .. } => format!("Clear the verdict of {about}"),
            Statement::Blame { blame, .. } => {
                format!("{}: {about}", blame.map_or("Clear the label-or-model decision", Blame::label))
            }
            _ => format!("Comment on {about}"),
        };
        let undo = state.keys.cap(Action::Undo).map_or_else(|| "Undo".to_owned(), |key| format!("{key} (undo)"));
        let words = format!("This is one step: {undo} reverts all of it.");
        text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.dim);
        if *labeled > 0 {
            let have = text::count(*labeled as u64, "of them has", "of them have");
            let words = format!("{have} regions. A negative image shows nothing to label.");
            text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.warning);
        }
        buttons(ui, |ui| {
            close_button(ui, "Cancel", commands);
            let yes = ui.add(Button::new(&yes).primary().key("Enter"));
            if !std::mem::replace(&mut view.has_begun, true) {
                yes.request_focus();
            }
            if yes.clicked() {
                commands.push(Command::Review(ReviewCommand::Confirm));
            }
        });
    });
}

pub(crate) fn comment_ui(ui: &Ui, state: &State, view: &mut ReviewDialogs, commands: &mut Vec<Command>) {
    dialog(ui, "Comment", 480.0, commands, |ui, commands| {
        let field = Field::new(Id::unique("comment on what is chosen"), "Comment on the selection");
        let (response, _) = field.hint("What needs to be done?").show(ui, &mut view.comment);
        if !std::mem::replace(&mut view.has_begun, true) {
            response.request_focus();
        }
        let is_entered = enter_pressed(ui, &response);
        super::section::choices_ui(ui, state, commands);
        buttons(ui, |ui| {
            close_button(ui, "Cancel", commands);
            let has_words = !view.comment.trim().is_empty();
            let is_clicked = ui.add(Button::new("Comment").primary().key("Enter").enabled(has_words)).clicked();
            if (is_clicked || is_entered) && has_words {
                // First the dialog: a comment on many images asks in one of its own.
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                commands.push(Command::Review(ReviewCommand::CommentHere(view.comment.clone())));
            }
        });
    });
}

pub(crate) fn reviews_ui(ui: &Ui, state: &State, view: &mut ReviewDialogs, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Reviews", 560.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let review = &opened.review;
        let (images, regions) = Verdict::ALL
            .map(|verdict| (review.reviews.count(verdict) as u64, review.reviews.region_count(verdict) as u64))
            .into_iter()
            .map(|(images, regions)| (text::thousands(images), text::thousands(regions)))
            .unzip::<_, _, Vec<_>, Vec<_>>();
        survey::line_ui(ui, "Your verdicts", &survey::verdict_heads(), true, None);
        survey::line_ui(ui, "Images", &images, false, None);
        survey::line_ui(ui, "Regions", &regions, false, None);
        if review.absent > 0 {
            let words = text::count(review.absent as u64, "reviewed image is", "reviewed images are");
            text::hint(ui, &format!("{words} no longer in the project; the decisions are kept."));
        }
        ui.add_space(tokens::GAP);
        deciding_ui(ui, state, view, commands);
        ui.add_space(tokens::GAP);
        transfer_ui(ui, state, commands);
        buttons(ui, |ui| {
            samples_ui(ui, commands);
            for (label, dialog) in [("Progress...", Dialog::Survey), ("Quick comments...", Dialog::QuickComments)] {
                if ui.add(Button::new(label)).clicked() {
                    commands.push(Command::Window(WindowCommand::ShowDialog(Some(dialog))));
                }
            }
            close_button(ui, "Close", commands);
        });
    });
}

fn samples_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let button = ui.add(Button::new("Sample").name("Random sample of each tag").menu());
    menu(&button, 200.0, |ui| {
        for count in SAMPLES {
            if MenuItem::new(&format!("{} images of each tag", text::thousands(u64::from(count)))).flush().show(ui) {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                commands.push(Command::Query(QueryCommand::Sample(count)));
                ui.close();
            }
        }
    });
}

fn deciding_ui(ui: &mut Ui, state: &State, view: &mut ReviewDialogs, commands: &mut Vec<Command>) {
    text::section(ui, "Reviewer name", None);
    let name = view.reviewer.get_or_insert_with(|| state.settings.reviewer.clone());
    let hint = state.user_name.as_deref().unwrap_or("me");
    let (response, _) = Field::new(Id::unique("reviewer"), "Reviewer name").hint(hint).show(ui, name);
    if response.lost_focus() && *name != state.settings.reviewer {
        commands.push(Command::Review(ReviewCommand::SetReviewer(name.clone())));
    }
    text::hint(ui, "Earlier decisions keep the name they were made under.");
    ui.add_space(tokens::GAP_SMALL);
    let (label, remark) = ("Move on after a decision", "to the next unreviewed item");
    if checkbox(ui, state.settings.review_advances, label, remark).clicked() {
        commands.push(Command::Review(ReviewCommand::ToggleAdvance));
    }
    text::section(ui, "Confirm decisions about more images or regions than", None);
    let (name, label) = ("Confirm above this number of images or regions", |limit| text::thousands(limit as u64));
    if let Some(limit) = one_of(ui, name, &BULK, state.settings.review_bulk, label) {
        commands.push(Command::Review(ReviewCommand::SetBulkLimit(limit)));
    }
}

fn transfer_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let transfer = &opened.review.transfer;
    text::section(ui, "Export or import", None);
    let mut path = transfer.path.clone();
    ui.horizontal(|ui| {
        let width = ui.available_width() - 168.0;
        let field = Field::new(Id::unique("file of reviews"), "Reviews file").hint("~/reviews.csv").width(width);
        let is_bad = matches!(transfer.outcome, Some(Err(_)));
        if field.path().bad(is_bad).show(ui, &mut path).0.changed() {
            commands.push(Command::Review(ReviewCommand::Transfer(TransferCommand::EditPath(path))));
        }
        if ui.add(Button::new("File...").min_width(72.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::ReviewsFile)));
        }
        if ui.add(Button::new("Folder...").min_width(80.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::ReviewsFolder)));
        }
    });
    if !transfer.others.is_empty() {
        let others: Vec<_> = transfer.others.iter().map(|path| path.display().to_string()).collect();
        let count = text::count(others.len() as u64, "more file", "more files");
        text::hint(ui, &format!("And {count}: an import takes all of them as one step"))
            .on_hover_text(others.join("\n"));
    }
    let is_ready = !transfer.is_busy && !transfer.path.trim().is_empty();
    ui.horizontal(|ui| {
        if let Some(format) = one_of(ui, "Export format", &ReviewFormat::ALL, transfer.format, ReviewFormat::label) {
            commands.push(Command::Review(ReviewCommand::Transfer(TransferCommand::SetFormat(format))));
        }
        if ui.add(Button::new("Export").enabled(is_ready)).clicked() {
            commands.push(Command::Review(ReviewCommand::Transfer(TransferCommand::Export)));
        }
        if ui.add(Button::new("Import").enabled(is_ready)).clicked() {
            commands.push(Command::Review(ReviewCommand::Transfer(TransferCommand::Import)));
        }
    });
    text::hint(ui, "All reviewers. Find conflicts with review:disagree");
    match &transfer.outcome {
        Some(Ok(words)) => {
            let tokens = theme::of(ui);
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(18.0, 18.0), egui::Sense::hover());
                icons::paint(ui.painter(), rect.center(), icons::SUCCESS, 16.0, tokens.ok);
                text::label(ui, words, theme::font(tokens::BODY), tokens.text);
            });
        }
        Some(Err(failure)) => message::failure_line(ui, failure, commands),
        None => {}
    }
}
