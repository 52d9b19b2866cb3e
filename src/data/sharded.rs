//! Open tables of what is told by a hash, spread over several so that one that grows needs little room besides.

/// How many tables there are.
const SHARDS: usize = 64;

/// What stands in a slot.
pub(super) trait Slot: Copy {
    /// Stands where nothing does. Not zero: memory that is read before it is written costs the system two turns for each
    /// page.
    const VACANT: Self;

    /// 64 bits of its hash, which place it.
    fn half(&self) -> u64;

    /// Whether nothing stands there.
    fn is_vacant(&self) -> bool;

    /// Whether it is told by the same hash.
    fn is_same(&self, other: &Self) -> bool;
}

/// The tables.
#[derive(Debug)]
pub(super) struct Sharded<S> {
    shards: Vec<Shard<S>>,
    /// So many are expected.
    expected: usize,
}

#[derive(Debug)]
struct Shard<S> {
    /// At most three quarters taken.
    slots: Vec<S>,
    len: usize,
}

impl<S> Default for Sharded<S> {
    fn default() -> Self {
        Self { shards: Vec::new(), expected: 0 }
    }
}

impl<S: Slot> Sharded<S> {
    /// Takes room for so many, once there is one. Growing would cost it twice over.
    pub fn expect(&mut self, slots: usize) {
        self.expected = self.expected.max(slots);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len).sum()
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &S> {
        self.shards.iter().flat_map(|shard| &shard.slots).filter(|slot| !slot.is_vacant())
    }

    /// The one of the same hash.
    pub fn find(&self, slot: &S) -> Option<&S> {
        let shard = self.shards.get(shard_of(slot))?;
        shard.slots.get(shard.find(slot)?).filter(|slot| !slot.is_vacant())
    }

    /// Asks memory for the first places of many, so that they are waited for together.
    pub fn ask(&self, slots: impl Iterator<Item = S>) {
        let first = |slot: S| {
            let shard = self.shards.get(shard_of(&slot))?;
            shard.slots.get(shard.home(&slot)).map(Slot::half)
        };
        std::hint::black_box(slots.filter_map(first).fold(0, |all, half| all ^ half));
    }

    /// Puts one in, unless there is one of the same hash: that one stays.
    pub fn put(&mut self, slot: S) -> Option<S> {
        if self.shards.is_empty() {
            // A little more than three quarters would let them be, since no shard has just its share.
            let each = self.expected.div_ceil(SHARDS) * 3 / 2;
            self.shards = (0..SHARDS).map(|_| Shard { slots: vec![S::VACANT; each], len: 0 }).collect();
        }
        let shard = self.shards.get_mut(shard_of(&slot))?;
        if (shard.len + 1) * 4 > shard.slots.len() * 3 {
            shard.grow();
        }
        let at = shard.find(&slot)?;
        let place = shard.slots.get_mut(at)?;
        if !place.is_vacant() {
            return Some(*place);
        }
        *place = slot;
        shard.len += 1;
        None
    }

    /// Takes one back.
    pub fn take_back(&mut self, slot: &S) {
        self.shards.get_mut(shard_of(slot)).into_iter().for_each(|shard| shard.take_back(slot));
    }
}

fn shard_of(slot: &impl Slot) -> usize {
    (slot.half() >> 32) as usize % SHARDS
}

impl<S: Slot> Shard<S> {
    /// Where one is looked for first: the lower bits of its hash as a share of all slots.
    #[inline]
    fn home(&self, slot: &S) -> usize {
        ((u64::from(slot.half() as u32) * self.slots.len() as u64) >> 32) as usize
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// The place of one, or the place that it would take; `None` while there are none.
    fn find(&self, slot: &S) -> Option<usize> {
        let mut at = self.home(slot);
        loop {
            let there = self.slots.get(at)?;
            if there.is_vacant() || there.is_same(slot) {
                return Some(at);
            }
            at = self.next(at);
        }
    }

    /// Takes one back. Those behind it that are cut off from their homes move up.
    fn take_back(&mut self, slot: &S) {
        let size = self.slots.len();
        let taken = |at: &usize| self.slots.get(*at).is_some_and(|there| !there.is_vacant());
        let Some(mut gap) = self.find(slot).filter(taken) else { return };
        let mut at = gap;
        loop {
            at = self.next(at);
            let Some(next) = self.slots.get(at).copied().filter(|next| !next.is_vacant() && at != gap) else { break };
            let since = |place: usize| (at + size - place) % size;
            if since(self.home(&next)) >= since(gap) {
                self.slots.iter_mut().skip(gap).take(1).for_each(|place| *place = next);
                gap = at;
            }
        }
        self.slots.iter_mut().skip(gap).take(1).for_each(|place| *place = S::VACANT);
        self.len -= 1;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() + self.slots.len() / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![S::VACANT; size]);
        for slot in old.into_iter().filter(|slot| !slot.is_vacant()) {
            if let Some(place) = self.find(&slot).and_then(|at| self.slots.get_mut(at)) {
                *place = slot;
            }
        }
    }
}
