//! On Windows: icon, version and manifest of the program. Elsewhere there is nothing to do.

#![allow(clippy::print_stdout, reason = "that is how a build script speaks to cargo")]

fn main() -> std::io::Result<()> {
    const ICON: &str = "assets/icons/tagscope.ico";
    const MANIFEST: &str = "packaging/windows/tagscope.manifest";
    println!("cargo:rerun-if-changed=packaging/windows/resources.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "windows") {
        return Ok(());
    }
    for file in [ICON, MANIFEST] {
        println!("cargo:rerun-if-changed={file}");
    }
    if is("CARGO_CFG_TARGET_ENV", "gnu") {
        // The compiler's own libraries, which no Windows has.
        println!("cargo:rustc-link-arg-bins=-static");
    }
    let mut resource = winresource::WindowsResource::new();
    resource.set_icon(ICON).set_manifest_file(MANIFEST);
    resource.set("ProductName", "Tagscope").set("FileDescription", "Tagscope");
    resource.set("LegalCopyright", "MIT OR Apache-2.0").set("OriginalFilename", "tagscope.exe");
    resource.compile()
}
