/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making and driving fault-injecting disks from programs and from the command line: scheme
 * `blkdebug:` takes lines (root's), sys:blkdebug shows what there is.
 *
 *     create NAME LOWER [seed=N] [cache] [fua] [nozeroes] [timeout_ms=N] [block=N] [depth=N]
 *     rule NAME RULE        see block_fault_parse_rule()
 *     clear NAME            no rules any more
 *     hang NAME             resume NAME
 *     lose NAME             the power fails: what was not flushed may be gone
 *     destroy NAME          as if it were pulled out
 *
 * `faultdisk=LOWER` on the command line makes fault0 over that device when it appears, with the
 * rules of `faultrules=RULE;RULE...`, whose words commas separate.
 */
#include "fault_priv.h"

#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <scheme/device.h>
#include <scheme/scheme.h>
#include <scheme/text.h>

#define RULES_TEXT_MAX 512

/* Commands come one after the other, so that what one works on stays. */
static struct block_turn turn;

/* --- Commands. --- */

static int parse_number(struct block_fault_options *options, const char *name, uint64_t value)
{
	if (strcmp(name, "seed") == 0)
		options->seed = value;
	else if (strcmp(name, "timeout_ms") == 0 && value < 1 << 20)
		options->timeout_ns = value * NS_PER_MILLISECOND;
	else if (strcmp(name, "block") == 0 && value <= PAGE_SIZE)
		options->block_size = (uint32_t)value;
	else if (strcmp(name, "depth") == 0 && value <= 256)
		options->queue_depth = (unsigned)value;
	else
		return -EINVAL;
	return 0;
}

static int parse_option(struct block_fault_options *options, char *word)
{
	char *equals = strchr(word, '=');
	uint64_t value;

	if (equals) {
		*equals = '\0';
		return string_to_u64(equals + 1, &value) ? -EINVAL
							 : parse_number(options, word, value);
	}
	if (strcmp(word, "cache") == 0)
		options->volatile_cache = true;
	else if (strcmp(word, "fua") == 0)
		options->fua = true;
	else if (strcmp(word, "nozeroes") == 0)
		options->no_write_zeroes = true;
	else
		return -EINVAL;
	return 0;
}

static int create(const char *name, const char *text)
{
	struct block_fault_options options = { .seed = 1 };
	char word[BLOCK_NAME_MAX];
	struct block_device *lower, *device;
	int error = 0;

	if (!fault_next_word(&text, word, sizeof(word)))
		return -EINVAL;
	lower = block_device_find(word);
	if (!lower)
		return -ENODEV;
	while (!error && fault_next_word(&text, word, sizeof(word)))
		error = parse_option(&options, word);
	if (!error)
		error = block_fault_create(name, lower, &options, &device);
	block_device_put(lower);
	return error;
}

static int add_rule(struct block_device *device, const char *text)
{
	struct block_fault_rule rule;
	int error = block_fault_parse_rule(text, &rule);

	return error ? error : block_fault_add_rule(device, &rule);
}

/* On the device, which is such a disk. */
static int command(struct block_device *device, const char *verb, const char *text)
{
	if (strcmp(verb, "rule") == 0)
		return add_rule(device, text);
	if (strcmp(verb, "lose") == 0)
		return block_fault_lose_cache(device);
	if (strcmp(verb, "clear") == 0)
		block_fault_clear_rules(device);
	else if (strcmp(verb, "hang") == 0)
		block_fault_hang(device, true);
	else if (strcmp(verb, "resume") == 0)
		block_fault_hang(device, false);
	else if (strcmp(verb, "destroy") == 0)
		block_fault_destroy(device);
	else
		return -EINVAL;
	return 0;
}

static int run_line(const char *text)
{
	char verb[16], name[BLOCK_NAME_MAX];
	struct block_device *device;
	int error = -ENODEV;

	if (!fault_next_word(&text, verb, sizeof(verb)) ||
	    !fault_next_word(&text, name, sizeof(name)))
		return -EINVAL;
	if (strcmp(verb, "create") == 0)
		return create(name, text);
	device = block_device_find(name);
	if (!device)
		return -ENODEV;
	if (fault_is_disk(device) && device->partition == 0)
		error = command(device, verb, text);
	block_device_put(device);
	return error;
}

static ssize_t store(struct node *node, const char *bytes, size_t length)
{
	int error;

	(void)node;
	block_turn_take(&turn);
	error = run_line(bytes);
	block_turn_end(&turn);
	return error ? error : (ssize_t)length;
}

static ssize_t control_write(struct file *file, struct io *io, uint64_t *offset)
{
	static const struct text_file_ops text_ops = { .store = store };

	(void)offset;
	return text_file_write(file, io, &text_ops);
}

static const struct node_ops control_ops = { .write = control_write };

static int control_scheme_start(void)
{
	return device_scheme_create("blkdebug", &control_ops, 0200, NODE_STREAM);
}

SCHEME(blkdebug) = { .name = "blkdebug", .level = 20, .start = control_scheme_start };

/* --- What there is. --- */

static bool print_disk(struct block_device *device, void *argument)
{
	struct text *text = argument;
	struct block_fault_statistics statistics;

	if (!fault_is_disk(device) || device->partition != 0)
		return true;
	block_fault_read_statistics(device, &statistics);
	text_print(text, "%s requests %lu struck %lu timed_out %lu volatile %lu\n", device->name,
		   statistics.requests, statistics.struck, statistics.timed_out,
		   statistics.volatile_sectors);
	return true;
}

static int generate(struct text *text)
{
	/* None of them vanishes meanwhile. */
	block_turn_take(&turn);
	block_visit(print_disk, text);
	block_turn_end(&turn);
	return 0;
}

SYS_TEXT(block_fault) = { .name = "blkdebug", .generate = generate };

/* --- The command line. --- */

static char lower_name[BLOCK_NAME_MAX];
static char rules[RULES_TEXT_MAX];

static void add_rules(struct block_device *device)
{
	char *rule = rules;

	while (rule && *rule) {
		char *end = strchr(rule, ';');

		if (end)
			*end = '\0';
		if (add_rule(device, rule))
			log_error("block", "faultrules: \"%s\" is no rule", rule);
		rule = end ? end + 1 : NULL;
	}
}

static void create_first(struct work *work)
{
	struct block_device *device;
	int error;

	(void)work;
	block_turn_take(&turn);
	error = create("fault0", lower_name);
	device = error ? NULL : block_device_find("fault0");
	if (device) {
		add_rules(device);
		block_device_put(device);
	}
	block_turn_end(&turn);
	if (error)
		log_error("block", "faultdisk=%s: error %d", lower_name, -error);
}

static struct work creation;

/* Listeners must not make devices: a worker does. */
static void device_added(struct block_device *device)
{
	if (strcmp(device->name, lower_name) == 0)
		work_queue(&creation);
}

static void device_removed(struct block_device *device)
{
	(void)device;
}

void fault_control_start(void)
{
	static struct block_listener listener = { .added = device_added,
						  .removed = device_removed };

	block_turn_init(&turn);
	if (!command_line_get("faultdisk", lower_name, sizeof(lower_name)))
		return;
	command_line_get("faultrules", rules, sizeof(rules));
	work_init(&creation, create_first);
	block_listener_add(&listener);
}
