//! What asking costs over 100,000 images with 1,000,000 regions, as the window does it: the query held against everything
//! with all facets counted, a page that comes while one is in force, a decision, and findings that come.
//!
//! `cargo bench --bench query`

#![allow(clippy::expect_used, unreachable_pub, reason = "a bench ends by panicking")]
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
use fixture::{Parts, TAGS};
use tagscope::app::checks::CheckEvent;
use tagscope::app::query::QueryCommand;
use tagscope::app::review::{ReviewCommand, ReviewEvent};
use tagscope::app::view::View;
use tagscope::app::wall::WallCommand;
use tagscope::app::{Command, DisplayCommand, Event};
use tagscope::domain::checks::{self, ImagesPart};
use tagscope::domain::query::parse;
use tagscope::domain::{
    CheckOptions, Decision, ImageIx, ImageRow, Page, ProjectKind, Reviews, Statement, Subject, TagId, Timestamp,
    UnitRect, Verdict,
};
use uuid::Uuid;

const IMAGES: usize = 100_000;
const PAGE: usize = 256;

/// As in a real project: sizes, places and days differ, some regions lie on each other.
fn row(n: usize) -> ImageRow {
    let mut random = fastrand::Rng::with_seed(n as u64);
    let mut row = fixture::row(n, 10);
    (row.width, row.height) = [(800, 600), (1_024, 768), (4_000, 3_000), (640, 480)][random.usize(..4)];
    row.created = Some(Timestamp(16_000_000_000_000_000 - n as i64 * 10_000_000 * 120));
    let first = random.usize(..TAGS.len());
    for (at, region) in row.regions.iter_mut().enumerate() {
        // Two or three of the tags on each image.
        let tag = (first + at % (2 + n % 2)) % TAGS.len();
        (region.tag, region.tag_name) = (TagId(Uuid::from_u128(tag as u128 + 1)), TAGS[tag].into());
        let side = 0.02 + random.f32() * random.f32() * 0.5;
        region.rect = UnitRect::new(random.f32() * 0.5, random.f32() * 0.5, side, side * (0.5 + random.f32()));
    }
    row
}

/// A reviewer has decided every second image, and some regions.
fn reviews(parts: &Parts) -> Reviews {
    let mut reviews = Reviews::default();
    reviews.set_reviewer("Ada");
    let catalogue = &parts.opened().catalogue;
    for (number, ix) in (0..IMAGES as u32).step_by(2).enumerate() {
        let image = catalogue.get(ImageIx(ix)).expect("image");
        let mut subjects = vec![Subject::image(image.id())];
        if ix % 10 == 0 {
            subjects.push(Subject::region(image.id(), image.regions().next().expect("region").id));
        }
        let verdict = Some([Verdict::Accepted, Verdict::Flagged][number % 2]);
        let statement = Statement::Decide { subjects, verdict };
        reviews
            .apply(&Decision { number: number as u64 + 1, at: 1_700_000_000, by: "Ada".into(), statement })
            .expect("follows");
    }
    reviews
}

fn ask(parts: &mut Parts, text: &str) {
    parse(text).expect("a query of the language");
    parts.update(Command::Query(QueryCommand::Edit(text.to_owned())));
    let query = &parts.opened().query;
    assert!(query.error.is_none(), "`{text}` is understood");
}

