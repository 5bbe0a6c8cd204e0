/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `trace:`, root's:
 *
 *   control   shows what is recorded; takes words: `on`, `off`, names of kinds, `clear`,
 *             `records N`
 *   events    what was recorded (native/trace.h)
 *   text      the same for people
 *   threads   numbers and names of the threads there are
 *
 * The rings get their memory when recording is first switched on, and give it back when they are
 * cleared while it is off.
 */
#include "trace_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/scheme.h>
#include <scheme/text.h>

#define RECORDS_DEFAULT 8192   /* per CPU: 256 KiB */
#define RECORDS_MAX     262144 /* 8 MiB */
#define WORD_MAX        16

#define BIT(kind) (1u << (kind))

struct mutex trace_lock;
static size_t ring_records = RECORDS_DEFAULT; /* trace_lock: of rings to come */
static bool rings_attached;                   /* trace_lock */

static const struct kind_group {
	const char *name;
	uint32_t kinds;
} groups[] = {
	{ "switch", BIT(TRACE_SWITCH) },
	{ "wake", BIT(TRACE_WAKE) },
	{ "token", BIT(TRACE_TOKEN) },
	{ "fault", BIT(TRACE_FAULT_ENTER) | BIT(TRACE_FAULT_LEAVE) },
	{ "syscall", BIT(TRACE_SYSCALL_ENTER) | BIT(TRACE_SYSCALL_LEAVE) },
	{ "irq", BIT(TRACE_IRQ_ENTER) | BIT(TRACE_IRQ_LEAVE) },
	{ "timer", BIT(TRACE_TIMER) },
	{ "ipi", BIT(TRACE_IPI) },
	{ "block", BIT(TRACE_BLOCK) },
};

/* --- Control. --- */

/* What a line asks for, done in this order. */
struct command {
	bool clear;
	uint64_t records; /* 0: as it is */
	bool set_kinds;
	uint32_t kinds;
};

/* Copies the next word of *line, terminated; false: there is none. One that is too long comes
 * cut, and so means nothing. */
static bool take_word(const char **line, char word[WORD_MAX])
{
	size_t length = 0;

	while (**line == ' ' || **line == '\n' || **line == '\t')
		(*line)++;
	for (; **line && !strchr(" \n\t", **line); (*line)++)
		if (length < WORD_MAX - 1)
			word[length++] = **line;
	word[length] = '\0';
	return length > 0;
}

static uint32_t kinds_named(const char *name)
{
	bool all = strcmp(name, "on") == 0;
	uint32_t kinds = 0;

	for (size_t i = 0; i < array_length(groups); i++)
		if (all || strcmp(name, groups[i].name) == 0)
			kinds |= groups[i].kinds;
	return kinds;
}

static bool take_records(const char **line, struct command *command)
{
	char word[WORD_MAX];
	uint64_t wanted;

	if (!take_word(line, word) || string_to_u64(word, &wanted) || wanted < TRACE_RECORDS_MIN ||
	    wanted > RECORDS_MAX)
		return false;
	for (command->records = TRACE_RECORDS_MIN; command->records < wanted;)
		command->records *= 2;
	return true;
}

static int parse(const char *line, struct command *command)
{
	char word[WORD_MAX];
	bool off = false;

	*command = (struct command){ 0 };
	while (take_word(&line, word)) {
		uint32_t kinds = kinds_named(word);

		if (kinds) {
			command->kinds |= kinds | BIT(TRACE_NAME);
			command->set_kinds = true;
		} else if (strcmp(word, "off") == 0) {
			off = true;
			command->set_kinds = true;
		} else if (strcmp(word, "clear") == 0) {
			command->clear = true;
		} else if (strcmp(word, "records") != 0 || !take_records(&line, command)) {
			return -EINVAL;
		}
	}
	return off && command->kinds ? -EINVAL : 0;
}

/* trace_lock is held, and no kind is enabled. */
static void free_rings(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		kernel_vfree(trace_detach(cpu));
	rings_attached = false;
}

/* trace_lock is held. */
static int allocate_rings(void)
{
	void *memory[CPU_MAX];
	unsigned count = 0;

	while (count < cpu_count()) {
		memory[count] = kernel_vmalloc(trace_buffer_bytes(ring_records));
		if (!memory[count])
			goto err_free;
		count++;
	}
	for (unsigned cpu = 0; cpu < count; cpu++)
		trace_attach(cpu, memory[cpu], ring_records);
	rings_attached = true;
	return 0;

err_free:
	while (count > 0)
		kernel_vfree(memory[--count]);
	return -ENOMEM;
}

/* Calls `visit` for the idle threads and all others. */
static void visit_threads(void (*visit)(struct thread *thread, void *argument), void *argument)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		visit(sched_idle_thread(cpu), argument);
	thread_visit(visit, argument);
}

static void name_thread(struct thread *thread, void *argument)
{
	(void)argument;
	trace_record_name(thread, thread->name);
}

/* trace_lock is held. Frees them if nothing is being recorded. */
static void clear_rings(void)
{
	if (rings_attached && !trace_kinds())
		free_rings();
	for (unsigned cpu = 0; rings_attached && cpu < cpu_count(); cpu++)
		trace_clear(cpu);
}

