//! The built-in service, asked over plain HTTP, held against recorded answers of the real one.

mod archive;
mod blobs;
mod calls;
mod client;
mod faults;
mod rows;
mod sample;
mod untagged;
