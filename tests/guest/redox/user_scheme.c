/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes that processes serve: the root scheme, every request and its answer. */
#include "user_scheme.h"

#include <cryptos/scheme.h>

/* --- The root scheme. --- */

static bool lists(const char *name)
{
	char text[4096], wanted[64];
	int64_t listing = EXPECT_SUCCESS(file_open(":", REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(file_read_whole(listing, text, sizeof(text) - 1));
	const char *line = text;
	bool found = false;

	text[length] = '\0';
	EXPECT_SUCCESS(file_close(listing));
	snprintf(wanted, sizeof(wanted), "%s\n", name);
	while (*line) {
		if (strncmp(line, wanted, strlen(wanted)) == 0)
			found = true;
		while (*line && *line++ != '\n')
			;
	}
	return found;
}

TEST(user_scheme, root_lists_and_registers)
{
	struct redox_packet packet;
	struct redox_stat status;
	char name[32];
	int64_t listing, socket;

	EXPECT(lists("file"));
	EXPECT(!lists("made"));
	socket = provider_begin(":made");
	EXPECT(lists("made"));
	EXPECT_EQUAL(file_path(socket, name, sizeof(name)), 5);
	EXPECT(memcmp(name, ":made", 5) == 0);
	EXPECT_ERROR(file_open(":made", REDOX_O_CREAT | REDOX_O_RDWR), EEXIST);
	EXPECT_ERROR(file_open(":file", REDOX_O_CREAT | REDOX_O_RDWR), EEXIST);
	EXPECT_ERROR(file_seek(socket, 0, 0), ESPIPE);
	listing = EXPECT_SUCCESS(file_open(":", REDOX_O_RDONLY));
	EXPECT_EQUAL(file_path(listing, name, sizeof(name)), 1);
	EXPECT_EQUAL(name[0], ':');
	EXPECT_SUCCESS(file_status(listing, &status));
	EXPECT_EQUAL(status.mode & 0xf000, 0x4000);
	EXPECT_ERROR(path_unlink(":nothing"), ENOENT);
	EXPECT_SUCCESS(path_unlink(":made"));
	EXPECT(!lists("made"));
	EXPECT_ERROR(file_open("made:x", 0), ENODEV);
	EXPECT_ERROR(path_unlink(":made"), ENOENT);
	EXPECT_EQUAL(file_read(socket, &packet, sizeof(packet)), 0);
}

static unsigned user_registers(void *argument)
{
	(void)argument;
	test_become_user(1000);
	EXPECT_ERROR(file_open(":mine", REDOX_O_CREAT | REDOX_O_RDWR), EACCES);
	EXPECT_ERROR(path_unlink(":file"), EACCES);
	EXPECT_SUCCESS(file_open(":", REDOX_O_RDONLY));
	return 0;
}

TEST(user_scheme, only_root_registers)
{
	EXPECT_EQUAL(test_run_child(user_registers, NULL), 0);
}

/* --- Requests. --- */

static unsigned calls_everything(void *argument)
{
	struct redox_timespec times[2] = { { .seconds = 5 }, { .seconds = 6, .nanoseconds = 7 } };
	struct redox_statvfs system;
	struct redox_stat status;
	char buffer[64];
	int64_t fd, other;

	(void)argument;
	process_umask(022);
	fd = EXPECT_SUCCESS(
		file_open("all:/some//./path/../file", REDOX_O_RDWR | REDOX_O_CREAT | 0666));
	EXPECT_EQUAL(file_write(fd, "written", 7), 7);
	EXPECT_EQUAL(file_read(fd, buffer, 10), 4);
	EXPECT(memcmp(buffer, "read", 4) == 0);
	EXPECT_EQUAL(file_seek(fd, -3, REDOX_SEEK_END), 0x123456789);
	EXPECT_EQUAL(file_path(fd, buffer, sizeof(buffer)), 8);
	EXPECT(memcmp(buffer, "all:file", 8) == 0);
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.size, 99);
	EXPECT(status.device != 0);
	EXPECT_SUCCESS(file_system_status(fd, &system));
	EXPECT_EQUAL(system.free_blocks, 17);
	EXPECT_EQUAL(file_synchronise(fd), 3);
	EXPECT_SUCCESS(file_truncate(fd, 1000));
	EXPECT_SUCCESS(file_change_mode(fd, 0640));
	EXPECT_SUCCESS(file_change_owner(fd, 12, UINT32_MAX));
	EXPECT_SUCCESS(file_change_times(fd, times));
	EXPECT_SUCCESS(file_rename(fd, "all:/new/name"));
	EXPECT_ERROR(file_control(fd, 99, 5), EPERM);
	other = EXPECT_SUCCESS(file_duplicate(fd, "like this"));
	EXPECT(other != fd);
	EXPECT_SUCCESS(file_close(other));
	EXPECT_SUCCESS(file_close(fd));
	EXPECT_EQUAL(path_change_mode("all:x", 0711), 1);
	EXPECT_EQUAL(path_unlink("all:y"), 2);
	EXPECT_EQUAL(path_remove_directory("all:z"), 3);
	return 0;
}

/* Takes a request whose three values are these. */
static void expect_values(int64_t socket, uint64_t call, uint64_t b, uint64_t c, uint64_t d,
			  int64_t result)
{
	struct redox_packet packet;

	provider_take(socket, call, &packet);
	EXPECT_EQUAL(packet.b, b);
	EXPECT_EQUAL(packet.c, c);
	EXPECT_EQUAL(packet.d, d);
	provider_answer(socket, &packet, result);
}

static void expect_path(int64_t socket, uint64_t call, const char *path, uint64_t d, int64_t result)
{
	struct redox_packet packet;

	provider_take(socket, call, &packet);
	EXPECT_EQUAL(packet.c, strlen(path));
	EXPECT(memcmp((const char *)packet.b, path, packet.c) == 0);
	EXPECT_EQUAL(packet.d, d);
	provider_answer(socket, &packet, result);
}

static void expect_bytes(int64_t socket, uint64_t call, const void *bytes, size_t size,
			 int64_t result)
{
	struct redox_packet packet;

	provider_take(socket, call, &packet);
	EXPECT_EQUAL(packet.b, 42);
	EXPECT_EQUAL(packet.d, size);
	EXPECT(memcmp((const void *)packet.c, bytes, size) == 0);
	provider_answer(socket, &packet, result);
}

/* Takes a request for bytes and supplies them. */
static void give_bytes(int64_t socket, uint64_t call, const void *bytes, size_t size, size_t room,
		       int64_t result)
{
	struct redox_packet packet;

	provider_take(socket, call, &packet);
	EXPECT_EQUAL(packet.b, 42);
	EXPECT_EQUAL(packet.d, room);
	memcpy((void *)packet.c, bytes, size);
	provider_answer(socket, &packet, result);
}

/* Numbers have 64 bits, of which the low half is no error's. */
#define LARGE_NUMBER (INT64_MAX - UINT32_MAX + 5)

static void serve_everything(int64_t socket)
{
	const struct redox_timespec times[2] = { { .seconds = 5 },
						 { .seconds = 6, .nanoseconds = 7 } };
	const struct redox_statvfs system = { .free_blocks = 17 };
	struct redox_packet packet;

	expect_path(socket, REDOX_SYS_open, "/some/file", REDOX_O_RDWR | REDOX_O_CREAT | 0644, 42);
	expect_bytes(socket, REDOX_SYS_write, "written", 7, 7);
	give_bytes(socket, REDOX_SYS_read, "read", 4, 10, 4);
	expect_values(socket, REDOX_SYS_lseek, 42, (uint64_t)-3, REDOX_SEEK_END, 0x123456789);
	give_bytes(socket, REDOX_SYS_fpath, "all:file", 8, 64, 8);
	provider_take(socket, REDOX_SYS_fstat, &packet);
	EXPECT_EQUAL(packet.d, sizeof(struct redox_stat));
	((struct redox_stat *)packet.c)->size = 99;
	provider_answer(socket, &packet, 0);
	give_bytes(socket, REDOX_SYS_fstatvfs, &system, sizeof(system), sizeof(system), 0);
	expect_values(socket, REDOX_SYS_fsync, 42, 0, 0, 3);
	expect_values(socket, REDOX_SYS_ftruncate, 42, 1000, 0, 0);
	expect_values(socket, REDOX_SYS_fchmod, 42, 0640, 0, 0);
	expect_values(socket, REDOX_SYS_fchown, 42, 12, UINT32_MAX, 0);
	expect_bytes(socket, REDOX_SYS_futimens, times, sizeof(times), 0);
	expect_bytes(socket, REDOX_SYS_frename, "/new/name", 9, 0);
	expect_values(socket, REDOX_SYS_fcntl, 42, 99, 5, -EPERM);
	expect_bytes(socket, REDOX_SYS_dup, "like this", 9, LARGE_NUMBER);
	expect_values(socket, REDOX_SYS_close, LARGE_NUMBER, 0, 0, 0);
	expect_values(socket, REDOX_SYS_close, 42, 0, 0, 0);
	expect_path(socket, REDOX_SYS_chmod, "x", 0711, 1);
	expect_path(socket, REDOX_SYS_unlink, "y", 0, 2);
	expect_path(socket, REDOX_SYS_rmdir, "z", 0, 3);
}

TEST(user_scheme, every_request_and_answer)
{
	int64_t socket = provider_begin(":all");
	int64_t client = client_begin(calls_everything, NULL);

	serve_everything(socket);
	client_end(client);
}

static unsigned says_who_it_is(void *argument)
{
	(void)argument;
	EXPECT_SUCCESS(group_id_set(5, 6));
	EXPECT_SUCCESS(user_id_set(1000, 1001));
	EXPECT_ERROR(file_open("who:", 0), EACCES);
	return 0;
}

TEST(user_scheme, packets_tell_who_calls)
{
	int64_t socket = provider_begin(":who");
	int64_t client = client_begin(says_who_it_is, NULL);
	struct redox_packet packet;

	provider_take(socket, REDOX_SYS_open, &packet);
	EXPECT_EQUAL(packet.pid, client);
	EXPECT_EQUAL(packet.uid, 1001);
	EXPECT_EQUAL(packet.gid, 6);
	EXPECT_EQUAL(packet.c, 0);
	EXPECT(packet.b != 0);
	provider_answer(socket, &packet, -EACCES);
	client_end(client);
}

#define LAST_ERRNO 131

static unsigned gets_every_errno(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("errno:", 0));

	(void)argument;
	for (int i = 1; i <= LAST_ERRNO; i++)
		EXPECT_EQUAL(file_seek(fd, i, 0), -i);
	EXPECT_EQUAL(file_seek(fd, 0, 0), INT64_MAX - UINT32_MAX);
	return 0;
}

