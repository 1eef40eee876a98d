//! Tagscope shows, checks and takes out every tagged image of an Azure Custom Vision project.
//!
//! One package: this library, and one binary that is both the window and the command line. The folders are layers;
//! each may import only what stands in its row, and `tests/it/layers.rs` fails with file and line where one does not.
//!
//! | layer | is | may import | only here |
//! | --- | --- | --- | --- |
//! | [`domain`] | what the words mean: ids, geometry, image rows and their JSON, catalogue, query, decisions, findings, selection, statistics | | |
//! | [`service`] | the Custom Vision HTTP API: endpoint, pager, pace, retry, errors, blobs | domain | `reqwest` |
//! | [`storage`] | paths, settings, keychain, caches, the journal of decisions, archive on disk | domain | `keyring` |
//! | [`pixels`] | bytes to upright pixels: sniff, limits, orientation, decode, scale; plots as pictures | domain | `image` |
//! | [`formats`] | annotations to files and back: one file a format | domain | |
//! | [`server`] | a read-only endpoint over an archive or the sample project, loopback only | domain, storage, pixels | `axum` |
//! | [`app`] | the program as a state machine: state, commands, effects, events, actions | domain, formats | |
//! | [`engine`] | does the effects and reports events | all above but server | `tokio` |
//! | [`ui`] | paints the state and pushes commands | app, domain, formats | `egui` |
//! | [`desktop`] | the shell of the window: frame loop, dialogs, renderer choice | ui, app, engine, storage | `eframe`, `rfd` |
//! | [`cli`] | the command line over the same engine | all but ui | `clap` |
//!
//! How data walks through them: an [`app::Command`] goes into [`app::update`], which changes the [`app::State`] and
//! returns [`app::Effect`]s; the engine does them and reports [`app::Event`]s; [`app::apply`] takes those. `ui` reads the
//! state and knows neither engine nor service.

pub mod cli;
pub mod desktop;

pub use {app, domain, engine, formats, pixels, server, service, storage, ui};
