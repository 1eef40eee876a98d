//! Textures in a least-recently-used store that is counted in bytes. What this frame or the last one painted is never
//! thrown away; everything else may be, and is fetched again when it is wanted again.

use egui::{Color32, ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions, Vec2};

use app::view::GridRequest;
use app::{Command, DisplayCommand, PixelKey};
use domain::{ByteLru, ImageIx, MipLevel, Mipmap};

/// Sides of thumbnails in pixels of the screen.
pub const SIDES: [u16; 4] = [64, 128, 256, 512];

/// How much a thumbnail may be stretched before the next size is requested.
const STRETCH: f32 = 1.15;

/// The side to ask for when the longest side on the screen is `pixels`.
pub fn side_for(pixels: f32) -> u16 {
    let is_enough = |side: &&u16| f32::from(**side) * STRETCH >= pixels;
    *SIDES.iter().find(is_enough).unwrap_or(&512)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Texture {
    pub id: TextureId,
    /// Width and height in its own pixels.
    pub size: Vec2,
}

struct Entry {
    /// Full size first, then each half as large: linear filtering by more than 2 aliases.
    levels: Vec<TextureHandle>,
    /// The first pixel of what may be magnified: with it the filter is changed, without a copy of the picture.
    corner: Option<Color32>,
    is_smooth: bool,
    /// Whether nothing shows through; known only of what is large.
    is_opaque: bool,
    painted: u64,
}

pub struct Textures {
    entries: ByteLru<PixelKey, Entry>,
    frame: u64,
    /// The thumbnails asked for last, and of which opening.
    request: (u64, GridRequest),
}

impl Default for Textures {
    fn default() -> Self {
        Self::new(128 << 20)
    }
}

impl Textures {
    pub fn new(budget: usize) -> Self {
        Self { entries: ByteLru::new(budget), frame: 0, request: Default::default() }
    }

    pub fn set_budget(&mut self, bytes: usize) {
        self.entries.set_max_bytes(bytes);
        self.trim();
    }

    /// Starts a frame: what is painted from now on is protected until the frame after the next one.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
    }

    pub fn byte_count(&self) -> usize {
        self.entries.byte_count()
    }

    /// The bound in bytes.
    pub fn budget(&self) -> usize {
        self.entries.max_bytes()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets the pictures of the open project; the covers of projects stay.
    pub fn clear_images(&mut self) {
        self.entries.rekey(|key| matches!(key, PixelKey::Cover { .. }).then_some(key));
        self.request = Default::default();
    }

    /// Images have got other indices; the pixels of those that are gone go.
    pub fn renumber(&mut self, place: impl Fn(ImageIx) -> Option<ImageIx>) {
        self.entries.rekey(|key| key.moved(&place));
        self.request = Default::default();
    }

    /// Takes pixels in; replaces what was there under the key. No pixel is touched or copied here: they come ready.
    pub fn insert(&mut self, ctx: &Context, key: PixelKey, picture: Mipmap) {
        let is_large = matches!(key, PixelKey::Resized { .. } | PixelKey::Tile { .. });
        let (bytes, is_opaque) = (picture.byte_count(), is_large && picture.is_opaque());
        let images: Vec<_> = picture.into_levels().into_iter().map(image_of).collect();
        let corner = images.first().and_then(|image| image.pixels.first()).copied().filter(|_| is_large);
        let load = |image| ctx.load_texture(name(key), image, options(true));
        let levels = images.into_iter().map(load).collect();
        self.entries.put(key, Entry { levels, corner, is_smooth: true, is_opaque, painted: self.frame }, bytes);
        self.trim();
    }

    pub fn contains(&self, key: PixelKey) -> bool {
        self.entries.contains(&key)
    }

    /// Whether a picture is here that covers what is under it.
    pub fn is_opaque(&self, key: PixelKey) -> bool {
        self.entries.peek(&key).is_some_and(|entry| entry.is_opaque)
    }

    /// A texture, to be painted in this frame.
    pub fn get(&mut self, key: PixelKey) -> Option<Texture> {
        self.get_scaled(key, 1.0)
    }

    /// A texture to be painted at `scale` screen pixels for one of its own: the half or quarter size when that is enough.
    pub fn get_scaled(&mut self, key: PixelKey, scale: f32) -> Option<Texture> {
        let entry = self.entries.get(&key)?;
        entry.painted = self.frame;
        let wanted = if scale > 0.0 { (1.0 / scale).log2().floor().max(0.0) as usize } else { 0 };
        let handle = entry.levels.get(wanted.min(entry.levels.len().saturating_sub(1)))?;
        Some(Texture { id: handle.id(), size: handle.size_vec2() })
    }

    /// Smooth or square pixels when a large picture is magnified. Both renderers take the filter from any update, so one
    /// pixel is enough.
    pub fn set_smooth(&mut self, key: PixelKey, is_smooth: bool) {
        let Some(entry) = self.entries.peek_mut(&key) else { return };
        if entry.is_smooth == is_smooth {
            return;
        }
        if let (Some(corner), Some(handle)) = (entry.corner, entry.levels.first_mut()) {
            handle.set_partial([0, 0], ColorImage::new([1, 1], vec![corner]), options(is_smooth));
            entry.is_smooth = is_smooth;
        }
    }

    /// Whether a large picture is magnified with smooth pixels; `None`: it is not here.
    pub fn is_smooth(&self, key: PixelKey) -> Option<bool> {
        self.entries.peek(&key).map(|entry| entry.is_smooth)
    }

    /// The best thumbnail of an image that is here: of the wanted side, else the next larger, else the largest.
    pub fn thumb(&mut self, ix: ImageIx, side: u16) -> Option<Texture> {
        let larger = SIDES.iter().copied().filter(|&other| other >= side);
        let smaller = SIDES.iter().rev().copied().filter(|&other| other < side);
        let key = larger.chain(smaller).map(|side| PixelKey::Thumb { ix, side }).find(|&key| self.contains(key));
        match key {
            Some(key) => self.get(key),
            None => {
                let key = PixelKey::Resized { ix };
                let entry = self.entries.peek(&key)?;
                let longest = entry.levels.first()?.size_vec2().max_elem().max(1.0);
                self.get_scaled(key, f32::from(side) / longest)
            }
        }
    }

    /// The best crop that is here, of those that `key` names by their side: of the wanted side, else the next larger, else
    /// the largest.
    pub fn crop(&mut self, key: impl Fn(u16) -> PixelKey, side: u16) -> Option<Texture> {
        let larger = SIDES.iter().copied().filter(|&other| other >= side);
        let smaller = SIDES.iter().rev().copied().filter(|&other| other < side);
        let key = larger.chain(smaller).map(key).find(|&key| self.contains(key))?;
        self.get(key)
    }

    /// Asks for thumbnails, when that is not what was requested already.
    pub fn want_thumbs(&mut self, generation: u64, request: GridRequest, commands: &mut Vec<Command>) {
        if self.request == (generation, request.clone()) {
            return;
        }
        commands.push(Command::Display(DisplayCommand::GridView(request.clone())));
        self.request = (generation, request);
    }

    fn trim(&mut self) {
        self.entries.trim(0, |entry| entry.painted + 1 < self.frame);
    }
}

fn name(key: PixelKey) -> &'static str {
    match key {
        PixelKey::Thumb { .. } => "thumbnail",
        PixelKey::Resized { .. } => "picture",
        PixelKey::Tile { .. } => "tile",
        PixelKey::Crop { .. } | PixelKey::PredictedCrop { .. } => "crop",
        PixelKey::Cover { .. } => "cover",
        PixelKey::Removed { .. } => "removed image",
    }
}

