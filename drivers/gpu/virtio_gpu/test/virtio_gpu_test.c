/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole driver, with a host at the other end that behaves, and with hosts that do not. */
#include "../../../../ddk/mock/display.h"
#include "../../../virtio/test/model.h"

/* For its probe and remove. */
#include "../virtio_gpu.c"

#include <ddk/timer.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

#define PICTURES   64
#define OUTPUTS    3
#define QUEUE_SIZE 64

#define HOST_REFUSES         0x1200
#define HOST_NO_SUCH_PICTURE 0x1203

static struct virtio_model model;

struct host_picture {
	uint32_t number, width, height;
	uint32_t *pixels; /* the host's own */
	struct gpu_piece *pieces;
	uint32_t piece_count;
};

/* What the host has, and how it behaves. */
static struct {
	struct host_picture pictures[PICTURES];
	struct gpu_display_info info; /* what it wants */
	uint32_t shown[OUTPUTS];      /* pictures */
	unsigned flushes, commands;
	unsigned refused;    /* answers this command type with an error; 0: none */
	unsigned deaf_after; /* answers that many commands, then none; 0: all */
	bool short_answers, wrong_answers;
	uint64_t random; /* answers at random; 0: not */
} host;

static uint64_t next_random(void)
{
	host.random ^= host.random << 13;
	host.random ^= host.random >> 7;
	host.random ^= host.random << 17;
	return host.random;
}

static struct host_picture *find_picture(uint32_t number)
{
	for (unsigned i = 0; i < PICTURES; i++)
		if (host.pictures[i].number == number)
			return &host.pictures[i];
	return NULL;
}

static void forget_picture(struct host_picture *picture)
{
	free(picture->pixels);
	free(picture->pieces);
	*picture = (struct host_picture){ 0 };
}

static uint32_t host_create(const struct gpu_create_picture *command)
{
	struct host_picture *picture = find_picture(0);

	EXPECT(picture && command->picture != 0 && !find_picture(command->picture));
	EXPECT_EQUAL(command->format, GPU_FORMAT_BGRX);
	*picture = (struct host_picture){
		.number = command->picture,
		.width = command->width,
		.height = command->height,
	};
	picture->pixels = calloc((size_t)command->width * command->height, 4);
	return GPU_OK;
}

static uint32_t host_attach(const struct gpu_attach_memory *command, const void *list, size_t size)
{
	struct host_picture *picture = find_picture(command->picture);

	if (!picture)
		return HOST_NO_SUCH_PICTURE;
	EXPECT(!picture->pieces);
	EXPECT_EQUAL(size, command->count * sizeof(struct gpu_piece));
	picture->pieces = malloc(size);
	memcpy(picture->pieces, list, size);
	picture->piece_count = command->count;
	for (uint32_t i = 0; i < command->count; i++)
		(void)mock_dma(picture->pieces[i].address, picture->pieces[i].length);
	return GPU_OK;
}

/* The pixel at this offset of the picture's memory. */
static uint32_t guest_pixel(const struct host_picture *picture, uint64_t offset)
{
	for (uint32_t i = 0; i < picture->piece_count; i++) {
		const struct gpu_piece *piece = &picture->pieces[i];
		uint32_t pixel;

		if (offset < piece->length) {
			memcpy(&pixel, mock_dma(piece->address + offset, 4), 4);
			return pixel;
		}
		offset -= piece->length;
	}
	unit_fail(__FILE__, __LINE__, "beyond the memory");
	return 0;
}

static uint32_t host_transfer(const struct gpu_transfer *command)
{
	struct host_picture *picture = find_picture(command->picture);
	const struct gpu_rectangle *area = &command->area;

	EXPECT(picture && picture->pieces);
	EXPECT(area->x + area->width <= picture->width &&
	       area->y + area->height <= picture->height);
	for (uint32_t y = 0; y < area->height; y++)
		for (uint32_t x = 0; x < area->width; x++)
			picture->pixels[(area->y + y) * picture->width + area->x + x] = guest_pixel(
				picture, command->offset + ((uint64_t)y * picture->width + x) * 4);
	return GPU_OK;
}

