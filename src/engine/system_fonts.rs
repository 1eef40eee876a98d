//! The system's fonts for letters that the built-in one lacks: names of tags are in any script.

use std::collections::BTreeSet;

use fontique::{Blob, Collection, CollectionOptions};

use domain::stats::Statistics;
use pixels::{FontFile, missing_letters};

/// Files of a hundred scripts are not mapped for one picture.
const MOST_FONTS: usize = 8;

#[derive(Default)]
pub(super) struct SystemFonts(Vec<(Blob<u8>, u32)>);

impl SystemFonts {
    /// Those that the names of tags and the caption need.
    pub(super) fn for_plots(figures: &Statistics, caption: &str) -> Self {
        Self::for_texts(figures.tags.iter().map(|count| &*count.name).chain([caption]))
    }

    /// Those that some texts need; none when the built-in font has all letters.
    pub(super) fn for_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self::covering(&mut texts.flat_map(missing_letters).collect())
    }

    /// Fonts that have these letters; those that no font has are left in `missing`.
    fn covering(missing: &mut BTreeSet<char>) -> Self {
        let mut found = Self::default();
        if missing.is_empty() {
            return found;
        }
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: true });
        let mut names: Vec<String> = collection.family_names().map(str::to_owned).collect();
        // Plain faces before serifs and fancy ones; by name, so that two pictures of one state are the same.
        names.sort_by_cached_key(|name| (!name.contains("Sans"), name.contains("Mono"), name.clone()));
        for name in names {
            if missing.is_empty() || found.0.len() == MOST_FONTS {
                break;
            }
            let Some(font) = collection.family_by_name(&name).and_then(|family| family.default_font().cloned()) else {
                continue;
            };
            let Some(blob) = font.load(None) else { continue };
            let before = missing.len();
            let file = FontFile { bytes: blob.as_ref(), index: font.index() };
            missing.retain(|&letter| !file.has(letter));
            if missing.len() < before {
                found.0.push((blob, font.index()));
            }
        }
        found
    }

    pub(super) fn files(&self) -> Vec<FontFile<'_>> {
        self.0.iter().map(|(blob, index)| FontFile { bytes: blob.as_ref(), index: *index }).collect()
    }
}

/// The scripts of `samples` (a name and one of its letters) that no font of the system has.
pub fn scripts_without_font<'a>(samples: &[(&'a str, char)]) -> Vec<&'a str> {
    let mut missing = samples.iter().flat_map(|(_, letter)| missing_letters(letter.encode_utf8(&mut [0; 4]))).collect();
    SystemFonts::covering(&mut missing);
    samples.iter().filter(|(_, letter)| missing.contains(letter)).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalogue::{Catalogue, ImageIx};
    use domain::stats::{Panel, gather};
    use pixels::plot_picture;

    /// Needs a font of the system with emoji, as `packaging/test.sh` installs it (fonts-noto-color-emoji).
    #[test]
    fn an_emoji_is_drawn_in_its_colors() {
        let figures = gather(&Catalogue::new(), std::iter::empty::<ImageIx>());
        let caption = "fork \u{1f374}\u{fe0f}, red \u{1f34e}";
        let fonts = SystemFonts::for_plots(&figures, caption);
        let colored = |fonts: &[FontFile<'_>]| {
            let picture = plot_picture(&figures, Panel::Tags, caption, fonts).expect("picture");
            picture.rgba().chunks_exact(4).filter(|pixel| pixel[0] > 180 && pixel[1] < 90 && pixel[2] < 90).count()
        };
        assert_eq!(colored(&[]), 0);
        assert!(colored(&fonts.files()) > 20, "no font with emoji is installed, or the apple is not red");
    }
}
