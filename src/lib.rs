//! Tagscope browses, reviews and exports every tagged image of an Azure Custom Vision project.
//!
//! This is the root package: the shell of the window, the command line, and the other layers by their names. What each
//! layer does and may import is in `docs/architecture.md`; the compiler enforces it, because each layer is a package.
//!
//! A [`app::Command`] goes into [`app::update`], which changes the [`app::State`] and returns [`app::Effect`]s. The
//! engine carries them out and reports [`app::Event`]s, which [`app::apply`] turns into the next state. `ui` reads the
//! state and knows neither engine nor service.

mod built;
pub mod cli;
pub mod desktop;

pub use {app, domain, engine, formats, pixels, remote, server, service, storage, ui};
