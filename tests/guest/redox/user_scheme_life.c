/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes that processes serve: providers and clients that end, are killed, or misbehave.
 */
#include "user_scheme.h"

static const char *const opened_name = "life:x";

/* --- The socket. --- */

static unsigned opens_and_closes(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open(argument, 0));

	EXPECT_SUCCESS(file_close(fd));
	return 0;
}

TEST(user_scheme_life, packets_come_together_and_are_answered_in_any_order)
{
	int64_t socket = provider_begin(":life");
	struct redox_packet packets[4], last;
	int64_t clients[3];

	for (unsigned i = 0; i < 3; i++)
		clients[i] = client_begin(opens_and_closes, "life:x");
	for (unsigned i = 0; i < 3; i++)
		test_let_block();
	EXPECT_EQUAL(file_read(socket, packets, sizeof(packets)), 3 * sizeof(packets[0]));
	EXPECT(packets[0].id != packets[1].id && packets[1].id != packets[2].id);
	/* Backwards, two of them in one write. */
	last = packets[0];
	packets[0] = packets[2];
	packets[0].a = packets[1].a = 7;
	EXPECT_EQUAL(file_write(socket, packets, 2 * sizeof(packets[0]) + 8),
		     2 * sizeof(packets[0]));
	provider_expect(socket, REDOX_SYS_close, 0);
	provider_expect(socket, REDOX_SYS_close, 0);
	provider_answer(socket, &last, 8);
	provider_expect(socket, REDOX_SYS_close, 0);
	for (unsigned i = 0; i < 3; i++)
		client_end(clients[i]);
}

TEST(user_scheme_life, names_are_whole)
{
	const uint64_t flags = REDOX_O_CREAT | REDOX_O_RDWR;

	EXPECT_ERROR(syscall(open, ":life\0x", 7, flags), EINVAL);
	EXPECT_ERROR(syscall(open, ":life/x", 7, flags), EINVAL);
	EXPECT_ERROR(syscall(open, ":life:x", 7, flags), EINVAL);
	EXPECT_ERROR(file_open(opened_name, 0), ENODEV);
}

TEST(user_scheme_life, nonblocking_sockets)
{
	struct redox_packet packet;
	int64_t socket =
		EXPECT_SUCCESS(file_open(":life", REDOX_O_CREAT | REDOX_O_RDWR | REDOX_O_NONBLOCK));

	EXPECT_ERROR(file_read(socket, &packet, sizeof(packet)), EAGAIN);
	EXPECT_ERROR(file_read(socket, &packet, sizeof(packet) - 1), EINVAL);
	EXPECT_EQUAL(file_write(socket, &packet, sizeof(packet) - 1), 0);
}

TEST(user_scheme_life, sockets_tell_of_waiting_packets)
{
	int64_t socket = provider_begin(":life");
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	struct redox_event event;
	int64_t client;

	EXPECT_SUCCESS(event_subscribe(queue, (uint64_t)socket, REDOX_EVENT_READ, 5));
	client = client_begin(opens_and_closes, "life:x");
	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.id, socket);
	EXPECT_EQUAL(event.flags, REDOX_EVENT_READ);
	EXPECT_EQUAL(event.data, 5);
	provider_expect(socket, REDOX_SYS_open, 1);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

/* --- Events of files. --- */

static unsigned waits_for_events(void *argument)
{
	struct redox_event event;
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());

	(void)argument;
	EXPECT_SUCCESS(
		event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ | REDOX_EVENT_WRITE, 9));
	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.id, fd);
	EXPECT_EQUAL(event.flags, REDOX_EVENT_WRITE);
	EXPECT_EQUAL(event.data, 9);
	EXPECT_EQUAL(file_seek(fd, 0, 0), 0);
	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.flags, REDOX_EVENT_READ);
	return 0;
}

