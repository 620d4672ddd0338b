#!/bin/sh
# Make a virtual environment with the first Python that is new enough.
# Usage: make_venv.sh FOLDER      (PYTHON in the environment decides, if it is set)
set -eu
venv=$1

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

chosen=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if new_enough "$candidate"; then
        chosen=$candidate
        break
    fi
done

if [ -z "$chosen" ]; then
    found=$("${PYTHON:-python3}" --version 2>&1) || found="nothing that runs"
    echo "Orion needs Python 3.11 or newer; ${PYTHON:-python3} is: $found." >&2
    echo "Install a newer one, or name it: make demo PYTHON=/path/to/python3.12" >&2
    exit 1
fi

echo "Making $venv with $("$chosen" --version) …"
if ! "$chosen" -m venv "$venv"; then
    rm -rf "$venv"
    echo "Python's venv module does not work here." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
