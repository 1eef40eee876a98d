//! labelme's JSON: a file a picture. It is read, not written.

pub mod dataset;
