#!/usr/bin/env bash
# Makes the packages for Linux and tries each in a clean Debian stable: install, run, update, remove. Needs root, for
# debootstrap and chroot. Everything is mounted in a namespace of its own, so nothing stays when the script ends.
#   packaging/packages.sh              builds the program first (about ten minutes)
#   TAGSCOPE_BINARY=FILE packaging/packages.sh          packs this program instead
#   TAGSCOPE_BINARY=FILE packaging/packages.sh --made   tries the packages in target/packages; only the older one is made
# Pictures of the windows: target/packages-*.png
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/build.sh
. packaging/window.sh

if [ "$(id -u)" != 0 ]; then
    echo "Run this as root: it makes a small Debian system (debootstrap) and runs the packages inside it." >&2
    exit 1
fi
need "a clean Debian" debootstrap
need "a virtual display, and pictures of it" xvfb xdotool x11-utils imagemagick
need "checks of the packages" rpm lintian desktop-file-utils appstream
install_needed
release_facts

# A second start, in a mount namespace of its own.
if [ "${1:-}" != --inside ]; then
    # Both of the same program: what differs is the number.
    if [ "${1:-}" != --made ]; then packaging/linux.sh; fi
    if [ -z "${TAGSCOPE_BINARY:-}" ]; then export TAGSCOPE_BINARY=${CARGO_TARGET_DIR:-target}/release/tagscope; fi
    TAGSCOPE_PACKAGE_VERSION=0.0.9 packaging/linux.sh deb rpm
    exec unshare --mount --propagation private "$0" --inside
fi

packages=$PWD/target/packages
machine=$(uname -m)
architecture=$(dpkg --print-architecture)
deb=tagscope_${version}_$architecture.deb
old_deb=tagscope_0.0.9_$architecture.deb
base=${TAGSCOPE_CHROOT:-$PWD/target/chroot}
apt_cache=$PWD/target/apt-cache
work=$(mktemp -d)
trap 'kill "${program:-}" "${server:-}" 2>/dev/null || true; close_display; leave; rm -rf "$work"' EXIT
mkdir -p "$apt_cache/partial"
# leave: nothing is mounted any more. What still runs in there keeps it busy, hence lazily.
leave() {
    umount --recursive --lazy "$work/system" 2>/dev/null || true
    umount --lazy "$work/layer" 2>/dev/null || true
}

passed=0
ok() { passed=$((passed + 1)); echo "ok $passed: $*"; }
fail() { echo "FAILED: $*" >&2; [ ! -s "$work/out" ] || tail -20 "$work/out" >&2; exit 1; }
# expect WORDS COMMAND...: the command succeeds and says the words.
expect() {
    local words=$1
    shift
    "$@" >"$work/out" 2>&1 || fail "$* ended with status $?"
    grep -qF -- "$words" "$work/out" || fail "$* does not say: $words"
    ok "$(printf '%s' "$*" | cut -c1-100): $words"
}
# refuse STATUS WORDS COMMAND...: the command ends with this status, or with any but 0 for `failure`, and says the words.
refuse() {
    local wanted=$1 words=$2 status=0
    shift 2
    "$@" >"$work/out" 2>&1 || status=$?
    if [ "$wanted" = failure ] && [ "$status" != 0 ]; then wanted=$status; fi
    [ "$status" = "$wanted" ] || fail "$* ended with status $status, not $wanted"
    grep -qF -- "$words" "$work/out" || fail "$* does not say: $words"
    ok "$(printf '%s' "$*" | cut -c1-100): status $status, $words"
}

step() { printf '\n== %s\n' "$*"; }

if [ ! -x "$base/bin/sh" ]; then
    step "Debian stable, into $base"
    rm -rf "$base"
    debootstrap --variant=minbase stable "$base" >"$work/out" 2>&1 || fail "debootstrap"
fi

