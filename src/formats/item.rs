//! An image on its way into a format, and the decision what of it goes there.

use rustc_hash::FxHashSet;

use super::classes::ClassList;
use super::options::{EdgeRule, FormatOptions};
use super::rules::{Rules, TagPlace};
use super::split::SplitPart;
use domain::{ImageView, PixelRect, RegionId, RegionView, Timestamp, UnitRect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Below the export, with forward slashes. Without pictures: what it would be, without extension.
    pub path: &'a str,
    /// Upright width of this very file in pixels; 0 when it cannot be read.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
}

impl<'a> Picture<'a> {
    /// Its name without folder.
    pub fn file_name(self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Its name without folder and extension.
    pub fn stem(self) -> &'a str {
        let name = self.file_name();
        match self.extension() {
            "" => name,
            extension => &name[..name.len() - extension.len() - 1],
        }
    }

    /// Its extension without the dot; empty when no picture is exported. A stem ends with an id, so what follows a dot in
    /// it is longer than any extension.
    pub fn extension(self) -> &'a str {
        match self.file_name().rsplit_once('.') {
            Some((_, extension)) if (1..=4).contains(&extension.len()) => extension,
            _ => "",
        }
    }
}

/// An image with what of it goes into a format.
#[derive(Clone)]
pub struct ExportItem<'a> {
    pub image: ImageView<'a>,
    pub picture: Picture<'a>,
    pub part: SplitPart,
    /// The regions to be written.
    pub regions: Vec<Labeled>,
    /// Classes of the whole image to be written, from 0.
    pub tags: Vec<usize>,
}

/// A region to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labeled {
    pub id: RegionId,
    /// Its class, from 0.
    pub class: usize,
    /// As the service lists it.
    pub listed: UnitRect,
    /// In pixels: to the last bit what is listed, unless it was cut.
    pub pixels: PixelRect,
    /// Left, top, right and bottom in fractions, never outside 0..1.
    pub corners: [f64; 4],
    pub created: Option<Timestamp>,
}

impl Labeled {
    /// Left, top, width and height in fractions, of what is inside: as they are listed, unless it was cut.
    pub fn fractions(&self) -> [f64; 4] {
        let UnitRect { left, top, width, height } = self.listed;
        if !self.listed.leaves_image() {
            return [left, top, width, height].map(f64::from);
        }
        let [left, top, right, bottom] = self.corners;
        [left, top, right - left, bottom - top]
    }

    /// Left, top, right and bottom in pixels, never outside the picture.
    pub fn edges(&self, picture: Picture<'_>) -> [f64; 4] {
        let (width, height) = (f64::from(picture.width), f64::from(picture.height));
        let [left, top, right, bottom] = self.corners;
        [left * width, top * height, right * width, bottom * height]
    }
}

/// The first whole pixel of a span, and the one behind its last, rounded outwards: at least one pixel, inside the picture.
/// What single precision adds or takes at an edge on a whole pixel is no part of another one.
pub fn whole_pixels(low: f64, high: f64, side: u32) -> (u32, u32) {
    let length = f64::from(side);
    let slack = 1e-6 * length;
    let first = (low + slack).floor().clamp(0.0, (length - 1.0).max(0.0));
    let end = (high - slack).ceil().clamp(first + 1.0, length.max(first + 1.0));
    (first as u32, end as u32)
}

/// What becomes of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionFate {
    /// Written as it is.
    Kept,
    /// Written, cut at the edges of the picture.
    Cut,
    /// Left out: no width, no height, or not a number.
    Empty,
    /// Left out: nothing of it is inside the picture.
    Outside,
    /// Left out: it reaches outside, and that was to be left out.
    Reaching,
    /// Left out: smaller than the smallest that was requested.
    Small,
    /// Left out: its tag is not a class.
    NoClass,
    /// Left out: the same box of the same class is there already.
    Double,
    /// Left out: the format has no boxes for this kind of project.
    NoBoxes,
}

impl RegionFate {
    pub fn is_left_out(self) -> bool {
        !matches!(self, Self::Kept | Self::Cut)
    }

    /// Why, in words; `None` when nothing happened to it.
    pub fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Kept => return None,
            Self::Cut => "The region reaches outside the image and was clipped at its edge.",
            Self::Empty => "The region has no area.",
            Self::Outside => "The region lies outside the image.",
            Self::Reaching => "The region reaches outside the image.",
            Self::Small => "The region is smaller than the requested minimum.",
            Self::NoClass => "Its tag marks images without objects, so it is not a category.",
            Self::Double => "It duplicates another box of the same tag.",
            Self::NoBoxes => "The format cannot store boxes of a classification project.",
        })
    }
}

/// The decision about an image.
pub struct JudgedImage<'a> {
    /// What is to be written; or why the image is left out.
    pub item: Result<ExportItem<'a>, String>,
    /// What becomes of each region, in the order of the service. Empty when the image is left out.
    pub fates: Vec<RegionFate>,
    /// Tags of the whole image that no region carries into the format and that it has no place for.
    pub lost_tags: usize,
}

