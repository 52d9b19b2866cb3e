//! Conditions over many entities at once: a bit for each of them, in place of a walk over the tree.
//!
//! What a tree says of one entity, a block says of all: values stand in a [`Column`], what is true and
//! what is false of whom in [`Truths`]. Where neither bit is set, the condition is NULL.

use super::eval::Env;
use super::tree::{Comparison, Expr, Kind};
use super::value::Value;
use super::window::{Clock, Window};
use crate::calendar::{Instant, Interval};

/// A set of entities of a block, by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// Nobody of `len`.
    #[must_use]
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Everybody of `len`.
    #[must_use]
    pub fn all(len: usize) -> Self {
        Self::of(len, |_| true)
    }

    /// Those of `len` for whom something holds.
    #[must_use]
    pub fn of(len: usize, holds: impl Fn(usize) -> bool) -> Self {
        let word = |start: usize| {
            let end = len.min(start + 64);
            (start..end).fold(0, |word, at| word | u64::from(holds(at)) << (at - start))
        };
        Self { words: (0..len).step_by(64).map(word).collect(), len }
    }

    /// Those of a list for whom something holds.
    fn of_items<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Self {
        let word =
            |chunk: &[T]| chunk.iter().enumerate().fold(0, |word, (bit, item)| word | u64::from(holds(item)) << bit);
        Self { words: items.chunks(64).map(word).collect(), len: items.len() }
    }

    /// How many there are, in the set or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// How many are in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether the one at a position is in the set.
    #[must_use]
    pub fn has(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|w| w >> (at % 64) & 1 == 1)
    }

    /// Adds the one at a position; positions from `len` on are left out.
    pub fn add(&mut self, at: usize) {
        if at < self.len
            && let Some(word) = self.words.get_mut(at / 64)
        {
            *word |= 1 << (at % 64);
        }
    }

    /// The positions of those in the set, ascending.
    pub fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(word, bits)| {
            std::iter::successors(Some(*bits).filter(|b| *b != 0), |b| Some(b & (b - 1)).filter(|b| *b != 0))
                .map(move |b| word * 64 + b.trailing_zeros() as usize)
        })
    }

    /// Those who are in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
        self
    }

    /// Those who are in either.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
        self
    }

    /// Those who are in this one only.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
        self
    }
}

/// Of whom a condition is true, and of whom false; of all others it is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truths {
    /// For whom it holds.
    pub yes: Bits,
    /// For whom it does not.
    pub no: Bits,
}

impl Truths {
    /// The truth for each of `len`.
    fn of(len: usize, truth: impl Fn(usize) -> Option<bool>) -> Self {
        let mut out = Self { yes: Bits::none(len), no: Bits::none(len) };
        for at in 0..len {
            match truth(at) {
                Some(true) => out.yes.add(at),
                Some(false) => out.no.add(at),
                None => {}
            }
        }
        out
    }

    /// The truth of a comparison for each of a set; of nobody else anything is said.
    #[must_use]
    pub fn compared<'v>(
        of: &Bits,
        op: Comparison,
        left: impl Fn(usize) -> Value<'v>,
        right: impl Fn(usize) -> Value<'v>,
    ) -> Self {
        let mut out = Self { yes: Bits::none(of.len), no: Bits::none(of.len) };
        for at in of.positions() {
            match left(at).compare(right(at)).map(|order| op.holds(order)) {
                Some(true) => out.yes.add(at),
                Some(false) => out.no.add(at),
                None => {}
            }
        }
        out
    }

    /// The same for all.
    fn same(len: usize, truth: Option<bool>) -> Self {
        let set = |is: bool| if truth == Some(is) { Bits::all(len) } else { Bits::none(len) };
        Self { yes: set(true), no: set(false) }
    }

    /// For conditions that are never NULL.
    fn known(yes: Bits) -> Self {
        let no = Bits::all(yes.len()).without(&yes);
        Self { yes, no }
    }

    /// SQL's `and`.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self { yes: self.yes.and(&other.yes), no: self.no.or(&other.no) }
    }

    /// SQL's `or`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self { yes: self.yes.or(&other.yes), no: self.no.and(&other.no) }
    }

    /// SQL's `not`.
    #[must_use]
    pub fn not(&self) -> Self {
        Self { yes: self.no.clone(), no: self.yes.clone() }
    }
}