static uint32_t host_handle(const struct gpu_header *command, const void *more, size_t more_size)
{
	const struct gpu_name_picture *name = (const void *)command;
	const struct gpu_set_output *set = (const void *)command;
	const struct gpu_flush *flush = (const void *)command;
	struct host_picture *picture;

	switch (command->type) {
	case GPU_GET_DISPLAY_INFO:
		/* The driver has cleared the event before it asks. */
		EXPECT_EQUAL(model.config[GPU_CONFIG_EVENTS],
			     model.config[GPU_CONFIG_EVENTS_CLEAR]);
		model.config[GPU_CONFIG_EVENTS] = model.config[GPU_CONFIG_EVENTS_CLEAR] = 0;
		return GPU_OK_DISPLAY_INFO;
	case GPU_CREATE_PICTURE:
		return host_create((const void *)command);
	case GPU_ATTACH_MEMORY:
		return host_attach((const void *)command, more, more_size);
	case GPU_TRANSFER:
		return host_transfer((const void *)command);
	case GPU_DETACH_MEMORY:
		picture = find_picture(name->picture);
		if (!picture)
			return HOST_NO_SUCH_PICTURE;
		free(picture->pieces);
		picture->pieces = NULL;
		return GPU_OK;
	case GPU_DESTROY_PICTURE:
		picture = find_picture(name->picture);
		if (!picture)
			return HOST_NO_SUCH_PICTURE;
		/* It may have lost that command. */
		EXPECT(host.random || !picture->pieces);
		for (unsigned i = 0; i < OUTPUTS; i++)
			/* It may have said that it did not show it. */
			EXPECT(host.random || host.shown[i] != name->picture);
		forget_picture(picture);
		return GPU_OK;
	case GPU_SET_OUTPUT:
		EXPECT(set->output < OUTPUTS);
		picture = find_picture(set->picture);
		EXPECT(set->picture == 0 || (picture && set->area.width == picture->width &&
					     set->area.height == picture->height));
		host.shown[set->output] = set->picture;
		return GPU_OK;
	case GPU_FLUSH:
		EXPECT(find_picture(flush->picture) != NULL);
		host.flushes++;
		return GPU_OK;
	default:
		unit_fail(__FILE__, __LINE__, "command 0x%x", command->type);
		return 0;
	}
}

static void answer(const struct model_request *segments, unsigned count, uint32_t type)
{
	const struct model_request *last = &segments[count - 1];
	struct gpu_display_info info = host.info;
	uint32_t size = type == GPU_OK_DISPLAY_INFO ? sizeof(info) : sizeof(info.header);

	EXPECT(last->writable && last->length >= size);
	info.header.type = host.wrong_answers ? 0x1234 : type;
	if (host.random) {
		info.header.type = next_random() % 4 ? type : (uint32_t)next_random();
		size = next_random() % 8 ? size : (uint32_t)(next_random() % (size + 1));
	}
	memcpy(mock_dma(last->address, last->length), &info, size);
	if (host.short_answers)
		size = 8;
	virtio_model_put(&model, CONTROL_QUEUE,
			 host.random && next_random() % 64 == 0 ? (uint32_t)next_random()
								: segments->id,
			 size);
}

static void host_kick(struct virtio_model *own, unsigned queue)
{
	struct model_request segments[3];
	unsigned count;

	EXPECT_EQUAL(queue, CONTROL_QUEUE);
	while (virtio_model_take_chain(own, queue, segments, 3, &count)) {
		const struct gpu_header *command =
			mock_dma(segments[0].address, segments[0].length);
		bool more = count == 3;
		uint32_t type;

		EXPECT(count >= 2 && !segments[0].writable && !(more && segments[1].writable));
		host.commands++;
		if (host.deaf_after && host.commands > host.deaf_after)
			continue;
		if (host.random && next_random() % 64 == 0)
			continue;
		if (command->type == host.refused)
			type = HOST_REFUSES;
		else
			type = host_handle(command,
					   more ? mock_dma(segments[1].address, segments[1].length)
						: NULL,
					   more ? segments[1].length : 0);
		answer(segments, count, type);
	}
}

static void host_wants(unsigned output, uint32_t width, uint32_t height, bool enabled)
{
	host.info.outputs[output].area = (struct gpu_rectangle){ 0, 0, width, height };
	host.info.outputs[output].enabled = enabled;
}

