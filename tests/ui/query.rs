//! The query box in the real window: what it offers while one types, how keys and pointer take it, kept queries, the help.

use egui::epaint::TextShape;
use egui::{Event, Key, Modifiers, Rect, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tagscope::app::{Command, Dialog, QueryCommand};
use tagscope::domain::{ImageRow, TagId};

use super::fixture::{Parts, row, window, window_of};
use super::numbers::texts;

fn typing(parts: Parts) -> Harness<'static, Parts> {
    let mut harness = window(parts);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run();
    harness
}

fn enter(harness: &mut Harness<'_, Parts>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run();
}

/// Half a second in which nothing is typed.
fn pause(harness: &mut Harness<'_, Parts>) {
    harness.run_steps(32);
    harness.run();
}

fn press(harness: &mut Harness<'_, Parts>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn click(harness: &mut Harness<'_, Parts>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

fn text<'a>(harness: &'a Harness<'_, Parts>) -> &'a str {
    &harness.state().opened().query.text
}

fn has_keyboard(harness: &Harness<'_, Parts>) -> bool {
    harness.get_by_label("Query").accesskit_node().is_focused()
}

#[test]
fn arrows_and_enter_take_an_offer_and_typing_goes_on_behind_it() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "tag:sc");
    harness.get_by_label("scissors");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_eq!(text(&harness).trim_end(), "tag:scissors");
    assert!(has_keyboard(&harness));
    assert_eq!(harness.state().opened().visible.len(), 8, "images whose tags or regions are scissors");
    enter(&mut harness, "regio");
    press(&mut harness, Key::Tab);
    assert!(text(&harness).starts_with("tag:scissors regions"), "{}", text(&harness));
    assert!(has_keyboard(&harness), "Tab takes the first offer and goes nowhere");
}

#[test]
fn the_list_gets_longer_while_one_types() {
    let rows = (0..12).map(|number| {
        let mut row = row(number, 1);
        let tag = TagId(uuid::Uuid::from_u128(100 + number as u128));
        (row.regions[0].tag, row.regions[0].tag_name) = (tag, format!("tag{number:02}").into());
        row
    });
    let mut harness = typing(Parts::of_rows(rows.collect()));
    // One offer, then all tags.
    enter(&mut harness, "tag");
    enter(&mut harness, ":");
    harness.run_steps(4);
    // In the list: the tag panel has them too, at the left.
    let box_left = harness.get_by_label("Query").rect().left();
    let offers = texts(&harness);
    let in_sight = |(clip, text): &&(Rect, TextShape)| {
        let place = text.visual_bounding_rect();
        place.left() > box_left && clip.contains_rect(place) && text.galley.text().starts_with("tag0")
    };
    assert!(offers.iter().filter(in_sight).count() >= 5, "{:?}", offers.iter().filter(in_sight).count());
}

#[test]
fn escape_closes_the_list_then_leaves_the_box_and_the_query_stays_as_chips() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "tag:f");
    assert!(harness.query_by_label("fork").is_some());
    press(&mut harness, Key::Escape);
    assert!(has_keyboard(&harness));
    enter(&mut harness, "ork -tag:scissors");
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    assert!(!has_keyboard(&harness));
    assert_eq!(text(&harness), "tag:fork -tag:scissors");
    click(&mut harness, "Remove -tag:scissors");
    assert_eq!(text(&harness).trim(), "tag:fork");
    click(&mut harness, "Remove tag:fork");
    assert_eq!(harness.state().opened().visible.len(), 12);
}

#[test]
fn a_click_takes_an_offer_and_the_box_keeps_the_keyboard() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "tag:");
    let offer = |node: &egui_kittest::Node<'_>| node.rect().width() > 260.0;
    harness.query_all_by_label("fork").find(offer).expect("offer").click();
    harness.run();
    harness.run_steps(3);
    assert_eq!(text(&harness).trim_end(), "tag:fork");
    assert!(has_keyboard(&harness));
}

#[test]
fn examples_are_of_this_project_and_can_be_taken() {
    let mut harness = typing(Parts::new(12, 2));
    click(&mut harness, "tag:fork -tag:scissors: with one tag but not the other");
    assert_eq!(text(&harness), "tag:fork -tag:scissors");
    assert!(has_keyboard(&harness), "to go on");
}

