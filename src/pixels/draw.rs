//! Boxes and names on pictures, and pieces cut out of them.

use tiny_skia::{Color, FillRule, Paint, Pixmap, Transform};

use super::glyphs::{Emblem, FontFile, Fonts, Outline};
use domain::Raster;

#[derive(Clone, Copy, Debug)]
pub struct DrawnBox<'a> {
    /// Left, top, right and bottom in pixels, inside the picture.
    pub edges: [f64; 4],
    /// The name above it.
    pub name: Option<&'a str>,
    /// The number of its class from 0: chooses the color.
    pub class: usize,
}

/// Colors that are distinguished on most pictures.
const COLORS: [[u8; 3]; 10] = [
    [230, 25, 75],
    [60, 180, 75],
    [0, 130, 200],
    [245, 130, 48],
    [145, 30, 180],
    [70, 240, 240],
    [240, 50, 230],
    [210, 245, 60],
    [255, 225, 25],
    [0, 128, 128],
];

/// The piece of a picture; `None` when it is not inside.
pub fn crop(raster: &Raster, left: u32, top: u32, width: u32, height: u32) -> Option<Raster> {
    let is_inside = left.checked_add(width)? <= raster.width() && top.checked_add(height)? <= raster.height();
    if !is_inside || width == 0 || height == 0 {
        return None;
    }
    let row = raster.width() as usize * 4;
    let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
    for line in raster.rgba().chunks_exact(row).skip(top as usize).take(height as usize) {
        rgba.extend_from_slice(line.get(left as usize * 4..(left + width) as usize * 4)?);
    }
    Raster::new(width, height, rgba)
}

/// A copy with boxes and their names, and the tags of the whole picture (name and class) in its top-left corner. A
/// `stroke` of 0 is chosen by the picture's size. Letters that the built-in font lacks are looked for in `fonts`. Also
/// whether a name has letters that none of them has: then the number of the class, from 1, is there.
pub fn draw_boxes(
    raster: &Raster,
    boxes: &[DrawnBox<'_>],
    tags: &[(&str, usize)],
    stroke: u32,
    fonts: &[FontFile<'_>],
) -> (Raster, bool) {
    let (width, height) = (raster.width(), raster.height());
    let side = width.max(height);
    let stroke = if stroke == 0 { (side / 400).max(1) } else { stroke.min(side) };
    let letters = (side as f32 / 50.0).clamp(9.0, 48.0);
    let fonts = Fonts::firm(fonts);
    let mut sheet = Sheet { width, height, rgba: raster.rgba().to_vec(), fonts, has_unknown_letters: false };
    for drawn in boxes {
        sheet.frame(drawn.edges, stroke, color(drawn.class));
    }
    // Names last: no line goes through them.
    for drawn in boxes {
        if let Some(name) = drawn.name {
            sheet.name(name, drawn.class, drawn.edges[0], drawn.edges[1], letters);
        }
    }
    let mut y = 0.0;
    for &(name, class) in tags {
        y += f64::from(sheet.name(name, class, 0.0, y, letters));
    }
    let Sheet { rgba, has_unknown_letters, .. } = sheet;
    (Raster::new(width, height, rgba).unwrap_or_else(|| raster.clone()), has_unknown_letters)
}

fn color(class: usize) -> [u8; 3] {
    COLORS[class % COLORS.len()]
}

struct Sheet<'a> {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
    fonts: Fonts<'a>,
    has_unknown_letters: bool,
}

impl Sheet<'_> {
    /// Fills whole pixels, as far as they are inside.
    fn fill(&mut self, left: i64, top: i64, right: i64, bottom: i64, [red, green, blue]: [u8; 3]) {
        let clamp = |at: i64, side: u32| at.clamp(0, i64::from(side)) as usize;
        let (left, right) = (clamp(left, self.width), clamp(right, self.width));
        let row = self.width as usize * 4;
        for y in clamp(top, self.height)..clamp(bottom, self.height) {
            if let Some(pixels) = self.rgba.get_mut(y * row + left * 4..y * row + right.max(left) * 4) {
                for pixel in pixels.chunks_exact_mut(4) {
                    pixel.copy_from_slice(&[red, green, blue, 255]);
                }
            }
        }
    }

    /// Lines along the inner side of a box.
    fn frame(&mut self, edges: [f64; 4], stroke: u32, color: [u8; 3]) {
        let [left, top, right, bottom] = edges.map(|edge| edge.round() as i64);
        let (right, bottom) = (right.max(left + 1), bottom.max(top + 1));
        let stroke = i64::from(stroke).min(right - left).min(bottom - top);
        self.fill(left, top, right, top + stroke, color);
        self.fill(left, bottom - stroke, right, bottom, color);
        self.fill(left, top, left + stroke, bottom, color);
        self.fill(right - stroke, top, right, bottom, color);
    }

    /// A plate with a name: above y where there is room, else below; its height.
    fn name(&mut self, name: &str, class: usize, x: f64, y: f64, letters: f32) -> u32 {
        let number = (class + 1).to_string();
        let line = Line::of(&self.fonts, name, letters).or_else(|| {
            self.has_unknown_letters = true;
            Line::of(&self.fonts, &number, letters)
        });
        let ground = color(class);
        let is_light = ground.iter().map(|&shade| u32::from(shade)).sum::<u32>() > 400;
        let ink = if is_light { Color::BLACK } else { Color::WHITE };
        let Some(plate) = line.and_then(|line| line.plate(ground, ink)) else { return 0 };
        let left = (x.round() as i64).min(i64::from(self.width) - i64::from(plate.width())).max(0);
        let above = y.round() as i64 - i64::from(plate.height());
        let top = if above >= 0 { above } else { y.round() as i64 };
        self.paste(&plate, left, top);
        plate.height()
    }

    fn paste(&mut self, plate: &Pixmap, left: i64, top: i64) {
        for (at, pixel) in plate.pixels().iter().enumerate() {
            let (x, y) = (left + (at as u32 % plate.width()) as i64, top + (at as u32 / plate.width()) as i64);
            if (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y) {
                let shade = pixel.demultiply();
                self.fill(x, y, x + 1, y + 1, [shade.red(), shade.green(), shade.blue()]);
            }
        }
    }
}

