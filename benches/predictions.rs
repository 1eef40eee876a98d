//! The sliders of the evaluation on 100,000 images with 1,000,000 labels and 2,000,000 predictions.
//!
//! `cargo bench --bench predictions`

#![allow(clippy::expect_used, unreachable_pub, reason = "shares the fixtures of the tests")]
#![allow(clippy::print_stdout, reason = "it speaks to a terminal")]

#[path = "shared/figures.rs"]
#[expect(dead_code, reason = "shared by all benches")]
mod figures;
#[path = "../tests/ui/fixture.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod fixture;

use std::hint::black_box;
use std::sync::Arc;

use figures::{figure, times};
use tagscope::domain::evaluation::{Detection, Matches, Outcome, Ranking, Slide, TagSlide};
use tagscope::domain::{Catalogue, ImageIx, PredictionsBuilder, TagIx, UnitRect};

fn main() {
    let mut catalogue = Catalogue::new();
    for start in (0..100_000).step_by(1_000) {
        catalogue.append((start..start + 1_000).map(|n| fixture::row(n, 10)).collect());
    }
    let mut dice = fastrand::Rng::with_seed(7);
    let mut builder = PredictionsBuilder::new(true);
    for image in catalogue.iter() {
        for region in image.regions() {
            // One that agrees, more or less, and one that lies anywhere.
            let moved = UnitRect { left: region.rect.left + dice.f32() * 0.05, ..region.rect };
            builder.push(image.ix, region.tag, dice.f64(), moved);
            let anywhere = UnitRect::new(dice.f32() * 0.8, dice.f32() * 0.8, dice.f32() * 0.2, dice.f32() * 0.2);
            builder.push(image.ix, region.tag, dice.f64(), anywhere);
        }
    }
    let predictions = builder.finish();
    let images: Vec<ImageIx> = (0..catalogue.len() as u32).map(ImageIx).collect();
    let detection = Detection { catalogue: &catalogue, predictions: &predictions, images: &images };
    let ranking = Arc::new(Ranking::of(&catalogue, &predictions, &images, true));
    let overlaps: Vec<_> = (0..detection.parts()).map(|part| detection.overlaps(part)).collect();
    let compare = || {
        let parts = overlaps.iter().map(|part| detection.matches_of(part, 0.5));
        let matches = Matches::join(predictions.len(), catalogue.region_count(), parts);
        let tags = (0..ranking.len()).map(|at| TagSlide::of(&ranking, TagIx(at as u16), &matches)).collect();
        (Slide::join(Arc::clone(&ranking), tags), matches)
    };
    let compared = times(5, || {
        black_box(compare());
    });
    figure("another IoU, one thread, in the background", compared.median_ms(), "ms", None);
    let (slide, matches) = compare();
    let counted = times(20, || {
        black_box(slide.at(black_box(0.37)));
    });
    figure("counts at another score", counted.median_ms(), "ms", Some(16.0));
    let listed = times(20, || {
        black_box(images.iter().filter(|image| matches.any(**image, Outcome::False, black_box(0.37))).count());
    });
    figure("images with false predictions at another score", listed.median_ms(), "ms", Some(16.0));
    let curves = times(5, || {
        black_box(slide.curve(None));
    });
    figure("a curve, once for an IoU", curves.median_ms(), "ms", None);
}
