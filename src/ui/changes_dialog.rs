//! Comparing the open project with another state: which one, and what has changed, by kind and by tag.

use egui::epaint::Mesh;
use egui::{Id, Rect, Role, ScrollArea, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use super::cells::paint::{paint_ground, paint_picture};
use super::marks::{self, Pen};
use super::textures::Textures;
use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, close_button, dialog, scroll};
use super::widgets::field::enter_pressed;
use super::widgets::save::{SaveAnswer, SaveFields, save_fields_ui};
use super::widgets::{Button, Field, button, message, row, text};
use app::changes::{ChangesCommand, MOST_REMOVED, OtherState, ReportFormat, StateComparison};
use app::dialog::{Dialog, FolderPurpose};
use app::state::Opened;
use app::{Action, Command, PixelKey, QueryCommand, Severity, State, WindowCommand};
use domain::changes::ChangeKind;
use domain::query::edit;
use domain::{Catalogue, ImageView};

const MOST_TAGS: usize = 12;

#[derive(Debug, Default)]
pub(super) struct ChangesView {
    is_open: bool,
    has_failed: bool,
}

impl ChangesView {
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }
}

pub(super) fn changes_ui(
    ui: &Ui,
    state: &State,
    view: &mut ChangesView,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let Some(opened) = &state.opened else { return };
    dialog(ui, "Compare with another state", 560.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let room = (ui.ctx().content_rect().height() - 220.0).max(160.0);
        scroll(ui, ScrollArea::vertical().id_salt("changes").max_height(room), |ui| {
            choose_ui(ui, state, opened, view, commands);
            if let Some(failure) = &opened.changes.failure {
                message::failure_line(ui, failure, commands);
            }
            if let Some(comparison) = opened.changes.comparison(opened.generation) {
                ui.add_space(tokens::GAP_LARGE);
                summary_ui(ui, opened, comparison, textures, commands);
            }
        });
        let is_compared = opened.changes.comparison(opened.generation).is_some();
        buttons(ui, |ui| {
            if is_compared && ui.add(Button::new("End the comparison")).clicked() {
                commands.push(Command::Changes(ChangesCommand::Close));
            }
            let is_any = opened.changes.comparison(opened.generation).is_some_and(|done| !done.by_image.is_empty());
            if ui.add(Button::new("Go through the changes").primary().enabled(is_any)).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                commands.extend(Action::NextChange.command(state));
            }
            close_button(ui, "Close", commands);
        });
    });
}

pub(super) fn save_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let form = &opened.changes.report;
    dialog(ui, "Save a report of the changes", 560.0, commands, |ui, commands| {
        let words = format!("All changes as {}.", form.format.word());
        text::paragraph(ui, &words, theme::font(tokens::BODY), theme::of(ui).dim);
        let fields = SaveFields {
            id: "changes report path",
            name: "New file",
            path: &form.path,
            purpose: FolderPurpose::ChangesReport,
            failure: form.failure.as_ref(),
            is_taken: form.is_taken,
            is_busy: form.is_busy,
        };
        for answer in save_fields_ui(ui, &fields, commands) {
            commands.push(match answer {
                SaveAnswer::Edit(path) => Command::Changes(ChangesCommand::EditReportPath(path)),
                SaveAnswer::Save { replaces } => Command::Changes(ChangesCommand::SaveReport { replaces }),
                SaveAnswer::Cancel => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))),
            });
        }
    });
}

fn choose_ui(ui: &mut Ui, state: &State, opened: &Opened, view: &mut ChangesView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let words = "Shows what has changed since that state. A folder is an archive or a dataset; FOLDER#ITERATION is what \
                 an iteration in an archive was trained on; service:PROJECT or service:PROJECT#ITERATION is a \
                 project of the connected service.";
    text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
    let is_busy = opened.changes.busy.is_some();
    let mut typed = opened.changes.folder.clone();
    let mut is_entered = false;
    ui.horizontal(|ui| {
        let width = ui.available_width() - 192.0;
        let field = Field::new(Id::unique("state to compare with"), "Folder, file or service:project")
            .hint("/home/me/forks-october");
        let has_failed = opened.changes.failure.is_some();
        let (response, _) = field.width(width).bad(has_failed).show(ui, &mut typed);
        // Once there is a result, the keyboard is for what is done with it; a state that failed is typed again.
        let is_first =
            !std::mem::replace(&mut view.is_open, true) && opened.changes.comparison(opened.generation).is_none();
        let is_again = !std::mem::replace(&mut view.has_failed, has_failed) && has_failed;
        if is_first || is_again {
            response.request_focus();
        }
        is_entered = enter_pressed(ui, &response);
        if ui.add(Button::new("Browse...").min_width(88.0)).clicked() {
            commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::Compare)));
        }
        let label = if is_busy { "Comparing..." } else { "Compare" };
        let is_ready = !typed.trim().is_empty() && !is_busy;
        if (ui.add(Button::new(label).enabled(is_ready)).clicked() || is_entered) && is_ready {
            let other = OtherState::Typed(typed.trim().to_owned());
            commands.push(Command::Changes(ChangesCommand::Compare(other)));
        }
    });
    if typed != opened.changes.folder {
        commands.insert(0, Command::Changes(ChangesCommand::EditFolder(typed)));
    }
    let iterations = state.iterations.get(&opened.project.id).and_then(|listed| listed.as_ref().ok());
    let own = iterations.into_iter().flatten().map(|one| (Some(one.id), one.name.as_str()));
    let mut others: Vec<_> = std::iter::once((None, "Workspace")).chain(own).collect();
    others.retain(|(id, _)| *id != opened.iteration);
    if others.is_empty() || !opened.is_connected {
        return;
    }
    text::section(ui, "Iterations of this project", None);
    for (id, name) in others {
        let (rect, response) = row::row(ui, name, tokens::ROW, false);
        let font = theme::font(tokens::BODY);
        text::paint_elided(ui.painter(), rect.left_center(), name, font, tokens.text, rect.width());
        if response.on_hover_text("Compare the open state with this one").clicked() && !is_busy {
            commands.push(Command::Changes(ChangesCommand::Compare(OtherState::Iteration(id))));
        }
    }
}

