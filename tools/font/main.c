/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * font-atlas --output FILE --name NAME --pixels SIZE [--line-height N] [--phases N] [--mono] [--letters]
 *	FONT...
 *
 * Makes an atlas of the first font; what that lacks is taken from those that follow. --letters leaves out
 * what texts rarely need.
 */
#include "font.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *output, *name;
	double pixels;
	int line_height;
	int phases;
	int monospaced;
	int letters;
};

void fail(const char *format, ...)
{
	va_list arguments;

	fputs("font-atlas: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void *must_allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		fail("out of memory");
	return memory;
}

static void options_read(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "name", required_argument, NULL, 'n' },
		{ "pixels", required_argument, NULL, 'p' },
		{ "line-height", required_argument, NULL, 'l' },
		{ "phases", required_argument, NULL, 'f' },
		{ "mono", no_argument, NULL, 'm' },
		{ "letters", no_argument, NULL, 'e' },
		{ 0 },
	};
	int option;

	*options = (struct options){ .phases = 1 };
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'o':
			options->output = optarg;
			break;
		case 'n':
			options->name = optarg;
			break;
		case 'p':
			options->pixels = atof(optarg);
			break;
		case 'l':
			options->line_height = atoi(optarg);
			break;
		case 'f':
			options->phases = atoi(optarg);
			break;
		case 'm':
			options->monospaced = 1;
			break;
		case 'e':
			options->letters = 1;
			break;
		default:
			exit(2);
		}
	}
	if (!options->output || !options->name || options->pixels < 4 || options->pixels > 200 ||
	    options->phases < 1 || options->phases > FONT_PHASES_MAX || optind == argc ||
	    argc - optind > FONTS_MAX)
		fail("see the first lines of tools/font/main.c");
}

/* Draws a character in all its phases; false if no font has it. */
static bool draw_phases(const struct raster *raster, unsigned phases, uint32_t code_point,
			bool shifted, struct picture *pictures, int *advance)
{
	for (unsigned i = 0; i < phases; i++) {
		int shift = shifted ? (int)(i * 64 / phases) : 0;

		if (raster->cell_width > 0 && boxes_have(code_point)) {
			boxes_draw(raster, code_point, &pictures[i]);
			*advance = raster->cell_width * 64;
		} else if (!raster_draw(raster, code_point, shift, &pictures[i], advance)) {
			return false;
		}
	}
	return true;
}

static void add_characters(const struct raster *raster, struct output *output,
			   const struct options *options)
{
	unsigned phases = (unsigned)options->phases;

	for (size_t i = 0; i < subset_range_count; i++) {
		const struct subset_range *range = &subset_ranges[i];

		if (options->letters && range->rare)
			continue;
		for (uint32_t code_point = range->first; code_point <= range->last; code_point++) {
			struct picture pictures[FONT_PHASES_MAX];
			int advance;

			if (draw_phases(raster, phases, code_point, range->shifted, pictures,
					&advance))
				output_add(output, code_point, pictures, advance);
		}
	}
}

int main(int argc, char **argv)
{
	struct options options;
	struct raster raster;
	struct output *output;

	options_read(&options, argc, argv);
	raster_open(&raster, argv + optind, (unsigned)(argc - optind), options.pixels,
		    options.monospaced, options.line_height);
	output = output_create((unsigned)options.phases);
	add_characters(&raster, output, &options);
	if (!options.monospaced)
		kerning_add(&raster, output);
	output_write(output, &raster, options.name, options.output);
	output_destroy(output);
	raster_close(&raster);
	return 0;
}
