/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of lib/keymap share. */
#pragma once

#include <keymap/keymap.h>

/* The key with this name in layouts (docs/formats/keymap.md); KEY_NONE: there is none. */
unsigned keymap_key_named(const char *name, size_t length);
/* The combining character of the dead key with this name; 0: there is none. */
uint32_t keymap_dead_named(const char *name, size_t length);
/* The accent of a dead key, alone; a combining character that has none stands for itself. */
uint32_t keymap_spacing_of(uint32_t dead);
