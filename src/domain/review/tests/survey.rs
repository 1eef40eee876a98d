use std::sync::Arc;

use super::*;

/// Images 1 to 4 of [`row`].
fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.append((1..5).map(row).collect());
    catalogue
}

#[test]
fn a_survey_counts_by_reviewer_and_tag_and_holds_two_against_each_other() {
    use Verdict::{Accepted, Flagged, Rejected};
    let mut reviews = Reviews::default();
    reviews.set_reviewer("ann");
    let decided = [
        ("ann", subject(1, 0), Some(Accepted)),
        ("ann", subject(1, 11), Some(Accepted)),
        ("ann", subject(1, 21), Some(Rejected)),
        ("ann", subject(2, 12), Some(Accepted)),
        ("ann", subject(3, 0), Some(Flagged)),
        ("bob", subject(1, 0), Some(Rejected)),
        ("bob", subject(1, 11), Some(Accepted)),
        ("bob", subject(1, 21), Some(Rejected)),
        ("bob", subject(2, 12), Some(Rejected)),
        // Taken back, of a deleted region, and of an image that is not listed.
        ("bob", subject(3, 0), Some(Flagged)),
        ("bob", subject(3, 0), None),
        ("bob", subject(4, 99), Some(Accepted)),
        ("cy", subject(9, 0), Some(Accepted)),
    ];
    for (at, (by, subject, verdict)) in decided.into_iter().enumerate() {
        let statement = Statement::Decide { subjects: vec![subject], verdict };
        reviews.apply(&Decision { number: at as u64 + 1, at: 0, by: by.into(), statement }).expect("entry");
    }
    let catalogue = catalogue();
    let survey = Survey::of(&catalogue, &reviews, "ann", Some("bob"));
    let totals: Vec<_> =
        survey.reviewers.iter().map(|total| (&*total.name, total.decided().images, total.decided().regions)).collect();
    assert_eq!(totals, [("ann", 2, 3), ("bob", 1, 3)], "who has decided about nothing that is listed is not there");
    assert_eq!(survey.reviewers[0].verdicts[Accepted as usize], ReviewCount { images: 1, regions: 2 });

    assert_eq!((survey.all.shared(), survey.all.same()), (4, 2));
    // Verdicts of ann: A A R A, of bob: R A R R; by chance (3 x 1 + 1 x 3) / 16 = 0.375; kappa (0.5 - 0.375) / 0.625.
    assert!((survey.all.kappa().expect("kappa") - 0.2).abs() < 1e-12);
    let [a, b] = &survey.tags[..] else { panic!("two tags") };
    assert_eq!((a.one, a.other), (ReviewCount { images: 2, regions: 0 }, ReviewCount { images: 1, regions: 0 }));
    assert_eq!((a.agreement.shared(), a.agreement.same()), (1, 0));
    assert_eq!(b.one, ReviewCount { images: 2, regions: 3 }, "an image counts for the tags of its regions too");
    assert_eq!((b.agreement.shared(), b.agreement.same()), (4, 2));

    let alone = Survey::of(&catalogue, &reviews, "nobody", None);
    assert_eq!((alone.reviewers.len(), alone.all.shared()), (2, 0));
    assert_eq!(alone.tags, vec![TagSurvey::default(); 2]);
    let same = Survey::of(&catalogue, &reviews, "ann", Some("ann"));
    assert_eq!(same.all.shared(), 0, "nobody is compared with themselves");
}

#[test]
fn the_pair_with_most_in_common_is_found() {
    let mut reviews = Reviews::default();
    let names = |pair: Option<[Arc<str>; 2]>| pair.map(|[one, other]| format!("{one} {other}")).unwrap_or_default();
    let mut number = 0;
    let mut decide = |by: &str, subjects: &[Subject]| {
        number += 1;
        let statement = Statement::Decide { subjects: subjects.to_vec(), verdict: Some(Verdict::Accepted) };
        reviews.apply(&Decision { number, at: 0, by: by.into(), statement }).expect("entry");
        let catalogue = catalogue();
        let survey = Survey::of(&catalogue, &reviews, "ann", None);
        SharedDecisions::of(&catalogue, &reviews, &survey.reviewers)
    };
    // The busiest has nothing in common with anybody; region 99 and image 9 are not listed.
    let regions = [subject(1, 11), subject(1, 21), subject(2, 12), subject(2, 22)];
    let shared = decide("ann", &regions);
    assert_eq!(names(shared.most("ann", None)), "");
    decide("bob", &[subject(1, 0), subject(4, 99), subject(9, 0)]);
    let shared = decide("cy", &[subject(1, 0), subject(4, 99), subject(9, 0)]);
    assert_eq!(names(shared.most("ann", None)), "bob cy");
    assert_eq!(names(shared.most("cy", None)), "cy bob", "the person comes first");
    assert_eq!(names(shared.most("ann", Some("ann"))), "");
    // As much in common: the person's own pair.
    let shared = decide("dan", &regions[..1]);
    assert_eq!(names(shared.most("ann", None)), "ann dan");
    assert_eq!(names(shared.most("bob", None)), "bob cy");
    // More.
    let shared = decide("cy", &regions[..2]);
    assert_eq!(
        (names(shared.most("bob", None)), names(shared.most("bob", Some("dan")))),
        ("ann cy".into(), "dan ann".into())
    );
    assert_eq!(names(shared.most("bob", Some("bob"))), "bob cy");
}
