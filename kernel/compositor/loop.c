/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop: sleeps until somebody wants something, lets the host prepare, and draws, at most once
 * in COMPOSITOR_FRAME_NS.
 *
 * Its thread is a real-time one, so that no program delays it. To leave others some time where
 * drawing is slow, it rests after a frame for at least a quarter of the time that it took, and after
 * what else it does in a round for as long as that took: any program can ask for that at any time.
 */
#include "compositor_priv.h"

#include <base/errno.h>
#include <core/command_line.h>
#include <core/log.h>
#include <display/display.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <stdatomic.h>
#include <time/clock.h>

#define REALTIME_PRIORITY 50
#define REST_LEAST_NS     10000 /* a shorter one costs more than it leaves */

static struct wait_queue queue;
/* What the loop has not seen yet; atomic: set in any context. */
static _Atomic unsigned reasons;
/* When the first of them came. */
static _Atomic uint64_t woken_at;
/* The loop will draw at a certain time, so damage need not wake it; atomic: read in any context. */
static _Atomic bool frame_is_due;

struct compositor_statistics compositor_statistics;

static void wake(unsigned reason)
{
	unsigned before = atomic_fetch_or(&reasons, reason);

	if (!before)
		woken_at = clock_monotonic_ns();
	if (!(before & reason))
		wait_wake(&queue);
}

void compositor_wake(void)
{
	wake(WAKE_HOST);
}

void loop_wake_for_damage(void)
{
	if (!frame_is_due)
		wake(WAKE_DAMAGE);
}

void compositor_read_statistics(struct compositor_statistics *statistics)
{
	mutex_lock(&compositor_lock);
	*statistics = compositor_statistics;
	mutex_unlock(&compositor_lock);
}

bool compositor_is_wanted(void)
{
	char value[8];

	if (command_line_get("desktop", value, sizeof(value)) && value[0] == 'n')
		return false;
	return display_count() > 0;
}

/* --- the owner of the displays --- */

static void displays_changed(void)
{
	wake(WAKE_DISPLAYS);
}

static void hidden(void)
{
	mutex_lock(&compositor_lock);
	plane_set_visible(false);
	mutex_unlock(&compositor_lock);
}

static void shown(void)
{
	mutex_lock(&compositor_lock);
	plane_set_visible(true);
	mutex_unlock(&compositor_lock);
	wake(WAKE_DAMAGE);
}

const struct display_owner compositor_display_owner = {
	.changed = displays_changed,
	.hidden = hidden,
	.shown = shown,
};

/* --- rounds --- */

/* `since`: from when on the frame could have been drawn. */
static void draw_frame(struct loop *loop, uint64_t since)
{
	uint64_t begin = clock_monotonic_ns(), taken;

	plane_draw(loop->ops);
	taken = clock_monotonic_ns() - begin;
	loop->frame_at = begin + max_u64(COMPOSITOR_FRAME_NS, taken + taken / 4);
	compositor_statistics.frames++;
	compositor_statistics.draw_ns += taken;
	compositor_statistics.longest_ns = max_u64(compositor_statistics.longest_ns, taken);
	if (begin > since + COMPOSITOR_FRAME_NS)
		compositor_statistics.late_frames++;
}

/* What is done so far in the round that began at `begin` is no frame. */
static void begin_rest(struct loop *loop, uint64_t begin)
{
	uint64_t end = clock_monotonic_ns();

	loop->rests_until = end + min_u64(end - begin, COMPOSITOR_FRAME_NS);
}

uint64_t loop_run_round(struct loop *loop, unsigned why)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t since = why ? woken_at : now >= loop->host_at ? loop->host_at : 0;

	compositor_statistics.rounds++;
	if (why & WAKE_DISPLAYS) {
		compositor_read_displays();
		loop->host->displays_changed();
	}
	if ((why & (WAKE_HOST | WAKE_DISPLAYS)) || now >= loop->host_at)
		loop->host_at = loop->host->prepare(now);
	if (now < loop->frame_at) {
		begin_rest(loop, now);
		/* It may be due no more. What is told between the question and the answer wakes the
		 * loop once more. */
		frame_is_due = false;
		frame_is_due = plane_is_damaged() || table_has_pending();
		return frame_is_due ? loop->frame_at : DEADLINE_NEVER;
	}
	frame_is_due = false;
	table_take_pending();
	begin_rest(loop, now);
	if (plane_is_damaged())
		draw_frame(loop, max_u64(since, loop->frame_at));
	return DEADLINE_NEVER;
}

static _Noreturn void run(struct loop *loop)
{
	struct waiter waiter;

	wait_begin(&queue, &waiter);
	for (;;) {
		unsigned why = atomic_exchange(&reasons, 0);
		uint64_t draw_at;

		mutex_lock(&compositor_lock);
		draw_at = loop_run_round(loop, why);
		mutex_unlock(&compositor_lock);
		if (loop->rests_until > clock_monotonic_ns() + REST_LEAST_NS)
			thread_sleep_until(loop->rests_until);
		/* Woken or not, the next round finds out what there is to do. */
		(void)!wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, min_u64(draw_at, loop->host_at));
	}
}

void loop_init(void)
{
	wait_queue_init(&queue, "compositor");
}

int compositor_run(const struct compositor_host *host)
{
	static const struct thread_scheduling scheduling = {
		.policy = THREAD_POLICY_ROUND_ROBIN,
		.realtime_priority = REALTIME_PRIORITY,
	};
	struct loop loop = { .host = host };
	int error;

	if (!compositor_is_wanted())
		return -ENODEV;
	error = thread_use_vectors();
	if (error)
		return error;
	thread_set_scheduling(thread_current(), &scheduling);
	loop.ops = blend_best();
	log_info("compositor", "draws with %s on %u displays", loop.ops->name, display_count());
	display_set_owner(&compositor_display_owner);
	run(&loop);
}
