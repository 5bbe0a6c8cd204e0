/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI inside kernel/dev: registers of the configuration space (PCI Local Bus 3.0, 6.1 and PCI
 * Express Base 5.0, 7.5), and what the parts share.
 */
#pragma once

#include <dev/pci.h>

#define PCI_VENDOR      0x00
#define PCI_DEVICE      0x02
#define PCI_COMMAND     0x04
#define PCI_STATUS      0x06
#define PCI_REVISION    0x08 /* the class code lies in the three bytes above */
#define PCI_HEADER_TYPE 0x0e
#define PCI_BAR         0x10
/* Of bridges. */
#define PCI_PRIMARY_BUS                   0x18
#define PCI_SECONDARY_BUS                 0x19
#define PCI_SUBORDINATE_BUS               0x1a
#define PCI_BRIDGE_PORTS                  0x1c /* bits 15-12 of the first and, a byte on, the last */
#define PCI_BRIDGE_MEMORY                 0x20 /* bits 31-20 of the first and, two bytes on, the last */
#define PCI_BRIDGE_PREFETCHABLE           0x24
#define PCI_BRIDGE_PREFETCHABLE_BASE_TOP  0x28
#define PCI_BRIDGE_PREFETCHABLE_LIMIT_TOP 0x2c
#define PCI_BRIDGE_PORTS_TOP              0x30 /* bits 31-16 of both */
#define PCI_SUBSYSTEM_VENDOR              0x2c
#define PCI_SUBSYSTEM                     0x2e
#define PCI_CAPABILITIES                  0x34
#define PCI_BRIDGE_CONTROL                0x3e
#define PCI_BRIDGE_RESET                  (1u << 6) /* of all that is behind */
#define PCI_INTERRUPT_LINE                0x3c
#define PCI_INTERRUPT_PIN                 0x3d
#define PCI_HEADER_END                    0x40
#define PCI_SPACE_SIZE                    256
#define PCI_SPACE_EXTENDED                4096
#define PCI_NO_VENDOR                     0xffff

#define PCI_COMMAND_IO          (1u << 0)
#define PCI_COMMAND_MEMORY      (1u << 1)
#define PCI_COMMAND_MASTER      (1u << 2)
#define PCI_COMMAND_NO_PINS     (1u << 10)
#define PCI_STATUS_INTERRUPT    (1u << 3) /* its pin would be raised, whether it may or not */
#define PCI_STATUS_CAPABILITIES (1u << 4)
#define PCI_HEADER_MULTIPLE     0x80
#define PCI_HEADER_TYPE_MASK    0x7f
#define PCI_HEADER_DEVICE       0
#define PCI_HEADER_BRIDGE       1

#define PCI_CAPABILITY_POWER    0x01
#define PCI_CAPABILITY_MSI      0x05
#define PCI_CAPABILITY_EXPRESS  0x10
#define PCI_CAPABILITY_MSIX     0x11
#define PCI_CAPABILITY_ADVANCED 0x13 /* conventional functions' own reset */

/* Extended capabilities (7.8, 7.7). */
#define PCI_EXTENDED_ERRORS  0x0001 /* advanced error reporting */
#define PCI_EXTENDED_ACCESS  0x000d /* access control */
#define PCI_EXTENDED_LATENCY 0x0018 /* what latency is tolerated */

/* PCI Bus Power Management 1.2, 3.2. */
#define PCI_POWER_CONTROL       4
#define PCI_POWER_STATE         (3u << 0)
#define PCI_POWER_D3            (3u << 0)
#define PCI_POWER_NO_SOFT_RESET (1u << 3)

/* Of the Express capability (7.5.3). */
#define PCI_EXPRESS_FLAGS              2
#define PCI_EXPRESS_TYPE_SHIFT         4
#define PCI_EXPRESS_TYPE_MASK          0xfu
#define PCI_EXPRESS_ROOT_PORT          4
#define PCI_EXPRESS_UPSTREAM           5
#define PCI_EXPRESS_DOWNSTREAM         6
#define PCI_EXPRESS_TO_PCI             7         /* a bridge to conventional PCI */
#define PCI_EXPRESS_SLOT               (1u << 8) /* the port has a slot */
#define PCI_EXPRESS_DEVICE             4
#define PCI_EXPRESS_DEVICE_RESETS      (1u << 28)
#define PCI_EXPRESS_DEVICE_CONTROL     8
#define PCI_EXPRESS_DEVICE_RESET       (1u << 15)
#define PCI_EXPRESS_DEVICE_STATUS      10
#define PCI_EXPRESS_DEVICE_PENDING     (1u << 5)
#define PCI_EXPRESS_LINK               12
#define PCI_EXPRESS_LINK_REPORTS       (1u << 20) /* tells whether it is up */
#define PCI_EXPRESS_LINK_CONTROL       16
#define PCI_EXPRESS_LINK_STATUS        18
#define PCI_EXPRESS_LINK_UP            (1u << 13)
#define PCI_EXPRESS_SLOT_FEATURES      20
#define PCI_EXPRESS_SLOT_BUTTON        (1u << 0)
#define PCI_EXPRESS_SLOT_POWER         (1u << 1)
#define PCI_EXPRESS_SLOT_INDICATOR     (1u << 4)
#define PCI_EXPRESS_SLOT_HOTPLUG       (1u << 6)
#define PCI_EXPRESS_SLOT_NO_COMPLETION (1u << 18)
#define PCI_EXPRESS_SLOT_CONTROL       24
#define PCI_EXPRESS_SLOT_STATUS        26
#define PCI_EXPRESS_ROOT_CONTROL       28
#define PCI_EXPRESS_DEVICE_CONTROL_2   40
#define PCI_EXPRESS_LINK_CONTROL_2     48

