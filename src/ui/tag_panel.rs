//! The tags of the project: color, name, regions and images of what is shown; include, exclude, solo, hide boxes.

use egui::{
    Align, Align2, CornerRadius, Id, Layout, Popup, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use super::menus::tag_menu;
use super::tag_style::TagStyle;
use super::theme::{self, tokens};
use super::widgets::{Button, Field, choice, paint, text};
use super::{ViewState, facets, icons};
use app::state::Opened;
use app::{Command, DisplayCommand, ProjectCommand, QueryCommand};
use domain::facets::TagCount;
use domain::query::edit::{self, Standing};
use domain::query::{Choice, Test};
use domain::{TagEntry, TagIx, TagTable};

#[derive(Debug, Default)]
pub(super) struct TagPanelView {
    search: String,
    is_folded: bool,
}

/// From so many tags on there is a search field.
const MANY: usize = 12;
const SIDE: f32 = 12.0;
const BUTTON: f32 = 28.0;

/// The widths of the columns of counts: as wide as their widest count.
#[derive(Clone, Copy)]
struct Columns {
    images: f32,
    /// 0: no column.
    boxes: f32,
}

impl Columns {
    const BETWEEN: f32 = 12.0;

    fn of(ui: &Ui, opened: &Opened) -> Self {
        let entries = || opened.catalogue.tags().iter().map(|(_, entry)| entry);
        let width = |most: Option<u32>, head: &str| {
            let count = text::thousands(most.unwrap_or_default().into());
            let count = text::figures_width(ui.painter(), &count, &theme::font(tokens::BODY));
            let head = text::figures_width(ui.painter(), head, &theme::font(tokens::SMALL));
            // The name keeps a part of a narrow panel; then counts are shortened.
            count.max(head + 2.0).min(ui.available_width() * 0.3)
        };
        let boxes = if opened.catalogue.region_count() > 0 {
            width(entries().map(|entry| entry.region_count).max(), "boxes")
        } else {
            0.0
        };
        Self { images: width(entries().map(|entry| entry.image_count).max(), "images"), boxes }
    }

    /// From the right end of a row to the right end of the column of boxes.
    fn boxes_right(self) -> f32 {
        self.images + Self::BETWEEN
    }

    fn width(self) -> f32 {
        if self.boxes > 0.0 { self.boxes_right() + self.boxes } else { self.images }
    }
}

pub(super) fn tag_panel_ui(ui: &mut Ui, opened: &Opened, view: &mut ViewState, commands: &mut Vec<Command>) {
    let tags = opened.catalogue.tags();
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add_space(tokens::GAP);
    let columns = Columns::of(ui, opened);
    head_ui(ui, opened, columns, &mut view.tags);
    let found = if view.tags.is_folded { Vec::new() } else { found_ui(ui, tags, &mut view.tags.search) };
    ScrollArea::vertical().id_salt("tags").auto_shrink([false, false]).show(ui, |ui| {
        rows_ui(ui, opened, &found, columns, commands);
        if !view.tags.is_folded {
            untagged_ui(ui, opened, commands);
        }
        facets::facets_ui(ui, opened, &mut view.facets, commands);
    });
}

fn found_ui<'a>(ui: &mut Ui, tags: &'a TagTable, search: &mut String) -> Vec<(TagIx, &'a TagEntry)> {
    let says = |ui: &mut Ui, words: &str| {
        ui.horizontal(|ui| {
            ui.add_space(SIDE);
            text::dim(ui, words);
        });
    };
    if tags.is_empty() {
        says(ui, "No tags yet.");
    }
    if tags.len() >= MANY {
        let room = ui.available_width() - 2.0 * SIDE;
        ui.horizontal(|ui| {
            ui.add_space(SIDE - tokens::GAP / 2.0);
            let field = Field::new(Id::unique("tag search"), "Search tags").hint("Search tags").icon(icons::SEARCH);
            field.width(room).show(ui, search);
        });
        ui.add_space(6.0);
    } else {
        search.clear();
    }
    let words = search.to_lowercase();
    let found: Vec<_> =
        tags.in_order().filter(|(_, entry)| words.is_empty() || entry.name.to_lowercase().contains(&words)).collect();
    if found.is_empty() && !tags.is_empty() {
        says(ui, "No matching tags.");
    }
    found
}

