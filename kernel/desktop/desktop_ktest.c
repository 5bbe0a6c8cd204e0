/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: windows under the user's hands, on a display in memory. */
#include "desktop_ktest.h"
#include "menu.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <ddk/keys.h>
#include <keymap/keymap.h>
#include <mm/phys/kernel_map.h>
#include <redox/orbital_keys.h>

static bool size_is_refused(int32_t width, int32_t height)
{
	struct window_properties properties = { .width = width, .height = height };
	struct window *window;

	return window_create(&properties, &window) == -EINVAL;
}

KTEST(desktop, refuses_sizes)
{
	if (!desktop_ktest_begin())
		return;
	ktest_expect(size_is_refused(0, 10) && size_is_refused(10, 0));
	ktest_expect(size_is_refused(-1, 10) && size_is_refused(10, INT32_MIN));
	ktest_expect(size_is_refused(INT32_MAX, INT32_MAX) && size_is_refused(16384, 16384));
	desktop_ktest_end();
}

/* The last one made has the focus; when it goes, the one before has it again. */
KTEST(desktop, focus)
{
	struct window *first, *second;
	struct orbital_event event;

	if (!desktop_ktest_begin())
		return;
	first = desktop_ktest_window(50, 80, 200, 100, 0, "first");
	second = desktop_ktest_window(300, 80, 200, 100, 0, "second");
	ktest_expect(desktop.focused == second);
	ktest_expect(desktop_ktest_event(first, ORBITAL_EVENT_FOCUS, &event));
	ktest_expect(!desktop_ktest_event(first, ORBITAL_EVENT_KEY, &event));
	/* Keys reach the one with the focus only. */
	desktop_ktest_key(KEY_A, 1, 0, 'a');
	ktest_expect(!window_has_events(first));
	ktest_expect(desktop_ktest_event(second, ORBITAL_EVENT_KEY, &event) &&
		     event.b == (ORBITAL_KEY_A | ORBITAL_KEY_PRESSED) && event.a == 0);
	ktest_expect(desktop_ktest_event(second, ORBITAL_EVENT_TEXT_INPUT, &event) &&
		     event.a == 'a');
	/* A click gives it to the other, and the key that is down goes up for the old one. */
	desktop_ktest_point(60, 90);
	desktop_ktest_button(true);
	desktop_ktest_button(false);
	ktest_expect(desktop.focused == first);
	ktest_expect(desktop_ktest_event(second, ORBITAL_EVENT_KEY, &event) &&
		     event.b == ORBITAL_KEY_A);
	ktest_expect(desktop_ktest_event(first, ORBITAL_EVENT_BUTTON, &event) && event.a == 1);
	desktop_ktest_key(KEY_A, 0, 0, 0);
	ktest_expect(!desktop_ktest_event(first, ORBITAL_EVENT_KEY, &event));
	window_destroy(first);
	ktest_expect(desktop.focused == second);
	window_destroy(second);
	ktest_expect(!desktop.focused);
	desktop_ktest_end();
}

/* With control, a key tells its character instead of typing it. */
KTEST(desktop, control)
{
	struct window *window;
	struct orbital_event event;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(50, 80, 200, 100, 0, "window");
	desktop_ktest_drop_events(window);
	desktop_ktest_key(KEY_Y, 1, KEYMAP_CONTROL, 'z');
	ktest_expect(desktop_ktest_event(window, ORBITAL_EVENT_KEY, &event) && event.a == 'z');
	ktest_expect(!desktop_ktest_event(window, ORBITAL_EVENT_TEXT_INPUT, &event));
	desktop_ktest_key(KEY_Y, 0, 0, 0);
	/* Alt and F4 asks it to close; it is not told the key. */
	desktop_ktest_drop_events(window);
	desktop_ktest_key(KEY_F4, 1, KEYMAP_ALT, 0);
	ktest_expect(window_take_events(window, &event, 1) == 1 &&
		     event.code == ORBITAL_EVENT_QUIT);
	ktest_expect(!window_has_events(window));
	window_destroy(window);
	desktop_ktest_end();
}

