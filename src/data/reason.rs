//! Why a row was set aside.

use crate::diagnostic::Code;
use std::fmt;

/// Why a row was quarantined. The text says what was expected and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Reason {
    /// Another number of fields than the header.
    Ragged {
        /// Fields of the row.
        found: u32,
        /// Fields of the header.
        expected: u32,
    },
    /// Text follows a closing quote inside a field.
    StrayQuote,
    /// A NUL byte.
    NulByte,
    /// No form of a time.
    NotATime,
    /// A time outside the years 1990 to 2100.
    ImpossibleYear,
    /// The clock of the zone was put forward over this time.
    ClockGap,
    /// No form of a number.
    NotANumber,
    /// `NaN` or an infinity.
    NotFinite,
    /// A number with an exponent.
    Exponent,
    /// Separators of thousands.
    ThousandsSeparator,
    /// Digits other than `0` to `9`.
    WideDigits,
    /// A currency sign or unit beside the number.
    Currency,
    /// More digits than are exact.
    TooManyDigits,
    /// A fraction where a whole number is wanted.
    NotWhole,
    /// Neither yes nor no.
    NotABool,
    /// A negative amount without a refund time.
    NegativeAmount,
    /// An identifying column is empty.
    EmptyKey,
    /// The row lies long after all others.
    FarFuture,
    /// Another column is empty that the row cannot do without.
    Missing,
    /// Another row of the same drop has the same key and other cells.
    Conflict,
    /// The row happened before its group was created.
    BeforeGroup,
    /// A time that ends something lies before the time that begins it.
    EndsBeforeStart,
}

impl Reason {
    /// Every reason, without the numbers of those that have some.
    pub const ALL: &'static [Self] = &[
        Self::Ragged { found: 0, expected: 0 },
        Self::StrayQuote,
        Self::NulByte,
        Self::NotATime,
        Self::ImpossibleYear,
        Self::ClockGap,
        Self::NotANumber,
        Self::NotFinite,
        Self::Exponent,
        Self::ThousandsSeparator,
        Self::WideDigits,
        Self::Currency,
        Self::TooManyDigits,
        Self::NotWhole,
        Self::NotABool,
        Self::NegativeAmount,
        Self::EmptyKey,
        Self::FarFuture,
        Self::Missing,
        Self::Conflict,
        Self::BeforeGroup,
        Self::EndsBeforeStart,
    ];

    /// The code under which it is explained.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Ragged { .. } | Self::StrayQuote => Code::RaggedRow,
            Self::ImpossibleYear | Self::ClockGap | Self::FarFuture | Self::BeforeGroup | Self::EndsBeforeStart => {
                Code::ImpossibleTime
            }
            Self::NegativeAmount => Code::NegativeAmount,
            Self::EmptyKey => Code::EmptyKey,
            Self::Conflict => Code::DuplicateKey,
            _ => Code::BadCell,
        }
    }

    /// A stable name, for translations.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Ragged { .. } => "ragged",
            Self::StrayQuote => "stray-quote",
            Self::NulByte => "nul-byte",
            Self::NotATime => "not-a-time",
            Self::ImpossibleYear => "impossible-year",
            Self::ClockGap => "clock-gap",
            Self::NotANumber => "not-a-number",
            Self::NotFinite => "not-finite",
            Self::Exponent => "exponent",
            Self::ThousandsSeparator => "thousands-separator",
            Self::WideDigits => "wide-digits",
            Self::Currency => "currency",
            Self::TooManyDigits => "too-many-digits",
            Self::NotWhole => "not-whole",
            Self::NotABool => "not-a-bool",
            Self::NegativeAmount => "negative-amount",
            Self::EmptyKey => "empty-key",
            Self::FarFuture => "far-future",
            Self::Missing => "missing",
            Self::Conflict => "conflict",
            Self::BeforeGroup => "before-group",
            Self::EndsBeforeStart => "ends-before-start",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ragged { found, expected } => {
                write!(f, "the row has {found} fields and the header {expected}; quote cells that hold separators")
            }
            Self::StrayQuote => f.write_str("text follows a closing quote; write a quote inside a cell as `\"\"`"),
            Self::NulByte => f.write_str("the row holds a NUL byte; export it again as text"),
            Self::NotATime => {
                f.write_str("not a time; expected a form such as `2025-05-06 08:30`, or set `time_format`")
            }
            Self::ImpossibleYear => {
                f.write_str("not a year from 1990 to 2100; check the unit and the form of the time")
            }
            Self::ClockGap => f.write_str("the zone's clock skipped this time; give an offset or set `zone`"),
            Self::NotANumber => f.write_str("not a number; expected digits with an optional `.`, such as `1234.50`"),
            Self::NotFinite => f.write_str("not a finite number; leave the cell empty when there is no value"),
            Self::Exponent => f.write_str("a number in exponent form has lost digits; export it as plain digits"),
            Self::ThousandsSeparator => f.write_str("a separator of thousands; write `1000`, not `1,000`"),
            Self::WideDigits => f.write_str("digits other than `0` to `9`; write plain ASCII digits"),
            Self::Currency => f.write_str("a currency sign or unit; the column must hold the bare number"),
            Self::TooManyDigits => f.write_str("more digits than can be kept exactly; 28 are possible"),
            Self::NotWhole => f.write_str("not a whole number"),
            Self::NotABool => f.write_str("neither yes nor no; expected one of true, false, 1, 0, yes, no, 是, 否"),
            Self::NegativeAmount => {
                f.write_str("a negative amount without a refund time; tell refunds by `refunded_at`")
            }
            Self::EmptyKey => f.write_str("empty, but it says which row this is; fill it in"),
            Self::FarFuture => {
                f.write_str("long after every other row; check the year and the unit of the time, or pass `--as-of`")
            }
            Self::Missing => f.write_str("empty, but the row means nothing without it; fill it in"),
            Self::Conflict => f.write_str("another row of the same drop has this key and other cells; keep one"),
            Self::BeforeGroup => f.write_str("earlier than the group's creation; check `created_on` and the zone"),
            Self::EndsBeforeStart => f.write_str("earlier than the start it belongs to; check both times"),
        }
    }
}
