//! The position of every object on an image: a pure function of the image's number, in pixels of the listed picture.
//!
//! Labels and picture are both made from it, so that every box is exactly on its object. No painting here.

use super::dice::{Dice, mix};
use super::kind::Kind;
use super::mistakes::{Mistake, planted};

/// Changes whenever scenes or paint change, because caches keep pictures by image id.
const EDITION: u64 = 2;
/// What scenes and labels are drawn from; another number makes another project.
const SCENES: u64 = 1;

/// A rectangle in whole pixels of the listed picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Where the picture was taken; also the camera's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Store,
    Pantry,
    Cooler,
    Bench,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) area: Area,
    /// Colors and variants.
    pub(super) seed: u64,
}

/// A shelf board: things stand on `floor`, the free height above it ends at `ceiling`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Board {
    pub(super) ceiling: u32,
    pub(super) floor: u32,
    /// Height of the front edge below the floor.
    pub(super) edge: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Place in [`TAGS`](super::kind::TAGS).
    pub(super) tag: usize,
    pub(super) area: Area,
}

#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// Size of the listed (resized) picture.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The uploaded picture is this many times larger.
    pub(super) original_scale: u32,
    /// The uploaded file is stored turned, with EXIF orientation 6.
    pub(super) is_turned: bool,
    pub(super) setting: Setting,
    pub(super) is_night: bool,
    /// Where the light comes from: -1 left, 1 right.
    pub(super) light: f32,
    pub(super) boards: Vec<Board>,
    pub(super) objects: Vec<Object>,
    /// Colors of the surroundings.
    pub(super) seed: u64,
}

/// Which project: how many regions each image is to have, if given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    pub(super) regions: Option<usize>,
}

/// The image whose original is larger than what the service trains on.
pub(super) const LARGE: usize = 12;
/// The image that is stored turned.
pub(super) const TURNED: usize = 17;
/// The most regions the service takes on an image.
pub(super) const MOST_REGIONS: usize = 300;

const SIZES: [(u32, u32); 8] =
    [(1200, 900), (1024, 768), (1200, 900), (900, 1200), (1600, 900), (1280, 720), (768, 1024), (900, 900)];

impl Recipe {
    /// The number that scenes, labels and the project's id come from.
    pub(super) fn seed(self) -> u64 {
        self.number(SCENES)
    }

    /// The number that the ids of the images come from.
    pub(super) fn id_seed(self) -> u64 {
        self.number(EDITION)
    }

    fn number(self, from: u64) -> u64 {
        mix(from ^ mix(self.regions.map_or(0, |regions| regions as u64 + 1)))
    }

    fn object_count(self, image: usize, dice: &mut Dice) -> usize {
        match self.regions {
            Some(regions) => regions.min(MOST_REGIONS),
            None if image % 20 == 13 => 0,
            None => 2 + (dice.below(6) + dice.below(5)) as usize,
        }
    }

    /// Width and height of the listed picture.
    pub(super) fn size(image: usize) -> (u32, u32) {
        match image {
            LARGE => (1200, 900),
            TURNED => (900, 1200),
            _ => SIZES[(mix(image as u64 ^ 0x51) % SIZES.len() as u64) as usize],
        }
    }

    pub(super) fn scene(self, image: usize) -> Scene {
        let twin = planted(image).filter(|_| self.regions.is_none()).and_then(Mistake::twin);
        let twin = twin.unwrap_or(image);
        let mut dice = Dice::new(self.seed() ^ (twin as u64).wrapping_mul(0xd6e8_feb8_6659_fd93));
        let (width, height) = Self::size(twin);
        let setting = dice.pick([Setting::Store, Setting::Pantry, Setting::Cooler, Setting::Bench, Setting::Store]);
        let is_night = dice.chance(0.3);
        let light = if dice.chance(0.5) { -1.0 } else { 1.0 };
        let count = self.object_count(twin, &mut dice);
        let mut scene = Scene {
            width,
            height,
            original_scale: if image == LARGE { 2 } else { 1 },
            is_turned: image == TURNED,
            setting,
            is_night,
            light,
            boards: Vec::new(),
            objects: Vec::with_capacity(count),
            seed: dice.next(),
        };
        scene.furnish(count, &mut dice);
        scene
    }

