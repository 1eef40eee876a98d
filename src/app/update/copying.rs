//! Does the commands of [`crate::copying`] and takes its events.

use super::display;
use super::review::say_for_a_moment;
use crate::picture::{CopyCommand, CopyEffect, CopyEvent};
use crate::{Effect, Failure, Notice, Severity, SourceSpec, State};
use domain::{ImageIx, PixelSize, UnitRect};

pub(super) fn update(state: &mut State, command: CopyCommand) -> Vec<Effect> {
    match command {
        CopyCommand::Picture { ix, part } => copy(state, ix, part),
        CopyCommand::ShowFile(ix) => find(state, ix),
    }
}

fn copy(state: &mut State, ix: ImageIx, part: Option<UnitRect>) -> Vec<Effect> {
    let number = state.number();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some(target) = display::target(opened, ix).map(Box::new) else { return Vec::new() };
    opened.tools.copy = number;
    let generation = opened.generation;
    say_for_a_moment(state, if part.is_some() { "Copying the crop..." } else { "Copying the picture..." });
    vec![Effect::Copy { generation, effect: CopyEffect::Picture { number, target, part } }]
}

fn find(state: &State, ix: ImageIx) -> Vec<Effect> {
    let Some(SourceSpec::Folder { path }) = &state.source else { return Vec::new() };
    let found = state.opened.as_ref().and_then(|opened| Some((opened.generation, opened.catalogue.get(ix)?)));
    let effect = found.map(|(generation, image)| {
        let (id, name) = (image.id(), image.name().map(str::to_owned));
        Effect::Copy { generation, effect: CopyEffect::FindFile { id, name, source: path.clone() } }
    });
    effect.into_iter().collect()
}

/// Takes what came of it. Of several copies the last that was asked for is on the clipboard.
pub(crate) fn apply(state: &mut State, event: CopyEvent) -> Vec<Effect> {
    match event {
        CopyEvent::Picture { number, .. } if state.opened.as_ref().is_none_or(|opened| opened.tools.copy != number) => {
            Vec::new()
        }
        CopyEvent::Picture { is_part, result, .. } => {
            let what = if is_part { "crop" } else { "picture" };
            match result {
                Ok(copied) => {
                    let (width, height) = (copied.raster.width(), copied.raster.height());
                    let unit = PixelSize::unit_of(copied.is_original);
                    say_for_a_moment(state, &format!("Copied the {what}: {width} × {height} {unit}"));
                    vec![Effect::CopyImage(copied.raster)]
                }
                Err(failure) => refused(state, &format!("The {what} was not copied"), &failure),
            }
        }
        CopyEvent::File(Ok(path)) => vec![Effect::Reveal(path)],
        CopyEvent::File(Err(failure)) => refused(state, "The file was not found", &failure),
    }
}

fn refused(state: &mut State, title: &str, failure: &Failure) -> Vec<Effect> {
    let body = [failure.headline(), failure.advice()].join(" ");
    let notice = Notice::new(Severity::Error, title, body.trim());
    state.push_notice(Notice { details: failure.full_text(), ..notice });
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::opened as opened_state;
    use super::*;
    use crate::picture::CopiedPicture;
    use crate::{Command, Event, FailureKind, apply, update};
    use domain::Raster;

    fn event(state: &State, number: u64, result: Result<CopiedPicture, Failure>) -> Event {
        let event = CopyEvent::Picture { number, is_part: true, result };
        Event::Copied { generation: state.generation, event }
    }

    fn asked(state: &mut State) -> u64 {
        let part = Some(UnitRect::new(0.1, 0.1, 0.5, 0.5));
        let effects = update(state, Command::Copy(CopyCommand::Picture { ix: ImageIx(0), part }));
        let number = effects.iter().find_map(|effect| match effect {
            Effect::Copy { effect: CopyEffect::Picture { number, .. }, .. } => Some(*number),
            _ => None,
        });
        number.expect("asked for")
    }

    fn copied(side: u32) -> CopiedPicture {
        let raster = Raster::new(side, side, vec![7; (side * side * 4) as usize]).expect("raster");
        CopiedPicture { raster: Arc::new(raster), is_original: true }
    }

    #[test]
    fn the_last_copy_that_was_asked_for_is_on_the_clipboard() {
        let mut state = opened_state(2);
        let first = asked(&mut state);
        let second = asked(&mut state);
        let late = event(&state, first, Ok(copied(3)));
        assert!(apply(&mut state, late).is_empty());
        let last = event(&state, second, Ok(copied(5)));
        let effects = apply(&mut state, last);
        assert!(matches!(&effects[..], [Effect::CopyImage(raster)] if raster.width() == 5));
        let said = state.opened.as_ref().and_then(|opened| opened.review.remark.clone()).expect("words");
        assert_eq!(said.words, "Copied the crop: 5 × 5 px of the original");
    }

    #[test]
    fn a_picture_that_cannot_be_had_ends_with_words() {
        let mut state = opened_state(2);
        let number = asked(&mut state);
        let refused = event(&state, number, Err(Failure::bare(FailureKind::NotConnected)));
        assert!(apply(&mut state, refused).is_empty());
        let notice = state.notices.back().expect("a notice");
        assert_eq!(notice.title, "The crop was not copied");
        assert!(notice.body.contains("Not connected"), "{}", notice.body);
    }

    #[test]
    fn only_a_folder_of_this_computer_has_files_to_show() {
        let mut state = opened_state(2);
        state.source = Some(SourceSpec::Sample);
        assert!(update(&mut state, Command::Copy(CopyCommand::ShowFile(ImageIx(0)))).is_empty());
        state.source = Some(SourceSpec::Folder { path: "/data".into() });
        let effects = update(&mut state, Command::Copy(CopyCommand::ShowFile(ImageIx(0))));
        assert!(matches!(&effects[..], [Effect::Copy { effect: CopyEffect::FindFile { .. }, .. }]));
        let event = Event::Copied { generation: state.generation, event: CopyEvent::File(Ok("/data/a.jpg".into())) };
        assert!(matches!(&apply(&mut state, event)[..], [Effect::Reveal(path)] if path.ends_with("a.jpg")));
    }
}
