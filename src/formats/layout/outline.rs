//! The shape of a JSON text by its beginning: which fields its root has, and which its first elements have.

/// What is deeper is of no interest.
const MOST_DEPTH: usize = 4;
/// Fields that are kept.
const MOST_FIELDS: usize = 400;

/// The fields of a text, as paths: `images`, `images[].file_name`, `[].data`. A list adds `[]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Whether the root is a list; `None` when it is neither a list nor an object.
    pub is_list: Option<bool>,
    fields: Vec<String>,
}

impl Outline {
    /// Reads as far as the text goes; what is damaged or cut off ends it.
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader { text: text.as_bytes(), at: 0, outline: Self::default(), path: Vec::new() };
        reader.skip_blank();
        reader.outline.is_list = match reader.peek() {
            Some(b'[') => Some(true),
            Some(b'{') => Some(false),
            _ => None,
        };
        reader.read();
        reader.outline
    }

    /// The first fields of the root, or of the elements of a root that is a list.
    pub(super) fn names(&self, most: usize) -> Vec<&str> {
        let is_top = |field: &&str| {
            let bare = field.strip_prefix("[].").unwrap_or(field);
            !bare.is_empty() && !bare.contains(['.', '['])
        };
        self.fields.iter().map(String::as_str).filter(is_top).take(most).collect()
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.fields.iter().any(|field| field == path)
    }

    pub(super) fn ends_with(&self, end: &str) -> bool {
        self.fields.iter().any(|field| field.ends_with(end))
    }

    #[cfg(test)]
    pub(super) fn has_all(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.has(path))
    }

    pub(super) fn has_any(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.has(path))
    }
}

/// A list or object that is open: the path of its elements, and whether it is a list.
type Open = (String, bool);

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    outline: Outline,
    path: Vec<Open>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b',') {
            self.at += 1;
        }
    }

    /// Walks over the text once. Damage is not looked for: a reader of the format will tell it.
    fn read(&mut self) {
        let mut key: Option<String> = None;
        loop {
            self.skip_blank();
            let Some(byte) = self.peek() else { return };
            match byte {
                b'[' | b'{' => {
                    self.open(key.take(), byte == b'[');
                    self.at += 1;
                }
                b']' | b'}' => {
                    self.path.pop();
                    self.at += 1;
                    key = None;
                    if self.path.is_empty() {
                        return;
                    }
                }
                b'"' => {
                    let Some(text) = self.string() else { return };
                    self.skip_blank();
                    if self.peek() == Some(b':') && self.path.last().is_some_and(|(_, is_list)| !is_list) {
                        self.at += 1;
                        key = Some(self.field(&text));
                    } else {
                        key = None;
                    }
                }
                _ => {
                    self.at += 1;
                    while self.peek().is_some_and(|byte| !matches!(byte, b',' | b']' | b'}' | b'"' | b'[' | b'{')) {
                        self.at += 1;
                    }
                    key = None;
                }
            }
        }
    }

    /// Goes into a list or object. Paths end at some depth: those of a text that is all brackets would cost far more
    /// memory than the text.
    fn open(&mut self, key: Option<String>, is_list: bool) {
        let path = match (key, self.path.last()) {
            _ if self.path.len() > MOST_DEPTH => String::new(),
            (Some(key), _) => key,
            (None, Some((path, true))) => path.clone(),
            (None, _) => String::new(),
        };
        let is_shown = is_list && self.path.len() <= MOST_DEPTH;
        self.path.push((if is_shown { format!("{path}[]") } else { path }, is_list));
    }

    /// Notes a field of the open object; its path.
    fn field(&mut self, name: &str) -> String {
        let above = self.path.last().map(|(path, _)| path.as_str()).unwrap_or_default();
        if self.path.len() > MOST_DEPTH {
            return String::new();
        }
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
        let fields = &mut self.outline.fields;
        if fields.len() < MOST_FIELDS && !fields.contains(&path) {
            fields.push(path.clone());
        }
        path
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.text.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        Some(String::from_utf8_lossy(self.text.get(start..end)?).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_text_that_is_cut_off() {
        let outline = Outline::of(
            r#" {"info": {"a": 1}, "images": [{"id": 1, "file_name": "x[\"{.jpg", "license": null}, {"width": 2}],
               "annotations": [{"bbox": [1, 2], "segmentation": [[1, 2"#,
        );
        assert_eq!(outline.is_list, Some(false));
        assert!(outline.has_all(&["info", "info.a", "images", "images[].file_name", "images[].width"]), "{outline:?}");
        assert!(outline.has_all(&["annotations[].bbox", "annotations[].segmentation"]), "{outline:?}");
        assert!(!outline.has_any(&["id", "file_name", "info.images"]), "{outline:?}");
        let list = Outline::of(r#"[{"data": {"image": "a"}, "annotations": [{"result": [{"value": {"x": 1}}]}]}]"#);
        assert_eq!(list.is_list, Some(true));
        assert!(list.has_all(&["[].data", "[].data.image", "[].annotations[].result"]), "{list:?}");
    }

    #[test]
    fn any_text_has_an_end() {
        for text in ["", "x", "[", "{", "\"", "[[[[", "}}}}", "{\"a\"", "{\"a\":", "[\"\\", "]", "{\"a\":[1,2", "nul"] {
            let _ = Outline::of(text);
        }
        assert_eq!(Outline::of("7").is_list, None);
        assert!(Outline::of(&format!("{{\"a\":{}", "[".repeat(100_000))).has("a"));
    }
}
