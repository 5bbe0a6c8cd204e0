/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session: what the launcher offers, the settings, and the commands that wait to be started. */
#include <base/errno.h>
#include <base/string.h>

#include "desktop_priv.h"

/* Protected by the compositor's lock, as all here. */
static bool is_open;
static struct session_entry entries[SESSION_ENTRIES_MAX];
static unsigned entry_count;
static char commands[SESSION_QUEUE_MAX]; /* lines */
static size_t command_bytes;
static struct wait_queue queue;

void session_init(void)
{
	wait_queue_init(&queue, "session");
}

int session_open(void)
{
	int error = 0;

	if (!desktop_is_there())
		return -ENODEV;
	mutex_lock(&compositor_lock);
	if (is_open)
		error = -EBUSY;
	is_open = true;
	mutex_unlock(&compositor_lock);
	return error;
}

void session_close(void)
{
	mutex_lock(&compositor_lock);
	is_open = false;
	command_bytes = 0;
	mutex_unlock(&compositor_lock);
}

unsigned session_entry_count(void)
{
	return entry_count;
}

const struct session_entry *session_entry(unsigned index)
{
	return &entries[index];
}

const struct session_entry *session_entry_of_icon(const char *icon)
{
	for (unsigned i = 0; i < entry_count; i++)
		if (strcmp(entries[i].icon, icon) == 0)
			return &entries[i];
	return NULL;
}

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter;
}

bool session_text_contains(const char *text, const char *part)
{
	if (!*part)
		return true;
	for (; *text; text++) {
		size_t i = 0;

		while (part[i] && lower(text[i]) == lower(part[i]))
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

const char *session_icon_of_title(const char *title)
{
	for (unsigned i = 0; i < entry_count; i++)
		if (session_text_contains(title, entries[i].name))
			return entries[i].icon;
	return "";
}

static struct session_entry *entry_of_name(const char *name, size_t length)
{
	for (unsigned i = 0; i < entry_count; i++)
		if (strlen(entries[i].name) == length && memcmp(entries[i].name, name, length) == 0)
			return &entries[i];
	return NULL;
}

static bool copy_part(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

/* NAME, ICON and COMMAND; the tabs are at `first` and `second`. */
static int take_entry(const char *line, size_t length, size_t first, size_t second)
{
	struct session_entry made = { 0 }, *entry;

	if (first == 0 || second + 1 == length ||
	    !copy_part(made.name, sizeof(made.name), line, first) ||
	    !copy_part(made.icon, sizeof(made.icon), line + first + 1, second - first - 1) ||
	    !copy_part(made.command, sizeof(made.command), line + second + 1, length - second - 1))
		return -EINVAL;
	entry = entry_of_name(line, first);
	if (!entry) {
		if (entry_count == SESSION_ENTRIES_MAX)
			return -ENOSPC;
		entry = &entries[entry_count++];
	}
	*entry = made;
	launcher_mark_stale();
	panel_mark_stale();
	return 0;
}

static int take_accent(const char *value)
{
	uint32_t colour = 0;

	if (strlen(value) != 6)
		return -EINVAL;
	for (; *value; value++) {
		char digit = lower(*value);

		if (digit >= '0' && digit <= '9')
			colour = colour << 4 | (uint32_t)(digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			colour = colour << 4 | (uint32_t)(digit - 'a' + 10);
		else
			return -EINVAL;
	}
	desktop.accent = 0xff000000 | colour;
	desktop_refresh();
	return 0;
}

static int take_theme(const char *value)
{
	if (strcmp(value, "dark") != 0 && strcmp(value, "light") != 0)
		return -EINVAL;
	desktop_set_theme(value[0] == 'd');
	return 0;
}

static int take_scale(const char *value)
{
	if (strcmp(value, "auto") == 0)
		desktop_set_scale(0);
	else if (strcmp(value, "1") == 0 || strcmp(value, "2") == 0)
		desktop_set_scale((unsigned)(value[0] - '0'));
	else
		return -EINVAL;
	return 0;
}

static int take_layout(const char *value)
{
	if (!*value || strlen(value) >= sizeof(desktop.layout))
		return -EINVAL;
	string_copy(desktop.layout, value, sizeof(desktop.layout));
	panel_mark_stale();
	return 0;
}

static int take_zone(const char *value)
{
	bool negative = value[0] == '-';
	uint64_t minutes;

	if (string_to_u64(value + negative, &minutes) || minutes > 24 * 60)
		return -EINVAL;
	desktop.zone_minutes = negative ? -(int32_t)minutes : (int32_t)minutes;
	panel_mark_stale();
	return 0;
}

static int take_clear(const char *value)
{
	if (*value)
		return -EINVAL;
	entry_count = 0;
	launcher_mark_stale();
	return 0;
}

/* A setting: a word, and its value. */
static int take_setting(const char *line)
{
	static const struct {
		const char *name;
		int (*take)(const char *value);
	} settings[] = {
		{ "theme", take_theme },   { "accent", take_accent }, { "scale", take_scale },
		{ "layout", take_layout }, { "zone", take_zone },     { "clear", take_clear },
	};

	for (unsigned i = 0; i < array_length(settings); i++) {
		size_t length = strlen(settings[i].name);

		if (strncmp(line, settings[i].name, length) != 0)
			continue;
		if (line[length] == ' ')
			return settings[i].take(line + length + 1);
		if (line[length] == '\0')
			return settings[i].take("");
	}
	return -EINVAL;
}

static int take_line(const char *line, size_t length)
{
	const char *first = memchr(line, '\t', length);
	const char *second;

	if (!first)
		return take_setting(line);
	second = memchr(first + 1, '\t', length - (size_t)(first - line) - 1);
	if (!second)
		return -EINVAL;
	return take_entry(line, length, (size_t)(first - line), (size_t)(second - line));
}

int session_write(const char *line, size_t length)
{
	char copy[SESSION_LINE_MAX + 1];
	int error;

	if (!copy_part(copy, sizeof(copy), line, length))
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if ((uint8_t)copy[i] < ' ' && copy[i] != '\t')
			return -EINVAL;
	mutex_lock(&compositor_lock);
	error = take_line(copy, length);
	mutex_unlock(&compositor_lock);
	return error;
}

void session_post(const char *command)
{
	size_t length = strlen(command);

	if (!is_open || length + 1 > sizeof(commands) - command_bytes)
		return;
	memcpy(commands + command_bytes, command, length);
	commands[command_bytes + length] = '\n';
	command_bytes += length + 1;
	wait_wake_all(&queue);
}

size_t session_read(char *to, size_t size)
{
	size_t count = 0;

	mutex_lock(&compositor_lock);
	for (size_t i = 0; i < command_bytes && i < size; i++)
		if (commands[i] == '\n')
			count = i + 1;
	memcpy(to, commands, count);
	memmove(commands, commands + count, command_bytes - count);
	command_bytes -= count;
	mutex_unlock(&compositor_lock);
	return count;
}

bool session_has_commands(void)
{
	bool any;

	mutex_lock(&compositor_lock);
	any = command_bytes > 0;
	mutex_unlock(&compositor_lock);
	return any;
}

struct wait_queue *session_queue(void)
{
	return &queue;
}
