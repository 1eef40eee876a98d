use super::*;

#[test]
fn negative_images_with_regions_are_asked_about() {
    let mut state = ready(4);
    update(&mut state, Command::Selection(SelectionCommand::All));
    assert!(review(&mut state, ReviewCommand::DecideHere(Verdict::Negative)).is_empty());
    let asked = |state: &State| state.opened.as_ref().expect("project").review.asked.clone().expect("question");
    let asked = asked(&state);
    assert_eq!((asked.images, asked.labeled), (4, 2), "image n has n % 3 regions");
    update(&mut state, Command::Window(WindowCommand::Back));
    // Those without regions are what the verdict is for.
    let subjects = vec![subject(&state, 0), subject(&state, 3)];
    assert_eq!(kept(&review(&mut state, ReviewCommand::Decide { subjects, verdict: Verdict::Negative })).len(), 1);
}
