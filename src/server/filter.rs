//! The metadata filter of the images calls, as far as the specification describes it: `eq`, `ne`, `and`, `or`, with the
//! example `metadata=key1 eq 'value1' and key2 ne 'value2'`. What it does not describe (brackets, quotes in values,
//! functions) is refused.

/// An expression over an image's metadata: any of the alternatives, all of whose conditions hold. `and` binds closer.
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
