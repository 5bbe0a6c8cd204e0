/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misdeeds with time: loops in each thread, requests that are never completed, words without end. */
#include "hostile.h"

static int do_loop(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile, (void)request;
	loop_for_ever();
	return 0;
}

/* All requests wait, and what is called then does nothing. */
static int do_nothing(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile, (void)request;
	return 0;
}

static int do_sleep(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile, (void)request;
	ddk_sleep(3600 * DDK_SECOND);
	return 0;
}

static int do_talk(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	for (unsigned i = 0;; i++)
		ddk_error(hostile->device, "word %u of very many that nobody wants to read", i);
	return 0;
}

/* Holds what the interrupt handler wants, and sleeps. */
static int do_hold_lock(struct hostile *hostile, struct ddk_disk_request *request)
{
	static struct ddk_lock lock;

	(void)hostile, (void)request;
	ddk_lock_init(&lock, "held");
	ddk_lock_acquire(&lock);
	ddk_lock_acquire(&lock);
	return 0;
}

const struct misdeed wait_misdeeds[] = {
	{ "loop-probe", IN_PROBE, do_loop },
	{ "loop-submit", IN_SUBMIT, do_loop },
	{ "loop-interrupt", IN_INTERRUPT, do_loop },
	{ "loop-work", IN_WORK, do_loop },
	{ "loop-remove", IN_REMOVE, do_loop },
	{ "never", IN_TIMED_OUT, do_nothing },
	{ "loop-timed-out", IN_TIMED_OUT, do_loop },
	{ "sleep-submit", IN_SUBMIT, do_sleep },
	{ "hold-lock", IN_SUBMIT, do_hold_lock },
	{ "talk", IN_WORK, do_talk },
	{ 0 },
};
