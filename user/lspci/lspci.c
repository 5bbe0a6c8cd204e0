/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lspci: the PCI functions, as /sys/bus/pci (scheme `pci:`) shows them.
 *
 *     lspci              a line for each
 *     lspci -v           with resources, capabilities, driver
 *     lspci -x, -xxx, -xxxx   with the first 64, 256, 4096 bytes of configuration space
 *     lspci -t           the tree of buses
 *     lspci -s [[[DOMAIN]:]BUS:][SLOT][.FUNCTION]   only those
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER      "/sys/bus/pci/devices"
#define CONFIG_SIZE 4096
#define TEXT_SIZE   16384
#define HEADER_TYPE 0x0e
#define SECONDARY   0x19
#define BRIDGE      1
#define DEPTH_MAX   20

struct function {
	unsigned domain, bus, slot, function;
	char name[32];
	unsigned behind; /* the bus behind a bridge; 0: none */
	char info[TEXT_SIZE];
};

static struct function *functions;
static size_t function_count;

static struct {
	bool verbose, tree;
	size_t raw;                       /* bytes of configuration space */
	long domain, bus, slot, function; /* negative: any */
} options = { .domain = -1, .bus = -1, .slot = -1, .function = -1 };

static size_t read_file(const char *function, const char *file, void *buffer, size_t size)
{
	char path[512];
	size_t length;
	FILE *from;

	snprintf(path, sizeof(path), FOLDER "/%s/%s", function, file);
	from = fopen(path, "re");
	if (!from)
		return 0;
	length = fread(buffer, 1, size, from);
	fclose(from);
	return length;
}

static void add_function(const char *name)
{
	struct function *made;
	uint8_t header[64];
	unsigned domain, bus, slot, function;

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4 ||
	    strlen(name) >= sizeof(made->name))
		return;
	functions = realloc(functions, (function_count + 1) * sizeof(*functions));
	if (!functions) {
		perror("lspci");
		exit(1);
	}
	made = &functions[function_count];
	memset(made, 0, sizeof(*made));
	made->domain = domain;
	made->bus = bus;
	made->slot = slot;
	made->function = function;
	strcpy(made->name, name);
	/* One that went meanwhile has no text. */
	made->info[read_file(name, "info", made->info, TEXT_SIZE - 1)] = '\0';
	if (read_file(name, "config", header, sizeof(header)) == sizeof(header) &&
	    (header[HEADER_TYPE] & 0x7f) == BRIDGE && header[SECONDARY] != 0xff)
		made->behind = header[SECONDARY];
	function_count += made->info[0] != '\0';
}

static int compare(const void *a, const void *b)
{
	const struct function *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static void read_functions(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	if (!folder) {
		fprintf(stderr, "lspci: %s: %s\n", FOLDER, strerror(errno));
		exit(1);
	}
	while ((entry = readdir(folder)) != NULL)
		add_function(entry->d_name);
	closedir(folder);
	if (function_count)
		qsort(functions, function_count, sizeof(*functions), compare);
}

static bool is_wanted(const struct function *function)
{
	return (options.domain < 0 || options.domain == (long)function->domain) &&
	       (options.bus < 0 || options.bus == (long)function->bus) &&
	       (options.slot < 0 || options.slot == (long)function->slot) &&
	       (options.function < 0 || options.function == (long)function->function);
}

/* The domain is left out where it is 0. */
static const char *short_name(const struct function *function)
{
	return function->domain == 0 ? function->name + 5 : function->name;
}

static void print_raw(const struct function *function)
{
	uint8_t config[CONFIG_SIZE];
	size_t length = read_file(function->name, "config", config, options.raw);

	for (size_t i = 0; i < length; i++) {
		if (i % 16 == 0)
			printf("%02zx:", i);
		printf(" %02x%s", config[i], i % 16 == 15 ? "\n" : "");
	}
}

static void print_function(const struct function *function)
{
	size_t length = options.verbose ? strlen(function->info) : strcspn(function->info, "\n");

	printf("%s %.*s%s", short_name(function), (int)length, function->info,
	       options.verbose ? "" : "\n");
	if (options.raw)
		print_raw(function);
	if (options.verbose || options.raw)
		putchar('\n');
}

static void print_bus(unsigned domain, unsigned bus, unsigned depth)
{
	for (size_t i = 0; i < function_count && depth < DEPTH_MAX; i++) {
		const struct function *function = &functions[i];

		if (function->domain != domain || function->bus != bus)
			continue;
		printf("%*s%s %.*s\n", (int)depth * 2, "", short_name(function),
		       (int)strcspn(function->info, "\n"), function->info);
		if (function->behind > bus)
			print_bus(domain, function->behind, depth + 1);
	}
}

/* From the buses that are behind none of the bridges. */
static void print_tree(void)
{
	for (size_t i = 0; i < function_count; i++) {
		const struct function *first = &functions[i];
		bool behind = false;

		if (i > 0 && functions[i - 1].bus == first->bus &&
		    functions[i - 1].domain == first->domain)
			continue;
		for (size_t k = 0; k < function_count; k++)
			behind |= functions[k].domain == first->domain &&
				  functions[k].behind == first->bus && first->bus != 0;
		if (!behind)
			print_bus(first->domain, first->bus, 0);
	}
}

/* A number in base 16, or negative if there is none; *text is moved behind it. */
static long parse_number(char **text)
{
	char *end;
	long value = strtol(*text, &end, 16);
	bool any = end != *text;

	*text = end;
	return any && value >= 0 ? value : -1;
}

/* False if it is no selection. */
static bool parse_selection(char *text)
{
	long parts[3] = { -1, -1, -1 }; /* what stands before colons, and last */
	unsigned count = 0;

	for (;;) {
		parts[count] = parse_number(&text);
		if (*text != ':' || count == 2)
			break;
		text++;
		count++;
	}
	if (*text == '.') {
		text++;
		options.function = parse_number(&text);
	}
	options.slot = parts[count];
	options.bus = count >= 1 ? parts[count - 1] : -1;
	options.domain = count >= 2 ? parts[0] : -1;
	return *text == '\0';
}

static int usage(void)
{
	fprintf(stderr, "usage: lspci [-v] [-x|-xxx|-xxxx] [-t] "
			"[-s [[[DOMAIN]:]BUS:][SLOT][.FUNCTION]]\n");
	return 2;
}

int main(int count, char **arguments)
{
	unsigned raw = 0;
	int option;

	while ((option = getopt(count, arguments, "nvxts:")) != -1) {
		switch (option) {
		case 'n': /* it is numbers that are shown anyway */
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'x':
			raw++;
			break;
		case 't':
			options.tree = true;
			break;
		case 's':
			if (parse_selection(optarg))
				break;
			return usage();
		default:
			return usage();
		}
	}
	if (optind != count)
		return usage();
	options.raw = raw >= 4 ? CONFIG_SIZE : raw >= 3 ? 256 : raw ? 64 : 0;
	read_functions();
	if (options.tree)
		print_tree();
	for (size_t i = 0; !options.tree && i < function_count; i++)
		if (is_wanted(&functions[i]))
			print_function(&functions[i]);
	return 0;
}
