//! The inspector: what is known of the image under the cursor, and of the selection. `table` is the table of regions;
//! here are the other sections.

mod findings;
mod table;

use egui::{CornerRadius, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::icons;
use super::link::PlaceCache;
use super::menus::tag_menu;
use super::review::section;
use super::tag_style::TagStyle;
use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::{choice, message, paint, text};
use app::state::Opened;
use app::view::View;
use app::{CanvasCommand, Command, PictureInfo, PictureSource, QueryCommand, State, WindowCommand};
use domain::query::edit::{self, Standing};
use domain::{ImageView, TagIx};

#[derive(Default)]
pub struct InspectorView {
    table: table::RegionTableView,
    summary: Summary,
    place: PlaceCache,
    review: section::SectionView,
}

pub fn inspector_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    view: &mut InspectorView,
    commands: &mut Vec<Command>,
) {
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        // The scrollbar is in this margin, not on the figures.
        ui.set_max_width(ui.available_width() - tokens::GAP_LARGE);
        ui.spacing_mut().item_spacing.y = 0.0;
        if opened.view == View::Grid && opened.selection.len() > 1 {
            summary_ui(ui, opened, &mut view.summary, commands);
            ui.add_space(tokens::GAP_LARGE);
        }
        match opened.current() {
            Some(image) => image_ui(ui, state, opened, image, view, commands),
            None => {
                text::section(ui, "Image", None);
                ui.add_space(tokens::GAP_SMALL);
                text::paragraph(ui, hint(opened.view), theme::font(tokens::BODY), theme::of(ui).dim);
            }
        }
    });
}

/// What is to be done while nothing has the cursor.
fn hint(view: View) -> &'static str {
    match view {
        View::Grid => "Click an image to see its regions and details.",
        View::Wall => "Click a region to see its image with all regions and details.",
        View::Canvas | View::Statistics | View::Evaluation => {
            "Open an image from the grid to see its regions and details."
        }
    }
}

fn image_ui(
    ui: &mut Ui,
    state: &State,
    opened: &Opened,
    image: ImageView<'_>,
    view: &mut InspectorView,
    commands: &mut Vec<Command>,
) {
    let place = view.place.find(opened, image.ix);
    let shown = text::thousands(opened.visible.len() as u64);
    let figure = match place {
        Some(place) => format!("{} of {shown}", text::thousands(place as u64 + 1)),
        None => "not in the results".to_owned(),
    };
    text::section(ui, "Image", Some(&figure));
    ui.add_space(tokens::GAP_SMALL);
    tags_ui(ui, opened, image, commands);
    ui.add_space(tokens::GAP_LARGE);
    table::table_ui(ui, state, opened, image, &mut view.table, commands);
    ui.add_space(tokens::GAP_LARGE);
    section::section_ui(ui, state, opened, image, &mut view.review, commands);
    ui.add_space(tokens::GAP_LARGE);
    findings::findings_ui(ui, state, opened, image, commands);
    ui.add_space(tokens::GAP_LARGE);
    details_ui(ui, opened, image, commands);
    problems_ui(ui, image);
    ui.add_space(tokens::GAP_LARGE);
}

fn tags_ui(ui: &mut Ui, opened: &Opened, image: ImageView<'_>, commands: &mut Vec<Command>) {
    let tags = crate::tag_style::image_tags(image);
    if tags.is_empty() {
        text::dim(ui, "No tags");
        return;
    }
    ui.scope(|ui| {
        // The rows of a wrapped layout are as high as a control unless set before it begins.
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        ui.spacing_mut().interact_size.y = 20.0;
        ui.horizontal_wrapped(|ui| {
            for tag in tags {
                chip_ui(ui, opened, tag, commands);
            }
        });
    });
}

