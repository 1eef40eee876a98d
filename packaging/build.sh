# Shared by the scripts that build what is given away: the same commit gives the same bytes.

# release_facts: exports SOURCE_DATE_EPOCH and TAGSCOPE_COMMIT, and sets $version. A working copy with changes has no
# commit, and neither has a folder without git (there, `git archive` has written both into assets/commit.txt).
release_facts() {
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
    local recorded=() commit=
    read -ra recorded <assets/commit.txt
    if [ -e .git ]; then
        SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
        [ -n "$(git status --porcelain)" ] || commit=$(git rev-parse HEAD)
    elif [[ ${recorded[1]:-} =~ ^[0-9]+$ ]]; then
        SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-${recorded[1]}}
    else
        SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date -r Cargo.toml +%s)}
    fi
    export SOURCE_DATE_EPOCH TAGSCOPE_COMMIT=$commit
}

# release_flags TARGET_DIR: no path of this computer gets into the program. It exports CARGO_TARGET_DIR too.
release_flags() {
    local crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
    export CARGO_TARGET_DIR=$1
    # A separator that paths do not have; RUSTFLAGS is split at spaces.
    printf -v CARGO_ENCODED_RUSTFLAGS '%s\x1f%s\x1f%s' "--remap-path-prefix=$crates=/registry" \
        "--remap-path-prefix=$PWD=/tagscope" "--remap-path-prefix=$1=/tagscope/target"
    export CARGO_ENCODED_RUSTFLAGS
    export CFLAGS="-ffile-prefix-map=$crates=/registry -ffile-prefix-map=$PWD=/tagscope -ffile-prefix-map=$1=/tagscope/target"
    export CXXFLAGS=$CFLAGS
}

# need_auditable: the list of dependencies goes into the program itself, where scanners find it.
need_auditable() {
    cargo auditable --version >/dev/null 2>&1 && return
    echo "Installing cargo-auditable, which writes the list of dependencies into the program..."
    cargo install cargo-auditable --locked --quiet
}
