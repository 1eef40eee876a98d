//! Choices of the export dialog that are kept by name: formats, pictures and everything below them. Which images and
//! where to are chosen each time.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::export::{ExportChoices, ExportForm};
use formats::{Format, PixelChoice};

/// Presets that are kept.
const MOST: usize = 50;
/// Letters of a name that something is kept under.
pub const MOST_LETTERS: usize = 80;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportPreset {
    pub name: String,
    /// At least one format.
    pub formats: Vec<Format>,
    pub pixels: PixelChoice,
    #[serde(default)]
    pub choices: ExportChoices,
}

impl ExportPreset {
    /// The dialog's choices as they are now.
    pub(super) fn from_form(name: &str, form: &ExportForm) -> Self {
        let choices = form.choices.lasting();
        Self { name: name.to_owned(), formats: form.formats.clone(), pixels: form.pixels, choices }
    }

    /// Whether the dialog has just these choices.
    fn is_like(&self, form: &ExportForm) -> bool {
        *self == Self::from_form(&self.name, form)
    }
}

/// A name as it is kept; `None` when there is nothing of it.
pub(super) fn kept_name(typed: &str) -> Option<String> {
    let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_LETTERS).collect();
    (!name.is_empty()).then_some(name)
}

/// The presets in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExportPresets(#[serde(deserialize_with = "understood")] Vec<ExportPreset>);

impl ExportPresets {
    pub fn iter(&self) -> std::slice::Iter<'_, ExportPreset> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The preset whose choices the dialog has; of several with the same choices, the one that was chosen last.
    pub fn chosen(&self, form: &ExportForm) -> Option<&ExportPreset> {
        let alike = || self.0.iter().filter(|preset| preset.is_like(form));
        alike().find(|preset| Some(&preset.name) == form.preset.as_ref()).or_else(|| alike().next())
    }

    pub fn has(&self, typed: &str) -> bool {
        kept_name(typed).is_some_and(|name| self.0.iter().any(|preset| preset.name == name))
    }

    /// Keeps a preset; one of the same name makes room.
    pub(super) fn keep(&mut self, preset: ExportPreset) {
        self.0.retain(|kept| kept.name != preset.name);
        self.0.truncate(MOST - 1);
        self.0.push(preset);
        self.0.sort_by_key(|kept| kept.name.to_lowercase());
    }

    pub(super) fn take(&mut self, name: &str) -> Option<ExportPreset> {
        let at = self.0.iter().position(|kept| kept.name == name)?;
        Some(self.0.remove(at))
    }
}

/// Those that this version understands: a format of a newer one is no reason to lose all settings.
fn understood<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ExportPreset>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Understood(Box<ExportPreset>),
        Foreign(IgnoredAny),
    }
    let kept = Vec::<Kept>::deserialize(deserializer)?.into_iter().filter_map(|kept| match kept {
        Kept::Understood(preset) => Some(*preset),
        Kept::Foreign(IgnoredAny) => None,
    });
    Ok(kept.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::export::SplitChoice;

    fn preset(name: &str, formats: &[Format]) -> ExportPreset {
        let choices = ExportChoices { split: SplitChoice::Usual, min_region: "4".to_owned(), ..Default::default() };
        ExportPreset { name: name.to_owned(), formats: formats.to_vec(), pixels: PixelChoice::Original, choices }
    }

    #[test]
    fn presets_come_back_and_one_of_a_newer_version_harms_none() {
        let mut settings = Settings { endpoint: "https://x".to_owned(), ..Settings::default() };
        settings.export_presets.keep(preset("YOLO for training", &[Format::Yolo]));
        settings.export_presets.keep(preset("all", &[Format::Coco, Format::Csv]));
        let mut json = serde_json::to_value(&settings).expect("json");
        assert_eq!(serde_json::from_value::<Settings>(json.clone()).expect("settings"), settings);
        let presets = json["exportPresets"].as_array_mut().expect("presets");
        presets[0]["formats"] = serde_json::json!(["hologram"]);
        let read: Settings = serde_json::from_value(json).expect("settings");
        assert_eq!(read.endpoint, "https://x");
        assert_eq!(read.export_presets.0, [preset("YOLO for training", &[Format::Yolo])]);
    }

    #[test]
    fn names_are_one_line_and_the_last_one_of_a_name_stays() {
        assert_eq!(kept_name("  for \n training "), Some("for training".to_owned()));
        assert_eq!((kept_name(" \n"), kept_name(&"x".repeat(900)).map(|name| name.len())), (None, Some(MOST_LETTERS)));
        let mut settings = Settings::default();
        (0..60).for_each(|number| settings.export_presets.keep(preset(&format!("{number:02}"), &[Format::Coco])));
        assert_eq!(settings.export_presets.0.len(), MOST);
        settings.export_presets.keep(preset("59", &[Format::Csv]));
        assert_eq!(settings.export_presets.take("59").map(|kept| kept.formats), Some(vec![Format::Csv]));
        assert_eq!(settings.export_presets.take("59"), None);
    }
}