/* Of the Advanced Features capability (ECN to PCI Local Bus 3.0). */
#define PCI_ADVANCED_FEATURES 3
#define PCI_ADVANCED_PENDING  (1u << 0)
#define PCI_ADVANCED_RESETS   (1u << 1)
#define PCI_ADVANCED_CONTROL  4
#define PCI_ADVANCED_RESET    (1u << 0)
#define PCI_ADVANCED_STATUS   5

#define PCI_MSI_CONTROL  2
#define PCI_MSI_ENABLE   (1u << 0)
#define PCI_MSI_VECTORS  (7u << 4)
#define PCI_MSI_64BIT    (1u << 7)
#define PCI_MSI_MASKABLE (1u << 8)

#define PCI_MSIX_CONTROL    2
#define PCI_MSIX_TABLE      4 /* BAR number in the low 3 bits, offset in the others */
#define PCI_MSIX_PENDING    8 /* the same */
#define PCI_MSIX_ENABLE     (1u << 15)
#define PCI_MSIX_MASK_ALL   (1u << 14)
#define PCI_MSIX_ENTRIES    0x7ffu
#define PCI_MSIX_ENTRY_SIZE 16

#define PCI_SEGMENT_MAX 4

struct boot_info;
struct platform;

/* Finds out how to reach configuration space. */
void pci_config_init(const struct platform *platform);
/* The segments, which are numbered as they come. */
unsigned pci_config_segment_count(void);
/* The numbers of the buses of a segment that can be reached. */
unsigned pci_config_first_bus(unsigned segment);
unsigned pci_config_last_bus(unsigned segment);
/* The index of the segment that firmware knows by `number`; -ENODEV: it cannot be reached. */
int must_check pci_config_find_segment(unsigned number);
/* Makes bus `bus` reachable before its first access. -ENOMEM. */
int must_check pci_config_map_bus(unsigned segment, unsigned bus);
/* The memory window of segment 0: notes where it is before the machine sleeps, and opens it again. */
void pci_config_save_window(void);
void pci_config_restore_window(void);

/* Enumerates all buses and adds the devices. */
void pci_start(const struct platform *platform, const struct boot_info *boot);
struct text;
/* Writes what is to be known of a function, for people; kept in pci: as `info`. */
void pci_describe(struct text *text, const struct device *device);

/* Starts the thread that sees to slots, after that. */
void pci_hotplug_start(void);
/* Whether it was, and the thread runs. */
bool pci_hotplug_is_on(void);
/* Keeps that thread from changing the tree: on return it does not, and will not before
 * pci_hotplug_go_on(), after which it looks whether cards are still what they were. One at a time; thread
 * context, no lock held, not from a driver's probe or remove. */
void pci_hotplug_hold(void);
void pci_hotplug_go_on(void);
/* The last reference to the device went: frees what is the bus's. */
void pci_function_release(struct device *device);

/* The work of device_irq_connect() for PCI devices, under device->lock: connects irq->handler
 * as interrupt irq->index. */
int must_check pci_irq_connect(struct device *device, struct device_irq *irq);
void pci_irq_disconnect(struct device *device, struct device_irq *irq);
unsigned pci_irq_count(const struct pci_function *pci);
/* The work of device_irq_hold() and device_irq_is_raised(). Any context. */
bool pci_irq_hold(struct device_irq *irq, bool on);
bool pci_irq_is_raised(const struct device_irq *irq);
/* Clears bits of the command register and sets others. Any context. */
void pci_change_command(const struct pci_function *pci, uint32_t clear, uint32_t set);
/* Switches off what firmware may have left on. */
void pci_irq_silence(const struct pci_function *pci);
/* The function was reset: what it was told of interrupts is gone. None is connected. Under
 * device->lock. */
void pci_irq_forget(struct device *device);

/* Finds out what chipsets that the kernel knows do with pins. */
void pci_pin_init(void);
/* Connects the handler to what the function's pin leads to. -ENODEV: nobody knows. */
int must_check pci_pin_request(const struct pci_function *pci, struct irq_handler *handler);

/* The extended capability (7.6.3) `id` behind `after` (0: the first of all), or 0. */
unsigned pci_find_extended(const struct pci_function *pci, unsigned id, unsigned after);
