//! Findings in the real window: named on the thumbnail, listed in the inspector, walked by keys, dismissed and put back.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagscope::app::checks::CheckEvent;
use tagscope::app::review::ReviewEvent;
use tagscope::app::{Action, Event, View};
use tagscope::domain::checks::{self, ImagesPart};
use tagscope::domain::{CheckKind, CheckOptions, ImageIx, ProjectKind};

use super::fixture::{Parts, row, window};
use super::numbers::texts;

/// Six images of one box; on images 1 and 4 the box is there twice.
fn shown() -> Harness<'static, Parts> {
    let rows = (0..6).map(|n| {
        let mut image = row(n, 1);
        if n % 3 == 1 {
            let mut again = image.regions[0].clone();
            again.id = domain::RegionId(uuid::Uuid::from_u128(0xabc_0000 + n as u128));
            image.regions.push(again);
        }
        image
    });
    let mut parts = Parts::of_rows(rows.collect());
    let generation = parts.state.generation;
    let catalogue = std::sync::Arc::clone(&parts.opened().catalogue);
    let part = ImagesPart::of(&catalogue, 0..6);
    let found = checks::images(&part, ProjectKind::Detection, &CheckOptions::default());
    load_decisions(&mut parts);
    parts.apply(Event::Check { generation, event: CheckEvent::Images { round: 0, found } });
    let mut harness = window(parts);
    harness.run();
    harness
}

/// Decisions, of which dismissing a finding is one, can be made.
fn load_decisions(parts: &mut Parts) {
    let generation = parts.state.generation;
    let event = ReviewEvent::Loaded { reviews: Default::default(), shut: None, notes: Vec::new() };
    parts.apply(Event::Review { generation, event });
}

fn cursor(harness: &Harness<'_, Parts>) -> Option<ImageIx> {
    harness.state().opened().cursor
}

#[test]
fn findings_are_walked_dismissed_and_put_back_with_keys_and_links() {
    let mut harness = shown();
    assert_eq!(harness.query_all_by_label_contains("1 finding, 2 regions").count(), 2);
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert_eq!((harness.state().opened().view, cursor(&harness)), (View::Canvas, Some(ImageIx(1))));
    let sentence = "cover the same area";
    assert!(harness.query_by_label_contains(sentence).is_some());
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert_eq!(cursor(&harness), Some(ImageIx(4)));
    harness.key_press(Key::OpenBracket);
    harness.run();
    assert_eq!(cursor(&harness), Some(ImageIx(1)));

    harness.get_by_label("Dismiss").click();
    harness.run();
    assert!(harness.query_by_label_contains(sentence).is_none());
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 1);
    harness.get_by_label("Show 1 dismissed").click();
    harness.run();
    harness.get_by_label("Restore").click();
    harness.run();
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 2);

    harness.key_press(Key::D);
    harness.run();
    assert_eq!(cursor(&harness), Some(ImageIx(4)), "on to the next one");
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 1);
    harness.get_by_label_contains(sentence).click();
    harness.run();
    assert!(harness.state().opened().region.is_some());

    // The undo of everything else takes the dismissal back, and says so at the foot of the stage.
    harness.key_press(Key::U);
    harness.run();
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 2);
    assert_eq!(cursor(&harness), Some(ImageIx(1)), "at the image of the finding");
    let words = "Undone: dismissed the finding \u{201c}Boxes overlap, same tag\u{201d} on 1 image";
    let places: Vec<_> = harness.query_all_by_label_contains(words).map(|node| node.rect()).collect();
    assert!(places.iter().any(|place| place.bottom() < 780.0), "not in the status bar alone: {places:?}");
}

#[test]
fn the_dialog_tells_the_kinds_and_leads_to_their_images() {
    let mut harness = shown();
    harness.get_by_label("2 findings").click();
    harness.run();
    let label = CheckKind::Overlap.label();
    assert!(harness.query_by_label("Overlap, same tag: IoU over 0.90").is_some());
    harness.get_by_label(label).click();
    harness.run();
    assert_eq!(harness.state().state.dialog, None);
    assert_eq!(harness.state().opened().visible, [ImageIx(1), ImageIx(4)]);
    assert!(Action::NextFinding.is_enabled(&harness.state().state));
}

#[test]
fn thresholds_are_shown_in_full() {
    let mut harness = shown();
    harness.get_by_label("2 findings").click();
    harness.run();
    harness.run_steps(4);
    harness.get_by_label("Near-duplicate: up to 4 of 64 bits");
    let dialog = harness.get_by_role_and_label(Role::Dialog, "Findings").rect();
    let shown = texts(&harness);
    let inside = shown.iter().filter(|(_, text)| dialog.contains(text.visual_bounding_rect().center()));
    let cut: Vec<_> = inside.filter(|(_, text)| text.galley.elided).map(|(_, text)| text.galley.text()).collect();
    assert!(cut.is_empty(), "{cut:?}");
}

