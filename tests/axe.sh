#!/bin/sh
# Puts axe-core, which looks for barriers in pages, where the tests find it, and prints that place.
# One version, checked by its sum; a second run finds it and fetches nothing.
set -eu
cd "$(dirname "$0")/.."
version=4.14.1
sum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
folder=${CARGO_TARGET_DIR:-target}/axe-$version
file=$folder/node_modules/axe-core/axe.min.js

is_whole() {
    [ -f "$file" ] && echo "$sum  $file" | sha256sum --check --status
}

if ! is_whole; then
    rm -rf "$folder"
    mkdir -p "$folder"
    for pause in 0 5 20; do
        sleep "$pause"
        npm install --prefix "$folder" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
            "axe-core@$version" >&2 && break
    done
    is_whole || { echo "axe-core $version did not come, or is not what it should be" >&2; exit 1; }
fi
echo "$file"