/// A tag to click: the query takes it in or out.
fn chip_ui(ui: &mut Ui, opened: &Opened, tag: TagIx, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let entry = opened.catalogue.tags().get(tag);
    let galley = text::elided(
        ui.painter(),
        &entry.name,
        theme::font(tokens::SMALL),
        tokens.text,
        ui.available_width().max(80.0) - 34.0,
    );
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 28.0, 20.0), Sense::click());
    let test = edit::tag(&entry.name);
    let is_included = opened.query.standing(&test) == Standing::Included;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_included, format!("Filter by {}", entry.name)));
    let rest = if is_included { tokens.selected } else { tokens.raised };
    let fill = paint::fill(ui, &response, rest, tokens.hovered, tokens.pressed);
    ui.painter().rect_filled(rect, CornerRadius::same(10), fill);
    choice::swatch(ui, pos2(rect.left() + 11.0, rect.center().y), TagStyle::of(entry).color, false);
    let y = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(rect.left() + 20.0, y), galley, tokens.text);
    paint::focus_ring(ui, rect, &response, 10);
    tag_menu(&response, opened, tag, commands);
    if response.on_hover_text("Show only images with this tag; click again to show all").clicked() {
        commands.push(Command::Query(QueryCommand::Include(test)));
    }
}

fn details_ui(ui: &mut Ui, opened: &Opened, image: ImageView<'_>, commands: &mut Vec<Command>) {
    head_with_link(ui, "Details", "Copy as JSON", || commands.push(Command::Canvas(CanvasCommand::CopyImageJson)));
    ui.add_space(2.0);
    let id = image.id().to_string();
    let short = format!("{}...{}", &id[..13], &id[id.len() - 4..]);
    let response = fact(ui, "id", &short, &id).on_hover_text(format!("{id}\nClick to copy")).interact(Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Copy the id {id}")));
    paint::focus_ring(ui, response.rect, &response, 4);
    if response.clicked() {
        commands.push(Command::Window(WindowCommand::CopyText(id)));
    }
    let created = image.created();
    let (words, whole) = match created {
        Some(created) => (created.display_text(), created.to_string()),
        None => ("-".to_owned(), "no date".to_owned()),
    };
    fact(ui, "created", &words, &whole);
    let size = match image.size() {
        (0, _) | (_, 0) => "unknown".to_owned(),
        (width, height) => format!("{width} × {height} px"),
    };
    // The picture that the service keeps for training: it may be smaller than the original.
    fact(ui, "listed", &size, &format!("listed size {size}"));
    let picture = |source| opened.pictures.get(&(image.ix, source));
    if let Some(info) = picture(PictureSource::Original) {
        let words = picture_text(info);
        fact(ui, "original", &words, &words);
    } else if let Some((width, height)) = opened.catalogue.original_size(image.ix) {
        let words = format!("{width} × {height} px");
        fact(ui, "original", &words, &words);
    } else if let Some(info) = picture(PictureSource::Resized) {
        let words = picture_text(info);
        fact(ui, if image.is_original_size() { "original" } else { "picture" }, &words, &words);
    }
    for (name, value) in image.metadata() {
        fact(ui, name, value, value);
    }
}

/// `3,264 × 2,448 px, JPEG, 2.1 MiB`.
fn picture_text(info: &PictureInfo) -> String {
    let turned = if info.is_turned { ", rotated by EXIF" } else { "" };
    let end = if info.lacks_end { ", no end marker" } else { "" };
    format!("{} × {} px, {}, {}{turned}{end}", info.width, info.height, info.format, text::bytes(info.bytes))
}

/// A section's head with something to do at its right end.
fn head_with_link(ui: &mut Ui, title: &str, label: &str, act: impl FnOnce()) {
    let width = ui.available_width();
    ui.horizontal(|ui| {
        ui.set_min_width(width);
        let tokens = theme::of(ui);
        let heading = text::label(ui, title, theme::semibold(tokens::SMALL), tokens.dim);
        heading.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if link_sized(ui, label, tokens::SMALL).clicked() {
                act();
            }
        });
    });
}

/// A name and a value side by side; the value is cut where it does not fit, and shown whole on hover.
fn fact(ui: &mut Ui, name: &str, value: &str, whole: &str) -> egui::Response {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {whole}")));
    let font = theme::font(12.5);
    let left = rect.left() + (rect.width() * 0.28).min(110.0);
    text::paint_elided(ui.painter(), rect.left_center(), name, font.clone(), tokens.dim, left - rect.left() - 8.0);
    let galley = text::elided(ui.painter(), value, font, tokens.text, rect.right() - left);
    let is_cut = galley.elided;
    let y = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(left, y), galley, tokens.text);
    if is_cut { response.on_hover_text(whole) } else { response }
}

