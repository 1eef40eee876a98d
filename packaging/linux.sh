#!/usr/bin/env bash
# Makes the packages for Linux in target/packages: .deb, .rpm and a tarball with an install script, all with the same
# files. Builds the program first, unless TAGSCOPE_BINARY names one.
#   packaging/linux.sh [deb] [rpm] [tar]      all of them by default
#   packaging/linux.sh stage FOLDER           only puts the files below FOLDER, for Flatpak
#
# dpkg-deb and rpmbuild do it, both from Debian: the files are staged once for all three, and neither cargo-deb nor
# cargo-generate-rpm would have to be compiled first.
#   TAGSCOPE_PACKAGE_VERSION   another version for the package, to test updates
#   TAGSCOPE_HOMEPAGE          where the project is, such as https://github.com/OWNER/REPOSITORY: for the metainfo
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/build.sh
kinds=${*:-deb rpm tar}
if [ "${1:-}" != stage ]; then
    need "the packages" dpkg-dev rpm gzip xz-utils binutils python3
    install_needed
fi
release_facts
package_version=${TAGSCOPE_PACKAGE_VERSION:-$version}
# In both formats a tilde sorts before the release.
package_version=${package_version/-/\~}

binary=${TAGSCOPE_BINARY:-}
if [ -z "$binary" ]; then
    need_rust
    install_needed
    need_auditable
    (release_flags "${CARGO_TARGET_DIR:-$PWD/target}" && cargo auditable build --release --locked --bin tagscope)
    binary=${CARGO_TARGET_DIR:-target}/release/tagscope
fi
# Packages that only updates are tried with need not be small.
effort=6
[ "$package_version" = "$version" ] || effort=0
out=$PWD/target/packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
machine=$(uname -m)

# stage ROOT: the files as they are below /, without those that only one of the formats has.
stage() {
    local share=$1/usr/share
    install -D -m 755 "$binary" "$1/usr/bin/tagscope"
    install -D -m 644 assets/tagscope.desktop "$share/applications/tagscope.desktop"
    install -D -m 644 assets/tagscope.svg "$share/icons/hicolor/scalable/apps/tagscope.svg"
    local size
    for size in 16 24 32 48 64 128 256 512; do
        install -D -m 644 "assets/icons/$size.png" "$share/icons/hicolor/${size}x$size/apps/tagscope.png"
    done
    mkdir -p "$share/metainfo" "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
        "$share/fish/vendor_completions.d" "$share/doc/tagscope"
    metainfo >"$share/metainfo/io.github.tagscope.metainfo.xml"
    "$binary" man | gzip -9n >"$share/man/man1/tagscope.1.gz"
    "$binary" completions bash >"$share/bash-completion/completions/tagscope"
    "$binary" completions zsh >"$share/zsh/site-functions/_tagscope"
    "$binary" completions fish >"$share/fish/vendor_completions.d/tagscope.fish"
    gzip -9n <CHANGELOG.md >"$share/doc/tagscope/changelog.gz"
    gzip -9n <"$work/licenses" >"$share/doc/tagscope/third-party-licenses.txt.gz"
    install -m 644 LICENSE-MIT LICENSE-APACHE "$share/doc/tagscope/"
}

# The metainfo, with the address of the project and of the screenshots where it is known.
metainfo() {
    local home=${TAGSCOPE_HOMEPAGE:-}
    [ -n "$home" ] || { cat assets/tagscope.metainfo.xml; return; }
    local raw=${home/github.com/raw.githubusercontent.com}/v$version/assets/screenshots
    awk -v home="$home" -v raw="$raw" '
        /<content_rating/ {
            printf "  <url type=\"homepage\">%s</url>\n  <url type=\"bugtracker\">%s/issues</url>\n  <screenshots>\n", home, home
            printf "    <screenshot type=\"default\"><caption>The grid of a project</caption><image>%s/grid.png</image></screenshot>\n", raw
            printf "    <screenshot><caption>An image on the canvas</caption><image>%s/canvas.png</image></screenshot>\n", raw
            printf "    <screenshot><caption>The region wall</caption><image>%s/regions.png</image></screenshot>\n  </screenshots>\n", raw
        }
        { print }' assets/tagscope.metainfo.xml
}

# opened COLUMN: the libraries that are opened at run time (1), or their packages (2).
opened() { awk -v column="$1" '!/^#/ { print $column }' packaging/linux/libraries; }

