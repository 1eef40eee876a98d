use super::*;
use crate::quick_comments::QuickCommand;

#[test]
fn a_quick_comment_is_made_once_and_taken_back() {
    let mut state = ready(3);
    let comments = |state: &State, ix: u32| {
        let reviews = &state.opened.as_ref().expect("project").review.reviews;
        reviews.comments(subject(state, ix).image).map(str::to_owned).collect::<Vec<_>>()
    };
    let make = |place| ReviewCommand::Quick(QuickCommand::Make(place));
    let effects = review(&mut state, make(1));
    assert_eq!(kept(&effects).len(), 1);
    assert_eq!((comments(&state, 0), cursor(&state)), (vec!["loose box".to_owned()], Some(ImageIx(0))));
    assert_eq!(said(&state), "Commented \u{201c}loose box\u{201d} on 1 image");
    assert!(kept(&review(&mut state, make(1))).is_empty(), "the same key again changes nothing");
    assert_eq!(said(&state), "Already commented: loose box");
    review(&mut state, make(0));
    review(&mut state, ReviewCommand::Undo);
    assert_eq!(comments(&state, 0), ["loose box"]);

    // Of several, those that do not have it get it.
    update(&mut state, Command::Selection(SelectionCommand::All));
    review(&mut state, make(1));
    assert_eq!([0, 1, 2].map(|ix| comments(&state, ix).len()), [1, 1, 1]);

    // Words of one's own, and none.
    let set = |place, text: &str| ReviewCommand::Quick(QuickCommand::Set { place, text: text.to_owned() });
    let effects = review(&mut state, set(1, "too wide"));
    assert!(
        matches!(&effects[..], [Effect::SaveSettings(settings)] if settings.quick_comments.get(1) == Some("too wide"))
    );
    review(&mut state, set(0, ""));
    assert!(kept(&review(&mut state, make(0))).is_empty() && !crate::Action::QuickComment1.is_enabled(&state));
    review(&mut state, ReviewCommand::Quick(QuickCommand::Reset));
    assert_eq!(state.settings.quick_comments.get(0), Some("wrong tag"));
}
