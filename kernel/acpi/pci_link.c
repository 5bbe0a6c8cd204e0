/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Link devices (PNP0C0F): where several pins of PCI meet, and which interrupt they lead to (ACPI 6.5, 6.2.13).
 * What a link is set to already is kept if that is one of the interrupts that it can have; else it gets, of those,
 * the one that fewest others use.
 */
#include "pci_routes.h"

#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/mutex.h>

#define CHOICE_MAX      32
#define LINK_MAX        64
#define ISA_LINES       16
#define GSI_MAX         1024
#define TAG_IRQ         0x23 /* small: 3 bytes behind the tag */
#define TAG_EXTENDED    0x89
#define TAG_END         0x79
#define EXTENDED_LENGTH 6
#define CONSUMER        1u

/* ISA lines that boards' own devices have, which share badly: timer, keyboard, cascade, clock, mouse, coprocessor,
 * disks. */
#define ISA_TAKEN 0xf107u
#define PENALTY   100

struct choice {
	struct acpi_line line;
	bool extended, shared;
};

struct link {
	struct link *next;
	struct aml_node *name; /* held */
	unsigned index;        /* of the descriptors, that routes name */
	struct choice chosen;  /* and set */
	bool usable;
};

/* RANK_ACPI_LINK: all here. */
static struct mutex lock;
static struct link *links;
static unsigned link_count;

/* Descriptors of one index, as they are read. */
struct choices {
	unsigned wanted, seen;
	bool in_alternative;
	struct choice all[CHOICE_MAX];
	unsigned count;
};

void acpi_links_start(void)
{
	mutex_init(&lock, RANK_ACPI_LINK, "acpi links");
}

static void add_choices(const struct aml_resource *resource, struct choices *choices)
{
	for (unsigned i = 0; i < resource->irq.count && choices->count < CHOICE_MAX; i++) {
		uint32_t gsi = aml_resource_number(resource, i);

		if (gsi && gsi < GSI_MAX)
			choices->all[choices->count++] = (struct choice){
				.line = { gsi, !resource->irq.edge, resource->irq.active_low },
				.extended = resource->tag == TAG_EXTENDED,
				.shared = resource->irq.shared,
			};
	}
}

/* Each alternative of dependent descriptors begins to count anew. */
static int read_resource(const struct aml_resource *resource, void *argument)
{
	struct choices *choices = argument;

	if (resource->type == AML_RESOURCE_DEPENDENT)
		choices->seen = 0;
	if (resource->type == AML_RESOURCE_IRQ && choices->seen++ == choices->wanted)
		add_choices(resource, choices);
	return 0;
}

/* What _PRS or _CRS tells. */
static void read_choices(const struct link *link, const char *method, struct choices *choices)
{
	int error;

	*choices = (struct choices){ .wanted = link->index };
	error = acpi_resources(link->name, method, read_resource, choices);
	if (error)
		choices->count = 0;
}

static unsigned penalty_of(unsigned gsi)
{
	unsigned penalty = gsi < ISA_LINES && (ISA_TAKEN >> gsi & 1) ? PENALTY : 0;

	for (const struct link *link = links; link; link = link->next)
		if (link->usable && link->chosen.line.gsi == gsi)
			penalty++;
	return penalty;
}

static const struct choice *find_choice(const struct choices *choices, unsigned gsi)
{
	for (unsigned i = 0; i < choices->count; i++)
		if (choices->all[i].line.gsi == gsi)
			return &choices->all[i];
	return NULL;
}

static const struct choice *best_choice(const struct choices *choices)
{
	const struct choice *best = NULL;

	for (unsigned i = 0; i < choices->count; i++)
		if (!best || penalty_of(choices->all[i].line.gsi) < penalty_of(best->line.gsi))
			best = &choices->all[i];
	return best;
}

/* The template that says so. Returns its length. */
static size_t write_template(const struct choice *choice, uint8_t bytes[16])
{
	const struct acpi_line *line = &choice->line;
	unsigned edge = line->level ? 0 : 1;
	size_t at = 0;

	if (choice->extended || line->gsi >= ISA_LINES) {
		bytes[at++] = TAG_EXTENDED;
		bytes[at++] = EXTENDED_LENGTH;
		bytes[at++] = 0;
		bytes[at++] = (uint8_t)(CONSUMER | edge << 1 | line->active_low << 2 |
					choice->shared << 3);
		bytes[at++] = 1; /* number */
		for (unsigned shift = 0; shift < 32; shift += 8)
			bytes[at++] = (uint8_t)(line->gsi >> shift);
	} else {
		bytes[at++] = TAG_IRQ;
		bytes[at++] = (uint8_t)(1u << line->gsi);
		bytes[at++] = (uint8_t)(1u << line->gsi >> 8);
		bytes[at++] = (uint8_t)(edge | line->active_low << 3 | choice->shared << 4);
	}
	bytes[at++] = TAG_END;
	bytes[at++] = 0; /* no checksum */
	return at;
}

