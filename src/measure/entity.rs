//! The tables that are held and how rows refer to them: groups, members, posts and products.

use super::held::HeldTable;
use super::huge::HugeVec;
use super::pairs::{Digest, PairKey, Pairs, pair_key, pair_key_of};
use super::texts::{Dictionary, Texts};
use crate::calendar::{Day, Instant, Zone};
use crate::expr::Value;
use crate::schema::{ColumnType, Table};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

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
    pub person_ids: Dictionary,
    /// Numbers of post ids; the number is the row of `posts`.
    pub post_ids: Dictionary,
    /// The same, laid out for rows that name posts; made when the first does.
    posts_by_key: OnceLock<Pairs>,
    /// Numbers of product ids; the number is the row of `products`, where there is one.
    pub product_ids: Texts,
    /// Memberships by the ids of group and person.
    pub(super) pairs: Pairs,
    /// Group of a membership; every row asks for it.
    pub(super) group_of_member: HugeVec<u32>,
    /// Person of a membership.
    pub(super) person_of_member: Vec<u32>,
    /// Memberships of a group, ascending.
    pub members_of_group: Vec<Vec<u32>>,
    /// The first membership of each person.
    first_of_person: Vec<u32>,
    /// The others of those who have several, ascending.
    further_of_person: FxHashMap<u32, Vec<u32>>,
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
    /// The columns that tell of each membership when it began and ended.
    stay_columns: [Option<usize>; 2],
    /// Whether each membership is a customer's, not staff's or a bot's.
    customers: Vec<bool>,
    /// Whether expressions read the ids of members, so that they stand in their table, too.
    pub(super) ids_read: bool,
    /// The first local day of each group, as far as it is known.
    pub created: Vec<Option<Day>>,
    /// Memberships whose beginning is the first time they were met.
    pub inferred: FxHashSet<u32>,
}