TEST(user_scheme_life, files_become_ready)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(waits_for_events, NULL);
	struct redox_packet packet;
	struct redox_packet report = {
		.a = REDOX_SYS_fevent,
		.b = 3,
		.c = REDOX_EVENT_READ,
	};

	provider_expect(socket, REDOX_SYS_open, 3);
	provider_take(socket, REDOX_SYS_fevent, &packet);
	EXPECT_EQUAL(packet.b, 3);
	EXPECT_EQUAL(packet.c, REDOX_EVENT_READ | REDOX_EVENT_WRITE);
	provider_answer(socket, &packet, REDOX_EVENT_WRITE);
	provider_expect(socket, REDOX_SYS_lseek, 0);
	test_let_block();
	EXPECT_EQUAL(file_write(socket, &report, sizeof(report)), sizeof(report));
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned is_refused_events(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	int64_t queue = EXPECT_SUCCESS(file_open("event:", REDOX_O_RDWR | REDOX_O_NONBLOCK));
	struct redox_event event;

	(void)argument;
	EXPECT_ERROR(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 1), EEXIST);
	EXPECT_ERROR(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 1), EINTR);
	EXPECT_SUCCESS(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 1));
	EXPECT_ERROR(file_read(queue, &event, sizeof(event)), EAGAIN);
	return 0;
}

TEST(user_scheme_life, subscriptions_may_fail)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(is_refused_events, NULL);

	provider_expect(socket, REDOX_SYS_open, 3);
	provider_expect(socket, REDOX_SYS_fevent, -EEXIST);
	provider_expect(socket, REDOX_SYS_fevent, -EINTR);
	provider_expect(socket, REDOX_SYS_fevent, 0);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned wants_more(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());

	(void)argument;
	EXPECT_SUCCESS(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 1));
	EXPECT_EQUAL(syscall(write2, fd, "x", 1, -1, REDOX_O_NONBLOCK), 1);
	return 0;
}

TEST(user_scheme_life, who_looks_once_ends_no_subscription)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(wants_more, NULL);
	struct redox_packet packet;

	provider_expect(socket, REDOX_SYS_open, 3);
	provider_expect(socket, REDOX_SYS_fevent, 0);
	provider_take(socket, REDOX_SYS_fevent, &packet);
	EXPECT_EQUAL(packet.c, REDOX_EVENT_READ | REDOX_EVENT_WRITE);
	provider_answer(socket, &packet, REDOX_EVENT_WRITE);
	provider_expect(socket, REDOX_SYS_write, 1);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned waits_for_the_end(void *argument)
{
	struct redox_event event;
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());

	(void)argument;
	EXPECT_SUCCESS(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 9));
	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.id, fd);
	return 0;
}

TEST(user_scheme_life, who_watches_hears_of_unmounting)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(waits_for_the_end, NULL);

	provider_expect(socket, REDOX_SYS_open, 3);
	provider_expect(socket, REDOX_SYS_fevent, 0);
	test_let_block();
	EXPECT_SUCCESS(path_unlink(":life"));
	client_end(client);
}

/* --- Maps. --- */

#define MAP_FLAGS (REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_SHARED)

static unsigned maps(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	volatile char *memory =
		(volatile char *)EXPECT_SUCCESS(memory_map(fd, 4096, 8192, MAP_FLAGS, 0));

	(void)argument;
	EXPECT_EQUAL(memory[0], 'a');
	EXPECT_EQUAL(memory[4096], 'b');
	memory[1] = 'c';
	EXPECT_EQUAL(file_seek(fd, 0, 0), 0);
	EXPECT_EQUAL(memory[2], 'd');
	EXPECT_SUCCESS(file_close(fd));
	EXPECT_EQUAL(memory[0], 'a');
	EXPECT_SUCCESS(memory_unmap((uint64_t)memory, 8192));
	return 0;
}

