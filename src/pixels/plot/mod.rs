//! Plots of statistics as pictures, drawn from the same numbers as the window's, on white, without a window.

mod bars;
mod cells;
mod sheet;

use super::glyphs::{FontFile, Fonts};
use domain::Raster;
use domain::stats::{Panel, Statistics};
use sheet::{Anchor, DIM, Sheet, TEXT};

const WIDTH: u32 = 1600;
const HEIGHT: u32 = 1000;
/// Margin on all sides.
const SIDE: f32 = 56.0;
/// Where the plot begins, below the head.
const TOP: f32 = 190.0;
/// Height of the letters.
const BODY: f32 = 21.0;

/// Draws a plot with its head, `caption` and a sentence that says what it shows. `fonts` are files of fonts for letters
/// that the built-in one lacks. `None` only when the system has no memory for the picture.
pub fn plot_picture(figures: &Statistics, panel: Panel, caption: &str, fonts: &[FontFile<'_>]) -> Option<Raster> {
    let mut sheet = Sheet::new(WIDTH, HEIGHT, Fonts::new(fonts))?;
    sheet.text(panel.label(), SIDE, 72.0, 34.0, TEXT, Anchor::Left);
    let width = WIDTH as f32 - 2.0 * SIDE;
    sheet.text_within(caption, SIDE, 112.0, BODY, DIM, width);
    sheet.text_within(&figures.sentence(panel), SIDE, 146.0, BODY, DIM, width);
    match panel {
        Panel::Tags => bars::tags(&mut sheet, figures),
        Panel::PerImage => bars::per_image(&mut sheet, figures),
        Panel::Dates => bars::dates(&mut sheet, figures),
        Panel::Sizes => cells::sizes(&mut sheet, figures),
        Panel::Places => cells::places(&mut sheet, figures),
        Panel::Pairs => cells::pairs(&mut sheet, figures),
    }
    sheet.raster()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalogue::{Catalogue, ImageIx};
    use domain::stats::gather;

    #[test]
    fn every_plot_is_drawn_with_and_without_figures() {
        let empty = gather(&Catalogue::new(), std::iter::empty::<ImageIx>());
        for panel in Panel::ALL {
            let picture = plot_picture(&empty, panel, "Nothing: 0 images", &[]).expect("picture");
            assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
            assert!(picture.rgba().chunks_exact(4).any(|pixel| pixel[0] < 100), "letters of {panel:?}");
        }
    }
}
