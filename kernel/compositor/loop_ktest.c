/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's rounds: when the host is called, a frame is drawn, it rests, and a mode is another. */
#include "memory_display_ktest.h"

#include <core/ktest.h>
#include <sched/thread.h>
#include <time/clock.h>

static unsigned prepared, told;
static struct canvas canvas;

static uint64_t prepare(uint64_t now_ns)
{
	(void)now_ns;
	prepared++;
	return DEADLINE_NEVER;
}

static void displays_changed(void)
{
	told++;
}

static const struct compositor_host host = { .prepare = prepare,
					     .displays_changed = displays_changed };

static void start(struct loop *loop)
{
	struct blend_rectangle area = memory_display_area();

	*loop = (struct loop){ .host = &host, .ops = blend_best() };
	prepared = told = 0;
	canvas = (struct canvas){ .x = area.left + 3,
				  .y = 4,
				  .width = 60,
				  .height = 60,
				  .colour = 0xff336699,
				  .alpha = 255 };
	canvas_show(&canvas, NULL);
}

static uint64_t frames(void)
{
	return compositor_statistics.frames;
}

static void pace(void)
{
	struct loop loop;
	uint64_t before = frames();

	start(&loop);
	/* The first frame at once. */
	ktest_expect(loop_run_round(&loop, WAKE_DAMAGE) == DEADLINE_NEVER);
	ktest_expect(frames() == before + 1 && prepared == 1);
	ktest_expect(memory_display_count_wrong() == 0);
	/* In the same sixtieth of a second none, though the host is called. */
	loop.frame_at = clock_deadline_after(20 * NS_PER_MILLISECOND);
	canvas_damage_soon(&canvas, blend_rectangle(0, 0, 10, 10));
	ktest_expect(loop_run_round(&loop, WAKE_DAMAGE) == loop.frame_at && prepared == 1);
	ktest_expect(loop_run_round(&loop, WAKE_HOST) == loop.frame_at && prepared == 2);
	ktest_expect(frames() == before + 1);
	thread_sleep_until(loop.frame_at);
	ktest_expect(loop_run_round(&loop, 0) == DEADLINE_NEVER && prepared == 2);
	ktest_expect(frames() == before + 2);
	/* Nothing changed: nothing is drawn. */
	thread_sleep_until(loop.frame_at);
	ktest_expect(loop_run_round(&loop, 0) == DEADLINE_NEVER);
	ktest_expect(frames() == before + 2);
	canvas_hide(&canvas);
}

KTEST(compositor, frames_are_paced)
{
	memory_display_run(pace);
}

static uint64_t prepare_slowly(uint64_t now_ns)
{
	while (clock_monotonic_ns() < now_ns + 2 * NS_PER_MILLISECOND)
		;
	return DEADLINE_NEVER;
}

static void rest(void)
{
	static const struct compositor_host slow = { .prepare = prepare_slowly,
						     .displays_changed = displays_changed };
	struct loop loop;

	start(&loop);
	loop_run_round(&loop, WAKE_HOST);
	loop.host = &slow;
	/* Whether a frame is due or nothing is to be drawn. */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t begin = clock_monotonic_ns();

		loop.frame_at = i ? 0 : clock_deadline_after(NS_PER_SECOND);
		loop_run_round(&loop, WAKE_HOST);
		ktest_expect(loop.rests_until >= begin + 4 * NS_PER_MILLISECOND);
		ktest_expect(loop.rests_until <= clock_monotonic_ns() + COMPOSITOR_FRAME_NS);
	}
	canvas_hide(&canvas);
}

KTEST(compositor, rests_after_its_host)
{
	memory_display_run(rest);
}

static void change_mode(void)
{
	struct blend_rectangle area;
	struct loop loop;
	uint64_t written;

	start(&loop);
	mutex_unlock(&compositor_lock);
	memory_display_set_mode(1);
	mutex_lock(&compositor_lock);
	/* The loop has not heard of it: nothing is drawn in the old size. */
	written = memory_flushed;
	plane_draw(loop.ops);
	ktest_expect(memory_flushed == written);
	loop_run_round(&loop, WAKE_DISPLAYS);
	area = memory_display_area();
	ktest_expect(told == 1);
	ktest_expect(area.right - area.left == MEMORY_SMALL_WIDTH);
	ktest_expect(area.bottom - area.top == MEMORY_SMALL_HEIGHT);
	ktest_expect(memory_flushed - written == MEMORY_SMALL_WIDTH * MEMORY_SMALL_HEIGHT);
	ktest_expect(memory_display_count_wrong() == 0);
	canvas_hide(&canvas);
}

KTEST(compositor, modes_change)
{
	memory_display_run(change_mode);
}
