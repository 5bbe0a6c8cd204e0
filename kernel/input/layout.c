/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout in use, and the keyboard as it is now. */
#include "input_priv.h"
#include "us_layout.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <ddk/keys.h>
#include <mm/phys/slab.h>
#include <sched/mutex.h>
#include <scheme/credentials.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

#define FOLDER "/usr/share/keymaps/"

static struct spinlock keyboard_lock = SPINLOCK_INIT(RANK_INPUT, "keyboard"); /* the two below */
static struct keymap *layout; /* NULL: before input_start_layout() */
static struct keymap_state keyboard;

void input_follow_layout(struct input_event *event)
{
	struct keymap_result result = { .count = 0 };
	irq_state_t state = spin_lock_irqsave(&keyboard_lock);

	if (layout)
		keymap_press(layout, &keyboard, event->code, event->value, &result);
	spin_unlock_irqrestore(&keyboard_lock, state);
	event->modifiers = result.modifiers;
	event->character_count = result.count;
	memcpy(event->characters, result.characters, sizeof(event->characters));
	if (result.locks_changed)
		input_show_locks();
}

uint32_t input_character_on(unsigned key)
{
	irq_state_t state = spin_lock_irqsave(&keyboard_lock);
	uint32_t character = layout && key < KEYMAP_KEYS ? layout->characters[key][0] : 0;

	spin_unlock_irqrestore(&keyboard_lock, state);
	return character;
}

bool input_is_held(unsigned key)
{
	irq_state_t state = spin_lock_irqsave(&keyboard_lock);
	bool held = key < KEYMAP_KEYS && keyboard.held[key / 8] & 1 << key % 8;

	spin_unlock_irqrestore(&keyboard_lock, state);
	return held;
}

unsigned input_leds_wanted(void)
{
	irq_state_t state = spin_lock_irqsave(&keyboard_lock);
	unsigned locks = keyboard.modifiers, leds = 0;

	spin_unlock_irqrestore(&keyboard_lock, state);
	if (locks & KEYMAP_CAPS_LOCK)
		leds |= INPUT_LED_CAPS;
	if (locks & KEYMAP_NUM_LOCK)
		leds |= INPUT_LED_NUM;
	if (locks & KEYMAP_SCROLL_LOCK)
		leds |= INPUT_LED_SCROLL;
	return leds;
}

void input_read_layout(char name[INPUT_LAYOUT_NAME_MAX])
{
	irq_state_t state = spin_lock_irqsave(&keyboard_lock);

	string_copy(name, layout ? layout->name : "", INPUT_LAYOUT_NAME_MAX);
	spin_unlock_irqrestore(&keyboard_lock, state);
}

int input_set_layout(const char *text, size_t length, unsigned *line)
{
	struct input_event event = { .kind = INPUT_LAYOUT };
	struct keymap *made = kmalloc(sizeof(*made)), *old;
	irq_state_t state;
	int error;

	*line = 0;
	if (!made)
		return -ENOMEM;
	error = keymap_parse(made, text, length, line);
	if (error) {
		kfree(made);
		return error;
	}
	state = spin_lock_irqsave(&keyboard_lock);
	old = layout;
	layout = made;
	keyboard.dead = 0;
	spin_unlock_irqrestore(&keyboard_lock, state);
	kfree(old);
	input_deliver(NULL, &event);
	return 0;
}

int input_start_layout(void)
{
	unsigned line;

	return input_set_layout(input_us_layout_start,
				(size_t)(input_us_layout_end - input_us_layout_start), &line);
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') &&
		    name[i] != '-')
			return false;
	return length > 0 && length < INPUT_LAYOUT_NAME_MAX;
}

/* As root, in the tree that programs see. */
static int open_layout(const char *name, struct file **file)
{
	char path[sizeof(FOLDER) + INPUT_LAYOUT_NAME_MAX] = FOLDER;
	struct scheme *scheme = namespace_find(namespace_first(), "file", 4);
	struct credentials *credentials = credentials_create(NULL);
	struct walker walker = { .credentials = credentials };
	int error = credentials ? -ENOENT : -ENOMEM;

	string_copy(path + sizeof(FOLDER) - 1, name, INPUT_LAYOUT_NAME_MAX);
	if (scheme && credentials) {
		walker.root = walker.working_directory = scheme->root;
		error = path_open(&walker, NULL, path, FILE_READ_ONLY, 0, file);
	}
	if (scheme)
		scheme_put(scheme);
	if (credentials)
		credentials_put(credentials);
	return error;
}

int input_load_layout(const char *name)
{
	struct file *file;
	unsigned line = 0;
	ssize_t length;
	char *text;
	int error;

	if (!is_name(name))
		return -EINVAL;
	error = open_layout(name, &file);
	if (error)
		return error;
	text = kmalloc(KEYMAP_TEXT_MAX + 1);
	length = text ? file_read_kernel(file, text, KEYMAP_TEXT_MAX + 1, 0) : -ENOMEM;
	error = length < 0 ? (int)length : input_set_layout(text, (size_t)length, &line);
	if (line && error)
		log_warning("input", "layout %s, line %u is wrong", name, line);
	kfree(text);
	file_put(file);
	return error;
}

void input_start_user_layout(void)
{
	char name[INPUT_LAYOUT_NAME_MAX];
	int error;

	if (!command_line_get("layout", name, sizeof(name)))
		return;
	error = input_load_layout(name);
	if (error)
		log_warning("input", "no layout %s: error %d", name, -error);
}
