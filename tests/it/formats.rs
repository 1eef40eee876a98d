//! Formats, exports and imports: what goes out is read again by readers that share nothing with the writers.

mod back;
mod coco;
mod command;
mod dry;
mod every;
mod everyday;
mod exports;
mod foreign;
mod golden;
mod imports;
mod layouts;
mod misread;
mod options;
mod others;
mod random;
mod readers;
mod resumed;
mod reviews;
mod rig;
mod training;
mod training_of_others;
mod unread;
mod values;
mod verified;