#[test]
fn dismissed_findings_are_listed_opened_and_restored_in_the_dialog() {
    let mut harness = shown();
    harness.key_press(Key::CloseBracket);
    harness.run();
    harness.key_press(Key::D);
    harness.run();
    let click = |harness: &mut Harness<'_, Parts>, label: &str| {
        harness.get_by_label(label).click();
        harness.run();
    };
    click(&mut harness, "1 finding");
    harness.get_by_label("1 dismissed");
    click(&mut harness, "Show dismissed");
    // From another image, and with the canvas left behind.
    assert_eq!(cursor(&harness), Some(ImageIx(4)));
    let sentence = harness.get_all_by_label_contains("cover the same area").last().expect("its row").rect().center();
    harness.drag_at(sentence);
    harness.step();
    harness.drop_at(sentence);
    harness.run();
    assert_eq!((harness.state().state.dialog, cursor(&harness)), (None, Some(ImageIx(1))));
    click(&mut harness, "1 finding");
    let in_dialog = harness.get_all_by_label("Restore").last().expect("the link").rect().center();
    harness.drag_at(in_dialog);
    harness.step();
    harness.drop_at(in_dialog);
    harness.run();
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 2);
    assert!(harness.query_by_label_contains("dismissed").is_none());
}

#[test]
fn an_image_without_findings_says_so() {
    let mut harness = shown();
    let generation = harness.state().state.generation;
    let event = CheckEvent::Whole { round: 0, found: Vec::new() };
    harness.state_mut().apply(Event::Check { generation, event });
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(cursor(&harness), Some(ImageIx(0)));
    assert!(harness.query_by_label("No findings.").is_some());
}

#[test]
fn a_box_that_nearly_the_same_picture_has_is_shown_where_it_is_missing() {
    let mut rows: Vec<_> = (0..3).map(|n| row(n, 1)).collect();
    let mut twin = row(3, 2);
    twin.tags = rows[0].tags.clone();
    for (at, region) in twin.regions.iter_mut().enumerate() {
        (region.tag, region.tag_name) = (rows[0].regions[0].tag, rows[0].regions[0].tag_name.clone());
        if at == 0 {
            region.rect = rows[0].regions[0].rect;
        } else {
            region.rect = domain::UnitRect::new(0.8, 0.8, 0.15, 0.15);
        }
    }
    rows.push(twin);
    let mut parts = Parts::of_rows(rows);
    let generation = parts.state.generation;
    let catalogue = std::sync::Arc::clone(&parts.opened().catalogue);
    let hashes = [Some(7), Some(!7), None, Some(7)];
    let found = checks::duplicates(&catalogue, &hashes, &CheckOptions::default());
    assert_eq!(found.len(), 2);
    let event = CheckEvent::Images { round: 0, found: found.clone() };
    load_decisions(&mut parts);
    parts.apply(Event::Check { generation, event });
    let mut harness = window(parts);
    harness.run();
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert_eq!((harness.state().opened().view, cursor(&harness)), (View::Canvas, Some(ImageIx(0))));
    assert_eq!(harness.state().opened().region, None, "the box is not of this image");
    let missing = "on the other image";
    assert_eq!(harness.query_all_by_label_contains(missing).count(), 1);
    assert!(harness.query_by_label_contains("1 box of").is_some());
    // The twin has it, and it is chosen there.
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert_eq!(cursor(&harness), Some(ImageIx(3)));
    assert_eq!(harness.state().opened().region, found[1].regions().next());
    assert_eq!(harness.query_all_by_label_contains(missing).count(), 0);
    harness.key_press(Key::OpenBracket);
    harness.run();
    harness.get_by_label("Dismiss").click();
    harness.run();
    assert_eq!(harness.query_all_by_label_contains(missing).count(), 0, "it is no problem");
    assert!(harness.state().opened().checks.findings.is_empty(), "nor on the other one");
}

#[test]
fn a_finding_and_a_kind_of_findings_have_menus() {
    let mut harness = shown();
    harness.key_press(Key::CloseBracket);
    harness.run();
    harness.get_by_label_contains("cover the same area").focus();
    harness.run();
    harness.key_press(Key::Menu);
    harness.run();
    harness.get_by_label("Dismiss it").click();
    harness.run();
    assert_eq!(harness.state().opened().checks.findings.count_of(CheckKind::Overlap), 1);
    harness.get_by_label("1 finding").click();
    harness.run();
    harness.get_by_label(CheckKind::Overlap.label()).focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::F10);
    harness.run();
    harness.get_by_label("Exclude this check").click();
    harness.run();
    assert_eq!(harness.state().opened().query.text_in_force(), "-check:overlap");
}
