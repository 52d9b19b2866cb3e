//! The tables that are held: groups, members, posts and products, column by column.

use crate::calendar::{Day, Instant, Zone};
use crate::expr::Value;
use crate::schema::{ColumnType, Table};
use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Texts kept once; equal texts have equal numbers.
#[derive(Debug, Default)]
pub struct Texts {
    numbers: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Texts {
    /// The number of a text, given one if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let shared: Arc<str> = Arc::from(text);
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Arc::clone(&shared));
        self.numbers.insert(shared, number);
        number
    }

    /// The number of a known text.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// A text by number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Arc<str>> {
        self.texts.get(number as usize)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The cells of one column.
#[derive(Debug)]
enum Cells {
    Text(Vec<Option<Arc<str>>>),
    Int(Vec<Option<i64>>),
    Decimal(Vec<Option<Decimal>>),
    Time(Vec<Option<Instant>>),
    Bool(Vec<Option<bool>>),
}

/// One column of a held table.
#[derive(Debug)]
pub struct HeldColumn {
    /// Its name.
    pub name: String,
    /// Whether any file had it.
    pub present: bool,
    cells: Cells,
}

/// A value to be stored, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// Empty or absent.
    Null,
    /// Text.
    Text(Arc<str>),
    /// Whole number.
    Int(i64),
    /// Decimal.
    Decimal(Decimal),
    /// Moment.
    Time(Instant),
    /// Truth value.
    Bool(bool),
}

impl Stored {
    /// As a value of expressions.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Text(t) => Value::Text(t),
            Self::Int(i) => Value::Int(*i),
            Self::Decimal(d) => Value::Decimal(*d),
            Self::Time(t) => Value::Time(*t),
            Self::Bool(b) => Value::Bool(*b),
        }
    }
}

/// A held table.
#[derive(Debug)]
pub struct HeldTable {
    /// Which.
    pub table: Table,
    /// Whether the drop has any file of it.
    pub present: bool,
    columns: Vec<HeldColumn>,
    len: usize,
    /// Short texts that recur, kept once: roles, tiers, categories.
    pool: FxHashSet<Arc<str>>,
}

/// The most texts that are looked through for one that recurs.
const POOL: usize = 4096;

