//! "Did you mean": which of some names is near one that is not there.

/// Names that are reported when one is not there.
const MOST: usize = 5;

/// Names that contain the wanted one, or differ from it by few letters; at most 5. Those that begin with it come first,
/// in the given order, then the nearest.
pub fn near<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let far = match wanted.chars().count() {
        0..=3 => 1,
        letters => (letters / 3).max(2),
    };
    let mut near: Vec<(usize, usize, &str)> = names
        .into_iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let lower = name.to_lowercase();
            let distance = strsim::osa_distance(&wanted, &lower);
            // While a name is being typed, it is the beginning of the right one.
            if distance > 0 && !wanted.is_empty() && lower.starts_with(&wanted) {
                return Some((1, at, name));
            }
            // A short name lies in many a long word by chance.
            let is_in_wanted = 2 * lower.len() >= wanted.len() && wanted.contains(&lower);
            let is_part = !wanted.is_empty() && (lower.contains(&wanted) || is_in_wanted);
            (is_part || distance <= far).then_some((2 * distance, 0, name))
        })
        .collect();
    near.sort();
    let mut names: Vec<&str> = Vec::new();
    for (.., name) in near {
        if names.len() < MOST && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The nearest one, when there is one near enough to be meant.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(wanted, names).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_changed_letters_are_near_and_the_nearest_comes_first() {
        let names = ["fork", "forks", "scissors", "タグ 猫"];
        assert_eq!(near("frok", names), ["fork", "forks"], "two letters that changed places count once");
        assert_eq!(near("fork", names), ["fork", "forks"]);
        assert_eq!(nearest("bo", ["bottle", "box"]), Some("bottle"), "both begin so: the first one");
        assert_eq!(nearest("猫", names), Some("タグ 猫"));
        assert_eq!(nearest("chopsticks", names), None);
        assert_eq!(nearest("", ["ab", "a"]), Some("a"));
        assert_eq!(nearest("https", ["h", "s"]), None, "a letter of it is not near");
    }
}
