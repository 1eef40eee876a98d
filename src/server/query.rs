//! The parameters of the listing calls, with the service's defaults and limits, and the metadata filter.

use url::form_urlencoded;
use uuid::Uuid;

use super::answer::Answer;
use super::performance::Thresholds;
use domain::{ImageId, IterationId, TagId};

const MOST_ROWS: u64 = 256;
const MOST_TAGS: usize = 20;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Tagging {
    #[default]
    All,
    Tagged,
    Untagged,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listing {
    pub(super) iteration: Option<IterationId>,
    /// Any of these; all images when empty.
    pub(super) tags: Vec<TagId>,
    pub(super) is_oldest_first: bool,
    pub(super) take: usize,
    pub(super) skip: usize,
    pub(super) images: Vec<ImageId>,
    pub(super) tagging: Tagging,
    /// The expression as it came; only some calls know it.
    pub(super) filter: Option<String>,
    pub(super) thresholds: Thresholds,
    pub(super) path: Option<String>,
}

impl Listing {
    /// Parameters that no call knows are ignored.
    pub(super) fn parse(query: &str) -> Result<Self, Answer> {
        let mut listing = Self {
            iteration: None,
            tags: Vec::new(),
            is_oldest_first: false,
            take: 50,
            skip: 0,
            images: Vec::new(),
            tagging: Tagging::All,
            filter: None,
            thresholds: Thresholds::default(),
            path: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if value.is_empty() {
                continue;
            } else if is("iterationId") {
                listing.iteration = Some(IterationId(one_id(&value, "iterationId")?));
            } else if is("tagIds") {
                listing.tags.extend(ids(&value, "tagIds")?.into_iter().map(TagId));
            } else if is("imageIds") {
                listing.images.extend(ids(&value, "imageIds")?.into_iter().map(ImageId));
            } else if is("orderBy") {
                listing.is_oldest_first = one_of(&value, "orderBy", ["Newest", "Oldest"])? == 1;
            } else if is("taggingStatus") {
                listing.tagging = match one_of(&value, "taggingStatus", ["All", "Tagged", "Untagged"])? {
                    1 => Tagging::Tagged,
                    2 => Tagging::Untagged,
                    _ => Tagging::All,
                };
            } else if is("threshold") {
                listing.thresholds.probability = share(&value, "threshold")?;
            } else if is("overlapThreshold") {
                listing.thresholds.overlap = share(&value, "overlapThreshold")?;
            } else if is("take") {
                listing.take = number(&value, "take")?;
            } else if is("skip") {
                listing.skip = number(&value, "skip")?;
            } else if is("path") {
                listing.path = Some(value.into_owned());
            } else if is("$filter") {
                listing.filter = Some(value.into_owned());
            }
        }
        if listing.take as u64 > MOST_ROWS {
            return Err(Answer::bad_request("BadRequestExceededBatchSize", "take must be between 0 and 256."));
        }
        if listing.tags.len() > MOST_TAGS {
            return Err(Answer::bad_request("BadRequestExceededBatchSize", "At most 20 tagIds can be given."));
        }
        if listing.images.len() as u64 > MOST_ROWS {
            return Err(Answer::bad_request("BadRequestExceededBatchSize", "At most 256 imageIds can be given."));
        }
        Ok(listing)
    }

    pub(super) fn metadata_filter(&self) -> Result<Option<MetadataFilter>, Answer> {
        let invalid = || {
            let message = "$filter must be like: metadata=key1 eq 'value1' and key2 ne 'value2'.";
            Answer::bad_request("BadRequest", message)
        };
        self.filter.as_deref().map(|text| MetadataFilter::parse(text).ok_or_else(invalid)).transpose()
    }
}

fn one_id(value: &str, name: &str) -> Result<Uuid, Answer> {
    let invalid = || Answer::bad_request("BadRequestInvalidIds", &format!("{name} holds a value that is not an id."));
    Uuid::try_parse(value.trim()).map_err(|_| invalid())
}

fn ids(value: &str, name: &str) -> Result<Vec<Uuid>, Answer> {
    value.split(',').filter(|part| !part.trim().is_empty()).map(|part| one_id(part, name)).collect()
}

fn number(value: &str, name: &str) -> Result<usize, Answer> {
    // The specification says int32 and not below 0.
    match value.trim().parse::<i32>().map(usize::try_from) {
        Ok(Ok(number)) => Ok(number),
        _ => Err(Answer::bad_request("BadRequest", &format!("{name} must be a whole number of at least 0."))),
    }
}

fn share(value: &str, name: &str) -> Result<f32, Answer> {
    match value.trim().parse::<f32>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(Answer::bad_request("BadRequest", &format!("{name} must be a number from 0 to 1."))),
    }
}

fn one_of<const N: usize>(value: &str, name: &str, known: [&str; N]) -> Result<usize, Answer> {
    known
        .iter()
        .position(|word| value.eq_ignore_ascii_case(word))
        .ok_or_else(|| Answer::bad_request("BadRequest", &format!("{name} must be one of {}.", known.join(", "))))
}

