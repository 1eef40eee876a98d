//! The JSON of VoTT, Microsoft's Visual Object Tagging Tool: one file a project, or one a picture. It is read, not written.

pub mod dataset;
