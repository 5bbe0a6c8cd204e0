/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: advisory locks, devices, random numbers, generated text, the log, the tree. */
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/device.h>
#include <scheme/random.h>
#include <scheme/text.h>
#include <time/clock.h>

#include <scheme/ktest_tree.h>

/* --- Locks. --- */

#define LOCK_BYTES 24
#define LOCK_STEPS 2000

/* What each owner holds of each byte: 0 read, 1 write, 2 nothing. */
static uint8_t lock_model[2][LOCK_BYTES];

static bool model_allows(unsigned owner, const struct file_lock_range *range)
{
	for (uint64_t i = range->start; range->type != 2 && i <= range->end; i++) {
		uint8_t other = lock_model[!owner][i];

		if (other == 1 || (other == 0 && range->type == 1))
			return false;
	}
	return true;
}

KTEST(scheme, record_locks_match_a_model)
{
	struct ktest_tree tree;
	struct file *file;
	uint32_t state = 7;
	bool right = true;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	memset(lock_model, 2, sizeof(lock_model));
	ktest_expect(ktest_open(&tree, "locks", FILE_CREATE | FILE_READ_WRITE, &file) == 0);
	for (unsigned step = 0; step < LOCK_STEPS; step++) {
		struct file_lock_range range, query;
		unsigned owner;
		int error;

		state = state * 1664525 + 1013904223;
		owner = state >> 31;
		range.start = (state >> 8) % LOCK_BYTES;
		range.end = range.start + (state >> 16) % (LOCK_BYTES - range.start);
		range.type = (int)((state >> 24) % 3);
		range.pid = owner + 1;
		query = range;
		if (range.type != 2) {
			error = file_lock_query(file, &lock_model[owner], &query);
			right &= error == 0 && (query.type == 2) == model_allows(owner, &range);
			right &= query.type == 2 || query.pid == !owner + 1u;
		}
		error = file_lock(file, &lock_model[owner], &range, false);
		right &= error == (model_allows(owner, &range) ? 0 : -EAGAIN);
		if (!error)
			memset(&lock_model[owner][range.start], range.type,
			       range.end - range.start + 1);
	}
	ktest_expect(right);
	file_unlock_all(file, &lock_model[0]);
	file_unlock_all(file, &lock_model[1]);
	ktest_expect(list_empty(&file->node->advisory_locks));
	file_put(file);
	ktest_expect(ktest_unlink(&tree, "locks") == 0);
	ktest_tree_end(&tree);
}

static struct file *lock_file;
static struct wait_queue lock_end;
static _Atomic int lock_result;

static const struct file_lock_range first_byte = { .start = 0, .end = 0, .type = 1 };
static const struct file_lock_range second_byte = { .start = 1, .end = 1, .type = 1 };
static const struct file_lock_range everything = { .start = 0, .end = UINT64_MAX, .type = 1 };
static const struct file_lock_range nothing = { .start = 0, .end = UINT64_MAX, .type = 2 };

/* Holds the second byte as owner 1, and waits for the first. */
static void lock_waiter(void *unused)
{
	int error = file_lock(lock_file, &lock_model[1], &second_byte, false);

	(void)unused;
	if (!error)
		error = file_lock(lock_file, &lock_model[1], &first_byte, true);
	lock_result = error;
	wait_wake_all(&lock_end);
}

KTEST(scheme, locks_wait_and_find_deadlocks)
{
	struct ktest_tree tree;
	struct waiter waiter;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_open(&tree, "locks", FILE_CREATE | FILE_READ_WRITE, &lock_file) == 0);
	ktest_expect(file_lock(lock_file, &lock_model[0], &first_byte, true) == 0);
	wait_queue_init(&lock_end, "lock test");
	lock_result = 1;
	ktest_expect(thread_spawn("lock waiter", lock_waiter, NULL) == 0);
	thread_sleep_until(clock_deadline_after(30 * NS_PER_MILLISECOND));
	ktest_expect(file_lock(lock_file, &lock_model[0], &second_byte, true) == -EDEADLK);
	/* flock does not see the locks of fcntl. */
	ktest_expect(file_lock(lock_file, lock_file, &everything, false) == 0);
	ktest_expect(file_lock(lock_file, &lock_model[0], &nothing, false) == 0);
	wait_begin(&lock_end, &waiter);
	while (lock_result == 1)
		ktest_expect(wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER) == 0);
	wait_end(&waiter);
	ktest_expect(lock_result == 0);
	file_unlock_all(lock_file, &lock_model[1]);
	file_put(lock_file);
	ktest_expect(ktest_unlink(&tree, "locks") == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, flock_goes_with_its_description)
{
	struct file_lock_range shared = { .start = 0, .end = UINT64_MAX, .type = 0 };
	struct file *first, *second;
	struct ktest_tree tree;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_open(&tree, "locks", FILE_CREATE | FILE_READ_WRITE, &first) == 0);
	ktest_expect(ktest_open(&tree, "locks", FILE_READ_ONLY, &second) == 0);
	ktest_expect(file_lock(first, first, &shared, false) == 0);
	ktest_expect(file_lock(second, second, &shared, false) == 0);
	/* A failed upgrade gives up what was held. */
	ktest_expect(file_lock(first, first, &everything, false) == -EAGAIN);
	ktest_expect(file_lock(second, second, &everything, false) == 0);
	ktest_expect(file_lock(first, first, &shared, false) == -EAGAIN);
	file_put(second);
	ktest_expect(file_lock(first, first, &everything, false) == 0);
	ktest_expect(file_lock(first, &lock_model[0], &first_byte, false) == 0);
	file_unlock_all(first, &lock_model[0]);
	file_put(first);
	ktest_expect(ktest_unlink(&tree, "locks") == 0);
	ktest_tree_end(&tree);
}

