//! The integration tests without a window, one binary.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "helpers are shared among the modules of one binary")]

mod archiving;
mod cli;
mod docs;
mod engine;
mod evaluation;
mod fire;
mod formats;
mod fuzz;
mod hostile;
mod kills;
mod open_files;
mod outside;
mod packaging;
mod pure;
mod remote;
mod sdk;
mod secrets;
mod server;
mod service;
mod storage;
mod watched;