/* Tells the driver that it wants something else. */
static void host_changes(void)
{
	model.config[GPU_CONFIG_EVENTS] = GPU_EVENT_DISPLAY;
	/* One that was stopped has no vector. */
	if (model.config_vector < MOCK_IRQ_COUNT)
		mock_raise(model.config_vector);
	mock_run();
}

/* A host with three outputs, of which the first is on. */
static void prepare(void)
{
	uint32_t outputs = OUTPUTS;

	for (unsigned i = 0; i < PICTURES; i++)
		forget_picture(&host.pictures[i]);
	memset(&host, 0, sizeof(host));
	virtio_model_init(&model, 2, QUEUE_SIZE);
	memcpy(model.config + GPU_CONFIG_OUTPUTS, &outputs, sizeof(outputs));
	model.kick = host_kick;
	host_wants(0, 320, 200, true);
}

static void finish(void)
{
	remove(&model.device);
	mock_finish();
	for (unsigned i = 0; i < PICTURES; i++)
		forget_picture(&host.pictures[i]);
}

static unsigned count_pictures(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PICTURES; i++)
		count += host.pictures[i].number != 0;
	return count;
}

static uint32_t *pixels_of(unsigned display)
{
	return mock_display(display)->description.framebuffer.pixels;
}

static uint32_t shown_pixel(unsigned output, uint32_t x, uint32_t y)
{
	const struct host_picture *picture = find_picture(host.shown[output]);

	return picture->pixels[y * picture->width + x];
}

UNIT_TEST(virtio_gpu, shows_what_is_drawn)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(mock_display_count(), 1);
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 320);
	for (uint32_t i = 0; i < 320 * 200; i++)
		pixels_of(0)[i] = i + 1;
	mock_display_flush(mock_display(0), 10, 20, 310, 190);
	EXPECT_EQUAL(host.flushes, 1);
	for (uint32_t y = 0; y < 200; y++)
		for (uint32_t x = 0; x < 320; x++)
			EXPECT_EQUAL(shown_pixel(0, x, y), x >= 10 && x < 310 && y >= 20 && y < 190
								   ? y * 320 + x + 1
								   : 0);
	finish();
	EXPECT_EQUAL(count_pictures(), 0);
}

UNIT_TEST(virtio_gpu, many_areas)
{
	struct ddk_display_area areas[100];

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	for (uint32_t i = 0; i < array_length(areas); i++) {
		areas[i] = (struct ddk_display_area){ i, i, i + 1, i + 1 };
		pixels_of(0)[i * 320 + i] = 1000 + i;
	}
	mock_display(0)->ops->flush(mock_display(0), areas, array_length(areas));
	EXPECT_EQUAL(host.flushes, array_length(areas));
	for (uint32_t i = 0; i < array_length(areas); i++)
		EXPECT_EQUAL(shown_pixel(0, i, i), 1000 + i);
	finish();
}

UNIT_TEST(virtio_gpu, changes_modes)
{
	struct ddk_display *display;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	display = mock_display(0);
	for (unsigned i = 0; i < display->description.mode_count; i++) {
		EXPECT_EQUAL(mock_display_set_mode(display, i), 0);
		EXPECT_EQUAL(count_pictures(), 1);
		EXPECT_EQUAL(find_picture(host.shown[0])->width,
			     display->description.modes[i].width);
	}
	host.refused = GPU_SET_OUTPUT;
	EXPECT_EQUAL(mock_display_set_mode(display, 0), -EIO);
	EXPECT_EQUAL(count_pictures(), 1);
	host.refused = GPU_CREATE_PICTURE;
	EXPECT_EQUAL(mock_display_set_mode(display, 0), -EIO);
	host.refused = 0;
	EXPECT_EQUAL(mock_display_set_mode(display, 0), 0);
	finish();
	EXPECT_EQUAL(count_pictures(), 0);
}

UNIT_TEST(virtio_gpu, follows_the_host)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	host_wants(0, 400, 300, true);
	host_wants(2, 640, 480, true);
	host_changes();
	EXPECT_EQUAL(mock_display_count(), 2);
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 400);
	EXPECT_EQUAL(mock_display(1)->description.framebuffer.height, 480);
	EXPECT(host.shown[0] && !host.shown[1] && host.shown[2]);
	host_wants(0, 400, 300, false);
	host_changes();
	EXPECT_EQUAL(mock_display_count(), 1);
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 640);
	/* The last one stays. */
	host_wants(2, 640, 480, false);
	host_changes();
	EXPECT_EQUAL(mock_display_count(), 1);
	finish();
	EXPECT_EQUAL(count_pictures(), 0);
}

