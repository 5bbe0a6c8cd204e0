/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of handovers: displays and input devices. */
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <ddk/display.h>
#include <ddk/input.h>
#include <dev/device.h>
#include <display/display.h>
#include <mm/phys/kernel_map.h>

#define WIDTH  64u
#define HEIGHT 32u

static struct device *begin(void)
{
	struct device *device = device_create(DRIVER_BUS_PLATFORM);

	ktest_expect(device != NULL);
	if (device)
		string_copy(device->name, "handed over", sizeof(device->name));
	return device;
}

static int add_display(struct device *device, uint32_t *pixels, struct ddk_display **display)
{
	const struct ddk_display_description description = {
		.framebuffer = {
			.pixels = pixels,
			.length = WIDTH * HEIGHT * 4,
			.width = WIDTH,
			.height = HEIGHT,
			.stride = WIDTH * 4,
		},
		.modes = { { WIDTH, HEIGHT } },
		.mode_count = 1,
	};
	const struct ddk_display_ops ops = { 0 };

	return ddk_display_add(device, &description, &ops, NULL, display);
}

KTEST(handover, a_display_stays_while_its_driver_is_exchanged)
{
	struct device *device = begin();
	uint32_t *first = kernel_vmalloc(WIDTH * HEIGHT * 4);
	uint32_t *second = kernel_vmalloc(WIDTH * HEIGHT * 4);
	struct ddk_display *display = NULL, *next = NULL;
	unsigned count = display_count();

	if (!device || !first || !second)
		return;
	ktest_expect(add_display(device, first, &display) == 0);
	device_handover_begin(device);
	ddk_display_remove(display);
	ktest_expect(display_count() == count + 1);
	/* What makes no sense does not take its place. */
	ktest_expect(add_display(device, NULL, &next) == -EINVAL);
	ktest_expect(add_display(device, second, &next) == 0);
	ktest_expect(next == display && display_count() == count + 1);
	device_handover_end(device);
	ktest_expect(display_count() == count + 1);
	device_handover_begin(device);
	ddk_display_remove(next);
	device_handover_end(device);
	ktest_expect(display_count() == count);
	kernel_vfree(second);
	kernel_vfree(first);
	device_put(device);
}

static void set_leds(struct ddk_input *input, unsigned leds)
{
	(void)leds;
	ktest_expect(ddk_input_context(input) != NULL);
}

KTEST(handover, an_input_device_stays_while_its_driver_is_exchanged)
{
	const struct ddk_input_ops ops = { .kinds = DDK_INPUT_BUTTONS, .set_leds = set_leds };
	struct ddk_input *input = NULL, *next = NULL, *other = NULL;
	struct device *device = begin();
	static int context;

	if (!device)
		return;
	ktest_expect(ddk_input_create(device, "handed over", &ops, &context, &input) == 0);
	device_handover_begin(device);
	ddk_input_destroy(input);
	ktest_expect(ddk_input_create(device, "another", &ops, &context, &other) == 0);
	ktest_expect(ddk_input_create(device, "handed over", &ops, &context, &next) == 0);
	ktest_expect(next == input && other != input);
	ddk_input_destroy(other);
	device_handover_end(device);
	ddk_input_destroy(next);
	device_put(device);
}
