//! Words and figures about lists that the window and the command line share.

use domain::{Tally, Timestamp};
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
pub fn doubt(tally: &Tally) -> String {
    let are = |number: u64| format!("{} {}", thousands(number), if number == 1 { "is" } else { "are" });
    let came = count(tally.listed, "image", "images");
    let mut words = match tally.total {
        Some(total) if tally.missing > 0 => {
            let listed = thousands(tally.listed);
            format!("{listed} of {} listed; {} missing", count(total, "image", "images"), are(tally.missing))
        }
        None if tally.missing > 0 => format!("{came} listed; up to {} missing", are(tally.missing)),
        Some(total) if total < tally.there() && tally.is_of_archive => {
            let rows = count(tally.there(), "row", "rows");
            format!("{rows} in the archive, {} in its manifest", thousands(total))
        }
        Some(total) if total < tally.there() => {
            format!("{came} listed, the service counts {}", thousands(total))
        }
        None if tally.is_uncounted => {
            format!("{came} listed; the service did not report how many there are, so some may be missing")
        }
        _ => format!("{came} listed; the order changed while listing, so some may be missing"),
    };
    for part in [repeats(tally), gone(tally.gone)].into_iter().flatten() {
        words.push_str("; ");
        words.push_str(&part);
    }
    if tally.unreadable > 0 {
        // A row that comes twice in an archive can be read.
        let what = if tally.is_of_archive { "used" } else { "read" };
        words.push_str(&format!("; {} not be {what}", count(tally.unreadable, "row could", "rows could")));
    }
    words
}

/// The message about a whole list that the service did not count; `None` where it did.
pub fn uncounted(tally: &Tally) -> Option<String> {
    let words = "The service did not report the number of images. The list was read until a page brought no more";
    (tally.is_whole && tally.is_uncounted).then(|| words.to_owned())
}

/// What to do about a list that is not whole.
pub fn doubt_advice(tally: &Tally) -> &'static str {
    if tally.is_of_archive {
        "Run tagscope verify to see what is wrong."
    } else {
        "Run it again while nobody is editing the project."
    }
}

/// What a report says of a list that it was made from: nothing of a whole one.
pub fn list_notes(tally: &Tally) -> Vec<String> {
    let mut notes = Vec::new();
    if !tally.is_whole {
        let is_longer = tally.is_of_archive && tally.missing == 0;
        let what = if is_longer { "does not match the manifest" } else { "is incomplete" };
        notes.push(format!("The list of images {what}: {}.", doubt(tally)));
    } else {
        notes.extend(uncounted(tally).map(|words| format!("{words}.")));
    }
    if tally.is_whole && tally.unreadable > 0 {
        let rows = count(tally.unreadable, "row", "rows");
        notes.push(format!(
            "{rows} of the list could not be {} and {} left out.",
            if tally.is_of_archive { "used" } else { "read" },
            if tally.unreadable == 1 { "is" } else { "are" }
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
pub fn repeats(tally: &Tally) -> Option<String> {
    (tally.duplicates > 0).then(|| format!("{} listed twice", count(tally.duplicates, "row", "rows")))
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
        let tally = Tally { listed: 997, total: Some(1_000), missing: 3, duplicates: 5, ..Tally::default() };
        assert_eq!(doubt(&tally), "997 of 1,000 images listed; 3 are missing; 5 rows listed twice");
        let tally = Tally { listed: 9, unreadable: 1, total: Some(10), gone: 1, missing: 1, ..Tally::default() };
        assert_eq!(
            doubt(&tally),
            "9 of 10 images listed; 1 is missing; 1 of them no longer exists; 1 row could not be read"
        );
        let tally = Tally { listed: 300, total: Some(40), ..Tally::default() };
        assert_eq!(doubt(&tally), "300 images listed, the service counts 40");
        let tally = Tally { is_of_archive: true, ..tally };
        assert_eq!(doubt(&tally), "300 rows in the archive, 40 in its manifest");
        // One row too many, of an image that was listed before.
        let longer = Tally { listed: 30, unreadable: 1, total: Some(30), is_of_archive: true, ..Tally::default() };
        assert_eq!(
            list_notes(&longer),
            [
                "The list of images does not match the manifest: 31 rows in the archive, 30 in its manifest; 1 row could not be used."
            ]
        );
        let cut = Tally { listed: 29, missing: 1, ..longer };
        assert!(
            list_notes(&cut)[0].starts_with("The list of images is incomplete: 29 of 30 images"),
            "{:?}",
            list_notes(&cut)
        );
        assert!(!doubt_advice(&tally).contains("project"));
        let tally = Tally { is_uncounted: true, ..Tally::default() };
        let words = "0 images listed; the service did not report how many there are, so some may be missing";
        assert_eq!((doubt(&tally), uncounted(&tally)), (words.to_owned(), None));
        assert!(uncounted(&Tally { is_whole: true, ..tally }).is_some());
        let tally = Tally { listed: 1, missing: 2, ..Tally::default() };
        assert_eq!(doubt(&tally), "1 image listed; up to 2 are missing");
        let tally = Tally { listed: 600, total: Some(600), duplicates: 1, ..Tally::default() };
        assert_eq!(
            doubt(&tally),
            "600 images listed; the order changed while listing, so some may be missing; 1 row listed twice"
        );
    }
}