/// A value for each entity of a block.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// One and the same for all.
    Same(Value<'a>),
    /// Whole numbers, none of them NULL.
    Ints(Vec<i64>),
    /// Times; [`Instant::MIN`] stands for NULL.
    Times(Vec<Instant>),
    /// Any others.
    Values(Vec<Value<'a>>),
}

impl<'a> Column<'a> {
    /// The value of the entity at a position; NULL beyond the last.
    #[must_use]
    pub fn get(&self, at: usize) -> Value<'a> {
        match self {
            Self::Same(value) => *value,
            Self::Ints(values) => values.get(at).map_or(Value::Null, |i| Value::Int(*i)),
            Self::Times(values) => {
                values.get(at).filter(|t| **t != Instant::MIN).map_or(Value::Null, |t| Value::Time(*t))
            }
            Self::Values(values) => values.get(at).copied().unwrap_or(Value::Null),
        }
    }

    /// The values, kept as compactly as they let.
    #[must_use]
    pub fn from_values(values: Vec<Value<'a>>) -> Self {
        if let [Value::Time(_) | Value::Null, ..] = values.as_slice() {
            let time = |value: &Value<'_>| match value {
                Value::Time(time) => Some(*time).filter(|time| *time != Instant::MIN),
                Value::Null => Some(Instant::MIN),
                _ => None,
            };
            let times: Option<Vec<Instant>> = values.iter().map(time).collect();
            return times.map_or(Self::Values(values), Self::Times);
        }
        let ints: Option<Vec<i64>> =
            values.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect();
        ints.map_or(Self::Values(values), Self::Ints)
    }

    /// Where `left op right` holds.
    #[must_use]
    pub fn compare(op: Comparison, left: &Self, right: &Self, len: usize) -> Truths {
        match (left, right) {
            (Self::Ints(values), Self::Same(Value::Int(than))) => {
                let than = *than;
                Truths::known(match op {
                    Comparison::Equal => Bits::of_items(values, |v| *v == than),
                    Comparison::NotEqual => Bits::of_items(values, |v| *v != than),
                    Comparison::Less => Bits::of_items(values, |v| *v < than),
                    Comparison::LessOrEqual => Bits::of_items(values, |v| *v <= than),
                    Comparison::Greater => Bits::of_items(values, |v| *v > than),
                    Comparison::GreaterOrEqual => Bits::of_items(values, |v| *v >= than),
                })
            }
            (Self::Ints(a), Self::Ints(b)) => {
                let order = |at: usize| a.get(at).zip(b.get(at)).map(|(a, b)| a.cmp(b));
                Truths::known(Bits::of(len, |at| order(at).is_some_and(|o| op.holds(o))))
            }
            (Self::Times(times), Self::Same(Value::Time(than))) => {
                let yes = Bits::of_items(times, |t| *t != Instant::MIN && op.holds(t.cmp(than)));
                Truths { no: Bits::of_items(times, |t| *t != Instant::MIN).without(&yes), yes }
            }
            (Self::Same(a), Self::Same(b)) => Truths::same(len, a.compare(*b).map(|o| op.holds(o))),
            _ => Truths::of(len, |at| left.get(at).compare(right.get(at)).map(|o| op.holds(o))),
        }
    }

    /// Whose time lies in an interval; nobody's where there is none.
    #[must_use]
    pub fn within(&self, interval: Option<Interval>, len: usize) -> Truths {
        if let (Self::Times(times), Some(interval)) = (self, interval) {
            let yes = Bits::of_items(times, |t| *t != Instant::MIN && interval.contains(*t));
            let known = Bits::of_items(times, |t| *t != Instant::MIN);
            return Truths { no: known.without(&yes), yes };
        }
        Truths::of(len, |at| match self.get(at) {
            Value::Time(t) => interval.map(|i| i.contains(t)),
            _ => None,
        })
    }

    /// Whose value is NULL, or is not.
    #[must_use]
    pub fn is_null(&self, negated: bool, len: usize) -> Truths {
        if let Self::Times(times) = self {
            return Truths::known(Bits::of_items(times, |t| (*t == Instant::MIN) != negated));
        }
        Truths::known(Bits::of(len, |at| self.get(at).is_null() != negated))
    }

    /// Whose text is one of these, or is none of them.
    #[must_use]
    pub fn is_one_of(&self, texts: &[Box<str>], negated: bool, len: usize) -> Truths {
        Truths::of(len, |at| match self.get(at) {
            Value::Text(text) => Some(texts.iter().any(|t| **t == *text) != negated),
            _ => None,
        })
    }
}

