//! Fuzz targets: whatever bytes a service, a folder or a picture holds, reading them neither panics nor hangs, and what
//! is read comes back the same when it is written and read again.
//!
//! Each target takes the files of its folder in `fuzz/corpus` as they are, then changes them at random. A normal test
//! run does a few hundred cases; a long one is
//! `TAGSCOPE_FUZZ_SECONDS=600 cargo test --test it fuzz::wire -- --nocapture`, and `TAGSCOPE_FUZZ_SEED=N` in front of it
//! does the case with that number first. An input that fails is kept in the target folder and belongs into the corpus.

mod archive;
mod coco;
mod image;
mod labels;
mod mutate;
mod runner;
mod wire;
mod xml;
