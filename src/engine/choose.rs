//! Ids and names: which project, iteration or tag the user means. Pure. The command line and the window ask here.

use std::fmt::Display;
use std::str::FromStr;

use domain::near::near;

/// Names that are reported when none is near.
const NEAR_LIMIT: usize = 5;

/// Ids that are reported of things with the same name.
const MOST_IDS: usize = 10;

/// Letters of a name that are reported.
const NAME_LETTERS: usize = 60;

/// Why nothing was chosen, in words without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchosen {
    /// There is nothing with this id or name; the words name what comes near.
    #[error("{0}")]
    NotThere(String),
    /// Several have this name, or what was typed asks for something that does not exist; the words say what to type.
    #[error("{0}")]
    Unclear(String),
}

/// The one of `items` that `wanted` means: its id, else its exact name, else its name in another case.
///
/// `what` is the word for one of them; `of` gives id and name.
///
/// # Errors
/// When there is none, or several have the name.
pub fn choose<'a, T, I>(
    what: &str,
    wanted: &str,
    items: &'a [T],
    of: impl Fn(&'a T) -> (I, &'a str),
) -> Result<&'a T, Unchosen>
where
    I: FromStr + PartialEq + Display,
{
    if let Ok(id) = wanted.trim().parse::<I>()
        && let Some(item) = items.iter().find(|item| of(item).0 == id)
    {
        return Ok(item);
    }
    let exact: Vec<&T> = items.iter().filter(|item| of(item).1 == wanted).collect();
    let lower = wanted.to_lowercase();
    let found =
        if exact.is_empty() { items.iter().filter(|item| of(item).1.to_lowercase() == lower).collect() } else { exact };
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names: Vec<&str> = items.iter().map(|item| of(item).1).collect();
            Err(Unchosen::NotThere(not_there(what, wanted, &names)))
        }
        several => {
            let mut ids: Vec<String> = several.iter().take(MOST_IDS).map(|item| of(item).0.to_string()).collect();
            if several.len() > MOST_IDS {
                ids.push(format!("and {} more (list them with: tagscope {what}s)", several.len() - MOST_IDS));
            }
            let (ids, wanted) = (ids.join("\n  "), short(wanted));
            Err(Unchosen::Unclear(format!(
                "several {what}s are named {wanted:?}; give the id of one of them:\n  {ids}"
            )))
        }
    }
}

/// The name, cut where it is long.
pub fn short(name: &str) -> String {
    let mut short: String = name.chars().take(NAME_LETTERS).collect();
    if short.len() < name.len() {
        short.push_str("...");
    }
    short
}

/// Words for a name that is not there, with those that are near it, else with some of those there are.
fn not_there(what: &str, wanted: &str, names: &[&str]) -> String {
    let near = near(wanted, names.iter().copied());
    let wanted = short(wanted);
    if names.is_empty() {
        return format!("there is no {what} {wanted:?}; there are no {what}s at all");
    }
    let quoted = |list: &[&str]| list.iter().map(|name| format!("{:?}", short(name))).collect::<Vec<_>>().join(", ");
    if !near.is_empty() {
        return format!("there is no {what} {wanted:?}; did you mean {}?", quoted(&near));
    }
    let some = &names[..names.len().min(NEAR_LIMIT)];
    let more = match names.len() - some.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("there is no {what} {wanted:?}; the {what}s are {}{more}", quoted(some))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TagId;
    use uuid::Uuid;

    fn tags(names: &[&'static str]) -> Vec<(TagId, &'static str)> {
        (1_u128..).zip(names).map(|(n, name)| (TagId(Uuid::from_u128(n)), *name)).collect()
    }

    fn pick(wanted: &str, names: &[&'static str]) -> Result<u128, Unchosen> {
        let tags = tags(names);
        choose("tag", wanted, &tags, |tag| (tag.0, tag.1)).map(|tag| tag.0.0.as_u128())
    }

    #[test]
    fn id_then_name_then_any_case() {
        let names = ["fork", "Fork", "猫", "00000000-0000-0000-0000-000000000001"];
        assert_eq!(pick("Fork", &names).expect("name"), 2);
        assert_eq!(pick("猫", &names).expect("name"), 3);
        assert_eq!(pick("00000000-0000-0000-0000-000000000003", &names).expect("id"), 3);
        assert_eq!(pick("00000000-0000-0000-0000-000000000001", &names).expect("the id goes first"), 1);
        assert_eq!(pick("SPOON", &["spoon"]).expect("case"), 1);
    }

    #[test]
    fn several_of_a_name_are_told_by_their_ids() {
        for (wanted, names) in [("fork", ["fork", "fork"]), ("FORK", ["fork", "Fork"])] {
            let Err(Unchosen::Unclear(words)) = pick(wanted, &names) else { panic!("ambiguous") };
            assert!(words.contains("000000000001") && words.contains("000000000002"), "{words}");
        }
    }

    #[test]
    fn near_names_are_told() {
        let words = |wanted: &str| match pick(wanted, &["fork", "scissors", "spoon, small"]) {
            Err(Unchosen::NotThere(words)) => words,
            other => panic!("{other:?}"),
        };
        assert!(words("frok").ends_with(r#"did you mean "fork"?"#), "{}", words("frok"));
        assert!(words("scissor").ends_with(r#"did you mean "scissors"?"#));
        assert!(words("spoon").ends_with(r#"did you mean "spoon, small"?"#));
        assert!(words("chopsticks").contains(r#"the tags are "fork", "scissors""#));
    }
}
