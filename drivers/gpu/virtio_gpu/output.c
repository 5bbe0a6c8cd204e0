/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One output: its picture, its modes, and the operations of its display. */
#include "virtio_gpu.h"

#include <base/errno.h>
#include <base/format.h>
#include <ddk/log.h>

/* Of a frame buffer: a picture of 4096 x 4096. */
#define PICTURE_BYTES_MAX (64u << 20)
#define PIECES_MAX        (DDK_DMA_SIZE_MAX / sizeof(struct gpu_piece))
#define COMMANDS_OF_AREA  2

static struct gpu_rectangle rectangle_of(uint32_t width, uint32_t height)
{
	return (struct gpu_rectangle){ 0, 0, width, height };
}

/* --- pictures --- */

/* Writes the list of the memory's pieces; how many they are. With `pieces` NULL counts only. */
static uint32_t list_pieces(const struct ddk_dma_buffer *memory, struct gpu_piece *pieces)
{
	uint32_t count = 0;
	size_t length;

	for (size_t at = 0; at < memory->size; at += length) {
		uint64_t address = ddk_dma_buffer_address(memory, at, &length);

		if (pieces)
			pieces[count] = (struct gpu_piece){ address, (uint32_t)length, 0 };
		count++;
	}
	return count;
}

/* Tells the host to make the picture and where its memory is. In a batch. */
static int send_picture(struct gpu *gpu, const struct gpu_picture *picture,
			const struct ddk_dma *pieces, uint32_t piece_count)
{
	struct gpu_create_picture *create = gpu_add(gpu, GPU_CREATE_PICTURE, sizeof(*create));
	struct gpu_attach_memory *attach;

	create->picture = picture->number;
	create->format = GPU_FORMAT_BGRX;
	create->width = picture->width;
	create->height = picture->height;
	attach = gpu_add(gpu, GPU_ATTACH_MEMORY, sizeof(*attach));
	attach->picture = picture->number;
	attach->count = piece_count;
	return gpu_send(gpu, pieces);
}

static void destroy_picture(struct gpu *gpu, struct gpu_picture *picture)
{
	struct gpu_name_picture *command;
	int error;

	if (picture->number == 0)
		return;
	gpu_begin(gpu);
	command = gpu_add(gpu, GPU_DETACH_MEMORY, sizeof(*command));
	command->picture = picture->number;
	command = gpu_add(gpu, GPU_DESTROY_PICTURE, sizeof(*command));
	command->picture = picture->number;
	error = gpu_send(gpu, NULL);
	gpu_end(gpu);
	/* It never writes into it: the worst is that it shows what others have there then. */
	if (error && !gpu->failed)
		ddk_warning(gpu->device, "picture %u cannot be destroyed", picture->number);
	ddk_dma_buffer_free(&picture->memory);
	*picture = (struct gpu_picture){ 0 };
}

/* Tells the host of the picture, under a new number. -ENOMEM, -EIO (it may have the number). */
static int tell_picture(struct gpu *gpu, struct gpu_picture *picture)
{
	uint32_t count = list_pieces(&picture->memory, NULL);
	struct ddk_dma pieces;
	int error;

	if (count > PIECES_MAX)
		return -ENOMEM;
	error = ddk_dma_allocate(gpu->device, count * sizeof(struct gpu_piece), 0, &pieces);
	if (error)
		return error;
	(void)list_pieces(&picture->memory, pieces.memory);
	gpu_begin(gpu);
	picture->number = ++gpu->next_picture;
	error = send_picture(gpu, picture, &pieces, count);
	gpu_end(gpu);
	ddk_dma_free(&pieces);
	return error;
}

/* A picture of this size, which nobody shows. */
static int create_picture(struct gpu *gpu, struct ddk_display_mode mode,
			  struct gpu_picture *picture)
{
	int error;

	*picture = (struct gpu_picture){ .width = mode.width, .height = mode.height };
	error = ddk_dma_buffer_allocate(
		gpu->device, (size_t)mode.width * mode.height * GPU_PIXEL_BYTES, &picture->memory);
	if (error)
		return error;
	error = tell_picture(gpu, picture);
	if (error && picture->number)
		destroy_picture(gpu, picture);
	else if (error)
		ddk_dma_buffer_free(&picture->memory);
	return error;
}

/* Shows the picture (0: none) on the output. */
static int show_picture(struct gpu_output *output, const struct gpu_picture *picture)
{
	struct gpu_set_output *command;
	int error;

	gpu_begin(output->gpu);
	command = gpu_add(output->gpu, GPU_SET_OUTPUT, sizeof(*command));
	command->area = rectangle_of(picture->width, picture->height);
	command->output = output->number;
	command->picture = picture->number;
	error = gpu_send(output->gpu, NULL);
	gpu_end(output->gpu);
	return error;
}

/* --- the display's operations --- */

static bool mode_is_possible(struct ddk_display_mode mode)
{
	return mode.width > 0 && mode.width <= DDK_DISPLAY_SIDE_MAX && mode.height > 0 &&
	       mode.height <= DDK_DISPLAY_SIDE_MAX &&
	       (uint64_t)mode.width * mode.height * GPU_PIXEL_BYTES <= PICTURE_BYTES_MAX;
}

static void describe(const struct gpu_picture *picture, struct ddk_framebuffer *framebuffer)
{
	*framebuffer = (struct ddk_framebuffer){
		.pixels = picture->memory.memory,
		.length = picture->memory.size,
		.width = picture->width,
		.height = picture->height,
		.stride = picture->width * GPU_PIXEL_BYTES,
	};
}

