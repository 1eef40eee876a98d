//! The choices of an export beyond formats and pictures: the split, and the rest folded below it. Only what concerns
//! a chosen format is shown.

use egui::{Id, Ui, vec2};

use crate::theme::{self, tokens};
use crate::widgets::button::link_sized;
use crate::widgets::choice::one_of_named;
use crate::widgets::row::menu;
use crate::widgets::{Button, Field, MenuItem, Segment, checkbox, segmented, text};
use app::checks::CheckCommand;
use app::export::{ExportChoice, ExportChoices, ExportForm, GroupChoice, SplitChoice};
use app::state::Opened;
use app::{Command, ExportCommand};
use domain::ProjectKind;
use formats::{EdgeRule, Format, OtherTypes, PixelChoice, ShardOrder, SplitRule, azureml};

/// Width of the names before fields and segments.
const NAMES: f32 = 132.0;

/// Where something was decided: whether that goes along.
pub(super) fn reviews_ui(ui: &mut Ui, opened: &Opened, form: &ExportForm, commands: &mut Vec<Command>) {
    if opened.review.reviews.is_empty() {
        return;
    }
    if checkbox(ui, form.choices.has_reviews, "Decisions and comments", "in reviews.csv").clicked() {
        push(commands, ExportChoice::ToggleReviews);
    }
    ui.add_space(tokens::GAP);
}

pub(super) fn choices_ui(ui: &mut Ui, opened: &Opened, form: &ExportForm, commands: &mut Vec<Command>) {
    let choices = &form.choices;
    text::section(ui, "Split", None);
    split_ui(ui, opened, choices, commands);
    ui.add_space(tokens::GAP);
    let words = if choices.has_more { "Fewer options" } else { "More options..." };
    if link_sized(ui, words, 12.0).clicked() {
        push(commands, ExportChoice::ToggleMore);
    }
    if choices.has_more {
        ui.add_space(tokens::GAP_SMALL);
        more_ui(ui, opened.kind, form, commands);
    }
}

fn push(commands: &mut Vec<Command>, choice: ExportChoice) {
    commands.push(Command::Export(ExportCommand::Choose(choice)));
}

fn split_ui(ui: &mut Ui, opened: &Opened, choices: &ExportChoices, commands: &mut Vec<Command>) {
    const SPLITS: [(SplitChoice, &str); 3] =
        [(SplitChoice::None, "No split"), (SplitChoice::Usual, "80 / 10 / 10"), (SplitChoice::Custom, "Custom...")];
    if let Some(split) = one_of_named(ui, "Split", &SPLITS, choices.split) {
        push(commands, ExportChoice::Split(split));
    }
    if choices.split == SplitChoice::None {
        return;
    }
    ui.add_space(2.0);
    if choices.split == SplitChoice::Custom {
        let is_bad = SplitRule::parse(&choices.split_text).is_err();
        let field = FieldRow { name: "Ratio", hint: "such as 80/20 or 70/20/10", text: &choices.split_text, is_bad };
        field.show(ui, commands, ExportChoice::SplitText);
    }
    if checkbox(ui, choices.is_stratified, "Stratify by tag", "").clicked() {
        push(commands, ExportChoice::ToggleStratify);
    }
    together_ui(ui, opened, choices, commands);
    let words = if choices.is_stratified || choices.split_group != GroupChoice::None {
        "An image may move to another split when images are added."
    } else {
        "Assigned by a hash of the image id, so an image never changes its split."
    };
    text::paragraph(ui, words, theme::font(12.0), theme::of(ui).dim);
}

/// Which images stay in one part.
fn together_ui(ui: &mut Ui, opened: &Opened, choices: &ExportChoices, commands: &mut Vec<Command>) {
    const GROUPS: [GroupChoice; 3] = [GroupChoice::None, GroupChoice::NearDuplicates, GroupChoice::Meta];
    let has_keys = opened.query.facets.index.keys().next().is_some();
    text::section(ui, "Keep together", None);
    let segments = [("Nothing", true), ("Near-duplicates", true), ("Metadata", has_keys)];
    let segments = segments.map(|(label, is_enabled)| Segment { label, is_enabled });
    let chosen = GROUPS.iter().position(|&group| group == choices.split_group).unwrap_or_default();
    if let Some(at) = segmented(ui, "Images to keep together", &segments, chosen) {
        push(commands, ExportChoice::SplitGroup(GROUPS[at]));
    }
    ui.add_space(2.0);
    match choices.split_group {
        GroupChoice::None => {}
        GroupChoice::NearDuplicates => compared_ui(ui, opened, commands),
        GroupChoice::Meta => {
            let label = if choices.split_key.is_empty() { "Choose a key..." } else { &choices.split_key };
            let name = format!("Metadata key: {label}");
            let button = ui.add(Button::new(label).name(&name).menu().max_width(ui.available_width()));
            menu(&button, 220.0, |ui| {
                egui::ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
                    for key in opened.query.facets.index.keys() {
                        if MenuItem::new(key).chosen(key == choices.split_key).show(ui) {
                            push(commands, ExportChoice::SplitKey(key.to_owned()));
                            ui.close();
                        }
                    }
                });
            });
        }
    }
}

