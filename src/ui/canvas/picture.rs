//! The picture under the boxes: the thumbnail at once, the resized picture over it, tiles of the original over that as far
//! as they are in sight. Which tiles those are is pure arithmetic.

use egui::epaint::{Mesh, RectShape};
use egui::{Color32, CornerRadius, Painter, Rect, Stroke, TextureId, pos2, vec2};

use super::viewport::Viewport;
use crate::textures::Textures;
use crate::theme::tokens;
use app::picture::TILE_SIDE;
use app::state::Opened;
use app::view::CanvasRequest;
use app::{PictureSource, PixelKey};
use domain::{ImageIx, ImageView};

/// Tiles asked for at once at most; a screen needs about a dozen.
const MOST_TILES: usize = 96;
/// Pixels of the screen for one of the resized picture above which the original is wanted.
const SHARP: f32 = 1.01;
/// From this factor on pixels are square unless smooth ones are chosen.
pub(super) const SQUARE_FROM: f32 = 3.0;
/// From this factor on a grid stands between square pixels.
const GRID_FROM: f32 = 10.0;

/// What is needed of the original of an image.
pub(super) fn need(opened: &Opened, image: ImageView<'_>, viewport: &Viewport) -> CanvasRequest {
    if viewport.listed_factor() <= SHARP || image.is_original_size() {
        return CanvasRequest::default();
    }
    let size = |source| opened.pictures.get(&(image.ix, source)).map(|info| (info.width, info.height));
    let resized = size(PictureSource::Resized).unwrap_or(image.size());
    match size(PictureSource::Original) {
        Some(original) if original.0 <= resized.0 && original.1 <= resized.1 => CanvasRequest::default(),
        Some(original) => {
            let scale = viewport.listed_factor() * resized.0.max(1) as f32 / original.0.max(1) as f32;
            let tiles = tiles_in_sight(original, scale, viewport.visible_fractions());
            CanvasRequest { tiles, want_original: true }
        }
        None => CanvasRequest { tiles: Vec::new(), want_original: true },
    }
}

/// The size of a picture halved `level` times, as the decoder cuts it.
fn level_size(size: (u32, u32), level: u8) -> (u32, u32) {
    let halved = |side: u32| u64::from(side).div_ceil(1 << level.min(31)).max(1) as u32;
    (halved(size.0), halved(size.1))
}

/// Tiles of the level that is at least as sharp as the screen, as far as they touch the visible part (in fractions).
/// `scale`: pixels of the screen for one of the original.
fn tiles_in_sight(size: (u32, u32), scale: f32, [left, top, right, bottom]: [f64; 4]) -> Vec<(u8, u16, u16)> {
    let mut level = if scale > 0.0 { (1.0 / scale).log2().floor().clamp(0.0, 20.0) as u8 } else { 0 };
    while level > 0 && level_size(size, level - 1).0.max(level_size(size, level - 1).1) <= TILE_SIDE {
        level -= 1;
    }
    let (width, height) = level_size(size, level);
    let span = |from: f64, to: f64, side: u32| {
        let count = side.div_ceil(TILE_SIDE);
        let tile = |fraction: f64| fraction * f64::from(side) / f64::from(TILE_SIDE);
        let first = (tile(from).floor().max(0.0) as u32).min(count);
        let end = (tile(to).ceil().max(0.0) as u32).min(count);
        first..end
    };
    let rows = span(top, bottom, height);
    let columns = span(left, right, width);
    rows.flat_map(|row| columns.clone().map(move |column| (level, column as u16, row as u16)))
        .take(MOST_TILES)
        .collect()
}

/// Where a tile lies in fractions of the picture: left, top, right, bottom.
fn tile_fractions(size: (u32, u32), (level, column, row): (u8, u16, u16)) -> [f64; 4] {
    let (width, height) = level_size(size, level);
    let edge = |at: u32, side: u32| f64::from((at * TILE_SIDE).min(side)) / f64::from(side);
    let (column, row) = (u32::from(column), u32::from(row));
    [edge(column, width), edge(row, height), edge(column + 1, width), edge(row + 1, height)]
}

