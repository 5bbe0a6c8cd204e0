// SPDX-License-Identifier: GPL-3.0-or-later
//
// A scheme over the crate's `Scheme`: files and directories in memory, with permissions, times
// and fmap. A file's bytes lie in pages of their own, so that a map shows the file itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::string::String;
use std::vec::Vec;

use syscall::*;

use crate::{map_anonymous, now};

const PAGE: usize = 4096;
/// Of a file.
const CAPACITY: usize = 64 * PAGE;
const BLOCKS: u64 = 1000;

struct Node {
    number: u64,
    stat: Cell<Stat>,
    /// Of a file: where its CAPACITY bytes lie, 0 as long as it never had any.
    address: Cell<usize>,
}

impl Node {
    fn is_directory(&self) -> bool {
        self.stat.get().st_mode & MODE_TYPE == MODE_DIR
    }

    fn size(&self) -> usize {
        self.stat.get().st_size as usize
    }

    fn change(&self, change: impl FnOnce(&mut Stat)) {
        let mut stat = self.stat.get();

        change(&mut stat);
        self.stat.set(stat);
    }

    fn set_size(&self, size: usize) -> Result<()> {
        let old = self.size();

        if size > CAPACITY {
            return Err(Error::new(ENOSPC));
        }
        if size < old {
            self.bytes()[size..old].fill(0);
        }
        self.change(|stat| {
            stat.st_size = size as u64;
            stat.st_blocks = (size as u64 + 511) / 512;
        });
        Ok(())
    }

    #[allow(clippy::mut_from_ref)]
    fn bytes(&self) -> &mut [u8] {
        if self.address.get() == 0 {
            self.address.set(map_anonymous(CAPACITY, PROT_READ | PROT_WRITE));
        }
        unsafe { std::slice::from_raw_parts_mut(self.address.get() as *mut u8, CAPACITY) }
    }