fn summary_ui(
    ui: &mut Ui,
    opened: &Opened,
    comparison: &StateComparison,
    textures: &mut Textures,
    commands: &mut Vec<Command>,
) {
    let changes = &comparison.changes;
    let total = text::thousands(changes.list.len() as u64);
    text::section(ui, &format!("Changes from {}", comparison.name), Some(&total));
    if !comparison.doubts.is_empty() {
        message::banner(ui, Severity::Warning, &comparison.doubts);
    }
    for limit in &comparison.limits {
        text::paragraph(ui, limit, theme::font(tokens::SMALL), theme::of(ui).dim);
    }
    ui.horizontal(|ui| {
        for format in [ReportFormat::Markdown, ReportFormat::Csv] {
            if button::link_sized(ui, &format!("Save as {}...", format.word()), tokens::SMALL).clicked() {
                commands.push(Command::Changes(ChangesCommand::AskReport(format)));
            }
        }
    });
    if changes.is_empty() {
        text::dim(ui, "No differences.");
    }
    for (kind, count) in ChangeKind::ALL.into_iter().zip(comparison.by_kind) {
        if count == 0 {
            continue;
        }
        // What only the other state has is on no image of the open one.
        let is_shown = kind != ChangeKind::ImageRemoved && kind != ChangeKind::ImageUnknown;
        let query = is_shown.then(|| format!("change:{}", kind.word()));
        count_ui(ui, kind.label(), count, query, commands);
    }
    for change in &changes.tag_list {
        text::hint(ui, &change.to_string());
    }
    for change in &changes.facts {
        text::hint(ui, &change.to_string());
    }
    let tags = &comparison.by_tag;
    if !tags.is_empty() {
        text::section(ui, "By tag", None);
        for (name, count) in tags.iter().take(MOST_TAGS) {
            let is_here = opened.catalogue.tags().find_name(name).is_some();
            let query = is_here.then(|| format!("change:any {}", edit::tag(name)));
            count_ui(ui, name, *count, query, commands);
        }
        if tags.len() > MOST_TAGS {
            text::hint(ui, &format!("and {} more tags", tags.len() - MOST_TAGS));
        }
    }
    removed_ui(ui, &opened.catalogue, comparison, textures);
}

fn count_ui(ui: &mut Ui, label: &str, count: u64, query: Option<String>, commands: &mut Vec<Command>) {
    let response = row::count_row(ui, label, count);
    let Some(query) = query else { return };
    if response.on_hover_text(format!("Show only these images ({query})")).clicked() {
        commands.push(Command::Query(QueryCommand::Edit(query)));
        commands.push(Command::Window(WindowCommand::ShowDialog(None)));
    }
}

/// Width of a cell, and height of the picture in it.
const CELL: [f32; 2] = [112.0, 84.0];
const NAME: f32 = 18.0;

/// The images that only the other state has, as small pictures with their boxes; without a picture by name.
fn removed_ui(ui: &mut Ui, catalogue: &Catalogue, comparison: &StateComparison, textures: &mut Textures) {
    if comparison.removed.is_empty() {
        return;
    }
    text::section(ui, "Removed images", None);
    let images = comparison.removed.iter().take(MOST_REMOVED).filter_map(|&ix| comparison.other.get(ix));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(tokens::GAP_SMALL, tokens::GAP_SMALL);
        images.for_each(|image| cell_ui(ui, catalogue, comparison, image, textures));
    });
    let more = comparison.removed.len().saturating_sub(MOST_REMOVED);
    if more > 0 {
        text::hint(ui, &format!("and {} more; a saved report lists all", text::thousands(more as u64)));
    }
}

fn cell_ui(
    ui: &mut Ui,
    catalogue: &Catalogue,
    comparison: &StateComparison,
    image: ImageView<'_>,
    textures: &mut Textures,
) {
    let tokens = theme::of(ui);
    let (slot, response) = ui.allocate_exact_size(vec2(CELL[0], CELL[1] + NAME), Sense::hover());
    let name = image.name().map_or_else(|| image.id().to_string(), str::to_owned);
    let regions = text::count(image.region_count() as u64, "region", "regions");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Removed image {name}, {regions}")));
    if !ui.is_rect_visible(slot) {
        return;
    }
    let rect = Rect::from_min_size(slot.min, CELL.into());
    let picture = match textures.get(PixelKey::Removed { id: image.id() }) {
        Some(texture) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            paint_picture(ui, rect, texture.size.x / texture.size.y.max(1.0), texture, uv)
        }
        None => {
            paint_ground(ui, rect);
            marks::contained(rect, image.aspect())
        }
    };
    let (mut mesh, pen) = (Mesh::default(), Pen::thin(ui.ctx().pixels_per_point()));
    for region in image.regions() {
        let place = marks::placed(region.rect, picture);
        if place.is_finite() {
            let color = marks::color_of(catalogue, comparison.mark(catalogue, region).tag);
            marks::add_second_box(&mut mesh, place, rect, pen, color);
        }
    }
    if !mesh.is_empty() {
        ui.painter().add(Shape::mesh(mesh));
    }
    let below = pos2(slot.left(), slot.bottom() - NAME / 2.0);
    text::paint_elided(ui.painter(), below, &name, theme::font(tokens::SMALL), tokens.dim, slot.width());
    response.on_hover_text(format!("{name}\n{regions}"));
}
