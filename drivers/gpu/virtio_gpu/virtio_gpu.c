/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the device, setting it up, and following what the host wants of its outputs. */
#include "virtio_gpu.h"

#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/pci.h>

#define DEVICE_ID 0x1050

#define CONTROL_QUEUE      0
#define CONTROL_QUEUE_SIZE (2 * GPU_COMMANDS_MAX)
#define DESCRIPTORS_EACH   2 /* a command and its answer; one of a batch has one more */
#define COMMANDS_MIN       4

/* The interrupts: the queue's, and the configuration's where there are two. */
#define QUEUE_INTERRUPT  0
#define CONFIG_INTERRUPT 1

static bool handle_queue(void *context)
{
	struct gpu *gpu = context;

	if (gpu->running)
		gpu_control_interrupt(gpu);
	return true;
}

static bool handle_config(void *context)
{
	struct gpu *gpu = context;

	ddk_work_queue(&gpu->config_work);
	return true;
}

static bool handle_both(void *context)
{
	return handle_queue(context) && handle_config(context);
}

/* --- outputs --- */

/* What the host says of an output; false: it is off. */
static bool wanted_mode(const struct gpu_display_info *info, unsigned number,
			struct ddk_display_mode *mode)
{
	mode->width = info->outputs[number].area.width;
	mode->height = info->outputs[number].area.height;
	return info->outputs[number].enabled && mode->width > 0 && mode->height > 0;
}

static unsigned count_displays(const struct gpu *gpu)
{
	unsigned count = 0;

	for (unsigned i = 0; i < gpu->output_count; i++)
		count += gpu->outputs[i].display != NULL;
	return count;
}

/* Brings the outputs into the state that the host wants, but for the last display: it stays. */
static void follow(struct gpu *gpu, const struct gpu_display_info *info)
{
	for (unsigned i = 0; i < gpu->output_count; i++) {
		struct gpu_output *output = &gpu->outputs[i];
		struct ddk_display_mode mode;
		bool wanted = wanted_mode(info, i, &mode);

		if (wanted && output->display)
			gpu_output_prefer(output, mode);
		else if (wanted && gpu_output_start(output, mode))
			ddk_warning(gpu->device, "output %u of %u x %u cannot be used", i,
				    mode.width, mode.height);
		else if (!wanted && output->display && count_displays(gpu) > 1)
			gpu_output_stop(output);
	}
}

static void config_changed(struct ddk_work *work)
{
	struct gpu *gpu = container_of(work, struct gpu, config_work);
	struct gpu_display_info info;

	if (!gpu->started || gpu->failed ||
	    !(virtio_read_config(&gpu->virtio, GPU_CONFIG_EVENTS, 4) & GPU_EVENT_DISPLAY))
		return;
	/* Before it is asked: what changes from now on is another event. */
	virtio_write_config(&gpu->virtio, GPU_CONFIG_EVENTS_CLEAR, GPU_EVENT_DISPLAY);
	if (!gpu_read_display_info(gpu, &info))
		follow(gpu, &info);
}

static int start_outputs(struct gpu *gpu)
{
	struct ddk_display_mode mode;
	struct gpu_display_info info;
	int error = gpu_read_display_info(gpu, &info);

	if (error)
		return error;
	follow(gpu, &info);
	/* Where nobody looks yet there is a display nevertheless. */
	if (count_displays(gpu) == 0) {
		mode = (struct ddk_display_mode){ 1280, 800 };
		error = gpu_output_start(&gpu->outputs[0], mode);
	}
	return error;
}

/* --- set-up --- */

int gpu_watch_config(struct gpu *gpu)
{
	bool apart = ddk_irq_count(gpu->device) > 1;

	return virtio_watch_config(&gpu->virtio, apart ? CONFIG_INTERRUPT : QUEUE_INTERRUPT);
}

static int connect_interrupts(struct gpu *gpu)
{
	bool apart = ddk_irq_count(gpu->device) > 1;
	int error = ddk_irq_connect(gpu->device, QUEUE_INTERRUPT,
				    apart ? handle_queue : handle_both, gpu);

	if (!error && apart)
		error = ddk_irq_connect(gpu->device, CONFIG_INTERRUPT, handle_config, gpu);
	return error ? error : gpu_watch_config(gpu);
}

