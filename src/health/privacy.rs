//! Which cells of a breakdown, and of the table of who stayed, are withheld so that nobody is singled out.

use super::model::Stayed;

/// Tells for each cell, by its number of persons, whether it is withheld.
///
/// Cells of 1 to `min - 1` persons are. Since what is left of a known sum is known too, further ones follow,
/// smallest first, until two cells are withheld and at least `min` persons stand behind them together
/// (complementary suppression). Cells of nobody single nobody out.
pub(super) fn suppress(persons: &[u64], min: u64) -> Vec<bool> {
    let mut hidden: Vec<bool> = persons.iter().map(|n| (1..min).contains(n)).collect();
    if !hidden.contains(&true) {
        return hidden;
    }
    let mut rest: Vec<(u64, usize)> =
        persons.iter().enumerate().filter(|(_, n)| **n >= min.max(1)).map(|(i, n)| (*n, i)).collect();
    rest.sort_unstable();
    for (_, next) in rest {
        let withheld = persons.iter().zip(&hidden).filter(|(_, h)| **h).map(|(n, _)| n);
        if withheld.clone().count() >= 2 && withheld.sum::<u64>() >= min {
            break;
        }
        if let Some(cell) = hidden.get_mut(next) {
            *cell = true;
        }
    }
    hidden
}

/// What may be told of how many of `joined` persons stayed, period by period; nobody comes back.
///
/// From what is told, no group of 1 to `min - 1` persons can be counted: neither those who are left, nor those who
/// left before a period, nor those who left between two periods. A number is told if that leaves nobody or at least
/// `min` on both sides of it; of the others only between which numbers they lie, which follows from the rule.
pub(super) fn release(joined: u64, stayed: &[u64], min: u64) -> Vec<Stayed> {
    let alone = |n: u64| (1..min).contains(&n);
    let mut told = joined;
    stayed
        .iter()
        .map(|n| {
            let left = told.saturating_sub(*n);
            if alone(*n) && !alone(left) {
                Stayed::Withheld { least: 1, most: min - 1 }
            } else if alone(left) || alone(*n) {
                Stayed::Withheld { least: (told + 1).saturating_sub(min), most: told.saturating_sub(1) }
            } else {
                told = *n;
                Stayed::Told(*n)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lone_small_cell_takes_the_next_smallest_with_it() {
        assert_eq!(suppress(&[40, 9, 3, 12], 5), [false, true, true, false]);
    }

    #[test]
    fn two_small_cells_that_are_few_together_take_another_with_them() {
        assert_eq!(suppress(&[40, 1, 2, 12], 5), [false, true, true, true]);
        assert_eq!(suppress(&[40, 3, 2, 12], 5), [false, true, true, false]);
    }

    #[test]
    fn without_small_cells_nothing_is_withheld() {
        assert_eq!(suppress(&[5, 0, 17], 5), [false, false, false]);
        assert_eq!(suppress(&[1, 2, 3], 1), [false, false, false]);
    }

    #[test]
    fn those_who_stayed_are_counted_where_enough_left_or_nobody() {
        let between = |least, most| Stayed::Withheld { least, most };
        assert_eq!(
            release(40, &[40, 38, 34, 34, 31, 4, 0], 5),
            [
                Stayed::Told(40),
                between(36, 39),
                Stayed::Told(34),
                Stayed::Told(34),
                between(30, 33),
                between(1, 4),
                Stayed::Told(0)
            ]
        );
        assert_eq!(release(3, &[3, 2, 1], 1), [Stayed::Told(3), Stayed::Told(2), Stayed::Told(1)]);
    }

    proptest! {
        /// Of all numbers that are told of a row, any two differ by nobody or by at least `min`, and what is withheld
        /// lies between the numbers that are told of it.
        #[test]
        fn no_few_can_be_counted_from_who_stayed(
            joined in 1_u64..60, leave in prop::collection::vec(0_u64..9, 0..10), min in 1_u64..8,
        ) {
            prop_assume!(joined >= min);
            let mut now = joined;
            let stayed: Vec<u64> = leave.iter().map(|n| { now = now.saturating_sub(*n); now }).collect();
            let mut told = vec![joined, 0];
            for (n, shown) in stayed.iter().zip(release(joined, &stayed, min)) {
                match shown {
                    Stayed::Told(shown) => {
                        prop_assert_eq!(shown, *n);
                        told.push(shown);
                    }
                    Stayed::Withheld { least, most } => prop_assert!((least..=most).contains(n), "{} in {}..={}", n, least, most),
                }
            }
            for (a, b) in told.iter().flat_map(|a| told.iter().map(move |b| (*a, *b))) {
                prop_assert!(a.abs_diff(b) == 0 || a.abs_diff(b) >= min, "{:?}", told);
            }
        }

        /// From the sum and what is shown, no group of 1 to min − 1 persons can be told.
        #[test]
        fn what_is_left_of_the_sum_is_large_or_everything(persons in prop::collection::vec(0_u64..30, 0..8), min in 1_u64..10) {
            let hidden = suppress(&persons, min);
            let left: Vec<u64> = persons.iter().zip(&hidden).filter(|(_, h)| **h).map(|(n, _)| *n).collect();
            for (n, h) in persons.iter().zip(&hidden) {
                prop_assert!(*h || *n == 0 || *n >= min);
            }
            let all = persons.iter().zip(&hidden).all(|(n, h)| *h || *n == 0);
            prop_assert!(left.is_empty() || all || (left.len() >= 2 && left.iter().sum::<u64>() >= min));
        }
    }
}
