use uuid::Uuid;

use super::*;
use crate::update::wall::tests::{opened, ordered};
use crate::{Action, Command, Dialog, Event, ExportCommand, QueryCommand, WindowCommand, apply, update};
use domain::{ImageId, ImageRow, ImageUris, Page};

/// The images that the service lists as untagged.
fn untagged(state: &mut State, count: u128) {
    let row = |number| ImageRow {
        id: ImageId(Uuid::from_u128(1_000 + number)),
        created: None,
        width: 8,
        height: 6,
        uris: ImageUris::default(),
        tags: Vec::new(),
        regions: Vec::new(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    };
    let page = Page { rows: (0..count).map(row).collect(), ..Page::default() };
    let generation = state.generation;
    apply(state, Event::Page { generation, page });
}

fn listed(effects: &[Effect]) -> Option<bool> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open { has_untagged, .. } => Some(*has_untagged),
        _ => None,
    })
}

#[test]
fn images_without_tags_are_listed_when_they_are_wanted_and_that_is_kept() {
    let mut state = ordered(3);
    let has = |state: &State| state.settings.session.as_ref().map(|session| session.has_untagged);
    assert_eq!(has(&state), Some(false));
    let command = Action::ToggleUntagged.command(&state).expect("a project is open");
    let effects = update(&mut state, command);
    assert_eq!((listed(&effects), has(&state)), (Some(true), Some(true)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::SaveSettings(_))));
    untagged(&mut state, 4);
    assert_eq!(opened(&state).catalogue.untagged_count(), 4);
    update(&mut state, Command::Query(QueryCommand::Edit("tag:none".to_owned())));
    assert_eq!(opened(&state).visible.len(), 4);
    // A refresh and the next start continue with them.
    let effects = update(&mut state, Command::Project(ProjectCommand::Refresh));
    assert_eq!(listed(&effects), Some(true));
    assert!(update(&mut state, Command::Project(ProjectCommand::ShowUntagged(true))).is_empty(), "they are");
    let effects = update(&mut state, Command::Project(ProjectCommand::ShowUntagged(false)));
    assert_eq!((listed(&effects), has(&state)), (Some(false), Some(false)));
}

#[test]
fn exports_leave_them_out_unless_they_are_asked_for() {
    let mut state = ordered(3);
    untagged(&mut state, 1);
    let preview = |state: &mut State| {
        update(state, Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))));
        (state.export.preview.images, state.export.preview.untagged)
    };
    assert_eq!(preview(&mut state), (4, 0), "a dataset's own image without labels");
    update(&mut state, Command::Project(ProjectCommand::ShowUntagged(true)));
    untagged(&mut state, 2);
    assert_eq!(preview(&mut state), (0, 2));
    update(&mut state, Command::Export(ExportCommand::ToggleUntagged));
    assert_eq!((state.export.preview.images, state.export.preview.untagged), (2, 2));
    assert_eq!(preview(&mut state), (0, 2), "each export asks again");
}
