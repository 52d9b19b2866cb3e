//! The built-in functions.

/// Names of all built-in functions.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "coalesce",
    "days_between",
    "days_since",
    "greatest",
    "hour",
    "least",
    "length",
    "lower",
    "nullif",
    "round",
    "weekday",
    "within",
];

/// A function whose arguments are all expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Coalesce,
    DaysBetween,
    DaysSince,
    Greatest,
    Hour,
    Least,
    Length,
    Lower,
    Nullif,
    /// With the number of decimal places, 0 to 12.
    Round(u32),
    Weekday,
}

impl Function {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Coalesce => "coalesce",
            Self::DaysBetween => "days_between",
            Self::DaysSince => "days_since",
            Self::Greatest => "greatest",
            Self::Hour => "hour",
            Self::Least => "least",
            Self::Length => "length",
            Self::Lower => "lower",
            Self::Nullif => "nullif",
            Self::Round(_) => "round",
            Self::Weekday => "weekday",
        }
    }
}
