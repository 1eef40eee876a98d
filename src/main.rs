//! The binary: the window and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    tagscope::cli::main()
}
