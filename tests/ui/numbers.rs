//! No number ever loses a digit: every screen and dialog is painted with its widest values, in small windows too, and
//! no text with a digit reaches beyond the edge that clips it, or over another text.

use egui::epaint::{ClippedShape, TextShape};
use egui::{Color32, Rect, Shape, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tagscope::app::dialog::Dialog;
use tagscope::app::similar::CompareProgress;
use tagscope::app::wall::{WallCommand, WallEvent};
use tagscope::app::{
    CanvasCommand, Command, DisplayCommand, Event, ExportReport, ListingState, QueryCommand, SelectionCommand,
    Settings, Task, TaskId, TaskState, View, WindowCommand, words as app_words,
};
use tagscope::domain::{ImageIx, RegionSort, UnitRect};

use super::fixture::{Parts, row, window_of};

const IMAGES: usize = 12_345;
const SIZES: [[f32; 2]; 3] = [[1280.0, 800.0], [900.0, 600.0], [640.0, 420.0]];

/// A large project of large images, in which the first image has regions with the longest figures.
fn large() -> Parts {
    let rows = (0..IMAGES).map(|n| {
        let mut row = row(n, if n == 0 { 12 } else { 3 });
        (row.width, row.height) = (30_000, 20_000);
        row.regions[0].rect = UnitRect::new(0.0, 0.0, 1.0, 1.0);
        row.regions[1].rect = UnitRect::new(0.9, 0.9, 0.1, 0.1);
        row
    });
    let mut parts = Parts::of_rows(rows.collect());
    parts.state.settings = Settings { show_left: true, show_right: true, ..Settings::default() };
    let generation = parts.state.generation;
    let state =
        ListingState::Running { listed: 1_234_567, total: Some(12_345_678), pages_per_second: 0.1, waiting: None };
    parts.apply(Event::Listing { generation, state });
    parts.apply(Event::CacheSize(212_000_000_000));
    parts
}

/// Every text that was painted, where it is clipped, and where it stands.
pub(super) fn texts<State>(harness: &Harness<'_, State>) -> Vec<(Rect, TextShape)> {
    fn of(shape: &Shape, found: &mut Vec<TextShape>) {
        match shape {
            Shape::Text(text) => found.push(text.clone()),
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| of(shape, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for ClippedShape { clip_rect, shape, .. } in &harness.output().shapes {
        let mut texts = Vec::new();
        of(shape, &mut texts);
        found.extend(texts.into_iter().map(|text| (*clip_rect, text)));
    }
    found
}

/// Whether it is a text with a digit that can be seen. The query's own text is transparent behind its chips.
fn has_number(text: &TextShape) -> bool {
    let is_seen = text.galley.job.sections.iter().any(|section| section.format.color != Color32::TRANSPARENT);
    is_seen && text.opacity_factor > 0.0 && text.galley.text().chars().any(|letter| letter.is_ascii_digit())
}

fn words(text: &TextShape, clip: Rect) -> String {
    format!("{:?} at {:?} in {clip:?}", text.galley.text(), text.visual_bounding_rect())
}

/// Numbers that are cut at the left or right.
fn clipped(harness: &Harness<'_, Parts>) -> Vec<String> {
    let window = harness.ctx.content_rect();
    let is_cut = |(clip, text): &(Rect, TextShape)| {
        let (clip, rect) = (clip.intersect(window), text.visual_bounding_rect());
        let is_seen = clip.intersect(rect).is_positive();
        has_number(text) && is_seen && (rect.left() < clip.left() - 0.5 || rect.right() > clip.right() + 0.5)
    };
    texts(harness).iter().filter(|found| is_cut(found)).map(|(clip, text)| words(text, *clip)).collect()
}

/// Numbers that are painted over another text of the same part of the window, or under it.
fn overprinted(harness: &Harness<'_, Parts>) -> Vec<String> {
    let all = texts(harness);
    let is_seen = |(_, text): &&(Rect, TextShape)| {
        text.opacity_factor > 0.0
            && text.visual_bounding_rect().is_finite()
            && text.visual_bounding_rect().is_positive()
    };
    let seen: Vec<_> = all.iter().filter(is_seen).collect();
    let mut found = Vec::new();
    for (at, (clip, text)) in seen.iter().enumerate() {
        for (other_clip, other) in &seen[at + 1..] {
            let shared = text.visual_bounding_rect().intersect(other.visual_bounding_rect()).intersect(*clip);
            let is_one = clip == other_clip && (has_number(text) || has_number(other));
            if is_one && shared.width() > 1.5 && shared.height() > 2.0 {
                found.push(format!("{} and {}", words(text, *clip), words(other, *other_clip)));
            }
        }
    }
    found
}

/// Whether these words are painted. Digits are painted one by one: what stands side by side makes a number.
fn painted(harness: &Harness<'_, Parts>, wanted: &str) -> bool {
    let shown = texts(harness);
    let mut letters: Vec<_> = shown.iter().map(|(_, text)| (text.pos, text.galley.text().to_owned())).collect();
    letters.sort_by(|(one, _), (other, _)| (one.y, one.x).partial_cmp(&(other.y, other.x)).expect("places"));
    letters.iter().map(|(_, letter)| letter.as_str()).collect::<String>().contains(wanted)
}

#[track_caller]
fn assert_whole(harness: &mut Harness<'_, Parts>, what: &str) {
    harness.run();
    let (cut, over) = (clipped(harness), overprinted(harness));
    assert!(cut.is_empty(), "{what}: cut: {cut:#?}");
    assert!(over.is_empty(), "{what}: overprinted: {over:#?}");
}

fn at(parts: Parts, size: [f32; 2]) -> Harness<'static, Parts> {
    window_of(parts, size[0], size[1])
}

#[test]
fn no_number_of_a_screen_is_cut() {
    let mut all = Vec::new();
    for size in SIZES {
        let mut harness = at(large(), size);
        let mut look = |harness: &mut Harness<'_, Parts>, what: &str| {
            harness.run();
            let cut = [clipped(harness), overprinted(harness)].concat();
            all.extend(cut.into_iter().map(|found| format!("{what} at {size:?}: {found}")));
        };
        look(&mut harness, "grid");
        harness.state_mut().update(Command::Selection(SelectionCommand::All));
        look(&mut harness, "grid with everything selected");
        harness.state_mut().update(Command::Query(QueryCommand::Edit("area>50%".to_owned())));
        look(&mut harness, "a query");
        harness.state_mut().update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
        look(&mut harness, "canvas");
        for view in [View::Wall, View::Statistics] {
            harness.state_mut().update(Command::Display(DisplayCommand::SetView(view)));
            look(&mut harness, &format!("{view:?}"));
        }
    }
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn the_region_table_shows_the_first_digit_of_a_region_that_covers_the_image() {
    for is_in_fractions in [false, true] {
        let mut harness = at(large(), [1280.0, 800.0]);
        harness.state_mut().update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
        harness.run();
        if is_in_fractions {
            harness.get_by_label("Show fractions").click();
        }
        assert_whole(&mut harness, "the table");
        assert!(painted(&harness, "100.0 %"), "the share of a box that covers the image");
        assert!(painted(&harness, if is_in_fractions { "1.000" } else { "30000" }));
    }
}

#[test]
fn no_number_of_the_wall_is_cut_while_regions_are_compared() {
    for size in SIZES {
        let mut parts = large();
        parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
        parts.update(Command::Wall(WallCommand::SetSort(RegionSort::LeastAlike)));
        let generation = parts.state.generation;
        let compared = CompareProgress { done: 1_234, total: IMAGES, is_full: false };
        parts.apply(Event::Wall { generation, event: WallEvent::Compared(compared) });
        assert_whole(&mut at(parts, size), &format!("comparing at {size:?}"));
    }
}

#[test]
fn the_count_of_the_wall_is_whole_beside_a_search() {
    for (size, has_better) in [([1280.0, 800.0], false), ([900.0, 600.0], false), ([900.0, 600.0], true)] {
        let mut parts = large();
        parts.update(Command::Display(DisplayCommand::SetView(View::Wall)));
        parts.update(Command::Wall(WallCommand::SetSort(RegionSort::LooksLikeOther)));
        parts.state.opened.as_mut().expect("project").wall.has_better = has_better;
        let count = format!("{} regions", app_words::thousands(parts.opened().catalogue.region_count() as u64));
        parts.state.opened.as_mut().expect("project").wall.searched = Some((12_345, 37_044));
        let mut harness = at(parts, size);
        assert_whole(&mut harness, &format!("searching at {size:?}"));
        // With one more button it is shortened, but as a whole.
        let is_there = painted(&harness, &count) || (has_better && painted(&harness, "37k regions"));
        assert!(is_there, "{count} at {size:?}");
        assert!(painted(&harness, "33 %"), "how far it is, at {size:?}");
        assert_eq!(harness.query_by_label("Sort again").is_some(), has_better);
    }
}

#[test]
fn no_number_of_a_dialog_is_cut() {
    let report = ExportReport {
        formats: formats::Format::ALL.iter().map(|format| format.label().to_owned()).collect(),
        images_in: 1_234_567,
        images_out: 1_234_567,
        regions_in: 12_345_678,
        regions_out: 12_345_678,
        bytes: u64::MAX / 1_000,
        seconds: 123_456.7,
        ..ExportReport::default()
    };
    let running = TaskState::Running {
        stage: "Downloading",
        done: 1_234_567,
        total: 12_345_678,
        bytes: 123_456_789_012,
        waiting: None,
    };
    let task = |id, state| {
        let (title, progress) = ("Export to x".to_owned(), Default::default());
        Task { id: TaskId(id), title, state, retry: None, paused: None, is_canceled: false, progress }
    };
    for size in SIZES {
        let mut harness = at(large(), size);
        harness.state_mut().state.tasks =
            vec![task(901, TaskState::Done(Box::new(report.clone()))), task(902, running.clone())];
        let dialogs = [
            Dialog::Report(TaskId(901)),
            Dialog::Tasks,
            Dialog::Export,
            Dialog::Findings,
            Dialog::Diagnostics,
            Dialog::Settings,
            Dialog::Reviews,
        ];
        for dialog in dialogs {
            harness.state_mut().update(Command::Window(WindowCommand::ShowDialog(Some(dialog))));
            assert_whole(&mut harness, &format!("{dialog:?} at {size:?}"));
        }
    }
}

#[test]
fn no_number_is_cut_while_the_panels_are_narrow() {
    let mut harness = at(large(), [1280.0, 800.0]);
    harness.state_mut().update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
    harness.run();
    // The seams of both panels, as far in as they go.
    for (x, by) in [(240.0, -200.0), (1280.0 - 284.0, 200.0)] {
        for dx in -8..=8 {
            let from = egui::pos2(x + dx as f32, 400.0);
            super::fixture::band(&mut harness, from, from + Vec2::new(by, 0.0));
        }
    }
    assert_whole(&mut harness, "narrow panels");
}