user_id=4242
user_home="/home/Jörg Müßig"
# fresh [SIZE]: a clean system with nothing but the base, of at most SIZE.
fresh() {
    leave
    rm -rf "$work/layer"
    mkdir -p "$work/layer" "$work/system"
    # An overlay on an overlay (a container) does not work; on a tmpfs it does.
    mount -t tmpfs -o "size=${1:-3g}" tmpfs "$work/layer"
    mkdir "$work/layer/upper" "$work/layer/work"
    mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/layer/upper,workdir=$work/layer/work" "$work/system"
    mount -t proc proc "$work/system/proc"
    mount --rbind /dev "$work/system/dev"
    mkdir -p "$work/system/packages" "$work/system/tmp/.X11-unix" "$work/system/var/cache/apt/archives"
    mount --bind "$packages" "$work/system/packages"
    mount --bind "$apt_cache" "$work/system/var/cache/apt/archives"
    mount --bind /tmp/.X11-unix "$work/system/tmp/.X11-unix"
    cp /etc/resolv.conf "$work/system/etc/resolv.conf"
    # No daemon starts in here.
    printf '#!/bin/sh\nexit 101\n' >"$work/system/usr/sbin/policy-rc.d"
    chmod 755 "$work/system/usr/sbin/policy-rc.d"
    chroot "$work/system" useradd --uid "$user_id" --create-home --home-dir "$user_home" --shell /bin/sh jorg
    # The directory for sockets, which a session would make.
    install -d -m 700 -o "$user_id" -g "$user_id" "$work/system/run/user/$user_id"
}
as_root() { chroot "$work/system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
user_environment=()
# for_user COMMAND...: the command as the person in the system would start it, in $started_as. Whoever starts it in the
# background then has its own process number, not that of a shell.
for_user() {
    started_as=(chroot --userspec="$user_id:$user_id" "$work/system" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME="$user_home"
        XDG_RUNTIME_DIR=/run/user/$user_id DISPLAY="${DISPLAY:-}" LIBGL_ALWAYS_SOFTWARE=1 TAGSCOPE_LOG=info
        ${user_environment[@]+"${user_environment[@]}"} "$@")
}
as_user() { for_user "$@" && "${started_as[@]}"; }
# apt cannot drop its rights to a user that may read the bound folders.
apt() { as_root apt-get -y -q -o APT::Sandbox::User=root "$@"; }
# everything: what is in the system, but for caches and the logs of dpkg and apt.
everything() {
    (cd "$work/system" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log \
        -o -path ./packages -o -path ./home -o -path ./tmp -o -path ./run -o -path ./root \) -prune -o -print | LC_ALL=C sort)
}
# window NAME COMMAND...: starts it and waits until its window shows photographs; leaves the picture target/packages-NAME.png.
window() {
    local name=$1 colors=0
    shift
    for_user "$@"
    "${started_as[@]}" >"$work/out" 2>&1 &
    program=$!
    wait_for_window "$program" Tagscope || fail "$*: no window"
    for _ in $(seq 150); do
        import -window root "target/packages-$name.png"
        colors=$(identify -format '%k' "target/packages-$name.png")
        [ "$colors" -ge 4000 ] && { ok "$name: the window shows the sample ($colors colors)"; return; }
        kill -0 "$program" 2>/dev/null || fail "$*: the program ended"
        sleep 0.2
    done
    fail "$name: the window stays empty ($colors colors)"
}
close_window() {
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
    program=
}
# lists COMMAND...: the program serves its sample and lists it.
lists() {
    rm -f "$work/endpoint.json"
    for_user "$1" serve --sample --images 40 --quiet
    "${started_as[@]}" >"$work/endpoint.json" 2>"$work/out" &
    server=$!
    for _ in $(seq 300); do [ -s "$work/endpoint.json" ] && break; sleep 0.1; done
    local field
    field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/endpoint.json"; }
    local count
    count=$(as_user VISION_TRAINING_KEY="$(field trainingKey)" "$1" images --count --quiet --endpoint "$(field endpoint)" \
        --project "$(field projectId)" 2>"$work/out") || fail "$1 images"
    kill "$server"; wait "$server" 2>/dev/null || true; server=
    [ "$count" = 40 ] || fail "$1 lists $count images, not 40"
    ok "$1 serves its sample and lists its 40 images"
}

step "the files"
desktop-file-validate assets/tagscope.desktop
appstreamcli validate --no-net assets/tagscope.metainfo.xml >"$work/out" || fail "metainfo"
lintian --fail-on error --suppress-tags no-manual-page "$packages/$deb" >"$work/out" 2>&1 || fail "lintian"
ok "desktop entry, metainfo and lintian have no errors"

