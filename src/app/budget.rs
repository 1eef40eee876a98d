//! The bounds that a person can set, and what is held against the ones that only the engine can count.

use super::settings::Settings;

/// A bound in bytes that is kept in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Pictures on disk.
    DiskCache,
    /// Lists of projects on disk.
    Lists,
    /// Textures of pictures.
    Textures,
    /// Decoded originals.
    Originals,
    /// Decoded pixels that wait for the window; from the next start on.
    Inbox,
}

impl Budget {
    /// All bounds, in the order of the panel.
    pub const ALL: [Self; 5] = [Self::Textures, Self::Originals, Self::Inbox, Self::DiskCache, Self::Lists];

    /// The values to choose from, in MiB; the second is the default.
    pub fn choices_mib(self) -> [u64; 4] {
        match self {
            Self::DiskCache => [512, 2_048, 8_192, 32_768],
            Self::Lists => [128, 512, 1_024, 4_096],
            Self::Textures => [128, 256, 512, 1_024],
            Self::Originals => [256, 512, 1_024, 2_048],
            Self::Inbox => [16, 48, 96, 192],
        }
    }

    /// The bound that is set.
    pub fn bytes(self, settings: &Settings) -> u64 {
        match self {
            Self::DiskCache => settings.disk_cache_bytes,
            Self::Lists => settings.list_bytes,
            Self::Textures => settings.texture_bytes as u64,
            Self::Originals => settings.original_bytes as u64,
            Self::Inbox => settings.inbox_bytes as u64,
        }
    }

    /// Sets the bound.
    pub fn set(self, settings: &mut Settings, bytes: u64) {
        let in_memory = usize::try_from(bytes).unwrap_or(usize::MAX);
        match self {
            Self::DiskCache => settings.disk_cache_bytes = bytes,
            Self::Lists => settings.list_bytes = bytes,
            Self::Textures => settings.texture_bytes = in_memory,
            Self::Originals => settings.original_bytes = in_memory,
            Self::Inbox => settings.inbox_bytes = in_memory,
        }
    }
}

/// What the engine holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineLoad {
    /// Decoded pixels that wait for the window, in bytes.
    pub inbox_bytes: usize,
    /// Their bound.
    pub inbox_budget: usize,
    /// Pages of a listing that wait for the window.
    pub pages: usize,
    /// How many may.
    pub page_budget: usize,
    /// Decoded originals, in bytes.
    pub original_bytes: usize,
    /// Pictures that wait for a thread that decodes.
    pub decodes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_what_is_kept_and_the_defaults_can_be_chosen() {
        let mut settings = Settings::default();
        for budget in Budget::ALL {
            assert_eq!(budget.choices_mib()[1] << 20, budget.bytes(&settings), "{budget:?}");
            budget.set(&mut settings, 7 << 20);
        }
        let text = serde_json::to_string(&settings).expect("text");
        let back: Settings = serde_json::from_str(&text).expect("settings");
        assert!(Budget::ALL.iter().all(|budget| budget.bytes(&back) == 7 << 20));
    }
}
