#!/bin/sh
# Unpacks KiCad 9 with its libraries (Debian 13, amd64) into a tree of its own: 0.4 GB down, 1.2 GB there, some minutes.
# Nothing of it reaches this machine's own packages but mmdebstrap. From this machine's own mirror, or MIRROR=...
set -eu
tree=$1
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | grep -v security | head -n 1)}
test -n "$mirror" || { echo "fetch-kicad: no Debian mirror in apt's sources; name one: MIRROR=http://... make carrier" >&2; exit 1; }
if ! command -v mmdebstrap >/dev/null; then
    root=
    test "$(id -u)" = 0 || root=sudo
    $root apt-get -qq update
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap >/dev/null
fi
echo "fetching KiCad 9 from $mirror into $tree (0.4 GB; 1.2 GB unpacked)"
rm -rf "$tree"
mkdir -p "$(dirname "$tree")"
mmdebstrap --quiet --variant=minbase --components=main --architectures=amd64 --keyring=/usr/share/keyrings \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/kicad/demos/*' \
    --include=kicad,kicad-symbols,kicad-footprints trixie "$tree" "$mirror"
mkdir -p "$tree/src"