open_display 1280x800

step "Debian package: from apt install to the sample on the screen"
fresh
apt update >"$work/out" 2>&1 || fail "apt update"
everything >"$work/before"
apt install --download-only "/packages/$deb" >"$work/out" 2>&1 || fail "apt download"
# to_the_sample WHERE PICTURE: from apt install to the sample on the screen, without downloads.
to_the_sample() {
    local started=$EPOCHREALTIME installed
    apt install "/packages/$deb" >"$work/out" 2>&1 || fail "apt install"
    installed=$EPOCHREALTIME
    window "$2" tagscope demo
    awk "BEGIN { printf \"%s: %.1f s from apt install to the sample on the screen, of which apt took %.1f s\n\", \"$1\", $EPOCHREALTIME - $started, $installed - $started }"
}
to_the_sample "an empty Debian" deb
as_root ldconfig -p >"$work/libraries"
missing=$(awk '!/^#/ { print $1 }' packaging/linux/libraries | while read -r name; do grep -q "$name" "$work/libraries" || echo "$name"; done)
[ -z "$missing" ] || fail "libraries that no dependency brings: $missing"
ok "every library that the window opens at run time is there"
close_window
expect "tagscope $version" as_user tagscope --version
lists tagscope
expect "TH tagscope" as_root sh -c 'zcat /usr/share/man/man1/tagscope.1.gz'
expect "third party" as_root sh -c 'zcat /usr/share/doc/tagscope/third-party-licenses.txt.gz | grep -q "^Tagscope contains" && echo third party'
as_root bash -n /usr/share/bash-completion/completions/tagscope
expect "keychain: does not work" as_user tagscope doctor
expect "Jörg Müßig" as_user tagscope doctor

step "a home that cannot be written"
chroot "$work/system" sh -c "chown root:root '$user_home' && chmod 755 '$user_home' && rm -rf '$user_home'/.[a-z]*"
expect "cannot be written" as_user tagscope doctor
lists tagscope
window read-only-home tagscope demo
close_window

step "removed"
apt purge tagscope >"$work/out" 2>&1 || fail "apt purge"
# A desktop has most of them already.
to_the_sample "a Debian that has the libraries" deb-again
close_window
apt purge tagscope >"$work/out" 2>&1 || fail "apt purge"
apt autoremove --purge >"$work/out" 2>&1 || fail "apt autoremove"
everything >"$work/after"
left=$(comm -13 "$work/before" "$work/after" | grep -i tagscope || true)
[ -z "$left" ] || fail "left after purge: $left"
comm -13 "$work/before" "$work/after" | sed -n '1,5s/^/  left by dependencies: /p'
ok "purge leaves nothing of Tagscope"

step "an older and a newer version, and a full disk"
fresh
apt update >"$work/out" 2>&1 || fail "apt update"
apt install --no-install-recommends "/packages/$old_deb" >"$work/out" 2>&1 || fail "apt install of the older one"
as_user sh -c 'mkdir -p ~/.config/tagscope ~/.local/state/tagscope/reviews && echo "{\"rowHeight\":120}" >~/.config/tagscope/settings.json && echo kept >~/.local/state/tagscope/reviews/kept'
apt install --no-install-recommends "/packages/$deb" >"$work/out" 2>&1 || fail "apt install over the older one"
expect "$version" as_root dpkg-query -W -f='${Version}' tagscope
expect kept as_user sh -c 'cat ~/.local/state/tagscope/reviews/kept ~/.config/tagscope/settings.json'
refuse 100 "downgrade" apt install --no-install-recommends "/packages/$old_deb"
expect "$version" as_root dpkg-query -W -f='${Version}' tagscope
apt install --no-install-recommends --allow-downgrades "/packages/$old_deb" >"$work/out" 2>&1 || fail "apt downgrade on request"
expect kept as_user sh -c 'cat ~/.local/state/tagscope/reviews/kept'
# Fills what is left but for 10 MiB: dpkg's own lists fit, and the new program does not, beside the old one.
dd if=/dev/zero of="$work/layer/full" bs=1M count=100000 >/dev/null 2>&1 || true
truncate --size=-10M "$work/layer/full"
refuse 1 "No space left on device" as_root dpkg -i "/packages/$deb"
rm "$work/layer/full"
expect "tagscope $version" as_user tagscope --version
apt install --no-install-recommends "/packages/$deb" >"$work/out" 2>&1 || fail "apt install after the full disk"
expect "install ok installed" as_root dpkg-query -W -f='${Status}' tagscope
ok "a full disk leaves the program that was there, and the next attempt succeeds"

