// SPDX-License-Identifier: GPL-3.0-or-later
//
// Formatted output on the descriptors 1 and 2. What one macro prints goes out in one write as
// long as it fits the buffer, so that lines of several processes do not mix.

use core::fmt::{self, Write};

use crate::system;

const BUFFER_SIZE: usize = 2048;

struct Output {
    descriptor: usize,
    used: usize,
    buffer: [u8; BUFFER_SIZE],
}

impl Output {
    fn flush(&mut self) {
        let mut sent = 0;

        while sent < self.used {
            match system::write(self.descriptor, &self.buffer[sent..self.used]) {
                Ok(count) if count > 0 => sent += count,
                _ => break,
            }
        }
        self.used = 0;
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if self.used == BUFFER_SIZE {
                self.flush();
            }
            self.buffer[self.used] = byte;
            self.used += 1;
        }
        Ok(())
    }
}

/// For the macros.
pub fn print_to(descriptor: usize, text: fmt::Arguments<'_>) {
    let mut output = Output { descriptor, used: 0, buffer: [0; BUFFER_SIZE] };
    let _ = output.write_fmt(text);

    output.flush();
}

#[macro_export]
macro_rules! print {
    ($($text:tt)*) => { $crate::io::print_to(1, core::format_args!($($text)*)) };
}

#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($format:literal $($rest:tt)*) => {
        $crate::io::print_to(1, core::format_args!("{}\n", core::format_args!($format $($rest)*)))
    };
}

#[macro_export]
macro_rules! eprintln {
    () => { $crate::io::print_to(2, core::format_args!("\n")) };
    ($format:literal $($rest:tt)*) => {
        $crate::io::print_to(2, core::format_args!("{}\n", core::format_args!($format $($rest)*)))
    };
}

#[macro_export]
macro_rules! dbg {
    ($value:expr $(,)?) => {
        match $value {
            value => {
                $crate::eprintln!("{}:{}: {} = {:?}", core::file!(), core::line!(),
                                  core::stringify!($value), &value);
                value
            }
        }
    };
}
