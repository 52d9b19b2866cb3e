//! Which of some things were met. Once all were, as is soon so with groups, no row is looked at again for it.

/// Marks by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    flags: Vec<bool>,
    unmarked: usize,
}

impl Marks {
    /// None of so many.
    pub fn new(len: usize) -> Self {
        Self { flags: vec![false; len], unmarked: len }
    }

    /// Marks those that are there.
    pub fn mark(&mut self, numbers: impl Iterator<Item = u32>) {
        if self.unmarked == 0 {
            return;
        }
        for number in numbers {
            if let Some(flag) = self.flags.get_mut(number as usize).filter(|flag| !**flag) {
                *flag = true;
                self.unmarked -= 1;
            }
        }
    }

    /// Adds the marks of others of as many.
    pub fn join(&mut self, other: &Self) {
        if self.flags.is_empty() {
            self.clone_from(other);
        }
        self.mark((0..).zip(&other.flags).filter(|(_, flag)| **flag).map(|(number, _)| number));
    }

    /// The marks by number.
    pub fn into_flags(self) -> Vec<bool> {
        self.flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_is_marked_once_and_for_all() {
        let mut marks = Marks::new(3);
        marks.mark([1, 1, 7].into_iter());
        let mut all = Marks::default();
        all.join(&marks);
        assert_eq!(all.clone().into_flags(), [false, true, false]);
        all.mark([0, 2].into_iter());
        all.mark(std::iter::from_fn(|| panic!("nothing is left to be marked")));
        marks.join(&all);
        assert_eq!(marks.into_flags(), [true; 3]);
    }
}
