/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of damage: each line names the volume, and the file if it is one's. */
#include <base/format.h>
#include <base/string.h>

#include <stdarg.h>

#include "volume_priv.h"

#include <base/errno.h>

#define LINE_SIZE 512u
#define PATH_SIZE 256u

/* The label, or the uuid. */
static void append_name(const struct hmfs_volume *volume, char *line, size_t size)
{
	const uint8_t *uuid = volume->super.uuid;
	size_t used;

	if (volume->super.label[0]) {
		snprintf(line, size, "hmfs \"%.63s\": ", (const char *)volume->super.label);
		return;
	}
	string_copy(line, "hmfs ", size);
	for (unsigned i = 0; i < sizeof(volume->super.uuid); i++) {
		const bool dash = i == 4 || i == 6 || i == 8 || i == 10;

		used = strlen(line);
		snprintf(line + used, size - used, "%s%02x", dash ? "-" : "", uuid[i]);
	}
	used = strlen(line);
	snprintf(line + used, size - used, ": ");
}

/* On the heap: this happens deep within everything. */
printf_like(4, 0) static void say(struct hmfs_volume *volume, enum hmfs_log_level level,
				  const struct hmfs_id *id, const char *format, va_list arguments)
{
	const struct hmfs_host *host = volume->host;
	char *line = host->log ? host->allocate(LINE_SIZE + PATH_SIZE) : NULL;
	size_t used;

	if (!line) {
		if (host->log)
			host->log(host->context, level, "hmfs: no memory to say what is damaged");
		return;
	}
	append_name(volume, line, LINE_SIZE);
	used = strlen(line);
	if (id) {
		char *path = line + LINE_SIZE;

		hmfs_describe_locked(volume, *id, path, PATH_SIZE);
		string_copy(line + used, path, LINE_SIZE - used);
		used = strlen(line);
		string_copy(line + used, ": ", LINE_SIZE - used);
		used = strlen(line);
	}
	vsnprintf(line + used, LINE_SIZE - used, format, arguments);
	host->log(host->context, level, line);
	host->release(line);
}

int hmfs_complain(struct hmfs_volume *volume, const struct hmfs_id *id, const char *format, ...)
{
	va_list arguments;

	volume->damaged++;
	va_start(arguments, format);
	say(volume, HMFS_LOG_ERROR, id, format, arguments);
	va_end(arguments);
	return -EIO;
}

void hmfs_note_healed(struct hmfs_volume *volume, const struct hmfs_id *id, const char *format, ...)
{
	va_list arguments;

	volume->healed++;
	va_start(arguments, format);
	say(volume, HMFS_LOG_WARNING, id, format, arguments);
	va_end(arguments);
}

void hmfs_tell(struct hmfs_volume *volume, enum hmfs_log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(volume, level, NULL, format, arguments);
	va_end(arguments);
}

void hmfs_node_damage(void *argument, const struct hmfs_pointer *pointer, unsigned copy,
		      bool healed, const char *what)
{
	struct hmfs_volume *volume = argument;
	const unsigned long long address = pointer->address[copy & 1];

	if (healed)
		hmfs_note_healed(volume, NULL, "metadata at block %llu: %s: healed from its copy",
				 address, what);
	else
		(void)hmfs_complain(volume, NULL, "metadata at block %llu: %s, and so is its copy",
				    address, what);
}
