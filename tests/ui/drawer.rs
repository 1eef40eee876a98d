//! The inspector in a window too narrow for it: a drawer over the grid, opened by its key and its button.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tagscope::app::review::ReviewEvent;
use tagscope::app::{CanvasCommand, Command, DisplayCommand, Event, View};
use tagscope::domain::{ImageIx, Subject, Verdict};

use super::fixture::{Parts, window_of};

#[test]
fn in_a_narrow_window_the_inspector_is_a_drawer() {
    for view in [View::Grid, View::Canvas, View::Wall] {
        let mut parts = Parts::new(8, 2);
        let generation = parts.state.generation;
        let event = ReviewEvent::Loaded { reviews: Arc::default(), shut: None, notes: Vec::new() };
        parts.apply(Event::Review { generation, event });
        parts.update(Command::Canvas(CanvasCommand::OpenImage(ImageIx(0))));
        parts.update(Command::Display(DisplayCommand::SetView(view)));
        let mut harness = window_of(parts, 900.0, 600.0);
        harness.run();
        assert!(harness.query_by_label("Accept").is_none(), "{view:?}: it is folded");
        harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
        harness.run();
        harness.get_by_role_and_label(Role::Button, "Accept").click();
        harness.run();
        let opened = harness.state().opened();
        let subject = Subject::image(opened.catalogue.get(ImageIx(0)).expect("image").id());
        let region = opened.catalogue.get(ImageIx(0)).expect("image").regions().next().expect("region").id;
        let region = Subject { image: subject.image, region: Some(region) };
        let verdicts = [subject, region].map(|subject| opened.review.reviews.verdict(subject));
        assert!(verdicts.contains(&Some(Verdict::Accepted)), "{view:?}: {verdicts:?}");
        harness.key_press(Key::Escape);
        harness.run();
        assert!(harness.query_by_label("Accept").is_none(), "{view:?}: Esc closes it");
        assert_eq!(harness.state().opened().view, view, "and nothing else");
        assert!(harness.state().state.settings.show_right, "the wide window is as before");
    }
}
