//! The page of statistics in the real window: what it says, what a click asks for, that it comes to rest.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagscope::app::dialog::Dialog;
use tagscope::app::statistics::{PlotFormat, SaveWhat, StatisticsCommand, StatisticsScope};
use tagscope::app::{Command, DisplayCommand, View};
use tagscope::domain::stats::{Panel, Target};

use super::fixture::{Parts, row, window_of};
use super::numbers::texts;

fn page(mut parts: Parts, width: f32, height: f32) -> Harness<'static, Parts> {
    parts.update(Command::Display(DisplayCommand::SetView(View::Statistics)));
    let mut harness = window_of(parts, width, height);
    harness.run();
    harness.state_mut().take();
    harness
}

/// Images of 0, 1, 2 and 3 regions by turns.
fn mixed(count: usize) -> Parts {
    Parts::of_rows((0..count).map(|n| row(n, n % 4)).collect())
}

fn narrowed(harness: &mut Harness<'_, Parts>) -> Vec<Target> {
    let commands = harness.state_mut().take();
    let target = |command| match command {
        Command::Statistics(StatisticsCommand::Narrow(target)) => Some(target),
        _ => None,
    };
    commands.into_iter().filter_map(target).collect()
}

#[test]
fn every_plot_says_what_it_shows() {
    let harness = page(mixed(40), 1280.0, 800.0);
    for panel in Panel::ALL {
        // A facet of the tag panel may have the same title.
        assert!(harness.query_all_by_label(panel.label()).count() > 0, "{}", panel.label());
        harness.get_by_label(&format!("Save {}", panel.label().to_lowercase()));
    }
    harness.get_by_label("40 images \u{b7} 60 regions \u{b7} 4 tags");
    harness.get_by_label("Half of the images have 2 regions or fewer; the most is 3; 10 images are without any.");
    harness.get_by_label_contains("Tags that occur together: ");
}

#[test]
fn captions_are_whole_and_the_axis_of_dates_has_a_date() {
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0)] {
        let harness = page(mixed(40), width, height);
        let figures = harness.state().opened().statistics.figures.clone().expect("figures");
        let painted = texts(&harness);
        let cut: Vec<_> =
            painted.iter().filter(|(_, text)| text.galley.elided).map(|(_, text)| text.galley.text()).collect();
        for panel in Panel::ALL {
            let sentence = figures.sentence(panel);
            assert!(!cut.contains(&sentence.as_str()), "at {width}: {sentence}");
        }
        let date = &figures.dates.bins[0].label;
        let has_date = painted.iter().any(|(_, text)| text.galley.text() == date);
        // In the lower window the plot may be below what is in sight.
        assert!(has_date || width < 1_000.0, "no {date} below the plot");
    }
}

#[test]
fn bars_and_rows_are_buttons_that_narrow_the_query() {
    let mut harness = page(mixed(40), 1280.0, 800.0);
    harness.get_by_label("3 regions: 10 images").click();
    harness.run();
    assert_eq!(narrowed(&mut harness), [Target::Regions(3, 3)]);
    assert_eq!(harness.state().opened().query.text, "regions=3");
    assert_eq!(harness.state().opened().visible.len(), 10);
    harness.get_by_label_contains("fork: ").click();
    harness.run();
    assert_eq!(narrowed(&mut harness), [Target::Tag("fork".to_owned())]);
    assert_eq!(harness.state().opened().query.text, "regions=3 tag:fork");
}

#[test]
fn a_cell_under_the_pointer_is_what_a_click_asks_for() {
    let mut harness = page(mixed(400), 1280.0, 800.0);
    let place = harness.get_by_label_contains("Where regions lie: ").rect().center();
    harness.hover_at(place);
    harness.run();
    harness.event(egui::Event::PointerButton {
        pos: place,
        button: egui::PointerButton::Primary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    });
    harness.event(egui::Event::PointerButton {
        pos: place,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run();
    let targets = narrowed(&mut harness);
    assert!(
        matches!(targets[..], [Target::Place(column, row)] if column.abs_diff(24) < 2 && row.abs_diff(18) < 2),
        "{targets:?}"
    );
}

#[test]
fn an_idle_page_paints_no_frame_and_asks_for_nothing() {
    let mut harness = page(mixed(2_000), 1280.0, 800.0);
    harness.run_steps(3);
    assert!(harness.state_mut().take().is_empty());
    assert!(!harness.ctx.has_requested_repaint());
}

#[test]
fn the_scope_is_chosen_and_saving_is_asked_for() {
    let mut harness = page(mixed(40), 900.0, 600.0);
    harness.get_by_label("All").click();
    harness.run();
    assert_eq!(harness.state().opened().statistics.scope, StatisticsScope::All);
    harness.get_by_label("Save all...").click();
    harness.run();
    assert_eq!(harness.state().state.dialog, Some(Dialog::SavePlots));
    assert_eq!(harness.state().opened().statistics.form.what, SaveWhat::All);
    harness.get_by_label("New folder");
    harness.get_by_label("Cancel").click();
    harness.run();
    harness.get_by_label("Save images and regions per tag").click();
    harness.run();
    harness.get_by_label("Save as CSV...").click();
    harness.run();
    let what = SaveWhat::One(Panel::Tags, PlotFormat::Csv);
    assert_eq!(harness.state().opened().statistics.form.what, what);
    harness.get_by_label("New file");
}

#[test]
fn nothing_shown_and_nothing_there_are_told_apart() {
    let mut parts = mixed(40);
    parts.update(Command::Query(app::query::QueryCommand::Edit("regions=99".to_owned())));
    let mut harness = page(parts, 1280.0, 800.0);
    harness.get_by_label("Nothing to count");
    harness.get_by_label("Show all images").click();
    harness.run();
    assert_eq!(harness.state().opened().visible.len(), 40);
    page(Parts::of_rows(Vec::new()), 1280.0, 800.0).get_by_label("Nothing to count");
}

#[test]
fn a_tags_color_is_chosen_from_the_menu_of_its_row() {
    let mut parts = mixed(8);
    parts.update(Command::Display(DisplayCommand::SetView(View::Grid)));
    let look = |harness: &Harness<'_, Parts>| {
        harness.state().opened().catalogue.tags().iter().next().map(|(_, entry)| entry.color.place)
    };
    let mut harness = page(parts, 1280.0, 800.0);
    let own = look(&harness);
    harness.get_by_label_contains("fork, ").click_secondary();
    harness.run();
    harness.get_by_label("Brown").click();
    harness.run();
    assert_eq!(look(&harness), Some(Some(10)));
    harness.get_by_label_contains("fork, ").click_secondary();
    harness.run();
    harness.get_by_label("Default color").click();
    harness.run();
    assert_eq!(look(&harness), own);
}