KTEST(desktop, moves_and_snaps)
{
	struct window *window;
	struct orbital_event event;
	struct blend_rectangle before, after;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, ORBITAL_RESIZABLE, "window");
	before = window->content;
	desktop_ktest_point(200, 100 - TITLE_HEIGHT / 2);
	desktop_ktest_button(true);
	desktop_ktest_point(240, 130);
	after = window->content;
	ktest_expect(after.left == before.left + 40);
	ktest_expect(after.top == before.top + 30 + TITLE_HEIGHT / 2);
	ktest_expect(desktop_ktest_event(window, ORBITAL_EVENT_MOVE, &event) &&
		     event.a == after.left && event.b == after.top);
	/* At the left edge it takes half of the display, and away from it its old size again. */
	desktop_ktest_point(0, 300);
	desktop_ktest_button(false);
	ktest_expect(window->tile == TILE_LEFT);
	ktest_expect(rectangle_width(&window->content) == KTEST_WIDTH / 2 - 2 * BORDER_WIDTH);
	ktest_expect(desktop_ktest_event(window, ORBITAL_EVENT_RESIZE, &event) &&
		     event.a == KTEST_WIDTH / 2 - 2 * BORDER_WIDTH);
	desktop_ktest_point(100, TITLE_HEIGHT / 2);
	desktop_ktest_button(true);
	desktop_ktest_point(300, 200);
	desktop_ktest_button(false);
	ktest_expect(window->tile == TILE_NONE && rectangle_width(&window->content) == 300);
	window_destroy(window);
	desktop_ktest_end();
}

/* Programs may end while the user has their window in hand. */
KTEST(desktop, goes_while_dragged)
{
	struct window *window;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, ORBITAL_RESIZABLE, "window");
	desktop_ktest_point(200, 90);
	desktop_ktest_button(true);
	desktop_ktest_point(0, 300);
	ktest_expect(desktop.drag.snap == TILE_LEFT);
	window_destroy(window);
	ktest_expect(desktop.drag.kind == DRAG_NONE && list_empty(&desktop.stale));
	desktop_ktest_button(false);
	/* And with a button of the title, or something of its own, under the pointer. */
	window = desktop_ktest_window(100, 100, 300, 200, ORBITAL_RESIZABLE, "window");
	desktop_ktest_point(400 - 20, 90);
	desktop_ktest_button(true);
	window_destroy(window);
	desktop_ktest_button(false);
	window = desktop_ktest_window(100, 100, 300, 200, 0, "window");
	desktop_ktest_point(150, 150);
	desktop_ktest_button(true);
	window_destroy(window);
	desktop_ktest_point(160, 160);
	desktop_ktest_button(false);
	desktop_ktest_end();
}

/* The frame follows the hand at once; the program is asked, and its pixels need not come. */
KTEST(desktop, resizes)
{
	struct window *window;
	struct orbital_event event;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, ORBITAL_RESIZABLE, "window");
	desktop_ktest_point(400 + 3, 300 + 3);
	desktop_ktest_button(true);
	desktop_ktest_point(420 + 3, 290 + 3);
	ktest_expect(rectangle_width(&window->content) == 320);
	ktest_expect(rectangle_height(&window->content) == 190);
	ktest_expect(window->pixels_width == 300);
	ktest_expect(desktop_ktest_event(window, ORBITAL_EVENT_RESIZE, &event) && event.a == 320 &&
		     event.b == 190);
	desktop_ktest_point(0, 0);
	desktop_ktest_button(false);
	ktest_expect(rectangle_width(&window->content) > 0);
	ktest_expect(rectangle_height(&window->content) == WINDOW_SIDE_LEAST);
	/* What the program makes of it counts. */
	ktest_expect(window_resize(window, 123, 45) == 0);
	ktest_expect(rectangle_width(&window->content) == 123);
	ktest_expect(window_resize(window, 0, 45) == -EINVAL && window->pixels_width == 123);
	window_destroy(window);
	desktop_ktest_end();
}

