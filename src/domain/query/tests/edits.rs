//! Clicks change the text and leave the rest as it was typed.

use crate::query::edit::{self, Standing};
use crate::query::{Measure, parse};

fn include(text: &str, name: &str) -> String {
    edit::include(text, &edit::tag(name))
}

fn exclude(text: &str, name: &str) -> String {
    edit::exclude(text, &edit::tag(name))
}

#[test]
fn several_included_values_of_a_term_are_any_of_them() {
    let one = include("", "fork");
    assert_eq!(one, "tag:fork");
    let two = include(&one, "two words");
    assert_eq!(two, r#"(tag:fork or tag:"two words")"#);
    let three = include(&two, "none");
    assert_eq!(three, r#"(tag:fork or tag:"two words" or tag:"none")"#);
    assert_eq!(include(&three, "two words"), r#"(tag:fork or tag:"none")"#);
    assert_eq!(include(&include(&two, "fork"), "two words"), "");
    // Typed without parentheses it is the same part.
    assert_eq!(include("tag:a or tag:b", "c"), "(tag:a or tag:b or tag:c)");
    let regions = |text: &str, count: f64| edit::include(text, &edit::figure(Measure::Regions, count));
    assert_eq!(regions(&regions("tag:a", 2.0), 3.0), "tag:a (regions=2 or regions=3)");
    assert_eq!(regions("regions>=3", 5.0), "regions>=3 regions=5", "a bound is no value of a list");
}

#[test]
fn the_rest_stays_as_it_was_typed() {
    assert_eq!(include("w >  800   and  NOT x", "fork"), "w >  800   and  NOT x tag:fork");
    assert_eq!(include("a AND tag:fork and b", "fork"), "a and b");
    assert_eq!(include("tag:fork and b", "fork"), "b");
    assert_eq!(include("a and tag:fork", "fork"), "a");
    assert_eq!(include("x or y", "fork"), "(x or y) tag:fork");
    assert_eq!(include("(x or y)", "fork"), "(x or y) tag:fork");
    assert_eq!(include("(x y)", "fork"), "(x y) tag:fork");
    assert_eq!(include("(a) or (b)", "fork"), "((a) or (b)) tag:fork");
    assert_eq!(exclude("x or y", "fork"), "(x or y) -tag:fork");
    assert_eq!(edit::without("a and b c", &(6..7)), "a c");
}

#[test]
fn excluding_takes_out_of_the_included_ones_and_back() {
    let text = exclude("(tag:a or tag:b) w>800", "b");
    assert_eq!(text, "tag:a w>800 -tag:b");
    assert_eq!(exclude(&text, "b"), "tag:a w>800");
    assert_eq!(include(&text, "b"), "(tag:a or tag:b) w>800");
    assert_eq!(exclude("-(tag:a or tag:b)", "a"), "-tag:b");
}

#[test]
fn only_one_value_and_again_none() {
    let only = |text: &str, name: &str| edit::only(text, &edit::tag(name));
    assert_eq!(only("(tag:a or tag:b) w>800 -tag:c", "a"), "w>800 tag:a");
    assert_eq!(only("w>800 tag:a", "a"), "w>800");
    assert_eq!(only("tag:a -tag:b", "a"), "tag:a");
}

#[test]
fn a_standing_is_read_from_the_parts() {
    let query = parse("(tag:a or tag:b) -tag:c (tag:d or w>3) -(tag:e or tag:f)").expect("query");
    let standing = |name: &str| edit::standing(&query, &edit::tag(name));
    assert_eq!(["a", "b", "c", "d", "e", "g"].map(standing), {
        use Standing::{Excluded as E, Included as I, Neither as N};
        [I, I, E, N, E, N]
    });
    assert_eq!(edit::parts(&query).len(), 4);
}
