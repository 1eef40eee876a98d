#!/bin/sh
# Installs Tagscope for you alone, below ~/.local, or below another folder.
#   ./install.sh [--prefix FOLDER]             e.g. --prefix /usr/local, as root, for everybody
#   ./install.sh --uninstall [--prefix FOLDER]  removes the program; your settings, reviews and cache stay
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${HOME:-}/.local
remove=no
usage() { sed -n '2,4s/^# *//p' "$here/install.sh" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) [ $# -ge 2 ] || usage; prefix=$2; shift 2 ;;
        --uninstall) remove=yes; shift ;;
        *) usage ;;
    esac
done
case $prefix in
    # A desktop entry has no simple way to write these in a path.
    *[\"\$\`\\\|\&%]*) echo "install.sh: choose a folder without quotes, \\, |, &, % and \$ in its path: $prefix" >&2; exit 2 ;;
    /*) ;;
    *) echo "install.sh: the folder must be a whole path, such as /usr/local: $prefix" >&2; exit 2 ;;
esac

# The files, as paths below the prefix. None of them has a space or a line break.
files=$(cd "$here/usr" && find . -type f | sed 's|^\./||' | sort)
if [ "$remove" = yes ]; then
    for file in $files; do rm -f "$prefix/$file"; done
    # Folders that only Tagscope has filled.
    for file in $files; do
        folder=$(dirname "$file")
        while [ "$folder" != . ]; do
            rmdir "$prefix/$folder" 2>/dev/null || break
            folder=$(dirname "$folder")
        done
    done
    echo "Tagscope is removed from $prefix. Settings, reviews and cache stay."
    exit
fi

if ! mkdir -p "$prefix" 2>/dev/null || [ ! -w "$prefix" ]; then
    echo "install.sh: $prefix cannot be written. Name another folder with --prefix, or run this as root." >&2
    exit 1
fi
for file in $files; do
    mkdir -p "$prefix/$(dirname "$file")"
    # Beside its place first: a full disk leaves the old file as it was, and a running program keeps its own.
    if ! cp "$here/usr/$file" "$prefix/$file.new"; then
        rm -f "$prefix/$file.new"
        echo "install.sh: $prefix/$file cannot be written. What was installed before is still there." >&2
        exit 1
    fi
    mv -f "$prefix/$file.new" "$prefix/$file"
done
# A launcher that does not depend on PATH.
desktop=$prefix/share/applications/tagscope.desktop
sed "s|^Exec=.*|Exec=\"$prefix/bin/tagscope\"|" "$here/usr/share/applications/tagscope.desktop" >"$desktop.new"
mv -f "$desktop.new" "$desktop"
update-desktop-database "$prefix/share/applications" 2>/dev/null || true
gtk-update-icon-cache -q -t "$prefix/share/icons/hicolor" 2>/dev/null || true
echo "Tagscope is in $prefix/bin/tagscope."
case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) echo "$prefix/bin is not in your PATH: add it to use the commands. The desktop's menu needs nothing." ;;
esac
