# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/sched/thread.c kernel/sched/runq.c kernel/sched/turn.c kernel/sched/token.c kernel/sched/tick.c \
	kernel/sched/handoff.c kernel/sched/priority.c kernel/sched/statistics.c \
	kernel/sched/place.c kernel/sched/sched.c kernel/sched/wake.c kernel/sched/start.c \
	kernel/sched/load.c kernel/sched/account.c kernel/sched/wait.c kernel/sched/mutex.c \
	kernel/sched/rw_lock.c kernel/sched/work.c kernel/sched/futex.c \
	kernel/sched/ktest_crew.c kernel/sched/sched_ktest.c kernel/sched/preempt_ktest.c kernel/sched/token_ktest.c \
	kernel/sched/lock_ktest.c kernel/sched/futex_ktest.c kernel/sched/account_ktest.c

# Linked in debug builds only.
kernel-debug-sources += kernel/sched/lock_debug.c
kernel-sources += $(if $(filter debug,$(MODE)),kernel/sched/lock_debug.c)

sim-test-sources += kernel/sched/test/sched_test.c
