//! Takes what was dropped onto the window.

use std::path::PathBuf;

use crate::dialog::Dialog;
use crate::dropping::{DropUse, Dropped, LeftBehind};
use crate::predictions::{PredictionsCommand, PredictionsPlace};
use crate::review::{ReviewCommand, TransferCommand};
use crate::{Command, ConnectionCommand, Effect, SourceSpec, State, WindowCommand};

pub(super) fn take(state: &mut State, paths: &[PathBuf]) -> Vec<Effect> {
    let Some(dropped) = Dropped::new(state.shows_project(), paths) else { return Vec::new() };
    if let Some(notice) = dropped.notice() {
        state.push_notice(notice);
    }
    let commands = match dropped.used {
        DropUse::Reviews(files) => vec![
            Command::Window(WindowCommand::ShowDialog(Some(Dialog::Reviews))),
            Command::Review(ReviewCommand::Transfer(TransferCommand::TakeFiles(files))),
        ],
        DropUse::Predictions(files) => {
            let labels = state.opened.as_ref().map(|opened| opened.predictions.labels.clone()).unwrap_or_default();
            let load = |file: PathBuf| {
                let place = PredictionsPlace::Files { path: file.display().to_string(), labels: labels.clone() };
                Command::Predictions(PredictionsCommand::Load(place))
            };
            let dialog = Command::Window(WindowCommand::ShowDialog(Some(Dialog::Predictions)));
            std::iter::once(dialog).chain(files.into_iter().map(load)).collect()
        }
        DropUse::Open(path) => {
            // Said once it is known whether it could be opened.
            state.connect.left_behind = Some(LeftBehind { opening: path.clone(), left: dropped.left });
            vec![Command::Connection(ConnectionCommand::OpenFolder(path))]
        }
    };
    commands.into_iter().flat_map(|command| super::update(state, command)).collect()
}

