# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/block/,bio.c statistics.c transfer.c queue.c request.c bounce.c dispatch.c retry.c flush.c)
kernel-sources += $(addprefix kernel/block/,turn.c device.c disk.c start.c partition.c ram_disk.c)
kernel-sources += kernel/block/partition_scan.c
kernel-sources += kernel/block/suspend.c kernel/block/park.c
kernel-sources += $(addprefix kernel/block/,fault.c fault_rule.c fault_cache.c fault_control.c)

kernel-sources += $(addprefix kernel/block/,block_ktest.c cost_ktest.c order_ktest.c)

sim-test-sources += kernel/block/test/block_test.c kernel/block/test/stress_test.c kernel/block/test/reserve_test.c
