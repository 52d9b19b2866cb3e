//! Cells of a group's entities side by side, one bucket of time after the other: a window of all of them is the sum of
//! a few short columns.

use std::ops::Range;

/// Where the cells of the entities of each group stand.
#[derive(Debug)]
pub(super) struct Grouped {
    buckets: usize,
    /// The first page of each group; at last, how many there are.
    starts: Vec<usize>,
    /// Of each page, the position of its entity in the group's list.
    positions: Vec<u32>,
}

impl Grouped {
    /// Moves the cells of all pages of so many buckets, by the lists of the groups' entities; `find` tells where the page
    /// of an entity begins that has one. Gives the entities in the order of their pages; what is in no list has no
    /// cells afterwards.
    pub fn lay_out<T: Copy + Default>(
        buckets: usize,
        cells: &mut Vec<T>,
        groups: &[Vec<u32>],
        find: impl Fn(u32) -> Option<usize>,
    ) -> (Self, Vec<u32>) {
        let mut starts = Vec::with_capacity(groups.len() + 1);
        let mut positions = Vec::with_capacity(cells.len() / buckets.max(1));
        let mut order = Vec::with_capacity(positions.capacity());
        let mut ordered = vec![T::default(); cells.len()];
        for group in groups {
            let first = positions.len();
            starts.push(first);
            for (position, entity) in (0..).zip(group) {
                if let Some(start) = find(*entity) {
                    positions.push(position);
                    order.push((*entity, start));
                }
            }
            let own = order.get(first..).unwrap_or(&[]);
            let columns = ordered.get_mut(first * buckets..).unwrap_or(&mut []);
            for (bucket, column) in columns.chunks_mut(own.len().max(1)).take(buckets).enumerate() {
                let cell = |(_, start): &(u32, usize)| cells.get(start + bucket).copied().unwrap_or_default();
                column.iter_mut().zip(own).for_each(|(place, own)| *place = cell(own));
            }
        }
        starts.push(positions.len());
        *cells = ordered;
        (Self { buckets, starts, positions }, order.into_iter().map(|(entity, _)| entity).collect())
    }

    /// The positions of the group's entities that have cells.
    pub fn positions(&self, group: usize) -> &[u32] {
        self.pages(group).and_then(|pages| self.positions.get(pages)).unwrap_or(&[])
    }

    /// The columns of a run of buckets of a group's entities, each as long as its positions.
    pub fn columns<'c, T>(
        &self,
        cells: &'c [T],
        group: usize,
        buckets: &Range<usize>,
    ) -> impl Iterator<Item = &'c [T]> {
        let pages = self.pages(group).unwrap_or(0..0);
        let (first, len) = (pages.start * self.buckets, pages.len());
        let run = first + buckets.start.min(self.buckets) * len..first + buckets.end.min(self.buckets) * len;
        cells.get(run).unwrap_or(&[]).chunks(len.max(1))
    }

    /// The place of a bucket's cell of the page that begins at `start` among all.
    #[inline]
    pub fn place(&self, start: usize, bucket: usize) -> usize {
        let page = start / self.buckets.max(1);
        let group = self.starts.partition_point(|first| *first <= page).saturating_sub(1);
        let pages = self.pages(group).unwrap_or(0..0);
        pages.start * self.buckets + (page - pages.start) + bucket * pages.len()
    }

    fn pages(&self, group: usize) -> Option<Range<usize>> {
        Some(*self.starts.get(group)?..*self.starts.get(group + 1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_group_and_by_entity() {
        let paged = [4_u32, 0, 7, 2];
        let mut cells: Vec<u32> =
            paged.iter().flat_map(|entity| (1..4).map(move |bucket| 10 * entity + bucket)).collect();
        let groups = [vec![7, 1, 4], vec![], vec![0, 2, 9]];
        let find = |entity| paged.iter().position(|paged| *paged == entity).map(|page| 3 * page);
        let (grouped, order) = Grouped::lay_out(3, &mut cells, &groups, find);
        assert_eq!(order, [7, 4, 0, 2]);
        let columns = |group, range: Range<usize>| {
            grouped.columns(&cells, group, &range).map(<[u32]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(
            (grouped.positions(0), grouped.positions(1), grouped.positions(2)),
            (&[0, 2][..], &[][..], &[0, 1][..])
        );
        assert_eq!(columns(0, 0..3), [[71, 41], [72, 42], [73, 43]]);
        assert_eq!(columns(2, 1..2), [[2, 22]]);
        assert_eq!((columns(1, 0..3).len(), columns(9, 0..3).len(), columns(0, 2..2).len()), (0, 0, 0));
        for (page, entity) in order.into_iter().enumerate() {
            let own: Vec<u32> =
                (0..3).filter_map(|bucket| cells.get(grouped.place(3 * page, bucket)).copied()).collect();
            assert_eq!(own, [1, 2, 3].map(|bucket| 10 * entity + bucket));
        }
    }
}
