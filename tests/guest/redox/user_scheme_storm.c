/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many clients of a scheme whose socket several processes share. Every other client is killed while
 * it is at it; the others get what is theirs.
 */
#include "user_scheme.h"

#define SERVERS 3
#define CLIENTS 8
#define WAVES   5
#define ROUNDS  40
#define SMALL   6000
#define LARGE   (160 * 1024) /* more than has room in the window */

static bool is_filled(const char *bytes, uint64_t length, char with)
{
	for (uint64_t i = 0; i < length; i++) {
		if (bytes[i] != with)
			return false;
	}
	return true;
}

/* Files are full of their number, and take nothing else. */
static int64_t serve(const struct redox_packet *packet)
{
	switch (packet->a) {
	case REDOX_SYS_open:
		return (int64_t)packet->pid % 100 + 1;
	case REDOX_SYS_read:
		memset((char *)packet->c, (char)packet->b, packet->d);
		return (int64_t)packet->d;
	case REDOX_SYS_write:
		if (!is_filled((const char *)packet->c, packet->d, (char)packet->b))
			return -EIO;
		return (int64_t)packet->d;
	default:
		return 0;
	}
}

static unsigned run_server(void *argument)
{
	const int64_t socket = *(const int64_t *)argument;
	struct redox_packet packets[4];
	int64_t size;

	while ((size = file_read(socket, packets, sizeof(packets))) > 0) {
		for (size_t i = 0; i < (size_t)size / sizeof(packets[0]); i++)
			packets[i].a = (uint64_t)serve(&packets[i]);
		EXPECT_EQUAL(file_write(socket, packets, (size_t)size), size);
	}
	EXPECT_EQUAL(size, 0);
	return 0;
}

static unsigned transfers(void *argument)
{
	const bool for_ever = *(const bool *)argument;
	const char mine = (char)(process_id() % 100 + 1);
	char *memory = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, LARGE + 1, REDOX_PROT_READ | REDOX_PROT_WRITE, 0));

	for (unsigned round = 0; for_ever || round < ROUNDS; round++) {
		const uint64_t length = round % 8 ? SMALL : LARGE;
		int64_t fd = EXPECT_SUCCESS(file_open("storm:x", REDOX_O_RDWR));

		memset(memory, 0, length + 1);
		EXPECT_EQUAL(file_read(fd, memory, length), length);
		EXPECT(is_filled(memory, length, mine) && memory[length] == 0);
		EXPECT_EQUAL(file_write(fd, memory, length), length);
		EXPECT_SUCCESS(file_close(fd));
	}
	return 0;
}

TEST_SLOW(user_scheme_storm, many_clients_of_many_servers, 120)
{
	int64_t socket = provider_begin(":storm");
	int64_t servers[SERVERS], clients[CLIENTS];

	for (unsigned i = 0; i < SERVERS; i++)
		servers[i] = test_spawn(run_server, &socket);
	for (unsigned wave = 0; wave < WAVES; wave++) {
		for (unsigned i = 0; i < CLIENTS; i++) {
			bool for_ever = i % 2;

			clients[i] = client_begin(transfers, &for_ever);
		}
		for (unsigned i = 0; i < CLIENTS; i += 2) {
			client_end(clients[i]);
			EXPECT_SUCCESS(signal_send(clients[i + 1], SIGKILL));
			EXPECT_EQUAL(status_signal(test_wait(clients[i + 1])), SIGKILL);
		}
	}
	EXPECT_SUCCESS(path_unlink(":storm"));
	for (unsigned i = 0; i < SERVERS; i++)
		client_end(servers[i]);
}