/* Without power the host forgets all pictures. */
static void lose_power(void)
{
	EXPECT(model.status == 0 && !model.device.bus_master);
	for (unsigned i = 0; i < PICTURES; i++)
		forget_picture(&host.pictures[i]);
	memset(host.shown, 0, sizeof(host.shown));
	memset(model.queues, 0, sizeof(model.queues));
}

UNIT_TEST(virtio_gpu, sleeps_and_wakes)
{
	prepare();
	host_wants(2, 640, 480, true);
	EXPECT_EQUAL(probe(&model.device), 0);
	for (unsigned round = 1; round <= 50; round++) {
		pixels_of(0)[5] = round;
		pixels_of(1)[640] = round + 1;
		EXPECT_EQUAL(gpu_suspend(&model.device), 0);
		/* What another asked for meanwhile. */
		ddk_work_queue(&((struct gpu *)model.device.state)->config_work);
		mock_run();
		lose_power();
		EXPECT_EQUAL(gpu_resume(&model.device), 0);
		mock_run();
		EXPECT_EQUAL(shown_pixel(0, 5, 0), round);
		EXPECT_EQUAL(shown_pixel(2, 0, 1), round + 1);
		EXPECT_EQUAL(count_pictures(), 2);
		EXPECT_EQUAL(mock_display_set_mode(mock_display(0), round % 2), 0);
	}
	/* The window has another size when it wakes. */
	EXPECT_EQUAL(gpu_suspend(&model.device), 0);
	lose_power();
	host_wants(2, 800, 600, true);
	model.config[GPU_CONFIG_EVENTS] = GPU_EVENT_DISPLAY;
	EXPECT_EQUAL(gpu_resume(&model.device), 0);
	mock_run();
	EXPECT_EQUAL(mock_display(1)->description.framebuffer.width, 800);
	finish();
	EXPECT_EQUAL(count_pictures(), 0);
}

UNIT_TEST(virtio_gpu, does_not_wake)
{
	static const unsigned refused[] = { GPU_CREATE_PICTURE, GPU_ATTACH_MEMORY, GPU_SET_OUTPUT };

	for (size_t i = 0; i <= array_length(refused) + 1; i++) {
		prepare();
		EXPECT_EQUAL(probe(&model.device), 0);
		EXPECT_EQUAL(gpu_suspend(&model.device), 0);
		lose_power();
		if (i < array_length(refused))
			host.refused = refused[i];
		else if (i == array_length(refused))
			model.features = 0;
		else
			host.deaf_after = host.commands + 1;
		EXPECT(gpu_resume(&model.device) < 0);
		mock_display_flush(mock_display(0), 0, 0, 10, 10);
		finish();
	}
}

UNIT_TEST(virtio_gpu, follows_the_user)
{
	prepare();
	mock_display_wish = (struct ddk_display_mode){ 800, 600 };
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 800);
	finish();
}

UNIT_TEST(virtio_gpu, one_interrupt)
{
	prepare();
	model.device.irq_count = 1;
	EXPECT_EQUAL(probe(&model.device), 0);
	host_wants(0, 400, 300, true);
	host_changes();
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 400);
	finish();
}

UNIT_TEST(virtio_gpu, nothing_is_on)
{
	prepare();
	host_wants(0, 0, 0, false);
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(mock_display_count(), 1);
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 1280);
	finish();
}

UNIT_TEST(virtio_gpu, odd_sizes)
{
	static const uint32_t sizes[][2] = {
		{ 0, 100 }, { UINT32_MAX, UINT32_MAX }, { 16384, 16384 }, { 65536, 65536 },
		{ 1, 1 },
	};

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	for (size_t i = 0; i < array_length(sizes); i++) {
		host_wants(0, sizes[i][0], sizes[i][1], true);
		host_wants(1, sizes[i][0], sizes[i][1], true);
		host_changes();
	}
	EXPECT_EQUAL(mock_display(0)->description.framebuffer.width, 1);
	EXPECT_EQUAL(mock_display_count(), 2);
	finish();
}

