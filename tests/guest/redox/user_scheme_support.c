/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of user-served schemes share: user_scheme.h. */
#include "user_scheme.h"

int64_t provider_begin(const char *name)
{
	return EXPECT_SUCCESS(file_open(name, REDOX_O_CREAT | REDOX_O_RDWR | REDOX_O_CLOEXEC));
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

void client_end(int64_t pid)
{
	EXPECT_EQUAL(test_wait(pid), 0);
}