static struct gpu_transfer transfer_of(const struct gpu_picture *picture,
				       const struct ddk_display_area *area)
{
	return (struct gpu_transfer){
		.header.type = GPU_TRANSFER,
		.area = { area->left, area->top, area->right - area->left,
			  area->bottom - area->top },
		.offset = ((uint64_t)area->top * picture->width + area->left) * GPU_PIXEL_BYTES,
		.picture = picture->number,
	};
}

static struct gpu_flush flush_of(const struct gpu_transfer *transfer)
{
	return (struct gpu_flush){
		.header.type = GPU_FLUSH,
		.area = transfer->area,
		.picture = transfer->picture,
	};
}

static void add_area(struct gpu *gpu, const struct gpu_picture *picture,
		     const struct ddk_display_area *area)
{
	struct gpu_transfer *transfer = gpu_add(gpu, GPU_TRANSFER, sizeof(*transfer));
	struct gpu_flush *flush = gpu_add(gpu, GPU_FLUSH, sizeof(*flush));

	*transfer = transfer_of(picture, area);
	*flush = flush_of(transfer);
}

static void flush(struct ddk_display *display, const struct ddk_display_area *areas, unsigned count)
{
	struct gpu_output *output = ddk_display_context(display);
	struct gpu *gpu = output->gpu;
	int error = 0;

	/* What was drawn past the caches is in memory before the device is told. */
	ddk_dma_barrier();
	gpu_begin(gpu);
	for (unsigned i = 0; i < count && !error; i++) {
		add_area(gpu, &output->picture, &areas[i]);
		if (i + 1 == count || gpu->batch_count + COMMANDS_OF_AREA > gpu->commands_max)
			error = gpu_send(gpu, NULL);
	}
	gpu_end(gpu);
}

static void flush_in_panic(struct ddk_display *display)
{
	const struct gpu_output *output = ddk_display_context(display);
	const struct ddk_display_area all = { 0, 0, output->picture.width, output->picture.height };
	struct gpu_transfer transfer = transfer_of(&output->picture, &all);
	struct gpu_flush command = flush_of(&transfer);

	ddk_dma_barrier();
	gpu_send_in_panic(output->gpu, &transfer, &command);
}

static int change_picture(struct gpu_output *output, struct ddk_display_mode mode)
{
	struct gpu_picture picture;
	int error = create_picture(output->gpu, mode, &picture);

	if (error)
		return error;
	error = show_picture(output, &picture);
	if (error) {
		destroy_picture(output->gpu, &picture);
		return error;
	}
	destroy_picture(output->gpu, &output->picture);
	output->picture = picture;
	return 0;
}

static int set_mode(struct ddk_display *display, struct ddk_display_mode mode,
		    struct ddk_framebuffer *framebuffer)
{
	struct gpu_output *output = ddk_display_context(display);
	int error = mode_is_possible(mode) ? change_picture(output, mode) : -EINVAL;

	if (!error)
		describe(&output->picture, framebuffer);
	return error;
}

static const struct ddk_display_ops operations = {
	.flush = flush,
	.set_mode = set_mode,
	.flush_in_panic = flush_in_panic,
};

/* --- on and off --- */

int gpu_output_start(struct gpu_output *output, struct ddk_display_mode preferred)
{
	struct ddk_display_description description = { .name = output->name };
	struct ddk_display_mode wish;
	int error;

	if (ddk_display_wish(&wish) && mode_is_possible(wish))
		preferred = wish;
	if (!mode_is_possible(preferred))
		return -EINVAL;
	error = change_picture(output, preferred);
	if (error)
		return error;
	snprintf(output->name, sizeof(output->name), "%s output %u",
		 ddk_device_name(output->gpu->device), output->number);
	description.mode_count =
		ddk_display_usual_modes(description.modes, PICTURE_BYTES_MAX, NULL);
	description.mode =
		ddk_display_add_mode(description.modes, &description.mode_count, preferred);
	describe(&output->picture, &description.framebuffer);
	error = ddk_display_add(output->gpu->device, &description, &operations, output,
				&output->display);
	if (error)
		gpu_output_stop(output);
	return error;
}

void gpu_output_stop(struct gpu_output *output)
{
	static const struct gpu_picture none;

	if (output->display)
		ddk_display_remove(output->display);
	output->display = NULL;
	if (output->picture.number != 0 && show_picture(output, &none) && !output->gpu->failed)
		ddk_warning(output->gpu->device, "output %u cannot be switched off",
			    output->number);
	destroy_picture(output->gpu, &output->picture);
}

int gpu_output_restore(struct gpu_output *output)
{
	int error;

	if (output->picture.number == 0)
		return 0;
	error = tell_picture(output->gpu, &output->picture);
	return error ? error : show_picture(output, &output->picture);
}

void gpu_output_prefer(struct gpu_output *output, struct ddk_display_mode preferred)
{
	struct ddk_display_mode modes[DDK_DISPLAY_MODES_MAX];
	unsigned count, index;

	if (!mode_is_possible(preferred))
		return;
	count = ddk_display_usual_modes(modes, PICTURE_BYTES_MAX, NULL);
	index = ddk_display_add_mode(modes, &count, preferred);
	ddk_display_modes_changed(output->display, modes, count, index);
}
