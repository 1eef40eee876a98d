//! Words and figures about lists that the window and the command line share.

use domain::{ListingReport, Timestamp};
use formats::predictions::outcomes::OutcomeKind;
use formats::{SplitGroup, Together};

/// What happens to a result that goes to an object store.
pub const INTO_STORE: &str = "Built and verified on this computer first, then uploaded with the credentials of the environment. \
                              The place must be empty; nothing is overwritten.";

/// A whole number with thousands separated: `12,800`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 image`, `1,204 images`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `about 34 s left`.
pub fn time_left(secs: f32) -> String {
    match secs {
        secs if secs < 1.5 => "about 1 s left".to_owned(),
        secs if secs < 90.0 => format!("about {secs:.0} s left"),
        secs if secs < 5400.0 => format!("about {:.0} min left", secs / 60.0),
        secs => format!("about {:.0} h left", secs / 3600.0),
    }
}

/// `12 groups of near-duplicates (25 images) are each kept in one split; a plain split would have separated 9 pairs`. Without a full
/// stop.
pub fn grouping(group: &SplitGroup, together: &Together) -> String {
    let Together { groups, images, torn } = *together;
    match group {
        SplitGroup::Meta(key) if groups == 0 => format!("No two images have the same {key}"),
        _ if groups == 0 => format!("No two images are {}", group.label()),
        _ => format!(
            "{} of {} ({}) {}; a plain split would have separated {}",
            count(groups, "group", "groups"),
            group.label(),
            count(images, "image", "images"),
            if groups == 1 { "is kept in one split" } else { "are each kept in one split" },
            count(torn, "pair", "pairs")
        ),
    }
}

/// Why a split by a metadata key has no groups at all. Without a full stop.
pub fn unknown_key(key: &str) -> String {
    format!("No image has the metadata key {key:?}, so nothing was grouped")
}

/// The text with its first letter as a capital.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// What a file of outcomes has in it: `1,204 predictions and 1 missed label`.
pub fn outcome_counts(kind: OutcomeKind, predictions: u64, missed: u64) -> String {
    let predictions = count(predictions, "prediction", "predictions");
    match kind {
        OutcomeKind::CocoResults => predictions,
        OutcomeKind::Csv | OutcomeKind::Lines => {
            format!("{predictions} and {}", count(missed, "missed label", "missed labels"))
        }
    }
}

/// What was cleared up next to a job's place; nothing when there was nothing.
pub fn cleared(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("Removed leftovers of interrupted runs: {}.", names.join(", ")))
}

/// Why a list that has ended is not whole: `997 of 1,000 images listed; 3 are missing; 5 rows listed twice`. Without a full
/// stop.
pub fn doubt(report: &ListingReport) -> String {
    let are = |number: u64| format!("{} {}", thousands(number), if number == 1 { "is" } else { "are" });
    let came = count(report.listed, "image", "images");
    let mut words = match report.total {
        Some(total) if report.missing > 0 => {
            let listed = thousands(report.listed);
            format!("{listed} of {} listed; {} missing", count(total, "image", "images"), are(report.missing))
        }
        None if report.missing > 0 => format!("{came} listed; up to {} missing", are(report.missing)),
        Some(total) if total < report.there() && report.is_of_archive => {
            let rows = count(report.there(), "row", "rows");
            format!("{rows} in the archive, {} in its manifest", thousands(total))
        }
        Some(total) if total < report.there() => {
            format!("{came} listed, the service counts {}", thousands(total))
        }
        None if report.is_uncounted => {
            format!("{came} listed; the service did not report how many there are, so some may be missing")
        }
        _ => format!("{came} listed; the order changed while listing, so some may be missing"),
    };
    for part in [repeats(report), gone(report.gone)].into_iter().flatten() {
        words.push_str("; ");
        words.push_str(&part);
    }
    if report.unreadable > 0 {
        // A row that comes twice in an archive can be read.
        let what = if report.is_of_archive { "used" } else { "read" };
        words.push_str(&format!("; {} not be {what}", count(report.unreadable, "row could", "rows could")));
    }
    words
}

/// The message about a whole list that the service did not count; `None` where it did.
pub fn uncounted(report: &ListingReport) -> Option<String> {
    let words = "The service did not report the number of images. The list was read until a page brought no more";
    (report.is_whole && report.is_uncounted).then(|| words.to_owned())
}

/// What to do about a list that is not whole.
pub fn doubt_advice(report: &ListingReport) -> &'static str {
    if report.is_of_archive {
        "Run tagscope verify to see what is wrong."
    } else {
        "Run it again while nobody is editing the project."
    }
}