TEST(user_scheme_life, maps_are_shared_and_keep_the_file_open)
{
	int64_t socket = provider_begin(":life");
	volatile char *memory = (volatile char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, 3 * 4096, REDOX_PROT_READ | REDOX_PROT_WRITE, 0));
	struct redox_packet packet;
	struct redox_map map;
	int64_t client;

	memory[4096] = 'a';
	memory[8192] = 'b';
	client = client_begin(maps, NULL);
	provider_expect(socket, REDOX_SYS_open, 3);
	provider_take(socket, REDOX_SYS_fmap, &packet);
	memcpy(&map, (const void *)packet.c, sizeof(map));
	EXPECT_EQUAL(map.offset, 4096);
	EXPECT_EQUAL(map.size, 8192);
	EXPECT_EQUAL(map.flags, MAP_FLAGS);
	provider_answer(socket, &packet, (int64_t)(memory + 4096));
	provider_take(socket, REDOX_SYS_lseek, &packet);
	EXPECT_EQUAL(memory[4097], 'c');
	memory[4098] = 'd';
	provider_answer(socket, &packet, 0);
	/* No CLOSE comes before this. */
	provider_take(socket, REDOX_SYS_funmap, &packet);
	EXPECT_EQUAL(packet.b, memory + 4096);
	EXPECT_EQUAL(packet.c, 8192);
	EXPECT_EQUAL(process_wait(client, NULL, REDOX_WNOHANG), 0);
	provider_answer(socket, &packet, 0);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned maps_nonsense(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));

	for (unsigned i = 0; i < (uint64_t)argument; i++)
		EXPECT(memory_map(fd, 0, 8192, MAP_FLAGS, 0) < 0);
	return 0;
}

TEST(user_scheme_life, maps_of_wrong_addresses_fail)
{
	static const uint64_t addresses[] = {
		0,
		5,
		0x1000,
		0x7ffffffff000,
		0x800000000000,
		0xffff800000000000,
		0xfffffffffffff000,
	};
	uint64_t readable =
		(uint64_t)EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, 8192, REDOX_PROT_READ, 0));
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(maps_nonsense, (void *)(array_length(addresses) + 2));

	provider_expect(socket, REDOX_SYS_open, 3);
	for (unsigned i = 0; i < array_length(addresses); i++) {
		provider_expect(socket, REDOX_SYS_fmap, (int64_t)addresses[i]);
		provider_expect(socket, REDOX_SYS_funmap, 0);
	}
	/* Only for reading, and half of it unmapped. */
	provider_expect(socket, REDOX_SYS_fmap, (int64_t)readable);
	provider_expect(socket, REDOX_SYS_funmap, 0);
	provider_expect(socket, REDOX_SYS_fmap, (int64_t)readable + 4096);
	provider_expect(socket, REDOX_SYS_funmap, 0);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

/* --- Ends. --- */

static unsigned meets_the_end(void *argument)
{
	const uint64_t when = (uint64_t)argument;
	char byte = 0;
	int64_t fd = file_open("life:x", REDOX_O_RDWR);

	if (when == 0) {
		EXPECT_EQUAL(fd, -ENODEV);
		return 0;
	}
	EXPECT_SUCCESS(fd);
	if (when == 1)
		EXPECT_ERROR(file_read(fd, &byte, 1), ENODEV);
	while (file_seek(fd, 0, 0) == 0)
		;
	EXPECT_ERROR(file_seek(fd, 0, 0), ENODEV);
	EXPECT_ERROR(file_write(fd, &byte, 1), ENODEV);
	EXPECT_ERROR(file_open("life:x", REDOX_O_RDWR), ENODEV);
	file_close(fd);
	return 0;
}

TEST(user_scheme_life, clients_are_released_when_the_socket_closes)
{
	struct redox_packet packet;

	for (uint64_t when = 0; when < 2; when++) {
		for (unsigned taken = 0; taken < 2; taken++) {
			int64_t socket = provider_begin(":life");
			int64_t client = client_begin(meets_the_end, (void *)when);

			if (when)
				provider_expect(socket, REDOX_SYS_open, 1);
			if (taken)
				EXPECT_EQUAL(file_read(socket, &packet, sizeof(packet)),
					     sizeof(packet));
			else
				test_let_block();
			EXPECT_SUCCESS(file_close(socket));
			client_end(client);
		}
	}
}

