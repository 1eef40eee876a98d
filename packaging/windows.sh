#!/usr/bin/env bash
# Tagscope for Windows, made and tried on Debian or Ubuntu:
#   packaging/windows.sh check     type check (about four minutes at first)
#   packaging/windows.sh build     release build: target/windows/x86_64-pc-windows-gnu/release/tagscope.exe
#   packaging/windows.sh package   builds, then makes the installer and the portable zip in target/packages
#   packaging/windows.sh test      runs the packages under Wine: commands, window, keychain, install and uninstall
#
# With `rustup target add x86_64-pc-windows-gnu` your own toolchain does it. Otherwise Debian's rustc-web does: it comes
# with the source of the standard library of the very same version, so cargo compiles that too (-Zbuild-std, which stable
# releases allow with RUSTC_BOOTSTRAP=1). mingw-w64 compiles the C parts of the dependencies.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/build.sh

what=${1:-}
case $what in
    check | build | package) ;;
    test) exec packaging/windows/try.sh ;;
    *) echo "Usage: packaging/windows.sh check | build | package | test" >&2; exit 2 ;;
esac
target=x86_64-pc-windows-gnu
has_own_library() { [ -d "$(rustc --print target-libdir --target "$target")" ]; }
has_package() { [ -n "$(apt-cache policy rustc-web 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9].*\)/\1/p')" ]; }

need "a C compiler for Windows" gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix
[ "$what" != package ] || need "the installer and the zip" nsis zip python3
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
folder=${TAGSCOPE_WINDOWS_TARGET:-$PWD/target/windows}
export CARGO_TARGET_DIR=$folder
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-posix
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-posix
export CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++-posix
export AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar
# cargo_for_windows WORDS...: with a toolchain that has, or makes, the standard library.
cargo_for_windows() {
    if has_own_library; then
        cargo "$@"
    else
        env PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo "$@" -Zbuild-std=std,panic_unwind
    fi
}
features=windows-launcher

if [ "$what" = check ]; then
    # Nothing of it runs but the build scripts, so nothing is optimized.
    cargo_for_windows check --quiet --locked --features "$features" --target "$target" --config 'profile.dev.package."*".opt-level=0'
    exit
fi

release_facts
release_flags "$folder"
built=$folder/$target/release
if [ -z "${TAGSCOPE_WINDOWS_BINARIES:-}" ]; then
    cargo_for_windows build --release --locked --features "$features" --bins --target "$target"
else
    built=$TAGSCOPE_WINDOWS_BINARIES
fi
# A library that is not part of Windows would be missing on the other computer.
foreign=$(x86_64-w64-mingw32-objdump -p "$built/tagscope.exe" | sed -n 's/.*DLL Name: //p' | grep -iE '^lib|pthread' || true)
[ -z "$foreign" ] || { echo "tagscope.exe needs libraries that Windows does not have: $foreign" >&2; exit 1; }
[ "$what" = package ] || exit 0

out=$PWD/target/packages
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
name=Tagscope-$version-windows-x86_64
files=$stage/$name
mkdir -p "$out" "$files"
cp "$built/tagscope.exe" "$built/tagscopew.exe" assets/icons/tagscope.ico "$files/"
lines() { sed 's/$/\r/'; }
lines <LICENSE-MIT >"$files/LICENSE-MIT.txt"
lines <LICENSE-APACHE >"$files/LICENSE-APACHE.txt"
lines <packaging/windows/README.txt >"$files/README.txt"
packaging/dependencies.py licenses --target "$target" | lines >"$files/third-party-licenses.txt"
find "$stage" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

rm -f "$out/$name.zip"
(cd "$stage" && find "$name" -type f | LC_ALL=C sort | TZ=UTC zip -q -X -9 -@ "$out/$name.zip")
# installer VERSION NAME: four numbers are what Windows compares.
installer() {
    makensis -V2 -DVERSION="$1" -DVERSION4="${1%%-*}.0" -DROOT="$PWD" -DSTAGE="$files" -DOUT="$2" packaging/windows/installer.nsi
}
installer "$version" "$out/$name-setup.exe"
# Updates are tried with these; they are not given away.
mkdir -p "$out/tests"
installer 0.0.9 "$out/tests/older-setup.exe"
printf '%s\n' "$out/$name-setup.exe" "$out/$name.zip"