fn options(is_smooth: bool) -> TextureOptions {
    let magnification = if is_smooth { TextureFilter::Linear } else { TextureFilter::Nearest };
    TextureOptions { magnification, ..TextureOptions::LINEAR }
}

/// The level as egui takes it, in the same memory.
fn image_of(level: MipLevel) -> ColorImage {
    let size = [level.width as usize, level.height as usize];
    ColorImage::new(size, bytemuck::cast_vec::<u32, Color32>(level.pixels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Raster;

    fn raster(width: u32, height: u32, value: u8) -> Mipmap {
        let rgba = vec![value; (width * height * 4) as usize];
        Mipmap::with_halves(&Raster::new(width, height, rgba).expect("raster"))
    }

    fn thumb(ix: u32, side: u16) -> PixelKey {
        PixelKey::Thumb { ix: ImageIx(ix), side }
    }

    #[test]
    fn bytes_stay_within_the_budget_and_the_oldest_goes_first() {
        let ctx = Context::default();
        let mut textures = Textures::new(3 * 64 * 64 * 4);
        for ix in 0..5 {
            textures.begin_frame();
            textures.begin_frame();
            textures.insert(&ctx, thumb(ix, 64), raster(64, 64, 255));
            assert!(textures.byte_count() <= textures.budget());
        }
        let kept: Vec<_> = (0..5).filter(|&ix| textures.contains(thumb(ix, 64))).collect();
        assert_eq!(kept, [2, 3, 4]);
    }

    #[test]
    fn pixels_follow_their_image_to_another_index() {
        let ctx = Context::default();
        let mut textures = Textures::default();
        for (ix, width) in [(0, 64), (1, 32), (2, 16)] {
            textures.insert(&ctx, thumb(ix, 64), raster(width, 16, 255));
        }
        // The first is gone and one more has come before the others.
        textures.renumber(|ix| (ix.0 > 0).then_some(ImageIx(ix.0 + 1)));
        let widths = [0, 1, 2, 3].map(|ix| textures.thumb(ImageIx(ix), 64).map(|found| found.size.x));
        assert_eq!(widths, [None, None, Some(32.0), Some(16.0)]);
        assert_eq!(textures.byte_count(), (32 + 16) * 16 * 4);
    }

    #[test]
    fn what_was_painted_in_this_frame_is_protected() {
        let ctx = Context::default();
        let mut textures = Textures::new(2 * 64 * 64 * 4);
        for ix in 0..2 {
            textures.insert(&ctx, thumb(ix, 64), raster(64, 64, 255));
        }
        textures.begin_frame();
        textures.begin_frame();
        assert!(textures.get(thumb(0, 64)).is_some());
        textures.insert(&ctx, thumb(2, 64), raster(64, 64, 255));
        assert!(textures.contains(thumb(0, 64)) && !textures.contains(thumb(1, 64)));
    }

    #[test]
    fn the_best_thumbnail_stands_in_for_the_wanted_one() {
        let ctx = Context::default();
        let mut textures = Textures::default();
        assert_eq!(textures.thumb(ImageIx(1), 256), None);
        textures.insert(&ctx, thumb(1, 64), raster(64, 48, 255));
        assert_eq!(textures.thumb(ImageIx(1), 256).map(|found| found.size.x), Some(64.0));
        textures.insert(&ctx, thumb(1, 512), raster(512, 384, 255));
        assert_eq!(textures.thumb(ImageIx(1), 256).map(|found| found.size.x), Some(512.0));
        textures.insert(&ctx, thumb(1, 256), raster(256, 192, 255));
        assert_eq!(textures.thumb(ImageIx(1), 256).map(|found| found.size.x), Some(256.0));
        textures.clear_images();
        assert_eq!((textures.len(), textures.byte_count()), (0, 0));
    }

    #[test]
    fn a_large_picture_has_smaller_levels_and_is_kept_once() {
        let ctx = Context::default();
        let mut textures = Textures::default();
        let key = PixelKey::Resized { ix: ImageIx(0) };
        let mut rgba = vec![0; 1600 * 900 * 4];
        rgba[..4].copy_from_slice(&[10, 20, 30, 255]);
        textures.insert(&ctx, key, Mipmap::with_halves(&Raster::new(1600, 900, rgba).expect("raster")));
        assert_eq!(textures.get_scaled(key, 0.3).map(|found| found.size.x), Some(800.0));
        assert_eq!(textures.get_scaled(key, 2.0).map(|found| found.size.x), Some(1600.0));
        let bytes = textures.byte_count();
        assert!(bytes < 1600 * 900 * 4 * 3 / 2, "the levels, and no copy: {bytes}");
        textures.set_smooth(key, false);
        let id = textures.get(key).expect("texture").id;
        let mut delta = ctx.tex_manager().write().take_delta();
        let last = delta.set.get(&id).and_then(|updates| updates.last()).expect("an update");
        assert!(last.pos == Some([0, 0]) && last.image.size() == [1, 1], "one pixel is enough");
        assert_eq!(last.options.magnification, TextureFilter::Nearest);
        delta.clear();
    }

    #[test]
    fn a_picture_that_lets_something_through_is_not_opaque() {
        let ctx = Context::default();
        let mut textures = Textures::default();
        let key = PixelKey::Resized { ix: ImageIx(0) };
        assert!(!textures.is_opaque(key));
        textures.insert(&ctx, key, raster(200, 200, 255));
        assert!(textures.is_opaque(key));
        textures.insert(&ctx, key, raster(200, 200, 254));
        assert!(!textures.is_opaque(key));
    }

    #[test]
    fn pixels_come_as_egui_would_make_them() {
        for alpha in 0..=u8::MAX {
            let rgba: Vec<u8> = (0..=u8::MAX).flat_map(|value| [value, 255 - value, value / 2, alpha]).collect();
            let picture = Mipmap::single(&Raster::new(256, 1, rgba.clone()).expect("raster"));
            let made = image_of(picture.into_levels().remove(0));
            assert_eq!(made, ColorImage::from_rgba_unmultiplied([256, 1], &rgba), "alpha {alpha}");
        }
    }

    #[test]
    fn thumbnails_are_asked_for_once() {
        let mut textures = Textures::default();
        let mut commands = Vec::new();
        let request = GridRequest { visible: vec![ImageIx(0)], ahead: Vec::new(), side: 256 };
        for _ in 0..3 {
            textures.want_thumbs(1, request.clone(), &mut commands);
        }
        assert_eq!(commands.len(), 1);
        textures.want_thumbs(2, request, &mut commands);
        assert_eq!(commands.len(), 2, "another opening");
    }

    #[test]
    fn sides_are_the_smallest_that_do() {
        assert_eq!([60.0, 70.0, 100.0, 178.0, 300.0, 9_000.0].map(side_for), [64, 64, 128, 256, 512, 512]);
    }
}
