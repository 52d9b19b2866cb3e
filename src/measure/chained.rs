//! Wide cells that are there only where a row was: few members buy, and those who do in few weeks.

use std::ops::Range;

/// A cell and the entity's next earlier one.
#[derive(Debug)]
struct Link<T> {
    bucket: u32,
    /// Counted from one; 0 for none.
    earlier: u32,
    cell: T,
}

/// The cells of each entity that were ever needed, chained from the latest bucket to the earliest.
#[derive(Debug)]
pub(super) struct Chained<T> {
    buckets: usize,
    /// The latest cell of each entity, counted from one; 0 for none.
    latest: Vec<u32>,
    links: Vec<Link<T>>,
}

impl<T: Default + Clone> Chained<T> {
    /// No cells yet, of so many buckets.
    pub fn new(buckets: usize) -> Self {
        Self { buckets, latest: Vec::new(), links: Vec::new() }
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// The cell of an entity and bucket, made if need be; nothing beyond the last bucket.
    pub fn cell(&mut self, entity: u32, bucket: usize) -> Option<&mut T> {
        let bucket = u32::try_from(bucket).ok().filter(|_| bucket < self.buckets)?;
        let entity = entity as usize;
        if entity >= self.latest.len() {
            self.latest.resize(entity + 1, 0);
        }
        // Rows mostly come in the order of time, so that the latest cell is most often theirs.
        let (mut later, mut number) = (None, *self.latest.get(entity)?);
        while let Some(link) = self.link(number)
            && link.bucket > bucket
        {
            later = Some(number);
            number = link.earlier;
        }
        if self.link(number).is_none_or(|link| link.bucket != bucket) {
            self.links.push(Link { bucket, earlier: number, cell: T::default() });
            number = u32::try_from(self.links.len()).ok()?;
            match later {
                Some(later) => self.links.get_mut(later as usize - 1)?.earlier = number,
                None => *self.latest.get_mut(entity)? = number,
            }
        }
        Some(&mut self.links.get_mut(number as usize - 1)?.cell)
    }

    /// Asks memory for the latest cells of many entities, so that they are waited for together.
    pub fn ask(&self, entities: impl Iterator<Item = u32>) {
        let bucket = |entity: u32| self.link(*self.latest.get(entity as usize)?).map(|link| link.bucket);
        std::hint::black_box(entities.filter_map(bucket).fold(0, |all, bucket| all ^ bucket));
    }

    /// Lays the cells of each entity side by side, as they will be read: rows came from all of them in turn.
    pub fn lay_out(&mut self) {
        let mut links = Vec::with_capacity(self.links.len());
        for latest in self.latest.iter_mut().filter(|latest| **latest != 0) {
            let mut next = *latest;
            *latest = numbered(links.len());
            while let Some(link) = (next as usize).checked_sub(1).and_then(|at| self.links.get_mut(at)) {
                next = link.earlier;
                let earlier = if next == 0 { 0 } else { numbered(links.len() + 1) };
                links.push(Link { bucket: link.bucket, earlier, cell: std::mem::take(&mut link.cell) });
            }
        }
        self.links = links;
    }

    /// Whether an entity has any cells.
    #[inline]
    pub fn has(&self, entity: u32) -> bool {
        self.latest.get(entity as usize).is_some_and(|latest| *latest != 0)
    }

    #[inline]
    fn link(&self, number: u32) -> Option<&Link<T>> {
        self.links.get((number as usize).checked_sub(1)?)
    }

    fn links(&self, entity: u32) -> impl Iterator<Item = &Link<T>> {
        let latest = self.latest.get(entity as usize).and_then(|number| self.link(*number));
        std::iter::successors(latest, |link| self.link(link.earlier))
    }

    /// The cells of an entity in a run of buckets that were ever needed, from the latest to the earliest.
    pub fn run(&self, entity: u32, buckets: &Range<usize>) -> impl Iterator<Item = &T> {
        let (start, end) = (buckets.start, buckets.end);
        self.links(entity)
            .skip_while(move |link| link.bucket as usize >= end)
            .take_while(move |link| link.bucket as usize >= start)
            .map(|link| &link.cell)
    }

    /// Every entity that has cells, ascending.
    pub fn entities(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.latest).filter(|(_, latest)| **latest != 0).map(|(entity, _)| entity)
    }

    /// The cells of an entity in all buckets.
    pub fn page(&self, entity: u32) -> Vec<T> {
        let mut page = vec![T::default(); self.buckets];
        for link in self.links(entity) {
            if let Some(cell) = page.get_mut(link.bucket as usize) {
                *cell = link.cell.clone();
            }
        }
        page
    }
}

/// The number of a place, counted from one.
fn numbered(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cells_are_of_their_entity_and_bucket_in_any_order() {
        let mut cells: Chained<u64> = Chained::new(4);
        for (entity, bucket) in [(7, 2), (0, 0), (7, 1), (3, 2), (7, 2), (7, 3), (7, 0), (7, 1)] {
            *cells.cell(entity, bucket).unwrap() += u64::from(entity) + 1;
        }
        for _ in 0..2 {
            assert_eq!((cells.page(7), cells.page(0)), (vec![8, 16, 16, 8], vec![1, 0, 0, 0]));
            cells.lay_out();
        }
        assert_eq!(cells.links.iter().map(|link| link.bucket).collect::<Vec<_>>(), [0, 2, 3, 2, 1, 0]);
        let run = |entity, range: Range<usize>| cells.run(entity, &range).copied().collect::<Vec<_>>();
        assert_eq!((run(7, 1..3), run(7, 0..1), run(7, 3..4)), (vec![16, 16], vec![8], vec![8]));
        assert_eq!((run(3, 0..2), run(3, 2..4), run(1, 0..4), run(9, 0..4)), (vec![], vec![4], vec![], vec![]));
        assert_eq!(cells.entities().collect::<Vec<_>>(), [0, 3, 7]);
        assert_eq!(cells.links.len(), 6, "a cell for each entity and bucket that was met");
        assert_eq!(cells.cell(0, 4), None);
    }
}
