# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/sync/cpu.c kernel/sync/refcount.c kernel/sync/spinlock.c kernel/sync/snapshot.c \
	kernel/sync/sync_ktest.c

# Linked in debug builds only.
kernel-debug-sources += kernel/sync/spinlock_debug.c
kernel-sources += $(if $(filter debug,$(MODE)),kernel/sync/spinlock_debug.c)

sim-test-sources += kernel/sync/test/refcount_test.c kernel/sync/test/spinlock_test.c