/// Whether all pictures have been compared, and the way to do it.
fn compared_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let checks = &opened.checks;
    if checks.is_searching() {
        text::hint(ui, "Pictures are still being compared.");
    } else if checks.can_search(&opened.catalogue) {
        ui.horizontal(|ui| {
            text::hint(ui, "Not all pictures have been compared.");
            if link_sized(ui, "Compare them now", 12.0).clicked() {
                commands.push(Command::Check(CheckCommand::FindDuplicates));
            }
        });
    }
}

fn more_ui(ui: &mut Ui, kind: ProjectKind, form: &ExportForm, commands: &mut Vec<Command>) {
    let choices = &form.choices;
    let has = |format: Format| form.formats.contains(&format);
    let has_pictures = form.pixels != PixelChoice::None;
    if checkbox(ui, choices.are_negatives_left_out, "Skip images without labels", "").clicked() {
        push(commands, ExportChoice::ToggleNegatives);
    }
    named(ui, "Past the edge", |ui| {
        const RULES: [(EdgeRule, &str); 2] = [(EdgeRule::Clamp, "Clip"), (EdgeRule::Drop, "Skip")];
        if let Some(rule) = one_of_named(ui, "Regions past the image edge", &RULES, choices.edges) {
            push(commands, ExportChoice::Edges(rule));
        }
    });
    let refused = |format: &Format| !format.rules(kind).refused.is_empty();
    if has_pictures && form.formats.iter().any(refused) {
        named(ui, "Unsupported types", |ui| {
            const TYPES: [(OtherTypes, &str); 2] = [(OtherTypes::Skip, "Skip"), (OtherTypes::Convert, "Convert")];
            let name = "File types that a format does not support";
            if let Some(types) = one_of_named(ui, name, &TYPES, choices.other_types) {
                push(commands, ExportChoice::OtherTypes(types));
            }
        });
    }
    let is_no_number = |text: &str| !text.trim().is_empty() && text.trim().parse::<f64>().is_err();
    let min = &choices.min_region;
    let field = FieldRow { name: "Smallest region (px)", hint: "any", text: min, is_bad: is_no_number(min) };
    field.show(ui, commands, ExportChoice::MinRegion);
    if has(Format::Crops) {
        let margin = &choices.crop_margin;
        let field = FieldRow { name: "Crop margin (%)", hint: "none", text: margin, is_bad: is_no_number(margin) };
        field.show(ui, commands, ExportChoice::CropMargin);
    }
    if has(Format::Annotated) {
        let stroke = &choices.stroke;
        let hint = "depends on the picture";
        let field = FieldRow { name: "Line width (px)", hint, text: stroke, is_bad: is_no_number(stroke) };
        field.show(ui, commands, ExportChoice::Stroke);
        if checkbox(ui, choices.has_names, "Tag names next to the boxes", "").clicked() {
            push(commands, ExportChoice::ToggleNames);
        }
    }
    if form.formats.iter().any(|format| format.has_shards()) {
        let size = &choices.shard_size;
        let field = FieldRow { name: "Shard size (MiB)", hint: "512", text: size, is_bad: is_no_number(size) };
        field.show(ui, commands, ExportChoice::ShardSize);
    }
    if has(Format::WebDataset) {
        named(ui, "Order in shards", |ui| {
            const ORDERS: [(ShardOrder, &str); 2] =
                [(ShardOrder::Shuffled, "Shuffled"), (ShardOrder::Project, "Project")];
            if let Some(order) = one_of_named(ui, "Order of the images in shards", &ORDERS, choices.shard_order) {
                push(commands, ExportChoice::ShardOrder(order));
            }
        });
    }
    if has(Format::AzureMl) {
        azureml_ui(ui, choices, commands);
    }
}

fn azureml_ui(ui: &mut Ui, choices: &ExportChoices, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let url = &choices.azureml_url;
    let checked = if url.trim().is_empty() { Ok(String::new()) } else { azureml::checked_url(url) };
    let hint = "azureml://.../paths/forks/images/";
    let field = FieldRow { name: "Azure ML URL", hint, text: url, is_bad: checked.is_err() };
    field.show(ui, commands, ExportChoice::AzureMlUrl);
    let (words, color) = match &checked {
        Err(reason) => (reason.as_str(), tokens.warning),
        Ok(text) if text.is_empty() => ("The URL of the images folder. You can set it later.", tokens.dim),
        Ok(_) => ("The URL of the images folder.", tokens.dim),
    };
    text::paragraph(ui, words, theme::font(12.0), color);
}

fn named(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (rect, _) = ui.allocate_exact_size(vec2(NAMES, tokens::CONTROL), egui::Sense::hover());
        let tokens = theme::of(ui);
        text::paint_elided(ui.painter(), rect.left_center(), name, theme::font(tokens::BODY), tokens.dim, NAMES - 8.0);
        control(ui);
    });
}

struct FieldRow<'a> {
    name: &'a str,
    hint: &'a str,
    text: &'a str,
    is_bad: bool,
}

impl FieldRow<'_> {
    fn show(self, ui: &mut Ui, commands: &mut Vec<Command>, command: impl FnOnce(String) -> ExportChoice) {
        let Self { name, hint, text, is_bad } = self;
        named(ui, name, |ui| {
            let mut typed = text.to_owned();
            let field = Field::new(Id::unique(("export choice", name)), name).hint(hint).bad(is_bad);
            let (response, _) = field.width(ui.available_width()).show(ui, &mut typed);
            if response.changed() {
                push(commands, command(typed));
            }
        });
    }
}
