//! The controls of the window, painted from the theme's tokens: every one has a name for screen readers, a hover that
//! fades in within 80 ms, and a ring when it has the keyboard.

pub mod button;
pub mod choice;
pub mod dialog;
pub mod field;
pub mod message;
pub mod paint;
pub(crate) mod popover;
pub mod row;
pub(crate) mod save;
pub mod text;

pub use button::{Button, link};
pub use choice::{Segment, checkbox, progress, segmented, slider};
pub use field::Field;
pub(crate) use paint::AtRight;
pub use row::MenuItem;