/// What a report says of a list that it was made from: nothing of a whole one.
pub fn list_notes(report: &ListingReport) -> Vec<String> {
    let mut notes = Vec::new();
    if !report.is_whole {
        let is_longer = report.is_of_archive && report.missing == 0;
        let what = if is_longer { "does not match the manifest" } else { "is incomplete" };
        notes.push(format!("The list of images {what}: {}.", doubt(report)));
    } else {
        notes.extend(uncounted(report).map(|words| format!("{words}.")));
    }
    if report.is_whole && report.unreadable > 0 {
        let rows = count(report.unreadable, "row", "rows");
        notes.push(format!(
            "{rows} of the list could not be {} and {} left out.",
            if report.is_of_archive { "used" } else { "read" },
            if report.unreadable == 1 { "is" } else { "are" }
        ));
    }
    notes
}

/// What a report says of a query that chose the images.
pub fn query_note(text: &str) -> String {
    format!("Only images that match this query: {}", text.trim())
}

/// `the list of Tuesday, November 24, 2026, 10:12 UTC`, as an earlier visit has left it on this computer.
pub fn kept_list(kept_unix: Option<i64>) -> String {
    match kept_unix.and_then(|seconds| seconds.checked_mul(10_000_000)) {
        Some(ticks) => format!("the list of {}", Timestamp(ticks).long_text()),
        None => "the list of an earlier visit".to_owned(),
    }
}

/// `5 rows listed twice`; `None` when none did.
pub fn repeats(report: &ListingReport) -> Option<String> {
    (report.duplicates > 0).then(|| format!("{} listed twice", count(report.duplicates, "row", "rows")))
}

/// `3 of them no longer exist`; `None` when all listed images are.
pub fn gone(gone: u64) -> Option<String> {
    let exist = if gone == 1 { "exists" } else { "exist" };
    (gone > 0).then(|| format!("{} of them no longer {exist}", thousands(gone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_is_singular() {
        let words = |groups, images, torn| grouping(&SplitGroup::NearDuplicates, &Together { groups, images, torn });
        assert_eq!(
            words(1, 2, 1),
            "1 group of near-duplicates (2 images) is kept in one split; a plain split would have separated 1 pair"
        );
        assert_eq!(
            words(12, 25, 9),
            "12 groups of near-duplicates (25 images) are each kept in one split; a plain split would have separated 9 pairs"
        );
    }

    #[test]
    fn a_kept_list_has_its_day_in_words() {
        assert_eq!(kept_list(Some(1_795_515_120)), "the list of Tuesday, November 24, 2026, 10:12 UTC");
        assert_eq!(kept_list(None), "the list of an earlier visit");
        assert_eq!(kept_list(Some(i64::MAX)), "the list of an earlier visit");
        assert!(kept_list(Some(i64::MAX / 10_000_000)).starts_with("the list of "));
    }

    #[test]
    fn doubt_is_said_in_figures() {
        let report =
            ListingReport { listed: 997, total: Some(1_000), missing: 3, duplicates: 5, ..ListingReport::default() };
        assert_eq!(doubt(&report), "997 of 1,000 images listed; 3 are missing; 5 rows listed twice");
        let report = ListingReport {
            listed: 9,
            unreadable: 1,
            total: Some(10),
            gone: 1,
            missing: 1,
            ..ListingReport::default()
        };
        assert_eq!(
            doubt(&report),
            "9 of 10 images listed; 1 is missing; 1 of them no longer exists; 1 row could not be read"
        );
        let report = ListingReport { listed: 300, total: Some(40), ..ListingReport::default() };
        assert_eq!(doubt(&report), "300 images listed, the service counts 40");
        let report = ListingReport { is_of_archive: true, ..report };
        assert_eq!(doubt(&report), "300 rows in the archive, 40 in its manifest");
        // One row too many, of an image that was listed before.
        let longer = ListingReport {
            listed: 30,
            unreadable: 1,
            total: Some(30),
            is_of_archive: true,
            ..ListingReport::default()
        };
        assert_eq!(
            list_notes(&longer),
            [
                "The list of images does not match the manifest: 31 rows in the archive, 30 in its manifest; 1 row could not be used."
            ]
        );
        let cut = ListingReport { listed: 29, missing: 1, ..longer };
        assert!(
            list_notes(&cut)[0].starts_with("The list of images is incomplete: 29 of 30 images"),
            "{:?}",
            list_notes(&cut)
        );
        assert!(!doubt_advice(&report).contains("project"));
        let report = ListingReport { is_uncounted: true, ..ListingReport::default() };
        let words = "0 images listed; the service did not report how many there are, so some may be missing";
        assert_eq!((doubt(&report), uncounted(&report)), (words.to_owned(), None));
        assert!(uncounted(&ListingReport { is_whole: true, ..report }).is_some());
        let report = ListingReport { listed: 1, missing: 2, ..ListingReport::default() };
        assert_eq!(doubt(&report), "1 image listed; up to 2 are missing");
        let report = ListingReport { listed: 600, total: Some(600), duplicates: 1, ..ListingReport::default() };
        assert_eq!(
            doubt(&report),
            "600 images listed; the order changed while listing, so some may be missing; 1 row listed twice"
        );
    }
}
