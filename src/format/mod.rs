//! The language in which the keys of our TOML files are described: one table a format, which drives
//! reading, merging, overlays, "did you mean" and the published schema, so that none can disagree.

mod json_schema;

pub use json_schema::{Sort, json_schema};

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text for people; the only thing that an overlay may translate.
    Text,
    /// A list of texts for people.
    Texts,
    /// A string that is not for people: an id, a time, a cadence.
    Str,
    /// A list of such strings.
    Strings,
    /// One such string or a list of them.
    StrOrStrings,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// An expression.
    Formula,
    /// Two expressions: numerator and denominator.
    FormulaPair,
    /// A finite number above zero.
    Weight,
    /// A finite number between 0 and 1.
    Share,
    /// A finite number.
    Number,
    /// A whole number that is not negative.
    Whole,
    /// A whole number above zero.
    Positive,
    /// A finite number, or a pair of them for `better = "range"`.
    Cut,
    /// `true` or `false`.
    Flag,
    /// A table with fixed keys.
    Table(&'static Section),
    /// A table whose keys are ids of entries: `[kpi.speak_rate]`. Entries can be removed.
    Entries(&'static Section),
    /// A table with free keys.
    Free(&'static Kind),
    /// A table with one table each of the data's tables, whose keys are column names.
    Attributes,
    /// A list of tables with an `id`, merged by it. Entries can be removed and placed `before`.
    List(&'static Section),
    /// A list of tables without ids; replaced as a whole.
    Sequence(&'static Section),
    /// The steps of a funnel: names of measures or tables `{ measure, name }`.
    Steps(&'static Section),
}

impl Kind {
    /// What is expected, in words.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Text | Self::Str | Self::Word(_) => "a string",
            Self::Texts | Self::Strings => "a list of strings",
            Self::StrOrStrings => "a string or a list of strings",
            Self::Formula => "an expression in quotes",
            Self::FormulaPair => "a pair of expressions",
            Self::Weight | Self::Share | Self::Number => "a number",
            Self::Whole | Self::Positive => "a whole number",
            Self::Cut => "a number or a pair of numbers",
            Self::Flag => "`true` or `false`",
            Self::Table(_) | Self::Entries(_) | Self::Free(_) | Self::Attributes => "a table",
            Self::List(_) | Self::Sequence(_) => "a list of tables",
            Self::Steps(_) => "a list of measures",
        }
    }
}

/// A key of a section.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether the merged entry must have it.
    pub required: bool,
    /// Inherited keys that lose their meaning when a later file sets this one.
    pub resets: &'static [&'static str],
    /// What it means, in a sentence or two for whoever writes it.
    pub doc: &'static str,
}

impl Key {
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn resets(mut self, keys: &'static [&'static str]) -> Self {
        self.resets = keys;
        self
    }

    pub(crate) const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }
}

/// A table of the format.
#[derive(Debug)]
pub struct Section {
    /// Its name in messages, with the article.
    pub what: &'static str,
    /// Its keys in the order in which they are documented.
    pub keys: &'static [Key],
}

impl Section {
    /// A key by name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

/// An optional key.
pub(crate) const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false, resets: &[], doc: "" }
}

/// How an entry says that it takes an inherited one away.
pub(crate) const REMOVE: Key = key("remove", Kind::Flag).doc("Takes the inherited entry of this id away.");
/// Where an entry of a list goes.
pub(crate) const BEFORE: Key =
    key("before", Kind::Str).doc("Id of the entry before which this one is put; between segments the order decides.");

/// The types that an extra column can be declared with.
pub(crate) const ATTRIBUTE_TYPES: &[(&str, crate::schema::ColumnType)] = &[
    ("text", crate::schema::ColumnType::Text),
    ("number", crate::schema::ColumnType::Decimal),
    ("int", crate::schema::ColumnType::Int),
    ("time", crate::schema::ColumnType::Time),
    ("date", crate::schema::ColumnType::Date),
    ("bool", crate::schema::ColumnType::Bool),
];
