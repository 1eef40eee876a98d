//! What only all images together show. Boxes that are unlike the others of their tag, in size or in shape: both are
//! measured by their logarithm, because half and double are as unlike; what is usual is the median and the median
//! absolute deviation, which a few wrong boxes cannot move. And tags that are used once, or named nearly like another.

use rustc_hash::FxHashMap;

use super::CheckOptions;
use super::finding::{Facts, Finding, OutlierMeasure};
use super::image::{is_tiny, is_whole};
use crate::catalogue::{Catalogue, ImageIx, RegionIx, TagIx};
use crate::geometry::UnitRect;

/// The standard deviation of a normal distribution, in its median absolute deviations.
const DEVIATION: f32 = 1.4826;
/// The least deviation: boxes of a tag that are all alike to the pixel do not make outliers of those that differ a
/// little. Six of it are a factor of 1.8.
const LEAST_DEVIATION: f32 = 0.1;

#[derive(Default)]
struct Sample {
    boxes: Vec<(ImageIx, RegionIx)>,
    sizes: Vec<f32>,
    shapes: Vec<f32>,
}

/// What is usual.
#[derive(Clone, Copy)]
struct Usual {
    median: f32,
    deviation: f32,
}

impl Usual {
    fn of(values: &[f32], space: &mut Vec<f32>) -> Self {
        space.clear();
        space.extend_from_slice(values);
        let median = median(space);
        space.iter_mut().for_each(|value| *value = (*value - median).abs());
        Self { median, deviation: (DEVIATION * self::median(space)).max(LEAST_DEVIATION) }
    }

    fn score(self, value: f32) -> f32 {
        (value - self.median).abs() / self.deviation
    }
}

/// The middle value; of an even number the upper one. 0 of none.
fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// Width over height: in pixels where the size of the picture is known.
fn shape(rect: UnitRect, size: (u32, u32)) -> f32 {
    let picture = if size.0 > 0 && size.1 > 0 { size.0 as f32 / size.1 as f32 } else { 1.0 };
    rect.width / rect.height * picture
}

pub(super) fn check_outliers(catalogue: &Catalogue, options: &CheckOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut space = Vec::new();
    for (tag, sample) in samples(catalogue, options) {
        let sizes = Usual::of(&sample.sizes, &mut space);
        let shapes = Usual::of(&sample.shapes, &mut space);
        for (place, &(image, region)) in sample.boxes.iter().enumerate() {
            let (size, shape) = (sample.sizes[place], sample.shapes[place]);
            let (of_size, of_shape) = (sizes.score(size), shapes.score(shape));
            let (measure, value, usual, score) = if of_size >= of_shape {
                (OutlierMeasure::Size, size, sizes, of_size)
            } else {
                (OutlierMeasure::Shape, shape, shapes, of_shape)
            };
            if score > options.outlier {
                let facts = Facts::Outlier { measure, value: value.exp(), median: usual.median.exp(), score };
                found.push(Finding::on(image, facts).about(region, tag));
            }
        }
    }
    found.sort_by_key(|finding| (finding.image, finding.regions));
    found
}

/// The boxes of each tag that has enough of them. What is reported as tiny or as the whole image is left out.
fn samples(catalogue: &Catalogue, options: &CheckOptions) -> impl Iterator<Item = (TagIx, Sample)> {
    let least = options.outlier_sample as usize;
    let mut samples: Vec<_> = catalogue
        .tags()
        .iter()
        .map(|(_, entry)| {
            let room = entry.region_count as usize;
            if room < least {
                return None;
            }
            let column = || Vec::with_capacity(room);
            Some(Sample { boxes: Vec::with_capacity(room), sizes: column(), shapes: column() })
        })
        .collect();
    for image in catalogue.iter() {
        let size = image.pixel_size();
        for region in image.regions() {
            let Some(Some(sample)) = samples.get_mut(region.tag.index()) else { continue };
            let rect = region.rect;
            if rect.is_sound() && !is_tiny(rect, size, options) && !is_whole(rect, options) {
                sample.boxes.push((image.ix, region.ix));
                sample.sizes.push(rect.area().ln());
                sample.shapes.push(shape(rect, size.sides()).ln());
            }
        }
    }
    let tags = samples.into_iter().enumerate();
    tags.filter_map(move |(tag, sample)| {
        sample.filter(|sample| sample.boxes.len() >= least).map(|sample| (TagIx(tag as u16), sample))
    })
}

/// How a tag is used.
#[derive(Clone, Copy, Default)]
struct Use {
    images: u32,
    /// Where it was met first.
    first: Option<(ImageIx, Option<RegionIx>)>,
}

pub(super) fn check_tags(catalogue: &Catalogue, found: &mut Vec<Finding>) {
    let uses = uses(catalogue);
    let on_first = |tag: TagIx, other: Option<TagIx>, facts| {
        let first = uses[tag.index()].first;
        Finding {
            image: first.map(|(image, _)| image),
            regions: [first.and_then(|(_, region)| region), None],
            tags: [Some(tag), other],
            facts,
        }
    };
    for (tag, entry) in catalogue.tags().iter() {
        if uses[tag.index()].images == 1 && !entry.is_negative() {
            found.push(on_first(tag, None, Facts::RareTag));
        }
    }
    for mut alike in alike(catalogue) {
        // The most used one is meant; the others are slips.
        alike.sort_by_key(|tag| (std::cmp::Reverse(uses[tag.index()].images), *tag));
        let Some((&meant, slips)) = alike.split_first() else { continue };
        for &slip in slips {
            let facts = Facts::TagName { images: uses[slip.index()].images, other_images: uses[meant.index()].images };
            found.push(on_first(slip, Some(meant), facts));
        }
    }
}

