# Shared by demo.sh, test.sh and screenshots.sh: a virtual display of our own.

# open_display 1280x800: starts Xvfb on a free number and exports DISPLAY.
open_display() {
    local pipe number
    display_runtime=$(mktemp -d)
    # A runtime folder must be private; one of our own is.
    chmod 700 "$display_runtime"
    pipe=$display_runtime/number
    mkfifo "$pipe"
    # Without -noreset the server starts over whenever its last client leaves, and drops whoever is just arriving: the
    # program would then be told that there is no X server.
    Xvfb -displayfd 3 -screen 0 "${1}x24" +extension GLX -nolisten tcp -noreset 3>"$pipe" >"$display_runtime/log" 2>&1 &
    display_process=$!
    read -r number <"$pipe" || { cat "$display_runtime/log" >&2; return 1; }
    export DISPLAY=":$number"
    unset WAYLAND_DISPLAY
    export LIBGL_ALWAYS_SOFTWARE=1
    export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$display_runtime}
    for _ in $(seq 100); do
        xwininfo -root >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "The virtual display $DISPLAY does not respond:" >&2
    cat "$display_runtime/log" >&2
    return 1
}

close_display() {
    kill "${display_process:-}" 2>/dev/null || true
    rm -rf "${display_runtime:-}"
}

# wait_for_window PID TITLE: until the window is there (60 s at most) or the program has ended.
wait_for_window() {
    for _ in $(seq 600); do
        kill -0 "$1" 2>/dev/null || { echo "The program exited before its window appeared." >&2; return 1; }
        if xwininfo -root -tree 2>/dev/null | grep -q "\"$2"; then return 0; fi
        sleep 0.1
    done
    echo "No window within a minute." >&2
    return 1
}
