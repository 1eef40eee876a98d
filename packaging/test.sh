#!/usr/bin/env bash
# Everything that is checked: format, lints, tests, documentation, a type check for Windows, a real window and a real
# keychain.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/window.sh

need_rust
need_window
need "window tests without a graphics card" libvulkan1 mesa-vulkan-drivers
need "the test in a real window" xvfb xdotool imagemagick x11-utils
need "the test with a real keychain" dbus gnome-keyring
need "the vendor's SDK, pycocotools, datumaro and Label Studio's SDK, which read our responses and exports" python3 python3-venv
command -v npm >/dev/null || need "the vendor's JavaScript SDK, which reads a served archive, and Azurite" nodejs npm
need "checks of the desktop entry" desktop-file-utils appstream
install_needed

step() { printf '\n== %s\n' "$*"; }

# datasets, webdataset, pyarrow and DuckDB are what trainers and engines load an export with. moto's server is an object
# store on this computer that speaks like Amazon S3; it brings boto3, which judges what is in it, as azure-storage-blob does
# for Azurite, and google-cloud-storage for gcp-storage-emulator.
step "Python: the vendor's SDK 3.1.1, pycocotools 2.0.11, PyYAML, datumaro 1.13.12, Label Studio's SDK 2.1.2, datasets 5.2.0, webdataset 1.0.2, pyarrow 25.0.1, DuckDB 2.0.1, moto 5.2.5, azure-storage-blob 12.31.1, google-cloud-storage 3.17.1 and gcp-storage-emulator 2026.7.19, into target/python"
if [ ! -x target/python/bin/python ]; then
    python3 -m venv target/python
fi
target/python/bin/python -m pip install --quiet --disable-pip-version-check \
    azure-cognitiveservices-vision-customvision==3.1.1 pycocotools==2.0.11 pyyaml==6.0.2 datumaro==1.13.12 \
    label-studio-sdk==2.1.2 datasets==5.2.0 webdataset==1.0.2 pyarrow==25.0.1 duckdb==2.0.1 \
    'moto[server]==5.2.5' azure-storage-blob==12.31.1 google-cloud-storage==3.17.1 gcp-storage-emulator==2026.7.19
export TAGSCOPE_PYTHON=$PWD/target/python/bin/python

# The vendor's reader of Azure ML's tables. It wants older libraries than the others, so it has an environment of its own.
step "Python: mltable 1.7.0 with pandas 2.3.3, into target/azureml"
if [ ! -x target/azureml/bin/python ]; then
    python3 -m venv target/azureml
fi
target/azureml/bin/python -m pip install --quiet --disable-pip-version-check mltable==1.7.0 pandas==2.3.3
export TAGSCOPE_AZUREML=$PWD/target/azureml/bin/python

# As a program and not as a dependency: nothing of Tagscope is built with it.
step "panlabel 0.7.0, which reads our exports, into target/panlabel"
if ! target/panlabel/bin/panlabel --version 2>/dev/null | grep -q ' 0\.7\.0$'; then
    cargo install panlabel --version 0.7.0 --locked --debug --quiet --root target/panlabel
fi
export TAGSCOPE_PANLABEL=$PWD/target/panlabel/bin/panlabel

# Azurite is the vendor's own stand-in for Azure Blob Storage.
step "JavaScript: the vendor's SDK 5.2.0 and Azurite 3.35.0, into target/node"
mkdir -p target/node
npm install --prefix target/node --no-save --no-audit --no-fund --loglevel=error \
    @azure/cognitiveservices-customvision-training@5.2.0 @azure/ms-rest-js@2.7.0 azurite@3.35.0
export TAGSCOPE_NODE_MODULES=$PWD/target/node/node_modules

step "format"
cargo fmt --check

step "lints, warnings are errors"
cargo clippy --locked --all-targets --quiet -- -D warnings

step "tests"
cargo test --locked --quiet --lib --bins --test it --test ui

step "documentation, warnings are errors"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --workspace --quiet
cargo test --locked --quiet --doc

step "desktop entry"
desktop-file-validate assets/tagscope.desktop
appstreamcli validate --no-net assets/tagscope.metainfo.xml

step "a real keychain (Secret Service)"
# In folders of its own, so that nobody's real keyring is touched and no old password stands in the way.
keychain_home=$(mktemp -d)
mkdir -m 700 "$keychain_home/data" "$keychain_home/run"
XDG_DATA_HOME=$keychain_home/data XDG_RUNTIME_DIR=$keychain_home/run dbus-run-session -- bash -c '
    echo -n test | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
    cargo test --locked --quiet --test it -- --ignored real_keychain'
rm -rf "$keychain_home"

step "no keychain at all"
env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/nonexistent \
    cargo test --locked --quiet --test it -- --ignored no_keychain

step "a real window under Xvfb"
./packaging/window-run.sh

step "Windows: a type check"
# The continuous integration has an hour for everything, and this takes up to twelve minutes on an empty target folder.
if [ -n "${CI:-}" ] && [ "$SECONDS" -gt 2400 ]; then
    echo "Skipped: this run has already taken $((SECONDS / 60)) minutes. Run it by itself: ./packaging/windows.sh check" >&2
else
    ./packaging/windows.sh check
fi

echo
echo "All checks passed."
