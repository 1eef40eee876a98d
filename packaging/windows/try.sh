#!/usr/bin/env bash
# Tries the packages for Windows under Wine, together with the Linux program: `packaging/windows.sh package` makes them.
# Everything happens in a Wine folder of its own. Pictures: target/packages-windows-*.png
#   TAGSCOPE_BINARY   the Linux program (default: target/release/tagscope, else target/debug/tagscope)
set -euo pipefail
cd "$(dirname "$0")/../.."
. packaging/lib.sh
. packaging/build.sh
. packaging/window.sh
need "Windows programs on Linux" wine wine64
need "a stand-in library for Wine" gcc-mingw-w64-x86-64-posix binutils-mingw-w64-x86-64
need "a virtual display, and pictures of it" xvfb xdotool x11-utils imagemagick
need "the program's resources, and the zip" icoutils unzip
install_needed
release_facts

linux=${TAGSCOPE_BINARY:-}
for candidate in target/release/tagscope target/debug/tagscope; do
    [ -n "$linux" ] || { [ ! -x "$candidate" ] || linux=$PWD/$candidate; }
done
[ -x "$linux" ] || { echo "Build the Linux program first, or name it in TAGSCOPE_BINARY." >&2; exit 1; }
packages=$PWD/target/packages
name=Tagscope-$version-windows-x86_64
setup=$packages/$name-setup.exe
[ -e "$setup" ] || { echo "There is no $setup. Run: packaging/windows.sh package" >&2; exit 1; }

work=$(mktemp -d)
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
export LIBGL_ALWAYS_SOFTWARE=1 TAGSCOPE_LOG=warn
unset VISION_TRAINING_KEY VISION_TRAINING_ENDPOINT TAGSCOPE_HOME
trap 'kill -9 "${program:-}" "${server:-}" 2>/dev/null || true; wineserver -k 2>/dev/null || true; close_display; rm -rf "$work"' EXIT