/// What an expression is made of, as far as blocks have a way of their own for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Form<'e> {
    /// All must hold.
    And(&'e [Expr]),
    /// One must hold.
    Or(&'e [Expr]),
    /// It must not hold.
    Not(&'e Expr),
    /// Two values are compared.
    Compare(Comparison, &'e Expr, &'e Expr),
    /// A time lies in a window.
    Within(&'e Expr, &'e Window),
    /// A value is NULL, or is not.
    IsNull(&'e Expr, bool),
    /// A column's text is one of these, or is none of them.
    OneOf(usize, Vec<Box<str>>, bool),
    /// A column or measure by itself, by its slot.
    Name(usize),
    /// Anything else.
    Other,
}

impl Expr {
    /// What it is made of.
    #[must_use]
    pub fn form(&self) -> Form<'_> {
        match &self.kind {
            Kind::And(parts) => Form::And(parts),
            Kind::Or(parts) => Form::Or(parts),
            Kind::Not(inner) => Form::Not(inner),
            Kind::Compare(op, sides) => {
                let [left, right] = &**sides;
                Form::Compare(*op, left, right)
            }
            Kind::Within(inner, window) => Form::Within(inner, window),
            Kind::IsNull { inner, negated } => Form::IsNull(inner, *negated),
            Kind::ColumnIs { column, text, negated } => Form::OneOf(column.slot, vec![text.clone()], *negated),
            Kind::ColumnIn { column, texts, negated } => Form::OneOf(column.slot, texts.to_vec(), *negated),
            Kind::Column(name) | Kind::Measure(name) => Form::Name(name.slot),
            _ => Form::Other,
        }
    }

    /// The slots of its names in the order in which they are written, each as often as it is.
    #[must_use]
    pub fn slots(&self) -> Vec<usize> {
        let mut slots = Vec::new();
        self.visit(&mut |e| match &e.kind {
            Kind::Column(name)
            | Kind::Measure(name)
            | Kind::ColumnIs { column: name, .. }
            | Kind::ColumnIn { column: name, .. } => slots.push(name.slot),
            _ => {}
        });
        slots
    }

    /// The truth for each entity of a block, one after the other.
    #[must_use]
    pub fn truths<'a>(&'a self, block: &Block<'a, '_>) -> Truths {
        Truths::of(block.len, |at| self.truth(&At { block, at }))
    }

    /// The value for the entity of a block at a position.
    #[must_use]
    pub fn value_at<'a>(&'a self, block: &Block<'a, '_>, at: usize) -> Value<'a> {
        self.eval(&At { block, at })
    }

    /// The value for each entity of a block.
    #[must_use]
    pub fn column<'a>(&'a self, block: &Block<'a, '_>) -> Column<'a> {
        let same = self.slots().iter().all(|s| matches!(block.of_slot(*s), None | Some(Column::Same(_))));
        if same {
            return Column::Same(self.eval(&At { block, at: 0 }));
        }
        Column::from_values((0..block.len).map(|at| self.eval(&At { block, at })).collect())
    }
}

/// Entities side by side, with the values of an expression's names.
pub struct Block<'a, 'b> {
    /// How many there are.
    pub len: usize,
    /// The columns by slot.
    pub columns: &'b [Option<std::rc::Rc<Column<'a>>>],
    /// The report's place in time.
    pub clock: &'b Clock,
}

impl<'a> Block<'a, '_> {
    fn of_slot(&self, slot: usize) -> Option<&Column<'a>> {
        self.columns.get(slot)?.as_deref()
    }
}

/// One entity of a block.
struct At<'a, 'b> {
    block: &'b Block<'a, 'b>,
    at: usize,
}

impl<'a> Env<'a> for At<'a, '_> {
    fn column(&self, slot: usize) -> Value<'a> {
        self.block.of_slot(slot).map_or(Value::Null, |c| c.get(self.at))
    }

    fn measure(&self, slot: usize) -> Value<'a> {
        self.column(slot)
    }

    fn clock(&self) -> &Clock {
        self.block.clock
    }
}