/* One that is larger than the display is cut, if it can be; its program is asked. */
KTEST(desktop, cuts_what_is_too_large)
{
	struct window_properties properties = {
		.flags = ORBITAL_RESIZABLE, .x = -1, .y = -1, .width = 3000, .height = 2000
	};
	struct window *window;
	struct orbital_event event;
	struct blend_rectangle area;

	if (!desktop_ktest_begin())
		return;
	if (window_create(&properties, &window) == 0) {
		area = desktop_work_area(window->content.left, window->content.top);
		ktest_expect(window->content.right <= area.right);
		ktest_expect(window->content.bottom <= area.bottom);
		ktest_expect(desktop_ktest_event(window, ORBITAL_EVENT_RESIZE, &event) &&
			     event.a == rectangle_width(&window->content) &&
			     event.b == rectangle_height(&window->content));
		/* Hidden, it may go with pixels that were synced. */
		ktest_expect(window_set_flag(window, ORBITAL_HIDDEN, true) == 0);
		desktop_ktest_prepare();
		window_sync(window, NULL, 0);
		window_destroy(window);
		desktop_ktest_prepare();
	}
	desktop_ktest_end();
}

/* A title bar has a picture while it is shown, as wide as the screen at most. */
KTEST(desktop, title_bars_are_bounded)
{
	struct blend_rectangle plane, close;
	struct window *window;

	if (!desktop_ktest_begin())
		return;
	plane = compositor_plane();
	window = desktop_ktest_window(0, 50, WINDOW_SIDE_MAX, 1, 0, "wide");
	ktest_expect(window->frame.shown && window->frame.pixels);
	ktest_expect(window->strip.surface.width == rectangle_width(&plane));
	ktest_expect(window->strip_pages > 0);
	close = frame_button_area(window, TITLE_BUTTON_CLOSE);
	ktest_expect(close.right <= window->frame.x + rectangle_width(&plane));
	ktest_expect(window_set_flag(window, ORBITAL_HIDDEN, true) == 0);
	desktop_ktest_prepare();
	ktest_expect(!window->frame.pixels && !window->strip.room && !window->strip_pages);
	ktest_expect(window_set_flag(window, ORBITAL_HIDDEN, false) == 0);
	desktop_ktest_prepare();
	ktest_expect(window->frame.pixels && window->strip_pages);
	ktest_expect(window_set_flag(window, ORBITAL_BORDERLESS, true) == 0);
	desktop_ktest_prepare();
	ktest_expect(!window->strip_pages);
	window_destroy(window);
	desktop_ktest_end();
}

/* A window can keep the pointer, but not where nobody sees it. */
KTEST(desktop, grabs_pointer)
{
	struct window *window;
	struct blend_rectangle area;

	if (!desktop_ktest_begin())
		return;
	area = desktop_ktest_area();
	window = desktop_ktest_window(100, 100, 200, 100, 0, "window");
	window_grab_pointer(window, true);
	desktop_ktest_point(10, 10);
	ktest_expect(desktop.pointer_x == area.left + 100 && desktop.pointer_y == area.top + 100);
	window_move(window, area.left + 100, 60000);
	desktop_ktest_point(10, 10);
	ktest_expect(desktop.pointer_x == area.left + 10 && desktop.pointer_y == area.top + 10);
	window_move(window, area.left - 150, area.top - 50);
	desktop_ktest_point(400, 300);
	ktest_expect(desktop.pointer_y == area.top + 49);
	window_destroy(window);
	desktop_ktest_end();
}

KTEST(desktop, tiles)
{
	struct window *window;
	struct blend_rectangle before;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, ORBITAL_RESIZABLE, "window");
	before = window->content;
	desktop_ktest_key(KEY_UP, 1, KEYMAP_SUPER, 0);
	ktest_expect(window->tile == TILE_MAXIMIZED);
	ktest_expect(rectangle_width(&window->content) == KTEST_WIDTH);
	desktop_ktest_key(KEY_LEFT, 1, KEYMAP_SUPER, 0);
	desktop_ktest_key(KEY_DOWN, 1, KEYMAP_SUPER, 0);
	ktest_expect(window->tile == TILE_BOTTOM_LEFT);
	ktest_expect(window_set_flag(window, ORBITAL_FULLSCREEN, true) == 0);
	ktest_expect(rectangle_height(&window->content) == KTEST_HEIGHT);
	ktest_expect(window_set_flag(window, ORBITAL_FULLSCREEN, false) == 0);
	ktest_expect(memcmp(&window->content, &before, sizeof(before)) == 0);
	ktest_expect(window_set_flag(window, ORBITAL_BACK | ORBITAL_FRONT, true) == -EINVAL);
	ktest_expect(window_set_flag(window, 1 << 20, true) == -EINVAL);
	window_destroy(window);
	desktop_ktest_end();
}

