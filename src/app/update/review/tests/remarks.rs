use super::*;

fn show(state: &mut State, view: View) {
    update(state, Command::Display(DisplayCommand::SetView(view)));
}

#[test]
fn what_is_said_of_a_view_ends_with_it_and_what_was_done_stays() {
    let mut state = ready(3);
    show(&mut state, View::Wall);
    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    assert_eq!(said(&state), "No region is selected");
    // The same view again is no other one.
    show(&mut state, View::Wall);
    assert_eq!(said(&state), "No region is selected");
    show(&mut state, View::Grid);
    assert_eq!(said(&state), "");

    review(&mut state, ReviewCommand::DecideHere(Verdict::Accepted));
    show(&mut state, View::Wall);
    assert_eq!(said(&state), "Accepted 1 image", "the status bar keeps it");

    review(&mut state, ReviewCommand::Redo);
    assert_eq!(said(&state), "Nothing to redo");
    update(&mut state, Command::Window(WindowCommand::Back));
    assert_eq!((said(&state), state.opened.as_ref().map(|opened| opened.view)), ("", Some(View::Grid)));
}