impl HeldTable {
    /// An empty table with the schema's columns and these extra ones.
    #[must_use]
    pub fn new(table: Table, attributes: &[(String, ColumnType)]) -> Self {
        let column = |name: &str, kind: ColumnType| HeldColumn {
            name: name.to_owned(),
            present: false,
            cells: match kind {
                ColumnType::Text => Cells::Text(Vec::new()),
                ColumnType::Int => Cells::Int(Vec::new()),
                ColumnType::Decimal => Cells::Decimal(Vec::new()),
                ColumnType::Time | ColumnType::Date => Cells::Time(Vec::new()),
                ColumnType::Bool => Cells::Bool(Vec::new()),
            },
        };
        let schema = table.columns().iter().map(|c| column(c.name, c.kind));
        let extra = attributes.iter().map(|(name, kind)| column(name, *kind));
        Self { table, present: false, columns: schema.chain(extra).collect(), len: 0, pool: FxHashSet::default() }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Whether a file had this column; derived columns are always there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|c| c.name == name && c.present)
    }

    /// Notes that a file had this column.
    pub fn mark_present(&mut self, name: &str) {
        if let Some(c) = self.columns.iter_mut().find(|c| c.name == name) {
            c.present = true;
        }
    }

    /// Appends a row of empty cells and returns its number.
    pub fn push(&mut self) -> usize {
        for column in &mut self.columns {
            match &mut column.cells {
                Cells::Text(v) => v.push(None),
                Cells::Int(v) => v.push(None),
                Cells::Decimal(v) => v.push(None),
                Cells::Time(v) => v.push(None),
                Cells::Bool(v) => v.push(None),
            }
        }
        self.len += 1;
        self.len - 1
    }

    /// Sets a cell; a value of another type than the column's leaves it empty.
    pub fn set(&mut self, row: usize, column: usize, value: Stored) {
        let Some(column) = self.columns.get_mut(column) else { return };
        let value = match value {
            Stored::Text(text) => Stored::Text(match self.pool.get(&*text) {
                Some(known) => Arc::clone(known),
                None => {
                    if self.pool.len() < POOL {
                        self.pool.insert(Arc::clone(&text));
                    }
                    text
                }
            }),
            other => other,
        };
        match (&mut column.cells, value) {
            (Cells::Text(v), Stored::Text(x)) => put(v, row, x),
            (Cells::Int(v), Stored::Int(x)) => put(v, row, x),
            (Cells::Decimal(v), Stored::Decimal(x)) => put(v, row, x),
            (Cells::Decimal(v), Stored::Int(x)) => put(v, row, Decimal::from(x)),
            (Cells::Time(v), Stored::Time(x)) => put(v, row, x),
            (Cells::Bool(v), Stored::Bool(x)) => put(v, row, x),
            _ => {}
        }
    }

    /// A cell as a value of expressions.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        let Some(column) = self.columns.get(column) else { return Value::Null };
        match &column.cells {
            Cells::Text(v) => v.get(row).and_then(Option::as_deref).map_or(Value::Null, Value::Text),
            Cells::Int(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Int),
            Cells::Decimal(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Decimal),
            Cells::Time(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Time),
            Cells::Bool(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Bool),
        }
    }

    /// A cell by column name.
    #[must_use]
    pub fn named(&self, row: usize, column: &str) -> Value<'_> {
        self.column(column).map_or(Value::Null, |c| self.value(row, c))
    }

    /// A text cell by column name.
    #[must_use]
    pub fn text(&self, row: usize, column: &str) -> Option<&str> {
        match self.named(row, column) {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// A time cell by column name.
    #[must_use]
    pub fn time(&self, row: usize, column: &str) -> Option<Instant> {
        match self.named(row, column) {
            Value::Time(t) => Some(t),
            _ => None,
        }
    }
}

fn put<T>(cells: &mut [Option<T>], row: usize, value: T) {
    if let Some(cell) = cells.get_mut(row) {
        *cell = Some(value);
    }
}

/// All held tables with the numbers by which rows refer to them.
#[derive(Debug)]
pub struct Entities {
    /// Groups.
    pub groups: HeldTable,
    /// Memberships.
    pub members: HeldTable,
    /// Broadcast items.
    pub posts: HeldTable,
    /// Products.
    pub products: HeldTable,
    /// Numbers of group ids; the number is the row of `groups`.
    pub group_ids: Texts,
    /// Numbers of person ids.
    pub person_ids: Texts,
    /// Numbers of post ids; the number is the row of `posts`.
    pub post_ids: Texts,
    /// Numbers of product ids; the number is the row of `products`, where there is one.
    pub product_ids: Texts,
    /// The membership of a person in a group.
    pub membership: FxHashMap<(u32, u32), u32>,
    /// Group and person of a membership.
    pub member_keys: Vec<(u32, u32)>,
    /// Memberships of a group, ascending.
    pub members_of_group: Vec<Vec<u32>>,
    /// Memberships of a person, ascending.
    pub members_of_person: Vec<Vec<u32>>,
    /// Group of a post.
    pub post_group: Vec<u32>,
    /// Product of a post.
    pub post_product: Vec<Option<u32>>,
    /// Posts of a group, by time, then id.
    pub posts_of_group: Vec<Vec<u32>>,
    /// Products met in a group (posts, orders), numbered: the entity of the product grain.
    pub offers: FxHashMap<(u32, u32), u32>,
    /// Group and product of such a pair.
    pub offer_keys: Vec<(u32, u32)>,
    /// When each membership began and ended, and whether it is a customer's.
    pub stays: Vec<Stay>,
    /// The first local day of each group, as far as it is known.
    pub created: Vec<Option<Day>>,
    /// Memberships whose beginning is the first time they were met.
    pub inferred: FxHashSet<u32>,
}

/// A membership's time in the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// When it began; never, where that is unknown.
    pub joined: Instant,
    /// When it ended.
    pub left: Instant,
    /// Whether it is a customer's, not staff's or a bot's.
    pub customer: bool,
}

