// SPDX-License-Identifier: GPL-3.0-or-later
//
// What drivers use of the crate: memory for devices (PhysBox, Dma), registers in memory (Mmio) and
// ports (Pio).

use support::{expect_error, exited, signalled, spawn};
use syscall::*;

const PAGE: usize = 4096;

/// The frame behind a byte of this process.
fn frame_of<T>(place: *const T) -> usize {
    unsafe { virttophys(place as usize) }.expect("virttophys")
}

#[test]
fn memory_for_a_device() {
    let mut ring = Dma::<[u64; 1024]>::new([7; 1024]).unwrap();

    assert_eq!(ring.size(), 8192);
    assert_eq!(ring.physical() % PAGE, 0);
    // One piece, also where a page ends.
    for index in [0, 511, 512, 1023] {
        assert_eq!(frame_of(&ring[index]), ring.physical() + index * 8);
    }
    ring[600] = 9;
    assert_eq!(ring.iter().sum::<u64>(), 1023 * 7 + 9);

    let zeroed = unsafe { Dma::<[u8; 5000]>::zeroed().unwrap().assume_init() };
    assert!(zeroed.iter().all(|&byte| byte == 0));
    assert!(zeroed.physical() + 5000 <= ring.physical() || ring.physical() + 8192 <= zeroed.physical());
}

#[test]
fn it_is_given_back() {
    let before = {
        let block = Dma::<[u8; PAGE]>::new([1; PAGE]).unwrap();
        &block[0] as *const u8 as usize
    };

    expect_error!(unsafe { virttophys(before) }, EFAULT);
    for _ in 0..2000 {
        drop(Dma::<[u8; 64 << 10]>::zeroed().unwrap()); // 128 MiB in all
    }
}

#[test]
fn where_it_may_lie() {
    let low = PhysBox::new_in_32bit_space(3 * PAGE).unwrap();
    assert!(low.address() + 3 * PAGE <= 1 << 32);
    assert_eq!(low.size(), 3 * PAGE);

    let any = PhysBox::new_with_flags(PAGE, PhysallocFlags::SPACE_64).unwrap();
    assert_eq!(any.address() % PAGE, 0);

    let strategy = Some(PartialAllocStrategy::Optimal);
    let part = PhysBox::new_partial_allocation(
        1 << 20, PhysallocFlags::PARTIAL_ALLOC, strategy, PAGE).unwrap();
    assert!((PAGE..=1 << 20).contains(&part.size()), "{} bytes", part.size());
}

#[test]
fn registers_in_memory() {
    let block = Dma::<[u32; 16]>::new([0; 16]).unwrap();
    let register = unsafe { &mut *(block.as_ptr() as *mut Mmio<u32>) };

    register.write(0x1234_0000);
    register.writef(0x5678, true);
    assert_eq!(register.read(), 0x1234_5678);
    assert!(register.readf(0x5000));
    assert_eq!(block[0], 0x1234_5678);
}

#[test]
fn the_same_frames_twice() {
    let mut first = Dma::<[u8; PAGE]>::new([1; PAGE]).unwrap();
    let second = unsafe { physmap(first.physical() + 8, 16, PHYSMAP_WRITE | PHYSMAP_NO_CACHE) };
    let second = second.unwrap() as *mut u8;

    unsafe { second.write_volatile(77) };
    assert_eq!(unsafe { std::ptr::read_volatile(&first[8]) }, 77);
    first[9] = 78;
    assert_eq!(unsafe { second.add(1).read_volatile() }, 78);
    assert_eq!(frame_of(second), first.physical() + 8);
    assert_eq!(unsafe { physunmap(second as usize) }, Ok(0));
}

#[test]
fn ports() {
    // The speaker's port: nothing happens when it is read.
    let read = || Pio::<u8>::new(0x61).read();
    let refused = spawn(|| {
        read();
    });
    assert_eq!(refused.wait(), signalled(SIGSEGV));

    assert_eq!(unsafe { iopl(3) }, Ok(0));
    read();
    // A copy has it too; below 3 it ends.
    assert_eq!(spawn(|| { read(); }).wait(), exited(0));
    assert_eq!(unsafe { iopl(0) }, Ok(0));
    assert_eq!(spawn(|| { read(); }).wait(), signalled(SIGSEGV));
}
