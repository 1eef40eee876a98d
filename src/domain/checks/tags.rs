//! Tags as such: used once, or named nearly like another.

use rustc_hash::FxHashMap;

use super::finding::{Facts, Finding};
use crate::catalogue::{Catalogue, ImageIx, RegionIx, TagIx};

/// How a tag is used.
#[derive(Clone, Copy, Default)]
struct Use {
    images: u32,
    /// Where it was met first.
    first: Option<(ImageIx, Option<RegionIx>)>,
}

pub(super) fn check(catalogue: &Catalogue, found: &mut Vec<Finding>) {
    let uses = uses(catalogue);
    let on_first = |tag: TagIx, other: Option<TagIx>, facts| {
        let first = uses[tag.at()].first;
        Finding {
            image: first.map(|(image, _)| image),
            regions: [first.and_then(|(_, region)| region), None],
            tags: [Some(tag), other],
            facts,
        }
    };
    for (tag, entry) in catalogue.tags().iter() {
        if uses[tag.at()].images == 1 && !entry.is_negative() {
            found.push(on_first(tag, None, Facts::RareTag));
        }
    }
    for mut alike in alike(catalogue) {
        // The most used one is meant; the others are slips.
        alike.sort_by_key(|tag| (std::cmp::Reverse(uses[tag.at()].images), *tag));
        let Some((&meant, slips)) = alike.split_first() else { continue };
        for &slip in slips {
            let facts = Facts::TagName { images: uses[slip.at()].images, other_images: uses[meant.at()].images };
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
            if last[tag.at()].replace(image.ix) != Some(image.ix) {
                let tag_use = &mut uses[tag.at()];
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
    use crate::checks::tests::{catalogue_named, image_of};
    use crate::geometry::UnitRect;

    fn found(names: &[&str], images: &[&[usize]]) -> Vec<(Option<u32>, &'static str, String)> {
        let rect = UnitRect::new(0.1, 0.1, 0.2, 0.2);
        let rows = images.iter().enumerate().map(|(n, tags)| {
            let boxes: Vec<_> = tags.iter().map(|&tag| (rect, tag)).collect();
            image_of(n, (100, 100), &boxes)
        });
        let catalogue = catalogue_named(rows.collect(), names);
        let mut found = Vec::new();
        check(&catalogue, &mut found);
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