    /// The boxes that the labellers drew, mistakes and all.
    pub(super) fn marks(self, image: usize, scene: &Scene) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(scene.objects.len() + 1);
        marks.extend(scene.right_marks());
        if self.regions.is_none()
            && let Some(mistake) = planted(image)
        {
            mistake.spoil(scene, &mut marks);
        }
        marks
    }
}

impl Scene {
    /// The boxes of its things, as nobody can mistake them.
    pub(super) fn right_marks(&self) -> impl Iterator<Item = Mark> + '_ {
        self.objects.iter().map(|object| Mark { tag: object.kind.tag(), area: object.area })
    }

    /// Sets up the boards and puts `count` objects on them.
    fn furnish(&mut self, count: usize, dice: &mut Dice) {
        let (width, height) = (self.width as f32, self.height as f32);
        // Price cards hang at the boards' edges, at most one below each thing that stands.
        let cards = match self.setting {
            Setting::Store => count * 3 / 10,
            Setting::Cooler => count / 5,
            Setting::Pantry | Setting::Bench => count / 8,
        };
        let standing = count - cards;
        // As many rows as keep the things large; an empty rack has two or three.
        let things = if count == 0 { 5 + dice.below(8) as usize } else { standing };
        let rows = (things as f32 * 0.52 * height / width).sqrt().round().max(1.0) as usize;
        self.boards(rows, dice);
        let mut left_to_place = standing;
        let mut cards_left = cards;
        for row in 0..rows {
            let here = left_to_place.div_ceil(rows - row);
            left_to_place -= here;
            let from = self.objects.len();
            self.fill_row(row, here, dice);
            let cards_here = if row + 1 == rows { cards_left } else { (cards_left.div_ceil(rows - row)).min(here) };
            cards_left -= cards_here.min(here);
            self.hang_cards(row, from, cards_here.min(here), dice);
        }
    }

    fn boards(&mut self, rows: usize, dice: &mut Dice) {
        let height = self.height as f32;
        let top = height * dice.between(0.03, 0.09);
        let bottom = height * dice.between(0.90, 0.965);
        let step = (bottom - top) / rows as f32;
        let edge = (step * dice.between(0.115, 0.14)).clamp(6.0, 62.0);
        for row in 0..rows {
            let floor = top + step * (row as f32 + 1.0) - edge;
            let ceiling = top + step * row as f32 + step * 0.04;
            self.boards.push(Board { ceiling: ceiling as u32, floor: floor as u32, edge: edge as u32 });
        }
    }

    fn fill_row(&mut self, row: usize, count: usize, dice: &mut Dice) {
        let Some(&board) = self.boards.get(row) else { return };
        let free = (board.floor - board.ceiling) as f32;
        let (margin, width) = (self.width as f32 * 0.035, self.width as f32 * 0.93);
        let mut shapes = [(Kind::Box, 0.0_f32, 0.0_f32); MOST_REGIONS];
        let shapes = &mut shapes[..count.min(MOST_REGIONS)];
        let favorite = self.some_kind(dice);
        let mut natural = 0.0;
        for shape in shapes.iter_mut() {
            let kind = if dice.chance(0.34) { favorite } else { self.some_kind(dice) };
            let ([slim, wide], [low, high]) = kind.proportions();
            let tall = free * dice.between(low, high);
            *shape = (kind, tall * dice.between(slim, wide), tall);
            natural += shape.1;
        }
        let gaps = 0.012 * self.width as f32 * (count as f32 + 1.0);
        let scale = ((width - gaps) / natural.max(1.0)).min(1.0);
        let spare = width - natural * scale;
        // The spare width goes between the things, unevenly; a part of it stays at one end.
        let mut x = margin + spare * dice.between(0.02, 0.25) / (count as f32 * 0.25).max(1.0);
        let mut room = margin + width - x - natural * scale;
        for (place, &(kind, wide, tall)) in shapes.iter().enumerate() {
            let (wide, tall) = (wide * scale, tall * scale);
            let depth = free * 0.012 * dice.unit();
            let area = Area {
                left: x as u32,
                top: (board.floor as f32 - tall - depth).max(0.0) as u32,
                width: (wide as u32).max(4),
                height: (tall as u32).max(4),
            };
            self.objects.push(Object { kind, area, seed: dice.next() });
            let share = dice.between(0.35, 1.3) / (shapes.len() - place) as f32;
            let gap = (room * share.min(1.0)).max(0.0);
            room -= gap;
            x += wide + gap;
        }
    }

    fn hang_cards(&mut self, row: usize, from: usize, count: usize, dice: &mut Dice) {
        let Some(&board) = self.boards.get(row) else { return };
        let standing = self.objects.len() - from;
        for card in 0..count {
            // Spread evenly over the things of the row, so that no card covers another.
            let under = self.objects[from + card * standing / count].area;
            let ([slim, wide], _) = Kind::Label.proportions();
            let tall = board.edge as f32 * 0.86;
            let broad = (tall * dice.between(slim, wide)).min(under.width as f32 + 8.0);
            let middle = under.left as f32 + under.width as f32 * 0.5;
            let left = (middle - broad * 0.5).clamp(1.0, self.width as f32 - broad - 1.0);
            let area = Area {
                left: left as u32,
                top: board.floor + (board.edge as f32 * 0.07) as u32,
                width: (broad as u32).max(4),
                height: (tall as u32).max(4),
            };
            self.objects.push(Object { kind: Kind::Label, area, seed: dice.next() });
        }
    }

    fn some_kind(&self, dice: &mut Dice) -> Kind {
        use Kind::{Bottle, Box, Can, Jar, Pouch, SixPack};
        match self.setting {
            Setting::Store => dice.pick([Bottle, Can, Box, Box, Jar, Pouch, Can, SixPack]),
            Setting::Pantry => dice.pick([Jar, Jar, Bottle, Box, Pouch, Can, Jar, Bottle]),
            Setting::Cooler => dice.pick([Bottle, Can, Bottle, Can, Can, SixPack, Bottle, Jar]),
            Setting::Bench => dice.pick([Box, Box, Pouch, Bottle, SixPack, Box, Jar, Can]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Recipe = Recipe { regions: None };

    #[test]
    fn marks_lie_inside_and_the_sample_has_about_1500() {
        let mut regions = 0;
        let mut empty = 0;
        for image in 0..240 {
            let scene = DEFAULT.scene(image);
            let marks = DEFAULT.marks(image, &scene);
            regions += marks.len();
            empty += usize::from(marks.is_empty());
            for mark in marks {
                let Area { left, top, width, height } = mark.area;
                assert!(width > 0 && height > 0, "image {image}: {mark:?}");
                assert!(left + width <= scene.width && top + height <= scene.height, "image {image}: {mark:?}");
            }
        }
        assert!((1_400..=1_600).contains(&regions), "{regions} regions");
        assert_eq!(empty, 12);
    }

    #[test]
    fn objects_never_cover_each_other() {
        for recipe in [DEFAULT, Recipe { regions: Some(10) }, Recipe { regions: Some(40) }] {
            for image in 0..120 {
                let scene = recipe.scene(image);
                for (index, a) in scene.objects.iter().enumerate() {
                    for b in &scene.objects[index + 1..] {
                        let apart = a.area.left + a.area.width <= b.area.left
                            || b.area.left + b.area.width <= a.area.left
                            || a.area.top + a.area.height <= b.area.top
                            || b.area.top + b.area.height <= a.area.top;
                        assert!(apart, "image {image} of {recipe:?}: {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_scaled_project_has_exactly_its_number_of_regions() {
        for regions in [0, 1, 2, 10, 37, 300] {
            let recipe = Recipe { regions: Some(regions) };
            for image in 0..40 {
                let scene = recipe.scene(image);
                let marks = recipe.marks(image, &scene);
                assert_eq!(marks.len(), regions, "image {image}");
                for Mark { area, .. } in marks {
                    assert!(area.left + area.width <= scene.width && area.top + area.height <= scene.height);
                }
            }
        }
    }

    #[test]
    fn a_mistake_changes_the_labels_or_the_scene() {
        for (image, mistake) in super::super::mistakes::PLANTED {
            let scene = DEFAULT.scene(image);
            let right: Vec<Mark> =
                scene.objects.iter().map(|object| Mark { tag: object.kind.tag(), area: object.area }).collect();
            assert!(!right.is_empty(), "nothing to label on image {image}");
            if let Some(twin) = mistake.twin() {
                assert_eq!(right, DEFAULT.marks(twin, &DEFAULT.scene(twin)), "image {image}");
            }
            let is_scene = matches!(mistake, Mistake::SameScene(_));
            assert_eq!(right == DEFAULT.marks(image, &scene), is_scene, "image {image}");
        }
    }
}
