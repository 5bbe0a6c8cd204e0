# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += drivers/char/virtio_console/control.c drivers/char/virtio_console/port.c \
	drivers/char/virtio_console/virtio_console.c

unit-sources += drivers/char/virtio_console/control.c drivers/char/virtio_console/port.c \
	drivers/char/virtio_console/test/virtio_console_test.c

kernel-sources += drivers/char/virtio_console/sleep.c
unit-sources += drivers/char/virtio_console/sleep.c