impl Stay {
    /// Whether it covers an instant, the one at which it began aside.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.joined < at && at <= self.left
    }
}

impl Entities {
    /// No rows yet.
    #[must_use]
    pub fn new(attributes: impl Fn(Table) -> Vec<(String, ColumnType)>) -> Self {
        let held = |table| HeldTable::new(table, &attributes(table));
        Self {
            groups: held(Table::Groups),
            members: held(Table::Members),
            posts: held(Table::Posts),
            products: held(Table::Products),
            group_ids: Texts::default(),
            person_ids: Texts::default(),
            post_ids: Texts::default(),
            product_ids: Texts::default(),
            membership: FxHashMap::default(),
            member_keys: Vec::new(),
            members_of_group: Vec::new(),
            members_of_person: Vec::new(),
            post_group: Vec::new(),
            post_product: Vec::new(),
            posts_of_group: Vec::new(),
            offers: FxHashMap::default(),
            offer_keys: Vec::new(),
            stays: Vec::new(),
            created: Vec::new(),
            inferred: FxHashSet::default(),
        }
    }

    /// A held table.
    #[must_use]
    pub fn table(&self, table: Table) -> Option<&HeldTable> {
        match table {
            Table::Groups => Some(&self.groups),
            Table::Members => Some(&self.members),
            Table::Posts => Some(&self.posts),
            Table::Products => Some(&self.products),
            _ => None,
        }
    }

    /// Adds a group, or finds it.
    pub fn add_group(&mut self, id: &str) -> u32 {
        let number = self.group_ids.intern(id);
        if number as usize == self.groups.len() {
            let row = self.groups.push();
            self.groups.set(row, 0, Stored::Text(Arc::from(id)));
            self.members_of_group.push(Vec::new());
            self.posts_of_group.push(Vec::new());
        }
        number
    }

    /// Adds a membership, or finds it.
    pub fn add_member(&mut self, group: u32, id: &str) -> u32 {
        let person = self.person_ids.intern(id);
        if person as usize == self.members_of_person.len() {
            self.members_of_person.push(Vec::new());
        }
        if let Some(known) = self.membership.get(&(group, person)) {
            return *known;
        }
        let row = self.members.push();
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        if let Some(id) = self.person_ids.get(person) {
            self.members.set(row, 1, Stored::Text(Arc::clone(id)));
        }
        if let Some(id) = self.group_ids.get(group) {
            self.members.set(row, 0, Stored::Text(Arc::clone(id)));
        }
        self.membership.insert((group, person), number);
        self.member_keys.push((group, person));
        if let Some(list) = self.members_of_group.get_mut(group as usize) {
            list.push(number);
        }
        if let Some(list) = self.members_of_person.get_mut(person as usize) {
            list.push(number);
        }
        number
    }

    /// The membership of an id in a group.
    #[must_use]
    pub fn member(&self, group: u32, id: &str) -> Option<u32> {
        let person = self.person_ids.find(id)?;
        self.membership.get(&(group, person)).copied()
    }

    /// Lays out what is asked for with every row; call it when all rows are in.
    pub fn seal(&mut self, zone: &Zone) {
        let members = &self.members;
        self.stays = (0..members.len())
            .map(|m| Stay {
                joined: members.time(m, "joined_at").unwrap_or(Instant::MAX),
                left: members.time(m, "left_at").unwrap_or(Instant::MAX),
                customer: matches!(members.text(m, "role"), None | Some("member" | "koc")),
            })
            .collect();
        self.created = (0..self.groups.len()).map(|g| self.groups.time(g, "created_on").map(|t| zone.day(t))).collect();
    }

    /// The pair of a group and a product, numbered on first sight.
    pub fn offer(&mut self, group: u32, product: u32) -> u32 {
        let next = u32::try_from(self.offer_keys.len()).unwrap_or(u32::MAX);
        *self.offers.entry((group, product)).or_insert_with(|| {
            self.offer_keys.push((group, product));
            next
        })
    }

    /// The person of a membership.
    #[must_use]
    pub fn person(&self, member: u32) -> Option<u32> {
        self.member_keys.get(member as usize).map(|k| k.1)
    }
}
