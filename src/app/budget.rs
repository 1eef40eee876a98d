//! The bounds that the user can set, and what is held against the ones that only the engine can count.

use super::settings::Settings;

/// What the program takes besides: the window with a renderer on the processor, and a list of 100,000 images.
const PROGRAM: u64 = 256 << 20;
/// Below this a bound would only make work: what is on the screen is held in any case.
const LEAST: u64 = 16 << 20;

/// A bound in bytes that is kept in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    DiskCache,
    /// Lists of projects on disk.
    Lists,
    Textures,
    Originals,
    /// Decoded pixels that wait for the window; from the next start on.
    Inbox,
}

impl Budget {
    const IN_MEMORY: [Self; 3] = [Self::Textures, Self::Originals, Self::Inbox];

    /// All bounds, in the order of the panel.
    pub const ALL: [Self; 5] = [Self::Textures, Self::Originals, Self::Inbox, Self::DiskCache, Self::Lists];

    /// The values to choose from, in MiB; the second is the default.
    pub fn choices_mib(self) -> [u64; 4] {
        match self {
            Self::DiskCache => [512, 2_048, 8_192, 32_768],
            Self::Lists => [128, 512, 1_024, 4_096],
            Self::Textures => [64, 128, 256, 512],
            Self::Originals => [128, 256, 512, 1_024],
            Self::Inbox => [8, 24, 48, 96],
        }
    }

    pub fn bytes(self, settings: &Settings) -> u64 {
        match self {
            Self::DiskCache => settings.disk_cache_bytes,
            Self::Lists => settings.list_bytes,
            Self::Textures => settings.texture_bytes as u64,
            Self::Originals => settings.original_bytes as u64,
            Self::Inbox => settings.inbox_bytes as u64,
        }
    }

    /// The bound that holds with so many bytes of memory for the whole program (`None`: not known): the one that is set,
    /// or less, with the others in memory, where they would not fit. Those on disk are as they are set.
    pub fn fitted(self, settings: &Settings, memory: Option<u64>) -> u64 {
        let set = self.bytes(settings);
        let Some(memory) = memory.filter(|_| Self::IN_MEMORY.contains(&self)) else { return set };
        let all: u64 = Self::IN_MEMORY.iter().map(|budget| budget.bytes(settings)).fold(1, u64::saturating_add);
        let room = memory.saturating_sub(PROGRAM) / 4 * 3;
        if all <= room {
            return set;
        }
        let share = u128::from(set) * u128::from(room) / u128::from(all);
        u64::try_from(share).unwrap_or(set).max(set.min(LEAST))
    }

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

/// The decoder's output that a single picture may take with so many bytes of memory for the whole program; `None`: any
/// that is allowed at all. An original is held with its smaller levels, and twice for a moment.
pub fn largest_picture(memory: Option<u64>) -> Option<u64> {
    memory.map(|memory| (memory.saturating_sub(PROGRAM) / 3).max(4 * LEAST))
}

/// What the engine holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineLoad {
    /// Decoded pixels that wait for the window, in bytes.
    pub inbox_bytes: usize,
    pub inbox_budget: usize,
    /// Pages of a listing that wait for the window.
    pub pages: usize,
    pub page_budget: usize,
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
        assert!(Budget::ALL.iter().all(|budget| budget.fitted(&settings, None) == 7 << 20));
        let text = serde_json::to_string(&settings).expect("text");
        let back: Settings = serde_json::from_str(&text).expect("settings");
        assert!(Budget::ALL.iter().all(|budget| budget.bytes(&back) == 7 << 20));
    }

    #[test]
    fn bounds_in_memory_shrink_with_the_memory_and_those_on_disk_do_not() {
        let settings = Settings::default();
        let sum = |memory| Budget::IN_MEMORY.iter().map(|budget| budget.fitted(&settings, Some(memory))).sum::<u64>();
        assert!(Budget::ALL.iter().all(|budget| budget.fitted(&settings, Some(8 << 30)) == budget.bytes(&settings)));
        for mib in [512, 600, 700] {
            assert!(sum(mib << 20) <= (mib << 20) - PROGRAM, "{mib} MiB");
            assert!(sum(mib << 20) < sum((mib + 1) << 20), "{mib} MiB");
        }
        for memory in [0, 1, 256 << 20] {
            assert_eq!(sum(memory), 3 * LEAST, "{memory}");
            assert_eq!(largest_picture(Some(memory)), Some(4 * LEAST));
        }
        for budget in [Budget::DiskCache, Budget::Lists] {
            assert_eq!(budget.fitted(&settings, Some(0)), budget.bytes(&settings));
        }
        let most = Settings { texture_bytes: usize::MAX, original_bytes: usize::MAX, ..Settings::default() };
        assert!(Budget::Textures.fitted(&most, Some(u64::MAX)) > 1 << 60);
        assert_eq!(largest_picture(None), None);
        assert!(largest_picture(Some(4 << 30)) > Some(1 << 30));
    }
}
