/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of what is understood of names and texts; tests/guest has those of the files. */
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <scheme/random.h>

#include "orbital_priv.h"

static bool parses(const char *name, struct window_properties *properties)
{
	return orbital_parse_name(name, strlen(name), properties) == 0;
}

static bool places_are(const struct window_properties *properties, int32_t x, int32_t y,
		       int32_t width, int32_t height)
{
	return properties->x == x && properties->y == y && properties->width == width &&
	       properties->height == height;
}

KTEST(orbital, names)
{
	struct window_properties is;

	ktest_expect(parses("rs/-1/20/300/400/A title/with a slash", &is));
	ktest_expect(is.flags == (ORBITAL_RESIZABLE | ORBITAL_SCALABLE));
	ktest_expect(places_are(&is, -1, 20, 300, 400));
	ktest_expect(strcmp(is.title, "A title/with a slash") == 0);
	/* No flags, as such, and as paths leave it. */
	ktest_expect(parses("/1/2/3/4/t", &is) && !is.flags && places_are(&is, 1, 2, 3, 4));
	ktest_expect(parses("-1/2/3/4", &is) && !is.flags && places_are(&is, -1, 2, 3, 4));
	ktest_expect(is.title[0] == '\0');
	/* What is no number is 0, for the desktop to refuse. */
	ktest_expect(parses("a/x/99999999999/-2147483648/2147483648/t", &is));
	ktest_expect(places_are(&is, 0, 0, INT32_MIN, 0));
	ktest_expect(parses("", &is) && places_are(&is, 0, 0, 0, 0));
	ktest_expect(!parses("z/1/2/3/4/t", &is));
	ktest_expect(!parses("a-/1/2/3/4/t", &is));
}

KTEST(orbital, names_are_printed)
{
	struct window_properties is = { .flags =
						ORBITAL_ASYNC | ORBITAL_HIDDEN | ORBITAL_FULLSCREEN,
					.x = -5,
					.y = 6,
					.width = 7,
					.height = 8,
					.title = "Title" };
	static const char wanted[] = "aMh/-5/6/7/8/Title";
	char buffer[64];

	ktest_expect(orbital_print_name(&is, buffer, sizeof(buffer)) == strlen(wanted));
	ktest_expect(memcmp(buffer, wanted, strlen(wanted)) == 0);
	buffer[3] = '#';
	ktest_expect(orbital_print_name(&is, buffer, 3) == 3 && buffer[3] == '#');
	is.flags = 0;
	ktest_expect(orbital_print_name(&is, buffer, sizeof(buffer)) == strlen("/-5/6/7/8/Title"));
}

static bool cleans(const char *text, size_t length, const char *wanted)
{
	char title[WINDOW_TITLE_MAX + 1];

	return orbital_clean_title(text, length, title) == strlen(wanted) &&
	       strcmp(title, wanted) == 0;
}

KTEST(orbital, titles)
{
	char text[300], title[WINDOW_TITLE_MAX + 1];

	ktest_expect(cleans("a\n\x01\x7f"
			    "b",
			    5, "a   b"));
	ktest_expect(cleans("a\0b", 3, "a b"));
	ktest_expect(cleans("\xc3\xa9\xe2\x82\xac", 5, "\xc3\xa9\xe2\x82\xac"));
	ktest_expect(cleans("\xc3", 1, "?") && cleans("\xe2\x82", 2, "??"));
	ktest_expect(cleans("\xff\xfex", 3, "??x"));
	/* No half characters at the end. */
	memset(text, 'x', sizeof(text));
	memcpy(text + WINDOW_TITLE_MAX - 1, "\xc3\xa9", 2);
	ktest_expect(orbital_clean_title(text, sizeof(text), title) == WINDOW_TITLE_MAX - 1);
	memset(text, 'x', sizeof(text));
	ktest_expect(orbital_clean_title(text, sizeof(text), title) == WINDOW_TITLE_MAX);
}

KTEST(orbital, numbers)
{
	static const char *const wrong[] = {
		"",    "-",   "+", "1x", " 1", "2147483648", "-2147483649", "99999999999999999999",
		"--1", "0x10"
	};
	int32_t value = 5;

	for (size_t i = 0; i < array_length(wrong); i++) {
		struct orbital_word word = { wrong[i], strlen(wrong[i]) };

		ktest_expect(!orbital_word_number(word, &value) && value == 5);
	}
	ktest_expect(orbital_word_number((struct orbital_word){ "-2147483648", 11 }, &value));
	ktest_expect(value == INT32_MIN);
	ktest_expect(orbital_word_number((struct orbital_word){ "+12", 3 }, &value) && value == 12);
}

/* Whatever the bytes are, nothing outside of them is looked at, and it ends. */
KTEST(orbital, random_names)
{
	static const char alphabet[] = "abfrultmMhs/-0123456789,\xc3\xa9";
	struct window_properties is;
	uint8_t random[64];
	char name[64], printed[64];

	for (unsigned round = 0; round < 2000; round++) {
		random_bytes(random, sizeof(random));
		for (size_t i = 0; i < sizeof(name); i++)
			name[i] = alphabet[random[i] % (sizeof(alphabet) - 1)];
		if (orbital_parse_name(name, round % sizeof(name), &is) != 0)
			continue;
		ktest_expect(strlen(is.title) <= WINDOW_TITLE_MAX);
		ktest_expect(orbital_print_name(&is, printed, sizeof(printed)) <= sizeof(printed));
	}
}
