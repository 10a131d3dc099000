#!/bin/sh
# What the Makefile needs of a machine.
#
#   setup.sh environment           makes .venv with ${PYTHON:-python3}, 3.11 or newer
#   setup.sh libdmtx                 makes sure of the library that makes GS1 DataMatrix symbols
#   setup.sh programs NAME:PACKAGE…  makes sure of programs and files, with Debian's packages
#   setup.sh servers NAME:PACKAGE…   the same, but does without them where it must
#   setup.sh peers NAME:PACKAGE…     the same, for the benchmarks
set -eu

fail() {
    echo "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

install_packages() {
    command -v apt-get >/dev/null || return 1
    # An image may come without lists of packages, or with old ones.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet "$@" >&2 ||
        { as_root apt-get update --quiet >&2 &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet "$@" >&2; }
}

environment() {
    python=${PYTHON:-python3}
    command -v "$python" >/dev/null || install_packages python3 python3-venv ||
        fail "Python 3.11 or newer is needed: install it, or name it as in: make PYTHON=/path/to/python3"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed, and $python is $("$python" -V): make PYTHON=/path/to/python3"
    # Debian keeps ensurepip, which a virtual environment needs, in a package of its own.
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv ||
        fail "Python's venv module is needed: install Debian's package python3-venv"
    "$python" -m venv .venv
}

servers() {
    (programs "$@") || echo "The tests leave out what needs these programs: $*" >&2
}

peers() {
    (programs "$@") || echo "The benchmarks leave out what needs these programs: $*" >&2
}

programs() {
    packages=
    missing=
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null && continue
        [ -e "${pair%%:*}" ] && continue
        missing="$missing ${pair%%:*}"
        packages="$packages ${pair##*:}"
    done
    [ -z "$missing" ] && return
    # shellcheck disable=SC2086  # a list of words
    install_packages $packages ||
        fail "Needed:$missing: install Debian's packages$packages"
}

libdmtx() {
    find='import ctypes.util, sys; sys.exit(ctypes.util.find_library("dmtx") is None)'
    .venv/bin/python -c "$find" && return
    # Debian renamed the package with version 13.
    install_packages libdmtx0b || install_packages libdmtx0t64 || true
    .venv/bin/python -c "$find" ||
        fail "The library libdmtx is needed: install Debian's package libdmtx0b or libdmtx0t64"
}

action=$1
shift
"$action" "$@"
