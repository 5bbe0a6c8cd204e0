# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/sched/, \
	thread.c runq.c turn.c token.c tick.c handoff.c priority.c place.c sched.c wake.c start.c \
	load.c account.c statistics.c spare.c hotplug.c \
	wait.c mutex.c rw_lock.c work.c futex.c blocked.c lockup.c diagnose.c)

kernel-sources += $(addprefix kernel/sched/, \
	ktest_crew.c sched_ktest.c preempt_ktest.c token_ktest.c lock_ktest.c futex_ktest.c \
	account_ktest.c call_ktest.c hotplug_ktest.c handover_ktest.c)

kernel-sources += $(addprefix kernel/sched/, inherit.c inherit_ktest.c policy_ktest.c)

# Linked in debug builds only.
sched-debug-sources := $(addprefix kernel/sched/, lock_debug.c mutex_debug.c provoke.c)
kernel-debug-sources += $(sched-debug-sources)
kernel-sources += $(if $(filter debug,$(MODE)),$(sched-debug-sources))

sim-test-sources += kernel/sched/test/sched_test.c kernel/sched/test/lock_test.c

kernel-sources += kernel/sched/idle.c kernel/sched/idle_choose.c
