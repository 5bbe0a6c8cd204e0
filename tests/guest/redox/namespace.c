/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces: which schemes a process sees, and that there is no way around it. */
#include "redox_test.h"

#define KEEP    UINT64_MAX
#define BUSYBOX "file:/bin/busybox"

static int64_t make(const char *name)
{
	return name ? namespace_create(&name, 1) : namespace_create(NULL, 0);
}

/* Exits of what runs in children. */
static unsigned enter_made(const char *name)
{
	int64_t number = EXPECT_SUCCESS(make(name));

	EXPECT_SUCCESS(namespace_set((uint64_t)number, (uint64_t)number));
	return 0;
}

static unsigned run_numbers(void *unused)
{
	int64_t one, two;

	(void)unused;
	EXPECT_EQUAL(namespace_get(), 1);
	EXPECT_EQUAL(namespace_get_effective(), 1);
	one = EXPECT_SUCCESS(make(NULL));
	two = EXPECT_SUCCESS(make("file"));
	EXPECT(one >= 2);
	EXPECT(two > one);
	EXPECT_SUCCESS(namespace_set(KEEP, (uint64_t)one));
	EXPECT_EQUAL(namespace_get(), 1);
	EXPECT_EQUAL(namespace_get_effective(), one);
	EXPECT_ERROR(file_open("file:/bin", REDOX_O_RDONLY), ENODEV);
	EXPECT_SUCCESS(namespace_set(KEEP, 1));
	EXPECT_SUCCESS(file_open("file:/bin", REDOX_O_RDONLY));
	EXPECT_SUCCESS(namespace_set((uint64_t)two, (uint64_t)one));
	EXPECT_SUCCESS(namespace_set(KEEP, KEEP));
	/* Their numbers are results of calls. */
	EXPECT_ERROR(namespace_set(KEEP, (uint64_t)-120), EINVAL);
	EXPECT_EQUAL(namespace_get(), two);
	EXPECT_EQUAL(namespace_get_effective(), one);
	test_become_user(1000);
	EXPECT_ERROR(namespace_set(KEEP, 1), EPERM);
	EXPECT_ERROR(namespace_set(1, KEEP), EPERM);
	EXPECT_ERROR(namespace_set(77, KEEP), EPERM);
	EXPECT_ERROR(namespace_set(KEEP, UINT64_MAX - 1), EPERM);
	EXPECT_ERROR(make(NULL), EACCES);
	/* Nothing changes where one of the two may not. */
	EXPECT_ERROR(namespace_set((uint64_t)one, 1), EPERM);
	EXPECT_EQUAL(namespace_get(), two);
	EXPECT_SUCCESS(namespace_set((uint64_t)one, (uint64_t)two));
	EXPECT_EQUAL(namespace_get(), one);
	EXPECT_EQUAL(namespace_get_effective(), two);
	EXPECT_SUCCESS(file_open("file:/bin", REDOX_O_RDONLY));
	return 0;
}

TEST(namespace, numbers)
{
	EXPECT_EQUAL(test_run_child(run_numbers, NULL), 0);
}

