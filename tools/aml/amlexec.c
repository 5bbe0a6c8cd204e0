/* SPDX-License-Identifier: GPL-3.0-or-later */
/* amlexec: loads tables of ACPI into a machine that is not there, and evaluates methods. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "program.h"
#include "value.h"

#define ARGUMENTS_MAX 7

static const char usage[] =
	"usage: amlexec [OPTION...] TABLE.aml...\n"
	"\n"
	"Loads the tables in their order, initialises the devices as the specification says, "
	"evaluates\n"
	"a method or another object, and prints one line, such as\n"
	"\n"
	"    Integer 0x2A\n"
	"    String \"text\"\n"
	"    Buffer 3: 01 02 03\n"
	"    Package 2: [Integer 0x1, String \"x\"]\n"
	"    Nothing\n"
	"    Error AE_NOT_FOUND\n"
	"\n"
	"Memory, ports and configuration spaces hold zeros until they are written. What is stored "
	"to\n"
	"Debug, notifications and messages go to standard error. The exit status is 0, 1 if there "
	"was\n"
	"an error, 2 if the command line was wrong.\n"
	"\n"
	"  --method PATH       what to evaluate (default: \\MAIN). Again: that next, in the same "
	"machine\n"
	"  --arg VALUE         an argument of that method: 42, 0x2A, \"text\", '(01 02)' for a "
	"buffer,\n"
	"                      '[1 \"x\"]' for a package; what begins otherwise is a string\n"
	"  --limit NAME=VALUE  memory (bytes), depth, operations, loop-ms: what bounds the "
	"interpreter\n"
	"  --no-initialize     no _REG, _STA, _INI\n"
	"  --statistics        tells on standard error what it took\n"
	"  --help\n";

struct evaluation {
	const char *path;
	const char *arguments[ARGUMENTS_MAX];
	unsigned count;
};

struct options {
	struct evaluation *evaluations;
	unsigned evaluations_count;
	struct aml_limits limits;
	bool no_initialize, statistics;
};

static struct evaluation *add_evaluation(struct options *options, const char *path)
{
	struct evaluation *added;

	options->evaluations =
		allocate_more(options->evaluations,
			      sizeof(*options->evaluations) * (options->evaluations_count + 1));
	added = &options->evaluations[options->evaluations_count++];
	*added = (struct evaluation){ .path = path };
	return added;
}

static void add_argument(struct options *options, const char *text)
{
	struct evaluation *last;

	if (options->evaluations_count)
		last = &options->evaluations[options->evaluations_count - 1];
	else
		last = add_evaluation(options, "\\MAIN");
	if (last->count == ARGUMENTS_MAX)
		die("%s: methods take at most %u arguments", last->path, ARGUMENTS_MAX);
	last->arguments[last->count++] = text;
}

/* NAME=VALUE */
static void set_limit(struct aml_limits *limits, const char *text)
{
	const char *equals = strchr(text, '=');
	uint64_t value;
	char *end;

	if (!equals)
		die("--limit %s: not NAME=VALUE", text);
	value = strtoull(equals + 1, &end, 0);
	if (*end || end == equals + 1)
		die("--limit %s: not a number", text);
	if (!strncmp(text, "memory=", 7))
		limits->memory = value;
	else if (!strncmp(text, "depth=", 6))
		limits->depth = (unsigned)value;
	else if (!strncmp(text, "operations=", 11))
		limits->operations = value;
	else if (!strncmp(text, "loop-ms=", 8))
		limits->loop_ms = value;
	else
		die("--limit %s: it is memory, depth, operations or loop-ms", text);
}

static void parse_options(int count, char **words, struct options *options)
{
	static const struct option names[] = {
		{ "method", required_argument, NULL, 'm' },
		{ "arg", required_argument, NULL, 'a' },
		{ "limit", required_argument, NULL, 'l' },
		{ "no-initialize", no_argument, NULL, 'n' },
		{ "statistics", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(count, words, "m:a:h", names, NULL)) != -1) {
		switch (option) {
		case 'm':
			/* (Arguments before it were the first method's.) */
			add_evaluation(options, optarg);
			break;
		case 'a':
			add_argument(options, optarg);
			break;
		case 'l':
			set_limit(&options->limits, optarg);
			break;
		case 'n':
			options->no_initialize = true;
			break;
		case 's':
			options->statistics = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			exit(2);
		}
	}
	if (!options->evaluations_count)
		add_evaluation(options, "\\MAIN");
	if (optind == count)
		die("no table named; --help shows how");
}

static int evaluate(struct aml *aml, const struct evaluation *evaluation,
		    struct aml_object **result)
{
	struct aml_object *arguments[ARGUMENTS_MAX];
	struct aml_node *node = aml_find(aml, NULL, evaluation->path);
	int error;

	if (!node)
		return -AML_E_NOT_FOUND;
	for (unsigned i = 0; i < evaluation->count; i++)
		arguments[i] = value_parse(aml, evaluation->arguments[i]);
	error = aml_evaluate(aml, node, arguments, evaluation->count, result);
	for (unsigned i = 0; i < evaluation->count; i++)
		aml_put(aml, arguments[i]);
	return error;
}

/* Prints its line. Where a table was not loaded, that is why a name is missing. */
static bool run(struct aml *aml, const struct evaluation *evaluation, int load_error)
{
	struct aml_object *result = NULL;
	int error = evaluate(aml, evaluation, &result);

	if (error == -AML_E_NOT_FOUND && load_error && !aml_find(aml, NULL, evaluation->path))
		error = load_error;
	if (error) {
		printf("Error %s\n", aml_error_name(error));
	} else {
		value_print(stdout, result);
		putchar('\n');
		aml_put(aml, result);
	}
	fflush(stdout);
	return !error;
}

static void tell_statistics(struct aml *aml)
{
	fprintf(stderr, "operations %" PRIu64 ", memory %zu\n", aml_operations(aml),
		aml_memory_used(aml));
}

int main(int count, char **words)
{
	struct options options = { 0 };
	struct machine *machine;
	bool is_fine = true;
	int load_error;

	program_name = "amlexec";
	parse_options(count, words, &options);
	machine = machine_create(words + optind, (unsigned)(count - optind), &options.limits);
	load_error = machine_load(machine);
	if (!options.no_initialize)
		machine_initialize(machine);
	for (unsigned i = 0; i < options.evaluations_count; i++)
		is_fine &= run(machine_aml(machine), &options.evaluations[i], load_error);
	if (options.statistics)
		tell_statistics(machine_aml(machine));
	if (!machine_destroy(machine)) {
		complain("the interpreter has lost memory");
		is_fine = false;
	}
	free(options.evaluations);
	return !is_fine;
}
