// SPDX-License-Identifier: GPL-3.0-or-later
//
// Calls that releases of the crate after 0.2 know, by their numbers.

use std::string::String;

use support::{expect_error, map_anonymous, read_text, File};
use syscall::*;

const MREMAP: usize = 0x9b;
const OPENAT: usize = 0x1010_0007;
const UNLINKAT: usize = 0x1000_0107;
const READ2: usize = 0x2200_0023;
const WRITE2: usize = 0x2100_002d;

const REMOVE_DIRECTORY: usize = 0x200;
/// The file's own position, the descriptor's own flags.
const OWN: usize = usize::MAX;

fn folder(name: &str) -> (String, File) {
    let path = std::format!("file:/tmp/later-{}-{}", name, getpid().unwrap());
    let flags = O_CREAT | O_EXCL | O_DIRECTORY | O_RDONLY | O_CLOEXEC;

    (path.clone(), File::open(&path, flags | 0o755).unwrap())
}

unsafe fn read_at(file: &File, buffer: &mut [u8], offset: usize) -> Result<usize> {
    syscall5(READ2, file.0, buffer.as_mut_ptr() as usize, buffer.len(), offset, OWN)
}

unsafe fn write_at(file: &File, bytes: &[u8], offset: usize) -> Result<usize> {
    syscall5(WRITE2, file.0, bytes.as_ptr() as usize, bytes.len(), offset, OWN)
}

#[test]
fn reading_and_writing_at_an_offset() {
    let (base, _directory) = folder("offset");
    let file = File::create(&(base + "/f"));
    let mut buffer = [0; 4];

    assert_eq!(file.write(b"0123456789"), Ok(10));
    unsafe {
        assert_eq!(read_at(&file, &mut buffer, 3), Ok(4));
        assert_eq!(&buffer, b"3456");
        assert_eq!(lseek(file.0, 0, SEEK_CUR), Ok(10)); // where it was
        assert_eq!(write_at(&file, b"abc", 1), Ok(3));
        assert_eq!(write_at(&file, b"end", OWN), Ok(3));
        assert_eq!(lseek(file.0, 0, SEEK_CUR), Ok(13));
        file.seek(2);
        assert_eq!(read_at(&file, &mut buffer, OWN), Ok(4));
        assert_eq!(&buffer, b"bc45");
        assert_eq!(read_at(&file, &mut buffer, 100), Ok(0));
        expect_error!(syscall5(READ2, 9999, buffer.as_ptr() as usize, 4, 0, OWN), EBADF);
        expect_error!(syscall5(READ2, file.0, 0x1000, 4, 0, OWN), EFAULT);
        expect_error!(syscall5(WRITE2, file.0, 0x1000, 4, 0, OWN), EFAULT);
    }
    file.seek(0);
    assert_eq!(file.rest(), b"0abc456789end");
}

#[test]
fn names_below_a_directory() {
    let (base, directory) = folder("below");
    let at = |name: &str, flags: usize| unsafe {
        syscall4(OPENAT, directory.0, name.as_ptr() as usize, name.len(), flags).map(File)
    };
    let remove = |name: &str, flags: usize| unsafe {
        syscall4(UNLINKAT, directory.0, name.as_ptr() as usize, name.len(), flags)
    };

    let file = at("f", O_CREAT | O_RDWR | O_CLOEXEC | 0o644).unwrap();
    assert_eq!(file.write(b"below"), Ok(5));
    assert_eq!(file.path(), base.clone() + "/f");
    assert_eq!(read_text(&(base.clone() + "/f")), Ok(String::from("below")));
    assert_eq!(at("no", O_RDONLY).map(|_| 0), Err(Error::new(ENOENT)));

    drop(at("d", O_CREAT | O_DIRECTORY | O_RDONLY | 0o755).unwrap());
    assert_eq!(remove("d", 0), Err(Error::new(EISDIR)));
    assert_eq!(remove("f", REMOVE_DIRECTORY), Err(Error::new(ENOTDIR)));
    assert_eq!(remove("d", REMOVE_DIRECTORY), Ok(0));
    assert_eq!(remove("f", 0), Ok(0));
    assert_eq!(remove("f", 0), Err(Error::new(ENOENT)));
    assert_eq!(read_text(&base), Ok(String::new()));
}

#[test]
fn mappings_that_grow() {
    const PAGE: usize = 4096;
    let old = map_anonymous(2 * PAGE, PROT_READ | PROT_WRITE);
    let flags = (PROT_READ | PROT_WRITE).bits();

    unsafe {
        *(old as *mut usize) = 11;
        *((old + PAGE) as *mut usize) = 22;
        let new = syscall5(MREMAP, old, 2 * PAGE, 0, 4 * PAGE, flags).unwrap();
        assert_eq!(*(new as *const usize), 11);
        assert_eq!(*((new + PAGE) as *const usize), 22);
        *((new + 3 * PAGE) as *mut usize) = 44;
        assert_eq!(*((new + 2 * PAGE) as *const usize), 0);
        assert_eq!(funmap(new, 4 * PAGE), Ok(0));
    }
}
