# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=bash
# Starts a Python program of tools/ and installs python3 before where it is missing (Debian, Ubuntu).
# Sourced by the scripts in tools/ and by .ci/run, which have no logic of their own.

tools_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

python_missing() {
    echo "error: python3 is missing, and $*. Please install it by hand (Debian, Ubuntu: python3)" >&2
    exit 3
}

install_python() { # install_python OPTIONS...
    local as_root=()
    command -v apt-get >/dev/null || python_missing "this is no system with apt-get"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || python_missing "installing needs root, and there is no sudo"
        [[ -t 0 && -t 2 ]] || sudo -n true 2>/dev/null || python_missing "sudo asks for a password"
        as_root=(sudo)
    fi
    echo "python3 is missing: apt-get installs it, because the scripts of tools/ are written in it" >&2
    if [[ -t 0 && -t 2 && " $* " != *" --yes "* ]]; then
        echo "  (starts in 3 seconds; Ctrl-C stops it)" >&2
        sleep 3
    fi
    apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" >&2 </dev/null; }
    local install=(install -y --no-install-recommends python3)
    apt_get "${install[@]}" || { apt_get update && apt_get "${install[@]}"; } ||
        python_missing "apt-get could not install it"
}

run_python() { # run_python PROGRAM ARGUMENTS...: does not return
    command -v python3 >/dev/null || install_python "$@"
    exec python3 -B "$tools_dir/$1" "${@:2}"
}