fn rows_ui(ui: &mut Ui, opened: &Opened, found: &[(TagIx, &TagEntry)], columns: Columns, commands: &mut Vec<Command>) {
    let height = tokens::ROW * found.len() as f32;
    let (block, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let sight = ui.clip_rect();
    let row_at = |y: f32| (((y - block.top()) / tokens::ROW).max(0.0) as usize).min(found.len());
    let (first, last) = (row_at(sight.top()), (row_at(sight.bottom()) + 1).min(found.len()));
    for (at, &(tag, entry)) in found.iter().enumerate().take(last).skip(first) {
        let top = block.top() + at as f32 * tokens::ROW;
        let rect = Rect::from_min_size(pos2(block.left(), top), vec2(block.width(), tokens::ROW));
        let mut row = ui.new_child(egui::UiBuilder::new().id_salt(("tag", tag.0)).max_rect(rect));
        row_ui(&mut row, opened, tag, entry, columns, commands);
    }
}

/// The switch for images that nobody has labeled yet. Where they are listed, how many they are.
fn untagged_ui(ui: &mut Ui, opened: &Opened, commands: &mut Vec<Command>) {
    let count = opened.catalogue.untagged_count() as u64;
    let words = match opened.has_untagged {
        true => format!("Without tags ({})", text::thousands(count)),
        false => "Images without tags".to_owned(),
    };
    ui.horizontal(|ui| {
        ui.set_min_height(tokens::ROW + 4.0);
        ui.add_space(SIDE - 4.0);
        let hint = match (opened.is_connected, opened.has_untagged) {
            (false, _) => "Needs a connection".to_owned(),
            (true, false) => "Also list images that nobody has labeled yet".to_owned(),
            // The row may be too narrow for all of its words.
            (true, true) => format!(
                "{} listed. Click to leave them out",
                text::count(count, "image without tags", "images without tags")
            ),
        };
        ui.spacing_mut().item_spacing.x = 2.0;
        // A row that is wider than the panel would widen it.
        let has_button = opened.has_untagged && count > 0;
        let room = ui.available_width() - if has_button { BUTTON + SIDE } else { SIDE };
        let response = ui.add_enabled_ui(opened.is_connected, |ui| {
            ui.set_max_width(room.max(0.0));
            choice::checkbox(ui, opened.has_untagged, &words, "")
        });
        if response.inner.on_hover_text(hint).clicked() {
            commands.push(Command::Project(ProjectCommand::ShowUntagged(!opened.has_untagged)));
        }
        if has_button {
            let test = Test::Tag(Choice::None);
            let is_included = opened.query.standing(&test) == Standing::Included;
            let name = if is_included { "Show all images" } else { "Show only images without tags" };
            let button = Button::icon_only(icons::SOLO, name).height(24.0).selected(is_included);
            // At the right end, where the tags have theirs.
            ui.add_space((ui.available_width() - BUTTON - SIDE).max(0.0));
            if ui.add(button).clicked() {
                commands.push(Command::Query(QueryCommand::Include(test)));
            }
        }
    });
}

fn head_ui(ui: &mut Ui, opened: &Opened, columns: Columns, view: &mut TagPanelView) {
    let tokens = theme::of(ui);
    let top = ui.cursor().top();
    let count = text::thousands(opened.catalogue.tags().len() as u64);
    if facets::head_ui(ui, "Tags", Some(&count), view.is_folded) {
        view.is_folded = !view.is_folded;
    }
    if view.is_folded {
        return;
    }
    let (right, y) = (ui.max_rect().right() - SIDE, top + 11.0);
    let painter = ui.painter();
    let font = theme::font(tokens::SMALL);
    painter.text(pos2(right, y), Align2::RIGHT_CENTER, "images", font.clone(), tokens.dim);
    if columns.boxes > 0.0 {
        painter.text(pos2(right - columns.boxes_right(), y), Align2::RIGHT_CENTER, "boxes", font, tokens.dim);
    }
}

fn row_ui(ui: &mut Ui, opened: &Opened, tag: TagIx, entry: &TagEntry, columns: Columns, commands: &mut Vec<Command>) {
    let test = edit::tag(&entry.name);
    let standing = opened.query.standing(&test);
    let is_included = standing == Standing::Included;
    let is_excluded = standing == Standing::Excluded;
    let is_hidden = opened.hidden_tags.contains(&entry.id);
    let (slot, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::ROW), Sense::hover());
    let rect = slot.shrink2(vec2(4.0, 0.0));
    let id = Id::unique(("tag row", tag.0));
    let response = ui.interact(rect, id, Sense::click());
    let count = opened.query.facets.tag_count(tag);
    let name = accessible_name(entry, count, [is_included, is_excluded, is_hidden]);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_included, &name));
    let is_cut = paint_row(ui, rect, &response, (entry, count), [is_included, is_excluded, is_hidden], columns);

    let is_over = response.contains_pointer();
    let is_near = is_over || response.has_focus() || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .id_salt(("tag buttons", tag.0))
            .max_rect(Rect::from_min_max(
                pos2(rect.right() - 54.0, rect.top()),
                pos2(rect.right() - 4.0, rect.bottom()),
            ))
            .layout(Layout::left_to_right(Align::Center)),
    );
    child.spacing_mut().item_spacing.x = 2.0;
    if !is_near {
        child.set_opacity(0.0);
    }
    if child.add(Button::icon_only(icons::SOLO, &format!("Show only {}", entry.name)).height(24.0)).clicked() {
        commands.push(Command::Query(QueryCommand::Only(test.clone())));
    }
    let (icon, verb) = if is_hidden { (icons::EYE_OFF, "Show") } else { (icons::EYE, "Hide") };
    if child.add(Button::icon_only(icon, &format!("{verb} the boxes of {}", entry.name)).height(24.0)).clicked() {
        commands.push(Command::Display(DisplayCommand::ToggleTagBoxes(tag)));
    }
    if response.clicked() {
        let is_alt = ui.input(|input| input.modifiers.alt);
        let command = if is_alt { QueryCommand::Exclude } else { QueryCommand::Include };
        commands.push(Command::Query(command(test)));
    }
    tag_menu(&response, opened, tag, commands);
    let reviewed = Some(opened.review.progress.of_tag(tag)).filter(|_| opened.review.progress.count() > 0);
    let is_part = count != total(entry);
    let has_more = is_cut
        || is_part
        || reviewed.is_some()
        || !entry.is_listed
        || entry.kind != "Regular"
        || entry.description.as_deref().is_some_and(|words| !words.is_empty());
    if has_more {
        response.on_hover_ui_at_pointer(|ui| tooltip_ui(ui, (entry, count), reviewed));
    }
}

