#!/bin/sh
# Set up, run and test marginbook. Needs only python3 (3.11 or later) with pip.
#
#   ./go                   the demo: a year of margin trading, its book and its taxes, in out/
#   ./go test [ARGS]       the tests; ARGS go to pytest
#   ./go nightly [ARGS]    the tests that take minutes
#   ./go mutants [ARGS]    mutation testing (tests/mutation.py); takes most of an hour
#   ./go check             lint, formatting and types
#   ./go bench [ARGS]      the benchmarks
#   ./go ANYTHING ELSE     `marginbook ANYTHING ELSE`, in the folder where you stand
#
# Marginbook has a check of its own: `./go --json check` reaches it.
# PYTHON=python3.13 ./go sets up with that Python instead of python3.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
venv=$root/.venv
python=$venv/bin/python
base=${PYTHON:-python3}

main() {
    case ${1-} in
        test)    with_extra test;  shift; cd "$root"; exec "$python" -m pytest "$@" ;;
        nightly) with_extra test;  shift; cd "$root"; exec "$python" -m pytest -m nightly "$@" ;;
        check)   with_extra test;  with_extra lint;   cd "$root"; check ;;
        mutants) with_extra test;  shift; cd "$root"; exec "$python" -m tests.mutation "$@" ;;
        bench)   with_extra bench; shift; cd "$root"; exec "$python" -m tests.bench.run "$@" ;;
        '')      with_extra '';    exec "$venv/bin/marginbook" demo ;;
        *)       with_extra '';    exec "$venv/bin/marginbook" "$@" ;;
    esac
}

# Run every check, also when an earlier one fails.
check() {
    status=0
    "$python" -m ruff check || status=1
    "$python" -m ruff format --check || status=1
    "$python" -m mypy || status=1
    exit "$status"
}

# Install the project with one of its extras (or none: ''), unless that is done.
# Runs in a subshell: whoever calls stays in the caller's folder, where files are named from.
with_extra() (
    cd "$root"
    if is_current && [ -e "$venv/.has-$1" ]; then return; fi
    look_for_pip
    echo "setting up marginbook${1:+ for $1} ..." >&2
    # Debian's python3 may be unable to put a pip inside, so pip works from outside.
    is_current || "$base" -m venv --clear --without-pip "$venv"
    "$base" -m pip --python "$python" -qq install --editable ".${1:+[$1]}" >&2
    # Noted last, so that what was interrupted is done again.
    : > "$venv/.has-$1"
    serves > "$venv/.serves"
)

# A virtual environment serves one pyproject.toml, in one folder, under one Python.
# Should any of them change, it is made anew.
is_current() { [ "$(cat "$venv/.serves" 2> /dev/null)" = "$(serves)" ]; }
serves() { { cat pyproject.toml; echo "$venv"; readlink -f "$python"; } | cksum; }

look_for_pip() {
    command -v "$base" > /dev/null ||
        stop "there is no $base: apt-get install python3 python3-pip"
    "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "$base is $("$base" -V 2>&1), older than 3.11: PYTHON=/path/to/python3.11 $0"
    "$base" -m pip --version > /dev/null 2>&1 ||
        stop "$base has no pip: apt-get install python3-pip"
    "$base" -m pip help 2> /dev/null | grep -q -e --python ||
        stop "pip 22.3 or later is needed: $base -m pip install --user --upgrade pip"
}

stop() {
    echo "go: $1" >&2
    exit 2
}

main "$@"