/// How many are looked for together, so that they wait for memory together.
const TOGETHER: usize = 256;

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
            person_ids: Dictionary::default(),
            post_ids: Dictionary::default(),
            posts_by_key: OnceLock::new(),
            product_ids: Texts::default(),
            pairs: Pairs::default(),
            group_of_member: HugeVec::default(),
            person_of_member: Vec::new(),
            members_of_group: Vec::new(),
            first_of_person: Vec::new(),
            further_of_person: FxHashMap::default(),
            post_group: Vec::new(),
            post_product: Vec::new(),
            posts_of_group: Vec::new(),
            offers: FxHashMap::default(),
            offer_keys: Vec::new(),
            stay_columns: [None; 2],
            customers: Vec::new(),
            ids_read: true,
            created: Vec::new(),
            inferred: FxHashSet::default(),
        }
    }

    /// The same groups, nothing in them yet, to read posts and products beside the members.
    pub(super) fn same_groups(&self, attributes: impl Fn(Table) -> Vec<(String, ColumnType)>) -> Self {
        let groups = self.group_ids.len();
        Self {
            group_ids: self.group_ids.clone(),
            created: self.created.clone(),
            posts_of_group: vec![Vec::new(); groups],
            ..Self::new(attributes)
        }
    }

    /// Takes the posts and products that were read apart.
    pub(super) fn take_items(&mut self, items: Self) {
        let Self { posts, products, post_ids, product_ids, post_group, post_product, posts_of_group, .. } = items;
        let Self { offers, offer_keys, .. } = items;
        self.posts = posts;
        self.products = products;
        self.post_ids = post_ids;
        self.product_ids = product_ids;
        self.post_group = post_group;
        self.post_product = post_product;
        self.posts_of_group = posts_of_group;
        self.offers = offers;
        self.offer_keys = offer_keys;
    }

    /// Takes the groups of an earlier run, before any was read.
    pub(super) fn take_groups(&mut self, old: &mut Self) {
        self.groups = old.groups.take();
        self.group_ids = old.group_ids.clone();
        self.members_of_group = vec![Vec::new(); self.groups.len()];
        self.posts_of_group = vec![Vec::new(); self.groups.len()];
    }

    /// Takes the products of an earlier run, before any was read; not those that only its posts name.
    pub(super) fn take_products(&mut self, old: &mut Self) {
        self.products = old.products.take();
        for id in (0..).map_while(|n| old.product_ids.get(n)).take(self.products.len()) {
            self.product_ids.intern(id);
        }
    }

    /// Puts the memberships of an earlier run, none of which is here already, behind those that were read, and
    /// numbers all as if all had been read.
    pub(super) fn append_members(&mut self, old: &mut Self) {
        let read = self.members.len();
        if read == 0 {
            self.take_members(old);
        } else {
            let (persons, own) = (std::mem::take(&mut old.person_ids), std::mem::take(&mut old.person_of_member));
            let ids: Vec<&str> = (0..).map_while(|n| persons.get(n)).collect();
            let mut numbers: Vec<u32> = Vec::with_capacity(ids.len());
            for ids in ids.chunks(TOGETHER) {
                self.person_ids.ask(ids.iter().map(|id| id.as_bytes()));
                numbers.extend(ids.iter().map(|id| self.person_ids.intern(id)));
            }
            let person = |old: u32| numbers.get(old as usize).copied().unwrap_or(u32::MAX);
            self.person_of_member.extend(own.into_iter().map(person));
            std::mem::take(&mut old.group_of_member).iter().for_each(|group| self.group_of_member.push(*group));
            self.members.append(old.members.take());
        }
        self.link_members(read);
    }

    /// Takes the rows of all memberships from others, in place of its own.
    pub(super) fn take_members(&mut self, from: &mut Self) {
        self.members = from.members.take();
        self.person_ids = std::mem::take(&mut from.person_ids);
        self.group_of_member = std::mem::take(&mut from.group_of_member);
        self.person_of_member = std::mem::take(&mut from.person_of_member);
    }

    /// Lays the ways from ids, groups and persons to the memberships from a number on, whose keys are known.
    fn link_members(&mut self, from: usize) {
        let Self { pairs, members_of_group, first_of_person, further_of_person, .. } = self;
        let groups = self.group_of_member.get(from..).unwrap_or(&[]);
        let persons = self.person_of_member.get(from..).unwrap_or(&[]);
        let numbers = u32::try_from(from).unwrap_or(u32::MAX)..;
        let chunks = groups.chunks(TOGETHER).zip(persons.chunks(TOGETHER));
        let mut keys = Vec::with_capacity(TOGETHER);
        for (first, (groups, persons)) in numbers.clone().step_by(TOGETHER).zip(chunks) {
            keys.clear();
            keys.extend(
                groups
                    .iter()
                    .zip(persons)
                    .map(|(group, person)| Some(pair_key(self.group_ids.get(*group)?, self.person_ids.get(*person)?))),
            );
            pairs.ask(keys.iter().copied().flatten());
            let known = (first..).zip(&keys).filter_map(|(number, key)| Some((number, (*key)?)));
            known.for_each(|(number, key)| pairs.add(key, number));
        }
        for (number, (group, person)) in numbers.zip(groups.iter().zip(persons)) {
            members_of_group.iter_mut().skip(*group as usize).take(1).for_each(|list| list.push(number));
            if *person as usize == first_of_person.len() {
                first_of_person.push(number);
            } else {
                further_of_person.entry(*person).or_default().push(number);
            }
        }
    }

    /// Puts the posts of an earlier run, none of which is here already, behind those that were read, and numbers
    /// all as if all had been read.
    pub(super) fn append_posts(&mut self, old: &mut Self) {
        let products = (0..).map_while(|n| old.product_ids.get(n));
        let products: Vec<u32> = products.map(|id| self.product_ids.intern(id)).collect();
        let product = |old: u32| products.get(old as usize).copied();
        let shift = u32::try_from(self.posts.len()).unwrap_or(u32::MAX);
        for (group, known) in std::mem::take(&mut old.offer_keys) {
            product(known).into_iter().for_each(|product| {
                self.offer(group, product);
            });
        }
        for (list, mut known) in self.posts_of_group.iter_mut().zip(std::mem::take(&mut old.posts_of_group)) {
            known.iter_mut().for_each(|post| *post = post.saturating_add(shift));
            known.append(list);
            *list = known;
        }
        let (ids, groups) = (std::mem::take(&mut old.post_ids), std::mem::take(&mut old.post_group));
        let shown = std::mem::take(&mut old.post_product);
        if shift == 0 {
            (self.post_ids, self.post_group, self.posts) = (ids, groups, old.posts.take());
        } else {
            self.post_ids.append(&ids);
            self.post_group.extend(groups);
            self.posts.append(old.posts.take());
        }
        self.post_product.extend(shown.into_iter().map(|p| p.and_then(product)));
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
            self.groups.set_text(row, 0, id);
            self.members_of_group.push(Vec::new());
            self.posts_of_group.push(Vec::new());
        }
        number
    }

    /// Adds a membership, or finds it.
    pub fn add_member(&mut self, group: u32, id: &str) -> u32 {
        let key = pair_key(self.group_ids.get(group).map_or("", |g| &**g), id);
        if let Some(known) = self.pairs.find(key) {
            return known;
        }
        let person = self.person_ids.intern(id);
        let row = self.members.push();
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        if self.ids_read {
            self.members.set_id(row, 1, id);
            if let Some(group) = self.group_ids.get(group) {
                self.members.set_text(row, 0, group);
            }
        }
        self.pairs.add(key, number);
        self.group_of_member.push(group);
        self.person_of_member.push(person);
        if let Some(list) = self.members_of_group.get_mut(group as usize) {
            list.push(number);
        }
        if person as usize == self.first_of_person.len() {
            self.first_of_person.push(number);
        } else {
            self.further_of_person.entry(person).or_default().push(number);
        }
        number
    }

    /// Asks memory for the places where memberships of these ids will be looked for, so that they are waited for
    /// together.
    pub(super) fn ask_members<'i>(&self, ids: impl Iterator<Item = (&'i [u8], &'i [u8])> + Clone) {
        self.pairs.ask(ids.clone().map(|(group, member)| pair_key_of(group, member)));
        self.person_ids.ask(ids.map(|(_, member)| member));
    }

    /// The post of each id, [`NONE`](super::columns::NONE) where there is none.
    pub(super) fn find_posts<'i>(
        &self,
        ids: impl Iterator<Item = Option<&'i [u8]>>,
        digests: &mut Vec<Option<Digest>>,
        found: &mut Vec<u32>,
    ) {
        let posts = self.posts_by_key.get_or_init(|| {
            let mut posts = Pairs::default();
            posts.expect(self.post_ids.len());
            let ids = (0..).map_while(|post| Some((post, self.post_ids.get(post)?)));
            ids.for_each(|(post, id)| posts.add(pair_key("", id), post));
            posts
        });
        posts.find_all(ids.map(|id| Some(pair_key_of(b"", id?))), digests, found);
    }

    /// The key of a membership, which does not hang on how memberships are numbered.
    pub(super) fn member_key(&self, member: u32) -> Option<PairKey> {
        let (group, person) = self.membership(member)?;
        Some(pair_key(self.group_ids.get(group)?, self.person_ids.get(person)?))
    }

    /// The memberships of a person, ascending.
    pub fn members_of_person(&self, person: u32) -> impl Iterator<Item = u32> {
        let further = self.further_of_person.get(&person).map_or(&[][..], Vec::as_slice);
        self.first_of_person.get(person as usize).into_iter().chain(further).copied()
    }

    /// Gives up the ways from ids of rows to memberships and posts; call it when all rows are in.
    pub(super) fn rest(&mut self) {
        self.pairs = Pairs::default();
        self.posts_by_key = OnceLock::new();
    }

    /// The membership of an id in a group, as long as rows are read.
    pub(super) fn member(&self, group: u32, id: &str) -> Option<u32> {
        self.pairs.find(pair_key(self.group_ids.get(group)?, id))
    }

    /// Lays out what is asked for with every row; call it when all rows are in.
    pub fn seal(&mut self, zone: &Zone) {
        self.stay_columns = ["joined_at", "left_at"].map(|name| self.members.column(name));
        let role = self.members.column("role");
        let customer = |m: usize| match role.map(|role| self.members.value(m, role)) {
            Some(Value::Text(role)) => matches!(role, "member" | "koc"),
            _ => true,
        };
        self.customers = (0..self.members.len()).map(customer).collect();
        self.created = (0..self.groups.len()).map(|g| self.groups.time(g, "created_on").map(|t| zone.day(t))).collect();
    }

    /// When a membership began and ended, and whether it is a customer's, once all is laid out.
    #[must_use]
    pub fn stay(&self, member: u32) -> Stay {
        let time = |column: Option<usize>| match column.map(|c| self.members.value(member as usize, c)) {
            Some(Value::Time(t)) => t,
            _ => Instant::MAX,
        };
        let [joined, left] = self.stay_columns;
        let customer = self.customers.get(member as usize).copied().unwrap_or(true);
        Stay { joined: time(joined), left: time(left), customer }
    }

    /// Takes room for so many memberships.
    pub(super) fn expect_members(&mut self, rows: usize) {
        self.members.expect(rows);
        self.pairs.expect(rows);
        self.person_ids.expect(rows);
        self.group_of_member.expect(rows);
        self.person_of_member.reserve(rows);
        self.first_of_person.reserve(rows);
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
        self.person_of_member.get(member as usize).copied()
    }

    /// The group and the person of a membership.
    #[must_use]
    pub fn membership(&self, member: u32) -> Option<(u32, u32)> {
        let member = member as usize;
        Some((*self.group_of_member.get(member)?, *self.person_of_member.get(member)?))
    }
}