/// On how many images each tag is, on the image itself or on one of its regions.
fn uses(catalogue: &Catalogue) -> Vec<Use> {
    let mut uses = vec![Use::default(); catalogue.tags().len()];
    let mut last = vec![None; uses.len()];
    for image in catalogue.iter() {
        let of_regions = image.regions().map(|region| (region.tag, Some(region.ix)));
        for (tag, region) in of_regions.chain(image.tags().iter().map(|&tag| (tag, None))) {
            if last[tag.index()].replace(image.ix) != Some(image.ix) {
                let tag_use = &mut uses[tag.index()];
                tag_use.images += 1;
                tag_use.first.get_or_insert((image.ix, region));
            }
        }
    }
    uses
}

/// Groups of tags whose names are alike but for case, spaces, hyphens and underscores.
fn alike(catalogue: &Catalogue) -> Vec<Vec<TagIx>> {
    let mut groups: FxHashMap<String, Vec<TagIx>> = FxHashMap::default();
    for (tag, entry) in catalogue.tags().iter() {
        let plain: String = entry.name.chars().filter(|&letter| is_said(letter)).flat_map(char::to_lowercase).collect();
        if !plain.is_empty() {
            groups.entry(plain).or_default().push(tag);
        }
    }
    let mut groups: Vec<_> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    groups
}

/// Whether a letter is heard when the name is spoken.
fn is_said(letter: char) -> bool {
    let is_unseen = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    !letter.is_whitespace() && !matches!(letter, '-' | '_') && !is_unseen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tests::{catalogue_named, catalogue_of, image_of};
    use crate::geometry::UnitRect;

    fn project(odd: UnitRect, count: usize) -> Catalogue {
        let usual = |n: usize| UnitRect::new(0.1, 0.1, 0.2 + 0.002 * (n % 7) as f32, 0.1 + 0.001 * (n % 5) as f32);
        let images = (0..count).map(|n| {
            let rect = if n + 1 == count { odd } else { usual(n) };
            image_of(n, (1_000, 1_000), &[(rect, 0)])
        });
        catalogue_of(images.collect())
    }

    fn outliers(odd: UnitRect, count: usize) -> Vec<OutlierMeasure> {
        let catalogue = project(odd, count);
        let found = check_outliers(&catalogue, &CheckOptions::default());
        found
            .iter()
            .map(|finding| match finding.facts {
                Facts::Outlier { measure, .. } => measure,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn what_is_far_from_usual_is_found_once() {
        assert_eq!(outliers(UnitRect::new(0.1, 0.1, 0.2, 0.1), 60), []);
        assert_eq!(outliers(UnitRect::new(0.1, 0.1, 0.8, 0.7), 60), [OutlierMeasure::Size]);
        assert_eq!(outliers(UnitRect::new(0.1, 0.1, 0.06, 0.4), 60), [OutlierMeasure::Shape]);
    }

    #[test]
    fn a_small_sample_says_nothing() {
        assert_eq!(outliers(UnitRect::new(0.1, 0.1, 0.8, 0.7), 29), []);
    }

    #[test]
    fn the_middle_value_of_none_is_no_panic() {
        assert_eq!((median(&mut []), median(&mut [3.0]), median(&mut [1.0, 2.0, f32::NAN])), (0.0, 3.0, 2.0));
    }

    fn found(names: &[&str], images: &[&[usize]]) -> Vec<(Option<u32>, &'static str, String)> {
        let rect = UnitRect::new(0.1, 0.1, 0.2, 0.2);
        let rows = images.iter().enumerate().map(|(n, tags)| {
            let boxes: Vec<_> = tags.iter().map(|&tag| (rect, tag)).collect();
            image_of(n, (100, 100), &boxes)
        });
        let catalogue = catalogue_named(rows.collect(), names);
        let mut found = Vec::new();
        check_tags(&catalogue, &mut found);
        let words = |finding: &Finding| finding.message(&catalogue);
        found.iter().map(|f| (f.image.map(|ix| ix.0), f.kind().name(), words(f))).collect()
    }

    #[test]
    fn a_tag_used_once_is_found_where_it_is() {
        let found = found(&["fork", "spoon"], &[&[0], &[0, 1], &[0, 0]]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1), (Some(1), "rare-tag"));
        assert!(found[0].2.contains("\"spoon\""), "{}", found[0].2);
    }

    #[test]
    fn names_alike_but_for_case_and_spaces_are_found_at_the_rarer_one() {
        let found = found(&["fork", "spoon", " Fork", "FO-RK"], &[&[0], &[0], &[0, 2], &[2, 1], &[1]]);
        let names: Vec<_> = found.iter().map(|(image, kind, _)| (*image, *kind)).collect();
        assert_eq!(names, [(Some(2), "tag-name"), (None, "tag-name")]);
        assert!(found[0].2.contains("\" Fork\"") && found[0].2.contains("\"fork\""), "{}", found[0].2);
    }

    #[test]
    fn names_in_other_scripts_and_without_letters_are_told_apart() {
        assert_eq!(found(&["猫", "犬", "-", "_", ""], &[&[0, 1], &[0, 1]]), []);
    }
}