step "no graphics driver"
# Debian's libraries bring Mesa's own driver with them, so it is moved aside.
as_root sh -c 'mkdir /aside && find /usr/lib -name "libgallium*" -o -name "libEGL_mesa*" -o -name "libGLX_mesa*" -o -name "libvulkan*" | while read -r file; do
    mv "$file" /aside/ && echo "$file"; done >/aside/list'
refuse 1 "no graphics driver works" as_user timeout 100 tagscope demo
lists tagscope
as_root sh -c 'while read -r file; do mv "/aside/${file##*/}" "$file"; done </aside/list && rm -r /aside'
user_environment=(DISPLAY=)
refuse 1 "no display was found" as_user tagscope demo
user_environment=()

step "tarball, for one person"
tarball=tagscope-$version-linux-$machine
apt purge tagscope >"$work/out" 2>&1 || fail "apt purge"
as_user tar -xzf "/packages/$tarball.tar.gz" -C "/tmp"
as_user sh -c 'cd ~ && find . | LC_ALL=C sort' >"$work/before"
expect "Tagscope is in" as_user "/tmp/$tarball/install.sh"
expect "tagscope $version" as_user "$user_home/.local/bin/tagscope" --version
lists "$user_home/.local/bin/tagscope"
desktop-file-validate "$work/system$user_home/.local/share/applications/tagscope.desktop"
window tarball "$user_home/.local/bin/tagscope" demo
close_window
refuse 1 "cannot be written" as_user "/tmp/$tarball/install.sh" --prefix /usr/local
refuse 2 "whole path" as_user "/tmp/$tarball/install.sh" --prefix here
expect "Tagscope is removed" as_user "/tmp/$tarball/install.sh" --uninstall
left=$(as_user sh -c 'cd ~ && find . -name "*tagscope*" | LC_ALL=C sort' | comm -13 "$work/before" - | grep -v -e cache -e state -e config || true)
[ -z "$left" ] || fail "left after --uninstall: $left"
ok "--uninstall leaves nothing but the person's own data"

step "rpm"
# There is no Fedora here: rpm itself installs, updates and removes, without looking for dependencies.
fresh
rpm=$packages/tagscope-$version-1.$machine.rpm
in_system() { command rpm --root "$work/system" --dbpath /var/lib/rpm "$@"; }
in_system --initdb
everything >"$work/before"
in_system --install --nodeps "$packages/tagscope-0.0.9-1.$machine.rpm" >"$work/out" 2>&1 || fail "rpm --install"
in_system --upgrade --nodeps "$rpm" >"$work/out" 2>&1 || fail "rpm --upgrade"
# Releases of rpm differ in the number.
refuse failure "which is newer than" in_system --upgrade --nodeps "$packages/tagscope-0.0.9-1.$machine.rpm"
expect "tagscope-$version" in_system --query tagscope
in_system --verify --nodeps tagscope >"$work/out" 2>&1 || fail "rpm --verify"
expect "tagscope $version" as_user tagscope --version
lists tagscope
for library in libEGL.so.1 libxkbcommon.so.0; do expect "$library()(64bit)" command rpm --query --requires --package "$rpm"; done
in_system --erase tagscope >"$work/out" 2>&1 || fail "rpm --erase"
left=$(everything | comm -13 "$work/before" - | grep tagscope || true)
[ -z "$left" ] || fail "left after rpm --erase: $left"
ok "rpm installs, updates, refuses the older one, and leaves nothing"

printf '\n%s checks passed. Packages:\n' "$passed"
(cd "$packages" && ls -l ./*"$version"* | awk '{ printf "%8.1f MB  %s\n", $5 / 1e6, $9 }')