#[test]
fn a_wrong_word_is_explained_and_mended_with_a_click() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "tag:frok");
    pause(&mut harness);
    harness.get_by_label_contains("did you mean");
    assert_eq!(harness.state().opened().visible.len(), 12, "what was shown stays");
    click(&mut harness, "Use fork");
    assert_eq!(text(&harness), "tag:fork");
}

/// Types letter by letter, and says how many images are shown after each.
fn counts(harness: &mut Harness<'_, Parts>, text: &str) -> Vec<usize> {
    let mut counts = Vec::new();
    for letter in text.chars() {
        enter(harness, &letter.to_string());
        counts.push(harness.state().opened().visible.len());
    }
    counts
}

#[test]
fn no_list_is_shown_that_only_the_beginning_of_a_term_chooses() {
    let mut harness = typing(Parts::new(12, 2));
    assert!(counts(&mut harness, "tag:fork").iter().all(|&count| count == 12), "while one types nothing changes");
    enter(&mut harness, " ");
    assert_eq!(harness.state().opened().visible.len(), 4, "the term is whole");
    // Typed without a break, with a pause in the middle of the word, and with one at its end.
    assert!(counts(&mut harness, "regio").iter().all(|&count| count == 4));
    pause(&mut harness);
    assert_eq!(harness.state().opened().visible.len(), 4, "it may still become the name of a term");
    assert!(counts(&mut harness, "ns>3").iter().all(|&count| count == 4));
    pause(&mut harness);
    assert_eq!(harness.state().opened().visible.len(), 0, "no image has more than three regions");
}

/// The first row of a tag, as a screen reader says it.
fn row_of(harness: &Harness<'_, Parts>, tag: &str) -> String {
    let start = format!("{tag}, ");
    let label = |node: &egui_kittest::Node<'_>| node.accesskit_node().label().unwrap_or_default();
    let rows = harness.query_all_by_role(Role::Button).map(|node| label(&node));
    rows.into_iter().find(|label| label.starts_with(&start)).unwrap_or_default()
}

#[test]
fn the_counts_of_tags_follow_the_query() {
    let mut harness = typing(Parts::new(12, 2));
    let rows = |harness: &_| ["fork", "scissors"].map(|tag| row_of(harness, tag));
    assert_eq!(rows(&harness), ["fork, 4 images, 4 boxes", "scissors, 4 images, 8 boxes"]);
    enter(&mut harness, "tag:fork ");
    assert_eq!(rows(&harness), ["fork, 4 images, 4 boxes, included", "scissors, 0 of 4 images, 4 of 8 boxes"]);
}

#[test]
fn an_error_keeps_the_list_and_stays_until_it_is_fixed() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "tag:fork ");
    counts(&mut harness, "regons>3");
    assert_eq!(harness.state().opened().visible.len(), 4);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().opened().visible.len(), 4, "the last valid query stays in force");
    assert!(has_keyboard(&harness), "to fix it");
    harness.get_by_label_contains("did you mean");
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    assert!(!has_keyboard(&harness));
    harness.get_by_label_contains("The list still shows \u{201c}tag:fork\u{201d}");
    click(&mut harness, "Use regions");
    assert_eq!(text(&harness), "tag:fork regions>3");
    assert!(harness.state().opened().query.error.is_none());
    assert!(harness.query_by_label_contains("did you mean").is_none());
}

#[test]
fn an_empty_list_says_that_the_query_has_an_error() {
    let mut parts = Parts::new(12, 2);
    parts.update(Command::Query(QueryCommand::Edit("regions>9".to_owned())));
    parts.update(Command::Query(QueryCommand::Edit("regions>9 tag:frok".to_owned())));
    let mut harness = window(parts);
    harness.run();
    harness.get_by_label("No images match this query");
    let told = harness.query_all_by_label_contains("did you mean").count();
    assert_eq!(told, 2, "below the bar, and in the place of the images");
}

#[test]
fn an_empty_list_says_what_the_query_lacks_and_opens_it() {
    for (query, words, button, dialog) in [
        (
            "change:moved",
            "This query is about changes, but no other state is open to compare with.",
            "Compare with another state...",
            Dialog::Changes,
        ),
        (
            "moved>5px",
            "This query is about changes, but no other state is open to compare with.",
            "Compare with another state...",
            Dialog::Changes,
        ),
        ("pred:missed", "This query is about predictions, but none are loaded.", "Predictions...", Dialog::Predictions),
    ] {
        let mut parts = Parts::new(12, 2);
        parts.update(Command::Query(QueryCommand::Edit(query.to_owned())));
        let mut harness = window(parts);
        harness.run();
        harness.get_by_label_contains(words);
        click(&mut harness, button);
        assert_eq!(harness.state().state.dialog, Some(dialog), "{query}");
    }
}

