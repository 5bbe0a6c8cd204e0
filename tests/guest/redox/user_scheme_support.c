/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of user-served schemes share: user_scheme.h. */
#include "user_scheme.h"

static int64_t served = -1; /* the last socket */

int64_t provider_begin(const char *name)
{
	served = EXPECT_SUCCESS(file_open(name, REDOX_O_CREAT | REDOX_O_RDWR | REDOX_O_CLOEXEC));
	return served;
}

void provider_take(int64_t socket, uint64_t call, struct redox_packet *packet)
{
	EXPECT_EQUAL(file_read(socket, packet, sizeof(*packet)), sizeof(*packet));
	EXPECT_EQUAL(packet->a, call);
	EXPECT(packet->id != 0);
}

void provider_answer(int64_t socket, struct redox_packet *packet, int64_t result)
{
	packet->a = (uint64_t)result;
	EXPECT_EQUAL(file_write(socket, packet, sizeof(*packet)), sizeof(*packet));
}

void provider_expect(int64_t socket, uint64_t call, int64_t result)
{
	struct redox_packet packet;

	provider_take(socket, call, &packet);
	provider_answer(socket, &packet, result);
}

struct start {
	unsigned (*run)(void *);
	const void *argument;
};

static unsigned run_client(void *argument)
{
	const struct start *start = argument;

	EXPECT_SUCCESS(file_close(served));
	return start->run((void *)(uint64_t)start->argument);
}

int64_t client_begin(unsigned (*run)(void *), const void *argument)
{
	struct start start = { run, argument };

	return test_spawn(run_client, &start);
}

void client_end(int64_t pid)
{
	EXPECT_EQUAL(test_wait(pid), 0);
}
