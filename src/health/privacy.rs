//! Which cells of a breakdown are withheld so that nobody is singled out.

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

    proptest! {
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