/* How many commands a batch may have, so that those of a panic always find room. */
static int limit_batches(struct gpu *gpu)
{
	unsigned fit = gpu->control.ring.size / DESCRIPTORS_EACH;

	if (fit < COMMANDS_MIN + GPU_PANIC_COMMANDS + 1)
		return -ENODEV;
	if (fit > GPU_COMMANDS_MAX)
		fit = GPU_COMMANDS_MAX;
	gpu->commands_max = fit - GPU_PANIC_COMMANDS - 1;
	return 0;
}

static int set_up_control(struct gpu *gpu)
{
	size_t answers = (size_t)GPU_COMMANDS_MAX * sizeof(struct gpu_header) +
			 sizeof(struct gpu_display_info);
	int error = virtio_queue_init(&gpu->virtio, &gpu->control, CONTROL_QUEUE,
				      CONTROL_QUEUE_SIZE, QUEUE_INTERRUPT);

	if (!error)
		error = limit_batches(gpu);
	if (!error)
		error = ddk_dma_allocate(gpu->device, (size_t)GPU_COMMANDS_MAX * GPU_COMMAND_SIZE,
					 0, &gpu->commands);
	if (!error)
		error = ddk_dma_allocate(gpu->device, answers, 0, &gpu->answers);
	return error;
}

static int describe_outputs(struct gpu *gpu)
{
	uint32_t count = virtio_read_config(&gpu->virtio, GPU_CONFIG_OUTPUTS, 4);

	if (count == 0)
		return -ENODEV;
	gpu->output_count = count < GPU_OUTPUTS_MAX ? count : GPU_OUTPUTS_MAX;
	for (unsigned i = 0; i < gpu->output_count; i++) {
		gpu->outputs[i].gpu = gpu;
		gpu->outputs[i].number = i;
	}
	return 0;
}

/* Undoes everything, whatever of it was done. */
static void shut_down(struct gpu *gpu)
{
	gpu->started = false;
	if (!ddk_pci_is_present(gpu->device))
		gpu->failed = true;
	ddk_irq_disconnect(gpu->device, CONFIG_INTERRUPT);
	ddk_work_flush(&gpu->config_work);
	for (unsigned i = 0; i < gpu->output_count; i++)
		gpu_output_stop(&gpu->outputs[i]);
	virtio_stop(&gpu->virtio);
	gpu->running = false;
	ddk_irq_disconnect(gpu->device, QUEUE_INTERRUPT);
	ddk_work_flush(&gpu->config_work);
	virtio_queue_fini(&gpu->control);
	virtio_close(&gpu->virtio);
	ddk_dma_free(&gpu->commands);
	ddk_dma_free(&gpu->answers);
	ddk_free(gpu);
}

static struct gpu *create_gpu(struct device *device)
{
	struct gpu *gpu = ddk_allocate(sizeof(*gpu));

	if (!gpu)
		return NULL;
	gpu->device = device;
	ddk_work_init(&gpu->config_work, config_changed);
	ddk_mutex_init(&gpu->batch_mutex, "virtio gpu batch");
	ddk_event_init(&gpu->answered, "virtio gpu");
	ddk_lock_init(&gpu->control_lock, "virtio gpu");
	return gpu;
}

static int probe(struct device *device)
{
	struct gpu *gpu = create_gpu(device);
	int error;

	if (!gpu)
		return -ENOMEM;
	error = virtio_open(&gpu->virtio, device);
	if (error) {
		ddk_free(gpu);
		return error;
	}
	ddk_device_set_state(device, gpu);
	error = virtio_negotiate(&gpu->virtio, 0);
	if (!error)
		error = describe_outputs(gpu);
	if (!error)
		error = connect_interrupts(gpu);
	if (!error)
		error = set_up_control(gpu);
	if (!error) {
		gpu->running = true;
		virtio_start(&gpu->virtio);
		error = start_outputs(gpu);
	}
	if (error) {
		shut_down(gpu);
		return error;
	}
	gpu->started = true;
	/* What changed meanwhile. */
	ddk_work_queue(&gpu->config_work);
	return 0;
}

static void remove(struct device *device)
{
	shut_down(ddk_device_state(device));
}

static const struct driver_match matches[] = { MATCH_PCI(VIRTIO_PCI_VENDOR, DEVICE_ID) };

DRIVER(virtio_gpu) = {
	.name = "virtio_gpu",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = gpu_suspend,
	.resume = gpu_resume,
};
