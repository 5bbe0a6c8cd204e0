/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results and arguments of the command line. */
#include "value.h"

#include <aml/text.h>
#include <base/format.h>

#include "program.h"

struct file_sink {
	struct format_sink sink;
	FILE *stream;
};

static void write_text(struct format_sink *sink, const char *text, size_t length)
{
	fwrite(text, 1, length, ((struct file_sink *)sink)->stream);
}

void value_print(FILE *stream, const struct aml_object *object)
{
	struct file_sink sink = { .sink.write = write_text, .stream = stream };

	aml_print(&sink.sink, object);
}

struct aml_object *value_parse(struct aml *aml, const char *text)
{
	const char *next = text, *why;
	struct aml_object *object;

	if (!aml_is_value(*text)) {
		object = aml_make_string(aml, text);
		if (!object)
			die("no memory for an argument");
		return object;
	}
	if (aml_parse(aml, &next, &object, &why))
		die("argument %s: %s", text, why);
	if (*next)
		die("argument %s: there is something behind it", text);
	return object;
}
