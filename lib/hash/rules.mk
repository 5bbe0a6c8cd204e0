# SPDX-License-Identifier: GPL-3.0-or-later

# src/xxh3.c includes libxxhash's header. musl-gcc does not look into /usr/include by itself:
# what compiles it with that adds this to its flags.
xxhash-flags := -idirafter /usr/include

kernel-sources += lib/hash/src/crc32.c lib/hash/src/sha3.c lib/hash/src/xxh3.c

unit-sources += $(foreach test,crc32 sha3 xxh3,lib/hash/test/$(test)_test.c)