fn total(entry: &TagEntry) -> TagCount {
    TagCount { images: entry.image_count, regions: entry.region_count }
}

/// `12 of 150 images`, or `150 images` where all of them are shown.
fn shown_words(shown: u32, total: u32, one: &str, many: &str) -> String {
    let all = text::count(u64::from(total), one, many);
    if shown == total { all } else { format!("{} of {all}", text::thousands(u64::from(shown))) }
}

fn accessible_name(entry: &TagEntry, count: TagCount, [is_included, is_excluded, is_hidden]: [bool; 3]) -> String {
    let images = shown_words(count.images, entry.image_count, "image", "images");
    let boxes = shown_words(count.regions, entry.region_count, "box", "boxes");
    let mut name = format!("{}, {images}, {boxes}", entry.name);
    let states = [(is_included, ", included"), (is_excluded, ", excluded"), (is_hidden, ", boxes hidden")];
    for (_, words) in states.iter().filter(|(is, _)| *is) {
        name.push_str(words);
    }
    name
}

/// Paints a row; returns whether the name was cut or a count shortened.
fn paint_row(
    ui: &Ui,
    rect: Rect,
    response: &Response,
    (entry, shown): (&TagEntry, TagCount),
    states: [bool; 3],
    columns: Columns,
) -> bool {
    let [is_included, is_excluded, is_hidden] = states;
    let tokens = theme::of(ui);
    let hover = if response.contains_pointer() { 1.0 } else { paint::hover(ui, response) };
    let fill = if is_included {
        tokens.selected
    } else if is_excluded {
        tokens.excluded
    } else {
        tokens.raised.gamma_multiply(hover)
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(tokens::RADIUS), fill);
    let y = rect.center().y;
    let x = rect.left() + SIDE - 4.0;
    choice::swatch(ui, pos2(x + 5.0, y), TagStyle::of(entry).color, is_hidden);
    let is_near = response.contains_pointer() || response.has_focus();
    let right = rect.right() - SIDE + 4.0;
    let figures_width = if is_near { 54.0 } else { columns.width() };
    let color = if is_excluded || shown.images == 0 { tokens.dim } else { tokens.text };
    let left = pos2(x + 18.0, y);
    let font = if is_included { theme::semibold(tokens::BODY) } else { theme::font(tokens::BODY) };
    let galley = text::elided(painter, &entry.name, font, color, right - figures_width - 8.0 - left.x);
    let mut is_cut = galley.elided;
    let size = galley.size();
    painter.galley(pos2(left.x, y - size.y / 2.0), galley, color);
    if is_excluded {
        painter.hline(left.x..=left.x + size.x, y + 0.5, Stroke::new(1.0, color));
    }
    if !is_near {
        let count = |right: f32, number: u32, room: f32| {
            choice::figure_right(ui, pos2(right, y), u64::from(number), tokens.dim, room).is_whole
        };
        let is_whole = count(right, shown.images, columns.images);
        is_cut |= !is_whole;
        if columns.boxes > 0.0 {
            is_cut |= !count(right - columns.boxes_right(), shown.regions, columns.boxes);
        }
    }
    paint::focus_ring(ui, rect, response, tokens::RADIUS);
    is_cut
}

