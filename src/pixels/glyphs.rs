//! Lines of text as outlines: egui's own fonts first, then those given for letters that these lack. An emoji of a font
//! that has pictures for letters is a picture.

use skrifa::bitmap::{BitmapData, BitmapGlyph, Origin};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use tiny_skia::{ColorU8, FilterQuality, Path, PathBuilder, Pixmap, PixmapPaint, Transform};

use crate::{DecodeRequest, decode};

/// A font next to the built-in one.
#[derive(Clone, Copy)]
pub struct FontFile<'a> {
    /// The file: TrueType, OpenType or a collection.
    pub bytes: &'a [u8],
    /// Which face of a collection.
    pub index: u32,
}

impl FontFile<'_> {
    /// Whether it has an outline or a PNG for a letter; `false` too when it cannot be read.
    pub fn has(&self, letter: char) -> bool {
        FontRef::from_index(self.bytes, self.index).is_ok_and(|font| has(&font, letter))
    }
}

/// The letters of a text that the built-in fonts lack.
pub fn missing_letters(text: &str) -> Vec<char> {
    let fonts = Fonts::new(&[]);
    let is_missing = |letter: &char| !is_unseen(*letter) && !fonts.0.iter().any(|font| has(font, *letter));
    text.chars().filter(is_missing).collect()
}

fn has(font: &FontRef<'_>, letter: char) -> bool {
    let has_shape = |glyph| font.outline_glyphs().get(glyph).is_some() || emblem(font, glyph, 1.0).is_some();
    font.charmap().map(letter).is_some_and(has_shape)
}

/// Control characters, and those that join letters or choose between their forms: nothing is drawn for them.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Fonts in the order in which a letter is looked for.
pub(super) struct Fonts<'a>(Vec<FontRef<'a>>);

/// A line of text.
pub(super) struct Outline<'a> {
    /// `None` when nothing of it is an outline.
    pub(super) path: Option<Path>,
    /// Letters that are pictures.
    pub(super) emblems: Vec<Emblem<'a>>,
    /// From the first letter's left to where a next one would begin.
    pub(super) width: f32,
    /// Whether a letter is in none of the fonts; an empty box stands for it.
    pub(super) lacks_letters: bool,
}

/// A letter that is a picture, and where it stands.
pub(super) struct Emblem<'a> {
    /// A PNG from a font: not to be trusted.
    pub(super) png: &'a [u8],
    /// Left, top, width and height in pixels.
    pub(super) place: [f32; 4],
}

impl Emblem<'_> {
    /// Paints it; one that cannot be decoded leaves its place empty.
    pub(super) fn paint(&self, pixmap: &mut Pixmap) -> Option<()> {
        let [left, top, width, height] = self.place;
        let request = DecodeRequest { max_side: Some(width.max(height).ceil() as u32), ..DecodeRequest::default() };
        let picture = decode(self.png, request).ok()?.raster;
        let mut letter = Pixmap::new(picture.width(), picture.height())?;
        for (pixel, rgba) in letter.pixels_mut().iter_mut().zip(picture.rgba().chunks_exact(4)) {
            let [red, green, blue, alpha] = *rgba else { continue };
            *pixel = ColorU8::from_rgba(red, green, blue, alpha).premultiply();
        }
        let place =
            Transform::from_row(width / picture.width() as f32, 0.0, 0.0, height / picture.height() as f32, left, top);
        let look = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
        pixmap.draw_pixmap(0, 0, letter.as_ref(), &look, place, None);
        Some(())
    }
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
    pub(super) fn outline(&self, text: &str, size: f32, x: f32, baseline: f32) -> Outline<'a> {
        let mut pen = Pen { builder: PathBuilder::new(), x, baseline };
        let mut emblems = Vec::new();
        let mut lacks_letters = false;
        let shown = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
        for letter in shown.filter(|&letter| !is_unseen(letter)) {
            let advance = self.0.iter().find_map(|font| draw(font, letter, size, &mut pen, &mut emblems));
            pen.x += advance.unwrap_or_else(|| {
                lacks_letters = true;
                pen.empty_box(size)
            });
        }
        Outline { path: pen.builder.finish(), emblems, width: pen.x - x, lacks_letters }
    }
}

/// Draws a letter and gives its advance; `None` when the font lacks it.
fn draw<'a>(font: &FontRef<'a>, letter: char, size: f32, pen: &mut Pen, emblems: &mut Vec<Emblem<'a>>) -> Option<f32> {
    let glyph = font.charmap().map(letter)?;
    let advance = font.glyph_metrics(Size::new(size), LocationRef::default()).advance_width(glyph)?;
    if let Some(outline) = font.outline_glyphs().get(glyph) {
        outline.draw(DrawSettings::unhinted(Size::new(size), LocationRef::default()), pen).ok()?;
    } else {
        let (found, png) = emblem(font, glyph, size)?;
        let scale = size / found.ppem_y.max(1.0);
        let (width, height) = (found.width as f32 * scale, found.height as f32 * scale);
        let top = match found.placement_origin {
            Origin::TopLeft => found.inner_bearing_y * scale,
            Origin::BottomLeft => found.inner_bearing_y * scale + height,
        };
        emblems.push(Emblem { png, place: [pen.x + found.inner_bearing_x * scale, pen.baseline - top, width, height] });
    }
    Some(advance)
}

/// The font's picture of a letter for letters of `size` pixels, when it has one and it is a PNG.
fn emblem<'a>(font: &FontRef<'a>, glyph: GlyphId, size: f32) -> Option<(BitmapGlyph<'a>, &'a [u8])> {
    let found = font.bitmap_strikes().glyph_for_size(Size::new(size), glyph)?;
    match found.data {
        BitmapData::Png(png) => Some((found, png)),
        BitmapData::Bgra(_) | BitmapData::Mask(_) => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_joins_letters_is_neither_missing_nor_drawn() {
        assert_eq!(missing_letters("fork \u{1f374}\u{fe0f}\n"), ['\u{1f374}']);
        let fonts = Fonts::new(&[]);
        let plain = fonts.outline("fork", 20.0, 0.0, 20.0);
        let joined = fonts.outline("fo\u{200d}rk\u{fe0f}", 20.0, 0.0, 20.0);
        assert!(!joined.lacks_letters && joined.width == plain.width);
        assert!(fonts.outline("\u{1f374}", 20.0, 0.0, 20.0).lacks_letters);
    }
}