/* trace_lock is held. */
static int execute(const struct command *command)
{
	size_t records = command->records ? command->records : ring_records;
	bool was_on = trace_kinds() != 0;
	int error;

	if (records != ring_records && rings_attached && (was_on || !command->clear))
		return -EBUSY;
	if (command->clear)
		clear_rings();
	ring_records = records;
	if (!command->set_kinds)
		return 0;
	error = command->kinds && !rings_attached ? allocate_rings() : 0;
	if (error)
		return error;
	trace_set_kinds(command->kinds);
	if (command->kinds && (!was_on || command->clear))
		visit_threads(name_thread, NULL);
	return 0;
}

int trace_control(const char *line)
{
	struct command command;
	int error = parse(line, &command);

	if (error)
		return error;
	mutex_lock(&trace_lock);
	error = execute(&command);
	mutex_unlock(&trace_lock);
	return error;
}

static ssize_t control_store(struct node *node, const char *bytes, size_t length)
{
	int error = trace_control(bytes);

	(void)node;
	return error ? error : (ssize_t)length;
}

static int control_generate(struct node *node, struct text *text)
{
	uint32_t kinds;

	(void)node;
	mutex_lock(&trace_lock);
	kinds = trace_kinds();
	text_print(text, "kinds:");
	for (size_t i = 0; i < array_length(groups); i++)
		if (kinds & groups[i].kinds)
			text_print(text, " %s", groups[i].name);
	text_print(text, "%s\nrecords: %zu\n", kinds ? "" : " off", ring_records);
	for (unsigned cpu = 0; rings_attached && cpu < cpu_count(); cpu++) {
		struct trace_statistics statistics;

		trace_read_statistics(cpu, &statistics);
		text_print(text, "cpu%u: %lu written, %lu lost\n", cpu, statistics.written,
			   statistics.lost);
	}
	mutex_unlock(&trace_lock);
	return 0;
}

static const struct text_file_ops control_text = {
	.generate = control_generate,
	.store = control_store,
};

static ssize_t control_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &control_text);
}

static ssize_t control_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &control_text);
}

/* `echo on > control` opens it to be truncated: there is nothing to do for that. */
static int control_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct node_changes kept = *changes;

	if (changes->which & (CHANGE_MODE | CHANGE_UID | CHANGE_GID))
		return -EPERM;
	kept.which &= ~(unsigned)CHANGE_SIZE;
	node_store_changes(node, &kept);
	return 0;
}

static const struct node_ops control_ops = {
	.read = control_read,
	.write = control_write,
	.close = text_file_close,
	.set_attributes = control_set_attributes,
};

/* --- Names. --- */

static void list_thread(struct thread *thread, void *argument)
{
	text_print(argument, "%08x %s\n", trace_thread_number(thread), thread->name);
}

static int threads_generate(struct node *node, struct text *text)
{
	(void)node;
	visit_threads(list_thread, text);
	return 0;
}

static const struct text_file_ops threads_text = { .generate = threads_generate };

static ssize_t threads_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &threads_text);
}

static const struct node_ops threads_ops = {
	.read = threads_read,
	.close = text_file_close,
};

/* --- The directory. --- */

static const struct {
	const char *name;
	uint32_t permissions;
	unsigned flags;
	const struct node_ops *ops;
} files[] = {
	{ "control", 0600, 0, &control_ops },
	{ "events", 0400, NODE_STREAM, &trace_events_ops },
	{ "text", 0400, NODE_STREAM, &trace_text_ops },
	{ "threads", 0400, 0, &threads_ops },
};

/* The root is number 1, then come the files. */
#define FIRST_FILE_NUMBER 2

static int directory_look_up(struct node *directory, const char *name, size_t length,
			     struct node **found)
{
	for (size_t i = 0; i < array_length(files); i++) {
		struct node *node;

		if (strlen(files[i].name) != length || memcmp(files[i].name, name, length) != 0)
			continue;
		node = kmalloc(sizeof(*node));
		if (!node)
			return -ENOMEM;
		node_init(node, files[i].ops, directory->scheme, FIRST_FILE_NUMBER + i,
			  MODE_FILE | files[i].permissions);
		node->flags = files[i].flags;
		*found = node;
		return 0;
	}
	return -ENOENT;
}

static int directory_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	for (; *cookie < array_length(files); ++*cookie)
		if (!sink->entry(sink, files[*cookie].name, strlen(files[*cookie].name),
				 FIRST_FILE_NUMBER + *cookie, MODE_FILE, *cookie + 1))
			break;
	return 0;
}

static const struct node_ops directory_ops = {
	.lookup = directory_look_up,
	.read_directory = directory_read,
};

static int trace_start(void)
{
	struct scheme *scheme = scheme_create("trace", "tracefs", NULL, 0, NULL);
	struct node *root = kmalloc(sizeof(*root));
	int error;

	if (!scheme || !root)
		return -ENOMEM;
	mutex_init(&trace_lock, RANK_NODE, "trace");
	node_init(root, &directory_ops, scheme, 1, MODE_DIRECTORY | 0500);
	root->links = 2;
	error = scheme_set_root(scheme, root);
	return error ? error : namespace_add(namespace_first(), scheme);
}

SCHEME(trace) = { .name = "trace", .level = 20, .start = trace_start };
