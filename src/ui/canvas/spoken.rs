//! What a screen reader says of the canvas, and what an image is called.

use super::counterpart;
use app::state::Opened;
use domain::ImageView;

/// The image, how many regions it has, a box that it lacks, and the selected region with its size and place in the row.
pub(super) fn image(opened: &Opened, image: ImageView<'_>, is_main: bool) -> String {
    let count = image.region_count();
    let regions = if count == 1 { "1 region".to_owned() } else { format!("{count} regions") };
    let head = if is_main { "Image with" } else { "Compared image with" };
    let missing = counterpart::missing(opened, image).filter(|_| is_main);
    let missing = missing.map(|region| format!(", {}", counterpart::name(opened, region))).unwrap_or_default();
    let lack = opened.predictions.lack(opened.generation, image.ix);
    let lack = lack.map(|words| format!(", {}", lower_first(&words))).unwrap_or_default();
    let range = image.region_range();
    let selected = opened.region.filter(|region| range.contains(&region.0));
    let Some(region) = selected.and_then(|region| opened.catalogue.region(region)) else {
        return format!("{head} {regions}{missing}{lack}");
    };
    let name = &opened.catalogue.tags().get(region.tag).name;
    let place = region.ix.0 - range.start + 1;
    let size = image.pixel_size().spoken_region_text(region.rect);
    let size = size.map_or_else(String::new, |size| format!(", {size}"));
    format!("{head} {regions}{missing}{lack}, {name} selected, {place} of {count}{size}")
}

fn lower_first(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// What an image is called: its file name where it has one, else the beginning of its id.
pub(super) fn name(image: ImageView<'_>) -> String {
    let named = image.name().map(str::to_owned);
    named.unwrap_or_else(|| image.id().to_string().chars().take(13).collect())
}