/* A program that never reads costs a queue, and still hears that it is to close. */
KTEST(desktop, events_are_bounded)
{
	struct window *window;
	struct orbital_event events[4];
	size_t count = 0;
	bool asked = false;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, 0, "window");
	desktop_ktest_drop_events(window);
	for (int32_t x = 110; x < 310; x++)
		desktop_ktest_point(x, 150);
	ktest_expect(window_take_events(window, events, 4) == 2); /* hover, and one place */
	ktest_expect(events[1].code == ORBITAL_EVENT_MOUSE && events[1].a == 209);
	for (unsigned i = 0; i < 2 * WINDOW_EVENTS_MAX; i++)
		desktop_ktest_key(KEY_A, 1 + (i > 0), 0, 'a');
	desktop_ktest_key(KEY_F4, 1, KEYMAP_ALT, 0);
	while (window_take_events(window, events, 1)) {
		count++;
		asked = asked || events[0].code == ORBITAL_EVENT_QUIT;
	}
	ktest_expect(count == WINDOW_EVENTS_MAX && asked);
	window_destroy(window);
	desktop_ktest_end();
}

KTEST(desktop, many_windows)
{
	static struct window *windows[DESKTOP_WINDOWS_MAX];
	struct window_properties properties = { .x = -1, .y = -1, .width = 1, .height = 1 };
	unsigned count = 0;
	struct window *over;

	if (!desktop_ktest_begin())
		return;
	while (count < DESKTOP_WINDOWS_MAX && window_create(&properties, &windows[count]) == 0)
		count++;
	ktest_expect(count == DESKTOP_WINDOWS_MAX);
	ktest_expect(window_create(&properties, &over) == -ENFILE);
	desktop_ktest_prepare();
	while (count > 0)
		window_destroy(windows[--count]);
	desktop_ktest_prepare();
	ktest_expect(list_empty(&desktop.stack) && list_empty(&desktop.stale));
	desktop_ktest_end();
}

KTEST(desktop, clipboard)
{
	struct window *first, *second;
	char read[8] = "";
	char *bytes = kernel_vmalloc(8);

	if (!bytes || !desktop_ktest_begin())
		return;
	memcpy(bytes, "secret", 7);
	first = desktop_ktest_window(50, 80, 200, 100, 0, "first");
	second = desktop_ktest_window(300, 80, 200, 100, 0, "second");
	ktest_expect(clipboard_set(first, bytes, 7) == -EACCES);
	/* The focus alone does not do. */
	ktest_expect(clipboard_set(second, bytes, 7) == -EACCES);
	desktop_ktest_key(KEY_C, 1, KEYMAP_SUPER, 0);
	desktop_ktest_key(KEY_C, 0, 0, 0);
	ktest_expect(clipboard_set(second, bytes, 7) == 0);
	ktest_expect(clipboard_read(first, read, sizeof(read), 0) == -EACCES && !read[0]);
	ktest_expect(clipboard_read(second, read, sizeof(read), 2) == 5);
	ktest_expect(strcmp(read, "cret") == 0);
	ktest_expect(clipboard_read(second, read, sizeof(read), SIZE_MAX) == 0);
	desktop_ktest_point(60, 90);
	desktop_ktest_button(true);
	ktest_expect(clipboard_read(second, read, sizeof(read), 0) == -EACCES);
	ktest_expect(clipboard_read(first, read, sizeof(read), 0) == 7);
	desktop_ktest_button(false);
	/* It has to be done anew. */
	mutex_lock(&compositor_lock);
	window_focus(second);
	mutex_unlock(&compositor_lock);
	ktest_expect(clipboard_read(second, read, sizeof(read), 0) == -EACCES);
	desktop_ktest_key(KEY_A, 1, 0, 'a');
	ktest_expect(clipboard_set(second, NULL, 0) == 0);
	ktest_expect(clipboard_read(second, read, sizeof(read), 0) == 0);
	window_destroy(first);
	window_destroy(second);
	desktop_ktest_end();
}

static int session_line(const char *line)
{
	return session_write(line, strlen(line));
}