/// A source was opened, or could not be: if it was dropped with others, these are named.
pub(crate) fn say_left_behind(state: &mut State, source: &SourceSpec, is_opened: bool) {
    let left = state.connect.left_behind.take();
    let SourceSpec::Folder { path } = source else { return };
    let notice = left.filter(|left| left.opening == *path).and_then(|left| left.notice(is_opened));
    if let Some(notice) = notice {
        state.push_notice(notice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{PredictionsEffect, PredictionsEvent};
    use crate::review::{ReviewEffect, ReviewEvent};
    use crate::update::tests::opened;
    use crate::update::update;
    use crate::{Event, Failure, FailureKind, ListingState, QuitCommand, Settings, apply};

    fn dropped(state: &mut State, names: &[&str]) -> Vec<Effect> {
        let paths = names.iter().map(|name| PathBuf::from("/data").join(name)).collect();
        update(state, Command::Window(WindowCommand::Drop(paths)))
    }

    fn last_notice(state: &State) -> String {
        state.notices.back().map_or_else(String::new, |notice| format!("{}: {}", notice.title, notice.body))
    }

    fn opening(effects: &[Effect]) -> Option<&SourceSpec> {
        effects.iter().find_map(|effect| match effect {
            Effect::Connect { source, .. } => Some(source),
            _ => None,
        })
    }

    /// Ready for reviews and predictions.
    fn listed() -> State {
        let mut state = opened(3);
        let generation = state.generation;
        let complete = ListingState::Complete { listed: 3, gone: 0, seconds: 1.0 };
        apply(&mut state, Event::Listing { generation, state: complete });
        let event = ReviewEvent::Loaded { reviews: Default::default(), shut: None, notes: Vec::new() };
        apply(&mut state, Event::Review { generation, event });
        state
    }

    #[test]
    fn of_several_datasets_the_first_is_opened_and_the_others_are_named() {
        for is_opened in [true, false] {
            let mut state = State::new(Settings::default());
            let effects = dropped(&mut state, &["trees", "coco.json", "reviews.csv"]);
            let source = opening(&effects).expect("the first is opened").clone();
            assert!(matches!(&source, SourceSpec::Folder { path } if path.ends_with("trees")));
            assert!(state.notices.is_empty(), "not before it is known");
            let event = match is_opened {
                true => Event::Connected { source, projects: Vec::new(), notice: None },
                false => {
                    let failure = Failure::bare(FailureKind::MissingFile { path: "/data/trees".to_owned() });
                    Event::ConnectFailed { source, failure }
                }
            };
            apply(&mut state, event);
            let words = last_notice(&state);
            let verb = if is_opened { "opened" } else { "tried" };
            assert!(
                words.starts_with(&format!("Only trees was {verb}: Not opened: coco.json, reviews.csv.")),
                "{words}"
            );
        }
    }

    #[test]
    fn one_is_taken_by_its_name_and_nothing_more_is_said() {
        for (name, dialog) in [
            ("coco.json", None),
            ("regions.csv", None),
            ("reviews", None),
            ("Reviews-2.CSV", Some(Dialog::Reviews)),
            ("results.json", Some(Dialog::Predictions)),
        ] {
            let mut state = listed();
            let effects = dropped(&mut state, &[name]);
            assert_eq!((opening(&effects).is_some(), state.dialog), (dialog.is_none(), dialog), "{name}");
            assert_eq!(last_notice(&state), "", "{name}");
            // Without a project there is nothing that they could be about.
            assert!(opening(&dropped(&mut State::new(Settings::default()), &[name])).is_some(), "{name}");
        }
    }

    #[test]
    fn nothing_is_said_of_the_others_when_the_opening_is_given_up() {
        let mut state = State::new(Settings::default());
        dropped(&mut state, &["trees", "forks"]);
        update(&mut state, Command::Connection(ConnectionCommand::OpenFolder("/data/knives".into())));
        let source = SourceSpec::Folder { path: "/data/knives".into() };
        apply(&mut state, Event::Connected { source, projects: Vec::new(), notice: None });
        assert_eq!(last_notice(&state), "");
        assert!(state.connect.left_behind.is_none());
    }

    #[test]
    fn several_files_of_reviews_are_one_import() {
        let mut state = listed();
        assert!(opening(&dropped(&mut state, &["reviews-ann.csv", "reviews-bob.json", "trees"])).is_none());
        assert_eq!(state.dialog, Some(Dialog::Reviews));
        assert!(last_notice(&state).contains("Not opened: trees."), "{}", last_notice(&state));
        let effects = update(&mut state, Command::Review(ReviewCommand::Transfer(TransferCommand::Import)));
        let paths = effects.iter().find_map(|effect| match effect {
            Effect::Review { effect: ReviewEffect::Import { paths }, .. } => Some(paths),
            _ => None,
        });
        let names: Vec<_> = paths.expect("an import").iter().map(|path| path.display().to_string()).collect();
        assert_eq!(names, ["/data/reviews-ann.csv", "/data/reviews-bob.json"]);
        // Another path that is typed is meant alone.
        let mut state = listed();
        dropped(&mut state, &["reviews-ann.csv", "reviews-bob.json"]);
        let typed = TransferCommand::EditPath("/data/reviews-cy.csv".to_owned());
        update(&mut state, Command::Review(ReviewCommand::Transfer(typed)));
        assert!(state.opened.as_ref().is_some_and(|opened| opened.review.transfer.others.is_empty()));
    }

    #[test]
    fn several_files_of_predictions_are_loaded_one_after_the_other() {
        let mut state = listed();
        let loads = |effects: &[Effect]| {
            effects.iter().find_map(|effect| match effect {
                Effect::Predictions { effect: PredictionsEffect::Load(job), .. } => {
                    Some((job.number, job.name.clone()))
                }
                _ => None,
            })
        };
        let names = ["results-1.json", "results-2.json", "results-3.json", "results-4.json", "results-5.json"];
        let mut effects = dropped(&mut state, &names);
        assert_eq!(state.dialog, Some(Dialog::Predictions));
        assert!(last_notice(&state).contains("Not opened: results-5.json. At most 4"), "{}", last_notice(&state));
        for name in &names[..4] {
            let (number, loaded) = loads(&effects).expect("the next one");
            assert_eq!(loaded, *name);
            let generation = state.generation;
            // That one cannot be read does not stop the others.
            let result = Err(Failure::bare(FailureKind::TimedOut));
            effects = apply(
                &mut state,
                Event::Predictions { generation, event: PredictionsEvent::Loaded { number, result } },
            );
        }
        assert!(loads(&effects).is_none());
    }

    #[test]
    fn a_running_export_is_asked_about_first() {
        let mut state = listed();
        state.home = Some("/home/me".into());
        update(&mut state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        update(&mut state, Command::Export(crate::ExportCommand::Start));
        assert!(opening(&dropped(&mut state, &["trees", "forks"])).is_none());
        assert_eq!(state.dialog, Some(Dialog::Quit));
        let effects = update(&mut state, Command::Quit(QuitCommand::Choose(crate::QuitChoice::Stop)));
        assert!(opening(&effects).is_some(), "{effects:?}");
    }
}