deb() {
    local root=$work/deb architecture libraries
    architecture=$(dpkg --print-architecture)
    stage "$root"
    mkdir -p "$root/usr/share/zsh/vendor-completions" "$root/DEBIAN" "$work/shlibs/debian"
    mv "$root/usr/share/zsh/site-functions/_tagscope" "$root/usr/share/zsh/vendor-completions/"
    rmdir "$root/usr/share/zsh/site-functions"
    rm "$root"/usr/share/doc/tagscope/LICENSE-*
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Tagscope\n\n'
        printf 'Files: *\nCopyright: The Tagscope developers\nLicense: MIT or Apache-2.0\nComment:\n'
        printf ' The packages that are linked into the program are in third-party-licenses.txt.gz, with their licenses.\n\n'
        printf 'License: MIT or Apache-2.0\n On Debian, the Apache License is in /usr/share/common-licenses/Apache-2.0.\n The other one is:\n .\n'
        sed 's/^$/./; s/^/ /' LICENSE-MIT
    } >"$root/usr/share/doc/tagscope/copyright"
    printf 'Source: tagscope\n\nPackage: tagscope\nArchitecture: any\nDescription: x\n' >"$work/shlibs/debian/control"
    libraries=$(cd "$work/shlibs" && dpkg-shlibdeps -O "$root/usr/bin/tagscope" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
    cat >"$root/DEBIAN/control" <<CONTROL
Package: tagscope
Version: $package_version
Architecture: $architecture
Maintainer: The Tagscope developers <tagscope@users.noreply.github.com>
Installed-Size: $(find "$root/usr" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
Section: graphics
Priority: optional
Depends: $libraries, $(opened 2 | paste -sd, | sed 's/,/, /g')
Recommends: libgl1-mesa-dri, fonts-inter, fonts-noto-cjk, fonts-noto-color-emoji, gnome-keyring | kwalletmanager | keepassxc, xdg-desktop-portal | zenity, ca-certificates
Suggests: libvulkan1, mesa-vulkan-drivers
Description: browse, review and export tagged images of Azure Custom Vision
 Tagscope lists every tagged image of a Custom Vision project, draws the
 regions on a zoomable canvas, finds likely label mistakes, and exports
 images with their labels in the formats of other tools. It never writes to
 the service. The same program is a window and a command line.
CONTROL
    (cd "$root" && find usr -type f -printf '%P\n' | LC_ALL=C sort | sed 's|^|usr/|' | xargs md5sum >DEBIAN/md5sums)
    settle "$root"
    dpkg-deb --root-owner-group --threads-max=1 -Zxz "-z$effort" --build "$root" "$out/tagscope_${package_version}_$architecture.deb" >/dev/null
    echo "$out/tagscope_${package_version}_$architecture.deb"
}

rpm() {
    local root=$work/rpm/root library
    stage "$root"
    settle "$root"
    {
        printf '%%global __os_install_post %%{nil}\n%%global debug_package %%{nil}\n%%global _build_id_links none\n'
        printf 'Name: tagscope\nVersion: %s\nRelease: 1\n' "$package_version"
        printf 'Summary: Browse, review and export every tagged image of a Custom Vision project\n'
        printf 'License: MIT OR Apache-2.0\n'
        for library in $(opened 1); do printf 'Requires: %s()(64bit)\n' "$library"; done
        printf 'Recommends: mesa-dri-drivers\nRecommends: google-noto-sans-cjk-vf-fonts\nRecommends: google-noto-color-emoji-fonts\n'
        printf 'Recommends: rsms-inter-fonts\nRecommends: xdg-desktop-portal\nRecommends: ca-certificates\n'
        printf '%%description\nTagscope lists every tagged image of a Custom Vision project, draws the regions on a zoomable canvas,\n'
        printf 'finds likely label mistakes, and exports images with their labels. It never writes to the service.\n'
        # The other folders belong to packages of the distribution.
        printf '%%install\ncp -a %q/. %%{buildroot}/\n%%files\n%%dir /usr/share/doc/tagscope\n' "$root"
        (cd "$root" && find usr -type f -printf '/usr/%P\n' | LC_ALL=C sort | sed 's|^/usr/share/doc/|%doc &|; s|^/usr/share/man/|%doc &|')
    } >"$work/rpm/tagscope.spec"
    # The day and the builder are those of the commit.
    rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "_rpmdir $work/rpm/out" --define "_buildhost tagscope" \
        --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
        --define "_binary_payload w$effort.xzdio" --target "$machine" "$work/rpm/tagscope.spec" >"$work/rpm/log" 2>&1 || { cat "$work/rpm/log" >&2; return 1; }
    mv "$work/rpm/out/$machine"/*.rpm "$out/"
    echo "$out/tagscope-$package_version-1.$machine.rpm"
}

tar() {
    local name=tagscope-$package_version-linux-$machine
    stage "$work/$name"
    install -m 755 packaging/linux/install.sh "$work/$name/install.sh"
    mv "$work/$name/usr/share/doc/tagscope"/LICENSE-* "$work/$name/"
    settle "$work/$name"
    (cd "$work" && command tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -c "$name") |
        gzip -9n >"$out/$name.tar.gz"
    echo "$out/$name.tar.gz"
}

# settle ROOT: rights and times are those of the commit, not those of this moment.
settle() {
    find "$1" -type d -exec chmod 755 {} +
    find "$1" -type f -perm /111 -exec chmod 755 {} +
    find "$1" -type f ! -perm /111 -exec chmod 644 {} +
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

packaging/dependencies.py licenses --target "$machine-unknown-linux-gnu" >"$work/licenses"
if [ "${1:-}" = stage ]; then
    stage "$work/files"
    mkdir -p "$2"
    cp -a "$work/files/usr/." "$2/"
    exit
fi
for kind in $kinds; do
    case $kind in
        deb | rpm | tar) "$kind" ;;
        *) echo "Usage: packaging/linux.sh [deb] [rpm] [tar]" >&2; exit 2 ;;
    esac
done
