//! Which fonts the window uses. No font file is part of the project: the system's interface font is read at the start
//! (by the desktop, which does the I/O), and where there is none egui's own is in.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// A pair of files of one family.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub regular: &'static str,
    /// The same family's semibold, or bold.
    pub semibold: &'static str,
}

const fn pair(regular: &'static str, semibold: &'static str) -> Candidate {
    Candidate { regular, semibold }
}

/// Where interface fonts stand, the most wanted first. Take the first pair whose regular face can be read; its semibold
/// may be missing.
pub const CANDIDATES: &[Candidate] = &[
    // Inter: Debian and Ubuntu, Fedora, openSUSE, Arch, by hand.
    pair("/usr/share/fonts/opentype/inter/Inter-Regular.otf", "/usr/share/fonts/opentype/inter/Inter-SemiBold.otf"),
    pair("/usr/share/fonts/truetype/inter/Inter-Regular.ttf", "/usr/share/fonts/truetype/inter/Inter-SemiBold.ttf"),
    pair("/usr/share/fonts/rsms-inter-fonts/Inter-Regular.otf", "/usr/share/fonts/rsms-inter-fonts/Inter-SemiBold.otf"),
    pair("/usr/share/fonts/inter/Inter-Regular.otf", "/usr/share/fonts/inter/Inter-SemiBold.otf"),
    pair("/usr/local/share/fonts/Inter-Regular.otf", "/usr/local/share/fonts/Inter-SemiBold.otf"),
    // Windows.
    pair("C:\\Windows\\Fonts\\segoeui.ttf", "C:\\Windows\\Fonts\\seguisb.ttf"),
    // macOS: SFNS is one variable file, whose default is the regular weight.
    pair("/System/Library/Fonts/SFNS.ttf", "/System/Library/Fonts/SFNS.ttf"),
    pair("/System/Library/Fonts/HelveticaNeue.ttc", "/System/Library/Fonts/HelveticaNeue.ttc"),
    // Other desktops.
    pair("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "/usr/share/fonts/truetype/noto/NotoSans-SemiBold.ttf"),
    pair("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"),
    pair("/usr/share/fonts/noto/NotoSans-Regular.ttf", "/usr/share/fonts/noto/NotoSans-SemiBold.ttf"),
    pair("/usr/share/fonts/google-noto/NotoSans-Regular.ttf", "/usr/share/fonts/google-noto/NotoSans-SemiBold.ttf"),
    pair(
        "/usr/share/fonts/opentype/cantarell/Cantarell-VF.otf",
        "/usr/share/fonts/opentype/cantarell/Cantarell-VF.otf",
    ),
    pair("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    pair("/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf"),
];

/// The bytes of a pair, as far as they could be read.
#[derive(Clone, Debug, Default)]
pub struct FontFiles {
    pub regular: Option<Vec<u8>>,
    pub semibold: Option<Vec<u8>>,
}

const REGULAR: &str = "interface";
const SEMIBOLD: &str = "interface-semibold";
const ICONS: &str = "icons";

pub fn semibold_family() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

pub fn icon_family() -> FontFamily {
    FontFamily::Name(ICONS.into())
}

/// egui's fonts with the system's interface font before them, and the icons.
///
/// Files that no font can be read from are left out, so a damaged file costs only its looks.
pub fn definitions(files: FontFiles) -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let base = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let mut chain = base.clone();
    if let Some(bytes) = files.regular.filter(|bytes| is_font(bytes)) {
        fonts.font_data.insert(REGULAR.to_owned(), Arc::new(FontData::from_owned(bytes)));
        chain.insert(0, REGULAR.to_owned());
    }
    let mut semibold = chain.clone();
    if let Some(mut data) = files.semibold.filter(|bytes| is_font(bytes)).map(FontData::from_owned) {
        // A variable file holds all weights; a static one has no axis and stays as it is.
        if data.variation_axes().iter().any(|axis| axis.tag == egui::epaint::text::Tag::new(b"wght")) {
            data.tweak.coords = egui::epaint::text::VariationCoords::new([(b"wght", 600.0)]);
        }
        fonts.font_data.insert(SEMIBOLD.to_owned(), Arc::new(data));
        semibold.insert(0, SEMIBOLD.to_owned());
    }
    let icons = egui_material_icons::font_insert().data;
    fonts.font_data.insert(ICONS.to_owned(), Arc::new(icons));
    let mut icon_chain = vec![ICONS.to_owned()];
    icon_chain.extend(base);
    fonts.families.insert(icon_family(), icon_chain);
    fonts.families.insert(FontFamily::Proportional, chain);
    fonts.families.insert(semibold_family(), semibold);
    fonts
}

/// TrueType, OpenType or a collection, by the first bytes and a sane length.
fn is_font(bytes: &[u8]) -> bool {
    let tags: [&[u8]; 4] = [&[0, 1, 0, 0], b"OTTO", b"ttcf", b"true"];
    bytes.len() > 1024 && tags.iter().any(|tag| bytes.starts_with(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_files_every_family_still_has_a_font() {
        let fonts = definitions(FontFiles::default());
        for family in [FontFamily::Proportional, semibold_family(), icon_family()] {
            let chain = fonts.families.get(&family).expect("family");
            assert!(!chain.is_empty() && chain.iter().all(|name| fonts.font_data.contains_key(name)), "{family:?}");
        }
    }

    #[test]
    fn damaged_files_are_left_out() {
        let files = FontFiles { regular: Some(vec![0; 4096]), semibold: Some(b"OTTO".to_vec()) };
        let fonts = definitions(files);
        assert!(!fonts.font_data.contains_key(REGULAR) && !fonts.font_data.contains_key(SEMIBOLD));
    }
}