KTEST(desktop, session)
{
	char commands[64];

	if (!desktop_ktest_begin())
		return;
	ktest_expect(session_open() == 0 && session_open() == -EBUSY);
	ktest_expect(session_line("Terminal\tterminal\t/bin/terminal") == 0);
	ktest_expect(session_line("Files\tfiles\t/bin/files /") == 0);
	ktest_expect(session_entry_count() == 2);
	ktest_expect(session_line("Files\tfiles\t/bin/files") == 0 && session_entry_count() == 2);
	ktest_expect(session_line("\tfiles\tx") == -EINVAL && session_line("a\tb") == -EINVAL);
	ktest_expect(session_line("a\tb\t") == -EINVAL && session_line("theme") == -EINVAL);
	ktest_expect(session_line("accent 12345g") == -EINVAL && session_line("zone x") == -EINVAL);
	ktest_expect(session_line("theme light") == 0 && !desktop.dark);
	ktest_expect(session_line("theme dark") == 0 && desktop.dark);
	ktest_expect(session_line("scale 2") == 0 && desktop.scale == 2);
	ktest_expect(session_line("scale 1") == 0 && desktop.scale == 1);
	/* Super, a name, and enter start it. */
	desktop_ktest_key(KEY_LEFT_META, 1, KEYMAP_SUPER, 0);
	desktop_ktest_key(KEY_LEFT_META, 0, 0, 0);
	ktest_expect(launcher_is_open());
	desktop_ktest_key(KEY_F, 1, 0, 'F');
	desktop_ktest_key(KEY_I, 1, 0, 'I');
	desktop_ktest_key(KEY_ENTER, 1, 0, 0);
	ktest_expect(!launcher_is_open() && session_has_commands());
	ktest_expect(session_read(commands, 4) == 0);
	ktest_expect(session_read(commands, sizeof(commands)) == 11);
	ktest_expect(memcmp(commands, "/bin/files\n", 11) == 0);
	ktest_expect(session_line("clear") == 0 && session_entry_count() == 0);
	session_close();
	desktop_ktest_end();
}

KTEST(desktop, menus)
{
	struct window *window;
	struct orbital_event event;

	if (!desktop_ktest_begin())
		return;
	window = desktop_ktest_window(100, 100, 300, 200, 0, "window");
	desktop_ktest_point(200, 90);
	desktop_ktest_right_click();
	ktest_expect(menu_is_open());
	/* Keys are the menu's: its last item closes the window. */
	desktop_ktest_drop_events(window);
	desktop_ktest_key(KEY_UP, 1, 0, 0);
	desktop_ktest_key(KEY_ENTER, 1, 0, 0);
	ktest_expect(!menu_is_open());
	ktest_expect(window_take_events(window, &event, 1) && event.code == ORBITAL_EVENT_QUIT);
	/* It goes with its window. */
	desktop_ktest_right_click();
	ktest_expect(menu_is_open());
	window_destroy(window);
	ktest_expect(!menu_is_open());
	desktop_ktest_prepare();
	desktop_ktest_right_click();
	ktest_expect(menu_is_open());
	desktop_ktest_key(KEY_ESCAPE, 1, 0, 0);
	ktest_expect(!menu_is_open());
	desktop_ktest_end();
}

KTEST(desktop, switcher)
{
	struct window *windows[3];

	if (!desktop_ktest_begin())
		return;
	for (unsigned i = 0; i < 3; i++)
		windows[i] = desktop_ktest_window(50, 80, 200, 100, 0, "window");
	desktop_ktest_key(KEY_LEFT_ALT, 1, KEYMAP_ALT, 0);
	desktop_ktest_key(KEY_TAB, 1, KEYMAP_ALT, 0);
	ktest_expect(switcher_is_open() && desktop.focused == windows[2]);
	desktop_ktest_key(KEY_TAB, 2, KEYMAP_ALT, 0);
	/* The one that would be next goes. */
	window_destroy(windows[0]);
	desktop_ktest_key(KEY_LEFT_ALT, 0, 0, 0);
	ktest_expect(!switcher_is_open() && desktop.focused);
	desktop_ktest_key(KEY_TAB, 1, KEYMAP_ALT, 0);
	desktop_ktest_key(KEY_LEFT_ALT, 0, 0, 0);
	ktest_expect(desktop.focused == windows[1] || desktop.focused == windows[2]);
	window_destroy(windows[1]);
	window_destroy(windows[2]);
	desktop_ktest_end();
}
