// SPDX-License-Identifier: GPL-3.0-or-later
//
// How a program ends.

use crate::system;

/// What `main` may return.
#[lang = "termination"]
pub trait Termination {
    fn report(self) -> i32;
}

impl Termination for () {
    fn report(self) -> i32 {
        0
    }
}

impl Termination for i32 {
    fn report(self) -> i32 {
        self
    }
}

pub fn exit(status: i32) -> ! {
    system::exit(status as usize)
}

pub fn id() -> usize {
    system::process_id()
}
