//! Long lists of plain numbers that rows look into in no order.
//!
//! A list that is longer than the processor's own table of pages reaches costs a walk through page tables with every
//! look, in a virtual machine through those of its host besides. Huge pages spare the walk; where the system gives
//! none, the list is as any other.

use bytemuck::Pod;
use memmap2::{MmapMut, MmapOptions};
use std::ops::{Deref, DerefMut};

/// A huge page of the common processors, in bytes.
const PAGE: usize = 2 << 20;

/// A list whose new cells are zero. Room that is never written costs next to nothing.
#[derive(Debug)]
pub(super) struct HugeVec<T> {
    cells: Cells<T>,
    len: usize,
}

#[derive(Debug)]
enum Cells<T> {
    /// Less than a huge page.
    Few(Vec<T>),
    Many(Room),
}

/// Memory straight from the system, zero until it is written.
#[derive(Debug)]
struct Room {
    map: MmapMut,
    /// The first byte of the first whole huge page.
    start: usize,
}

impl Room {
    /// Room for so many bytes.
    fn of(bytes: usize) -> Option<Self> {
        let map = MmapOptions::new().len(bytes.checked_add(PAGE)?).map_anon().ok()?;
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        let start = map.as_ptr().align_offset(PAGE);
        Some(Self { map, start }).filter(|room| room.bytes() >= bytes)
    }

    fn bytes(&self) -> usize {
        self.map.len().saturating_sub(self.start)
    }
}

impl<T> Default for HugeVec<T> {
    fn default() -> Self {
        Self { cells: Cells::Few(Vec::new()), len: 0 }
    }
}

impl<T: Pod> HugeVec<T> {
    /// So many zeros, all of which will be written.
    pub fn zeros(len: usize) -> Self {
        let mut list = Self::default();
        list.reach(len);
        // A page that is read first costs a second turn, and a word to the other processors, once it is written.
        #[cfg(target_os = "linux")]
        if let Cells::Many(Room { map, start }) = &list.cells {
            let _ = map.advise_range(memmap2::Advice::PopulateWrite, *start, len * size_of::<T>());
        }
        list
    }

    /// Takes room for so many cells in all.
    pub fn expect(&mut self, cells: usize) {
        if cells > self.room() {
            self.move_to(cells);
        }
    }

    fn room(&self) -> usize {
        match &self.cells {
            Cells::Few(few) => few.capacity(),
            Cells::Many(room) => room.bytes() / size_of::<T>(),
        }
    }

    /// Makes it this long at least, by zeros.
    pub fn reach(&mut self, len: usize) {
        if len <= self.len {
            return;
        }
        if len > self.room() {
            self.move_to(len.max(2 * self.len));
        }
        if let Cells::Few(few) = &mut self.cells {
            few.resize(len, T::zeroed());
        }
        self.len = len;
    }

    /// Puts a cell behind the others.
    pub fn push(&mut self, cell: T) {
        let at = self.len;
        self.reach(at + 1);
        if let Some(last) = self.get_mut(at) {
            *last = cell;
        }
    }

    fn move_to(&mut self, cells: usize) {
        let room = cells.checked_mul(size_of::<T>()).filter(|bytes| *bytes >= PAGE).and_then(Room::of);
        match (room, &mut self.cells) {
            (None, Cells::Few(few)) => few.reserve_exact(cells - few.len()),
            (None, Cells::Many(_)) => {
                let mut all = Vec::with_capacity(cells);
                all.extend_from_slice(self);
                self.cells = Cells::Few(all);
            }
            (Some(room), _) => {
                let old = std::mem::replace(self, Self { cells: Cells::Many(room), len: self.len });
                self.copy_from_slice(&old);
            }
        }
    }
}

impl<T: Pod> Deref for HugeVec<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.cells {
            Cells::Few(few) => few,
            Cells::Many(Room { map, start }) => {
                let bytes = map.get(*start..*start + self.len * size_of::<T>()).unwrap_or(&[]);
                bytemuck::try_cast_slice(bytes).unwrap_or(&[])
            }
        }
    }
}

impl<T: Pod> DerefMut for HugeVec<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.cells {
            Cells::Few(few) => few,
            Cells::Many(Room { map, start }) => {
                let bytes = map.get_mut(*start..*start + self.len * size_of::<T>()).unwrap_or(&mut []);
                bytemuck::try_cast_slice_mut(bytes).unwrap_or(&mut [])
            }
        }
    }
}

impl<T: Pod> FromIterator<T> for HugeVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let cells = cells.into_iter();
        let mut list = Self::default();
        list.expect(cells.size_hint().0);
        cells.for_each(|cell| list.push(cell));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_keeps_its_cells_when_it_outgrows_a_page() {
        let len = u32::try_from(PAGE).unwrap_or(0);
        let mut list: HugeVec<u32> = HugeVec::default();
        (0..len).for_each(|n| list.push(n));
        assert!(matches!(list.cells, Cells::Many(_)) && list.iter().copied().eq(0..len));
        assert_eq!(list.as_ptr().align_offset(PAGE), 0);
        let mut few: HugeVec<u64> = HugeVec::zeros(3);
        few.iter_mut().for_each(|cell| *cell = 7);
        few.expect(PAGE);
        few.reach(5);
        assert_eq!((&few[..], matches!(few.cells, Cells::Many(_))), (&[7, 7, 7, 0, 0][..], true));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn it_is_as_any_other_list(steps in proptest::collection::vec((0..3, 0usize..600_000), 0..12)) {
            let (mut list, mut known): (HugeVec<u64>, Vec<u64>) = (HugeVec::default(), Vec::new());
            for (step, n) in steps {
                match step {
                    0 => list.expect(n),
                    1 => {
                        list.reach(n);
                        known.resize(known.len().max(n), 0);
                    }
                    _ => {
                        list.push(n as u64);
                        known.push(n as u64);
                        let at = n % known.len();
                        list[at] += 1;
                        known[at] += 1;
                    }
                }
                prop_assert!(list[..] == known[..]);
            }
        }
    }
}
