#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# freeze.sh VERSION: keeps a copy of the driver kit's headers as ddk-VERSION here, with which the sessions go on building
# a driver. Done once for each version, when it is released; a copy that is there is never changed.
set -eu

cd "$(dirname "$0")/../.."
copy=tests/drivers/ddk-$1
if [[ -e $copy ]]; then
	echo "freeze.sh: $copy is there" >&2
	exit 1
fi
mkdir -p "$copy/base"
cp -R ddk/include/ddk "$copy"
for name in types errno string format checked bits list ring rbtree hash; do
	cp "lib/base/include/base/$name.h" "$copy/base"
done