fn main() {
    let mut parts = Parts::of_rows((0..IMAGES).map(row).collect());
    parts.state.settings.reviewer = "Ada".to_owned();
    let loaded = ReviewEvent::Loaded { reviews: Arc::new(reviews(&parts)), shut: None, notes: Vec::new() };
    let generation = parts.state.generation;
    parts.apply(Event::Review { generation, event: loaded });
    let all = checks::images(
        &ImagesPart::of(&parts.opened().catalogue, 0..IMAGES as u32),
        ProjectKind::Detection,
        &CheckOptions::default(),
    );
    // Boxes at random lie on each other far more often than drawn ones.
    let found: Vec<_> = all.into_iter().step_by(8).collect();
    parts.apply(Event::Check { generation, event: CheckEvent::Images { round: 0, found: found.clone() } });
    assert_eq!(parts.opened().checks.findings.len(), found.len(), "findings are taken");
    figure("findings among them", found.len() as f64, "", None);

    let queries = [
        "",
        "tag:fork",
        "tag:fork -tag:scissors regions>=3 area<0.5%",
        "area<0.5% or aspect>2 or right>98%",
        "rw<20px or rh<20px",
        "created>2020-06-01 w>800 meta.camera=c1",
        "review:none",
        "check:overlap review:none",
        "not (tag:fork or findings>=2) size:800x600",
        "fork or \"c1\"",
    ];
    for text in queries {
        let full = times(30, || {
            ask(&mut parts, black_box(text));
        });
        let shown = parts.opened().visible.len();
        figure(&format!("query `{text}` and all facets, {shown} shown"), full.median_ms(), "ms", Some(16.0));
    }
    let finding = times(30, || {
        let event = CheckEvent::Images { round: 0, found: Vec::new() };
        parts.apply(Event::Check { generation, event });
    });
    figure("findings come", finding.median_ms(), "ms", Some(4.0));
    for text in ["", "review:none"] {
        ask(&mut parts, text);
        parts.update(Command::Review(ReviewCommand::StepUnreviewed(1)));
        let mut verdicts = [Verdict::Accepted, Verdict::Flagged].into_iter().cycle();
        let decided = times(60, || {
            let verdict = verdicts.next().expect("endless");
            parts.update(Command::Review(ReviewCommand::DecideHere(verdict)));
        });
        figure(&format!("a decision with `{text}` in force"), decided.median_ms(), "ms", Some(16.0));
    }

    let mut next = IMAGES;
    for text in ["", "tag:fork -tag:scissors regions>=3 area<0.5%", "review:none"] {
        ask(&mut parts, text);
        let pages: Vec<Vec<ImageRow>> =
            (0..42).map(|at| (0..PAGE).map(|n| row(next + at * PAGE + n)).collect()).collect();
        next += 42 * PAGE;
        let mut pages = pages.into_iter();
        let page = times(38, || {
            let page = Page { rows: pages.next().expect("a page"), ..Page::default() };
            parts.apply(Event::Page { generation, page });
        });
        let what = format!("a page of 256 x 10 comes with `{text}` in force, all of it");
        figure(&what, page.median_ms(), "ms", Some(2.0));
    }

    let mut parts = Parts::of_rows((0..IMAGES).map(row).collect());
    all_decided(&mut parts);
    for (view, what) in [(View::Grid, "image of 100,000"), (View::Wall, "region of 1,000,000")] {
        parts.update(Command::Display(DisplayCommand::SetView(view)));
        parts.update(Command::Wall(WallCommand::Refresh));
        let step = times(20, || parts.update(Command::Review(ReviewCommand::StepUnreviewed(1))));
        assert!(parts.opened().review.remark.is_some(), "it says that nothing is left");
        let what = format!("looking for the next {what} without a decision where all are decided");
        figure(&what, step.median_ms(), "ms", Some(4.0));
    }
}

/// Has every image and every region decided about.
fn all_decided(parts: &mut Parts) {
    parts.state.settings.reviewer = "Ada".to_owned();
    let mut reviews = Reviews::default();
    let catalogue = Arc::clone(&parts.opened().catalogue);
    for (image, number) in catalogue.iter().zip(1..) {
        let regions = image.region_ids().iter().map(|&region| Subject::region(image.id(), region));
        let subjects: Vec<_> = std::iter::once(Subject::image(image.id())).chain(regions).collect();
        reviews.decide(number, 1_700_000_000, &"Ada".into(), &subjects, Some(Verdict::Accepted)).expect("follows");
    }
    let generation = parts.state.generation;
    let event = ReviewEvent::Loaded { reviews: Arc::new(reviews), shut: None, notes: Vec::new() };
    let loaded = std::time::Instant::now();
    parts.apply(Event::Review { generation, event });
    figure("1,100,000 decisions taken in by the window", loaded.elapsed().as_secs_f64() * 1e3, "ms", None);
}