fn problems_ui(ui: &mut Ui, image: ImageView<'_>) {
    let problems = image.problems();
    if problems.is_empty() {
        return;
    }
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "Problems", Some(&text::thousands(problems.len() as u64)));
    ui.add_space(tokens::GAP_SMALL);
    let tokens = theme::of(ui);
    let (icon, color) = message::mark(tokens, app::Severity::Warning);
    for problem in problems.iter().take(50) {
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
            icons::paint(ui.painter(), rect.center(), icon, 15.0, color);
            text::paragraph(ui, &problem.to_string(), theme::font(tokens::SMALL), tokens.text);
        });
        ui.add_space(tokens::GAP_SMALL);
    }
    if problems.len() > 50 {
        text::hint(ui, &format!("and {} more", problems.len() - 50));
    }
}

/// Tags listed at most; the rest is a count.
const MOST_TAGS: usize = 12;

/// The sums over the selection and what they were made of: made again only when the selection has changed.
#[derive(Debug, Default)]
struct Summary {
    key: Option<(u64, u64, usize)>,
    regions: u64,
    without_regions: u64,
    /// Tag and number of chosen images that have it, most first.
    tags: Vec<(TagIx, u32)>,
}

impl Summary {
    fn update(&mut self, opened: &Opened) {
        let key = (opened.generation, opened.selection.revision(), opened.selection.len());
        if self.key == Some(key) {
            return;
        }
        let mut counts = vec![0; opened.catalogue.tags().len()];
        let mut seen = vec![u32::MAX; counts.len()];
        *self = Self { key: Some(key), ..Self::default() };
        for image in opened.selection.iter().filter_map(|ix| opened.catalogue.get(ix)) {
            self.regions += image.region_count() as u64;
            self.without_regions += u64::from(image.region_count() == 0);
            let of_regions = image.regions().map(|region| region.tag);
            for tag in image.tags().iter().copied().chain(of_regions) {
                if seen[tag.index()] != image.ix.0 {
                    seen[tag.index()] = image.ix.0;
                    counts[tag.index()] += 1;
                }
            }
        }
        self.tags = counts.into_iter().enumerate().map(|(at, count)| (TagIx(at as u16), count)).collect();
        self.tags.retain(|&(_, count)| count > 0);
        self.tags.sort_by_key(|&(tag, count)| (std::cmp::Reverse(count), tag));
    }
}

fn summary_ui(ui: &mut Ui, opened: &Opened, summary: &mut Summary, commands: &mut Vec<Command>) {
    summary.update(opened);
    text::section(ui, "Selection", Some(&text::count(opened.selection.len() as u64, "image", "images")));
    ui.add_space(2.0);
    line(ui, "Regions", summary.regions);
    if summary.without_regions > 0 {
        line(ui, "Images without regions", summary.without_regions);
    }
    for &(tag, count) in summary.tags.iter().take(MOST_TAGS) {
        let entry = opened.catalogue.tags().get(tag);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("{}: {count} of the selected images", entry.name))
        });
        crate::widgets::row::band(ui, rect.expand2(vec2(6.0, 0.0)), &response, false);
        choice::swatch(ui, pos2(rect.left() + 5.0, rect.center().y), TagStyle::of(entry).color, false);
        let tokens = theme::of(ui);
        let name = pos2(rect.left() + 18.0, rect.center().y);
        text::paint_elided(
            ui.painter(),
            name,
            &entry.name,
            theme::font(tokens::BODY),
            tokens.text,
            rect.width() - 18.0 - figure(ui, rect, u64::from(count)) - tokens::GAP,
        );
        if response.on_hover_text("Show only images with this tag; click again to show all").clicked() {
            commands.push(Command::Query(QueryCommand::Include(edit::tag(&entry.name))));
        }
    }
    if summary.tags.len() > MOST_TAGS {
        let more = summary.tags.len() - MOST_TAGS;
        text::hint(ui, &format!("and {}", text::count(more as u64, "more tag", "more tags")));
    }
}

fn line(ui: &mut Ui, name: &str, number: u64) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {number}")));
    let tokens = theme::of(ui);
    text::paint_elided(
        ui.painter(),
        rect.left_center(),
        name,
        theme::font(tokens::BODY),
        tokens.dim,
        rect.width() - figure(ui, rect, number) - tokens::GAP,
    );
}

/// Paints the count at the right end; returns its width.
fn figure(ui: &Ui, rect: egui::Rect, number: u64) -> f32 {
    choice::figure_right(ui, rect.right_center(), number, theme::of(ui).dim, rect.width() * 0.5).width
}