passed=0
ok() { passed=$((passed + 1)); echo "ok $passed: $*"; }
fail() { echo "FAILED: $*" >&2; tail -n 20 "$work/out" "$work/err" >&2 2>/dev/null || true; exit 1; }
step() { printf '\n== %s\n' "$*"; }
# run COMMAND...: output in $work/out, words in $work/err, status in $status.
run() { status=0; "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?; }
# good WHAT COMMAND...: it ends with 0, or with 5 (done, with listed skips).
good() {
    local what=$1
    shift
    run "$@"
    [ "$status" = 0 ] || [ "$status" = 5 ] || fail "$what: status $status"
    no_verbatim "$what"
    ok "$what (status $status)"
}
# No path is shown in the form that only Windows itself writes.
no_verbatim() { ! grep -qF '\\?\' "$work/out" "$work/err" || fail "$1 shows a path with \\\\?\\"; }
# A path of Windows for one of ours.
of_windows() { printf 'Z:%s' "${1//\//\\}"; }
json_field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$2"; }

step "Wine, with its own folder"
open_display 1280x800
wineboot --init >"$work/out" 2>&1 || fail "wineboot"
wineserver -w
if [ ! -e "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" ]; then
    # Windows has this library, and older versions of Wine do not.
    printf '%s\n' '#include <windows.h>' 'BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);' \
        '__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE b, SIZE_T n) { return SystemFunction036(b, (ULONG)n); }' >"$work/prng.c"
    x86_64-w64-mingw32-gcc-posix -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$work/prng.c" -ladvapi32
fi

step "the portable zip"
unzip -q "$packages/$name.zip" -d "$work/zip"
exe=$work/zip/$name/tagscope.exe
windows() { wine "$exe" "$@"; }
run windows --version
[ "$status" = 0 ] && grep -q "^tagscope $version" "$work/out" && grep -q "target: x86_64-windows" "$work/out" || fail "--version"
ok "--version: $(tr -d '\r' <"$work/out" | paste -sd' ')"
wrestool -l "$exe" >"$work/out"
for type in 3 14 16 24; do grep -q -- "--type=$type " "$work/out" || fail "tagscope.exe has no resource of type $type"; done
wrestool --raw --extract --type=24 "$exe" >"$work/manifest"
for words in longPathAware PerMonitorV2 UTF-8 asInvoker; do grep -q "$words" "$work/manifest" || fail "the manifest has no $words"; done
ok "icon, version and manifest (long paths, DPI, UTF-8) are in tagscope.exe"
x86_64-w64-mingw32-objdump -p "$exe" >"$work/out"
grep -q 'Subsystem.*CUI' "$work/out" || fail "tagscope.exe has no console"
x86_64-w64-mingw32-objdump -p "$work/zip/$name/tagscopew.exe" >"$work/out"
grep -q 'Subsystem.*GUI' "$work/out" || fail "tagscopew.exe has a console"
ok "the commands have a console, the window's own program has none"

# serves COMMAND...: starts a server; its first line comes in $work/endpoint.json.
serves() {
    rm -f "$work/endpoint.json"
    "$@" >"$work/endpoint.json" 2>"$work/err" </dev/null &
    server=$!
    for _ in $(seq 600); do [ -s "$work/endpoint.json" ] && break; sleep 0.1; done
    [ -s "$work/endpoint.json" ] || fail "$* does not start"
    endpoint=$(json_field endpoint "$work/endpoint.json")
    project=$(json_field projectId "$work/endpoint.json")
    VISION_TRAINING_KEY=$(json_field trainingKey "$work/endpoint.json")
    export VISION_TRAINING_KEY
}
unserve() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; }

step "the sample: served by one, listed by the other"
serves "$linux" serve --sample --images 60 --regions 3 --quiet
run windows images --endpoint "$endpoint" --project "$project" --jsonl --quiet
[ "$status" = 0 ] && [ "$(wc -l <"$work/out")" = 60 ] || fail "listing of what Linux serves"
! grep -q $'\r' "$work/out" || fail "data has Windows line ends"
cp "$work/out" "$work/listed-by-windows"
run "$linux" images --endpoint "$endpoint" --project "$project" --jsonl --quiet
cmp "$work/out" "$work/listed-by-windows" || fail "both list the same"
ok "Windows lists what Linux serves: 60 images, byte for byte what Linux lists"
good "archive of what Linux serves" windows archive --endpoint "$endpoint" --project "$project" --out "$(of_windows "$work/archive")" --quiet
unserve
serves wine "$exe" serve --sample --images 60 --regions 3 --quiet
run "$linux" images --endpoint "$endpoint" --project "$project" --count --quiet
[ "$(cat "$work/out")" = 60 ] || fail "Linux lists what Windows serves"
ok "Linux lists what Windows serves: 60 images"
unserve
unset VISION_TRAINING_KEY

step "an archive: verified by both, checked, exported in every format"
archive=$(of_windows "$work/archive")
good "verify of the archive" windows verify "$archive"
good "verify of the archive by Linux" "$linux" verify "$work/archive"
good "check" windows check --source "$archive"
formats=$(windows export --help | tr -d '\r' | sed -n '/--format/,/--images/s/^ *- \([a-z-]*\): .*/\1/p' | paste -sd,)
[ "$(tr , '\n' <<<"$formats" | wc -l)" -ge 12 ] || fail "the formats in the help: $formats"
good "export as $formats" windows export --source "$archive" --format "$formats" --out "$(of_windows "$work/exports")" --quiet
good "export by Linux" "$linux" export --source "$work/archive" --format "$formats" --out "$work/exports-linux" --quiet
good "verify of the export" windows verify "$(of_windows "$work/exports")"
good "verify of the export by Linux" "$linux" verify "$work/exports"
good "verify of what Linux has exported" windows verify "$(of_windows "$work/exports-linux")"
good "import of a COCO dataset" windows import coco "$(of_windows "$work/exports-linux")" --out "$(of_windows "$work/imported")" --quiet
good "verify of the import" windows verify "$(of_windows "$work/imported")"
serves wine "$exe" serve "$archive" --quiet
run "$linux" images --endpoint "$endpoint" --project "$project" --count --quiet
[ "$(cat "$work/out")" = 60 ] || fail "Linux lists the archive that Windows serves"
ok "Linux lists the archive that Windows serves"
unserve
unset VISION_TRAINING_KEY

step "killed and resumed"
serves "$linux" serve --sample --images 400 --regions 3 --quiet
wine "$exe" archive --endpoint "$endpoint" --project "$project" --out "$(of_windows "$work/killed")" --quiet >/dev/null 2>"$work/err" </dev/null &
program=$!
unfinished=$work/.killed.tagscope-unfinished
for _ in $(seq 600); do
    [ "$(find "$unfinished" -type f 2>/dev/null | wc -l)" -ge 40 ] && break
    kill -0 "$program" 2>/dev/null || break
    sleep 0.05
done
# The process of Windows, not only its loader.
kill -9 "$program" 2>/dev/null || true
wait "$program" 2>/dev/null || true
program=
wineserver -k || true
[ ! -e "$work/killed" ] || fail "the archive was complete before the kill"
[ -d "$unfinished" ] || fail "nothing was left to resume"
before=$(find "$unfinished" -type f | wc -l)
good "resume after a kill with $before files" windows archive --endpoint "$endpoint" --project "$project" --resume --out "$(of_windows "$work/killed")"
good "verify of the resumed archive" windows verify "$(of_windows "$work/killed")"
[ ! -e "$unfinished" ] || fail "the unfinished folder is still there"
unserve
unset VISION_TRAINING_KEY

step "paths"
run windows verify "$(of_windows "$work/not there")"
[ "$status" = 1 ] || fail "a missing folder: status $status"
no_verbatim "a missing folder"
grep -q 'not there' "$work/err" || fail "a missing folder is not named"
ok "a missing folder is named: $(head -1 "$work/err" | tr -d '\r' | cut -c1-110)"
long="$work/$(printf 'a%.0s' $(seq 80))/$(printf 'b%.0s' $(seq 80))/$(printf 'c%.0s' $(seq 80))/Müller 猫"
good "archive with a path of ${#long} letters" windows import coco "$(of_windows "$work/exports-linux")" --out "$(of_windows "$long")"
good "verify of it by Linux" "$linux" verify "$long"
# Windows gives a path of any length here; Wine has room for 260 letters in GetFinalPathNameByHandle.
run windows verify "$(of_windows "$long")"
if [ "$status" != 0 ] && grep -q "os error 234" "$work/err"; then
    echo "skipped: this Wine cannot resolve paths of more than 260 letters"
else
    good "verify of it" windows verify "$(of_windows "$long")"
    good "export of it" windows export --source "$(of_windows "$long")" --format yolo --out "$(of_windows "$long-yolo")"
fi
mkdir -p "$work/names"
cat >"$work/names/coco.json" <<'JSON'
{"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 4}],
 "categories": [{"id": 1, "name": "CON"}, {"id": 2, "name": "con"}, {"id": 3, "name": "a:b"}, {"id": 4, "name": "nul.txt"}],
 "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}, {"id": 2, "image_id": 1, "category_id": 2, "bbox": [1, 1, 2, 2]},
  {"id": 3, "image_id": 1, "category_id": 3, "bbox": [0, 1, 2, 2]}, {"id": 4, "image_id": 1, "category_id": 4, "bbox": [1, 0, 2, 2]}]}
