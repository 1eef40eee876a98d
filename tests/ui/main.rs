//! The tests of the window, in `egui_kittest`: one binary.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "helpers are shared among the modules of one binary")]

mod appearance;
mod canvas;
mod canvas_tools;
mod changes;
mod comparing;
mod dialogs;
mod drawer;
mod dropping;
mod findings;
mod fixture;
mod flow;
mod focus;
mod grid;
mod menu_key;
mod menus;
mod monkey;
mod numbers;
mod own_keys;
mod pictures;
mod pixels;
mod popovers;
mod popups;
mod predictions;
mod query;
mod quitting;
mod reviewing;
mod scrolled;
mod shell;
mod spoken;
mod statistics;
mod wall;
#[path = "../it/watched.rs"]
mod watched;
