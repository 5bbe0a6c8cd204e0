/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of the toolkit do to a program. */
#pragma once

#include <ui.h>

#include "fake_window.h"

/* A window of 640 x 480. */
struct ui *bench_open(void);
/* Places and draws what is due. Returns the pixels that were shown. */
uint64_t bench_draw(struct ui *ui);
void bench_event(struct ui *ui, int64_t code, int64_t a, int64_t b);
/* Presses and releases a key, with modifiers (enum ui_modifiers) around it. */
void bench_key(struct ui *ui, unsigned modifiers, unsigned key);
/* The same with the letter of the user's layout. */
void bench_letter(struct ui *ui, unsigned modifiers, char letter);
void bench_type(struct ui *ui, const char *text); /* ASCII */
void bench_move(struct ui *ui, int x, int y);
/* Moves to the middle of a widget, presses a button (enum ui_button) and lets it go. */
void bench_click(struct ui_widget *widget, unsigned button);
void bench_click_at(struct ui *ui, int x, int y, unsigned button);
/* An action that counts: the argument is an unsigned. */
void bench_count(void *argument);