/// Paints what is there of an image. Returns whether that is more than nothing.
pub(super) fn paint(
    painter: &Painter,
    view: Rect,
    viewport: &Viewport,
    opened: &Opened,
    image: ImageView<'_>,
    need: &CanvasRequest,
    textures: &mut Textures,
) -> bool {
    let ix = image.ix;
    let is_smooth = opened.is_smooth || viewport.factor() < SQUARE_FROM;
    let place = Place::new(view, viewport, painter.pixels_per_point());
    let resized = PixelKey::Resized { ix };
    let mut is_shown = false;
    textures.set_smooth(resized, is_smooth);
    let pixels = place.whole.width() * painter.pixels_per_point();
    if let Some(full) = textures.get(resized) {
        let scale = pixels / full.size.x.max(1.0);
        let texture = textures.get_scaled(resized, scale).unwrap_or(full);
        place.paint(painter, texture.id, [0.0, 0.0, 1.0, 1.0]);
        is_shown = true;
    } else if let Some(texture) = textures.thumb(ix, 512) {
        place.paint(painter, texture.id, [0.0, 0.0, 1.0, 1.0]);
        is_shown = true;
    }
    let Some(original) = opened.pictures.get(&(ix, PictureSource::Original)) else { return is_shown };
    let size = (original.width, original.height);
    // The level below is in for tiles that are still on their way.
    let coarser = need.tiles.iter().map(|&(level, column, row)| (level + 1, column / 2, row / 2));
    let mut painted = Vec::new();
    for tile in coarser.chain(need.tiles.iter().copied()) {
        if painted.contains(&tile) {
            continue;
        }
        painted.push(tile);
        let (level, column, row) = tile;
        let key = PixelKey::Tile { ix, level, column, row };
        textures.set_smooth(key, is_smooth);
        if let Some(texture) = textures.get(key) {
            place.paint(painter, texture.id, tile_fractions(size, tile));
            is_shown = true;
        }
    }
    is_shown
}

/// Paints the edges of the pixels where these are large enough to be distinguished.
pub(super) fn paint_grid(painter: &Painter, view: Rect, viewport: &Viewport, opened: &Opened, image: ImageView<'_>) {
    let size = image.pixel_size();
    if opened.is_smooth || viewport.factor() < GRID_FROM || !size.is_known() {
        return;
    }
    let whole = Place::new(view, viewport, painter.pixels_per_point()).whole;
    let seen = whole.intersect(view);
    if !seen.is_positive() {
        return;
    }
    let stroke = Stroke::new(1.0 / painter.pixels_per_point(), Color32::from_black_alpha(90));
    for x in edges(whole.left(), whole.width(), size.width, seen.left(), seen.right()) {
        painter.vline(x, seen.y_range(), stroke);
    }
    for y in edges(whole.top(), whole.height(), size.height, seen.top(), seen.bottom()) {
        painter.hline(seen.x_range(), y, stroke);
    }
}

/// Where the edges of pixels lie on one axis between `from` and `to`: `count` pixels take `length` points from `start` on.
fn edges(start: f32, length: f32, count: u32, from: f32, to: f32) -> impl Iterator<Item = f32> {
    let step = f64::from(length) / f64::from(count.max(1));
    let number = |at: f32| (f64::from(at) - f64::from(start)) / step;
    let (first, last) = (number(from).ceil().max(0.0) as u32, number(to).floor().max(0.0) as u32);
    (first..=last.min(count)).map(move |at| (f64::from(start) + f64::from(at) * step) as f32)
}

/// Paints the ground around the picture, and under it where it does not cover it: where the processor paints, each layer
/// over the canvas is a good part of a frame.
pub(super) fn paint_ground(painter: &Painter, view: Rect, viewport: &Viewport, ix: ImageIx, textures: &Textures) {
    let covered = if textures.is_opaque(PixelKey::Resized { ix }) {
        // The picture's edge is soft.
        let whole = Place::new(view, viewport, painter.pixels_per_point()).whole;
        whole.shrink(1.0).intersect(view)
    } else {
        Rect::NOTHING
    };
    let mut ground = Mesh::default();
    for rect in around(view, covered) {
        ground.add_colored_rect(rect, tokens::CANVAS);
    }
    if !ground.is_empty() {
        painter.add(ground);
    }
}

/// What of a view lies around a part of it.
fn around(view: Rect, part: Rect) -> impl Iterator<Item = Rect> {
    let strips = if part.is_positive() {
        let rows = view.with_min_y(part.top()).with_max_y(part.bottom());
        [
            view.with_max_y(part.top()),
            rows.with_max_x(part.left()),
            rows.with_min_x(part.right()),
            view.with_min_y(part.bottom()),
        ]
    } else {
        [view, Rect::NOTHING, Rect::NOTHING, Rect::NOTHING]
    };
    strips.into_iter().filter(Rect::is_positive)
}

/// Why tiles of the original cannot be had, if so.
pub(super) fn original_failure<'a>(opened: &'a Opened, ix: ImageIx, need: &CanvasRequest) -> Option<&'a app::Failure> {
    let tiles = need.tiles.iter().copied().chain([(0, 0, 0)]);
    let keys = tiles.map(|(level, column, row)| PixelKey::Tile { ix, level, column, row });
    need.want_original.then(|| keys.into_iter().find_map(|key| opened.failed_pixels.get(&key))).flatten()
}