/* Serves OPEN and then ends as `argument` says. */
static unsigned provides_and_ends(void *argument)
{
	const uint64_t how = (uint64_t)argument;
	int64_t socket = provider_begin(":life");
	struct redox_packet packet;

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_take(socket, REDOX_SYS_lseek, &packet);
	if (how == 1)
		provider_answer(socket, &packet, 0);
	if (how == 2)
		syscall(kill, process_id(), SIGSEGV);
	if (how == 3)
		test_exec_helper("life_helper", "");
	return 0;
}

TEST_HELPER(life_helper)
{
	(void)argument;
	return 0;
}

TEST(user_scheme_life, clients_outlive_providers)
{
	for (uint64_t how = 0; how < 4; how++) {
		int64_t provider = test_spawn(provides_and_ends, (void *)how);
		int64_t fd;
		char byte;

		while ((fd = file_open(opened_name, REDOX_O_RDWR)) == -ENODEV)
			process_yield();
		EXPECT_SUCCESS(fd);
		while (file_seek(fd, 0, 0) == 0)
			;
		EXPECT_ERROR(file_seek(fd, 0, 0), ENODEV);
		EXPECT_ERROR(file_read(fd, &byte, 1), ENODEV);
		EXPECT(memory_map(fd, 0, 4096, MAP_FLAGS, 0) < 0);
		file_close(fd);
		EXPECT_ERROR(file_open(opened_name, REDOX_O_RDWR), ENODEV);
		test_wait(provider);
	}
}

static unsigned opens_for_ever(void *argument)
{
	(void)argument;
	file_open("life:x", 0);
	return 1;
}

TEST(user_scheme_life, what_a_killed_client_opened_is_closed)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(opens_for_ever, NULL);
	struct redox_packet packet;

	provider_take(socket, REDOX_SYS_open, &packet);
	EXPECT_SUCCESS(signal_send(client, SIGKILL));
	EXPECT_EQUAL(status_signal(test_wait(client)), SIGKILL);
	provider_answer(socket, &packet, 33);
	provider_take(socket, REDOX_SYS_close, &packet);
	EXPECT_EQUAL(packet.b, 33);
	EXPECT_EQUAL(packet.pid, client);
	provider_answer(socket, &packet, 0);
	/* One that was never read is not there any more. */
	client = client_begin(opens_for_ever, NULL);
	test_let_block();
	EXPECT_SUCCESS(signal_send(client, SIGKILL));
	EXPECT_EQUAL(status_signal(test_wait(client)), SIGKILL);
	client = client_begin(opens_and_closes, "life:y");
	provider_take(socket, REDOX_SYS_open, &packet);
	EXPECT_EQUAL(packet.pid, client);
	provider_answer(socket, &packet, 1);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned exits_with_open_files(void *argument)
{
	EXPECT_SUCCESS(file_open(argument, 0));
	return 0;
}

TEST(user_scheme_life, nobody_waits_for_a_close_while_exiting)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(exits_with_open_files, "life:x");

	provider_expect(socket, REDOX_SYS_open, 1);
	client_end(client);
	provider_expect(socket, REDOX_SYS_close, 0);
}

TEST(user_scheme_life, unmounting)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(meets_the_end, (void *)2);
	struct redox_packet packet, other;

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_take(socket, REDOX_SYS_lseek, &packet);
	EXPECT_SUCCESS(path_unlink(":life"));
	EXPECT_EQUAL(file_read(socket, &other, sizeof(other)), 0);
	/* What was under way can still be answered. */
	provider_answer(socket, &packet, 0);
	client_end(client);
	EXPECT_EQUAL(file_read(socket, &other, sizeof(other)), 0);
	/* The name is free again. */
	EXPECT_SUCCESS(provider_begin(":life"));
}

/* --- Nonsense. --- */

static unsigned is_lied_to(void *argument)
{
	char buffer[16];
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));

	(void)argument;
	memset(buffer, 'o', sizeof(buffer));
	EXPECT(file_read(fd, buffer, 8) < 0);
	EXPECT(file_write(fd, buffer, 8) < 0);
	EXPECT(file_path(fd, buffer, 8) < 0);
	for (unsigned i = 0; i < sizeof(buffer); i++)
		EXPECT_EQUAL(buffer[i], 'o');
	EXPECT_EQUAL(file_seek(fd, 0, 0), 5);
	return 0;
}

