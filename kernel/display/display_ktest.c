/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Displays in memory, which come, change and go under an owner that notes what it is told. */
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <display/display.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>
#include <time/clock.h>

#define SIDE    64
#define SIDES   2 /* as large after the mode changed */
#define PATIENT (5 * NS_PER_SECOND)

/* What the owner heard, a letter each: changed, hidden, shown. */
static char heard[32];
static bool refuse;
static uint32_t *memory;

static void hear(char what)
{
	size_t length = strlen(heard);

	if (length + 1 < sizeof(heard)) {
		heard[length] = what;
		heard[length + 1] = '\0';
	}
}

static void hear_changed(void)
{
	hear('c');
}

static void hear_hidden(void)
{
	hear('h');
}

static void hear_shown(void)
{
	hear('s');
}

static const struct display_owner listener = { hear_changed, hear_hidden, hear_shown };

static int set_mode(struct display *display, unsigned index)
{
	if (refuse)
		return -EIO;
	display->framebuffer.width = display->modes[index].width;
	display->framebuffer.height = display->modes[index].height;
	display->framebuffer.stride = display->modes[index].width * 4;
	return 0;
}

static const struct display_ops fixed_ops;
static const struct display_ops flexible_ops = { .set_mode = set_mode };

static struct display make_display(const struct display_ops *ops)
{
	return (struct display){
		.name = "test",
		.ops = ops,
		.framebuffer = { (uint8_t *)memory, SIDE, SIDE, SIDE * 4, false },
		.mode_count = 2,
		.modes = { { SIDE, SIDE }, { SIDES * SIDE, SIDES * SIDE } },
	};
}

/* Becomes the owner; returns who was it. */
static const struct display_owner *begin(void)
{
	const struct display_owner *before = display_owner();

	memory = kernel_vmalloc(SIDES * SIDE * SIDES * SIDE * sizeof(*memory));
	ktest_expect(memory != NULL);
	refuse = false;
	display_set_owner(&listener);
	heard[0] = '\0';
	return before;
}

static void end(const struct display_owner *before)
{
	heard[0] = '\0';
	display_set_owner(before);
	ktest_expect(strcmp(heard, "h") == 0);
	ktest_expect(display_owner() == before);
	kernel_vfree(memory);
}

KTEST(display, comes_and_goes)
{
	const struct display_owner *before = begin();
	unsigned count = display_count();
	struct display display = make_display(&fixed_ops), *found;

	ktest_expect(display_add(&display) == 0);
	ktest_expect(strcmp(heard, "c") == 0);
	ktest_expect(display_count() == count + 1);
	found = display_get(display.number);
	ktest_expect(found == &display);
	display_put(found);
	display_remove(&display);
	ktest_expect(display.lost && display_count() == count);
	ktest_expect(strcmp(heard, "cc") == 0);
	ktest_expect(display_get(display.number) == NULL);
	end(before);
}

KTEST(display, refuses_nonsense)
{
	const struct display_owner *before = begin();
	struct display display = make_display(&fixed_ops);

	display.framebuffer.stride = SIDE * 4 - 4;
	ktest_expect(display_add(&display) == -EINVAL);
	display = make_display(&fixed_ops);
	display.framebuffer.width = 0;
	ktest_expect(display_add(&display) == -EINVAL);
	display = make_display(&fixed_ops);
	display.framebuffer.pixels = NULL;
	ktest_expect(display_add(&display) == -EINVAL);
	display = make_display(&fixed_ops);
	display.mode_count = 0;
	ktest_expect(display_add(&display) == -EINVAL);
	display = make_display(&fixed_ops);
	display.mode = 2;
	ktest_expect(display_add(&display) == -EINVAL);
	ktest_expect(heard[0] == '\0');
	end(before);
}

KTEST(display, is_full_one_day)
{
	static struct display displays[DISPLAY_MAX + 1];
	const struct display_owner *before = begin();
	unsigned added = 0, free = DISPLAY_MAX - display_count();

	while (added < DISPLAY_MAX + 1) {
		displays[added] = make_display(&fixed_ops);
		if (display_add(&displays[added]))
			break;
		added++;
	}
	ktest_expect(added == free);
	/* The number of one that goes is the next one's. */
	if (added > 1) {
		unsigned number = displays[0].number;

		display_remove(&displays[0]);
		displays[0] = make_display(&fixed_ops);
		ktest_expect(display_add(&displays[0]) == 0);
		ktest_expect(displays[0].number == number);
	}
	while (added > 0)
		display_remove(&displays[--added]);
	end(before);
}

