# Shared by demo.sh and test.sh: finds what is missing on Debian and Ubuntu and installs it, or says how.

# need WHY PACKAGE...: notes packages that are not installed.
missing=()
reasons=()
need() {
    local why=$1
    shift
    local lacking=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || lacking+=("$package")
    done
    if [ ${#lacking[@]} -gt 0 ]; then
        missing+=("${lacking[@]}")
        reasons+=("  $why: ${lacking[*]}")
    fi
}

# install_needed: installs what `need` has noted; without root it prints the one command and ends.
install_needed() {
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        printf 'This script installs packages on Debian and Ubuntu only. Needed here:\n' >&2
        printf '%s\n' "${reasons[@]}" >&2
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        printf 'Some packages are missing:\n' >&2
        printf '%s\n' "${reasons[@]}" >&2
        printf 'Run this, then start the script again:\n\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\n' "${missing[*]}" >&2
        exit 1
    fi
    printf 'Installing what is missing:\n'
    printf '%s\n' "${reasons[@]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# need_rust: cargo and a C compiler are the newcomer's own part.
need_rust() {
    command -v cargo >/dev/null || { echo "Rust is missing: see https://rustup.rs" >&2; exit 1; }
    command -v cc >/dev/null || need "a C compiler, for the cryptography library" gcc libc6-dev
}

# need_window: what a window needs at run time, with and without a graphics card.
need_window() {
    need "keyboard and pointer input in the window" libxkbcommon-x11-0 libxcursor1 libxi6 libxrandr2
    need "drawing, even without a graphics card" libgl1 libegl1 libglx-mesa0 libgl1-mesa-dri
    need "the interface's typeface, and tag names in Chinese, Japanese, Korean and emoji" fonts-inter fonts-noto-cjk fonts-noto-color-emoji
}
