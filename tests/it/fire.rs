//! The client under fire: the real client, engine and program against the built-in service with its faults switched on.
//!
//! `listing` asks for a thousand images under each fault and wants every one, once, to the digit. `calls` and `pictures`
//! try each fault that no client can make good: what is said, and that it ends. `program` tries the most telling ones
//! through the binary: exit status, words, and that nothing partial is passed off as whole. `whole` tries what half a
//! picture and no picture become in archives and exports. `export` outlives its signatures.

mod calls;
mod export;
mod listing;
mod pictures;
mod program;
mod range;
mod whole;

/// A new fault is not there until a client has met it.
#[test]
fn every_fault_is_tried() {
    let tests = [
        include_str!("fire/calls.rs"),
        include_str!("fire/export.rs"),
        include_str!("fire/listing.rs"),
        include_str!("fire/pictures.rs"),
        include_str!("fire/program.rs"),
    ]
    .concat();
    for fault in server::fault::FAULTS {
        assert!(tests.contains(&format!("\"{}=", fault.name)), "no test tries {}", fault.name);
    }
}
