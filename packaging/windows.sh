#!/usr/bin/env bash
# Type-checks the program for Windows on Debian or Ubuntu: `packaging/windows.sh check` (about four minutes at first).
#
# With `rustup target add x86_64-pc-windows-gnu` your own toolchain does it. Otherwise Debian's rustc-web does: it comes
# with the source of the standard library of the very same version, so cargo compiles that too (-Zbuild-std, which stable
# releases allow with RUSTC_BOOTSTRAP=1). mingw-w64 compiles the C parts of the dependencies.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh

[ "${1:-}" = check ] || { echo "Usage: packaging/windows.sh check" >&2; exit 2; }
target=x86_64-pc-windows-gnu
has_own_library() { [ -d "$(rustc --print target-libdir --target "$target")" ]; }
has_package() { [ -n "$(apt-cache policy rustc-web 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9].*\)/\1/p')" ]; }

need "a C compiler for Windows" gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix
if ! has_own_library; then
    if ! has_package && [ "$(id -u)" = 0 ]; then apt-get update -qq; fi
    if ! has_package; then
        echo "Skipped: no Rust standard library for Windows. Run: rustup target add $target" >&2
        # Where nobody reads the output, a check that did not run is a failure.
        [ -z "${CI:-}" ]
        exit
    fi
    need "a Rust compiler with the source of its standard library, for Windows" rustc-web cargo-web rust-web-src
fi
install_needed

# A target folder of its own: another compiler would replace everything in the usual one.
export CARGO_TARGET_DIR=target/windows
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-posix
export CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++-posix
export AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar
# Nothing of it runs but the build scripts, so nothing is optimized.
check=(check --quiet --locked --target "$target" --config 'profile.dev.package."*".opt-level=0')
if has_own_library; then
    cargo "${check[@]}"
else
    env PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        /usr/bin/cargo "${check[@]}" -Zbuild-std=std,panic_unwind
fi