TEST(user_scheme_life, nonsense_is_refused)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(is_lied_to, NULL);
	struct redox_packet packet, wrong = { .id = 0x1234567, .a = 1 };

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_expect(socket, REDOX_SYS_read, 9);
	provider_expect(socket, REDOX_SYS_write, 1 << 30);
	provider_expect(socket, REDOX_SYS_fpath, INT64_MAX - UINT32_MAX);
	provider_take(socket, REDOX_SYS_lseek, &packet);
	EXPECT_EQUAL(file_write(socket, &wrong, sizeof(wrong)), sizeof(wrong));
	wrong = (struct redox_packet){ .a = REDOX_SYS_close, .b = 1, .c = 3 };
	EXPECT_EQUAL(file_write(socket, &wrong, sizeof(wrong)), sizeof(wrong));
	wrong = (struct redox_packet){ .a = REDOX_SYS_fevent, .b = 999, .c = UINT64_MAX };
	EXPECT_EQUAL(file_write(socket, &wrong, sizeof(wrong)), sizeof(wrong));
	provider_answer(socket, &packet, 5);
	provider_answer(socket, &packet, 6);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
	provider_answer(socket, &packet, 6);
}

static unsigned writes_twice(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));

	(void)argument;
	EXPECT_EQUAL(file_write(fd, "one", 3), 3);
	EXPECT_EQUAL(file_write(fd, "two", 3), 3);
	return 0;
}

TEST(user_scheme_life, the_window_can_be_lost)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(writes_twice, NULL);
	struct redox_packet packet;

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_take(socket, REDOX_SYS_write, &packet);
	EXPECT(memcmp((const char *)packet.c, "one", 3) == 0);
	EXPECT_SUCCESS(memory_unmap(packet.c & ~(uint64_t)4095, 4096));
	provider_answer(socket, &packet, 3);
	provider_take(socket, REDOX_SYS_write, &packet);
	EXPECT(memcmp((const char *)packet.c, "two", 3) == 0);
	EXPECT_SUCCESS(memory_protect(packet.c & ~(uint64_t)4095, 4096, 0));
	provider_answer(socket, &packet, 3);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

#define LARGE (256 * 1024)

static unsigned writes_much(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("life:x", REDOX_O_RDWR));
	char *memory = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, LARGE, REDOX_PROT_READ | REDOX_PROT_WRITE, 0));

	(void)argument;
	memory[LARGE - 1] = 'z';
	EXPECT_EQUAL(file_write(fd, memory, LARGE), LARGE);
	return 0;
}

static unsigned reads_to_nowhere(void *argument)
{
	EXPECT_ERROR(file_read(*(int64_t *)argument, (void *)4096, sizeof(struct redox_packet)),
		     EFAULT);
	return 0;
}

TEST(user_scheme_life, packets_go_to_another_process)
{
	int64_t socket = provider_begin(":life");
	int64_t client = client_begin(writes_much, NULL);
	struct redox_packet packet;

	provider_expect(socket, REDOX_SYS_open, 1);
	test_let_block();
	EXPECT_EQUAL(test_run_child(reads_to_nowhere, &socket), 0);
	provider_take(socket, REDOX_SYS_write, &packet);
	EXPECT_EQUAL(((const char *)packet.c)[LARGE - 1], 'z');
	provider_answer(socket, &packet, LARGE);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned asks_itself(void *argument)
{
	int64_t socket = provider_begin(":self");

	(void)argument;
	(void)socket;
	file_open("self:x", 0);
	return 1;
}

TEST(user_scheme_life, who_asks_itself_can_be_killed)
{
	int64_t pid = test_spawn(asks_itself, NULL);

	test_let_block();
	EXPECT_SUCCESS(signal_send(pid, SIGKILL));
	EXPECT_EQUAL(status_signal(test_wait(pid)), SIGKILL);
	EXPECT_ERROR(file_open("self:x", 0), ENODEV);
}
