//! What is offered at the cursor, which is at `|`.

use super::catalogue;
use crate::facets::FacetIndex;
use crate::query::{Program, Vocabulary, complete, parse};
use crate::{Catalogue, RecordReader};

/// The text after each of the first offers was taken.
fn offers(text: &str) -> Vec<String> {
    let catalogue = catalogue();
    let mut facets = FacetIndex::default();
    facets.extend(&catalogue, &Default::default());
    let cursor = text.find('|').expect("cursor");
    let text = text.replace('|', "");
    let vocabulary = Vocabulary { tags: catalogue.tags(), facets: &facets };
    let Some(completion) = complete(&text, cursor, vocabulary) else { return Vec::new() };
    let taken = completion.offers.iter().map(|offer| {
        let mut text = text.clone();
        text.replace_range(completion.range.clone(), &offer.text);
        text
    });
    taken.take(3).collect()
}

#[test]
fn terms_tags_keys_and_values_are_offered_where_they_stand() {
    assert_eq!(offers("re|"), ["regions>=", "review:"]);
    assert_eq!(offers("w>8 fo|"), ["w>8 tag:fork "]);
    assert_eq!(offers("-tag:sci|"), ["-tag:Scissors "]);
    assert_eq!(offers("tag:猫|"), [r#"tag:"タグ 猫" "#]);
    assert_eq!(offers(r#"tag:"タグ|"#), [r#"tag:"タグ 猫" "#]);
    assert_eq!(offers("met|"), ["meta."]);
    assert_eq!(offers("meta.|").len(), 3);
    assert_eq!(offers("meta.sch|"), [r#"meta."Schicht Nr"="#]);
    assert_eq!(offers(r#"meta."Schicht Nr"=früh|"#).len(), 3);
    assert_eq!(offers("(check:over|)"), ["(check:overlap )", "(check:overlap-other )"]);
    assert_eq!(offers("review:d|"), ["review:disagree ", "review:accepted ", "review:rejected "]);
    assert_eq!(offers("size:64|"), ["size:640x480 "]);
}

#[test]
fn what_was_meant_is_what_is_offered_first() {
    let tag = |name: &str, at: usize| format!(r#"{{"tagId":"00000000-0000-0000-0000-{at:012}","tagName":"{name}"}}"#);
    let row = |n: usize, tags: String| {
        let json = format!(r#"{{"id":"{n:08x}-0000-4000-8000-{n:012}","width":8,"height":6,"tags":[{tags}]}}"#);
        RecordReader::new().line(json.as_bytes(), n).expect("row")
    };
    let mut catalogue = Catalogue::new();
    catalogue.append((0..3).map(|n| row(n, format!("{},{}", tag("bottle", 1), tag("jar", 3)))).collect());
    catalogue.append(vec![row(3, tag("box", 2))]);
    let vocabulary = Vocabulary { tags: catalogue.tags(), facets: &FacetIndex::default() };
    let offers = complete("tag:bo", 6, vocabulary).expect("offers").offers;
    let query = parse("tag:bo").expect("query");
    let Err(error) = Program::bind(&query, catalogue.tags()) else { panic!("there is such a tag") };
    assert_eq!((offers[0].label.as_str(), error.replacement.as_deref()), ("bottle", Some("bottle")));
}

#[test]
fn nothing_is_offered_where_nothing_can_be_known() {
    for text in ["|", "tag:fork |", "regions>=|", "tag:fork|", "zzz|", r#""fo|"#, "ta|g:fork", "(|"] {
        assert_eq!(offers(text), [""; 0], "{text}");
    }
}
