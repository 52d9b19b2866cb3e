//! Wide cells of few entities: what most members never do takes no room for them.

use std::ops::Range;

/// A page of cells, one for each bucket of time, for every entity that has any.
#[derive(Debug)]
pub(super) struct Paged<T> {
    buckets: usize,
    /// Page of each entity, counted from one; 0 for none.
    pages: Vec<u32>,
    cells: Vec<T>,
}

impl<T: Default + Clone> Paged<T> {
    /// No cells yet; pages hold so many buckets.
    pub fn new(buckets: usize) -> Self {
        Self { buckets, pages: Vec::new(), cells: Vec::new() }
    }

    /// The cell of an entity and bucket, made if need be; nothing beyond the last bucket.
    pub fn cell(&mut self, entity: u32, bucket: usize) -> Option<&mut T> {
        let entity = entity as usize;
        if entity >= self.pages.len() {
            self.pages.resize(entity + 1, 0);
        }
        let page = self.pages.get_mut(entity)?;
        if *page == 0 {
            *page = u32::try_from(self.cells.len() / self.buckets.max(1) + 1).ok()?;
            self.cells.resize(self.cells.len() + self.buckets, T::default());
        }
        let start = (*page as usize - 1) * self.buckets;
        self.cells.get_mut(start..start + self.buckets)?.get_mut(bucket)
    }

    /// The cells of every entity that has any, ascending.
    pub fn pages(&self) -> impl Iterator<Item = (u32, &[T])> {
        let entities = (0_u32..).zip(&self.pages).filter(|(_, page)| **page != 0).map(|(entity, _)| entity);
        entities.map(|entity| (entity, self.run(entity, &(0..self.buckets))))
    }

    /// The cells of an entity in a run of buckets; none if it never had any.
    pub fn run(&self, entity: u32, buckets: &Range<usize>) -> &[T] {
        let page = self.pages.get(entity as usize).and_then(|page| (*page as usize).checked_sub(1));
        let Some(start) = page.map(|page| page * self.buckets) else { return &[] };
        self.cells.get(start + buckets.start..start + buckets.end).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cells_are_of_their_entity_and_bucket() {
        let mut paged: Paged<u64> = Paged::new(3);
        for (entity, bucket) in [(7, 2), (0, 0), (7, 1), (3, 2), (7, 2)] {
            *paged.cell(entity, bucket).unwrap() += u64::from(entity) + 1;
        }
        assert_eq!(paged.run(7, &(0..3)), [0, 8, 16]);
        assert_eq!(paged.run(0, &(0..2)), [1, 0]);
        assert_eq!((paged.run(3, &(2..3)), paged.run(1, &(0..3)), paged.run(9, &(0..3))), (&[4][..], &[][..], &[][..]));
        assert_eq!(paged.cells.len(), 9, "three entities have a page");
        assert_eq!(paged.cell(0, 3), None);
    }
}
