#!/bin/sh
# Install this project, editable, with one group of extras.
# Usage: install.sh PYTHON EXTRA
set -eu
echo "Installing what \`$2\` needs (once; a minute or two on a fast line) …"
"$1" -m pip install --quiet --disable-pip-version-check --editable ".[$2]"
