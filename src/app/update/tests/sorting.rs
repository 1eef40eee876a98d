use super::*;

#[test]
fn an_order_can_be_reversed_and_the_random_one_shuffled_again() {
    let mut state = opened(40);
    let listed = project_of(&state).visible.clone();
    let reverse = || Command::Display(DisplayCommand::ReverseSort);
    update(&mut state, reverse());
    assert!(project_of(&state).visible.iter().eq(listed.iter().rev()), "the earliest first");
    let said = project_of(&state).review.remark.as_ref().map(|said| said.words.clone());
    assert_eq!(said.as_deref(), Some("Sort: Oldest first"));
    // Pages that come later go where they belong.
    let generation = state.generation;
    apply(&mut state, Event::Page { generation, page: page(40, 10) });
    assert_eq!(project_of(&state).visible.first(), Some(&ImageIx(49)));

    // Another order begins in its own direction; the same one again stays.
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Newest)));
    assert!(state.settings.sort_reversed);
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Random)));
    assert!(!state.settings.sort_reversed);
    let first = project_of(&state).visible.clone();
    update(&mut state, Command::Display(DisplayCommand::Shuffle));
    let second = project_of(&state).visible.clone();
    assert!(first != second && second.len() == 50);
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Newest)));
    update(&mut state, Command::Display(DisplayCommand::SetSort(SortKey::Random)));
    assert_eq!(project_of(&state).visible, second, "the same until it is shuffled");
}
