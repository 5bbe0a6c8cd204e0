# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/mm/phys/frame.c kernel/mm/phys/frame_cache.c \
	kernel/mm/phys/frame_init.c kernel/mm/phys/frame_zone.c kernel/mm/phys/kernel_map.c \
	kernel/mm/phys/kernel_stack.c kernel/mm/phys/kmalloc.c kernel/mm/phys/phys_ktest.c \
	kernel/mm/phys/range_set.c kernel/mm/phys/slab.c kernel/mm/phys/slab_cache.c \
	kernel/mm/phys/slab_report.c

# Linked in debug builds only.
kernel-debug-sources += kernel/mm/phys/slab_debug.c
kernel-sources += $(if $(filter debug,$(MODE)),kernel/mm/phys/slab_debug.c)

sim-test-sources += kernel/mm/phys/test/frame_init_test.c kernel/mm/phys/test/frame_test.c \
	kernel/mm/phys/test/kernel_map_test.c kernel/mm/phys/test/range_set_test.c \
	kernel/mm/phys/test/slab_debug_test.c kernel/mm/phys/test/slab_test.c \
	kernel/mm/phys/test/stress_test.c

kernel-sources += kernel/mm/phys/frame_node.c
sim-test-sources += kernel/mm/phys/test/frame_node_test.c
