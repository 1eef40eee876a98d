//! Sums over the selection: images, regions, and how often each tag. Made again only when the selection has changed.

use egui::{Sense, Ui, WidgetInfo, pos2, vec2};

use crate::tag_style::TagStyle;
use crate::theme::{self, tokens};
use crate::widgets::{choice, text};
use app::state::Opened;
use app::{Command, QueryCommand};
use domain::TagIx;
use domain::query::edit;

/// Tags listed at most; the rest is a count.
const MOST_TAGS: usize = 12;

/// The sums and what they were made of.
#[derive(Debug, Default)]
pub(super) struct Summary {
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
                if seen[tag.at()] != image.ix.0 {
                    seen[tag.at()] = image.ix.0;
                    counts[tag.at()] += 1;
                }
            }
        }
        self.tags = counts.into_iter().enumerate().map(|(at, count)| (TagIx(at as u16), count)).collect();
        self.tags.retain(|&(_, count)| count > 0);
        self.tags.sort_by_key(|&(tag, count)| (std::cmp::Reverse(count), tag));
    }
}

pub(super) fn summary_ui(ui: &mut Ui, opened: &Opened, summary: &mut Summary, commands: &mut Vec<Command>) {
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
            WidgetInfo::labeled(egui::Role::Button, true, format!("{}: {count} of the selected images", entry.name))
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
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, format!("{name}: {number}")));
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
