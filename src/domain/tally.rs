//! What is known about a listing: how many rows were received, and whether they are complete.
//!
//! The service has no snapshot of a list. While pages are fetched images can be added and deleted, and rows of one
//! upload come in no order; so a list is only as whole as the evidence says that is collected here.

/// How a listing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows handed out, each image once.
    pub listed: u64,
    /// Rows that could not be read; of an archive also those of images that the list has already.
    pub unreadable: u64,
    /// Rows dropped because the service gave them again.
    pub duplicates: u64,
    /// Images among the listed ones that have left the list meanwhile: deleted, or no longer with these tags. Their
    /// rows were handed out before that was known.
    pub gone: u64,
    /// Images that the service counts and that never came, once the listing has ended. Above 20 tags an image may be
    /// missing more than once.
    pub missing: u64,
    /// Rows the service counts for the query, once it has said so. Above 20 tags, where it counts an image more than
    /// once: the most there can be; at the end their number if it is known, else `None`.
    pub total: Option<u64>,
    /// Whether the listing has ended without a count: the service would not say how many images there are. Such a list is
    /// whole when an answer has shown that nothing is behind its last row.
    pub is_uncounted: bool,
    /// Whether the source is an archive: its manifest counts, and nobody changes it meanwhile.
    pub is_of_archive: bool,
    /// Whether the listing has ended and everything that was requested is here, as far as the evidence goes.
    pub is_whole: bool,
}

impl Tally {
    /// How a listing stands that has two parts, of which the first has ended.
    #[must_use]
    pub fn and(self, second: Self) -> Self {
        Self {
            listed: self.listed + second.listed,
            unreadable: self.unreadable + second.unreadable,
            duplicates: self.duplicates + second.duplicates,
            gone: self.gone + second.gone,
            missing: self.missing + second.missing,
            total: match (self.total, second.total) {
                (Some(first), Some(second)) => Some(first + second),
                // While the second part has not begun to say how many there are, the first one's is the least.
                (first, None) if !second.is_whole && !second.is_uncounted => first,
                (None, second) if self == Self::default() => second,
                _ => None,
            },
            is_uncounted: self.is_uncounted || second.is_uncounted,
            is_of_archive: self.is_of_archive || second.is_of_archive,
            is_whole: (self.is_whole || self == Self::default()) && second.is_whole,
        }
    }

    /// Images that came and are still in the list, readable or not.
    pub fn there(&self) -> u64 {
        (self.listed + self.unreadable).saturating_sub(self.gone)
    }
}
