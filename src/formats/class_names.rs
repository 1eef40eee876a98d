//! The names of the classes by their numbers: those of a list that counts for every field, or those of a field's own class
//! label. A number never gets its name from the class label of another field.

/// See the module's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassNames {
    /// For every field without names of its own.
    all: Option<Vec<String>>,
    /// Names of a field, by its path: `label`, `objects.category`.
    fields: Vec<(String, Vec<String>)>,
}

impl From<Vec<String>> for ClassNames {
    fn from(all: Vec<String>) -> Self {
        Self { all: Some(all), fields: Vec::new() }
    }
}

impl ClassNames {
    /// Those of fields. A path with two different lists, as cards with several configurations have, has none.
    pub(super) fn of_fields(found: Vec<(String, Vec<String>)>) -> Self {
        let is_unclear =
            |path: &String, names: &Vec<String>| found.iter().any(|(other, list)| other == path && list != names);
        let mut fields: Vec<(String, Vec<String>)> = Vec::new();
        for (path, names) in &found {
            if !is_unclear(path, names) && fields.iter().all(|(known, _)| known != path) {
                fields.push((path.clone(), names.clone()));
            }
        }
        Self { all: None, fields }
    }

    /// The same, with fields that are known better.
    pub(super) fn with_fields(&self, better: Self) -> Self {
        let Self { all, mut fields } = better;
        for (path, names) in &self.fields {
            if fields.iter().all(|(known, _)| known != path) {
                fields.push((path.clone(), names.clone()));
            }
        }
        Self { all: self.all.clone().or(all), fields }
    }

    /// The list for every field, where there is one.
    pub fn all(&self) -> Option<&[String]> {
        self.all.as_deref()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.fields.is_empty()
    }

    /// The names for the numbers of a field.
    pub(super) fn of(&self, path: &str) -> &[String] {
        let own = self.fields.iter().find(|(known, _)| known == path).map(|(_, names)| &names[..]);
        own.or(self.all()).unwrap_or_default()
    }

    /// Fields with names of their own: those in objects first.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &[String])> {
        let of_kind = |is_inner: bool| self.fields.iter().filter(move |(path, _)| path.contains('.') == is_inner);
        of_kind(true).chain(of_kind(false)).map(|(path, names)| (path.as_str(), &names[..]))
    }
}
