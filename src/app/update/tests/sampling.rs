use super::*;

fn listed(state: &mut State, from: usize, count: usize) {
    let generation = state.generation;
    apply(state, Event::Page { generation, page: page(from, count) });
}

/// The shown images by tag: one tag is on those with even numbers, the other on the rest.
fn by_tag(state: &State) -> [usize; 2] {
    let odd = project_of(state).visible.iter().filter(|ix| ix.0 % 2 == 1).count();
    [project_of(state).visible.len() - odd, odd]
}

#[test]
fn a_sample_is_of_the_whole_list_once_it_has_come() {
    let mut state = opened(10);
    update(&mut state, Command::Query(QueryCommand::Sample(5)));
    assert_eq!((project_of(&state).query.text.as_str(), by_tag(&state)), ("sample:5", [5, 5]));
    let said = project_of(&state).review.remark.as_ref().map(|said| said.words.as_str());
    assert_eq!(said, Some("Random sample, 5 of each tag: 10 images"));
    for from in (10..1_000).step_by(10) {
        listed(&mut state, from, 10);
    }
    let generation = state.generation;
    let complete = ListingState::Complete { listed: 1_000, gone: 0, seconds: 1.0 };
    apply(&mut state, Event::Listing { generation, state: complete });
    assert_eq!(by_tag(&state), [5, 5]);
    let grown = project_of(&state).visible.clone();
    assert!(grown.iter().any(|ix| ix.0 >= 10), "drawn from those that came later too");

    let mut at_once = opened(1_000);
    update(&mut at_once, Command::Query(QueryCommand::Edit("sample:5".to_owned())));
    assert_eq!(project_of(&at_once).visible, grown, "whatever way the list has come");

    // Again: the next sample, in the same query.
    update(&mut state, Command::Query(QueryCommand::Edit("regions>=1 sample:50".to_owned())));
    let again = Action::Sample.command(&state).expect("command");
    update(&mut state, again);
    assert_eq!(project_of(&state).query.text, "regions>=1 sample:50#2");
}
