//! Lines of text as outlines: egui's own fonts first, then those given for letters that these lack.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider as _};
use tiny_skia::{Path, PathBuilder};

/// A font beside the built-in one.
#[derive(Clone, Copy)]
pub struct FontFile<'a> {
    /// The file: TrueType, OpenType or a collection.
    pub bytes: &'a [u8],
    /// Which face of a collection.
    pub index: u32,
}

impl FontFile<'_> {
    /// Whether it has an outline for a letter; `false` too when it cannot be read.
    pub fn has(&self, letter: char) -> bool {
        FontRef::from_index(self.bytes, self.index).is_ok_and(|font| has(&font, letter))
    }
}

/// The letters of a text that the built-in font lacks.
pub fn missing_letters(text: &str) -> Vec<char> {
    let Ok(font) = FontRef::new(epaint_default_fonts::HACK_REGULAR) else { return Vec::new() };
    text.chars().filter(|letter| !letter.is_control() && !has(&font, *letter)).collect()
}

fn has(font: &FontRef<'_>, letter: char) -> bool {
    font.charmap().map(letter).is_some_and(|glyph| font.outline_glyphs().get(glyph).is_some())
}

/// Fonts in the order in which a letter is looked for.
pub(super) struct Fonts<'a>(Vec<FontRef<'a>>);

/// A line of text.
pub(super) struct Outline {
    /// `None` when nothing of it can be seen.
    pub(super) path: Option<Path>,
    /// From the first letter's left to where a next one would begin.
    pub(super) width: f32,
    /// Whether a letter is in none of the fonts; an empty box stands for it.
    pub(super) lacks_letters: bool,
}

impl<'a> Fonts<'a> {
    /// The fonts with those of files besides; a file that cannot be read as a font is left out.
    pub(super) fn new(files: &[FontFile<'a>]) -> Self {
        Self::of([epaint_default_fonts::UBUNTU_LIGHT, epaint_default_fonts::HACK_REGULAR], files)
    }

    /// The same with strokes that hold at the size of a chip: those of the other font are lighter than a pixel there.
    pub(super) fn firm(files: &[FontFile<'a>]) -> Self {
        Self::of([epaint_default_fonts::HACK_REGULAR, epaint_default_fonts::UBUNTU_LIGHT], files)
    }

    fn of(own: [&'a [u8]; 2], files: &[FontFile<'a>]) -> Self {
        let own = own.into_iter().filter_map(|bytes| FontRef::new(bytes).ok());
        let others = files.iter().filter_map(|file| FontRef::from_index(file.bytes, file.index).ok());
        Self(own.chain(others).collect())
    }

    /// Lays out a line whose letters are `size` pixels high, from `x` on, on a baseline.
    pub(super) fn outline(&self, text: &str, size: f32, x: f32, baseline: f32) -> Outline {
        let mut pen = Pen { builder: PathBuilder::new(), x, baseline };
        let mut lacks_letters = false;
        for letter in text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
            let advance = self.0.iter().find_map(|font| draw(font, letter, size, &mut pen));
            pen.x += advance.unwrap_or_else(|| {
                lacks_letters = true;
                pen.empty_box(size)
            });
        }
        Outline { path: pen.builder.finish(), width: pen.x - x, lacks_letters }
    }
}

/// Draws a letter and gives its advance; `None` when the font lacks it.
fn draw(font: &FontRef<'_>, letter: char, size: f32, pen: &mut Pen) -> Option<f32> {
    let size = Size::new(size);
    let glyph = font.charmap().map(letter)?;
    let outline = font.outline_glyphs().get(glyph)?;
    outline.draw(DrawSettings::unhinted(size, LocationRef::default()), pen).ok()?;
    font.glyph_metrics(size, LocationRef::default()).advance_width(glyph)
}

/// Takes the font's outlines, whose y goes up.
struct Pen {
    builder: PathBuilder,
    x: f32,
    baseline: f32,
}

impl Pen {
    /// A frame instead of a letter; its advance.
    fn empty_box(&mut self, size: f32) -> f32 {
        let (left, right, top, line) = (self.x + size * 0.08, self.x + size * 0.52, size * 0.7, size * 0.06);
        let bottom = self.baseline;
        for (from, to, up, down) in [
            (left, right, top, top - line),
            (left, right, line, 0.0),
            (left, left + line, top, 0.0),
            (right - line, right, top, 0.0),
        ] {
            self.builder.move_to(from, bottom - up);
            self.builder.line_to(to, bottom - up);
            self.builder.line_to(to, bottom - down);
            self.builder.line_to(from, bottom - down);
            self.builder.close();
        }
        size * 0.6
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, self.baseline - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, self.baseline - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + cx, self.baseline - cy, self.x + x, self.baseline - y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (left, base) = (self.x, self.baseline);
        self.builder.cubic_to(left + cx0, base - cy0, left + cx1, base - cy1, left + x, base - y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}
