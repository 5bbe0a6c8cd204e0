/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/devices/system/cpu/cpuN/cpufreq: how fast a CPU runs, as Linux shows it. `fd` is the CPU. */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <power/frequency.h>

#define WRITTEN_MAX 32

static const char *const governors[FREQUENCY_GOVERNOR_COUNT] = { "performance", "powersave",
								 "schedutil" };

#define FREQUENCY_FILE(identifier, ...)                                             \
	static int generate_##identifier(struct proc_node *node, struct text *text) \
	{                                                                           \
		struct frequency_status status;                                     \
		int error = frequency_read((unsigned)node->fd, &status);            \
                                                                                    \
		if (!error)                                                         \
			text_print(text, __VA_ARGS__);                              \
		return error;                                                       \
	}

FREQUENCY_FILE(current, "%u\n", status.khz[status.current])
FREQUENCY_FILE(fastest, "%u\n", status.khz[0])
FREQUENCY_FILE(slowest, "%u\n", status.khz[status.count - 1])
FREQUENCY_FILE(maximum, "%u\n", status.maximum_khz)
FREQUENCY_FILE(minimum, "%u\n", status.minimum_khz)
FREQUENCY_FILE(limit, "%u\n", status.khz[status.limit])
FREQUENCY_FILE(latency, "%llu\n", status.latency_us * 1000ull)
FREQUENCY_FILE(governor, "%s\n", governors[status.governor])

static int generate_governors(struct proc_node *node, struct text *text)
{
	(void)node;
	for (unsigned i = 0; i < FREQUENCY_GOVERNOR_COUNT; i++)
		text_print(text, "%s ", governors[i]);
	text_print(text, "\n");
	return 0;
}

static int generate_frequencies(struct proc_node *node, struct text *text)
{
	struct frequency_status status;
	int error = frequency_read((unsigned)node->fd, &status);

	for (unsigned i = 0; !error && i < status.count; i++)
		text_print(text, "%u ", status.khz[i]);
	text_print(text, "\n");
	return error;
}

static int generate_driver(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "acpi-cpufreq\n");
	return 0;
}

static int generate_cpus(struct proc_node *node, struct text *text)
{
	text_print(text, "%d\n", node->fd);
	return 0;
}

/* What was written, without the end of the line. */
static int take_word(const char *bytes, size_t length, char word[WRITTEN_MAX])
{
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	if (length == 0 || length >= WRITTEN_MAX)
		return -EINVAL;
	memcpy(word, bytes, length);
	word[length] = '\0';
	return 0;
}

static ssize_t store_governor(struct proc_node *node, const char *bytes, size_t length)
{
	char word[WRITTEN_MAX];
	int error = take_word(bytes, length, word);

	for (unsigned i = 0; !error && i < FREQUENCY_GOVERNOR_COUNT; i++) {
		if (strcmp(word, governors[i]) != 0)
			continue;
		error = frequency_set_governor((unsigned)node->fd, (enum frequency_governor)i);
		return error ? error : (ssize_t)length;
	}
	return -EINVAL;
}

static ssize_t store_bound(struct proc_node *node, const char *bytes, size_t length, bool maximum)
{
	char word[WRITTEN_MAX];
	uint64_t khz;
	int error = take_word(bytes, length, word);

	if (error || string_to_u64(word, &khz) || khz == 0 || khz > UINT32_MAX)
		return -EINVAL;
	error = frequency_set_bounds((unsigned)node->fd, maximum ? 0 : (uint32_t)khz,
				     maximum ? (uint32_t)khz : 0);
	return error ? error : (ssize_t)length;
}

static ssize_t store_maximum(struct proc_node *node, const char *bytes, size_t length)
{
	return store_bound(node, bytes, length, true);
}

static ssize_t store_minimum(struct proc_node *node, const char *bytes, size_t length)
{
	return store_bound(node, bytes, length, false);
}

#define READ_ONLY(file, what)                                                       \
	{                                                                           \
		.name = file, .mode = MODE_FILE | 0444, .generate = generate_##what \
	}
#define WRITABLE(file, what)                                                         \
	{                                                                            \
		.name = file, .mode = MODE_FILE | 0644, .generate = generate_##what, \
		.store = store_##what                                                \
	}

static const struct proc_entry entries[] = {
	READ_ONLY("affected_cpus", cpus),
	READ_ONLY("bios_limit", limit),
	READ_ONLY("cpuinfo_cur_freq", current),
	READ_ONLY("cpuinfo_max_freq", fastest),
	READ_ONLY("cpuinfo_min_freq", slowest),
	READ_ONLY("cpuinfo_transition_latency", latency),
	READ_ONLY("related_cpus", cpus),
	READ_ONLY("scaling_available_frequencies", frequencies),
	READ_ONLY("scaling_available_governors", governors),
	READ_ONLY("scaling_cur_freq", current),
	READ_ONLY("scaling_driver", driver),
	WRITABLE("scaling_governor", governor),
	WRITABLE("scaling_max_freq", maximum),
	WRITABLE("scaling_min_freq", minimum),
};

static bool describe(int cpu, unsigned index, struct sysfs_thing *thing)
{
	thing->id = cpu;
	thing->entry = &entries[index];
	snprintf(thing->name, sizeof(thing->name), "%s", entries[index].name);
	return true;
}

static const struct sysfs_things files = { .limit = array_length(entries), .describe = describe };

SYSFS_THINGS_OPS(static, file_ops, files);

const struct proc_entry sysfs_frequency_entry = {
	.mode = MODE_DIRECTORY | 0555,
	.ops = &file_ops,
};
