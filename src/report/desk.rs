//! What a reporter has worked out already: the pages of one group ask for the same again and again.

use super::detail::DetailTables;
use super::proof::ThresholdView;
use super::shared::Shared;
use super::texts::TextVariables;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Results by the address of what they were made from; a reporter borrows the judgement for as long as it lives,
/// so nothing else comes to lie there.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The variables of texts by period.
    pub variables: Kept<TextVariables>,
    /// Where a manual has each tactic, by playbook.
    pub places: Kept<FxHashMap<String, String>>,
    /// The tables of periods.
    pub tables: Kept<DetailTables>,
    /// What is declared of KPIs.
    pub declared: Kept<Declared>,
}

/// What a playbook declares of a KPI.
#[derive(Debug)]
pub(super) struct Declared {
    /// Its thresholds and its weight, those that were set on one line together.
    pub thresholds: Shared<Vec<ThresholdView>>,
    /// Where the thresholds come from.
    pub origin: String,
    /// Where it is declared.
    pub declared: String,
    /// Ids of the measures it reads, those of their filters included.
    pub measures: Vec<String>,
}

/// Results of one kind.
#[derive(Debug)]
pub(super) struct Kept<T> {
    by_address: RefCell<FxHashMap<usize, Rc<T>>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_address: RefCell::default() }
    }
}

impl<T> Kept<T> {
    /// The result for `of`, made by the first who asks.
    pub fn get<K>(&self, of: &K, make: impl FnOnce() -> T) -> Rc<T> {
        let address = std::ptr::from_ref(of).addr();
        if let Some(known) = self.by_address.borrow().get(&address) {
            return Rc::clone(known);
        }
        let made = Rc::new(make());
        self.by_address.borrow_mut().insert(address, Rc::clone(&made));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_worked_out_once_for_each_thing() {
        let kept = Kept::default();
        let (one, other) = (String::from("a"), String::from("a"));
        let mut made = 0;
        let mut ask = |of: &String| {
            *kept.get(of, || {
                made += 1;
                made
            })
        };
        assert_eq!([ask(&one), ask(&other), ask(&one), ask(&other)], [1, 2, 1, 2]);
    }
}