TEST(user_scheme, errors_pass_unchanged)
{
	int64_t socket = provider_begin(":errno");
	int64_t client = client_begin(gets_every_errno, NULL);

	provider_expect(socket, REDOX_SYS_open, 0);
	/* The low half alone tells an error. */
	for (int i = 1; i <= LAST_ERRNO; i++)
		provider_expect(socket, REDOX_SYS_lseek,
				i % 2 ? -i : (int64_t)(UINT32_MAX - (uint32_t)i + 1));
	provider_expect(socket, REDOX_SYS_lseek, INT64_MAX - UINT32_MAX);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

/* --- Buffers. --- */

#define LARGE_SIZE (3 * 1024 * 1024 + 77)

static uint8_t pattern(size_t at)
{
	return (uint8_t)(at * 7 + at / 4096);
}

static unsigned moves_much(void *argument)
{
	uint8_t *memory = memory_allocate(LARGE_SIZE + 2);
	int64_t fd = EXPECT_SUCCESS(file_open("large:", REDOX_O_RDWR));

	(void)argument;
	EXPECT(memory);
	for (size_t i = 0; i < LARGE_SIZE; i++)
		memory[1 + i] = pattern(i);
	EXPECT_EQUAL(file_write(fd, memory + 1, LARGE_SIZE), LARGE_SIZE);
	memset(memory, 0xee, LARGE_SIZE + 2);
	EXPECT_EQUAL(file_read(fd, memory + 1, LARGE_SIZE), LARGE_SIZE - 5);
	for (size_t i = 0; i < LARGE_SIZE - 5; i++)
		EXPECT_EQUAL(memory[1 + i], (uint8_t)~pattern(i));
	EXPECT_EQUAL(memory[0], 0xee);
	for (size_t i = LARGE_SIZE - 4; i < LARGE_SIZE + 2; i++)
		EXPECT_EQUAL(memory[i], 0xee);
	EXPECT_EQUAL(file_read(fd, NULL, 0), 0);
	EXPECT_EQUAL(file_read(fd, memory + 1, 2), 1);
	EXPECT_EQUAL(memory[1], 'x');
	EXPECT_EQUAL(memory[2], (uint8_t)~pattern(1));
	return 0;
}

TEST(user_scheme, large_and_empty_buffers)
{
	int64_t socket = provider_begin(":large");
	int64_t client = client_begin(moves_much, NULL);
	struct redox_packet packet;
	uint8_t *bytes;

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_take(socket, REDOX_SYS_write, &packet);
	EXPECT_EQUAL(packet.d, LARGE_SIZE);
	bytes = (uint8_t *)packet.c;
	for (size_t i = 0; i < LARGE_SIZE; i++)
		EXPECT_EQUAL(bytes[i], pattern(i));
	provider_answer(socket, &packet, LARGE_SIZE);
	provider_take(socket, REDOX_SYS_read, &packet);
	EXPECT_EQUAL(packet.d, LARGE_SIZE);
	bytes = (uint8_t *)packet.c;
	for (size_t i = 0; i < LARGE_SIZE; i++)
		bytes[i] = (uint8_t)~pattern(i);
	provider_answer(socket, &packet, LARGE_SIZE - 5);
	provider_take(socket, REDOX_SYS_read, &packet);
	EXPECT_EQUAL(packet.d, 0);
	EXPECT(packet.c != 0);
	provider_answer(socket, &packet, 0);
	/* What the answer does not count stays the provider's. */
	provider_take(socket, REDOX_SYS_read, &packet);
	memcpy((void *)packet.c, "xy", 2);
	provider_answer(socket, &packet, 1);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

#define PLACES 17

static unsigned writes_at_offsets(void *argument)
{
	char *memory = memory_allocate(3 * 4096);
	int64_t fd = EXPECT_SUCCESS(file_open("place:", REDOX_O_RDWR));

	(void)argument;
	for (unsigned i = 0; i < PLACES; i++) {
		const char *bytes = memory + i * 511;

		memcpy(memory + i * 511, &bytes, sizeof(bytes));
		EXPECT_EQUAL(file_write(fd, bytes, 700), 700);
	}
	return 0;
}

TEST(user_scheme, buffers_keep_their_place_in_the_page)
{
	int64_t socket = provider_begin(":place");
	int64_t client = client_begin(writes_at_offsets, NULL);
	struct redox_packet packet;

	provider_expect(socket, REDOX_SYS_open, 1);
	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t address;

		provider_take(socket, REDOX_SYS_write, &packet);
		memcpy(&address, (const void *)packet.c, sizeof(address));
		EXPECT_EQUAL(packet.c % 4096, address % 4096);
		provider_answer(socket, &packet, 700);
	}
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

static unsigned passes_bad_memory(void *argument)
{
	int64_t fd = EXPECT_SUCCESS(file_open("fault:", REDOX_O_RDWR));

	(void)argument;
	EXPECT_ERROR(syscall(open, 8, 5, 0), EFAULT);
	EXPECT_ERROR(syscall(write, fd, 8, 5), EFAULT);
	EXPECT_ERROR(syscall(read, fd, 8, 5), EFAULT);
	EXPECT_ERROR(syscall(fstat, fd, 8, sizeof(struct redox_stat)), EFAULT);
	EXPECT_ERROR(syscall(fpath, fd, 8, 5), EFAULT);
	EXPECT_ERROR(syscall(dup, fd, 8, 5), EFAULT);
	EXPECT_EQUAL(file_seek(fd, 1, 0), 77);
	return 0;
}

TEST(user_scheme, bad_memory_is_found_before_any_packet)
{
	int64_t socket = provider_begin(":fault");
	int64_t client = client_begin(passes_bad_memory, NULL);

	provider_expect(socket, REDOX_SYS_open, 1);
	provider_expect(socket, REDOX_SYS_lseek, 77);
	provider_expect(socket, REDOX_SYS_close, 0);
	client_end(client);
}

/* --- Links. --- */

static unsigned follows_links(void *argument)
{
	char byte;
	int64_t fd = EXPECT_SUCCESS(file_open("linked:first", REDOX_O_RDONLY));

	(void)argument;
	EXPECT_EQUAL(file_read(fd, &byte, 1), 0);
	EXPECT_SUCCESS(file_close(fd));
	EXPECT_ERROR(file_open("linked:circle", REDOX_O_RDONLY), ELOOP);
	return 0;
}

/* The name is opened, and turns out to be a link to `target`. */
static void serve_link(int64_t socket, const char *name, const char *target)
{
	const uint64_t flags = REDOX_O_CLOEXEC | REDOX_O_SYMLINK | REDOX_O_RDONLY;
	struct redox_packet packet;

	expect_path(socket, REDOX_SYS_open, name, REDOX_O_RDONLY, -EXDEV);
	expect_path(socket, REDOX_SYS_open, name, flags, 42);
	provider_take(socket, REDOX_SYS_read, &packet);
	memcpy((void *)packet.c, target, strlen(target));
	provider_answer(socket, &packet, (int64_t)strlen(target));
	expect_values(socket, REDOX_SYS_close, 42, 0, 0, 0);
}

TEST(user_scheme, links_are_followed)
{
	int64_t socket = provider_begin(":linked");
	int64_t client = client_begin(follows_links, NULL);

	serve_link(socket, "first", "linked:/second");
	serve_link(socket, "/second", "null:");
	for (unsigned i = 0; i < 31; i++)
		serve_link(socket, "circle", "linked:circle");
	expect_path(socket, REDOX_SYS_open, "circle", REDOX_O_RDONLY, -EXDEV);
	client_end(client);
}

/* --- Working directories in such schemes. --- */

static int64_t open_anything(const struct scheme_request *asked, const char *path, size_t length,
			     uint64_t flags)
{
	(void)asked, (void)path, (void)length, (void)flags;
	return 1;
}

static int64_t is_a_directory(const struct scheme_request *asked, uint64_t number,
			      struct redox_stat *status)
{
	(void)asked, (void)number;
	status->mode = 0x4000 | 0755;
	return 0;
}

#define DIRECTORY_MAX 4096 /* with the terminating 0 */

TEST(user_scheme, working_directories_are_not_endless)
{
	static const struct scheme_handlers handlers = { .open = open_anything,
							 .status = is_a_directory };
	static char name[60000], got[60000];
	struct scheme_server server;
	int64_t child;

	EXPECT_EQUAL(scheme_create(&server, "deep", &handlers, NULL), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0)
		process_exit((unsigned)-scheme_serve(&server));
	EXPECT_SUCCESS(file_close(server.socket));
	memset(name, 'x', sizeof(name) - 1);
	memcpy(name, "deep:", 5);
	EXPECT_ERROR(working_directory_change(name), ENAMETOOLONG);
	name[DIRECTORY_MAX] = '\0';
	EXPECT_ERROR(working_directory_change(name), ENAMETOOLONG);
	name[DIRECTORY_MAX - 1] = '\0';
	EXPECT_SUCCESS(working_directory_change(name));
	EXPECT_EQUAL(working_directory_get(got, sizeof(got)), DIRECTORY_MAX - 1);
	EXPECT(memcmp(name, got, DIRECTORY_MAX - 1) == 0);
	EXPECT_ERROR(working_directory_change("further"), ENAMETOOLONG);
	EXPECT_ERROR(path_unlink(":none"), ENOENT);
	EXPECT_SUCCESS(path_unlink(":deep"));
	EXPECT_EQUAL(process_wait(child, NULL, 0), child);
}