/* --- Devices. --- */

static ssize_t sample_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return io_put(io, file->node->private, 4);
}

KTEST(scheme, devices_come_and_go)
{
	static const struct node_ops ops = { .read = sample_read };
	static char text[] = "test";
	static const struct device_node device = {
		"ktest/sample", MODE_CHARACTER, 254, 1, 0600, &ops, text, NODE_STREAM,
	};
	struct scheme *dev = namespace_find(namespace_first(), "dev", 3);
	struct ktest_tree tree;
	struct dentry *held;
	struct file *file;
	char bytes[4];

	ktest_expect(dev);
	if (!dev || !ktest_tree_begin(&tree, dev))
		return;
	ktest_expect(device_node_add(&device) == 0);
	ktest_expect(device_node_add(&device) == -EEXIST);
	file = NULL;
	ktest_expect(ktest_open(&tree, "ktest/sample", FILE_READ_ONLY, &file) == 0);
	if (!file) {
		ktest_tree_end(&tree);
		return;
	}
	ktest_expect(ktest_file_read(file, bytes, 4) == 4 && memcmp(bytes, text, 4) == 0);
	ktest_expect(file_seek(file, 0, 0) == -ESPIPE);
	held = file->dentry;
	dentry_get(held);
	file_put(file);
	device_node_remove(&device);
	ktest_expect(ktest_walk(&tree, "ktest/sample") == -ENOENT);
	ktest_expect(file_create(held->node, held, FILE_READ_ONLY, tree.root, &file) == -ENXIO);
	dentry_put(held);
	ktest_expect(ktest_rmdir(&tree, "ktest") == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, memory_devices_work)
{
	struct scheme *dev = namespace_find(namespace_first(), "dev", 3);
	struct ktest_tree tree;
	struct file *file;
	char bytes[64];

	ktest_expect(dev);
	if (!dev || !ktest_tree_begin(&tree, dev))
		return;
	ktest_expect(ktest_open(&tree, "null", FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_file_read(file, bytes, 64) == 0);
	ktest_expect(ktest_file_write(file, bytes, 64) == 64);
	file_put(file);
	memset(bytes, 1, sizeof(bytes));
	ktest_expect(ktest_open(&tree, "zero", FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_file_read(file, bytes, 64) == 64 && bytes[0] == 0 && bytes[63] == 0);
	file_put(file);
	ktest_expect(ktest_open(&tree, "full", FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_file_write(file, bytes, 1) == -ENOSPC);
	file_put(file);
	ktest_expect(ktest_try_open(&tree, "null", FILE_DIRECTORY) == -ENOTDIR);
	ktest_expect(ktest_try_open(&tree, "null", FILE_TRUNCATE | FILE_WRITE_ONLY) == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, chacha20_is_chacha20)
{
	/* RFC 8439, section 2.3.2. */
	static const uint32_t nonce[3] = { 0x09000000, 0x4a000000, 0 };
	static const uint8_t expected[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	uint32_t key[8];
	uint8_t output[64], other[64];

	for (uint32_t i = 0; i < 8; i++)
		key[i] = 0x03020100 + 0x04040404 * i;
	chacha20_block(key, 1, nonce, output);
	ktest_expect(memcmp(output, expected, sizeof(expected)) == 0);
	random_bytes(output, sizeof(output));
	random_bytes(other, sizeof(other));
	ktest_expect(memcmp(output, other, sizeof(other)) != 0);
}

/* Small ones come from a pool, which is filled anew many times here. */
KTEST(scheme, small_random_values_differ)
{
	uint64_t values[150];
	unsigned same = 0;

	for (unsigned i = 0; i < array_length(values); i++) {
		random_bytes(&values[i], sizeof(values[i]));
		if (i % 50 == 0)
			random_mix(&values[i], sizeof(values[i]));
		for (unsigned before = 0; before < i; before++)
			same += values[before] == values[i];
	}
	ktest_expect(same == 0);
}

/* --- Text. --- */

static _Atomic unsigned generated;

static int generate_sample(struct node *node, struct text *text)
{
	(void)node;
	generated++;
	for (unsigned i = 0; i < 1000; i++)
		text_print(text, "line %u\n", i);
	return 0;
}

static ssize_t store_sample(struct node *node, const char *bytes, size_t length)
{
	(void)node;
	return strcmp(bytes, "stored") == 0 ? (ssize_t)length : -EINVAL;
}

static const struct text_file_ops sample_text = {
	.generate = generate_sample,
	.store = store_sample,
};

static ssize_t sample_text_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &sample_text);
}

static ssize_t sample_text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &sample_text);
}

static const struct node_ops sample_text_ops = {
	.read = sample_text_read,
	.write = sample_text_write,
	.close = text_file_close,
};

KTEST(scheme, text_is_made_once_a_reading)
{
	struct credentials *credentials = credentials_create(NULL);
	struct node *node = kmalloc(sizeof(*node));
	size_t total = 0;
	struct file *file;
	char bytes[100];
	ssize_t count;

	ktest_expect(node && credentials);
	if (!node || !credentials)
		return;
	node_init(node, &sample_text_ops, NULL, 1, MODE_FILE | 0600);
	ktest_expect(file_create(node, NULL, FILE_READ_WRITE, credentials, &file) == 0);
	generated = 0;
	while ((count = ktest_file_read(file, bytes, sizeof(bytes))) > 0)
		total += (size_t)count;
	ktest_expect(count == 0 && total == 8890 && generated == 1);
	ktest_expect(file_seek(file, 0, 0) == 0);
	ktest_expect(ktest_file_read(file, bytes, 7) == 7 && memcmp(bytes, "line 0\n", 7) == 0);
	ktest_expect(generated == 2);
	ktest_expect(ktest_file_write(file, "stored", 6) == 6);
	ktest_expect(ktest_file_write(file, "other", 5) == -EINVAL);
	file_put(file);
	node_put(node);
	credentials_put(credentials);
}

/* --- The log, and the tree. --- */

KTEST(scheme, the_log_can_be_read_and_written)
{
	static const char wanted[] = "user: written by a test";
	static char text[1024];
	struct dentry *root = linux_tree_root();
	struct ktest_tree tree;
	struct file *file;
	bool found = false;
	ssize_t count;

	ktest_expect(root);
	if (!root || !ktest_tree_begin_tmp(&tree))
		return;
	tree.walker.root = root;
	ktest_expect(ktest_open(&tree, "/dev/kmsg", FILE_READ_WRITE | FILE_NONBLOCK, &file) == 0);
	ktest_expect(ktest_file_write(file, "<7>written by a test\n", 21) == 21);
	while ((count = ktest_file_read(file, text, sizeof(text) - 1)) > 0) {
		text[count] = '\0';
		ktest_expect(text[count - 1] == '\n' && strchr(text, ';'));
		found |= string_starts_with(text, "7,") &&
			 string_starts_with(strchr(text, ';') + 1, wanted);
	}
	ktest_expect(count == -EAGAIN && found);
	file_put(file);
	ktest_expect(ktest_open(&tree, "/scheme/log", FILE_READ_ONLY | FILE_NONBLOCK, &file) == 0);
	while ((count = ktest_file_read(file, text, sizeof(text))) > 0)
		continue;
	ktest_expect(count == -EAGAIN);
	file_put(file);
	ktest_tree_end(&tree);
	dentry_put(root);
}

/* True if `word` is one of the words of `text`, each of which a blank follows. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; *at; at = strchr(at, ' ') + 1) {
		if (strncmp(at, word, length) == 0 && at[length] == ' ')
			return true;
	}
	return false;
}

KTEST(scheme, the_tree_has_what_linux_expects)
{
	struct dentry *root = linux_tree_root();
	struct node_attributes attributes;
	struct ktest_tree tree;
	char names[512];

	ktest_expect(root);
	if (!root || !ktest_tree_begin_tmp(&tree))
		return;
	tree.walker.root = tree.walker.working_directory = root;
	ktest_expect(ktest_walk(&tree, "/dev/../dev/null") == 0);
	ktest_expect(ktest_attributes(&tree, "/dev/shm", &attributes));
	ktest_expect(attributes.mode == (MODE_DIRECTORY | 01777));
	ktest_expect(ktest_attributes(&tree, "/tmp", &attributes));
	ktest_expect(attributes.mode == (MODE_DIRECTORY | 01777));
	ktest_expect(ktest_walk(&tree, "/scheme/file/dev") == 0);
	ktest_expect(ktest_walk(&tree, "/scheme/none") == -ENOENT);
	ktest_expect(ktest_attributes(&tree, "/scheme/null", &attributes));
	ktest_expect((attributes.mode & MODE_TYPE) == MODE_SYMLINK);
	ktest_list(&tree, "/scheme", names, sizeof(names));
	ktest_expect(has_word(names, "file") && has_word(names, "rand"));
	ktest_expect(!has_word(names, "ran"));
	ktest_expect(ktest_write(&tree, "/scheme/new", "") == -EROFS);
	ktest_expect(ktest_write(&tree, "/scheme/initfs/new", "") == -EROFS);
	ktest_tree_end(&tree);
	dentry_put(root);
}