JSON
convert -size 4x4 xc:red "$work/names/a.png"
good "import of tags with names of devices" windows import coco "$(of_windows "$work/names/coco.json")" --images "$(of_windows "$work/names")" --out "$(of_windows "$work/devices")"
good "crops of them" windows export --source "$(of_windows "$work/devices")" --format crops --out "$(of_windows "$work/crops")"
[ "$(find "$work/crops" -name '*.png' -o -name '*.jpg' | wc -l)" = 4 ] || fail "crops of four tags"
ok "CON, con, a:b and nul.txt have a folder each: $(find "$work/crops" -mindepth 1 -type d -printf '%f ')"

step "the Credential Manager"
address=https://tagscope-test.cognitiveservices.azure.com
status=0
printf '0123456789abcdef0123456789abcdef\n' | windows key set --endpoint "$address" >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 0 ] || fail "key set: status $status"
run windows key status --endpoint "$address"
grep -qi keychain "$work/out" "$work/err" || fail "key status after set"
! grep -rq 0123456789abcdef0123456789abcdef "$WINEPREFIX/drive_c/users" || fail "the key is in a file"
run windows key remove --endpoint "$address"
[ "$status" = 0 ] || fail "key remove: status $status"
run windows key status --endpoint "$address"
grep -qi none "$work/out" "$work/err" || fail "key status after remove"
ok "key set, status, remove, status"
run windows doctor
grep -q "keychain: works" "$work/out" || fail "doctor"
no_verbatim "doctor"
ok "doctor: $(tr -d '\r' <"$work/out" | grep -c .) lines, the keychain works"

