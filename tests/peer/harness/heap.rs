// SPDX-License-Identifier: GPL-3.0-or-later
//
// The heap: blocks whose size is a power of two, cut from an arena in .bss and kept on a free
// list per size. It makes no system call, so that a program's tests do not depend on the calls
// they test; processes that share their memory may use it together.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

const ARENA_SIZE: usize = 4 << 20;
const SMALLEST: usize = 16;
const SIZES: usize = 24;

#[repr(align(4096))]
struct Arena([u8; ARENA_SIZE]);

struct Lists {
    arena: Arena,
    used: usize,
    free: [*mut u8; SIZES],
}

struct Heap {
    locked: AtomicBool,
    /// Protected by `locked`.
    lists: UnsafeCell<Lists>,
}

unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap {
    locked: AtomicBool::new(false),
    lists: UnsafeCell::new(Lists {
        arena: Arena([0; ARENA_SIZE]),
        used: 0,
        free: [ptr::null_mut(); SIZES],
    }),
};

fn block_size(layout: Layout) -> usize {
    layout.size().max(layout.align()).max(SMALLEST).next_power_of_two()
}

fn list_index(size: usize) -> usize {
    (size / SMALLEST).trailing_zeros() as usize
}

impl Heap {
    fn with_lists<T>(&self, work: impl FnOnce(&mut Lists) -> T) -> T {
        while self.locked.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        let result = work(unsafe { &mut *self.lists.get() });

        self.locked.store(false, Ordering::Release);
        result
    }
}

impl Lists {
    /// A new block; aligned to its size, but for those larger than a page to a page's.
    fn cut(&mut self, size: usize) -> *mut u8 {
        let alignment = size.min(4096);
        let start = (self.used + alignment - 1) & !(alignment - 1);

        if size > ARENA_SIZE || start > ARENA_SIZE - size {
            return ptr::null_mut();
        }
        self.used = start + size;
        unsafe { self.arena.0.as_mut_ptr().add(start) }
    }
}

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = block_size(layout);

        if layout.align() > 4096 || size > ARENA_SIZE {
            return ptr::null_mut();
        }
        self.with_lists(|lists| {
            let first = lists.free[list_index(size)];

            if first.is_null() {
                return lists.cut(size);
            }
            lists.free[list_index(size)] = *(first as *mut *mut u8);
            first
        })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.with_lists(|lists| {
            let list = &mut lists.free[list_index(block_size(layout))];

            *(block as *mut *mut u8) = *list;
            *list = block;
        })
    }
}