static int set(const struct link *link)
{
	struct aml *aml = acpi_aml();
	struct aml_node *method = acpi_find(link->name, "_SRS");
	struct aml_object *argument, *nothing = NULL;
	uint8_t bytes[16];
	size_t length = write_template(&link->chosen, bytes);
	int error;

	/* One that cannot be set is what it is. */
	if (!method)
		return 0;
	argument = aml_make_buffer(aml, bytes, length);
	if (!argument)
		return -ENOMEM;
	error = acpi_errno(aml_evaluate(aml, method, &argument, 1, &nothing));
	if (!error)
		aml_put(aml, nothing);
	aml_put(aml, argument);
	return error;
}

static void disable(const struct link *link)
{
	int error = acpi_call(link->name, "_DIS", NULL, 0, NULL);

	if (error && error != -ENOENT)
		log_debug("acpi", "a link's _DIS: error %d", -error);
}

/* Chooses and sets. What the link says then is believed, if it could say so. */
static int start_locked(struct link *link)
{
	struct choices *possible = kmalloc(2 * sizeof(*possible)), *current;
	const struct choice *choice;
	int error = -ENODEV;

	if (!possible)
		return -ENOMEM;
	current = possible + 1;
	read_choices(link, "_PRS", possible);
	read_choices(link, "_CRS", current);
	choice = current->count ? &current->all[0] : NULL;
	if (possible->count) {
		/* The flags are those of what is possible. */
		choice = choice ? find_choice(possible, choice->line.gsi) : NULL;
		if (!choice) {
			disable(link);
			choice = best_choice(possible);
		}
	}
	if (choice) {
		link->chosen = *choice;
		error = set(link);
	}
	if (!error) {
		read_choices(link, "_CRS", current);
		if (current->count && current->all[0].line.gsi != link->chosen.line.gsi) {
			choice = find_choice(possible, current->all[0].line.gsi);
			error = choice ? 0 : -ENODEV;
			if (choice)
				link->chosen = *choice;
		}
	}
	kfree(possible);
	return error;
}

static bool is_present(struct aml_node *name)
{
	struct acpi_device *device = acpi_device_of(name);

	return device && acpi_device_is(device, "PNP0C0F") &&
	       (acpi_device_read_status(device) & ACPI_STATUS_PRESENT);
}

/* The link, set, with its first use. NULL: out of memory, or there are too many. */
static struct link *find_locked(struct aml_node *name, unsigned index)
{
	struct link *link = links;
	char path[ACPI_PATH_MAX];
	int error;

	while (link && (link->name != name || link->index != index))
		link = link->next;
	if (link || link_count == LINK_MAX)
		return link;
	link = kzalloc(sizeof(*link));
	if (!link)
		return NULL;
	aml_node_hold(acpi_aml(), name);
	link->name = name;
	link->index = index;
	error = is_present(name) ? start_locked(link) : -ENODEV;
	link->usable = !error;
	aml_node_path(name, path, sizeof(path));
	if (error)
		log_warning("acpi", "%s leads to no interrupt: error %d", path, -error);
	else
		log_info("acpi", "%s leads to interrupt %u, %s, active %s", path,
			 link->chosen.line.gsi, link->chosen.line.level ? "level" : "edge",
			 link->chosen.line.active_low ? "low" : "high");
	link->next = links;
	links = link;
	link_count++;
	return link;
}

int acpi_link_connect(struct aml_node *name, unsigned index, struct acpi_line *line)
{
	const struct link *link;
	int error = -ENODEV;

	mutex_lock(&lock);
	link = find_locked(name, index);
	if (link && link->usable) {
		*line = link->chosen.line;
		error = 0;
	}
	mutex_unlock(&lock);
	return error;
}

void acpi_links_resume(void)
{
	if (!acpi_aml())
		return;
	mutex_lock(&lock);
	for (const struct link *link = links; link; link = link->next)
		if (link->usable && set(link))
			log_warning("acpi", "a link cannot be set again");
	mutex_unlock(&lock);
}