# shows NAME COMMAND...: a window with the sample; the picture is target/packages-windows-NAME.png.
shows() {
    local picture=target/packages-windows-$1.png colors=0
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null &
    program=$!
    wait_for_window "$program" Tagscope || fail "$*: no window"
    for _ in $(seq 300); do
        import -window root "$picture"
        colors=$(identify -format '%k' "$picture")
        [ "$colors" -ge 4000 ] && break
        sleep 0.3
    done
    [ "$colors" -ge 4000 ] || fail "$*: the window stays empty ($colors colors)"
    ok "$(basename "$picture"): $colors colors"
    wineserver -k || true
    wait "$program" 2>/dev/null || true
    program=
}

step "a window"
shows portable wine "$exe" demo
shows launcher wine "$work/zip/$name/tagscopew.exe" demo

step "installed and removed, silently"
users=$WINEPREFIX/drive_c/users/$(id -un)
installed=$users/AppData/Local/Programs/Tagscope
menu="$users/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Tagscope.lnk"
# Wine says on standard output that a key is not there.
registry() { wine reg query "$@" 2>/dev/null | tr -d '\r' | sed '/^reg: /d'; }
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Tagscope'
registry 'HKCU\Environment' /v Path >"$work/path-before" || true
run wine "$packages/tests/older-setup.exe" /S
[ "$status" = 0 ] || fail "the older installer: status $status"
registry "$uninstall_key" /v DisplayVersion | grep -q 0.0.9 || fail "the older version is not registered"
mkdir -p "$users/AppData/Roaming/tagscope/config"
echo '{}' >"$users/AppData/Roaming/tagscope/config/settings.json"
run wine "$setup" /S /PATH
[ "$status" = 0 ] || fail "the installer over an older version: status $status"
registry "$uninstall_key" /v DisplayVersion | grep -q "$version" || fail "the version is not registered"
for file in tagscope.exe tagscopew.exe uninstall.exe third-party-licenses.txt; do [ -s "$installed/$file" ] || fail "$file is not installed"; done
[ ! -e "$installed/tagscope.exe.old" ] || fail "the older program is still there"
[ -s "$menu" ] || fail "no entry in the start menu"
registry 'HKCU\Environment' /v Path | grep -qF 'Programs\Tagscope' || fail "PATH has no entry"
[ -s "$users/AppData/Roaming/tagscope/config/settings.json" ] || fail "the settings are gone"
ok "installed over an older version: programs, start menu, PATH, list of programs; settings kept"
run wine "$installed/tagscope.exe" --version
grep -q "^tagscope $version" "$work/out" || fail "the installed program"
run wine "$packages/tests/older-setup.exe" /S
[ "$status" = 2 ] || fail "an older installer over a newer version: status $status"
registry "$uninstall_key" /v DisplayVersion | grep -q "$version" || fail "an older version has replaced a newer one"
ok "an older installer does not replace a newer version"
shows installed wine "$installed/tagscopew.exe" demo
run wine "$installed/uninstall.exe" /S
# It goes on in a copy of itself.
for _ in $(seq 100); do [ -e "$installed" ] || break; sleep 0.2; done
wineserver -w
[ ! -e "$installed" ] || fail "left in the folder: $(ls "$installed")"
[ ! -e "$menu" ] || fail "the entry in the start menu is still there"
[ -z "$(registry "$uninstall_key")" ] || fail "it is still in the list of programs"
registry 'HKCU\Environment' /v Path >"$work/path-after" || true
cmp "$work/path-before" "$work/path-after" || fail "PATH is not what it was"
[ -s "$users/AppData/Roaming/tagscope/config/settings.json" ] || fail "the settings are gone"
ok "uninstalled: nothing is left but the person's own data"

printf '\n%s checks passed under %s.\n' "$passed" "$(wine --version)"