fn tooltip_ui(ui: &mut Ui, (entry, count): (&TagEntry, TagCount), reviewed: Option<(u32, u32)>) {
    let tokens = theme::of(ui);
    ui.set_max_width(260.0);
    text::paragraph(ui, &entry.name, theme::semibold(tokens::BODY), tokens.text);
    if let Some(words) = entry.description.as_deref().filter(|words| !words.is_empty()) {
        text::paragraph(ui, words, theme::font(tokens::BODY), tokens.text);
    }
    let mut facts = vec![
        shown_words(count.images, entry.image_count, "image", "images"),
        shown_words(count.regions, entry.region_count, "box", "boxes"),
    ];
    if entry.kind != "Regular" {
        facts.push(entry.kind.to_lowercase());
    }
    if let Some((reviewed, images)) = reviewed {
        facts.push(format!(
            "{} of {} reviewed",
            text::thousands(u64::from(reviewed)),
            text::count(u64::from(images), "image", "images")
        ));
    }
    if !entry.is_listed {
        facts.push("not in the project's tag list".to_owned());
    }
    text::paragraph(ui, &facts.join(" \u{b7} "), theme::font(12.0), tokens.dim);
    text::paragraph(ui, "Click includes, Alt+click excludes.", theme::font(12.0), tokens.dim);
}
