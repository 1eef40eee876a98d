//! Formats, exports and imports: what goes out is read again by readers that share nothing with the writers.

mod coco;
mod exports;
mod imports;
mod readers;
mod rig;