#[test]
fn queries_are_kept_by_name_chosen_and_forgotten() {
    let mut harness = typing(Parts::new(12, 2));
    enter(&mut harness, "regions>=2");
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    click(&mut harness, "Saved queries");
    click(&mut harness, "Query name");
    enter(&mut harness, "two or more");
    press(&mut harness, Key::Enter);
    let project = harness.state().opened().project.id;
    let kept = |harness: &Harness<'_, Parts>| harness.state().state.settings.saved_queries(project).len();
    assert_eq!(kept(&harness), 1);
    harness.get_by_label("two or more");
    // The same name once more: only the button that says so replaces.
    click(&mut harness, "Query name");
    enter(&mut harness, "two or more");
    assert!(harness.query_by_label("Save").is_none());
    harness.get_by_label("Replace");
    press(&mut harness, Key::Escape);
    click(&mut harness, "Clear the query");
    click(&mut harness, "Saved queries");
    click(&mut harness, "two or more");
    assert_eq!(text(&harness), "regions>=2");
    click(&mut harness, "Saved queries");
    click(&mut harness, "Delete two or more");
    assert_eq!(kept(&harness), 0);
}

#[test]
fn saved_queries_are_renamed_and_moved() {
    let mut parts = Parts::new(12, 2);
    for (name, query) in [("forks", "tag:fork"), ("large", "w>=800"), ("two", "regions>=2")] {
        parts.update(Command::Query(QueryCommand::Edit(query.to_owned())));
        parts.update(Command::Query(QueryCommand::Save(name.to_owned())));
    }
    parts.update(Command::Query(QueryCommand::Clear));
    let mut harness = window(parts);
    harness.run();
    let names = |harness: &Harness<'_, Parts>| {
        let project = harness.state().opened().project.id;
        let saved = harness.state().state.settings.saved_queries(project);
        saved.iter().map(|query| format!("{}={}", query.name, query.text)).collect::<Vec<_>>().join(" ")
    };
    click(&mut harness, "Saved queries");
    click(&mut harness, "Move up two");
    assert_eq!(names(&harness), "forks=tag:fork two=regions>=2 large=w>=800");
    click(&mut harness, "Move down forks");
    assert_eq!(names(&harness), "two=regions>=2 forks=tag:fork large=w>=800");
    // Nothing is above the first one, and the query in force is not touched.
    harness.get_by_label("Move up two").click();
    harness.run();
    assert_eq!((names(&harness).split(' ').next(), text(&harness)), (Some("two=regions>=2"), ""));
    let rename = |harness: &mut Harness<'_, Parts>, name: &str, to: &str, button: &str| {
        click(harness, &format!("Rename {name}"));
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        enter(harness, to);
        click(harness, button);
    };
    rename(&mut harness, "forks", "cutlery", "Rename");
    assert_eq!(names(&harness), "two=regions>=2 cutlery=tag:fork large=w>=800");
    // One that has the name goes, and the button says so.
    rename(&mut harness, "two", "large", "Replace");
    assert_eq!(names(&harness), "large=regions>=2 cutlery=tag:fork");
    // The same name again keeps its place.
    press(&mut harness, Key::Escape);
    harness.state_mut().update(Command::Query(QueryCommand::Edit("w>=9".to_owned())));
    harness.state_mut().update(Command::Query(QueryCommand::Save("large".to_owned())));
    assert_eq!(names(&harness), "large=w>=9 cutlery=tag:fork");
}

#[test]
fn the_help_is_the_table_of_the_language() {
    let mut harness = window(Parts::new(12, 2));
    harness.run();
    click(&mut harness, "The query language");
    for row in &domain::query::TERMS {
        harness.get_by_label(&format!("{}: {}, for example {}", row.name, row.meaning, row.examples));
    }
}

