//! The labeling mistakes planted in the sample project, so that there is something to find.
//!
//! Only in the sample as it comes; a project scaled with a number of regions has exactly that number on each image.

use super::kind::Kind;
use super::scene::{Mark, Scene};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The first object has two boxes of its tag, a few pixels apart.
    DoubledBox,
    /// The first object has a second box, of another tag.
    TwoTags,
    /// The first object has another object's tag.
    WrongTag,
    /// A click that became a box of 3 x 2 pixels.
    TinyBox,
    /// A box of the whole image.
    WholeImage,
    /// The picture shows the scene of this other image a moment later, and the first object's box stands half next to it.
    Shifted(usize),
    /// Likewise, and the last object has no box.
    Unlabeled(usize),
    /// A box inside the first object's box, of its tag.
    BoxInBox,
    /// The picture shows the scene of this other image again, labeled as if it were new.
    SameScene(usize),
}

/// Every planted mistake, by the image's place (0 is the oldest).
pub(super) const PLANTED: [(usize, Mistake); 18] = [
    (9, Mistake::DoubledBox),
    (23, Mistake::WrongTag),
    (31, Mistake::TinyBox),
    (44, Mistake::WholeImage),
    (58, Mistake::Shifted(57)),
    (67, Mistake::Unlabeled(66)),
    (72, Mistake::TwoTags),
    (86, Mistake::BoxInBox),
    (101, Mistake::DoubledBox),
    (118, Mistake::WrongTag),
    (134, Mistake::TinyBox),
    (149, Mistake::SameScene(41)),
    (162, Mistake::WholeImage),
    (178, Mistake::Shifted(177)),
    (195, Mistake::WrongTag),
    (204, Mistake::TwoTags),
    (219, Mistake::SameScene(87)),
    (234, Mistake::DoubledBox),
];

pub(super) fn planted(image: usize) -> Option<Mistake> {
    PLANTED.iter().find(|(place, _)| *place == image).map(|(_, mistake)| *mistake)
}

impl Mistake {
    /// The image that shows the same scene. What its labels show nobody without it: a box that is next to its object,
    /// and an object without a box, are found by the twin, whose boxes are right.
    pub(super) fn twin(self) -> Option<usize> {
        match self {
            Self::Shifted(twin) | Self::Unlabeled(twin) | Self::SameScene(twin) => Some(twin),
            _ => None,
        }
    }

    pub(super) fn spoil(self, scene: &Scene, marks: &mut Vec<Mark>) {
        let Some(&first) = marks.first() else { return };
        match self {
            Self::DoubledBox => {
                let mut again = first;
                again.area.width -= 2;
                again.area.top += 2;
                again.area.height -= 2;
                marks.push(again);
            }
            Self::TwoTags => marks.push(Mark { tag: other_tag(first.tag), ..first }),
            Self::WrongTag => marks[0].tag = other_tag(first.tag),
            Self::TinyBox => {
                let mut tiny = first;
                tiny.area.left += tiny.area.width / 3;
                tiny.area.top += tiny.area.height / 4;
                (tiny.area.width, tiny.area.height) = (3, 2);
                marks.push(tiny);
            }
            Self::WholeImage => {
                let mut whole = first;
                (whole.area.left, whole.area.top) = (0, 0);
                (whole.area.width, whole.area.height) = (scene.width, scene.height);
                marks.push(whole);
            }
            Self::Shifted(_) => {
                let half = first.area.width / 2;
                let room = scene.width - first.area.left - first.area.width;
                let area = &mut marks[0].area;
                area.left = if room >= half { area.left + half } else { area.left.saturating_sub(half) };
            }
            Self::Unlabeled(_) => {
                marks.pop();
            }
            Self::BoxInBox => {
                let mut inner = first;
                inner.area.left += inner.area.width / 5;
                inner.area.top += inner.area.height * 2 / 5;
                inner.area.width = inner.area.width * 3 / 5;
                inner.area.height = inner.area.height * 2 / 5;
                marks.push(inner);
            }
            Self::SameScene(_) => {}
        }
    }
}