/// An expression over an image's metadata: any of the alternatives, all of whose conditions hold. `and` binds closer.
///
/// As far as the specification describes it: `eq`, `ne`, `and`, `or`, with the example `metadata=key1 eq 'value1' and key2 ne
/// 'value2'`. What it does not describe (brackets, quotes in values, functions) is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetadataFilter {
    alternatives: Vec<Vec<Condition>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    key: String,
    is_equal: bool,
    value: String,
}

impl MetadataFilter {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The example writes it in front; whether it belongs to the expression is not said.
        let mut rest = text.strip_prefix("metadata=").unwrap_or(text);
        let mut alternatives = vec![Vec::new()];
        loop {
            let (condition, tail) = Condition::parse(rest)?;
            alternatives.last_mut()?.push(condition);
            if tail.trim().is_empty() {
                return Some(Self { alternatives });
            }
            let (joint, tail) = word(tail)?;
            match joint.to_ascii_lowercase().as_str() {
                "and" => {}
                "or" => alternatives.push(Vec::new()),
                _ => return None,
            }
            rest = tail;
        }
    }

    /// Whether it holds for an image with these pairs. An absent key equals nothing.
    pub(super) fn matches<'a>(&self, value_of: impl Fn(&str) -> Option<&'a str>) -> bool {
        let holds = |condition: &Condition| (value_of(&condition.key) == Some(&condition.value)) == condition.is_equal;
        self.alternatives.iter().any(|conditions| conditions.iter().all(holds))
    }
}

impl Condition {
    fn parse(text: &str) -> Option<(Self, &str)> {
        let (key, rest) = word(text)?;
        let (operator, rest) = word(rest)?;
        let is_equal = match operator.to_ascii_lowercase().as_str() {
            "eq" => true,
            "ne" => false,
            _ => return None,
        };
        let (value, rest) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
        let is_end = rest.is_empty() || rest.starts_with(char::is_whitespace);
        is_end.then(|| (Self { key: key.to_owned(), is_equal, value: value.to_owned() }, rest))
    }
}

/// The next word and what follows it; none of the characters that mean something elsewhere.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace)?;
    (!word.is_empty() && !word.contains(['\'', '"', '(', ')', '='])).then_some((word, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_documented_ones() {
        let listing = Listing::parse("").expect("listing");
        assert_eq!((listing.take, listing.skip, listing.is_oldest_first), (50, 0, false));
        assert!(listing.tags.is_empty() && listing.iteration.is_none());
    }

    #[test]
    fn lists_are_split_however_the_comma_is_spelled() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for query in [format!("tagIds={a},{b}"), format!("tagIds={a}%2C{b}"), format!("tagIds={a}&tagIds={b}")] {
            assert_eq!(Listing::parse(&query).expect("listing").tags, [TagId(a), TagId(b)], "{query}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let tags = vec![Uuid::nil().to_string(); 21].join(",");
        let images = vec![Uuid::nil().to_string(); 257].join(",");
        for query in [
            "take=257",
            "take=-1",
            "take=x",
            "skip=-1",
            "skip=3000000000",
            "orderBy=Best",
            "tagIds=7",
            "iterationId=7",
            "threshold=2",
            "threshold=x",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("tagIds={tags}"), format!("imageIds={images}")])
        {
            assert!(Listing::parse(&query).is_err(), "{query}");
        }
        assert_eq!(Listing::parse("take=256&skip=0&orderBy=oldest").map(|listing| listing.take).ok(), Some(256));
    }

    fn holds(filter: &str) -> bool {
        let pairs = [("camera", "c 1"), ("shift", "night")];
        let value_of = |key: &str| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        MetadataFilter::parse(filter).unwrap_or_else(|| panic!("{filter}")).matches(value_of)
    }

    #[test]
    fn the_documented_operators_are_understood() {
        assert!(holds("metadata=camera eq 'c 1' and shift ne 'day'"));
        assert!(holds("camera eq 'c 1'") && !holds("camera ne 'c 1'") && !holds("camera eq 'c'"));
        assert!(holds("camera eq 'x' or shift eq 'night'"));
        // `and` first: (x and night) or c 1.
        assert!(holds("camera eq 'x' and shift eq 'night' or camera eq 'c 1'"));
        assert!(!holds("camera eq 'c 1' and shift eq 'day' or camera eq 'x'"));
        assert!(holds("operator ne 'a'") && !holds("operator eq 'a'") && !holds("shift EQ ''"));
    }

    #[test]
    fn what_is_not_documented_is_refused() {
        for text in [
            "",
            "camera",
            "camera eq",
            "camera eq c1",
            "camera eq 'c1",
            "camera gt 'c1'",
            "camera='c1'",
            "(camera eq 'c1')",
            "camera eq 'c1' shift eq 'day'",
            "camera eq 'c1' and",
            "camera eq 'it''s'",
            "not camera eq 'c1'",
            "camera eq 'c1' xor shift eq 'day'",
        ] {
            assert_eq!(MetadataFilter::parse(text), None, "{text}");
        }
    }
}
