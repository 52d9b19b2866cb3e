//! Expressions bound to names: which columns and measures a playbook's expression reads.

use super::model::Grain;
use crate::diagnostic::Span;
use crate::expr::{Expr, Type, Window};
use crate::schema::Table;

/// The row from which a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The row at hand, of the given table.
    Row(Table),
    /// The member that the row refers to.
    Member,
    /// The group.
    Group,
    /// The broadcast item that the row refers to.
    Post,
    /// The product that the row refers to.
    Product,
}

impl Entity {
    /// The table of that row.
    #[must_use]
    pub fn table(self) -> Table {
        match self {
            Self::Row(table) => table,
            Self::Member => Table::Members,
            Self::Group => Table::Groups,
            Self::Post => Table::Posts,
            Self::Product => Table::Products,
        }
    }
}

/// What a slot of a compiled expression stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A column of the schema, or a declared attribute.
    Column {
        /// Whose.
        entity: Entity,
        /// Name: of the schema or an attribute.
        name: String,
    },
    /// A measure.
    Measure {
        /// At which grain, of the entity at hand.
        grain: Grain,
        /// Id.
        id: String,
        /// Over which window.
        window: Window,
    },
}

/// A checked expression; slot `i` of [`Formula::expr`] is `refs[i]`, for columns and measures alike.
#[derive(Debug, Clone)]
pub struct Formula {
    /// Compiled.
    pub expr: Expr,
    /// Meaning of its slots.
    pub refs: Vec<Reference>,
    /// As written.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Formula {
    /// Type of its value.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.expr.ty()
    }
}