UNIT_TEST(virtio_gpu, panics)
{
	struct ddk_display *display;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	display = mock_display(0);
	for (unsigned i = 0; i < 300; i++) {
		pixels_of(0)[i] = i + 7;
		display->ops->flush_in_panic(display);
		EXPECT_EQUAL(shown_pixel(0, i, 0), i + 7);
	}
	host.deaf_after = 1;
	display->ops->flush_in_panic(display);
	finish();
}

UNIT_TEST(virtio_gpu, deaf_host)
{
	/* At each step of the way. */
	for (unsigned after = 1; after < 24; after++) {
		prepare();
		host.deaf_after = after;
		if (probe(&model.device)) {
			mock_finish();
			continue;
		}
		mock_display_flush(mock_display(0), 0, 0, 10, 10);
		(void)mock_display_set_mode(mock_display(0), 0);
		mock_display_flush(mock_display(0), 0, 0, 10, 10);
		finish();
	}
}

UNIT_TEST(virtio_gpu, waits_once)
{
	uint64_t start;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	host.deaf_after = 1;
	mock_display_flush(mock_display(0), 0, 0, 10, 10);
	start = ddk_time();
	for (unsigned i = 0; i < 100; i++)
		mock_display_flush(mock_display(0), 0, 0, 10, 10);
	EXPECT(ddk_time() - start < DDK_SECOND);
	finish();
}

UNIT_TEST(virtio_gpu, refusals)
{
	for (unsigned type = GPU_GET_DISPLAY_INFO; type <= GPU_ATTACH_MEMORY; type++) {
		prepare();
		host.refused = type;
		if (!probe(&model.device)) {
			mock_display_flush(mock_display(0), 0, 0, 10, 10);
			(void)mock_display_set_mode(mock_display(0), 0);
			remove(&model.device);
		}
		mock_finish();
	}
	prepare();
	host.wrong_answers = true;
	EXPECT_EQUAL(probe(&model.device), -EIO);
	mock_finish();
	prepare();
	host.short_answers = true;
	EXPECT_EQUAL(probe(&model.device), -EIO);
	mock_finish();
}

UNIT_TEST(virtio_gpu, no_outputs)
{
	prepare();
	memset(model.config, 0, sizeof(model.config));
	EXPECT_EQUAL(probe(&model.device), -ENODEV);
	mock_finish();
	prepare();
	memset(model.config + GPU_CONFIG_OUTPUTS, 0xff, 4);
	EXPECT_EQUAL(probe(&model.device), 0);
	finish();
}

UNIT_TEST(virtio_gpu, small_queue)
{
	prepare();
	virtio_model_init(&model, 2, 8);
	EXPECT_EQUAL(probe(&model.device), -ENODEV);
	mock_finish();
}

UNIT_TEST(virtio_gpu, pulled_out)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	model.device.gone = true;
	host.deaf_after = 1;
	finish();
}

UNIT_TEST(virtio_gpu, broken_queue)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	virtio_model_put(&model, CONTROL_QUEUE, 12345, 1);
	mock_run();
	mock_display_flush(mock_display(0), 0, 0, 10, 10);
	EXPECT_EQUAL(mock_display_set_mode(mock_display(0), 0), -EIO);
	finish();
}

UNIT_TEST(virtio_gpu, out_of_memory)
{
	bool failed = true;

	for (int fail = 0; failed; fail++) {
		prepare();
		model.device.fail_after = fail;
		failed = probe(&model.device) != 0;
		model.device.fail_after = -1;
		if (!failed)
			remove(&model.device);
		mock_finish();
	}
}

UNIT_TEST(virtio_gpu, random_hosts)
{
	for (unsigned seed = 1; seed <= 300; seed++) {
		prepare();
		host.random = seed * 0x9e3779b97f4a7c15ull;
		if (probe(&model.device)) {
			mock_finish();
			continue;
		}
		for (unsigned i = 0; i < 20; i++) {
			host_wants((unsigned)(next_random() % OUTPUTS),
				   (uint32_t)(next_random() % 64), (uint32_t)(next_random() % 64),
				   next_random() % 2);
			if (next_random() % 4 == 0)
				host_changes();
			mock_display_flush(mock_display(0), 0, 0, 1, 1);
		}
		finish();
	}
}