/// A line of text as an outline, with the letters that are pictures.
struct Line<'a> {
    path: Option<tiny_skia::Path>,
    emblems: Vec<Emblem<'a>>,
    width: f32,
    letters: f32,
}

impl<'a> Line<'a> {
    /// `None` when the fonts lack a letter.
    fn of(fonts: &Fonts<'a>, text: &str, letters: f32) -> Option<Self> {
        let margin = letters * 0.25;
        let Outline { path, emblems, width, lacks_letters } = fonts.outline(text, letters, margin, letters);
        (!lacks_letters).then_some(Self { path, emblems, width: width + 2.0 * margin, letters })
    }

    fn plate(&self, [red, green, blue]: [u8; 3], ink: Color) -> Option<Pixmap> {
        // No plate is wider than a long name of the widest picture.
        let mut plate = Pixmap::new((self.width.ceil() as u32).min(8_192), (self.letters * 1.35).ceil() as u32)?;
        plate.fill(Color::from_rgba8(red, green, blue, 255));
        if let Some(path) = &self.path {
            let mut paint = Paint::default();
            paint.set_color(ink);
            plate.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
        }
        for emblem in &self.emblems {
            emblem.paint(&mut plate);
        }
        Some(plate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: u32, height: u32) -> Raster {
        Raster::new(width, height, vec![128; (width * height * 4) as usize]).expect("raster")
    }

    #[test]
    fn a_piece_is_what_stands_there() {
        let rgba: Vec<u8> = (0..4 * 3).flat_map(|number: u8| [number, 0, 0, 255]).collect();
        let raster = Raster::new(4, 3, rgba).expect("raster");
        let piece = crop(&raster, 1, 1, 2, 2).expect("piece");
        let reds: Vec<u8> = piece.rgba().iter().step_by(4).copied().collect();
        assert_eq!(reds, [5, 6, 9, 10]);
        assert!(crop(&raster, 3, 0, 2, 1).is_none() && crop(&raster, 0, 0, 0, 1).is_none());
    }

    #[test]
    fn lines_are_on_the_edges_and_names_on_plates() {
        let drawn = DrawnBox { edges: [20.0, 40.0, 80.0, 90.0], name: Some("fork"), class: 1 };
        let (found, has_unknown_letters) = draw_boxes(&gray(100, 100), &[drawn], &[], 2, &[]);
        assert!(!has_unknown_letters);
        let green = Some([60, 180, 75, 255]);
        assert_eq!([found.pixel(20, 40), found.pixel(79, 89), found.pixel(21, 60)], [green; 3]);
        assert_eq!([found.pixel(50, 60), found.pixel(80, 60)], [Some([128; 4]); 2], "inside and outside stay");
        let white = (20..60)
            .flat_map(|x| (25..40).map(move |y| (x, y)))
            .filter(|&(x, y)| found.pixel(x, y).is_some_and(|pixel| pixel[..3].iter().all(|&shade| shade > 200)));
        assert!(white.count() > 10, "letters above the box");
    }

    #[test]
    fn letters_of_another_font_are_drawn() {
        let drawn = |name| [DrawnBox { edges: [0.0, 40.0, 30.0, 60.0], name: Some(name), class: 3 }];
        let icons = FontFile { bytes: epaint_default_fonts::EGUI_ICONS, index: 0 };
        let draw = |name, fonts: &[FontFile<'_>]| draw_boxes(&gray(60, 60), &drawn(name), &[], 0, fonts);
        let (found, has_unknown_letters) = draw("\u{e624}", &[icons]);
        assert!(!has_unknown_letters);
        assert_ne!(found, draw("4", &[icons]).0, "not the number of its class");
        assert!(draw("\u{e624}", &[]).1);
    }

    #[test]
    fn unknown_letters_become_the_number() {
        let drawn = DrawnBox { edges: [0.0, 0.0, 30.0, 30.0], name: Some("猫"), class: 3 };
        assert!(draw_boxes(&gray(60, 60), &[drawn], &[("fork", 0)], 0, &[]).1);
    }
}
