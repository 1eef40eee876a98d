//! What the sample's iterations were trained on, which is not what the workspace has now: images that have been deleted
//! since, a tag that nobody used yet, one under its former name, boxes that were drawn later; and what they predict.

use super::dice::{Dice, mix};
use super::kind::{Kind, NEGATIVE, TAGS};
use super::scene::{Mark, Scene};

/// Trial photographs that were deleted again, older than every image that is there.
pub(super) const DELETED: usize = 3;

/// The first training or the second, which is the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Training {
    First,
    Second,
}

impl Training {
    /// From 1, the oldest.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// How many images it had, of a project that has `images` by now.
    pub(super) fn count(self, images: usize) -> usize {
        match self {
            Self::First => images * 3 / 5,
            Self::Second => images * 17 / 20,
        }
    }

    /// How many of the deleted images were there: the last ones.
    pub(super) fn deleted(self) -> usize {
        match self {
            Self::First => DELETED,
            Self::Second => 1,
        }
    }

    pub(super) fn has_tag(self, tag: usize) -> bool {
        self == Self::Second || tag != Kind::Label.tag()
    }

    pub(super) fn tag_name(self, tag: usize) -> &'static str {
        if self == Self::First && tag == Kind::SixPack.tag() { "six-pack" } else { TAGS[tag].name }
    }

    /// Of the boxes of an image those that were drawn, each with its place among those of now.
    pub(super) fn marks(self, image: usize, marks: &[Mark]) -> Vec<(usize, Mark)> {
        let is_unfinished = self == Self::Second && image % 11 == 3 && marks.len() > 1;
        let drawn = marks.len() - usize::from(is_unfinished);
        let marks = marks.iter().copied().enumerate().take(drawn);
        marks.filter(|(_, mark)| self.has_tag(mark.tag)).collect()
    }
}

/// A predicted box, or tag of a whole image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    /// Place in [`TAGS`](super::kind::TAGS).
    pub(super) tag: usize,
    pub(super) probability: f32,
    /// Left, top, width and height as shares of the image; it lies inside.
    pub(super) area: [f32; 4],
}

/// The predictions for an image of which `marks` are right, most probable first. `training` is the iteration's number from
/// 1; `seed` that of the image. `is_sure`: nothing is missed or called something else.
pub(super) fn guesses(scene: &Scene, marks: &[Mark], training: u64, seed: u64, is_sure: bool) -> Vec<Guess> {
    let mut dice = Dice::new(seed ^ mix(training ^ 0x7072_6564_6963_7469));
    let skill = if training > 1 { 1.0 } else { 2.0 };
    let size = [scene.width as f32, scene.height as f32];
    let mut found = Vec::with_capacity(marks.len() + 1);
    for mark in marks {
        if dice.chance(0.05 * skill) && !is_sure {
            continue;
        }
        let area = mark.area;
        let mut sides = [
            area.left as f32 / size[0],
            area.top as f32 / size[1],
            area.width as f32 / size[0],
            area.height as f32 / size[1],
        ];
        let (wide, tall) = (sides[2], sides[3]);
        for (side, of) in sides.iter_mut().zip([wide, tall, wide, tall]) {
            *side += of * dice.between(-0.05, 0.05) * skill;
        }
        let is_other = dice.chance(0.04 * skill) && !is_sure;
        let tag = if is_other { some_tag(&mut dice) } else { mark.tag };
        let probability = match (is_other, is_sure) {
            (true, _) => dice.between(0.25, 0.8),
            (false, true) => dice.between(0.9, 0.999),
            (false, false) => dice.between(0.6, 0.999) / skill.sqrt(),
        };
        found.push(Guess { tag, probability, area: inside(sides) });
    }
    if dice.chance(0.12 * skill) {
        let sides = [dice.between(0.0, 0.8), dice.between(0.0, 0.8), dice.between(0.05, 0.2), dice.between(0.05, 0.2)];
        found.push(Guess { tag: some_tag(&mut dice), probability: dice.between(0.05, 0.6), area: inside(sides) });
    }
    if found.is_empty() {
        found.push(Guess { tag: NEGATIVE, probability: dice.between(0.5, 0.98), area: [0.0, 0.0, 1.0, 1.0] });
    }
    found.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    found
}

fn some_tag(dice: &mut Dice) -> usize {
    dice.pick([Kind::Bottle, Kind::Can, Kind::Box, Kind::Jar, Kind::Pouch, Kind::SixPack, Kind::Label]).tag()
}

fn inside([left, top, width, height]: [f32; 4]) -> [f32; 4] {
    let (left, top) = (left.clamp(0.0, 0.99), top.clamp(0.0, 0.99));
    [left, top, width.clamp(0.001, 1.0 - left), height.clamp(0.001, 1.0 - top)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::scene::Recipe;

    #[test]
    fn guesses_are_the_same_each_time_and_lie_inside() {
        let recipe = Recipe { regions: None };
        let (mut marks, mut found) = (0, 0);
        for image in 0..144 {
            let scene = recipe.scene(image);
            let labels = recipe.marks(image, &scene);
            let guesses = guesses(&scene, &labels, 2, image as u64, false);
            assert_eq!(guesses, super::guesses(&scene, &labels, 2, image as u64, false));
            assert_ne!(guesses, super::guesses(&scene, &labels, 1, image as u64, false));
            assert!(guesses.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
            for guess in &guesses {
                let [left, top, width, height] = guess.area;
                assert!(left >= 0.0 && top >= 0.0 && width > 0.0 && height > 0.0);
                assert!(left + width <= 1.0001 && top + height <= 1.0001 && (0.0..1.0).contains(&guess.probability));
            }
            marks += labels.len();
            found += guesses.len();
        }
        assert!(found > marks * 8 / 10 && found < marks * 12 / 10, "{found} of {marks}");
    }
}