KTEST(display, changes_its_mode)
{
	const struct display_owner *before = begin();
	struct display display = make_display(&flexible_ops);

	ktest_expect(display_add(&display) == 0);
	heard[0] = '\0';
	ktest_expect(display_set_mode(&display, 1) == 0);
	ktest_expect(display.framebuffer.width == SIDES * SIDE && display.mode == 1);
	ktest_expect(strcmp(heard, "hcs") == 0);
	/* The same again is nothing. */
	ktest_expect(display_set_mode(&display, 1) == 0);
	ktest_expect(strcmp(heard, "hcs") == 0);
	ktest_expect(display_set_mode(&display, 2) == -EINVAL);
	refuse = true;
	ktest_expect(display_set_mode(&display, 0) == -EIO);
	ktest_expect(display.mode == 1 && display.framebuffer.width == SIDES * SIDE);
	display_remove(&display);
	ktest_expect(display_set_mode(&display, 0) == -ENODEV);
	end(before);
}

KTEST(display, gets_other_modes)
{
	static const struct display_mode other[] = { { 32, 32 }, { 48, 40 } };
	const struct display_owner *before = begin();
	struct display display = make_display(&flexible_ops);

	ktest_expect(display_add(&display) == 0);
	display_modes_changed(&display, other, 2, 1);
	ktest_expect(display.framebuffer.width == 48 && display.mode == 1);
	/* What it had stays possible. */
	ktest_expect(display.mode_count == 3 && display.modes[2].width == SIDE);
	ktest_expect(display_set_mode(&display, 2) == 0);
	/* Nonsense changes nothing. */
	display_modes_changed(&display, other, 0, 0);
	display_modes_changed(&display, other, 2, 2);
	ktest_expect(display.mode_count == 3);
	display_remove(&display);
	end(before);
}

KTEST(display, full_list_of_modes)
{
	struct display_mode many[DISPLAY_MODES_MAX];
	const struct display_owner *before = begin();
	struct display display = make_display(&flexible_ops);

	for (uint32_t i = 0; i < DISPLAY_MODES_MAX; i++)
		many[i] = (struct display_mode){ 1 + i, 2 };
	ktest_expect(display_add(&display) == 0);
	refuse = true;
	display_modes_changed(&display, many, DISPLAY_MODES_MAX, DISPLAY_MODES_MAX - 1);
	ktest_expect(display.mode_count == DISPLAY_MODES_MAX);
	ktest_expect(display.modes[display.mode].width == SIDE);
	ktest_expect(display.modes[DISPLAY_MODES_MAX - 1].width == DISPLAY_MODES_MAX);
	display_remove(&display);
	end(before);
}

KTEST(display, owner_changes_soon)
{
	const struct display_owner *before = begin();
	uint64_t deadline = clock_deadline_after(PATIENT);

	display_set_owner_soon(before);
	while (display_owner() != before && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	ktest_expect(display_owner() == before);
	ktest_expect(strcmp(heard, "h") == 0);
	display_set_owner(&listener);
	end(before);
}

/* One that is pulled out while it sleeps does not keep the others dark. */
KTEST(display, leaves_asleep)
{
	const struct display_owner *before = begin();
	struct display one = make_display(&flexible_ops), two = make_display(&fixed_ops);

	ktest_expect(display_add(&one) == 0 && display_add(&two) == 0);
	display_suspend(&one);
	heard[0] = '\0';
	display_remove(&one);
	ktest_expect(strcmp(heard, "cs") == 0);
	ktest_expect(display_set_mode(&two, 0) == 0);
	display_remove(&two);
	end(before);
}

/* Whatever happens meanwhile, nobody draws before the last one is awake. */
KTEST(display, sleeps_and_wakes)
{
	const struct display_owner *before = begin();
	struct display one = make_display(&flexible_ops), two = make_display(&fixed_ops);

	ktest_expect(display_add(&one) == 0 && display_add(&two) == 0);
	heard[0] = '\0';
	display_suspend(&one);
	ktest_expect(strcmp(heard, "h") == 0);
	display_suspend(&two);
	ktest_expect(strcmp(heard, "h") == 0);
	ktest_expect(display_set_mode(&one, 1) == -EAGAIN);
	display_resume(&one);
	ktest_expect(strcmp(heard, "hc") == 0);
	display_set_owner(before);
	display_set_owner(&listener);
	ktest_expect(strcmp(heard, "hcc") == 0);
	display_resume(&two);
	ktest_expect(strcmp(heard, "hcccs") == 0);
	ktest_expect(display_set_mode(&one, 1) == 0);
	display_remove(&one);
	display_remove(&two);
	end(before);
}