#[test]
fn in_a_narrow_window_the_help_is_in_the_menu_of_saved_queries() {
    for (width, height) in [(900.0, 600.0), (640.0, 480.0)] {
        let mut harness = window_of(Parts::new(12, 2), width, height);
        harness.run();
        assert!(harness.query_by_label("The query language").is_none(), "there is no room for its button");
        click(&mut harness, "Saved queries");
        click(&mut harness, "The query language");
        let row = &domain::query::TERMS[0];
        let words = format!("{}: {}, for example {}", row.name, row.meaning, row.examples);
        let window = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
        assert!(window.contains_rect(harness.get_by_label(&words).rect()), "{width} x {height}");
        click(&mut harness, "Back to saved queries");
        harness.get_by_label("No saved queries yet.");
        click(&mut harness, "The query language");
        press(&mut harness, Key::Escape);
        click(&mut harness, "Saved queries");
        assert!(harness.query_by_label(&words).is_none(), "it opens with the queries");
    }
}

#[test]
fn in_a_narrow_window_the_box_takes_the_room_of_its_neighbors_while_one_types() {
    let mut harness = window_of(Parts::new(12, 2), 900.0, 600.0);
    harness.run();
    let width = |harness: &Harness<'_, Parts>| harness.get_by_label("Query").rect().width();
    let before = width(&harness);
    harness.get_by_label("Statistics");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run();
    assert!(width(&harness) > before * 1.8, "{} {before}", width(&harness));
    assert!(harness.query_by_label("Statistics").is_none());
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    assert_eq!(width(&harness), before);
    harness.get_by_label("Statistics");
}

#[test]
fn up_in_the_empty_box_brings_earlier_queries_back() {
    let mut harness = typing(Parts::new(12, 2));
    for query in ["tag:scissors ", "regions>=1 "] {
        enter(&mut harness, query);
        press(&mut harness, Key::Enter);
        harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        harness.run();
    }
    assert_eq!(text(&harness), "");
    harness.get_by_label("Earlier query: regions>=1");
    press(&mut harness, Key::ArrowUp);
    assert_eq!(text(&harness), "regions>=1");
    press(&mut harness, Key::ArrowUp);
    assert_eq!(text(&harness), "tag:scissors");
    press(&mut harness, Key::ArrowUp);
    assert_eq!(text(&harness), "tag:scissors", "there is none before it");
    pause(&mut harness);
    assert_eq!(harness.state().opened().visible.len(), 8, "it is applied as if it was typed");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    assert_eq!(text(&harness), "");
    press(&mut harness, Key::ArrowDown);
    assert_eq!((text(&harness), has_keyboard(&harness)), ("", true));
    // What somebody types is theirs: Up does not replace it.
    enter(&mut harness, "tag:");
    press(&mut harness, Key::ArrowUp);
    assert_eq!(text(&harness), "tag:");
}

#[test]
fn images_without_tags_can_be_shown_from_the_panel_and_from_an_empty_query() {
    let mut harness = window(Parts::new(6, 1));
    harness.run();
    harness.get_by_label("Images without tags").click();
    harness.run();
    assert!(harness.state().opened().has_untagged);
    harness.get_by_label("Without tags (0)").click();
    harness.run();
    assert!(!harness.state().opened().has_untagged);
    let mut harness = window(Parts::new(6, 1));
    harness.state_mut().update(Command::Query(QueryCommand::Edit("tag:none".to_owned())));
    harness.run();
    harness.get_by_label("Show images without tags").click();
    harness.run();
    assert!(harness.state().opened().has_untagged);
}

#[test]
fn the_row_of_images_without_tags_leaves_the_panel_as_wide_as_it_was() {
    let rows = (0..12).map(|n| match n % 2 {
        0 => row(n, 1),
        _ => ImageRow { tags: Vec::new(), ..row(n, 0) },
    });
    let mut harness = window(Parts::of_rows(rows.collect()));
    harness.run();
    let left = |harness: &Harness<'_, Parts>| harness.get_by_label("Grid view").rect().left();
    let before = left(&harness);
    harness.state_mut().state.opened.as_mut().expect("project").has_untagged = true;
    harness.run();
    harness.run();
    assert_eq!(left(&harness), before);
    harness.get_by_label("Without tags (6)");
    harness.get_by_label("Show only images without tags").click();
    harness.run();
    assert_eq!(harness.state().opened().visible.len(), 6);
    harness.get_by_label("Show all images").click();
    harness.run();
    assert_eq!(harness.state().opened().visible.len(), 12);
}