    fn allows(&self, uid: u32, wanted: u16) -> Result<()> {
        let stat = self.stat.get();
        let shift = if uid == stat.st_uid { 6 } else { 0 };

        if uid == 0 || stat.st_mode >> shift & wanted == wanted {
            Ok(())
        } else {
            Err(Error::new(EACCES))
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.address.get() != 0 {
            let _ = unsafe { funmap(self.address.get(), CAPACITY) };
        }
    }
}

struct Handle {
    node: Rc<Node>,
    path: RefCell<String>,
    offset: Cell<usize>,
    flags: Cell<usize>,
    /// Of a directory: its names, as they were at open.
    listing: Vec<u8>,
}

pub struct RamDisk {
    name: String,
    /// By path, "" being the root; in "/a/b" as kernels pass it the first slash is left out.
    nodes: RefCell<BTreeMap<String, Rc<Node>>>,
    handles: RefCell<BTreeMap<usize, Rc<Handle>>>,
    next: Cell<usize>,
    maps: Cell<usize>,
}

fn parent_of(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

fn fail<T>(errno: i32) -> Result<T> {
    Err(Error::new(errno))
}

impl RamDisk {
    pub fn new(name: &str) -> RamDisk {
        let disk = RamDisk {
            name: String::from(name),
            nodes: RefCell::new(BTreeMap::new()),
            handles: RefCell::new(BTreeMap::new()),
            next: Cell::new(1),
            maps: Cell::new(0),
        };

        disk.add("", MODE_DIR | 0o777, 0, 0);
        disk
    }

    fn take_number(&self) -> usize {
        let number = self.next.get();

        self.next.set(number + 1);
        number
    }

    fn add(&self, path: &str, mode: u16, uid: u32, gid: u32) -> Rc<Node> {
        let time = (now(CLOCK_REALTIME) / 1_000_000_000) as u64;
        let stat = Stat {
            st_mode: mode,
            st_nlink: 1,
            st_uid: uid,
            st_gid: gid,
            st_blksize: PAGE as u32,
            st_mtime: time,
            st_atime: time,
            st_ctime: time,
            ..Default::default()
        };
        let number = self.take_number() as u64;
        let node = Rc::new(Node { number, stat: Cell::new(stat), address: Cell::new(0) });

        self.nodes.borrow_mut().insert(String::from(path), node.clone());
        node
    }

    fn find(&self, path: &str) -> Result<Rc<Node>> {
        self.nodes.borrow().get(path).cloned().ok_or(Error::new(ENOENT))
    }

    /// The directory that a path lies in.
    fn parent(&self, path: &str) -> Result<Rc<Node>> {
        let parent = self.find(parent_of(path))?;

        if parent.is_directory() {
            Ok(parent)
        } else {
            fail(ENOTDIR)
        }
    }

    fn names(&self, path: &str) -> Vec<String> {
        let nodes = self.nodes.borrow();
        let start = path.len() + !path.is_empty() as usize;

        nodes
            .keys()
            .filter(|key| !key.is_empty() && parent_of(key) == path)
            .map(|key| String::from(&key[start..]))
            .collect()
    }

    fn handle_of(&self, id: usize) -> Result<Rc<Handle>> {
        self.handles.borrow().get(&id).cloned().ok_or(Error::new(EBADF))
    }

    fn add_handle(&self, handle: Handle) -> usize {
        let id = self.take_number();

        self.handles.borrow_mut().insert(id, Rc::new(handle));
        id
    }

    fn create(&self, path: &str, flags: usize, uid: u32, gid: u32) -> Result<Rc<Node>> {
        self.parent(path)?.allows(uid, 2)?;
        let kind = if flags & O_DIRECTORY != 0 { MODE_DIR } else { MODE_FILE };

        Ok(self.add(path, kind | (flags & 0o7777) as u16, uid, gid))
    }

    fn remove(&self, path: &str, directory: bool, uid: u32) -> Result<usize> {
        let path = path.trim_start_matches('/');
        let node = self.find(path)?;

        match (directory, node.is_directory()) {
            (true, false) => return fail(ENOTDIR),
            (false, true) => return fail(EISDIR),
            _ => {}
        }
        if directory && !self.names(path).is_empty() {
            return fail(ENOTEMPTY);
        }
        self.parent(path)?.allows(uid, 2)?;
        self.nodes.borrow_mut().remove(path);
        Ok(0)
    }

    fn readable(&self, id: usize) -> Result<Rc<Handle>> {
        let handle = self.handle_of(id)?;

        if handle.flags.get() & O_RDONLY == 0 {
            return fail(EBADF);
        }
        Ok(handle)
    }

    fn writable(&self, id: usize) -> Result<Rc<Handle>> {
        let handle = self.handle_of(id)?;

        if handle.flags.get() & O_WRONLY == 0 || handle.node.is_directory() {
            return fail(EBADF);
        }
        Ok(handle)
    }

    fn owned(&self, id: usize) -> Result<Rc<Node>> {
        Ok(self.handle_of(id)?.node.clone())
    }
}

impl Scheme for RamDisk {
    fn open(&self, path: &str, flags: usize, uid: u32, gid: u32) -> Result<usize> {
        let path = path.trim_start_matches('/');
        let node = match self.find(path) {
            Ok(_) if flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL => return fail(EEXIST),
            Ok(node) => node,
            Err(_) if flags & O_CREAT != 0 => self.create(path, flags, uid, gid)?,
            Err(missing) => return Err(missing),
        };

        if flags & O_DIRECTORY != 0 && !node.is_directory() {
            return fail(ENOTDIR);
        }
        if flags & O_WRONLY != 0 && node.is_directory() {
            return fail(EISDIR);
        }
        if flags & O_RDONLY != 0 {
            node.allows(uid, 4)?;
        }
        if flags & (O_WRONLY | O_TRUNC) != 0 {
            node.allows(uid, 2)?;
        }
        if flags & O_TRUNC != 0 {
            node.set_size(0)?;
        }
        let listing = if node.is_directory() { self.names(path).join("\n") } else { String::new() };

        Ok(self.add_handle(Handle {
            node,
            path: RefCell::new(String::from(path)),
            offset: Cell::new(0),
            flags: Cell::new(flags),
            listing: listing.into_bytes(),
        }))
    }

    fn chmod(&self, path: &str, mode: u16, uid: u32, _gid: u32) -> Result<usize> {
        let node = self.find(path.trim_start_matches('/'))?;

        if uid != 0 && uid != node.stat.get().st_uid {
            return fail(EPERM);
        }
        node.change(|stat| stat.st_mode = stat.st_mode & MODE_TYPE | mode & MODE_PERM);
        Ok(0)
    }

    fn rmdir(&self, path: &str, uid: u32, _gid: u32) -> Result<usize> {
        self.remove(path, true, uid)
    }

    fn unlink(&self, path: &str, uid: u32, _gid: u32) -> Result<usize> {
        self.remove(path, false, uid)
    }

    fn dup(&self, id: usize, buffer: &[u8]) -> Result<usize> {
        let handle = self.handle_of(id)?;

        if buffer != b"again" {
            return fail(EINVAL);
        }
        let path = RefCell::new(handle.path.borrow().clone());
        Ok(self.add_handle(Handle {
            node: handle.node.clone(),
            path,
            offset: Cell::new(0),
            flags: handle.flags.clone(),
            listing: handle.listing.clone(),
        }))
    }

    fn read(&self, id: usize, buffer: &mut [u8]) -> Result<usize> {
        let handle = self.readable(id)?;
        let all: &[u8] = if handle.node.is_directory() {
            &handle.listing
        } else {
            &handle.node.bytes()[..handle.node.size()]
        };
        let start = handle.offset.get().min(all.len());
        let count = buffer.len().min(all.len() - start);

        buffer[..count].copy_from_slice(&all[start..start + count]);
        handle.offset.set(start + count);
        Ok(count)
    }

    fn write(&self, id: usize, buffer: &[u8]) -> Result<usize> {
        let handle = self.writable(id)?;
        let node = &handle.node;
        let append = handle.flags.get() & O_APPEND != 0;
        let start = if append { node.size() } else { handle.offset.get() };
        let end = start + buffer.len();

        if end > node.size() {
            node.set_size(end)?;
        }
        node.bytes()[start..end].copy_from_slice(buffer);
        handle.offset.set(end);
        Ok(buffer.len())
    }

    fn seek(&self, id: usize, position: isize, whence: usize) -> Result<isize> {
        let handle = self.handle_of(id)?;
        let size = handle.node.size().max(handle.listing.len());
        let offset = calc_seek_offset_usize(handle.offset.get(), position, whence, size)?;

        handle.offset.set(offset as usize);
        Ok(offset)
    }

    fn fchmod(&self, id: usize, mode: u16) -> Result<usize> {
        self.owned(id)?.change(|stat| stat.st_mode = stat.st_mode & MODE_TYPE | mode & MODE_PERM);
        Ok(0)
    }

    fn fchown(&self, id: usize, uid: u32, gid: u32) -> Result<usize> {
        self.owned(id)?.change(|stat| {
            if uid != u32::MAX {
                stat.st_uid = uid;
            }
            if gid != u32::MAX {
                stat.st_gid = gid;
            }
        });
        Ok(0)
    }

    fn fcntl(&self, id: usize, command: usize, argument: usize) -> Result<usize> {
        let handle = self.handle_of(id)?;

        match command {
            F_GETFL => Ok(handle.flags.get()),
            F_SETFL => {
                handle.flags.set(handle.flags.get() & O_ACCMODE | argument & !O_ACCMODE);
                Ok(0)
            }
            _ => fail(EINVAL),
        }
    }

    fn fmap(&self, id: usize, map: &Map) -> Result<usize> {
        let handle = self.readable(id)?;

        if map.flags.contains(PROT_WRITE) {
            self.writable(id)?;
        }
        if map.offset % PAGE != 0 || map.offset + map.size > CAPACITY {
            return fail(EINVAL);
        }
        self.maps.set(self.maps.get() + 1);
        Ok(handle.node.bytes().as_ptr() as usize + map.offset)
    }

    fn funmap(&self, address: usize, length: usize) -> Result<usize> {
        let nodes = self.nodes.borrow();
        let known = nodes.values().any(|node| {
            let start = node.address.get();
            start != 0 && address >= start && address + length <= start + CAPACITY
        });

        if !known {
            return fail(EFAULT);
        }
        self.maps.set(self.maps.get().saturating_sub(1));
        Ok(0)
    }

    fn fpath(&self, id: usize, buffer: &mut [u8]) -> Result<usize> {
        let path = std::format!("{}:/{}", self.name, self.handle_of(id)?.path.borrow());
        let count = buffer.len().min(path.len());

        buffer[..count].copy_from_slice(&path.as_bytes()[..count]);
        Ok(count)
    }

    fn frename(&self, id: usize, path: &str, uid: u32, _gid: u32) -> Result<usize> {
        let handle = self.handle_of(id)?;
        let path = path.trim_start_matches('/');
        let old = handle.path.borrow().clone();

        if let Ok(target) = self.find(path) {
            match (handle.node.is_directory(), target.is_directory()) {
                (true, false) => return fail(ENOTDIR),
                (false, true) => return fail(EACCES),
                (true, true) if !self.names(path).is_empty() => return fail(ENOTEMPTY),
                _ => {}
            }
        }
        self.parent(path)?.allows(uid, 2)?;
        let mut nodes = self.nodes.borrow_mut();
        let inside = old.clone() + "/";
        let moved: Vec<String> =
            nodes.keys().filter(|key| **key == old || key.starts_with(&inside)).cloned().collect();

        for key in moved {
            let node = nodes.remove(&key).expect("a key of the map");

            nodes.insert(String::from(path) + &key[old.len()..], node);
        }
        *handle.path.borrow_mut() = String::from(path);
        Ok(0)
    }

    fn fstat(&self, id: usize, stat: &mut Stat) -> Result<usize> {
        let node = self.owned(id)?;
        let device = stat.st_dev; // as the kernel filled it in

        *stat = node.stat.get();
        stat.st_dev = device;
        stat.st_ino = node.number;
        Ok(0)
    }

    /// Blocks that are not available are those of maps.
    fn fstatvfs(&self, id: usize, stat: &mut StatVfs) -> Result<usize> {
        self.handle_of(id)?;
        let free = BLOCKS - self.nodes.borrow().len() as u64;

        *stat = StatVfs {
            f_bsize: PAGE as u32,
            f_blocks: BLOCKS,
            f_bfree: free,
            f_bavail: free - self.maps.get() as u64,
        };
        Ok(0)
    }

    fn fsync(&self, id: usize) -> Result<usize> {
        self.handle_of(id).map(|_| 0)
    }

    fn ftruncate(&self, id: usize, length: usize) -> Result<usize> {
        self.writable(id)?.node.set_size(length).map(|_| 0)
    }

    fn futimens(&self, id: usize, times: &[TimeSpec]) -> Result<usize> {
        if times.len() != 2 {
            return fail(EINVAL);
        }
        self.owned(id)?.change(|stat| {
            stat.st_atime = times[0].tv_sec as u64;
            stat.st_atime_nsec = times[0].tv_nsec as u32;
            stat.st_mtime = times[1].tv_sec as u64;
            stat.st_mtime_nsec = times[1].tv_nsec as u32;
        });
        Ok(0)
    }

    fn close(&self, id: usize) -> Result<usize> {
        match self.handles.borrow_mut().remove(&id) {
            Some(_) => Ok(0),
            None => fail(EBADF),
        }
    }
}