impl JudgedImage<'_> {
    fn left_out(reason: impl Into<String>) -> Self {
        JudgedImage { item: Err(reason.into()), fates: Vec::new(), lost_tags: 0 }
    }
}

/// Decides what of an image goes into a format.
pub fn judge<'a>(
    rules: Rules,
    options: &FormatOptions,
    classes: &ClassList,
    image: ImageView<'a>,
    picture: Picture<'a>,
    part: SplitPart,
) -> JudgedImage<'a> {
    if rules.is_verbatim {
        if options.are_negatives_left_out && image.region_count() == 0 && classes_of(image, classes).next().is_none() {
            return JudgedImage::left_out("It has neither a region nor a tag.");
        }
        let item = ExportItem { image, picture, part, regions: Vec::new(), tags: Vec::new() };
        return JudgedImage { item: Ok(item), fates: vec![RegionFate::Kept; image.region_count()], lost_tags: 0 };
    }
    if rules.refused.contains(&picture.extension()) {
        let kind = picture.extension().to_uppercase();
        return JudgedImage::left_out(format!("Readers of the format do not accept pictures of this type ({kind})."));
    }
    if picture.width == 0 || picture.height == 0 {
        return JudgedImage::left_out("The format needs the picture's size, which cannot be read.");
    }
    let (mut regions, mut fates, mut seen) = (Vec::new(), Vec::new(), FxHashSet::default());
    for region in image.regions() {
        let (mut fate, labeled) = weigh(rules, options, classes, region, picture);
        if let Some(labeled) = labeled {
            let key = (labeled.class, labeled.corners.map(f64::to_bits));
            if rules.drops_doubles && !seen.insert(key) {
                fate = RegionFate::Double;
            } else {
                regions.push(labeled);
            }
        }
        fates.push(fate);
    }
    // Tags that no written region carries: most images of a detection project have none.
    let mut known: FxHashSet<usize> = FxHashSet::default();
    if rules.has_boxes {
        known.extend(regions.iter().map(|region| region.class));
    }
    let mut tags: Vec<usize> = classes_of(image, classes).filter(|&class| known.insert(class)).collect();
    let is_negative = regions.is_empty() && tags.is_empty();
    if (options.are_negatives_left_out && is_negative) || (rules.needs_region && regions.is_empty()) {
        return JudgedImage::left_out(if rules.has_boxes { "It has no regions." } else { "It has no tags." });
    }
    let mut lost_tags = 0;
    match (rules.tags, tags.len()) {
        (TagPlace::None, count) => {
            lost_tags = count;
            tags.clear();
        }
        (TagPlace::One, 0) => {
            return JudgedImage::left_out("It has no tag, and the format needs exactly one per image.");
        }
        (TagPlace::One, 2..) => {
            return JudgedImage::left_out(format!(
                "It has {} tags, and the format needs exactly one per image.",
                tags.len()
            ));
        }
        (TagPlace::One | TagPlace::Many, _) => {}
    }
    JudgedImage { item: Ok(ExportItem { image, picture, part, regions, tags }), fates, lost_tags }
}

/// The classes of the image as a whole, in its order.
fn classes_of<'a>(image: ImageView<'a>, classes: &'a ClassList) -> impl Iterator<Item = usize> + 'a {
    image.tags().iter().filter_map(|&tag| classes.index(tag))
}

fn weigh(
    rules: Rules,
    options: &FormatOptions,
    classes: &ClassList,
    region: RegionView,
    picture: Picture<'_>,
) -> (RegionFate, Option<Labeled>) {
    let Some(class) = classes.index(region.tag) else { return (RegionFate::NoClass, None) };
    if !rules.has_boxes {
        return (RegionFate::NoBoxes, None);
    }
    let rect = region.rect;
    if rect.is_empty() || !rect.width.is_finite() || !rect.height.is_finite() {
        return (RegionFate::Empty, None);
    }
    let corners = corners(rect);
    if corners[2] <= corners[0] || corners[3] <= corners[1] {
        return (RegionFate::Outside, None);
    }
    let is_cut = rect.leaves_image();
    if is_cut && options.edges == EdgeRule::Drop {
        return (RegionFate::Reaching, None);
    }
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let pixels = if is_cut {
        let (x, y) = (corners[0] * width, corners[1] * height);
        PixelRect { x, y, width: (corners[2] * width).min(width) - x, height: (corners[3] * height).min(height) - y }
    } else {
        rect.in_pixels(picture.width, picture.height)
    };
    if pixels.width < options.min_region_pixels || pixels.height < options.min_region_pixels {
        return (RegionFate::Small, None);
    }
    let labeled = Labeled { id: region.id, class, listed: rect, pixels, corners, created: region.created };
    (if is_cut { RegionFate::Cut } else { RegionFate::Kept }, Some(labeled))
}

/// Left, top, right and bottom of the part inside the image.
fn corners(rect: UnitRect) -> [f64; 4] {
    let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(f64::from);
    [left, top, left + width, top + height].map(|edge| edge.clamp(0.0, 1.0))
}