fn other_tag(tag: usize) -> usize {
    if tag == Kind::Bottle.tag() { Kind::Can.tag() } else { Kind::Bottle.tag() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, UNIX_EPOCH};

    use super::super::paint::jpeg;
    use super::super::row::RowWriter;
    use super::super::scene::Recipe;
    use super::*;
    use crate::signature::Relative;
    use crate::signature::Signer;
    use domain::checks::{Facts, OddBoxes, TwinLabels};
    use domain::wall::{Feature, Features, Looks, order_regions};
    use domain::{
        BlobKind, Catalogue, CheckKind, CheckOptions, ProjectId, ProjectKind, RecordReader, RegionSort, Tag, checks,
    };
    use pixels::{DecodeRequest, PerceptualHasher, decode};

    const RECIPE: Recipe = Recipe { regions: None };
    const IMAGES: usize = 240;

    /// The sample as it is listed, image 0 first.
    fn catalogue() -> Catalogue {
        let signer =
            Signer::new(b"k", "http://127.0.0.1:9", Relative::None, ProjectId::default(), Duration::from_secs(9))
                .expect("signer");
        let uris = signer.at(UNIX_EPOCH);
        let rows = RowWriter::new(RECIPE, IMAGES, 0);
        let mut reader = RecordReader::new();
        let mut catalogue = Catalogue::new();
        let tags = super::super::kind::TAGS.map(|tag| Tag {
            id: tag.id,
            name: tag.name.to_owned(),
            description: None,
            kind: tag.kind.to_owned(),
            image_count: 0,
        });
        catalogue.set_tags(&tags);
        let row = |place: usize| {
            let mut text = Vec::new();
            let scene = RECIPE.scene(place);
            let marks: Vec<_> = RECIPE.marks(place, &scene).into_iter().enumerate().collect();
            rows.write(place, &scene, Some(&marks), None, &uris, &mut text);
            reader.line(&text, place).expect("row")
        };
        catalogue.append((0..IMAGES).map(row).collect());
        catalogue
    }

    /// What a check sees of a mistake without a model.
    fn seen(mistake: Mistake) -> CheckKind {
        match mistake {
            Mistake::DoubledBox => CheckKind::Overlap,
            // The second tag's box does not have the shape of that tag either, where that is far enough from usual.
            Mistake::TwoTags => CheckKind::OverlapOther,
            Mistake::WrongTag => CheckKind::Outlier,
            Mistake::TinyBox => CheckKind::Tiny,
            Mistake::WholeImage => CheckKind::Whole,
            Mistake::BoxInBox => CheckKind::Inside,
            Mistake::SameScene(_) | Mistake::Shifted(_) | Mistake::Unlabeled(_) => CheckKind::Duplicate,
        }
    }

    #[test]
    fn every_mistake_that_labels_show_is_found_and_nothing_else() {
        let catalogue = catalogue();
        let found = checks::all(&catalogue, ProjectKind::Detection, &CheckOptions::default());
        let found: BTreeSet<_> =
            found.iter().filter_map(|finding| Some((finding.image?.index(), finding.kind()))).collect();
        let of_labels = PLANTED.iter().filter(|(_, mistake)| mistake.twin().is_none());
        let mut expected: BTreeSet<_> = of_labels.map(|&(place, mistake)| (place, seen(mistake))).collect();
        // A jar's box with the tag of bottles besides its own: too wide for a bottle.
        expected.insert((204, CheckKind::Outlier));
        assert_eq!(found, expected);
    }

    #[test]
    fn scenes_that_come_twice_are_found_among_others_and_their_boxes_compared() {
        let twins: Vec<_> = PLANTED.iter().filter_map(|&(place, mistake)| Some((place, mistake.twin()?))).collect();
        let mut hasher = PerceptualHasher::new();
        let mut hash = |place: usize| {
            let file = jpeg(RECIPE, place, BlobKind::Thumbnail).expect("file");
            hasher.hash(&decode(&file, DecodeRequest::default()).expect("picture").raster)
        };
        let mut hashes = vec![None; IMAGES];
        let others = (0..IMAGES).step_by(16);
        for place in others.chain(twins.iter().flat_map(|&(a, b)| [a, b])) {
            hashes[place] = hash(place);
        }
        let catalogue = catalogue();
        let mut found = BTreeSet::new();
        for finding in checks::duplicates(&catalogue, &hashes, &CheckOptions::default()) {
            assert_eq!(finding.kind(), CheckKind::Duplicate);
            let Facts::Duplicate { other, labels, .. } = finding.facts else { continue };
            let odd = match labels {
                TwinLabels::OtherBoxes(OddBoxes { here, there, odd: 1, others: 0, missing }) => {
                    Some((finding.regions().count(), missing.is_some(), i64::from(there) - i64::from(here)))
                }
                TwinLabels::OtherBoxes(_) | TwinLabels::OtherTags => panic!("{finding:?}"),
                TwinLabels::Same => None,
            };
            found.insert((finding.image.expect("image").index(), other.index(), odd));
        }
        // Boxes without a counterpart here, whether there is one there, and how many more of the tag are there.
        let expected = PLANTED.iter().filter_map(|&(place, mistake)| match mistake {
            Mistake::Shifted(twin) => Some([(place, twin, Some((1, true, 0))), (twin, place, Some((1, true, 0)))]),
            Mistake::Unlabeled(twin) => Some([(place, twin, Some((0, true, 1))), (twin, place, Some((1, false, -1)))]),
            Mistake::SameScene(twin) => Some([(place, twin, None), (twin, place, None)]),
            _ => None,
        });
        assert_eq!(found, expected.flatten().collect());
    }

    /// The places of the boxes with a wrong tag among all regions of the sample, in this order.
    fn ranks_of_wrong_tags(sort: RegionSort) -> Vec<usize> {
        let catalogue = catalogue();
        let mut features = Features::default();
        for image in catalogue.iter() {
            let file = jpeg(RECIPE, image.ix.index(), BlobKind::Thumbnail).expect("file");
            let raster = decode(&file, DecodeRequest::default()).expect("picture").raster;
            for region in image.regions() {
                features.insert(region.ix, Feature::from_region(&raster, region.rect));
            }
        }
        let images: Vec<_> = catalogue.iter().map(|image| image.ix).collect();
        let order = order_regions(&catalogue, &images, None, sort, false, Looks::of(&features));
        let wrong = PLANTED.iter().filter(|(_, mistake)| *mistake == Mistake::WrongTag);
        let first = wrong.filter_map(|&(place, _)| catalogue.iter().nth(place)?.regions().next());
        let mut ranks: Vec<_> = first.map(|region| order.place(region.ix.into()).expect("shown") + 1).collect();
        ranks.sort_unstable();
        ranks
    }

    #[test]
    fn a_wrong_tag_is_found_by_what_the_box_looks_like_better_than_by_the_average() {
        let (nearest, average) =
            (ranks_of_wrong_tags(RegionSort::LooksLikeOther), ranks_of_wrong_tags(RegionSort::LeastAlike));
        assert!(nearest.last() < Some(&25), "{nearest:?}");
        assert!(average.first() > Some(&50), "{average:?}");
    }

    #[test]
    fn a_twin_came_just_before_and_has_no_mistake_of_its_own() {
        for (place, mistake) in PLANTED {
            let Some(twin) = mistake.twin() else { continue };
            assert_eq!(planted(twin), None, "image {twin}");
            assert!(matches!(mistake, Mistake::SameScene(_)) || twin + 1 == place, "image {place}");
        }
    }
}
