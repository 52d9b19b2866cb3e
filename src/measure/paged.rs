//! Which entities have cells: what most members never do takes no room for them.

use super::grouped::Grouped;

/// Smaller pages are there for every entity: the way to them would take as much room, and a look more for each row.
const SMALL: usize = 8;

/// The places of the cells of entities, a page of one cell for each bucket of time for every entity that has any.
#[derive(Debug)]
pub(super) struct Pages {
    buckets: usize,
    /// Whether every entity up to the last has a page, in their order.
    every: bool,
    /// Page of each entity, counted from one; 0 for none.
    of_entity: Vec<u32>,
    count: u32,
    /// How the cells stand once they are laid out by group.
    grouped: Option<Grouped>,
}

impl Pages {
    /// No pages yet; they hold so many buckets, whose cells have so many bytes.
    pub fn new(buckets: usize, bytes: usize) -> Self {
        Self { buckets, every: buckets * bytes <= SMALL, of_entity: Vec::new(), count: 0, grouped: None }
    }

    /// How many buckets a page has.
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// Makes room for so many entities.
    pub fn reach(&mut self, entities: usize) {
        if self.every {
            self.count = self.count.max(u32::try_from(entities).unwrap_or(u32::MAX));
        } else if self.of_entity.len() < entities {
            self.of_entity.resize(entities, 0);
        }
    }

    /// The place of an entity's first cell, if it has any.
    #[inline]
    pub fn find(&self, entity: u32) -> Option<usize> {
        if self.every {
            return (entity < self.count).then_some(entity as usize * self.buckets);
        }
        let page = self.of_entity.get(entity as usize)?.checked_sub(1)?;
        Some(page as usize * self.buckets)
    }

    /// The place of an entity's first cell on a new page. For an entity that has none.
    pub fn open(&mut self, entity: u32) -> usize {
        self.reach(entity as usize + 1);
        if self.every {
            return entity as usize * self.buckets;
        }
        let start = self.count as usize * self.buckets;
        self.count += 1;
        if let Some(page) = self.of_entity.get_mut(entity as usize) {
            *page = self.count;
        }
        start
    }

    /// How the cells stand, where they are laid out by group.
    pub fn grouped(&self) -> Option<&Grouped> {
        self.grouped.as_ref()
    }

    /// The place of a bucket's cell of the page that begins at `start`.
    #[inline]
    pub fn place(&self, start: usize, bucket: usize) -> usize {
        self.grouped.as_ref().map_or(start + bucket, |grouped| grouped.place(start, bucket))
    }

    /// Moves the cells as they will be read, since rows came from all entities in turn: by group where lists of the
    /// groups' entities are given, of which others have no cells any longer; else by entity.
    pub fn lay_out<T: Copy + Default>(&mut self, cells: &mut Vec<T>, groups: Option<&[Vec<u32>]>) {
        if self.every {
            return;
        }
        if let Some(groups) = groups {
            let (grouped, order) = Grouped::lay_out(self.buckets, cells, groups, |entity| self.find(entity));
            self.of_entity.fill(0);
            self.count = 0;
            for entity in order {
                if let Some(page) = self.of_entity.get_mut(entity as usize) {
                    self.count += 1;
                    *page = self.count;
                }
            }
            self.grouped = Some(grouped);
            return;
        }
        let mut ordered = Vec::with_capacity(cells.len());
        let mut next = 0;
        for page in self.of_entity.iter_mut().filter(|page| **page != 0) {
            let old = *page as usize - 1;
            ordered.extend_from_slice(cells.get(old * self.buckets..(old + 1) * self.buckets).unwrap_or(&[]));
            next += 1;
            *page = next;
        }
        *cells = ordered;
    }

    /// How many cells all pages have.
    pub fn cells(&self) -> usize {
        self.count as usize * self.buckets
    }

    /// How many entities there is room for, with and without pages.
    pub fn entities(&self) -> usize {
        if self.every { self.count as usize } else { self.of_entity.len() }
    }

    /// Every entity that has cells with the place of its first, ascending.
    pub fn all(&self) -> impl Iterator<Item = (u32, usize)> {
        let entities = u32::try_from(self.entities()).unwrap_or(u32::MAX);
        (0..entities).filter_map(|entity| Some((entity, self.find(entity)?)))
    }

    /// The cells of all pages as if every entity had one; `cell` tells that of a bucket of the page at a place.
    pub fn spread<T: Copy + Default>(&self, cell: impl Fn(usize, usize) -> Option<T>) -> Vec<T> {
        let mut all = vec![T::default(); self.entities() * self.buckets];
        for (entity, start) in self.all() {
            let own = all.get_mut(entity as usize * self.buckets..).unwrap_or(&mut []).iter_mut().take(self.buckets);
            own.enumerate().for_each(|(bucket, place)| *place = cell(start, bucket).unwrap_or_default());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pages_are_there_for_every_entity() {
        let mut pages = Pages::new(4, 2);
        pages.reach(2);
        assert_eq!((pages.find(1), pages.find(2), pages.open(3), pages.find(2)), (Some(4), None, 12, Some(8)));
        assert_eq!((pages.cells(), pages.entities(), pages.all().count()), (16, 4, 4));
        let mut cells: Vec<u32> = (0..16).collect();
        pages.lay_out(&mut cells, None);
        assert_eq!(pages.spread(|start, bucket| cells.get(start + bucket).copied()), (0..16).collect::<Vec<_>>());
    }

    #[test]
    fn pages_are_of_their_entity() {
        let mut pages = Pages::new(3, 8);
        pages.reach(2);
        assert_eq!([7, 0, 3].map(|entity| pages.open(entity)), [0, 3, 6]);
        assert_eq!([7, 0, 3, 1, 9].map(|entity| pages.find(entity)), [Some(0), Some(3), Some(6), None, None]);
        assert_eq!(pages.all().collect::<Vec<_>>(), [(0, 3), (3, 6), (7, 0)]);
        let mut cells = vec![1, 2, 3, 4, 5, 6, 7, 8, 9];
        pages.lay_out(&mut cells, None);
        assert_eq!(
            (cells.as_slice(), pages.find(7), pages.find(3)),
            (&[4, 5, 6, 7, 8, 9, 1, 2, 3][..], Some(6), Some(3))
        );
        let spread = pages.spread(|start, bucket| cells.get(start + bucket).copied());
        assert_eq!(
            (&spread[..3], &spread[3..9], &spread[9..12], &spread[21..]),
            (&[4, 5, 6][..], &[0; 6][..], &[7, 8, 9][..], &[1, 2, 3][..])
        );
        pages.lay_out(&mut cells, Some(&[vec![3, 7], vec![1]]));
        assert_eq!([7, 0, 3].map(|entity| pages.find(entity)), [Some(3), None, Some(0)]);
        let own = |start| [0, 1, 2].map(|bucket| cells.get(pages.place(start, bucket)).copied().unwrap_or_default());
        assert_eq!((own(3), own(0)), ([1, 2, 3], [7, 8, 9]));
    }
}