static unsigned run_null(void *unused)
{
	uint64_t ends[2];
	char byte = 'x';

	(void)unused;
	EXPECT_SUCCESS(namespace_set(KEEP, 0));
	EXPECT_EQUAL(namespace_get(), 1);
	EXPECT_ERROR(namespace_set(KEEP, 1), EPERM);
	EXPECT_SUCCESS(namespace_set(KEEP, KEEP));
	EXPECT_SUCCESS(namespace_set(0, 0));
	EXPECT_ERROR(namespace_set(1, KEEP), EPERM);
	EXPECT_EQUAL(namespace_get(), 0);
	EXPECT_ERROR(file_open("file:/bin", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("sys:uname", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open(":", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("event:", REDOX_O_RDWR), ENODEV);
	EXPECT_ERROR(file_open("debug:", REDOX_O_RDWR), ENODEV);
	EXPECT_SUCCESS(pipe_create(ends, 0));
	EXPECT_EQUAL(file_write((int64_t)ends[1], &byte, 1), 1);
	EXPECT_EQUAL(file_read((int64_t)ends[0], &byte, 1), 1);
	/* Also root's new namespaces lead nowhere from here. */
	EXPECT_ERROR(make("file"), ENODEV);
	EXPECT_SUCCESS(make(NULL));
	return 0;
}

TEST(namespace, null)
{
	EXPECT_EQUAL(test_run_child(run_null, NULL), 0);
}

TEST(namespace, arguments)
{
	const struct redox_slice wild = { .address = 8, .length = 4 };
	const struct redox_slice not_text = { .address = (uint64_t) "\xff", .length = 1 };
	const struct redox_slice twice[2] = { { .address = (uint64_t) "file", .length = 4 },
					      { .address = (uint64_t) "file", .length = 4 } };

	EXPECT_ERROR(make("none"), ENODEV);
	EXPECT_ERROR(syscall(mkns, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(mkns, &wild, UINT64_MAX), EFAULT);
	EXPECT_ERROR(syscall(mkns, &wild, UINT64_C(1) << 60), EFAULT);
	EXPECT_ERROR(syscall(mkns, &wild, 1), EFAULT);
	EXPECT_ERROR(syscall(mkns, &not_text, 1), EINVAL);
	EXPECT_SUCCESS(syscall(mkns, twice, 2));
	EXPECT_SUCCESS(syscall(mkns, 8, 0));
}

/* Opens by a name that some schemes refuse in their own way, as long as they are there. */
static bool has(const char *name)
{
	int64_t fd = file_open(name, REDOX_O_RDONLY);

	if (fd >= 0)
		EXPECT_SUCCESS(file_close(fd));
	return fd != -ENODEV;
}

static unsigned run_contents(void *unused)
{
	static const char *const common[] = { "memory:", "sys:", "event:", "time:1", ":" };
	static const char *const first[] = { "file:",   "null:",  "zero:", "rand:",
					     "initfs:", "debug:", "tmp:",  "dev:",
					     "pipe:",   "irq:",   "proc:", "scheme:" };
	bool had[array_length(common)];

	(void)unused;
	for (size_t i = 0; i < array_length(common); i++)
		had[i] = has(common[i]);
	enter_made("null");
	for (size_t i = 0; i < array_length(common); i++)
		EXPECT_EQUAL(has(common[i]), had[i]);
	EXPECT(has("null:"));
	for (size_t i = 0; i < array_length(first); i++) {
		if (strcmp(first[i], "null:") != 0)
			EXPECT(!has(first[i]));
	}
	return 0;
}

TEST(namespace, contents)
{
	EXPECT_EQUAL(test_run_child(run_contents, NULL), 0);
}

static unsigned run_old_descriptors(void *unused)
{
	char text[64];
	struct redox_stat status;
	int64_t file = EXPECT_SUCCESS(file_open("f", REDOX_O_RDWR));
	int64_t folder = EXPECT_SUCCESS(file_open(".", REDOX_O_RDONLY));
	int64_t made = EXPECT_SUCCESS(make(NULL));

	(void)unused;
	EXPECT_SUCCESS(namespace_set((uint64_t)made, (uint64_t)made));
	/* What is open stays so. */
	EXPECT_EQUAL(file_read(file, text, sizeof(text)), 8);
	EXPECT_EQUAL(file_write(file, "!", 1), 1);
	EXPECT_SUCCESS(file_status(file, &status));
	EXPECT_SUCCESS(file_path(file, text, sizeof(text)));
	EXPECT_SUCCESS(file_read(folder, text, sizeof(text)));
	/* But it leads to nothing else. */
	EXPECT_ERROR(syscall(openat, folder, "f", 1, REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(syscall(openat, folder, "../../bin", 9, REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(syscall(openat, folder, "file:/bin", 9, REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(syscall(unlinkat, folder, "f", 1, 0), ENODEV);
	EXPECT_ERROR(syscall(flink, file, "g", 1), ENODEV);
	EXPECT_ERROR(file_rename(file, "g"), ENODEV);
	EXPECT_ERROR(file_open("f", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("/bin", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(path_unlink("f"), ENODEV);
	EXPECT_ERROR(path_change_mode("f", 0777), ENODEV);
	EXPECT_ERROR(working_directory_change("."), ENODEV);
	EXPECT_ERROR(working_directory_change(".."), ENODEV);
	EXPECT_ERROR(file_open("scheme:file/bin", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("sys:/../file:/bin", REDOX_O_RDONLY), ENOENT);
	return 0;
}

TEST(namespace, old_descriptors)
{
	test_write_file("f", "contents");
	EXPECT_EQUAL(test_run_child(run_old_descriptors, NULL), 0);
	EXPECT(test_file_is("f", "contents!"));
}

/* --- Links. --- */

static unsigned run_links(void *unused)
{
	(void)unused;
	enter_made("file");
	EXPECT_ERROR(file_open("away", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("away/busybox", REDOX_O_RDONLY), ENODEV);
	EXPECT(test_file_is("near", "contents"));
	EXPECT_ERROR(file_open("file:/proc/self/status", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("file:/dev/null", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("file:/scheme/null", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("file:/scheme/initfs/bin", REDOX_O_RDONLY), ENOENT);
	EXPECT_SUCCESS(file_open("file:/scheme/file/bin", REDOX_O_RDONLY));
	EXPECT_SUCCESS(file_open("file:/tmp", REDOX_O_RDONLY));
	return 0;
}

static void make_link(const char *path, const char *target)
{
	int64_t fd = EXPECT_SUCCESS(
		file_open(path, REDOX_O_CREAT | REDOX_O_SYMLINK | REDOX_O_WRONLY | 0777));

	EXPECT_EQUAL(file_write(fd, target, strlen(target)), (int64_t)strlen(target));
	EXPECT_SUCCESS(file_close(fd));
}

TEST(namespace, links)
{
	test_write_file("f", "contents");
	make_link("away", "initfs:/bin");
	make_link("near", "f");
	EXPECT_SUCCESS(file_open("away", REDOX_O_RDONLY));
	EXPECT_EQUAL(test_run_child(run_links, NULL), 0);
}

/* --- Linux programs. --- */

struct linux_child {
	const char *const *schemes; /* of the namespace; NULL: the null one */
	size_t count;
	const char *script; /* exits with 0 if all is as it should be */
};

static unsigned run_linux(void *argument)
{
	const struct linux_child *child = argument;
	const struct redox_slice arguments[] = {
		{ .address = (uint64_t) "sh", .length = 2 },
		{ .address = (uint64_t) "-c", .length = 2 },
		{ .address = (uint64_t)child->script, .length = strlen(child->script) },
	};
	int64_t program = EXPECT_SUCCESS(file_open(BUSYBOX, REDOX_O_RDONLY | REDOX_O_CLOEXEC));
	/* An open directory outside, as descriptor 9. */
	int64_t outside = EXPECT_SUCCESS(file_open("file:/", REDOX_O_RDONLY));
	int64_t space = 0;

	EXPECT_EQUAL(file_duplicate_to(outside, 9, NULL), 9);
	if (child->schemes)
		space = EXPECT_SUCCESS(namespace_create(child->schemes, child->count));
	EXPECT_SUCCESS(namespace_set((uint64_t)space, (uint64_t)space));
	EXPECT_SUCCESS(syscall(fexec, program, arguments, array_length(arguments), 0, 0));
	return 1;
}

static void expect_linux(const char *const *schemes, size_t count, const char *script)
{
	const struct linux_child child = { .schemes = schemes, .count = count, .script = script };

	EXPECT_EQUAL(test_run_child(run_linux, (void *)&child), 0);
}

/* The shell's own commands are enough to look around, since nothing can be started there. */
#define NOTHING_OF_FILE                                                                        \
	"for name in /bin /bin/busybox /etc /tmp /dev /dev/null /proc /proc/1/root /sys /usr " \
	"bin ./bin ../bin ../../bin /scheme/file /scheme/file/bin /scheme/../bin "             \
	"/scheme/../scheme/../bin /scheme/tmp /scheme/scheme/file /scheme/dev/null "           \
	"/proc/self/root/bin /proc/self/cwd /proc/self/fd/9/bin /dev/fd/9/bin; do "            \
	"test -e $name && echo found $name && exit 3; done; "

TEST(namespace, linux_program_in_the_null_one)
{
	expect_linux(NULL, 0,
		     NOTHING_OF_FILE "cd / || exit 4; test \"$(echo /*)\" = /scheme || exit 5; "
				     "test \"$(echo /scheme/*)\" != '/scheme/*' || true; "
				     "cd /bin 2>&- && exit 6; cd /scheme && cd .. || exit 7; "
				     "test \"$(echo *)\" = scheme || exit 8; "
				     "echo x 2>&- > /tmp/new && exit 9; exit 0");
}

TEST(namespace, linux_program_without_files)
{
	static const char *const schemes[] = { "null" };

	expect_linux(schemes, 1,
		     NOTHING_OF_FILE "test -c /scheme/null || exit 4; "
				     "echo x > /scheme/null || exit 5; "
				     "test -e /scheme/null/../../bin && exit 6; exit 0");
}

TEST(namespace, linux_program_with_proc)
{
	static const char *const schemes[] = { "procfs" };

	expect_linux(schemes, 1,
		     NOTHING_OF_FILE "for name in root/bin cwd fd/9/bin exe; do "
				     "for process in self 1 $$; do "
				     "test -e /scheme/procfs/$process/$name && exit 4; "
				     "cd /scheme/procfs/$process/$name 2>&- && exit 5; "
				     "done; done; exit 0");
}

TEST(namespace, linux_program_with_files)
{
	static const char *const schemes[] = { "file" };

	expect_linux(schemes, 1,
		     "for name in /dev/null /proc/self /sys/kernel /scheme/dev /scheme/proc "
		     "/scheme/null /scheme/initfs /scheme/file/../null; do "
		     "test -e $name && echo found $name && exit 3; done; "
		     "test -e /bin/busybox && test -d /tmp || exit 4; "
		     "/bin/busybox cat /scheme/file/bin/busybox > /tmp/copy || exit 5; "
		     "/bin/busybox rm /tmp/copy || exit 6; "
		     "/bin/busybox mknod /tmp/memory c 1 1 || exit 7; "
		     "/bin/busybox head -c 1 /tmp/memory 2> /tmp/error && exit 8; "
		     "/bin/busybox rm /tmp/memory /tmp/error; "
		     "/bin/busybox mkdir /dev/x 2>/tmp/error && exit 9; "
		     "/bin/busybox mount -t proc proc /mnt 2>/tmp/error && exit 10; "
		     "/bin/busybox rm /tmp/error; exit 0");
}

/* --- Schemes of processes. --- */

static unsigned run_own_file_scheme(void *unused)
{
	const char script[] = "test -e /bin/busybox && exit 3; cd /tmp 2>&- && exit 4; exit 0";
	const struct redox_slice arguments[] = {
		{ .address = (uint64_t) "sh", .length = 2 },
		{ .address = (uint64_t) "-c", .length = 2 },
		{ .address = (uint64_t)script, .length = sizeof(script) - 1 },
	};
	int64_t program = EXPECT_SUCCESS(file_open(BUSYBOX, REDOX_O_RDONLY | REDOX_O_CLOEXEC));

	(void)unused;
	enter_made(NULL);
	/* A scheme of the same name is not the one that the tree is made of. */
	EXPECT_SUCCESS(file_open(":file", REDOX_O_CREAT | REDOX_O_RDWR));
	EXPECT_ERROR(file_open(":file", REDOX_O_CREAT | REDOX_O_RDWR), EEXIST);
	EXPECT_SUCCESS(syscall(fexec, program, arguments, array_length(arguments), 0, 0));
	return 1;
}

TEST(namespace, own_file_scheme)
{
	EXPECT_EQUAL(test_run_child(run_own_file_scheme, NULL), 0);
}

static unsigned run_provider(void *argument)
{
	const int64_t *spaces = argument;

	EXPECT_SUCCESS(namespace_set(KEEP, (uint64_t)spaces[0]));
	EXPECT_SUCCESS(file_open(":hidden", REDOX_O_CREAT | REDOX_O_RDWR));
	EXPECT(has(":hidden"));
	EXPECT_SUCCESS(namespace_set(KEEP, (uint64_t)spaces[1]));
	EXPECT_ERROR(file_open("hidden:x", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(path_unlink(":hidden"), ENOENT);
	/* A namespace that is made of this one cannot have it either. */
	EXPECT_ERROR(make("hidden"), ENODEV);
	EXPECT_SUCCESS(namespace_set(KEEP, 1));
	EXPECT_ERROR(file_open("hidden:x", REDOX_O_RDONLY), ENODEV);
	EXPECT_SUCCESS(namespace_set(KEEP, (uint64_t)spaces[0]));
	EXPECT_SUCCESS(make("hidden"));
	EXPECT_SUCCESS(path_unlink(":hidden"));
	EXPECT_ERROR(make("hidden"), ENODEV);
	return 0;
}

TEST(namespace, schemes_are_registered_in_one)
{
	int64_t spaces[2] = { EXPECT_SUCCESS(make(NULL)), EXPECT_SUCCESS(make(NULL)) };

	/* Namespaces that their maker has left are still there for its children. */
	EXPECT_EQUAL(test_run_child(run_provider, spaces), 0);
}

static unsigned run_many(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4096; i++) {
		int64_t number = make("file");

		if (number < 0) {
			EXPECT_EQUAL(number, -ENOMEM);
			return 0;
		}
	}
	return 0;
}

/* Namespaces go with the family of their maker. */
TEST(namespace, many)
{
	for (unsigned i = 0; i < 3; i++)
		EXPECT_EQUAL(test_run_child(run_many, NULL), 0);
	EXPECT_SUCCESS(make(NULL));
}
