// SPDX-License-Identifier: GPL-3.0-or-later
//
// A stand-in for Rust's standard library, for programs on CryptOS's Redox ABI that only need
// what `core` and `alloc` have, output on the descriptors 1 and 2, and a `main`.
//
// It bears the name `std` so that ordinary programs and crates compile against it as they are:
// prelude and macros are where the compiler looks for them. It calls the kernel by number and
// not through a crate, since it also carries the crate's own tests.

#![no_std]
#![feature(alloc_error_handler, asm_sym, lang_items)]

#[doc(hidden)]
pub extern crate alloc as alloc_crate;

pub use alloc_crate::{borrow, boxed, collections, fmt, format, rc, slice, str, string, vec};
pub use core::{
    any, arch, array, cell, char, clone, cmp, convert, default, hash, hint, iter, marker, mem, num,
    ops, option, pin, ptr, result, time,
};
pub use core::{
    assert_eq, assert_ne, debug_assert, debug_assert_eq, debug_assert_ne, matches, todo,
    unimplemented, unreachable, write, writeln,
};

pub mod env;
pub mod heap;
pub mod io;
pub mod panicking;
pub mod process;
pub mod start;
pub mod system;

pub mod sync {
    pub use alloc_crate::sync::{Arc, Weak};
    pub use core::sync::atomic;
}

/// The macro, and the module of PanicInfo.
pub use core::panic;

pub mod prelude {
    pub mod rust_2018 {
        pub use crate::borrow::ToOwned;
        pub use crate::boxed::Box;
        pub use crate::string::{String, ToString};
        pub use crate::vec::Vec;
        pub use core::prelude::rust_2018::*;
    }
    pub mod rust_2021 {
        pub use super::rust_2018::*;
        pub use core::prelude::rust_2021::*;
    }
}
