//! Regions side by side, as crops: which part of a picture a crop shows, in which order crops are, and how similar they
//! are. Pure; the pixels are the engine's.

mod feature;
mod frame;
mod item;
mod likeness;
mod nearness;
mod order;
mod sort;

pub use feature::{Feature, Features, MOST_FEATURES};
pub use frame::crop_frame;
pub use item::WallItem;
pub use likeness::unlikeness;
pub use nearness::{Each, Lookalike, Looks, MOST_REFERENCES, distances, in_turn};
pub use order::{RegionGroup, RegionOrder, order_chosen_regions, order_items, order_regions};
pub use sort::{RegionSort, WallSort};