/// Where pictures go, cut to the view so that nothing huge is handed to the renderer.
struct Place {
    view: Rect,
    whole: Rect,
}

impl Place {
    fn new(view: Rect, viewport: &Viewport, pixels_per_point: f32) -> Self {
        let mut whole = viewport.image_rect().translate(view.min.to_vec2());
        // At exactly 1:1, of the original or of the listed size, each pixel of the picture takes a whole pixel of the screen.
        let is_one = |factor: f32| (factor - 1.0).abs() < 1e-3;
        if is_one(viewport.factor()) || is_one(viewport.listed_factor()) {
            let snap = |points: f32| (points * pixels_per_point).round() / pixels_per_point;
            whole = whole.translate(vec2(snap(whole.min.x) - whole.min.x, snap(whole.min.y) - whole.min.y));
        }
        Self { view, whole }
    }

    fn paint(&self, painter: &Painter, texture: TextureId, [left, top, right, bottom]: [f64; 4]) {
        let at = |x: f64, y: f64| {
            let x = f64::from(self.whole.left()) + x * f64::from(self.whole.width());
            let y = f64::from(self.whole.top()) + y * f64::from(self.whole.height());
            pos2(x as f32, y as f32)
        };
        let rect = Rect::from_min_max(at(left, top), at(right, bottom));
        let seen = rect.intersect(self.view.expand(1.0));
        if !seen.is_positive() {
            return;
        }
        let share = |value: f32, low: f32, length: f32| ((value - low) / length).clamp(0.0, 1.0);
        let uv = |point: egui::Pos2| {
            pos2(share(point.x, rect.left(), rect.width()), share(point.y, rect.top(), rect.height()))
        };
        let uv = Rect::from_min_max(uv(seen.min), uv(seen.max));
        let shape = RectShape::filled(seen, CornerRadius::ZERO, Color32::WHITE).with_texture(texture, uv);
        painter.add(shape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn at_one_to_one_the_full_size_tiles_in_sight_are_wanted() {
        let tiles = tiles_in_sight((3_264, 2_448), 1.0, [0.0, 0.0, 0.25, 0.25]);
        assert_eq!(tiles, [(0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1)]);
    }

    #[test]
    fn from_far_a_halved_level_is_enough() {
        let tiles = tiles_in_sight((3_264, 2_448), 0.3, [0.0, 0.0, 1.0, 1.0]);
        assert!(tiles.iter().all(|&(level, ..)| level == 1) && tiles.len() == 4 * 3, "{tiles:?}");
        assert_eq!(tiles_in_sight((600, 400), 0.01, [0.0, 0.0, 1.0, 1.0]), [(1, 0, 0)], "no level below a single tile");
    }

    #[test]
    fn the_grid_has_the_edges_in_sight_alone() {
        let found: Vec<_> = edges(-100.0, 2_000.0, 100, 0.0, 50.0).collect();
        assert_eq!(found, [0.0, 20.0, 40.0]);
        assert_eq!(edges(10.0, 40.0, 4, 0.0, 500.0).collect::<Vec<_>>(), [10.0, 20.0, 30.0, 40.0, 50.0]);
    }

    #[test]
    fn the_ground_is_whole_around_the_picture() {
        let view = Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 80.0));
        assert_eq!(around(view, Rect::NOTHING).collect::<Vec<_>>(), [view]);
        assert_eq!(around(view, view).count(), 0);
        let part = Rect::from_min_max(pos2(30.0, 20.0), pos2(70.0, 60.0));
        let area: f32 = around(view, part).map(|strip| strip.area()).sum();
        assert_eq!(area, view.area() - part.area());
        assert!(around(view, part).all(|strip| !strip.shrink(0.1).intersects(part)));
    }

    proptest! {
        #[test]
        fn tiles_cover_the_visible_part(
            width in 1_u32..20_000, height in 1_u32..20_000, scale in 0.3_f32..64.0, x in 0.0_f64..0.99, y in 0.0_f64..0.99,
        ) {
            let size = (width, height);
            let part = [x, y, (x + 1_000.0 / f64::from(scale) / f64::from(width)).min(1.0), (y + 0.001).min(1.0)];
            let tiles = tiles_in_sight(size, scale, part);
            prop_assert!(!tiles.is_empty());
            let edges: Vec<_> = tiles.iter().map(|&tile| tile_fractions(size, tile)).collect();
            let least = |at: usize| edges.iter().map(|edge| edge[at]).fold(f64::INFINITY, f64::min);
            let most = |at: usize| edges.iter().map(|edge| edge[at]).fold(0.0, f64::max);
            prop_assert!(least(0) <= part[0] + 1e-9 && least(1) <= part[1] + 1e-9);
            prop_assert!(most(2) >= part[2] - 1e-9 && most(3) >= part[3] - 1e-9);
        }
    }
}
