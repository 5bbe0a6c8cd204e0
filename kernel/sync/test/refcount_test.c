/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference counts: the last put, look-ups of dying objects, saturation. */
#include "sim_test.h"

#include <core/panic.h>
#include <sync/refcount.h>

UNIT_TEST(refcount, last_put)
{
	struct refcount count = REFCOUNT_INIT(1);

	sim_start(&(struct sim_configuration){ .cpus = 1 });
	refcount_get(&count);
	EXPECT(!refcount_put(&count));
	EXPECT(refcount_put(&count));
	EXPECT(!refcount_try_get(&count));
	EXPECT_EQUAL(refcount_read(&count), 0);
}

UNIT_TEST(refcount, last_one_is_kept)
{
	struct refcount count = REFCOUNT_INIT(2);

	sim_start(&(struct sim_configuration){ .cpus = 1 });
	EXPECT(refcount_put_if_not_last(&count));
	EXPECT(!refcount_put_if_not_last(&count));
	EXPECT_EQUAL(refcount_read(&count), 1);
	EXPECT(refcount_put(&count));
}

UNIT_TEST(refcount, saturates)
{
	struct refcount count;
	uint32_t pinned;

	sim_start(&(struct sim_configuration){ .cpus = 1 });
	refcount_init(&count, 0x7ffffffe);
	refcount_get(&count);
	refcount_get(&count);
	refcount_get(&count);
	pinned = refcount_read(&count);
	EXPECT(pinned > 0x80000000u);
	for (int i = 0; i < 10; i++) {
		EXPECT(!refcount_put(&count));
		EXPECT(refcount_try_get(&count));
		refcount_get(&count);
	}
	EXPECT_EQUAL(refcount_read(&count), pinned);
}

static void put_too_often(void)
{
	struct refcount count = REFCOUNT_INIT(1);

	EXPECT(refcount_put(&count));
	EXPECT(refcount_put(&count));
}

static void get_dead(void)
{
	struct refcount count = REFCOUNT_INIT(0);

	refcount_get(&count);
}

UNIT_TEST(refcount, misuse)
{
	sim_start(&(struct sim_configuration){ .cpus = 1 });
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	EXPECT_PANIC(put_too_often, "assertion failed: old != 0");
	EXPECT_PANIC(get_dead, "assertion failed: old != 0");
}
