# SPDX-License-Identifier: GPL-3.0-or-later

kernel-includes += drivers/virtio/include
# Drivers of virtio devices have them among their sources.
virtio-sources := drivers/virtio/device.c drivers/virtio/virtqueue.c

unit-sources += drivers/virtio/device.c drivers/virtio/virtqueue.c \
	drivers/virtio/test/device_test.c drivers/virtio/test/model.c drivers/virtio/test/virtqueue_test.c
